/* The inside of a workbook, for workbook.c and sheet.c alone. */
#ifndef CLIENT_FEED_WORKBOOK_INTERNAL_H
#define CLIENT_FEED_WORKBOOK_INTERNAL_H

#include "client/feed/workbook.h"

#define STYLES_MAX 65536

/* What a sheet's reading is at. */
struct sheet {
    struct part part;
    size_t line, column; /* of the row and the cell that are read, from 1 */
    char type; /* of the cell: n, a number; s, one of the shared texts; b, yes or no; e, an error; else a text */
    bool in_row, in_cell, in_value, in_phonetic, too_long, date, any;
    char text[WORKBOOK_CELL_MAX + 1], made[64];
    size_t len;
    void (*take)(void *context, const struct workbook_cell *cell);
    void *context;
};

struct workbook {
    char path[PATH_LIMIT];
    zip_t *zip;
    char name[WORKBOOK_NAME_MAX + 1]; /* of the sheet */
    bool from_1904;
    bool date[STYLES_MAX]; /* by a cell's style */
    size_t styles;
    struct buf texts;  /* shared by cells, one behind another */
    struct buf starts; /* u32 of each, and of the end of the last */
    struct sheet sheet;
};

/* In sheet.c: begins the sheet in this part. */
int sheet_open(struct workbook *book, const char *part, struct err *err);

/* Undoes what writers make of characters that XML does not let through, "_x000D_"; in place. Returns what is left. */
size_t text_unescape(char *text, size_t len);

#endif
