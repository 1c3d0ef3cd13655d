#include "client/feed/check.h"

#include "client/identity/date.h"
#include "client/identity/document.h"
#include "client/identity/except.h"
#include "client/identity/mrz.h"
#include "protocol/base/mark.h"

#include <string.h>

#define DATE_YEAR_FIRST 1900

static const char *check_country(const char *text)
{
    char code[4];
    country_from_text(code, text);
    return code[0] != '\0' ? NULL : N_("not three letters (ISO 3166-1 alpha-3)");
}

static const char *check_calendar(const char *text)
{
    enum calendar calendar;
    return calendar_named(&calendar, text) ? NULL
                                           : N_("not gregorian, buddhist, minguo, hijri, persian or bikram-sambat");
}

/* What is a date, and yet not plainly one. NULL: it is. */
static const char *doubt_date(const struct person_date *date, const struct date_writing *how, enum dates_order order)
{
    if (how->serial)
        return N_("a number of five digits, and nobody said that days are counted as in spreadsheets");
    if (how->zoned)
        return N_("it has a time of day in a zone: elsewhere it is another day");
    if (order == DATES_MIXED && how->order == DATE_EITHER)
        return N_("day or month first? Others of the feed have the month first");
    if (order == DATES_DAY_FIRST && how->order == DATE_MONTH_FIRST)
        return N_("the month is first, and the feed's dates were declared day first");
    if (order == DATES_MONTH_FIRST && how->order != DATE_PLAIN)
        return N_("the day is first, and the feed's dates were declared month first");
    if (date->year < DATE_YEAR_FIRST)
        return N_("a day before 1900");
    return date_is_to_come(date) ? N_("a day that is still to come") : NULL;
}

static const char *check_date(const struct record *record, size_t i, const char *text, enum dates_order order)
{
    const char *named = record_value(record, FIELD_CALENDAR, i);
    enum calendar calendar;
    struct person_date date;
    struct date_writing how;
    if (named == NULL)
        named = record->field[FIELD_CALENDAR];
    if (!calendar_named(&calendar, named))
        return N_("of a calendar that is not known");
    const bool read = date_parse_written(&date, &how, text, calendar);
    if (how.other_calendar)
        return N_("a year before 1900, or of a calendar that is not said");
    return read ? doubt_date(&date, &how, order) : N_("no way in which dates are written, or no day of the calendar");
}

static const char *check_mrz(const char *text)
{
    struct mrz zone;
    const char *reason = NULL;
    mrz_parse(&zone, text, &reason);
    explicit_bzero(&zone, sizeof zone);
    return reason;
}

static const char *check_not_for(const struct record *record)
{
    const char *text;
    size_t bytes = 0;
    for (size_t i = 0; (text = record_value(record, FIELD_NOT_FOR, i)) != NULL; i++) {
        bytes += strlen(text) + 1;
        if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(text))
            return N_("not states of three letters or names of agencies, parted by |, or none");
        if (strcasecmp(text, "none") == 0 && record->more[FIELD_NOT_FOR] > 0)
            return N_("none beside others");
    }
    return bytes <= EXCEPT_TEXT_MAX ? NULL : N_("too many names");
}

const char *record_refused(const struct record *record, enum field *field)
{
    const char *reason = check_not_for(record);
    *field = reason != NULL ? FIELD_NOT_FOR : FIELD_PROTECTED;
    if (reason == NULL && record->more[FIELD_PROTECTED] > 0)
        reason = N_("more than one value");
    if (reason == NULL && protection_of(record->field[FIELD_PROTECTED]) == PROTECTION_UNREADABLE)
        reason = N_("not yes, no, asylum-seeker, refugee, victim, witness or minor");
    return reason;
}

/* What is wrong with value i of a field, NULL if nothing is. */
static const char *problem(const struct record *record, enum field field, size_t i, const char *text,
                           enum dates_order order)
{
    switch (field) {
    case FIELD_SEX:
        return text[1] == '\0' && strchr("FMXfmx", text[0]) != NULL ? NULL : N_("not F, M or X");
    case FIELD_DATE_OF_BIRTH:
        return check_date(record, i, text, order);
    case FIELD_CALENDAR:
        return check_calendar(text);
    case FIELD_NATIONALITY:
    case FIELD_DOC_ISSUER:
    case FIELD_COUNTRY_OF_BIRTH:
        return check_country(text);
    case FIELD_MRZ:
        return check_mrz(text);
    default:
        return NULL;
    }
}

