#include "client/token/evaluator.h"

#include "client/agency/evidence.h"
#include "client/agency/ledgers.h"
#include "client/agency/shun.h"
#include "protocol/base/clock.h"
#include "protocol/wire/evaluate.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 30000
#define NOTICES_MAX 2048
#define PREPARED 8 /* blinds made at a time, in idle time: a tenth of a millisecond of each purpose */

/* A custodian that takes longer than this, and than so many times the fastest of its coalition, is asked last. */
#define SLOW_MS 2000
#define SLOW_TIMES 4

/*
 * A connection to one custodian, and its part in the batch at hand. What it signed is kept until its proof is checked:
 * it convicts the custodian where that does not hold.
 */
struct member {
    struct rpc_client *client;
    const struct region_custodian *custodian;
    const struct agency *agency;
    struct wire_request request; /* signed for this custodian */
    struct wire_ends ends;
    struct buf message;
    struct span body;          /* of the reply, in the message */
    bool is_signed;            /* by its log key, for this request */
    struct element *evaluated; /* of all parts, one behind the other */
    struct oprf_proof proof[WIRE_SCOPE_MAX];
    uint64_t left[WIRE_SCOPE_MAX];
    const struct evaluator_part *part; /* what is asked */
    size_t parts;
    uint64_t took_ms;
    struct buf receipt; /* text form */
    uint64_t leaf, time;
    int rc;
    struct err err;
    pthread_t thread;
};

/* What one batch needs while it runs. */
struct seat {
    struct member member[REGION_CUSTODIANS_MAX];
    struct element *blinded;
    struct seat *next; /* of those that are free */
};

/* What a custodian signed and should not have, until the vault has it. */
struct fault {
    struct buf request, reply;
    char why[ERR_TEXT_MAX];
};

struct evaluator {
    const struct agency *agency;
    const struct agency_purpose *purpose;
    size_t purposes;
    struct oprf_client *oprf[REGION_PURPOSES_MAX];
    uint64_t timeout_ms;
    pthread_mutex_t lock; /* guards what follows */
    struct seat *free;
    uint64_t shunned[REGION_CUSTODIANS_MAX]; /* asked last until then: shun.h */
    bool out[REGION_CUSTODIANS_MAX];         /* not asked any more */
    /* Tokens of the region that it said it has left for us, by purpose. */
    uint64_t left[REGION_PURPOSES_MAX][REGION_CUSTODIANS_MAX];
    struct fault fault[REGION_CUSTODIANS_MAX];
    char notices[NOTICES_MAX], told[NOTICES_MAX];
};

/* --- making --- */

static void seat_free(struct seat *seat)
{
    for (size_t i = 0; i < REGION_CUSTODIANS_MAX; i++) {
        rpc_client_close(seat->member[i].client);
        buf_free(&seat->member[i].message);
        buf_free(&seat->member[i].receipt);
        free(seat->member[i].evaluated);
    }
    free(seat->blinded);
    free(seat);
}

static int seat_new(struct seat **out, const struct agency *agency, uint64_t timeout_ms, struct err *err)
{
    const struct region *r = agency->region;
    struct seat *seat = calloc(1, sizeof *seat);
    if (seat == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for evaluating");
    seat->blinded = calloc(OPRF_BATCH_MAX, sizeof *seat->blinded);
    int rc = seat->blinded == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for evaluating") : 0;
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++) {
        struct member *m = &seat->member[i];
        m->custodian = &r->custodians[i];
        m->agency = agency;
        m->ends.region = r->name;
        party_digest(m->ends.peer, &m->custodian->party);
        party_digest(m->ends.sender, &agency->identity->party);
        m->message = buf_of(RPC_MESSAGE_MAX);
        m->receipt = buf_of(VAULT_RECEIPT_MAX);
        m->evaluated = calloc(OPRF_BATCH_MAX, sizeof *m->evaluated);
        if (m->evaluated == NULL)
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for evaluating");
        else
            rc = agency_connect(agency, &m->custodian->party, m->custodian->url, timeout_ms, &m->client, err);
    }
    if (rc != 0)
        seat_free(seat);
    else
        *out = seat;
    return rc;
}

