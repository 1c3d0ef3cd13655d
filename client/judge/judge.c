#include "client/judge/judge.h"

#include "client/judge/exchange.h"
#include "protocol/base/log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_SIZE 4                /* in front of letter 1 */
#define ANEW_SIZE (2 * HANDLE_SIZE) /* of a pair that is wanted anew: of the record of who begins, of who ends */
#define PACKED_MAX (4u << 20)

/* What is worked with on one letter: the purpose, the partner, and what is known of each pair. */
struct bench {
    struct agency *agency;
    const struct agency_purpose *purpose;
    const uint8_t *peer;
    struct judge_terms terms;
    uint8_t own[PARTY_DIGEST_SIZE], secret[PSI_SECRET_SIZE];
    uint64_t records, limit, lost; /* lost: vault_judging_lost() */
    struct vault_judging *pair;
    struct judge_case *cases;
    struct judge_outcome *outcome;
    size_t pairs;
    uint8_t status[JUDGE_PAIRS_MAX];
};

static void bench_free(struct bench *b)
{
    if (b->cases != NULL)
        sodium_memzero(b->cases, JUDGE_PAIRS_MAX * sizeof *b->cases);
    free(b->pair);
    free(b->cases);
    free(b->outcome);
    sodium_memzero(b->secret, sizeof b->secret);
}

static int bench_new(struct bench *b, struct agency *a, const struct agency_purpose *p, const uint8_t *peer,
                     struct err *err)
{
    struct vault_counts counts;
    const struct region *r = a->region;
    const int own = region_find_agency(r, a->identity->party.name);
    *b = (struct bench){.agency = a, .purpose = p, .peer = peer};
    party_digest(b->own, &a->identity->party);
    vault_judging_secret(a->vault, b->secret);
    b->terms = (struct judge_terms){.schema = &p->schema,
                                    .region = span_of(r->name, strlen(r->name)),
                                    .purpose = span_of(p->region->name, strlen(p->region->name)),
                                    .epoch = p->epoch->epoch,
                                    .own = b->own,
                                    .other = peer,
                                    .secret = b->secret};
    b->pair = calloc(JUDGE_PAIRS_MAX, sizeof *b->pair);
    b->cases = calloc(JUDGE_PAIRS_MAX, sizeof *b->cases);
    b->outcome = calloc(JUDGE_PAIRS_MAX, sizeof *b->outcome);
    int rc = b->pair == NULL || b->cases == NULL || b->outcome == NULL
                 ? err_set(err, ERR_NO_MEMORY, "no memory to judge %d pairs", JUDGE_PAIRS_MAX)
                 : vault_count(a->vault, p->domain, &counts, err);
    b->records = rc == 0 ? counts.records : 0;
    if (rc == 0)
        rc = vault_judging_lost(a->vault, &b->lost, err);
    b->limit = b->lost > 0 ? 0 : region_limits(r, own, (int)(p->region - r->purposes))->judgements;
    return rc;
}

static int take_pair(void *context, const struct vault_judging *pair, struct err *err)
{
    struct bench *b = context;
    if (b->pairs == JUDGE_PAIRS_MAX)
        return err_set(err, ERR_INTERNAL, "an exchange has more than %d pairs", JUDGE_PAIRS_MAX);
    b->pair[b->pairs++] = *pair;
    return 0;
}

/* ERR_NOT_FOUND: the record is gone, or goes by another handle now. */
static int load_case(struct bench *b, struct judge_case *out, const struct vault_judging *pair, struct err *err)
{
    struct buf packed = buf_of(VAULT_ELEMENTS_MAX);
    memcpy(out->own, pair->own, sizeof out->own);
    memcpy(out->other, pair->other, sizeof out->other);
    out->keys = pair->keys;
    int rc = vault_elements(b->agency->vault, pair, &packed, err);
    if (rc == 0 && !elements_unpack(&out->elements, buf_span(&packed)))
        rc = err_set(err, ERR_VERIFY, "the vault is damaged (elements): restore it from a backup, or enrol anew");
    out->elements.presence.records = presence_records(b->records);
    if (packed.len > 0)
        sodium_memzero(packed.data, packed.len);
    buf_free(&packed);
    return rc;
}

