#include "client/payload/payload.h"

#include "client/payload/gf256.h"

#include <sodium.h>
#include <string.h>

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define AAD_MAX (3 * (PARTY_NAME_MAX + 1) + 4 + WIRE_TAG_SIZE)
#define SLOT_HEAD (PSEUDONYM_SIZE + 1)
#define SLOT_MAX (SLOT_HEAD + SCHEMA_WEIGHT_MAX * HANDLE_SIZE)

/* --- records --- */

void record_seed(uint8_t out[RECORD_SEED_SIZE], const struct schema *schema, const uint8_t vault_secret[32],
                 const char *record_id)
{
    static const char label[] = "concord record 2";
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, vault_secret, 32, RECORD_SEED_SIZE);
    crypto_generichash_update(&hash, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&hash, (const uint8_t *)schema->name, strlen(schema->name) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)record_id, strlen(record_id));
    crypto_generichash_final(&hash, out, RECORD_SEED_SIZE);
    sodium_memzero(&hash, sizeof hash);
}

/* A ChaCha20 stream of its own for each seed and context. */
static void expand(void *out, size_t len, const uint8_t seed[RECORD_SEED_SIZE], const uint8_t context[16])
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    uint8_t key[crypto_stream_chacha20_KEYBYTES];
    memcpy(key, seed, RECORD_SEED_SIZE);
    memcpy(key + RECORD_SEED_SIZE, context, sizeof key - RECORD_SEED_SIZE);
    crypto_stream_chacha20(out, len, nonce, key);
    sodium_memzero(key, sizeof key);
}

void record_secret_derive(struct record_secret *out, const struct schema *schema, const uint8_t seed[RECORD_SEED_SIZE])
{
    static const uint8_t whatever_schema[16];
    expand(out, offsetof(struct record_secret, coefficient), seed, whatever_schema);
    expand(out->coefficient, (size_t)(schema->threshold - 1) * HANDLE_SIZE, seed, schema->digest);
}

static unsigned largest_weight(const struct schema *schema)
{
    unsigned largest = 0;
    for (size_t j = 0; j < schema->keys; j++)
        if (schema->key[j].weight > largest)
            largest = schema->key[j].weight;
    return largest;
}

/* Where the polynomial is taken for the first share of key j. Public. */
static unsigned first_x(const struct schema *schema, size_t key)
{
    unsigned x = 1;
    for (size_t j = 0; j < key; j++)
        x += schema->key[j].weight;
    return x;
}

size_t slot_size(const struct schema *schema)
{
    return SLOT_HEAD + (size_t)largest_weight(schema) * HANDLE_SIZE;
}

static gf256_sixteen load(const uint8_t in[HANDLE_SIZE])
{
    gf256_sixteen v;
    _Static_assert(sizeof v == HANDLE_SIZE, "a handle fills a vector");
    memcpy(&v, in, sizeof v);
    return v;
}

/* Horner, all 16 bytes at once. */
static void share_at(uint8_t out[HANDLE_SIZE], const struct record_secret *secret, unsigned threshold, uint8_t x)
{
    gf256_sixteen sum = {0};
    for (unsigned k = threshold - 1; k-- > 0;)
        sum = gf256_scale(sum ^ load(secret->coefficient[k]), x);
    sum ^= load(secret->handle);
    memcpy(out, &sum, sizeof sum);
}

void slot_make(uint8_t *out, const struct schema *schema, const struct record_secret *secret, size_t key)
{
    unsigned x = first_x(schema, key), weight = schema->key[key].weight;
    size_t used = SLOT_HEAD + weight * HANDLE_SIZE;
    if (used < slot_size(schema))
        randombytes_buf(out + used, slot_size(schema) - used);
    memcpy(out, secret->pseudonym, PSEUDONYM_SIZE);
    out[PSEUDONYM_SIZE] = (uint8_t)key;
    for (unsigned s = 0; s < weight; s++)
        share_at(out + SLOT_HEAD + s * HANDLE_SIZE, secret, schema->threshold, (uint8_t)(x + s));
}

/* --- sealing --- */

static size_t add_name(uint8_t *out, const char *name)
{
    size_t len = strnlen(name, PARTY_NAME_MAX);
    out[0] = (uint8_t)len;
    memcpy(out + 1, name, len);
    return 1 + len;
}

static size_t aad_of(uint8_t out[AAD_MAX], const struct payload_context *context)
{
    size_t len = add_name(out, context->region);
    len += add_name(out + len, context->purpose);
    len += add_name(out + len, context->agency);
    bytes_put_u32be(out + len, context->epoch);
    memcpy(out + len + 4, context->tag, WIRE_TAG_SIZE);
    return len + 4 + WIRE_TAG_SIZE;
}

static size_t padded_count(size_t count)
{
    size_t padded = 1;
    while (padded < count)
        padded *= 2;
    return padded;
}

size_t payload_size(const struct schema *schema)
{
    return NONCE_SIZE + padded_count(schema->cap) * slot_size(schema) + SEAL_TAG_SIZE;
}

