/*
 * SHA-256, whole, in parts, and as the Merkle tree uses it: one byte that says what is hashed, then the data. Only for
 * public data. The processor's SHA instructions are used where there are any, libsodium where not; both give the same
 * bytes.
 */
#ifndef PROTOCOL_BASE_SHA256_H
#define PROTOCOL_BASE_SHA256_H

#include "protocol/base/bytes.h"

#define SHA256_BLOCK 64

/* In parts. */
struct sha256_state {
    uint32_t h[8];
    uint64_t len;
    uint8_t block[SHA256_BLOCK]; /* the one that is not full */
};
void sha256_start(struct sha256_state *state);
void sha256_add(struct sha256_state *state, struct span part);
void sha256_end(struct sha256_state *state, uint8_t out[32]);

/* out = SHA-256(prefix || data). */
void sha256_prefixed(uint8_t out[32], uint8_t prefix, struct span data);

/* out = SHA-256(data). */
void sha256(uint8_t out[32], struct span data);

/*
 * FIPS 180-4's compression of whole blocks into h, in two ways, for tests: by libsodium; and by the instructions, false
 * (and nothing done) where there are none.
 */
void sha256_blocks_portable(uint32_t h[8], const uint8_t *data, size_t blocks);
bool sha256_blocks_shani(uint32_t h[8], const uint8_t *data, size_t blocks);

#endif
