/* The group layer against libsodium, one core. */
#include "tests/bench/baseline.h"
#include "tests/bench/bench.h"

#include "protocol/group/hash.h"
#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define OPS 4096         /* a batch of the client */
#define BASELINE_OPS 512 /* libsodium's cost does not depend on how many */
#define MSM_BASELINE_OPS 256
#define INPUT_SIZE 64 /* bytes: what a match key of a name and a date comes to */

struct group_bench {
    struct scalar k[OPS];
    struct point point[OPS], product[OPS], hashed[OPS];
    struct element element[OPS], encoded[OPS];
    uint8_t input[OPS][INPUT_SIZE];
    struct span span[OPS];
    baseline_element expected[OPS];
};

static int group_setup(void **context, struct err *err)
{
    struct group_bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    scalar_random_batch(b->k, OPS);
    group_base_mul(b->point, group_generator(), b->k, OPS);
    group_encode(b->element, b->point, OPS);
    for (size_t i = 0; i < OPS; i++) {
        randombytes_buf(b->input[i], INPUT_SIZE);
        b->span[i] = span_of(b->input[i], INPUT_SIZE);
    }
    return 0;
}

/* Runs both sides once and compares what they leave in encoded and expected. */
static int group_check(void **context, const char *name, int (*ours)(void *, struct stopwatch *, struct err *),
                       int (*baseline)(void *, struct stopwatch *, struct err *), size_t n, struct err *err)
{
    int rc = group_setup(context, err);
    struct group_bench *b = *context;
    if (rc == 0)
        rc = ours(b, NULL, err);
    if (rc == 0)
        rc = baseline(b, NULL, err);
    if (rc == 0 && memcmp(b->encoded, b->expected, n * sizeof b->expected[0]) != 0)
        rc = bench_differs(name, err);
    return rc;
}

/* A case whose sides are NAME_ours and NAME_baseline; n results are compared. */
#define GROUP_SETUP(name, n)                                                                                           \
    static int name##_setup(void **context, struct err *err)                                                           \
    {                                                                                                                  \
        return group_check(context, "group." #name, name##_ours, name##_baseline, n, err);                             \
    }

/* A multiplication with what surrounds it in libsodium's call: decoding and encoding. */
static int mul_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    int rc = group_decode(b->product, b->element, OPS, NULL, err);
    group_mul(b->product, &b->k[0], b->product, OPS);
    group_encode(b->encoded, b->product, OPS);
    return rc;
}

static int mul_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    for (size_t i = 0; i < BASELINE_OPS; i++)
        if (crypto_scalarmult_ristretto255(b->expected[i], b->k[0].bytes, b->element[i].bytes) != 0)
            return err_set(err, ERR_INTERNAL, "libsodium refuses a multiplication");
    return 0;
}
GROUP_SETUP(mul, BASELINE_OPS)

static int hash_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    int rc = oprf_hash_to_group(b->hashed, b->span, OPS, err);
    group_encode(b->encoded, b->hashed, OPS);
    return rc;
}

static int hash_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    (void)err;
    for (size_t i = 0; i < BASELINE_OPS; i++)
        baseline_hash_to_group(b->expected[i], b->span[i]);
    return 0;
}
GROUP_SETUP(hash, BASELINE_OPS)

static int base_mul_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    (void)err;
    group_base_mul(b->product, group_generator(), b->k, OPS);
    group_encode(b->encoded, b->product, OPS);
    return 0;
}

static int base_mul_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    for (size_t i = 0; i < BASELINE_OPS; i++)
        if (crypto_scalarmult_ristretto255_base(b->expected[i], b->k[i].bytes) != 0)
            return err_set(err, ERR_INTERNAL, "libsodium refuses a multiplication");
    return 0;
}
GROUP_SETUP(base_mul, BASELINE_OPS)

/* libsodium decodes only to look: is_valid_point is the call that does that and nothing else. */
static int decode_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    return group_decode(b->product, b->element, OPS, NULL, err);
}

static int decode_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    for (size_t i = 0; i < OPS; i++)
        if (crypto_core_ristretto255_is_valid_point(b->element[i].bytes) != 1)
            return err_set(err, ERR_INTERNAL, "libsodium refuses an element");
    return 0;
}

static int decode_setup(void **context, struct err *err)
{
    int rc = group_setup(context, err);
    struct group_bench *b = *context;
    if (rc == 0)
        rc = decode_ours(b, NULL, err);
    if (rc != 0)
        return rc;
    group_encode(b->encoded, b->product, OPS);
    return memcmp(b->encoded, b->element, sizeof b->encoded) == 0 ? 0 : bench_differs("group.decode", err);
}

