#include "matcher/service/job.h"

#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"

#include <stdlib.h>
#include <string.h>

#define RESULT_SIZE 32 /* of the four counts in an answer that is kept */

void job_free(struct job *job)
{
    join_hits_free(&job->hits);
    buf_free(&job->event);
    world_release(job->world);
    free(job);
}

void job_forget(struct job *job)
{
    job->added = job->renewed = job->replaced = job->removed = 0;
    buf_clear(&job->event);
    join_hits_free(&job->hits);
}

struct join_request job_join(const struct job *job)
{
    return (struct join_request){job->agency, job->purpose, job->in.scope[0].epoch, &job->batch.part[0]};
}

/* --- what was answered before --- */

int job_recall(struct matcher *matcher, struct job *job)
{
    struct store_answer answer;
    struct err *err = &job->err;
    struct buf bytes = buf_of(1024);
    uint16_t agency = job->world->agency_id[job->agency];
    int rc = job->in.type == WIRE_QUERY ? ERR_NOT_FOUND
                                        : store_answer_get(matcher->store, agency, job->in.id, &answer, &bytes, err);
    if (rc == 0 && memcmp(answer.digest, job->digest, 32) != 0) {
        job->refusal = REFUSAL_REPLAY;
        rc = err_set(err, ERR_CONFLICT, "this request id was used for another request");
    } else if (rc == 0 && answer.result.len != RESULT_SIZE) {
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: an answer");
    }
    if (rc == 0) {
        job->added = bytes_get_u64be(answer.result.data);
        job->replaced = bytes_get_u64be(answer.result.data + 8);
        job->removed = bytes_get_u64be(answer.result.data + 16);
        job->renewed = bytes_get_u64be(answer.result.data + 24);
        job->index = answer.index;
        rc = ledger_entry(store_ledger(matcher->store), answer.index, &job->event, err);
    }
    buf_free(&bytes);
    return rc;
}

static int remember(struct matcher *m, struct job *job)
{
    uint8_t result[RESULT_SIZE];
    struct store_answer answer = {.index = job->index, .result = span_of(result, sizeof result)};
    memcpy(answer.digest, job->digest, 32);
    bytes_put_u64be(result, job->added);
    bytes_put_u64be(result + 8, job->replaced);
    bytes_put_u64be(result + 16, job->removed);
    bytes_put_u64be(result + 24, job->renewed);
    return store_answer_put(m->join.write, job->world->agency_id[job->agency], job->in.id, m->join.time, &answer,
                            &job->err);
}

/* --- staging --- */

/* Reciprocity: who asks for a purpose contributes to it. */
static int may_query(struct matcher *m, struct job *job)
{
    const char *purpose = job->in.scope[0].purpose;
    if (!world_has_partner(job->world, job->purpose, job->agency)) {
        job->refusal = REFUSAL_GRANT;
        return err_set(&job->err, ERR_DENIED, "no partner and you granted each other %s", purpose);
    }
    if (store_count_epochs(m->store, job->world->purpose_id[job->purpose], job->world->agency_id[job->agency]) == 0) {
        job->refusal = REFUSAL_RECIPROCITY;
        return err_set(&job->err, ERR_DENIED, "who queries %s contributes to it: enrol records first", purpose);
    }
    return 0;
}

/* Entries, mail, events, the batch for the archive, the answer: everything that the request brings about. */
int job_stage(struct matcher *matcher, struct job *job)
{
    struct join *join = &matcher->join;
    const struct join_request request = job_join(job);
    struct err *err = &job->err;
    struct event event;
    event_init(&event, batch_event_kind(job->in.type));
    event.time = join->time = store_time(join->write);
    int rc = event.kind == EVENT_QUERY ? may_query(matcher, job) : 0;
    if (rc == 0 && event.kind == EVENT_PUT)
        rc = join_put(join, &request, &event, err);
    else if (rc == 0 && event.kind == EVENT_REMOVE)
        rc = join_remove(join, &request, &event, err);
    else if (rc == 0)
        rc = join_query(join, &request, &job->hits, &event, err);
    if (rc != 0)
        return rc;
    batch_describe(&event, &job->batch, job->world->region->agencies[job->agency].name, &job->in, job->statement);
    job->added = event.added;
    job->renewed = event.renewed;
    job->replaced = event.replaced;
    job->removed = event.removed;
    rc = tally_write(&join->tally, join->write, &event, &job->index, &job->event, err);
    if (rc == 0)
        rc = store_archive(join->write,
                           &(struct archive_record){job->index, event.time, event.kind, rpc_request_body(job->request)},
                           err);
    return rc != 0 || event.kind == EVENT_QUERY ? rc : remember(matcher, job);
}

/* --- answering --- */

static int encode_reply(struct matcher *m, struct job *job, struct buf *body)
{
    struct put_reply put = {.added = job->added, .renewed = job->renewed, .replaced = job->replaced};
    struct remove_reply removal = {.removed = job->removed};
    struct query_reply query = {.hit = job->hits.hit, .hits = job->hits.count, .cut = job->hits.cut};
    struct wire_receipt receipt = {.leaf = 0};
    struct buf storage = buf_of(ANSWER_RECEIPT_MAX);
    int rc = answer_receipt(store_ledger(m->store), job->index, buf_span(&job->event), &storage, &receipt, &job->err);
    put.receipt = removal.receipt = query.receipt = receipt;
    if (rc == 0)
        rc = job->in.type == WIRE_QUERY    ? query_reply_encode(body, &query, &job->err)
             : job->in.type == WIRE_REMOVE ? remove_reply_encode(body, &removal, &job->err)
                                           : put_reply_encode(body, &put, &job->err);
    buf_free(&storage);
    return rc;
}

void job_answer(struct matcher *matcher, struct job *job)
{
    static const char *const words[] = {[WIRE_PUT] = "put", [WIRE_REMOVE] = "remove", [WIRE_QUERY] = "query"};
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    const char *agency = rpc_request_peer(job->request);
    int rc = job->state == JOB_FAILED ? (int)job->err.code : 0;
    if (rc != 0)
        matcher_refuse(matcher, job->refusal, agency, job->refusal == REFUSAL_PURPOSE ? "" : job->in.scope[0].purpose);
    if (rc == 0)
        rc = encode_reply(matcher, job, &body);
    if (rc == 0)
        log_event(LOG_INFO, words[job->in.type], "agency=%s purpose=%s count=%zu hits=%zu%s", agency,
                  job->in.scope[0].purpose, job->batch.tags, job->hits.count,
                  job->state == JOB_REPEATED ? " repeated=yes" : "");
    if (rc == 0)
        answer_ok(job->request, &job->in, buf_span(&body));
    else
        answer_failure(job->request, &job->in, &job->err);
    buf_free(&body);
}
