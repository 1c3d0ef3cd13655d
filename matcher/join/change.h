/*
 * From one set of partners and open registers to the next. The store remembers which pairs of agencies are joined for
 * which purpose, and which registers are open; a newer manifest, a suspension and the close of a first load begin some
 * and end others. The entries of the purposes concerned are then walked once, by epoch and tag: couples that stand
 * after the walk and did not before come to be, those that stood before and do not after end (both sides are told). A
 * pair of which one side has no entries in the purpose, and a register without entries in its epoch, need no walk.
 *
 * Meanwhile the purpose takes no puts, removals, suspensions and closes (busy), and queries do not ask the partners
 * concerned. The walk goes in steps, each an atomic write with its events (a rejoin first) and its place, so that it
 * goes on where it was after any crash, under a still newer manifest too: what was begun is finished first, but a
 * couple that comes to be under a grant that is gone again waits (rule 2 of join.h), and so ends silently.
 *
 * As rules, for who computes it again:
 *   manifest: with its event, where no walk is under way, else when the last is done, before any put, removal,
 *     suspension, close: in every purpose that the manifest has, pairs that are partners and not joined begin, those
 *     joined and no longer partners end. Of purposes that it does not have nothing changes: their entries end
 *     (sweep.h).
 *   suspend on, off: the pair's state follows at once in the same way, by that event.
 *   close: the register opens, if it is loading or has no phase yet.
 *   rejoin: the next count tags of the purpose, ascending by epoch and tag, from the first on. All pairs and registers
 *     that began, ended or opened and are not settled are walked together; "done" settles those of the purpose.
 *   Whatever else happens between two steps (end, of sweep.h) sees the tags that the walk has passed as after it,
 *   others as before.
 */
#ifndef MATCHER_JOIN_CHANGE_H
#define MATCHER_JOIN_CHANGE_H

#include "matcher/join/join.h"

/*
 * Compares the pairs in the store with join->world's grants and stages the difference. Only when none is running. Pairs
 * that need no walk are settled in this write.
 */
int change_begin(struct join *join, struct err *err);

/*
 * A partner that takes part again costs a walk: an agency may end the suspension of one JOIN_RESUMES times in a UTC
 * day. To begin one is always allowed. ERR_DENIED; changes nothing.
 */
#define JOIN_RESUMES 4
int change_suspend_check(struct join *join, uint16_t purpose, uint16_t agency, uint16_t partner, bool on,
                         struct err *err);

/* SUSPEND: agency suspends partner in a purpose, or no longer. Only where the purpose is not busy. */
int change_suspend(struct join *join, uint16_t purpose, uint16_t agency, uint16_t partner, bool on, struct err *err);

/* CLOSE, or its date: the agency's first load of this purpose and epoch is over. Only where the purpose is not busy. */
int change_close(struct join *join, uint16_t purpose, uint32_t epoch, uint16_t agency, struct err *err);

/*
 * One step of the first walk, staged into join->write with its events; the last of a purpose settles what it was for.
 */
int change_step(const struct walks *walks, struct join *join, struct err *err);

#endif
