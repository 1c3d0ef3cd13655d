#include "client/identity/date.h"

#include "client/identity/month.h"
#include "client/identity/plain.h"
#include "client/identity/rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define YEAR_FIRST 1850
#define YEAR_LAST 2150
#define BUDDHIST_YEARS 543 /* 2540 is 1997 */
#define BUDDHIST_FROM 2390 /* a Gregorian year that nobody living has */
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

/* --- years of two digits --- */

static void today(struct person_date *out)
{
    date_from_days(out, (int32_t)(time(NULL) / 86400));
}

bool date_is_to_come(const struct person_date *date)
{
    struct person_date now;
    today(&now);
    if (date->year != now.year)
        return date->year > now.year;
    return date->month > now.month || (date->month == now.month && date->day > now.day + 1); /* it is later elsewhere */
}

unsigned date_latest_year(unsigned two_digits, unsigned century)
{
    struct person_date now;
    today(&now);
    return century + two_digits <= now.year ? century + two_digits : century + two_digits - 100;
}

/* --- reading --- */

#define PARTS_MAX 3
#define TEXT_MAX 128 /* bytes of a date */

/* What is written: up to three numbers, and what words tell of them. */
struct parts {
    unsigned value[PARTS_MAX]; /* 0: unknown */
    size_t length[PARTS_MAX];  /* of its text */
    char role[PARTS_MAX];      /* 'Y', 'M', 'D' where a sign behind it says so */
    size_t count;
    unsigned month; /* by name; 0: none */
    enum month_calendar told;
    unsigned first; /* the year before an era */
    bool thai;
};

static bool is_unknown(char c)
{
    return c == 'X' || c == '?' || c == '<' || c == '*' || c == '_';
}

static bool prepare_ascii(char out[TEXT_MAX], const char *text)
{
    size_t i = 0;
    for (; text[i] != '\0' && (uint8_t)text[i] < 0x80 && i + 1 < TEXT_MAX; i++)
        out[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
    out[i] = '\0';
    return text[i] == '\0';
}

/* Composed, in capitals, with the digits of ASCII. False if it does not fit. */
static bool prepare(char out[TEXT_MAX], const char *text)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar wide[TEXT_MAX], composed[TEXT_MAX];
    int32_t len, bytes;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&code);
    u_strFromUTF8WithSub(wide, TEXT_MAX, &len, text, -1, '?', NULL, &code);
    len = unorm2_normalize(nfkc, wide, len, composed, TEXT_MAX, &code);
    for (int32_t i = 0; U_SUCCESS(code) && i < len; i++) {
        int32_t digit = u_charDigitValue(composed[i]);
        UChar c = composed[i];
        composed[i] = digit >= 0                                ? (UChar)('0' + digit)
                      : (c >= 0x2010 && c <= 0x2015)            ? '-'
                      : c == 0x3001 || c == 0x060C || c == 0xB7 ? ' '
                                                                : (UChar)u_toupper(c);
    }
    u_strToUTF8(out, TEXT_MAX, &bytes, composed, U_SUCCESS(code) ? len : 0, &code);
    explicit_bzero(wide, sizeof wide);
    explicit_bzero(composed, sizeof composed);
    return U_SUCCESS(code) && bytes < TEXT_MAX;
}

/* "1987-03-04 00:00:00", "1987-03-04T00:00Z": spreadsheets and databases put a time behind a date. */
static void cut_time(char *text, bool *zoned)
{
    char *colon = strchr(text, ':'), *at = colon;
    if (colon == NULL)
        return;
    while (at > text && at[-1] >= '0' && at[-1] <= '9')
        at--;
    if (at == colon || at == text || (at[-1] != ' ' && at[-1] != 'T'))
        return;
    const char *zone = at + strspn(at, "0123456789:., ");
    *zoned = (*zone == 'Z' || *zone == '+' || *zone == '-') && strspn(at, "0:., ") < (size_t)(zone - at);
    at[-1] = '\0';
}

