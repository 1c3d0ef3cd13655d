#include "tests/bench/baseline.h"

#include <sodium.h>
#include <string.h>

#define CONTEXT "OPRFV1-\x01-ristretto255-SHA512"
#define SPAN_OF(literal)                                                                                               \
    {                                                                                                                  \
        (const uint8_t *)(literal), sizeof(literal) - 1                                                                \
    }

static const struct span dst_group = SPAN_OF("HashToGroup-" CONTEXT);
static const struct span dst_scalar = SPAN_OF("HashToScalar-" CONTEXT);
static const struct span dst_seed = SPAN_OF("Seed-" CONTEXT);

static int failed(const char *call, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "libsodium refuses %s", call);
}

void baseline_expand(uint8_t out[64], struct span message, struct span dst)
{
    static const uint8_t zeroes[128], length[3] = {0, 64, 0};
    const uint8_t one = 1, dst_len = (uint8_t)dst.len;
    crypto_hash_sha512_state s;
    crypto_hash_sha512_init(&s);
    crypto_hash_sha512_update(&s, zeroes, sizeof zeroes);
    crypto_hash_sha512_update(&s, message.data, message.len);
    crypto_hash_sha512_update(&s, length, sizeof length);
    crypto_hash_sha512_update(&s, dst.data, dst.len);
    crypto_hash_sha512_update(&s, &dst_len, 1);
    crypto_hash_sha512_final(&s, out);
    crypto_hash_sha512_init(&s);
    crypto_hash_sha512_update(&s, out, 64);
    crypto_hash_sha512_update(&s, &one, 1);
    crypto_hash_sha512_update(&s, dst.data, dst.len);
    crypto_hash_sha512_update(&s, &dst_len, 1);
    crypto_hash_sha512_final(&s, out);
}

void baseline_hash_to_group(baseline_element out, struct span input)
{
    uint8_t uniform[64];
    baseline_expand(uniform, input, dst_group);
    crypto_core_ristretto255_from_hash(out, uniform);
}

/* --- the proof, RFC 9497 section 2.2 --- */

struct challenge_message {
    uint8_t bytes[512];
    size_t len;
};

static void put(struct challenge_message *t, const void *data, size_t len)
{
    memcpy(t->bytes + t->len, data, len);
    t->len += len;
}

static void put_string(struct challenge_message *t, const void *data, size_t len)
{
    uint8_t prefix[2];
    bytes_put_u16be(prefix, (uint16_t)len);
    put(t, prefix, sizeof prefix);
    put(t, data, len);
}

static void hash_to_scalar(uint8_t out[32], const struct challenge_message *t)
{
    uint8_t uniform[64];
    baseline_expand(uniform, span_of(t->bytes, t->len), dst_scalar);
    crypto_core_ristretto255_scalar_reduce(out, uniform);
}

static void weight(uint8_t out[32], const uint8_t seed[64], size_t i, const baseline_element c,
                   const baseline_element d)
{
    struct challenge_message t = {.len = 0};
    uint8_t index[2];
    bytes_put_u16be(index, (uint16_t)i);
    put_string(&t, seed, 64);
    put(&t, index, sizeof index);
    put_string(&t, c, BASELINE_ELEMENT);
    put_string(&t, d, BASELINE_ELEMENT);
    put(&t, "Composite", 9);
    hash_to_scalar(out, &t);
}

/* *sum += k * e. */
static int add_multiple(baseline_element sum, const uint8_t k[32], const baseline_element e, struct err *err)
{
    baseline_element product;
    if (crypto_scalarmult_ristretto255(product, k, e) != 0 || crypto_core_ristretto255_add(sum, sum, product) != 0)
        return failed("a multiplication", err);
    return 0;
}

/* M, and Z too unless it is NULL: the prover gets it by one multiplication. */
static int composites(baseline_element m, uint8_t *z, const baseline_element public_key, const baseline_element *c,
                      const baseline_element *d, size_t n, struct err *err)
{
    struct challenge_message t = {.len = 0};
    uint8_t seed[64], k[32];
    int rc = 0;
    put_string(&t, public_key, BASELINE_ELEMENT);
    put_string(&t, dst_seed.data, dst_seed.len);
    crypto_hash_sha512(seed, t.bytes, t.len);
    memset(m, 0, BASELINE_ELEMENT);
    if (z != NULL)
        memset(z, 0, BASELINE_ELEMENT);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        weight(k, seed, i, c[i], d[i]);
        rc = add_multiple(m, k, c[i], err);
        if (rc == 0 && z != NULL)
            rc = add_multiple(z, k, d[i], err);
    }
    return rc;
}

