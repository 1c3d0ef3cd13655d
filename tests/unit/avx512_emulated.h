/*
 * The AVX-512 instructions that field_ifma.h uses, in plain C, so that valgrind can follow them and any processor run
 * them. Include it before field_ifma.h. As in the processor, what is done to a lane depends on no lane's value: no
 * branch and no address. Masks of loads and stores are the exception; they are constants there.
 */
#ifndef TESTS_UNIT_AVX512_EMULATED_H
#define TESTS_UNIT_AVX512_EMULATED_H

#include "protocol/group/engine.h"

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/*
 * Eight lanes for each instruction are many: the compiler shall not put them all into one function; and it does not
 * see any more, then, that loops over groups run at least once.
 */
#define EMULATED static __attribute__((noinline, unused))
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

typedef struct {
    uint64_t w[8];
} emulated;

#define EMULATE(name, expression)                                                                                      \
    EMULATED emulated name(emulated a, emulated b)                                                                     \
    {                                                                                                                  \
        emulated r;                                                                                                    \
        for (int l = 0; l < 8; l++)                                                                                    \
            r.w[l] = expression;                                                                                       \
        return r;                                                                                                      \
    }

EMULATE(emulated_add, a.w[l] + b.w[l])
EMULATE(emulated_sub, a.w[l] - b.w[l])
EMULATE(emulated_mullo, a.w[l] * b.w[l])
EMULATE(emulated_and, a.w[l] & b.w[l])
EMULATE(emulated_or, a.w[l] | b.w[l])
EMULATE(emulated_xor, a.w[l] ^ b.w[l])
EMULATE(emulated_unpacklo, l % 2 == 0 ? a.w[l] : b.w[l - 1])
EMULATE(emulated_unpackhi, l % 2 == 0 ? a.w[l + 1] : b.w[l])

EMULATED emulated emulated_set1(long long v)
{
    emulated r;
    for (int l = 0; l < 8; l++)
        r.w[l] = (uint64_t)v;
    return r;
}

EMULATED emulated emulated_srli(emulated a, unsigned n)
{
    for (int l = 0; l < 8; l++)
        a.w[l] >>= n;
    return a;
}

EMULATED unsigned __int128 emulated_product(uint64_t a, uint64_t b)
{
    const uint64_t low = ((uint64_t)1 << 52) - 1;
    return (unsigned __int128)(a & low) * (b & low);
}

EMULATED emulated emulated_madd52lo(emulated c, emulated a, emulated b)
{
    for (int l = 0; l < 8; l++)
        c.w[l] += (uint64_t)emulated_product(a.w[l], b.w[l]) & (((uint64_t)1 << 52) - 1);
    return c;
}

EMULATED emulated emulated_madd52hi(emulated c, emulated a, emulated b)
{
    for (int l = 0; l < 8; l++)
        c.w[l] += (uint64_t)(emulated_product(a.w[l], b.w[l]) >> 52);
    return c;
}

/* All ones or zero. */
EMULATED uint64_t emulated_spread(__mmask8 k, int lane)
{
    return -(uint64_t)(k >> lane & 1);
}

EMULATED __mmask8 emulated_test(emulated a, emulated b)
{
    unsigned k = 0;
    for (int l = 0; l < 8; l++) {
        const uint64_t x = a.w[l] & b.w[l];
        k |= (unsigned)((x | -x) >> 63) << l;
    }
    return (__mmask8)k;
}

EMULATED __mmask8 emulated_testn(emulated a, emulated b)
{
    return (__mmask8)~emulated_test(a, b);
}

EMULATED emulated emulated_mask_mov(emulated a, __mmask8 k, emulated b)
{
    for (int l = 0; l < 8; l++)
        a.w[l] ^= (a.w[l] ^ b.w[l]) & emulated_spread(k, l);
    return a;
}

EMULATED emulated emulated_permutex2var(emulated a, emulated index, emulated b)
{
    emulated r;
    for (int l = 0; l < 8; l++) {
        r.w[l] = 0;
        for (uint64_t j = 0; j < 16; j++) {
            const uint64_t differ = (index.w[l] & 15) ^ j;
            r.w[l] |= ((differ - 1) >> 63) * (j < 8 ? a.w[j] : b.w[j - 8]);
        }
    }
    return r;
}

EMULATED emulated emulated_shuffle(emulated a, emulated b, int control)
{
    emulated r;
    for (int pair = 0; pair < 4; pair++) {
        const int from = control >> (2 * pair) & 3;
        memcpy(r.w + 2 * pair, (pair < 2 ? a.w : b.w) + 2 * from, 2 * sizeof *r.w);
    }
    return r;
}

EMULATED emulated emulated_load(__mmask8 k, const void *p)
{
    emulated r;
    for (int l = 0; l < 8; l++)
        r.w[l] = k >> l & 1 ? ((const uint64_t *)p)[l] : 0;
    return r;
}

EMULATED void emulated_store(void *p, __mmask8 k, emulated a)
{
    for (int l = 0; l < 8; l++)
        if (k >> l & 1)
            ((uint64_t *)p)[l] = a.w[l];
}

#undef ALWAYS_INLINE
#define ALWAYS_INLINE EMULATED
#define __m512i emulated
#define _mm512_add_epi64 emulated_add
#define _mm512_sub_epi64 emulated_sub
#define _mm512_mullo_epi64 emulated_mullo
#define _mm512_and_si512 emulated_and
#define _mm512_or_si512 emulated_or
#define _mm512_xor_si512 emulated_xor
#define _mm512_unpacklo_epi64 emulated_unpacklo
#define _mm512_unpackhi_epi64 emulated_unpackhi
#define _mm512_set1_epi64 emulated_set1
#define _mm512_setzero_si512() emulated_set1(0)
#define _mm512_srli_epi64 emulated_srli
#define _mm512_madd52lo_epu64 emulated_madd52lo
#define _mm512_madd52hi_epu64 emulated_madd52hi
#define _mm512_test_epi64_mask emulated_test
#define _mm512_testn_epi64_mask emulated_testn
#define _mm512_mask_mov_epi64 emulated_mask_mov
#define _mm512_permutex2var_epi64 emulated_permutex2var
#define _mm512_shuffle_i64x2 emulated_shuffle
#define _mm512_maskz_loadu_epi64 emulated_load
#define _mm512_mask_storeu_epi64 emulated_store
#define _mm512_loadu_si512(p) emulated_load(0xff, p)

/* field_ifma.h hides a constant from the compiler by a statement that asks for a vector register. */
#define __asm__(...) (void)0

#endif
