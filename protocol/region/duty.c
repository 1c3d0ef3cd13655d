#include "protocol/region/duty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MINUTES 1440u
#define WEEK_MINUTES (7 * DAY_MINUTES)
#define EAST_MOST (14 * 60) /* no clock is further from UTC */

static bool parse_day(unsigned *out, const char *text)
{
    static const char *const days[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (unsigned i = 0; i < 7; i++)
        if (strncmp(text, days[i], 3) == 0) {
            *out = i;
            return true;
        }
    return false;
}

/* Five characters, "08:30". */
static bool parse_clock(unsigned *minutes, const char *text)
{
    for (int i = 0; i < 5; i++)
        if (i == 2 ? text[i] != ':' : text[i] < '0' || text[i] > '9')
            return false;
    const unsigned hour = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    const unsigned minute = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
    *minutes = 60 * hour + minute;
    return minute < 60 && *minutes <= DAY_MINUTES;
}

int duty_hours_parse(struct duty_hours *out, const char *text, struct err *err)
{
    static const char shape[] = "mon-fri 08:30-16:30 +07:00";
    unsigned east = 0;
    *out = (struct duty_hours){.always = strcmp(text, "always") == 0};
    if (out->always)
        return 0;
    bool fine = strlen(text) == strlen(shape);
    for (size_t i = 0; fine && i < strlen(shape); i++)
        if (strchr("- ", shape[i]) != NULL)
            fine = text[i] == shape[i];
    fine = fine && parse_day(&out->first, text) && parse_day(&out->last, text + 4) &&
           parse_clock(&out->from, text + 8) && parse_clock(&out->until, text + 14) &&
           (text[20] == '+' || text[20] == '-') && parse_clock(&east, text + 21) && east <= EAST_MOST &&
           out->from < DAY_MINUTES && out->from != out->until;
    out->east = text[fine ? 20 : 0] == '-' ? -(int)east : (int)east;
    return fine ? 0
                : err_set(err, ERR_INPUT, "hours: \"always\" or days, hours and zone as in \"%s\" are needed", shape);
}

/* Minutes of a day that has begun: whether one of those days is `day`. */
static bool is_day(const struct duty_hours *h, unsigned day)
{
    return (day + 7 - h->first) % 7 <= (h->last + 7 - h->first) % 7;
}

bool duty_hours_have(const struct duty_hours *hours, uint64_t time)
{
    const struct duty_hours *h = hours;
    /* 1 January 1970 was a Thursday, day 3. */
    const unsigned now =
        (unsigned)((time / 60 + 3 * DAY_MINUTES + WEEK_MINUTES + (uint64_t)(int64_t)h->east) % WEEK_MINUTES);
    const unsigned day = now / DAY_MINUTES, minute = now % DAY_MINUTES;
    if (h->always)
        return true;
    if (h->from < h->until)
        return is_day(h, day) && minute >= h->from && minute < h->until;
    return (is_day(h, day) && minute >= h->from) || (is_day(h, (day + 6) % 7) && minute < h->until);
}

bool duty_contact_is_fine(const char *contact)
{
    const size_t len = strlen(contact);
    bool fine = len > 0 && len <= REGION_CONTACT_MAX;
    for (size_t i = 0; fine && i < len; i++)
        fine = contact[i] >= ' ' && contact[i] <= '~' && contact[i] != '"' && contact[i] != '\\';
    return fine;
}
