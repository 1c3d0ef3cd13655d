#include "protocol/base/settings.h"

#include "protocol/base/file.h"
#include "protocol/base/ini.h"

#include <ctype.h>
#include <errno.h>
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

bool setting_list_lets(const struct setting_list *list, const char *word)
{
    for (size_t i = 0; list != NULL && i < list->count; i++)
        if (strcmp(list->item[i], word) == 0)
            return true;
    return list == NULL || list->count == 0;
}

void setting_list_free(struct setting_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->item[i]);
    list->count = 0;
}

static void *value_of(const struct settings *t, const struct setting *s)
{
    return (char *)t->values + s->at;
}

/* dir: where relative paths start, "" on the command line. */
static int assign(const struct settings *t, const struct setting *s, const char *text, const char *dir, struct err *err)
{
    void *value = value_of(t, s);
    const char *rest = NULL;
    switch (s->type) {
    case SETTING_SWITCH:
        return parse_switch(text, value, err);
    case SETTING_PATH:
        return path_join(value, SETTINGS_TEXT_MAX, dir, text, err);
    case SETTING_TEXT:
        if (strlen(text) >= SETTINGS_TEXT_MAX)
            return err_set(err, ERR_USAGE, "longer than %d bytes", SETTINGS_TEXT_MAX - 1);
        memcpy(value, text, strlen(text) + 1);
        return 0;
    case SETTING_NUMBER:
        if (parse_number(text, value, &rest) != 0 || rest[0] != '\0')
            return err_set(err, ERR_USAGE, "'%s' is not a whole number", text);
        return 0;
    case SETTING_DURATION:
        return settings_parse_duration(text, value, err);
    case SETTING_LIST:
        return list_add(value, text, err);
    }
    return err_set(err, ERR_INTERNAL, "unknown setting type");
}

/* --- the file --- */

struct file_reader {
    const struct settings *table;
    char dir[SETTINGS_TEXT_MAX];
};

static int read_key(void *context, const char *section, const char *key, const char *value, struct err *err)
{
    const struct file_reader *r = context;
    for (const struct settings *t = r->table; t < r->table + SETTINGS_TABLES; t++)
        for (const struct setting *s = t->row; s < t->row + t->count; s++) {
            if (s->section == NULL || strcasecmp(s->section, section) != 0 || strcasecmp(s->key, key) != 0)
                continue;
            return assign(t, s, value, r->dir, err) != 0 ? err_wrap(err, "%s", key) : 0;
        }
    return err_set(err, ERR_USAGE, "unknown key '%s' in section [%s]", key, section);
}

static int load_file(const struct settings *table, const char *path, struct err *err)
{
    struct buf text = buf_of(SETTINGS_FILE_MAX);
    struct file_reader reader = {.table = table};
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = path_dir(reader.dir, sizeof reader.dir, path, err);
    if (rc == 0 && strcmp(reader.dir, ".") == 0)
        reader.dir[0] = '\0';
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc == 0)
        rc = ini_read((char *)text.data, text.len - 1, path, read_key, &reader, err);
    buf_free(&text);
    return rc;
}

/* --- the command line --- */

static bool is_flag(const struct settings *t, const struct setting *s)
{
    return s->flag != NULL && (s->of == 0 || (s->of & t->flags) != 0);
}

struct arguments {
    const struct settings *table;
    int argc, at;
    char **argv;
    const char *config; /* NULL: none was given */
    bool takes_config;
    bool apply; /* the second pass: set values, gather operands; the first looks for --config, --help and mistakes */
    int operands;
};

/* `name` of len bytes, or a letter; NULL if there is no such flag. */
static const struct setting *find_flag(const struct arguments *a, const char *name, size_t len, bool letter,
                                       const struct settings **table)
{
    for (*table = a->table; *table < a->table + SETTINGS_TABLES; ++*table)
        for (const struct setting *s = (*table)->row; s < (*table)->row + (*table)->count; s++) {
            if (!is_flag(*table, s))
                continue;
            if (letter ? s->letter == name[0] : strlen(s->flag) == len && strncmp(s->flag, name, len) == 0)
                return s;
        }
    return NULL;
}

