#include "protocol/wire/wire.h"

#include "protocol/rpc/rpc.h"
#include "protocol/wire/codec.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define TYPE_MAX WIRE_CLOSE
#define STATUS_MAX WIRE_SPENT
#define REQUEST_MEMBERS 7
#define REPLY_MEMBERS 5
#define MEMBERS_MAX 15 /* of any version: enough to read the version and name it */

static const struct {
    const char *name;
    bool is_signed;
    uint8_t scope_min, scope_max;
} types[TYPE_MAX + 1] = {
    [WIRE_UNKNOWN] = {"an unreadable request", false, 0, 0},
    [WIRE_EVALUATE] = {"EVALUATE", true, 1, WIRE_SCOPE_MAX},
    [WIRE_PUT] = {"PUT", true, 1, 1},
    [WIRE_REMOVE] = {"REMOVE", true, 1, 1},
    [WIRE_QUERY] = {"QUERY", true, 1, WIRE_SCOPE_MAX},
    [WIRE_FETCH] = {"FETCH", false, 0, 0},
    [WIRE_ACK] = {"ACK", true, 0, 0},
    [WIRE_WAIT] = {"WAIT", false, 0, 0},
    [WIRE_STATUS] = {"STATUS", false, 0, 0},
    [WIRE_CHECKPOINT] = {"CHECKPOINT", false, 0, 0},
    [WIRE_PROOF] = {"PROOF", false, 0, 0},
    [WIRE_WITNESS] = {"WITNESS", false, 0, 0},
    [WIRE_LETTER] = {"LETTER", true, 0, 1},
    [WIRE_PREKEY] = {"PREKEY", true, 0, 0},
    [WIRE_PREKEYS] = {"PREKEYS", false, 0, 0},
    [WIRE_RELEASE] = {"RELEASE", true, 1, 1},
    [WIRE_SUSPEND] = {"SUSPEND", true, 1, 1},
    [WIRE_CLOSE] = {"CLOSE", true, 1, 1},
};

const char *wire_type_name(enum wire_type type)
{
    return (unsigned)type <= TYPE_MAX ? types[type].name : "?";
}

bool wire_type_signed(enum wire_type type)
{
    return (unsigned)type <= TYPE_MAX && types[type].is_signed;
}

/* --- writing --- */

static void write_head(struct codec_writer *w, size_t members, enum wire_type type, const uint8_t id[WIRE_ID_SIZE])
{
    msgpack_pack_array(&w->packer, members);
    msgpack_pack_uint64(&w->packer, WIRE_VERSION);
    msgpack_pack_uint64(&w->packer, type);
    msgpack_pack_bin_with_body(&w->packer, id, WIRE_ID_SIZE);
}

/* The body is a whole msgpack map already: it is copied behind the head as it is. */
int wire_request_encode(struct buf *out, const struct wire_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_raw_start(&w, out, err);
    write_head(&w, REQUEST_MEMBERS, in->type, in->id);
    msgpack_pack_uint64(&w.packer, in->time);
    msgpack_pack_array(&w.packer, in->scope_count);
    for (size_t i = 0; i < in->scope_count; i++) {
        msgpack_pack_array(&w.packer, 2);
        codec_write_name(&w, in->scope[i].purpose);
        msgpack_pack_uint64(&w.packer, in->scope[i].epoch);
    }
    msgpack_pack_bin_with_body(&w.packer, in->signature, wire_type_signed(in->type) ? WIRE_SIGNATURE_SIZE : 0);
    return w.rc != 0 ? w.rc : buf_put(out, in->body.data, in->body.len, err);
}

int wire_reply_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], struct span body,
                      struct err *err)
{
    struct codec_writer w;
    codec_write_raw_start(&w, out, err);
    write_head(&w, REPLY_MEMBERS, type, id);
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
    write_head(&w, REPLY_MEMBERS, type, id);
    msgpack_pack_uint64(&w.packer, status);
    codec_write_map(&w);
    codec_write_text(&w, "reason", cut);
    return codec_write_end(&w);
}

