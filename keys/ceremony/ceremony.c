#include "keys/ceremony/ceremony.h"

#include "protocol/base/file.h"
#include "protocol/group/scalar.h"
#include "protocol/identity/identity.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEX_MAX 128
#define DEAL_KEY_SIZE crypto_scalarmult_BYTES

json_t *json_hex(const void *bytes, size_t len)
{
    char hex[2 * HEX_MAX + 1];
    return len <= HEX_MAX ? json_string(bytes_to_hex(hex, bytes, len)) : NULL;
}

int json_get_hex(json_t *object, const char *member, void *out, size_t len, const char *path, struct err *err)
{
    const char *hex = json_string_value(member != NULL ? json_object_get(object, member) : object);
    if (hex != NULL && bytes_from_hex(out, len, hex))
        return 0;
    return err_set(err, ERR_INPUT, "%s: %s is not %zu hexadecimal digits", path, member != NULL ? member : "a member",
                   2 * len);
}

int json_load_limited(json_t **out, const char *path, uint8_t digest[32], struct err *err)
{
    json_error_t fault;
    struct buf text = buf_of(CEREMONY_FILE_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0) {
        *out = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &fault);
        if (digest != NULL)
            crypto_hash_sha256(digest, text.data, text.len);
        if (!json_is_object(*out)) {
            json_decref(*out);
            *out = NULL;
            rc = err_set(err, ERR_INPUT, "%s: not a JSON object", path);
        }
    }
    buf_free(&text);
    return rc;
}

static int sign_text(char **out, json_t *json, struct err *err)
{
    *out = json != NULL ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    return *out != NULL ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for what is to be signed");
}

int json_sign(json_t *json, const struct identity *by, struct err *err)
{
    uint8_t signature[crypto_sign_BYTES];
    char *text;
    int rc = sign_text(&text, json, err);
    if (rc != 0)
        return rc;
    crypto_sign_detached(signature, NULL, (const uint8_t *)text, strlen(text), by->sign_secret);
    free(text);
    return json_object_set_new(json, "signature", json_hex(signature, sizeof signature)) == 0
               ? 0
               : err_set(err, ERR_NO_MEMORY, "out of memory for a signature");
}

int json_check_signature(json_t *json, const struct party *by, const char *path, struct err *err)
{
    char *text = NULL;
    uint8_t signature[crypto_sign_BYTES];
    int rc = json_get_hex(json, "signature", signature, sizeof signature, path, err);
    if (rc == 0) {
        json_object_del(json, "signature");
        rc = sign_text(&text, json, err);
    }
    if (rc == 0 && crypto_sign_verify_detached(signature, (const uint8_t *)text, strlen(text), by->sign) != 0)
        rc = err_set(err, ERR_VERIFY, "%s claims to be from %s but is not signed by it: it was changed on the way",
                     path, by->name);
    free(text);
    return rc;
}

static int read_custodian(struct party *out, json_t *object, const char *path, struct err *err)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    int rc = name == NULL ? err_set(err, ERR_INPUT, "%s: a custodian has no name", path) : party_name_check(name, err);
    if (rc == 0)
        memcpy(out->name, name, strlen(name) + 1);
    if (rc == 0)
        rc = json_get_hex(object, "channel", out->channel, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(object, "sign", out->sign, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(object, "log", out->log, 32, path, err);
    if (rc == 0)
        rc = json_get_hex(object, "witness", out->witness, 32, path, err);
    return rc;
}

static int read_purpose(struct ceremony_purpose *out, json_t *object, const char *path, struct err *err)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    json_int_t epoch = json_integer_value(json_object_get(object, "epoch"));
    int rc = name == NULL ? err_set(err, ERR_INPUT, "%s: a purpose has no name", path) : party_name_check(name, err);
    if (rc != 0)
        return rc;
    if (epoch < 0 || epoch > UINT32_MAX)
        return err_set(err, ERR_INPUT, "%s: the epoch of %s is out of range", path, name);
    memcpy(out->name, name, strlen(name) + 1);
    out->epoch = (uint32_t)epoch;
    return 0;
}

