/*
 * Reading a fixed layout: a place in borrowed bytes that knows where their end is. Once something is missing,
 * everything that is taken afterwards is zero or NULL, too, so that a reader takes all fields and asks once, with
 * cursor_ends().
 */
#ifndef PROTOCOL_BASE_CURSOR_H
#define PROTOCOL_BASE_CURSOR_H

#include "protocol/base/bytes.h"

struct cursor {
    const uint8_t *at, *end;
    bool cut; /* more was asked for than there is */
};

static inline struct cursor cursor_of(struct span bytes)
{
    return (struct cursor){bytes.data, bytes.data + bytes.len, false};
}

/* The next len bytes, in place; NULL if there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t len)
{
    if (c->cut || len > (size_t)(c->end - c->at)) {
        c->cut = true;
        return NULL;
    }
    c->at += len;
    return c->at - len;
}

/* The next len bytes into out, or zeros. */
static inline void cursor_copy(struct cursor *c, void *out, size_t len)
{
    const uint8_t *in = cursor_take(c, len);
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = in != NULL ? in[i] : 0;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *in = cursor_take(c, 1);
    return in != NULL ? in[0] : 0;
}

static inline uint16_t cursor_u16be(struct cursor *c)
{
    const uint8_t *in = cursor_take(c, 2);
    return in != NULL ? bytes_get_u16be(in) : 0;
}

static inline uint32_t cursor_u32be(struct cursor *c)
{
    const uint8_t *in = cursor_take(c, 4);
    return in != NULL ? bytes_get_u32be(in) : 0;
}

static inline uint64_t cursor_u64be(struct cursor *c)
{
    const uint8_t *in = cursor_take(c, 8);
    return in != NULL ? bytes_get_u64be(in) : 0;
}

/* True if everything that was asked for was there, and nothing is left. */
static inline bool cursor_ends(const struct cursor *c)
{
    return !c->cut && c->at == c->end;
}

#endif
