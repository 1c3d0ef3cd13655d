/*
 * BLAKE2b (RFC 7693) of one short text under many keys at once: what tags of seal keys and slopes of slots are made of.
 * Side by side where the processor has the instructions, one by one with libsodium where not. Constant time.
 */
#ifndef PROTOCOL_GROUP_BLAKE2B_H
#define PROTOCOL_GROUP_BLAKE2B_H

#include "protocol/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

#define BLAKE2B_BLOCK 128
#define BLAKE2B_LANES_AVX2 4
#define BLAKE2B_LANES_IFMA 8
#define BLAKE2B_LANES_MAX BLAKE2B_LANES_IFMA

/*
 * out[i] = crypto_generichash(text, key[i]), of out_len bytes: 16 to 64. A key has key_len bytes, a multiple of 8 from
 * 16 to 64; the text 1 to BLAKE2B_BLOCK. An out may be its own key.
 */
void blake2b_keyed(uint8_t *const *out, size_t out_len, struct span text, const uint8_t *const *key, size_t key_len,
                   size_t n);

/* --- what the lanes share --- */

/* Section 2.6. */
static const uint64_t blake2b_start[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/*
 * Takes one block of each message into its state: word i of lane l is [i * lanes + l]. taken: bytes of the message with
 * this block; last: there is none behind it.
 */
void blake2b_compress_ifma(uint64_t *state, const uint64_t *block, uint64_t taken, bool last);
void blake2b_compress_avx2(uint64_t *state, const uint64_t *block, uint64_t taken, bool last);

#endif
