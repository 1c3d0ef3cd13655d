/* Bytes: integers in memory, hexadecimal, base64, spans. Everything here is total: no failure but those named. */
#ifndef PROTOCOL_BASE_BYTES_H
#define PROTOCOL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many elements an array has; not for pointers. */
#define ARRAY_LEN(array) (sizeof(array) / sizeof *(array))

/* A borrowed run of bytes. data may be NULL when len is 0. */
struct span {
    const uint8_t *data;
    size_t len;
};

static inline struct span span_of(const void *data, size_t len)
{
    return (struct span){(const uint8_t *)data, len};
}

static inline void bytes_put_u16be(uint8_t out[2], uint16_t v)
{
    out[0] = (uint8_t)(v >> 8);
    out[1] = (uint8_t)v;
}

static inline uint16_t bytes_get_u16be(const uint8_t in[2])
{
    return (uint16_t)((unsigned)in[0] << 8 | in[1]);
}

static inline void bytes_put_u32be(uint8_t out[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline uint32_t bytes_get_u32be(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static inline void bytes_put_u64be(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (56 - 8 * i));
}

static inline uint64_t bytes_get_u64be(const uint8_t in[8])
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | in[i];
    return v;
}

static inline void bytes_put_u64le(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static inline uint64_t bytes_get_u64le(const uint8_t in[8])
{
    /* Written out, it compiles to one load. */
    return (uint64_t)in[0] | (uint64_t)in[1] << 8 | (uint64_t)in[2] << 16 | (uint64_t)in[3] << 24 |
           (uint64_t)in[4] << 32 | (uint64_t)in[5] << 40 | (uint64_t)in[6] << 48 | (uint64_t)in[7] << 56;
}

/* Lower-case hexadecimal, NUL-terminated: out holds 2 * len + 1 bytes. Constant time. Returns out. */
char *bytes_to_hex(char *out, const void *in, size_t len);

/* A digest as it is read aloud: groups of four digits, parted by blanks. out holds BYTES_GROUPED of its len. */
#define BYTES_GROUPED(len) (5 * (((len) + 1) / 2))
char *bytes_to_groups(char *out, const void *in, size_t len);

/* Exactly len bytes from exactly 2 * len hexadecimal digits; false, and out wiped, otherwise. Constant time. */
bool bytes_from_hex(void *out, size_t len, const char *hex);

/*
 * Base64 of RFC 4648 section 4, padded, and no other way of writing the same bytes: at most size of them, *len in all.
 * Constant time.
 */
bool bytes_from_base64(void *out, size_t size, size_t *len, struct span text);

#endif
