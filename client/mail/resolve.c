#include "client/mail/resolve.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A partner has one entry for each of a record's tags, so that combining slots of its keys of weight 1 is bounded by
 * the number of tags and slots: nobody can make a receiver try more.
 */
#define SLOTS_OF_PARTNER ((size_t)SCHEMA_TOKENS_MAX * SCHEMA_SLOTS_MAX)
_Static_assert(SLOTS_OF_PARTNER *(SLOTS_OF_PARTNER - 1) / 2 <= 65536, "combinations of a record and partner");
#define ENTRIES_MAX ((size_t)SCHEMA_TOKENS_MAX * REGION_AGENCIES_MAX)
#define SLOTS_BYTES_MAX (ENTRIES_MAX * SCHEMA_SLOTS_MAX * SLOT_SIZE)

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

void resolver_init_like(struct resolver *resolver, const struct resolver *other)
{
    *resolver = (struct resolver){
        .agency = other->agency, .purpose = other->purpose, .slots = buf_of(SLOTS_BYTES_MAX), .chance = other->chance};
}

void resolver_add_counts(struct resolver *resolver, const struct resolver *other)
{
    resolver->closed += other->closed;
    for (size_t i = 0; i < REGION_AGENCIES_MAX; i++) {
        resolver->left[i] += other->left[i];
        resolver->unopened[i] += other->unopened[i];
    }
}

void resolver_free(struct resolver *resolver)
{
    resolver_begin(resolver);
    buf_free(&resolver->slots);
    free(resolver->entry);
    resolver->entry = NULL;
}

void resolver_begin(struct resolver *resolver)
{
    if (resolver->slots.len > 0)
        sodium_memzero(resolver->slots.data, resolver->slots.len);
    buf_clear(&resolver->slots);
    resolver->entries = 0;
}

/* --- taking in --- */

static bool has_entry(const struct resolver *r, int partner, const uint8_t tag[WIRE_TAG_SIZE])
{
    for (size_t i = 0; i < r->entries; i++)
        if (r->entry[i].partner == partner && memcmp(r->entry[i].tag, tag, WIRE_TAG_SIZE) == 0)
            return true;
    return false;
}

static int grow(struct resolver *r, struct err *err)
{
    size_t room = r->room > 0 ? 2 * r->room : 64;
    if (r->entries < r->room)
        return 0;
    struct resolver_entry *more = room <= ENTRIES_MAX ? realloc(r->entry, room * sizeof *more) : NULL;
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the entries that partners have for a record");
    r->entry = more;
    r->room = room;
    return 0;
}

static struct payload_context context_of(const struct resolver *r, int partner, const uint8_t *tag)
{
    return (struct payload_context){.region = r->agency->region->name,
                                    .purpose = r->purpose->region->name,
                                    .owner = r->agency->region->digests[partner],
                                    .epoch = r->purpose->epoch->epoch,
                                    .tag = tag};
}

int resolver_add(struct resolver *resolver, unsigned key, const uint8_t tag[WIRE_TAG_SIZE],
                 const uint8_t seal_key[SEAL_KEY_SIZE], const char *partner, struct span payload, struct err *err)
{
    struct resolver *r = resolver;
    int at = region_find_agency(r->agency->region, partner);
    if (at < 0 || has_entry(r, at, tag))
        return 0;
    struct payload_context context = context_of(r, at, tag);
    size_t start = r->slots.len;
    context.seal_key = seal_key;
    int rc = grow(r, err);
    if (rc == 0)
        rc = payload_open(&r->slots, &r->purpose->schema, &context, payload, err);
    if (rc == ERR_VERIFY || rc == ERR_INPUT) {
        r->unopened[at]++;
        r->closed++;
        return 0;
    }
    if (rc != 0)
        return rc;
    struct resolver_entry *e = &r->entry[r->entries++];
    *e = (struct resolver_entry){.partner = (uint16_t)at, .key = (uint8_t)key, .at = start};
    memcpy(e->tag, tag, sizeof e->tag);
    return 0;
}

/* --- recovering --- */

/* One partner's entries, the record that was recovered from them, and the matches so far. */
struct recovery {
    struct resolver *resolver;
    uint16_t partner;
    struct record_secret secret;
    uint32_t keys, own;
    struct vault_match *out;
    size_t matches;
};

/* The slot at this place, if it is one that is not known yet. */
static bool slot_at(struct recovery *v, size_t entry, unsigned place, struct payload_context *context, struct slot *out)
{
    const struct resolver_entry *e = &v->resolver->entry[entry];
    if (e->partner != v->partner || (e->taken >> place & 1) != 0)
        return false;
    *context = context_of(v->resolver, e->partner, e->tag);
    *out = (struct slot){context, e->key, v->resolver->slots.data + e->at + place * SLOT_SIZE};
    return true;
}

