#include "client/desk/desk.h"

#include "client/desk/words.h"
#include "client/vault/judging.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"
#include "protocol/region/duty.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct region_purpose *desk_purpose(const struct agency *agency, const struct vault_inquiry *inquiry)
{
    const int p = region_find_purpose(agency->region, inquiry->purpose);
    return p >= 0 ? &agency->region->purposes[p] : NULL;
}

const struct region_duty *desk_duty(const struct agency *agency, const char *partner, const char *purpose, bool *there)
{
    const struct region *r = agency->region;
    const struct region_duty *duty =
        region_find_duty(r, region_find_agency(r, partner), region_find_purpose(r, purpose));
    struct duty_hours hours;
    *there =
        duty != NULL && duty_hours_parse(&hours, duty->hours, ERR_IGNORED) == 0 && duty_hours_have(&hours, clock_now());
    return duty;
}

uint64_t desk_in(uint64_t seconds)
{
    return seconds != 0 ? clock_now() + seconds : 0;
}

/* --- what all acts do --- */

/* Ends the transaction that an act began, by what became of it. */
static int end(struct agency *a, int rc, struct err *err)
{
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    return rc;
}

static int send(struct agency *a, const struct vault_inquiry *q, enum letter_kind kind, struct span body,
                struct err *err)
{
    if (agency_partner(a, q->peer, q->purpose) < 0)
        return err_set(err, ERR_CONFLICT,
                       N_("the partner of this inquiry takes no letters about %s any more: there is no"
                          " mutual grant"),
                       q->purpose);
    return letters_queue(a->vault, q->peer, q->purpose, kind, q->thread, body, err);
}

/* The body is kept, and goes out. */
static int keep_and_send(struct agency *a, const struct vault_inquiry *q, struct vault_inquiry_letter *l,
                         struct buf *body, struct err *err)
{
    const struct region_purpose *p = desk_purpose(a, q);
    l->inquiry = q->number;
    l->ours = true;
    l->at = clock_now();
    l->until = desk_in(p != NULL ? p->disclosure.keep : 0);
    l->body = buf_span(body);
    int rc = send(a, q, l->kind, l->body, err);
    return rc == 0 ? vault_inquiry_letter_put(a->vault, l, err) : rc;
}

/* --- what an inquiry is about --- */

/* The thread that there is with the partner about this record and its own, or a new one. */
static int open_inquiry(struct agency *a, const char *partner, struct vault_inquiry *q, struct err *err)
{
    struct vault_inquiry known;
    bool found = false;
    const struct agency_purpose *p = agency_purpose_of(a, q->domain);
    const int at = region_find_agency(a->region, partner);
    if (p == NULL || (agency_is_earlier(p) && agency_is_over(p)) || at < 0)
        return err_set(err, ERR_CONFLICT, N_("the manifest does not have the partner, or the epoch of this any more"));
    memcpy(q->peer, a->region->digests[at], sizeof q->peer);
    snprintf(q->purpose, sizeof q->purpose, "%s", p->region->name);
    int rc = vault_inquiry_about(a->vault, q->peer, q->domain, q->id, q->other, &known, &found, err);
    if (rc == 0 && found) {
        *q = known;
        return 0;
    }
    randombytes_buf(q->thread, sizeof q->thread);
    return rc == 0 ? vault_inquiry_put(a->vault, q, err) : rc;
}

static int open_match(struct agency *a, int64_t match, struct vault_inquiry *q, uint32_t *epoch, struct err *err)
{
    struct vault_review review;
    *q = (struct vault_inquiry){.subject = ABOUT_MATCH};
    int rc = vault_review_get(a->vault, match, &q->domain, &review, err);
    if (rc == 0 && review.state == REVIEW_WITHDRAWN)
        rc = err_set(err, ERR_CONFLICT, N_("match %lld is withdrawn"), (long long)match);
    if (rc == 0) {
        memcpy(q->other, review.match.handle, sizeof q->other);
        snprintf(q->id, sizeof q->id, "%s", review.id);
        rc = vault_record_handle(a->vault, q->domain, &review.match.record, q->own, err);
    }
    if (rc == 0)
        rc = open_inquiry(a, review.match.partner, q, err);
    *epoch = rc == 0 ? agency_purpose_of(a, q->domain)->epoch->epoch : 0;
    sodium_memzero(&review, sizeof review);
    return rc;
}

