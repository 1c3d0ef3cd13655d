#include "client/identity/plain.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

void plain_from_text(char *out, size_t size, const char *text)
{
    size_t n = 0;
    int32_t len = (int32_t)strlen(text);
    for (int32_t i = 0; i < len && n + 1 < size;) {
        UChar32 c;
        U8_NEXT(text, i, len, c);
        if (c >= 0x80) {
            int32_t digit = u_charDigitValue(c);
            c = digit >= 0                   ? '0' + digit
                : c >= 0xFF01 && c <= 0xFF5E ? c - 0xFF01 + '!'
                : c >= 0x2010 && c <= 0x2015 ? '-'
                                             : '?';
        }
        out[n++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c < 0 ? '?' : c);
    }
    out[n] = '\0';
}
