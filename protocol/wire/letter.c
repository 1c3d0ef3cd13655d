#include "protocol/wire/letter.h"

#include "protocol/wire/codec.h"

#include <stdlib.h>
#include <string.h>

#define STATEMENT_LEAST 64 /* bytes; what it is, prekey_decode() looks at */

int letter_request_encode(struct buf *out, const struct letter_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "recipient", span_of(in->recipient, sizeof in->recipient));
    codec_write_bin(&w, "letter", in->letter);
    return codec_write_end(&w);
}

int letter_request_decode(struct letter_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"recipient", CODEC_FIXED, out->recipient, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"letter", CODEC_BIN, &out->letter, 1, LETTER_SIZE_MAX, 1, NULL},
    };
    uint64_t prekey;
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0 && letter_prekey(&prekey, out->letter, err) != 0)
        rc = err_set(err, ERR_INPUT, "malformed message: field 'letter' is none of a size and version known");
    return rc;
}

int prekey_request_encode(struct buf *out, const struct prekey_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "statement", in->statement);
    return codec_write_end(&w);
}

int prekey_request_decode(struct prekey_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"statement", CODEC_BIN, &out->statement, STATEMENT_LEAST, PREKEY_STATEMENT_MAX, 1, NULL}};
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int prekeys_request_encode(struct buf *out, const struct prekeys_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "parties", in->parties);
    return codec_write_end(&w);
}

int prekeys_request_decode(struct prekeys_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {{"parties", CODEC_BIN, &out->parties, PARTY_DIGEST_SIZE,
                                          WIRE_PARTNERS_MAX * PARTY_DIGEST_SIZE, PARTY_DIGEST_SIZE, NULL}};
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        rc = codec_check_ascending(out->parties, PARTY_DIGEST_SIZE, "parties", err);
    return rc;
}

int prekeys_reply_encode(struct buf *out, const struct prekeys_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_array(&w, "prekeys", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(&w);
        codec_write_uint(&w, "leaf", in->item[i].leaf);
        codec_write_bin(&w, "statement", in->item[i].statement);
        codec_write_end(&w);
    }
    codec_write_events(&w, &in->events);
    codec_write_bin(&w, "checkpoint", in->checkpoint);
    return codec_write_end(&w);
}

static int read_items(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct prekeys_reply *out = to;
    int rc = codec_read_array(cursor, "prekeys", 0, WIRE_PARTNERS_MAX, &out->count, err);
    if (rc != 0 || out->count == 0)
        return rc;
    out->item = calloc(out->count, sizeof *out->item);
    if (out->item == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu prekeys", out->count);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        const struct codec_field fields[] = {
            {"leaf", CODEC_UINT, &out->item[i].leaf, 0, INT64_MAX, 0, NULL},
            {"statement", CODEC_BIN, &out->item[i].statement, STATEMENT_LEAST, PREKEY_STATEMENT_MAX, 1, NULL},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    }
    return rc;
}

int prekeys_reply_decode(struct prekeys_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"prekeys", CODEC_READ, out, 0, 0, 0, read_items},
        {"events", CODEC_READ, &out->events, 0, 0, 0, codec_read_events},
        {"checkpoint", CODEC_BIN, &out->checkpoint, 0, WIRE_CHECKPOINT_MAX, 1, NULL},
    };
    memset(out, 0, sizeof *out);
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0 && (out->events.count > 0) != (out->checkpoint.len > 0))
        rc = err_set(err, ERR_INPUT, "malformed message: field 'checkpoint' goes with events, and only with them");
    if (rc != 0)
        prekeys_reply_free(out);
    return rc;
}

void prekeys_reply_free(struct prekeys_reply *reply)
{
    free(reply->item);
    wire_event_list_free(&reply->events);
    memset(reply, 0, sizeof *reply);
}
