#include "client/feed/columns.h"

#include <stdio.h>
#include <string.h>

static void take_header(void *context, const struct workbook_cell *cell)
{
    struct feed *f = context;
    if (cell->kind == WORKBOOK_FAULT)
        row_reject(&f->row, "header", cell->reason, "");
    else if (cell->column >= COLUMNS_MAX)
        row_reject(&f->row, "header", "of too many columns", "");
    else
        snprintf(f->header[cell->column], sizeof f->header[0], "%.*s", (int)cell->len, cell->text);
    if (cell->column < COLUMNS_MAX)
        f->column = cell->column + 1;
}

int xlsx_open(struct feed *f, const char *sheet, struct err *err)
{
    bool end = false;
    int rc = workbook_open(&f->book, f->path, f->fd, sheet, err);
    if (rc == 0)
        rc = workbook_read_row(f->book, take_header, f, &f->lines, &end, err);
    if (rc != 0)
        return rc;
    snprintf(f->format, sizeof f->format, "sheet %s", workbook_sheet(f->book));
    if (end)
        return err_set(err, ERR_INPUT, "%s, %s, is empty: a feed begins with a row of column names", f->path,
                       f->format);
    if (f->row.faults > 0)
        return err_set(err, ERR_INPUT, "%s, %s: its row of column names is %s", f->path, f->format,
                       f->row.fault[0].reason);
    f->has_header = true;
    return columns_take(f, err);
}

/* A cell that was formatted as a date holds a day of the Gregorian calendar, whatever the row says of its others. */
static void take_date(struct feed *f, const struct workbook_cell *cell)
{
    char text[DATES_TEXT_MAX];
    const size_t len = dates_from_serial(text, cell->days, workbook_counts_from_1904(f->book));
    const enum field field = (enum field)f->column_field[cell->column];
    if (len == 0)
        row_add(&f->row, field, cell->text, cell->len);
    else
        row_add(&f->row, field, text, len);
    f->row.gregorian = f->row.gregorian || (len > 0 && field == FIELD_DATE_OF_BIRTH);
    explicit_bzero(text, sizeof text);
}

static void take_cell(void *context, const struct workbook_cell *cell)
{
    struct feed *f = context;
    const bool named = cell->column < f->columns && f->header[cell->column][0] != '\0';
    if (!named && !f->row.lenient && !f->any_columns)
        row_reject(&f->row, "row", "a value stands in a column without a name", "name the column, or empty the cell");
    if (!named || f->column_field[cell->column] < 0)
        return;
    const enum field field = (enum field)f->column_field[cell->column];
    if (cell->kind == WORKBOOK_FAULT)
        row_refuse(&f->row, field, cell->reason, cell->remedy);
    else if (cell->kind == WORKBOOK_DATE)
        take_date(f, cell);
    else
        row_add_field(&f->row, field, cell->text, cell->len);
}

int xlsx_read_row(struct feed *f, bool *end, struct err *err)
{
    row_clear(&f->row, f->lines);
    int rc = workbook_read_row(f->book, take_cell, f, &f->lines, end, err);
    f->row.line = f->lines;
    return rc;
}
