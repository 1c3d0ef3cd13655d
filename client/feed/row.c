#include "client/feed/row.h"

#include <string.h>
#include <unicode/utf8.h>

#define LOST "\xEF\xBF\xBD" /* what converters write for what they cannot read */

void row_clear(struct row *row, size_t line)
{
    explicit_bzero(row->text, row->len);
    row->len = 0;
    memset(row->field, 0, sizeof row->field);
    row->faults = row->tells = 0;
    row->gregorian = false;
    row->line = line;
}

void row_reject(struct row *row, const char *field, const char *reason, const char *remedy)
{
    for (size_t i = 0; i < row->faults; i++)
        if (row->fault[i].field == field && row->fault[i].reason == reason)
            return;
    if (row->faults < ROW_FAULTS_MAX)
        row->fault[row->faults++] = (struct row_fault){field, reason, remedy};
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

/* Its place is kept: the values of several fields belong together by their order. */
static void put(struct row *row, enum field field, const char *text, size_t len)
{
    if (row->field[field].count++ == 0)
        row->field[field].start = (uint32_t)row->len;
    memcpy(row->text + row->len, text, len);
    row->text[row->len + len] = '\0';
    row->len += len + 1;
}

void row_refuse(struct row *row, enum field field, const char *reason, const char *remedy)
{
    const bool strict = field == FIELD_RECORD_ID || field == FIELD_NOT_FOR || field == FIELD_PROTECTED;
    if (field == FIELD_RECORD_ID || (strict && !row->lenient))
        row_reject(row, record_field_name[field], reason, remedy);
    else if (!row->lenient && row->tells < RECORD_PROBLEMS_MAX)
        row->told[row->tells++] = (struct field_problem){field, reason, remedy};
    if (row->field[field].count < FIELD_VALUES_MAX && row->len < ROW_TEXT_MAX)
        put(row, field, "", 0);
}

void row_add(struct row *row, enum field field, const char *text, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0')
        text++, len--;
    while (len > 0 && text[len - 1] != '\0' && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    if (len > FIELD_SIZE_MAX)
        row_refuse(row, field, "too long", "shorten it to 512 bytes");
    else if (!text_is_utf8(text, len))
        row_refuse(row, field, "not UTF-8 text", "save the file as UTF-8, or name its encoding with --encoding");
    else if (memmem(text, len, LOST, strlen(LOST)) != NULL)
        row_refuse(row, field, "it has a character that was lost when it was converted (U+FFFD)",
                   "export it again, in UTF-8");
    else if (row->field[field].count == FIELD_VALUES_MAX || row->len + len + 1 > ROW_TEXT_MAX)
        row_refuse(row, field, "too many values", "leave the eight that say most");
    else
        put(row, field, text, len);
}

void row_add_date(struct row *row, const char *text, size_t len)
{
    char anew[DATES_TEXT_MAX];
    const size_t rewritten = dates_rewrite(row->dates, anew, text, len, &row->gregorian);
    if (rewritten > 0)
        row_add(row, FIELD_DATE_OF_BIRTH, anew, rewritten);
    else
        row_add(row, FIELD_DATE_OF_BIRTH, text, len);
    explicit_bzero(anew, sizeof anew);
}

void row_add_field(struct row *row, enum field field, const char *text, size_t len)
{
    if (field == FIELD_ALIASES || field == FIELD_NOT_FOR)
        row_add_split(row, field, text, len);
    else if (field == FIELD_DATE_OF_BIRTH)
        row_add_date(row, text, len);
    else
        row_add(row, field, text, len);
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

/* Whether it is said already why there is no id. */
static bool is_unread(const struct row *row)
{
    for (size_t i = 0; i < row->faults; i++)
        if (strcmp(row->fault[i].field, "row") == 0 ||
            strcmp(row->fault[i].field, record_field_name[FIELD_RECORD_ID]) == 0)
            return true;
    return false;
}

void row_finish(struct row *row, struct record *record)
{
    for (int f = 0; f < FIELDS; f++) {
        record->field[f] = row->field[f].count > 0 ? row->text + row->field[f].start : "";
        record->more[f] = (uint8_t)(row->field[f].count > 0 ? row->field[f].count - 1 : 0);
    }
    record->line = row->line;
    if (record->field[FIELD_CALENDAR][0] == '\0' || row->gregorian) {
        record->field[FIELD_CALENDAR] = row->gregorian ? "" : row->dates->calendar;
        record->more[FIELD_CALENDAR] = 0;
    }
    if (record->field[FIELD_RECORD_ID][0] == '\0' && !is_unread(row))
        row_reject(row, record_field_name[FIELD_RECORD_ID], "missing", field_remedy(FIELD_RECORD_ID));
    enum field field;
    const char *refused = row->lenient ? NULL : record_refused(record, &field);
    if (refused != NULL)
        row_reject(row, record_field_name[field], refused, field_remedy(field));
    row->tells += record_mend(record, row->dates->order, row->told + row->tells);
    if (row->tells > 0 && !row->lenient && record_is_empty(record))
        row_reject(row, "row", "nothing of use is left of it", "correct what is named beside");
}
