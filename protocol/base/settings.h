/*
 * Settings: one table describes what a program or verb can be told, by configuration file (ini.h) and by flag. The
 * table is also what --help prints, so that the three cannot disagree.
 *
 * A table is constant; the values lie in a struct of the caller's, which holds the defaults beforehand. The file
 * overrides them, a flag overrides the file.
 */
#ifndef PROTOCOL_BASE_SETTINGS_H
#define PROTOCOL_BASE_SETTINGS_H

#include "protocol/base/bytes.h"
#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS_TEXT_MAX 1024 /* bytes of a value with its terminating NUL */
#define SETTINGS_LIST_MAX 256
#define SETTINGS_FILE_MAX (1u << 20)

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

/* Rows leave out the last members where they are zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct setting {
    const char *flag;    /* "jobs" for --jobs; NULL if it can only stand in the file */
    const char *section; /* "Agency" for [Agency]; NULL if it can only be a flag */
    const char *key;     /* "Jobs" */
    enum setting_type type;
    size_t at;            /* offsetof() the value in the struct that the table is about */
    const char *argument; /* "N", for --help; NULL for a switch */
    const char *help;
    unsigned of;   /* 0, or bits that struct settings knows: see there */
    bool required; /* a text, path or list that must be given */
    char letter;   /* 'o' for -o, beside the flag; or 0 */
};

/* A table and its values. */
struct settings {
    const struct setting *row;
    size_t count;
    void *values;
    /*
     * A file may hold every key of a table, so that verbs can share it. A row is a flag if its `of` is 0 or has one of
     * these bits: what the verb at hand makes use of.
     */
    unsigned flags;
};

#define SETTINGS_TABLES 2 /* of a program, and of one of its verbs */

enum settings_request { SETTINGS_NORMAL, SETTINGS_HELP, SETTINGS_VERSION };

/*
 * Reads argv[1..] over the file that --config names; without --config, over default_config if that exists. NULL: there
 * is no file, and no flag --config. Operands are moved to the front of argv; *operands says how many. *request: whether
 * --help or
 * --version was given; no value is read then. Errors are ERR_USAGE or those of reading the file.
 */
int settings_load(const struct settings table[SETTINGS_TABLES], const char *default_config, int argc, char **argv,
                  int *operands, enum settings_request *request, struct err *err);

/* ERR_USAGE, which says what `name` needs, if required values are not given. */
int settings_complete(const struct settings *settings, const char *name, struct err *err);

/* The rows that are flags, for --help, on standard output. */
void settings_print(const struct settings *settings);

/* Frees the lists among the values. */
void settings_free(const struct settings *settings);

/* Whether a list that filters lets the word through: it has it, or is empty, or NULL. */
bool setting_list_lets(const struct setting_list *list, const char *word);

/* Frees what a list holds. */
void setting_list_free(struct setting_list *list);

#define CONCORD_VERSION "0.1.0"

/* "1234", "90s", "15m", "6h", "30d" to seconds. */
int settings_parse_duration(const char *text, uint64_t *seconds, struct err *err);

#endif
