/*
 * SHA-512's compression function (FIPS 180-4 section 6.4.2) on LANES messages side by side, a 64-bit word of each in
 * every vector. The file of an instruction set defines LANES and includes this; its compiler flags say what the vectors
 * become. No branch, index or address depends on the messages.
 */
#ifndef PROTOCOL_GROUP_SHA512_LANES_H
#define PROTOCOL_GROUP_SHA512_LANES_H

#include "protocol/group/sha512.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

/* The first 64 bits of the fractional parts of the cube roots of the first eighty primes (section 4.2.3). */
static const uint64_t round_constant[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

INLINE lanes rotate(lanes x, int n)
{
    return x >> n | x << (64 - n);
}

/* Section 4.1.3. */
INLINE lanes choose(lanes x, lanes y, lanes z)
{
    return ((y ^ z) & x) ^ z;
}

INLINE lanes majority(lanes x, lanes y, lanes z)
{
    return (x & y) | (z & (x | y));
}

INLINE lanes large_sigma0(lanes x)
{
    return rotate(x, 28) ^ rotate(x, 34) ^ rotate(x, 39);
}

INLINE lanes large_sigma1(lanes x)
{
    return rotate(x, 14) ^ rotate(x, 18) ^ rotate(x, 41);
}

INLINE lanes small_sigma0(lanes x)
{
    return rotate(x, 1) ^ rotate(x, 8) ^ x >> 7;
}

INLINE lanes small_sigma1(lanes x)
{
    return rotate(x, 19) ^ rotate(x, 61) ^ x >> 6;
}

/* Word i of every lane's block into w[i], most significant byte first in the block. */
INLINE void load_blocks(lanes w[16], const uint8_t *const block[LANES])
{
    uint64_t word[16][LANES] __attribute__((aligned(64)));
    for (int l = 0; l < LANES; l++)
        for (int i = 0; i < 16; i++) {
            uint64_t x;
            memcpy(&x, block[l] + 8 * i, sizeof x);
            word[i][l] = __builtin_bswap64(x);
        }
    memcpy(w, word, sizeof word);
}

/* The next sixteen words of the message schedule over the last sixteen. */
INLINE void extend(lanes w[16])
{
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        w[i] += small_sigma1(w[(i + 14) & 15]) + w[(i + 9) & 15] + small_sigma0(w[(i + 1) & 15]);
}

INLINE void compress(uint64_t state[8][LANES], const uint8_t *const block[LANES])
{
    lanes w[16], in[8];
    load_blocks(w, block);
    memcpy(in, state, sizeof in);
    lanes a = in[0], b = in[1], c = in[2], d = in[3], e = in[4], f = in[5], g = in[6], h = in[7];
    for (int i = 0; i < 80; i += 16) {
        if (i > 0)
            extend(w);
#pragma GCC unroll 16
        for (int r = 0; r < 16; r++) {
            lanes t1 = h + large_sigma1(e) + choose(e, f, g) + (w[r] + round_constant[i + r]);
            lanes t2 = large_sigma0(a) + majority(a, b, c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
    }
    const lanes out[8] = {in[0] + a, in[1] + b, in[2] + c, in[3] + d, in[4] + e, in[5] + f, in[6] + g, in[7] + h};
    memcpy(state, out, sizeof out);
}

#endif
