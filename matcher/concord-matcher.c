/* concord-matcher: joins the agencies' tags and carries sealed payloads between those that share one. */
#include "matcher/service/restored.h"
#include "matcher/service/service.h"
#include "protocol/base/memory.h"
#include "protocol/base/wait.h"
#include "protocol/daemon/status.h"

struct config {
    struct daemon_config daemon;
    struct matcher_config matcher;
};

static const struct setting settings[] = {
    {"archive", "Matcher", "Archive", SETTING_PATH, offsetof(struct config, matcher.archive), "DIR",
     "where batches are kept, to audit joins with (default: STATE/archive)"},
    {"no-archive", "Matcher", "NoArchive", SETTING_SWITCH, offsetof(struct config, matcher.no_archive), NULL,
     "keep no batches: joins cannot be audited"},
    {"archive-retention", "Matcher", "ArchiveRetention", SETTING_DURATION,
     offsetof(struct config, matcher.archive_retention), "TIME",
     "how long batches are kept at least (default: for ever)"},
    DAEMON_SETTINGS("Matcher"),
};

static int run(struct call *call, struct err *err)
{
    const struct config *config = call->config;
    static struct daemon daemon;
    static struct matcher matcher;
    int rc = daemon_open(&daemon, &config->daemon, err);
    if (rc == 0) {
        rc = matcher_open(&matcher, &daemon, &config->matcher, err);
        if (rc == 0) {
            const struct daemon_service service = {matcher_authorise, matcher_handle,  matcher_tick,
                                                   matcher_check,     matcher_reload,  matcher_measure,
                                                   matcher_copy,      matcher_drained, &matcher};
            rc = daemon_run(&daemon, store_ledger(matcher.store), matcher.world->region->matcher_url, &service, err);
        }
        matcher_close(&matcher);
    }
    daemon_close(&daemon);
    return rc;
}

static const struct verb run_verb = {
    DAEMON_RUN("Joins the agencies' tags under their mutual grants, keeps their mailboxes and a ledger of all of it."),
    .run = run,
};

static int restored(struct call *call, struct err *err)
{
    const struct config *config = call->config;
    static struct daemon daemon;
    int rc = daemon_open(&daemon, &config->daemon, err);
    if (rc == 0)
        rc = matcher_restored(&daemon, call->options, call->operand, (size_t)call->operands, err);
    daemon_close(&daemon);
    return rc;
}

static const struct verb restored_verb = {RESTORED_VERB, .run = restored};

/* --- backups --- */

static int with_backup(struct call *call, int (*what)(const struct backup *, const char *, struct err *),
                       struct err *err)
{
    const struct config *config = call->config;
    static struct daemon daemon;
    struct backup backup;
    char archive[PATH_LIMIT];
    int rc = daemon_open(&daemon, &config->daemon, err);
    wait_let_end(true);
    if (rc == 0)
        rc = matcher_backup(&backup, &daemon, &config->matcher, archive, err);
    if (rc == 0)
        rc = what(&backup, call->operands > 0 ? call->operand[0] : NULL, err);
    daemon_close(&daemon);
    return rc;
}

BACKUP_VERBS("archive");

/* --- status --- */

static int status(struct call *call, struct err *err)
{
    const struct config *config = call->config;
    static struct daemon daemon;
    struct region *region = NULL;
    bool serves = false;
    int rc = status_begin(&daemon, &config->daemon, &region, err);
    if (rc == 0)
        rc = daemon_check_self(&daemon, region, &region->matcher, "the matcher", err);
    if (rc == 0)
        rc = status_end(&daemon, &serves, err);
    if (rc == 0 && !serves)
        call->status = 1;
    region_free(region);
    daemon_close(&daemon);
    return rc;
}

static const struct verb status_verb = {
    DAEMON_STATUS("Shows manifest, exported ledger, and whether the daemon serves."), .run = status};

int main(int argc, char **argv)
{
    static const struct verb *const verbs[] = {&run_verb,     &status_verb,   &backup_verb, &check_verb,
                                               &restore_verb, &restored_verb, NULL};
    static const struct config defaults = {.daemon = DAEMON_DEFAULTS};
    static const struct program program = {
        DAEMON_PROGRAM("matcher", "The matcher of a Concord region."),
        .verbs = verbs,
        SETTINGS(settings),
        .defaults = &defaults,
        .config_size = sizeof defaults,
    };
    memory_keep(MEMORY_MANY_HEAPS);
    return program_main(&program, argc, argv);
}
