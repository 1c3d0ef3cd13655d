#include "protocol/psi/proof.h"

#include "protocol/group/hash.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define DST "concord judge v1 challenge"
#define WEIGHT_SIZE 16
#define SEED_CONTEXT "weights "

/* w_pi: the context's ChaCha20 key stream in pieces of 16 bytes. */
static void weights(struct scalar *out, const uint8_t context[PROOF_CONTEXT], size_t n)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES] = SEED_CONTEXT;
    uint8_t *stream = (uint8_t *)out; /* filled from its lower half, spread from above */
    crypto_stream_chacha20(stream, n * WEIGHT_SIZE, nonce, context);
    for (size_t i = n; i-- > 0;) {
        memmove(out[i].bytes, stream + i * WEIGHT_SIZE, WEIGHT_SIZE);
        memset(out[i].bytes + WEIGHT_SIZE, 0, sizeof out[i].bytes - WEIGHT_SIZE);
    }
}

/* c = HashToScalar(context, the commitments T_p = r_p G, T = sum of r_p M_p). */
static void challenge(struct scalar *c, const uint8_t context[PROOF_CONTEXT], const struct point *commitment,
                      struct element *scratch, size_t pairs)
{
    uint8_t uniform[HASH_SIZE];
    group_encode(scratch, commitment, pairs + 1);
    struct hash_message m = {{span_of(context, PROOF_CONTEXT), span_of(scratch, (pairs + 1) * sizeof *scratch)}};
    hash_expand(&uniform, &m, 1, span_of(DST, strlen(DST)));
    scalar_reduce(c, uniform);
}

/* What both sides need room for. */
struct proof_work {
    struct scalar *weight;    /* [pair][slot] */
    struct point *composite;  /* [pair]: M_p */
    struct point *commitment; /* [pair], and T behind them */
    struct element *encoded;  /* [pair + 1] */
    struct scalar *nonce;     /* [pair]; secret */
    size_t pairs;
};

static void work_free(struct proof_work *w)
{
    free(w->weight);
    free(w->composite);
    free(w->commitment);
    free(w->encoded);
    if (w->nonce != NULL)
        sodium_memzero(w->nonce, w->pairs * sizeof *w->nonce);
    free(w->nonce);
}

static int work_new(struct proof_work *w, size_t pairs, size_t slots, struct err *err)
{
    *w = (struct proof_work){
        .weight = malloc(pairs * slots * sizeof *w->weight),
        .composite = malloc(pairs * sizeof *w->composite),
        .commitment = malloc((pairs + 1) * sizeof *w->commitment),
        .encoded = malloc((pairs + 1) * sizeof *w->encoded),
        .nonce = malloc(pairs * sizeof *w->nonce),
        .pairs = pairs,
    };
    if (w->weight != NULL && w->composite != NULL && w->commitment != NULL && w->encoded != NULL && w->nonce != NULL)
        return 0;
    work_free(w);
    return err_set(err, ERR_NO_MEMORY, "no memory for the proof of %zu pairs", pairs);
}

/* T_p = r_p G and T = sum of r_p M_p. Overwrites M. */
static void commit(struct proof_work *w)
{
    struct point *total = &w->commitment[w->pairs];
    scalar_random_batch(w->nonce, w->pairs);
    group_base_mul(w->commitment, group_generator(), w->nonce, w->pairs);
    for (size_t p = 0; p < w->pairs; p++)
        group_mul(&w->composite[p], &w->nonce[p], &w->composite[p], 1);
    *total = w->composite[0];
    for (size_t p = 1; p < w->pairs; p++)
        group_add(total, total, &w->composite[p], 1);
}

int proof_make(uint8_t *out, const uint8_t context[PROOF_CONTEXT], const struct scalar *secret,
               const struct point *decoded, size_t pairs, size_t slots, struct err *err)
{
    struct proof_work w;
    struct scalar c, s;
    if (pairs == 0) {
        memset(out, 0, PROOF_SIZE(0));
        return 0;
    }
    int rc = work_new(&w, pairs, slots, err);
    if (rc != 0)
        return rc;
    weights(w.weight, context, pairs * slots);
    rc = group_msm_many_vartime(w.composite, w.weight, decoded, pairs, slots, err);
    if (rc == 0) {
        commit(&w);
        challenge(&c, context, w.commitment, w.encoded, pairs);
        memcpy(out, c.bytes, sizeof c.bytes);
        for (size_t p = 0; p < pairs; p++) {
            scalar_mul(&s, &c, &secret[p]);
            scalar_sub(&s, &w.nonce[p], &s);
            memcpy(out + 32 * (1 + p), s.bytes, sizeof s.bytes);
        }
        sodium_memzero(&s, sizeof s);
    }
    work_free(&w);
    return rc;
}

/* T = sum of (s_p w_pi) C_pi + c times the sum of w_pi D_pi, all pairs at once. */
static int recompute_total(struct proof_work *w, const struct scalar *c, const struct scalar *s,
                           const struct point *decoded, const struct point *multiple, size_t slots, struct err *err)
{
    struct point *total = &w->commitment[w->pairs], z;
    int rc = group_msm_vartime(&z, w->weight, multiple, w->pairs * slots, err);
    for (size_t i = 0; rc == 0 && i < w->pairs * slots; i++)
        scalar_mul(&w->weight[i], &w->weight[i], &s[i / slots]);
    if (rc == 0)
        rc = group_msm_vartime(total, w->weight, decoded, w->pairs * slots, err);
    if (rc != 0)
        return rc;
    group_mul(&z, c, &z, 1);
    group_add(total, total, &z, 1);
    return 0;
}

/* T_p = s_p G + c K_p. */
static void recompute_commitments(struct proof_work *w, const struct scalar *c, const struct scalar *s,
                                  const struct point *key)
{
    group_mul(w->composite, c, key, w->pairs);
    group_base_mul(w->commitment, group_generator(), s, w->pairs);
    group_add(w->commitment, w->commitment, w->composite, w->pairs);
}

int proof_verify_vartime(const uint8_t *proof, const uint8_t context[PROOF_CONTEXT], const struct point *key,
                         const struct point *decoded, const struct point *multiple, size_t pairs, size_t slots,
                         struct err *err)
{
    const struct scalar *c = (const struct scalar *)proof, *s = c + 1;
    struct proof_work w;
    struct scalar expected;
    for (size_t p = 0; p <= pairs; p++)
        if (!scalar_is_canonical(&c[p]))
            return err_set(err, ERR_VERIFY, "a proof holds a number that is not below the group order");
    if (pairs == 0)
        return scalar_is_zero(c) ? 0 : err_set(err, ERR_VERIFY, "a proof for no pairs is not zero");
    int rc = work_new(&w, pairs, slots, err);
    if (rc != 0)
        return rc;
    weights(w.weight, context, pairs * slots);
    rc = recompute_total(&w, c, s, decoded, multiple, slots, err);
    if (rc == 0) {
        recompute_commitments(&w, c, s, key);
        challenge(&expected, context, w.commitment, w.encoded, pairs);
        if (memcmp(expected.bytes, c->bytes, sizeof expected.bytes) != 0)
            rc = err_set(err, ERR_VERIFY, "the proof of %zu pairs does not verify", pairs);
    }
    work_free(&w);
    return rc;
}
