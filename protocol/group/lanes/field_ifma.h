/*
 * GF(2^255 - 19) in eight lanes of AVX-512 IFMA, which multiplies 52 bits by 52 and gives the lower or the upper 52
 * bits of the product, added to 64. Five limbs of 51 bits: in radix 2^52 every sum of two would have to be carried
 * before it could be multiplied; one bit less leaves room for what a parallel carry does not bring home. The types and
 * rules are those of field_portable.h.
 */
#ifndef PROTOCOL_GROUP_FIELD_IFMA_H
#define PROTOCOL_GROUP_FIELD_IFMA_H

#include "protocol/group/engine.h"

#include <immintrin.h>
#include <string.h>

#define LANES 8
#define GROUPS 2

/*
 * Bounds. All of an fe has been carried: limb 0 is below 2^51 + 2^16 and the others below 2^51 + 2^11, so all fit
 * the multiplier's 52 bits. The limbs of a term are below 2^58.98 (fe_mul_wide() says why); those of an fw, with three
 * terms and the 2^60 of fw_sub(), below 3 * 2^58.98 + 2^60 < 2^61.4. Carrying that leaves what was said of an fe.
 */
typedef struct {
    __m512i v[5];
} fe;
typedef struct {
    __m512i v[5];
} fw;
typedef __mmask8 mask;

#define LIMB_MASK (((uint64_t)1 << 51) - 1)

/* The loops over limbs must vanish, whatever the optimisation level: limbs live in registers. */
#define UNROLL _Pragma("GCC unroll 24")

ALWAYS_INLINE __m512i lanes_all(uint64_t v)
{
    return _mm512_set1_epi64((long long)v);
}

ALWAYS_INLINE fe fe_const(const uint64_t limb[5])
{
    fe r;
    UNROLL
    for (int i = 0; i < 5; i++)
        r.v[i] = lanes_all(limb[i]);
    return r;
}

ALWAYS_INLINE fw fe_wide(fe a)
{
    return (fw){{a.v[0], a.v[1], a.v[2], a.v[3], a.v[4]}};
}

ALWAYS_INLINE fw fw_add(fw a, fw b)
{
    UNROLL
    for (int i = 0; i < 5; i++)
        a.v[i] = _mm512_add_epi64(a.v[i], b.v[i]);
    return a;
}

/* 2^9 * p, whose limbs are 2^60 - 19 * 2^9 and 2^60 - 2^9, is above any two terms: 2 * 2^58.98 < 2^60 - 19 * 2^9. */
ALWAYS_INLINE fw fw_sub(fw a, fw b)
{
    const __m512i p0 = lanes_all((LIMB_MASK - 18) << 9), p = lanes_all(LIMB_MASK << 9);
    UNROLL
    for (int i = 0; i < 5; i++)
        a.v[i] = _mm512_sub_epi64(_mm512_add_epi64(a.v[i], i == 0 ? p0 : p), b.v[i]);
    return a;
}

/* All limbs at once: below 2^62 each, they carry less than 2^11, and 19 times that is below 2^16. */
ALWAYS_INLINE fe fw_carry(fw a)
{
    const __m512i low = lanes_all(LIMB_MASK);
    fe r;
    r.v[0] = _mm512_madd52lo_epu64(_mm512_and_si512(a.v[0], low), _mm512_srli_epi64(a.v[4], 51), lanes_all(19));
    UNROLL
    for (int i = 1; i < 5; i++)
        r.v[i] = _mm512_add_epi64(_mm512_and_si512(a.v[i], low), _mm512_srli_epi64(a.v[i - 1], 51));
    return r;
}

ALWAYS_INLINE fe fw_reduce(fw a)
{
    return fw_carry(a);
}

/*
 * Columns c[k] of weight 2^(51k), folded by 2^255 = 19. The multiplication by 19 costs one instruction; gcc knows
 * better for other processors and makes it shifts and additions, unless it cannot see the 19.
 */
ALWAYS_INLINE fw fold(const __m512i c[10])
{
    __m512i nineteen = lanes_all(19);
    __asm__("" : "+v"(nineteen));
    fw r;
    UNROLL
    for (int k = 0; k < 5; k++)
        r.v[k] = _mm512_add_epi64(c[k], _mm512_mullo_epi64(c[k + 5], nineteen));
    return r;
}

