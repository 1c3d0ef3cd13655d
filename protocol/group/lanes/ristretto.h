/*
 * Encodings (RFC 9496 section 4.3) in blocks of `groups` lanes, groups being 1 or GROUPS: it is a constant wherever
 * these are called, and the compiler makes one version for each.
 */
#ifndef PROTOCOL_GROUP_RISTRETTO_H
#define PROTOCOL_GROUP_RISTRETTO_H

#include "protocol/base/bytes.h"

#include <sodium.h>

/* Constants of section 4.1. */
static const uint64_t limbs_sqrt_ad_minus_one[5] = {0x7f6a0497b2e1b, 0x1836f0a97afd2, 0x7d747f6be7638, 0x456079e7e6498,
                                                    0x376931bf2b834};
static const uint64_t limbs_invsqrt_a_minus_d[5] = {0x0fdaa805d40ea, 0x2eb482e57d339, 0x007610274bc58, 0x6510b613dc8ff,
                                                    0x786c8905cfaff};
static const uint64_t limbs_one_minus_d_sq[5] = {0x409c1945fc176, 0x719abc6a1fc4f, 0x1c37f90b20684, 0x06bccca55eedf,
                                                 0x029072a8b2b3e};
static const uint64_t limbs_d_minus_one_sq[5] = {0x55aaa44ed4d20, 0x59603c3332635, 0x26d3baf4a7928, 0x120a66e6997a9,
                                                 0x5968b37af66c2};

/* 255 bits, little-endian; bit 255 is left out. */
static inline void limbs_from_bytes(uint64_t limb[5], const uint8_t bytes[32])
{
    const uint64_t low = ((uint64_t)1 << 51) - 1;
    limb[0] = bytes_get_u64le(bytes) & low;
    limb[1] = (bytes_get_u64le(bytes + 6) >> 3) & low;
    limb[2] = (bytes_get_u64le(bytes + 12) >> 6) & low;
    limb[3] = (bytes_get_u64le(bytes + 19) >> 1) & low;
    limb[4] = (bytes_get_u64le(bytes + 24) >> 12) & low;
}

/* The limbs are frozen. */
static inline void limbs_to_bytes(uint8_t bytes[32], const uint64_t limb[5])
{
    bytes_put_u64le(bytes, limb[0] | limb[1] << 51);
    bytes_put_u64le(bytes + 8, limb[1] >> 13 | limb[2] << 38);
    bytes_put_u64le(bytes + 16, limb[2] >> 26 | limb[3] << 25);
    bytes_put_u64le(bytes + 24, limb[3] >> 39 | limb[4] << 12);
}

/* LANES elements of 32 bytes, `stride` bytes apart. */
static inline fe fe_from_bytes(const uint8_t *bytes, size_t stride)
{
    uint64_t limb[LANES][5];
    const uint64_t *row[LANES];
    for (int l = 0; l < LANES; l++) {
        limbs_from_bytes(limb[l], bytes + (size_t)l * stride);
        row[l] = limb[l];
    }
    fe out;
    fe_load(&out, row, 1);
    return out;
}

static inline void fe_to_elements(struct element *out, fe a)
{
    uint64_t limb[LANES][5];
    uint64_t *row[LANES];
    for (int l = 0; l < LANES; l++)
        row[l] = limb[l];
    a = fe_freeze(a);
    fe_store(row, &a, 1);
    for (int l = 0; l < LANES; l++)
        limbs_to_bytes(out[l].bytes, limb[l]);
}

/* Not below p, or odd: no encoding of a non-negative number. */
static inline bool encoding_is_bad(const struct element *e)
{
    const uint64_t w0 = bytes_get_u64le(e->bytes), w1 = bytes_get_u64le(e->bytes + 8);
    const uint64_t w2 = bytes_get_u64le(e->bytes + 16), w3 = bytes_get_u64le(e->bytes + 24);
    const uint64_t top = w3 >> 63, full = (w1 & w2 & (w3 | (uint64_t)1 << 63)) == UINT64_MAX;
    return top | (full & (w0 >= UINT64_MAX - 18)) | (w0 & 1);
}

/* Section 4.3.1. Bit i of the answer: element i is bad. */
ALWAYS_INLINE unsigned decode_block(struct point *out, const struct element *in, int groups)
{
    const fe one = fe_const(limbs_one);
    fe s[GROUPS], u1[GROUPS], u2[GROUPS], v[GROUPS], w[GROUPS], invsqrt[GROUPS];
    mask square[GROUPS];
    unsigned bad = 0;
    for (int i = 0; i < groups * LANES; i++)
        bad |= (unsigned)encoding_is_bad(&in[i]) << i;
    for (int g = 0; g < groups; g++) {
        s[g] = fe_from_bytes(in[g * LANES].bytes, sizeof *in);
        fe ss = fe_square(s[g]);
        u1[g] = fe_sub(one, ss);
        u2[g] = fe_add(one, ss);
        fe u2_square = fe_square(u2[g]);
        v[g] = fe_neg(fe_add(fe_mul(fe_const(limbs_d), fe_square(u1[g])), u2_square));
        w[g] = fe_mul(v[g], u2_square);
    }
    fe_invsqrt(invsqrt, square, w, groups);
    for (int g = 0; g < groups; g++) {
        fe den_x = fe_mul(invsqrt[g], u2[g]), den_y = fe_mul(fe_mul(invsqrt[g], den_x), v[g]);
        extended p = {.z = one};
        p.x = fe_abs(fe_mul(fe_add(s[g], s[g]), den_x));
        p.y = fe_mul(u1[g], den_y);
        p.t = fe_mul(p.x, p.y);
        bad |= mask_bits(~square[g] | fe_is_negative(p.t) | fe_is_zero(p.y)) << (g * LANES);
        point_store(out + g * LANES, &p);
    }
    return bad;
}