/* Those of this letter that come before count, too. */
static int is_used_up(struct bench *b, size_t at, bool *used_up, struct err *err)
{
    const struct vault_judging *pair = &b->pair[at];
    uint64_t used, released;
    int rc = vault_judging_used(b->agency->vault, b->purpose->domain, &pair->record, b->peer, b->lost, &used, &released,
                                err);
    for (size_t i = 0; rc == 0 && i < at; i++)
        used += b->status[i] == PSI_ON && memcmp(&b->pair[i].record, &pair->record, sizeof pair->record) == 0;
    *used_up = rc == 0 && used >= b->limit + released;
    return rc;
}

static int queue(struct bench *b, enum letter_kind kind, const uint8_t id[PSI_EXCHANGE_SIZE], struct span body,
                 struct err *err)
{
    return letters_queue(b->agency->vault, b->peer, b->purpose->region->name, kind, id, body, err);
}

static int store_exchange(struct bench *b, const struct exchange *x, const uint8_t id[PSI_EXCHANGE_SIZE], bool begins,
                          int64_t *number, struct err *err)
{
    struct vault_exchange stored = {.domain = b->purpose->domain, .begins = begins, .packed = buf_of(PACKED_MAX)};
    memcpy(stored.peer, b->peer, sizeof stored.peer);
    memcpy(stored.id, id, sizeof stored.id);
    int rc = exchange_pack(&stored.packed, x, err);
    if (rc == 0)
        rc = vault_exchange_put(b->agency->vault, &stored, number, err);
    buf_free(&stored.packed);
    return rc;
}

/* --- letter 1 --- */

/* Leaves the pairs that can be judged: their records are there, and no limit is used up. */
static int sift(struct bench *b, struct judge_counts *counts, struct err *err)
{
    struct vault *v = b->agency->vault;
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < b->pairs; i++) {
        bool used_up;
        b->pair[kept] = b->pair[i];
        b->status[kept] = PSI_ON;
        rc = is_used_up(b, kept, &used_up, err);
        if (rc == 0 && used_up) {
            rc = vault_judging_set(v, b->pair[kept].number, JUDGE_LIMIT, err);
            counts->limited++;
            continue;
        }
        if (rc == 0)
            rc = load_case(b, &b->cases[kept], &b->pair[kept], err);
        if (rc == ERR_NOT_FOUND)
            rc = vault_judging_forget(v, b->pair[kept].number, err);
        else
            kept += rc == 0;
    }
    b->pairs = kept;
    return rc;
}

static int send_letter1(struct bench *b, struct exchange *x, struct err *err)
{
    uint8_t id[PSI_EXCHANGE_SIZE];
    struct buf body = buf_of(EPOCH_SIZE + PSI_LETTER_MAX);
    int64_t number = 0;
    uint8_t *epoch = buf_reserve(&body, EPOCH_SIZE, err);
    int rc = epoch != NULL ? 0 : err_code(err);
    randombytes_buf(id, sizeof id);
    if (rc == 0) {
        bytes_put_u32be(epoch, b->purpose->epoch->epoch);
        body.len += EPOCH_SIZE;
        rc = exchange_begin(x, &b->terms, id, b->cases, b->pairs, err);
    }
    if (rc == 0)
        rc = buf_put(&body, x->letter1.data, x->letter1.len, err);
    if (rc == 0)
        rc = store_exchange(b, x, id, true, &number, err);
    for (size_t i = 0; rc == 0 && i < b->pairs; i++)
        rc = vault_judging_begin(b->agency->vault, b->pair[i].number, number, i, err);
    if (rc == 0)
        rc = queue(b, LETTER_JUDGE1, id, buf_span(&body), err);
    buf_free(&body);
    return rc;
}