/* All slots of the record that was recovered. */
static void take_all(struct recovery *v)
{
    struct payload_context context;
    struct slot slot;
    v->keys = 0;
    for (size_t i = 0; i < v->resolver->entries; i++)
        for (unsigned p = 0; p < v->resolver->purpose->schema.slots; p++)
            if (slot_at(v, i, p, &context, &slot) && slot_belongs(&slot, &v->secret)) {
                v->resolver->entry[i].taken |= (uint8_t)(1u << p);
                v->keys |= UINT32_C(1) << slot.key;
            }
}

static bool recover_pair(struct recovery *v, const struct slot *one, size_t from)
{
    struct payload_context context;
    struct slot other;
    const struct schema *schema = &v->resolver->purpose->schema;
    for (size_t i = from; i < v->resolver->entries; i++)
        for (unsigned p = 0; p < schema->slots; p++)
            if (slot_at(v, i, p, &context, &other) && schema->key[other.key].weight == 1 &&
                slot_recover_pair(&v->secret, one, &other))
                return true;
    return false;
}

static void add_match(struct recovery *v)
{
    struct resolver *r = v->resolver;
    struct verdict verdict = match_judge(&r->purpose->schema, v->own, v->keys, r->chance);
    if (v->matches == MATCHES_MAX) {
        r->left[v->partner]++;
        return;
    }
    struct vault_match *m = &v->out[v->matches++];
    memset(m, 0, sizeof *m);
    snprintf(m->partner, sizeof m->partner, "%s", r->agency->region->agencies[v->partner].name);
    memcpy(m->handle, v->secret.handle, sizeof m->handle);
    m->keys = v->keys;
    m->score = verdict.score;
    m->kind = verdict.kind;
    m->accepted = verdict.accepted;
}

#define TOLD_TOGETHER 64

/* Slots of keys of weight 2, and of which entries they are. */
struct telling {
    struct slot slot[TOLD_TOGETHER];
    struct resolver_entry *entry[TOLD_TOGETHER];
    uint8_t bit[TOLD_TOGETHER];
    size_t count;
};

static void tell(struct telling *t)
{
    bool may[TOLD_TOGETHER] = {false};
    slots_tell(may, t->slot, t->count);
    for (size_t i = 0; i < t->count; i++)
        if (may[i])
            t->entry[i]->may |= t->bit[i];
    t->count = 0;
}

/* Which slots may open alone, of all entries together. */
static void tell_slots(struct resolver *r)
{
    const struct schema *schema = &r->purpose->schema;
    struct telling t;
    t.count = 0;
    for (size_t i = 0; i < r->entries; i++) {
        struct resolver_entry *e = &r->entry[i];
        for (unsigned p = 0; schema->key[e->key].weight == 2 && p < schema->slots; p++) {
            t.slot[t.count] = (struct slot){NULL, e->key, r->slots.data + e->at + p * SLOT_SIZE};
            t.entry[t.count] = e;
            t.bit[t.count] = (uint8_t)(1u << p);
            if (++t.count == TOLD_TOGETHER)
                tell(&t);
        }
    }
    tell(&t);
}

/* weight 2: what opens alone; after that, weight 1: what opens together. */
static void match_entry(struct recovery *v, size_t entry, unsigned weight)
{
    const struct schema *schema = &v->resolver->purpose->schema;
    struct payload_context context;
    struct slot slot;
    if (schema->key[v->resolver->entry[entry].key].weight != weight)
        return;
    v->partner = v->resolver->entry[entry].partner;
    for (unsigned p = 0; p < schema->slots; p++)
        if (slot_at(v, entry, p, &context, &slot) &&
            (weight == 2 ? (v->resolver->entry[entry].may >> p & 1) != 0 && slot_recover(&v->secret, &slot)
                         : recover_pair(v, &slot, entry + 1))) {
            take_all(v);
            add_match(v);
        }
}

size_t resolver_matches(struct resolver *resolver, uint32_t own, struct vault_match *out)
{
    struct recovery v = {.resolver = resolver, .own = own, .out = out};
    tell_slots(resolver);
    for (unsigned weight = 2; weight > 0; weight--)
        for (size_t i = 0; i < resolver->entries; i++)
            match_entry(&v, i, weight);
    size_t n = v.matches;
    sodium_memzero(&v, sizeof v);
    return n;
}
