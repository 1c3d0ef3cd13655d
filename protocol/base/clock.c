#include "protocol/base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec;
}

uint64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

uint64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

char *clock_text(char out[CLOCK_TEXT_SIZE], uint64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;
    if (gmtime_r(&time, &tm) == NULL || strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        snprintf(out, CLOCK_TEXT_SIZE, "invalid-time");
    return out;
}

int clock_parse(uint64_t *out, uint64_t *length, const char *text, struct err *err)
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

uint32_t clock_day(uint64_t seconds)
{
    return (uint32_t)(seconds / 86400);
}

void clock_sleep_ms(uint64_t ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}
