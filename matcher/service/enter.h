/* Signed requests (PUT, REMOVE, QUERY, ACK, RELEASE, SUSPEND, CLOSE) on their way to the writer. */
#ifndef MATCHER_SERVICE_ENTER_H
#define MATCHER_SERVICE_ENTER_H

#include "matcher/service/state.h"

/* *held once the writer has the request, which it answers. */
int matcher_enter(struct matcher *matcher, const struct asked *asked, bool *held, struct err *err);

#endif
