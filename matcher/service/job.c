#include "matcher/service/job.h"

#include "matcher/join/spend.h"
#include "matcher/service/hits.h"

#include "protocol/wire/statement.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_COUNTS 5
#define RESULT_SIZE (8 * RESULT_COUNTS) /* of an answer that is kept */

void job_free(struct job *job)
{
    join_hits_free(&job->hits);
    buf_free(&job->kept);
    buf_free(&job->event);
    buf_free(&job->except_numbers);
    free(job->except);
    world_release(job->world);
    free(job);
}

void job_forget(struct job *job)
{
    job->added = job->renewed = job->replaced = job->removed = job->waiting = 0;
    job->silent = false;
    buf_clear(&job->event);
    join_hits_free(&job->hits);
}

static bool has_tags(const struct job *job)
{
    return job->in.type == WIRE_PUT || job->in.type == WIRE_REMOVE || job->in.type == WIRE_QUERY;
}

static struct join_request join_of(const struct job *job, size_t scope)
{
    return (struct join_request){job->agency, job->purpose[scope], job->in.scope[scope].epoch, &job->batch.part[scope]};
}

/* --- whether it can be served now --- */

bool job_is_busy(const struct matcher *m, const struct job *job)
{
    if (job->in.type == WIRE_ACK)
        return false;
    if (job->world != m->world || m->must_begin || m->must_load)
        return true;
    /* A query names the partners that are being joined anew; releases and letters wait for nobody. */
    for (size_t i = 0; i < job->in.scope_count; i++)
        if (job->in.type != WIRE_QUERY && job->in.type != WIRE_RELEASE && job->in.type != WIRE_LETTER &&
            walk_is_busy(&m->walks, job->world->purpose_id[job->purpose[i]]))
            return true;
    return false;
}

bool job_must_wait(const struct matcher *m, const struct job *job)
{
    for (size_t i = 0; has_tags(job) && i < job->in.scope_count; i++) {
        const struct join_request request = join_of(job, i);
        if (join_must_wait(&m->join, &request))
            return true;
    }
    return false;
}

bool job_is_of_letters(const struct job *job)
{
    return job->in.type == WIRE_LETTER || job->in.type == WIRE_PREKEY;
}

bool job_is_alone(const struct job *job)
{
    return job->in.type == WIRE_SUSPEND || job->in.type == WIRE_CLOSE;
}

/* --- what was answered before --- */

static uint64_t *result_count(struct job *job, size_t i)
{
    uint64_t *const counts[RESULT_COUNTS] = {&job->added, &job->renewed, &job->replaced, &job->removed, &job->waiting};
    return counts[i];
}

static int recall_hits(struct matcher *m, struct job *job, uint64_t time)
{
    bool kept = ledger_time(store_ledger(m->store)) < time + MATCHER_HITS_KEPT;
    buf_clear(&job->kept);
    int rc = kept ? store_hits_get(m->store, job->peer_id, job->in.id, time, &job->kept, &job->err) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND) {
        job->refusal = REFUSAL_REUSED;
        return err_set(&job->err, ERR_CONFLICT, "the answer to this query is gone: ask anew");
    }
    if (rc == 0)
        rc = hits_decode(&job->hits, buf_span(&job->kept), &job->err);
    return rc;
}

int job_recall(struct matcher *m, struct job *job)
{
    struct store_answer answer;
    struct err *err = &job->err;
    struct buf bytes = buf_of(1024);
    int rc = store_answer_get(m->store, job->peer_id, job->in.id, &answer, &bytes, err);
    if (rc == 0 && memcmp(answer.digest, job->digest, 32) != 0) {
        job->refusal = REFUSAL_REUSED;
        rc = err_set(err, ERR_CONFLICT, "this request id was used for another request");
    } else if (rc == 0 && answer.result.len != RESULT_SIZE) {
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: an answer");
    }
    if (rc == 0 && job->in.type == WIRE_QUERY)
        rc = recall_hits(m, job, answer.time);
    if (rc == 0) {
        for (size_t i = 0; i < RESULT_COUNTS; i++)
            *result_count(job, i) = bytes_get_u64be(answer.result.data + 8 * i);
        job->index = answer.index;
        rc = ledger_entry(store_ledger(m->store), answer.index, &job->event, err);
    }
    buf_free(&bytes);
    return rc;
}

