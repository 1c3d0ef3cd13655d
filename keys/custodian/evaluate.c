#include "keys/custodian/evaluate.h"

#include "keys/custodian/record.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"
#include "protocol/wire/evaluate.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is asked of one purpose, once it is known to be allowed. */
struct part {
    struct scalar scalar; /* lambda * k_i; secret */
    struct element key;   /* lambda * K_i */
    struct span blinded;
    size_t count;
};

struct evaluation {
    struct evaluate_request ask;
    const struct received *from;
    struct part part[WIRE_SCOPE_MAX];
    size_t parts, total;
    struct budget_charge charge;
    struct denial denial;
};

/* --- what is allowed --- */

static int permit_generation(struct evaluation *e, size_t i, const struct region_purpose *p, struct err *err)
{
    const uint32_t asked = e->ask.batch[i].generation, held = region_current(p)->generation;
    if (asked == held)
        return 0;
    e->denial.refusal = REFUSAL_GENERATION;
    memcpy(e->denial.purpose, p->name, sizeof e->denial.purpose);
    return err_set(err, ERR_DENIED, "generation %u of the key of %s was asked for, this custodian has %u", asked,
                   p->name, held);
}

static int permit_part(struct custodian *c, struct evaluation *e, size_t i, int own, struct err *err)
{
    const struct wire_scope *scope = &e->from->in.scope[i];
    const struct region_purpose *p = NULL;
    struct part *part = &e->part[i];
    struct budget_account *account = &e->charge.account[i];
    const uint8_t index = (uint8_t)(own + 1);
    int rc = permit_scope(c, e->from, scope, &p, account, &e->denial, err);
    if (rc == 0)
        rc = permit_generation(e, i, p, err);
    if (rc != 0)
        return rc;
    const struct scalar *share = shares_find(c->shares, p->name, scope->epoch);
    if (share == NULL)
        return err_set(err, ERR_DENIED, "there is no share for %s, epoch %u here", p->name, scope->epoch);
    part->blinded = e->ask.batch[i].blinded;
    part->count = part->blinded.len / sizeof(struct element);
    account->count = part->count;
    e->total += part->count;
    rc = threshold_share_scalar(&part->scalar, &e->ask.coalition, index, share, err);
    if (rc == 0)
        rc = threshold_share_key(&part->key, &e->ask.coalition, index, &region_current(p)->share[own], err);
    return rc;
}

/* Exactly t of the custodians 1 to n. */
static int permit_coalition(const struct coalition *coalition, const struct region *r, struct err *err)
{
    int rc = coalition_check(coalition, r->threshold, err);
    if (rc == 0 && coalition->index[coalition->count - 1] > r->custodian_count)
        rc = err_set(err, ERR_INPUT, "custodian %u in a coalition, where there are %zu",
                     coalition->index[coalition->count - 1], r->custodian_count);
    return rc;
}

/* ERR_DENIED and ERR_INPUT say what is wrong with it. The caller holds the lock. */
static int permit(struct custodian *c, struct evaluation *e, struct err *err)
{
    const struct wire_request *in = &e->from->in;
    int own = region_find_custodian(c->region, c->daemon->identity.party.name);
    int rc = own < 0 ? err_set(err, ERR_DENIED, "%s is no custodian any more", c->daemon->identity.party.name) : 0;
    if (rc == 0)
        rc = evaluate_request_decode(&e->ask, in->scope_count, in->body, err);
    e->charge = permit_charge(e->from);
    e->parts = e->charge.accounts = rc == 0 ? in->scope_count : 0;
    for (size_t i = 0; rc == 0 && i < e->parts; i++)
        rc = permit_part(c, e, i, own, err);
    if (rc == 0)
        rc = permit_coalition(&e->ask.coalition, c->region, err);
    return rc;
}

/* --- charging and writing down --- */

/* The same elements asked of another coalition are the same evaluations: the digest leaves it out. */
static void digest_request(struct evaluation *e)
{
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof e->charge.digest);
    for (size_t i = 0; i < e->parts; i++) {
        const struct wire_scope *scope = &e->from->in.scope[i];
        uint8_t numbers[8];
        bytes_put_u32be(numbers, scope->epoch);
        bytes_put_u32be(numbers + 4, (uint32_t)e->part[i].count);
        crypto_generichash_update(&hash, (const uint8_t *)scope->purpose, strlen(scope->purpose) + 1);
        crypto_generichash_update(&hash, numbers, sizeof numbers);
        crypto_generichash_update(&hash, e->part[i].blinded.data, e->part[i].blinded.len);
    }
    crypto_generichash_final(&hash, e->charge.digest, sizeof e->charge.digest);
}

/* The coalition asked, as "1,3". */
static void note_coalition(struct event *event, const struct coalition *coalition)
{
    size_t len = 0;
    for (size_t i = 0; i < coalition->count && len < sizeof event->note; i++)
        len += (size_t)snprintf(event->note + len, sizeof event->note - len, "%s%u", i > 0 ? "," : "",
                                coalition->index[i]);
}

/* The generation is told where all parts have the same. */
static void describe(struct event *event, const struct evaluation *e)
{
    struct event_scope scope = {.items = e->parts};
    struct event_digest digest;
    event_init(event, EVENT_EVALUATE);
    event_digest_start(&digest, event->salt);
    event->generation = e->ask.batch[0].generation;
    for (size_t i = 0; i < e->parts; i++) {
        const struct span blinded = e->part[i].blinded;
        scope.item[i] = e->from->in.scope[i];
        scope.count[i] = e->part[i].count;
        for (size_t at = 0; at < blinded.len; at += sizeof(struct element))
            event_digest_add(&digest, span_of(blinded.data + at, sizeof(struct element)));
        if (e->ask.batch[i].generation != event->generation)
            event->generation = 0;
    }
    event_digest_end(&digest, event->digest);
    event_set_scope(event, &scope);
    note_coalition(event, &e->ask.coalition);
}

