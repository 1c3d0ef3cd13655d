/*
 * cut u8 | hits u32 | unasked u32 | registers u32 | hits: scope u8, tag 16, partner 32, length u32, payload | unasked:
 * scope u8, partner 32, reason u8 | registers: scope u8, partner 32, time u64
 */
#include "matcher/service/hits.h"

#include <stdlib.h>
#include <string.h>

#define HEAD 13
#define HIT_HEAD (1 + WIRE_TAG_SIZE + PARTY_DIGEST_SIZE + 4)
#define UNASKED_SIZE (1 + PARTY_DIGEST_SIZE + 1)
#define REGISTER_SIZE (1 + PARTY_DIGEST_SIZE + 8)

static int put_hit(struct buf *out, const struct query_hit *hit, struct err *err)
{
    uint8_t head[HIT_HEAD];
    head[0] = hit->scope;
    memcpy(head + 1, hit->tag, WIRE_TAG_SIZE);
    memcpy(head + 1 + WIRE_TAG_SIZE, hit->partner, PARTY_DIGEST_SIZE);
    bytes_put_u32be(head + HIT_HEAD - 4, (uint32_t)hit->payload.len);
    int rc = buf_put(out, head, sizeof head, err);
    if (rc == 0)
        rc = buf_put(out, hit->payload.data, hit->payload.len, err);
    return rc;
}

int hits_encode(struct buf *out, const struct join_hits *hits, struct err *err)
{
    uint8_t head[HEAD] = {hits->cut};
    bytes_put_u32be(head + 1, (uint32_t)hits->count);
    bytes_put_u32be(head + 5, (uint32_t)hits->unasked_count);
    bytes_put_u32be(head + 9, (uint32_t)hits->register_count);
    int rc = buf_put(out, head, sizeof head, err);
    for (size_t i = 0; rc == 0 && i < hits->count; i++)
        rc = put_hit(out, &hits->hit[i], err);
    for (size_t i = 0; rc == 0 && i < hits->unasked_count; i++) {
        uint8_t unasked[UNASKED_SIZE] = {hits->unasked[i].scope};
        memcpy(unasked + 1, hits->unasked[i].partner, PARTY_DIGEST_SIZE);
        unasked[UNASKED_SIZE - 1] = (uint8_t)hits->unasked[i].reason;
        rc = buf_put(out, unasked, sizeof unasked, err);
    }
    for (size_t i = 0; rc == 0 && i < hits->register_count; i++) {
        uint8_t entry[REGISTER_SIZE] = {hits->registers[i].scope};
        memcpy(entry + 1, hits->registers[i].partner, PARTY_DIGEST_SIZE);
        bytes_put_u64be(entry + REGISTER_SIZE - 8, hits->registers[i].time);
        rc = buf_put(out, entry, sizeof entry, err);
    }
    return rc;
}

/* Takes len bytes off the front; NULL if there are fewer. */
static const uint8_t *take(struct span *in, size_t len)
{
    const uint8_t *at = in->data;
    if (in->len < len)
        return NULL;
    *in = span_of(in->data + len, in->len - len);
    return at;
}

static bool get_hit(struct span *in, struct query_hit *hit)
{
    const uint8_t *head = take(in, HIT_HEAD);
    size_t len = head != NULL ? bytes_get_u32be(head + HIT_HEAD - 4) : 0;
    const uint8_t *payload = head != NULL ? take(in, len) : NULL;
    if (payload == NULL)
        return false;
    hit->scope = head[0];
    memcpy(hit->tag, head + 1, WIRE_TAG_SIZE);
    memcpy(hit->partner, head + 1 + WIRE_TAG_SIZE, PARTY_DIGEST_SIZE);
    hit->payload = span_of(payload, len);
    return true;
}

static bool get_unasked(struct span *in, struct query_unasked *unasked)
{
    const uint8_t *at = take(in, UNASKED_SIZE);
    if (at == NULL)
        return false;
    unasked->scope = at[0];
    memcpy(unasked->partner, at + 1, PARTY_DIGEST_SIZE);
    unasked->reason = (enum query_reason)at[UNASKED_SIZE - 1];
    return true;
}

static bool get_register(struct span *in, struct query_register *out)
{
    const uint8_t *at = take(in, REGISTER_SIZE);
    if (at == NULL)
        return false;
    out->scope = at[0];
    memcpy(out->partner, at + 1, PARTY_DIGEST_SIZE);
    out->time = bytes_get_u64be(at + REGISTER_SIZE - 8);
    return true;
}

int hits_decode(struct join_hits *out, struct span in, struct err *err)
{
    const uint8_t *head = take(&in, HEAD);
    size_t hits = head != NULL ? bytes_get_u32be(head + 1) : 0, unasked = head != NULL ? bytes_get_u32be(head + 5) : 0,
           registers = head != NULL ? bytes_get_u32be(head + 9) : 0;
    bool ok = head != NULL && hits <= WIRE_BATCH_MAX && unasked <= QUERY_UNASKED_MAX && registers <= QUERY_UNASKED_MAX;
    *out = (struct join_hits){.cut = ok && head[0] != 0};
    if (ok) {
        out->hit = calloc(hits + 1, sizeof *out->hit);
        out->unasked = calloc(unasked + 1, sizeof *out->unasked);
        out->registers = calloc(registers + 1, sizeof *out->registers);
        if (out->hit == NULL || out->unasked == NULL || out->registers == NULL) {
            join_hits_free(out);
            return err_set(err, ERR_NO_MEMORY, "out of memory for the matches of a query");
        }
    }
    for (; ok && out->count < hits; out->count += ok)
        ok = get_hit(&in, &out->hit[out->count]);
    for (; ok && out->unasked_count < unasked; out->unasked_count += ok)
        ok = get_unasked(&in, &out->unasked[out->unasked_count]);
    for (; ok && out->register_count < registers; out->register_count += ok)
        ok = get_register(&in, &out->registers[out->register_count]);
    if (ok && in.len == 0)
        return 0;
    join_hits_free(out);
    return err_set(err, ERR_VERIFY, "the matcher's store is damaged: the answer to a query");
}
