/*
 * Answers that both daemons give the same way: failures, the two conversations about a ledger that anybody may have,
 * and the receipt of a change that was committed.
 */
#ifndef PROTOCOL_DAEMON_ANSWER_H
#define PROTOCOL_DAEMON_ANSWER_H

#include "protocol/ledger/ledger.h"
#include "protocol/ledger/note.h"
#include "protocol/rpc/rpc.h"
#include "protocol/wire/ledger.h"
#include "protocol/wire/wire.h"

/* Ends the request with a reply of this body. */
void answer_ok(struct rpc_request *request, const struct wire_request *in, struct span body);

/* Ends the request with the failure: its reason travels, except for a defect or an I/O error, which is logged
 * instead. */
void answer_failure(struct rpc_request *request, const struct wire_request *in, const struct err *err);

/* The same with a status that no error code stands for. */
void answer_refusal(struct rpc_request *request, const struct wire_request *in, enum wire_status status,
                    const char *reason);

/* Ends what could not be read as a request with a reply that says so. */
void answer_malformed(struct rpc_request *request, const char *reason);

/* Encodes the reply body of CHECKPOINT or PROOF. */
int answer_ledger(struct ledger *ledger, const struct wire_request *in, struct buf *body, struct err *err);

/*
 * Fills receipt for the event at `index`: the inclusion proof to the newest checkpoint. storage is cleared and holds
 * proof and checkpoint afterwards; event is borrowed.
 */
int answer_receipt(struct ledger *ledger, uint64_t index, struct span event, struct buf *storage,
                   struct wire_receipt *receipt, struct err *err);

/* Space for what answer_receipt() stores. */
#define ANSWER_RECEIPT_MAX (LEDGER_CHECKPOINT_MAX + LEDGER_PROOF_MAX * LEDGER_HASH_SIZE)

#endif
