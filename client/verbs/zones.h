/* Machine-readable zones one after another, as scanners and people write them. */
#ifndef CLIENT_VERBS_ZONES_H
#define CLIENT_VERBS_ZONES_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define ZONE_TEXT_MAX 128

/*
 * The next zone, without what parts its lines. It ends where it has the 72, 88 or 90 characters of one, before an empty
 * line, or where a line has taken it beyond that: then it is none, and what came is cut. *end: there is none any more.
 */
int zones_next(char out[ZONE_TEXT_MAX], FILE *in, bool *end, struct err *err);

#endif
