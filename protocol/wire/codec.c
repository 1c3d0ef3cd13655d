#include "protocol/wire/codec.h"

#include <stdio.h>
#include <string.h>

/* --- writing --- */

static int write_bytes(void *context, const char *data, size_t len)
{
    struct codec_writer *w = context;
    if (w->rc == 0)
        w->rc = buf_put(w->out, data, len, w->err);
    return w->rc == 0 ? 0 : -1;
}

void codec_write_raw_start(struct codec_writer *w, struct buf *out, struct err *err)
{
    *w = (struct codec_writer){.out = out, .err = err};
    msgpack_packer_init(&w->packer, w, write_bytes);
}

void codec_write_start(struct codec_writer *w, struct buf *out, struct err *err)
{
    codec_write_raw_start(w, out, err);
    codec_write_map(w);
}

#define FIXMAP                                                                                                         \
    0x80 /* msgpack's head of a map with up to CODEC_FIELDS_MAX members, which it carries in its lower bits */

void codec_write_map(struct codec_writer *w)
{
    if (w->rc == 0 && w->depth == CODEC_DEPTH_MAX)
        w->rc = err_set(w->err, ERR_INTERNAL, "a message has maps within maps, too deep");
    if (w->rc != 0)
        return;
    const char head = (char)FIXMAP;
    w->map[w->depth++] = (struct codec_open_map){.head = w->out->len};
    write_bytes(w, &head, 1);
}

int codec_write_end(struct codec_writer *w)
{
    if (w->rc == 0 && (w->depth == 0 || w->map[w->depth - 1].members > CODEC_FIELDS_MAX))
        w->rc = err_set(w->err, ERR_INTERNAL, "a map in a message has too many members, or never began");
    if (w->rc == 0) {
        const struct codec_open_map *map = &w->map[--w->depth];
        w->out->data[map->head] = (uint8_t)(FIXMAP | map->members);
    }
    return w->rc;
}

static void write_text(struct codec_writer *w, const char *text)
{
    msgpack_pack_str_with_body(&w->packer, text, strlen(text));
}

void codec_write_name(struct codec_writer *w, const char *name)
{
    if (w->depth > 0)
        w->map[w->depth - 1].members++;
    write_text(w, name);
}

void codec_write_text(struct codec_writer *w, const char *name, const char *text)
{
    codec_write_name(w, name);
    write_text(w, text);
}

void codec_write_uint(struct codec_writer *w, const char *name, uint64_t value)
{
    codec_write_name(w, name);
    msgpack_pack_uint64(&w->packer, value);
}

void codec_write_bool(struct codec_writer *w, const char *name, bool value)
{
    codec_write_name(w, name);
    if (value)
        msgpack_pack_true(&w->packer);
    else
        msgpack_pack_false(&w->packer);
}

void codec_write_bin(struct codec_writer *w, const char *name, struct span bytes)
{
    codec_write_name(w, name);
    msgpack_pack_bin_with_body(&w->packer, bytes.data, bytes.len);
}

void codec_write_array(struct codec_writer *w, const char *name, size_t count)
{
    codec_write_name(w, name);
    msgpack_pack_array(&w->packer, count);
}

/* --- reading: the msgpack formats that the messages use, and no others --- */

static int wrong(struct err *err, const char *name, const char *what)
{
    return err_set(err, ERR_INPUT, "malformed message: field '%s' %s", name, what);
}

/* The name comes from outside: shown only as far as it is plain. */
static int unknown_field(struct span key, struct err *err)
{
    char name[33];
    size_t len = key.len < sizeof name - 1 ? key.len : sizeof name - 1;
    for (size_t i = 0; i < len; i++)
        name[i] = (char)(key.data[i] > 0x20 && key.data[i] < 0x7f ? key.data[i] : '?');
    name[len] = '\0';
    return err_set(err, ERR_INPUT, "malformed message: unknown field '%s'", name);
}

static bool take(struct codec_cursor *c, size_t len, const uint8_t **out)
{
    if (len > (size_t)(c->end - c->at))
        return false;
    *out = c->at;
    c->at += len;
    return true;
}

