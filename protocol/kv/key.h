/*
 * A key of the ordered store being put together: a letter for the kind of record, then its parts. Numbers are
 * big-endian, so that they sort. What is appended must fit: who lays out a store keeps its longest key below KEY_MAX.
 */
#ifndef PROTOCOL_KV_KEY_H
#define PROTOCOL_KV_KEY_H

#include "protocol/base/bytes.h"

#include <string.h>

#define KEY_MAX 104

struct key {
    uint8_t bytes[KEY_MAX];
    size_t len;
};

static inline struct key key_of(char kind)
{
    return (struct key){.bytes = {(uint8_t)kind}, .len = 1};
}

static inline void key_u16(struct key *key, uint16_t v)
{
    bytes_put_u16be(key->bytes + key->len, v);
    key->len += 2;
}

static inline void key_u32(struct key *key, uint32_t v)
{
    bytes_put_u32be(key->bytes + key->len, v);
    key->len += 4;
}

static inline void key_u64(struct key *key, uint64_t v)
{
    bytes_put_u64be(key->bytes + key->len, v);
    key->len += 8;
}

static inline void key_bytes(struct key *key, const uint8_t *bytes, size_t len)
{
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
}

/* Whether a key that was read begins with this one and is len bytes long. */
static inline bool key_begins(const struct key *prefix, struct span read, size_t len)
{
    return read.len == len && memcmp(read.data, prefix->bytes, prefix->len) == 0;
}

#endif
