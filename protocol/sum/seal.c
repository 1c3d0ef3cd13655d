#include "protocol/sum/seal.h"

#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf.h"
#include "protocol/sum/basis.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LABEL "concord picture seal v1"
#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define POINT_SIZE sizeof(struct element)

_Static_assert(SUM_SEAL_OVERHEAD == POINT_SIZE + TAG_SIZE, "seal.h tells of it");

/* A key seals one share: the nonce can be zero. */
static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

void sum_seal_pair(struct scalar *secret, struct element *public)
{
    struct point p;
    scalar_random(secret);
    group_base_mul(&p, group_generator(), secret, 1);
    group_encode(public, &p, 1);
}

static void derive(uint8_t key[KEY_SIZE], const uint8_t context[SUM_CONTEXT_SIZE], const struct element *public,
                   const struct element *ephemeral, const struct element *shared)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, KEY_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)LABEL, sizeof LABEL);
    crypto_generichash_update(&state, context, SUM_CONTEXT_SIZE);
    crypto_generichash_update(&state, public->bytes, POINT_SIZE);
    crypto_generichash_update(&state, ephemeral->bytes, POINT_SIZE);
    crypto_generichash_update(&state, shared->bytes, POINT_SIZE);
    crypto_generichash_final(&state, key, KEY_SIZE);
    sodium_memzero(&state, sizeof state);
}

/* out = k * in. ERR_INPUT unless in is an element, and not the identity. Constant time in k. */
static int multiply(struct element *out, const struct scalar *k, const struct element *in, struct err *err)
{
    struct point p;
    int rc = group_decode(&p, in, 1, NULL, err);
    if (rc == 0 && group_is_identity(&p))
        rc = err_set(err, ERR_INPUT, "a key is the identity");
    if (rc != 0)
        return rc;
    group_mul(&p, k, &p, 1);
    group_encode(out, &p, 1);
    sodium_memzero(&p, sizeof p);
    return 0;
}

int sum_seal(struct buf *out, const uint8_t context[SUM_CONTEXT_SIZE], const struct element *to, struct span share,
             struct err *err)
{
    uint8_t key[KEY_SIZE], *at = NULL;
    struct scalar e;
    struct element ephemeral, shared;
    sum_seal_pair(&e, &ephemeral);
    int rc = multiply(&shared, &e, to, err);
    if (rc == 0 && (at = buf_reserve(out, share.len + SUM_SEAL_OVERHEAD, err)) == NULL)
        rc = err_code(err);
    if (rc == 0) {
        derive(key, context, to, &ephemeral, &shared);
        memcpy(at, ephemeral.bytes, POINT_SIZE);
        crypto_aead_xchacha20poly1305_ietf_encrypt(at + POINT_SIZE, NULL, share.data, share.len, NULL, 0, NULL, nonce,
                                                   key);
        out->len += share.len + SUM_SEAL_OVERHEAD;
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(&e, sizeof e);
    sodium_memzero(&shared, sizeof shared);
    return rc;
}

/* E of a sealed share. ERR_INPUT if it is not as long as one of this shape. */
static int ephemeral_of(struct element *out, const struct sum_shape *shape, struct span sealed, struct err *err)
{
    if (sealed.len != sum_share_size(shape) + SUM_SEAL_OVERHEAD)
        return err_set(err, ERR_INPUT, "a sealed share of %zu bytes, where a picture of %u cells has %zu", sealed.len,
                       (unsigned)shape->cells, sum_share_size(shape) + SUM_SEAL_OVERHEAD);
    memcpy(out->bytes, sealed.data, POINT_SIZE);
    return 0;
}

/* All that there is to find wrong in a share once its key is known: ERR_INPUT or ERR_VERIFY. */
static int open_and_check(struct sum_share *out, const uint8_t key[KEY_SIZE], uint8_t custodian, struct span sealed,
                          const struct sum_commitments *commitments, const struct sum_basis *basis, struct err *err)
{
    const struct sum_shape *shape = &commitments->shape;
    struct buf plain = buf_of(SUM_SHARE_MAX);
    uint8_t *to = buf_reserve(&plain, sealed.len - SUM_SEAL_OVERHEAD, err);
    int rc = to == NULL ? err_code(err) : 0;
    if (rc == 0) {
        plain.len = sealed.len - SUM_SEAL_OVERHEAD;
        if (crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL, sealed.data + POINT_SIZE,
                                                       sealed.len - POINT_SIZE, NULL, 0, nonce, key) != 0)
            rc = err_set(err, ERR_VERIFY, "the share of custodian %u does not open", custodian);
    }
    if (rc == 0)
        rc = sum_share_decode(out, shape, custodian, buf_span(&plain), err);
    if (rc == 0)
        rc = sum_share_verify(out, commitments, basis, err);
    if (rc != 0)
        sum_share_free(out);
    buf_free(&plain);
    return rc;
}

