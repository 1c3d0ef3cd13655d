#include "client/feed/workbook_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHEET_PART_MAX (4ull << 30) /* of a sheet, unpacked */
#define ROWS_MAX 1048576            /* as Excel has */
#define DAYS_MAX 1000000            /* later than any day */
#define DIGITS_EXACT 1e15           /* a spreadsheet's number holds no more digits */

/* --- texts --- */

static int hex_digit(char c)
{
    const char *digits = "0123456789ABCDEF", *at = strchr(digits, c >= 'a' && c <= 'f' ? c - 32 : c);
    return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* The character of "_xHHHH_"; 0: it is none. Such as fit in one byte alone are written in this way. */
static char escaped(const char *text, size_t len)
{
    if (len < 7 || text[0] != '_' || text[1] != 'x' || text[2] != '0' || text[3] != '0' || text[6] != '_')
        return 0;
    const int high = hex_digit(text[4]), low = hex_digit(text[5]);
    return high >= 0 && high < 8 && low >= 0 ? (char)(high << 4 | low) : 0;
}

size_t text_unescape(char *text, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len;) {
        const char c = escaped(text + i, len - i);
        text[kept++] = c != 0 ? c : text[i];
        i += c != 0 ? 7 : 1;
    }
    return kept;
}

static void add_text(struct sheet *s, const char *text, size_t len)
{
    s->too_long = s->too_long || len > WORKBOOK_CELL_MAX - s->len;
    if (s->too_long)
        return;
    memcpy(s->text + s->len, text, len);
    s->len += len;
}

/* --- cells --- */

static void fault(struct workbook_cell *cell, const char *reason, const char *remedy)
{
    cell->kind = WORKBOOK_FAULT;
    cell->reason = reason;
    cell->remedy = remedy;
}

/* The cell holds the number of a text. */
static void look_up(const struct workbook *book, struct workbook_cell *cell)
{
    const struct sheet *s = &book->sheet;
    const size_t texts = book->starts.len / sizeof(uint32_t);
    const unsigned long n = strtoul(s->text, NULL, 10);
    uint32_t at[2];
    if (texts < 2 || n >= texts - 1 || strspn(s->text, "0123456789") != s->len || s->len > 9) {
        fault(cell, "its text is missing in the workbook", "save the workbook anew");
        return;
    }
    memcpy(at, book->starts.data + n * sizeof at[0], sizeof at);
    cell->text = (const char *)book->texts.data + at[0];
    cell->len = at[1] - at[0];
    if (cell->len > WORKBOOK_CELL_MAX)
        fault(cell, "too long", "shorten it to 512 bytes");
}

/* Whole numbers without point or exponent, as people see them. */
static void read_number(struct sheet *s, struct workbook_cell *cell)
{
    char *end;
    const double value = strtod(s->text, &end);
    if (*end != '\0' || end == s->text || !isfinite(value)) {
        fault(cell, "no number, in a cell for numbers", "write it as a text");
    } else if (fabs(value) >= DIGITS_EXACT) {
        fault(cell, "a number of more than 15 digits, of which a spreadsheet loses the last", "write it as a text");
    } else {
        cell->kind = s->date ? WORKBOOK_DATE : WORKBOOK_NUMBER;
        cell->days = value >= 0 && value < DAYS_MAX ? (uint32_t)value : DAYS_MAX;
        if (floor(value) == value) {
            cell->len = (size_t)snprintf(s->made, sizeof s->made, "%.0f", value);
            cell->text = s->made;
        }
    }
}

static void finish_cell(struct workbook *book)
{
    struct sheet *s = &book->sheet;
    struct workbook_cell cell = {.kind = WORKBOOK_TEXT, .column = s->column - 1, .text = s->text, .len = s->len};
    s->text[s->len] = '\0';
    if (s->too_long)
        fault(&cell, "too long", "shorten it to 512 bytes");
    else if (s->len == 0)
        return;
    else if (s->type == 's')
        look_up(book, &cell);
    else if (s->type == 'b')
        cell.text = s->text[0] == '1' ? "yes" : "no", cell.len = strlen(cell.text);
    else if (s->type == 'e')
        fault(&cell, "an error of the spreadsheet's, such as #N/A", "write the value, or leave the cell empty");
    else if (s->type == 'n')
        read_number(s, &cell);
    if (cell.len == 0 && cell.kind != WORKBOOK_FAULT)
        return;
    if (cell.kind == WORKBOOK_TEXT && memmem(cell.text, cell.len, "_x00", 4) != NULL) {
        memmove(s->text, cell.text, cell.len);
        cell.text = s->text;
        cell.len = text_unescape(s->text, cell.len);
    }
    s->any = true;
    s->take(s->context, &cell);
}

