#include "client/feed/check.h"
#include "client/feed/columns.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void add_text(struct row *row, enum field field, const char *text, size_t len)
{
    if (field == FIELD_DATE_OF_BIRTH)
        row_add_date(row, text, len);
    else
        row_add(row, field, text, len);
}

static void take_value(struct row *row, enum field field, json_t *value)
{
    char number[32];
    if (json_is_string(value)) {
        add_text(row, field, json_string_value(value), json_string_length(value));
    } else if (json_is_integer(value)) {
        int len = snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        add_text(row, field, number, (size_t)len);
    } else if (json_is_null(value)) {
        row_add(row, field, "", 0);
    } else {
        row_reject(row, record_field_name[field], "not a text, a whole number or a list of them",
                   "write it as a text in quotes");
    }
}

static void take_member(struct feed *f, const char *name, json_t *value)
{
    size_t i;
    json_t *item;
    int field = column_field(f, name);
    if (field == NO_FIELD && !f->row.lenient && !f->any_columns)
        row_reject(&f->row, "row", "it has a member that is not known",
                   "name it: --map MEMBER=FIELD, or --map MEMBER=");
    if (field < 0 || json_is_null(value))
        return;
    if (f->row.field[field].count > 0)
        row_reject(&f->row, record_field_name[field], "two members name it",
                   "leave one of them, or out: --map MEMBER=");
    else if (!json_is_array(value) || field == FIELD_RECORD_ID)
        take_value(&f->row, (enum field)field, value);
    else
        json_array_foreach(value, i, item) take_value(&f->row, (enum field)field, item);
}

static void take_line(struct feed *f, const char *line, size_t len)
{
    const char *name;
    json_t *value;
    json_error_t why;
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, &why);
    if (json_is_object(root))
        json_object_foreach(root, name, value) take_member(f, name, value);
    else
        row_reject(&f->row, "row", "not a JSON object", "write an object a line");
    json_decref(root);
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr(" \t\r\n", line[i]) == NULL || line[i] == '\0')
            return false;
    return true;
}

/* The next line, without its end, to f->line. What is longer is passed over; *len is then LINE_MAX_BYTES + 1. */
static int read_line(struct feed *f, size_t *len, struct err *err)
{
    *len = 0;
    for (bool past = false; !past;) {
        int rc = reader_fill(f, err);
        if (rc != 0 || f->ended)
            return rc;
        const char *from = f->chunk + f->chunk_at, *newline = memchr(from, '\n', f->chunk_len - f->chunk_at);
        size_t more = newline != NULL ? (size_t)(newline - from) : f->chunk_len - f->chunk_at;
        past = newline != NULL;
        if (*len + more <= LINE_MAX_BYTES)
            memcpy(f->line + *len, from, more);
        *len = *len + more <= LINE_MAX_BYTES ? *len + more : LINE_MAX_BYTES + 1;
        f->chunk_at += more + past;
        f->done += more + past;
        f->lines += past;
    }
    return 0;
}

int jsonl_read_row(struct feed *f, bool *end, struct err *err)
{
    size_t len, skip = 0;
    *end = false;
    do {
        row_clear(&f->row, f->lines + 1);
        int rc = read_line(f, &len, err);
        if (rc != 0)
            return rc;
        skip = f->row.line == 1 && len >= 3 && memcmp(f->line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
        if (f->ended && len == 0) {
            *end = true;
            return 0;
        }
    } while (len <= LINE_MAX_BYTES && is_blank(f->line + skip, len - skip));
    if (len > LINE_MAX_BYTES)
        row_reject(&f->row, "row", "a line of more than 64 KiB", "write one record a line");
    else
        take_line(f, f->line + skip, len - skip);
    explicit_bzero(f->line, len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    return 0;
}
