#include "client/mail/resolve.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_BYTES_MAX (16u << 20)
#define CANDIDATES_MAX 65536

int resolver_init(struct resolver *resolver, const struct agency *agency, const struct agency_purpose *purpose,
                  struct err *err)
{
    struct vault_counts counts;
    *resolver = (struct resolver){.agency = agency, .purpose = purpose, .slots = buf_of(SLOTS_BYTES_MAX)};
    int rc = vault_count(agency->vault, purpose->domain, &counts, err);
    resolver->chance =
        rc == 0 ? match_chance(&purpose->schema, counts.records, counts.records, (double)counts.matches) : 0;
    return rc;
}

void resolver_free(struct resolver *resolver)
{
    buf_free(&resolver->slots);
    free(resolver->candidate);
    resolver->candidate = NULL;
}

void resolver_begin(struct resolver *resolver)
{
    if (resolver->slots.len > 0)
        sodium_memzero(resolver->slots.data, resolver->slots.len);
    buf_clear(&resolver->slots);
    resolver->count = 0;
}

static int find_candidate(struct resolver *r, const char *partner, const uint8_t *pseudonym, struct candidate **out,
                          struct err *err)
{
    for (size_t i = 0; i < r->count; i++) {
        struct candidate *c = &r->candidate[i];
        if (memcmp(c->pseudonym, pseudonym, PSEUDONYM_SIZE) == 0 && strcmp(c->partner, partner) == 0) {
            *out = c;
            return 0;
        }
    }
    if (r->count == r->room) {
        size_t room = r->room > 0 ? 2 * r->room : 64;
        struct candidate *more = room <= CANDIDATES_MAX ? realloc(r->candidate, room * sizeof *more) : NULL;
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "a record has more candidates than memory for them");
        r->candidate = more;
        r->room = room;
    }
    *out = &r->candidate[r->count++];
    memset(*out, 0, sizeof **out);
    snprintf((*out)->partner, sizeof(*out)->partner, "%s", partner);
    memcpy((*out)->pseudonym, pseudonym, PSEUDONYM_SIZE);
    return 0;
}

int resolver_add(struct resolver *resolver, unsigned key, const uint8_t tag[WIRE_TAG_SIZE],
                 const uint8_t seal_key[SEAL_KEY_SIZE], const char *partner, struct span payload, struct err *err)
{
    struct resolver *r = resolver;
    const struct payload_context context = {
        r->agency->region->name, r->purpose->region->name, partner, r->purpose->epoch->epoch, tag, seal_key};
    size_t start = r->slots.len, size = slot_size(&r->purpose->schema), count = 0;
    int rc = payload_open(&r->slots, &count, &r->purpose->schema, &context, payload, err);
    if (rc == ERR_VERIFY || rc == ERR_INPUT) {
        r->unopened++;
        return 0;
    }
    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct candidate *c = NULL;
        const uint8_t *slot = r->slots.data + start + i * size;
        if (slot[PSEUDONYM_SIZE] != key) /* padding, or a slot that lies about its key */
            continue;
        rc = find_candidate(r, partner, slot, &c, err);
        if (rc == 0 && (c->keys >> key & 1) == 0) {
            c->keys |= 1u << key;
            c->slot[key] = start + i * size;
        }
    }
    return rc;
}

size_t resolver_matches(const struct resolver *resolver, uint32_t own, struct vault_match *out)
{
    const struct schema *schema = &resolver->purpose->schema;
    size_t n = 0;
    for (size_t i = 0; i < resolver->count && n < MATCHES_MAX; i++) {
        const struct candidate *c = &resolver->candidate[i];
        const uint8_t *slot[SCHEMA_KEYS_MAX];
        size_t slots = 0;
        for (size_t j = 0; j < schema->keys; j++)
            if ((c->keys >> j & 1) != 0)
                slot[slots++] = resolver->slots.data + c->slot[j];
        struct vault_match *m = &out[n];
        memset(m, 0, sizeof *m);
        if (!handle_recover(m->handle, schema, slot, slots))
            continue;
        memcpy(m->partner, c->partner, sizeof m->partner);
        memcpy(m->pseudonym, c->pseudonym, sizeof m->pseudonym);
        struct verdict verdict = match_judge(schema, own, c->keys, resolver->chance);
        m->keys = c->keys;
        m->score = verdict.score;
        m->kind = verdict.kind;
        n += verdict.accepted;
    }
    return n;
}

/* --- the vault's records --- */

struct resolving {
    struct resolver *resolver;
    struct vault_match *matches;
};

static void begin_record(void *context)
{
    const struct resolving *r = context;
    resolver_begin(r->resolver);
}

static int add_hit(void *context, const struct vault_hit *hit, struct err *err)
{
    const struct resolving *r = context;
    return resolver_add(r->resolver, hit->key, hit->tag, hit->seal_key, hit->partner, hit->payload, err);
}

static int end_record(void *context, const struct vault_ref *record, uint32_t keys, struct err *err)
{
    const struct resolving *r = context;
    const struct resolver *resolver = r->resolver;
    return vault_matches_put(resolver->agency->vault, resolver->purpose->domain, record, r->matches,
                             resolver_matches(resolver, keys, r->matches), err);
}

int resolve_stale(struct resolver *resolver, uint64_t *records, struct err *err)
{
    struct resolving r = {resolver, calloc(MATCHES_MAX, sizeof *r.matches)};
    const struct vault_resolving steps = {&r, begin_record, add_hit, end_record};
    int rc = r.matches == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for matches")
                 : vault_resolve(resolver->agency->vault, resolver->purpose->domain, &steps, records, err);
    free(r.matches);
    return rc;
}