struct notice_search {
    int64_t number, domain;
    bool found;
    struct vault_inquiry *out;
    char partner[PARTY_NAME_MAX + 1];
};

static int take_notice(void *context, const struct vault_notice *n, struct err *err)
{
    struct notice_search *s = context;
    (void)err;
    if (n->number != s->number)
        return 0;
    s->found = true;
    memcpy(s->out->other, n->handle, sizeof s->out->other);
    snprintf(s->out->id, sizeof s->out->id, "%s", n->id);
    snprintf(s->partner, sizeof s->partner, "%s", n->partner);
    s->out->domain = s->domain;
    return 0;
}

static int open_notice(struct agency *a, int64_t number, struct vault_inquiry *q, uint32_t *epoch, struct err *err)
{
    static const uint8_t none[HANDLE_SIZE];
    struct notice_search s = {.number = number, .out = q};
    int rc = 0;
    *q = (struct vault_inquiry){.subject = ABOUT_NOTICE};
    for (size_t i = 0; rc == 0 && i < a->purposes && !s.found; i++) {
        s.domain = a->purpose[i].domain;
        rc = vault_notices(a->vault, s.domain, take_notice, &s, err);
    }
    if (rc == 0 && !s.found)
        rc = err_set(err, ERR_NOT_FOUND, N_("there is no notice %lld (see: matches asked)"), (long long)number);
    if (rc == 0 && memcmp(q->other, none, sizeof none) == 0)
        rc = err_set(err, ERR_CONFLICT, N_("notice %lld did not open: nobody can say what it asked about"),
                     (long long)number);
    if (rc == 0)
        rc = open_inquiry(a, s.partner, q, err);
    *epoch = rc == 0 ? agency_purpose_of(a, q->domain)->epoch->epoch : 0;
    return rc;
}

/* --- asking --- */

/* The number of the next question; ERR_CONFLICT while the same is open. */
static int next_question(struct agency *a, const struct vault_inquiry *q, uint64_t fields, uint64_t *number,
                         struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter last;
    struct disclosure_ask ask;
    bool found = false;
    int rc = vault_inquiry_letter_find(a->vault, q->number, true, LETTER_ASK, 0, &last, &bytes, &found, err);
    *number = rc == 0 && found ? last.ask + 1 : 1;
    if (rc == 0 && found && last.state == INQUIRY_OPEN && last.body.len > 0 &&
        (rc = disclosure_ask_decode(&ask, last.body, err)) == 0 && ask.fields == fields)
        rc = err_set(err, ERR_CONFLICT, N_("the same is asked already, by letter %lld, and not answered yet"),
                     (long long)last.number);
    if (rc == 0 && *number > DISCLOSURE_NUMBER_MAX)
        rc = err_set(err, ERR_CONFLICT, N_("more than %d questions about one match"), DISCLOSURE_NUMBER_MAX);
    buf_free(&bytes);
    return rc;
}

static int ask(struct agency *a, const struct vault_inquiry *q, uint32_t epoch, const struct desk_question *question,
               int64_t *number, struct err *err)
{
    const struct region_disclosure *d = &desk_purpose(a, q)->disclosure;
    struct disclosure_ask ask = {
        .subject = q->subject, .epoch = epoch, .fields = question->fields, .urgency = question->urgency};
    struct vault_inquiry_letter l = {.kind = LETTER_ASK, .state = INQUIRY_OPEN, .code = question->urgency};
    struct buf body = buf_of(DESK_BODY_MAX);
    memcpy(ask.about, q->other, sizeof ask.about);
    memcpy(ask.own, q->own, sizeof ask.own);
    snprintf(ask.basis, sizeof ask.basis, "%s", question->basis);
    snprintf(ask.by, sizeof ask.by, "%s", question->by);
    snprintf(ask.reason, sizeof ask.reason, "%s", question->reason);
    snprintf(l.by, sizeof l.by, "%s", question->by);
    l.due = desk_in(d->answer[question->urgency]);
    int rc = region_has_basis(d, question->basis)
                 ? next_question(a, q, question->fields, &ask.number, err)
                 : err_set(err, ERR_USAGE,
                           N_("the manifest has no legal basis \"%.63s\" for %s (see: concord-keys manifest show)"),
                           question->basis, q->purpose);
    if (rc == 0)
        rc = disclosure_ask_encode(&body, &ask, err);
    l.ask = ask.number;
    if (rc == 0)
        rc = keep_and_send(a, q, &l, &body, err);
    *number = l.number;
    sodium_memzero(&ask, sizeof ask);
    buf_free(&body);
    return rc;
}

