#include "protocol/group/hash.h"
#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* contextString = "OPRFV1-" || I2OSP(modeVOPRF, 1) || "-" || identifier (RFC 9497 section 3.1). */
#define CONTEXT "OPRFV1-\x01-ristretto255-SHA512"
#define SPAN_OF(literal)                                                                                               \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

static const struct span dst_group = SPAN_OF("HashToGroup-" CONTEXT);
static const struct span dst_scalar = SPAN_OF("HashToScalar-" CONTEXT);
static const struct span dst_seed = SPAN_OF("Seed-" CONTEXT);
static const struct span label_composite = SPAN_OF("Composite");
static const struct span label_challenge = SPAN_OF("Challenge");
static const struct span label_finalize = SPAN_OF("Finalize");

/* So many messages are hashed at a time: whole lanes, and the scratch space stays in the first-level cache. */
#define CHUNK 32

static size_t chunk_of(size_t n, size_t done)
{
    return n - done < CHUNK ? n - done : CHUNK;
}

int oprf_hash_to_group(struct point *out, const struct span *input, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (input[i].len > OPRF_INPUT_MAX)
            return err_set(err, ERR_INPUT, "input %zu has %zu bytes, the limit is %d", i, input[i].len, OPRF_INPUT_MAX);

    uint8_t uniform[CHUNK][HASH_SIZE];
    struct hash_message m[CHUNK] = {0};
    int rc = 0;
    for (size_t done = 0, len; done < n && rc == 0; done += len) {
        len = chunk_of(n, done);
        for (size_t i = 0; i < len; i++)
            m[i].part[0] = input[done + i];
        hash_expand(uniform, m, len, dst_group);
        group_from_uniform(out + done, uniform, len);
        for (size_t i = 0; i < len && rc == 0; i++)
            if (group_is_identity(&out[done + i]))
                rc = err_set(err, ERR_INPUT, "input %zu hashes to the identity", done + i);
    }
    sodium_memzero(uniform, sizeof uniform);
    return rc;
}

void oprf_hash_output(uint8_t (*out)[OPRF_OUTPUT_SIZE], const struct span *input, const struct element *unblinded,
                      size_t n)
{
    uint8_t input_len[CHUNK][2];
    static const uint8_t element_len[2] = {0, sizeof(struct element)};
    struct hash_message m[CHUNK] = {0};
    uint8_t tail[CHUNK][sizeof element_len + sizeof(struct element) + sizeof "Finalize" - 1];
    for (size_t done = 0, len; done < n; done += len) {
        len = chunk_of(n, done);
        for (size_t i = 0; i < len; i++) {
            bytes_put_u16be(input_len[i], (uint16_t)input[done + i].len);
            memcpy(tail[i], element_len, sizeof element_len);
            memcpy(tail[i] + sizeof element_len, unblinded[done + i].bytes, sizeof(struct element));
            memcpy(tail[i] + sizeof element_len + sizeof(struct element), label_finalize.data, label_finalize.len);
            m[i].part[0] = span_of(input_len[i], sizeof input_len[i]);
            m[i].part[1] = input[done + i];
            m[i].part[2] = span_of(tail[i], sizeof tail[i]);
        }
        hash_sha512(out + done, m, len);
    }
    sodium_memzero(tail, sizeof tail);
}

/* A transcript is a run of byte strings, each after its length in two bytes. */
struct transcript {
    uint8_t bytes[256];
    size_t len;
};

static void transcript_put(struct transcript *t, struct span s)
{
    bytes_put_u16be(t->bytes + t->len, (uint16_t)s.len);
    memcpy(t->bytes + t->len + 2, s.data, s.len);
    t->len += 2 + s.len;
}

static void transcript_put_element(struct transcript *t, const struct element *e)
{
    transcript_put(t, span_of(e->bytes, sizeof e->bytes));
}

int dleq_weights(struct scalar *weight, const struct element *public_key, const struct element *c,
                 const struct element *d, size_t n, struct err *err)
{
    if (n == 0 || n > OPRF_BATCH_MAX)
        return err_set(err, ERR_INPUT, "a batch of %zu elements is outside 1..%d", n, OPRF_BATCH_MAX);

    struct transcript t = {.len = 0};
    transcript_put_element(&t, public_key);
    transcript_put(&t, dst_seed);
    struct hash_message seed_message = {{{t.bytes, t.len}}};
    uint8_t seed[HASH_SIZE];
    hash_sha512(&seed, &seed_message, 1);

    struct transcript head = {.len = 0};
    transcript_put(&head, span_of(seed, sizeof seed));

    struct transcript body[CHUNK];
    struct hash_message m[CHUNK] = {0};
    uint8_t uniform[CHUNK][HASH_SIZE];
    for (size_t done = 0, len; done < n; done += len) {
        len = chunk_of(n, done);
        for (size_t i = 0; i < len; i++) {
            bytes_put_u16be(body[i].bytes, (uint16_t)(done + i));
            body[i].len = 2;
            transcript_put_element(&body[i], &c[done + i]);
            transcript_put_element(&body[i], &d[done + i]);
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
    struct transcript t = {.len = 0};
    transcript_put_element(&t, public_key);
    for (int i = 0; i < 4; i++)
        transcript_put_element(&t, &encoded[i]);
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
