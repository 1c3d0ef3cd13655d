/*
 * Noise that no custodian knows, dealt before totals are known. A total with noise of the discrete Laplace
 * distribution,
 *
 *   P(x) = (1 - q) / (1 + q) * q^|x|,   q = e^(-epsilon / sensitivity),
 *
 * is epsilon-differentially private for whatever changes a cell, and all cells together, by at most `sensitivity`
 * (Ghosh, Roughgarden, Sundararajan: "Universally utility-maximizing privacy mechanisms", 2009). The distribution is
 * infinitely divisible: it is the sum of `parts` independent differences of two Polya variates,
 *
 *   P(k) = binom(k + r - 1, k) (1 - q)^r q^k,   r = 1 / parts,
 *
 * so that each custodian deals one part as an agency deals its figures, and as many honest ones as there are parts
 * suffice, whatever the others do. More parts make more noise: n dealt ones have the variance of n / parts.
 *
 * Drawing is exact, in integers: a geometric variate by Canonne, Kamath and Steinke ("The Discrete Gaussian for
 * Differential Privacy", 2020, algorithms 1 and 2), kept with the chance binom(k + r - 1, k), the product of the (parts
 * (i - 1) + 1) / (parts i) over i <= k. It is made of a seed: the same seed gives the same noise, so that a custodian
 * can be held to seeds that it committed to. Rejection takes a time that depends on what is drawn; it is drawn by the
 * tens of thousands and long before anybody waits for it, and the time shows at most how long all took.
 */
#ifndef PROTOCOL_SUM_NOISE_H
#define PROTOCOL_SUM_NOISE_H

#include "protocol/sum/sum.h"

#define NOISE_SCALE_MAX 4096 /* the most that sensitivity / epsilon may be */
#define NOISE_SEEDS 16       /* a custodian commits to so many, and deals with one */
#define NOISE_COIN_SIZE 32   /* its part of the public coin that says which */

struct noise_law {
    uint32_t epsilon;     /* in thousandths, 1 .. 10^6 */
    uint32_t sensitivity; /* 1 .. 10^6 */
    uint32_t parts;       /* 1 .. SUM_CUSTODIANS_MAX */
};

/* ERR_INPUT. The functions below take laws that have passed. */
int noise_law_check(const struct noise_law *law, struct err *err);

/* n parts of noise. seed: of 32 bytes, for these n and this law alone. */
void noise_draw(int32_t *out, size_t n, const struct noise_law *law, const uint8_t seed[SUM_SEED_SIZE]);

/* The standard deviation of a total, when `dealt` parts went into it. */
double noise_deviation(const struct noise_law *law, uint32_t dealt);

/*
 * A custodian's dealing of noise on figures and marks, from one seed. figures, marks NULL: no noise there.
 * ERR_NO_MEMORY.
 */
int noise_deal(struct sum_dealing **out, const struct sum_shape *shape, const struct noise_law *figures,
               const struct noise_law *marks, const uint8_t seed[SUM_SEED_SIZE], struct err *err);

/*
 * The public coin. With its commitments to the dealings of NOISE_SEEDS seeds a custodian publishes that to a random
 * number; when all have, all show their numbers, and those together pick one seed of each. The others are opened.
 * context: a digest of picture and period. coin: those that were shown and are what was committed to, by ascending
 * custodian. The pick is uniform if one of them was.
 */
void noise_coin_commit(uint8_t out[NOISE_COIN_SIZE], const uint8_t context[32], uint8_t custodian,
                       const uint8_t coin[NOISE_COIN_SIZE]);
size_t noise_pick(const uint8_t context[32], const uint8_t (*coin)[NOISE_COIN_SIZE], size_t coins, uint8_t custodian);

/* Anybody, of a seed that was opened: that these are its commitments. ERR_VERIFY: the custodian drew otherwise. */
int noise_check(struct span commitments, const struct sum_shape *shape, const struct noise_law *figures,
                const struct noise_law *marks, const uint8_t seed[SUM_SEED_SIZE], const struct sum_basis *basis,
                struct err *err);

#endif
