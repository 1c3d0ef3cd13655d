/*
 * What group.c, hash.c and the engines agree on. An engine is the same arithmetic over another width of lanes:
 * engine_portable.c, engine_avx2.c and engine_ifma.c each take a field (field_*.h) and the formulas above it (lanes.h).
 */
#ifndef PROTOCOL_GROUP_ENGINE_H
#define PROTOCOL_GROUP_ENGINE_H

#include "protocol/group/group.h"

/* For what must be compiled into its caller for speed: values live in registers, and some parameters are constants. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * Tables of a base P, for signed digits of BASE_WINDOW bits: window w holds j * 2^(w * BASE_WINDOW) * P for
 * j = 1 .. BASE_ENTRIES as affine (y + x, y - x, 2dxy), 15 limbs. An entry is a column: all entries' limb 0, all
 * entries' limb 1, and so on, so that a vector permutation is a lookup.
 */
#define BASE_WINDOW 6
#define BASE_ENTRIES (1 << (BASE_WINDOW - 1))
#define BASE_WINDOWS 43 /* 258 bits: room for a scalar of 255 and the carry of its signed digits */

struct base_window {
    _Alignas(64) uint64_t limb[15][BASE_ENTRIES];
};

/* An affine point as addition wants it: y + x, y - x, 2dxy; two cache lines. */
struct niels {
    _Alignas(64) uint64_t limb[16];
};

/* One term of a bucket: twice the point's index, and one more if it is subtracted. */
struct bucket_term {
    uint32_t code;
};

/* Lists of terms, bucket b's from start[b] up to start[b + 1]; order names `count` buckets by falling length. */
struct buckets {
    const struct niels *points;
    const struct bucket_term *term;
    const uint32_t *start, *order;
    size_t count;
};

/* n of running_sums() is a multiple of this, which fills the lanes of every engine. */
#define RUNNING_LISTS 8

struct engine {
    const char *name;
    /* Returns the index of the first element that is no encoding, n if there is none. */
    size_t (*decode)(struct point *out, const struct element *in, size_t n);
    void (*encode)(struct element *out, const struct point *in, size_t n);
    void (*encode_doubled)(struct element *out, const struct point *in, size_t n);
    void (*from_uniform)(struct point *out, const uint8_t (*in)[64], size_t n);
    void (*mul)(struct point *out, const struct scalar *k, const struct point *in, size_t n);
    void (*base_mul)(struct point *out, const struct base_window *table, const struct scalar *k, size_t n);
    /* out[w] = sum over i of digit w of k[i] times base i, whose table is table[i], for the lowest digits. */
    void (*window_sums)(struct point *out, const struct base_window *table, const struct scalar *k, size_t n,
                        size_t windows);
    void (*add)(struct point *out, const struct point *a, const struct point *b, size_t n);
    void (*sub)(struct point *out, const struct point *a, const struct point *b, size_t n);
    void (*affine)(struct niels *out, const struct point *in, size_t n);
    /* out[b] = sum of bucket b, for the buckets in the order. VARIABLE TIME. */
    void (*bucket_sums)(struct point *out, const struct buckets *buckets);
    /* sum[i] = sum of p_j, weighted[i] = sum of j * p_j, for the points p_1 .. p_length of list i of n. */
    void (*running_sums)(struct point *sum, struct point *weighted, const struct point *list, size_t n, size_t length);
    /* SHA-512 on so many messages side by side, as sha512.h has it; 0 and NULL where one at a time is the fastest. */
    size_t hash_lanes;
    void (*hash_compress)(uint64_t *state, const uint8_t *const *block);
    /* BLAKE2b on as many, as blake2b.h has it. */
    void (*keyed_compress)(uint64_t *state, const uint64_t *block, uint64_t taken, bool last);
};

extern const struct engine engine_portable, engine_avx2, engine_ifma;

/* The one that group_init() chose. */
const struct engine *engine_chosen(void);

#endif
