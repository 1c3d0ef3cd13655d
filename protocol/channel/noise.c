#include "protocol/channel/noise.h"
#include "protocol/base/bytes.h"

#include <sodium.h>
#include <string.h>

#define BLOCK 128 /* BLAKE2b's, for HMAC */

/* A name is shorter than the hash, so h starts as the name padded with zeros (section 5.2). */
static const char names[][NOISE_HASH] = {
    [NOISE_IKPSK2] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2b",
    [NOISE_X] = "Noise_X_25519_ChaChaPoly_BLAKE2b",
};

/* Noise asks for HMAC over the hash, even where the hash has a keyed mode of its own. */
static void hmac(uint8_t out[NOISE_HASH], const uint8_t key[NOISE_HASH], const uint8_t *data, size_t len, int counter,
                 const uint8_t *previous)
{
    crypto_generichash_state state;
    uint8_t pad[BLOCK], inner[NOISE_HASH], byte = (uint8_t)counter;
    memset(pad, 0x36, sizeof pad);
    for (size_t i = 0; i < NOISE_HASH; i++)
        pad[i] ^= key[i];
    crypto_generichash_init(&state, NULL, 0, NOISE_HASH);
    crypto_generichash_update(&state, pad, sizeof pad);
    if (previous != NULL)
        crypto_generichash_update(&state, previous, NOISE_HASH);
    crypto_generichash_update(&state, data, len);
    if (counter > 0)
        crypto_generichash_update(&state, &byte, 1);
    crypto_generichash_final(&state, inner, NOISE_HASH);
    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    crypto_generichash_init(&state, NULL, 0, NOISE_HASH);
    crypto_generichash_update(&state, pad, sizeof pad);
    crypto_generichash_update(&state, inner, sizeof inner);
    crypto_generichash_final(&state, out, NOISE_HASH);
    sodium_memzero(pad, sizeof pad);
    sodium_memzero(inner, sizeof inner);
    sodium_memzero(&state, sizeof state);
}

/* HKDF of section 4.3; the third output only if out3 is not NULL. */
static void hkdf(uint8_t out1[NOISE_HASH], uint8_t out2[NOISE_HASH], uint8_t *out3, const uint8_t ck[NOISE_HASH],
                 const uint8_t *material, size_t len)
{
    uint8_t temp[NOISE_HASH];
    hmac(temp, ck, material, len, 0, NULL);
    hmac(out1, temp, NULL, 0, 1, NULL);
    hmac(out2, temp, NULL, 0, 2, out1);
    if (out3 != NULL)
        hmac(out3, temp, NULL, 0, 3, out2);
    sodium_memzero(temp, sizeof temp);
}

static void mix_hash(struct noise *n, const uint8_t *data, size_t len)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, NOISE_HASH);
    crypto_generichash_update(&state, n->h, NOISE_HASH);
    crypto_generichash_update(&state, data, len);
    crypto_generichash_final(&state, n->h, NOISE_HASH);
}

static void set_key(struct noise *n, const uint8_t temp[NOISE_HASH])
{
    memcpy(n->k, temp, NOISE_KEY);
    n->n = 0;
}

static void mix_key(struct noise *n, const uint8_t *material, size_t len)
{
    uint8_t ck[NOISE_HASH], temp[NOISE_HASH];
    hkdf(ck, temp, NULL, n->ck, material, len);
    memcpy(n->ck, ck, NOISE_HASH);
    set_key(n, temp);
    sodium_memzero(ck, sizeof ck);
    sodium_memzero(temp, sizeof temp);
}

static void mix_key_and_hash(struct noise *n, const uint8_t psk[NOISE_KEY])
{
    uint8_t ck[NOISE_HASH], hash[NOISE_HASH], temp[NOISE_HASH];
    hkdf(ck, hash, temp, n->ck, psk, NOISE_KEY);
    memcpy(n->ck, ck, NOISE_HASH);
    mix_hash(n, hash, NOISE_HASH);
    set_key(n, temp);
    sodium_memzero(ck, sizeof ck);
    sodium_memzero(hash, sizeof hash);
    sodium_memzero(temp, sizeof temp);
}

void noise_nonce(uint8_t out[static NOISE_NONCE], uint64_t counter)
{
    memset(out, 0, 4);
    bytes_put_u64le(out + 4, counter);
}

static void encrypt_and_hash(struct noise *n, uint8_t *out, const uint8_t *plain, size_t len)
{
    uint8_t nonce[NOISE_NONCE];
    noise_nonce(nonce, n->n++);
    crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, len, n->h, NOISE_HASH, NULL, nonce, n->k);
    mix_hash(n, out, len + NOISE_TAG);
}

/* len: of the ciphertext with its tag. */
static int decrypt_and_hash(struct noise *n, uint8_t *plain, const uint8_t *in, size_t len, struct err *err)
{
    uint8_t nonce[NOISE_NONCE];
    noise_nonce(nonce, n->n++);
    if (crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, in, len, n->h, NOISE_HASH, nonce, n->k) != 0)
        return err_set(err, ERR_VERIFY, "the message does not decrypt: wrong key, or changed on its way");
    mix_hash(n, in, len);
    return 0;
}

static int mix_dh(struct noise *n, const uint8_t secret[NOISE_KEY], const uint8_t public_key[NOISE_KEY],
                  struct err *err)
{
    uint8_t shared[NOISE_KEY];
    if (crypto_scalarmult(shared, secret, public_key) != 0)
        return err_set(err, ERR_VERIFY, "the peer's key has low order");
    mix_key(n, shared, sizeof shared);
    sodium_memzero(shared, sizeof shared);
    return 0;
}

