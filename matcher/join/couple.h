/* Couples (join.h): whether they stand, what becomes of them. Agencies are the store's numbers. */
#ifndef MATCHER_JOIN_COUPLE_H
#define MATCHER_JOIN_COUPLE_H

#include "matcher/join/join.h"

/*
 * Whether couples of a and b stand as far as pair and registers go, before or after the walk (change.h) that may be
 * under way: without one, both are the same. Entries are not looked at.
 */
bool couple_allowed(const struct join *join, const struct tag_place *at, uint16_t a, uint16_t b, bool after);

/* The same, before the walk or after it as it has or has not come to the tag. */
bool couple_allowed_now(const struct join *join, const struct tag_place *at, uint16_t a, uint16_t b);

/* Whether neither entry excludes the other's agency. */
bool couple_not_excluded(const struct store_entry *a, const struct store_entry *b);

/* It comes to be: it meets, or waits. */
int couple_begin(struct join *join, const struct tag_place *at, const struct store_entry *a,
                 const struct store_entry *b, struct err *err);

/*
 * It ends: a waiting one silently; of one that has met, b is told that a's entry is gone, and if both, a that b's is.
 */
int couple_end(struct join *join, const struct tag_place *at, uint16_t a, uint16_t b, bool both, struct err *err);

/* a's entry has another payload now: b gets it, if they have met. */
int couple_renew(struct join *join, const struct tag_place *at, const struct store_entry *a, uint16_t b,
                 struct err *err);

/* One meeting is charged to the pair: true; or it has no room for it. */
bool couple_charge(struct join *join, struct store_pair *pair);

/* Whether it would have. */
bool couple_has_room(const struct join *join, const struct store_pair *pair);

/* Each side gets the other's payload. */
int couple_meet(struct join *join, const struct tag_place *at, const struct store_entry *a, const struct store_entry *b,
                struct err *err);

/* The pair's counts are of this day from now on; what was asked on an earlier one is owed. */
void couple_new_day(struct store_pair *pair, uint64_t day);

#endif