/* One letter; *more: there may be another one. */
static int begin_some(struct bench *b, bool checks, bool *more, struct judge_counts *counts, struct err *err)
{
    struct vault *v = b->agency->vault;
    struct exchange x;
    exchange_init(&x);
    b->pairs = 0;
    int rc = vault_begin(v, err);
    if (rc == 0)
        rc = vault_judging_waiting(v, b->purpose->domain, b->peer, checks, JUDGE_PAIRS_MAX, take_pair, b, err);
    *more = rc == 0 && b->pairs == JUDGE_PAIRS_MAX;
    if (rc == 0)
        rc = sift(b, counts, err);
    if (rc == 0 && b->pairs > 0)
        rc = send_letter1(b, &x, err);
    if (rc == 0)
        rc = vault_commit(v, err);
    vault_rollback(v);
    counts->begun += rc == 0 ? b->pairs : 0;
    exchange_free(&x);
    return rc;
}

/* --- what is wanted anew --- */

/* The pairs that the limit leaves, to the letter; each was told now. */
static int write_anew(struct bench *b, struct buf *body, struct err *err)
{
    uint8_t epoch[EPOCH_SIZE];
    bytes_put_u32be(epoch, b->purpose->epoch->epoch);
    int rc = buf_put(body, epoch, sizeof epoch, err);
    for (size_t i = 0; rc == 0 && i < b->pairs; i++) {
        bool used_up;
        rc = is_used_up(b, i, &used_up, err);
        b->status[i] = used_up ? PSI_LIMIT : PSI_ON;
        if (rc == 0)
            rc = vault_judging_anew(b->agency->vault, b->pair[i].number, err);
        if (rc == 0 && !used_up)
            rc = buf_put(body, b->pair[i].other, HANDLE_SIZE, err);
        if (rc == 0 && !used_up)
            rc = buf_put(body, b->pair[i].own, HANDLE_SIZE, err);
    }
    return rc;
}

/*
 * A vault that was put back lacks verdicts, and the partner, who has them, would not begin again by itself: it is told
 * which pairs wait for it.
 */
static int want_anew(struct bench *b, bool *more, struct err *err)
{
    struct vault *v = b->agency->vault;
    struct buf body = buf_of(EPOCH_SIZE + JUDGE_PAIRS_MAX * ANEW_SIZE);
    uint8_t thread[PSI_EXCHANGE_SIZE];
    b->pairs = 0;
    randombytes_buf(thread, sizeof thread);
    int rc = vault_begin(v, err);
    if (rc == 0)
        rc = vault_judging_unbegun(v, b->purpose->domain, b->peer, JUDGE_PAIRS_MAX, take_pair, b, err);
    *more = rc == 0 && b->pairs == JUDGE_PAIRS_MAX;
    if (rc == 0)
        rc = write_anew(b, &body, err);
    if (rc == 0 && body.len > EPOCH_SIZE)
        rc = queue(b, LETTER_JUDGE_ANEW, thread, buf_span(&body), err);
    if (rc == 0)
        rc = vault_commit(v, err);
    vault_rollback(v);
    buf_free(&body);
    return rc;
}

static int begin_with(struct agency *a, const struct agency_purpose *p, int partner, bool checks,
                      struct judge_counts *counts, struct err *err)
{
    struct bench b;
    bool more = true;
    int rc = bench_new(&b, a, p, a->region->digests[partner], err);
    while (rc == 0 && more)
        rc = begin_some(&b, checks, &more, counts, err);
    more = b.lost > 0 && !checks;
    while (rc == 0 && more)
        rc = want_anew(&b, &more, err);
    bench_free(&b);
    return rc;
}

int judge_begin(struct agency *agency, enum judge_due due, struct judge_counts *counts, struct err *err)
{
    const struct region *r = agency->region;
    const int own = region_find_agency(r, agency->identity->party.name);
    if (own < 0 || due == JUDGE_NOTHING)
        return 0;
    int rc = vault_judging_again(agency->vault, err);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        const struct agency_purpose *p = &agency->purpose[i];
        for (int partner = 0; rc == 0 && partner < (int)r->agency_count; partner++)
            if (p->region->kind == REGION_MATCH && partner != own &&
                region_mutual_grant(r, own, partner, (int)(p->region - r->purposes)))
                rc = begin_with(agency, p, partner, due == JUDGE_CHECKS, counts, err);
    }
    return rc;
}

/* --- what all handlers do --- */

/* It takes the place of another; nothing else does. */
static bool is_verdict(enum judge_state state)
{
    return state == JUDGE_JUDGED || state == JUDGE_DIFFERENT;
}