/* Big-endian integer of 1, 2, 4 or 8 bytes. */
static bool take_uint(struct codec_cursor *c, size_t width, uint64_t *out)
{
    const uint8_t *p;
    if (!take(c, width, &p))
        return false;
    *out = 0;
    for (size_t i = 0; i < width; i++)
        *out = *out << 8 | p[i];
    return true;
}

/* A length whose first byte is fix | n, or one of the three codes from code8 on (0: does not exist). */
static bool take_length(struct codec_cursor *c, uint8_t fix, uint8_t fix_mask, uint8_t code8, uint8_t code16,
                        uint64_t *len)
{
    const uint8_t *p;
    if (!take(c, 1, &p))
        return false;
    if (fix != 0 && (*p & (uint8_t)~fix_mask) == fix) {
        *len = *p & fix_mask;
        return true;
    }
    if (code8 != 0 && *p == code8)
        return take_uint(c, 1, len);
    if (*p == code16)
        return take_uint(c, 2, len);
    return *p == code16 + 1 && take_uint(c, 4, len);
}

static bool take_text(struct codec_cursor *c, struct span *out)
{
    uint64_t len;
    if (!take_length(c, 0xa0, 0x1f, 0xd9, 0xda, &len) || len > SIZE_MAX)
        return false;
    out->len = (size_t)len;
    return take(c, out->len, &out->data);
}

int codec_read_text(struct codec_cursor *cursor, const char *name, char *out, size_t max, struct err *err)
{
    struct span text;
    if (!take_text(cursor, &text))
        return wrong(err, name, "is not text");
    if (text.len > max)
        return wrong(err, name, "is too long");
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f)
            return wrong(err, name, "has a control character");
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return 0;
}

int codec_read_bin(struct codec_cursor *cursor, const char *name, size_t min, size_t max, struct span *out,
                   struct err *err)
{
    uint64_t len;
    if (!take_length(cursor, 0, 0, 0xc4, 0xc5, &len))
        return wrong(err, name, "is not a bin");
    if (len < min || len > max)
        return wrong(err, name, "has a length out of bounds");
    out->len = (size_t)len;
    return take(cursor, out->len, &out->data) ? 0 : wrong(err, name, "is cut off");
}

int codec_read_uint(struct codec_cursor *cursor, const char *name, uint64_t max, uint64_t *out, struct err *err)
{
    const uint8_t *p;
    if (!take(cursor, 1, &p))
        return wrong(err, name, "is cut off");
    if (*p < 0x80)
        *out = *p;
    else if (*p < 0xcc || *p > 0xcf || !take_uint(cursor, (size_t)1 << (*p - 0xcc), out))
        return wrong(err, name, "is not an unsigned integer");
    return *out <= max ? 0 : wrong(err, name, "is out of range");
}

int codec_read_array(struct codec_cursor *cursor, const char *name, size_t min, size_t max, size_t *count,
                     struct err *err)
{
    uint64_t len;
    if (!take_length(cursor, 0x90, 0x0f, 0, 0xdc, &len))
        return wrong(err, name, "is not an array");
    if (len < min || len > max)
        return wrong(err, name, "has too few or too many members");
    /* Every member takes a byte at least: nothing is allocated for members that cannot be there. */
    if (len > (uint64_t)(cursor->end - cursor->at))
        return wrong(err, name, "is cut off");
    *count = (size_t)len;
    return 0;
}

static int read_bool(struct codec_cursor *cursor, const char *name, bool *out, struct err *err)
{
    const uint8_t *p;
    if (!take(cursor, 1, &p) || (*p != 0xc2 && *p != 0xc3))
        return wrong(err, name, "is not a boolean");
    *out = *p == 0xc3;
    return 0;
}

