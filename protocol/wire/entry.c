#include "protocol/wire/entry.h"

#include "protocol/wire/codec.h"

#include <stdlib.h>
#include <string.h>

/* Tags travel as one bin, payloads as an array of bins beside it, in the same order. */

static void write_tags(struct codec_writer *w, const struct entry_request *in)
{
    codec_write_name(w, "tags");
    msgpack_pack_bin(&w->packer, in->count * WIRE_TAG_SIZE);
    for (size_t i = 0; i < in->count; i++)
        msgpack_pack_bin_body(&w->packer, in->entry[i].tag, WIRE_TAG_SIZE);
}

static void write_payloads(struct codec_writer *w, const struct entry_request *in)
{
    codec_write_name(w, "payloads");
    msgpack_pack_array(&w->packer, in->count);
    for (size_t i = 0; i < in->count; i++)
        msgpack_pack_bin_with_body(&w->packer, in->entry[i].payload.data, in->entry[i].payload.len);
}

int entry_request_encode(struct buf *out, enum wire_type type, const struct entry_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_text(&w, "purpose", in->purpose);
    codec_write_uint(&w, "epoch", in->epoch);
    write_tags(&w, in);
    if (type == WIRE_PUT)
        write_payloads(&w, in);
    return codec_write_end(&w);
}

/* The payloads may stand before or behind the tags, so both allocate on demand and the counts are compared at the
 * end. */
struct payload_list {
    struct span *item;
    size_t count;
};

static int read_payloads(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct payload_list *list = to;
    int rc = codec_read_array(cursor, "payloads", 1, WIRE_BATCH_MAX, &list->count, err);
    if (rc != 0)
        return rc;
    list->item = calloc(list->count, sizeof *list->item);
    if (list->item == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu payloads", list->count);
    for (size_t i = 0; rc == 0 && i < list->count; i++)
        rc = codec_read_bin(cursor, "payloads", 1, WIRE_PAYLOAD_MAX, &list->item[i], err);
    return rc;
}

static int fill_entries(struct entry_request *out, struct span tags, const struct payload_list *payloads,
                        struct err *err)
{
    out->count = tags.len / WIRE_TAG_SIZE;
    if (payloads->item != NULL && payloads->count != out->count)
        return err_set(err, ERR_INPUT, "malformed message: %zu payloads for %zu tags", payloads->count, out->count);
    out->entry = calloc(out->count, sizeof *out->entry);
    if (out->entry == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu entries", out->count);
    for (size_t i = 0; i < out->count; i++) {
        memcpy(out->entry[i].tag, tags.data + i * WIRE_TAG_SIZE, WIRE_TAG_SIZE);
        if (payloads->item != NULL)
            out->entry[i].payload = payloads->item[i];
        if (i > 0 && memcmp(out->entry[i - 1].tag, out->entry[i].tag, WIRE_TAG_SIZE) >= 0)
            return err_set(err, ERR_INPUT, "malformed message: the tags are not strictly ascending");
    }
    return 0;
}

int entry_request_decode(struct entry_request *out, enum wire_type type, struct span body, struct err *err)
{
    uint64_t epoch = 0;
    struct span tags = {0};
    struct payload_list payloads = {0};
    const struct codec_field fields[] = {
        {"purpose", CODEC_TEXT, out->purpose, 1, PARTY_NAME_MAX, 0, NULL},
        {"epoch", CODEC_UINT, &epoch, 0, UINT32_MAX, 0, NULL},
        {"tags", CODEC_BIN, &tags, WIRE_TAG_SIZE, WIRE_BATCH_MAX * WIRE_TAG_SIZE, WIRE_TAG_SIZE, NULL},
        {"payloads", CODEC_READ, &payloads, 0, 0, 0, read_payloads}, /* the last one: PUT alone has it */
    };
    out->entry = NULL;
    out->count = 0;
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields) - (type == WIRE_PUT ? 0 : 1), err);
    if (rc == 0)
        rc = fill_entries(out, tags, &payloads, err);
    out->epoch = (uint32_t)epoch;
    free(payloads.item);
    if (rc != 0)
        entry_request_free(out);
    return rc;
}

void entry_request_free(struct entry_request *request)
{
    free(request->entry);
    request->entry = NULL;
    request->count = 0;
}

int entry_reply_encode(struct buf *out, const struct entry_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "added", in->added);
    codec_write_uint(&w, "replaced", in->replaced);
    codec_write_uint(&w, "removed", in->removed);
    codec_write_receipt(&w, &in->receipt);
    return codec_write_end(&w);
}

int entry_reply_decode(struct entry_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"added", CODEC_UINT, &out->added, 0, WIRE_BATCH_MAX, 0, NULL},
        {"replaced", CODEC_UINT, &out->replaced, 0, WIRE_BATCH_MAX, 0, NULL},
        {"removed", CODEC_UINT, &out->removed, 0, WIRE_BATCH_MAX, 0, NULL},
        {"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_name(&w, "hits");
    msgpack_pack_array(&w.packer, in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(&w);
        codec_write_bin(&w, "tag", span_of(in->hit[i].tag, WIRE_TAG_SIZE));
        codec_write_text(&w, "partner", in->hit[i].partner);
        codec_write_bin(&w, "payload", in->hit[i].payload);
        codec_write_end(&w);
    }
    codec_write_bool(&w, "cut", in->cut);
    codec_write_receipt(&w, &in->receipt);
    return codec_write_end(&w);
}

static int read_hit(struct codec_cursor *cursor, struct query_hit *out, struct err *err)
{
    struct span tag = {0};
    const struct codec_field fields[] = {
        {"tag", CODEC_BIN, &tag, WIRE_TAG_SIZE, WIRE_TAG_SIZE, 1, NULL},
        {"partner", CODEC_TEXT, out->partner, 1, PARTY_NAME_MAX, 0, NULL},
        {"payload", CODEC_BIN, &out->payload, 1, WIRE_PAYLOAD_MAX, 1, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        memcpy(out->tag, tag.data, WIRE_TAG_SIZE);
    return rc;
}

static int read_hits(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct query_reply *out = to;
    int rc = codec_read_array(cursor, "hits", 0, WIRE_BATCH_MAX, &out->count, err);
    if (rc != 0 || out->count == 0)
        return rc;
    out->hit = calloc(out->count, sizeof *out->hit);
    if (out->hit == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu hits", out->count);
    for (size_t i = 0; rc == 0 && i < out->count; i++)
        rc = read_hit(cursor, &out->hit[i], err);
    return rc;
}

int query_reply_decode(struct query_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"hits", CODEC_READ, out, 0, 0, 0, read_hits},
        {"cut", CODEC_BOOL, &out->cut, 0, 0, 0, NULL},
        {"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt},
    };
    out->hit = NULL;
    out->count = 0;
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc != 0)
        query_reply_free(out);
    return rc;
}

void query_reply_free(struct query_reply *reply)
{
    free(reply->hit);
    reply->hit = NULL;
    reply->count = 0;
}
