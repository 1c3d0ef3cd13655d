/* EVALUATE: an agency asks a custodian to evaluate blinded elements. */
#ifndef PROTOCOL_WIRE_EVALUATE_H
#define PROTOCOL_WIRE_EVALUATE_H

#include "protocol/oprf/threshold.h"
#include "protocol/wire/wire.h"

struct evaluate_request {
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    struct coalition coalition;
    struct span blinded; /* n * 32 bytes, 1 <= n <= OPRF_BATCH_MAX */
};

struct evaluate_reply {
    struct span evaluated; /* n * 32 bytes */
    struct oprf_proof proof;
    uint64_t budget_left; /* evaluations left today for this agency and purpose */
};

int evaluate_request_encode(struct buf *out, const struct evaluate_request *in, struct err *err);
int evaluate_request_decode(struct evaluate_request *out, struct span body, struct err *err);
int evaluate_reply_encode(struct buf *out, const struct evaluate_reply *in, struct err *err);
int evaluate_reply_decode(struct evaluate_reply *out, struct span body, struct err *err);

#endif
