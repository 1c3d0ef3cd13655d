#include "client/payload/payload.h"

#include "client/payload/gf256.h"
#include "protocol/group/blake2b.h"

#include <sodium.h>
#include <string.h>

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define AAD_MAX (2 * (PARTY_NAME_MAX + 1) + (PARTY_DIGEST_SIZE + 1) + (4 + 1) + (WIRE_TAG_SIZE + 1))
#define SHARE_SIZE RECORD_SEED_SIZE
#define SHARES_SIZE (2 * SHARE_SIZE)
#define MAC_SIZE 8
#define TOLD_TOGETHER 64 /* slots: several times the lanes of any processor */
_Static_assert(SLOT_SIZE == SHARES_SIZE + MAC_SIZE, "a slot");
_Static_assert(2 * SCHEMA_KEYS_MAX < 256, "every share has a point of its own");

/* --- records --- */

enum derived { DERIVED_HANDLE = 1, DERIVED_MAC_KEY, DERIVED_SLOPE };

static void derive_all(uint8_t *const *out, size_t size, const uint8_t *const *seed, size_t n, enum derived what)
{
    const uint8_t text[] = {'c', 'o', 'n', 'c', 'o', 'r', 'd', ' ', 'z', (uint8_t)what};
    blake2b_keyed(out, size, span_of(text, sizeof text), seed, RECORD_SEED_SIZE, n);
}

static void derive(uint8_t *out, size_t size, const uint8_t seed[RECORD_SEED_SIZE], enum derived what)
{
    derive_all(&out, size, &seed, 1, what);
}

void record_handle(uint8_t out[HANDLE_SIZE], const uint8_t seed[RECORD_SEED_SIZE])
{
    derive(out, HANDLE_SIZE, seed, DERIVED_HANDLE);
}

void record_secret_derive(struct record_secret *out, const uint8_t seed[RECORD_SEED_SIZE])
{
    memmove(out->seed, seed, RECORD_SEED_SIZE);
    record_handle(out->handle, out->seed);
    derive(out->mac_key, sizeof out->mac_key, out->seed, DERIVED_MAC_KEY);
    derive(out->slope, sizeof out->slope, out->seed, DERIVED_SLOPE);
}

/* --- slots --- */

static gf256_sixteen load(const uint8_t in[16])
{
    gf256_sixteen v;
    _Static_assert(sizeof v == SHARE_SIZE, "a share fills a vector");
    memcpy(&v, in, sizeof v);
    return v;
}

static void share_at(uint8_t out[SHARE_SIZE], const struct record_secret *secret, uint8_t x)
{
    gf256_sixteen point = load(secret->seed) ^ gf256_scale(load(secret->slope), x);
    memcpy(out, &point, sizeof point);
}

static uint8_t point_of(unsigned key)
{
    return (uint8_t)(2 * key + 1);
}

static void hash_part(crypto_generichash_state *hash, const void *bytes, size_t len)
{
    const uint8_t size = (uint8_t)len;
    crypto_generichash_update(hash, &size, 1);
    crypto_generichash_update(hash, bytes, len);
}

static void make_mac(uint8_t out[MAC_SIZE], const struct record_secret *secret, const struct slot *slot)
{
    const struct payload_context *c = slot->context;
    const uint8_t key = (uint8_t)slot->key;
    uint8_t epoch[4], whole[crypto_generichash_BYTES];
    crypto_generichash_state hash;
    bytes_put_u32be(epoch, c->epoch);
    crypto_generichash_init(&hash, secret->mac_key, sizeof secret->mac_key, sizeof whole);
    hash_part(&hash, c->region, strnlen(c->region, PARTY_NAME_MAX));
    hash_part(&hash, c->purpose, strnlen(c->purpose, PARTY_NAME_MAX));
    hash_part(&hash, epoch, sizeof epoch);
    hash_part(&hash, c->owner, PARTY_DIGEST_SIZE);
    hash_part(&hash, c->tag, WIRE_TAG_SIZE);
    hash_part(&hash, &key, 1);
    hash_part(&hash, slot->bytes, SHARES_SIZE);
    crypto_generichash_final(&hash, whole, sizeof whole);
    memcpy(out, whole, MAC_SIZE);
    sodium_memzero(&hash, sizeof hash);
    sodium_memzero(whole, sizeof whole);
}

