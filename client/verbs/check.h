/* A feed looked at before it is enrolled: what is understood of it, and what enrolling would do. */
#ifndef CLIENT_VERBS_CHECK_H
#define CLIENT_VERBS_CHECK_H

#include "client/feed/feed.h"
#include "client/verbs/verbs.h"

/* How feeds are read, by client.conf and flags; the path is left open. Borrows from config. */
struct feed_options check_feed_options(const struct client_config *config);

/* Prints to stdout, counts and names of columns alone; *rejected: rows of which something was. Changes nothing. */
int check_feeds(struct agency *agency, const struct client_config *config, char *const *path, size_t paths,
                bool snapshot, bool quiet, uint64_t *rejected, struct err *err);

#endif
