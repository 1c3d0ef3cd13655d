#include "protocol/base/settings.h"

#include "protocol/base/file.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int parse_number(const char *text, uint64_t *value, const char **rest)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[0]))
        return -1;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0)
        return -1;
    *value = number;
    *rest = end;
    return 0;
}

int settings_parse_duration(const char *text, uint64_t *seconds, struct err *err)
{
    const char *unit = NULL;
    uint64_t number = 0;
    uint64_t factor = 0;
    if (parse_number(text, &number, &unit) == 0) {
        if (unit[0] == '\0' || strcmp(unit, "s") == 0)
            factor = 1;
        else if (strcmp(unit, "m") == 0)
            factor = 60;
        else if (strcmp(unit, "h") == 0)
            factor = 3600;
        else if (strcmp(unit, "d") == 0)
            factor = 86400;
    }
    if (factor == 0 || number > UINT64_MAX / factor)
        return err_set(err, ERR_USAGE, "'%s' is not a duration such as 90s, 15m, 6h or 30d", text);
    *seconds = number * factor;
    return 0;
}

static int parse_switch(const char *text, bool *value, struct err *err)
{
    if (strcasecmp(text, "yes") == 0 || strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0)
        *value = true;
    else if (strcasecmp(text, "no") == 0 || strcasecmp(text, "false") == 0 || strcmp(text, "0") == 0)
        *value = false;
    else
        return err_set(err, ERR_USAGE, "'%s' is neither yes nor no", text);
    return 0;
}

static int list_add(struct setting_list *list, const char *text, struct err *err)
{
    if (list->count == SETTINGS_LIST_MAX)
        return err_set(err, ERR_USAGE, "given more than %d times", SETTINGS_LIST_MAX);
    char *copy = strdup(text);
    if (copy == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    list->item[list->count++] = copy;
    return 0;
}

void setting_list_free(struct setting_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->item[i]);
    list->count = 0;
}

/* dir: where relative paths start, "" on the command line. */
static int assign(const struct setting *s, const char *text, const char *dir, struct err *err)
{
    const char *rest = NULL;
    switch (s->type) {
    case SETTING_SWITCH:
        return parse_switch(text, s->value, err);
    case SETTING_PATH:
        return path_join(s->value, SETTINGS_TEXT_MAX, dir, text, err);
    case SETTING_TEXT:
        if (strlen(text) >= SETTINGS_TEXT_MAX)
            return err_set(err, ERR_USAGE, "longer than %d bytes", SETTINGS_TEXT_MAX - 1);
        memcpy(s->value, text, strlen(text) + 1);
        return 0;
    case SETTING_NUMBER:
        if (parse_number(text, s->value, &rest) != 0 || rest[0] != '\0')
            return err_set(err, ERR_USAGE, "'%s' is not a whole number", text);
        return 0;
    case SETTING_DURATION:
        return settings_parse_duration(text, s->value, err);
    case SETTING_LIST:
        return list_add(s->value, text, err);
    }
    return err_set(err, ERR_INTERNAL, "unknown setting type");
}

struct file_reader {
    const struct usage *usage;
    const struct usage *known;
    char dir[SETTINGS_TEXT_MAX];
    struct err *err;
    int rc;
};

static const struct setting *find_key(const struct usage *u, const char *section, const char *key)
{
    for (size_t i = 0; i < u->count; i++) {
        const struct setting *s = &u->settings[i];
        if (s->section != NULL && strcasecmp(s->section, section) == 0 && strcasecmp(s->key, key) == 0)
            return s;
    }
    return NULL;
}

/* inih's handler: non-zero goes on, zero makes ini_parse() return this line's number. */
static int read_key(void *context, const char *section, const char *key, const char *value)
{
    struct file_reader *r = context;
    if (r->rc != 0)
        return 1;
    const struct setting *s = find_key(r->usage, section, key);
    if (s == NULL && r->known != NULL && find_key(r->known, section, key) != NULL)
        return 1;
    if (s == NULL) {
        r->rc = err_set(r->err, ERR_USAGE, "unknown key '%s' in section [%s]", key, section);
        return 0;
    }
    r->rc = assign(s, value, r->dir, r->err);
    if (r->rc != 0)
        err_wrap(r->err, "%s", key);
    return r->rc == 0;
}

static int load_file(const struct usage *usage, const struct usage *known, const char *path, struct err *err)
{
    struct buf text = buf_of(1 << 20);
    struct file_reader r = {.usage = usage, .known = known, .err = err};
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = path_dir(r.dir, sizeof r.dir, path, err);
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc != 0)
        goto out;
    if (strcmp(r.dir, ".") == 0)
        r.dir[0] = '\0';
    int line = ini_parse_string((const char *)text.data, read_key, &r);
    if (r.rc != 0)
        rc = err_wrap(err, "%s:%d", path, line);
    else if (line != 0)
        rc = err_set(err, ERR_USAGE, "%s:%d: neither a [Section] nor a 'Key = value'", path, line);
out:
    buf_free(&text);
    return rc;
}

static const struct setting *find_flag(const struct usage *u, const char *flag, size_t len)
{
    for (size_t i = 0; i < u->count; i++) {
        const struct setting *s = &u->settings[i];
        if (s->flag != NULL && strlen(s->flag) == len && strncmp(s->flag, flag, len) == 0)
            return s;
    }
    return NULL;
}