int evaluator_new(struct evaluator **out, const struct agency *agency, const struct agency_purpose *purpose,
                  size_t count, uint64_t timeout_ms, struct err *err)
{
    struct evaluator *e = calloc(1, sizeof *e);
    if (e == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for evaluating");
    e->agency = agency;
    e->purpose = purpose;
    e->purposes = count;
    e->timeout_ms = timeout_ms != 0 ? timeout_ms : TIMEOUT_MS;
    memset(e->left, 0xff, sizeof e->left);
    shun_load(agency, e->shunned);
    pthread_mutex_init(&e->lock, NULL);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = oprf_client_new(&e->oprf[i], &purpose[i].epoch->key, err);
    if (rc == 0)
        rc = seat_new(&e->free, agency, e->timeout_ms, err);
    if (rc != 0)
        evaluator_free(e);
    else
        *out = e;
    return rc;
}

void evaluator_free(struct evaluator *evaluator)
{
    if (evaluator == NULL)
        return;
    for (struct seat *seat = evaluator->free, *next; seat != NULL; seat = next) {
        next = seat->next;
        seat_free(seat);
    }
    for (size_t i = 0; i < REGION_CUSTODIANS_MAX; i++) {
        buf_free(&evaluator->fault[i].request);
        buf_free(&evaluator->fault[i].reply);
    }
    for (size_t i = 0; i < evaluator->purposes; i++)
        oprf_client_free(evaluator->oprf[i]);
    pthread_mutex_destroy(&evaluator->lock);
    free(evaluator);
}

/* --- what all batches share --- */

static int take_seat(struct evaluator *e, struct seat **out, struct err *err)
{
    pthread_mutex_lock(&e->lock);
    *out = e->free;
    if (*out != NULL)
        e->free = (*out)->next;
    pthread_mutex_unlock(&e->lock);
    return *out != NULL ? 0 : seat_new(out, e->agency, e->timeout_ms, err);
}

static void leave_seat(struct evaluator *e, struct seat *seat)
{
    pthread_mutex_lock(&e->lock);
    seat->next = e->free;
    e->free = seat;
    pthread_mutex_unlock(&e->lock);
}

const char *evaluator_notices(struct evaluator *evaluator)
{
    pthread_mutex_lock(&evaluator->lock);
    memcpy(evaluator->told, evaluator->notices, sizeof evaluator->told);
    evaluator->notices[0] = '\0';
    pthread_mutex_unlock(&evaluator->lock);
    return evaluator->told;
}

static void note_left(struct evaluator *e, size_t custodian, const struct member *m)
{
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < m->parts; i++)
        e->left[m->part[i].purpose][custodian] = m->left[i];
    pthread_mutex_unlock(&e->lock);
}

/* With the lock. seconds 0: asked like the others again. */
static void shun(struct evaluator *e, size_t custodian, unsigned seconds)
{
    if (seconds == 0 && e->shunned[custodian] == 0)
        return;
    e->shunned[custodian] = seconds == 0 ? 0 : clock_now() + seconds;
    shun_save(e->agency, e->shunned);
}

/* Said once, although several batches may find out. */
static void leave_out(struct evaluator *e, size_t custodian, const struct err *why)
{
    pthread_mutex_lock(&e->lock);
    size_t len = strlen(e->notices);
    if (!e->out[custodian])
        snprintf(e->notices + len, sizeof e->notices - len, "%sleft out %s: %s", len > 0 ? "\n" : "",
                 e->agency->region->custodians[custodian].party.name, why->text);
    if (!e->out[custodian] && (why->code == ERR_UNREACHABLE || why->code == ERR_VERIFY))
        shun(e, custodian, why->code == ERR_VERIFY ? SHUN_FALSE_SECONDS : SHUN_SILENT_SECONDS);
    e->out[custodian] = true;
    pthread_mutex_unlock(&e->lock);
}

/* Keeps the first that a custodian does: what it signed, and what it was asked. */
static void note_fault(struct evaluator *e, size_t custodian, const struct member *m, const struct err *why)
{
    struct fault *f = &e->fault[custodian];
    pthread_mutex_lock(&e->lock);
    if (f->why[0] == '\0') {
        f->request = f->reply = buf_of(RPC_MESSAGE_MAX);
        if (wire_request_encode(&f->request, &m->request, ERR_IGNORED) == 0 &&
            buf_put(&f->reply, m->body.data, m->body.len, ERR_IGNORED) == 0)
            snprintf(f->why, sizeof f->why, "%s", why->text);
    }
    pthread_mutex_unlock(&e->lock);
}