/*
 * a_i * b_j = lo + 2^52 * hi, and 2^52 is twice the weight of the next column: c[k] = sum of lo for i + j = k, and of
 * 2 * hi for i + j = k - 1. The upper halves come first, are doubled, and the lower ones are added on top.
 *
 * lo < 2^52, and 2 * hi < 2 * (2^51 + 2^16)^2 / 2^52 = 2^51 + 2^17 + 1. The largest folded column is r[0] = c[0] + 19 *
 * c[5] with c[0] one lo, c[5] four lo and five hi: 1 + 19 * (4 + 5/2) = 124.5 times 2^52, below 2^58.97.
 */
ALWAYS_INLINE fw fe_mul_wide(fe a, fe b)
{
    __m512i c[10];
    UNROLL
    for (int k = 0; k < 10; k++)
        c[k] = _mm512_setzero_si512();
    UNROLL
    for (int i = 0; i < 5; i++)
        UNROLL
    for (int j = 0; j < 5; j++)
        c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.v[i], b.v[j]);
    UNROLL
    for (int k = 1; k < 10; k++)
        c[k] = _mm512_add_epi64(c[k], c[k]);
    UNROLL
    for (int i = 0; i < 5; i++)
        UNROLL
    for (int j = 0; j < 5; j++)
        c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.v[i], b.v[j]);
    return fold(c);
}

/*
 * The same, with what occurs twice computed once. A limb cannot be doubled beforehand, it would not fit 52 bits; so the
 * columns are doubled in between: upper halves of i < j, doubled; upper halves of squares and lower ones of i < j,
 * doubled; lower halves of squares.
 */
ALWAYS_INLINE fw fe_square_wide(fe a)
{
    __m512i c[10];
    UNROLL
    for (int k = 0; k < 10; k++)
        c[k] = _mm512_setzero_si512();
    UNROLL
    for (int i = 0; i < 5; i++)
        UNROLL
    for (int j = i + 1; j < 5; j++)
        c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.v[i], a.v[j]);
    UNROLL
    for (int k = 2; k < 9; k++)
        c[k] = _mm512_add_epi64(c[k], c[k]);
    UNROLL
    for (int i = 0; i < 5; i++)
        c[2 * i + 1] = _mm512_madd52hi_epu64(c[2 * i + 1], a.v[i], a.v[i]);
    UNROLL
    for (int i = 0; i < 5; i++)
        UNROLL
    for (int j = i + 1; j < 5; j++)
        c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.v[i], a.v[j]);
    UNROLL
    for (int k = 1; k < 10; k++)
        c[k] = _mm512_add_epi64(c[k], c[k]);
    UNROLL
    for (int i = 0; i < 5; i++)
        c[2 * i] = _mm512_madd52lo_epu64(c[2 * i], a.v[i], a.v[i]);
    return fold(c);
}

/* As in field_portable.h: an fe is below 2p, and 19 carries out of the top exactly when it is p or more. */
ALWAYS_INLINE fe fe_freeze(fe a)
{
    const __m512i low = lanes_all(LIMB_MASK), nineteen = lanes_all(19);
    __m512i q = _mm512_srli_epi64(_mm512_add_epi64(a.v[0], nineteen), 51);
    UNROLL
    for (int i = 1; i < 5; i++)
        q = _mm512_srli_epi64(_mm512_add_epi64(a.v[i], q), 51);
    a.v[0] = _mm512_madd52lo_epu64(a.v[0], q, nineteen);
    UNROLL
    for (int i = 0; i < 4; i++) {
        a.v[i + 1] = _mm512_add_epi64(a.v[i + 1], _mm512_srli_epi64(a.v[i], 51));
        a.v[i] = _mm512_and_si512(a.v[i], low);
    }
    a.v[4] = _mm512_and_si512(a.v[4], low);
    return a;
}

ALWAYS_INLINE mask mask_all(unsigned bit)
{
    return (mask) - (int)bit;
}

ALWAYS_INLINE mask mask_from_bits(unsigned bits)
{
    return (mask)bits;
}

ALWAYS_INLINE unsigned mask_bits(mask m)
{
    return m;
}

ALWAYS_INLINE mask fe_same(fe a, fe b)
{
    __m512i differ = _mm512_xor_si512(a.v[0], b.v[0]);
    UNROLL
    for (int i = 1; i < 5; i++)
        differ = _mm512_or_si512(differ, _mm512_xor_si512(a.v[i], b.v[i]));
    return _mm512_testn_epi64_mask(differ, differ);
}

