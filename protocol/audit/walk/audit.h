/*
 * What an audit has before it: the manifests, the ledgers, and the findings that every step adds to.
 */
#ifndef PROTOCOL_AUDIT_AUDIT_H
#define PROTOCOL_AUDIT_AUDIT_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/basis/manifests.h"
#include "protocol/audit/walk/walk.h"
#include "protocol/base/settings.h"

#define AUDIT_LEDGERS_MAX (REGION_CUSTODIANS_MAX + 1)

struct audit {
    struct manifests manifests;
    struct walk ledger[AUDIT_LEDGERS_MAX];
    size_t count;
    struct findings findings;
    unsigned jobs;
    bool quiet;
};

/* What every verb that reads ledgers can be told; in static storage. */
struct audit_options {
    struct setting_list manifests;
    uint64_t jobs;
    bool json, quiet;
};

#define AUDIT_SETTING_MANIFEST(o)                                                                                      \
    {                                                                                                                  \
        "manifest", NULL, NULL, SETTING_LIST, &(o).manifests, "FILE",                                                  \
            "the region's newest manifest, its signatures beside it; repeat for older ones that no ledger has"         \
    }
#define AUDIT_SETTINGS(o)                                                                                              \
    AUDIT_SETTING_MANIFEST(o),                                                                                         \
        {"jobs", NULL, NULL, SETTING_NUMBER, &(o).jobs, "N", "threads (default: one per processor)"},                  \
        {"json", NULL, NULL, SETTING_SWITCH, &(o).json, NULL, "print one JSON object, for scripts"},                   \
    {                                                                                                                  \
        "quiet", NULL, NULL, SETTING_SWITCH, &(o).quiet, NULL, "no progress on stderr"                                 \
    }
#define AUDIT_SETTINGS_COUNT 4

/*
 * Loads the manifests, opens the ledgers. A ledger whose checkpoint is damaged becomes a finding and is left out; what
 * is no ledger at all is an error. ERR_USAGE: two copies of one ledger, which concord-audit consistency compares.
 */
int audit_open(struct audit *out, const struct audit_options *options, char *const *dirs, size_t count,
               struct err *err);
void audit_close(struct audit *audit);

/* The ledger of the matcher, of the custodian at this position; NULL if it is not among those given. */
const struct walk *audit_matcher(const struct audit *audit);
const struct walk *audit_custodian(const struct audit *audit, size_t position);

/*
 * How a verb ends: prints the error, if rc is one, on stderr. 0 no findings, 1 findings, 2 it could not check. rc 0
 * with audit NULL: 0.
 */
int audit_end(int rc, const struct audit *audit, const struct err *err);

/* The verbs, a file each. */
int consistency_main(int argc, char **argv);
int inclusion_main(int argc, char **argv);
int reconcile_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int report_main(int argc, char **argv);
int show_main(int argc, char **argv);
int verify_main(int argc, char **argv);

#endif
