/* concord-custodian: evaluates blinded elements with a custodian's shares of the keys. */
#include "keys/custodian/custodian.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static void drained(void *context)
{
    (void)context;
}

static int serve(const struct daemon_config *config, const char *shares_dir, struct err *err)
{
    static struct daemon daemon;
    static struct custodian custodian;
    struct shares *shares = sodium_malloc(sizeof *shares); /* locked into memory, wiped when freed */
    if (shares == NULL)
        return err_set(err, ERR_NO_MEMORY, "cannot lock memory for the shares");
    shares->count = 0;
    int rc = daemon_open(&daemon, config, err);
    if (rc == 0 && shares_dir[0] == '\0')
        rc = err_set(err, ERR_USAGE, "Shares must be set: the directory with the files that the ceremony wrote");
    if (rc == 0)
        rc = shares_load_directory(shares, shares_dir, &daemon.identity, err);
    if (rc == 0) {
        rc = custodian_open(&custodian, &daemon, shares, err);
        if (rc == 0) {
            const struct daemon_service service = {custodian_authorise, custodian_handle, custodian_tick,
                                                   custodian_reload,    drained,          &custodian};
            int own = region_find_custodian(custodian.region, daemon.identity.party.name);
            rc = daemon_run(&daemon, custodian.ledger, custodian.region->custodians[own].url, &service, err);
        }
        custodian_close(&custodian);
    }
    daemon_close(&daemon);
    sodium_free(shares);
    return rc;
}

static int run_main(int argc, char **argv)
{
    static struct daemon_config config = DAEMON_DEFAULTS;
    static char shares[SETTINGS_TEXT_MAX];
    static const struct setting settings[] = {
        {"shares", "Custodian", "Shares", SETTING_PATH, shares, "DIR", "shares that the ceremonies wrote, *.share"},
        DAEMON_SETTINGS("Custodian", config),
    };
    static const struct usage usage = {
        "concord-custodian run",
        "",
        "Evaluates blinded elements for the agencies of the manifest, within their budgets, and keeps a ledger of it.",
        "SIGHUP reads the manifest again; SIGTERM ends in good order. A passphrase for the identity is asked on the\n"
        "terminal, or read from the file that CONCORD_PASSPHRASE_FILE names.",
        settings,
        1 + DAEMON_SETTINGS_COUNT};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, "/etc/concord/custodian.conf", argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands > 0)
        rc = err_set(&err, ERR_USAGE, "run takes no operands; see --help");
    if (rc == 0)
        rc = serve(&config, shares, &err);
    return verb_end("concord-custodian", rc, &err);
}

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"run", run_main, "serve the agencies until stopped"},
        {0},
    };
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "concord-custodian: %s\n", err.text);
        return 1;
    }
    return verbs_main("concord-custodian", "A custodian of the keys of a Concord region.", verbs, argc, argv);
}
