/* The batched proof that one key evaluated all elements (RFC 9497 section 2.2). */
#include "protocol/group/hash.h"
#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct span dst_scalar = OPRF_SPAN("HashToScalar-" OPRF_CONTEXT);
static const struct span dst_seed = OPRF_SPAN("Seed-" OPRF_CONTEXT);
static const struct span label_composite = OPRF_SPAN("Composite");
static const struct span label_challenge = OPRF_SPAN("Challenge");

/* What is hashed: a run of byte strings, each after its length in two bytes. */
struct message {
    uint8_t bytes[256];
    size_t len;
};

static void message_put(struct message *t, struct span s)
{
    bytes_put_u16be(t->bytes + t->len, (uint16_t)s.len);
    memcpy(t->bytes + t->len + 2, s.data, s.len);
    t->len += 2 + s.len;
}

static void message_put_element(struct message *t, const struct element *e)
{
    message_put(t, span_of(e->bytes, sizeof e->bytes));
}

int dleq_weights(struct scalar *weight, const struct element *public_key, const struct element *c,
                 const struct element *d, size_t n, struct err *err)
{
    if (n == 0 || n > OPRF_BATCH_MAX)
        return err_set(err, ERR_INPUT, "a batch of %zu elements is outside 1..%d", n, OPRF_BATCH_MAX);

    struct message t = {.len = 0};
    message_put_element(&t, public_key);
    message_put(&t, dst_seed);
    struct hash_message seed_message = {{{t.bytes, t.len}}};
    uint8_t seed[HASH_SIZE];
    hash_sha512(&seed, &seed_message, 1);

    struct message head = {.len = 0};
    message_put(&head, span_of(seed, sizeof seed));

    struct message body[OPRF_CHUNK];
    struct hash_message m[OPRF_CHUNK] = {0};
    uint8_t uniform[OPRF_CHUNK][HASH_SIZE];
    for (size_t done = 0, len; done < n; done += len) {
        len = oprf_chunk_of(n, done);
        for (size_t i = 0; i < len; i++) {
            bytes_put_u16be(body[i].bytes, (uint16_t)(done + i));
            body[i].len = 2;
            message_put_element(&body[i], &c[done + i]);
            message_put_element(&body[i], &d[done + i]);
            m[i].part[0] = span_of(head.bytes, head.len);
            m[i].part[1] = span_of(body[i].bytes, body[i].len);
            m[i].part[2] = label_composite;
        }
        hash_expand(uniform, m, len, dst_scalar);
        for (size_t i = 0; i < len; i++)
            scalar_reduce(&weight[done + i], uniform[i]);
    }
    return 0;
}

/* c = HashToScalar(Bm, M, Z, t2, t3, "Challenge"). */
static void challenge(struct scalar *c, const struct element *public_key, const struct point composite[4])
{
    struct element encoded[4];
    group_encode(encoded, composite, 4);
    struct message t = {.len = 0};
    message_put_element(&t, public_key);
    for (int i = 0; i < 4; i++)
        message_put_element(&t, &encoded[i]);
    struct hash_message m = {{{t.bytes, t.len}, label_challenge}};
    uint8_t uniform[HASH_SIZE];
    hash_expand(&uniform, &m, 1, dst_scalar);
    scalar_reduce(c, uniform);
}

/* The names of the four points that the challenge covers. */
enum { M, Z, T2, T3 };

int dleq_prove(struct oprf_proof *proof, const struct scalar *k, const struct scalar *r,
               const struct element *public_key, struct dleq_elements blinded, const struct element *evaluated,
               size_t n, struct err *err)
{
    struct point p[4];
    struct scalar *weight = malloc((n > 0 ? n : 1) * sizeof *weight);
    if (weight == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for the proof of %zu evaluations", n);
    int rc = dleq_weights(weight, public_key, blinded.encoded, evaluated, n, err);
    if (rc == 0)
        rc = group_msm_vartime(&p[M], weight, blinded.decoded, n, err);
    free(weight);
    if (rc != 0)
        return rc;

    group_mul(&p[Z], k, &p[M], 1);
    group_base_mul(&p[T2], group_generator(), r, 1);
    group_mul(&p[T3], r, &p[M], 1);

    struct scalar c, ck;
    challenge(&c, public_key, p);
    scalar_mul(&ck, &c, k);
    scalar_sub(&proof->s, r, &ck);
    proof->c = c;
    sodium_memzero(&ck, sizeof ck);
    return 0;
}

int dleq_verify_vartime(const struct oprf_proof *proof, const struct element *public_key, struct dleq_elements blinded,
                        struct dleq_elements evaluated, size_t n, struct err *err)
{
    if (!scalar_is_canonical(&proof->c) || !scalar_is_canonical(&proof->s))
        return err_set(err, ERR_VERIFY, "the proof holds a number that is not below the group order");
    struct point p[4], key;
    int rc = oprf_decode(&key, public_key, 1, "public key", err);
    if (rc != 0)
        return rc;
    struct scalar *weight = malloc((n > 0 ? n : 1) * sizeof *weight);
    if (weight == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to check %zu evaluations", n);
    rc = dleq_weights(weight, public_key, blinded.encoded, evaluated.encoded, n, err);
    if (rc == 0)
        rc = group_msm_sets_vartime(&p[M], weight, (const struct point *[2]){blinded.decoded, evaluated.decoded}, 2, n,
                                    err);
    free(weight);
    if (rc != 0)
        return rc;

    /* t2 = s*G + c*K, t3 = s*M + c*Z. */
    struct point cz[2] = {key, p[Z]};
    group_base_mul(&p[T2], group_generator(), &proof->s, 1);
    group_mul(&p[T3], &proof->s, &p[M], 1);
    group_mul(cz, &proof->c, cz, 2);
    group_add(&p[T2], &p[T2], cz, 2);

    struct scalar c;
    challenge(&c, public_key, p);
    if (memcmp(c.bytes, proof->c.bytes, sizeof c.bytes) != 0)
        return err_set(err, ERR_VERIFY, "the proof of %zu evaluations does not verify", n);
    return 0;
}