/* Counted in the vault and told; the letter is done with. Of an exchange under way nothing more is expected. */
static int refuse(struct bench *b, int64_t exchange, struct judge_counts *counts, struct err *err)
{
    struct vault *v = b->agency->vault;
    struct err why = *err;
    int rc = vault_judging_refuse(v, b->purpose->domain, b->peer, why.text, err);
    log_event(LOG_WARN, "judging-refused", "purpose=%s reason=\"%s\"", b->purpose->region->name, why.text);
    b->pairs = 0;
    if (rc == 0 && exchange != 0)
        rc = vault_judging_of(v, exchange, take_pair, b, err);
    for (size_t i = 0; rc == 0 && i < b->pairs; i++) {
        if (!is_verdict(b->pair[i].state))
            b->pair[i].state = JUDGE_REFUSED;
        rc = vault_judging_end(v, &b->pair[i], err);
    }
    if (rc == 0 && exchange != 0)
        rc = vault_exchange_set(v, exchange, span_of("", 0), err);
    counts->refused++;
    return rc;
}

static int put_outcome(struct bench *b, struct vault_judging *pair, struct judge_counts *counts, struct err *err)
{
    struct vault *v = b->agency->vault;
    const struct judge_outcome *o = &b->outcome[pair->place];
    const struct judgement *j = &o->judgement;
    const bool outdated = o->state == JUDGE_UNKNOWN && o->keys != pair->keys; /* keys came together meanwhile */
    int rc = 0;
    if (is_verdict(pair->state) && !is_verdict(o->state))
        return vault_judging_end(v, pair, err);
    pair->state = outdated ? JUDGE_WAITING : o->state;
    pair->kind = j->kind;
    pair->score = j->score;
    pair->class = j->class;
    pair->accepted = j->accepted;
    pair->presence = presence_pack(&o->other);
    memcpy(pair->agree, o->agree, sizeof o->agree);
    memcpy(pair->seen, j->seen, sizeof j->seen);
    if (is_verdict(o->state) && pair->begins) /* who ends counted it when it answered */
        rc = vault_judging_count(v, pair->number, err);
    counts->judged += o->state == JUDGE_JUDGED;
    counts->different += o->state == JUDGE_DIFFERENT;
    counts->limited += o->state == JUDGE_LIMIT;
    if (rc == 0)
        rc = vault_judging_end(v, pair, err);
    return rc;
}

static int put_outcomes(struct bench *b, int64_t exchange, struct judge_counts *counts, struct err *err)
{
    b->pairs = 0;
    int rc = vault_judging_of(b->agency->vault, exchange, take_pair, b, err);
    for (size_t i = 0; rc == 0 && i < b->pairs; i++)
        rc = put_outcome(b, &b->pair[i], counts, err);
    if (rc == 0)
        rc = vault_exchange_set(b->agency->vault, exchange, span_of("", 0), err);
    return rc;
}

/* The exchange that a letter 2 or 3 belongs to, with a bench for it. */
static int open_exchange(struct bench *b, struct exchange *x, int64_t *number, struct agency *a,
                         const struct letter_read *letter, bool begins, struct err *err)
{
    struct vault_exchange stored;
    bool found = false;
    *b = (struct bench){.agency = a};
    exchange_init(x);
    int rc = vault_exchange_find(a->vault, letter->digest, letter->thread, begins, &stored, &found, err);
    const struct agency_purpose *p = rc == 0 && found ? agency_purpose_of(a, stored.domain) : NULL;
    if (rc == 0 &&
        (p == NULL || agency_is_earlier(p) || stored.packed.len == 0 || strcmp(p->region->name, letter->purpose) != 0))
        rc = err_set(err, ERR_VERIFY, "a letter of judging belongs to no exchange that is under way");
    if (rc == 0)
        rc = bench_new(b, a, p, letter->digest, err);
    if (rc == 0)
        rc = exchange_unpack(x, buf_span(&stored.packed), err);
    *number = stored.number;
    buf_free(&stored.packed);
    return rc;
}

/* --- letter 1 comes --- */

