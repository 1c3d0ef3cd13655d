/* PUT, REMOVE, QUERY. */
#include "matcher/service/service.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define RESULT_SIZE 24

struct outcome {
    uint64_t added, replaced, removed, index;
    struct buf event;
    bool repeated;
};

/* Purpose and epoch of a request must be in force. */
static int resolve(const struct asked *asked, const struct entry_request *entries, struct join_request *out,
                   struct err *err)
{
    const struct region *r = asked->world->region;
    int purpose = region_find_purpose(r, entries->purpose);
    if (purpose < 0)
        return err_set(err, ERR_DENIED, "the manifest has no purpose %s", entries->purpose);
    if (entries->epoch != r->purposes[purpose].epoch)
        return err_set(err, ERR_DENIED, "epoch %u of %s is not in force: it is %u", entries->epoch, entries->purpose,
                       r->purposes[purpose].epoch);
    *out = (struct join_request){asked->agency, (size_t)purpose, entries};
    return 0;
}

static bool is_busy(const struct matcher *m, const struct asked *asked, size_t purpose)
{
    return m->must_begin || change_is_busy(&m->change, asked->world->purpose_id[purpose]);
}

/* Called with `writing` held: begins a write for this request. */
static int begin(struct matcher *m, const struct asked *asked, const struct join_request *request, struct err *err)
{
    struct store_write *write;
    if (asked->world != m->world || is_busy(m, asked, request->purpose))
        return err_set(err, ERR_BUSY, "the grants of %s are being changed: try again soon", request->entries->purpose);
    int rc = store_begin(&write, m->store, err);
    if (rc == 0) {
        join_begin(&m->join, write, asked->world);
        m->join.time = clock_now();
    }
    return rc;
}

static void describe(struct event *event, enum event_kind kind, const struct asked *asked,
                     const struct entry_request *entries)
{
    event_init(event, kind);
    snprintf(event->party, sizeof event->party, "%s", asked->world->region->agencies[asked->agency].name);
    snprintf(event->purpose, sizeof event->purpose, "%s", entries->purpose);
    event->epoch = entries->epoch;
    event->count = entries->count;
}

static void digest_entries(struct event *event, const struct entry_request *entries)
{
    struct event_digest digest;
    event_digest_start(&digest, event->salt);
    for (size_t i = 0; i < entries->count; i++) {
        event_digest_add(&digest, span_of(entries->entry[i].tag, WIRE_TAG_SIZE));
        if (event->kind == EVENT_PUT)
            event_digest_add(&digest, entries->entry[i].payload);
    }
    event_digest_end(&digest, event->digest);
}

/* --- what was answered before --- */

static int recall(struct matcher *m, const struct asked *asked, const uint8_t digest[32], struct outcome *out,
                  struct err *err)
{
    struct store_answer answer;
    struct buf bytes = buf_of(1024);
    int rc = store_answer_get(m->store, asked->agency_id, asked->in->id, &answer, &bytes, err);
    if (rc == 0 && memcmp(answer.digest, digest, 32) != 0)
        rc = err_set(err, ERR_CONFLICT, "this request id was used for another request");
    else if (rc == 0 && answer.result.len != RESULT_SIZE)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: an answer");
    if (rc == 0) {
        out->added = bytes_get_u64be(answer.result.data);
        out->replaced = bytes_get_u64be(answer.result.data + 8);
        out->removed = bytes_get_u64be(answer.result.data + 16);
        out->index = answer.index;
        out->repeated = true;
        rc = ledger_entry(store_ledger(m->store), answer.index, &out->event, err);
    }
    buf_free(&bytes);
    return rc;
}

static int remember(struct matcher *m, const struct asked *asked, const uint8_t digest[32], const struct outcome *out,
                    struct err *err)
{
    uint8_t result[RESULT_SIZE];
    struct store_answer answer = {.index = out->index, .result = span_of(result, sizeof result)};
    memcpy(answer.digest, digest, 32);
    bytes_put_u64be(result, out->added);
    bytes_put_u64be(result + 8, out->replaced);
    bytes_put_u64be(result + 16, out->removed);
    return store_answer_put(m->join.write, asked->agency_id, asked->in->id, m->join.time, &answer, err);
}

/* --- PUT and REMOVE --- */

/* Stages everything that the request brings about: entries, mail, events, the answer. */
static int stage(struct matcher *m, const struct asked *asked, const struct join_request *request,
                 const uint8_t digest[32], struct outcome *out, struct err *err)
{
    struct event event;
    bool put = asked->in->type == WIRE_PUT;
    int rc = put ? join_put(&m->join, request, &out->added, &out->replaced, err)
                 : join_remove(&m->join, request, &out->removed, err);
    if (rc != 0)
        return rc;
    describe(&event, put ? EVENT_PUT : EVENT_REMOVE, asked, request->entries);
    digest_entries(&event, request->entries);
    rc = store_event(m->join.write, &event, &out->index, &out->event, err);
    if (rc == 0)
        rc = tally_write(&m->join.tally, m->store, m->join.write, err);
    return rc != 0 ? rc : remember(m, asked, digest, out, err);
}