int evaluator_evidence(struct evaluator *evaluator, struct err *err)
{
    const struct region *r = evaluator->agency->region;
    int rc = 0;
    pthread_mutex_lock(&evaluator->lock);
    for (size_t i = 0; rc == 0 && i < r->custodian_count; i++) {
        struct fault *f = &evaluator->fault[i];
        struct evidence evidence = {
            .kind = EVIDENCE_EVALUATION, .first = buf_span(&f->request), .second = buf_span(&f->reply)};
        if (f->why[0] == '\0' || f->reply.len == 0)
            continue;
        snprintf(evidence.party, sizeof evidence.party, "%s", r->custodians[i].party.name);
        snprintf(evidence.why, sizeof evidence.why, "%s", f->why);
        rc = agency_evidence_keep(evaluator->agency, &evidence, evidence.first, err);
        buf_free(&f->reply);
    }
    pthread_mutex_unlock(&evaluator->lock);
    return rc;
}

/* Who answered is asked like the others from now on, unless it alone took long. */
static void note_answers(struct evaluator *e, const struct seat *seat, const struct coalition *coalition)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < coalition->count; i++) {
        const struct member *m = &seat->member[coalition->index[i] - 1];
        least = m->took_ms < least ? m->took_ms : least;
    }
    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < coalition->count; i++) {
        const size_t at = coalition->index[i] - 1u;
        const uint64_t took = seat->member[at].took_ms;
        shun(e, at, took > SLOW_MS && took / SLOW_TIMES > least ? SHUN_SILENT_SECONDS : 0);
    }
    pthread_mutex_unlock(&e->lock);
}

/* What is to be evaluated: the secrets of unblinding, and where each part begins among the elements. */
struct work {
    const struct evaluator_part *part;
    size_t parts, total;
    size_t first[WIRE_SCOPE_MAX];
    struct oprf_batch *batch[WIRE_SCOPE_MAX];
};

static bool has_left(const struct evaluator *e, const struct work *work, size_t custodian)
{
    bool enough = true;
    for (size_t i = 0; i < work->parts; i++)
        enough = enough && e->left[work->part[i].purpose][custodian] >= work->part[i].n;
    return enough;
}

/* Takes those with enough tokens left for the work (NULL: any), shunned ones or not, from a place on, until there are
 * t. */
static size_t choose_from(const struct evaluator *e, bool chosen[REGION_CUSTODIANS_MAX], size_t found, size_t start,
                          const struct work *work, bool shunned)
{
    const struct region *r = e->agency->region;
    for (size_t i = 0; i < r->custodian_count && found < r->threshold; i++) {
        size_t at = (start + i) % r->custodian_count;
        if (e->out[at] || chosen[at] || (work != NULL && !has_left(e, work, at)) || (!shunned && e->shunned[at] != 0))
            continue;
        chosen[at] = true;
        found++;
    }
    return found;
}

/*
 * t custodians that are not out, from a place that the request's id gives: a custodian serves t of n of an agency's
 * limit, so that only who goes round all of them has all of it, and the same request goes to the same custodians again.
 * Those that did not answer of late, then those of which it is known that they have too little left, are the last to be
 * asked.
 */
static int choose(struct evaluator *e, const uint8_t id[WIRE_ID_SIZE], const struct work *work,
                  struct coalition *coalition, struct err *err)
{
    const struct region *r = e->agency->region;
    bool chosen[REGION_CUSTODIANS_MAX] = {false};
    const size_t start = bytes_get_u32be(id) % r->custodian_count;
    pthread_mutex_lock(&e->lock);
    size_t found = choose_from(e, chosen, 0, start, work, false);
    found = choose_from(e, chosen, found, start, work, true);
    found = choose_from(e, chosen, found, start, NULL, true);
    pthread_mutex_unlock(&e->lock);
    if (found < r->threshold)
        return err_set(err, ERR_UNREACHABLE, "%zu of %zu custodians are left, %zu are needed", found,
                       r->custodian_count, r->threshold);
    coalition->count = 0;
    for (size_t i = 0; i < r->custodian_count; i++)
        if (chosen[i])
            coalition->index[coalition->count++] = (uint8_t)(i + 1);
    return 0;
}

/* --- one batch --- */

