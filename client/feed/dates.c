#include "client/feed/dates.h"

#include "client/identity/date.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 31
#define DAYS_TO_1970 25569 /* from 30 December 1899, so that 61 is 1 March 1900: before that, spreadsheets differ */
#define DAYS_TO_1904 1462

static int declare(struct dates *d, const char *word, struct err *err)
{
    enum calendar calendar;
    static const char *const names[CALENDARS] = {"gregorian", "buddhist", "minguo",
                                                 "hijri",     "persian",  "bikram-sambat"};
    const bool day = strcmp(word, "day-first") == 0, month = strcmp(word, "month-first") == 0;
    if (day || month)
        d->order = day ? DATES_DAY_FIRST : DATES_MONTH_FIRST;
    else if (strcmp(word, "serial") == 0 || strcmp(word, "serial-1904") == 0)
        d->serial = true, d->from_1904 = word[6] != '\0';
    else if (calendar_named(&calendar, word))
        d->calendar = names[calendar];
    else
        return err_set(err, ERR_USAGE,
                       "--dates %s: write day-first or month-first, serial or serial-1904, or a calendar: gregorian, "
                       "buddhist, minguo, hijri, persian, bikram-sambat; several parted by commas",
                       word);
    return 0;
}

int dates_declare(struct dates *out, const char *words, struct err *err)
{
    static const char between[] = ", ";
    int rc = 0;
    *out = (struct dates){.calendar = ""};
    if (words == NULL)
        return 0;
    for (words += strspn(words, between); rc == 0 && *words != '\0'; words += strspn(words, between)) {
        char word[WORD_MAX + 1];
        const size_t len = strcspn(words, between);
        snprintf(word, sizeof word, "%.*s", (int)(len < WORD_MAX ? len : WORD_MAX), words);
        rc = declare(out, word, err);
        words += len;
    }
    return rc;
}

size_t dates_from_serial(char out[DATES_TEXT_MAX], uint32_t days, bool from_1904)
{
    struct person_date d;
    days += from_1904 ? DAYS_TO_1904 : 0;
    if (days < 61 || days > 91677)
        return 0;
    date_from_days(&d, (int32_t)days - DAYS_TO_1970);
    return (size_t)snprintf(out, DATES_TEXT_MAX, "%04u-%02u-%02u", d.year % 10000, d.month % 100, d.day % 100);
}

/* A number of at most so many digits, and what parts it from the next one. Its length, 0: there is none. */
static size_t number(unsigned *value, const char *text, size_t len, size_t most)
{
    size_t n = 0;
    for (*value = 0; n < len && n < most && text[n] >= '0' && text[n] <= '9'; n++)
        *value = *value * 10 + (unsigned)(text[n] - '0');
    return n;
}

/* 04/03/1987 as month, day, year. */
static size_t month_first(char out[DATES_TEXT_MAX], const char *text, size_t len)
{
    unsigned value[3];
    size_t at = 0, digits = 0;
    for (size_t i = 0; i < 3; i++) {
        digits = number(&value[i], text + at, len - at, i < 2 ? 2 : 4);
        at += digits;
        if (digits == 0 || (i < 2 && (at >= len || strchr("-/. ", text[at]) == NULL)))
            return 0;
        at += i < 2;
    }
    if (digits < 3 || value[0] > 12 || value[0] == 0 || value[1] > 31 || len - at > DATES_TEXT_MAX - 16)
        return 0;
    return (size_t)snprintf(out, DATES_TEXT_MAX, "%04u-%02u-%02u%.*s", value[2] % 10000, value[0] % 100, value[1] % 100,
                            (int)(len - at), text + at);
}

size_t dates_rewrite(const struct dates *dates, char out[DATES_TEXT_MAX], const char *text, size_t len, bool *gregorian)
{
    unsigned days;
    if (dates->serial && len == 5 && number(&days, text, len, 5) == 5) {
        *gregorian = true;
        return dates_from_serial(out, days, dates->from_1904);
    }
    return dates->order == DATES_MONTH_FIRST ? month_first(out, text, len) : 0;
}