static void print_usage(const struct usage *u)
{
    printf("usage: %s [OPTION...]%s%s\n\n%s\n\n", u->name, u->operands[0] != '\0' ? " " : "", u->operands, u->summary);
    for (size_t i = 0; i < u->count; i++) {
        const struct setting *s = &u->settings[i];
        char left[80];
        if (s->flag == NULL)
            continue;
        snprintf(left, sizeof left, "--%s%s%s", s->flag, s->argument != NULL ? " " : "",
                 s->argument != NULL ? s->argument : "");
        printf("  %-26s %s\n", left, s->help);
        if (s->section != NULL)
            printf("  %-26s (file: [%s] %s)\n", "", s->section, s->key);
    }
    printf("  %-26s %s\n  %-26s %s\n  %-26s %s\n", "--config FILE", "read settings from FILE; flags override it",
           "--help", "print this and stop", "--version", "print the version and stop");
    if (u->more != NULL)
        printf("\n%s\n", u->more);
}

/* One argument beginning with "--", at argv[*i]; moves *i past a value in the next argument. */
static int read_flag(const struct usage *u, int argc, char **argv, int *i, const char **config, bool apply,
                     struct err *err)
{
    const char *name = argv[*i] + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    bool is_config = len == 6 && strncmp(name, "config", 6) == 0;
    const struct setting *s = is_config ? NULL : find_flag(u, name, len);
    if (s == NULL && !is_config)
        return err_set(err, ERR_USAGE, "unknown option --%.*s; see %s --help", (int)len, name, u->name);
    if (s != NULL && s->type == SETTING_SWITCH) {
        if (apply)
            return assign(s, value != NULL ? value : "yes", "", err);
        return 0;
    }
    if (value == NULL) {
        if (*i + 1 >= argc)
            return err_set(err, ERR_USAGE, "--%.*s needs an argument", (int)len, name);
        value = argv[++*i];
    }
    if (is_config)
        *config = value;
    else if (apply && assign(s, value, "", err) != 0)
        return err_wrap(err, "--%.*s", (int)len, name);
    return 0;
}

/* First pass (apply false): find --config, --help and mistakes. Second pass: set values, gather operands. */
static int read_arguments(const struct usage *u, int argc, char **argv, bool apply, const char **config, int *operands,
                          bool *done, struct err *err)
{
    bool options = true;
    *operands = 0;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            print_usage(u);
            *done = true;
            return 0;
        } else if (options && strcmp(argv[i], "--version") == 0) {
            printf("%s %s\n", u->name, CONCORD_VERSION);
            *done = true;
            return 0;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            int rc = read_flag(u, argc, argv, &i, config, apply, err);
            if (rc != 0)
                return rc;
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            return err_set(err, ERR_USAGE, "unknown option %s; see %s --help", argv[i], u->name);
        } else {
            if (apply)
                argv[*operands] = argv[i];
            ++*operands;
        }
    }
    return 0;
}

int settings_load(const struct usage *usage, const struct usage *known, const char *default_config, int argc,
                  char **argv, int *operands, bool *done, struct err *err)
{
    const char *config = NULL;
    *done = false;
    int rc = read_arguments(usage, argc, argv, false, &config, operands, done, err);
    if (rc != 0 || *done)
        return rc;
    if (config != NULL) {
        rc = load_file(usage, known, config, err);
    } else if (default_config != NULL) {
        rc = load_file(usage, known, default_config, err);
        if (rc == ERR_NOT_FOUND)
            rc = 0;
    }
    if (rc != 0)
        return rc;
    rc = read_arguments(usage, argc, argv, true, &config, operands, done, err);
    if (rc == 0 && usage->operands[0] == '\0' && *operands > 0)
        return err_set(err, ERR_USAGE, "%s takes no operand, '%s' is too many; see --help", usage->name, argv[0]);
    return rc;
}

static void print_verbs(FILE *to, const char *program, const char *summary, const struct verb *verbs)
{
    fprintf(to, "usage: %s VERB [OPTION...] [OPERAND...]\n\n%s\n\n", program, summary);
    for (const struct verb *v = verbs; v->name != NULL; v++)
        fprintf(to, "  %-14s %s\n", v->name, v->summary);
    fprintf(to, "\n'%s VERB --help' says more about a verb.\n", program);
}

int verbs_main(const char *program, const char *summary, const struct verb *verbs, int argc, char **argv)
{
    if (argc < 2) {
        print_verbs(stderr, program, summary, verbs);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_verbs(stdout, program, summary, verbs);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", program, CONCORD_VERSION);
        return 0;
    }
    for (const struct verb *v = verbs; v->name != NULL; v++)
        if (strcmp(v->name, argv[1]) == 0)
            return v->run(argc - 1, argv + 1);
    fprintf(stderr, "%s: no verb '%s'; see %s --help\n", program, argv[1], program);
    return 2;
}

int verb_end(const char *program, int rc, const struct err *err)
{
    if (rc != 0)
        fprintf(stderr, "%s: %s\n", program, err->text);
    return err_exit_status(rc);
}