void slot_make(uint8_t out[SLOT_SIZE], const struct schema *schema, const struct payload_context *context,
               const struct record_secret *secret, unsigned key)
{
    const struct slot slot = {context, key, out};
    share_at(out, secret, point_of(key));
    if (schema->key[key].weight == 2)
        share_at(out + SHARE_SIZE, secret, (uint8_t)(point_of(key) + 1));
    else
        randombytes_buf(out + SHARE_SIZE, SHARE_SIZE);
    make_mac(out + SHARES_SIZE, secret, &slot);
}

/* --- sealing --- */

static size_t add_part(uint8_t *out, const void *bytes, size_t len)
{
    out[0] = (uint8_t)len;
    memcpy(out + 1, bytes, len);
    return 1 + len;
}

static size_t aad_of(uint8_t out[AAD_MAX], const struct payload_context *context)
{
    uint8_t epoch[4];
    bytes_put_u32be(epoch, context->epoch);
    size_t len = add_part(out, context->region, strnlen(context->region, PARTY_NAME_MAX));
    len += add_part(out + len, context->purpose, strnlen(context->purpose, PARTY_NAME_MAX));
    len += add_part(out + len, context->owner, PARTY_DIGEST_SIZE);
    len += add_part(out + len, epoch, sizeof epoch);
    return len + add_part(out + len, context->tag, WIRE_TAG_SIZE);
}

size_t payload_size(const struct schema *schema)
{
    return NONCE_SIZE + schema->slots * SLOT_SIZE + SEAL_TAG_SIZE;
}

/* Fisher and Yates, so that a record's place among the slots says nothing. */
static void shuffle(uint8_t *slots, size_t count)
{
    uint8_t swap[SLOT_SIZE];
    for (size_t i = count; i > 1; i--) {
        size_t k = randombytes_uniform((uint32_t)i);
        memcpy(swap, slots + k * SLOT_SIZE, SLOT_SIZE);
        memmove(slots + k * SLOT_SIZE, slots + (i - 1) * SLOT_SIZE, SLOT_SIZE);
        memcpy(slots + (i - 1) * SLOT_SIZE, swap, SLOT_SIZE);
    }
    sodium_memzero(swap, sizeof swap);
}

int payload_seal(struct buf *out, const struct schema *schema, const struct payload_context *context,
                 const uint8_t *slots, size_t count, struct err *err)
{
    uint8_t aad[AAD_MAX];
    size_t len = schema->slots * SLOT_SIZE;
    if (count > schema->slots)
        return err_set(err, ERR_INPUT, "an entry of %zu records does not fit into %u slots", count, schema->slots);
    uint8_t *to = buf_reserve(out, payload_size(schema), err);
    if (to == NULL)
        return err_code(err);
    uint8_t *plain = to + NONCE_SIZE;
    randombytes_buf(to, NONCE_SIZE);
    if (count > 0)
        memcpy(plain, slots, count * SLOT_SIZE);
    randombytes_buf(plain + count * SLOT_SIZE, len - count * SLOT_SIZE);
    shuffle(plain, schema->slots);
    crypto_aead_xchacha20poly1305_ietf_encrypt(plain, NULL, plain, len, aad, aad_of(aad, context), NULL, to,
                                               context->seal_key);
    out->len += payload_size(schema);
    return 0;
}

int payload_open(struct buf *slots, const struct schema *schema, const struct payload_context *context,
                 struct span payload, struct err *err)
{
    uint8_t aad[AAD_MAX];
    size_t len = schema->slots * SLOT_SIZE;
    if (payload.len != payload_size(schema))
        return err_set(err, ERR_INPUT, "a payload of %zu bytes is no entry of this schema, whose payloads have %zu",
                       payload.len, payload_size(schema));
    uint8_t *to = buf_reserve(slots, len, err);
    if (to == NULL)
        return err_code(err);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL, payload.data + NONCE_SIZE, payload.len - NONCE_SIZE,
                                                   aad, aad_of(aad, context), payload.data, context->seal_key) != 0)
        return err_set(err, ERR_VERIFY, "a payload does not open: it was not sealed for this tag and place");
    slots->len += len;
    return 0;
}

/* --- recovering --- */

/* Whether the share lies on the record's line: two multiplications, where m takes a hash. */
static bool is_on_line(const uint8_t share[SHARE_SIZE], const struct record_secret *secret, uint8_t x)
{
    uint64_t differs[SHARE_SIZE / 8];
    gf256_sixteen off = load(share) ^ load(secret->seed) ^ gf256_scale(load(secret->slope), x);
    memcpy(differs, &off, sizeof differs);
    return (differs[0] | differs[1]) == 0;
}