/* Fisher and Yates, so that a record's place among the slots says nothing. */
static void shuffle(uint8_t *slots, size_t count, size_t size)
{
    uint8_t swap[SLOT_MAX];
    for (size_t i = count; i > 1; i--) {
        size_t k = randombytes_uniform((uint32_t)i);
        memcpy(swap, slots + k * size, size);
        memmove(slots + k * size, slots + (i - 1) * size, size);
        memcpy(slots + (i - 1) * size, swap, size);
    }
    sodium_memzero(swap, sizeof swap);
}

/* Padding names another key than the entry's, where there is one: a receiver must not take it for a record. */
static uint8_t other_key(const struct schema *schema, uint8_t key)
{
    if (schema->keys < 2)
        return key;
    return (uint8_t)((key + 1 + randombytes_uniform((uint32_t)schema->keys - 1)) % schema->keys);
}

int payload_seal(struct buf *out, const struct schema *schema, const struct payload_context *context,
                 const uint8_t *slots, size_t count, struct err *err)
{
    uint8_t aad[AAD_MAX];
    size_t size = slot_size(schema), padded = padded_count(schema->cap), len = padded * size;
    if (count == 0 || count > schema->cap || NONCE_SIZE + len + SEAL_TAG_SIZE > WIRE_PAYLOAD_MAX)
        return err_set(err, ERR_INPUT, "an entry of %zu records does not fit into a payload", count);
    uint8_t *to = buf_reserve(out, NONCE_SIZE + len + SEAL_TAG_SIZE, err);
    if (to == NULL)
        return (int)err->code;
    uint8_t *plain = to + NONCE_SIZE;
    randombytes_buf(to, NONCE_SIZE);
    memcpy(plain, slots, count * size);
    if (padded > count)
        randombytes_buf(plain + count * size, (padded - count) * size);
    for (size_t i = count; i < padded; i++)
        plain[i * size + PSEUDONYM_SIZE] = other_key(schema, slots[PSEUDONYM_SIZE]);
    shuffle(plain, padded, size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(plain, NULL, plain, len, aad, aad_of(aad, context), NULL, to,
                                               context->seal_key);
    out->len += NONCE_SIZE + len + SEAL_TAG_SIZE;
    return 0;
}

int payload_open(struct buf *slots, size_t *count, const struct schema *schema, const struct payload_context *context,
                 struct span payload, struct err *err)
{
    uint8_t aad[AAD_MAX];
    size_t size = slot_size(schema);
    if (payload.len > WIRE_PAYLOAD_MAX || payload.len < NONCE_SIZE + SEAL_TAG_SIZE + size ||
        (payload.len - NONCE_SIZE - SEAL_TAG_SIZE) % size != 0)
        return err_set(err, ERR_INPUT, "a payload of %zu bytes from %s is no entry of this schema", payload.len,
                       context->agency);
    size_t len = payload.len - NONCE_SIZE - SEAL_TAG_SIZE, n = len / size;
    if (padded_count(n) != n || n > padded_count(schema->cap))
        return err_set(err, ERR_INPUT, "a payload from %s holds %zu slots, which no entry has", context->agency, n);
    uint8_t *to = buf_reserve(slots, len, err);
    if (to == NULL)
        return (int)err->code;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL, payload.data + NONCE_SIZE, payload.len - NONCE_SIZE,
                                                   aad, aad_of(aad, context), payload.data, context->seal_key) != 0)
        return err_set(err, ERR_VERIFY, "a payload from %s does not open: it was not sealed for this tag",
                       context->agency);
    for (size_t i = 0; i < n; i++)
        if (to[i * size + PSEUDONYM_SIZE] >= schema->keys) {
            sodium_memzero(to, len);
            return err_set(err, ERR_INPUT, "a payload from %s names a match key that the schema does not have",
                           context->agency);
        }
    slots->len += len;
    *count = n;
    return 0;
}

/* --- recovering --- */

/* The Lagrange coefficient at zero of x[i] among the n distinct, non-zero x. Public data. */
static uint8_t lagrange(const uint8_t *x, size_t n, size_t i)
{
    uint8_t above = 1, below = 1;
    for (size_t k = 0; k < n; k++) {
        if (k == i)
            continue;
        above = gf256_mul(above, x[k]);
        below = gf256_mul(below, x[k] ^ x[i]);
    }
    return gf256_mul(above, gf256_invert(below));
}

bool handle_recover(uint8_t handle[HANDLE_SIZE], const struct schema *schema, const uint8_t *const *slot, size_t count)
{
    uint8_t x[255];
    const uint8_t *share[255];
    uint32_t seen = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        size_t key = slot[i][PSEUDONYM_SIZE];
        if (key >= schema->keys || (seen >> key & 1) != 0)
            continue;
        seen |= 1u << key;
        for (unsigned s = 0; s < schema->key[key].weight && n < schema->threshold; s++) {
            x[n] = (uint8_t)(first_x(schema, key) + s);
            share[n++] = slot[i] + SLOT_HEAD + s * HANDLE_SIZE;
        }
    }
    memset(handle, 0, HANDLE_SIZE);
    if (n < schema->threshold)
        return false;
    for (size_t i = 0; i < n; i++) {
        uint8_t lambda = lagrange(x, n, i);
        for (size_t b = 0; b < HANDLE_SIZE; b++)
            handle[b] ^= gf256_mul(lambda, share[i][b]);
    }
    return true;
}
