/* The span of time that a verb looks at: --since and --until. */
#ifndef PROTOCOL_AUDIT_PERIOD_H
#define PROTOCOL_AUDIT_PERIOD_H

#include "protocol/base/settings.h"

struct period {
    char since_text[SETTINGS_TEXT_MAX], until_text[SETTINGS_TEXT_MAX]; /* as given; "" for no bound */
    uint64_t since, until;                                             /* since <= time < until, seconds since 1970 */
};

/* Makes numbers of the texts. ERR_USAGE. */
int period_parse(struct period *period, struct err *err);

static inline bool period_has(const struct period *period, uint64_t time)
{
    return time >= period->since && time < period->until;
}

#endif
