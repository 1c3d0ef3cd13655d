#include "matcher/join/spend.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

/* All zero: it was never named. */
static int known(struct store *store, uint16_t agency, const struct wire_spent *item, struct store_spending *out,
                 struct err *err)
{
    *out = (struct store_spending){.of = item->of};
    int rc = store_spending_get(store, agency, item->custodian, item->leaf, out, err);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int check_one(struct store *store, uint16_t agency, const struct wire_spent *item, struct err *err)
{
    struct store_spending before;
    char custodian[17];
    int rc = known(store, agency, item, &before, err);
    if (rc != 0 || (before.of == item->of && before.taken + (uint64_t)item->count <= before.of))
        return rc;
    sodium_bin2hex(custodian, sizeof custodian, item->custodian, 8);
    return err_set(err, ERR_CONFLICT,
                   "of the %u evaluations at leaf %" PRIu64
                   " of custodian %s... %u are spent, the last by entry %" PRIu64
                   ": was your vault put back? Name others",
                   before.of, item->leaf, custodian, before.taken, before.last);
}

int spend_check(struct store *store, uint16_t agency, const struct wire_spent_list *spent, size_t tags, struct err *err)
{
    uint64_t sum = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < spent->count; i++) {
        const struct wire_spent *item = &spent->item[i];
        const bool same = i > 0 && memcmp(item[-1].custodian, item->custodian, PARTY_DIGEST_SIZE) == 0;
        sum = (same ? sum : 0) + item->count;
        if (sum > tags)
            return err_set(err, ERR_INPUT, "%" PRIu64 " evaluations of one custodian are spent on %zu tags", sum, tags);
        rc = check_one(store, agency, item, err);
    }
    return rc;
}

int spend_take(struct store_write *write, struct store *store, uint16_t agency, const struct wire_spent_list *spent,
               uint64_t index, uint64_t time, struct err *err)
{
    struct store_spending s;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < spent->count; i++) {
        rc = known(store, agency, &spent->item[i], &s, err);
        s.since = s.taken == 0 ? time : s.since;
        s.taken += spent->item[i].count;
        s.last = index;
        if (rc == 0)
            store_spending_put(write, agency, spent->item[i].custodian, spent->item[i].leaf, &s);
    }
    return rc;
}

bool spend_shares(const struct wire_spent_list *a, const struct wire_spent_list *b)
{
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        const int by = wire_spent_order(&a->item[i], &b->item[k]);
        if (by == 0)
            return true;
        i += by < 0;
        k += by > 0;
    }
    return false;
}
