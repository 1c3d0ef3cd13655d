/*
 * Receipts of evaluation that a PUT or a QUERY names, as what its tags cost (docs/protocol.md, Receipts of evaluation):
 * each evaluation is taken once. What the receipts are, the matcher does not know; it keeps how much an agency has
 * taken of each, and an auditor holds that against the custodians' ledgers.
 */
#ifndef MATCHER_JOIN_SPEND_H
#define MATCHER_JOIN_SPEND_H

#include "matcher/store/store.h"
#include "protocol/wire/entry.h"

#define SPEND_KEPT (WIRE_SPENT_DAYS * 86400) /* seconds from the first request that names a receipt */

/*
 * ERR_CONFLICT: more of a receipt would be taken than there is; the reason names the event that took last. ERR_INPUT:
 * more is taken of one custodian than the request has tags. Changes nothing; shows what is committed.
 */
int spend_check(struct store *store, uint16_t agency, const struct wire_spent_list *spent, size_t tags,
                struct err *err);

/* What spend_check() let pass is taken, by the event at `index`. */
int spend_take(struct store_write *write, struct store *store, uint16_t agency, const struct wire_spent_list *spent,
               uint64_t index, uint64_t time, struct err *err);

/* Whether both name a receipt: the first must be committed before the second is looked at. */
bool spend_shares(const struct wire_spent_list *a, const struct wire_spent_list *b);

#endif
