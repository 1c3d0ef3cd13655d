/* Who may ask for what: the sender is an agency, the purpose is one of the manifest, the epoch its current one. */
#ifndef KEYS_CUSTODIAN_PERMIT_H
#define KEYS_CUSTODIAN_PERMIT_H

#include "keys/custodian/budget.h"
#include "keys/custodian/state.h"
#include "protocol/daemon/receive.h"

/* What is refused, for the ledger: its reason, and the purpose if the manifest has it, else "". */
struct denial {
    enum refusal refusal;
    char purpose[PARTY_NAME_MAX + 1];
};

/*
 * The purpose of a scope, borrowed from the manifest, and the account that it is charged to, but for the count. The
 * caller holds the custodian's lock. ERR_DENIED, with *denial.
 */
int permit_scope(const struct custodian *custodian, const struct received *from, const struct wire_scope *scope,
                 const struct region_purpose **purpose, struct budget_account *account, struct denial *denial,
                 struct err *err);

/* The beginning of a charge for a request: everything but accounts and digest. */
struct budget_charge permit_charge(const struct received *from);

#endif
