/*
 * From partners' entries for a record's tags to matches: opens the payloads, recovers the secret of each of the
 * partner's records of which one slot opens alone or two open together, and tells by it which other slots are of the
 * same record.
 */
#ifndef CLIENT_MATCH_RESOLVE_H
#define CLIENT_MATCH_RESOLVE_H

#include "client/agency/agency.h"
#include "client/schema/score.h"

#define MATCHES_MAX 256 /* of one record */

/* A partner's entry for one of the own record's tags. */
struct resolver_entry {
    uint16_t partner; /* position among the region's agencies */
    uint8_t key, tag[WIRE_TAG_SIZE];
    uint8_t taken; /* bitmap of slots that are known to be of a record that was recovered */
    uint8_t may;   /* bitmap of slots that slots_tell() tells; of a key of weight 2 */
    size_t at;     /* of its slots, in `slots` */
};

struct resolver {
    const struct agency *agency;
    const struct agency_purpose *purpose;
    struct buf slots; /* secret */
    struct resolver_entry *entry;
    size_t entries, room;
    uint64_t closed;                        /* payloads that did not open, of all partners */
    double chance;                          /* match_chance() */
    uint64_t left[REGION_AGENCIES_MAX];     /* matches by partner beyond MATCHES_MAX of a record */
    uint64_t unopened[REGION_AGENCIES_MAX]; /* payloads by partner that did not open: its client, or the matcher, is at
                                               fault */
};

int resolver_init(struct resolver *resolver, const struct agency *agency, const struct agency_purpose *purpose,
                  struct err *err);
void resolver_free(struct resolver *resolver);

/* One for another thread, whose counts come back at the end. */
void resolver_init_like(struct resolver *resolver, const struct resolver *other);
void resolver_add_counts(struct resolver *resolver, const struct resolver *other);

/* Forgets the hits of the record before. */
void resolver_begin(struct resolver *resolver);

/*
 * A partner's payload for the own key of this tag. One that does not open is counted and left; of a partner that the
 * manifest does not have, it is left.
 */
int resolver_add(struct resolver *resolver, unsigned key, const uint8_t tag[WIRE_TAG_SIZE],
                 const uint8_t seal_key[SEAL_KEY_SIZE], const char *partner, struct span payload, struct err *err);

/*
 * The handles that open, accepted by their keys or not; own: bitmap of the own record's keys. At most MATCHES_MAX go to
 * out; what is left over is counted.
 */
size_t resolver_matches(struct resolver *resolver, uint32_t own, struct vault_match *out);

#endif
