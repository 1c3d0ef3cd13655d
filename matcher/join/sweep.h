/*
 * What the matcher does of its own accord, in steps small enough to stand between requests. In a step's write only the
 * first that is due of these is done, so that nothing is joined or delivered of what has ended by the time of the
 * write:
 *
 *   sweep_ended     entries whose epoch is over or whose agency has left go (end)
 *   change_step     walks (rejoin)
 *   sweep_loads     first loads whose date has come close (close, note "date")
 *   sweep_meetings  waiting couples meet (meet)
 *   sweep_counts    the day's counts of purposes of kind issued (counts)
 *   sweep_expired   entries pass their retention (expire)
 *
 * As rules, for who computes it again (the words are those of join.h):
 *   end {party, purpose, epoch, count}: the next count entries of the party in that epoch go, ascending by tag; of
 *     several agencies of the party's name it is the one that came first into a manifest among those whose entries
 *     there are over. Couples that stood end, both sides are told; where a walk is under way, those of tags that it
 *     has not come to stand as before it.
 *   close {party, purpose, epoch, note}: of a register that loads; of a date: its load_until is not after the event,
 *     or its limit load is 0.
 *   meet {party, partner (names ascending), purpose, epoch, count}: the next count couples of the pair in the order in
 *     which they wait, all of this epoch; each is charged as in rule 2 of join.h, and both sides get the other's
 *     payload of this moment. The cause's digest is in the order of waiting, the lines' in that of the tags.
 *   counts {purpose, until, count}: the UTC day that ended at `until` is over: an asked line without digest for each
 *     agency that was asked and each that asked it; the line's count is that of the asked tags, the cause's the number
 *     of lines.
 */
#ifndef MATCHER_JOIN_SWEEP_H
#define MATCHER_JOIN_SWEEP_H

#include "matcher/join/join.h"

#define SWEEP_STEP 2048 /* entries expired in one write */

/*
 * Removes entries that are older at join->time than the retention of their purpose. An event for each agency, purpose
 * and epoch. *more: there are others; call again with the next write.
 */
int sweep_expired(struct join *join, bool *more, struct err *err);

/* Whether somebody holds entries that are over at join->time. */
bool sweep_has_ended(const struct join *join);

/*
 * How far entries that are over have been looked for under the manifest in force; zeros at first. It only saves
 * looking again, and holds for those that were over at `time`: when more are, looking begins anew, since the next to
 * go are the first by tag.
 */
struct sweep_place {
    uint16_t purpose;
    struct store_position at;
    uint64_t time;
};

/* Removes some of them. */
int sweep_ended(struct join *join, struct sweep_place *place, struct err *err);

/* Closes first loads whose date has come, in purposes that are not busy. *done: how many. */
int sweep_loads(struct join *join, size_t *done, struct err *err);

/* Lets waiting couples of pairs that have room meet. *done: how many. */
int sweep_meetings(struct join *join, size_t *done, struct err *err);

/* Tells the owners of issued documents who asked how much on days that are over. *done: how many lines. */
int sweep_counts(struct join *join, size_t *done, struct err *err);

/*
 * Does what is due first of all but sweep_expired(). *done: something was done, call again with the next write.
 * *changes: pairs or registers may have begun or ended to change: walk_load() once it is committed.
 */
int sweep_due(struct join *join, struct sweep_place *place, bool *done, bool *changes, struct err *err);

#endif
