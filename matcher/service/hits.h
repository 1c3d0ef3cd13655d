/* What a query was answered, in the form in which it is kept for a repeated request. */
#ifndef MATCHER_SERVICE_HITS_H
#define MATCHER_SERVICE_HITS_H

#include "matcher/join/join.h"

int hits_encode(struct buf *out, const struct join_hits *hits, struct err *err);

/* hits borrow in; join_hits_free(). ERR_VERIFY: it was not hits_encode() that wrote this. */
int hits_decode(struct join_hits *out, struct span in, struct err *err);

#endif
