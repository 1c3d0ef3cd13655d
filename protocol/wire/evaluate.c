#include "protocol/wire/evaluate.h"

#include "protocol/wire/codec.h"

#include <sodium.h>
#include <string.h>

#define ELEMENT sizeof(struct element)
#define ELEMENTS_MAX (OPRF_BATCH_MAX * ELEMENT)

int evaluate_request_encode(struct buf *out, const struct evaluate_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "coalition", span_of(in->coalition.index, in->coalition.count));
    codec_write_array(&w, "batches", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(&w);
        codec_write_uint(&w, "generation", in->batch[i].generation);
        codec_write_bin(&w, "blinded", in->batch[i].blinded);
        codec_write_end(&w);
    }
    return codec_write_end(&w);
}

static int read_batches(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct evaluate_request *out = to;
    int rc = codec_read_array(cursor, "batches", 1, WIRE_SCOPE_MAX, &out->count, err);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        struct evaluate_batch *b = &out->batch[i];
        const struct codec_field fields[] = {
            {"generation", CODEC_U32, &b->generation, 1, UINT32_MAX, 0, NULL},
            {"blinded", CODEC_BIN, &b->blinded, ELEMENT, ELEMENTS_MAX, ELEMENT, NULL},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    }
    return rc;
}

static int check_request(const struct evaluate_request *in, size_t scopes, struct err *err)
{
    size_t bytes = 0;
    for (size_t i = 0; i < in->count; i++)
        bytes += in->batch[i].blinded.len;
    if (in->count != scopes)
        return err_set(err, ERR_INPUT, "malformed message: field 'batches' has %zu members for %zu scopes", in->count,
                       scopes);
    if (bytes > ELEMENTS_MAX)
        return err_set(err, ERR_INPUT, "malformed message: field 'batches' has %zu elements, %d are allowed",
                       bytes / ELEMENT, OPRF_BATCH_MAX);
    return 0;
}

int evaluate_request_decode(struct evaluate_request *out, size_t scopes, struct span body, struct err *err)
{
    struct span coalition = {0};
    const struct codec_field fields[] = {
        {"coalition", CODEC_BIN, &coalition, 1, OPRF_COALITION_MAX, 1, NULL},
        {"batches", CODEC_READ, out, 0, 0, 0, read_batches},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        rc = check_request(out, scopes, err);
    if (rc != 0)
        return rc;
    out->coalition.count = coalition.len;
    memcpy(out->coalition.index, coalition.data, coalition.len);
    return 0;
}

int evaluate_reply_encode(struct buf *out, const struct evaluate_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_array(&w, "batches", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(&w);
        codec_write_bin(&w, "evaluated", in->batch[i].evaluated);
        codec_write_bin(&w, "proof", span_of(&in->batch[i].proof, sizeof in->batch[i].proof));
        codec_write_uint(&w, "left", in->batch[i].left);
        codec_write_end(&w);
    }
    codec_write_receipt(&w, &in->receipt);
    codec_write_bin(&w, "signature", span_of(in->signature, sizeof in->signature));
    return codec_write_end(&w);
}

static int read_evaluated(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct evaluate_reply *out = to;
    int rc = codec_read_array(cursor, "batches", 1, WIRE_SCOPE_MAX, &out->count, err);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        struct evaluated_batch *b = &out->batch[i];
        const struct codec_field fields[] = {
            {"evaluated", CODEC_BIN, &b->evaluated, ELEMENT, ELEMENTS_MAX, ELEMENT, NULL},
            {"proof", CODEC_FIXED, &b->proof, 0, sizeof b->proof, 0, NULL},
            {"left", CODEC_UINT, &b->left, 0, UINT64_MAX, 0, NULL},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    }
    return rc;
}

int evaluate_reply_decode(struct evaluate_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"batches", CODEC_READ, out, 0, 0, 0, read_evaluated},
        {"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt},
        {"signature", CODEC_FIXED, out->signature, 0, WIRE_SIGNATURE_SIZE, 0, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

/* --- the custodian's signature --- */

#define LABEL "concord evaluated v2"
#define SIGNED_SIZE (sizeof LABEL - 1 + 2 * WIRE_HASH_SIZE)

static void hash_part(crypto_hash_sha256_state *state, const void *part, size_t len)
{
    uint8_t size[4];
    bytes_put_u32be(size, (uint32_t)len);
    crypto_hash_sha256_update(state, size, sizeof size);
    crypto_hash_sha256_update(state, part, len);
}

static void signed_bytes(uint8_t out[SIGNED_SIZE], const struct evaluate_reply *reply,
                         const uint8_t request[WIRE_HASH_SIZE])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < reply->count; i++) {
        hash_part(&state, reply->batch[i].evaluated.data, reply->batch[i].evaluated.len);
        hash_part(&state, &reply->batch[i].proof, sizeof reply->batch[i].proof);
    }
    memcpy(out, LABEL, sizeof LABEL - 1);
    memcpy(out + sizeof LABEL - 1, request, WIRE_HASH_SIZE);
    crypto_hash_sha256_final(&state, out + sizeof LABEL - 1 + WIRE_HASH_SIZE);
}

void evaluate_reply_sign(struct evaluate_reply *reply, const uint8_t request[WIRE_HASH_SIZE],
                         const uint8_t log_secret[64])
{
    uint8_t text[SIGNED_SIZE];
    signed_bytes(text, reply, request);
    crypto_sign_detached(reply->signature, NULL, text, sizeof text, log_secret);
}

int evaluate_reply_verify(const struct evaluate_reply *reply, const uint8_t request[WIRE_HASH_SIZE],
                          const uint8_t log[32], struct err *err)
{
    uint8_t text[SIGNED_SIZE];
    signed_bytes(text, reply, request);
    if (crypto_sign_verify_detached(reply->signature, text, sizeof text, log) != 0)
        return err_set(err, ERR_VERIFY, "the evaluations are not signed by the custodian's log key for this request");
    return 0;
}
