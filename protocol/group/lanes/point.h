/*
 * The twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2, lanes of points at a time. Formulas and their names are those
 * of the Explicit-Formulas Database (hyperelliptic.org/EFD, twisted, extended-1); Hisil, Wong, Carter, Dawson: "Twisted
 * Edwards Curves Revisited", 2008. Addition is complete: no case is exceptional, doubling and the identity included.
 *
 * Sums and differences of products are formed before their carries (fw), so that each is carried once. M and S count
 * field multiplications and squarings.
 */
#ifndef PROTOCOL_GROUP_POINT_H
#define PROTOCOL_GROUP_POINT_H

/* d = -121665/121666. */
static const uint64_t limbs_d[5] = {0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb,
                                    0x52036cee2b6ff};
static const uint64_t limbs_2d[5] = {0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977,
                                     0x2406d9dc56dff};

/* x = X/Z, y = Y/Z, and in an extended point T = XY/Z. */
typedef struct {
    fe x, y, z;
} projective;
typedef struct {
    fe x, y, z, t;
} extended;

/* A sum before its last multiplications: X = E*F, Y = G*H, Z = F*G, T = E*H. */
typedef struct {
    fe e, f, g, h;
} completed;

/* A summand prepared for additions; affine() has Z = 1 and leaves 2Z out. */
typedef struct {
    fe y_plus_x, y_minus_x, t2d, z2;
} cached;
typedef struct {
    fe y_plus_x, y_minus_x, xy2d;
} affine;

ALWAYS_INLINE extended point_identity(void)
{
    const fe zero = fe_const(limbs_zero), one = fe_const(limbs_one);
    return (extended){zero, one, one, zero};
}

ALWAYS_INLINE projective point_project(const extended *p)
{
    return (projective){p->x, p->y, p->z};
}

/* 3M. */
ALWAYS_INLINE projective completed_project(const completed *c)
{
    return (projective){fe_mul(c->e, c->f), fe_mul(c->g, c->h), fe_mul(c->f, c->g)};
}

/* 4M. */
ALWAYS_INLINE extended completed_extend(const completed *c)
{
    return (extended){fe_mul(c->e, c->f), fe_mul(c->g, c->h), fe_mul(c->f, c->g), fe_mul(c->e, c->h)};
}

/* dbl-2008-hwcd with F and H negated, which negates all of X, Y, Z and T: the same point. 4S. */
ALWAYS_INLINE completed point_double(const projective *p)
{
    const fw a = fe_square_wide(p->x), b = fe_square_wide(p->y), zz = fe_square_wide(p->z);
    const fw xy = fe_square_wide(fe_add(p->x, p->y)), sum = fw_add(a, b);
    completed c;
    c.e = fw_carry(fw_sub(xy, sum));
    c.g = fw_carry(fw_sub(b, a));
    c.h = fw_carry(sum);
    c.f = fw_carry(fw_sub(fw_add(fw_add(zz, zz), a), b)); /* 2Z^2 - G */
    return c;
}

/* The end of add-2008-hwcd-3: from A, B, C, D; C is negated where the summand is subtracted. */
ALWAYS_INLINE completed point_sum(fw a, fw b, fw c, fw d, mask negative)
{
    const fe less = fw_carry(fw_sub(d, c)), more = fw_carry(fw_add(d, c));
    return (completed){
        .e = fw_carry(fw_sub(b, a)),
        .f = fe_select(negative, more, less),
        .g = fe_select(negative, less, more),
        .h = fw_carry(fw_add(b, a)),
    };
}

/* add-2008-hwcd-3, p + q, or p - q where negative: -q = (-x, y) swaps y + x with y - x. 4M. */
ALWAYS_INLINE completed point_add_cached(const extended *p, const cached *q, mask negative)
{
    const fe plus = fe_select(negative, q->y_minus_x, q->y_plus_x),
             minus = fe_select(negative, q->y_plus_x, q->y_minus_x);
    return point_sum(fe_mul_wide(fe_sub(p->y, p->x), minus), fe_mul_wide(fe_add(p->y, p->x), plus),
                     fe_mul_wide(p->t, q->t2d), fe_mul_wide(p->z, q->z2), negative);
}

/* madd-2008-hwcd-3: the same for Z = 1. 3M. */
ALWAYS_INLINE completed point_add_affine(const extended *p, const affine *q, mask negative)
{
    const fe plus = fe_select(negative, q->y_minus_x, q->y_plus_x),
             minus = fe_select(negative, q->y_plus_x, q->y_minus_x);
    return point_sum(fe_mul_wide(fe_sub(p->y, p->x), minus), fe_mul_wide(fe_add(p->y, p->x), plus),
                     fe_mul_wide(p->t, q->xy2d), fw_add(fe_wide(p->z), fe_wide(p->z)), negative);
}

/* 1M. */
ALWAYS_INLINE cached point_cache(const extended *p)
{
    return (cached){fe_add(p->y, p->x), fe_sub(p->y, p->x), fe_mul(p->t, fe_const(limbs_2d)), fe_add(p->z, p->z)};
}

/* Lane l is in[l]. */
ALWAYS_INLINE extended point_load(const struct point *in)
{
    const uint64_t *row[LANES];
    for (int l = 0; l < LANES; l++)
        row[l] = (const uint64_t *)&in[l];
    fe c[4];
    fe_load(c, row, 4);
    return (extended){c[0], c[1], c[2], c[3]};
}

ALWAYS_INLINE void point_store(struct point *out, const extended *p)
{
    uint64_t *row[LANES];
    for (int l = 0; l < LANES; l++)
        row[l] = (uint64_t *)&out[l];
    const fe c[4] = {p->x, p->y, p->z, p->t};
    fe_store(row, c, 4);
}

#endif
