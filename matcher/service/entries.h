/* PUT, REMOVE, QUERY: from the request to the writer. */
#ifndef MATCHER_SERVICE_ENTRIES_H
#define MATCHER_SERVICE_ENTRIES_H

#include "matcher/service/state.h"

/* *held once the writer has the request, which it answers. */
int matcher_entries(struct matcher *matcher, const struct asked *asked, bool *held, struct err *err);

#endif
