/* What a value must be to be of use, field by field: for feeds and for queries. */
#ifndef CLIENT_FEED_CHECK_H
#define CLIENT_FEED_CHECK_H

#include "client/identity/record.h"

struct field_problem {
    enum field field;
    const char *reason; /* in words, without the value */
    const char *remedy; /* what to do about it */
};
#define RECORD_PROBLEMS_MAX (FIELDS * FIELD_VALUES_MAX)

/* What is known of dates of which the year is the last of three numbers. */
enum dates_order {
    DATES_UNSAID,      /* the day is first, or the month where only that makes a date */
    DATES_DAY_FIRST,   /* declared */
    DATES_MONTH_FIRST, /* declared: such dates were written anew, what is left is none */
    DATES_MIXED        /* some have the month first: of what may be either, the year counts alone */
};

/*
 * Blanks the values that cannot be used, and says which and why: one bad field costs that field. Of a date, what can be
 * used stays, of a zone the fields whose check digits are right. In place: the values must be the caller's. The record
 * id is not looked at. Returns how many are told.
 */
size_t record_mend(struct record *record, enum dates_order order, struct field_problem told[RECORD_PROBLEMS_MAX]);

/* What to do about a value of this field that cannot be used. */
const char *field_remedy(enum field field);

/*
 * What must not be passed over, since the record would go to whom it is not for: a not_for or protected that cannot be
 * read. NULL: nothing; else the reason, and which field.
 */
const char *record_refused(const struct record *record, enum field *field);

/* Whether there is no name, document or date left. */
bool record_is_empty(const struct record *record);

/* Whether it is text of whole characters without NUL. */
bool text_is_utf8(const char *text, size_t len);

#endif
