/*
 * ristretto255 (RFC 9496) in batches: arrays of elements in, arrays out.
 *
 * The engine is chosen once at run time by what the processor offers; every engine gives the same bytes.
 * An element crosses this boundary either encoded (32 bytes, struct element: what goes on the wire) or decoded
 * (struct point: opaque, for a chain of operations without encoding in between).
 *
 * Functions whose name ends in _vartime take public data only; all others that take a scalar are constant time
 * in scalars and points: no branch, index or address depends on them. Lengths are public.
 * Outputs may be the inputs (out == in), but may not otherwise overlap them.
 */
#ifndef PROTOCOL_GROUP_GROUP_H
#define PROTOCOL_GROUP_GROUP_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The canonical encoding of an element, or 32 bytes that claim to be one. */
struct element {
    uint8_t bytes[32];
};

/* An integer modulo l = 2^252 + 27742317777372353535851937790883648493, little-endian, reduced. */
struct scalar {
    uint8_t bytes[32];
};

/*
 * A decoded element: extended coordinates (X : Y : Z : T), each five limbs in radix 2^51. Limbs may exceed 51 bits a
 * little, and a point has many forms: equality is group_equal().
 */
struct point {
    uint64_t x[5], y[5], z[5], t[5];
};

/* A base known beforehand (G, or a group key K), with its comb table. Opaque; shared between threads freely. */
struct group_base;

/*
 * Chooses the engine and makes the table of G. Call once before any other function, and before starting threads.
 * Honours CONCORD_GROUP=portable|avx2|ifma and fails, saying so, if the processor lacks what that names. Includes
 * sodium_init(). Tests call it again to change the engine, when no other thread is at work.
 */
int group_init(struct err *err);

/* "portable", "avx2" or "ifma". */
const char *group_engine(void);

/*
 * Decodes n elements with all checks of RFC 9496 section 4.3.1 (canonical, non-negative, on the curve).
 * Returns ERR_INPUT at the first that is none and puts its index into *bad (if not NULL); out is then undefined.
 * The identity is a valid encoding; callers for whom it is not check with group_is_identity().
 * Constant time for valid input.
 */
int group_decode(struct point *out, const struct element *in, size_t n, size_t *bad, struct err *err);

/* RFC 9496 section 4.3.2. Constant time. */
void group_encode(struct element *out, const struct point *in, size_t n);

/*
 * out[i] is the encoding of 2 * in[i], at a fraction of the cost: many share one inversion, where group_encode() takes
 * a root of each. Whoever multiplies by a scalar anyway multiplies by its half (scalar_halve()). Constant time.
 */
void group_encode_doubled(struct element *out, const struct point *in, size_t n);

/* The one-way map of RFC 9496 section 4.3.4 on 64 uniform bytes each. Constant time. */
void group_from_uniform(struct point *out, const uint8_t (*in)[64], size_t n);

/*
 * out[i] = k * in[i], one secret scalar for all. Constant time. Here and in all functions below, a scalar that is not
 * reduced counts by its lower 255 bits, as with libsodium.
 */
void group_mul(struct point *out, const struct scalar *k, const struct point *in, size_t n);

/* The generator G. */
const struct group_base *group_generator(void);

/* Makes the table of a base; NULL when out of memory or the encoding is invalid, err says which. Owned. */
struct group_base *group_base_new(const struct element *base, struct err *err);
void group_base_free(struct group_base *base);

/* out[i] = k[i] * base. Constant time. */
void group_base_mul(struct point *out, const struct group_base *base, const struct scalar *k, size_t n);

/*
 * Many bases known beforehand, 3,840 bytes each, for sums of secret multiples: *out = the sum of k[i] * base i over
 * i < n, n being at most as many as there are. All k are below 2^bits, which is public: 255, or less and then faster.
 * Constant time, where group_msm_vartime() is faster and is not. Shared between threads freely. NULL when out of
 * memory or above the limit; owned.
 */
#define GROUP_BASES_MAX 65536
struct group_bases;
struct group_bases *group_bases_new(const struct point *base, size_t n, struct err *err);
void group_bases_free(struct group_bases *bases);
void group_bases_mul(struct point *out, const struct group_bases *bases, const struct scalar *k, size_t bits, size_t n);

/* out[i] = a[i] + b[i], a[i] - b[i]. Constant time. */
void group_add(struct point *out, const struct point *a, const struct point *b, size_t n);
void group_sub(struct point *out, const struct point *a, const struct point *b, size_t n);

/* Constant time. */
bool group_equal(const struct point *a, const struct point *b);
bool group_is_identity(const struct point *a);

/* *out = sum of k[i] * in[i]. VARIABLE TIME: public data only. ERR_NO_MEMORY. */
int group_msm_vartime(struct point *out, const struct scalar *k, const struct point *in, size_t n, struct err *err);

/* The same with several sets of points for one set of scalars, which is cheaper than one by one: out[s] is in[s]'s. */
int group_msm_sets_vartime(struct point *out, const struct scalar *k, const struct point *const *in, size_t sets,
                           size_t n, struct err *err);

/*
 * Many short sums at once: out[s] = sum of k[s * n + i] * in[s * n + i] over i < n, n at least 1. Scalars that are
 * short, as the weights of proofs, cost less here and above.
 */
int group_msm_many_vartime(struct point *out, const struct scalar *k, const struct point *in, size_t sums, size_t n,
                           struct err *err);

#endif
