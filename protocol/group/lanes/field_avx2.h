/*
 * GF(2^255 - 19) in four lanes of AVX2, whose multiplier takes 32 bits: ten limbs of 26 and 25 bits by turns, limb i of
 * weight 2^ceil(25.5 i), as in D. J. Bernstein's and others' curve25519 implementations. The types and rules are
 * those of field_portable.h.
 */
#ifndef PROTOCOL_GROUP_FIELD_AVX2_H
#define PROTOCOL_GROUP_FIELD_AVX2_H

#include "protocol/group/engine.h"

#include <immintrin.h>
#include <string.h>

#define LANES 4
#define GROUPS 2

/*
 * Bounds. The even limbs of an fe are below 2^26 + 2^18, the odd ones below 2^25 + 2^18. Columns of a term are below
 * 2^59 where even and 2^58.4 where odd (fe_mul_wide() says why); those of an fw, with three terms and the 2^61 or 2^60
 * of fw_sub(), below 2^61.9 and 2^61. fw_carry() leaves what was said of an fe.
 */
typedef struct {
    __m256i v[10];
} fe;
typedef struct {
    __m256i v[10];
} fw;
typedef __m256i mask;

/* The loops over limbs must vanish, whatever the optimisation level. */
#define UNROLL _Pragma("GCC unroll 24")

#define LOW_26 (((uint64_t)1 << 26) - 1)
#define LOW_25 (((uint64_t)1 << 25) - 1)
#define LOW_51 (((uint64_t)1 << 51) - 1)

ALWAYS_INLINE __m256i lanes_all(uint64_t v)
{
    return _mm256_set1_epi64x((long long)v);
}

/* Five limbs of 51 bits are ten of 26 and 25; the upper halves keep what exceeds 51. */
ALWAYS_INLINE fe fe_split(const __m256i limb[5])
{
    fe r;
    UNROLL
    for (int i = 0; i < 5; i++) {
        r.v[2 * i] = _mm256_and_si256(limb[i], lanes_all(LOW_26));
        r.v[2 * i + 1] = _mm256_srli_epi64(limb[i], 26);
    }
    return r;
}

/* And back, carried once more: below 2^51 + 2^16. */
ALWAYS_INLINE void fe_join(__m256i limb[5], fe a)
{
    __m256i sum[5], carry[5];
    UNROLL
    for (int i = 0; i < 5; i++) {
        sum[i] = _mm256_add_epi64(a.v[2 * i], _mm256_slli_epi64(a.v[2 * i + 1], 26));
        carry[i] = _mm256_srli_epi64(sum[i], 51);
        sum[i] = _mm256_and_si256(sum[i], lanes_all(LOW_51));
    }
    limb[0] = _mm256_add_epi64(sum[0], _mm256_mul_epu32(carry[4], lanes_all(19)));
    UNROLL
    for (int i = 1; i < 5; i++)
        limb[i] = _mm256_add_epi64(sum[i], carry[i - 1]);
}

ALWAYS_INLINE fe fe_const(const uint64_t limb[5])
{
    __m256i all[5];
    UNROLL
    for (int i = 0; i < 5; i++)
        all[i] = lanes_all(limb[i]);
    return fe_split(all);
}

ALWAYS_INLINE fw fe_wide(fe a)
{
    fw r;
    UNROLL
    for (int i = 0; i < 10; i++)
        r.v[i] = a.v[i];
    return r;
}

ALWAYS_INLINE fw fw_add(fw a, fw b)
{
    UNROLL
    for (int i = 0; i < 10; i++)
        a.v[i] = _mm256_add_epi64(a.v[i], b.v[i]);
    return a;
}