/* A number in the numerals of Chinese: 七十六, 一九八七, 元 for the first year of an era. Its bytes. */
static size_t read_han(unsigned *value, const char *text)
{
    static const char *const numeral[] = {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    size_t len = 0;
    unsigned last = 0;
    *value = 0;
    if (strncmp(text, "元", 3) == 0) {
        *value = 1;
        return 3;
    }
    for (bool found = true; found && len < 24;) {
        found = strncmp(text + len, "十", 3) == 0;
        if (found) {
            *value = *value - last + (last == 0 ? 1 : last) * 10;
            last = 0;
        }
        for (unsigned d = 0; !found && d < 10; d++)
            if (strncmp(text + len, numeral[d], 3) == 0) {
                *value = (len > 0 && strncmp(text + len - 3, "十", 3) == 0 ? *value : *value * 10) + d;
                last = d;
                found = true;
            }
        len += found ? 3 : 0;
    }
    return len;
}

/* One number: digits, or signs for unknown. Returns its length, 0 if it is neither. */
static size_t read_number(unsigned *value, const char *text)
{
    size_t digits = strspn(text, "0123456789"), len = digits;
    *value = 0;
    for (size_t i = 0; i < digits && i < 8; i++)
        *value = *value * 10 + (unsigned)(text[i] - '0');
    if (digits == 0)
        for (; is_unknown(text[len]); len++)
            ;
    return len > 0 ? len : read_han(value, text);
}

static bool add_number(struct parts *p, unsigned value, size_t length, const char *behind)
{
    static const char *const signs[] = {"年", "년", "月", "월", "日", "일", "號", "号"};
    if (p->count == PARTS_MAX)
        return false;
    p->value[p->count] = value;
    p->length[p->count] = length;
    p->role[p->count] = '\0';
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strncmp(behind, signs[i], 3) == 0)
            p->role[p->count] = "YYMMDDDD"[i];
    p->count++;
    return true;
}

/* A word: the name of a month, of an era or calendar, or one that says nothing. Its bytes, 0 if it is none of these. */
static size_t read_word(struct parts *p, const char *text)
{
    struct month_name name;
    month_named(&name, text);
    if (name.month != 0 && p->month != 0 && p->month != name.month)
        return 0;
    p->month = name.month != 0 ? name.month : p->month;
    if (name.calendar > MONTH_GREGORIAN || (name.month == 0 && name.calendar != MONTH_ANY))
        p->told = name.calendar;
    p->first = name.first != 0 ? name.first : p->first;
    p->thai = p->thai ||
              (name.month != 0 && (uint8_t)text[0] == 0xE0 && (uint8_t)text[1] >= 0xB8 && (uint8_t)text[1] <= 0xB9);
    return name.bytes;
}

/* "S62.3.4": the eras of Japan by their first letter. */
static size_t read_era(struct parts *p, const char *text)
{
    static const char letters[] = "MTSHR";
    static const unsigned first[] = {1867, 1911, 1925, 1988, 2018};
    const char *letter = text[0] != '\0' ? strchr(letters, text[0]) : NULL;
    if (letter == NULL || text[1] < '0' || text[1] > '9')
        return 0;
    p->first = first[letter - letters];
    p->told = MONTH_GREGORIAN;
    return 1;
}

static bool read_parts(struct parts *p, const char *text)
{
    *p = (struct parts){.count = 0};
    text += strspn(text, " ");
    text += read_era(p, text);
    while (*text != '\0') {
        unsigned value;
        bool digit = *text >= '0' && *text <= '9';
        size_t len = digit && strstr(text, "\xD0") == NULL ? 0 : read_word(p, text); /* "3-Р САРЫН" is a name */
        if (len == 0) {
            len = read_number(&value, text);
            bool parted = digit || is_unknown(*text) || (uint8_t)*text >= 0x80;
            if (len == 0 || !parted || !add_number(p, value, len, text + len))
                return false;
        }
        text += len;
        text += strspn(text, "-/., ");
    }
    return p->count > 0;
}

/* --- which number is what --- */

static bool is_year(const struct parts *p, size_t i)
{
    return p->length[i] >= 3 && p->length[i] <= 4;
}

/* A year of two digits behind the name of a month: the latest that has come. Thai ones are of the Buddhist era. */
static unsigned whole_year(const struct parts *p, size_t i)
{
    if (is_year(p, i) || p->told > MONTH_GREGORIAN || p->first != 0)
        return p->value[i];
    return p->thai ? date_latest_year(p->value[i], 2000 - 43) + BUDDHIST_YEARS : date_latest_year(p->value[i], 2000);
}

