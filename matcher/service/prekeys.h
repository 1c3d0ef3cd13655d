/* PREKEYS: the newest prekeys of parties of the manifest in force, with the events that say so. */
#ifndef MATCHER_SERVICE_PREKEYS_H
#define MATCHER_SERVICE_PREKEYS_H

#include "matcher/service/state.h"

int matcher_prekeys(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err);

#endif
