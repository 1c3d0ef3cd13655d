#include "protocol/audit/report/period.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* *length: of how many seconds what was named is. */
static int parse(const char *text, uint64_t *out, uint64_t *length, struct err *err)
{
    struct tm tm = {0}, again;
    int end = 0;
    bool whole = sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end) == 3 && text[end] == '\0';
    *length = 86400;
    if (!whole) {
        end = 0;
        whole = sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                       &tm.tm_min, &tm.tm_sec, &end) == 6 &&
                end > 0 && text[end] == '\0';
        *length = 1;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    again = tm;
    time_t time = whole ? timegm(&again) : -1;
    /* timegm() makes the 30th of February the 2nd of March: what comes back must be what went in. */
    if (time < 0 || again.tm_mon != tm.tm_mon || again.tm_mday != tm.tm_mday || again.tm_hour != tm.tm_hour ||
        again.tm_min != tm.tm_min)
        return err_set(err, ERR_USAGE, "%.40s is no date such as 2026-11-25 or 2026-11-25T08:00:00Z", text);
    *out = (uint64_t)time;
    return 0;
}

int period_parse(struct period *period, struct err *err)
{
    uint64_t length = 0;
    int rc = 0;
    period->since = 0;
    period->until = UINT64_MAX;
    if (period->since_text[0] != '\0')
        rc = parse(period->since_text, &period->since, &length, err);
    if (rc == 0 && period->until_text[0] != '\0') {
        rc = parse(period->until_text, &period->until, &length, err);
        period->until += length == 86400 ? length : 0;
    }
    return rc;
}
