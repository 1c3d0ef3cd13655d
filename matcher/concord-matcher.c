/* concord-matcher: joins the agencies' tags and carries sealed payloads between those that share one. */
#include "matcher/service/service.h"
#include "protocol/group/group.h"

#include <stdio.h>

static int serve(const struct daemon_config *config, const struct matcher_config *own, struct err *err)
{
    static struct daemon daemon;
    static struct matcher matcher;
    int rc = daemon_open(&daemon, config, err);
    if (rc == 0) {
        rc = matcher_open(&matcher, &daemon, own, err);
        if (rc == 0) {
            const struct daemon_service service = {matcher_authorise, matcher_handle,  matcher_tick,
                                                   matcher_reload,    matcher_drained, &matcher};
            rc = daemon_run(&daemon, store_ledger(matcher.store), matcher.world->region->matcher_url, &service, err);
        }
        matcher_close(&matcher);
    }
    daemon_close(&daemon);
    return rc;
}

static int run_main(int argc, char **argv)
{
    static struct daemon_config config = DAEMON_DEFAULTS;
    static struct matcher_config own;
    static const struct setting settings[] = {
        {"archive", "Matcher", "Archive", SETTING_PATH, own.archive, "DIR",
         "where batches are kept, to audit joins with (default: STATE/archive)"},
        {"no-archive", "Matcher", "NoArchive", SETTING_SWITCH, &own.no_archive, NULL,
         "keep no batches: joins cannot be audited"},
        {"archive-retention", "Matcher", "ArchiveRetention", SETTING_DURATION, &own.archive_retention, "TIME",
         "how long batches are kept at least (default: for ever)"},
        DAEMON_SETTINGS("Matcher", config),
    };
    static const struct usage usage = {
        "concord-matcher run",
        "",
        "Joins the agencies' tags under their mutual grants, keeps their mailboxes and a ledger of all of it.",
        "SIGHUP reads the manifest again; SIGTERM ends in good order. A passphrase for the identity is asked on the\n"
        "terminal, or read from the file that CONCORD_PASSPHRASE_FILE names.",
        settings,
        3 + DAEMON_SETTINGS_COUNT};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, "/etc/concord/matcher.conf", argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands > 0)
        rc = err_set(&err, ERR_USAGE, "run takes no operands; see --help");
    if (rc == 0)
        rc = serve(&config, &own, &err);
    return verb_end("concord-matcher", rc, &err);
}

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"run", run_main, "serve the agencies until stopped"},
        {0},
    };
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "concord-matcher: %s\n", err.text);
        return 1;
    }
    return verbs_main("concord-matcher", "The matcher of a Concord region.", verbs, argc, argv);
}