int desk_ask(struct agency *agency, int64_t match, const struct desk_question *question, int64_t *number,
             struct err *err)
{
    struct vault_inquiry q;
    uint32_t epoch;
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = open_match(agency, match, &q, &epoch, err);
    if (rc == 0)
        rc = ask(agency, &q, epoch, question, number, err);
    return end(agency, rc, err);
}

int desk_ask_about_notice(struct agency *agency, int64_t notice, const struct desk_question *question, int64_t *number,
                          struct err *err)
{
    struct vault_inquiry q;
    uint32_t epoch;
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = open_notice(agency, notice, &q, &epoch, err);
    if (rc == 0)
        rc = ask(agency, &q, epoch, question, number, err);
    return end(agency, rc, err);
}

/* --- answering --- */

int desk_question_get(struct agency *agency, int64_t number, struct desk_case *out, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    memset(out, 0, sizeof *out);
    int rc = vault_inquiry_letter_get(agency->vault, number, &out->letter, &bytes, err);
    if (rc == 0 && (out->letter.kind != LETTER_ASK || out->letter.ours))
        rc = err_set(err, ERR_USAGE, N_("letter %lld is no question of a partner's"), (long long)number);
    if (rc == 0 && out->letter.state != INQUIRY_OPEN)
        rc = err_set(err, ERR_CONFLICT, N_("letter %lld is answered already"), (long long)number);
    if (rc == 0 && out->letter.body.len == 0)
        rc = err_set(err, ERR_CONFLICT, N_("letter %lld was erased: its time is over"), (long long)number);
    if (rc == 0)
        rc = disclosure_ask_decode(&out->ask, out->letter.body, err);
    if (rc == 0)
        rc = vault_inquiry_get(agency->vault, out->letter.inquiry, &out->inquiry, err);
    out->letter.body = span_of(NULL, 0);
    buf_free(&bytes);
    return rc;
}

/* Only what was asked for goes out; "all" is all of it. */
static int check_values(const struct disclosure_ask *ask, struct disclosure_answer *answer, struct err *err)
{
    uint64_t given = 0;
    for (size_t i = 0; i < answer->count; i++) {
        if ((ask->fields >> answer->value[i].field & 1) == 0)
            return err_set(err, ERR_USAGE, N_("%s was not asked for"), desk_word(WORDS_FIELD, answer->value[i].field));
        given |= UINT64_C(1) << answer->value[i].field;
    }
    if (answer->code == ANSWER_ALL && given != ask->fields)
        answer->code = ANSWER_SOME;
    return 0;
}

/* One that waits already keeps another one out. */
static int check_not_pending(struct agency *a, const struct desk_case *c, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter last;
    bool found = false;
    int rc = vault_inquiry_letter_find(a->vault, c->inquiry.number, true, LETTER_ANSWER, c->ask.number, &last, &bytes,
                                       &found, err);
    if (rc == 0 && found && last.state == INQUIRY_PENDING)
        rc = err_set(err, ERR_CONFLICT, N_("answer %lld to it waits for a second officer"), (long long)last.number);
    buf_free(&bytes);
    return rc;
}

static int put_answer(struct agency *a, struct desk_case *c, struct disclosure_answer *answer, bool pending,
                      int64_t *number, struct err *err)
{
    struct vault_inquiry_letter l = {.inquiry = c->inquiry.number,
                                     .ours = true,
                                     .kind = LETTER_ANSWER,
                                     .ask = c->ask.number,
                                     .at = clock_now(),
                                     .code = answer->code,
                                     .state = pending ? INQUIRY_PENDING : INQUIRY_DONE};
    struct buf body = buf_of(DESK_BODY_MAX);
    answer->number = c->ask.number;
    snprintf(l.by, sizeof l.by, "%s", answer->by);
    int rc = disclosure_answer_encode(&body, answer, err);
    l.body = buf_span(&body);
    l.until = desk_in(desk_purpose(a, &c->inquiry) != NULL ? desk_purpose(a, &c->inquiry)->disclosure.keep : 0);
    if (rc == 0 && pending)
        rc = vault_inquiry_letter_put(a->vault, &l, err);
    else if (rc == 0)
        rc = keep_and_send(a, &c->inquiry, &l, &body, err);
    if (rc == 0 && !pending)
        rc = vault_inquiry_letter_set(a->vault, c->letter.number, INQUIRY_DONE, err);
    *number = l.number;
    buf_free(&body);
    return rc;
}

