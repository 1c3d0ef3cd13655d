/*
 * A field of the group layer, included before this, against schoolbook arithmetic on digits of 17 bits: at random, and
 * with all limbs at the bounds that its comments claim to be safe.
 */
#include "protocol/group/lanes/field.h"
#include "protocol/group/lanes/power.h"
#include "tests/unit/group_test.h"

#include <sodium.h>

#define ROUNDS 20000

/* Fifteen digits of 17 bits are 255. */
struct number {
    uint64_t digit[15];
};

/* Digits of up to 60 bits become digits of 17, and the number the one in [0, p). */
static struct number number_reduce(struct number a)
{
    for (int round = 0; round < 5; round++) {
        uint64_t carry = 0;
        for (int i = 0; i < 15; i++) {
            a.digit[i] += carry;
            carry = a.digit[i] >> 17;
            a.digit[i] &= 0x1ffff;
        }
        a.digit[0] += 19 * carry;
    }
    bool is_p_or_more = a.digit[0] >= 0x1ffff - 18;
    for (int i = 1; i < 15; i++)
        is_p_or_more = is_p_or_more && a.digit[i] == 0x1ffff;
    if (is_p_or_more) {
        memset(a.digit + 1, 0, sizeof a.digit - sizeof *a.digit);
        a.digit[0] -= 0x1ffff - 18;
    }
    return a;
}

static struct number number_of(const uint64_t limb[5])
{
    struct number n;
    for (int i = 0; i < 15; i++)
        n.digit[i] = limb[i / 3] >> (17 * (i % 3)) & (i % 3 == 2 ? UINT64_MAX : 0x1ffff);
    return number_reduce(n);
}

static struct number number_mul(struct number a, struct number b)
{
    struct number r = {{0}};
    for (int i = 0; i < 15; i++)
        for (int j = 0; j < 15; j++)
            r.digit[(i + j) % 15] += a.digit[i] * b.digit[j] * (i + j < 15 ? 1 : 19);
    return number_reduce(r);
}

/* a + sign * b. */
static struct number number_add(struct number a, struct number b, int sign)
{
    static const struct number p = {{0x1ffff - 18, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff,
                                     0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff, 0x1ffff}};
    for (int i = 0; i < 15; i++)
        a.digit[i] = sign > 0 ? a.digit[i] + b.digit[i] : a.digit[i] + 2 * p.digit[i] - b.digit[i];
    return number_reduce(a);
}

/* What every field takes from memory. */
#define LIMB_0_MAX (((uint64_t)1 << 51) + (1 << 16) - 1)
#define LIMB_MAX (((uint64_t)1 << 51) + (1 << 11) - 1)

struct operand {
    uint64_t limb[LANES][5];
};

static void fill(struct operand *out)
{
    static const uint64_t special[] = {0,
                                       1,
                                       18,
                                       19,
                                       ((uint64_t)1 << 51) - 20,
                                       ((uint64_t)1 << 51) - 19,
                                       ((uint64_t)1 << 51) - 1,
                                       (uint64_t)1 << 51,
                                       LIMB_MAX,
                                       LIMB_MAX,
                                       LIMB_MAX};
    for (int l = 0; l < LANES; l++) {
        const uint32_t kind = randombytes_uniform(4);
        for (int i = 0; i < 5; i++) {
            randombytes_buf(&out->limb[l][i], sizeof out->limb[l][i]);
            out->limb[l][i] &= ((uint64_t)1 << 51) - 1;
            if (kind == 0)
                out->limb[l][i] = i == 0 ? LIMB_0_MAX : LIMB_MAX;
            else if (kind == 1)
                out->limb[l][i] = special[randombytes_uniform(sizeof special / sizeof *special)];
            else if (kind == 2) /* 2^255 - 1, p, p + 1 and others near a multiple of p */
                out->limb[l][i] = i > 0 ? ((uint64_t)1 << 51) - 1 : ((uint64_t)1 << 51) - 1 - randombytes_uniform(40);
        }
    }
}

static fe load(const struct operand *a)
{
    const uint64_t *row[LANES];
    fe r;
    for (int l = 0; l < LANES; l++)
        row[l] = a->limb[l];
    fe_load(&r, row, 1);
    return r;
}

static struct operand frozen(fe a)
{
    struct operand r;
    uint64_t *row[LANES];
    for (int l = 0; l < LANES; l++)
        row[l] = r.limb[l];
    a = fe_freeze(a);
    fe_store(row, &a, 1);
    return r;
}

static void same(const char *what, fe ours, int lane, struct number theirs)
{
    const struct operand r = frozen(ours);
    for (int i = 0; i < 5; i++) {
        const uint64_t limb = theirs.digit[3 * i] | theirs.digit[3 * i + 1] << 17 | theirs.digit[3 * i + 2] << 34;
        if (r.limb[lane][i] != limb)
            fail_msg("%s, lane %d: limb %d is %llx, not %llx", what, lane, i, (unsigned long long)r.limb[lane][i],
                     (unsigned long long)limb);
    }
}

static void arithmetic(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS / LANES; round++) {
        struct operand operand[3];
        fe x[3];
        for (int i = 0; i < 3; i++) {
            fill(&operand[i]);
            x[i] = load(&operand[i]);
        }
        const fe a = x[0], b = x[1], c = x[2];
        const fe product = fe_mul(a, b), square = fe_square(a), sum = fe_add(a, b), difference = fe_sub(a, b);
        for (int l = 0; l < LANES; l++) {
            const struct number na = number_of(operand[0].limb[l]), nb = number_of(operand[1].limb[l]);
            const struct number nc = number_of(operand[2].limb[l]);
            same("a", a, l, na);
            same("a * b", product, l, number_mul(na, nb));
            same("a^2", square, l, number_mul(na, na));
            same("a + b", sum, l, number_add(na, nb, 1));
            same("a - b", difference, l, number_add(na, nb, -1));
            same("-c", fe_neg(c), l, number_add((struct number){{0}}, nc, -1));
        }
    }
}