static void challenge(uint8_t out[32], const baseline_element public_key, const baseline_element m,
                      const baseline_element z, const baseline_element t2, const baseline_element t3)
{
    struct challenge_message t = {.len = 0};
    put_string(&t, public_key, BASELINE_ELEMENT);
    put_string(&t, m, BASELINE_ELEMENT);
    put_string(&t, z, BASELINE_ELEMENT);
    put_string(&t, t2, BASELINE_ELEMENT);
    put_string(&t, t3, BASELINE_ELEMENT);
    put(&t, "Challenge", 9);
    hash_to_scalar(out, &t);
}

int baseline_evaluate(baseline_element *evaluated, uint8_t proof[64], const uint8_t k[32],
                      const baseline_element public_key, const baseline_element *blinded, size_t n, struct err *err)
{
    baseline_element m, z, t2, t3;
    uint8_t r[32], ck[32];
    for (size_t i = 0; i < n; i++)
        if (crypto_scalarmult_ristretto255(evaluated[i], k, blinded[i]) != 0)
            return failed("a multiplication", err);
    int rc = composites(m, NULL, public_key, blinded, evaluated, n, err);
    if (rc != 0)
        return rc;
    crypto_core_ristretto255_scalar_random(r);
    if (crypto_scalarmult_ristretto255(z, k, m) != 0 || crypto_scalarmult_ristretto255_base(t2, r) != 0 ||
        crypto_scalarmult_ristretto255(t3, r, m) != 0)
        return failed("a multiplication", err);
    challenge(proof, public_key, m, z, t2, t3);
    crypto_core_ristretto255_scalar_mul(ck, proof, k);
    crypto_core_ristretto255_scalar_sub(proof + 32, r, ck);
    return 0;
}

int baseline_verify(const uint8_t proof[64], const baseline_element public_key, const baseline_element *blinded,
                    const baseline_element *evaluated, size_t n, struct err *err)
{
    baseline_element m, z, t2, t3, a;
    uint8_t c[32];
    int rc = composites(m, z, public_key, blinded, evaluated, n, err);
    if (rc != 0)
        return rc;
    if (crypto_scalarmult_ristretto255_base(t2, proof + 32) != 0 ||
        crypto_scalarmult_ristretto255(t3, proof + 32, m) != 0)
        return failed("a multiplication", err);
    rc = add_multiple(t2, proof, public_key, err);
    if (rc == 0 && (crypto_scalarmult_ristretto255(a, proof, z) != 0 || crypto_core_ristretto255_add(t3, t3, a) != 0))
        rc = failed("a multiplication", err);
    challenge(c, public_key, m, z, t2, t3);
    if (rc == 0 && memcmp(c, proof, 32) != 0)
        rc = err_set(err, ERR_VERIFY, "the proof does not verify");
    return rc;
}

/* --- the client --- */

int baseline_blind(baseline_element blinded, uint8_t r[32], struct span input, struct err *err)
{
    baseline_element hashed;
    baseline_hash_to_group(hashed, input);
    crypto_core_ristretto255_scalar_random(r);
    return crypto_scalarmult_ristretto255(blinded, r, hashed) == 0 ? 0 : failed("a multiplication", err);
}

int baseline_finalise(uint8_t out[64], struct span input, const baseline_element evaluated, const uint8_t r[32],
                      struct err *err)
{
    uint8_t inverse[32], prefix[2];
    static const uint8_t element_len[2] = {0, BASELINE_ELEMENT};
    baseline_element unblinded;
    crypto_hash_sha512_state s;
    if (crypto_core_ristretto255_scalar_invert(inverse, r) != 0 ||
        crypto_scalarmult_ristretto255(unblinded, inverse, evaluated) != 0)
        return failed("a multiplication", err);
    bytes_put_u16be(prefix, (uint16_t)input.len);
    crypto_hash_sha512_init(&s);
    crypto_hash_sha512_update(&s, prefix, sizeof prefix);
    crypto_hash_sha512_update(&s, input.data, input.len);
    crypto_hash_sha512_update(&s, element_len, sizeof element_len);
    crypto_hash_sha512_update(&s, unblinded, sizeof unblinded);
    crypto_hash_sha512_update(&s, (const uint8_t *)"Finalize", 8);
    crypto_hash_sha512_final(&s, out);
    return 0;
}
