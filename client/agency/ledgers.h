/*
 * The ledgers of those that the agency deals with. The newest checkpoint that it has seen of each is in the vault, and
 * whatever is shown later must continue it: a matcher that was put back to an old state, or shows this agency another
 * history than it showed before, is found out at the next contact, and both checkpoints are kept as evidence.
 */
#ifndef CLIENT_AGENCY_LEDGERS_H
#define CLIENT_AGENCY_LEDGERS_H

#include "client/agency/agency.h"
#include "protocol/wire/entry.h"

/*
 * Checks a signed checkpoint of owner's ledger against the newest one seen, for which client, a connection to owner,
 * may be asked for a proof; if it is newer, it is the newest from now on. ERR_VERIFY names the owner and says what does
 * not hold.
 */
int ledgers_check(struct agency *agency, struct rpc_client *client, const struct party *owner, struct span checkpoint,
                  struct err *err);

/* Asks owner for its newest checkpoint and checks it: the first thing at every contact. */
int ledgers_greet(struct agency *agency, struct rpc_client *client, const struct party *owner, struct err *err);

/*
 * The same of every custodian but those that did not answer of late (shun.h). ERR_VERIFY names the one whose ledger
 * contradicts what was seen; that one cannot be reached is no error.
 */
int ledgers_greet_custodians(struct agency *agency, struct err *err);

/*
 * Verifies the receipt that the matcher gave for a PUT, REMOVE or QUERY: signature, inclusion, that
 * the event is about this very request, and that the checkpoint continues what was seen. Appends its text form to out.
 * ERR_VERIFY: it proves nothing.
 */
int ledgers_receipt(struct agency *agency, const struct wire_request *request, const struct wire_receipt *receipt,
                    struct buf *out, struct err *err);

/* The same but for what was seen, which ledgers_check() compares: safe for concurrent use by several threads. */
int ledgers_receipt_verify(const struct agency *agency, const struct wire_request *request,
                           const struct wire_receipt *receipt, struct buf *out, struct err *err);

/*
 * Verifies the receipt that a custodian gave for an EVALUATE: signature, inclusion, and that its event is about these
 * elements of this agency, under this id. Appends its text form to out; *time: the event's. Safe for concurrent use.
 */
int ledgers_evaluation_verify(const struct agency *agency, const struct party *custodian,
                              const struct wire_request *request, const struct wire_receipt *receipt, struct buf *out,
                              uint64_t *time, struct err *err);

#endif
