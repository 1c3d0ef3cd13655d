/* Sums of secret multiples of many bases are what group_mul() gives one by one, on every engine. */
#include "protocol/group/scalar.h"
#include "tests/unit/group_test.h"

#include <sodium.h>

enum { BASES = 131 };

static struct point base[BASES];
static struct scalar k[BASES];

static void check_sum(const struct group_bases *bases, size_t bits, size_t n)
{
    struct point expected, term, out;
    group_sub(&expected, &base[0], &base[0], 1);
    for (size_t i = 0; i < n; i++) {
        group_mul(&term, &k[i], &base[i], 1);
        group_add(&expected, &expected, &term, 1);
    }
    group_bases_mul(&out, bases, k, bits, n);
    assert_true(group_equal(&out, &expected));
}

/* Leaves the lowest bits. */
static void cut(struct scalar *s, size_t bits)
{
    for (size_t b = bits; b < 256; b++)
        s->bytes[b / 8] &= (uint8_t) ~(1u << b % 8);
}

/* Zero, one, the highest that there is, and what is not reduced, among random ones. */
static void fill_scalars(void)
{
    scalar_random_batch(k, BASES);
    memset(&k[1], 0, sizeof k[1]);
    scalar_set(&k[2], 1);
    scalar_set(&k[3], 0);
    scalar_sub(&k[3], &k[3], &k[2]);
    memset(&k[4], 0xff, sizeof k[4]);
    memset(&k[5], 0x82, sizeof k[5]);
}

static void fill(void)
{
    static uint8_t uniform[BASES][64];
    randombytes_buf(uniform, sizeof uniform);
    group_from_uniform(base, (const uint8_t(*)[64])uniform, BASES);
    fill_scalars();
}

static void sums_are_what_single_products_add_up_to(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 6, 64, 65, BASES};
    struct err err;
    for (size_t e = 0; e < GROUP_ENGINES; e++) {
        if (!use_engine(group_engines[e]))
            continue;
        fill();
        struct group_bases *bases = group_bases_new(base, BASES, &err);
        assert_non_null(bases);
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
            check_sum(bases, 255, counts[i]);
        for (size_t bits = 1; bits < 255; bits += 7) {
            for (size_t i = 0; i < BASES; i++)
                cut(&k[i], bits);
            check_sum(bases, bits, BASES);
            fill_scalars();
        }
        group_bases_free(bases);
    }
}

/* A table made with one engine serves the others. */
static void tables_are_for_every_engine(void **state)
{
    (void)state;
    struct err err;
    assert_true(use_engine("portable"));
    fill();
    struct group_bases *bases = group_bases_new(base, BASES, &err);
    assert_non_null(bases);
    for (size_t e = 0; e < GROUP_ENGINES; e++)
        if (use_engine(group_engines[e]))
            check_sum(bases, 255, BASES);
    group_bases_free(bases);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct err err;
    assert_null(group_bases_new(base, (size_t)GROUP_BASES_MAX + 1, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_what_single_products_add_up_to),
        cmocka_unit_test(tables_are_for_every_engine),
        cmocka_unit_test(too_many_are_refused),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("group_bases", tests, NULL, NULL);
}
