/*
 * How much of the writer's time one party may have: a third while others ask, too, so that who brings more than the
 * writer can do holds up itself. What its requests took is paid back in three times as long, from when they began; a
 * little is lent, so that who asks now and then never waits. Alone, it waits for nobody.
 *
 * Times are of the monotonic clock, in microseconds, as the caller reads it. Not for several threads at once.
 */
#ifndef MATCHER_SERVICE_SHARE_H
#define MATCHER_SERVICE_SHARE_H

#include "matcher/store/store.h"

#define SHARE_PARTS 3          /* one of them is a party's */
#define SHARE_LENT_US 20000    /* of waiting that is not asked for yet */
#define SHARE_MIXED_US 1000000 /* others ask, if one of them did so long ago */

struct shares {
    uint64_t paid[STORE_NAMES_MAX + 1]; /* when that will be, by the store's number of the party */
    uint64_t mixed;                     /* when another party than the one before was last heard */
    uint16_t last;
};

/* Requests of a party came. */
void share_hear(struct shares *shares, uint16_t party, uint64_t now);

/* Its requests took so much of the writer's time, until now. */
void share_charge(struct shares *shares, uint16_t party, uint64_t took, uint64_t now);

/* How long it must wait yet; 0: it has its turn. */
uint64_t share_wait(const struct shares *shares, uint16_t party, uint64_t now);

#endif
