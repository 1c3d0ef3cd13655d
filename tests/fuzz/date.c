/* Dates in every calendar: what is read is a day that exists, a month or a year. */
#include "client/identity/date.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[64] = "";
    memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
    for (int calendar = 0; calendar < CALENDARS; calendar++) {
        struct person_date d, again;
        if (!date_parse(&d, text, (enum calendar)calendar))
            continue;
        FUZZ_HOLDS(d.year >= 1850 && d.year <= 2150 && d.month <= 12 && (d.day == 0 || d.month > 0));
        if (d.day == 0)
            continue;
        FUZZ_HOLDS(d.day <= date_days_in(d.year, d.month));
        date_from_days(&again, date_to_days(d.year, d.month, d.day));
        FUZZ_HOLDS(again.year == d.year && again.month == d.month && again.day == d.day);
    }
    return 0;
}