static int remember(struct matcher *m, struct job *job)
{
    uint8_t result[RESULT_SIZE];
    struct store_answer answer = {.index = job->index, .time = m->join.time, .result = span_of(result, sizeof result)};
    struct buf hits = buf_of(KV_VALUE_MAX);
    int rc = 0;
    memcpy(answer.digest, job->digest, 32);
    for (size_t i = 0; i < RESULT_COUNTS; i++)
        bytes_put_u64be(result + 8 * i, *result_count(job, i));
    if (job->in.type == WIRE_QUERY) {
        rc = hits_encode(&hits, &job->hits, &job->err);
        if (rc == 0)
            store_hits_put(m->join.write, job->peer_id, job->in.id, answer.time, buf_span(&hits));
    }
    buf_free(&hits);
    if (rc == 0)
        rc = store_answer_put(m->join.write, job->peer_id, job->in.id, &answer, &job->err);
    return rc;
}

/* --- what is not allowed, before anything is changed --- */

static int refuse(struct job *job, enum refusal refusal, enum wire_status status)
{
    job->refusal = refusal;
    job->status = status;
    return ERR_DENIED;
}

/* Who lets mail lie gets no more of its own making. */
static int check_mailbox(struct matcher *m, struct job *job, size_t purpose)
{
    const struct store_mailbox box = store_mailbox_now(m->store, job->peer_id);
    const uint64_t limit = world_limits(job->world, purpose, job->agency)->mailbox,
                   waiting = box.last - box.acknowledged;
    if (waiting <= limit)
        return 0;
    err_set(&job->err, ERR_DENIED, "%llu messages wait in your mailbox, the limit is %llu: fetch and acknowledge them",
            (unsigned long long)waiting, (unsigned long long)limit);
    return refuse(job, REFUSAL_MAILBOX, WIRE_LIMIT);
}

/*
 * Reciprocity: who asks for a purpose contributes to it, and its register is open. But whether a document was issued
 * may be asked by all whom its issuer granted it: it is in the issuer's interest.
 */
static int check_asker(struct matcher *m, struct job *job, size_t scope)
{
    const char *name = job->in.scope[scope].purpose;
    const uint16_t purpose = job->world->purpose_id[job->purpose[scope]];
    const struct store_held held = store_held(m->store, purpose, job->in.scope[scope].epoch, job->peer_id);
    if (!world_has_partner(job->world, job->purpose[scope], job->agency)) {
        err_set(&job->err, ERR_DENIED, "no partner and you granted each other %s", name);
        return refuse(job, REFUSAL_GRANT, 0);
    }
    const bool issued = job->world->region->purposes[job->purpose[scope]].kind == REGION_ISSUED;
    if (!issued && store_count_epochs(m->store, purpose, job->peer_id) == 0) {
        err_set(&job->err, ERR_DENIED, "who queries %s contributes to it: enrol records first", name);
        return refuse(job, REFUSAL_RECIPROCITY, 0);
    }
    if (held.phase == STORE_PHASE_LOADING) {
        err_set(&job->err, ERR_DENIED, "your first load of %s goes on: close it before you query", name);
        return refuse(job, REFUSAL_LOAD, 0);
    }
    return 0;
}

static int check_query(struct matcher *m, struct job *job, const struct join_request *requests)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < job->in.scope_count; i++)
        rc = check_asker(m, job, i);
    for (size_t i = 0; rc == 0 && i < job->in.scope_count; i++)
        rc = check_mailbox(m, job, job->purpose[i]);
    if (rc == 0)
        rc = join_query_check(&m->join, requests, job->in.scope_count, job->batch.query.except, &job->err);
    if (rc == ERR_DENIED && job->refusal == REFUSAL_NONE)
        refuse(job, REFUSAL_ASKS, WIRE_LIMIT);
    return rc;
}

static int check_put(struct matcher *m, struct job *job, const struct join_request *request)
{
    int rc = check_mailbox(m, job, job->purpose[0]);
    if (rc == 0) {
        rc = join_put_check(&m->join, request, &job->err);
        if (rc == ERR_DENIED)
            refuse(job, REFUSAL_ENTRIES, WIRE_LIMIT);
    }
    if (rc != 0 || job->batch.put.except_count == 0)
        return rc;
    job->except = job->except != NULL ? job->except : calloc(job->batch.tags, sizeof *job->except);
    return job->except == NULL
               ? err_set(&job->err, ERR_NO_MEMORY, "out of memory for a request")
               : join_exceptions(job->except, &job->except_numbers, m->store, &job->batch.put, &job->err);
}

/* NULL: it is of a type that spends nothing. */
static const struct wire_spent_list *spent_by(const struct job *job)
{
    return job->in.type == WIRE_PUT     ? &job->batch.put.spent
           : job->in.type == WIRE_QUERY ? &job->batch.query.spent
                                        : NULL;
}