/* 2^35 * p is above any two terms in every column: 2^61 - 19 * 2^35 and 2^60 - 2^35 in turn. */
ALWAYS_INLINE fw fw_sub(fw a, fw b)
{
    const __m256i p0 = lanes_all((LOW_26 - 18) << 35), even = lanes_all(LOW_26 << 35), odd = lanes_all(LOW_25 << 35);
    UNROLL
    for (int i = 0; i < 10; i++)
        a.v[i] = _mm256_sub_epi64(_mm256_add_epi64(a.v[i], i == 0 ? p0 : i % 2 == 0 ? even : odd), b.v[i]);
    return a;
}

/* Limb i's excess goes to limb i + 1; limb 9's, times 19, to limb 0. */
ALWAYS_INLINE void carry_on(__m256i c[10], int i)
{
    const __m256i excess = _mm256_srli_epi64(c[i], i % 2 == 0 ? 26 : 25);
    c[i] = _mm256_and_si256(c[i], lanes_all(i % 2 == 0 ? LOW_26 : LOW_25));
    if (i < 9) {
        c[i + 1] = _mm256_add_epi64(c[i + 1], excess);
    } else {
        const __m256i three = _mm256_add_epi64(excess, _mm256_add_epi64(excess, excess));
        c[0] = _mm256_add_epi64(c[0], _mm256_add_epi64(three, _mm256_slli_epi64(excess, 4)));
    }
}

/*
 * Two chains side by side, from limb 0 and from limb 4, each a limb further than the other began. A column below 2^61.9
 * carries less than 2^37; what limb 9 returns is below 19 * 2^37 < 2^41.3, of which limb 0 passes on less than 2^16.
 * Limb 4 is carried a second time with less than 2^37 in it, and passes on less than 2^12.
 */
ALWAYS_INLINE fe fw_carry(fw a)
{
    static const int order[12] = {0, 4, 1, 5, 2, 6, 3, 7, 4, 8, 9, 0};
    UNROLL
    for (int i = 0; i < 12; i++)
        carry_on(a.v, order[i]);
    fe r;
    UNROLL
    for (int i = 0; i < 10; i++)
        r.v[i] = a.v[i];
    return r;
}

ALWAYS_INLINE fe fw_reduce(fw a)
{
    return fw_carry(a);
}

/*
 * Column k = sum of a_i * b_j for i + j = k, and 19 times that for i + j = k + 10; doubled where i and j are both odd,
 * since their weights multiply to twice the column's. 19 * b_j < 19 * (2^26 + 2^18) < 2^31 and 2 * a_i fit the
 * multiplier. In units of 2^52 (with even limbs 1 and odd ones 1/2) column 0 is largest of the even ones: 1 + 19 * (4 +
 * 5 * 2/4) = 124.5, below 2^7; and column 1 of the odd ones: (2 + 19 * 8) / 2 = 77, below 2^6.3.
 */
ALWAYS_INLINE fw fe_mul_wide(fe a, fe b)
{
    __m256i b19[10], a2[10];
    UNROLL
    for (int i = 1; i < 10; i++)
        b19[i] = _mm256_mul_epu32(b.v[i], lanes_all(19));
    UNROLL
    for (int i = 1; i < 10; i += 2)
        a2[i] = _mm256_add_epi64(a.v[i], a.v[i]);
    fw r;
    UNROLL
    for (int k = 0; k < 10; k++) {
        UNROLL
        for (int i = 0; i < 10; i++) {
            const int j = i <= k ? k - i : k + 10 - i;
            const __m256i x = i % 2 == 1 && j % 2 == 1 ? a2[i] : a.v[i], y = i <= k ? b.v[j] : b19[j];
            const __m256i product = _mm256_mul_epu32(x, y);
            r.v[k] = i == 0 ? product : _mm256_add_epi64(r.v[k], product);
        }
    }
    return r;
}

