/*
 * From partners' entries for a record's tags to matches: opens the payloads, gathers slots by partner and pseudonym,
 * recovers the handle where the shared keys reach the threshold.
 */
#ifndef CLIENT_MATCH_RESOLVE_H
#define CLIENT_MATCH_RESOLVE_H

#include "client/agency/agency.h"
#include "client/schema/score.h"

#define MATCHES_MAX 256 /* of one record */

/* One partner record that shares keys with the own one. */
struct candidate {
    char partner[PARTY_NAME_MAX + 1];
    uint8_t pseudonym[PSEUDONYM_SIZE];
    uint32_t keys;
    size_t slot[SCHEMA_KEYS_MAX]; /* offset of its slot for key j */
};

struct resolver {
    const struct agency *agency;
    const struct agency_purpose *purpose;
    struct buf slots;
    struct candidate *candidate;
    size_t count, room;
    double chance;     /* match_chance() */
    uint64_t unopened; /* payloads that did not open: a partner's client, or the matcher, is at fault */
};

int resolver_init(struct resolver *resolver, const struct agency *agency, const struct agency_purpose *purpose,
                  struct err *err);
void resolver_free(struct resolver *resolver);

/* Forgets the hits of the record before. */
void resolver_begin(struct resolver *resolver);

/* A partner's payload for the own key of this tag. One that does not open is counted and left. */
int resolver_add(struct resolver *resolver, unsigned key, const uint8_t tag[WIRE_TAG_SIZE],
                 const uint8_t seal_key[SEAL_KEY_SIZE], const char *partner, struct span payload, struct err *err);

/* The matches among what was added; own: bitmap of the own record's keys. At most MATCHES_MAX go to out. */
size_t resolver_matches(const struct resolver *resolver, uint32_t own, struct vault_match *out);

/* Rescores every stale record of the purpose. */
int resolve_stale(struct resolver *resolver, uint64_t *records, struct err *err);

#endif
