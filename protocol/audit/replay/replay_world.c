#include "protocol/audit/replay/replay_world.h"

#include <stdlib.h>
#include <string.h>

int replay_world_init(struct replay_world *world, const struct manifests *manifests, struct err *err)
{
    *world = (struct replay_world){.manifests = manifests,
                                   .digest = calloc(ROSTER_MAX, sizeof *world->digest),
                                   .name = calloc(ROSTER_MAX, sizeof *world->name),
                                   .position = calloc(ROSTER_MAX, sizeof *world->position)};
    if (world->digest == NULL || world->name == NULL || world->position == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    return 0;
}

void replay_world_free(struct replay_world *world)
{
    free(world->digest);
    free(world->name);
    free(world->position);
    *world = (struct replay_world){0};
}

int replay_world_find(const struct replay_world *world, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i < world->agencies; i++)
        if (memcmp(world->digest[i], digest, PARTY_DIGEST_SIZE) == 0)
            return (int)i;
    return -1;
}

int replay_world_manifest(struct replay_world *world, const struct manifest *manifest, struct err *err)
{
    const struct region *r = manifest->region;
    world->now = manifest;
    memset(world->position, -1, ROSTER_MAX * sizeof *world->position);
    for (size_t i = 0; i < r->agency_count; i++) {
        int agency = replay_world_find(world, r->digests[i]);
        if (agency < 0 && world->agencies == ROSTER_MAX)
            return err_set(err, ERR_INPUT, "the manifests have more than %d agencies", ROSTER_MAX);
        if (agency < 0) {
            agency = (int)world->agencies++;
            memcpy(world->digest[agency], r->digests[i], PARTY_DIGEST_SIZE);
            world->name[agency] = (uint16_t)manifests_number(world->manifests, r->agencies[i].name);
        }
        world->position[agency] = (int16_t)i;
    }
    return 0;
}

int replay_world_agency(const struct replay_world *world, const char *name)
{
    int at = world->now != NULL ? region_find_agency(world->now->region, name) : -1;
    return at >= 0 ? replay_world_find(world, world->now->region->digests[at]) : -1;
}

bool replay_world_mutual(const struct replay_world *world, uint16_t purpose, uint16_t a, uint16_t b)
{
    return world->now != NULL && world->position[a] >= 0 && world->position[b] >= 0 &&
           manifest_mutual(world->now, purpose, world->name[a], world->name[b]);
}

const struct region_purpose *replay_world_purpose(const struct replay_world *world, uint16_t purpose)
{
    return world->now != NULL ? manifest_purpose(world->now, purpose) : NULL;
}

const struct region_limits *replay_world_limits(const struct replay_world *world, uint16_t purpose, uint16_t agency)
{
    if (replay_world_purpose(world, purpose) == NULL || world->position[agency] < 0)
        return NULL;
    return region_limits(world->now->region, world->position[agency], world->now->purpose[purpose]);
}

bool replay_world_is_over(const struct replay_world *world, uint16_t purpose, uint32_t epoch, uint16_t agency,
                          uint64_t time)
{
    const struct region_purpose *p = replay_world_purpose(world, purpose);
    const struct region_epoch *e = p != NULL ? region_find_epoch(p, epoch) : NULL;
    return e == NULL || (e->until != 0 && time >= e->until) || world->position[agency] < 0;
}
