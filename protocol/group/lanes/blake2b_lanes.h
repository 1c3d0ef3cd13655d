/*
 * BLAKE2b's compression function (RFC 7693 section 3.2) on LANES messages side by side, a 64-bit word of each in every
 * vector. The file of an instruction set defines LANES and includes this; its compiler flags say what the vectors
 * become. No branch, index or address depends on the messages.
 */
#ifndef PROTOCOL_GROUP_BLAKE2B_LANES_H
#define PROTOCOL_GROUP_BLAKE2B_LANES_H

#include "protocol/group/blake2b.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

/* Section 2.7. */
static const uint8_t order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

INLINE lanes rotate(lanes x, int n)
{
    return x >> n | x << (64 - n);
}

/* G of section 3.1. */
INLINE void mix(lanes *a, lanes *b, lanes *c, lanes *d, lanes x, lanes y)
{
    *a += *b + x;
    *d = rotate(*d ^ *a, 32);
    *c += *d;
    *b = rotate(*b ^ *c, 24);
    *a += *b + y;
    *d = rotate(*d ^ *a, 16);
    *c += *d;
    *b = rotate(*b ^ *c, 63);
}

INLINE void compress(uint64_t state[8][LANES], const uint64_t block[16][LANES], uint64_t taken, bool last)
{
    lanes h[8], m[16], v[16];
    memcpy(h, state, sizeof h);
    memcpy(m, block, sizeof m);
    memcpy(v, state, sizeof h);
    for (int i = 0; i < 8; i++)
        v[8 + i] = (lanes){0} + blake2b_start[i];
    v[12] ^= taken;
    v[14] ^= last ? UINT64_MAX : 0;
    for (int r = 0; r < 12; r++) {
        const uint8_t *o = order[r % 10];
        mix(&v[0], &v[4], &v[8], &v[12], m[o[0]], m[o[1]]);
        mix(&v[1], &v[5], &v[9], &v[13], m[o[2]], m[o[3]]);
        mix(&v[2], &v[6], &v[10], &v[14], m[o[4]], m[o[5]]);
        mix(&v[3], &v[7], &v[11], &v[15], m[o[6]], m[o[7]]);
        mix(&v[0], &v[5], &v[10], &v[15], m[o[8]], m[o[9]]);
        mix(&v[1], &v[6], &v[11], &v[12], m[o[10]], m[o[11]]);
        mix(&v[2], &v[7], &v[8], &v[13], m[o[12]], m[o[13]]);
        mix(&v[3], &v[4], &v[9], &v[14], m[o[14]], m[o[15]]);
    }
    for (int i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[8 + i];
    memcpy(state, h, sizeof h);
}

#endif
