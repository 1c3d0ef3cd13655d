/*
 * SHA-256, also as the Merkle tree uses it: one byte that says what is hashed, then the data. Only for public data. The
 * processor's SHA instructions are used where there are any, libsodium where not; both give the same bytes.
 */
#ifndef PROTOCOL_BASE_SHA256_H
#define PROTOCOL_BASE_SHA256_H

#include "protocol/base/bytes.h"

/* out = SHA-256(prefix || data). */
void sha256_prefixed(uint8_t out[32], uint8_t prefix, struct span data);

/* out = SHA-256(data). */
void sha256(uint8_t out[32], struct span data);

/* The two ways, for tests: by libsodium; and by the instructions, false (and nothing done) where there are none. */
void sha256_prefixed_portable(uint8_t out[32], uint8_t prefix, struct span data);
bool sha256_prefixed_shani(uint8_t out[32], uint8_t prefix, struct span data);

#endif
