/* EVALUATE: an agency asks a custodian to evaluate blinded elements, for each scope of the envelope a batch. */
#ifndef PROTOCOL_WIRE_EVALUATE_H
#define PROTOCOL_WIRE_EVALUATE_H

#include "protocol/oprf/threshold.h"
#include "protocol/wire/ledger.h"
#include "protocol/wire/wire.h"

struct evaluate_batch {
    uint32_t generation; /* of the key's sharing, from 1; a custodian of another generation refuses */
    struct span blinded; /* n * 32 bytes, n >= 1 */
};

struct evaluate_request {
    struct coalition coalition;
    struct evaluate_batch batch[WIRE_SCOPE_MAX];
    size_t count; /* as many as the envelope has scopes; at most OPRF_BATCH_MAX elements together */
};

struct evaluated_batch {
    struct span evaluated; /* n * 32 bytes */
    struct oprf_proof proof;
    uint64_t left; /* what remains of the limit for this purpose, in tokens of the region */
};

/*
 * The custodian signs what it evaluated with its log key, so that a wrong proof can be shown to others: Ed25519 over
 * "concord evaluated v2" || SHA-256 of the request's statement || SHA-256 of the batches, evaluated and proof each
 * behind its length as u32be.
 */
struct evaluate_reply {
    struct evaluated_batch batch[WIRE_SCOPE_MAX];
    size_t count;
    struct wire_receipt receipt;
    uint8_t signature[WIRE_SIGNATURE_SIZE];
};

int evaluate_request_encode(struct buf *out, const struct evaluate_request *in, struct err *err);
/* scopes: how many the envelope has; there must be as many batches. */
int evaluate_request_decode(struct evaluate_request *out, size_t scopes, struct span body, struct err *err);
int evaluate_reply_encode(struct buf *out, const struct evaluate_reply *in, struct err *err);
int evaluate_reply_decode(struct evaluate_reply *out, struct span body, struct err *err);

/* request: wire_request_hash(). Fills the signature. log_secret: libsodium's 64-byte form. */
void evaluate_reply_sign(struct evaluate_reply *reply, const uint8_t request[WIRE_HASH_SIZE],
                         const uint8_t log_secret[64]);

/* ERR_VERIFY. */
int evaluate_reply_verify(const struct evaluate_reply *reply, const uint8_t request[WIRE_HASH_SIZE],
                          const uint8_t log[32], struct err *err);

#endif
