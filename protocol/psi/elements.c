#include "protocol/psi/elements.h"

#include "protocol/group/hash.h"
#include "protocol/group/scalar.h"

#include <sodium.h>
#include <string.h>

#define LABEL "concord judge v1"
#define DST "concord judge v1 element"
#define ABSENT_SIZE 32
#define HANDLES_SIZE (2 * (2 + PSI_HANDLE_SIZE))
_Static_assert(ABSENT_SIZE == 2 * PSI_HANDLE_SIZE, "what stands for an absent value covers both handles");

static struct span text_of(const char *text)
{
    return span_of(text, strlen(text));
}

static uint8_t *put_part(uint8_t *at, struct span part)
{
    bytes_put_u16be(at, (uint16_t)part.len);
    if (part.len > 0)
        memcpy(at + 2, part.data, part.len);
    return at + 2 + part.len;
}

int names_write(struct names *out, const struct psi_context *c, struct err *err)
{
    uint8_t epoch[4];
    if (c->region.len > PSI_NAME_MAX || c->purpose.len > PSI_NAME_MAX)
        return err_set(err, ERR_INPUT, "a region or purpose has a name of more than %d bytes", PSI_NAME_MAX);
    bytes_put_u32be(epoch, c->epoch);
    uint8_t *at = put_part(out->bytes, text_of(LABEL));
    at = put_part(at, c->region);
    at = put_part(at, c->purpose);
    at = put_part(at, span_of(epoch, sizeof epoch));
    at = put_part(at, span_of(c->identity_b, PSI_DIGEST_SIZE));
    at = put_part(at, span_of(c->identity_e, PSI_DIGEST_SIZE));
    out->len = (size_t)(at - out->bytes);
    return 0;
}

void exchange_derive(struct exchange_secret *out, const uint8_t secret[PSI_SECRET_SIZE], char role,
                     const uint8_t *material, size_t len, size_t pairs)
{
    static const char label[] = "concord judge secrets ";
    uint8_t seeds[SCALAR_SEED_SIZE + sizeof out->absent];
    crypto_generichash_state state;
    crypto_generichash_init(&state, secret, PSI_SECRET_SIZE, sizeof seeds);
    crypto_generichash_update(&state, (const uint8_t *)label, sizeof label - 1);
    crypto_generichash_update(&state, (const uint8_t *)&role, 1);
    crypto_generichash_update(&state, material, len);
    crypto_generichash_final(&state, seeds, sizeof seeds);
    scalar_from_seed(out->exponent, 0, pairs, seeds);
    memcpy(out->absent, seeds + SCALAR_SEED_SIZE, sizeof out->absent);
    sodium_memzero(seeds, sizeof seeds);
    sodium_memzero(&state, sizeof state);
}

void exchange_digest(uint8_t out[32], const char *label, struct span a, struct span b)
{
    crypto_generichash_state state;
    uint8_t len[2];
    bytes_put_u16be(len, (uint16_t)strlen(label));
    crypto_generichash_init(&state, NULL, 0, 32);
    crypto_generichash_update(&state, len, sizeof len);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label));
    crypto_generichash_update(&state, a.data, a.len);
    crypto_generichash_update(&state, b.data, b.len);
    crypto_generichash_final(&state, out, 32);
}

int slots_check(const struct psi_slot *slot, size_t slots, struct err *err)
{
    for (size_t i = 0; i < slots; i++)
        if (slot[i].value.len > PSI_VALUE_MAX)
            return err_set(err, ERR_INPUT, "the value of field %u has %zu bytes, the limit is %d", slot[i].field,
                           slot[i].value.len, PSI_VALUE_MAX);
    return 0;
}

/*
 * All ones if the value stands in an earlier slot of its field, else 0. Which fields are there, and how long their
 * values are, the hash shows by its time anyhow; what they are is compared without a branch.
 */
static unsigned stands_earlier(const struct psi_slot *slot, size_t i)
{
    unsigned earlier = 0;
    for (size_t j = 0; slot[i].value.data != NULL && j < i; j++)
        if (slot[j].field == slot[i].field && slot[j].value.data != NULL && slot[j].value.len == slot[i].value.len)
            earlier |= ~(unsigned)sodium_memcmp(slot[j].value.data, slot[i].value.data, slot[i].value.len);
    return earlier;
}

/*
 * The pair's handles, each behind its length. Two slots of one field with one value would be the same element twice,
 * which the other side refuses: the later one gets handles of noise, which nobody else can have.
 */
static void put_handles(uint8_t out[HANDLES_SIZE], const struct psi_pair *pair, const uint8_t noise[ABSENT_SIZE],
                        unsigned twice)
{
    uint8_t *at = put_part(out, span_of(pair->handle_b, PSI_HANDLE_SIZE));
    put_part(at, span_of(pair->handle_e, PSI_HANDLE_SIZE));
    for (size_t i = 0; i < PSI_HANDLE_SIZE; i++) {
        out[2 + i] ^= (uint8_t)(noise[i] & twice);
        at[2 + i] ^= (uint8_t)(noise[PSI_HANDLE_SIZE + i] & twice);
    }
}

int elements_hash(struct point *out, const struct names *names, const struct psi_pair *pair,
                  const struct exchange_secret *secret, size_t index, const struct psi_slot *slot, size_t slots,
                  struct err *err)
{
    uint8_t handles[PSI_SLOTS_MAX][HANDLES_SIZE], head[PSI_SLOTS_MAX][6];
    uint8_t absent[PSI_SLOTS_MAX][ABSENT_SIZE], nonce[crypto_stream_chacha20_NONCEBYTES];
    struct hash_message m[PSI_SLOTS_MAX] = {0};
    bytes_put_u64le(nonce, index);
    crypto_stream_chacha20((uint8_t *)absent, slots * ABSENT_SIZE, nonce, secret->absent);
    for (size_t i = 0; i < slots; i++) {
        put_handles(handles[i], pair, absent[i], stands_earlier(slot, i));
        m[i].part[0] = span_of(names->bytes, names->len);
        m[i].part[1] = span_of(handles[i], HANDLES_SIZE);
        m[i].part[2] = span_of(head[i], sizeof head[i]);
        /* A value that nobody else can have makes an element that nobody can tell from others. */
        m[i].part[3] = slot[i].value.data != NULL ? slot[i].value : span_of(absent[i], ABSENT_SIZE);
        bytes_put_u16be(head[i], 2);
        bytes_put_u16be(head[i] + 2, slot[i].field);
        bytes_put_u16be(head[i] + 4, (uint16_t)m[i].part[3].len);
    }
    int rc = hash_to_group(out, m, slots, text_of(DST), err);
    sodium_memzero(absent, sizeof absent);
    sodium_memzero(handles, sizeof handles);
    return rc;
}

/* 1 if equal, else 0, without a branch. */
static uint64_t equal(const struct element *a, const struct element *b)
{
    uint64_t difference = 0;
    for (int i = 0; i < 32; i += 8)
        difference |= bytes_get_u64le(a->bytes + i) ^ bytes_get_u64le(b->bytes + i);
    return 1 ^ ((difference | (0 - difference)) >> 63);
}

void elements_intersect(uint8_t *agree, const struct element *mine, const struct element *theirs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t found = 0;
        for (size_t j = 0; j < n; j++)
            found |= equal(&mine[i], &theirs[j]);
        agree[i] = (uint8_t)found;
    }
}
