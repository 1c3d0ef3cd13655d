/* One match explained: what is known of the two records, side by side, and why they are thought to match. */
#ifndef CLIENT_REVIEW_EXPLAIN_H
#define CLIENT_REVIEW_EXPLAIN_H

#include "client/agency/agency.h"
#include "client/feed/feed.h"

/*
 * Prints. feed: where to look the own record up; without a path its values are not shown, since the vault has none.
 * ERR_NOT_FOUND: no such match, or its record is not in the feed.
 */
int explain(struct agency *agency, int64_t number, const struct feed_options *feed, struct err *err);

#endif
