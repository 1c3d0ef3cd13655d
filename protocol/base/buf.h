/*
 * A growable run of bytes with a limit. Appending past the limit, or out of memory, fails and leaves the
 * contents as they were; nothing that comes from outside can make it grow without bound.
 */
#ifndef PROTOCOL_BASE_BUF_H
#define PROTOCOL_BASE_BUF_H

#include "protocol/base/bytes.h"
#include "protocol/base/err.h"

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max;
};

/* An empty buffer that may grow to max bytes. Allocates nothing yet. */
static inline struct buf buf_of(size_t max)
{
    return (struct buf){.max = max};
}

static inline struct span buf_span(const struct buf *b)
{
    return (struct span){b->data, b->len};
}

/* Appends len bytes, or nothing. ERR_INPUT past the limit, ERR_NO_MEMORY. */
int buf_put(struct buf *b, const void *data, size_t len, struct err *err);

/* Appends a part as hashes and signatures take it: its length as u16be, then its bytes. ERR_INPUT from 65,536 bytes
 * on. */
int buf_put_part(struct buf *b, struct span part, struct err *err);

/* Appends formatted text without a terminating NUL. */
int buf_printf(struct buf *b, struct err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Makes room for len more bytes and returns where they go, or NULL with err set. The caller adds to b->len. */
uint8_t *buf_reserve(struct buf *b, size_t len, struct err *err);

/* Forgets the contents, keeps the memory. */
static inline void buf_clear(struct buf *b)
{
    b->len = 0;
}

/* Wipes and releases; the buffer is empty and usable afterwards. Harmless on a buffer that never grew. */
void buf_free(struct buf *b);

#endif
