#include "protocol/base/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define FULL_NAME_MAX 64 /* "concord-keys manifest remove-agency" */

static int forbid_core_dumps(struct err *err)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        return err_errno(err, "cannot switch off core dumps");
    return 0;
}

static int end(const struct program *program, int rc, int status, const struct err *err)
{
    if (fflush(stdout) != 0 && rc == 0) {
        fprintf(stderr, "%s: cannot write to standard output\n", program->name);
        return program->failed != 0 ? program->failed : 1;
    }
    if (rc == 0)
        return status;
    fprintf(stderr, "%s: %s\n", program->name, err->text);
    return program->failed != 0 ? program->failed : err_exit_status(rc);
}

/* --- one verb --- */

static void print_usage(const struct program *program, const char *name, const struct verb *verb,
                        const struct settings table[SETTINGS_TABLES])
{
    const char *operands = verb->operands != NULL ? verb->operands : "";
    printf("usage: %s [OPTION...]%s%s\n\n%s\n\n", name, operands[0] != '\0' ? " " : "", operands, verb->summary);
    settings_print(&table[1]);
    settings_print(&table[0]);
    if (program->config != NULL)
        printf("  %-26s %s\n", "--config FILE", "read settings from FILE; flags override it");
    printf("  %-26s %s\n  %-26s %s\n", "--help", "print this and stop", "--version", "print the version and stop");
    if (verb->more != NULL)
        printf("\n%s\n", verb->more);
}

/* How a message calls the verb: it begins with the program's name anyhow. */
static const char *verb_words(const struct program *program, const char *name)
{
    size_t len = strlen(program->name);
    return name[len] == ' ' ? name + len + 1 : "it";
}

static int check_operands(const struct call *call, const char *name, struct err *err)
{
    const struct verb *v = call->verb;
    if (v->most == 0 && call->operands > 0)
        return err_set(err, ERR_USAGE, "%s takes no operand, '%s' is too many; see --help", name, call->operand[0]);
    if (call->operands < v->least || call->operands > v->most)
        return err_set(err, ERR_USAGE, "%s takes %s, not %d operands; see --help", name, v->operands, call->operands);
    return 0;
}

/* *done: --help or --version was answered. */
static int read_call(const struct program *program, const char *name, struct call *call,
                     const struct settings table[SETTINGS_TABLES], int argc, char **argv, bool *done, struct err *err)
{
    enum settings_request request;
    const char *words = verb_words(program, name);
    int rc = settings_load(table, program->config, argc, argv, &call->operands, &request, err);
    *done = rc == 0 && request != SETTINGS_NORMAL;
    if (*done && request == SETTINGS_HELP)
        print_usage(program, name, call->verb, table);
    else if (*done)
        printf("%s %s\n", name, CONCORD_VERSION);
    if (rc != 0 || *done)
        return rc;
    call->operand = argv;
    rc = check_operands(call, words, err);
    if (rc == 0)
        rc = settings_complete(&table[1], words, err);
    return rc != 0 || call->verb->check == NULL ? rc : call->verb->check(call, err);
}

/* A struct of values that begins with its defaults. NULL if memory runs out. */
static void *new_values(size_t size, const void *defaults)
{
    void *values = calloc(1, size > 0 ? size : 1);
    if (values != NULL && defaults != NULL)
        memcpy(values, defaults, size);
    return values;
}

static void free_values(const struct settings *table, size_t size)
{
    if (table->values == NULL)
        return;
    settings_free(table);
    sodium_memzero(table->values, size);
    free(table->values);
}

static int run_verb(const struct program *program, const char *name, const struct verb *verb, int argc, char **argv)
{
    struct call call = {.verb = verb};
    struct err err;
    bool done = false;
    call.config = new_values(program->config_size, program->defaults);
    call.options = new_values(verb->options_size, verb->defaults);
    const struct settings table[SETTINGS_TABLES] = {
        {program->settings, program->settings_count, call.config, verb->needs},
        {verb->settings, verb->settings_count, call.options, 0},
    };
    int rc = call.config == NULL || call.options == NULL ? err_set(&err, ERR_NO_MEMORY, "out of memory for settings")
             : program->secrets                          ? forbid_core_dumps(&err)
                                                         : 0;
    if (rc == 0)
        rc = read_call(program, name, &call, table, argc, argv, &done, &err);
    if (rc == 0 && !done)
        rc = program->drive != NULL ? program->drive(&call, &err) : verb->run(&call, &err);
    free_values(&table[0], program->config_size);
    free_values(&table[1], verb->options_size);
    return end(program, rc, call.status, &err);
}

/* --- finding it --- */

static void print_verbs(FILE *to, const char *name, const char *summary, const struct verb *const *verbs)
{
    fprintf(to, "usage: %s VERB [OPTION...] [OPERAND...]\n\n%s\n\n", name, summary);
    for (const struct verb *const *v = verbs; *v != NULL; v++)
        fprintf(to, "  %-14s %s\n", (*v)->name, (*v)->brief);
    fprintf(to, "\n'%s VERB --help' says more about a verb.\n", name);
}

static int find_verb(const struct program *program, const char *name, const char *summary,
                     const struct verb *const *verbs, int argc, char **argv)
{
    if (argc < 2) {
        print_verbs(stderr, name, summary, verbs);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_verbs(stdout, name, summary, verbs);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s %s\n", name, CONCORD_VERSION);
        return 0;
    }
    for (const struct verb *const *v = verbs; *v != NULL; v++) {
        char full[FULL_NAME_MAX];
        if (strcmp((*v)->name, argv[1]) != 0)
            continue;
        snprintf(full, sizeof full, "%s %s", name, (*v)->name);
        return (*v)->verbs != NULL ? find_verb(program, full, (*v)->summary, (*v)->verbs, argc - 1, argv + 1)
                                   : run_verb(program, full, *v, argc - 1, argv + 1);
    }
    fprintf(stderr, "%s: no verb '%s'; see %s --help\n", name, argv[1], name);
    return 2;
}

static int start(const struct program *program)
{
    struct err err;
    int rc = program->start != NULL ? program->start(&err) : 0;
    return rc != 0 ? end(program, rc, 0, &err) : 0;
}

int program_main(const struct program *program, int argc, char **argv)
{
    int status = start(program);
    return status != 0 ? status : find_verb(program, program->name, program->summary, program->verbs, argc, argv);
}

int program_main_alone(const struct program *program, const struct verb *verb, int argc, char **argv)
{
    int status = start(program);
    return status != 0 ? status : run_verb(program, program->name, verb, argc, argv);
}
