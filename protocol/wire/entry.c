#include "protocol/wire/entry.h"

#include "protocol/wire/codec.h"

#include <stdlib.h>
#include <string.h>

#define PARTNERS_MAX ((size_t)WIRE_PARTNERS_MAX * PARTY_DIGEST_SIZE)
#define PAYLOADS_MAX ((size_t)WIRE_BATCH_MAX * WIRE_PAYLOAD_MAX)

/* --- what requests share --- */

static int read_some_tags(struct codec_cursor *cursor, size_t most, struct span *tags, struct err *err)
{
    int rc = codec_read_bin(cursor, "tags", WIRE_TAG_SIZE, most * WIRE_TAG_SIZE, tags, err);
    if (rc == 0 && tags->len % WIRE_TAG_SIZE != 0)
        rc = err_set(err, ERR_INPUT, "malformed message: field 'tags' is not whole units long");
    if (rc == 0)
        rc = codec_check_ascending(*tags, WIRE_TAG_SIZE, "tags", err);
    return rc;
}

/* Of a PUT or a REMOVE. */
static int read_changed(struct codec_cursor *cursor, void *to, struct err *err)
{
    return read_some_tags(cursor, WIRE_CHANGE_MAX, to, err);
}

/* Of a batch of a QUERY. */
static int read_asked(struct codec_cursor *cursor, void *to, struct err *err)
{
    return read_some_tags(cursor, WIRE_BATCH_MAX, to, err);
}

static int read_partners(struct codec_cursor *cursor, const char *name, size_t min, struct span *out, struct err *err)
{
    int rc = codec_read_bin(cursor, name, min * PARTY_DIGEST_SIZE, PARTNERS_MAX, out, err);
    if (rc == 0 && out->len % PARTY_DIGEST_SIZE != 0)
        rc = err_set(err, ERR_INPUT, "malformed message: field '%s' is not whole units long", name);
    if (rc == 0)
        rc = codec_check_ascending(*out, PARTY_DIGEST_SIZE, name, err);
    return rc;
}

static void write_entries(struct codec_writer *w, const struct wire_entries *in)
{
    codec_write_bin(w, "tags", in->tags);
    codec_write_uint(w, "payload_size", in->payload_size);
    codec_write_bin(w, "payloads", in->payloads);
}

static int check_payloads(const struct wire_entries *entries, struct err *err)
{
    if (entries->payloads.len != wire_entries_count(entries) * entries->payload_size)
        return err_set(err, ERR_INPUT, "malformed message: field 'payloads' has %zu bytes for %zu tags of %u each",
                       entries->payloads.len, wire_entries_count(entries), (unsigned)entries->payload_size);
    return 0;
}

void codec_write_spent(struct codec_writer *w, const struct wire_spent_list *in)
{
    codec_write_array(w, "spent", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(w);
        codec_write_bin(w, "custodian", span_of(in->item[i].custodian, PARTY_DIGEST_SIZE));
        codec_write_uint(w, "leaf", in->item[i].leaf);
        codec_write_uint(w, "of", in->item[i].of);
        codec_write_uint(w, "count", in->item[i].count);
        codec_write_end(w);
    }
}

int wire_spent_order(const struct wire_spent *a, const struct wire_spent *b)
{
    const int order = memcmp(a->custodian, b->custodian, PARTY_DIGEST_SIZE);
    return order != 0 ? order : (a->leaf > b->leaf) - (a->leaf < b->leaf);
}

