/* Dates of birth as agencies write them, in the calendars of the region. */
#ifndef CLIENT_IDENTITY_DATE_H
#define CLIENT_IDENTITY_DATE_H

#include "client/identity/person.h"

/*
 * Calendars that a feed may declare. Hijri is the civil (tabular) one, Persian the Solar Hijri of Iran and
 * Afghanistan; both are computed. Bikram Sambat goes by the table of its months (rules/bikram-sambat.txt).
 */
enum calendar {
    CALENDAR_GREGORIAN,
    CALENDAR_BUDDHIST,
    CALENDAR_MINGUO,
    CALENDAR_HIJRI,
    CALENDAR_PERSIAN,
    CALENDAR_BIKRAM_SAMBAT,
    CALENDARS
};

/* "gregorian", "buddhist", ... and usual other names; "" is Gregorian. False if it is none. */
bool calendar_named(enum calendar *out, const char *name);

/*
 * YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDD; day first where it is written DD-MM-YYYY (month first where only that makes
 * a date); `-`, `/`, `.`, `,` and spaces part alike; 00, XX or ?? stand for unknown; digits of any script, numerals of
 * Chinese. Months by their names in the languages of the region, eras and calendars by theirs (rules/months.txt): the
 * name of a month of another calendar says that the date is of that one. A time of day behind it falls; five digits
 * are a day as spreadsheets count. Minguo also as YYYMMDD. A Gregorian year of 2390 or later is taken for a Buddhist
 * one. A year of two digits is read beside the name of a month alone, as the latest that has come. False if it is no
 * date of that calendar, or outside the years 1850 to 2150.
 *
 * A month or year alone of a calendar whose months are not the Gregorian ones becomes the month or year of its middle.
 */
bool date_parse(struct person_date *out, const char *text, enum calendar calendar);

/* What the writing of a date leaves open, for those who would rather ask than guess. */
struct date_writing {
    enum { DATE_PLAIN, DATE_DAY_FIRST, DATE_MONTH_FIRST, DATE_EITHER } order; /* of a year last; EITHER: 03/04/1987 */
    bool serial;                                                              /* five digits */
    bool other_calendar; /* of no calendar that is said: a year of 2390 or later, or before 1850 */
    bool zoned;          /* with a time of day in a zone that is not midnight: elsewhere it is another day */
};

/* The same, and how it is written; *how is filled also where it is no date, as far as it was understood. */
bool date_parse_written(struct person_date *out, struct date_writing *how, const char *text, enum calendar calendar);

/* Whether a date (or the year or month of it that is known) is still to come. Asks the clock. */
bool date_is_to_come(const struct person_date *date);

/* The year that ends in these two digits: `century` + two_digits, or a hundred years before if that is to come. */
unsigned date_latest_year(unsigned two_digits, unsigned century);

/* Days after 1 January 1970 of a Gregorian date, and back. */
int32_t date_to_days(unsigned year, unsigned month, unsigned day);
void date_from_days(struct person_date *out, int32_t days);

/* Days of a month of the Gregorian calendar. */
unsigned date_days_in(unsigned year, unsigned month);

#endif
