/*
 * What the conversations are built from: writing a map of named fields, and reading one strictly. Private to wire/.
 *
 * The reader walks the bytes of one map in place. A field's name must be one of the table's, each exactly once, in any
 * order; each value is checked against its type and bounds before use. No allocation, no recursion.
 */
#ifndef PROTOCOL_WIRE_CODEC_H
#define PROTOCOL_WIRE_CODEC_H

#include "protocol/wire/wire.h"

#include <msgpack.h>
#include <stdbool.h>

#define CODEC_FIELDS_MAX 15 /* of one map, so that its head is one byte */
#define CODEC_DEPTH_MAX 4   /* maps within maps, when writing */

/*
 * A packer that writes into a struct buf; rc keeps the first failure. It counts the members of each open map and puts
 * the count into the map's head when the map ends.
 */
struct codec_writer {
    struct buf *out;
    msgpack_packer packer;
    struct err *err;
    int rc;
    unsigned depth; /* maps that are open */
    struct codec_open_map {
        size_t head; /* where in out */
        unsigned members;
    } map[CODEC_DEPTH_MAX];
};

/* Begins a message that is one map, or anything. */
void codec_write_start(struct codec_writer *w, struct buf *out, struct err *err);
void codec_write_raw_start(struct codec_writer *w, struct buf *out, struct err *err);

/* A map as a value: behind a name, or as a member of an array. */
void codec_write_map(struct codec_writer *w);

/* Ends the map opened last. Returns rc: what an encoder returns, for the outermost. ERR_INTERNAL: too many, or no
 * map. */
int codec_write_end(struct codec_writer *w);

/* The name of a member, which counts it; its value follows. */
void codec_write_name(struct codec_writer *w, const char *name);
void codec_write_text(struct codec_writer *w, const char *name, const char *text);
void codec_write_uint(struct codec_writer *w, const char *name, uint64_t value);
void codec_write_bool(struct codec_writer *w, const char *name, bool value);
void codec_write_bin(struct codec_writer *w, const char *name, struct span bytes);
void codec_write_array(struct codec_writer *w, const char *name, size_t count);

enum codec_type { CODEC_UINT, CODEC_U32, CODEC_BOOL, CODEC_TEXT, CODEC_BIN, CODEC_FIXED, CODEC_READ };

/* A place in a message that knows where the end is. */
struct codec_cursor {
    const uint8_t *at, *end;
};

static inline struct codec_cursor codec_cursor_of(struct span bytes)
{
    return (struct codec_cursor){bytes.data, bytes.data + bytes.len};
}

/*
 * A field of a map. CODEC_UINT: min..max, into *(uint64_t *)to; CODEC_U32: into *(uint32_t *)to. CODEC_BOOL: into
 * *(bool *)to. CODEC_TEXT: min..max bytes and a NUL, into char to[max + 1]. CODEC_BIN: min..max bytes, a multiple of
 * unit, into *(struct span *)to. CODEC_FIXED: exactly max bytes, copied into uint8_t to[max]. CODEC_READ: read() takes
 * what it needs from the cursor.
 */
struct codec_field {
    const char *name;
    enum codec_type type;
    void *to;
    uint64_t min, max;
    size_t unit;
    int (*read)(struct codec_cursor *cursor, void *to, struct err *err);
};

/* Reads a whole map and nothing after it. ERR_INPUT names the field. */
int codec_read_map(struct span body, const struct codec_field *fields, size_t count, struct err *err);

/* The same from a cursor, which moves behind the map. */
int codec_read_map_at(struct codec_cursor *cursor, const struct codec_field *fields, size_t count, struct err *err);

/* ERR_INPUT if anything is left. */
int codec_read_end(const struct codec_cursor *cursor, struct err *err);

/* Single values, for arrays; name is for messages. */
int codec_read_array(struct codec_cursor *cursor, const char *name, size_t min, size_t max, size_t *count,
                     struct err *err);
int codec_read_uint(struct codec_cursor *cursor, const char *name, uint64_t max, uint64_t *out, struct err *err);
int codec_read_text(struct codec_cursor *cursor, const char *name, char *out, size_t max, struct err *err);
int codec_read_bin(struct codec_cursor *cursor, const char *name, size_t min, size_t max, struct span *out,
                   struct err *err);

/* ERR_INPUT unless the units of size bytes ascend strictly: so none comes twice. */
int codec_check_ascending(struct span units, size_t size, const char *name, struct err *err);

/*
 * What several conversations carry: the field "receipt", the field "events", the field "spent". For CODEC_READ the
 * targets are struct wire_receipt, wire_event_list (allocates), wire_spent_list. In log.c and entry.c.
 */
struct wire_receipt;
struct wire_event_list;
struct wire_spent_list;
void codec_write_receipt(struct codec_writer *w, const struct wire_receipt *in);
int codec_read_receipt(struct codec_cursor *cursor, void *to, struct err *err);
void codec_write_events(struct codec_writer *w, const struct wire_event_list *in);
int codec_read_events(struct codec_cursor *cursor, void *to, struct err *err);
void codec_write_spent(struct codec_writer *w, const struct wire_spent_list *in);
int codec_read_spent(struct codec_cursor *cursor, void *to, struct err *err);

#endif
