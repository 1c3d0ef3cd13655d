#include "protocol/base/text.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 19 /* of INT64_MAX; so many never overflow 64 bits */

bool text_take_line(struct span *text, struct span *line)
{
    const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
    if (end == NULL)
        return false;
    *line = span_of(text->data, (size_t)(end - text->data));
    *text = span_of(end + 1, text->len - line->len - 1);
    return true;
}

bool text_take(struct span *text, const char *expected)
{
    size_t len = strlen(expected);
    if (text->len < len || memcmp(text->data, expected, len) != 0)
        return false;
    *text = span_of(text->data + len, text->len - len);
    return true;
}

bool text_take_number(struct span *text, uint64_t *out)
{
    size_t len = 0;
    uint64_t number = 0;
    for (; len < text->len && len < DIGITS_MAX && text->data[len] >= '0' && text->data[len] <= '9'; len++)
        number = number * 10 + (uint64_t)(text->data[len] - '0');
    if (len == 0 || (len > 1 && text->data[0] == '0') || number > INT64_MAX)
        return false;
    *out = number;
    *text = span_of(text->data + len, text->len - len);
    return true;
}

bool text_is_number(struct span text, uint64_t *out)
{
    return text_take_number(&text, out) && text.len == 0;
}

const char *text_count_word(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

const char *text_count(char out[TEXT_COUNT_MAX], uint64_t count, const char *one, const char *many)
{
    snprintf(out, TEXT_COUNT_MAX, "%llu %s", (unsigned long long)count, text_count_word(count, one, many));
    return out;
}