static int check_names(const struct ceremony *c, const char *path, struct err *err)
{
    for (size_t i = 0; i < c->custodian_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->custodian[i].name, c->custodian[j].name) == 0)
                return err_set(err, ERR_INPUT, "%s: two custodians are called %s", path, c->custodian[i].name);
    for (size_t i = 0; i < c->purpose_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(c->purpose[i].name, c->purpose[j].name) == 0 && c->purpose[i].epoch == c->purpose[j].epoch)
                return err_set(err, ERR_INPUT, "%s: %s, epoch %u stands twice", path, c->purpose[i].name,
                               (unsigned)c->purpose[i].epoch);
    return 0;
}

int ceremony_load(struct ceremony *out, const char *path, struct err *err)
{
    json_t *json = NULL;
    memset(out, 0, sizeof *out);
    int rc = json_load_limited(&json, path, out->digest, err);
    if (rc != 0)
        return rc;
    json_t *custodians = json_object_get(json, "custodians"), *purposes = json_object_get(json, "purposes");
    json_int_t threshold = json_integer_value(json_object_get(json, "threshold"));
    out->custodian_count = json_array_size(custodians);
    out->purpose_count = json_array_size(purposes);
    if (json_integer_value(json_object_get(json, "concord-ceremony")) != 2 || out->custodian_count == 0 ||
        out->custodian_count > REGION_CUSTODIANS_MAX || out->purpose_count == 0 ||
        out->purpose_count > REGION_PURPOSES_MAX || threshold < 1 || (size_t)threshold > out->custodian_count)
        rc = err_set(err, ERR_INPUT, "%s is no ceremony file (concord-keys ceremony start writes one)", path);
    out->threshold = (size_t)threshold;
    for (size_t i = 0; rc == 0 && i < out->custodian_count; i++)
        rc = read_custodian(&out->custodian[i], json_array_get(custodians, i), path, err);
    for (size_t i = 0; rc == 0 && i < out->purpose_count; i++)
        rc = read_purpose(&out->purpose[i], json_array_get(purposes, i), path, err);
    json_decref(json);
    if (rc == 0)
        rc = check_names(out, path, err);
    return rc;
}

int ceremony_find(const struct ceremony *ceremony, const struct party *party)
{
    for (size_t i = 0; i < ceremony->custodian_count; i++)
        if (memcmp(&ceremony->custodian[i], party, sizeof *party) == 0)
            return (int)i;
    return -1;
}

/* --- one contributor's part of one purpose --- */

/* Everything that a hash or key below is bound to. */
static void bind(crypto_generichash_state *state, const char *what, const struct ceremony *c, size_t purpose,
                 size_t from, size_t to)
{
    uint8_t place[6] = {(uint8_t)from, (uint8_t)to};
    bytes_put_u32be(place + 2, c->purpose[purpose].epoch);
    crypto_generichash_update(state, (const uint8_t *)what, strlen(what) + 1);
    crypto_generichash_update(state, c->digest, sizeof c->digest);
    crypto_generichash_update(state, (const uint8_t *)c->purpose[purpose].name, strlen(c->purpose[purpose].name) + 1);
    crypto_generichash_update(state, place, sizeof place);
}

/* Schnorr's challenge for the proof that a_0 of C_0 = a_0 * G is known. */
static void challenge(struct scalar *out, const struct ceremony *c, size_t purpose, size_t from,
                      const struct element *public_key, const struct element *commitment)
{
    uint8_t wide[64];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof wide);
    bind(&state, "concord ceremony possession v2", c, purpose, from, from);
    crypto_generichash_update(&state, public_key->bytes, sizeof public_key->bytes);
    crypto_generichash_update(&state, commitment->bytes, sizeof commitment->bytes);
    crypto_generichash_final(&state, wide, sizeof wide);
    scalar_reduce(out, wide);
}

void contribution_deal_secret(uint8_t deal[32], const struct contribution *in, const struct ceremony *ceremony,
                              size_t purpose, const struct identity *from, size_t from_index, size_t to_index)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, from->storage_secret, sizeof from->storage_secret, 32);
    bind(&state, "concord ceremony deal v2", ceremony, purpose, from_index, to_index);
    crypto_generichash_update(&state, in->commitment[0].bytes, ceremony->threshold * sizeof in->commitment[0]);
    crypto_generichash_final(&state, deal, 32);
    sodium_memzero(&state, sizeof state);
}

