#include "protocol/wire/wire.h"

#include "protocol/rpc/rpc.h"
#include "protocol/wire/codec.h"

#include <stdio.h>
#include <string.h>

#define TYPE_MAX WIRE_WITNESS
#define STATUS_MAX WIRE_FAILED

static const char *const type_names[] = {"",    "EVALUATE", "PUT",    "REMOVE",     "QUERY", "FETCH",
                                         "ACK", "WAIT",     "STATUS", "CHECKPOINT", "PROOF", "WITNESS"};

const char *wire_type_name(enum wire_type type)
{
    return (unsigned)type <= TYPE_MAX ? type_names[type] : "?";
}

static void write_head(struct codec_writer *w, size_t members, enum wire_type type, const uint8_t id[WIRE_ID_SIZE])
{
    msgpack_pack_array(&w->packer, members);
    msgpack_pack_uint64(&w->packer, WIRE_VERSION);
    msgpack_pack_uint64(&w->packer, type);
    msgpack_pack_bin_with_body(&w->packer, id, WIRE_ID_SIZE);
}

/* The body is a whole msgpack map already: it is copied behind the head as it is. */
int wire_request_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], struct span body,
                        struct err *err)
{
    struct codec_writer w;
    codec_write_raw_start(&w, out, err);
    write_head(&w, 4, type, id);
    return w.rc != 0 ? w.rc : buf_put(out, body.data, body.len, err);
}

int wire_reply_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], struct span body,
                      struct err *err)
{
    struct codec_writer w;
    codec_write_raw_start(&w, out, err);
    write_head(&w, 5, type, id);
    msgpack_pack_uint64(&w.packer, WIRE_OK);
    return w.rc != 0 ? w.rc : buf_put(out, body.data, body.len, err);
}

int wire_failure_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], enum wire_status status,
                        const char *reason, struct err *err)
{
    char cut[WIRE_REASON_MAX + 1];
    struct codec_writer w;
    snprintf(cut, sizeof cut, "%s", reason);
    /* A reason may quote what came from outside; a text on the wire has no control characters. */
    for (char *c = cut; *c != '\0'; c++)
        *c = (unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c;
    codec_write_raw_start(&w, out, err);
    write_head(&w, 5, type, id);
    msgpack_pack_uint64(&w.packer, status);
    codec_write_map(&w);
    codec_write_text(&w, "reason", cut);
    return codec_write_end(&w);
}

static int read_head(struct codec_cursor *c, size_t members, enum wire_type *type, uint8_t id[WIRE_ID_SIZE],
                     struct err *err)
{
    size_t count;
    uint64_t version, number = 0;
    struct span bytes;
    int rc = codec_read_array(c, "message", members, members, &count, err);
    if (rc == 0)
        rc = codec_read_uint(c, "version", UINT64_MAX, &version, err);
    if (rc != 0)
        return rc;
    if (version != WIRE_VERSION)
        return err_set(err, ERR_INPUT, "the message has protocol version %llu, this program speaks version %d",
                       (unsigned long long)version, WIRE_VERSION);
    rc = codec_read_uint(c, "type", TYPE_MAX, &number, err);
    if (rc == 0)
        rc = codec_read_bin(c, "id", WIRE_ID_SIZE, WIRE_ID_SIZE, &bytes, err);
    if (rc != 0)
        return rc;
    if (number == 0)
        return err_set(err, ERR_INPUT, "malformed message: field 'type' is out of range");
    *type = (enum wire_type)number;
    memcpy(id, bytes.data, WIRE_ID_SIZE);
    return 0;
}

int wire_request_decode(struct wire_request *out, struct span message, struct err *err)
{
    struct codec_cursor c = codec_cursor_of(message);
    int rc = read_head(&c, 4, &out->type, out->id, err);
    out->body = span_of(c.at, (size_t)(c.end - c.at));
    return rc;
}

int wire_reply_decode(struct wire_reply *out, struct span message, struct err *err)
{
    struct codec_cursor c = codec_cursor_of(message);
    uint64_t status = 0;
    int rc = read_head(&c, 5, &out->type, out->id, err);
    if (rc == 0)
        rc = codec_read_uint(&c, "status", STATUS_MAX, &status, err);
    if (rc != 0)
        return rc;
    out->status = (enum wire_status)status;
    out->body = span_of(c.at, (size_t)(c.end - c.at));
    out->reason[0] = '\0';
    if (out->status == WIRE_OK)
        return 0;
    const struct codec_field fields[] = {{"reason", CODEC_TEXT, out->reason, 0, WIRE_REASON_MAX, 0, NULL}};
    return codec_read_map(out->body, fields, ARRAY_LEN(fields), err);
}

int wire_status_error(const struct wire_reply *reply, const char *peer, struct err *err)
{
    static const enum err_code codes[] = {
        [WIRE_OK] = ERR_OK,
        [WIRE_MALFORMED] = ERR_INPUT,
        [WIRE_DENIED] = ERR_DENIED,
        [WIRE_BUDGET] = ERR_DENIED,
        [WIRE_BUSY] = ERR_BUSY,
        [WIRE_FULL] = ERR_NO_MEMORY,
        [WIRE_CONFLICT] = ERR_CONFLICT,
        [WIRE_FAILED] = ERR_INTERNAL,
    };
    if (reply->status == WIRE_OK)
        return 0;
    return err_set(err, codes[reply->status], "%s refused %s: %s", peer, wire_type_name(reply->type), reply->reason);
}

enum wire_status wire_status_of(int code)
{
    switch (code) {
    case ERR_OK:
        return WIRE_OK;
    case ERR_INPUT:
        return WIRE_MALFORMED;
    case ERR_DENIED:
        return WIRE_DENIED;
    case ERR_BUSY:
        return WIRE_BUSY;
    case ERR_NO_MEMORY:
        return WIRE_FULL;
    case ERR_CONFLICT:
        return WIRE_CONFLICT;
    default:
        return WIRE_FAILED;
    }
}

int wire_call(struct rpc_client *client, const char *peer, enum wire_type type, const uint8_t id[WIRE_ID_SIZE],
              struct span body, struct buf *message, struct wire_reply *reply, struct err *err)
{
    struct buf request = buf_of(RPC_MESSAGE_MAX);
    buf_clear(message);
    int rc = wire_request_encode(&request, type, id, body, err);
    if (rc == 0)
        rc = rpc_call(client, buf_span(&request), message, err);
    if (rc == 0 && (rc = wire_reply_decode(reply, buf_span(message), err)) != 0)
        err_wrap(err, "%s answered %s", peer, wire_type_name(type));
    if (rc == 0 && (reply->type != type || memcmp(reply->id, id, WIRE_ID_SIZE) != 0))
        rc = err_set(err, ERR_VERIFY, "%s answered another request than %s", peer, wire_type_name(type));
    if (rc == 0)
        rc = wire_status_error(reply, peer, err);
    buf_free(&request);
    return rc;
}