static void start(struct noise *n, enum noise_pattern pattern, const void *prologue, size_t prologue_len,
                  const uint8_t secret[NOISE_KEY], const uint8_t *ephemeral)
{
    memset(n, 0, sizeof *n);
    n->has_psk = pattern == NOISE_IKPSK2;
    memcpy(n->h, names[pattern], NOISE_HASH);
    memcpy(n->ck, n->h, NOISE_HASH);
    mix_hash(n, prologue, prologue_len);
    memcpy(n->s_secret, secret, NOISE_KEY);
    crypto_scalarmult_base(n->s, n->s_secret);
    if (ephemeral != NULL)
        memcpy(n->e_secret, ephemeral, NOISE_KEY);
    else
        randombytes_buf(n->e_secret, NOISE_KEY);
    crypto_scalarmult_base(n->e, n->e_secret);
}

void noise_initiator(struct noise *n, enum noise_pattern pattern, const void *prologue, size_t prologue_len,
                     const uint8_t secret[NOISE_KEY], const uint8_t peer[NOISE_KEY], const uint8_t *ephemeral)
{
    start(n, pattern, prologue, prologue_len, secret, ephemeral);
    memcpy(n->remote_s, peer, NOISE_KEY);
    mix_hash(n, n->remote_s, NOISE_KEY);
}

void noise_responder(struct noise *n, enum noise_pattern pattern, const void *prologue, size_t prologue_len,
                     const uint8_t secret[NOISE_KEY], const uint8_t *ephemeral)
{
    start(n, pattern, prologue, prologue_len, secret, ephemeral);
    mix_hash(n, n->s, NOISE_KEY);
}

/* The psk modifier makes every "e" token also mix the ephemeral key into the chaining key (section 9.2). */
static void mix_ephemeral(struct noise *n, const uint8_t e[NOISE_KEY])
{
    mix_hash(n, e, NOISE_KEY);
    if (n->has_psk)
        mix_key(n, e, NOISE_KEY);
}

static int failed(struct noise *n, int rc)
{
    sodium_memzero(n, sizeof *n);
    return rc;
}

/* -> e, es, s, ss */
int noise_write1(struct noise *n, uint8_t *out, const uint8_t *payload, size_t len, struct err *err)
{
    int rc;
    memcpy(out, n->e, NOISE_KEY);
    mix_ephemeral(n, n->e);
    rc = mix_dh(n, n->e_secret, n->remote_s, err);
    if (rc != 0)
        return failed(n, rc);
    encrypt_and_hash(n, out + 32, n->s, NOISE_KEY);
    rc = mix_dh(n, n->s_secret, n->remote_s, err);
    if (rc != 0)
        return failed(n, rc);
    encrypt_and_hash(n, out + 80, payload, len);
    return 0;
}

int noise_read1(struct noise *n, uint8_t *payload, const uint8_t *message, size_t len, struct err *err)
{
    int rc;
    if (len < NOISE_MESSAGE1_OVERHEAD)
        return failed(n, err_set(err, ERR_INPUT, "a handshake of %zu bytes is too short", len));
    memcpy(n->remote_e, message, NOISE_KEY);
    mix_ephemeral(n, n->remote_e);
    rc = mix_dh(n, n->s_secret, n->remote_e, err);
    if (rc == 0)
        rc = decrypt_and_hash(n, n->remote_s, message + 32, 48, err);
    if (rc == 0)
        rc = mix_dh(n, n->s_secret, n->remote_s, err);
    if (rc == 0)
        rc = decrypt_and_hash(n, payload, message + 80, len - 80, err);
    if (rc != 0)
        return failed(n, rc);
    return 0;
}

/* <- e, ee, se, psk */
int noise_write2(struct noise *n, uint8_t *out, const uint8_t psk[NOISE_KEY], const uint8_t *payload, size_t len,
                 struct err *err)
{
    int rc;
    memcpy(out, n->e, NOISE_KEY);
    mix_ephemeral(n, n->e);
    rc = mix_dh(n, n->e_secret, n->remote_e, err);
    if (rc == 0)
        rc = mix_dh(n, n->e_secret, n->remote_s, err);
    if (rc != 0)
        return failed(n, rc);
    mix_key_and_hash(n, psk);
    encrypt_and_hash(n, out + 32, payload, len);
    return 0;
}

int noise_read2(struct noise *n, uint8_t *payload, const uint8_t psk[NOISE_KEY], const uint8_t *message, size_t len,
                struct err *err)
{
    int rc;
    if (len < NOISE_MESSAGE2_OVERHEAD)
        return failed(n, err_set(err, ERR_INPUT, "a handshake of %zu bytes is too short", len));
    memcpy(n->remote_e, message, NOISE_KEY);
    mix_ephemeral(n, n->remote_e);
    rc = mix_dh(n, n->e_secret, n->remote_e, err);
    if (rc == 0)
        rc = mix_dh(n, n->s_secret, n->remote_e, err);
    if (rc != 0)
        return failed(n, rc);
    mix_key_and_hash(n, psk);
    rc = decrypt_and_hash(n, payload, message + 32, len - 32, err);
    if (rc != 0)
        return failed(n, rc);
    return 0;
}

void noise_split(struct noise *n, uint8_t to_responder[NOISE_KEY], uint8_t to_initiator[NOISE_KEY],
                 uint8_t handshake_hash[NOISE_HASH])
{
    uint8_t a[NOISE_HASH], b[NOISE_HASH];
    hkdf(a, b, NULL, n->ck, NULL, 0);
    memcpy(to_responder, a, NOISE_KEY);
    memcpy(to_initiator, b, NOISE_KEY);
    memcpy(handshake_hash, n->h, NOISE_HASH);
    sodium_memzero(a, sizeof a);
    sodium_memzero(b, sizeof b);
    sodium_memzero(n, sizeof *n);
}