/* The month by its name, and a day, a year or both beside it, the day first where both may be it. */
static bool arrange_named(struct person_date *d, const struct parts *p)
{
    if (p->count > 2)
        return false;
    size_t year = p->count == 1 || (!is_year(p, 0) && p->value[0] <= 31 && p->role[0] != 'Y') ? p->count - 1 : 0;
    if (p->count == 1 && !is_year(p, 0) && p->value[0] <= 31)
        return false;
    *d = (struct person_date){.year = whole_year(p, year), .month = p->month};
    if (p->count == 2)
        d->day = p->value[1 - year];
    return p->count == 1 || p->length[1 - year] <= 2;
}

static bool arrange_by_role(struct person_date *d, const struct parts *p)
{
    *d = (struct person_date){0};
    for (size_t i = 0; i < p->count; i++)
        *(p->role[i] == 'M'                                     ? &d->month
          : p->role[i] == 'D' || (i == 2 && p->role[i] == '\0') ? &d->day
                                                                : &d->year) = p->value[i];
    return d->year > 0;
}

/* Days after 30 December 1899, as spreadsheets count. */
static bool from_serial(struct person_date *d, unsigned serial)
{
    date_from_days(d, (int32_t)serial - 25569);
    return serial >= 10000;
}

/*
 * Digits alone: YYYYMMDD, DDMMYYYY where that alone is one, also without the zero that a spreadsheet took; of minguo
 * YYYMMDD and YYMMDD; five are a day of a spreadsheet.
 */
static bool arrange_digits(struct person_date *d, unsigned all, size_t length, bool minguo)
{
    bool leading = length == 7 && all < 1000000;
    if (length == 5)
        return !minguo && from_serial(d, all);
    if (length == 8 && all / 10000 >= 1200)
        *d = (struct person_date){.year = all / 10000, .month = all / 100 % 100, .day = all % 100};
    else if ((length == 7 || length == 6) && (minguo || leading))
        *d = (struct person_date){
            .year = all / 10000 + (minguo ? 0 : MINGUO_YEARS), .month = all / 100 % 100, .day = all % 100};
    else if (length == 8 || length == 7)
        *d = (struct person_date){.year = all % 10000, .month = all / 10000 % 100, .day = all / 1000000};
    else
        return false;
    return true;
}

/* How three numbers are to be read of which the year is the last. */
static void note_order(struct date_writing *how, const struct parts *p)
{
    if (p->month != 0 || p->count != 3 || p->role[0] != '\0' || p->role[1] != '\0' || !is_year(p, 2) || is_year(p, 0))
        return;
    if (p->value[0] > 12 || p->value[0] == 0 || p->value[1] == 0 || p->value[0] == p->value[1])
        how->order = DATE_DAY_FIRST;
    else
        how->order = p->value[1] > 12 ? DATE_MONTH_FIRST : DATE_EITHER;
}

/* Which number is what. A year has three digits at least, as it is in Minguo. */
static bool arrange(struct person_date *d, const struct parts *p, bool minguo)
{
    const unsigned *v = p->value;
    bool good = true, eras = p->first != 0 || minguo;
    if (p->month != 0)
        good = arrange_named(d, p);
    else if (p->count == 1 && p->length[0] >= 5 && p->length[0] <= 8)
        good = arrange_digits(d, v[0], p->length[0], minguo);
    else if (p->role[0] != '\0' || (p->count > 1 && p->role[1] != '\0'))
        good = arrange_by_role(d, p);
    else if (is_year(p, 0) || (eras && p->length[0] <= 2 && (p->count != 3 || !is_year(p, 2))))
        *d = (struct person_date){.year = v[0], .month = p->count > 1 ? v[1] : 0, .day = p->count > 2 ? v[2] : 0};
    else if (p->count == 3 && is_year(p, 2))
        *d = v[1] > 12 && v[0] <= 12 ? (struct person_date){.year = v[2], .month = v[0], .day = v[1]}
                                     : (struct person_date){.year = v[2], .month = v[1], .day = v[0]};
    else if (p->count == 2 && p->length[1] == 4)
        *d = (struct person_date){.year = v[1], .month = v[0]};
    else
        return false;
    d->year += p->first;
    d->day = d->month == 0 ? 0 : d->day;
    return good && d->year > 0 && d->month <= 12 && d->day <= 32;
}