/*
 * One key per ceremony, purpose, sender, recipient and polynomial, so that the nonce can be zero: the commitments make
 * it another key when a custodian contributes a second time.
 */
static int share_key(uint8_t key[32], const struct contribution *in, const struct ceremony *c, size_t purpose,
                     size_t from, size_t to, const uint8_t secret[32], const uint8_t peer[32], struct err *err)
{
    uint8_t shared[32];
    crypto_generichash_state state;
    if (crypto_scalarmult(shared, secret, peer) != 0)
        return err_set(err, ERR_VERIFY, "the share for %s does not decrypt: its key has low order",
                       c->custodian[to].name);
    crypto_generichash_init(&state, shared, sizeof shared, 32);
    bind(&state, "concord ceremony share v2", c, purpose, from, to);
    crypto_generichash_update(&state, in->commitment[0].bytes, c->threshold * sizeof in->commitment[0]);
    crypto_generichash_update(&state, in->share[to], DEAL_KEY_SIZE);
    crypto_generichash_final(&state, key, 32);
    sodium_memzero(&state, sizeof state);
    sodium_memzero(shared, sizeof shared);
    return 0;
}

static void commit(struct contribution *out, const struct scalar *coefficients, size_t t)
{
    struct point points[OPRF_COALITION_MAX];
    group_base_mul(points, group_generator(), coefficients, t);
    group_encode(out->commitment, points, t);
    sodium_memzero(points, sizeof points);
}

static void prove_possession(struct contribution *out, const struct ceremony *c, size_t purpose, size_t from,
                             const struct scalar *secret)
{
    struct scalar r;
    struct point point;
    struct element commitment;
    scalar_random(&r);
    group_base_mul(&point, group_generator(), &r, 1);
    group_encode(&commitment, &point, 1);
    challenge(&out->proof_c, c, purpose, from, &out->commitment[0], &commitment);
    scalar_mul(&out->proof_s, &out->proof_c, secret);
    scalar_add(&out->proof_s, &out->proof_s, &r);
    sodium_memzero(&r, sizeof r);
}

int contribution_make(struct contribution *out, const struct ceremony *ceremony, size_t purpose,
                      const struct identity *from, size_t from_index, struct err *err)
{
    static const uint8_t nonce[crypto_secretbox_NONCEBYTES];
    struct scalar coefficients[OPRF_COALITION_MAX], share;
    uint8_t key[32], deal[32];
    int rc = 0;
    for (size_t i = 0; i < ceremony->threshold; i++)
        scalar_random(&coefficients[i]);
    commit(out, coefficients, ceremony->threshold);
    prove_possession(out, ceremony, purpose, from_index, &coefficients[0]);
    for (size_t to = 0; rc == 0 && to < ceremony->custodian_count; to++) {
        threshold_polynomial_at(&share, coefficients, ceremony->threshold, (uint8_t)(to + 1));
        contribution_deal_secret(deal, out, ceremony, purpose, from, from_index, to);
        crypto_scalarmult_base(out->share[to], deal);
        rc = share_key(key, out, ceremony, purpose, from_index, to, deal, ceremony->custodian[to].channel, err);
        if (rc == 0)
            crypto_secretbox_easy(out->share[to] + DEAL_KEY_SIZE, share.bytes, sizeof share.bytes, nonce, key);
    }
    sodium_memzero(coefficients, sizeof coefficients);
    sodium_memzero(&share, sizeof share);
    sodium_memzero(key, sizeof key);
    sodium_memzero(deal, sizeof deal);
    return rc;
}

