#include "client/verbs/zones.h"

#include <string.h>

#define ZONE_MOST 90

static bool is_whole(size_t len)
{
    return len == 72 || len == 88 || len >= ZONE_MOST;
}

int zones_next(char out[ZONE_TEXT_MAX], FILE *in, bool *end, struct err *err)
{
    size_t len = 0, line = 0;
    int c;
    while ((c = getc(in)) != EOF) {
        if (c == '\n' && len > 0 && (line == 0 || is_whole(len)))
            break;
        if (c == '\n')
            line = 0;
        if (strchr(" \t\r\n", c) != NULL && c != '\0')
            continue;
        line++;
        if (len < ZONE_TEXT_MAX - 1)
            out[len++] = c != '\0' ? (char)c : '?';
    }
    out[len] = '\0';
    *end = len == 0;
    return ferror(in) ? err_errno(err, "cannot read zones from standard input") : 0;
}
