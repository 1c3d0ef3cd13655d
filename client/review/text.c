#include "client/review/text.h"

#include <stdbool.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#define CUT "..."

static size_t char_width(UChar32 c)
{
    int wide;
    switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
        return 0;
    default:
        wide = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
        return wide == U_EA_WIDE || wide == U_EA_FULLWIDTH ? 2 : 1;
    }
}

/* The next character at *at; what is no UTF-8, or steers a terminal, is "?". */
static UChar32 next_char(const char *text, size_t len, size_t *at)
{
    int32_t i = (int32_t)*at;
    UChar32 c;
    U8_NEXT(text, i, (int32_t)len, c);
    *at = (size_t)i;
    return c < 0 || u_charType(c) == U_CONTROL_CHAR || u_charType(c) == U_FORMAT_CHAR ? '?' : c;
}

size_t text_width(const char *text)
{
    size_t len = strlen(text), width = 0;
    for (size_t at = 0; at < len;)
        width += char_width(next_char(text, len, &at));
    return width;
}

/* Prints what fits; returns the columns that it took. */
static size_t print_some(FILE *out, const char *text, size_t columns)
{
    size_t len = strlen(text), width = 0;
    for (size_t at = 0; at < len;) {
        size_t start = at;
        UChar32 c = next_char(text, len, &at);
        if (width + char_width(c) > columns)
            break;
        width += char_width(c);
        if (c == '?')
            putc('?', out);
        else
            fwrite(text + start, 1, at - start, out);
    }
    return width;
}

static size_t print_cut(FILE *out, const char *text, size_t columns)
{
    if (text_width(text) <= columns)
        return print_some(out, text, columns);
    if (columns <= strlen(CUT))
        return print_some(out, text, columns);
    size_t width = print_some(out, text, columns - strlen(CUT));
    fputs(CUT, out);
    return width + strlen(CUT);
}

void text_put(FILE *out, const char *text, size_t columns)
{
    for (size_t width = print_cut(out, text, columns); width < columns; width++)
        putc(' ', out);
}

void text_print(FILE *out, const char *text, size_t columns)
{
    print_cut(out, text, columns > 0 ? columns : SIZE_MAX);
}

void text_wrap(FILE *out, size_t at, size_t indent, const char *text)
{
    char word[256];
    for (size_t first = 1; *text != '\0'; first = 0) {
        size_t len = strcspn(text, " "), width;
        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), text);
        width = text_width(word);
        if (!first && at + 1 + width > TEXT_COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            putc(' ', out);
            at++;
        }
        text_print(out, word, 0);
        at += width;
        text += len + strspn(text + len, " ");
    }
    putc('\n', out);
}

/* Bytes of the text that make a line of at most so many columns: whole words if one fits, else as much of it as does.
 */
static size_t line_of(const char *text, size_t columns)
{
    size_t len = strlen(text), width = 0, fits = 0, whole = 0;
    for (size_t at = 0; at < len;) {
        width += char_width(next_char(text, len, &at));
        if (width > columns)
            break;
        fits = at;
        if (text[at] == ' ' || text[at] == '\0')
            whole = at;
    }
    return whole > 0 ? whole : fits > 0 ? fits : len;
}

static const char *put_line(FILE *out, const char *text, size_t columns, bool fill)
{
    char line[4 * TEXT_COLUMNS + 1];
    size_t len = line_of(text, columns);
    snprintf(line, sizeof line, "%.*s", (int)(len < sizeof line ? len : sizeof line - 1), text);
    if (fill)
        text_put(out, line, columns);
    else
        text_print(out, line, columns);
    return text + len + strspn(text + len, " ");
}

void text_beside(FILE *out, size_t indent, const char *a, size_t left, const char *b)
{
    for (bool first = true; first || *a != '\0' || *b != '\0'; first = false) {
        if (!first)
            fprintf(out, "%*s", (int)indent, "");
        a = put_line(out, a, left, true);
        putc(' ', out);
        b = put_line(out, b, TEXT_COLUMNS - indent - left - 1, false);
        putc('\n', out);
    }
}

void text_print_csv(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}
