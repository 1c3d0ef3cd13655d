/*
 * Settings: one table describes what a program or verb can be told, by INI file and by flag. The table is
 * also what --help prints, so that the three cannot disagree.
 *
 * The value a setting points to holds the default beforehand; the file overrides it, a flag overrides the file.
 */
#ifndef PROTOCOL_BASE_SETTINGS_H
#define PROTOCOL_BASE_SETTINGS_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_TEXT_MAX 1024
#define SETTINGS_LIST_MAX 256

enum setting_type {
    SETTING_SWITCH,   /* bool; takes no argument on the command line, yes/no in a file */
    SETTING_TEXT,     /* char[SETTINGS_TEXT_MAX] */
    SETTING_PATH,     /* the same; in a file, relative to the directory of that file */
    SETTING_NUMBER,   /* uint64_t */
    SETTING_DURATION, /* uint64_t seconds; written 90, 90s, 15m, 6h, 30d */
    SETTING_LIST      /* struct setting_list; the flag or key may be repeated */
};

struct setting_list {
    char *item[SETTINGS_LIST_MAX]; /* owned by the list */
    size_t count;
};

struct setting {
    const char *flag;    /* "jobs" for --jobs; NULL if it can only stand in the file */
    const char *section; /* "Client" for [Client]; NULL if it can only be a flag */
    const char *key;     /* "Jobs" */
    enum setting_type type;
    void *value;
    const char *argument; /* "N", for --help */
    const char *help;
};

/* What a program or a verb takes. Lives in static storage beside the function that uses it. */
struct usage {
    const char *name;     /* "concord-client enrol" */
    const char *operands; /* "FILE...", or "" */
    const char *summary;  /* one paragraph */
    const char *more;     /* examples, exit status; or NULL */
    const struct setting *settings;
    size_t count;
};

/*
 * Reads argv[1..], with --config FILE naming an INI file, --help and --version (both print and set *done).
 * Operands are moved to the front of argv; *operands says how many. What a verb does not name in its table is refused,
 * but a file may hold sections and keys of the program's other verbs: `known` names them all (NULL: the usage itself).
 * default_config: read if it exists and no --config is given; may be NULL.
 */
int settings_load(const struct usage *usage, const struct usage *known, const char *default_config, int argc,
                  char **argv, int *operands, bool *done, struct err *err);

/* Frees what a list holds. */
void setting_list_free(struct setting_list *list);

/* "1234", "90s", "15m", "6h", "30d" to seconds. */
int settings_parse_duration(const char *text, uint64_t *seconds, struct err *err);

/* A verb of a program; the last entry of a table has a NULL name. run returns an exit status. */
struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

/* What main() is: finds argv[1] in the table and runs it; answers --help, --version and mistakes. */
int verbs_main(const char *program, const char *summary, const struct verb *verbs, int argc, char **argv);

/* How a verb ends: prints the error, if rc is one, as "program: text" on stderr; returns the exit status. */
int verb_end(const char *program, int rc, const struct err *err);

#define CONCORD_VERSION "0.1.0"

#endif
