#include "protocol/group/scalar.h"
#include "protocol/oprf/threshold.h"
#include "protocol/sum/basis.h"

#include <sodium.h>

_Static_assert(SUM_CUSTODIANS_MAX <= OPRF_COALITION_MAX, "a coalition holds all custodians");

/* The Lagrange coefficients of those who published. */
static int coefficients(struct scalar lambda[SUM_CUSTODIANS_MAX], const struct sum_share *const *sum, struct err *err)
{
    struct coalition coalition = {.count = sum[0]->shape.threshold};
    for (size_t i = 0; i < coalition.count; i++)
        coalition.index[i] = sum[i]->custodian;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < coalition.count; i++)
        rc = threshold_lagrange(&lambda[i], &coalition, coalition.index[i], err);
    return rc;
}

/* False unless the number is within 31 bits and a sign. */
static bool number_of(int32_t *out, const struct scalar *total)
{
    static const struct scalar offset = {{[3] = 0x80}};
    struct scalar shifted;
    scalar_add(&shifted, total, &offset);
    if (!sodium_is_zero(shifted.bytes + 4, sizeof shifted.bytes - 4))
        return false;
    *out = (int32_t)(bytes_get_u64le(shifted.bytes) ^ UINT32_C(0x80000000));
    return true;
}

int sum_totals_vartime(int32_t *figure, int32_t *mark, const struct sum_share *const *sum, struct err *err)
{
    const struct sum_shape *shape = &sum[0]->shape;
    const size_t first = sum_chunks(shape);
    struct scalar lambda[SUM_CUSTODIANS_MAX];
    int rc = coefficients(lambda, sum, err);
    for (size_t k = 0; rc == 0 && k < 2 * (size_t)shape->cells; k++) {
        const size_t cell = k % shape->cells;
        struct scalar total = {{0}}, product;
        for (size_t i = 0; i < shape->threshold; i++) {
            scalar_mul(&product, &lambda[i], &sum[i]->scalar[first + k]);
            scalar_add(&total, &total, &product);
        }
        if (!number_of(k < shape->cells ? &figure[cell] : &mark[cell], &total))
            rc =
                err_set(err, ERR_INPUT,
                        "the %s of cell %zu add up to no number of 31 bits: a contribution is absurd, and the agencies "
                        "must open chunk %zu of theirs",
                        k < shape->cells ? "figures" : "marks", cell, cell / SUM_CHUNK);
    }
    return rc;
}