/*
 * The custodian's signature, and its receipt: a custodian that does not write down what it evaluated gets no further
 * requests. A retry has the event of the first time, which names that statement, and perhaps another coalition.
 */
static int check_reply(struct member *m, const struct evaluate_reply *reply, struct err *err)
{
    const struct party *party = &m->custodian->party;
    uint8_t hash[WIRE_HASH_SIZE];
    wire_request_hash(hash, &m->request, &m->ends);
    int rc = evaluate_reply_verify(reply, hash, party->log, err);
    m->is_signed = rc == 0;
    m->leaf = reply->receipt.leaf;
    buf_clear(&m->receipt);
    if (rc == 0)
        rc = ledgers_evaluation_verify(m->agency, party, &m->request, &reply->receipt, &m->receipt, &m->time, err);
    return rc;
}

static int take_parts(struct member *m, const struct evaluate_reply *reply, struct err *err)
{
    size_t at = 0;
    bool fits = reply->count == m->parts;
    for (size_t i = 0; fits && i < m->parts; i++)
        fits = reply->batch[i].evaluated.len == m->part[i].n * sizeof(struct element);
    if (!fits)
        return err_set(err, ERR_VERIFY, "%s answered for another number of elements", m->custodian->party.name);
    for (size_t i = 0; i < m->parts; i++) {
        memcpy(m->evaluated + at, reply->batch[i].evaluated.data, reply->batch[i].evaluated.len);
        m->proof[i] = reply->batch[i].proof;
        m->left[i] = reply->batch[i].left;
        at += m->part[i].n;
    }
    return 0;
}

static void *ask(void *context)
{
    struct member *m = context;
    struct wire_reply reply;
    struct evaluate_reply evaluated = {.count = 0};
    const uint64_t start = clock_monotonic_ms();
    m->is_signed = false;
    m->rc = wire_call(m->client, m->custodian->party.name, &m->request, &m->message, &reply, &m->err);
    if (m->rc == 0)
        m->rc = evaluate_reply_decode(&evaluated, reply.body, &m->err);
    if (m->rc == 0) {
        m->body = reply.body;
        m->rc = check_reply(m, &evaluated, &m->err);
    }
    if (m->rc == 0)
        m->rc = take_parts(m, &evaluated, &m->err);
    m->took_ms = clock_monotonic_ms() - start;
    return NULL;
}

/* Asks all members at once; a thread that cannot be started is no reason to fail. */
static void ask_all(struct seat *seat, const struct coalition *coalition)
{
    bool started[OPRF_COALITION_MAX] = {false};
    for (size_t i = 1; i < coalition->count; i++) {
        struct member *m = &seat->member[coalition->index[i] - 1];
        started[i] = pthread_create(&m->thread, NULL, ask, m) == 0;
    }
    ask(&seat->member[coalition->index[0] - 1]);
    for (size_t i = 1; i < coalition->count; i++) {
        struct member *m = &seat->member[coalition->index[i] - 1];
        if (started[i])
            pthread_join(m->thread, NULL);
        else
            ask(m);
    }
}

/* Verifies and finalises one part of what the coalition answered. *cheat: which of its members is at fault. */
static int finalise(struct evaluator *e, struct seat *seat, const struct work *work, size_t i,
                    const struct coalition *coalition, size_t *cheat, struct err *err)
{
    const struct element *evaluated[OPRF_COALITION_MAX];
    const struct evaluator_part *part = &work->part[i];
    struct oprf_proof proofs[OPRF_COALITION_MAX];
    struct element keys[OPRF_COALITION_MAX];
    int rc = 0;
    for (size_t k = 0; rc == 0 && k < coalition->count; k++) {
        const size_t at = coalition->index[k] - 1u;
        evaluated[k] = seat->member[at].evaluated + work->first[i];
        proofs[k] = seat->member[at].proof[i];
        rc = threshold_share_key(&keys[k], coalition, coalition->index[k], &e->purpose[part->purpose].epoch->share[at],
                                 err);
    }
    return rc != 0 ? rc
                   : oprf_client_finalise(e->oprf[part->purpose], work->batch[i], part->output, evaluated, proofs, keys,
                                          coalition->count, cheat, err);
}