int contribution_check(const struct contribution *in, const struct ceremony *ceremony, size_t purpose,
                       size_t from_index, struct err *err)
{
    static const uint8_t any_secret[32] = {8};
    struct point points[OPRF_COALITION_MAX], pair[2], r;
    struct scalar k[2], expected;
    struct element commitment;
    uint8_t shared[32];
    if (!scalar_is_canonical(&in->proof_c) || !scalar_is_canonical(&in->proof_s))
        return err_set(err, ERR_VERIFY, "the proof of possession is malformed");
    if (group_decode(points, in->commitment, ceremony->threshold, NULL, ERR_IGNORED) != 0)
        return err_set(err, ERR_VERIFY, "a commitment is no group element");
    if (group_is_identity(&points[0]))
        return err_set(err, ERR_VERIFY, "the contribution is zero");
    for (size_t to = 0; to < ceremony->custodian_count; to++)
        if (crypto_scalarmult(shared, any_secret, in->share[to]) != 0)
            return err_set(err, ERR_VERIFY, "the share for %s does not decrypt: its key has low order",
                           ceremony->custodian[to].name);
    /* R = s*G - c*C_0 */
    struct scalar one;
    scalar_set(&one, 1);
    group_base_mul(&pair[0], group_generator(), &one, 1);
    pair[1] = points[0];
    k[0] = in->proof_s;
    scalar_negate(&k[1], &in->proof_c);
    int rc = group_msm_vartime(&r, k, pair, 2, err);
    if (rc != 0)
        return rc;
    group_encode(&commitment, &r, 1);
    challenge(&expected, ceremony, purpose, from_index, &in->commitment[0], &commitment);
    if (memcmp(expected.bytes, in->proof_c.bytes, sizeof expected.bytes) != 0)
        return err_set(err, ERR_VERIFY, "the proof of possession does not verify");
    return 0;
}

static int open_share(struct scalar *out, const struct contribution *in, const struct ceremony *c, size_t to,
                      const uint8_t key[32], struct err *err)
{
    static const uint8_t nonce[crypto_secretbox_NONCEBYTES];
    struct element expected, got;
    struct point point;
    int rc = 0;
    if (crypto_secretbox_open_easy(out->bytes, in->share[to] + DEAL_KEY_SIZE, CEREMONY_SHARE_SEALED - DEAL_KEY_SIZE,
                                   nonce, key) != 0 ||
        !scalar_is_canonical(out))
        rc = err_set(err, ERR_VERIFY, "the share for %s does not decrypt", c->custodian[to].name);
    if (rc == 0)
        rc = threshold_public_share(&expected, in->commitment, c->threshold, (uint8_t)(to + 1), err);
    if (rc != 0)
        return rc;
    group_base_mul(&point, group_generator(), out, 1);
    group_encode(&got, &point, 1);
    return memcmp(expected.bytes, got.bytes, sizeof got.bytes) == 0
               ? 0
               : err_set(err, ERR_VERIFY, "the share for %s does not match the commitments", c->custodian[to].name);
}

int contribution_open_share(struct scalar *out, const struct contribution *in, const struct ceremony *ceremony,
                            size_t purpose, size_t from_index, const struct identity *to, size_t to_index,
                            struct err *err)
{
    uint8_t key[32];
    int rc = share_key(key, in, ceremony, purpose, from_index, to_index, to->channel_secret, in->share[to_index], err);
    if (rc == 0)
        rc = open_share(out, in, ceremony, to_index, key, err);
    if (rc != 0)
        sodium_memzero(out, sizeof *out);
    sodium_memzero(key, sizeof key);
    return rc;
}

int contribution_check_share(const struct contribution *in, const struct ceremony *ceremony, size_t purpose,
                             size_t from_index, size_t to_index, const uint8_t deal[32], struct err *err)
{
    uint8_t key[32], public_key[DEAL_KEY_SIZE];
    struct scalar share;
    crypto_scalarmult_base(public_key, deal);
    if (memcmp(public_key, in->share[to_index], sizeof public_key) != 0)
        return err_set(err, ERR_INPUT, "that is not the secret with which the share for %s was encrypted",
                       ceremony->custodian[to_index].name);
    int rc =
        share_key(key, in, ceremony, purpose, from_index, to_index, deal, ceremony->custodian[to_index].channel, err);
    if (rc == 0)
        rc = open_share(&share, in, ceremony, to_index, key, err);
    sodium_memzero(&share, sizeof share);
    sodium_memzero(key, sizeof key);
    return rc;
}
