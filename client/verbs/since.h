/* --since of lists. */
#ifndef CLIENT_VERBS_SINCE_H
#define CLIENT_VERBS_SINCE_H

#include "protocol/base/err.h"

#include <stdint.h>

/* "2026-11-25", or how long before now, "12h"; "" is 0. In seconds since 1970. ERR_USAGE. */
int since_parse(uint64_t *out, const char *text, struct err *err);

#endif
