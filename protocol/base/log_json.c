#include "protocol/base/log_json.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS_MAX 15 /* what every reader of JSON holds exactly */

struct reader {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the UTF-8 sequence that begins here; 0: none does. */
static size_t sequence(const char *at, const char *end)
{
    const unsigned char *c = (const unsigned char *)at;
    const size_t len = c[0] < 0x80 ? 1 : c[0] >= 0xc2 && c[0] < 0xe0 ? 2 : (c[0] & 0xf0) == 0xe0 ? 3 : 4;
    if (c[0] >= 0x80 && (c[0] < 0xc2 || c[0] > 0xf4 || (size_t)(end - at) < len))
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
        (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    return len;
}

/* An escape of log.c, as JSON has it, too: \" \\ \u00xx. 0: it was cut. */
static size_t escape(const char *at, const char *end)
{
    const size_t len = end - at > 1 && at[1] == 'u' ? 6 : 2;
    if ((size_t)(end - at) < len || (len == 2 && at[1] != '"' && at[1] != '\\'))
        return 0;
    return len == 2 || strspn(at + 2, "0123456789abcdef") >= 4 ? len : 0;
}

static size_t copy_one(char *out, struct reader *r)
{
    const unsigned char c = (unsigned char)*r->at;
    const size_t len = c == '\\' ? escape(r->at, r->end) : c < 0x20 || c == '"' ? 0 : sequence(r->at, r->end);
    memcpy(out, len == 0 ? "?" : r->at, len == 0 ? 1 : len);
    r->at += len == 0 ? 1 : len;
    return len == 0 ? 1 : len;
}

/* Up to the mark, which is passed over. */
static size_t copy_string(char *out, struct reader *r, char mark)
{
    size_t len = 0;
    out[len++] = '"';
    while (r->at < r->end && *r->at != mark)
        len += copy_one(out + len, r);
    r->at += r->at < r->end;
    out[len++] = '"';
    return len;
}

static size_t copy_value(char *out, struct reader *r)
{
    size_t digits = 0, left = (size_t)(r->end - r->at);
    if (left > 0 && *r->at == '"') {
        r->at++;
        const size_t len = copy_string(out, r, '"');
        r->at += r->at < r->end && *r->at == ' ';
        return len;
    }
    while (digits < left && is_digit(r->at[digits]))
        digits++;
    if (digits == 0 || digits > DIGITS_MAX || (digits < left && r->at[digits] != ' ') ||
        (r->at[0] == '0' && digits > 1))
        return copy_string(out, r, ' ');
    memcpy(out, r->at, digits);
    r->at += digits + (digits < left);
    return digits;
}

size_t log_json(char *out, const char *line, size_t len)
{
    struct reader r = {line, line + len};
    size_t at = 0;
    out[at++] = '{';
    while (r.at < r.end) {
        if (memchr(r.at, '=', (size_t)(r.end - r.at)) == NULL)
            break; /* what was cut in a key */
        if (at > 1)
            out[at++] = ',';
        at += copy_string(out + at, &r, '=');
        out[at++] = ':';
        at += copy_value(out + at, &r);
    }
    out[at++] = '}';
    return at;
}
