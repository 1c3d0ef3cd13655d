/* Sums of products: many at once are what they are one by one, whatever their number and the length of the scalars. */
#include "protocol/group/scalar.h"
#include "tests/unit/group_test.h"

#include <sodium.h>

enum { SUMS_MOST = 131, TERMS_MOST = 9 };

static struct point in[SUMS_MOST * TERMS_MOST], out[SUMS_MOST];
static struct scalar k[SUMS_MOST * TERMS_MOST];

/* Scalars of at most so many bits, some of them zero, and the highest that there is. */
static void fill(size_t n, size_t bytes)
{
    static uint8_t uniform[SUMS_MOST * TERMS_MOST][64];
    randombytes_buf(uniform, n * sizeof *uniform);
    group_from_uniform(in, (const uint8_t(*)[64])uniform, n);
    scalar_random_batch(k, n);
    for (size_t i = 0; i < n; i++) {
        memset(k[i].bytes + bytes, 0, 32 - bytes);
        if (i % 5 == 1)
            memset(k[i].bytes, 0, 32);
        if (i % 11 == 2)
            memset(k[i].bytes, 0xff, bytes - (bytes == 32));
    }
}

static void check_sums(size_t sums, size_t terms)
{
    struct err err = {.text = ""};
    check_ok(group_msm_many_vartime(out, k, in, sums, terms, &err), &err);
    for (size_t s = 0; s < sums; s++) {
        struct point expected, whole, term;
        group_mul(&expected, &k[s * terms], &in[s * terms], 1);
        for (size_t i = 1; i < terms; i++) {
            group_mul(&term, &k[s * terms + i], &in[s * terms + i], 1);
            group_add(&expected, &expected, &term, 1);
        }
        check_ok(group_msm_vartime(&whole, k + s * terms, in + s * terms, terms, &err), &err);
        assert_true(group_equal(&out[s], &expected));
        assert_true(group_equal(&whole, &expected));
    }
}

static void many_sums_are_what_single_ones_are(void **state)
{
    (void)state;
    static const size_t sums[] = {1, 7, 8, 9, 127, 128, 129, SUMS_MOST}, bytes[] = {1, 8, 16, 17, 32};
    for (size_t e = 0; e < GROUP_ENGINES; e++) {
        if (!use_engine(group_engines[e]))
            continue;
        for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
            for (size_t b = 0; b < sizeof bytes / sizeof *bytes; b++) {
                const size_t terms = 1 + (i + b) % TERMS_MOST;
                fill(sums[i] * terms, bytes[b]);
                check_sums(sums[i], terms);
            }
    }
}

static void no_terms_are_refused(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(group_msm_many_vartime(out, k, in, 1, 0, &err), ERR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_sums_are_what_single_ones_are),
        cmocka_unit_test(no_terms_are_refused),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("group_msm", tests, NULL, NULL);
}
