/*
 * One request, one event: charged, and written down with what the agency signed; found again if the request comes
 * again.
 */
#ifndef KEYS_CUSTODIAN_RECORD_H
#define KEYS_CUSTODIAN_RECORD_H

#include "keys/custodian/permit.h"

/*
 * Charges, and commits the event with its statement in the same write; or finds that this was done before, or that a
 * limit is used up, which is counted as a refusal. The event is complete but for time, party and request. closes: the
 * first load of this scope ends with it; NULL: none does. charge->leaf is where the event is.
 */
int record_request(struct custodian *custodian, const struct received *from, struct budget_charge *charge,
                   struct event *event, const struct wire_scope *closes, enum budget_verdict *verdict, struct err *err);

/* The receipt of the event at leaf. It borrows *event and *storage, which is of ANSWER_RECEIPT_MAX. */
int record_receipt(struct custodian *custodian, uint64_t leaf, struct buf *event, struct buf *storage,
                   struct wire_receipt *receipt, struct err *err);

#endif
