/*
 * What custodian and matcher have in common: their settings, their identity, the manifest with its pin, who may speak
 * to them, and the life of a daemon: listening, exporting the ledger, SIGHUP (read the manifest again), SIGTERM and
 * SIGINT (end in good order).
 */
#ifndef PROTOCOL_DAEMON_DAEMON_H
#define PROTOCOL_DAEMON_DAEMON_H

#include "protocol/base/settings.h"
#include "protocol/base/verbs.h"
#include "protocol/group/group.h"
#include "protocol/identity/identity.h"
#include "protocol/ledger/ledger.h"
#include "protocol/region/region.h"
#include "protocol/rpc/rpc.h"

struct daemon_config {
    char identity[SETTINGS_TEXT_MAX], manifest[SETTINGS_TEXT_MAX], psks[SETTINGS_TEXT_MAX];
    char state[SETTINGS_TEXT_MAX], ledger[SETTINGS_TEXT_MAX], listen[SETTINGS_TEXT_MAX], log_level[SETTINGS_TEXT_MAX];
    char user[SETTINGS_TEXT_MAX], metrics[SETTINGS_TEXT_MAX], log_format[SETTINGS_TEXT_MAX];
    uint64_t ledger_interval, witness_interval, workers, queue;
};

#define DAEMON_DEFAULTS                                                                                                \
    {                                                                                                                  \
        .state = "state", .ledger = "ledger", .log_level = "info", .log_format = "text", .ledger_interval = 1,         \
        .witness_interval = 5                                                                                          \
    }

/* What `run --help` says last. */
#define DAEMON_RUN_MORE                                                                                                \
    "SIGHUP reads the manifest again; SIGTERM ends in good order. A passphrase for the identity is asked on the\n"     \
    "terminal, or read from the file that CONCORD_PASSPHRASE_FILE names."

/* What the verb `run` and the program are beside its name, its settings and what they say of themselves. */
#define DAEMON_RUN(what)                                                                                               \
    .name = "run", .brief = "serve the agencies until stopped", .operands = "", .summary = (what),                     \
    .more = DAEMON_RUN_MORE
#define DAEMON_STATUS(what)                                                                                            \
    .name = "status", .brief = "show how things stand", .operands = "", .summary = (what),                             \
    .more = "The exit status is 1 if Metrics is set and the daemon does not answer \"ok\" there."
#define DAEMON_PROGRAM(kind, what)                                                                                     \
    .name = "concord-" kind, .summary = (what), .config = "/etc/concord/" kind ".conf", .start = group_init,           \
    .secrets = true

/* The rows of a settings table that both daemons have; the struct that it is about begins with a struct
 * daemon_config. */
#define DAEMON_ROW(section, flag, key, type, member, argument, help)                                                   \
    {                                                                                                                  \
        flag, section, key, type, offsetof(struct daemon_config, member), argument, help                               \
    }
#define DAEMON_SETTINGS(section)                                                                                       \
    DAEMON_ROW(section, "identity", "Identity", SETTING_PATH, identity, "FILE", "secret identity file of this party"), \
        DAEMON_ROW(section, "manifest", "Manifest", SETTING_PATH, manifest, "FILE",                                    \
                   "region.json, its signatures beside it"),                                                           \
        DAEMON_ROW(section, "preshared-keys", "PresharedKeys", SETTING_PATH, psks, "DIR",                              \
                   "pre-shared keys, <peer>.psk"),                                                                     \
        DAEMON_ROW(section, "state", "State", SETTING_PATH, state, "DIR", "where the store lies (default: state)"),    \
        DAEMON_ROW(section, "ledger", "Ledger", SETTING_PATH, ledger, "DIR",                                           \
                   "where the ledger is exported (default: ledger)"),                                                  \
        DAEMON_ROW(section, "listen", "Listen", SETTING_TEXT, listen, "URL",                                           \
                   "tcp://ADDRESS:PORT or ipc://PATH (default: as in the manifest)"),                                  \
        DAEMON_ROW(section, "ledger-interval", "LedgerInterval", SETTING_DURATION, ledger_interval, "TIME",            \
                   "how often new ledger entries are exported (default: 1s)"),                                         \
        DAEMON_ROW(section, "witness-interval", "WitnessInterval", SETTING_DURATION, witness_interval, "TIME",         \
                   "how often cosignatures are asked for (default: 5s)"),                                              \
        DAEMON_ROW(section, "workers", "Workers", SETTING_NUMBER, workers, "N",                                        \
                   "threads that answer (default: one per processor)"),                                                \
        DAEMON_ROW(section, "queue", "Queue", SETTING_NUMBER, queue, "N", "requests that may wait (default: 256)"),    \
        DAEMON_ROW(section, "user", "User", SETTING_TEXT, user, "NAME",                                                \
                   "who to become when started by root (default: nobody else)"),                                       \
        DAEMON_ROW(section, "log-level", "LogLevel", SETTING_TEXT, log_level, "LEVEL",                                 \
                   "debug, info, warn or error (default: info)"),                                                      \
        DAEMON_ROW(section, "log", "Log", SETTING_TEXT, log_format, "FORMAT", "text or json (default: text)"),         \
        DAEMON_ROW(section, "metrics", "Metrics", SETTING_TEXT, metrics, "ADDRESS:PORT",                               \
                   "where GET /metrics and /healthz are answered, like 127.0.0.1:9464 (default: nowhere)")

