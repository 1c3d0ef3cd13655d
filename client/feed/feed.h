/*
 * Reading a feed, streamed in bounded memory:
 *
 *     CSV          a header line of column names; UTF-8; a byte order mark, quotes, CRLF are fine. The column
 *                  `aliases` and `not_for` hold several values parted by | or ;.
 *     .xlsx        a sheet of a workbook (workbook.h), whose first row that is not empty names the columns; values as
 *                  CSV's.
 *     JSON lines   an object a line (64 KiB at most), members as CSV's columns; each is a text, a whole number
 *                  or a list of them. By the file's name (.jsonl, .ndjson, .json), or if it begins with {.
 *
 * What cannot be used goes to PATH.rejects.csv (feed_rejects_path()) as `line,record_id,field,fault,remedy`, every
 * fault of a row, without the value. One bad field costs that field alone; a row that cannot be read, has no record_id
 * or nothing else of use, or does not say readably whom it is not for, is left out. The others go through.
 */
#ifndef CLIENT_FEED_FEED_H
#define CLIENT_FEED_FEED_H

#include "client/feed/check.h"
#include "client/feed/doubles.h"
#include "client/identity/record.h"
#include "protocol/base/file.h"

#include <stdbool.h>
#include <stdint.h>

struct feed;

/* Why a row is rejected. Texts are constants. */
struct row_fault {
    const char *field, *reason, *remedy; /* field: a column's name, or "row" */
};

struct feed_options {
    const char *path;
    const char *const *map; /* "column=field" strings: the file's column NAME holds our field; may be NULL */
    size_t map_count;
    const char *encoding; /* see decode.h; NULL or "": UTF-8, or UTF-16 told by its beginning */
    /*
     * For looking at values alone: nothing is written beside the file, and one that is too long or not UTF-8 counts as
     * missing, too.
     */
    bool lenient;
    const char *dates;   /* what is declared of the dates (dates.h); NULL or "": nothing */
    bool dates_mixed;    /* and nothing was, and some have the month first: what may be either counts by its year */
    const char *sheet;   /* of a workbook; NULL or "": its only one */
    const char *rejects; /* a directory for the rejects file; NULL or "": beside the feed */
    bool dry;            /* nothing is written beside the file */
    bool any_columns;    /* what is not known is passed over, as with the map's "*=" */
    const struct doubles *doubles; /* rows with one of these ids are rejected; NULL: none */
};

/*
 * Opens, and reads the header of CSV or a sheet; the map is borrowed until feed_free(). ERR_INPUT: empty, a directory,
 * CSV not in UTF-8, a workbook that is damaged, a column twice, no record_id column; ERR_USAGE: an unknown field in the
 * map, no such sheet; says which. A rejects file of an earlier run is removed.
 */
int feed_open(struct feed **out, const struct feed_options *options, struct err *err);

/* The next good row; *end when there is none. The record's values live until the next call. */
int feed_next(struct feed *feed, struct record *record, bool *end, struct err *err);

/*
 * The next row, rejected or not. reason: NULL, or why it was rejected; then its record_id alone may be used, which is
 * "" where that could not be read. Why single values were left out is in feed_told().
 */
int feed_next_any(struct feed *feed, struct record *record, const char **reason, bool *end, struct err *err);

/*
 * Where the rejects file is, or would be: in a directory of rejects its name has a number, too, that stands for where
 * the feed lies, so that those of two feeds of one name do not take each other's place. And whether there is one.
 */
#define FEED_REJECTS_MAX (PATH_LIMIT + 32)
void feed_rejects_path(char out[FEED_REJECTS_MAX], const struct feed_options *options);
bool feed_rejects_left(char out[FEED_REJECTS_MAX], const struct feed_options *options);

/* Why a row is rejected: fault i, NULL past the last one. */
const struct row_fault *feed_fault(const struct feed *feed, size_t i);

/* Whether nobody said if the day or the month is first. */
bool feed_asks_order(const struct feed *feed);

/* What could not be used of the row that was read last; *count of them. Until the next one is read. */
const struct field_problem *feed_told(const struct feed *feed, size_t *count);

/*
 * What parts the values of a CSV file, "commas", "semicolons" or "tabs"; "sheet NAME", "JSON lines" of the other kinds.
 */
const char *feed_format(const struct feed *feed);
const char *feed_encoding(const struct feed *feed);

#define NO_FIELD (-1)       /* of a column: not known */
#define COLUMN_IGNORED (-2) /* left out: by the map, `NAME=` or `*=`, or without a name in a sheet */

/*
 * Column i of a CSV file or a sheet: its name and its field, or one of these; near: what may be meant by a name that is
 * not known, or NULL. False past the last. Borrowed.
 */
bool feed_column(const struct feed *feed, size_t i, const char **name, int *field, const char **near);

/* The row with this record_id; its values live until the next call. ERR_NOT_FOUND. */
int feed_find(struct feed *feed, struct record *record, const char *id, struct err *err);

/* Bytes read so far and in all, for progress; rows of which something was rejected so far. */
void feed_progress(const struct feed *feed, uint64_t *done, uint64_t *total);
uint64_t feed_rejected(const struct feed *feed);

/* Completes the rejects file. ERR_IO or ERR_NO_MEMORY if it could not be written. feed_free() alone discards. */
int feed_finish(struct feed *feed, struct err *err);
void feed_free(struct feed *feed);

#endif
