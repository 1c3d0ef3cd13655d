/*
 * Noise has the distribution that it says: chi-square over 10^6 draws of a fixed seed, so that what passed once always
 * passes; with its control, another law, which must not pass.
 */
#include "protocol/sum/noise.h"
#include "tests/unit/sum_test.h"

#include <math.h>

enum { DRAWS = 1000000, SUMS = 200000, EDGE = 60, CLASSES = 2 * EDGE + 1 };

static int32_t drawn[DRAWS];

/* How often what is expected in a million is met, in classes -EDGE .. EDGE with the tails in the outermost. */
static double chi_square(size_t n, const struct noise_law *law)
{
    static size_t met[CLASSES];
    const double q = exp(-(double)law->epsilon / (1000.0 * law->sensitivity));
    double sum = 0;
    memset(met, 0, sizeof met);
    for (size_t i = 0; i < n; i++)
        met[(drawn[i] < -EDGE ? -EDGE : drawn[i] > EDGE ? EDGE : drawn[i]) + EDGE]++;
    for (int x = -EDGE; x <= EDGE; x++) {
        const double tail = abs(x) == EDGE ? 1 / (1 - q) : 1;
        const double expected = (double)n * (1 - q) / (1 + q) * pow(q, abs(x)) * tail;
        sum += pow((double)met[x + EDGE] - expected, 2) / expected;
    }
    return sum;
}

/* 120 degrees of freedom: above 190 by chance once in 10^4.6. */
#define BOUND 190.0

static void one_part_is_discrete_laplace(void **state)
{
    (void)state;
    static const uint8_t seed[SUM_SEED_SIZE] = {11};
    static const struct noise_law laws[] = {{100, 1, 1}, {500, 4, 1}};
    for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
        noise_draw(drawn, DRAWS, &laws[i], seed);
        const double found = chi_square(DRAWS, &laws[i]);
        if (found > BOUND)
            fail_msg("law %zu: chi-square of %.1f", i, found);
        /* A law that differs by three in a hundred does not pass. */
        const struct noise_law other = {laws[i].epsilon * 103 / 100, laws[i].sensitivity, 1};
        assert_true(chi_square(DRAWS, &other) > BOUND);
    }
}

/* The sum of as many parts as the law says; and of one fewer, which is not enough. */
static void parts_add_up_to_discrete_laplace(void **state)
{
    (void)state;
    static int32_t part[SUMS];
    for (uint32_t parts = 2; parts <= 4; parts++) {
        const struct noise_law law = {100, 1, parts};
        memset(drawn, 0, sizeof drawn);
        for (uint32_t p = 0; p < parts; p++) {
            const uint8_t seed[SUM_SEED_SIZE] = {(uint8_t)parts, (uint8_t)p};
            if (p + 1 == parts)
                assert_true(chi_square(SUMS, &law) > BOUND);
            noise_draw(part, SUMS, &law, seed);
            for (size_t i = 0; i < SUMS; i++)
                drawn[i] += part[i];
        }
        const double found = chi_square(SUMS, &law);
        if (found > BOUND)
            fail_msg("%u parts: chi-square of %.1f", (unsigned)parts, found);
    }
}

/* Where epsilon is above the sensitivity, and the largest scale: the deviation is what is told. */
static void deviations_are_what_is_told(void **state)
{
    (void)state;
    static const struct noise_law laws[] = {{2500, 1, 1}, {1000, 1, 3}, {1000, 20, 2}, {1000, NOISE_SCALE_MAX, 1}};
    static const uint8_t seed[SUM_SEED_SIZE] = {5};
    for (size_t i = 0; i < ARRAY_LEN(laws); i++) {
        double squares = 0;
        noise_draw(drawn, 20000, &laws[i], seed);
        for (size_t k = 0; k < 20000; k++)
            squares += (double)drawn[k] * drawn[k];
        const double found = sqrt(squares / 20000), told = noise_deviation(&laws[i], 1);
        if (fabs(found - told) > told * 0.04)
            fail_msg("law %zu: a deviation of %.2f, not %.2f", i, found, told);
    }
    assert_true(fabs(noise_deviation(&laws[1], 5) - noise_deviation(&laws[1], 3) * sqrt(5.0 / 3)) < 1e-9);
}

