/* Arithmetic modulo the group order l. Constant time; outputs are reduced; outputs may be inputs. */
#ifndef PROTOCOL_GROUP_SCALAR_H
#define PROTOCOL_GROUP_SCALAR_H

#include "protocol/group/group.h"

/* Uniform in [1, l). */
void scalar_random(struct scalar *out);

/* n of them from one draw on the operating system's entropy, stretched by ChaCha20. */
void scalar_random_batch(struct scalar *out, size_t n);

/*
 * The scalars number first to first + n - 1 that a secret seed stands for (ChaCha20): the same each time, uniform to
 * whoever does not have the seed. first: a multiple of SCALAR_SEED_STEP.
 */
#define SCALAR_SEED_SIZE 32
#define SCALAR_SEED_STEP 16
void scalar_from_seed(struct scalar *out, uint64_t first, size_t n, const uint8_t seed[SCALAR_SEED_SIZE]);

/* 64 bytes, little-endian, modulo l. */
void scalar_reduce(struct scalar *out, const uint8_t in[64]);

/* True if in is below l: what a scalar from outside must pass. */
bool scalar_is_canonical(const struct scalar *in);
bool scalar_is_zero(const struct scalar *in);

void scalar_set(struct scalar *out, uint64_t value);
void scalar_add(struct scalar *out, const struct scalar *a, const struct scalar *b);
void scalar_sub(struct scalar *out, const struct scalar *a, const struct scalar *b);
void scalar_mul(struct scalar *out, const struct scalar *a, const struct scalar *b);
void scalar_negate(struct scalar *out, const struct scalar *a);

/* out = a/2, for an a that is reduced. */
void scalar_halve(struct scalar *out, const struct scalar *a);

/* out = 1/a; zero gives zero. */
void scalar_invert(struct scalar *out, const struct scalar *a);

#endif