int desk_answer(struct agency *agency, int64_t question, struct disclosure_answer *answer, bool *pending,
                int64_t *number, struct err *err)
{
    struct desk_case c;
    int rc = vault_begin(agency->vault, err);
    *pending = false;
    if (rc == 0)
        rc = desk_question_get(agency, question, &c, err);
    if (rc == 0)
        rc = check_values(&c.ask, answer, err);
    if (rc == 0)
        rc = check_not_pending(agency, &c, err);
    if (rc == 0) {
        const struct region_purpose *p = desk_purpose(agency, &c.inquiry);
        *pending = answer->count > 0 && p != NULL && p->disclosure.second_officer;
        rc = put_answer(agency, &c, answer, *pending, number, err);
    }
    sodium_memzero(&c, sizeof c);
    return end(agency, rc, err);
}

/* The question that an own answer is to is answered. */
static int close_question(struct agency *a, const struct vault_inquiry *q, uint64_t number, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    bool found = false;
    int rc = vault_inquiry_letter_find(a->vault, q->number, false, LETTER_ASK, number, &l, &bytes, &found, err);
    if (rc == 0 && found)
        rc = vault_inquiry_letter_set(a->vault, l.number, INQUIRY_DONE, err);
    buf_free(&bytes);
    return rc;
}

static int release(struct agency *a, const struct vault_inquiry *q, const struct vault_inquiry_letter *l,
                   const char *by, struct err *err)
{
    struct disclosure_answer *answer = calloc(1, sizeof *answer);
    struct buf body = buf_of(DESK_BODY_MAX);
    int rc = answer == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer")
                            : disclosure_answer_decode(answer, l->body, err);
    if (rc == 0) {
        snprintf(answer->second, sizeof answer->second, "%s", by);
        rc = disclosure_answer_encode(&body, answer, err);
    }
    if (rc == 0)
        rc = vault_inquiry_letter_body(a->vault, l->number, buf_span(&body), clock_now(), err);
    if (rc == 0)
        rc = send(a, q, LETTER_ANSWER, buf_span(&body), err);
    if (rc == 0)
        rc = vault_inquiry_letter_set(a->vault, l->number, INQUIRY_DONE, err);
    if (rc == 0)
        rc = close_question(a, q, l->ask, err);
    if (answer != NULL)
        sodium_memzero(answer, sizeof *answer);
    free(answer);
    buf_free(&body);
    return rc;
}

static int drop(struct agency *a, const struct vault_inquiry_letter *l, struct err *err)
{
    int rc = vault_inquiry_letter_set(a->vault, l->number, INQUIRY_DROPPED, err);
    return rc == 0 ? vault_inquiry_letter_wipe(a->vault, l->number, err) : rc;
}

int desk_confirm(struct agency *agency, int64_t answer, bool is_release, const char *by, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    struct vault_inquiry q;
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = vault_inquiry_letter_get(agency->vault, answer, &l, &bytes, err);
    if (rc == 0 && (l.kind != LETTER_ANSWER || !l.ours || l.state != INQUIRY_PENDING))
        rc = err_set(err, ERR_USAGE, N_("letter %lld is no answer that waits for a second officer"), (long long)answer);
    if (rc == 0 && is_release && strcmp(l.by, by) == 0)
        rc = err_set(err, ERR_DENIED, N_("%s wrote this answer: another officer confirms it (--officer NAME)"), by);
    if (rc == 0)
        rc = vault_inquiry_get(agency->vault, l.inquiry, &q, err);
    if (rc == 0)
        rc = is_release ? release(agency, &q, &l, by, err) : drop(agency, &l, err);
    buf_free(&bytes);
    return end(agency, rc, err);
}

/* --- outcomes --- */