/*
 * libsodium encodes only at the end of another operation, the cheapest of which is an addition: two decodings, which
 * are measured by themselves and taken off, an addition of nine multiplications, which is not, and the encoding.
 */
static int encode_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    (void)err;
    group_encode(b->encoded, b->point, OPS);
    return 0;
}

static int encode_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    static const baseline_element identity;
    size_t valid = 0;
    for (size_t i = 0; i < OPS; i++)
        if (crypto_core_ristretto255_add(b->expected[i], b->element[i].bytes, identity) != 0)
            return err_set(err, ERR_INTERNAL, "libsodium refuses an element");
    stopwatch_set(watch, WATCH_BACK);
    for (size_t i = 0; i < OPS; i++) {
        valid += (size_t)crypto_core_ristretto255_is_valid_point(b->element[i].bytes);
        valid += (size_t)crypto_core_ristretto255_is_valid_point(identity);
    }
    stopwatch_set(watch, WATCH_STOP);
    return valid == 2 * OPS ? 0 : err_set(err, ERR_INTERNAL, "libsodium refuses an element");
}
GROUP_SETUP(encode, OPS)

static int msm_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    (void)watch;
    int rc = group_msm_vartime(&b->product[0], b->k, b->point, OPS, err);
    group_encode(b->encoded, b->product, 1);
    return rc;
}

static int msm_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    baseline_element product;
    (void)watch;
    memset(b->expected[0], 0, sizeof b->expected[0]);
    for (size_t i = 0; i < MSM_BASELINE_OPS; i++)
        if (crypto_scalarmult_ristretto255(product, b->k[i].bytes, b->element[i].bytes) != 0 ||
            crypto_core_ristretto255_add(b->expected[0], b->expected[0], product) != 0)
            return err_set(err, ERR_INTERNAL, "libsodium refuses a multiplication");
    return 0;
}

static int msm_setup(void **context, struct err *err)
{
    int rc = group_setup(context, err);
    struct group_bench *b = *context;
    if (rc == 0)
        rc = group_msm_vartime(&b->product[0], b->k, b->point, MSM_BASELINE_OPS, err);
    if (rc == 0)
        rc = msm_baseline(b, NULL, err);
    if (rc != 0)
        return rc;
    group_encode(b->encoded, b->product, 1);
    return memcmp(b->encoded[0].bytes, b->expected[0], 32) == 0 ? 0 : bench_differs("group.msm", err);
}

/* SHA-512 with its expansion alone. */
static int expand_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    struct hash_message m[32] = {0};
    uint8_t out[32][HASH_SIZE];
    (void)watch;
    (void)err;
    for (size_t i = 0; i < OPS; i += 32) {
        for (size_t j = 0; j < 32; j++)
            m[j].part[0] = b->span[i + j];
        hash_expand(out, m, 32, span_of("Q", 1));
        for (size_t j = 0; j < 32; j++)
            memcpy(b->encoded[i + j].bytes, out[j], 32);
    }
    return 0;
}

static int expand_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct group_bench *b = context;
    uint8_t out[64];
    (void)watch;
    (void)err;
    for (size_t i = 0; i < OPS; i++) {
        baseline_expand(out, b->span[i], span_of("Q", 1));
        memcpy(b->expected[i], out, 32);
    }
    return 0;
}
GROUP_SETUP(expand, OPS)

#define SIDES(name, baseline_ops) {OPS, name##_ours}, {baseline_ops, name##_baseline}, name##_setup, free, NULL, false

const struct bench_case bench_group[] = {
    {"group.mul", "decode, multiply by a secret scalar, encode", BENCH_US, SIDES(mul, BASELINE_OPS)},
    {"group.hash", "expand, map to the group, encode", BENCH_US, SIDES(hash, BASELINE_OPS)},
    {"group.base_mul", "multiply the generator, encode", BENCH_US, SIDES(base_mul, BASELINE_OPS)},
    {"group.decode", "decode with all checks", BENCH_US, SIDES(decode, OPS)},
    {"group.encode", "encode", BENCH_US, SIDES(encode, OPS)},
    {"group.msm", "a term of a multi-scalar multiplication", BENCH_US, SIDES(msm, MSM_BASELINE_OPS)},
    {"group.expand", "expand_message_xmd with SHA-512", BENCH_US, SIDES(expand, OPS)},
    {.name = NULL},
};
