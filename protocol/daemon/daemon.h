/*
 * What custodian and matcher have in common: their settings, their identity, the manifest with its pin, who may speak to
 * them, and the life of a daemon: listening, exporting the ledger, SIGHUP (read the manifest again), SIGTERM and SIGINT
 * (end in good order). Secrets stay out of core dumps.
 */
#ifndef PROTOCOL_DAEMON_DAEMON_H
#define PROTOCOL_DAEMON_DAEMON_H

#include "protocol/base/settings.h"
#include "protocol/identity/identity.h"
#include "protocol/ledger/ledger.h"
#include "protocol/region/region.h"
#include "protocol/rpc/rpc.h"

struct daemon_config {
    char identity[SETTINGS_TEXT_MAX], manifest[SETTINGS_TEXT_MAX], psks[SETTINGS_TEXT_MAX];
    char state[SETTINGS_TEXT_MAX], ledger[SETTINGS_TEXT_MAX], listen[SETTINGS_TEXT_MAX], log_level[SETTINGS_TEXT_MAX];
    uint64_t ledger_interval, witness_interval, workers, queue;
};

#define DAEMON_DEFAULTS                                                                                                \
    {                                                                                                                  \
        .state = "state", .ledger = "ledger", .log_level = "info", .ledger_interval = 1, .witness_interval = 5         \
    }

/* The rows of a settings table that both daemons have; c is a struct daemon_config in static storage. */
#define DAEMON_SETTINGS(section, c)                                                                                     \
    {"identity", section, "Identity", SETTING_PATH, (c).identity, "FILE", "secret identity file of this party"},        \
        {"manifest", section, "Manifest", SETTING_PATH, (c).manifest, "FILE", "region.json, its signatures beside it"}, \
        {"preshared-keys", section, "PresharedKeys", SETTING_PATH, (c).psks, "DIR", "pre-shared keys, <peer>.psk"},     \
        {"state", section, "State", SETTING_PATH, (c).state, "DIR", "where the store lies (default: state)"},           \
        {"ledger",                                                                                                      \
         section,                                                                                                       \
         "Ledger",                                                                                                      \
         SETTING_PATH,                                                                                                  \
         (c).ledger,                                                                                                    \
         "DIR",                                                                                                         \
         "where the ledger is exported (default: ledger)"},                                                             \
        {"listen",                                                                                                      \
         section,                                                                                                       \
         "Listen",                                                                                                      \
         SETTING_TEXT,                                                                                                  \
         (c).listen,                                                                                                    \
         "URL",                                                                                                         \
         "tcp://ADDRESS:PORT or ipc://PATH (default: as in the manifest)"},                                             \
        {"ledger-interval",                                                                                             \
         section,                                                                                                       \
         "LedgerInterval",                                                                                              \
         SETTING_DURATION,                                                                                              \
         &(c).ledger_interval,                                                                                          \
         "TIME",                                                                                                        \
         "how often new ledger entries are exported (default: 1s)"},                                                    \
        {"witness-interval",                                                                                            \
         section,                                                                                                       \
         "WitnessInterval",                                                                                             \
         SETTING_DURATION,                                                                                              \
         &(c).witness_interval,                                                                                         \
         "TIME",                                                                                                        \
         "how often cosignatures are asked for (default: 5s)"},                                                         \
        {"workers",                                                                                                     \
         section,                                                                                                       \
         "Workers",                                                                                                     \
         SETTING_NUMBER,                                                                                                \
         &(c).workers,                                                                                                  \
         "N",                                                                                                           \
         "threads that answer (default: one per processor)"},                                                           \
        {"queue", section, "Queue", SETTING_NUMBER, &(c).queue, "N", "requests that may wait (default: 256)"},          \
    {                                                                                                                   \
        "log-level", section, "LogLevel", SETTING_TEXT, (c).log_level, "LEVEL",                                         \
            "debug, info, warn or error (default: info)"                                                                \
    }
#define DAEMON_SETTINGS_COUNT 11

struct daemon {
    const struct daemon_config *config; /* borrowed */
    struct identity identity;
};

/*
 * Checks the settings, loads the identity, makes the state directory, blocks the signals that daemon_run() waits for: call
 * it before anything starts a thread. daemon_close() wipes.
 */
int daemon_open(struct daemon *daemon, const struct daemon_config *config, struct err *err);
void daemon_close(struct daemon *daemon);

/*
 * Loads the manifest, verifies its signatures, its succession to `trusted` (NULL at start) and the pin in the state
 * directory. *out is owned: region_free().
 */
int daemon_manifest(const struct daemon *daemon, const struct region *trusted, struct region **out, struct err *err);

/*
 * Keeps the manifest and its signatures beside the exported ledger, as manifests/<version>.json: for auditors, who must know
 * what was in force when. Before the manifest's event is committed, so that none is without its file.
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
    int (*reload)(void *context, struct err *err); /* SIGHUP; a failure is logged, what was in force stays */
    void (*drained)(void *context);                /* the last request was taken: end those that are held */
    void *context;
};

/*
 * Serves until SIGTERM or SIGINT. url: where to listen unless the settings say. Logs event=listening once it does. Errors
 * while running are logged, each once until it is over.
 */
int daemon_run(struct daemon *daemon, struct ledger *ledger, const char *url, const struct daemon_service *service,
               struct err *err);

/* Exports the ledger now: for the last events of a daemon that ends. */
int daemon_export(const struct daemon *daemon, struct ledger *ledger, struct err *err);

#endif
