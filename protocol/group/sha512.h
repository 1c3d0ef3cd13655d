/*
 * SHA-512's compression function on several messages side by side: what hash.c uses where there are enough of them and
 * the processor has the instructions. Constant time.
 */
#ifndef PROTOCOL_GROUP_SHA512_H
#define PROTOCOL_GROUP_SHA512_H

#include <stdint.h>

#define SHA512_BLOCK 128
#define SHA512_LANES_AVX2 4
#define SHA512_LANES_IFMA 8
#define SHA512_LANES_MAX SHA512_LANES_IFMA

/* Takes one block of each message into its state: word i of lane l is state[i * lanes + l]. */
void sha512_compress_ifma(uint64_t *state, const uint8_t *const *block);
void sha512_compress_avx2(uint64_t *state, const uint8_t *const *block);

#endif