/*
 * Whether this side takes part in a pair: only for one that it opened itself, within the limit. A partner whose vault
 * was put back begins anew with one that has its verdict here; who only says so pays as for another handle.
 */
static int admit(struct bench *b, size_t at, const struct psi_pair *asked, struct err *err)
{
    struct vault_judging *pair = &b->pair[at];
    bool used_up = false;
    b->status[at] = PSI_UNKNOWN;
    int rc =
        vault_judging_find(b->agency->vault, b->purpose->domain, b->peer, asked->handle_e, asked->handle_b, pair, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc != 0 || pair->begins || pair->exchange != 0)
        return rc;
    if (pair->state == JUDGE_REFUSED)
        used_up = true;
    else
        rc = is_used_up(b, at, &used_up, err);
    if (rc == 0 && used_up)
        b->status[at] = PSI_LIMIT;
    if (rc != 0 || used_up)
        return rc;
    rc = load_case(b, &b->cases[at], pair, err);
    if (rc == 0)
        b->status[at] = PSI_ON;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int answer(struct bench *b, struct exchange *x, const struct psi_letter1 *l1, struct judge_counts *counts,
                  struct err *err)
{
    struct vault *v = b->agency->vault;
    int64_t number = 0;
    int rc = 0;
    for (size_t p = 0; rc == 0 && p < l1->pairs; p++)
        rc = admit(b, p, &l1->pair[p], err);
    if (rc == 0)
        rc = exchange_answer(x, &b->terms, l1->bytes, b->cases, b->status, err);
    if (rc == 0)
        rc = store_exchange(b, x, l1->exchange, false, &number, err);
    for (size_t p = 0; rc == 0 && p < l1->pairs; p++) {
        if (b->status[p] == PSI_LIMIT && b->pair[p].state == JUDGE_WAITING)
            rc = vault_judging_set(v, b->pair[p].number, JUDGE_LIMIT, err);
        counts->limited += b->status[p] == PSI_LIMIT;
        if (b->status[p] != PSI_ON)
            continue;
        rc = vault_judging_begin(v, b->pair[p].number, number, p, err);
        if (rc == 0)
            rc = vault_judging_count(v, b->pair[p].number, err);
        counts->answered++;
    }
    if (rc == 0)
        rc = queue(b, LETTER_JUDGE2, l1->exchange, buf_span(&x->letter2), err);
    return rc;
}

/* An exchange is begun once: the same letter is answered once, another one under its id is refused. */
static int answer_once(struct bench *b, const struct letter_read *letter, struct span letter1,
                       struct judge_counts *counts, struct err *err)
{
    struct vault_exchange stored;
    struct exchange x;
    struct psi_letter1 l1;
    bool found = false;
    exchange_init(&x);
    int rc = exchange_pairs(&l1, letter1, err);
    if (rc == 0 && memcmp(l1.exchange, letter->thread, PSI_EXCHANGE_SIZE) != 0)
        rc = err_set(err, ERR_VERIFY, "a letter of judging lies in the thread of another exchange");
    if (rc == 0) {
        rc = vault_exchange_find(b->agency->vault, b->peer, l1.exchange, false, &stored, &found, err);
        if (rc == 0 && found && stored.packed.len > 0)
            rc = exchange_unpack(&x, buf_span(&stored.packed), err);
        if (rc == 0 && found)
            rc = stored.packed.len > 0 ? exchange_answer(&x, &b->terms, letter1, NULL, NULL, err)
                                       : err_set(err, ERR_VERIFY, "an exchange of judging that is over is begun again");
        buf_free(&stored.packed);
    }
    if (rc == 0)
        rc = found ? queue(b, LETTER_JUDGE2, l1.exchange, buf_span(&x.letter2), err) : answer(b, &x, &l1, counts, err);
    exchange_free(&x);
    return rc;
}

/* What a letter is of that has its epoch in front; what stands behind it. */
static int read_epoch(const struct agency_purpose **purpose, struct span *rest, struct agency *a,
                      const struct letter_read *letter, struct err *err)
{
    if (letter->body.len < EPOCH_SIZE)
        return err_set(err, ERR_INPUT, "a letter of judging is cut short");
    *rest = span_of(letter->body.data + EPOCH_SIZE, letter->body.len - EPOCH_SIZE);
    *purpose = agency_purpose_in(a, letter->purpose, bytes_get_u32be(letter->body.data));
    return *purpose == NULL || agency_is_earlier(*purpose) || (*purpose)->region->kind != REGION_MATCH
               ? err_set(err, ERR_DENIED, "a letter of judging is of a purpose or epoch that is not judged now")
               : 0;
}

static int handle_letter1(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct judge_counts *counts = context;
    struct bench b = {.agency = a};
    const struct agency_purpose *p;
    struct span letter1;
    int rc = read_epoch(&p, &letter1, a, letter, err);
    if (rc == 0)
        rc = bench_new(&b, a, p, letter->digest, err);
    if (rc == 0 && (rc = answer_once(&b, letter, letter1, counts, err)) != 0 && letters_is_refusal(rc))
        rc = refuse(&b, 0, counts, err);
    bench_free(&b);
    return rc;
}

/* --- letters 2 and 3 come --- */

static int handle_letter2(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct judge_counts *counts = context;
    struct buf letter3 = buf_of(PSI_LETTER_MAX);
    struct exchange x;
    struct bench b;
    int64_t number = 0;
    int rc = open_exchange(&b, &x, &number, a, letter, true, err);
    if (rc == 0) {
        rc = exchange_end(&x, &letter3, b.outcome, &b.terms, letter->body, err);
        if (rc == 0)
            rc = queue(&b, LETTER_JUDGE3, letter->thread, buf_span(&letter3), err);
        if (rc == 0)
            rc = put_outcomes(&b, number, counts, err);
        else if (letters_is_refusal(rc))
            rc = refuse(&b, number, counts, err);
    }
    buf_free(&letter3);
    exchange_free(&x);
    bench_free(&b);
    return rc;
}

static int handle_letter3(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct judge_counts *counts = context;
    struct exchange x;
    struct bench b;
    int64_t number = 0;
    int rc = open_exchange(&b, &x, &number, a, letter, false, err);
    if (rc == 0) {
        rc = exchange_conclude(&x, b.outcome, &b.terms, letter->body, err);
        if (rc == 0)
            rc = put_outcomes(&b, number, counts, err);
        else if (letters_is_refusal(rc))
            rc = refuse(&b, number, counts, err);
    }
    exchange_free(&x);
    bench_free(&b);
    return rc;
}

/* --- a partner lost its verdicts --- */

static int begin_anew(struct bench *b, struct span pairs, struct err *err)
{
    struct vault *v = b->agency->vault;
    struct vault_judging pair;
    int rc = 0;
    for (size_t at = 0; rc == 0 && at < pairs.len; at += ANEW_SIZE) {
        const uint8_t *handle = pairs.data + at;
        rc = vault_judging_find(v, b->purpose->domain, b->peer, handle, handle + HANDLE_SIZE, &pair, err);
        if (rc == 0 && pair.begins)
            rc = vault_judging_anew(v, pair.number, err);
        if (rc == ERR_NOT_FOUND)
            rc = 0;
    }
    return rc;
}

static int handle_anew(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct bench b = {.agency = a, .peer = letter->digest};
    struct span pairs;
    (void)context;
    int rc = read_epoch(&b.purpose, &pairs, a, letter, err);
    if (rc == 0 && (pairs.len == 0 || pairs.len % ANEW_SIZE != 0 || pairs.len > JUDGE_PAIRS_MAX * ANEW_SIZE))
        rc = err_set(err, ERR_INPUT, "a letter of judging has a list of %zu bytes, which is none of pairs", pairs.len);
    return rc == 0 ? begin_anew(&b, pairs, err) : rc;
}

void judge_handlers(struct letter_handler out[JUDGE_HANDLERS], struct judge_counts *counts)
{
    out[0] = (struct letter_handler){LETTER_JUDGE1, handle_letter1, counts};
    out[1] = (struct letter_handler){LETTER_JUDGE2, handle_letter2, counts};
    out[2] = (struct letter_handler){LETTER_JUDGE3, handle_letter3, counts};
    out[3] = (struct letter_handler){LETTER_JUDGE_ANEW, handle_anew, counts};
}