/* The same with each pair of different limbs once, one of them doubled. */
ALWAYS_INLINE fw fe_square_wide(fe a)
{
    __m256i a2[10], a19[10];
    UNROLL
    for (int i = 0; i < 10; i++) {
        a2[i] = _mm256_add_epi64(a.v[i], a.v[i]);
        if (i >= 5)
            a19[i] = _mm256_mul_epu32(i % 2 == 1 ? a2[i] : a.v[i], lanes_all(19));
    }
    fw r;
    UNROLL
    for (int k = 0; k < 10; k++) {
        r.v[k] = _mm256_setzero_si256();
        UNROLL
        for (int i = 0; i < 10; i++) {
            const int j = i <= k ? k - i : k + 10 - i;
            if (i > j)
                continue;
            /* Doubled for two orders, and doubled for two odd limbs; a19 of an odd limb has been doubled once. */
            const int twice = (i < j) + (i % 2 == 1 && j % 2 == 1), folded = i > k;
            __m256i y = folded ? a19[j] : a.v[j];
            const int left = twice - (folded && j % 2 == 1);
            const __m256i x = left >= 1 ? a2[i] : a.v[i];
            if (left == 2)
                y = a2[j];
            r.v[k] = _mm256_add_epi64(r.v[k], _mm256_mul_epu32(x, y));
        }
    }
    return r;
}

/* On limbs of 51 bits, as in field_portable.h. */
ALWAYS_INLINE fe fe_freeze(fe a)
{
    const __m256i nineteen = lanes_all(19);
    __m256i l[5];
    fe_join(l, a);
    __m256i q = _mm256_srli_epi64(_mm256_add_epi64(l[0], nineteen), 51);
    UNROLL
    for (int i = 1; i < 5; i++)
        q = _mm256_srli_epi64(_mm256_add_epi64(l[i], q), 51);
    l[0] = _mm256_add_epi64(l[0], _mm256_mul_epu32(q, nineteen));
    UNROLL
    for (int i = 0; i < 4; i++) {
        l[i + 1] = _mm256_add_epi64(l[i + 1], _mm256_srli_epi64(l[i], 51));
        l[i] = _mm256_and_si256(l[i], lanes_all(LOW_51));
    }
    l[4] = _mm256_and_si256(l[4], lanes_all(LOW_51));
    return fe_split(l);
}

ALWAYS_INLINE mask mask_all(unsigned bit)
{
    return lanes_all(-(uint64_t)bit);
}

ALWAYS_INLINE mask mask_from_bits(unsigned bits)
{
    const __m256i lane = _mm256_set_epi64x(8, 4, 2, 1);
    return _mm256_cmpeq_epi64(_mm256_and_si256(lanes_all(bits), lane), lane);
}

ALWAYS_INLINE unsigned mask_bits(mask m)
{
    return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(m));
}

ALWAYS_INLINE mask fe_same(fe a, fe b)
{
    __m256i differ = _mm256_xor_si256(a.v[0], b.v[0]);
    UNROLL
    for (int i = 1; i < 10; i++)
        differ = _mm256_or_si256(differ, _mm256_xor_si256(a.v[i], b.v[i]));
    return _mm256_cmpeq_epi64(differ, _mm256_setzero_si256());
}

ALWAYS_INLINE mask fe_odd(fe a)
{
    return _mm256_cmpeq_epi64(_mm256_and_si256(a.v[0], lanes_all(1)), lanes_all(1));
}

ALWAYS_INLINE fe fe_select(mask m, fe a, fe b)
{
    UNROLL
    for (int i = 0; i < 10; i++)
        b.v[i] = _mm256_blendv_epi8(b.v[i], a.v[i], m);
    return b;
}

/* Four rows of four words become columns. */
ALWAYS_INLINE void transpose(__m256i r[4])
{
    const __m256i a = _mm256_unpacklo_epi64(r[0], r[1]), b = _mm256_unpackhi_epi64(r[0], r[1]);
    const __m256i c = _mm256_unpacklo_epi64(r[2], r[3]), d = _mm256_unpackhi_epi64(r[2], r[3]);
    r[0] = _mm256_permute2x128_si256(a, c, 0x20);
    r[1] = _mm256_permute2x128_si256(b, d, 0x20);
    r[2] = _mm256_permute2x128_si256(a, c, 0x31);
    r[3] = _mm256_permute2x128_si256(b, d, 0x31);
}

