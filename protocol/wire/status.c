#include "protocol/wire/status.h"

#include "protocol/wire/codec.h"

int status_request_encode(struct buf *out, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    return codec_write_end(&w);
}

int status_request_decode(struct span body, struct err *err)
{
    return codec_read_map(body, NULL, 0, err);
}

int status_reply_encode(struct buf *out, const struct status_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "manifest", in->manifest);
    codec_write_uint(&w, "time", in->time);
    codec_write_uint(&w, "mailbox", in->mailbox);
    codec_write_uint(&w, "last_sequence", in->last_sequence);
    codec_write_uint(&w, "ledger_size", in->ledger_size);
    codec_write_name(&w, "purposes");
    msgpack_pack_array(&w.packer, in->purpose_count);
    for (size_t i = 0; i < in->purpose_count; i++) {
        codec_write_map(&w);
        codec_write_text(&w, "name", in->purpose[i].name);
        codec_write_uint(&w, "epoch", in->purpose[i].epoch);
        codec_write_uint(&w, "entries", in->purpose[i].entries);
        codec_write_end(&w);
    }
    return codec_write_end(&w);
}

static int read_purposes(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct status_reply *out = to;
    int rc = codec_read_array(cursor, "purposes", 0, STATUS_PURPOSES_MAX, &out->purpose_count, err);
    for (size_t i = 0; rc == 0 && i < out->purpose_count; i++) {
        struct status_purpose *p = &out->purpose[i];
        uint64_t epoch = 0;
        const struct codec_field fields[] = {
            {"name", CODEC_TEXT, p->name, 1, PARTY_NAME_MAX, 0, NULL},
            {"epoch", CODEC_UINT, &epoch, 0, UINT32_MAX, 0, NULL},
            {"entries", CODEC_UINT, &p->entries, 0, UINT64_MAX, 0, NULL},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
        p->epoch = (uint32_t)epoch;
    }
    return rc;
}

int status_reply_decode(struct status_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"manifest", CODEC_UINT, &out->manifest, 0, UINT64_MAX, 0, NULL},
        {"time", CODEC_UINT, &out->time, 0, UINT64_MAX, 0, NULL},
        {"mailbox", CODEC_UINT, &out->mailbox, 0, UINT64_MAX, 0, NULL},
        {"last_sequence", CODEC_UINT, &out->last_sequence, 0, UINT64_MAX, 0, NULL},
        {"ledger_size", CODEC_UINT, &out->ledger_size, 0, UINT64_MAX, 0, NULL},
        {"purposes", CODEC_READ, out, 0, 0, 0, read_purposes},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
