/* The inside of a feed, and the three formats, each a reader of rows: for the files of this folder alone. */
#ifndef CLIENT_FEED_READER_H
#define CLIENT_FEED_READER_H

#include "client/feed/workbook.h"
#include "client/feed/decode.h"
#include "client/feed/feed.h"
#include "client/feed/row.h"
#include "protocol/base/file.h"

#include <csv.h>

#define COLUMNS_MAX 256
#define COLUMN_NAME_MAX 63
#define LINE_MAX_BYTES (64u << 10) /* of a line of JSON */

/* A place in the file, and how many bytes of UTF-8 are before it. */
struct mark {
    off_t at;
    uint64_t done;
};

struct feed {
    char path[PATH_LIMIT], rejects_path[FEED_REJECTS_MAX];
    const char *const *map; /* the caller's */
    size_t map_count;
    bool dry, any_columns;
    const struct doubles *doubles; /* the caller's, or NULL */
    int fd;
    FILE *rejects;
    bool json, ended;
    struct decode decode;
    char chunk[DECODE_OUT];
    size_t chunk_len, chunk_at;
    struct mark mark; /* where the chunk begins */
    uint64_t done, total, rejected;
    size_t lines; /* line breaks seen */
    struct row row;
    struct dates dates;
    /* CSV */
    struct csv_parser parser;
    char delimiter;
    bool parser_ready, has_header, row_done, after_cr;
    int column_field[COLUMNS_MAX];
    size_t columns, column;
    char header[COLUMNS_MAX][COLUMN_NAME_MAX + 1];
    /* JSON lines */
    char line[LINE_MAX_BYTES];
    /* a workbook */
    struct workbook *book;
    char format[WORKBOOK_NAME_MAX + 16];
};

/* Reads on if the chunk is used up; f->ended at the end of the file. */
int reader_fill(struct feed *f, struct err *err);

/* Back to where `done` bytes were read; mark: of the chunk that holds it. */
int reader_go_back(struct feed *f, const struct mark *mark, uint64_t done, struct err *err);

/* The field of this name, in any case; NO_FIELD. */
int reader_field_named(const char *name);

/* In csv.c: the line of column names. */
int csv_read_header(struct feed *f, struct err *err);

/* In xlsx.c: the sheet of this name, and its first row, which names the columns. */
int xlsx_open(struct feed *f, const char *sheet, struct err *err);

/* In csv.c, jsonl.c and xlsx.c: the next row, good or not, goes to f->row. *end: there is none any more. */
int csv_read_row(struct feed *f, bool *end, struct err *err);
int jsonl_read_row(struct feed *f, bool *end, struct err *err);
int xlsx_read_row(struct feed *f, bool *end, struct err *err);

#endif