static int check_spent(struct matcher *m, struct job *job)
{
    int rc = spend_check(m->store, job->peer_id, spent_by(job), job->batch.tags, &job->err);
    return rc == ERR_CONFLICT ? refuse(job, REFUSAL_SPENT, WIRE_SPENT) : rc;
}

bool job_shares_receipts(const struct job *job, const struct job *before)
{
    const struct wire_spent_list *mine = spent_by(job), *theirs = spent_by(before);
    return mine != NULL && theirs != NULL && job->peer_id == before->peer_id && spend_shares(mine, theirs);
}

/* --- staging --- */

static int stage_put(struct matcher *m, struct job *job, struct event *event)
{
    const struct join_request request = join_of(job, 0);
    int rc = check_put(m, job, &request);
    if (rc == 0)
        rc = check_spent(m, job);
    if (rc == 0)
        rc = join_put(&m->join, &request, job->except, event, &job->err);
    return rc;
}

static int stage_remove(struct matcher *m, struct job *job, struct event *event)
{
    const struct join_request request = join_of(job, 0);
    return join_remove(&m->join, &request, event, &job->err);
}

static int stage_query(struct matcher *m, struct job *job, struct event *event)
{
    struct join_request requests[WIRE_SCOPE_MAX];
    for (size_t i = 0; i < job->in.scope_count; i++)
        requests[i] = join_of(job, i);
    int rc = check_query(m, job, requests);
    if (rc == 0)
        rc = check_spent(m, job);
    if (rc == 0)
        rc = join_query(&m->join, requests, job->in.scope_count, job->batch.query.except, &job->hits, event, &job->err);
    return rc;
}

/*
 * What it says that it was handed out. *there: the message is; one that lapsed, or that was lost with a store that was
 * put back, is not.
 */
static int check_chain(struct matcher *m, struct job *job, bool *there)
{
    uint8_t chain[WIRE_HASH_SIZE];
    int rc = store_mailbox_chain(m->store, job->peer_id, job->ack.through, chain, &job->err);
    *there = rc == 0;
    if (rc == ERR_NOT_FOUND || (rc == 0 && memcmp(chain, job->ack.chain, sizeof chain) == 0))
        return 0;
    return rc != 0 ? rc
                   : err_set(&job->err, ERR_INPUT, "mail up to message %llu that was not handed out so is acknowledged",
                             (unsigned long long)job->ack.through);
}

/* Messages that were acknowledged before, or that are gone, are no change, and no event. */
static int stage_ack(struct matcher *m, struct job *job, struct event *event)
{
    const struct store_mailbox box = store_mailbox(m->store, job->peer_id);
    const uint64_t through = job->ack.through;
    uint64_t count = 0;
    bool there = true;
    int rc = through > box.acknowledged ? check_chain(m, job, &there) : 0;
    if (rc == 0 && (there || through > box.last))
        rc = store_mailbox_acknowledge(m->join.write, job->peer_id, through, &count, &job->err);
    job->silent = rc == 0 && count == 0;
    event->count = count;
    event->sequence = through;
    memcpy(event->chain, job->ack.chain, sizeof event->chain);
    return rc;
}

static void name_scope(const struct job *job, struct event *event)
{
    snprintf(event->purpose, sizeof event->purpose, "%s", job->in.scope[0].purpose);
    event->epoch = job->in.scope[0].epoch;
    if (job->partner != 0)
        snprintf(event->partner, sizeof event->partner, "%s",
                 job->world->region->agencies[world_agency(job->world, job->partner)].name);
}

static int stage_release(struct matcher *m, struct job *job, struct event *event)
{
    const struct store_release release = {job->release.count, job->release.until};
    name_scope(job, event);
    event->count = release.left;
    event->until = release.until;
    return join_release(&m->join, job->world->purpose_id[job->purpose[0]], job->peer_id, job->partner, &release,
                        &job->err);
}

static int stage_suspend(struct matcher *m, struct job *job, struct event *event)
{
    name_scope(job, event);
    snprintf(event->note, sizeof event->note, "%s", job->suspend.on ? "on" : "off");
    const uint16_t purpose = job->world->purpose_id[job->purpose[0]];
    if (change_suspend_check(&m->join, purpose, job->peer_id, job->partner, job->suspend.on, &job->err) != 0)
        return refuse(job, REFUSAL_RESUMES, WIRE_LIMIT);
    return change_suspend(&m->join, purpose, job->peer_id, job->partner, job->suspend.on, &job->err);
}

static int stage_close(struct matcher *m, struct job *job, struct event *event)
{
    name_scope(job, event);
    snprintf(event->note, sizeof event->note, "request");
    return change_close(&m->join, job->world->purpose_id[job->purpose[0]], job->in.scope[0].epoch, job->peer_id,
                        &job->err);
}

