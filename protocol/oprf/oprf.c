#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int oprf_evaluate_with_nonce(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                             const struct scalar *r, const struct element *public_key, const struct element *blinded,
                             size_t n, struct err *err)
{
    if (n == 0 || n > OPRF_BATCH_MAX)
        return err_set(err, ERR_INPUT, "a batch of %zu elements is outside 1..%d", n, OPRF_BATCH_MAX);
    struct point *p = malloc(2 * n * sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to evaluate %zu elements", n);
    int rc = oprf_decode(p, blinded, n, "blinded element", err);
    if (rc == 0) {
        struct scalar half;
        scalar_halve(&half, k);
        group_mul(p + n, &half, p, n);
        group_encode_doubled(evaluated, p + n, n);
        sodium_memzero(&half, sizeof half);
        rc = dleq_prove(proof, k, r, public_key, (struct dleq_elements){blinded, p}, evaluated, n, err);
    }
    free(p);
    return rc;
}

int oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                  const struct element *public_key, const struct element *blinded, size_t n, struct err *err)
{
    struct scalar r;
    scalar_random(&r);
    int rc = oprf_evaluate_with_nonce(evaluated, proof, k, &r, public_key, blinded, n, err);
    sodium_memzero(&r, sizeof r);
    return rc;
}

int oprf_verify_vartime(const struct oprf_proof *proof, const struct element *public_key, const struct element *blinded,
                        const struct element *evaluated, size_t n, struct err *err)
{
    if (n == 0 || n > OPRF_BATCH_MAX)
        return err_set(err, ERR_VERIFY, "a batch of %zu elements is outside 1..%d", n, OPRF_BATCH_MAX);
    struct point *p = malloc(2 * n * sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to check %zu evaluations", n);
    int rc = oprf_decode(p, blinded, n, "blinded element", err);
    if (rc == 0)
        rc = oprf_decode(p + n, evaluated, n, "evaluated element", err);
    if (rc == 0)
        rc = dleq_verify_vartime(proof, public_key, (struct dleq_elements){blinded, p},
                                 (struct dleq_elements){evaluated, p + n}, n, err);
    free(p);
    if (rc == ERR_INPUT)
        err->code = ERR_VERIFY;
    return rc == ERR_INPUT ? ERR_VERIFY : rc;
}
