#include "keys/custodian/evaluate.h"

#include "keys/custodian/budget.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"
#include "protocol/daemon/receive.h"
#include "protocol/wire/evaluate.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an EVALUATE asks for, once it is known to be allowed. */
struct evaluation {
    struct evaluate_request ask;
    const struct received *from;
    const struct wire_scope *scope;
    struct span blinded;
    size_t count;
    uint64_t limit;       /* evaluations a day */
    struct scalar scalar; /* lambda * k_i; secret */
    struct element key;   /* lambda * K_i */
    enum refusal refusal; /* why it is not allowed, if for one of those reasons */
};

static int permit_epoch(const struct evaluation *e, const struct region_purpose *p, enum refusal *refusal,
                        struct err *err)
{
    const struct region_epoch *now = region_current(p);
    const uint32_t generation = e->ask.batch[0].generation;
    if (e->scope->epoch != now->epoch) {
        *refusal = REFUSAL_EPOCH;
        return err_set(err, ERR_DENIED, "epoch %u of %s is not in force here: it is %u", e->scope->epoch, p->name,
                       now->epoch);
    }
    if (generation != now->generation) {
        *refusal = REFUSAL_GENERATION;
        return err_set(err, ERR_DENIED, "generation %u of the key of %s was asked for, this custodian has %u",
                       generation, p->name, now->generation);
    }
    return 0;
}

/* ERR_DENIED and ERR_INPUT say what is wrong with it. */
static int permit(struct custodian *c, struct evaluation *out, struct err *err)
{
    const struct region *r = c->region;
    const struct wire_request *in = &out->from->in;
    int agency = region_find_agency_by_digest(r, out->from->digest);
    int own = region_find_custodian(r, c->daemon->identity.party.name);
    int rc = evaluate_request_decode(&out->ask, in->scope_count, in->body, err);
    if (rc != 0)
        return rc;
    out->scope = &in->scope[0];
    if (in->scope_count != 1)
        return err_set(err, ERR_INPUT, "this custodian evaluates for one purpose at a time");
    int purpose = region_find_purpose(r, out->scope->purpose);
    out->refusal = agency < 0 ? REFUSAL_PARTY : purpose < 0 ? REFUSAL_PURPOSE : REFUSAL_NONE;
    if (agency < 0)
        return err_set(err, ERR_DENIED, "%s is no agency", out->from->peer.name);
    if (purpose < 0 || own < 0)
        return err_set(err, ERR_DENIED, "the manifest has no purpose %s", out->scope->purpose);
    const struct region_purpose *p = &r->purposes[purpose];
    const struct scalar *share = shares_find(c->shares, p->name, out->scope->epoch);
    if ((rc = permit_epoch(out, p, &out->refusal, err)) != 0)
        return rc;
    if (share == NULL)
        return err_set(err, ERR_DENIED, "there is no share for %s, epoch %u here", p->name, out->scope->epoch);
    out->blinded = out->ask.batch[0].blinded;
    out->count = out->blinded.len / sizeof(struct element);
    out->limit = region_share_of(r, region_limits(r, agency, purpose)->daily);
    uint8_t index = (uint8_t)(own + 1);
    rc = coalition_check(&out->ask.coalition, r->threshold, err);
    if (rc == 0)
        rc = threshold_share_scalar(&out->scalar, &out->ask.coalition, index, share, err);
    if (rc == 0)
        rc = threshold_share_key(&out->key, &out->ask.coalition, index, &region_current(p)->share[own], err);
    return rc;
}

/* But for the day. The same elements asked of another coalition are the same evaluations: the digest leaves it out. */
static struct budget_charge charge_of(const struct evaluation *e)
{
    struct budget_charge charge = {
        .agency = e->from->peer.name, .purpose = e->scope->purpose, .count = e->count, .limit = e->limit};
    crypto_generichash_state hash;
    uint8_t epoch[4];
    bytes_put_u32be(epoch, e->scope->epoch);
    crypto_generichash_init(&hash, NULL, 0, sizeof charge.digest);
    crypto_generichash_update(&hash, (const uint8_t *)e->scope->purpose, strlen(e->scope->purpose) + 1);
    crypto_generichash_update(&hash, epoch, sizeof epoch);
    crypto_generichash_update(&hash, e->blinded.data, e->blinded.len);
    crypto_generichash_final(&hash, charge.digest, sizeof charge.digest);
    memcpy(charge.id, e->from->in.id, WIRE_ID_SIZE);
    return charge;
}

static void describe(struct event *event, const struct evaluation *e)
{
    const struct event_scope scope = {.item = {*e->scope}, .count = {e->count}, .items = 1};
    event_init(event, EVENT_EVALUATE);
    snprintf(event->party, sizeof event->party, "%s", e->from->peer.name);
    event_set_scope(event, &scope);
    event_set_request(event, &e->from->in, e->from->statement);
    event->generation = e->ask.batch[0].generation;
}

/* The coalition asked, as "1,3". */
static void note_coalition(struct event *event, const struct coalition *coalition)
{
    size_t len = 0;
    for (size_t i = 0; i < coalition->count && len < sizeof event->note; i++)
        len += (size_t)snprintf(event->note + len, sizeof event->note - len, "%s%u", i > 0 ? "," : "",
                                coalition->index[i]);
}

static void digest_blinded(struct event *event, struct span blinded)
{
    struct event_digest digest;
    event_digest_start(&digest, event->salt);
    for (size_t i = 0; i < blinded.len; i += sizeof(struct element))
        event_digest_add(&digest, span_of(blinded.data + i, sizeof(struct element)));
    event_digest_end(&digest, event->digest);
}