/* One coalition. ERR_BUSY: somebody is out now, try another. */
static int try_coalition(struct evaluator *e, struct seat *seat, const struct work *work,
                         const struct coalition *coalition, struct err *err)
{
    struct err why;
    size_t cheat = 0;
    int rc = 0;
    ask_all(seat, coalition);
    for (size_t i = 0; i < coalition->count; i++) {
        size_t at = coalition->index[i] - 1u;
        struct member *m = &seat->member[at];
        if (m->rc == 0) {
            note_left(e, at, m);
            continue;
        }
        leave_out(e, at, &m->err);
        rc = err_set(err, ERR_BUSY, "%s", m->err.text);
    }
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < work->parts; i++)
        rc = finalise(e, seat, work, i, coalition, &cheat, &why);
    if (rc == 0) {
        note_answers(e, seat, coalition);
        return 0;
    }
    if (rc == ERR_VERIFY) {
        size_t at = coalition->index[cheat] - 1u;
        if (seat->member[at].is_signed)
            note_fault(e, at, &seat->member[at], &why);
        leave_out(e, at, &why);
    }
    return err_set(err, rc == ERR_VERIFY ? ERR_BUSY : (enum err_code)rc, "%s", why.text);
}

/* The request's id, and the seed of its blinds: all of what makes it the same request. */
struct repeat {
    uint8_t id[WIRE_ID_SIZE], seed[OPRF_SEED_SIZE]; /* seed: secret */
};

/* Bound to the batch's nonce, the group key and the inputs: no two batches have the same. */
static void repeat_derive(struct repeat *out, const uint8_t nonce[32], const struct region_epoch *epoch,
                          const struct span *input, size_t n)
{
    static const char label[] = "concord repeat 2";
    uint8_t of[crypto_kdf_KEYBYTES], len[4];
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, nonce, 32, sizeof of);
    crypto_generichash_update(&hash, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&hash, epoch->key.bytes, sizeof epoch->key.bytes);
    for (size_t i = 0; i < n; i++) {
        bytes_put_u32be(len, (uint32_t)input[i].len);
        crypto_generichash_update(&hash, len, sizeof len);
        crypto_generichash_update(&hash, input[i].data, input[i].len);
    }
    crypto_generichash_final(&hash, of, sizeof of);
    crypto_kdf_derive_from_key(out->id, sizeof out->id, 1, "concord2", of);
    crypto_kdf_derive_from_key(out->seed, sizeof out->seed, 2, "concord2", of);
    sodium_memzero(of, sizeof of);
    sodium_memzero(&hash, sizeof hash);
}

/* The request as each custodian gets it: signed for that one. */
static void address(struct evaluator *e, struct seat *seat, const uint8_t id[WIRE_ID_SIZE], struct span body,
                    const struct work *work)
{
    for (size_t i = 0; i < e->agency->region->custodian_count; i++) {
        struct member *m = &seat->member[i];
        m->part = work->part;
        m->parts = work->parts;
        m->request = (struct wire_request){.type = WIRE_EVALUATE, .scope_count = work->parts, .body = body};
        for (size_t k = 0; k < work->parts; k++) {
            const struct agency_purpose *p = &e->purpose[work->part[k].purpose];
            m->request.scope[k].epoch = p->epoch->epoch;
            memcpy(m->request.scope[k].purpose, p->region->name, sizeof m->request.scope[k].purpose);
        }
        memcpy(m->request.id, id, WIRE_ID_SIZE);
        agency_sign(e->agency, &m->custodian->party, &m->request);
    }
}

/* What the members of the coalition that did it wrote down. */
static int note_paid(struct evaluator_paid *paid, const struct seat *seat, const struct coalition *coalition, size_t n,
                     struct err *err)
{
    struct vault_evaluation *e = &paid->evaluation;
    int rc = 0;
    *e = (struct vault_evaluation){.time = UINT64_MAX, .of = (uint32_t)n, .custodians = coalition->count};
    buf_clear(&paid->receipts);
    for (size_t i = 0; rc == 0 && i < coalition->count; i++) {
        const struct member *m = &seat->member[coalition->index[i] - 1];
        party_digest(e->by[i].custodian, &m->custodian->party);
        e->by[i].leaf = m->leaf;
        e->time = m->time < e->time ? m->time : e->time;
        rc = buf_put(&paid->receipts, m->receipt.data, m->receipt.len, err);
        if (rc == 0)
            rc = buf_put(&paid->receipts, "", 1, err);
    }
    e->receipts = buf_span(&paid->receipts);
    return rc;
}

