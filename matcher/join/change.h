/*
 * From the grants of one manifest to those of the next. The store remembers which pairs of agencies are joined for
 * which purpose; a newer manifest begins some and ends others. The entries of the purposes concerned are then walked
 * once: where both agencies of a beginning pair have an entry for a tag, each gets the other's payload; of an ending
 * pair, each is told that the other's is gone. A pair of which one side has no entries needs no walk.
 *
 * Meanwhile a purpose takes no requests (busy), which keeps join.h's invariant simple. The walk goes in steps, each an
 * atomic write with its events and its place, so that it goes on where it was after any crash, under a still newer
 * manifest too: what was begun is finished first.
 */
#ifndef MATCHER_JOIN_CHANGE_H
#define MATCHER_JOIN_CHANGE_H

#include "matcher/join/join.h"

#define CHANGE_STEP_TAGS 20000
#define CHANGE_STEP_BYTES (16u << 20)

/* What is being changed, as the store has it. */
struct change {
    struct store_pair *pair; /* those that begin or end, ascending */
    size_t count;
};

/* Reads it from the store: at start, and after every write with a beginning or a step, committed or not. */
int change_load(struct change *change, struct store *store, struct err *err);
void change_free(struct change *change);

static inline bool change_is_running(const struct change *change)
{
    return change->count > 0;
}

/* Whether this purpose is being walked, so that its requests must wait. */
bool change_is_busy(const struct change *change, uint16_t purpose);

/*
 * Compares the pairs in the store with join->world's grants and stages the difference. Only when none is running. Pairs
 * that need no walk are settled in this write.
 */
int change_begin(struct join *join, struct err *err);

/* One step of the walk, staged into join->write with its events, a rejoin first; the last of a purpose settles its
 * pairs. */
int change_step(const struct change *change, struct join *join, struct err *err);

#endif
