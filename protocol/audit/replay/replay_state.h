/*
 * The matcher's entries and joined pairs as the ledger's causes leave them, one after the other, on disk in a directory
 * of its own: for replay.c. Agencies and purposes are numbers of the roster.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_STATE_H
#define PROTOCOL_AUDIT_REPLAY_STATE_H

#include "protocol/audit/basis/manifests.h"
#include "protocol/wire/wire.h"

struct replay_state;

/* dir: empty or missing. */
int replay_state_open(struct replay_state **out, const char *dir, const struct manifests *manifests, struct err *err);
void replay_state_close(struct replay_state *state); /* NULL is fine; leaves the directory */

/* --- entries: changes are seen once they are committed --- */

struct replay_entry {
    uint16_t agency;
    uint64_t time;
    struct span payload;
};

/* All entries of a tag, ascending by agency; borrowed until the next call. */
struct replay_tag {
    const struct replay_entry *entry;
    size_t count;
};
int replay_state_tag(struct replay_state *state, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                     struct replay_tag *out, struct err *err);

/* old: what the agency has for the tag, NULL if nothing. */
void replay_state_put(struct replay_state *state, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                      const struct replay_entry *old, const struct replay_entry *entry);
void replay_state_remove(struct replay_state *state, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                         const struct replay_entry *old);
int replay_state_commit(struct replay_state *state, struct err *err);

/*
 * The agency's `max` oldest entries, oldest first, those of one second by tag; *count of them.
 */
struct replay_aged {
    uint64_t time;
    uint8_t tag[WIRE_TAG_SIZE];
};
int replay_state_oldest(struct replay_state *state, uint16_t purpose, uint32_t epoch, uint16_t agency,
                        struct replay_aged *out, size_t max, size_t *count, struct err *err);

/* The first tag of the purpose behind this place, which moves there; *found false if there is none. */
struct replay_place {
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
    bool any; /* false: before the first */
};
int replay_state_next_tag(struct replay_state *state, uint16_t purpose, struct replay_place *place, bool *found,
                          struct err *err);

/* --- pairs of agencies that are joined, begin to be, or cease --- */

enum replay_pair_state { PAIR_JOINED, PAIR_BEGINS, PAIR_ENDS };

struct replay_pair {
    uint16_t purpose, low, high; /* low < high */
    enum replay_pair_state state;
};

/* A manifest came into force: compares its grants, at once or when the walks under way are over. */
int replay_state_manifest(struct replay_state *state, const struct manifest *manifest, struct err *err);

/* Whether a pair of the purpose begins or ends; and which state two agencies are in, false if they are no such pair. */
bool replay_state_walks(const struct replay_state *state, uint16_t purpose);
bool replay_state_pair(const struct replay_state *state, uint16_t purpose, uint16_t a, uint16_t b,
                       enum replay_pair_state *out);

/* How far the purpose has been walked; and the end of it: its pairs are what they were to become. */
struct replay_place *replay_state_walked(struct replay_state *state, uint16_t purpose);
int replay_state_settle(struct replay_state *state, uint16_t purpose, struct err *err);

#endif
