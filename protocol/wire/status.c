#include "protocol/wire/status.h"

#include "protocol/wire/codec.h"

#include <stdlib.h>
#include <string.h>

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

static void write_partner(struct codec_writer *w, const struct status_partner *p)
{
    codec_write_map(w);
    codec_write_bin(w, "partner", span_of(p->partner, PARTY_DIGEST_SIZE));
    codec_write_uint(w, "waiting", p->waiting);
    codec_write_uint(w, "met_today", p->met_today);
    codec_write_uint(w, "meets", p->meets);
    codec_write_uint(w, "asked_today", p->asked_today);
    codec_write_uint(w, "asks", p->asks);
    codec_write_uint(w, "released", p->released);
    codec_write_uint(w, "released_by_partner", p->released_by_partner);
    codec_write_uint(w, "suspended", p->suspended);
    codec_write_end(w);
}

static void write_purpose(struct codec_writer *w, const struct status_purpose *p)
{
    codec_write_map(w);
    codec_write_text(w, "name", p->name);
    codec_write_uint(w, "epoch", p->epoch);
    codec_write_uint(w, "entries", p->entries);
    codec_write_bool(w, "loading", p->loading);
    codec_write_array(w, "partners", p->partner_count);
    for (size_t i = 0; i < p->partner_count; i++)
        write_partner(w, &p->partner[i]);
    codec_write_end(w);
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
    codec_write_array(&w, "purposes", in->purpose_count);
    for (size_t i = 0; i < in->purpose_count; i++)
        write_purpose(&w, &in->purpose[i]);
    return codec_write_end(&w);
}

static int read_partner(struct codec_cursor *cursor, struct status_partner *out, struct err *err)
{
    const struct codec_field fields[] = {
        {"partner", CODEC_FIXED, out->partner, 0, PARTY_DIGEST_SIZE, 0, NULL},
        {"waiting", CODEC_UINT, &out->waiting, 0, UINT64_MAX, 0, NULL},
        {"met_today", CODEC_UINT, &out->met_today, 0, UINT64_MAX, 0, NULL},
        {"meets", CODEC_UINT, &out->meets, 0, UINT64_MAX, 0, NULL},
        {"asked_today", CODEC_UINT, &out->asked_today, 0, UINT64_MAX, 0, NULL},
        {"asks", CODEC_UINT, &out->asks, 0, UINT64_MAX, 0, NULL},
        {"released", CODEC_UINT, &out->released, 0, UINT64_MAX, 0, NULL},
        {"released_by_partner", CODEC_UINT, &out->released_by_partner, 0, UINT64_MAX, 0, NULL},
        {"suspended", CODEC_U32, &out->suspended, 0, STATUS_SUSPENDED_BY_US | STATUS_SUSPENDED_BY_THEM, 0, NULL},
    };
    return codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
}

static int read_partners(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct status_purpose *out = to;
    int rc = codec_read_array(cursor, "partners", 0, WIRE_PARTNERS_MAX, &out->partner_count, err);
    if (rc != 0 || out->partner_count == 0)
        return rc;
    out->partner = calloc(out->partner_count, sizeof *out->partner);
    if (out->partner == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu partners", out->partner_count);
    for (size_t i = 0; rc == 0 && i < out->partner_count; i++)
        rc = read_partner(cursor, &out->partner[i], err);
    return rc;
}

static int read_purposes(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct status_reply *out = to;
    int rc = codec_read_array(cursor, "purposes", 0, STATUS_PURPOSES_MAX, &out->purpose_count, err);
    for (size_t i = 0; rc == 0 && i < out->purpose_count; i++) {
        struct status_purpose *p = &out->purpose[i];
        const struct codec_field fields[] = {
            {"name", CODEC_TEXT, p->name, 1, PARTY_NAME_MAX, 0, NULL},
            {"epoch", CODEC_U32, &p->epoch, 0, UINT32_MAX, 0, NULL},
            {"entries", CODEC_UINT, &p->entries, 0, UINT64_MAX, 0, NULL},
            {"loading", CODEC_BOOL, &p->loading, 0, 0, 0, NULL},
            {"partners", CODEC_READ, p, 0, 0, 0, read_partners},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
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
    memset(out, 0, sizeof *out);
    int rc = codec_read_map(body, fields, ARRAY_LEN(fields), err);
    if (rc != 0)
        status_reply_free(out);
    return rc;
}

void status_reply_free(struct status_reply *reply)
{
    for (size_t i = 0; i < reply->purpose_count; i++)
        free(reply->purpose[i].partner);
    memset(reply, 0, sizeof *reply);
}

/* --- of a custodian --- */

int budget_reply_encode(struct buf *out, const struct budget_reply *in, struct err *err)
{
    struct codec_writer w;
    codec_write_start(&w, out, err);
    codec_write_uint(&w, "manifest", in->manifest);
    codec_write_uint(&w, "time", in->time);
    codec_write_array(&w, "purposes", in->purpose_count);
    for (size_t i = 0; i < in->purpose_count; i++) {
        const struct budget_purpose *p = &in->purpose[i];
        codec_write_map(&w);
        codec_write_text(&w, "name", p->name);
        codec_write_uint(&w, "epoch", p->epoch);
        codec_write_bool(&w, "loading", p->loading);
        codec_write_uint(&w, "limit", p->limit);
        codec_write_uint(&w, "left", p->left);
        codec_write_end(&w);
    }
    return codec_write_end(&w);
}

static int read_budgets(struct codec_cursor *cursor, void *to, struct err *err)
{
    struct budget_reply *out = to;
    int rc = codec_read_array(cursor, "purposes", 0, BUDGET_PURPOSES_MAX, &out->purpose_count, err);
    for (size_t i = 0; rc == 0 && i < out->purpose_count; i++) {
        struct budget_purpose *p = &out->purpose[i];
        const struct codec_field fields[] = {
            {"name", CODEC_TEXT, p->name, 1, PARTY_NAME_MAX, 0, NULL},
            {"epoch", CODEC_U32, &p->epoch, 0, UINT32_MAX, 0, NULL},
            {"loading", CODEC_BOOL, &p->loading, 0, 0, 0, NULL},
            {"limit", CODEC_UINT, &p->limit, 0, UINT64_MAX, 0, NULL},
            {"left", CODEC_UINT, &p->left, 0, UINT64_MAX, 0, NULL},
        };
        rc = codec_read_map_at(cursor, fields, ARRAY_LEN(fields), err);
    }
    return rc;
}

int budget_reply_decode(struct budget_reply *out, struct span body, struct err *err)
{
    const struct codec_field fields[] = {
        {"manifest", CODEC_UINT, &out->manifest, 0, UINT64_MAX, 0, NULL},
        {"time", CODEC_UINT, &out->time, 0, UINT64_MAX, 0, NULL},
        {"purposes", CODEC_READ, out, 0, 0, 0, read_budgets},
    };
    memset(out, 0, sizeof *out);
    return codec_read_map(body, fields, ARRAY_LEN(fields), err);
}
