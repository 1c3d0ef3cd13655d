#include "client/feed/check.h"
#include "client/feed/columns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VALUE_MAX (64u << 10) /* bytes of a value in the file: more is a quote that nobody closed */

/* --- libcsv's callbacks --- */

static void take_header(struct feed *f, const char *text, size_t len)
{
    if (f->column == 0 && len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (!text_is_utf8(text, len))
        row_reject(&f->row, "header", "not UTF-8 text", "");
    else if (f->column == COLUMNS_MAX)
        row_reject(&f->row, "header", "of too many columns", "");
    else
        snprintf(f->header[f->column], sizeof f->header[0], "%.*s", (int)len, text);
}

static void take_value(struct feed *f, const char *text, size_t len)
{
    if (f->column >= f->columns) {
        row_reject(&f->row, "row", "more values than the header has columns",
                   "put values that hold what parts them into quotes");
        return;
    }
    if (f->column_field[f->column] >= 0)
        row_add_field(&f->row, (enum field)f->column_field[f->column], text, len);
}

static void on_value(void *text, size_t len, void *context)
{
    struct feed *f = context;
    if (f->has_header)
        take_value(f, text, len);
    else
        take_header(f, text, len);
    f->column++;
}

static void on_row(int c, void *context)
{
    (void)c;
    ((struct feed *)context)->row_done = true;
}

/* --- rows --- */

static void *bounded_realloc(void *old, size_t size)
{
    return size <= VALUE_MAX ? realloc(old, size) : NULL;
}

static int renew_parser(struct feed *f, struct err *err)
{
    if (f->parser_ready)
        csv_free(&f->parser);
    f->parser_ready = csv_init(&f->parser, CSV_STRICT | CSV_STRICT_FINI) == 0;
    csv_set_realloc_func(&f->parser, bounded_realloc);
    csv_set_delim(&f->parser, (unsigned char)f->delimiter);
    return f->parser_ready ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for a feed");
}

/* How much of the chunk goes up to the end of a line, of either kind. */
static size_t line_length(const char *from, size_t len)
{
    size_t n = 0;
    while (n < len && from[n] != '\n' && from[n] != '\r')
        n++;
    return n < len ? n + 1 : len;
}

/* Goes past a piece of a line. Lines end with LF, CR or both, which may lie in two pieces. */
static void pass(struct feed *f, size_t len)
{
    const char last = f->chunk[f->chunk_at + len - 1];
    f->lines += last == '\r' || (last == '\n' && !(len == 1 && f->after_cr));
    f->after_cr = last == '\r';
    f->chunk_at += len;
    f->done += len;
}

/* A quote that stands where none may be, or that nobody closes, costs its line alone: reading goes on behind that. */
static int skip_line(struct feed *f, const struct mark *mark, uint64_t began, struct err *err)
{
    const char *reason =
        csv_error(&f->parser) == CSV_EPARSE && !f->ended ? "a quote stands where none may be" : "a quote is not closed";
    if (!f->has_header)
        return err_set(err, ERR_INPUT, "%s is no CSV file in UTF-8: line %zu: %s", f->path, f->row.line, reason);
    int rc = reader_go_back(f, mark, began, err);
    if (rc != 0)
        return err_wrap(err, "%s, line %zu: %s", f->path, f->row.line, reason);
    f->lines = f->row.line - 1;
    f->after_cr = false;
    for (bool past = false; !past;) {
        if ((rc = reader_fill(f, err)) != 0)
            return rc;
        if (f->ended)
            break;
        size_t len = line_length(f->chunk + f->chunk_at, f->chunk_len - f->chunk_at);
        past = f->chunk[f->chunk_at + len - 1] == '\n' || f->chunk[f->chunk_at + len - 1] == '\r';
        pass(f, len);
    }
    row_clear(&f->row, f->row.line);
    row_reject(&f->row, "row", reason, "put the value into quotes, and double the quotes in it");
    f->column = f->columns;
    return renew_parser(f, err);
}

int csv_read_row(struct feed *f, bool *end, struct err *err)
{
    uint64_t began = f->done;
    struct mark mark = f->mark;
    row_clear(&f->row, f->lines + 1);
    f->row_done = *end = false;
    f->column = 0;
    int rc = f->parser_ready ? 0 : renew_parser(f, err);
    while (rc == 0 && !f->row_done) {
        rc = reader_fill(f, err);
        if (rc != 0)
            return rc;
        if (f->ended) {
            if (csv_fini(&f->parser, on_value, on_row, f) != 0)
                return skip_line(f, &mark, began, err);
            *end = !f->row_done;
            break;
        }
        const char *piece = f->chunk + f->chunk_at;
        size_t len = line_length(piece, f->chunk_len - f->chunk_at);
        if (csv_parse(&f->parser, piece, len, on_value, on_row, f) != len)
            return skip_line(f, &mark, began, err);
        pass(f, len);
        if (!f->row_done && f->column == 0 && len == 1) { /* an empty line, or the second half of a line's end */
            began = f->done;
            mark = f->mark;
            f->row.line = f->lines + 1;
        }
    }
    if (rc == 0 && f->row_done && f->has_header && f->column < f->columns)
        row_reject(&f->row, "row", "fewer values than the header has columns",
                   "put values that hold line breaks into quotes; leave no column out");
    return rc;
}

/* What parts the values: what a line `sep=;` says, as Excel writes it, else whatever the header has most of. */
static void find_delimiter(struct feed *f)
{
    const char *line = f->chunk + f->chunk_at;
    const size_t left = f->chunk_len - f->chunk_at, mark = left >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const size_t len = line_length(line + mark, left - mark);
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;
    if (len > 5 && strncasecmp(line + mark, "sep=", 4) == 0 && strchr(",;\t", line[mark + 4]) != NULL) {
        f->delimiter = line[mark + 4];
        pass(f, mark + len);
        return;
    }
    for (size_t i = 0; i < len; i++) {
        quoted ^= line[mark + i] == '"';
        commas += !quoted && line[mark + i] == ',';
        semicolons += !quoted && line[mark + i] == ';';
        tabs += !quoted && line[mark + i] == '\t';
    }
    f->delimiter = ',';
    if (semicolons > commas && semicolons > tabs)
        f->delimiter = ';';
    else if (tabs > commas)
        f->delimiter = '\t';
}

int csv_read_header(struct feed *f, struct err *err)
{
    bool end;
    find_delimiter(f);
    int rc = csv_read_row(f, &end, err);
    if (rc != 0)
        return rc;
    if (end)
        return err_set(err, ERR_INPUT, "%s is empty: a feed begins with a line of column names", f->path);
    if (f->row.faults > 0)
        return err_set(err, ERR_INPUT, "%s is no CSV file in UTF-8: its %s is %s", f->path, f->row.fault[0].field,
                       f->row.fault[0].reason);
    rc = columns_take(f, err);
    f->has_header = rc == 0;
    return rc;
}
