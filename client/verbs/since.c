#include "client/verbs/since.h"

#include "protocol/base/clock.h"
#include "protocol/base/settings.h"

#include <time.h>

int since_parse(uint64_t *out, const char *text, struct err *err)
{
    struct tm tm = {0};
    uint64_t ago;
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    *out = 0;
    if (text[0] == '\0')
        return 0;
    if (end != NULL && *end == '\0') {
        *out = (uint64_t)timegm(&tm);
        return 0;
    }
    if (settings_parse_duration(text, &ago, ERR_IGNORED) != 0 || ago > clock_now())
        return err_set(err, ERR_USAGE, "--since %s: write a day, 2026-11-25, or how long ago, 12h or 7d", text);
    *out = clock_now() - ago;
    return 0;
}
