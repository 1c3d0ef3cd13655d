#include "client/feed/row.h"

#include <string.h>
#include <unicode/utf8.h>

#define LOST "\xEF\xBF\xBD" /* what converters write for what they cannot read */

void row_clear(struct row *row, size_t line)
{
    explicit_bzero(row->text, row->len);
    row->len = 0;
    memset(row->field, 0, sizeof row->field);
    row->bad_field = row->bad_reason = NULL;
    row->tells = 0;
    row->line = line;
}

void row_reject(struct row *row, const char *field, const char *reason)
{
    if (row->bad_reason == NULL) {
        row->bad_field = field;
        row->bad_reason = reason;
    }
}

bool text_is_utf8(const char *text, size_t len)
{
    size_t ascii = 0;
    while (ascii < len && (signed char)text[ascii] > 0)
        ascii++;
    for (int32_t i = (int32_t)ascii; i < (int32_t)len;) {
        UChar32 c;
        U8_NEXT(text, i, (int32_t)len, c);
        if (c <= 0)
            return false;
    }
    return true;
}

static void refuse(struct row *row, enum field field, const char *reason)
{
    if (!row->lenient || field == FIELD_RECORD_ID)
        row_reject(row, record_field_name[field], reason);
}

void row_add(struct row *row, enum field field, const char *text, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0')
        text++, len--;
    while (len > 0 && text[len - 1] != '\0' && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    if (len > FIELD_SIZE_MAX) {
        refuse(row, field, "too long");
    } else if (!text_is_utf8(text, len)) {
        refuse(row, field, "not UTF-8 text: save the file as UTF-8, or name its encoding with --encoding");
    } else if (memmem(text, len, LOST, strlen(LOST)) != NULL) {
        refuse(row, field, "it has a character that was lost when it was converted (U+FFFD)");
    } else if (row->field[field].count == FIELD_VALUES_MAX || row->len + len + 1 > ROW_TEXT_MAX) {
        refuse(row, field, "too many values");
    } else {
        if (row->field[field].count++ == 0)
            row->field[field].start = (uint32_t)row->len;
        memcpy(row->text + row->len, text, len);
        row->text[row->len + len] = '\0';
        row->len += len + 1;
    }
}

void row_add_split(struct row *row, enum field field, const char *text, size_t len)
{
    for (size_t from = 0, to; from < len; from = to + 1) {
        for (to = from; to < len && text[to] != '|' && text[to] != ';'; to++)
            ;
        if (to > from)
            row_add(row, field, text + from, to - from);
    }
}

void row_finish(struct row *row, struct record *record)
{
    for (int f = 0; f < FIELDS; f++) {
        record->field[f] = row->field[f].count > 0 ? row->text + row->field[f].start : "";
        record->more[f] = (uint8_t)(row->field[f].count > 0 ? row->field[f].count - 1 : 0);
    }
    record->line = row->line;
    if (record->field[FIELD_RECORD_ID][0] == '\0')
        row_reject(row, record_field_name[FIELD_RECORD_ID], "missing");
    enum field field;
    const char *refused = row->lenient ? NULL : record_refused(record, &field);
    if (refused != NULL)
        row_reject(row, record_field_name[field], refused);
    row->tells = record_mend(record, row->told);
    if (row->tells > 0 && !row->lenient && record_is_empty(record))
        row_reject(row, record_field_name[row->told[0].field], row->told[0].reason);
}
