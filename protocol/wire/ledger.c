#include "protocol/wire/ledger.h"

#include "protocol/wire/codec.h"

#include <stdlib.h>

void codec_write_receipt(struct codec_writer *w, const struct wire_receipt *in)
{
    codec_write_name(w, "receipt");
    codec_write_map(w);
    codec_write_bin(w, "event", in->event);
    codec_write_uint(w, "leaf", in->leaf);
    codec_write_bin(w, "proof", in->proof);
    codec_write_bin(w, "checkpoint", in->checkpoint);
    codec_write_end(w);
}

int codec_read_receipt(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct wire_receipt *out = to;
    const struct codec_field fields[] = {
        {"event", CODEC_BIN, &out->event, 1, WIRE_EVENT_MAX, 1, NULL},
        {"leaf", CODEC_UINT, &out->leaf, 0, INT64_MAX, 0, NULL},
        {"proof", CODEC_BIN, &out->proof, 0, WIRE_PROOF_MAX * WIRE_HASH_SIZE, WIRE_HASH_SIZE, NULL},
        {"checkpoint", CODEC_BIN, &out->checkpoint, 1, WIRE_CHECKPOINT_MAX, 1, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    return rc != 0 ? err_wrap(err, "field 'receipt'") : 0;
}

void codec_write_events(struct codec_writer *w, const struct wire_event_list *in)
{
    codec_write_array(w, "events", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(w);
        codec_write_uint(w, "leaf", in->item[i].leaf);
        codec_write_bin(w, "event", in->item[i].event);
        codec_write_bin(w, "proof", in->item[i].proof);
        codec_write_end(w);
    }
}

static int read_event(struct codec_cursor *cursor, struct wire_event *out, struct err *err)
{
    const struct codec_field fields[] = {
        {"leaf", CODEC_UINT, &out->leaf, 0, INT64_MAX, 0, NULL},
        {"event", CODEC_BIN, &out->event, 1, WIRE_EVENT_MAX, 1, NULL},
        {"proof", CODEC_BIN, &out->proof, 0, WIRE_PROOF_MAX * WIRE_HASH_SIZE, WIRE_HASH_SIZE, NULL},
    };
    return codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
}

int codec_read_events(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct wire_event_list *out = to;
    int rc = codec_read_array(cursor, "events", 0, WIRE_BATCH_MAX, &out->count, err);
    if (rc != 0 || out->count == 0)
        return rc;
    out->item = calloc(out->count, sizeof *out->item);
    if (out->item == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu events", out->count);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        rc = read_event(cursor, &out->item[i], err);
        if (rc == 0 && i > 0 && out->item[i].leaf <= out->item[i - 1].leaf)
            rc = err_set(err, ERR_INPUT, "malformed message: field 'events' is not strictly ascending");
    }
    return rc;
}

void wire_event_list_free(struct wire_event_list *list)
{
    free(list->item);
    *list = (struct wire_event_list){0};
}

int checkpoint_request_encode(struct buf *out, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    return codec_write_end(&w);
}

int checkpoint_request_decode(struct span body, struct err *err)
{
    return codec_read_map(body, NULL, 0, err);
}

int checkpoint_reply_encode(struct buf *out, const struct checkpoint_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "checkpoint", in->checkpoint);
    return codec_write_end(&w);
}

int checkpoint_reply_decode(struct checkpoint_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"checkpoint", CODEC_BIN, &out->checkpoint, 1, WIRE_CHECKPOINT_MAX, 1, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int proof_request_encode(struct buf *out, const struct proof_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "old_size", in->old_size);
    codec_write_uint(&w, "new_size", in->new_size);
    return codec_write_end(&w);
}

int proof_request_decode(struct proof_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"old_size", CODEC_UINT, &out->old_size, 0, INT64_MAX, 0, NULL},
        {"new_size", CODEC_UINT, &out->new_size, 0, INT64_MAX, 0, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int proof_reply_encode(struct buf *out, const struct proof_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "proof", in->proof);
    return codec_write_end(&w);
}

int proof_reply_decode(struct proof_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"proof", CODEC_BIN, &out->proof, 0, WIRE_PROOF_MAX * WIRE_HASH_SIZE, WIRE_HASH_SIZE, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int witness_request_encode(struct buf *out, const struct witness_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "old_size", in->old_size);
    codec_write_bin(&w, "proof", in->proof);
    codec_write_bin(&w, "checkpoint", in->checkpoint);
    return codec_write_end(&w);
}

int witness_request_decode(struct witness_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"old_size", CODEC_UINT, &out->old_size, 0, INT64_MAX, 0, NULL},
        {"proof", CODEC_BIN, &out->proof, 0, WIRE_PROOF_MAX * WIRE_HASH_SIZE, WIRE_HASH_SIZE, NULL},
        {"checkpoint", CODEC_BIN, &out->checkpoint, 1, WIRE_CHECKPOINT_MAX, 1, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int witness_reply_encode(struct buf *out, const struct witness_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "size", in->size);
    codec_write_bin(&w, "line", in->line);
    codec_write_bin(&w, "seen", in->seen);
    return codec_write_end(&w);
}

int witness_reply_decode(struct witness_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"size", CODEC_UINT, &out->size, 0, INT64_MAX, 0, NULL},
        {"line", CODEC_BIN, &out->line, 0, WIRE_CHECKPOINT_MAX, 1, NULL},
        {"seen", CODEC_BIN, &out->seen, 0, WIRE_CHECKPOINT_MAX, 1, NULL},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