ALWAYS_INLINE mask fe_odd(fe a)
{
    return _mm512_test_epi64_mask(a.v[0], lanes_all(1));
}

ALWAYS_INLINE fe fe_select(mask m, fe a, fe b)
{
    UNROLL
    for (int i = 0; i < 5; i++)
        b.v[i] = _mm512_mask_mov_epi64(b.v[i], m, a.v[i]);
    return b;
}

/* Eight rows of eight words become columns: pairs, then quadruples, then halves change places. */
ALWAYS_INLINE void transpose(__m512i r[8])
{
    __m512i s[8], t[8];
    UNROLL
    for (int i = 0; i < 8; i += 2) {
        s[i] = _mm512_unpacklo_epi64(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_epi64(r[i], r[i + 1]);
    }
    UNROLL
    for (int i = 0; i < 2; i++) {
        t[i] = _mm512_shuffle_i64x2(s[i], s[i + 2], 0x88);
        t[i + 2] = _mm512_shuffle_i64x2(s[i], s[i + 2], 0xdd);
        t[i + 4] = _mm512_shuffle_i64x2(s[i + 4], s[i + 6], 0x88);
        t[i + 6] = _mm512_shuffle_i64x2(s[i + 4], s[i + 6], 0xdd);
    }
    UNROLL
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i64x2(t[i], t[i + 4], 0x88);
        r[i + 4] = _mm512_shuffle_i64x2(t[i], t[i + 4], 0xdd);
    }
}

/* The words of a row that lie in its eight from `first`. */
ALWAYS_INLINE __mmask8 words_of(int first, int words)
{
    return (__mmask8)(words - first >= 8 ? 0xff : (1 << (words - first)) - 1);
}

ALWAYS_INLINE void fe_load(fe *out, const uint64_t *const row[LANES], int count)
{
    UNROLL
    for (int w = 0; w < 5 * count; w += 8) {
        __m512i r[8];
        UNROLL
        for (int l = 0; l < 8; l++)
            r[l] = _mm512_maskz_loadu_epi64(words_of(w, 5 * count), row[l] + w);
        transpose(r);
        UNROLL
        for (int i = 0; i < 8; i++)
            if (w + i < 5 * count)
                out[(w + i) / 5].v[(w + i) % 5] = r[i];
    }
}

ALWAYS_INLINE void fe_store(uint64_t *const row[LANES], const fe *in, int count)
{
    UNROLL
    for (int w = 0; w < 5 * count; w += 8) {
        __m512i r[8];
        UNROLL
        for (int i = 0; i < 8; i++)
            r[i] = w + i < 5 * count ? in[(w + i) / 5].v[(w + i) % 5] : _mm512_setzero_si512();
        transpose(r);
        UNROLL
        for (int l = 0; l < 8; l++)
            _mm512_mask_storeu_epi64(row[l] + w, words_of(w, 5 * count), r[l]);
    }
}

/*
 * A limb of all 32 entries is four vectors, and a permutation of two of them by the index looks up sixteen at once.
 * What is permuted does not show in its timing.
 */
ALWAYS_INLINE void fe_lookup(fe out[3], const uint64_t table[15][BASE_ENTRIES], const uint64_t index[LANES])
{
    _Static_assert(BASE_ENTRIES == 32, "five bits choose an entry");
    const __m512i one = lanes_all(1), given = _mm512_loadu_si512(index), entry = _mm512_sub_epi64(given, one);
    const __mmask8 some = _mm512_test_epi64_mask(given, given), upper = _mm512_test_epi64_mask(entry, lanes_all(16));
    UNROLL
    for (int w = 0; w < 15; w++) {
        const __m512i *t = (const __m512i *)table[w];
        const __m512i low = _mm512_permutex2var_epi64(t[0], entry, t[1]);
        const __m512i high = _mm512_permutex2var_epi64(t[2], entry, t[3]);
        const __m512i found = _mm512_mask_mov_epi64(low, upper, high);
        const __m512i none = w % 5 == 0 && w < 10 ? one : _mm512_setzero_si512();
        out[w / 5].v[w % 5] = _mm512_mask_mov_epi64(none, some, found);
    }
}

#endif
