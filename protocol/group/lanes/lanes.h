/*
 * An engine: the lanes of one field made into functions on arrays of any length. A file that includes this has included
 * its field before and defines ENGINE to be the name of its struct engine, and ENGINE_NAME, ENGINE_HASH_LANES and
 * ENGINE_HASH_COMPRESS to be what stands in it.
 *
 * The last elements, too few to fill the lanes, go through a block of their own, filled up with zeroes: not a point,
 * but no arithmetic here minds, and what comes out of those lanes goes nowhere.
 */
#include <sodium.h>

#include "protocol/group/lanes/field.h"
#include "protocol/group/lanes/power.h"
#include "protocol/group/lanes/point.h"
#include "protocol/group/lanes/ristretto.h"
#include "protocol/group/lanes/batch.h"
#include "protocol/group/lanes/mul.h"
#include "protocol/group/lanes/bucket.h"

/* What the functions with `groups` take at a time. */
#define BLOCK (LANES * GROUPS)

/* How many of n elements the next block takes, of at most max. */
static inline size_t block_of(size_t n, size_t max)
{
    return n < max ? n : max;
}

static size_t lanes_decode(struct point *out, const struct element *in, size_t n)
{
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        struct element e[BLOCK] = {0};
        struct point p[BLOCK];
        len = block_of(n - i, BLOCK);
        memcpy(e, in + i, len * sizeof *e);
        const unsigned bad = len <= LANES ? decode_block(p, e, 1) : decode_block(p, e, GROUPS);
        memcpy(out + i, p, len * sizeof *p);
        for (size_t l = 0; l < len; l++)
            if (bad >> l & 1)
                return i + l;
    }
    return n;
}

static void lanes_encode(struct element *out, const struct point *in, size_t n)
{
    struct point p[BLOCK] = {0};
    struct element e[BLOCK];
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        len = block_of(n - i, BLOCK);
        memcpy(p, in + i, len * sizeof *p);
        if (len <= LANES)
            encode_block(e, p, 1);
        else
            encode_block(e, p, GROUPS);
        memcpy(out + i, e, len * sizeof *e);
    }
    sodium_memzero(p, sizeof p);
    sodium_memzero(e, sizeof e);
}

static void lanes_from_uniform(struct point *out, const uint8_t (*in)[64], size_t n)
{
    uint8_t u[BLOCK][64] = {{0}};
    struct point p[BLOCK];
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        len = block_of(n - i, BLOCK);
        memcpy(u, in + i, len * sizeof *u);
        if (len <= LANES)
            from_uniform_block(p, (const uint8_t(*)[64])u, 1);
        else
            from_uniform_block(p, (const uint8_t(*)[64])u, GROUPS);
        memcpy(out + i, p, len * sizeof *p);
    }
    sodium_memzero(u, sizeof u);
    sodium_memzero(p, sizeof p);
}

/* Points of a batch, a block at a time through a copy that is whole lanes long. */
#define BATCH_POINTS (BATCH_MAX * LANES)

static size_t batch_copy(struct point *p, const struct point *in, size_t n)
{
    const size_t len = block_of(n, BATCH_POINTS), whole = (len + LANES - 1) / LANES * LANES;
    memcpy(p, in, len * sizeof *p);
    memset(p + len, 0, (whole - len) * sizeof *p);
    return len;
}

static void lanes_encode_doubled(struct element *out, const struct point *in, size_t n)
{
    struct point p[BATCH_POINTS];
    struct element e[BATCH_POINTS];
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        len = batch_copy(p, in + i, n - i);
        encode_doubled_batch(e, p, (len + LANES - 1) / LANES);
        memcpy(out + i, e, len * sizeof *e);
    }
    sodium_memzero(p, sizeof p);
    sodium_memzero(e, sizeof e);
}

static void lanes_affine(struct niels *out, const struct point *in, size_t n)
{
    struct point p[BATCH_POINTS];
    struct niels a[BATCH_POINTS];
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        len = batch_copy(p, in + i, n - i);
        affine_batch(a, p, (len + LANES - 1) / LANES);
        memcpy(out + i, a, len * sizeof *a);
    }
}

