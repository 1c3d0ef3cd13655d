/* The long powers: inversion and the inverse square root. */
#ifndef PROTOCOL_GROUP_POWER_H
#define PROTOCOL_GROUP_POWER_H

static const uint64_t limbs_minus_one[5] = {0x7ffffffffffec, 0x7ffffffffffff, 0x7ffffffffffff, 0x7ffffffffffff,
                                            0x7ffffffffffff};
static const uint64_t limbs_sqrt_m1[5] = {0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60, 0x78595a6804c9e,
                                          0x2b8324804fc1d};
static const uint64_t limbs_minus_sqrt_m1[5] = {0x1e4d8b5f15f3d, 0x72a5a0370e762, 0x010a16342f39f, 0x07a6a597fb361,
                                                0x547cdb7fb03e2};

/* x[g] = x[g]^(2^times) for g < groups, which is 1 or GROUPS. */
static __attribute__((noinline)) void square_times(fe *x, int times, int groups)
{
#if GROUPS == 2
    if (groups == 2) {
        fe a = x[0], b = x[1];
        while (times-- > 0) {
            a = fe_square(a);
            b = fe_square(b);
        }
        x[0] = a;
        x[1] = b;
        return;
    }
#endif
    (void)groups;
    fe a = x[0];
    while (times-- > 0)
        a = fe_square(a);
    x[0] = a;
}

/* out = x^(2^times) * y. */
static inline void square_times_mul(fe *out, const fe *x, int times, const fe *y, int groups)
{
    fe t[GROUPS];
    for (int g = 0; g < groups; g++)
        t[g] = x[g];
    square_times(t, times, groups);
    for (int g = 0; g < groups; g++)
        out[g] = fe_mul(t[g], y[g]);
}

/* What both long powers begin with: x^11 and x^(2^250 - 1). Names tell the number of ones in the exponent. */
static void power_250(fe *e250, fe *x11, const fe *x, int groups)
{
    fe x9[GROUPS], e5[GROUPS], e10[GROUPS], e20[GROUPS], e50[GROUPS], e100[GROUPS], t[GROUPS];
    for (int g = 0; g < groups; g++) {
        fe x2 = fe_square(x[g]);
        x9[g] = fe_mul(fe_square(fe_square(x2)), x[g]);
        x11[g] = fe_mul(x9[g], x2);
    }
    square_times_mul(e5, x11, 1, x9, groups);
    square_times_mul(e10, e5, 5, e5, groups);
    square_times_mul(e20, e10, 10, e10, groups);
    square_times_mul(t, e20, 20, e20, groups);
    square_times_mul(e50, t, 10, e10, groups);
    square_times_mul(e100, e50, 50, e50, groups);
    square_times_mul(t, e100, 100, e100, groups);
    square_times_mul(e250, t, 50, e50, groups);
}

/* 1/x = x^(2^255 - 21); 0 for 0. 254 squarings and 11 multiplications. */
static void fe_invert(fe *out, const fe *x, int groups)
{
    fe x11[GROUPS], e250[GROUPS];
    power_250(e250, x11, x, groups);
    square_times_mul(out, e250, 5, x11, groups);
}

/*
 * r with w * r^2 = 1 where w is a square, and w * r^2 = sqrt(-1) where it is none; zero for zero. True where w is a
 * square other than zero. Which of the two roots r is remains open: callers take an absolute value or use r^2.
 *
 * Let r = w^((p-5)/8), a power of 2^252 - 3. Then c = w * r^2 = w^((p-1)/4) is a fourth root of unity: 1 and -1 for
 * squares, and i = sqrt(-1) and -i for the others. Where c is -1 or -i, multiplying r by i changes c's sign.
 * RFC 9496's SQRT_RATIO_M1(u, v) is |u * r| for w = u * v, since (u * r)^2 = u^2 * c / (u * v). In all 252
 * squarings and 13 multiplications.
 */
static void fe_invsqrt(fe *r, mask *square, const fe *w, int groups)
{
    fe x11[GROUPS], e250[GROUPS];
    power_250(e250, x11, w, groups);
    square_times_mul(r, e250, 2, w, groups);
    for (int g = 0; g < groups; g++) {
        fe check = fe_freeze(fe_mul(w[g], fe_square(r[g])));
        mask minus_one = fe_same(check, fe_const(limbs_minus_one));
        mask minus_i = fe_same(check, fe_const(limbs_minus_sqrt_m1));
        square[g] = fe_same(check, fe_const(limbs_one)) | minus_one;
        r[g] = fe_select(minus_one | minus_i, fe_mul(r[g], fe_const(limbs_sqrt_m1)), r[g]);
    }
}

#endif