/* --- evaluating and answering --- */

/* blinded and evaluated have room for e->total elements. */
static int evaluate(const struct evaluation *e, struct element *blinded, struct element *evaluated,
                    struct evaluate_reply *reply, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < e->parts; i++) {
        const struct part *part = &e->part[i];
        memcpy(blinded, part->blinded.data, part->blinded.len);
        rc = oprf_evaluate(evaluated, &reply->batch[i].proof, &part->scalar, &part->key, blinded, part->count, err);
        reply->batch[i].evaluated = span_of(evaluated, part->blinded.len);
        evaluated += part->count;
    }
    return rc;
}

static int encode(struct custodian *c, const struct evaluation *e, struct evaluate_reply *reply, struct buf *body,
                  struct err *err)
{
    struct buf storage = buf_of(ANSWER_RECEIPT_MAX), event = buf_of(EVENT_SIZE_MAX);
    pthread_rwlock_rdlock(&c->lock);
    for (size_t i = 0; i < e->parts; i++)
        reply->batch[i].left = region_tokens_of(c->region, e->charge.account[i].left);
    pthread_rwlock_unlock(&c->lock);
    int rc = record_receipt(c, e->charge.leaf, &event, &storage, &reply->receipt, err);
    evaluate_reply_sign(reply, e->from->statement, c->daemon->identity.log_secret);
    if (rc == 0)
        rc = evaluate_reply_encode(body, reply, err);
    buf_free(&storage);
    buf_free(&event);
    return rc;
}

static void refuse(const struct evaluation *e, struct rpc_request *request)
{
    char reason[WIRE_REASON_MAX + 1];
    const struct budget_account *full = &e->charge.account[e->charge.exceeded];
    snprintf(reason, sizeof reason, "%s for %s has %llu of %llu evaluations left; %llu were asked for%s",
             full->loading ? "the limit of the first load" : "the day's limit", full->scope->purpose,
             (unsigned long long)full->left, (unsigned long long)(full->loading ? full->load : full->daily),
             (unsigned long long)full->count, full->loading ? ": close the load to go on day by day" : "");
    log_event(LOG_WARN, full->loading ? "load" : "daily", "agency=%s purpose=%s count=%llu", e->from->peer.name,
              full->scope->purpose, (unsigned long long)full->count);
    answer_refusal(request, &e->from->in, WIRE_LIMIT, reason);
}

/*
 * Charged first: what is over a limit costs no work, and what is no element costs whoever sent it. Written down under
 * the manifest that permits it: none comes into force between.
 */
static int permit_and_charge(struct custodian *c, struct evaluation *e, enum budget_verdict *verdict, struct err *err)
{
    struct event event;
    pthread_rwlock_rdlock(&c->lock);
    int rc = permit(c, e, err);
    if (rc == 0) {
        digest_request(e);
        describe(&event, e);
        rc = record_request(c, e->from, &e->charge, &event, NULL, verdict, err);
    }
    pthread_rwlock_unlock(&c->lock);
    return rc;
}

struct metric evaluated_metric =
    METRIC("concord_evaluated_total", METRIC_COUNTER, "agency", "elements evaluated, by agency");
struct metric repeated_metric = METRIC("concord_evaluated_again_total", METRIC_COUNTER, "agency",
                                       "elements of repeated requests, evaluated again without a charge, by agency");

static int work(struct custodian *c, struct evaluation *e, struct buf *body, struct err *err)
{
    struct evaluate_reply reply = {.count = e->parts};
    struct element *room = malloc(2 * e->total * sizeof *room);
    if (room == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a batch");
    int rc = evaluate(e, room, room + e->total, &reply, err);
    if (rc == 0)
        rc = encode(c, e, &reply, body, err);
    free(room);
    return rc;
}

static void answer(struct custodian *c, struct evaluation *e, struct rpc_request *request)
{
    struct err err;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    enum budget_verdict verdict = BUDGET_CHARGED;
    int rc = permit_and_charge(c, e, &verdict, &err);
    custodian_refuse(c, e->denial.refusal, e->from->peer.name, e->denial.purpose);
    if (rc == 0 && verdict != BUDGET_EXCEEDED)
        rc = work(c, e, &body, &err);
    if (rc != 0) {
        answer_failure(request, &e->from->in, &err);
    } else if (verdict == BUDGET_EXCEEDED) {
        refuse(e, request);
    } else {
        log_event(LOG_INFO, "evaluate", "agency=%s purposes=%zu count=%zu repeated=%s", e->from->peer.name, e->parts,
                  e->total, verdict == BUDGET_REPEATED ? "yes" : "no");
        metric_add(verdict == BUDGET_REPEATED ? &repeated_metric : &evaluated_metric, e->from->peer.name, e->total);
        answer_ok(request, &e->from->in, buf_span(&body));
    }
    buf_free(&body);
}

void custodian_evaluate(struct custodian *custodian, struct rpc_request *request, const struct received *from)
{
    struct evaluation e = {.from = from};
    answer(custodian, &e, request);
    sodium_memzero(&e, sizeof e);
}
