/* FETCH, WAIT, STATUS: what an agency asks about its mailbox, its entries and its partners. */
#ifndef MATCHER_SERVICE_MAILBOX_H
#define MATCHER_SERVICE_MAILBOX_H

#include "matcher/service/state.h"

/* Each encodes its reply into body. WAIT sets *held if the request will be answered later. */
int matcher_fetch(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err);
int matcher_wait(struct matcher *matcher, const struct asked *asked, struct buf *body, bool *held, struct err *err);
int matcher_status(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err);

#endif