static int change_once(struct matcher *m, const struct asked *asked, const struct join_request *request,
                       struct outcome *out, struct err *err)
{
    uint8_t digest[32];
    const uint8_t type = (uint8_t)asked->in->type;
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof digest);
    crypto_generichash_update(&hash, &type, 1);
    crypto_generichash_update(&hash, asked->in->body.data, asked->in->body.len);
    crypto_generichash_final(&hash, digest, sizeof digest);
    pthread_mutex_lock(&m->writing);
    int rc = recall(m, asked, digest, out, err);
    if (rc == ERR_NOT_FOUND && (rc = begin(m, asked, request, err)) == 0) {
        rc = stage(m, asked, request, digest, out, err);
        if (rc == 0)
            rc = store_commit(m->join.write, err);
        else
            store_abandon(m->join.write);
    }
    pthread_mutex_unlock(&m->writing);
    parked_wake(&m->parked, m->store);
    return rc;
}

int matcher_change_entries(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    struct entry_request entries = {.count = 0};
    struct join_request request;
    struct entry_reply reply = {.added = 0};
    struct outcome out = {.event = buf_of(EVENT_SIZE_MAX)};
    struct buf receipt = buf_of(ANSWER_RECEIPT_MAX);
    int rc = entry_request_decode(&entries, asked->in->type, asked->in->body, err);
    if (rc == 0)
        rc = resolve(asked, &entries, &request, err);
    if (rc == 0)
        rc = change_once(matcher, asked, &request, &out, err);
    if (rc == 0)
        rc = answer_receipt(store_ledger(matcher->store), out.index, buf_span(&out.event), &receipt, &reply.receipt, err);
    if (rc == 0) {
        reply.added = out.added;
        reply.replaced = out.replaced;
        reply.removed = out.removed;
        rc = entry_reply_encode(body, &reply, err);
        log_event(LOG_INFO, asked->in->type == WIRE_PUT ? "put" : "remove", "agency=%s purpose=%s count=%zu%s",
                  rpc_request_peer(asked->request), entries.purpose, entries.count, out.repeated ? " repeated=yes" : "");
    }
    entry_request_free(&entries);
    buf_free(&receipt);
    buf_free(&out.event);
    return rc;
}

/* --- QUERY --- */

/* Reciprocity: who asks for a purpose contributes to it. */
static int may_query(struct matcher *m, const struct asked *asked, const struct join_request *request, struct err *err)
{
    const char *purpose = request->entries->purpose;
    if (!world_has_partner(asked->world, request->purpose, request->agency))
        return err_set(err, ERR_DENIED, "no partner and you granted each other %s", purpose);
    if (store_count_epochs(m->store, asked->world->purpose_id[request->purpose], asked->agency_id) == 0)
        return err_set(err, ERR_DENIED, "who queries %s contributes to it: enrol records first", purpose);
    return 0;
}

static int query_once(struct matcher *m, const struct asked *asked, const struct join_request *request,
                      struct join_hits *hits, struct outcome *out, struct err *err)
{
    struct event event;
    pthread_mutex_lock(&m->writing);
    int rc = begin(m, asked, request, err);
    if (rc == 0) {
        rc = join_query(&m->join, request, hits, err);
        describe(&event, EVENT_QUERY, asked, request->entries);
        event.hits = hits->count;
        digest_entries(&event, request->entries);
        if (rc == 0)
            rc = store_event(m->join.write, &event, &out->index, &out->event, err);
        if (rc == 0)
            rc = store_commit(m->join.write, err);
        else
            store_abandon(m->join.write);
    }
    pthread_mutex_unlock(&m->writing);
    return rc;
}

int matcher_query(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    struct entry_request entries = {.count = 0};
    struct join_request request;
    struct join_hits hits = {.count = 0};
    struct query_reply reply = {.count = 0};
    struct outcome out = {.event = buf_of(EVENT_SIZE_MAX)};
    struct buf receipt = buf_of(ANSWER_RECEIPT_MAX);
    int rc = entry_request_decode(&entries, WIRE_QUERY, asked->in->body, err);
    if (rc == 0)
        rc = resolve(asked, &entries, &request, err);
    if (rc == 0)
        rc = may_query(matcher, asked, &request, err);
    if (rc == 0)
        rc = query_once(matcher, asked, &request, &hits, &out, err);
    if (rc == 0)
        rc = answer_receipt(store_ledger(matcher->store), out.index, buf_span(&out.event), &receipt, &reply.receipt, err);
    if (rc == 0) {
        reply.hit = hits.hit;
        reply.count = hits.count;
        reply.cut = hits.cut;
        rc = query_reply_encode(body, &reply, err);
        log_event(LOG_INFO, "query", "agency=%s purpose=%s count=%zu hits=%zu", rpc_request_peer(asked->request),
                  entries.purpose, entries.count, hits.count);
    }
    join_hits_free(&hits);
    entry_request_free(&entries);
    buf_free(&receipt);
    buf_free(&out.event);
    return rc;
}
