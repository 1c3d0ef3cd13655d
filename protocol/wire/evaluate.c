#include "protocol/wire/evaluate.h"

#include "protocol/wire/codec.h"

#include <string.h>

#define ELEMENT sizeof(struct element)

int evaluate_request_encode(struct buf *out, const struct evaluate_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_text(&w, "purpose", in->purpose);
    codec_write_uint(&w, "epoch", in->epoch);
    codec_write_bin(&w, "coalition", span_of(in->coalition.index, in->coalition.count));
    codec_write_bin(&w, "blinded", in->blinded);
    return codec_write_end(&w);
}

int evaluate_request_decode(struct evaluate_request *out, struct span body, struct err *err)
{
    uint64_t epoch = 0;
    struct span coalition = {0};
    const struct codec_field fields[] = {
        {"purpose", CODEC_TEXT, out->purpose, 1, PARTY_NAME_MAX, 0, NULL},
        {"epoch", CODEC_UINT, &epoch, 0, UINT32_MAX, 0, NULL},
        {"coalition", CODEC_BIN, &coalition, 1, OPRF_COALITION_MAX, 1, NULL},
        {"blinded", CODEC_BIN, &out->blinded, ELEMENT, OPRF_BATCH_MAX * ELEMENT, ELEMENT, NULL},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc != 0)
        return rc;
    out->epoch = (uint32_t)epoch;
    out->coalition.count = coalition.len;
    memcpy(out->coalition.index, coalition.data, coalition.len);
    return 0;
}

int evaluate_reply_encode(struct buf *out, const struct evaluate_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "evaluated", in->evaluated);
    codec_write_bin(&w, "proof", span_of(&in->proof, sizeof in->proof));
    codec_write_uint(&w, "budget_left", in->budget_left);
    return codec_write_end(&w);
}

int evaluate_reply_decode(struct evaluate_reply *out, struct span body, struct err *err)
{
    struct span proof = {0};
    const struct codec_field fields[] = {
        {"evaluated", CODEC_BIN, &out->evaluated, ELEMENT, OPRF_BATCH_MAX * ELEMENT, ELEMENT, NULL},
        {"proof", CODEC_BIN, &proof, sizeof out->proof, sizeof out->proof, 1, NULL},
        {"budget_left", CODEC_UINT, &out->budget_left, 0, UINT64_MAX, 0, NULL},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        memcpy(&out->proof, proof.data, sizeof out->proof);
    return rc;
}
