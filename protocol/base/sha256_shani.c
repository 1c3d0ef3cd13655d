/*
 * FIPS 180-4 with the SHA extensions of x86. The instructions keep the eight working variables in two registers, as
 * ABEF and CDGH, and do two rounds at once; sixteen message words are kept in four registers that take turns.
 */
#include "protocol/base/sha256.h"

#ifdef __SHA__

#include <cpuid.h>
#include <immintrin.h>

#define BLOCK SHA256_BLOCK

static const uint32_t round_constant[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* The state as FIPS orders it (a..h), in the two registers that the instructions want. */
struct state {
    __m128i abef, cdgh;
};

static void compress(struct state *state, const uint8_t *data, size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i abef = state->abef, cdgh = state->cdgh;
    for (; blocks > 0; blocks--, data += BLOCK) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i)), swap);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i now = w[i & 3];
            __m128i k = _mm_add_epi32(now, _mm_load_si128((const __m128i *)(const void *)(round_constant + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(k, 0x0e));
            /* The four words that are used sixteen rounds on: W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]. */
            if (i < 12) {
                __m128i t7 = _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4);
                __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(i + 1) & 3]), t7);
                w[i & 3] = _mm_sha256msg2_epu32(sum, w[(i + 3) & 3]);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    state->abef = abef;
    state->cdgh = cdgh;
}

/* CPUID leaf 7: EBX bit 29 is SHA; leaf 1: ECX bit 9 is SSSE3, bit 19 SSE4.1. */
static bool processor_has_it(void)
{
    static int known; /* 0: not asked yet, 1: yes, 2: no; writing it twice does no harm */
    unsigned a, b = 0, c = 0, d;
    int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (answer == 0) {
        bool sse = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c >> 9 & 1) != 0 && (c >> 19 & 1) != 0;
        bool sha = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
        answer = sse && sha ? 1 : 2;
        __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
    }
    return answer == 1;
}

bool sha256_blocks_shani(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    if (!processor_has_it())
        return false;
    struct state state = {_mm_set_epi32((int)h[0], (int)h[1], (int)h[4], (int)h[5]),
                          _mm_set_epi32((int)h[2], (int)h[3], (int)h[6], (int)h[7])};
    uint32_t abef[4], cdgh[4]; /* f e b a, h g d c */
    compress(&state, data, blocks);
    _mm_storeu_si128((__m128i *)(void *)abef, state.abef);
    _mm_storeu_si128((__m128i *)(void *)cdgh, state.cdgh);
    for (int i = 0; i < 2; i++) {
        h[i] = abef[3 - i];
        h[2 + i] = cdgh[3 - i];
        h[4 + i] = abef[1 - i];
        h[6 + i] = cdgh[1 - i];
    }
    return true;
}

#else

bool sha256_blocks_shani(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    (void)h;
    (void)data;
    (void)blocks;
    return false;
}

#endif
