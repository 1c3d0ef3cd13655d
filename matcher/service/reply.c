/* Answering what the writer has done. */
#include "matcher/service/job.h"
#include "matcher/service/proven.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"

#include <stdlib.h>
#include <string.h>

/* --- the lines that cover a query's hits --- */

/* Whether the event at the leaf is another line of the query; if one that covers hits, it is put into the list. */
static int add_line(struct ledger *ledger, struct proven *events, uint64_t leaf, bool *is_line, struct err *err)
{
    struct event event = {.kind = EVENT_PUT};
    struct buf text = buf_of(EVENT_SIZE_MAX);
    int rc = ledger_entry(ledger, leaf, &text, err);
    if (rc == 0)
        rc = event_decode(&event, buf_span(&text), err);
    *is_line = rc == 0 && event_is_line(event.kind);
    buf_free(&text);
    return *is_line && event.kind == EVENT_DELIVER ? proven_add(events, leaf, err) : rc;
}

static int find_lines(struct ledger *ledger, struct proven *events, const struct job *job, uint64_t size,
                      struct err *err)
{
    bool is_line = job->hits.count > 0;
    int rc = 0;
    for (uint64_t leaf = job->index + 1; rc == 0 && is_line && leaf < size; leaf++)
        rc = add_line(ledger, events, leaf, &is_line, err);
    return rc;
}

/* --- replies --- */

static int encode_query(struct matcher *m, struct job *job, const struct wire_receipt *receipt, struct buf *body)
{
    struct ledger *ledger = store_ledger(m->store);
    struct query_reply reply = {.hit = job->hits.hit,
                                .hits = job->hits.count,
                                .unasked = job->hits.unasked,
                                .unasked_count = job->hits.unasked_count,
                                .registers = job->hits.registers,
                                .register_count = job->hits.register_count,
                                .cut = job->hits.cut,
                                .receipt = *receipt};
    struct proven events;
    uint64_t size;
    proven_init(&events);
    int rc = proven_size(&size, receipt->checkpoint, &job->err);
    if (rc == 0)
        rc = find_lines(ledger, &events, job, size, &job->err);
    if (rc == 0)
        rc = proven_fill(&events, ledger, size, &reply.events, &job->err);
    if (rc == 0)
        rc = query_reply_encode(body, &reply, &job->err);
    proven_free(&events);
    return rc;
}

static int encode_reply(struct matcher *m, struct job *job, struct buf *body)
{
    struct wire_receipt receipt = {.leaf = 0};
    struct buf storage = buf_of(ANSWER_RECEIPT_MAX);
    struct err *err = &job->err;
    if (job->in.type == WIRE_ACK)
        return ack_reply_encode(body, err);
    int rc = answer_receipt(store_ledger(m->store), job->index, buf_span(&job->event), &storage, &receipt, err);
    if (rc == 0 && job->in.type == WIRE_PUT)
        rc = put_reply_encode(body, &(struct put_reply){job->added, job->renewed, job->replaced, job->waiting, receipt},
                              err);
    else if (rc == 0 && job->in.type == WIRE_REMOVE)
        rc = remove_reply_encode(body, &(struct remove_reply){job->removed, receipt}, err);
    else if (rc == 0 && job->in.type == WIRE_QUERY)
        rc = encode_query(m, job, &receipt, body);
    else if (rc == 0)
        rc = receipt_reply_encode(body, &(struct receipt_reply){receipt}, err);
    buf_free(&storage);
    return rc;
}

static void log_job(const struct job *job)
{
    static const char *const words[] = {
        [WIRE_PUT] = "put",         [WIRE_REMOVE] = "remove",   [WIRE_QUERY] = "query",
        [WIRE_ACK] = "acknowledge", [WIRE_RELEASE] = "release", [WIRE_SUSPEND] = "suspend",
        [WIRE_CLOSE] = "close",     [WIRE_LETTER] = "letter",   [WIRE_PREKEY] = "prekey"};
    const char *purpose = job->in.scope_count == 0   ? ""
                          : job->in.scope_count == 1 ? job->in.scope[0].purpose
                                                     : "several";
    bool tags = job->in.type == WIRE_PUT || job->in.type == WIRE_REMOVE || job->in.type == WIRE_QUERY;
    log_event(LOG_INFO, words[job->in.type], "agency=%s purpose=%s count=%zu hits=%zu waiting=%llu repeated=%s",
              rpc_request_peer(job->request), purpose, tags ? job->batch.tags : (size_t)1, job->hits.count,
              (unsigned long long)job->waiting, job->state == JOB_REPEATED ? "yes" : "no");
}

void job_answer(struct matcher *matcher, struct job *job)
{
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    bool named = job->in.scope_count == 1 && job->refusal != REFUSAL_PURPOSE;
    int rc = job->state == JOB_FAILED ? (int)job->err.code : 0;
    if (rc != 0)
        matcher_refuse(matcher, job->refusal, rpc_request_peer(job->request), named ? job->in.scope[0].purpose : "");
    if (rc == 0)
        rc = encode_reply(matcher, job, &body);
    if (rc == 0) {
        log_job(job);
        answer_ok(job->request, &job->in, buf_span(&body));
    } else if (job->status != 0) {
        answer_refusal(job->request, &job->in, job->status, job->err.text);
    } else {
        answer_failure(job->request, &job->in, &job->err);
    }
    buf_free(&body);
}
