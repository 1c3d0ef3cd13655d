/*
 * RELEASE, SUSPEND, CLOSE: what an agency lets its partners learn of it. Purpose and epoch stand in the envelope's
 * scope. All three are answered with the receipt of their event alone.
 */
#ifndef PROTOCOL_WIRE_MEETING_H
#define PROTOCOL_WIRE_MEETING_H

#include "protocol/wire/ledger.h"
#include "protocol/wire/wire.h"

#include <stdbool.h>

/* Lets up to count meetings with the partner happen beyond the day's limit, until a time (seconds since 1970). */
struct release_request {
    uint8_t partner[PARTY_DIGEST_SIZE];
    uint64_t count, until;
};

/* Suspends the partner, or lets it take part again. */
struct suspend_request {
    uint8_t partner[PARTY_DIGEST_SIZE];
    bool on;
};

struct receipt_reply {
    struct wire_receipt receipt;
};

int release_request_encode(struct buf *out, const struct release_request *in, struct err *err);
int release_request_decode(struct release_request *out, struct span body, struct err *err);
int suspend_request_encode(struct buf *out, const struct suspend_request *in, struct err *err);
int suspend_request_decode(struct suspend_request *out, struct span body, struct err *err);
int close_request_encode(struct buf *out, struct err *err); /* an empty map: the first load of the scope is over */
int close_request_decode(struct span body, struct err *err);
int receipt_reply_encode(struct buf *out, const struct receipt_reply *in, struct err *err);
int receipt_reply_decode(struct receipt_reply *out, struct span body, struct err *err);

#endif
