#include "client/feed/check.h"
#include "client/feed/reader.h"

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
        row_reject(&f->row, "header", "not UTF-8 text");
    else if (f->column == COLUMNS_MAX)
        row_reject(&f->row, "header", "of too many columns");
    else
        snprintf(f->header[f->column], sizeof f->header[0], "%.*s", (int)len, text);
}

static void take_value(struct feed *f, const char *text, size_t len)
{
    if (f->column >= f->columns) {
        row_reject(&f->row, "row", "more values than the header has columns");
        return;
    }
    int field = f->column_field[f->column];
    if (field == FIELD_ALIASES || field == FIELD_NOT_FOR)
        row_add_split(&f->row, field, text, len);
    else if (field != NO_FIELD)
        row_add(&f->row, (enum field)field, text, len);
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

/* A quote that stands where none may be, or that nobody closes, costs its line alone: reading goes on behind that. */
static int skip_line(struct feed *f, uint64_t began, struct err *err)
{
    const char *reason =
        csv_error(&f->parser) == CSV_EPARSE && !f->ended ? "a quote stands where none may be" : "a quote is not closed";
    if (!f->has_header)
        return err_set(err, ERR_INPUT, "%s is no CSV file in UTF-8: line %zu: %s", f->path, f->row.line, reason);
    if (lseek(f->fd, (off_t)began, SEEK_SET) < 0)
        return err_errno(err, "%s, line %zu: %s, and cannot go back in the file", f->path, f->row.line, reason);
    f->chunk_at = f->chunk_len = 0;
    f->ended = false;
    f->done = began;
    f->lines = f->row.line - 1;
    for (bool past = false; !past;) {
        int rc = reader_fill(f, err);
        if (rc != 0)
            return rc;
        if (f->ended)
            break;
        size_t len = line_length(f->chunk + f->chunk_at, f->chunk_len - f->chunk_at);
        past = f->chunk[f->chunk_at + len - 1] == '\n' || f->chunk[f->chunk_at + len - 1] == '\r';
        f->lines += f->chunk[f->chunk_at + len - 1] == '\n';
        f->chunk_at += len;
        f->done += len;
    }
    row_clear(&f->row, f->row.line);
    row_reject(&f->row, "row", reason);
    f->column = f->columns;
    return renew_parser(f, err);
}

int csv_read_row(struct feed *f, bool *end, struct err *err)
{
    uint64_t began = f->done;
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
                return skip_line(f, began, err);
            *end = !f->row_done;
            break;
        }
        const char *piece = f->chunk + f->chunk_at;
        size_t len = line_length(piece, f->chunk_len - f->chunk_at);
        if (csv_parse(&f->parser, piece, len, on_value, on_row, f) != len)
            return skip_line(f, began, err);
        f->lines += piece[len - 1] == '\n';
        f->chunk_at += len;
        f->done += len;
        if (!f->row_done && f->column == 0 && len == 1) { /* an empty line, or the second half of a line's end */
            began = f->done;
            f->row.line = f->lines + 1;
        }
    }
    if (rc == 0 && f->row_done && f->has_header && f->column < f->columns)
        row_reject(&f->row, "row", "fewer values than the header has columns");
    return rc;
}

int csv_read_header(struct feed *f, struct err *err)
{
    bool end, seen[FIELDS] = {false};
    int rc = csv_read_row(f, &end, err);
    if (rc != 0)
        return rc;
    if (end)
        return err_set(err, ERR_INPUT, "%s is empty: a feed begins with a line of column names", f->path);
    if (f->row.bad_reason != NULL)
        return err_set(err, ERR_INPUT, "%s is no CSV file in UTF-8: its %s is %s", f->path, f->row.bad_field,
                       f->row.bad_reason);
    f->columns = f->column;
    for (size_t i = 0; i < f->columns; i++) {
        int field = reader_field_of(f, f->header[i]);
        f->column_field[i] = field;
        if (field == NO_FIELD)
            continue;
        if (seen[field])
            return err_set(err, ERR_INPUT, "%s: two columns for %s", f->path, record_field_name[field]);
        seen[field] = true;
    }
    if (!seen[FIELD_RECORD_ID])
        return err_set(err, ERR_INPUT, "%s has no column record_id (name the columns with --map COLUMN=FIELD)",
                       f->path);
    f->has_header = true;
    return 0;
}
