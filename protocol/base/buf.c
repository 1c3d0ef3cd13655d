#include "protocol/base/buf.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Moves by hand instead of realloc(), which may leave an unwiped copy of a secret behind. */
static int grow(struct buf *b, size_t cap, struct err *err)
{
    uint8_t *data = malloc(cap);
    if (data == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu bytes", cap);
    if (b->data != NULL) {
        memcpy(data, b->data, b->len);
        sodium_memzero(b->data, b->cap);
        free(b->data);
    }
    b->data = data;
    b->cap = cap;
    return 0;
}

static int make_room(struct buf *b, size_t len, struct err *err)
{
    if (len > b->max || b->len > b->max - len)
        return err_set(err, ERR_INPUT, "more than the %zu bytes allowed", b->max);
    size_t need = b->len + len;
    if (need <= b->cap && b->data != NULL)
        return 0;
    size_t cap = b->cap < 128 ? 128 : b->cap;
    while (cap < need)
        cap = cap > b->max / 2 ? b->max : cap * 2;
    return grow(b, cap, err);
}

uint8_t *buf_reserve(struct buf *b, size_t len, struct err *err)
{
    return make_room(b, len, err) == 0 ? b->data + b->len : NULL;
}

int buf_put(struct buf *b, const void *data, size_t len, struct err *err)
{
    int rc = make_room(b, len, err);
    if (rc != 0)
        return rc;
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    return 0;
}

int buf_put_part(struct buf *b, struct span part, struct err *err)
{
    uint8_t len[2];
    if (part.len > UINT16_MAX)
        return err_set(err, ERR_INPUT, "a part of %zu bytes, the limit is %d", part.len, UINT16_MAX);
    int rc = make_room(b, sizeof len + part.len, err);
    if (rc != 0)
        return rc;
    bytes_put_u16be(len, (uint16_t)part.len);
    (void)buf_put(b, len, sizeof len, err);
    return buf_put(b, part.data, part.len, err);
}

int buf_printf(struct buf *b, struct err *err, const char *format, ...)
{
    char small[1024];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0)
        return err_set(err, ERR_INTERNAL, "a format string is broken");
    if ((size_t)len < sizeof small)
        return buf_put(b, small, (size_t)len, err);
    int rc = make_room(b, (size_t)len + 1, err);
    if (rc != 0)
        return rc;
    va_start(args, format);
    vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
    return 0;
}

void buf_free(struct buf *b)
{
    if (b->data != NULL) {
        sodium_memzero(b->data, b->cap);
        free(b->data);
    }
    *b = buf_of(b->max);
}
