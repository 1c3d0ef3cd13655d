/* What the tests of sums share: agencies with random numbers that have dealt them to custodians. */
#ifndef TESTS_UNIT_SUM_TEST_H
#define TESTS_UNIT_SUM_TEST_H

#include "protocol/group/scalar.h"
#include "protocol/sum/basis.h"
#include "tests/unit/group_test.h"

#include <sodium.h>

enum { CUSTODIANS = 5, CELLS = SUM_CHUNK + 3 };

/* Everything that one agency made; and all taken apart. */
struct dealt {
    int32_t figure[CELLS], mark[CELLS];
    struct buf commitments, share[CUSTODIANS + 1];
    struct sum_commitments c;
    struct sum_share s[CUSTODIANS + 1];
};

static struct sum_basis *basis;

static inline void dealt_free(struct dealt *d)
{
    buf_free(&d->commitments);
    sum_commitments_free(&d->c);
    for (size_t i = 1; i <= CUSTODIANS; i++) {
        buf_free(&d->share[i]);
        sum_share_free(&d->s[i]);
    }
}

/* From the numbers that are in *d. */
static inline void deal(struct dealt *d, const struct sum_shape *shape, const uint8_t seed[SUM_SEED_SIZE])
{
    struct err err;
    struct sum_dealing *dealing;
    d->commitments = buf_of(SUM_COMMITMENTS_MAX);
    check_ok(sum_deal(&dealing, shape, d->figure, d->mark, seed, &err), &err);
    check_ok(sum_dealing_commit(&d->commitments, dealing, basis, &err), &err);
    check_ok(sum_commitments_decode(&d->c, shape, buf_span(&d->commitments), &err), &err);
    for (uint8_t i = 1; i <= CUSTODIANS; i++) {
        d->share[i] = buf_of(SUM_SHARE_MAX);
        d->s[i] = (struct sum_share){.scalar = NULL};
        if (i > shape->custodians)
            continue;
        check_ok(sum_dealing_share(&d->share[i], dealing, i, &err), &err);
        assert_int_equal(d->share[i].len, sum_share_size(shape));
        check_ok(sum_share_decode(&d->s[i], shape, i, buf_span(&d->share[i]), &err), &err);
    }
    sum_dealing_free(dealing);
}

static inline void deal_random(struct dealt *d, const struct sum_shape *shape)
{
    uint8_t seed[SUM_SEED_SIZE];
    randombytes_buf(seed, sizeof seed);
    for (size_t k = 0; k < shape->cells; k++) {
        d->mark[k] = (int32_t)randombytes_uniform(2);
        d->figure[k] = d->mark[k] * (int32_t)randombytes_uniform(1000000);
    }
    deal(d, shape, seed);
}

static inline int make_basis(void **state)
{
    (void)state;
    return group_init(ERR_IGNORED) == 0 && sum_basis_new(&basis, ERR_IGNORED) == 0 ? 0 : -1;
}

static inline int free_basis(void **state)
{
    (void)state;
    sum_basis_free(basis);
    return 0;
}

#endif
