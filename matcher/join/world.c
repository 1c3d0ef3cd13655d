#include "matcher/join/world.h"

#include <stdlib.h>
#include <string.h>

static size_t bit_of(const struct world *w, size_t purpose, size_t a, size_t b)
{
    return (purpose * w->region->agency_count + a) * w->region->agency_count + b;
}

static bool get_bit(const uint8_t *bits, size_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

/* Custodians and coordinators have mailboxes, too. */
static int number_others(const struct region *r, struct store_write *write, struct err *err)
{
    const struct party *p;
    uint8_t digest[PARTY_DIGEST_SIZE];
    uint16_t id;
    int rc = 0;
    for (size_t i = r->agency_count; rc == 0 && (p = region_party(r, i)) != NULL; i++) {
        party_digest(digest, p);
        rc = store_agency_add(write, digest, p->name, &id, err);
    }
    return rc;
}

static int give_numbers(struct world *w, struct store_write *write, struct err *err)
{
    const struct region *r = w->region;
    int rc = 0;
    memset(w->agency_at, -1, sizeof w->agency_at);
    memset(w->purpose_at, -1, sizeof w->purpose_at);
    for (size_t i = 0; i < r->agency_count; i++) {
        rc = store_agency_add(write, r->digests[i], r->agencies[i].name, &w->agency_id[i], err);
        if (rc != 0)
            return rc;
        w->agency_at[w->agency_id[i]] = (int16_t)i;
    }
    rc = number_others(r, write, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < r->purpose_count; i++) {
        rc = store_purpose_add(write, r->purposes[i].name, &w->purpose_id[i], err);
        if (rc != 0)
            return rc;
        w->purpose_at[w->purpose_id[i]] = (int8_t)i;
    }
    return 0;
}

/* Asking the manifest pair by pair would walk all its grants each time: one pass over them gives all the bits. */
static int find_mutual(struct world *w, struct err *err)
{
    const struct region *r = w->region;
    size_t bytes = (r->purpose_count * r->agency_count * r->agency_count + 7) / 8 + 1;
    uint8_t *granted = calloc(1, bytes);
    w->mutual = calloc(1, bytes);
    if (granted == NULL || w->mutual == NULL) {
        free(granted);
        return err_set(err, ERR_NO_MEMORY, "out of memory for the grants");
    }
    for (size_t i = 0; i < r->grant_count; i++) {
        const struct region_grant *g = &r->grants[i];
        size_t there = bit_of(w, g->purpose, g->from, g->to), back = bit_of(w, g->purpose, g->to, g->from);
        granted[there / 8] |= (uint8_t)(1u << (there % 8));
        if (get_bit(granted, back)) {
            w->mutual[there / 8] |= (uint8_t)(1u << (there % 8));
            w->mutual[back / 8] |= (uint8_t)(1u << (back % 8));
        }
    }
    free(granted);
    return 0;
}

/* As region_limits() says, which walks the overrides each time. */
static int find_limits(struct world *w, struct err *err)
{
    const struct region *r = w->region;
    w->limits = calloc(r->purpose_count * r->agency_count + 1, sizeof *w->limits);
    if (w->limits == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the limits");
    for (size_t p = 0; p < r->purpose_count; p++)
        for (size_t a = 0; a < r->agency_count; a++)
            w->limits[p * r->agency_count + a] = &r->purposes[p].limits;
    for (size_t i = 0; i < r->override_count; i++)
        w->limits[r->overrides[i].purpose * r->agency_count + r->overrides[i].agency] = &r->overrides[i].limits;
    return 0;
}

int world_new(struct world **out, struct region *region, struct store_write *write, struct err *err)
{
    struct world *w = calloc(1, sizeof *w);
    if (w == NULL) {
        region_free(region);
        return err_set(err, ERR_NO_MEMORY, "out of memory for the manifest");
    }
    atomic_init(&w->references, 1);
    w->region = region;
    int rc = give_numbers(w, write, err);
    if (rc == 0)
        rc = find_mutual(w, err);
    if (rc == 0)
        rc = find_limits(w, err);
    if (rc != 0)
        world_release(w);
    else
        *out = w;
    return rc;
}

struct world *world_hold(struct world *world)
{
    atomic_fetch_add(&world->references, 1);
    return world;
}

void world_release(struct world *world)
{
    if (world == NULL || atomic_fetch_sub(&world->references, 1) > 1)
        return;
    region_free(world->region);
    free(world->mutual);
    free(world->limits);
    free(world);
}

bool world_mutual(const struct world *world, size_t purpose, size_t a, size_t b)
{
    return get_bit(world->mutual, bit_of(world, purpose, a, b));
}

const struct region_limits *world_limits(const struct world *world, size_t purpose, size_t agency)
{
    return world->limits[purpose * world->region->agency_count + agency];
}

bool world_has_partner(const struct world *world, size_t purpose, size_t a)
{
    for (size_t b = 0; b < world->region->agency_count; b++)
        if (world_mutual(world, purpose, a, b))
            return true;
    return false;
}

int world_agency(const struct world *world, uint16_t agency)
{
    return agency <= STORE_NAMES_MAX ? world->agency_at[agency] : -1;
}

int world_purpose(const struct world *world, uint16_t purpose)
{
    return purpose <= STORE_NAMES_MAX ? world->purpose_at[purpose] : -1;
}

bool world_mutual_ids(const struct world *world, uint16_t purpose, uint16_t a, uint16_t b)
{
    int p = world_purpose(world, purpose), one = world_agency(world, a), two = world_agency(world, b);
    return p >= 0 && one >= 0 && two >= 0 && world_mutual(world, (size_t)p, (size_t)one, (size_t)two);
}

bool world_is_over(const struct world *world, uint16_t purpose, uint32_t epoch, uint16_t agency, uint64_t time)
{
    int p = world_purpose(world, purpose);
    const struct region_epoch *e = p >= 0 ? region_find_epoch(&world->region->purposes[p], epoch) : NULL;
    return e == NULL || (e->until != 0 && time >= e->until) || world_agency(world, agency) < 0;
}