/* The words of a row that lie in its four from `first`. */
ALWAYS_INLINE __m256i words_of(int first, int words)
{
    return _mm256_cmpgt_epi64(lanes_all((uint64_t)(words - first)), _mm256_set_epi64x(3, 2, 1, 0));
}

ALWAYS_INLINE void fe_load(fe *out, const uint64_t *const row[LANES], int count)
{
    __m256i limb[20];
    UNROLL
    for (int w = 0; w < 5 * count; w += 4) {
        UNROLL
        for (int l = 0; l < 4; l++)
            limb[w + l] = _mm256_maskload_epi64((const long long *)row[l] + w, words_of(w, 5 * count));
        transpose(limb + w);
    }
    UNROLL
    for (int f = 0; f < count; f++)
        out[f] = fe_split(limb + 5 * f);
}

ALWAYS_INLINE void fe_store(uint64_t *const row[LANES], const fe *in, int count)
{
    __m256i limb[20] = {0};
    UNROLL
    for (int f = 0; f < count; f++)
        fe_join(limb + 5 * f, in[f]);
    UNROLL
    for (int w = 0; w < 5 * count; w += 4) {
        transpose(limb + w);
        UNROLL
        for (int l = 0; l < 4; l++)
            _mm256_maskstore_epi64((long long *)row[l] + w, words_of(w, 5 * count), limb[w + l]);
    }
}

/* bit ? a : b, by the topmost bit of each lane. */
ALWAYS_INLINE __m256i choose(__m256i bit, __m256i a, __m256i b)
{
    return _mm256_castpd_si256(
        _mm256_blendv_pd(_mm256_castsi256_pd(b), _mm256_castsi256_pd(a), _mm256_castsi256_pd(bit)));
}

/*
 * A limb of all 32 entries is eight vectors: a permutation by the two lowest bits of the index picks from each, and the
 * upper three bits choose among the eight. What is permuted does not show in its timing.
 */
ALWAYS_INLINE void fe_lookup(fe out[3], const uint64_t table[15][BASE_ENTRIES], const uint64_t index[LANES])
{
    _Static_assert(BASE_ENTRIES == 32, "five bits choose an entry");
    const __m256i given = _mm256_loadu_si256((const __m256i *)index), entry = _mm256_sub_epi64(given, lanes_all(1));
    const __m256i none = _mm256_cmpeq_epi64(given, _mm256_setzero_si256());
    /* The two halves of a word are numbers 2e and 2e + 1 of a vector. */
    const __m256i low = _mm256_slli_epi64(_mm256_and_si256(entry, lanes_all(3)), 1);
    const __m256i halves = _mm256_or_si256(low, _mm256_slli_epi64(_mm256_add_epi64(low, lanes_all(1)), 32));
    const __m256i bit2 = _mm256_slli_epi64(entry, 61), bit3 = _mm256_slli_epi64(entry, 60);
    const __m256i bit4 = _mm256_slli_epi64(entry, 59);
    __m256i limb[15];
    UNROLL
    for (int w = 0; w < 15; w++) {
        const __m256i *t = (const __m256i *)table[w];
        __m256i four[8];
        UNROLL
        for (int i = 0; i < 8; i++)
            four[i] = _mm256_permutevar8x32_epi32(t[i], halves);
        UNROLL
        for (int i = 0; i < 4; i++)
            four[i] = choose(bit2, four[2 * i + 1], four[2 * i]);
        UNROLL
        for (int i = 0; i < 2; i++)
            four[i] = choose(bit3, four[2 * i + 1], four[2 * i]);
        limb[w] = choose(bit4, four[1], four[0]);
        limb[w] = choose(none, lanes_all(w % 5 == 0 && w < 10), limb[w]);
    }
    UNROLL
    for (int f = 0; f < 3; f++)
        out[f] = fe_split(limb + 5 * f);
}

#endif
