/*
 * Multiplication: of LANES points by one scalar, of one base by LANES scalars, of bases by a scalar each. Constant
 * time.
 */
#ifndef PROTOCOL_GROUP_MUL_H
#define PROTOCOL_GROUP_MUL_H

#define MUL_WINDOW 4
#define MUL_DIGITS 64
#define MUL_ENTRIES (1 << (MUL_WINDOW - 1))

/*
 * Signed digits of w bits of k's lower 255: k = sum of digit[i] * 2^(w*i), each in -2^(w-1) .. 2^(w-1). The last takes
 * the last carry, for which 255 bits in count * w >= 256 leave room.
 */
static void recode(int8_t *digit, size_t stride, int count, int w, const struct scalar *k)
{
    const int half = 1 << (w - 1);
    uint8_t bytes[40] = {0};
    int carry = 0;
    memcpy(bytes, k->bytes, sizeof k->bytes);
    bytes[31] &= 127;
    for (int i = 0; i < count; i++) {
        const int bit = i * w;
        const unsigned two = bytes[bit / 8] | (unsigned)bytes[bit / 8 + 1] << 8;
        const int d = (int)(two >> (bit % 8) & ((1u << w) - 1)) + carry;
        carry = i + 1 < count ? (d + half) >> w : 0;
        digit[(size_t)i * stride] = (int8_t)(d - (carry << w));
    }
    sodium_memzero(bytes, sizeof bytes);
}

/* |d|, and 1 if d < 0. */
static inline uint64_t digit_abs(int8_t d, unsigned *negative)
{
    const int sign = d >> 7;
    *negative = (unsigned)(sign & 1);
    return (uint64_t)((d ^ sign) - sign);
}

/* 1 if a == b, for small numbers. */
static inline unsigned digit_equal(uint64_t a, uint64_t b)
{
    return (unsigned)(((a ^ b) - 1) >> 63);
}

/* 1 .. MUL_ENTRIES times p, each coordinate's multiples side by side; [c][0] is the identity's. */
typedef struct {
    fe c[4][MUL_ENTRIES + 1];
} mul_table;

static void mul_table_put(mul_table *t, int j, const extended *p)
{
    const cached q = point_cache(p);
    t->c[0][j] = q.y_plus_x;
    t->c[1][j] = q.y_minus_x;
    t->c[2][j] = q.t2d;
    t->c[3][j] = q.z2;
}

static void mul_table_fill(mul_table *t, const extended *p)
{
    const extended identity = point_identity();
    const cached q = point_cache(p);
    mul_table_put(t, 0, &identity);
    mul_table_put(t, 1, p);
    extended sum = *p;
    for (int j = 2; j <= MUL_ENTRIES; j++) {
        const completed c = point_add_cached(&sum, &q, mask_all(0));
        sum = completed_extend(&c);
        mul_table_put(t, j, &sum);
    }
}

/* All lanes want the same multiple, so a mask is a whole entry; every entry is read. */
static inline fe mul_table_pick(const fe entry[MUL_ENTRIES + 1], uint64_t digit)
{
    fe r = entry[0];
    for (uint64_t j = 1; j <= MUL_ENTRIES; j++)
        r = fe_select(mask_all(digit_equal(digit, j)), entry[j], r);
    return r;
}

/* Fixed windows from the top; the picking goes between the doublings, whose multiplications leave loads idle. */
static void mul_lanes(struct point *out, const int8_t digit[MUL_DIGITS], const struct point *in)
{
    mul_table table;
    extended q = point_load(in);
    mul_table_fill(&table, &q);
    projective r = {fe_const(limbs_zero), fe_const(limbs_one), fe_const(limbs_one)};
    q = point_identity();
    for (int i = MUL_DIGITS - 1; i >= 0; i--) {
        unsigned negative;
        const uint64_t d = digit_abs(digit[i], &negative);
        fe c[4];
        for (int b = 0; b < MUL_WINDOW; b++) {
            c[b] = mul_table_pick(table.c[b], d);
            if (i == MUL_DIGITS - 1)
                continue;
            const completed twice = point_double(&r);
            if (b < MUL_WINDOW - 1)
                r = completed_project(&twice);
            else
                q = completed_extend(&twice);
        }
        const cached addend = {c[0], c[1], c[2], c[3]};
        const completed sum = point_add_cached(&q, &addend, mask_all(negative));
        if (i > 0)
            r = completed_project(&sum);
        else
            q = completed_extend(&sum);
    }
    point_store(out, &q);
}

/* q + the multiple of the table's point that each lane's digit names, from -BASE_ENTRIES to BASE_ENTRIES. */
ALWAYS_INLINE extended add_entry(const extended *q, const struct base_window *table, const int8_t digit[LANES])
{
    uint64_t index[LANES];
    unsigned negative = 0, one;
    for (int l = 0; l < LANES; l++) {
        index[l] = digit_abs(digit[l], &one);
        negative |= one << l;
    }
    fe c[3];
    fe_lookup(c, table->limb, index);
    const affine addend = {c[0], c[1], c[2]};
    const completed sum = point_add_affine(q, &addend, mask_from_bits(negative));
    return completed_extend(&sum);
}

/* One table entry a window and no doubling: the table holds the multiples of every 2^(BASE_WINDOW * w). */
static void base_mul_lanes(struct point *out, const struct base_window *table, const struct scalar *k)
{
    int8_t digit[BASE_WINDOWS][LANES];
    for (int l = 0; l < LANES; l++)
        recode(&digit[0][l], LANES, BASE_WINDOWS, BASE_WINDOW, &k[l]);
    extended q = point_identity();
    for (int w = 0; w < BASE_WINDOWS; w++)
        q = add_entry(&q, &table[w], digit[w]);
    point_store(out, &q);
    sodium_memzero(digit, sizeof digit);
}

/*
 * Many bases, one scalar each: the windows of a scalar are the lanes, and each window has its sum over all bases. So a
 * base needs the table of one window only.
 */
#define WINDOW_GROUPS ((BASE_WINDOWS + LANES - 1) / LANES)

static void window_sums_lanes(struct point out[WINDOW_GROUPS * LANES], const struct base_window *table,
                              const struct scalar *k, size_t n, int groups)
{
    int8_t digit[WINDOW_GROUPS][LANES] = {{0}};
    extended q[WINDOW_GROUPS];
    for (int g = 0; g < groups; g++)
        q[g] = point_identity();
    for (size_t i = 0; i < n; i++) {
        recode(&digit[0][0], 1, BASE_WINDOWS, BASE_WINDOW, &k[i]);
        for (int g = 0; g < groups; g++)
            q[g] = add_entry(&q[g], &table[i], digit[g]);
    }
    for (int g = 0; g < groups; g++)
        point_store(out + g * LANES, &q[g]);
    sodium_memzero(digit, sizeof digit);
    sodium_memzero(q, sizeof q);
}

#endif