int codec_read_spent(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct wire_spent_list *out = to;
    int rc = codec_read_array(cursor, "spent", 0, WIRE_SPENT_MAX, &out->count, err);
    for (size_t i = 0; rc == 0 && i < out->count; i++) {
        struct wire_spent *s = &out->item[i];
        const struct codec_field fields[] = {
            {"custodian", CODEC_FIXED, s->custodian, 0, PARTY_DIGEST_SIZE, 0, NULL},
            {"leaf", CODEC_UINT, &s->leaf, 0, INT64_MAX, 0, NULL},
            {"of", CODEC_U32, &s->of, 1, WIRE_BATCH_MAX, 0, NULL},
            {"count", CODEC_U32, &s->count, 1, WIRE_BATCH_MAX, 0, NULL},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
        if (rc == 0 && s->count > s->of)
            rc = err_set(err, ERR_INPUT, "malformed message: field 'spent' takes %u of %u", s->count, s->of);
        if (rc == 0 && i > 0 && wire_spent_order(s - 1, s) >= 0)
            rc = err_set(err, ERR_INPUT, "malformed message: field 'spent' is not strictly ascending");
    }
    return rc;
}

/* --- PUT --- */

static void write_except(struct codec_writer *w, const struct put_request *in)
{
    codec_write_array(w, "except", in->except_count);
    for (size_t i = 0; i < in->except_count; i++) {
        codec_write_map(w);
        codec_write_bin(w, "partners", in->except[i].partners);
        codec_write_bin(w, "entries", in->except[i].entries);
        codec_write_end(w);
    }
}

int put_request_encode(struct buf *out, const struct put_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    write_entries(&w, &in->entries);
    write_except(&w, in);
    codec_write_spent(&w, &in->spent);
    return codec_write_end(&w);
}

static int read_group_partners(struct codec_cursor *cursor, void *to, struct err *err)
{
    return read_partners(cursor, "partners", 1, to, err);
}

static int read_group(struct codec_cursor *cursor, struct put_except *out, struct err *err)
{
    const struct codec_field fields[] = {
        {"partners", CODEC_READ, &out->partners, 0, 0, 0, read_group_partners},
        {"entries", CODEC_BIN, &out->entries, 2, 2 * WIRE_CHANGE_MAX, 2, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        rc = codec_check_ascending(out->entries, 2, "entries", err);
    return rc;
}

static int read_except(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct put_request *out = to;
    int rc = codec_read_array(cursor, "except", 0, WIRE_EXCEPT_MAX, &out->except_count, err);
    for (size_t i = 0; rc == 0 && i < out->except_count; i++)
        rc = read_group(cursor, &out->except[i], err);
    return rc;
}

/* Positions are those of tags, and no entry stands in two groups. */
static int check_except(const struct put_request *in, struct err *err)
{
    uint8_t seen[WIRE_CHANGE_MAX / 8] = {0};
    size_t count = wire_entries_count(&in->entries);
    for (size_t g = 0; g < in->except_count; g++) {
        for (size_t at = 0; at < in->except[g].entries.len; at += 2) {
            size_t position = bytes_get_u16be(in->except[g].entries.data + at);
            if (position >= count || (seen[position / 8] >> position % 8 & 1) != 0)
                return err_set(err, ERR_INPUT, "malformed message: field 'entries' has position %zu %s", position,
                               position >= count ? "behind the last tag" : "in two groups");
            seen[position / 8] |= (uint8_t)(1u << position % 8);
        }
    }
    return 0;
}

int put_request_decode(struct put_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"tags", CODEC_READ, &out->entries.tags, 0, 0, 0, read_changed},
        {"payload_size", CODEC_U32, &out->entries.payload_size, 1, WIRE_PAYLOAD_MAX, 0, NULL},
        {"payloads", CODEC_BIN, &out->entries.payloads, 1, PAYLOADS_MAX, 1, NULL},
        {"except", CODEC_READ, out, 0, 0, 0, read_except},
        {"spent", CODEC_READ, &out->spent, 0, 0, 0, codec_read_spent},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        rc = check_payloads(&out->entries, err);
    if (rc == 0)
        rc = check_except(out, err);
    return rc;
}

int put_reply_encode(struct buf *out, const struct put_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "added", in->added);
    codec_write_uint(&w, "renewed", in->renewed);
    codec_write_uint(&w, "replaced", in->replaced);
    codec_write_uint(&w, "waiting", in->waiting);
    codec_write_receipt(&w, &in->receipt);
    return codec_write_end(&w);
}

int put_reply_decode(struct put_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"added", CODEC_UINT, &out->added, 0, WIRE_CHANGE_MAX, 0, NULL},
        {"renewed", CODEC_UINT, &out->renewed, 0, WIRE_CHANGE_MAX, 0, NULL},
        {"replaced", CODEC_UINT, &out->replaced, 0, WIRE_CHANGE_MAX, 0, NULL},
        {"waiting", CODEC_UINT, &out->waiting, 0, WIRE_CHANGE_MAX * WIRE_PARTNERS_MAX, 0, NULL},
        {"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

/* --- REMOVE --- */

int remove_request_encode(struct buf *out, const struct remove_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_bin(&w, "tags", in->tags);
    return codec_write_end(&w);
}

int remove_request_decode(struct remove_request *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {{"tags", CODEC_READ, &out->tags, 0, 0, 0, read_changed}};
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

int remove_reply_encode(struct buf *out, const struct remove_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "removed", in->removed);
    codec_write_receipt(&w, &in->receipt);
    return codec_write_end(&w);
}

int remove_reply_decode(struct remove_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"removed", CODEC_UINT, &out->removed, 0, WIRE_CHANGE_MAX, 0, NULL},
        {"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt},
    };
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}

/* --- QUERY --- */

int query_request_encode(struct buf *out, const struct query_request *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_array(&w, "batches", in->count);
    for (size_t i = 0; i < in->count; i++) {
        codec_write_map(&w);
        write_entries(&w, &in->batch[i]);
        codec_write_end(&w);
    }
    codec_write_bin(&w, "except", in->except);
    codec_write_spent(&w, &in->spent);
    return codec_write_end(&w);
}

static int read_batch(struct codec_cursor *cursor, struct wire_entries *out, struct err *err)
{
    const struct codec_field fields[] = {
        {"tags", CODEC_READ, &out->tags, 0, 0, 0, read_asked},
        {"payload_size", CODEC_U32, &out->payload_size, 1, WIRE_PAYLOAD_MAX, 0, NULL},
        {"payloads", CODEC_BIN, &out->payloads, 1, PAYLOADS_MAX, 1, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        rc = check_payloads(out, err);
    return rc;
}

static int read_batches(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct query_request *out = to;
    int rc = codec_read_array(cursor, "batches", 1, WIRE_SCOPE_MAX, &out->count, err);
    for (size_t i = 0; rc == 0 && i < out->count; i++)
        rc = read_batch(cursor, &out->batch[i], err);
    return rc;
}

static int read_excepted(struct codec_cursor *cursor, void *to, struct err *err)
{
    return read_partners(cursor, "except", 0, to, err);
}

static int check_query(const struct query_request *in, size_t scopes, struct err *err)
{
    size_t tags = 0;
    for (size_t i = 0; i < in->count; i++)
        tags += wire_entries_count(&in->batch[i]);
    if (in->count != scopes)
        return err_set(err, ERR_INPUT, "malformed message: field 'batches' has %zu members for %zu scopes", in->count,
                       scopes);
    if (tags != 16 && (tags % 64 != 0 || tags > WIRE_BATCH_MAX))
        return err_set(err, ERR_INPUT,
                       "malformed message: field 'batches' has %zu tags: they are padded to 16 or to a multiple of 64",
                       tags);
    return 0;
}

int query_request_decode(struct query_request *out, size_t scopes, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"batches", CODEC_READ, out, 0, 0, 0, read_batches},
        {"except", CODEC_READ, &out->except, 0, 0, 0, read_excepted},
        {"spent", CODEC_READ, &out->spent, 0, 0, 0, codec_read_spent},
    };
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc == 0)
        rc = check_query(out, scopes, err);
    return rc;
}

