/*
 * Which purposes are being walked (change.h), and how far: couples of tags that a walk has passed are as after it,
 * others as before.
 */
#ifndef MATCHER_JOIN_WALK_H
#define MATCHER_JOIN_WALK_H

#include "matcher/store/store.h"

/* A purpose that is to be walked, and how far it has been. */
struct walk {
    uint16_t purpose;
    struct store_position at;
};

struct walks {
    struct walk *walk; /* ascending by purpose */
    size_t count;
};

/* Reads it from the store: at start, and after every write with a beginning or a step, committed or not. */
int walk_load(struct walks *walks, struct store *store, struct err *err);
void walk_free(struct walks *walks);

static inline bool walk_is_running(const struct walks *walks)
{
    return walks->count > 0;
}

/* Whether this purpose is being walked, so that its requests must wait. */
bool walk_is_busy(const struct walks *walks, uint16_t purpose);

/* Whether the tag's couples are as after the walk: it is behind the walk's place, or there is no walk. */
bool walk_has_passed(const struct walks *walks, const struct tag_place *at);

#endif
