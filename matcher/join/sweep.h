/* What the matcher does of its own accord, in steps small enough to stand between requests. */
#ifndef MATCHER_JOIN_SWEEP_H
#define MATCHER_JOIN_SWEEP_H

#include "matcher/join/join.h"

#define SWEEP_STEP 2048 /* entries expired in one write */

/*
 * Removes entries that are older at join->time than the retention of their purpose and tells both sides of what they
 * were joined with: the partners that the entry is gone, its owner, who did not ask for it, that the partners' are. An
 * event for each agency, purpose and epoch. *more: there are others; call again with the next write.
 */
int sweep_expired(struct join *join, bool *more, struct err *err);

#endif
