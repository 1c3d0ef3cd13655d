/*
 * A custodian that cheats: linked in place of the honest one's evaluation (--wrap), it evaluates as it should and then
 * exchanges one element in the middle of the batch.
 */
#include "protocol/oprf/oprf.h"

int __real_oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                         const struct element *public_key, const struct element *blinded, size_t n, struct err *err);
int __wrap_oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                         const struct element *public_key, const struct element *blinded, size_t n, struct err *err);

int __wrap_oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                         const struct element *public_key, const struct element *blinded, size_t n, struct err *err)
{
    int rc = __real_oprf_evaluate(evaluated, proof, k, public_key, blinded, n, err);
    if (rc == 0)
        evaluated[n / 2] = blinded[n / 2];
    return rc;
}