/* The other requests of the same party that the write at hand has have been waited for. */
static struct letters_job *letters_of(const struct matcher *m, struct job *job)
{
    job->letters.world = job->world;
    job->letters.from = &job->peer;
    job->letters.from_digest = &job->peer_digest;
    job->letters.from_id = job->peer_id;
    job->letters.scope = job->in.scope_count > 0 ? &job->in.scope[0] : NULL;
    job->letters.time = m->join.time;
    return &job->letters;
}

static int stage_letter(struct matcher *m, struct job *job, struct event *event)
{
    struct letters_job *letters = letters_of(m, job);
    int rc = letters_check_letter(letters, m->store, event, &job->err);
    return rc == ERR_DENIED ? refuse(job, letters->refusal, letters->full ? WIRE_LIMIT : 0) : rc;
}

static int stage_prekey(struct matcher *m, struct job *job, struct event *event)
{
    return letters_check_prekey(letters_of(m, job), m->store, event, &job->err);
}

/* What names its event's leaf. */
static int settle(struct matcher *m, struct job *job)
{
    if (spent_by(job) != NULL)
        return spend_take(m->join.write, m->store, job->peer_id, spent_by(job), job->index, m->join.time, &job->err);
    if (job->in.type == WIRE_LETTER)
        return letters_take_letter(&job->letters, m->join.write, job->index, &job->err);
    if (job->in.type == WIRE_PREKEY)
        return letters_take_prekey(&job->letters, m->join.write, job->index, &job->err);
    return 0;
}

/*
 * What the archive gets: the request as it came; of a letter, which is large and nobody's business, the envelope with
 * the hash of its body in its place. That suffices to verify the signature.
 */
static int archive(struct matcher *m, struct job *job, const struct event *event)
{
    struct archive_record record = {job->index, event->time, event->kind, rpc_request_body(job->request)};
    struct wire_request stub = job->in;
    struct buf bytes = buf_of(WIRE_STATEMENT_MAX);
    uint8_t hash[WIRE_HASH_SIZE];
    int rc = 0;
    if (event->kind == EVENT_LETTER) {
        crypto_hash_sha256(hash, job->in.body.data, job->in.body.len);
        stub.body = span_of(hash, sizeof hash);
        rc = wire_request_encode(&bytes, &stub, &job->err);
        record.body = buf_span(&bytes);
    }
    if (rc == 0)
        rc = store_archive(m->join.write, &record, &job->err);
    buf_free(&bytes);
    return rc;
}

/* What each type becomes. */
static const struct staging {
    enum event_kind kind;
    int (*stage)(struct matcher *matcher, struct job *job, struct event *event);
} stagings[] = {
    [WIRE_PUT] = {EVENT_PUT, stage_put},
    [WIRE_REMOVE] = {EVENT_REMOVE, stage_remove},
    [WIRE_QUERY] = {EVENT_QUERY, stage_query},
    [WIRE_ACK] = {EVENT_ACKNOWLEDGE, stage_ack},
    [WIRE_RELEASE] = {EVENT_RELEASE, stage_release},
    [WIRE_SUSPEND] = {EVENT_SUSPEND, stage_suspend},
    [WIRE_CLOSE] = {EVENT_CLOSE, stage_close},
    [WIRE_LETTER] = {EVENT_LETTER, stage_letter},
    [WIRE_PREKEY] = {EVENT_PREKEY, stage_prekey},
};

/* Entries, mail, events, the batch for the archive, the answer: everything that the request brings about. */
int job_stage(struct matcher *m, struct job *job)
{
    struct join *join = &m->join;
    const struct staging *staging = &stagings[job->in.type];
    struct event event;
    event_init(&event, staging->kind);
    event.time = join->time = store_time(join->write);
    int rc = staging->stage(m, job, &event);
    if (rc != 0 || job->silent)
        return rc;
    if (has_tags(job))
        batch_describe(&event, &job->batch, job->peer.name, &job->in, job->statement);
    snprintf(event.party, sizeof event.party, "%s", job->peer.name);
    event_set_request(&event, &job->in, job->statement);
    job->added = event.added;
    job->renewed = event.renewed;
    job->replaced = event.replaced;
    job->removed = event.removed;
    job->waiting = event.waiting;
    rc = tally_write(&join->tally, join->write, &event, &job->index, &job->event, &job->err);
    if (rc == 0)
        rc = settle(m, job);
    if (rc == 0 && archive_has(event.kind))
        rc = archive(m, job, &event);
    if (rc == 0)
        rc = remember(m, job);
    return rc;
}
