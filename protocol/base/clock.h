/* Time: seconds since 1970 for what is recorded, monotonic milliseconds for what is measured. */
#ifndef PROTOCOL_BASE_CLOCK_H
#define PROTOCOL_BASE_CLOCK_H

#include "protocol/base/err.h"

#include <stdint.h>

#define CLOCK_TEXT_SIZE 24

/* Seconds since 1970-01-01T00:00:00Z. */
uint64_t clock_now(void);

/* Milliseconds, and microseconds, of a clock that never goes back. */
uint64_t clock_monotonic_ms(void);
uint64_t clock_monotonic_us(void);

/* "2026-11-23T22:01:27Z"; returns out. */
char *clock_text(char out[CLOCK_TEXT_SIZE], uint64_t seconds);

/*
 * Reads 2026-11-25 or 2026-11-25T08:00:00Z, UTC: the first second of it, and of how many seconds what was named is
 * (86,400 or 1). ERR_USAGE.
 */
int clock_parse(uint64_t *out, uint64_t *length, const char *text, struct err *err);

/* Days since 1970-01-01, UTC: the day of a limit. */
uint32_t clock_day(uint64_t seconds);

void clock_sleep_ms(uint64_t ms);

#endif
