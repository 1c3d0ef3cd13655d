/* concord-audit: an auditor's tool, offline. */
#include "protocol/audit/walk/audit.h"
#include "protocol/group/group.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"verify", verify_main, "check exported ledgers against the manifest"},
        {"consistency", consistency_main, "check that a checkpoint belongs to a ledger's history"},
        {"inclusion", inclusion_main, "check that what a receipt promises is in a ledger"},
        {"reconcile", reconcile_main, "hold evaluations against enrolments: who is guessing"},
        {"replay", replay_main, "compute the joins again and compare with what was delivered"},
        {"report", report_main, "make a page for people of all of it"},
        {"show", show_main, "show the events of a ledger"},
        {0},
    };
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "concord-audit: %s\n", err.text);
        return 2;
    }
    return verbs_main("concord-audit",
                      "Checks the ledgers of a Concord region, offline, trusting nobody but the manifest.", verbs, argc,
                      argv);
}
