/*
 * GF(2^255 - 19) in portable C: the reference of the three fields. One lane, five limbs of 51 bits, products in 128
 * bits.
 *
 * What every field_*.h offers to the formulas above it:
 *   LANES        elements that one fe holds, side by side and independent
 *   GROUPS       fe that go through the long powers together, so that one's latency hides behind the other's work
 *   fe           lanes of field elements, fit to be multiplied
 *   fw           a sum or difference on its way: what a product is before its carries are brought home
 *   mask         one truth value a lane; & | ^ ~ work on it
 * The rule that keeps all lanes from overflowing, and that the formulas obey: a product, or what was loaded, is one
 * term. At most three terms are added up; fw_sub() subtracts at most two. fw_carry() makes an fe again that is fit for
 * multiplications alone, unless it was given a lone product, which stays a term; fw_reduce() always gives a term.
 *
 * Nothing here branches on or indexes by a value.
 */
#ifndef PROTOCOL_GROUP_FIELD_PORTABLE_H
#define PROTOCOL_GROUP_FIELD_PORTABLE_H

#include "protocol/group/engine.h"

#include <string.h>

#define LANES 1
#define GROUPS 2

/*
 * Bounds. A term has limbs below 2^51 + 2^18: more than what multiplying and reducing leave. fw_sub() adds 4p, whose
 * limbs are 2^53 - 76 and 2^53 - 4, above two terms; so with three terms an fw has limbs below 3 * (2^51 + 2^18) + 2^53
 * < 2^53.9. That is still fit to be multiplied (see there), and nothing has to be carried: fw and fe are the same.
 */
typedef struct {
    uint64_t v[5];
} fe;
typedef fe fw;
typedef uint64_t mask;

#define LIMB_MASK (((uint64_t)1 << 51) - 1)

ALWAYS_INLINE fe fe_const(const uint64_t limb[5])
{
    return (fe){{limb[0], limb[1], limb[2], limb[3], limb[4]}};
}

ALWAYS_INLINE fw fe_wide(fe a)
{
    return a;
}

ALWAYS_INLINE fe fw_carry(fw a)
{
    return a;
}

/* From limbs of any size: below 2^51 + 2^13, but limb 0 below 2^51 + 19 * 2^13. */
ALWAYS_INLINE fe fw_reduce(fw a)
{
    fe r;
    r.v[0] = (a.v[0] & LIMB_MASK) + 19 * (a.v[4] >> 51);
    for (int i = 1; i < 5; i++)
        r.v[i] = (a.v[i] & LIMB_MASK) + (a.v[i - 1] >> 51);
    return r;
}

ALWAYS_INLINE fw fw_add(fw a, fw b)
{
    for (int i = 0; i < 5; i++)
        a.v[i] += b.v[i];
    return a;
}

ALWAYS_INLINE fw fw_sub(fw a, fw b)
{
    const uint64_t p4 = 4 * LIMB_MASK;
    a.v[0] += p4 - 72 - b.v[0];
    for (int i = 1; i < 5; i++)
        a.v[i] += p4 - b.v[i];
    return a;
}

/*
 * With limbs of a below 2^53.9 and of b below 2^53.9, a column holds at most 1 + 4 * 19 products, below
 * 77 * 2^107.8 < 2^114.1; its carry is below 2^63.1. The last column has no product multiplied by 19, is below
 * 5 * 2^107.8 + 2^63.1 < 2^110.2, and 19 times its carry is below 2^63.5. The result: limb 0 below 2^51,
 * limb 1 below 2^51 + 2^12.5, the others below 2^51.
 */
ALWAYS_INLINE fe fe_carry_columns(unsigned __int128 c[5])
{
    fe r;
    for (int i = 0; i < 4; i++) {
        r.v[i] = (uint64_t)c[i] & LIMB_MASK;
        c[i + 1] += (uint64_t)(c[i] >> 51);
    }
    r.v[4] = (uint64_t)c[4] & LIMB_MASK;
    r.v[0] += 19 * (uint64_t)(c[4] >> 51);
    r.v[1] += r.v[0] >> 51;
    r.v[0] &= LIMB_MASK;
    return r;
}

ALWAYS_INLINE fw fe_mul_wide(fe x, fe y)
{
    const uint64_t *a = x.v, *b = y.v;
    /* 2^255 = 19. */
    const uint64_t b1 = 19 * b[1], b2 = 19 * b[2], b3 = 19 * b[3], b4 = 19 * b[4];
    typedef unsigned __int128 u128;
    u128 c[5];
    c[0] = (u128)a[0] * b[0] + (u128)a[1] * b4 + (u128)a[2] * b3 + (u128)a[3] * b2 + (u128)a[4] * b1;
    c[1] = (u128)a[0] * b[1] + (u128)a[1] * b[0] + (u128)a[2] * b4 + (u128)a[3] * b3 + (u128)a[4] * b2;
    c[2] = (u128)a[0] * b[2] + (u128)a[1] * b[1] + (u128)a[2] * b[0] + (u128)a[3] * b4 + (u128)a[4] * b3;
    c[3] = (u128)a[0] * b[3] + (u128)a[1] * b[2] + (u128)a[2] * b[1] + (u128)a[3] * b[0] + (u128)a[4] * b4;
    c[4] = (u128)a[0] * b[4] + (u128)a[1] * b[3] + (u128)a[2] * b[2] + (u128)a[3] * b[1] + (u128)a[4] * b[0];
    return fe_carry_columns(c);
}

