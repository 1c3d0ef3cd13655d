/* Names of months and eras in dates (rules/months.txt). */
#ifndef CLIENT_IDENTITY_MONTH_H
#define CLIENT_IDENTITY_MONTH_H

#include <stddef.h>

enum month_calendar {
    MONTH_ANY, /* says nothing of the calendar */
    MONTH_GREGORIAN,
    MONTH_BUDDHIST,
    MONTH_MINGUO,
    MONTH_HIJRI,
    MONTH_PERSIAN,
    MONTH_NEPALI
};

struct month_name {
    size_t bytes;   /* of text; 0: no name stands there */
    unsigned month; /* 0: a word that says the calendar, or nothing */
    enum month_calendar calendar;
    unsigned first; /* of an era: the year before its first one; 0: none */
};

/* The longest name that text (UTF-8, composed, capitals) begins with. */
void month_named(struct month_name *out, const char *text);

#endif
