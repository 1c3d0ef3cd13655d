#include "protocol/base/bytes.h"

#include <sodium.h>
#include <string.h>

char *bytes_to_hex(char *out, const void *in, size_t len)
{
    return sodium_bin2hex(out, 2 * len + 1, in, len);
}

bool bytes_from_hex(void *out, size_t len, const char *hex)
{
    size_t got = 0;
    const char *end = NULL;
    size_t digits = strlen(hex);
    if (digits == 2 * len && sodium_hex2bin(out, len, hex, digits, NULL, &got, &end) == 0 && got == len &&
        end == hex + digits)
        return true;
    sodium_memzero(out, len);
    return false;
}
