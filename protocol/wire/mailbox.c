#include "protocol/wire/mailbox.h"

#include "protocol/wire/codec.h"

#include <stdlib.h>
#include <string.h>

int fetch_request_encode(struct buf *out, const struct fetch_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "after", in->after);
    codec_write_uint(&w, "limit", in->limit);
    return codec_write_end(&w);
}

int fetch_request_decode(struct fetch_request *out, struct span body, struct err *err)
{
    uint64_t limit = 0;
    const struct codec_field fields[] = {
        {"after", CODEC_UINT, &out->after, 0, UINT64_MAX, 0, NULL},
        {"limit", CODEC_UINT, &limit, 1, WIRE_BATCH_MAX, 0, NULL},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    out->limit = (uint32_t)limit;
    return rc;
}

int fetch_reply_encode(struct buf *out, const struct fetch_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_name(&w, "messages");
    msgpack_pack_array(&w.packer, in->count);
    for (size_t i = 0; i < in->count; i++) {
        const struct mailbox_message *m = &in->message[i];
        codec_write_map(&w);
        codec_write_uint(&w, "sequence", m->sequence);
        codec_write_uint(&w, "kind", m->kind);
        codec_write_text(&w, "purpose", m->purpose);
        codec_write_uint(&w, "epoch", m->epoch);
        codec_write_text(&w, "partner", m->partner);
        codec_write_bin(&w, "tag", span_of(m->tag, WIRE_TAG_SIZE));
        codec_write_bin(&w, "payload", m->payload);
        codec_write_end(&w);
    }
    codec_write_bool(&w, "more", in->more);
    return codec_write_end(&w);
}

static int read_message(struct codec_cursor *cursor, struct mailbox_message *out, struct err *err)
{
    uint64_t kind = 0, epoch = 0;
    struct span tag = {0};
    const struct codec_field fields[] = {
        {"sequence", CODEC_UINT, &out->sequence, 1, UINT64_MAX, 0, NULL},
        {"kind", CODEC_UINT, &kind, MAILBOX_MATCH, MAILBOX_WITHDRAWN, 0, NULL},
        {"purpose", CODEC_TEXT, out->purpose, 1, PARTY_NAME_MAX, 0, NULL},
        {"epoch", CODEC_UINT, &epoch, 0, UINT32_MAX, 0, NULL},
        {"partner", CODEC_TEXT, out->partner, 1, PARTY_NAME_MAX, 0, NULL},
        {"tag", CODEC_BIN, &tag, WIRE_TAG_SIZE, WIRE_TAG_SIZE, 1, NULL},
        {"payload", CODEC_BIN, &out->payload, 0, WIRE_PAYLOAD_MAX, 1, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    if (rc != 0)
        return rc;
    out->kind = (enum mailbox_kind)kind;
    out->epoch = (uint32_t)epoch;
    memcpy(out->tag, tag.data, WIRE_TAG_SIZE);
    if ((out->kind == MAILBOX_MATCH) != (out->payload.len > 0))
        return err_set(err, ERR_INPUT, "malformed message: field 'payload' does not go with its kind");
    return 0;
}

static int read_messages(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct fetch_reply *out = to;
    int rc = codec_read_array(cursor, "messages", 0, WIRE_BATCH_MAX, &out->count, err);
    if (rc != 0 || out->count == 0)
        return rc;
    out->message = calloc(out->count, sizeof *out->message);
    if (out->message == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu messages", out->count);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        rc = read_message(cursor, &out->message[i], err);
        if (rc == 0 && i > 0 && out->message[i].sequence <= out->message[i - 1].sequence)
            rc = err_set(err, ERR_INPUT, "malformed message: the sequence numbers do not ascend");
    }
    return rc;
}

int fetch_reply_decode(struct fetch_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"messages", CODEC_READ, out, 0, 0, 0, read_messages},
        {"more", CODEC_BOOL, &out->more, 0, 0, 0, NULL},
    };
    out->message = NULL;
    out->count = 0;
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc != 0)
        fetch_reply_free(out);
    return rc;
}

void fetch_reply_free(struct fetch_reply *reply)
{
    free(reply->message);
    reply->message = NULL;
    reply->count = 0;
}

int ack_request_encode(struct buf *out, const struct ack_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "through", in->through);
    return codec_write_end(&w);
}

int ack_request_decode(struct ack_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {{"through", CODEC_UINT, &out->through, 0, UINT64_MAX, 0, NULL}};
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int ack_reply_encode(struct buf *out, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    return codec_write_end(&w);
}

int ack_reply_decode(struct span body, struct err *err)
{
    return codec_read_map(body, NULL, 0, err);
}

int wait_request_encode(struct buf *out, const struct wait_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "after", in->after);
    codec_write_uint(&w, "seconds", in->seconds);
    return codec_write_end(&w);
}

int wait_request_decode(struct wait_request *out, struct span body, struct err *err)
{
    uint64_t seconds = 0;
    const struct codec_field fields[] = {
        {"after", CODEC_UINT, &out->after, 0, UINT64_MAX, 0, NULL},
        {"seconds", CODEC_UINT, &seconds, 1, MAILBOX_WAIT_MAX, 0, NULL},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    out->seconds = (uint32_t)seconds;
    return rc;
}

int wait_reply_encode(struct buf *out, const struct wait_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bool(&w, "available", in->available);
    return codec_write_end(&w);
}

int wait_reply_decode(struct wait_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {{"available", CODEC_BOOL, &out->available, 0, 0, 0, NULL}};
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
