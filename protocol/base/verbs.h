/*
 * Programs and their verbs. A verb is one row: what it takes, what it needs, what it does. What all have in common is
 * done here, once: arguments and configuration, --help and --version, counting operands, the program's opening and
 * closing, the error on stderr, the exit status.
 */
#ifndef PROTOCOL_BASE_VERBS_H
#define PROTOCOL_BASE_VERBS_H

#include "protocol/base/settings.h"

/* A verb at work. Values are freed and wiped behind it. */
struct call {
    const struct verb *verb;
    void *config;  /* the program's values */
    void *options; /* the verb's own */
    void *opened;  /* what the program opened for it; each program says what that is */
    char **operand;
    int operands;
    int status; /* what to exit with when nothing fails; 0 at first */
};

struct verb {
    const char *name;     /* "enrol" */
    const char *brief;    /* its line in the program's list of verbs */
    const char *operands; /* "FILE..."; NULL or "": none */
    int least, most;      /* operands; most VERB_ANY: as many as one likes */
    const char *summary;  /* one paragraph */
    const char *more;     /* examples, exit status; or NULL */

    const struct setting *settings; /* its own: SETTINGS(rows) gives both members */
    size_t settings_count;
    const void *defaults; /* the values that they begin with; NULL: zeros */
    size_t options_size;  /* of that struct */

    unsigned needs; /* bits of the program's: what is to be opened, which of its settings are flags */

    /* May be NULL: mistakes in the options, found before anything is opened. */
    int (*check)(struct call *call, struct err *err);
    int (*run)(struct call *call, struct err *err);

    const struct verb *const *verbs; /* a family of verbs, then nothing but name, brief and summary; NULL-terminated */
};

#define VERB_ANY 0x7fffffff
#define SETTINGS(rows) .settings = (rows), .settings_count = ARRAY_LEN(rows)

struct program {
    const char *name, *summary;
    const struct verb *const *verbs; /* NULL-terminated */
    const char *config;              /* the configuration file it reads if there is one; NULL: it has none */

    const struct setting *settings; /* for all verbs: file and flags */
    size_t settings_count;
    const void *defaults;
    size_t config_size;

    /* May be NULL. Before any verb. */
    int (*start)(struct err *err);
    /* Opens what call->verb->needs, runs the verb, closes. NULL: nothing is opened. */
    int (*drive)(struct call *call, struct err *err);

    bool secrets; /* it holds some, or personal data: it leaves no core dumps and cannot be traced */
    int failed;   /* exit status of every failure; 0: 2 for usage, 1 for the rest */
};

/* What main() is: finds the verb that argv[1] names and runs it. Returns the exit status. */
int program_main(const struct program *program, int argc, char **argv);

/* The same for a program that is one verb, whose name is then the program's. */
int program_main_alone(const struct program *program, const struct verb *verb, int argc, char **argv);

#endif