static void write_hits(struct codec_writer *w, const struct query_reply *in)
{
    codec_write_array(w, "hits", in->hits);
    for (size_t i = 0; i < in->hits; i++) {
        codec_write_map(w);
        codec_write_uint(w, "scope", in->hit[i].scope);
        codec_write_bin(w, "tag", span_of(in->hit[i].tag, WIRE_TAG_SIZE));
        codec_write_bin(w, "partner", span_of(in->hit[i].partner, PARTY_DIGEST_SIZE));
        codec_write_bin(w, "payload", in->hit[i].payload);
        codec_write_end(w);
    }
}

static void write_unasked(struct codec_writer *w, const struct query_reply *in)
{
    codec_write_array(w, "unasked", in->unasked_count);
    for (size_t i = 0; i < in->unasked_count; i++) {
        codec_write_map(w);
        codec_write_uint(w, "scope", in->unasked[i].scope);
        codec_write_bin(w, "partner", span_of(in->unasked[i].partner, PARTY_DIGEST_SIZE));
        codec_write_uint(w, "reason", in->unasked[i].reason);
        codec_write_end(w);
    }
}

static void write_registers(struct codec_writer *w, const struct query_reply *in)
{
    codec_write_array(w, "registers", in->register_count);
    for (size_t i = 0; i < in->register_count; i++) {
        codec_write_map(w);
        codec_write_uint(w, "scope", in->registers[i].scope);
        codec_write_bin(w, "partner", span_of(in->registers[i].partner, PARTY_DIGEST_SIZE));
        codec_write_uint(w, "time", in->registers[i].time);
        codec_write_end(w);
    }
}