/* A shorter date, which may be good: year and month, then the year. False if there is none. */
static bool shorten_date(char *text)
{
    char *last = strrchr(text, '-');
    const size_t day = strspn(text, "0123456789"), month = day + strspn(text + day, " -/.");
    const bool named = ((text[month] | 0x20) >= 'a' && (text[month] | 0x20) <= 'z') || (text[month] & 0x80) != 0;
    if (day > 0 && day <= 2 && named) { /* 30 Feb 1987 to Feb 1987 */
        memset(text, ' ', month);
        return true;
    }
    if (strlen(text) == 8 && strspn(text, "0123456789") == 8) { /* YYYYMMDD to YYYY-MM */
        memmove(text + 5, text + 4, 2);
        text[4] = '-';
        text[7] = ' ';
        return true;
    }
    if (last != NULL && last - text >= 4) {
        memset(last, ' ', strlen(last));
        return true;
    }
    for (char *year = text + 1; *year != '\0'; year++) /* DD/MM/YYYY to YYYY */
        if (strspn(year, "0123456789") == 4 && year[-1] != ' ' && strchr("0123456789", year[-1]) == NULL) {
            memmove(text, year, 4);
            memset(text + 4, ' ', strlen(text) - 4);
            return true;
        }
    return false;
}

/* Blanks a value that cannot be used; of a date, what can be stays, and of a zone, what its check digits confirm. */
static void mend(const struct record *record, enum field field, size_t i, char *text, enum dates_order order)
{
    struct mrz zone;
    const char *reason;
    bool good = field == FIELD_MRZ && mrz_parse(&zone, text, &reason);
    explicit_bzero(&zone, sizeof zone);
    while (!good && field == FIELD_DATE_OF_BIRTH && shorten_date(text))
        good = problem(record, field, i, text, order) == NULL;
    if (!good)
        memset(text, ' ', strlen(text));
}

const char *field_remedy(enum field field)
{
    static const char *const remedies[FIELDS] = {
        [FIELD_RECORD_ID] = "give each record an id of its own",
        [FIELD_SEX] = "write F, M or X, or leave it empty",
        [FIELD_DATE_OF_BIRTH] = "write YYYY-MM-DD, or what is known of it; or say how it is written: --dates",
        [FIELD_CALENDAR] = "write one of these, or leave it empty where the date is Gregorian",
        [FIELD_NATIONALITY] = "write the three letters of ISO 3166-1, such as THA",
        [FIELD_DOC_ISSUER] = "write the three letters of ISO 3166-1, such as THA",
        [FIELD_COUNTRY_OF_BIRTH] = "write the three letters of ISO 3166-1, such as THA",
        [FIELD_MRZ] = "copy the zone again from the document, all its lines",
        [FIELD_NOT_FOR] = "write states of three letters or names of agencies parted by |, or none",
        [FIELD_PROTECTED] = "write yes, no, or what for",
    };
    return remedies[field] != NULL ? remedies[field] : "correct it, or leave it empty";
}

size_t record_mend(struct record *record, enum dates_order order, struct field_problem told[RECORD_PROBLEMS_MAX])
{
    const char *text, *reason;
    size_t count = 0;
    for (int f = 0; f < FIELDS; f++)
        for (size_t i = 0; (text = record_value(record, (enum field)f, i)) != NULL; i++) {
            if (text[0] == '\0' || (reason = problem(record, (enum field)f, i, text, order)) == NULL)
                continue;
            mend(record, (enum field)f, i, (char *)text, order); /* lent by the caller */
            if (count < RECORD_PROBLEMS_MAX)
                told[count++] = (struct field_problem){(enum field)f, reason, field_remedy((enum field)f)};
        }
    return count;
}

bool record_is_empty(const struct record *record)
{
    static const enum field needed[] = {FIELD_FAMILY_NAME, FIELD_GIVEN_NAMES, FIELD_NAME_NATIVE,  FIELD_ALIASES,
                                        FIELD_DOC_NUMBER,  FIELD_MRZ,         FIELD_DATE_OF_BIRTH};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (strspn(record->field[needed[i]], " ") < strlen(record->field[needed[i]]) || record->more[needed[i]] > 0)
            return false;
    return true;
}
