#include "keys/custodian/evaluate.h"

#include "keys/custodian/budget.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"
#include "protocol/wire/evaluate.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an EVALUATE asks for, once it is known to be allowed. */
struct evaluation {
    struct evaluate_request ask;
    size_t count;
    uint64_t budget;
    struct scalar scalar; /* lambda * k_i; secret */
    struct element key;   /* lambda * K_i */
    enum refusal refusal; /* why it is not allowed, if for one of those reasons */
};

/* ERR_DENIED and ERR_INPUT say what is wrong with it. */
static int permit(struct custodian *c, const char *agency, struct span body, struct evaluation *out, struct err *err)
{
    const struct evaluate_request *ask = &out->ask;
    int rc = evaluate_request_decode(&out->ask, body, err);
    if (rc != 0)
        return rc;
    const struct region *r = c->region;
    const char *own_name = c->daemon->identity.party.name;
    int purpose = region_find_purpose(r, ask->purpose), own = region_find_custodian(r, own_name);
    out->refusal = region_find_agency(r, agency) < 0 ? REFUSAL_PARTY : purpose < 0 ? REFUSAL_PURPOSE : REFUSAL_NONE;
    if (out->refusal == REFUSAL_PARTY)
        return err_set(err, ERR_DENIED, "%s is no agency", agency);
    if (purpose < 0 || own < 0)
        return err_set(err, ERR_DENIED, "the manifest has no purpose %s", ask->purpose);
    const struct region_purpose *p = &r->purposes[purpose];
    const struct scalar *share = shares_find(c->shares, p->name, p->epoch);
    out->refusal = ask->epoch != p->epoch ? REFUSAL_EPOCH : REFUSAL_NONE;
    if (ask->epoch != p->epoch || share == NULL)
        return err_set(err, ERR_DENIED, "epoch %u of %s is not in force here: it is %u", ask->epoch, p->name, p->epoch);
    out->count = ask->blinded.len / sizeof(struct element);
    out->budget = p->budget;
    uint8_t index = (uint8_t)(own + 1);
    rc = coalition_check(&ask->coalition, r->threshold, err);
    if (rc == 0)
        rc = threshold_share_scalar(&out->scalar, &ask->coalition, index, share, err);
    if (rc == 0)
        rc = threshold_share_key(&out->key, &ask->coalition, index, &p->share[own], err);
    return rc;
}

/* But for the day. The same elements asked of another coalition are the same evaluations: the digest leaves it out. */
static struct budget_charge charge_of(const struct evaluation *e, const char *agency, const struct wire_request *in)
{
    struct budget_charge charge = {.agency = agency, .purpose = e->ask.purpose, .count = e->count, .limit = e->budget};
    crypto_generichash_state hash;
    uint8_t epoch[4];
    bytes_put_u32be(epoch, e->ask.epoch);
    crypto_generichash_init(&hash, NULL, 0, sizeof charge.digest);
    crypto_generichash_update(&hash, (const uint8_t *)e->ask.purpose, sizeof e->ask.purpose);
    crypto_generichash_update(&hash, epoch, sizeof epoch);
    crypto_generichash_update(&hash, e->ask.blinded.data, e->ask.blinded.len);
    crypto_generichash_final(&hash, charge.digest, sizeof charge.digest);
    memcpy(charge.id, in->id, WIRE_ID_SIZE);
    return charge;
}

