/*
 * The manifest in force as the matcher uses it: who may have what joined with whom, by the store's numbers. Immutable
 * once made and counted by reference, so that workers go on with the one they hold while a newer one comes in.
 */
#ifndef MATCHER_JOIN_WORLD_H
#define MATCHER_JOIN_WORLD_H

#include "matcher/store/store.h"
#include "protocol/region/region.h"

#include <stdatomic.h>

struct world {
    atomic_uint references;
    struct region *region;                   /* owned */
    uint16_t agency_id[REGION_AGENCIES_MAX]; /* the store's number of the agency at this position */
    uint16_t purpose_id[REGION_PURPOSES_MAX];
    int16_t agency_at[STORE_NAMES_MAX + 1]; /* and back: position by number, -1 if it is not in the manifest */
    int8_t purpose_at[STORE_NAMES_MAX + 1];
    uint8_t *mutual;                     /* bits: purpose, agency, agency */
    const struct region_limits **limits; /* purpose, agency */
};

/* Takes region, on failure too. Names that the store does not know yet get their numbers in this write. */
int world_new(struct world **out, struct region *region, struct store_write *write, struct err *err);

struct world *world_hold(struct world *world);
void world_release(struct world *world); /* frees with the last reference; NULL is fine */

/* Whether the agencies at positions a and b granted each other the purpose at position purpose. */
bool world_mutual(const struct world *world, size_t purpose, size_t a, size_t b);

/* What is in force for the agency, both at these positions. */
const struct region_limits *world_limits(const struct world *world, size_t purpose, size_t agency);

/* Whether the agency at position a has a mutual grant with anybody for the purpose. */
bool world_has_partner(const struct world *world, size_t purpose, size_t a);

/* Positions of the store's numbers, -1 if they are not in the manifest. */
int world_agency(const struct world *world, uint16_t agency);
int world_purpose(const struct world *world, uint16_t purpose);

/* world_mutual() by the store's numbers; false if one of them is not in the manifest. */
bool world_mutual_ids(const struct world *world, uint16_t purpose, uint16_t a, uint16_t b);

/*
 * Whether what the agency holds there has ended by that time: the manifest has no such purpose, epoch or agency, or
 * the epoch's date has come.
 */
bool world_is_over(const struct world *world, uint16_t purpose, uint32_t epoch, uint16_t agency, uint64_t time);

#endif
