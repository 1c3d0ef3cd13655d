#include "client/identity/date.h"

#include "client/identity/plain.h"
#include "client/identity/rules.h"

#include <string.h>
#include <strings.h>

#define YEAR_FIRST 1850
#define YEAR_LAST 2150
#define BUDDHIST_YEARS 543 /* 2540 is 1997 */
#define MINGUO_YEARS 1911  /* 86 is 1997 */

bool calendar_named(enum calendar *out, const char *name)
{
    static const struct {
        const char *name;
        enum calendar calendar;
    } names[] = {
        {"", CALENDAR_GREGORIAN},
        {"gregorian", CALENDAR_GREGORIAN},
        {"ad", CALENDAR_GREGORIAN},
        {"ce", CALENDAR_GREGORIAN},
        {"buddhist", CALENDAR_BUDDHIST},
        {"thai", CALENDAR_BUDDHIST},
        {"be", CALENDAR_BUDDHIST},
        {"minguo", CALENDAR_MINGUO},
        {"roc", CALENDAR_MINGUO},
        {"hijri", CALENDAR_HIJRI},
        {"islamic", CALENDAR_HIJRI},
        {"islamic-civil", CALENDAR_HIJRI},
        {"ah", CALENDAR_HIJRI},
        {"persian", CALENDAR_PERSIAN},
        {"solar-hijri", CALENDAR_PERSIAN},
        {"shamsi", CALENDAR_PERSIAN},
        {"afghan", CALENDAR_PERSIAN},
        {"jalali", CALENDAR_PERSIAN},
        {"bikram-sambat", CALENDAR_BIKRAM_SAMBAT},
        {"nepali", CALENDAR_BIKRAM_SAMBAT},
        {"bs", CALENDAR_BIKRAM_SAMBAT},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(name, names[i].name) == 0) {
            *out = names[i].calendar;
            return true;
        }
    return false;
}

/* --- days --- */