int sum_take(struct sum_share *out, const uint8_t context[SUM_CONTEXT_SIZE], const struct scalar *secret,
             uint8_t custodian, struct span sealed, const struct sum_commitments *commitments,
             const struct sum_basis *basis, struct err *err)
{
    uint8_t key[KEY_SIZE];
    struct element ephemeral, shared, public;
    struct point p;
    *out = (struct sum_share){.custodian = custodian};
    int rc = ephemeral_of(&ephemeral, &commitments->shape, sealed, err);
    if (rc == 0)
        rc = multiply(&shared, secret, &ephemeral, err);
    if (rc == 0) {
        group_base_mul(&p, group_generator(), secret, 1);
        group_encode(&public, &p, 1);
        derive(key, context, &public, &ephemeral, &shared);
        rc = open_and_check(out, key, custodian, sealed, commitments, basis, err);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(&shared, sizeof shared);
    return rc;
}

int sum_complain(uint8_t out[SUM_COMPLAINT_SIZE], const struct scalar *secret, const struct element *public,
                 struct span sealed, struct err *err)
{
    struct element shared;
    struct oprf_proof proof;
    if (sealed.len < POINT_SIZE)
        return err_set(err, ERR_INPUT, "a sealed share of %zu bytes names no key", sealed.len);
    int rc = oprf_evaluate(&shared, &proof, secret, public, (const struct element *)sealed.data, 1, err);
    if (rc == 0) {
        memcpy(out, shared.bytes, POINT_SIZE);
        memcpy(out + POINT_SIZE, proof.c.bytes, sizeof proof.c);
        memcpy(out + 2 * POINT_SIZE, proof.s.bytes, sizeof proof.s);
    }
    return rc;
}

/* The key that a complaint shows. ERR_VERIFY: it is not the one. */
static int key_of(uint8_t key[KEY_SIZE], const uint8_t complaint[SUM_COMPLAINT_SIZE],
                  const uint8_t context[SUM_CONTEXT_SIZE], const struct element *public,
                  const struct element *ephemeral, struct err *err)
{
    struct element shared;
    struct oprf_proof proof;
    memcpy(shared.bytes, complaint, POINT_SIZE);
    memcpy(proof.c.bytes, complaint + POINT_SIZE, sizeof proof.c);
    memcpy(proof.s.bytes, complaint + 2 * POINT_SIZE, sizeof proof.s);
    int rc = oprf_verify_vartime(&proof, public, ephemeral, &shared, 1, err);
    if (rc == 0)
        derive(key, context, public, ephemeral, &shared);
    return rc;
}

/* That what is said to be wrong is: then the dealer is guilty. */
static bool is_fault(int rc)
{
    return rc == ERR_INPUT || rc == ERR_VERIFY;
}

int sum_complaint_judge(enum sum_verdict *out, struct err *why, const uint8_t complaint[SUM_COMPLAINT_SIZE],
                        const uint8_t context[SUM_CONTEXT_SIZE], const struct element *public, uint8_t custodian,
                        struct span sealed, const struct sum_commitments *commitments, const struct sum_basis *basis,
                        struct err *err)
{
    uint8_t key[KEY_SIZE];
    struct element ephemeral;
    struct point p;
    struct sum_share share = {.custodian = custodian};
    *out = SUM_DEALER_GUILTY;
    int rc = ephemeral_of(&ephemeral, &commitments->shape, sealed, why);
    if (rc == 0)
        rc = group_decode(&p, &ephemeral, 1, NULL, why);
    if (rc == 0 && group_is_identity(&p))
        rc = err_set(why, ERR_INPUT, "the share is sealed with the identity");
    if (rc != 0)
        return 0;
    rc = key_of(key, complaint, context, public, &ephemeral, why);
    if (is_fault(rc)) {
        *out = SUM_CUSTODIAN_GUILTY;
        return 0;
    }
    if (rc == 0)
        rc = open_and_check(&share, key, custodian, sealed, commitments, basis, why);
    sodium_memzero(key, sizeof key);
    sum_share_free(&share);
    if (rc == 0) {
        *out = SUM_CUSTODIAN_GUILTY;
        snprintf(why->text, sizeof why->text, "the share that custodian %u complains of is right", custodian);
        return 0;
    }
    return is_fault(rc) ? 0 : err_set(err, why->code, "%s", why->text);
}
