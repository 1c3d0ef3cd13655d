#include "protocol/base/bytes.h"

#include <sodium.h>
#include <string.h>

char *bytes_to_hex(char *out, const void *in, size_t len)
{
    return sodium_bin2hex(out, 2 * len + 1, in, len);
}

char *bytes_to_groups(char *out, const void *in, size_t len)
{
    char *to = out;
    for (size_t at = 0; at < len; at += 2) {
        if (at > 0)
            *to++ = ' ';
        bytes_to_hex(to, (const uint8_t *)in + at, len - at < 2 ? 1 : 2);
        to += len - at < 2 ? 2 : 4;
    }
    *to = '\0';
    return out;
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

bool bytes_from_base64(void *out, size_t size, size_t *len, struct span text)
{
    const char *end = NULL;
    uint8_t any = 0;
    *len = 0;
    /* libsodium takes some bytes above 0x7f for digits. */
    for (size_t i = 0; i < text.len; i++)
        any |= text.data[i];
    return (any & 0x80) == 0 &&
           sodium_base642bin(out, size, (const char *)text.data, text.len, NULL, len, &end,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           end == (const char *)text.data + text.len;
}