static void describe(struct event *event, const struct evaluation *e, const char *agency)
{
    event_init(event, EVENT_EVALUATE);
    snprintf(event->party, sizeof event->party, "%s", agency);
    snprintf(event->purpose, sizeof event->purpose, "%s", e->ask.purpose);
    event->epoch = e->ask.epoch;
    event->count = e->count;
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

/* Charges and writes down, or finds that it was; or finds the budget used up. */
static int charge(struct custodian *c, const struct evaluation *e, const char *agency, const struct wire_request *in,
                  enum budget_verdict *verdict, uint64_t *left, struct err *err)
{
    struct budget_charge charge = charge_of(e, agency, in);
    struct kv_batch *batch = NULL;
    struct event event;
    int rc = kv_batch_new(&batch, err);
    if (rc != 0)
        return rc;
    pthread_mutex_lock(&c->writing);
    const uint64_t now = ledger_time(c->ledger);
    charge.day = clock_day(now);
    rc = budget_charge(c->kv, batch, &charge, verdict, left, err);
    if (rc == 0 && *verdict == BUDGET_CHARGED) {
        describe(&event, e, agency);
        event.time = now;
        digest_blinded(&event, e->ask.blinded);
        note_coalition(&event, &e->ask.coalition);
        rc = custodian_append(c, batch, &event, err);
    }
    pthread_mutex_unlock(&c->writing);
    kv_batch_free(batch);
    if (rc == ERR_CONFLICT)
        custodian_refuse(c, REFUSAL_REPLAY, agency, e->ask.purpose);
    else if (rc == 0 && *verdict == BUDGET_EXCEEDED)
        custodian_refuse(c, REFUSAL_BUDGET, agency, e->ask.purpose);
    return rc;
}

/* The work, with the elements checked, before anything is charged for it. */
static int evaluate(const struct evaluation *e, struct element **evaluated, struct oprf_proof *proof, struct err *err)
{
    struct element *blinded = malloc(e->ask.blinded.len);
    *evaluated = malloc(e->ask.blinded.len);
    int rc = blinded == NULL || *evaluated == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a batch") : 0;
    if (rc == 0) {
        memcpy(blinded, e->ask.blinded.data, e->ask.blinded.len);
        rc = oprf_evaluate(*evaluated, proof, &e->scalar, &e->key, blinded, e->count, err);
    }
    free(blinded);
    return rc;
}

static void answer(struct custodian *c, const struct evaluation *e, struct rpc_request *request,
                   const struct wire_request *in)
{
    struct err err;
    struct evaluate_reply reply = {.evaluated = {0}};
    struct element *evaluated = NULL;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    enum budget_verdict verdict = BUDGET_CHARGED;
    const char *agency = rpc_request_peer(request);
    int rc = evaluate(e, &evaluated, &reply.proof, &err);
    if (rc == 0)
        rc = charge(c, e, agency, in, &verdict, &reply.budget_left, &err);
    reply.evaluated = span_of(evaluated, e->ask.blinded.len);
    if (rc == 0 && verdict != BUDGET_EXCEEDED)
        rc = evaluate_reply_encode(&body, &reply, &err);
    if (rc != 0) {
        answer_failure(request, in, &err);
    } else if (verdict == BUDGET_EXCEEDED) {
        char reason[WIRE_REASON_MAX + 1];
        snprintf(reason, sizeof reason, "the day's budget for %s has %llu of %llu evaluations left; %zu were asked for",
                 e->ask.purpose, (unsigned long long)reply.budget_left, (unsigned long long)e->budget, e->count);
        log_event(LOG_WARN, "budget", "agency=%s purpose=%s count=%zu", agency, e->ask.purpose, e->count);
        answer_refusal(request, in, WIRE_BUDGET, reason);
    } else {
        log_event(LOG_INFO, "evaluate", "agency=%s purpose=%s count=%zu%s", agency, e->ask.purpose, e->count,
                  verdict == BUDGET_REPEATED ? " repeated=yes" : "");
        answer_ok(request, in, buf_span(&body));
    }
    free(evaluated);
    buf_free(&body);
}

void custodian_evaluate(struct custodian *custodian, struct rpc_request *request, const struct wire_request *in)
{
    struct err err;
    struct evaluation e = {.count = 0};
    pthread_rwlock_rdlock(&custodian->lock);
    int rc = permit(custodian, rpc_request_peer(request), in->body, &e, &err);
    pthread_rwlock_unlock(&custodian->lock);
    if (rc == 0) {
        answer(custodian, &e, request, in);
    } else {
        custodian_refuse(custodian, e.refusal, rpc_request_peer(request),
                         e.refusal == REFUSAL_EPOCH ? e.ask.purpose : "");
        answer_failure(request, in, &err);
    }
    sodium_memzero(&e, sizeof e);
}
