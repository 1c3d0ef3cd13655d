#include "keys/custodian/permit.h"

#include <string.h>

int permit_scope(const struct custodian *custodian, const struct received *from, const struct wire_scope *scope,
                 const struct region_purpose **purpose, struct budget_account *account, struct denial *denial,
                 struct err *err)
{
    const struct region *r = custodian->region;
    int agency = region_find_agency_by_digest(r, from->digest), p = region_find_purpose(r, scope->purpose);
    denial->refusal = agency < 0 ? REFUSAL_PARTY : REFUSAL_PURPOSE;
    if (agency < 0)
        return err_set(err, ERR_DENIED, "%s is no agency", from->peer.name);
    if (p < 0)
        return err_set(err, ERR_DENIED, "the manifest has no purpose %s", scope->purpose);
    *purpose = &r->purposes[p];
    memcpy(denial->purpose, (*purpose)->name, sizeof denial->purpose);
    denial->refusal = REFUSAL_EPOCH;
    if (scope->epoch != region_current(*purpose)->epoch)
        return err_set(err, ERR_DENIED, "epoch %u of %s is not in force here: it is %u", scope->epoch, scope->purpose,
                       region_current(*purpose)->epoch);
    const struct region_limits *limits = region_limits(r, agency, p);
    *account = (struct budget_account){.scope = scope,
                                       .load = region_share_of(r, limits->load),
                                       .load_until = limits->load_until,
                                       .daily = region_share_of(r, limits->daily)};
    *denial = (struct denial){.refusal = REFUSAL_NONE};
    return 0;
}

struct budget_charge permit_charge(const struct received *from)
{
    struct budget_charge charge = {.accounts = 0};
    memcpy(charge.agency, from->digest, sizeof charge.agency);
    memcpy(charge.id, from->in.id, sizeof charge.id);
    return charge;
}