/* Section 4.3.2. */
ALWAYS_INLINE void encode_block(struct element *out, const struct point *in, int groups)
{
    extended p[GROUPS];
    fe u1[GROUPS], u2[GROUPS], w[GROUPS], invsqrt[GROUPS];
    mask square[GROUPS];
    for (int g = 0; g < groups; g++) {
        p[g] = point_load(in + g * LANES);
        u1[g] = fe_mul(fe_add(p[g].z, p[g].y), fe_sub(p[g].z, p[g].y));
        u2[g] = fe_mul(p[g].x, p[g].y);
        w[g] = fe_mul(u1[g], fe_square(u2[g]));
    }
    fe_invsqrt(invsqrt, square, w, groups);
    for (int g = 0; g < groups; g++) {
        const fe i = fe_const(limbs_sqrt_m1);
        fe den1 = fe_mul(invsqrt[g], u1[g]), den2 = fe_mul(invsqrt[g], u2[g]);
        fe z_inv = fe_mul(fe_mul(den1, den2), p[g].t);
        mask rotate = fe_is_negative(fe_mul(p[g].t, z_inv));
        fe x = fe_select(rotate, fe_mul(p[g].y, i), p[g].x);
        fe y = fe_select(rotate, fe_mul(p[g].x, i), p[g].y);
        fe den_inv = fe_select(rotate, fe_mul(den1, fe_const(limbs_invsqrt_a_minus_d)), den2);
        y = fe_cneg(fe_is_negative(fe_mul(x, z_inv)), y);
        fe_to_elements(out + g * LANES, fe_abs(fe_mul(den_inv, fe_sub(p[g].z, y))));
    }
}

/* MAP of section 4.3.4 on w * r^2 = 1 or i for w = u * v, r from fe_invsqrt(). t is the input. */
static inline void map_arguments(fe *u, fe *v, fe *r, fe t)
{
    const fe one = fe_const(limbs_one), d = fe_const(limbs_d);
    *r = fe_mul(fe_const(limbs_sqrt_m1), fe_square(t));
    *u = fe_mul(fe_add(*r, one), fe_const(limbs_one_minus_d_sq));
    *v = fe_neg(fe_mul(fe_add(one, fe_mul(*r, d)), fe_add(*r, d)));
}

static inline extended map_finish(fe u, fe v, fe r, fe t, fe invsqrt, mask square)
{
    const fe one = fe_const(limbs_one);
    fe s = fe_abs(fe_mul(u, invsqrt));
    square |= fe_is_zero(u);
    s = fe_select(square, s, fe_neg(fe_abs(fe_mul(s, t))));
    fe c = fe_select(square, fe_const(limbs_minus_one), r);
    fe n = fe_sub(fe_mul(fe_mul(c, fe_sub(r, one)), fe_const(limbs_d_minus_one_sq)), v);
    fe ss = fe_square(s);
    completed w = {
        .e = fe_mul(fe_add(s, s), v),
        .f = fe_add(one, ss),
        .g = fe_mul(n, fe_const(limbs_sqrt_ad_minus_one)),
        .h = fe_sub(one, ss),
    };
    return completed_extend(&w);
}

/* Section 4.3.4: the sum of the maps of both halves. */
ALWAYS_INLINE void from_uniform_block(struct point *out, const uint8_t (*in)[64], int groups)
{
    extended p[2][GROUPS];
    for (int half = 0; half < 2; half++) {
        fe t[GROUPS], u[GROUPS], v[GROUPS], r[GROUPS], w[GROUPS], invsqrt[GROUPS];
        mask square[GROUPS];
        for (int g = 0; g < groups; g++) {
            t[g] = fe_from_bytes(in[g * LANES] + 32 * half, sizeof *in);
            map_arguments(&u[g], &v[g], &r[g], t[g]);
            w[g] = fe_mul(u[g], v[g]);
        }
        fe_invsqrt(invsqrt, square, w, groups);
        for (int g = 0; g < groups; g++)
            p[half][g] = map_finish(u[g], v[g], r[g], t[g], invsqrt[g], square[g]);
    }
    for (int g = 0; g < groups; g++) {
        cached q = point_cache(&p[1][g]);
        completed sum = point_add_cached(&p[0][g], &q, mask_all(0));
        extended e = completed_extend(&sum);
        point_store(out + g * LANES, &e);
    }
}

#endif
