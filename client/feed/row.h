/* A row while it is read: values are added field by field; what is wrong with it first is kept. */
#ifndef CLIENT_FEED_ROW_H
#define CLIENT_FEED_ROW_H

#include "client/feed/dates.h"
#include "client/feed/feed.h"

#define ROW_TEXT_MAX (64u << 10) /* bytes of all values with their NULs */

#define ROW_FAULTS_MAX 16

struct row {
    char text[ROW_TEXT_MAX];
    size_t len;
    struct {
        uint32_t start; /* of the first value in text */
        uint8_t count;
    } field[FIELDS];
    struct row_fault fault[ROW_FAULTS_MAX];
    size_t faults;             /* 0: good */
    size_t line;               /* where it begins */
    bool lenient;              /* too long, or not UTF-8, counts as missing without a word */
    const struct dates *dates; /* the feed's */
    bool gregorian;            /* a date of it is of that calendar, whatever the row says */
    struct field_problem told[2 * RECORD_PROBLEMS_MAX];
    size_t tells; /* values that could not be used */
};

/* Forgets the row before and wipes what it held. */
void row_clear(struct row *row, size_t line);

/* All are constants, and the same is said once; field: a column's name, or "row". */
void row_reject(struct row *row, const char *field, const char *reason, const char *remedy);

/*
 * Adds a value, without the blanks around it. Values of one field are added one after another, none of another field
 * between them. What is too long, not UTF-8 or one too many is left out and told; of the id and of whom the record is
 * not for it rejects the row.
 */
void row_add(struct row *row, enum field field, const char *text, size_t len);

/*
 * Says of a value that it cannot be used; its place stays empty. Of the id and of whom the record is not for it rejects
 * the row.
 */
void row_refuse(struct row *row, enum field field, const char *reason, const char *remedy);

/* Adds the values of "one | two; three". */
void row_add_split(struct row *row, enum field field, const char *text, size_t len);

/* A date, which is written anew where the feed's are declared. */
void row_add_date(struct row *row, const char *text, size_t len);

/* The text of a cell: split or written anew as its field wants it. */
void row_add_field(struct row *row, enum field field, const char *text, size_t len);

/* Mends the values together (record_mend), and lends them to record. Rejects a row of which nothing is left. */
void row_finish(struct row *row, struct record *record);

#endif