static int read_number(struct codec_cursor *cursor, const struct codec_field *f, struct err *err)
{
    uint64_t value = 0;
    int rc = codec_read_uint(cursor, f->name, f->max, &value, err);
    if (rc == 0 && value < f->min)
        rc = wrong(err, f->name, "is out of range");
    if (rc == 0 && f->type == CODEC_U32)
        *(uint32_t *)f->to = (uint32_t)value;
    else if (rc == 0)
        *(uint64_t *)f->to = value;
    return rc;
}

static int read_bytes(struct codec_cursor *cursor, const struct codec_field *f, struct err *err)
{
    struct span bin;
    int rc =
        codec_read_bin(cursor, f->name, (size_t)(f->type == CODEC_FIXED ? f->max : f->min), (size_t)f->max, &bin, err);
    if (rc == 0 && f->unit > 1 && bin.len % f->unit != 0)
        rc = wrong(err, f->name, "is not whole units long");
    if (rc == 0 && f->type == CODEC_FIXED)
        memcpy(f->to, bin.data, bin.len);
    else if (rc == 0)
        *(struct span *)f->to = bin;
    return rc;
}

static int read_field(struct codec_cursor *cursor, const struct codec_field *f, struct err *err)
{
    int rc;
    switch (f->type) {
    case CODEC_UINT:
    case CODEC_U32:
        return read_number(cursor, f, err);
    case CODEC_BOOL:
        return read_bool(cursor, f->name, f->to, err);
    case CODEC_TEXT:
        rc = codec_read_text(cursor, f->name, f->to, (size_t)f->max, err);
        return rc == 0 && strlen(f->to) < f->min ? wrong(err, f->name, "is too short") : rc;
    case CODEC_BIN:
    case CODEC_FIXED:
        return read_bytes(cursor, f, err);
    case CODEC_READ:
        return f->read(cursor, f->to, err);
    }
    return err_set(err, ERR_INTERNAL, "unknown field type");
}

static int read_members(struct codec_cursor *cursor, uint64_t members, const struct codec_field *fields, size_t count,
                        struct err *err)
{
    uint32_t seen = 0;
    for (uint64_t m = 0; m < members; m++) {
        struct span key;
        size_t i = 0;
        if (!take_text(cursor, &key))
            return err_set(err, ERR_INPUT, "malformed message: a field's name is not text");
        while (i < count && (strlen(fields[i].name) != key.len || memcmp(fields[i].name, key.data, key.len) != 0))
            i++;
        if (i == count)
            return unknown_field(key, err);
        if ((seen >> i & 1) != 0)
            return wrong(err, fields[i].name, "stands twice");
        seen |= (uint32_t)1 << i;
        int rc = read_field(cursor, &fields[i], err);
        if (rc != 0)
            return rc;
    }
    for (size_t i = 0; i < count; i++)
        if ((seen >> i & 1) == 0)
            return wrong(err, fields[i].name, "is missing");
    return 0;
}

int codec_read_map_at(struct codec_cursor *cursor, const struct codec_field *fields, size_t count, struct err *err)
{
    uint64_t members;
    if (!take_length(cursor, 0x80, 0x0f, 0, 0xde, &members) || members > CODEC_FIELDS_MAX)
        return err_set(err, ERR_INPUT, "malformed message: a map of fields is needed");
    return read_members(cursor, members, fields, count, err);
}

int codec_read_map(struct span body, const struct codec_field *fields, size_t count, struct err *err)
{
    struct codec_cursor cursor = codec_cursor_of(body);
    int rc = codec_read_map_at(&cursor, fields, count, err);
    if (rc == 0)
        rc = codec_read_end(&cursor, err);
    return rc;
}

int codec_read_end(const struct codec_cursor *cursor, struct err *err)
{
    if (cursor->at != cursor->end)
        return err_set(err, ERR_INPUT, "malformed message: %zu bytes after its end",
                       (size_t)(cursor->end - cursor->at));
    return 0;
}

int codec_check_ascending(struct span units, size_t size, const char *name, struct err *err)
{
    for (size_t at = size; at + size <= units.len; at += size)
        if (memcmp(units.data + at - size, units.data + at, size) >= 0)
            return wrong(err, name, "is not strictly ascending");
    return 0;
}
