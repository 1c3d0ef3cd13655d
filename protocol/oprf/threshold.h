/*
 * The key of the OPRF, shared t of n (Shamir over the scalars, Feldman commitments). Custodian i (1 <= i <= n)
 * holds k_i = f(i); f(0) = k is the key, which exists nowhere. Commitments C_0..C_{t-1} = a_j * G are public:
 * K = C_0, K_i = sum of i^j * C_j.
 *
 * A client chooses a coalition of exactly t custodians. Each member evaluates with lambda_i * k_i, lambda_i being its
 * Lagrange coefficient at zero for that coalition, and proves it against lambda_i * K_i; the evaluations then
 * only have to be added.
 */
#ifndef PROTOCOL_OPRF_THRESHOLD_H
#define PROTOCOL_OPRF_THRESHOLD_H

#include "protocol/oprf/oprf.h"

/* A coalition: t distinct custodian indices, each 1..255, ascending. */
struct coalition {
    uint8_t index[OPRF_COALITION_MAX];
    size_t count;
};

/* ERR_INPUT unless ascending, distinct, non-zero and of count t. */
int coalition_check(const struct coalition *coalition, size_t t, struct err *err);

/* lambda of the member with this index; ERR_INPUT if it is no member. Public data. */
int threshold_lagrange(struct scalar *lambda, const struct coalition *coalition, uint8_t index, struct err *err);

/* out = lambda * share: what the custodian evaluates with. Constant time. */
int threshold_share_scalar(struct scalar *out, const struct coalition *coalition, uint8_t index,
                           const struct scalar *share, struct err *err);

/* out = lambda * K_i: what its proof is checked against. */
int threshold_share_key(struct element *out, const struct coalition *coalition, uint8_t index,
                        const struct element *public_share, struct err *err);

/* K_i from the commitments; public data. ERR_INPUT if a commitment does not decode. */
int threshold_public_share(struct element *out, const struct element *commitments, size_t t, uint8_t index,
                           struct err *err);

/* f(i) for the polynomial with these t secret coefficients. Constant time. */
void threshold_polynomial_at(struct scalar *out, const struct scalar *coefficients, size_t t, uint8_t index);

#endif