bool slot_belongs(const struct slot *slot, const struct record_secret *secret)
{
    uint8_t mac[MAC_SIZE];
    if (!is_on_line(slot->bytes, secret, point_of(slot->key)))
        return false;
    make_mac(mac, secret, slot);
    bool same = sodium_memcmp(mac, slot->bytes + SHARES_SIZE, sizeof mac) == 0;
    sodium_memzero(mac, sizeof mac);
    return same;
}

/* gf256_invert() of the difference of two points, which is public: computing it would take as long as the hash. */
static const uint8_t inverse[64] = {
    0x00, 0x01, 0x8d, 0xf6, 0xcb, 0x52, 0x7b, 0xd1, 0xe8, 0x4f, 0x29, 0xc0, 0xb0, 0xe1, 0xe5, 0xc7,
    0x74, 0xb4, 0xaa, 0x4b, 0x99, 0x2b, 0x60, 0x5f, 0x58, 0x3f, 0xfd, 0xcc, 0xff, 0x40, 0xee, 0xb2,
    0x3a, 0x6e, 0x5a, 0xf1, 0x55, 0x4d, 0xa8, 0xc9, 0xc1, 0x0a, 0x98, 0x15, 0x30, 0x44, 0xa2, 0xc2,
    0x2c, 0x45, 0x92, 0x6c, 0xf3, 0x39, 0x66, 0x42, 0xf2, 0x35, 0x20, 0x6f, 0x77, 0xbb, 0x59, 0x19,
};
_Static_assert(2 * SCHEMA_KEYS_MAX < sizeof inverse, "points, and so their differences");

/*
 * The line through two points, at zero. x and y differ and are public. The slope derives from z: of two points that do
 * not belong together, that of their z is another than the line's, so that one hash tells.
 */
static void seed_of(uint8_t out[RECORD_SEED_SIZE], const uint8_t *at_x, uint8_t x, const uint8_t *at_y, uint8_t y)
{
    uint8_t below = inverse[x ^ y];
    gf256_sixteen zero = gf256_scale(load(at_x), gf256_mul(y, below)) ^ gf256_scale(load(at_y), gf256_mul(x, below));
    memcpy(out, &zero, RECORD_SEED_SIZE);
}

static bool line_through(struct record_secret *out, const uint8_t *at_x, uint8_t x, const uint8_t *at_y, uint8_t y)
{
    seed_of(out->seed, at_x, x, at_y, y);
    derive(out->slope, sizeof out->slope, out->seed, DERIVED_SLOPE);
    if (!is_on_line(at_x, out, x))
        return false;
    record_secret_derive(out, out->seed);
    return true;
}

static void tell_some(bool *may, const struct slot *slot, size_t n)
{
    struct record_secret secret[TOLD_TOGETHER];
    const uint8_t *seed[TOLD_TOGETHER] = {NULL};
    uint8_t *slope[TOLD_TOGETHER] = {NULL};
    for (size_t i = 0; i < n; i++) {
        const uint8_t x = point_of(slot[i].key);
        seed_of(secret[i].seed, slot[i].bytes, x, slot[i].bytes + SHARE_SIZE, (uint8_t)(x + 1));
        seed[i] = secret[i].seed;
        slope[i] = secret[i].slope;
    }
    derive_all(slope, sizeof secret->slope, seed, n, DERIVED_SLOPE);
    for (size_t i = 0; i < n; i++)
        may[i] = is_on_line(slot[i].bytes, &secret[i], point_of(slot[i].key));
    sodium_memzero(secret, n * sizeof *secret);
}

void slots_tell(bool *may, const struct slot *slot, size_t n)
{
    for (size_t at = 0; at < n; at += TOLD_TOGETHER)
        tell_some(may + at, slot + at, n - at < TOLD_TOGETHER ? n - at : TOLD_TOGETHER);
}

bool slot_recover(struct record_secret *out, const struct slot *slot)
{
    uint8_t x = point_of(slot->key);
    return line_through(out, slot->bytes, x, slot->bytes + SHARE_SIZE, (uint8_t)(x + 1)) && slot_belongs(slot, out);
}

bool slot_recover_pair(struct record_secret *out, const struct slot *a, const struct slot *b)
{
    return a->key != b->key && line_through(out, a->bytes, point_of(a->key), b->bytes, point_of(b->key)) &&
           slot_belongs(a, out) && slot_belongs(b, out);
}
