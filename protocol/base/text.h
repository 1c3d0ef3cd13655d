/*
 * A cursor for the formats that are lines of text: a span that is taken from at its front. Each function takes what it
 * names and moves on, or returns false and leaves the cursor where it was. Everything borrows the text.
 */
#ifndef PROTOCOL_BASE_TEXT_H
#define PROTOCOL_BASE_TEXT_H

#include "protocol/base/bytes.h"

/* The word that goes with a number: one of 1, many of all others. */
const char *text_count_word(uint64_t count, const char *one, const char *many);

/* The number with it, "1 record" or "1999 records", in out; and the same in a place of the block's own. */
#define TEXT_COUNT_MAX 128
const char *text_count(char out[TEXT_COUNT_MAX], uint64_t count, const char *one, const char *many);
#define TEXT_COUNT(count, one, many) text_count((char[TEXT_COUNT_MAX]){0}, count, one, many)

/* The next line, without its newline; false if no newline follows. */
bool text_take_line(struct span *text, struct span *line);

/* Exactly these characters. */
bool text_take(struct span *text, const char *expected);

/* A decimal number up to INT64_MAX, without leading zeroes or sign; it ends at the first byte that is no digit. */
bool text_take_number(struct span *text, uint64_t *out);

/* All that is left is a number. */
bool text_is_number(struct span text, uint64_t *out);

#endif
