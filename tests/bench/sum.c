/* Pictures: what an agency, a custodian and whoever closes a period compute for 20,000 cells and five custodians. */
#include "tests/bench/bench.h"

#include "protocol/sum/noise.h"
#include "protocol/sum/seal.h"

#include <sodium.h>
#include <stdlib.h>

#define CELLS 20000
#define CUSTODIANS 5
#define THRESHOLD 3
#define AGENCIES 45

static const struct sum_shape shape = {CELLS, THRESHOLD, CUSTODIANS};
static const uint8_t context[SUM_CONTEXT_SIZE] = {1};

struct sum_bench {
    struct sum_basis *basis;
    int32_t figure[CELLS], mark[CELLS], total[CELLS], contributors[CELLS];
    struct scalar secret;
    struct element public;
    struct buf commitments, share[CUSTODIANS], sealed[CUSTODIANS], sum[CUSTODIANS];
};

/* All of an agency's work, with the sealing of what it sends. */
static int deal(void *context_of, struct stopwatch *watch, struct err *err)
{
    struct sum_bench *b = context_of;
    struct sum_dealing *dealing;
    uint8_t seed[SUM_SEED_SIZE];
    (void)watch;
    randombytes_buf(seed, sizeof seed);
    buf_clear(&b->commitments);
    int rc = sum_deal(&dealing, &shape, b->figure, b->mark, seed, err);
    if (rc == 0)
        rc = sum_dealing_commit(&b->commitments, dealing, b->basis, err);
    for (size_t i = 0; rc == 0 && i < CUSTODIANS; i++) {
        buf_clear(&b->share[i]);
        buf_clear(&b->sealed[i]);
        rc = sum_dealing_share(&b->share[i], dealing, (uint8_t)(i + 1), err);
        if (rc == 0)
            rc = sum_seal(&b->sealed[i], context, &b->public, buf_span(&b->share[i]), err);
    }
    sum_dealing_free(dealing);
    return rc;
}

/* All of a custodian's with one contribution. */
static int verify(void *context_of, struct stopwatch *watch, struct err *err)
{
    struct sum_bench *b = context_of;
    struct sum_commitments c;
    struct sum_share share = {.scalar = NULL};
    (void)watch;
    int rc = sum_commitments_decode(&c, &shape, buf_span(&b->commitments), err);
    if (rc == 0)
        rc = sum_take(&share, context, &b->secret, 1, buf_span(&b->sealed[0]), &c, b->basis, err);
    sum_share_free(&share);
    sum_commitments_free(&c);
    return rc;
}

/* The product of the commitments of all agencies: here one agency's, as often. */
static int multiply_up(struct sum_commitments *all, const struct sum_bench *b, struct err *err)
{
    int rc = sum_commitments_decode(all, &shape, buf_span(&b->commitments), err);
    for (size_t a = 1; rc == 0 && a < AGENCIES; a++) {
        struct sum_commitments more;
        rc = sum_commitments_decode(&more, &shape, buf_span(&b->commitments), err);
        if (rc == 0)
            sum_commitments_add(all, &more);
        sum_commitments_free(&more);
    }
    return rc;
}

/* A custodian's sum over as many shares. */
static int add_shares(struct sum_bench *b, size_t custodian, struct err *err)
{
    struct sum_share sum, more = {.scalar = NULL};
    int rc = sum_share_decode(&sum, &shape, (uint8_t)(custodian + 1), buf_span(&b->share[custodian]), err);
    if (rc == 0)
        rc = sum_share_decode(&more, &shape, (uint8_t)(custodian + 1), buf_span(&b->share[custodian]), err);
    for (size_t a = 1; rc == 0 && a < AGENCIES; a++)
        sum_share_add(&sum, &more);
    buf_clear(&b->sum[custodian]);
    if (rc == 0)
        rc = sum_share_encode(&b->sum[custodian], &sum, err);
    sum_share_free(&sum);
    sum_share_free(&more);
    return rc;
}

/* A custodian adds up; somebody checks all five sums against 45 agencies' commitments and reads the totals. */
static int close_period(void *context_of, struct stopwatch *watch, struct err *err)
{
    struct sum_bench *b = context_of;
    struct sum_commitments all;
    struct sum_share sum[CUSTODIANS] = {{.scalar = NULL}};
    const struct sum_share *of[THRESHOLD];
    (void)watch;
    int rc = add_shares(b, 0, err);
    if (rc == 0)
        rc = multiply_up(&all, b, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < CUSTODIANS; i++) {
        rc = sum_share_decode(&sum[i], &shape, (uint8_t)(i + 1), buf_span(&b->sum[i]), err);
        if (rc == 0)
            rc = sum_share_verify(&sum[i], &all, b->basis, err);
        if (i < THRESHOLD)
            of[i] = &sum[i];
    }
    if (rc == 0)
        rc = sum_totals_vartime(b->total, b->contributors, of, err);
    for (size_t i = 0; i < CUSTODIANS; i++)
        sum_share_free(&sum[i]);
    sum_commitments_free(&all);
    return rc;
}

