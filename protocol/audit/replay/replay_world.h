/*
 * Who is who while a ledger is replayed: agencies by identity digest, numbered as they first come into a manifest in
 * force, so that a successor under a known name is somebody else; and the manifest in force, asked by these numbers.
 * Purposes are numbers of the roster.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_WORLD_H
#define PROTOCOL_AUDIT_REPLAY_WORLD_H

#include "protocol/audit/basis/manifests.h"

struct replay_world {
    const struct manifests *manifests;
    const struct manifest *now;           /* in force; NULL: none, or one that is not at hand */
    uint8_t (*digest)[PARTY_DIGEST_SIZE]; /* by number */
    uint16_t *name;                       /* number of the roster, by number */
    int16_t *position;                    /* in the manifest in force, -1: not in it */
    size_t agencies;                      /* at most ROSTER_MAX */
};

int replay_world_init(struct replay_world *world, const struct manifests *manifests, struct err *err);
void replay_world_free(struct replay_world *world);

/* The manifest is in force from now on. */
int replay_world_manifest(struct replay_world *world, const struct manifest *manifest, struct err *err);

/* The agency of this identity, or of this name in the manifest in force; -1 if there is none. */
int replay_world_find(const struct replay_world *world, const uint8_t digest[PARTY_DIGEST_SIZE]);
int replay_world_agency(const struct replay_world *world, const char *name);

/* Under the manifest in force. */
bool replay_world_mutual(const struct replay_world *world, uint16_t purpose, uint16_t a, uint16_t b);
const struct region_purpose *replay_world_purpose(const struct replay_world *world, uint16_t purpose); /* NULL: none */
const struct region_limits *replay_world_limits(const struct replay_world *world, uint16_t purpose,
                                                uint16_t agency); /* NULL: it is not in it */

/*
 * Whether what the agency holds there has ended by that time: no such purpose, epoch or agency, or its date has come.
 */
bool replay_world_is_over(const struct replay_world *world, uint16_t purpose, uint32_t epoch, uint16_t agency,
                          uint64_t time);

#endif
