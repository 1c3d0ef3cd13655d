/*
 * What the matcher does of its own accord (matcher/join/sweep.h, change.h), and cleaning; between requests, in small
 * steps.
 */
#ifndef MATCHER_SERVICE_UPKEEP_H
#define MATCHER_SERVICE_UPKEEP_H

#include "matcher/service/state.h"

/* Some steps of what is due; the rest at the next call. Not with `writing` held. */
int upkeep_run(struct matcher *matcher, struct err *err);

#endif