/* "--flag", "--flag=value", "--flag value" or "-f value"; moves a->at past a value in the next argument. */
static int read_flag(struct arguments *a, struct err *err)
{
    const char *text = a->argv[a->at];
    bool letter = text[1] != '-';
    const char *name = letter ? text + 1 : text + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct settings *t = NULL;
    bool is_config = a->takes_config && !letter && len == 6 && strncmp(name, "config", 6) == 0;
    const struct setting *s = is_config || (letter && name[1] != '\0') ? NULL : find_flag(a, name, len, letter, &t);
    int shown = (int)(name - text + (ptrdiff_t)len);
    if (s == NULL && !is_config)
        return err_set(err, ERR_USAGE, "unknown option %.*s; see --help", shown, text);
    if (value == NULL && s != NULL && s->type == SETTING_SWITCH)
        value = "yes";
    if (value == NULL && a->at + 1 >= a->argc)
        return err_set(err, ERR_USAGE, "%.*s needs an argument", shown, text);
    if (value == NULL)
        value = a->argv[++a->at];
    if (is_config)
        a->config = value;
    else if (a->apply && assign(t, s, value, "", err) != 0)
        return err_wrap(err, "%.*s", shown, text);
    return 0;
}

static enum settings_request request_of(const char *argument)
{
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
        return SETTINGS_HELP;
    return strcmp(argument, "--version") == 0 ? SETTINGS_VERSION : SETTINGS_NORMAL;
}

static int read_arguments(struct arguments *a, enum settings_request *request, struct err *err)
{
    bool options = true;
    int rc = 0;
    a->operands = 0;
    for (a->at = 1; rc == 0 && a->at < a->argc; a->at++) {
        char *argument = a->argv[a->at];
        if (options && (*request = request_of(argument)) != SETTINGS_NORMAL)
            return 0;
        if (options && strcmp(argument, "--") == 0) {
            options = false;
        } else if (options && argument[0] == '-' && argument[1] != '\0') {
            rc = read_flag(a, err);
        } else {
            if (a->apply)
                a->argv[a->operands] = argument;
            a->operands++;
        }
    }
    return rc;
}

int settings_load(const struct settings table[SETTINGS_TABLES], const char *default_config, int argc, char **argv,
                  int *operands, enum settings_request *request, struct err *err)
{
    struct arguments a = {.table = table, .argc = argc, .argv = argv, .takes_config = default_config != NULL};
    *request = SETTINGS_NORMAL;
    int rc = read_arguments(&a, request, err);
    if (rc != 0 || *request != SETTINGS_NORMAL)
        return rc;
    if (a.config != NULL) {
        rc = load_file(table, a.config, err);
    } else if (default_config != NULL) {
        rc = load_file(table, default_config, err);
        if (rc == ERR_NOT_FOUND)
            rc = 0;
    }
    a.apply = true;
    if (rc == 0)
        rc = read_arguments(&a, request, err);
    *operands = a.operands;
    return rc;
}

/* --- what was given, and what can be --- */

static bool is_given(const struct settings *t, const struct setting *s)
{
    if (s->type == SETTING_LIST)
        return ((const struct setting_list *)value_of(t, s))->count > 0;
    return *(const char *)value_of(t, s) != '\0';
}

int settings_complete(const struct settings *settings, const char *name, struct err *err)
{
    char missing[ERR_TEXT_MAX / 2] = "";
    size_t len = 0;
    for (const struct setting *s = settings->row; s < settings->row + settings->count; s++)
        if (s->required && !is_given(settings, s) && len < sizeof missing)
            len += (size_t)snprintf(missing + len, sizeof missing - len, "%s--%s %s", len > 0 ? ", " : "", s->flag,
                                    s->argument);
    return len == 0 ? 0 : err_set(err, ERR_USAGE, "%s needs %s; see --help", name, missing);
}

void settings_print(const struct settings *settings)
{
    for (const struct setting *s = settings->row; s < settings->row + settings->count; s++) {
        char left[80];
        if (!is_flag(settings, s))
            continue;
        snprintf(left, sizeof left, "--%s%s%s", s->flag, s->argument != NULL ? " " : "",
                 s->argument != NULL ? s->argument : "");
        printf("  %-26s %s\n", left, s->help);
        if (s->section != NULL)
            printf("  %-26s (file: [%s] %s)\n", "", s->section, s->key);
    }
}

void settings_free(const struct settings *settings)
{
    for (const struct setting *s = settings->row; s < settings->row + settings->count; s++)
        if (s->type == SETTING_LIST)
            setting_list_free(value_of(settings, s));
}