struct daemon {
    const struct daemon_config *config; /* borrowed */
    struct identity identity;
};

/*
 * Checks the settings, becomes the user, loads the identity, makes the state directory, gives up what the process does
 * not need (process.h), blocks the signals that daemon_run() waits for: call it before anything starts a thread.
 * daemon_close() wipes.
 */
int daemon_open(struct daemon *daemon, const struct daemon_config *config, struct err *err);
void daemon_close(struct daemon *daemon);

/* Checks the settings and loads the identity: all that a verb needs which serves nobody. */
int daemon_identify(struct daemon *daemon, const struct daemon_config *config, struct err *err);

/* Whether `as`, what the manifest has where this daemon should be (NULL: nobody), has its name and keys; ERR_DENIED. */
int daemon_check_self(const struct daemon *daemon, const struct region *region, const struct party *as,
                      const char *role, struct err *err);

/*
 * Loads the manifest, verifies its signatures, its succession to `trusted` (NULL at start) and the pin in the state
 * directory. *out is owned: region_free().
 */
int daemon_manifest(const struct daemon *daemon, const struct region *trusted, struct region **out, struct err *err);

/*
 * Keeps the manifest and its signatures beside the exported ledger, as manifests/<version>.json: for auditors, who must
 * know what was in force when. Before the manifest's event is committed, so that none is without its file.
 */
int daemon_keep_manifest(const struct daemon *daemon, const struct region *region, struct err *err);

/* Whose channel key this is in the manifest, and the pre-shared key for it. ERR_DENIED: nobody's. */
int daemon_authorise(const struct daemon *daemon, const struct region *region, const uint8_t channel[32],
                     char name[PARTY_NAME_MAX + 1], uint8_t psk[32], struct err *err);

/* What makes a daemon the one it is. All get context. */
struct daemon_service {
    int (*authorise)(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                     struct err *err);
    void (*handle)(void *context, struct rpc_request *request);
    int (*tick)(void *context, struct err *err);   /* in the main thread, each second */
    int (*check)(void *context, struct err *err);  /* ERR_CONFLICT: nothing more may be signed, the daemon is to end */
    int (*reload)(void *context, struct err *err); /* SIGHUP; a failure is logged, what was in force stays */
    void (*measure)(void *context);                /* each second: figures of its own (figures.h) */
    int (*copy)(void *context, const char *dir, struct err *err); /* the store at one point, as kv_checkpoint() does */
    void (*drained)(void *context); /* the last request was taken: end those that are held */
    void *context;
};

/*
 * Serves until SIGTERM or SIGINT, or ERR_IO when it can receive no more, so that a supervisor starts it anew, or
 * ERR_CONFLICT when its store turns out to be an old copy. url:
 * where to listen unless the settings say. Logs event=listening once it does, and tells the supervisor. Errors while
 * running are logged, each once until it is over. Whatever is still to be done after it returns has PROCESS_END_SECONDS
 * from the signal on; then the process ends.
 */
int daemon_run(struct daemon *daemon, struct ledger *ledger, const char *url, const struct daemon_service *service,
               struct err *err);

/* Exports the ledger now: for the last events of a daemon that ends. */
int daemon_export(const struct daemon *daemon, struct ledger *ledger, struct err *err);

#endif
