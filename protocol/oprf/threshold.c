#include "protocol/oprf/threshold.h"
#include "protocol/group/scalar.h"

#include <sodium.h>

int coalition_check(const struct coalition *coalition, size_t t, struct err *err)
{
    if (t == 0 || t > OPRF_COALITION_MAX)
        return err_set(err, ERR_INPUT, "a threshold of %zu custodians is outside 1..%d", t, OPRF_COALITION_MAX);
    if (coalition->count != t)
        return err_set(err, ERR_INPUT, "a coalition of %zu custodians where the threshold is %zu", coalition->count, t);
    for (size_t i = 0; i < t; i++)
        if (coalition->index[i] <= (i == 0 ? 0 : coalition->index[i - 1]))
            return err_set(err, ERR_INPUT, "the custodians of a coalition must be distinct, ascending and not 0");
    return 0;
}

/* lambda_i = product over the other members j of j / (j - i). */
int threshold_lagrange(struct scalar *lambda, const struct coalition *coalition, uint8_t index, struct err *err)
{
    int rc = coalition_check(coalition, coalition->count, err);
    if (rc != 0)
        return rc;
    struct scalar numerator, denominator, i, j;
    scalar_set(&numerator, 1);
    scalar_set(&denominator, 1);
    scalar_set(&i, index);
    bool member = false;
    for (size_t m = 0; m < coalition->count; m++) {
        if (coalition->index[m] == index) {
            member = true;
            continue;
        }
        scalar_set(&j, coalition->index[m]);
        scalar_mul(&numerator, &numerator, &j);
        scalar_sub(&j, &j, &i);
        scalar_mul(&denominator, &denominator, &j);
    }
    if (!member)
        return err_set(err, ERR_INPUT, "custodian %u is not in the coalition", index);
    scalar_invert(&denominator, &denominator);
    scalar_mul(lambda, &numerator, &denominator);
    return 0;
}

int threshold_share_scalar(struct scalar *out, const struct coalition *coalition, uint8_t index,
                           const struct scalar *share, struct err *err)
{
    struct scalar lambda;
    int rc = threshold_lagrange(&lambda, coalition, index, err);
    if (rc == 0)
        scalar_mul(out, &lambda, share);
    return rc;
}

int threshold_share_key(struct element *out, const struct coalition *coalition, uint8_t index,
                        const struct element *public_share, struct err *err)
{
    struct scalar lambda;
    int rc = threshold_lagrange(&lambda, coalition, index, err);
    if (rc != 0)
        return rc;
    struct point p;
    rc = group_decode(&p, public_share, 1, NULL, err);
    if (rc != 0)
        return err_wrap(err, "the public share of custodian %u", index);
    group_mul(&p, &lambda, &p, 1);
    group_encode(out, &p, 1);
    return 0;
}

int threshold_public_share(struct element *out, const struct element *commitments, size_t t, uint8_t index,
                           struct err *err)
{
    if (t == 0 || t > OPRF_COALITION_MAX || index == 0)
        return err_set(err, ERR_INPUT, "no public share for custodian %u from %zu commitments", index, t);
    struct point c[OPRF_COALITION_MAX], sum;
    int rc = group_decode(c, commitments, t, NULL, err);
    if (rc != 0)
        return err_wrap(err, "the commitments to the key");
    struct scalar i;
    scalar_set(&i, index);
    sum = c[t - 1];
    for (size_t j = t - 1; j-- > 0;) {
        group_mul(&sum, &i, &sum, 1);
        group_add(&sum, &sum, &c[j], 1);
    }
    group_encode(out, &sum, 1);
    return 0;
}

void threshold_polynomial_at(struct scalar *out, const struct scalar *coefficients, size_t t, uint8_t index)
{
    struct scalar i, sum;
    scalar_set(&i, index);
    scalar_set(&sum, 0);
    for (size_t j = t; j-- > 0;) {
        scalar_mul(&sum, &sum, &i);
        scalar_add(&sum, &sum, &coefficients[j]);
    }
    *out = sum;
    sodium_memzero(&sum, sizeof sum);
}