/* Three terms, less two: the most that formulas ask for; then multiplied, as far as a carried fe may go. */
static void sums_of_products(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS / LANES; round++) {
        struct operand operand[3];
        for (int i = 0; i < 3; i++)
            fill(&operand[i]);
        const fe a = load(&operand[0]), b = load(&operand[1]), c = load(&operand[2]);
        const fw aa = fe_square_wide(a), bb = fe_square_wide(b), cc = fe_square_wide(c), ab = fe_mul_wide(a, b);
        const fw three = fw_add(fw_add(aa, bb), cc), two = fw_add(ab, cc), none = fe_wide(fe_const(limbs_zero));
        const fe most = fw_carry(fw_sub(three, none)), mixed = fw_carry(fw_sub(three, two));
        const fe least = fw_carry(fw_sub(none, two)), reduced = fw_reduce(fw_sub(three, two));
        for (int l = 0; l < LANES; l++) {
            const struct number na = number_of(operand[0].limb[l]), nb = number_of(operand[1].limb[l]);
            const struct number nc = number_of(operand[2].limb[l]);
            const struct number ncc = number_mul(nc, nc);
            const struct number n3 = number_add(number_add(number_mul(na, na), number_mul(nb, nb), 1), ncc, 1);
            const struct number n2 = number_add(number_mul(na, nb), ncc, 1), n32 = number_add(n3, n2, -1);
            const struct number n02 = number_add((struct number){{0}}, n2, -1);
            same("aa + bb + cc", most, l, n3);
            same("three - two", mixed, l, n32);
            same("0 - two", least, l, n02);
            same("three times (three - two)", fe_mul(most, mixed), l, number_mul(n3, n32));
            same("three^2", fe_square(most), l, number_mul(n3, n3));
            same("(three - two)^2", fe_square(mixed), l, number_mul(n32, n32));
            same("(0 - two)^2", fe_square(least), l, number_mul(n02, n02));
            same("two reduced", fe_add(reduced, reduced), l, number_add(n32, n32, 1));
            same("reduced^2", fe_square(reduced), l, number_mul(n32, n32));
        }
    }
}

static void powers_and_masks(void **state)
{
    (void)state;
    const fe one = fe_const(limbs_one), zero = fe_const(limbs_zero), i = fe_freeze(fe_const(limbs_sqrt_m1));
    const unsigned all = (1u << LANES) - 1;
    for (int round = 0; round < 400; round++) {
        struct operand operand[GROUPS];
        fe a[GROUPS], inverse[GROUPS], root[GROUPS];
        mask square[GROUPS];
        for (int g = 0; g < GROUPS; g++) {
            fill(&operand[g]);
            a[g] = load(&operand[g]);
        }
        fe_invert(inverse, a, GROUPS);
        fe_invsqrt(root, square, a, GROUPS);
        for (int g = 0; g < GROUPS; g++) {
            const mask is_zero = fe_is_zero(a[g]);
            const fe unit = fe_freeze(fe_mul(a[g], inverse[g])), check = fe_freeze(fe_mul(a[g], fe_square(root[g])));
            assert_int_equal(mask_bits(fe_same(unit, one) ^ is_zero) & all, all);
            assert_int_equal(mask_bits(fe_same(check, fe_select(square[g], one, fe_select(is_zero, zero, i)))), all);
            assert_int_equal(mask_bits(square[g] & is_zero), 0);
            const fe negated = fe_neg(a[g]);
            assert_int_equal(mask_bits(fe_is_negative(a[g]) ^ fe_is_negative(negated) ^ is_zero) & all, all);
            assert_int_equal(mask_bits(fe_is_negative(fe_abs(a[g]))), 0);
        }
        const unsigned bits = randombytes_uniform(1u << LANES);
        assert_int_equal(mask_bits(mask_from_bits(bits)) & all, bits);
        assert_int_equal(mask_bits(fe_is_zero(fe_select(mask_from_bits(bits), zero, one))) & all, bits);
        assert_int_equal(mask_bits(mask_all(bits & 1)) & all, bits & 1 ? all : 0);
    }
}

static void lookups(void **state)
{
    (void)state;
    static struct base_window window;
    for (int w = 0; w < 15; w++)
        for (uint64_t j = 0; j < BASE_ENTRIES; j++)
            window.limb[w][j] = 1000 * (uint64_t)w + j + 1;
    for (uint64_t start = 0; start <= BASE_ENTRIES; start++) {
        uint64_t index[LANES];
        fe c[3];
        for (uint64_t l = 0; l < LANES; l++)
            index[l] = (start + 5 * l) % (BASE_ENTRIES + 1);
        fe_lookup(c, window.limb, index);
        for (int f = 0; f < 3; f++) {
            const struct operand r = frozen(c[f]);
            for (int l = 0; l < LANES; l++)
                for (uint64_t i = 0; i < 5; i++)
                    assert_int_equal(r.limb[l][i],
                                     index[l] == 0 ? (f < 2 && i == 0) : 1000 * (5 * (uint64_t)f + i) + index[l]);
        }
    }
}

static int run_field_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(sums_of_products),
        cmocka_unit_test(powers_and_masks),
        cmocka_unit_test(lookups),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
