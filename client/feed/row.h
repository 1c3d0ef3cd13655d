/* A row while it is read: values are added field by field; what is wrong with it first is kept. */
#ifndef CLIENT_FEED_ROW_H
#define CLIENT_FEED_ROW_H

#include "client/feed/check.h"

#include <stdbool.h>

#define ROW_TEXT_MAX (64u << 10) /* bytes of all values with their NULs */

struct row {
    char text[ROW_TEXT_MAX];
    size_t len;
    struct {
        uint32_t start; /* of the first value in text */
        uint8_t count;
    } field[FIELDS];
    const char *bad_field, *bad_reason; /* NULL: good */
    size_t line;                        /* where it begins */
    bool lenient;                       /* too long, or not UTF-8, counts as missing */
    struct field_problem told[RECORD_PROBLEMS_MAX];
    size_t tells; /* values that could not be used */
};

/* Forgets the row before and wipes what it held. */
void row_clear(struct row *row, size_t line);

/* The first reason counts. field: a column's name, or "row". Both are constants. */
void row_reject(struct row *row, const char *field, const char *reason);

/*
 * Adds a value, without the blanks around it. Values of one field are added one after another, none of another field
 * between them. Rejects what is too long, not UTF-8 or one too many.
 */
void row_add(struct row *row, enum field field, const char *text, size_t len);

/* Adds the values of "one | two; three". */
void row_add_split(struct row *row, enum field field, const char *text, size_t len);

/* Mends the values together (record_mend), and lends them to record. Rejects a row of which nothing is left. */
void row_finish(struct row *row, struct record *record);

#endif
