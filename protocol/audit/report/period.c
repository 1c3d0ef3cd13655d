#include "protocol/audit/report/period.h"

#include "protocol/base/clock.h"

int period_parse(struct period *period, struct err *err)
{
    uint64_t length = 0;
    int rc = 0;
    period->since = 0;
    period->until = UINT64_MAX;
    if (period->since_text[0] != '\0')
        rc = clock_parse(&period->since, &length, period->since_text, err);
    if (rc == 0 && period->until_text[0] != '\0') {
        rc = clock_parse(&period->until, &length, period->until_text, err);
        period->until += length == 86400 ? length : 0;
    }
    return rc;
}