/* --- the sheet's XML --- */

/* "AB12" is of column 28; 0: it says none. */
static size_t column_named(const char *reference)
{
    size_t column = 0, n = 0;
    for (; n < 4 && reference[n] >= 'A' && reference[n] <= 'Z'; n++)
        column = column * 26 + (size_t)(reference[n] - 'A' + 1);
    return column;
}

static void begin_row(struct sheet *s, const char **attributes)
{
    const char *number = part_attribute(attributes, "r");
    const size_t line = number != NULL ? strtoul(number, NULL, 10) : s->line + 1;
    if (s->in_row || line <= s->line || line > ROWS_MAX)
        part_give_up(&s->part, "its rows are not in order, or there are more than 1,048,576");
    s->line = line;
    s->column = 0;
    s->in_row = true;
}

static void begin_cell(struct workbook *book, const char **attributes)
{
    struct sheet *s = &book->sheet;
    const char *reference = part_attribute(attributes, "r"), *type = part_attribute(attributes, "t"),
               *style = part_attribute(attributes, "s");
    const size_t column = reference != NULL ? column_named(reference) : s->column + 1;
    const unsigned long format = style != NULL ? strtoul(style, NULL, 10) : 0;
    if (column <= s->column)
        part_give_up(&s->part, "the cells of a row are not in order");
    s->column = column;
    s->type = type == NULL || type[0] == '\0' ? 'n' : strcmp(type, "str") == 0 ? 't' : type[0];
    s->date = format < book->styles && book->date[format];
    s->in_cell = s->in_row;
    s->too_long = false;
    s->len = 0;
}

static void sheet_begin(void *context, const char *name, const char **attributes)
{
    struct workbook *book = context;
    struct sheet *s = &book->sheet;
    if (strcmp(name, "row") == 0)
        begin_row(s, attributes);
    else if (strcmp(name, "c") == 0)
        begin_cell(book, attributes);
    else if (strcmp(name, "rPh") == 0)
        s->in_phonetic = true;
    else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
        s->in_value = s->in_cell && !s->in_phonetic;
}

static void sheet_end(void *context, const char *name)
{
    struct workbook *book = context;
    struct sheet *s = &book->sheet;
    if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
        s->in_value = false;
    else if (strcmp(name, "rPh") == 0)
        s->in_phonetic = false;
    if (strcmp(name, "c") == 0 && s->in_cell) {
        finish_cell(book);
        s->in_cell = false;
    }
    if (strcmp(name, "row") != 0)
        return;
    s->in_row = false;
    if (s->any)
        part_pause(&s->part);
}

static void sheet_text(void *context, const char *text, size_t len)
{
    struct sheet *s = &((struct workbook *)context)->sheet;
    if (s->in_value)
        add_text(s, text, len);
}

int sheet_open(struct workbook *book, const char *part, struct err *err)
{
    static const struct part_events events = {sheet_begin, sheet_end, sheet_text};
    return part_open(&book->sheet.part, book->path, book->zip, part, SHEET_PART_MAX, &events, book, err);
}

int workbook_read_row(struct workbook *book, void (*take)(void *context, const struct workbook_cell *cell),
                      void *context, size_t *line, bool *end, struct err *err)
{
    struct sheet *s = &book->sheet;
    s->take = take;
    s->context = context;
    s->any = false;
    int rc = s->part.ended ? 0 : part_read(&s->part, book->path, err);
    explicit_bzero(s->text, sizeof s->text);
    *line = s->line;
    *end = !s->any;
    return rc;
}

void workbook_progress(const struct workbook *book, uint64_t *done, uint64_t *total)
{
    *done = book->sheet.part.read;
    *total = book->sheet.part.size > *done ? book->sheet.part.size : *done;
}