int wire_malformed_encode(struct buf *out, const char *reason, struct err *err)
{
    const uint8_t nobody[WIRE_ID_SIZE] = {0};
    return wire_failure_encode(out, WIRE_UNKNOWN, nobody, WIRE_MALFORMED, reason, err);
}

/* --- reading --- */

static int wrong(struct err *err, const char *name, const char *what)
{
    return err_set(err, ERR_INPUT, "malformed message: field '%s' %s", name, what);
}

/* The version is read before the members are counted: another version's message is told apart from a broken one. */
static int read_head(struct codec_cursor *c, size_t members, uint64_t type_min, enum wire_type *type,
                     uint8_t id[WIRE_ID_SIZE], struct err *err)
{
    size_t count = 0;
    uint64_t version = 0, number = 0;
    struct span bytes = {0};
    int rc = codec_read_array(c, "message", 1, MEMBERS_MAX, &count, err);
    if (rc == 0)
        rc = codec_read_uint(c, "version", UINT64_MAX, &version, err);
    if (rc == 0 && version != WIRE_VERSION)
        rc = err_set(err, ERR_INPUT, "the message has protocol version %llu, this program speaks version %d",
                     (unsigned long long)version, WIRE_VERSION);
    if (rc == 0 && count != members)
        rc = wrong(err, "message", "has too few or too many members");
    if (rc == 0)
        rc = codec_read_uint(c, "type", TYPE_MAX, &number, err);
    if (rc == 0 && number < type_min)
        rc = wrong(err, "type", "is out of range");
    if (rc == 0)
        rc = codec_read_bin(c, "id", WIRE_ID_SIZE, WIRE_ID_SIZE, &bytes, err);
    if (rc != 0)
        return rc;
    *type = (enum wire_type)number;
    memcpy(id, bytes.data, WIRE_ID_SIZE);
    return 0;
}

static int compare_scopes(const struct wire_scope *a, const struct wire_scope *b)
{
    int order = strcmp(a->purpose, b->purpose);
    return order != 0 ? order : a->epoch < b->epoch ? -1 : a->epoch > b->epoch;
}

static int read_scope(struct codec_cursor *c, struct wire_request *out, struct err *err)
{
    size_t pair = 0;
    int rc =
        codec_read_array(c, "scope", types[out->type].scope_min, types[out->type].scope_max, &out->scope_count, err);
    for (size_t i = 0; rc == 0 && i < out->scope_count; i++) {
        struct wire_scope *s = &out->scope[i];
        uint64_t epoch = 0;
        rc = codec_read_array(c, "scope", 2, 2, &pair, err);
        if (rc == 0)
            rc = codec_read_text(c, "scope", s->purpose, PARTY_NAME_MAX, err);
        if (rc == 0 && party_name_check(s->purpose, ERR_IGNORED) != 0)
            rc = wrong(err, "scope", "has a purpose that is no name");
        if (rc == 0)
            rc = codec_read_uint(c, "scope", UINT32_MAX, &epoch, err);
        s->epoch = (uint32_t)epoch;
        if (rc == 0 && i > 0 && compare_scopes(s - 1, s) >= 0)
            rc = wrong(err, "scope", "is not strictly ascending");
    }
    return rc;
}

int wire_request_decode(struct wire_request *out, struct span message, struct err *err)
{
    struct codec_cursor c = codec_cursor_of(message);
    struct span signature = {0};
    int rc = read_head(&c, REQUEST_MEMBERS, WIRE_EVALUATE, &out->type, out->id, err);
    if (rc == 0)
        rc = codec_read_uint(&c, "time", INT64_MAX, &out->time, err);
    if (rc == 0 && !types[out->type].is_signed && out->time != 0)
        rc = wrong(err, "time", "belongs to signed requests");
    if (rc == 0)
        rc = read_scope(&c, out, err);
    if (rc == 0) {
        size_t size = types[out->type].is_signed ? WIRE_SIGNATURE_SIZE : 0;
        rc = codec_read_bin(&c, "signature", size, size, &signature, err);
    }
    memset(out->signature, 0, sizeof out->signature);
    if (rc == 0 && signature.len > 0)
        memcpy(out->signature, signature.data, signature.len);
    out->body = span_of(c.at, (size_t)(c.end - c.at));
    return rc;
}

