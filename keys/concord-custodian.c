/* concord-custodian: evaluates blinded elements with a custodian's shares of the keys. */
#include "keys/custodian/custodian.h"
#include "keys/custodian/restored.h"
#include "protocol/base/wait.h"
#include "protocol/daemon/status.h"

#include <sodium.h>
#include <stdio.h>

static void drained(void *context)
{
    (void)context;
}

struct custodian_config {
    struct daemon_config daemon;
    char shares[SETTINGS_TEXT_MAX];
};

static const struct setting settings[] = {
    {"shares", "Custodian", "Shares", SETTING_PATH, offsetof(struct custodian_config, shares), "DIR",
     "shares that the ceremonies wrote, *.share"},
    DAEMON_SETTINGS("Custodian"),
};

static int need_shares(const struct custodian_config *config, struct err *err)
{
    return config->shares[0] != '\0'
               ? 0
               : err_set(err, ERR_USAGE, "Shares must be set: the directory with the files that the ceremony wrote");
}

static int run(struct call *call, struct err *err)
{
    const struct custodian_config *config = call->config;
    static struct daemon daemon;
    static struct custodian custodian;
    int rc = daemon_open(&daemon, &config->daemon, err);
    if (rc == 0)
        rc = need_shares(config, err);
    if (rc == 0) {
        rc = custodian_open(&custodian, &daemon, config->shares, err);
        if (rc == 0) {
            const struct daemon_service service = {custodian_authorise, custodian_handle, custodian_tick,
                                                   custodian_check,     custodian_reload, custodian_measure,
                                                   custodian_copy,      drained,          &custodian};
            int own = region_find_custodian(custodian.region, daemon.identity.party.name);
            rc = daemon_run(&daemon, custodian.ledger, custodian.region->custodians[own].url, &service, err);
        }
        custodian_close(&custodian);
    }
    daemon_close(&daemon);
    return rc;
}

static const struct verb run_verb = {
    DAEMON_RUN(
        "Evaluates blinded elements for the agencies of the manifest, within their limits, and keeps a ledger of it."),
    .run = run,
};

static int restored(struct call *call, struct err *err)
{
    const struct custodian_config *config = call->config;
    static struct daemon daemon;
    int rc = daemon_open(&daemon, &config->daemon, err);
    if (rc == 0)
        rc = custodian_restored(&daemon, call->options, call->operand, (size_t)call->operands, err);
    daemon_close(&daemon);
    return rc;
}

static const struct verb restored_verb = {RESTORED_VERB, .run = restored};

/* --- backups --- */

static int with_backup(struct call *call, int (*what)(const struct backup *, const char *, struct err *),
                       struct err *err)
{
    const struct custodian_config *config = call->config;
    static struct daemon daemon;
    struct backup backup;
    int rc = daemon_open(&daemon, &config->daemon, err);
    wait_let_end(true);
    if (rc == 0)
        rc = need_shares(config, err);
    if (rc == 0) {
        custodian_backup(&backup, &daemon, config->shares);
        rc = what(&backup, call->operands > 0 ? call->operand[0] : NULL, err);
    }
    daemon_close(&daemon);
    return rc;
}

BACKUP_VERBS("shares");

/* --- status --- */

/* Every share is looked at, also behind a wrong one. */
static int print_shares(const struct shares *shares, const struct region *r, int own, struct err *err)
{
    struct err why;
    int rc = 0;
    for (size_t i = 0; i < r->purpose_count; i++) {
        const struct region_purpose *p = &r->purposes[i];
        int checked = share_check(shares, p, own, &why);
        printf("share     %s, epoch %u: %s\n", p->name, region_current(p)->epoch,
               checked == 0 ? "as in the manifest" : why.text);
        if (checked != 0 && rc == 0) {
            rc = checked;
            *err = why;
        }
    }
    return rc;
}

static int status(struct call *call, struct err *err)
{
    const struct custodian_config *config = call->config;
    static struct daemon daemon;
    struct region *region = NULL;
    struct shares *shares = sodium_malloc(sizeof *shares);
    bool serves = false;
    int own = -1;
    int rc = need_shares(config, err);
    if (rc == 0 && shares == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "cannot lock memory for the shares");
    if (rc == 0)
        rc = status_begin(&daemon, &config->daemon, &region, err);
    if (rc == 0)
        rc = custodian_find_self(&own, &daemon, region, err);
    if (rc == 0)
        rc = status_end(&daemon, &serves, err);
    if (rc == 0) {
        shares->count = 0;
        rc = shares_load_directory(shares, config->shares, &daemon.identity, err);
    }
    if (rc == 0)
        rc = print_shares(shares, region, own, err);
    if (rc == 0 && !serves)
        call->status = 1;
    sodium_free(shares);
    region_free(region);
    daemon_close(&daemon);
    return rc;
}

static const struct verb status_verb = {
    DAEMON_STATUS("Shows manifest, shares against the manifest, exported ledger, and whether the daemon serves."),
    .run = status};

int main(int argc, char **argv)
{
    static const struct verb *const verbs[] = {&run_verb,     &status_verb,   &backup_verb, &check_verb,
                                               &restore_verb, &restored_verb, NULL};
    static const struct custodian_config defaults = {.daemon = DAEMON_DEFAULTS};
    static const struct program program = {
        DAEMON_PROGRAM("custodian", "A custodian of the keys of a Concord region."),
        .verbs = verbs,
        SETTINGS(settings),
        .defaults = &defaults,
        .config_size = sizeof defaults,
    };
    return program_main(&program, argc, argv);
}
