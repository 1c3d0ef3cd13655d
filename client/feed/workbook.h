/*
 * An .xlsx workbook (ECMA-376): which sheets it has, its shared texts, which of its cells hold dates; and one sheet, a
 * row at a time. Formulas count by the value that was saved with them. For the files of this folder alone.
 */
#ifndef CLIENT_FEED_WORKBOOK_H
#define CLIENT_FEED_WORKBOOK_H

#include "client/feed/part.h"
#include "protocol/base/buf.h"
#include "protocol/base/file.h"

#define WORKBOOK_SHEETS_MAX 256
#define WORKBOOK_NAME_MAX 127  /* bytes of a sheet's name: 31 characters */
#define WORKBOOK_CELL_MAX 8191 /* bytes of a cell's text: eight values of the longest that a record may have */

struct workbook;

enum workbook_cell_kind { WORKBOOK_TEXT, WORKBOOK_NUMBER, WORKBOOK_DATE, WORKBOOK_FAULT };

/* A cell that is not empty. Its text lives until the next one; of a number it has no exponent. */
struct workbook_cell {
    enum workbook_cell_kind kind;
    size_t column; /* from 0 */
    const char *text;
    size_t len;
    uint32_t days;               /* of WORKBOOK_DATE: as spreadsheets count, from the book's epoch */
    const char *reason, *remedy; /* of WORKBOOK_FAULT: constants */
};

/*
 * The workbook in fd, which stays the caller's. sheet: by name, in any case; "": its only one. path: for messages.
 * ERR_INPUT: it is damaged, or something else in a ZIP archive; ERR_USAGE: no such sheet, or several; says which.
 */
int workbook_open(struct workbook **out, const char *path, int fd, const char *sheet, struct err *err);
void workbook_free(struct workbook *book);

/*
 * The cells of the next row that is not empty, in order, each handed to take(); *line: its number in the sheet, which
 * grows. *end: there is none any more.
 */
int workbook_read_row(struct workbook *book, void (*take)(void *context, const struct workbook_cell *cell),
                      void *context, size_t *line, bool *end, struct err *err);

const char *workbook_sheet(const struct workbook *book);
bool workbook_counts_from_1904(const struct workbook *book);

/* Bytes of the sheet that were read, and that it says to have. */
void workbook_progress(const struct workbook *book, uint64_t *done, uint64_t *total);

#endif
