/*
 * How many entries an agency changed today, by purpose: other payloads under tags that it had already. Each is told to
 * every partner that the tag met, and costs no meeting, so it has a bound of its own. Honestly each takes an
 * evaluation, of today or of the day before: CHANGED_DAYS times the limit `daily`. Forgotten with the process.
 */
#ifndef MATCHER_JOIN_CHANGED_H
#define MATCHER_JOIN_CHANGED_H

#include "protocol/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define CHANGED_DAYS 2

struct changed {
    struct changed_count *item; /* one for each agency and purpose that changed something; owned */
    size_t count, room;
};

void changed_free(struct changed *changed);

/* Entries changed on that day. */
uint64_t changed_today(const struct changed *changed, uint16_t purpose, uint16_t agency, uint64_t day);

/* Counts one more. ERR_NO_MEMORY. */
int changed_add(struct changed *changed, uint16_t purpose, uint16_t agency, uint64_t day, struct err *err);

#endif