/* One of the sixteen that a custodian commits to: an epsilon of a half for figures of three cells an incident. */
static int draw_noise(void *context_of, struct stopwatch *watch, struct err *err)
{
    static const struct noise_law figures = {500, 3, CUSTODIANS - THRESHOLD + 1},
                                  marks = {500, 3, CUSTODIANS - THRESHOLD + 1};
    static const uint8_t seed[SUM_SEED_SIZE] = {1};
    struct sum_bench *b = context_of;
    struct sum_dealing *dealing;
    struct buf commitments = buf_of(SUM_COMMITMENTS_MAX);
    (void)watch;
    int rc = noise_deal(&dealing, &shape, &figures, &marks, seed, err);
    if (rc == 0)
        rc = sum_dealing_commit(&commitments, dealing, b->basis, err);
    sum_dealing_free(dealing);
    buf_free(&commitments);
    return rc;
}

static int check_totals(struct sum_bench *b, struct err *err)
{
    int rc = 0;
    for (size_t i = 1; rc == 0 && i < CUSTODIANS; i++)
        rc = add_shares(b, i, err);
    if (rc == 0)
        rc = close_period(b, NULL, err);
    for (size_t k = 0; rc == 0 && k < CELLS; k++)
        if (b->total[k] != AGENCIES * b->figure[k] || b->contributors[k] != AGENCIES * b->mark[k])
            rc = bench_differs("sum.close", err);
    return rc;
}

static int setup(void **context_of, struct err *err)
{
    struct sum_bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context_of = b;
    sum_seal_pair(&b->secret, &b->public);
    for (size_t k = 0; k < CELLS; k++) {
        b->mark[k] = (int32_t)randombytes_uniform(2);
        b->figure[k] = b->mark[k] * (int32_t)randombytes_uniform(1000);
    }
    b->commitments = buf_of(SUM_COMMITMENTS_MAX);
    for (size_t i = 0; i < CUSTODIANS; i++) {
        b->share[i] = b->sum[i] = buf_of(SUM_SHARE_MAX);
        b->sealed[i] = buf_of(SUM_SHARE_MAX + SUM_SEAL_OVERHEAD);
    }
    int rc = sum_basis_new(&b->basis, err);
    if (rc == 0)
        rc = deal(b, NULL, err);
    if (rc == 0)
        rc = verify(b, NULL, err);
    if (rc == 0)
        rc = check_totals(b, err);
    return rc;
}

static void teardown(void *context_of)
{
    struct sum_bench *b = context_of;
    sum_basis_free(b->basis);
    buf_free(&b->commitments);
    for (size_t i = 0; i < CUSTODIANS; i++) {
        buf_free(&b->share[i]);
        buf_free(&b->sealed[i]);
        buf_free(&b->sum[i]);
    }
    free(b);
}

static int measure_bytes(double *value, struct err *err)
{
    (void)err;
    *value = (double)(sum_share_size(&shape) + SUM_SEAL_OVERHEAD + sum_commitments_size(&shape)) / CELLS;
    return 0;
}

const struct bench_case bench_sum[] = {
    {"sum.deal",
     "an agency shares 20,000 cells among 5 custodians, 3 of whom suffice, commits to them and seals",
     BENCH_SECONDS,
     {1, deal},
     {0, NULL},
     setup,
     teardown,
     NULL,
     false},
    {"sum.verify",
     "a custodian opens and verifies its share of that",
     BENCH_SECONDS,
     {1, verify},
     {0, NULL},
     setup,
     teardown,
     NULL,
     false},
    {"sum.close",
     "a custodian adds up 45 agencies' shares; all 5 sums are verified and the totals read",
     BENCH_SECONDS,
     {1, close_period},
     {0, NULL},
     setup,
     teardown,
     NULL,
     false},
    {"sum.noise",
     "noise for 20,000 cells is drawn and committed to: one of a custodian's sixteen",
     BENCH_SECONDS,
     {1, draw_noise},
     {0, NULL},
     setup,
     teardown,
     NULL,
     false},
    {"sum.bytes",
     "bytes of a figure and its mark for one custodian, with the seal and all commitments",
     BENCH_BYTES,
     {0, NULL},
     {0, NULL},
     NULL,
     NULL,
     measure_bytes,
     false},
    {.name = NULL},
};
