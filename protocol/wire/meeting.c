#include "protocol/wire/meeting.h"

#include "protocol/wire/codec.h"

int release_request_encode(struct buf *out, const struct release_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "partner", span_of(in->partner, sizeof in->partner));
    codec_write_uint(&w, "count", in->count);
    codec_write_uint(&w, "until", in->until);
    return codec_write_end(&w);
}

int release_request_decode(struct release_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"count", CODEC_UINT, &out->count, 0, INT64_MAX, 0, NULL},
        {"until", CODEC_UINT, &out->until, 0, INT64_MAX, 0, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int suspend_request_encode(struct buf *out, const struct suspend_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "partner", span_of(in->partner, sizeof in->partner));
    codec_write_bool(&w, "on", in->on);
    return codec_write_end(&w);
}

int suspend_request_decode(struct suspend_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"on", CODEC_BOOL, &out->on, 0, 0, 0, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int close_request_encode(struct buf *out, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    return codec_write_end(&w);
}

int close_request_decode(struct span body, struct err *err)
{
    return codec_read_map(body, NULL, 0, err);
}

int receipt_reply_encode(struct buf *out, const struct receipt_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_receipt(&w, &in->receipt);
    return codec_write_end(&w);
}

int receipt_reply_decode(struct receipt_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {{"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt}};
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