/* The calendar of a date: what its words say; else what the feed says, unless only Gregorian months are named. */
static enum calendar calendar_of(const struct parts *p, enum calendar declared)
{
    static const enum calendar told[] = {
        [MONTH_GREGORIAN] = CALENDAR_GREGORIAN, [MONTH_BUDDHIST] = CALENDAR_BUDDHIST,
        [MONTH_MINGUO] = CALENDAR_MINGUO,       [MONTH_HIJRI] = CALENDAR_HIJRI,
        [MONTH_PERSIAN] = CALENDAR_PERSIAN,     [MONTH_NEPALI] = CALENDAR_BIKRAM_SAMBAT};
    if (p->told != MONTH_ANY)
        return told[p->told];
    return p->month != 0 && declared > CALENDAR_MINGUO ? CALENDAR_GREGORIAN : declared;
}

/* A date in its own calendar, as Gregorian. False if there is no such date. */
static bool convert(struct person_date *d, enum calendar calendar)
{
    int32_t days;
    struct person_date whole = {d->year, d->month != 0 ? d->month : 7,
                                d->day != 0     ? d->day
                                : d->month != 0 ? 15
                                                : 1,
                                false};
    if (!own_to_days(&days, &whole, calendar))
        return false;
    d->assumed = d->month == 1 && d->day == 1;
    if (calendar > CALENDAR_MINGUO) {
        date_from_days(&whole, days);
        d->year = whole.year;
        d->month = d->month != 0 ? whole.month : 0;
        d->day = d->day != 0 ? whole.day : 0;
    }
    return true;
}

/* The numbers of a date in its own calendar, and how they are written. */
static bool read_written(struct person_date *d, struct date_writing *how, enum calendar *calendar, const char *text)
{
    char plain[TEXT_MAX];
    struct parts parts;
    if (!prepare_ascii(plain, text) && !prepare(plain, text))
        return false;
    cut_time(plain, &how->zoned);
    bool read = read_parts(&parts, plain);
    *calendar = read ? calendar_of(&parts, *calendar) : *calendar;
    read = read && arrange(d, &parts, *calendar == CALENDAR_MINGUO);
    if (read) {
        note_order(how, &parts);
        how->serial = parts.month == 0 && parts.count == 1 && parts.length[0] == 5;
        how->other_calendar =
            *calendar == CALENDAR_GREGORIAN && !parts.thai && (d->year >= BUDDHIST_FROM || d->year < YEAR_FIRST);
    }
    explicit_bzero(plain, sizeof plain);
    explicit_bzero(&parts, sizeof parts);
    return read;
}

bool date_parse(struct person_date *out, const char *text, enum calendar calendar)
{
    struct date_writing how;
    return date_parse_written(out, &how, text, calendar);
}

bool date_parse_written(struct person_date *out, struct date_writing *how, const char *text, enum calendar calendar)
{
    struct person_date d = {0};
    *how = (struct date_writing){.order = DATE_PLAIN};
    if (!read_written(&d, how, &calendar, text))
        return false;
    if (calendar == CALENDAR_BUDDHIST || (calendar == CALENDAR_GREGORIAN && d.year >= BUDDHIST_FROM))
        d.year = d.year > BUDDHIST_YEARS ? d.year - BUDDHIST_YEARS : 0;
    else if (calendar == CALENDAR_MINGUO)
        d.year += MINGUO_YEARS;
    bool gregorian = calendar <= CALENDAR_MINGUO;
    if (gregorian && (d.year < YEAR_FIRST || d.year > YEAR_LAST))
        return false;
    if (!gregorian && (d.year < 1200 || d.year > 2100))
        return false;
    if (calendar == CALENDAR_BIKRAM_SAMBAT && d.year > BIKRAM_SAMBAT_LAST) {
        *out = (struct person_date){.year = d.year - (d.month < 10 ? 57 : 56)}; /* its months are not set yet */
        return true;
    }
    if (!convert(&d, calendar))
        return false;
    *out = d;
    return d.year >= YEAR_FIRST && d.year <= YEAR_LAST;
}