int desk_outcome(struct agency *agency, int64_t match, enum disclosure_result outcome, const char *by, const char *text,
                 struct err *err)
{
    struct disclosure_outcome o = {.outcome = outcome};
    struct vault_inquiry_letter l = {.kind = LETTER_OUTCOME, .state = INQUIRY_DONE, .code = outcome};
    struct vault_inquiry q;
    struct buf body = buf_of(DESK_BODY_MAX);
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = open_match(agency, match, &q, &o.epoch, err);
    if (rc == 0) {
        memcpy(o.about, q.other, sizeof o.about);
        memcpy(o.own, q.own, sizeof o.own);
        snprintf(o.by, sizeof o.by, "%s", by);
        snprintf(l.by, sizeof l.by, "%s", by);
        snprintf(o.text, sizeof o.text, "%s", text);
        rc = disclosure_outcome_encode(&body, &o, err);
    }
    if (rc == 0)
        rc = keep_and_send(agency, &q, &l, &body, err);
    sodium_memzero(&o, sizeof o);
    buf_free(&body);
    return end(agency, rc, err);
}

int desk_outcomes(struct agency *agency, int64_t inquiry, uint64_t *ours, uint64_t *theirs, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    uint64_t *const side[] = {theirs, ours};
    int rc = 0;
    for (int i = 0; rc == 0 && i < 2; i++) {
        bool found = false;
        rc = vault_inquiry_letter_find(agency->vault, inquiry, i == 1, LETTER_OUTCOME, 0, &l, &bytes, &found, err);
        *side[i] = rc == 0 && found ? l.code : 0;
    }
    buf_free(&bytes);
    return rc;
}

/* --- recall --- */

static int send_recall(struct agency *a, const struct vault_inquiry_letter *about, enum disclosure_recall_step step,
                       enum disclosure_recall_why why, const char *by, const char *text, struct err *err)
{
    struct disclosure_recall r = {.number = about->ask, .step = step, .why = why};
    struct vault_inquiry_letter l = {.kind = LETTER_RECALL,
                                     .ask = about->ask,
                                     .code = why,
                                     .state = step == RECALL_ORDERED ? INQUIRY_OPEN : INQUIRY_DONE};
    struct vault_inquiry q;
    struct buf body = buf_of(DESK_BODY_MAX);
    snprintf(r.by, sizeof r.by, "%s", by);
    snprintf(l.by, sizeof l.by, "%s", by);
    snprintf(r.text, sizeof r.text, "%s", text);
    int rc = vault_inquiry_get(a->vault, about->inquiry, &q, err);
    if (rc == 0)
        rc = disclosure_recall_encode(&body, &r, err);
    if (rc == 0 && step == RECALL_ORDERED && desk_purpose(a, &q) != NULL)
        l.due = desk_in(desk_purpose(a, &q)->disclosure.recall);
    if (rc == 0)
        rc = keep_and_send(a, &q, &l, &body, err);
    buf_free(&body);
    return rc;
}

int desk_recall(struct agency *agency, int64_t answer, enum disclosure_recall_why why, const char *by, const char *text,
                struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = vault_inquiry_letter_get(agency->vault, answer, &l, &bytes, err);
    if (rc == 0 && (l.kind != LETTER_ANSWER || !l.ours || l.state != INQUIRY_DONE ||
                    (l.code != ANSWER_ALL && l.code != ANSWER_SOME)))
        rc = err_set(err, ERR_USAGE, "letter %lld is no answer of ours that disclosed something%s", (long long)answer,
                     l.state == INQUIRY_RECALLED ? " and is not recalled yet" : "");
    if (rc == 0)
        rc = send_recall(agency, &l, RECALL_ORDERED, why, by, text, err);
    if (rc == 0)
        rc = vault_inquiry_letter_set(agency->vault, answer, INQUIRY_RECALLED, err);
    buf_free(&bytes);
    return end(agency, rc, err);
}

int desk_acknowledge(struct agency *agency, const struct vault_inquiry_letter *recall, const char *by, struct err *err)
{
    int rc = send_recall(agency, recall, RECALL_DONE, (enum disclosure_recall_why)recall->code, by, "", err);
    return rc == 0 ? vault_inquiry_letter_set(agency->vault, recall->number, INQUIRY_DONE, err) : rc;
}

int desk_recall_done(struct agency *agency, int64_t recall, const char *by, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = vault_inquiry_letter_get(agency->vault, recall, &l, &bytes, err);
    if (rc == 0 && (l.kind != LETTER_RECALL || l.ours || l.state != INQUIRY_OPEN))
        rc = err_set(err, ERR_USAGE, N_("letter %lld is no recall of a partner's that waits"), (long long)recall);
    if (rc == 0)
        rc = desk_acknowledge(agency, &l, by, err);
    buf_free(&bytes);
    return end(agency, rc, err);
}