static int run_work(struct evaluator *e, struct seat *seat, const struct work *work, const uint8_t id[WIRE_ID_SIZE],
                    struct evaluator_paid *paid, struct err *err)
{
    struct evaluate_request request = {.count = work->parts};
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    struct err last = {.text = ""};
    int rc;
    for (size_t i = 0; i < work->parts; i++)
        request.batch[i] =
            (struct evaluate_batch){e->purpose[work->part[i].purpose].epoch->generation,
                                    span_of(seat->blinded + work->first[i], work->part[i].n * sizeof *seat->blinded)};
    do {
        rc = choose(e, id, work, &request.coalition, err);
        if (rc != 0) {
            if (last.text[0] != '\0')
                rc = err_set(err, ERR_UNREACHABLE, "too few custodians are left to evaluate; the last: %.300s",
                             last.text);
            break;
        }
        buf_clear(&body);
        rc = evaluate_request_encode(&body, &request, err);
        address(e, seat, id, buf_span(&body), work);
        if (rc == 0 && (rc = try_coalition(e, seat, work, &request.coalition, &last)) != 0)
            *err = last;
    } while (rc == ERR_BUSY);
    buf_free(&body);
    return rc == 0 ? note_paid(paid, seat, &request.coalition, work->total, err) : rc;
}

/* repeat: what the id and the blinds of a single part derive from; NULL: from random numbers. */
static int evaluate(struct evaluator *e, const struct repeat *repeat, const struct evaluator_part *part, size_t parts,
                    struct evaluator_paid *paid, struct err *err)
{
    struct work work = {.part = part, .parts = parts};
    uint8_t id[WIRE_ID_SIZE];
    struct seat *seat;
    int rc = take_seat(e, &seat, err);
    if (rc != 0)
        return rc;
    randombytes_buf(id, sizeof id);
    for (size_t i = 0; rc == 0 && i < parts; i++) {
        work.first[i] = work.total;
        work.total += part[i].n;
        if (work.total > OPRF_BATCH_MAX)
            rc = err_set(err, ERR_INTERNAL, "a request of %zu elements is too long", work.total);
        else
            rc = oprf_client_blind(e->oprf[part[i].purpose], &work.batch[i], seat->blinded + work.first[i],
                                   part[i].input, part[i].n, repeat != NULL ? repeat->seed : NULL, err);
    }
    if (rc == 0)
        rc = run_work(e, seat, &work, repeat != NULL ? repeat->id : id, paid, err);
    for (size_t i = 0; i < parts; i++)
        oprf_batch_free(work.batch[i]);
    leave_seat(e, seat);
    return rc;
}

bool evaluator_prepare(struct evaluator *evaluator)
{
    bool more = false;
    for (size_t i = 0; i < evaluator->purposes; i++)
        if (oprf_client_prepare(evaluator->oprf[i], PREPARED))
            more = true;
    return more;
}

int evaluator_ask(struct evaluator *evaluator, const struct evaluator_part *part, size_t parts,
                  struct evaluator_paid *paid, struct err *err)
{
    return evaluate(evaluator, NULL, part, parts, paid, err);
}

int evaluator_run(struct evaluator *evaluator, const uint8_t *nonce, const struct span *input, size_t n,
                  uint8_t (*output)[OPRF_OUTPUT_SIZE], struct evaluator_paid *paid, struct err *err)
{
    const struct evaluator_part part = {0, input, n, output};
    struct repeat repeat;
    if (nonce == NULL)
        return evaluate(evaluator, NULL, &part, 1, paid, err);
    repeat_derive(&repeat, nonce, evaluator->purpose->epoch, input, n);
    int rc = evaluate(evaluator, &repeat, &part, 1, paid, err);
    sodium_memzero(&repeat, sizeof repeat);
    return rc;
}

bool evaluator_tell(struct evaluator *evaluator)
{
    struct err err;
    const char *notices = evaluator_notices(evaluator);
    const bool any = notices[0] != '\0';
    if (any)
        fprintf(stderr, "%s\n", notices);
    if (evaluator_evidence(evaluator, &err) != 0) /* no reason to lose what others evaluated */
        fprintf(stderr, "evidence against a custodian could not be kept: %s\n", err.text);
    return any;
}