/* Where the event of a charge is: of one repeated, the first. */
struct written {
    enum budget_verdict verdict;
    uint64_t left, index;
    struct buf event;
};

/* Charges and writes down, or finds that it was; or finds the limit used up. */
static int charge(struct custodian *c, const struct evaluation *e, struct written *out, struct err *err)
{
    struct budget_charge charge = charge_of(e);
    struct kv_batch *batch = NULL;
    struct event event;
    int rc = kv_batch_new(&batch, err);
    if (rc != 0)
        return rc;
    pthread_mutex_lock(&c->writing);
    const uint64_t now = ledger_time(c->ledger);
    charge.day = clock_day(now);
    charge.leaf = ledger_size(c->ledger);
    rc = budget_charge(c->kv, batch, &charge, &out->verdict, &out->left, err);
    out->index = charge.leaf;
    if (rc == 0 && out->verdict == BUDGET_CHARGED) {
        describe(&event, e);
        event.time = now;
        digest_blinded(&event, e->blinded);
        note_coalition(&event, &e->ask.coalition);
        rc = custodian_append(c, batch, &event, err);
    }
    pthread_mutex_unlock(&c->writing);
    kv_batch_free(batch);
    if (rc == ERR_CONFLICT)
        custodian_refuse(c, REFUSAL_REPLAY, e->from->peer.name, e->scope->purpose);
    else if (rc == 0 && out->verdict == BUDGET_EXCEEDED)
        custodian_refuse(c, REFUSAL_DAILY, e->from->peer.name, e->scope->purpose);
    return rc;
}

/* The work, with the elements checked, before anything is charged for it. */
static int evaluate(const struct evaluation *e, struct element **evaluated, struct oprf_proof *proof, struct err *err)
{
    struct element *blinded = malloc(e->blinded.len);
    *evaluated = malloc(e->blinded.len);
    int rc = blinded == NULL || *evaluated == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a batch") : 0;
    if (rc == 0) {
        memcpy(blinded, e->blinded.data, e->blinded.len);
        rc = oprf_evaluate(*evaluated, proof, &e->scalar, &e->key, blinded, e->count, err);
    }
    free(blinded);
    return rc;
}

static int encode(struct custodian *c, const struct evaluation *e, struct written *w, struct evaluate_reply *reply,
                  struct buf *body, struct err *err)
{
    struct buf storage = buf_of(ANSWER_RECEIPT_MAX);
    int rc = ledger_entry(c->ledger, w->index, &w->event, err);
    if (rc == 0)
        rc = answer_receipt(c->ledger, w->index, buf_span(&w->event), &storage, &reply->receipt, err);
    evaluate_reply_sign(reply, e->from->statement, c->daemon->identity.log_secret);
    if (rc == 0)
        rc = evaluate_reply_encode(body, reply, err);
    buf_free(&storage);
    return rc;
}

static void refuse_daily(const struct evaluation *e, const struct written *w, struct rpc_request *request)
{
    char reason[WIRE_REASON_MAX + 1];
    snprintf(reason, sizeof reason, "the day's limit for %s has %llu of %llu evaluations left; %zu were asked for",
             e->scope->purpose, (unsigned long long)w->left, (unsigned long long)e->limit, e->count);
    log_event(LOG_WARN, "daily", "agency=%s purpose=%s count=%zu", e->from->peer.name, e->scope->purpose, e->count);
    answer_refusal(request, &e->from->in, WIRE_BUDGET, reason);
}

static void answer(struct custodian *c, const struct evaluation *e, struct rpc_request *request)
{
    struct err err;
    struct evaluate_reply reply = {.count = 1};
    struct element *evaluated = NULL;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    struct written written = {.verdict = BUDGET_CHARGED, .event = buf_of(EVENT_SIZE_MAX)};
    int rc = evaluate(e, &evaluated, &reply.batch[0].proof, &err);
    if (rc == 0)
        rc = charge(c, e, &written, &err);
    reply.batch[0].evaluated = span_of(evaluated, e->blinded.len);
    pthread_rwlock_rdlock(&c->lock);
    reply.batch[0].left = region_tokens_of(c->region, written.left);
    pthread_rwlock_unlock(&c->lock);
    if (rc == 0 && written.verdict != BUDGET_EXCEEDED)
        rc = encode(c, e, &written, &reply, &body, &err);
    if (rc != 0) {
        answer_failure(request, &e->from->in, &err);
    } else if (written.verdict == BUDGET_EXCEEDED) {
        refuse_daily(e, &written, request);
    } else {
        log_event(LOG_INFO, "evaluate", "agency=%s purpose=%s count=%zu%s", e->from->peer.name, e->scope->purpose,
                  e->count, written.verdict == BUDGET_REPEATED ? " repeated=yes" : "");
        answer_ok(request, &e->from->in, buf_span(&body));
    }
    free(evaluated);
    buf_free(&written.event);
    buf_free(&body);
}

void custodian_evaluate(struct custodian *custodian, struct rpc_request *request, const struct received *from)
{
    struct err err;
    struct evaluation e = {.from = from};
    pthread_rwlock_rdlock(&custodian->lock);
    int rc = permit(custodian, &e, &err);
    pthread_rwlock_unlock(&custodian->lock);
    if (rc == 0) {
        answer(custodian, &e, request);
    } else {
        bool known = e.refusal == REFUSAL_EPOCH || e.refusal == REFUSAL_GENERATION;
        custodian_refuse(custodian, e.refusal, from->peer.name, known ? e.scope->purpose : "");
        answer_failure(request, &from->in, &err);
    }
    sodium_memzero(&e, sizeof e);
}
