/*
 * What shares one inversion among many points. Montgomery's trick: with the running products p_i = z_0 ... z_i and the
 * inverse of the last, 1/z_i = p_(i-1) * (1/p_i), from the last to the first; three multiplications an element. It runs
 * in each lane for itself. A zero among the z would make all products zero: it is replaced by 1, its inverse by 0.
 */
#ifndef PROTOCOL_GROUP_BATCH_H
#define PROTOCOL_GROUP_BATCH_H

/* So many fe share an inversion: what they leave behind still lies in the second-level cache. */
#define BATCH_MAX 32

/* z[i] = 1/z[i], 0 for 0; count <= BATCH_MAX. Constant time. */
static void batch_invert(fe *z, size_t count)
{
    fe product[BATCH_MAX], inverse;
    mask zero[BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        zero[i] = fe_is_zero(z[i]);
        z[i] = fe_select(zero[i], fe_const(limbs_one), z[i]);
        product[i] = i == 0 ? z[0] : fe_mul(product[i - 1], z[i]);
    }
    fe_invert(&inverse, &product[count - 1], 1);
    for (size_t i = count; i-- > 0;) {
        const fe r = i == 0 ? inverse : fe_mul(inverse, product[i - 1]);
        inverse = fe_mul(inverse, z[i]);
        z[i] = fe_select(zero[i], fe_const(limbs_zero), r);
    }
    sodium_memzero(product, count * sizeof *product);
}

/* What the encoding of 2p is made of: 2p = (E*F : G*H : F*G : E*H) with F*G the Z and E*H the T. */
struct doubled {
    fe e, f, g, h, eg, fh;
};

static inline struct doubled doubled_of(const extended *p)
{
    const fw xx = fe_square_wide(p->x), yy = fe_square_wide(p->y), zz = fe_square_wide(p->z);
    const fw dtt = fe_mul_wide(fe_square(p->t), fe_const(limbs_d));
    struct doubled s = {
        .e = fe_mul(p->x, fe_add(p->y, p->y)), /* 2XY */
        .f = fw_carry(fw_add(zz, dtt)),        /* Z^2 + dT^2 */
        .g = fw_reduce(fw_add(yy, xx)),        /* Y^2 - aX^2 */
        .h = fw_reduce(fw_sub(zz, dtt)),       /* Z^2 - dT^2 */
    };
    s.eg = fe_mul(s.e, s.g);
    s.fh = fe_mul(s.f, s.h);
    return s;
}

/*
 * The encoding of 2p needs no square root: the one that RFC 9496's encoding of (X : Y : Z : T) takes is of
 * (Z^2 - Y^2) * (XY)^2, which for a double is (a - d) times a square of what is at hand. inverse = 1/(EFGH). For points
 * of 2E, which all points of this interface are. Method: M. Hamburg, "Decaf", 2015; H. de Valence and others,
 * ristretto.group, "batched double-and-encode".
 */
static inline fe doubled_encode(const struct doubled *s, fe inverse)
{
    const fe z_inv = fe_mul(s->eg, inverse), t_inv = fe_mul(s->fh, inverse);
    const mask rotate = fe_is_negative(fe_mul(s->eg, z_inv));
    const fe e = fe_select(rotate, s->g, s->e);
    fe g = fe_select(rotate, fe_neg(s->e), s->g);
    const fe h = fe_select(rotate, fe_mul(s->f, fe_const(limbs_sqrt_m1)), s->h);
    const fe magic = fe_select(rotate, fe_const(limbs_sqrt_m1), fe_const(limbs_invsqrt_a_minus_d));
    g = fe_cneg(fe_is_negative(fe_mul(fe_mul(h, e), z_inv)), g);
    return fe_abs(fe_mul(fe_sub(h, g), fe_mul(magic, fe_mul(g, t_inv))));
}

/* out[i] encodes 2 * in[i]; groups <= BATCH_MAX. Constant time. */
static void encode_doubled_batch(struct element *out, const struct point *in, size_t groups)
{
    struct doubled s[BATCH_MAX];
    fe inverse[BATCH_MAX];
    for (size_t g = 0; g < groups; g++) {
        const extended p = point_load(in + g * LANES);
        s[g] = doubled_of(&p);
        inverse[g] = fe_mul(s[g].eg, s[g].fh);
    }
    batch_invert(inverse, groups);
    for (size_t g = 0; g < groups; g++)
        fe_to_elements(out + g * LANES, doubled_encode(&s[g], inverse[g]));
    sodium_memzero(s, groups * sizeof *s);
    sodium_memzero(inverse, groups * sizeof *inverse);
}

/* The affine form of points whose Z may be anything but 0; groups <= BATCH_MAX. Constant time. */
static void affine_batch(struct niels *out, const struct point *in, size_t groups)
{
    fe z[BATCH_MAX];
    for (size_t g = 0; g < groups; g++)
        z[g] = point_load(in + g * LANES).z;
    batch_invert(z, groups);
    for (size_t g = 0; g < groups; g++) {
        uint64_t *row[LANES];
        const extended p = point_load(in + g * LANES);
        const fe x = fe_mul(p.x, z[g]), y = fe_mul(p.y, z[g]);
        const fe c[3] = {fe_add(y, x), fe_sub(y, x), fe_mul(fe_mul(x, y), fe_const(limbs_2d))};
        for (size_t l = 0; l < LANES; l++)
            row[l] = out[g * LANES + l].limb;
        fe_store(row, c, 3);
    }
}

#endif