static void laws_have_limits(void **state)
{
    (void)state;
    static const struct noise_law bad[] = {{0, 1, 1}, {1, 0, 1},      {1, 1, 0}, {1, 1, SUM_CUSTODIANS_MAX + 1},
                                           {1, 5, 1}, {1000001, 1, 1}};
    const struct noise_law most = {1, 4, 1};
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(noise_law_check(&bad[i], &err), ERR_INPUT);
    check_ok(noise_law_check(&most, &err), &err);
}

/* A custodian is held to its seed: what it dealt otherwise has other commitments. */
static void an_opened_seed_shows_what_was_dealt(void **state)
{
    (void)state;
    const struct sum_shape shape = {10, 2, 3};
    const struct noise_law figures = {500, 3, 2}, marks = {500, 1, 2}, other = {100, 3, 2};
    static const uint8_t seed[2][SUM_SEED_SIZE] = {{1}, {2}};
    struct buf commitments = buf_of(SUM_COMMITMENTS_MAX);
    struct sum_dealing *dealing;
    struct err err;
    check_ok(noise_deal(&dealing, &shape, &figures, &marks, seed[0], &err), &err);
    check_ok(sum_dealing_commit(&commitments, dealing, basis, &err), &err);
    const struct span c = buf_span(&commitments);
    check_ok(noise_check(c, &shape, &figures, &marks, seed[0], basis, &err), &err);
    assert_int_equal(noise_check(c, &shape, &figures, &marks, seed[1], basis, &err), ERR_VERIFY);
    assert_int_equal(noise_check(c, &shape, &figures, NULL, seed[0], basis, &err), ERR_VERIFY);
    assert_int_equal(noise_check(c, &shape, &other, &marks, seed[0], basis, &err), ERR_VERIFY);
    commitments.data[commitments.len - 1] ^= 1;
    assert_int_equal(noise_check(c, &shape, &figures, &marks, seed[0], basis, &err), ERR_VERIFY);
    sum_dealing_free(dealing);
    buf_free(&commitments);
}

/* Each coin, custodian and picture moves the pick, every seed is picked as often, and a commitment binds. */
static void a_public_coin_picks_the_seed(void **state)
{
    (void)state;
    static const uint8_t context[2][32] = {{1}, {2}};
    uint8_t coin[3][NOISE_COIN_SIZE] = {{1}, {2}, {3}}, first[NOISE_COIN_SIZE], second[NOISE_COIN_SIZE];
    size_t picked[NOISE_SEEDS] = {0}, moved[4] = {0};
    for (uint32_t i = 0; i < 16000; i++) {
        bytes_put_u32be(coin[i % 3], i);
        const size_t pick = noise_pick(context[0], (const uint8_t(*)[NOISE_COIN_SIZE])coin, 3, 1);
        assert_true(pick < NOISE_SEEDS);
        picked[pick]++;
        moved[0] += pick != noise_pick(context[1], (const uint8_t(*)[NOISE_COIN_SIZE])coin, 3, 1);
        moved[1] += pick != noise_pick(context[0], (const uint8_t(*)[NOISE_COIN_SIZE])coin, 3, 2);
        moved[2] += pick != noise_pick(context[0], (const uint8_t(*)[NOISE_COIN_SIZE])coin, 2, 1);
        coin[2][31] ^= 1;
        moved[3] += pick != noise_pick(context[0], (const uint8_t(*)[NOISE_COIN_SIZE])coin, 3, 1);
    }
    for (size_t i = 0; i < NOISE_SEEDS; i++)
        assert_in_range(picked[i], 850, 1150);
    for (size_t i = 0; i < ARRAY_LEN(moved); i++)
        assert_in_range(moved[i], 14700, 15300);
    noise_coin_commit(first, context[0], 1, coin[0]);
    noise_coin_commit(second, context[0], 2, coin[0]);
    assert_memory_not_equal(first, second, sizeof first);
    noise_coin_commit(second, context[1], 1, coin[0]);
    assert_memory_not_equal(first, second, sizeof first);
    noise_coin_commit(second, context[0], 1, coin[1]);
    assert_memory_not_equal(first, second, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_part_is_discrete_laplace),        cmocka_unit_test(parts_add_up_to_discrete_laplace),
        cmocka_unit_test(deviations_are_what_is_told),         cmocka_unit_test(laws_have_limits),
        cmocka_unit_test(an_opened_seed_shows_what_was_dealt), cmocka_unit_test(a_public_coin_picks_the_seed),
    };
    return cmocka_run_group_tests_name("sum_noise", tests, make_basis, free_basis);
}
