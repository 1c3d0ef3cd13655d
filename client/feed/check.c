#include "client/feed/check.h"

#include "client/identity/date.h"
#include "client/identity/document.h"
#include "client/identity/mrz.h"

#include <string.h>

static const char *check_country(const char *text)
{
    char code[4];
    country_from_text(code, text);
    return code[0] != '\0' ? NULL : "not three letters (ISO 3166-1 alpha-3)";
}

static const char *check_calendar(const char *text)
{
    enum calendar calendar;
    return calendar_named(&calendar, text) ? NULL : "not gregorian, buddhist, minguo, hijri, persian or bikram-sambat";
}

static const char *check_date(const struct record *record, size_t i, const char *text)
{
    const char *named = record_value(record, FIELD_CALENDAR, i);
    enum calendar calendar;
    struct person_date date;
    if (named == NULL)
        named = record->field[FIELD_CALENDAR];
    if (!calendar_named(&calendar, named) || date_parse(&date, text, calendar))
        return NULL;
    return "not YYYY, YYYY-MM, YYYY-MM-DD, YYYYMMDD or DD-MM-YYYY, or no day of the calendar";
}

static const char *check_mrz(const char *text)
{
    struct mrz zone;
    const char *reason = NULL;
    mrz_parse(&zone, text, &reason);
    explicit_bzero(&zone, sizeof zone);
    return reason;
}

/* What is wrong with value i of a field, NULL if nothing is. */
static const char *problem(const struct record *record, enum field field, size_t i, const char *text)
{
    switch (field) {
    case FIELD_SEX:
        return text[1] == '\0' && strchr("FMXfmx", text[0]) != NULL ? NULL : "not F, M or X";
    case FIELD_DATE_OF_BIRTH:
        return check_date(record, i, text);
    case FIELD_CALENDAR:
        return check_calendar(text);
    case FIELD_NATIONALITY:
    case FIELD_DOC_ISSUER:
        return check_country(text);
    case FIELD_MRZ:
        return check_mrz(text);
    default:
        return NULL;
    }
}

bool record_check(const struct record *record, enum field *field, const char **reason)
{
    const char *text;
    for (int f = 0; f < FIELDS; f++)
        for (size_t i = 0; (text = record_value(record, (enum field)f, i)) != NULL; i++)
            if (text[0] != '\0' && (*reason = problem(record, (enum field)f, i, text)) != NULL) {
                *field = (enum field)f;
                return false;
            }
    return true;
}

/* A shorter date, which may be good: year and month, then the year. False if there is none. */
static bool shorten_date(char *text)
{
    char *last = strrchr(text, '-');
    if (strlen(text) == 8 && strspn(text, "0123456789") == 8) { /* YYYYMMDD to YYYY-MM */
        memmove(text + 5, text + 4, 2);
        text[4] = '-';
        text[7] = ' ';
        return true;
    }
    if (last == NULL || last - text < 4)
        return false;
    memset(last, ' ', strlen(last));
    return true;
}

void record_mend(struct record *record)
{
    const char *text;
    for (int f = 0; f < FIELDS; f++)
        for (size_t i = 0; (text = record_value(record, (enum field)f, i)) != NULL; i++) {
            char *own = (char *)text; /* lent by the row */
            bool good = text[0] == '\0' || problem(record, (enum field)f, i, text) == NULL;
            while (!good && f == FIELD_DATE_OF_BIRTH && shorten_date(own))
                good = problem(record, (enum field)f, i, text) == NULL;
            if (!good)
                memset(own, ' ', strlen(own));
        }
}
