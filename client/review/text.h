/* Text in columns on a terminal: any script takes the room that it takes, and nothing steers the terminal. */
#ifndef CLIENT_REVIEW_TEXT_H
#define CLIENT_REVIEW_TEXT_H

#include <stddef.h>
#include <stdio.h>

#define TEXT_COLUMNS 80

/* Columns that UTF-8 text takes: wide characters two, marks none. */
size_t text_width(const char *text);

/* Prints text, filled with blanks or cut (with "...") to exactly so many columns. Control characters show as "?". */
void text_put(FILE *out, const char *text, size_t columns);

/* The same without filling; 0: whole. */
void text_print(FILE *out, const char *text, size_t columns);

/* Prints text in lines of at most TEXT_COLUMNS, broken at blanks, behind `indent` columns; the first goes on at `at`.
 */
void text_wrap(FILE *out, size_t at, size_t indent, const char *text);

/* Two texts beside each other, each in lines of its own column, the left one of `left` columns, behind `indent`. */
void text_beside(FILE *out, size_t indent, const char *a, size_t left, const char *b);

/* Quotes for CSV. */
void text_print_csv(FILE *out, const char *text);

#endif
