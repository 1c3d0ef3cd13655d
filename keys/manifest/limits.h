/* Limits on the command line: "load=50000", "load_until=2026-12-31", "meets=3000". */
#ifndef KEYS_MANIFEST_LIMITS_H
#define KEYS_MANIFEST_LIMITS_H

#include "protocol/region/region.h"

/*
 * What holds where nobody says otherwise: no first load, a million tokens a day, 3,000 meetings a day and partner;
 * answers within two weeks, a day, four hours, what was disclosed kept for a year.
 */
extern const struct region_limits limits_default;
extern const struct region_disclosure disclosure_default;

/*
 * Sets one limit from NAME=VALUE. load is rounded up to a power of two, so that the manifest does not tell every member
 * how large a register is; load_until is a date. ERR_USAGE names what is wrong, or the names that there are.
 */
int limits_set(struct region_limits *limits, const char *text, struct err *err);

/* Is the text NAME=... with the name of a limit? */
bool limits_knows(const char *text);

#endif