int query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    write_hits(&w, in);
    write_unasked(&w, in);
    write_registers(&w, in);
    codec_write_bool(&w, "cut", in->cut);
    codec_write_events(&w, &in->events);
    codec_write_receipt(&w, &in->receipt);
    return codec_write_end(&w);
}

static int read_hit(struct codec_cursor *cursor, struct query_hit *out, struct err *err)
{
    uint64_t scope = 0;
    const struct codec_field fields[] = {
        {"scope", CODEC_UINT, &scope, 0, WIRE_SCOPE_MAX - 1, 0, NULL},
        {"tag", CODEC_FIXED, out->tag, 0, WIRE_TAG_SIZE, 0, NULL},
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"payload", CODEC_BIN, &out->payload, 1, WIRE_PAYLOAD_MAX, 1, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    out->scope = (uint8_t)scope;
    return rc;
}

static int read_hits(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct query_reply *out = to;
    int rc = codec_read_array(cursor, "hits", 0, WIRE_BATCH_MAX, &out->hits, err);
    if (rc != 0 || out->hits == 0)
        return rc;
    out->hit = calloc(out->hits, sizeof *out->hit);
    if (out->hit == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu hits", out->hits);
    for (size_t i = 0; rc == 0 && i < out->hits; i++)
        rc = read_hit(cursor, &out->hit[i], err);
    return rc;
}

static int read_one_unasked(struct codec_cursor *cursor, struct query_unasked *out, struct err *err)
{
    uint64_t scope = 0, reason = 0;
    const struct codec_field fields[] = {
        {"scope", CODEC_UINT, &scope, 0, WIRE_SCOPE_MAX - 1, 0, NULL},
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"reason", CODEC_UINT, &reason, QUERY_ASKS_USED, QUERY_REJOINING, 0, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    out->scope = (uint8_t)scope;
    out->reason = (enum query_reason)reason;
    return rc;
}

static int read_unasked(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct query_reply *out = to;
    int rc = codec_read_array(cursor, "unasked", 0, QUERY_UNASKED_MAX, &out->unasked_count, err);
    if (rc != 0 || out->unasked_count == 0)
        return rc;
    out->unasked = calloc(out->unasked_count, sizeof *out->unasked);
    if (out->unasked == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu partners", out->unasked_count);
    for (size_t i = 0; rc == 0 && i < out->unasked_count; i++)
        rc = read_one_unasked(cursor, &out->unasked[i], err);
    return rc;
}

static int read_register(struct codec_cursor *cursor, struct query_register *out, struct err *err)
{
    uint64_t scope = 0;
    const struct codec_field fields[] = {
        {"scope", CODEC_UINT, &scope, 0, WIRE_SCOPE_MAX - 1, 0, NULL},
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"time", CODEC_UINT, &out->time, 0, INT64_MAX, 0, NULL},
    };
    int rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    out->scope = (uint8_t)scope;
    return rc;
}

static int read_registers(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct query_reply *out = to;
    int rc = codec_read_array(cursor, "registers", 0, QUERY_UNASKED_MAX, &out->register_count, err);
    if (rc != 0 || out->register_count == 0)
        return rc;
    out->registers = calloc(out->register_count, sizeof *out->registers);
    if (out->registers == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu registers", out->register_count);
    for (size_t i = 0; rc == 0 && i < out->register_count; i++)
        rc = read_register(cursor, &out->registers[i], err);
    return rc;
}

int query_reply_decode(struct query_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"hits", CODEC_READ, out, 0, 0, 0, read_hits},
        {"unasked", CODEC_READ, out, 0, 0, 0, read_unasked},
        {"registers", CODEC_READ, out, 0, 0, 0, read_registers},
        {"cut", CODEC_BOOL, &out->cut, 0, 0, 0, NULL},
        {"events", CODEC_READ, &out->events, 0, 0, 0, codec_read_events},
        {"receipt", CODEC_READ, &out->receipt, 0, 0, 0, codec_read_receipt},
    };
    memset(out, 0, sizeof *out);
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc != 0)
        query_reply_free(out);
    return rc;
}

void query_reply_free(struct query_reply *reply)
{
    free(reply->hit);
    free(reply->unasked);
    free(reply->registers);
    wire_event_list_free(&reply->events);
    memset(reply, 0, sizeof *reply);
}
