/*
 * What a matcher knows, as its ledger's events leave it, one after the other: entries, with whom they exclude, and
 * couples that wait, on disk in a directory of its own; pairs of agencies and registers in memory. For replay.c and
 * what it is made of. The words are those of matcher/join/join.h and docs/protocol.md; agencies are numbers of
 * replay_world.h, purposes of the roster.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_STATE_H
#define PROTOCOL_AUDIT_REPLAY_STATE_H

#include "protocol/audit/replay/replay_world.h"
#include "protocol/wire/entry.h"

struct replay_state;

/* dir: empty or missing. */
int replay_state_open(struct replay_state **out, const char *dir, struct err *err);
void replay_state_close(struct replay_state *state); /* NULL is fine; leaves the directory */

/* --- entries: changes are seen once they are committed --- */

struct replay_entry {
    uint16_t agency;
    uint64_t time;
    struct span payload;
    struct span except; /* agencies that it must not meet, u16be each */
};

/* All entries of a tag, ascending by agency; borrowed until the next call. */
struct replay_tag {
    const struct replay_entry *entry;
    size_t count;
};
int replay_state_tag(struct replay_state *state, const struct tag_place *at, struct replay_tag *out, struct err *err);

/* old: what the agency has for the tag, NULL if nothing. */
void replay_state_put(struct replay_state *state, const struct tag_place *at, const struct replay_entry *old,
                      const struct replay_entry *entry);
void replay_state_remove(struct replay_state *state, const struct tag_place *at, const struct replay_entry *old);
int replay_state_commit(struct replay_state *state, struct err *err);

/*
 * Whether the agency did the same with the tag, added it or asked for it, within `window` seconds before now as well;
 * remembers when it did first.
 */
enum replay_use { REPLAY_ADDED = 'D', REPLAY_ASKED = 'Q' };
int replay_state_used(struct replay_state *state, enum replay_use use, uint16_t purpose, uint16_t agency,
                      const uint8_t tag[WIRE_TAG_SIZE], uint64_t now, uint64_t window, bool *again, struct err *err);

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

/* --- registers: what an agency holds in an epoch --- */

enum replay_phase { REGISTER_NONE, REGISTER_LOADING, REGISTER_OPENING, REGISTER_OPEN };

struct replay_register {
    uint16_t purpose, agency;
    uint32_t epoch;
    enum replay_phase phase;
    uint64_t count;            /* of entries, as the events say */
    struct replay_place ended; /* up to where its entries have ended */
};

/* NULL: there is none yet; or it is made. The i-th one, NULL behind the last. They stay where they are. */
struct replay_register *replay_state_register(const struct replay_state *state, uint16_t purpose, uint32_t epoch,
                                              uint16_t agency);
int replay_state_register_make(struct replay_state *state, uint16_t purpose, uint32_t epoch, uint16_t agency,
                               struct replay_register **out, struct err *err);
struct replay_register *replay_state_register_at(const struct replay_state *state, size_t i);

/* --- pairs of agencies in a purpose --- */

enum replay_pair_state { PAIR_NONE, PAIR_BEGINS, PAIR_JOINED, PAIR_ENDS };

/* [0] is the side of low, [1] of high. */
struct replay_pair {
    uint16_t purpose, low, high; /* low < high */
    enum replay_pair_state state;
    bool suspended[2];
    struct {
        uint64_t left, until;
    } release[2];
    uint64_t waiting;            /* couples */
    uint64_t day, met, asked[2]; /* of that UTC day: new meetings, tags that a side asked about */
    uint64_t owed_day, owed[2];  /* of an earlier day: tags asked whose count has not been told */
};

struct replay_pair *replay_state_pair(const struct replay_state *state, uint16_t purpose, uint16_t a, uint16_t b);
int replay_state_pair_make(struct replay_state *state, uint16_t purpose, uint16_t a, uint16_t b,
                           struct replay_pair **out, struct err *err);
struct replay_pair *replay_state_pair_at(const struct replay_state *state, size_t i);

static inline size_t replay_pair_side(const struct replay_pair *pair, uint16_t agency)
{
    return agency == pair->high;
}

/* --- couples that wait: changes are seen once they are committed --- */

struct replay_waiting {
    uint64_t leaf; /* of the cause that made it wait */
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
};

/* pair->waiting is counted along. */
void replay_state_wait(struct replay_state *state, struct replay_pair *pair, const struct replay_waiting *waiting);
void replay_state_wait_end(struct replay_state *state, struct replay_pair *pair, const struct replay_waiting *waiting);

/* Fills in the leaf; *found false: the couple does not wait. */
int replay_state_wait_find(struct replay_state *state, const struct replay_pair *pair, struct replay_waiting *waiting,
                           bool *found, struct err *err);

/* The first `max` of the pair in their order; *count of them. */
int replay_state_wait_first(struct replay_state *state, const struct replay_pair *pair, struct replay_waiting *out,
                            size_t max, size_t *count, struct err *err);

#endif
