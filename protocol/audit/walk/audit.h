/*
 * What an audit has before it: the manifests, the ledgers, and the findings that every step adds to.
 */
#ifndef PROTOCOL_AUDIT_AUDIT_H
#define PROTOCOL_AUDIT_AUDIT_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/basis/manifests.h"
#include "protocol/audit/walk/walk.h"
#include "protocol/base/settings.h"

#define AUDIT_LEDGERS_MAX (ROSTER_CUSTODIANS_MAX + 1)

struct audit {
    struct manifests manifests;
    struct walk ledger[AUDIT_LEDGERS_MAX];
    size_t count;
    struct findings findings;
    unsigned jobs;
    bool quiet;
};

/* What verbs that read ledgers can be told. */
struct audit_options {
    struct setting_list manifests;
    uint64_t jobs;
    bool json, quiet;
};

/*
 * Loads the manifests, opens the ledgers, also of custodians that have left. A ledger whose checkpoint is damaged
 * becomes a finding and is left out; what is no ledger at all is an error. ERR_USAGE: two copies of one ledger, which
 * concord-audit consistency compares.
 */
int audit_open(struct audit *out, const struct audit_options *options, char *const *dirs, size_t count,
               struct err *err);
void audit_close(struct audit *audit);

/* The ledger of the matcher, of the custodian of this number; NULL if it is not among those given. */
const struct walk *audit_matcher(const struct audit *audit);
const struct walk *audit_custodian(const struct audit *audit, size_t number);

#endif
