/* concord-client: what an agency runs. */
#include "client/verbs/verbs.h"
#include "protocol/base/settings.h"
#include "protocol/group/group.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"enrol", enrol_main, "enrol the rows of CSV files"},
        {"sync", sync_main, "send what is unsent, fetch the mailbox, find matches"},
        {"run", run_main, "the daemon: watch a feed directory, synchronise when the matcher calls"},
        {"query", query_main, "a border check: ask without enrolling"},
        {"matches", matches_main, "list, explain, confirm or dismiss matches"},
        {"remove", remove_main, "withdraw records"},
        {"whois", whois_main, "which own record a partner means by a handle"},
        {"status", status_main, "what is in the vault and at the matcher"},
        {"receipts", receipts_main, "write out the receipts that the matcher gave"},
        {"schema", schema_main, "explain a schema, or tune one to data"},
        {"evaluate", evaluate_main, "measure offline how well records of several files match"},
        {"normalise", normalise_main, "show what a name, date, document or zone becomes"},
        {"fingerprint", fingerprint_main, "print the normaliser's fingerprint"},
        {0},
    };
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "concord-client: %s\n", err.text);
        return 1;
    }
    return verbs_main("concord-client", "An agency's part in a Concord region.", verbs, argc, argv);
}