unsigned date_days_in(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/*
 * A year that begins in March has its leap day at the end; 1 January 1970 is day 719468 after 1 March of the year 0.
 */
int32_t date_to_days(unsigned year, unsigned month, unsigned day)
{
    int32_t y = (int32_t)year - (month <= 2), m = ((int32_t)month + 9) % 12;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + (int32_t)day - 1 - 719468;
}

void date_from_days(struct person_date *out, int32_t days)
{
    int32_t z = days + 719468, era = z / 146097, doe = z % 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t m = (5 * doy + 2) / 153;
    out->day = (unsigned)(doy - (153 * m + 2) / 5 + 1);
    out->month = (unsigned)(m < 10 ? m + 3 : m - 9);
    out->year = (unsigned)(yoe + 400 * era + (out->month <= 2));
}

/* --- other calendars: days in a month, and the day on which year, month, day falls --- */

/* Tabular: 11 leap years in 30; months of 30 and 29 days in turn, the last longer by one in a leap year. */
static unsigned hijri_days_in(unsigned year, unsigned month)
{
    return month % 2 == 1 || (month == 12 && (11 * year + 14) % 30 < 11) ? 30 : 29;
}

static int32_t hijri_to_days(unsigned year, unsigned month, unsigned day)
{
    const int32_t epoch = -492148; /* 19 July 622, Gregorian */
    int32_t y = (int32_t)year;
    return epoch + (y - 1) * 354 + (3 + 11 * y) / 30 + (int32_t)(59 * (month - 1) + 1) / 2 + (int32_t)day - 1;
}

/* 8 leap years in 33; six months of 31 days, five of 30, the last of 29 or 30. */
static unsigned persian_days_in(unsigned year, unsigned month)
{
    return month <= 6 ? 31 : month <= 11 || (25 * year + 11) % 33 < 8 ? 30 : 29;
}

static int32_t persian_to_days(unsigned year, unsigned month, unsigned day)
{
    const int32_t epoch = -492268; /* 21 March 622, Gregorian */
    int32_t y = (int32_t)year, m = (int32_t)month - 1;
    return epoch - 1 + 365 * (y - 1) + (8 * y + 21) / 33 + (m <= 6 ? 31 * m : 30 * m + 6) + (int32_t)day;
}

/* A date of year, month and day in its own calendar: whether there is one, and its day. */
static bool own_to_days(int32_t *out, const struct person_date *d, enum calendar calendar)
{
    uint8_t months[12];
    switch (calendar) {
    case CALENDAR_HIJRI:
        *out = hijri_to_days(d->year, d->month, d->day);
        return d->day <= hijri_days_in(d->year, d->month);
    case CALENDAR_PERSIAN:
        *out = persian_to_days(d->year, d->month, d->day);
        return d->day <= persian_days_in(d->year, d->month);
    case CALENDAR_BIKRAM_SAMBAT:
        if (!rules_bikram_sambat(d->year, months, out) || d->day > months[d->month - 1])
            return false;
        for (unsigned m = 1; m < d->month; m++)
            *out += months[m - 1];
        *out += (int32_t)d->day - 1;
        return true;
    default:
        *out = date_to_days(d->year, d->month, d->day);
        return d->day <= date_days_in(d->year, d->month);
    }
}

/* --- reading --- */

#define PARTS_MAX 3

struct parts {
    unsigned value[PARTS_MAX]; /* 0: unknown */
    size_t length[PARTS_MAX];  /* of its text */
    size_t count;
};

static bool is_unknown(char c)
{
    return c == 'X' || c == '?' || c == '<' || c == '*' || c == '_';
}

/* One part: digits, or signs for unknown. Returns its length, 0 if it is neither. */
static size_t read_part(unsigned *value, const char *text)
{
    size_t digits = strspn(text, "0123456789"), len = digits;
    *value = 0;
    for (size_t i = 0; i < digits && i < 8; i++)
        *value = *value * 10 + (unsigned)(text[i] - '0');
    if (digits == 0)
        for (; is_unknown(text[len]); len++)
            ;
    return len;
}

static bool read_parts(struct parts *p, const char *text)
{
    p->count = 0;
    text += strspn(text, " ");
    while (*text != '\0') {
        if (p->count == PARTS_MAX)
            return false;
        size_t len = read_part(&p->value[p->count], text);
        if (len == 0)
            return false;
        p->length[p->count++] = len;
        text += len;
        size_t gap = strspn(text, "-/. ");
        if (gap == 0 && *text != '\0')
            return false;
        text += gap;
    }
    if (p->count == 1 && p->length[0] == 8) { /* YYYYMMDD */
        unsigned all = p->value[0];
        *p = (struct parts){{all / 10000, all / 100 % 100, all % 100}, {4, 2, 2}, 3};
    }
    return p->count > 0;
}

/* Which part is what. A year has three digits at least, as it is in Minguo. */
static bool arrange(struct person_date *d, const struct parts *p)
{
    const unsigned *v = p->value;
    if (p->length[0] >= 3 && p->length[0] <= 4)
        *d = (struct person_date){.year = v[0], .month = p->count > 1 ? v[1] : 0, .day = p->count > 2 ? v[2] : 0};
    else if (p->count == 3 && p->length[2] >= 3 && p->length[2] <= 4)
        *d = v[1] > 12 && v[0] <= 12 ? (struct person_date){.year = v[2], .month = v[0], .day = v[1]}
                                     : (struct person_date){.year = v[2], .month = v[1], .day = v[0]};
    else if (p->count == 2 && p->length[1] == 4)
        *d = (struct person_date){.year = v[1], .month = v[0]};
    else if (p->count == 3 && p->length[0] == 2 && p->length[1] <= 2 && p->length[2] <= 2) /* a Minguo year below 100 */
        *d = (struct person_date){.year = v[0], .month = v[1], .day = v[2]};
    else
        return false;
    d->day = d->month == 0 ? 0 : d->day;
    return d->year > 0 && d->month <= 12 && d->day <= 32;
}

bool date_parse(struct person_date *out, const char *text, enum calendar calendar)
{
    char plain[32];
    struct parts parts;
    struct person_date d;
    int32_t days;
    plain_from_text(plain, sizeof plain, text);
    if (strlen(plain) + 1 == sizeof plain || !read_parts(&parts, plain) || !arrange(&d, &parts))
        return false;
    if (calendar == CALENDAR_BUDDHIST || (calendar == CALENDAR_GREGORIAN && d.year >= 2390))
        d.year = d.year > BUDDHIST_YEARS ? d.year - BUDDHIST_YEARS : 0;
    else if (calendar == CALENDAR_MINGUO)
        d.year += MINGUO_YEARS;
    bool gregorian = calendar <= CALENDAR_MINGUO;
    if (gregorian && (d.year < YEAR_FIRST || d.year > YEAR_LAST))
        return false;
    if (!gregorian && (d.year < 1200 || d.year > 2100))
        return false;
    if (calendar == CALENDAR_BIKRAM_SAMBAT && d.year > BIKRAM_SAMBAT_LAST && d.year <= 2200) {
        *out = (struct person_date){.year = d.year - (d.month < 10 ? 57 : 56)}; /* its months are not set yet */
        return true;
    }
    struct person_date whole = {d.year, d.month != 0 ? d.month : 7, d.day != 0 ? d.day : d.month != 0 ? 15 : 1, false};
    if (!own_to_days(&days, &whole, calendar))
        return false;
    d.assumed = d.month == 1 && d.day == 1;
    if (!gregorian) {
        date_from_days(&whole, days);
        d.year = whole.year;
        d.month = d.month != 0 ? whole.month : 0;
        d.day = d.day != 0 ? whole.day : 0;
    }
    *out = d;
    return d.year >= YEAR_FIRST && d.year <= YEAR_LAST;
}
