/*
 * The statement of a request: what its sender signs, and what a ledger's event names by its hash. It is made of parts,
 * each behind its length as u16be:
 *
 *   "concord request v2", region, peer's digest, sender's digest, type (u8), id, number of scopes (u8),
 *   for each scope purpose and epoch (u32be), time (u64be), SHA-256 of the body
 *
 * The signature is Ed25519 (RFC 8032) by the sender's sign key. Since region, peer and sender are in it, a request
 * signed for one is worth nothing at another.
 */
#ifndef PROTOCOL_WIRE_STATEMENT_H
#define PROTOCOL_WIRE_STATEMENT_H

#include "protocol/wire/wire.h"

#define WIRE_STATEMENT_MAX 1536
#define WIRE_AGE_MAX (7 * 86400) /* seconds a signed request may be old: queues */
#define WIRE_AHEAD_MAX 300       /* seconds it may be ahead of the receiver's clock */

/* Where a request is spoken, and between whom (party_digest()). */
struct wire_ends {
    const char *region; /* its name; borrowed */
    uint8_t peer[PARTY_DIGEST_SIZE], sender[PARTY_DIGEST_SIZE];
};

struct wire_statement {
    uint8_t bytes[WIRE_STATEMENT_MAX];
    size_t len;
};

/*
 * The statement of request; its body counts by its hash alone, so that it can be made again where the body is not kept.
 */
void wire_statement_make(struct wire_statement *out, const struct wire_request *request,
                         const uint8_t body_hash[WIRE_HASH_SIZE], const struct wire_ends *ends);

/* SHA-256 of the statement of a request: the member `request` of its event. */
void wire_request_hash(uint8_t out[WIRE_HASH_SIZE], const struct wire_request *request, const struct wire_ends *ends);

/* Fills the signature; everything else of request is in place. sign_secret: libsodium's 64-byte form. */
void wire_request_sign(struct wire_request *request, const struct wire_ends *ends, const uint8_t sign_secret[64]);

/*
 * Is the signature of a request of a signed type by this sign key? Fills hash as wire_request_hash() does, also where
 * the answer is no. ERR_VERIFY.
 */
int wire_request_verify(uint8_t hash[WIRE_HASH_SIZE], const struct wire_request *request, const struct wire_ends *ends,
                        const uint8_t sign[32], struct err *err);

/* The same from the parts that a ledger's owner keeps: the request without its body, and the body's hash. */
int wire_statement_verify(const struct wire_request *request, const uint8_t body_hash[WIRE_HASH_SIZE],
                          const struct wire_ends *ends, const uint8_t sign[32], struct err *err);

/* ERR_CLOCK, saying both times, for a request too old or too far ahead of now (seconds since 1970). */
int wire_request_timely(const struct wire_request *request, uint64_t now, struct err *err);

#endif