int wire_reply_decode(struct wire_reply *out, struct span message, struct err *err)
{
    struct codec_cursor c = codec_cursor_of(message);
    uint64_t status = 0;
    int rc = read_head(&c, REPLY_MEMBERS, WIRE_UNKNOWN, &out->type, out->id, err);
    if (rc == 0)
        rc = codec_read_uint(&c, "status", STATUS_MAX, &status, err);
    if (rc != 0)
        return rc;
    out->status = (enum wire_status)status;
    out->body = span_of(c.at, (size_t)(c.end - c.at));
    out->reason[0] = '\0';
    if (out->type == WIRE_UNKNOWN && (out->status != WIRE_MALFORMED || !sodium_is_zero(out->id, sizeof out->id)))
        return wrong(err, "type", "is out of range");
    if (out->status == WIRE_OK)
        return 0;
    const struct codec_field fields[] = {{"reason", CODEC_TEXT, out->reason, 0, WIRE_REASON_MAX, 0, NULL}};
    return codec_read_map(out->body, fields, ARRAY_LEN(fields), err);
}

/* --- statuses --- */

int wire_status_error(const struct wire_reply *reply, const char *peer, struct err *err)
{
    static const enum err_code codes[] = {
        [WIRE_OK] = ERR_OK,
        [WIRE_MALFORMED] = ERR_INPUT,
        [WIRE_DENIED] = ERR_DENIED,
        [WIRE_LIMIT] = ERR_DENIED,
        [WIRE_BUSY] = ERR_BUSY,
        [WIRE_FULL] = ERR_NO_MEMORY,
        [WIRE_CONFLICT] = ERR_CONFLICT,
        [WIRE_FAILED] = ERR_INTERNAL,
        [WIRE_CLOCK] = ERR_CLOCK,
        [WIRE_SPENT] = ERR_CONFLICT,
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
    case ERR_CLOCK:
        return WIRE_CLOCK;
    default:
        return WIRE_FAILED;
    }
}

/* --- the client's side --- */

int wire_call(struct rpc_client *client, const char *peer, const struct wire_request *request, struct buf *message,
              struct wire_reply *reply, struct err *err)
{
    const char *name = wire_type_name(request->type);
    struct buf encoded = buf_of(RPC_MESSAGE_MAX);
    buf_clear(message);
    int rc = wire_request_encode(&encoded, request, err);
    if (rc == 0)
        rc = rpc_call(client, buf_span(&encoded), message, err);
    if (rc == 0 && (rc = wire_reply_decode(reply, buf_span(message), err)) != 0)
        err_wrap(err, "%s answered %s", peer, name);
    if (rc == 0 && reply->type == WIRE_UNKNOWN)
        rc = err_set(err, ERR_INPUT, "%s cannot read %s: %s", peer, name, reply->reason);
    if (rc == 0 && (reply->type != request->type || memcmp(reply->id, request->id, WIRE_ID_SIZE) != 0))
        rc = err_set(err, ERR_VERIFY, "%s answered another request than %s", peer, name);
    if (rc == 0)
        rc = wire_status_error(reply, peer, err);
    buf_free(&encoded);
    return rc;
}

int wire_ask(struct rpc_client *client, const char *peer, enum wire_type type, struct span body, struct buf *message,
             struct wire_reply *reply, struct err *err)
{
    struct wire_request request = {.type = type, .body = body};
    randombytes_buf(request.id, sizeof request.id);
    return wire_call(client, peer, &request, message, reply, err);
}