static void lanes_mul(struct point *out, const struct scalar *k, const struct point *in, size_t n)
{
    int8_t digit[MUL_DIGITS];
    struct point p[LANES] = {0};
    size_t len;
    recode(digit, 1, MUL_DIGITS, MUL_WINDOW, k);
    for (size_t i = 0; i < n; i += len) {
        len = block_of(n - i, LANES);
        memcpy(p, in + i, len * sizeof *p);
        mul_lanes(p, digit, p);
        memcpy(out + i, p, len * sizeof *p);
    }
    sodium_memzero(digit, sizeof digit);
    sodium_memzero(p, sizeof p);
}

static void lanes_base_mul(struct point *out, const struct base_window *table, const struct scalar *k, size_t n)
{
    struct scalar s[LANES] = {0};
    struct point p[LANES];
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        len = block_of(n - i, LANES);
        memcpy(s, k + i, len * sizeof *s);
        base_mul_lanes(p, table, s);
        memcpy(out + i, p, len * sizeof *p);
    }
    sodium_memzero(s, sizeof s);
    sodium_memzero(p, sizeof p);
}

static void lanes_window_sums(struct point *out, const struct base_window *table, const struct scalar *k, size_t n,
                              size_t windows)
{
    struct point p[WINDOW_GROUPS * LANES];
    window_sums_lanes(p, table, k, n, (int)((windows + LANES - 1) / LANES));
    memcpy(out, p, windows * sizeof *out);
    sodium_memzero(p, sizeof p);
}

/* a + b, or a - b. */
static inline void lanes_combine(struct point *out, const struct point *a, const struct point *b, size_t n,
                                 unsigned subtract)
{
    struct point pa[LANES] = {0}, pb[LANES] = {0};
    size_t len;
    for (size_t i = 0; i < n; i += len) {
        len = block_of(n - i, LANES);
        memcpy(pa, a + i, len * sizeof *pa);
        memcpy(pb, b + i, len * sizeof *pb);
        const extended p = point_load(pa), q = point_load(pb);
        const cached addend = point_cache(&q);
        const completed sum = point_add_cached(&p, &addend, mask_all(subtract));
        const extended e = completed_extend(&sum);
        point_store(pa, &e);
        memcpy(out + i, pa, len * sizeof *pa);
    }
    sodium_memzero(pa, sizeof pa);
    sodium_memzero(pb, sizeof pb);
}

static void lanes_add(struct point *out, const struct point *a, const struct point *b, size_t n)
{
    lanes_combine(out, a, b, n, 0);
}

static void lanes_sub(struct point *out, const struct point *a, const struct point *b, size_t n)
{
    lanes_combine(out, a, b, n, 1);
}

static void lanes_bucket_sums(struct point *out, const struct buckets *b)
{
    for (size_t i = 0; i < b->count; i += LANES)
        bucket_sums_lanes(out, b, i);
}

static void lanes_running_sums(struct point *sum, struct point *weighted, const struct point *list, size_t n,
                               size_t length)
{
    _Static_assert(RUNNING_LISTS % LANES == 0, "lists fill whole lanes");
    for (size_t i = 0; i < n; i += LANES)
        running_sums_lanes(sum + i, weighted + i, list + i * length, length);
}

const struct engine ENGINE = {
    .name = ENGINE_NAME,
    .decode = lanes_decode,
    .encode = lanes_encode,
    .encode_doubled = lanes_encode_doubled,
    .from_uniform = lanes_from_uniform,
    .mul = lanes_mul,
    .base_mul = lanes_base_mul,
    .window_sums = lanes_window_sums,
    .add = lanes_add,
    .sub = lanes_sub,
    .affine = lanes_affine,
    .bucket_sums = lanes_bucket_sums,
    .running_sums = lanes_running_sums,
    .hash_lanes = ENGINE_HASH_LANES,
    .hash_compress = ENGINE_HASH_COMPRESS,
    .keyed_compress = ENGINE_KEYED_COMPRESS,
};
