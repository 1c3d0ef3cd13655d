/*
 * Receipts: what a party holds against a log's owner. The event, its place, the inclusion proof, the checkpoint: all
 * that is needed to check it offline. Stored and exported as C2SP tlog-proof v1 text with the event as its extra data.
 */
#ifndef PROTOCOL_LEDGER_RECEIPT_H
#define PROTOCOL_LEDGER_RECEIPT_H

#include "protocol/ledger/event.h"
#include "protocol/ledger/note.h"

#define RECEIPT_KEPT_SECONDS (400 * 86400) /* as far as an audit reaches: of receipts, and of what they are about */

struct receipt {
    struct span event;
    uint64_t index;
    struct span proof; /* k * 32 bytes */
    struct span checkpoint;
};

/*
 * Verifies everything: the checkpoint's signature and origin, the proof, the event's form. Fills event and checkpoint.
 * ERR_VERIFY or ERR_INPUT says what does not hold.
 */
int receipt_verify(const struct receipt *receipt, const char *origin, const uint8_t log_key[32], struct event *event,
                   struct checkpoint *checkpoint, struct err *err);

/*
 * Appends the text form:
 *     c2sp.org/tlog-proof@v1
 *     extra BASE64(event)
 *     index N
 *     BASE64(hash)          one line a hash
 *
 *     checkpoint
 */
int receipt_print(struct buf *out, const struct receipt *receipt, struct err *err);

/* Reads the text form; storage receives the decoded event and hashes, which the spans of *out then borrow. */
int receipt_parse(struct receipt *out, struct span text, struct buf *storage, struct err *err);

#endif