ALWAYS_INLINE fw fe_square_wide(fe x)
{
    const uint64_t *a = x.v;
    const uint64_t twice0 = 2 * a[0], twice1 = 2 * a[1], a3 = 19 * a[3], a4 = 19 * a[4];
    typedef unsigned __int128 u128;
    u128 c[5];
    c[0] = (u128)a[0] * a[0] + (u128)twice1 * a4 + (u128)(2 * a[2]) * a3;
    c[1] = (u128)twice0 * a[1] + (u128)(2 * a[2]) * a4 + (u128)a[3] * a3;
    c[2] = (u128)twice0 * a[2] + (u128)a[1] * a[1] + (u128)(2 * a[3]) * a4;
    c[3] = (u128)twice0 * a[3] + (u128)twice1 * a[2] + (u128)a[4] * a4;
    c[4] = (u128)twice0 * a[4] + (u128)twice1 * a[3] + (u128)a[2] * a[2];
    return fe_carry_columns(c);
}

/* The one representative in [0, p), limbs below 2^51. */
ALWAYS_INLINE fe fe_freeze(fe a)
{
    a = fw_reduce(a);
    /* a < 2p now. Adding 19 carries out of the top limb exactly when a >= p; then 19 is added and 2^255 dropped. */
    uint64_t q = (a.v[0] + 19) >> 51;
    for (int i = 1; i < 5; i++)
        q = (a.v[i] + q) >> 51;
    a.v[0] += 19 * q;
    for (int i = 0; i < 4; i++) {
        a.v[i + 1] += a.v[i] >> 51;
        a.v[i] &= LIMB_MASK;
    }
    a.v[4] &= LIMB_MASK;
    return a;
}

/* All ones if bit is 1, zero if it is 0. */
ALWAYS_INLINE mask mask_all(unsigned bit)
{
    return -(uint64_t)bit;
}

/* Bit i is lane i. */
ALWAYS_INLINE mask mask_from_bits(unsigned bits)
{
    return -(uint64_t)(bits & 1);
}

ALWAYS_INLINE unsigned mask_bits(mask m)
{
    return (unsigned)(m & 1);
}

/* Both frozen. */
ALWAYS_INLINE mask fe_same(fe a, fe b)
{
    uint64_t differ = 0;
    for (int i = 0; i < 5; i++)
        differ |= a.v[i] ^ b.v[i];
    /* Limbs have less than 64 bits: the borrow tells zero. */
    return -((differ - 1) >> 63);
}

/* Frozen. */
ALWAYS_INLINE mask fe_odd(fe a)
{
    return -(a.v[0] & 1);
}

/* m ? a : b in each lane. */
ALWAYS_INLINE fe fe_select(mask m, fe a, fe b)
{
    for (int i = 0; i < 5; i++)
        b.v[i] ^= m & (a.v[i] ^ b.v[i]);
    return b;
}

/* Lane l of out[0..count) from the 5 * count words at row[l], and back; words are limbs below 2^51 + 2^16. */
ALWAYS_INLINE void fe_load(fe *out, const uint64_t *const row[LANES], int count)
{
    memcpy(out, row[0], (size_t)count * sizeof *out);
}

ALWAYS_INLINE void fe_store(uint64_t *const row[LANES], const fe *in, int count)
{
    for (int f = 0; f < count; f++) {
        fe a = fw_reduce(in[f]);
        memcpy(row[0] + 5 * f, a.v, sizeof a.v);
    }
}

/* Entry index[lane] of a table, 1 .. BASE_ENTRIES, or for index 0 the identity (1, 1, 0). Reads all of the table. */
ALWAYS_INLINE void fe_lookup(fe out[3], const uint64_t table[15][BASE_ENTRIES], const uint64_t index[LANES])
{
    uint64_t hit[BASE_ENTRIES];
    for (uint64_t j = 0; j < BASE_ENTRIES; j++)
        hit[j] = -(((index[0] ^ (j + 1)) - 1) >> 63);
    for (int w = 0; w < 15; w++) {
        uint64_t sum = (w == 0 || w == 5) & ((index[0] - 1) >> 63);
        for (int j = 0; j < BASE_ENTRIES; j++)
            sum |= hit[j] & table[w][j];
        out[w / 5].v[w % 5] = sum;
    }
}

#endif
