#include "protocol/audit/report/report.h"

#include <string.h>

/* A minute up to sixteen years; each divides the next, so that columns can be put together. */
#define DAY 86400ull
static const uint64_t steps[] = {60,  300,     900,      3600,      3 * 3600,  6 * 3600,  DAY / 2,
                                 DAY, 7 * DAY, 28 * DAY, 112 * DAY, 448 * DAY, 5824 * DAY};
#define STEPS (sizeof steps / sizeof steps[0])

uint64_t report_series_step(const struct report_series *series)
{
    return steps[series->step];
}

static void add(struct report_sums *to, const struct report_sums *from)
{
    uint64_t *a = (uint64_t *)to;
    const uint64_t *b = (const uint64_t *)from;
    for (size_t i = 0; i < sizeof *to / sizeof *a; i++)
        a[i] += b[i];
}
_Static_assert(sizeof(struct report_sums) % sizeof(uint64_t) == 0, "sums are numbers and nothing else");

/* Puts columns together until each is as wide as the next step. */
static void widen(struct report_series *s)
{
    uint64_t ratio = steps[s->step + 1] / steps[s->step], first = s->first / ratio;
    struct report_sums sums[REPORT_COLUMNS] = {{0}};
    for (size_t i = 0; i < s->count; i++)
        add(&sums[(s->first + i) / ratio - first], &s->sums[i]);
    if (s->count > 0)
        s->count = (size_t)((s->first + s->count - 1) / ratio - first) + 1;
    memcpy(s->sums, sums, sizeof sums);
    s->first = first;
    s->step++;
}

/* Makes room in front for columns that come before the first. */
static void move_back(struct report_series *s, uint64_t first)
{
    size_t by = (size_t)(s->first - first);
    memmove(s->sums + by, s->sums, s->count * sizeof *s->sums);
    memset(s->sums, 0, by * sizeof *s->sums);
    s->count += by;
    s->first = first;
}

struct report_sums *report_series_at(struct report_series *series, uint64_t time)
{
    struct report_series *s = series;
    if (s->count == 0) {
        s->first = time / steps[s->step];
        s->count = 1;
    }
    for (;;) {
        uint64_t at = time / steps[s->step], last = s->first + s->count - 1;
        uint64_t low = at < s->first ? at : s->first, high = at > last ? at : last;
        if (high - low < REPORT_COLUMNS) {
            if (at < s->first)
                move_back(s, at);
            else if (at > last)
                s->count += (size_t)(at - last);
            return &s->sums[at - s->first];
        }
        if (s->step + 1 >= STEPS)
            return NULL;
        widen(s);
    }
}
