/*
 * What requests name as what they spend (docs/protocol.md, Receipts of evaluation), held against the custodians'
 * ledgers: that the event which is named is one of evaluating, for this agency and purpose, about as many as it says,
 * and not too old; and that no more is taken of it than there is. An agency names an event only behind its custodian's
 * receipt, so that either of the two is at fault, and the receipt tells which; that the matcher let something be spent
 * twice is its own fault.
 *
 * Memory: 32 bytes for each event of evaluating, and 56 for each time that one is named.
 */
#ifndef PROTOCOL_AUDIT_SPENDING_H
#define PROTOCOL_AUDIT_SPENDING_H

#include "protocol/audit/walk/audit.h"
#include "protocol/ledger/event.h"
#include "protocol/wire/entry.h"

struct spending;

/* Borrows the audit. */
int spending_new(struct spending **out, const struct audit *audit, struct err *err);
void spending_free(struct spending *spending); /* NULL is fine */

/* An event of evaluating in the ledger of the custodian of that number, ascending by leaf. */
int spending_evaluated(struct spending *spending, size_t custodian, uint64_t leaf, const struct event *event,
                       struct err *err);

/* What a request, written down by this event of the matcher's, names; in the ledger's order. */
int spending_named(struct spending *spending, uint64_t index, const struct event *request,
                   const struct wire_spent_list *spent, struct err *err);

/* When all ledgers are in: adds what does not hold to audit->findings. */
void spending_finish(struct spending *spending, struct audit *audit);

#endif
