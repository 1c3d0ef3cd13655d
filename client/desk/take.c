/* Letters of disclosure that come. */
#include "client/desk/desk.h"

#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One on its way into the vault. */
struct taking {
    struct agency *agency;
    const struct letter_read *letter;
    struct vault_inquiry inquiry;
    bool known; /* the inquiry was there */
};

static int begin(struct taking *t, struct agency *a, const struct letter_read *letter, struct err *err)
{
    *t = (struct taking){.agency = a, .letter = letter};
    int rc = vault_inquiry_find(a->vault, letter->digest, letter->thread, &t->inquiry, &t->known, err);
    if (rc == 0 && t->known && strcmp(t->inquiry.purpose, letter->purpose) != 0)
        rc = err_set(err, ERR_VERIFY, "a letter of disclosure lies in the thread of another purpose");
    return rc;
}

/* The body, and what the list shows of it. */
static int keep(struct taking *t, struct vault_inquiry_letter *l, const char *by, struct err *err)
{
    const struct region_purpose *p = desk_purpose(t->agency, &t->inquiry);
    const uint64_t time = p != NULL ? p->disclosure.keep : 0;
    l->inquiry = t->inquiry.number;
    l->kind = t->letter->kind;
    l->at = t->letter->at;
    l->body = t->letter->body;
    l->until = desk_in(time);
    snprintf(l->by, sizeof l->by, "%s", by);
    return vault_inquiry_letter_put(t->agency->vault, l, err);
}

static int find(struct taking *t, bool ours, enum letter_kind kind, uint64_t ask, struct vault_inquiry_letter *out,
                struct buf *bytes, bool *found, struct err *err)
{
    *found = false;
    return t->known
               ? vault_inquiry_letter_find(t->agency->vault, t->inquiry.number, ours, kind, ask, out, bytes, found, err)
               : 0;
}

/* --- what it is about --- */

/* The thread's inquiry; a new thread begins one. One whose record is not there has no id: an officer says so. */
static int open_inquiry(struct taking *t, uint32_t epoch, unsigned subject, const uint8_t about[HANDLE_SIZE],
                        const uint8_t own[HANDLE_SIZE], struct err *err)
{
    struct vault_inquiry *q = &t->inquiry;
    if (t->known && (memcmp(q->own, about, HANDLE_SIZE) != 0 || memcmp(q->other, own, HANDLE_SIZE) != 0))
        return err_set(err, ERR_VERIFY, "a letter of disclosure is about another match than its thread");
    if (t->known)
        return 0;
    const struct agency_purpose *p = agency_purpose_in(t->agency, t->letter->purpose, epoch);
    if (p == NULL)
        return err_set(err, ERR_DENIED, "a letter of disclosure is of a purpose or epoch that is over");
    q->domain = p->domain;
    q->subject = subject;
    memcpy(q->peer, t->letter->digest, sizeof q->peer);
    memcpy(q->thread, t->letter->thread, sizeof q->thread);
    memcpy(q->own, about, sizeof q->own);
    memcpy(q->other, own, sizeof q->other);
    snprintf(q->purpose, sizeof q->purpose, "%s", t->letter->purpose);
    int rc = vault_handle_find(t->agency->vault, p->domain, about, q->id, err);
    if (rc == ERR_NOT_FOUND) {
        q->id[0] = '\0';
        rc = 0;
    }
    if (rc == 0)
        rc = vault_inquiry_put(t->agency->vault, q, err);
    t->known = rc == 0;
    return rc;
}

/* --- questions --- */

static int take_ask(struct taking *t, const struct disclosure_ask *ask, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l = {.state = INQUIRY_OPEN, .ask = ask->number, .code = ask->urgency}, before;
    bool found = false;
    int rc = open_inquiry(t, ask->epoch, (unsigned)ask->subject, ask->about, ask->own, err);
    const struct region_purpose *p = rc == 0 ? desk_purpose(t->agency, &t->inquiry) : NULL;
    if (rc == 0 && (p == NULL || !region_has_basis(&p->disclosure, ask->basis)))
        rc = err_set(err, ERR_DENIED, "a question on a legal basis that the manifest does not have");
    if (rc == 0)
        rc = find(t, false, LETTER_ASK, ask->number, &before, &bytes, &found, err);
    if (rc == 0 && found)
        rc = err_set(err, ERR_VERIFY, "a question has the number of another one in its thread");
    if (rc == 0) {
        const uint64_t within = p->disclosure.answer[ask->urgency];
        l.due = within != 0 ? t->letter->at + within : 0;
        rc = keep(t, &l, ask->by, err);
    }
    buf_free(&bytes);
    return rc;
}

static int handle_ask(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct desk_counts *counts = context;
    struct disclosure_ask ask;
    struct taking t;
    int rc = disclosure_ask_decode(&ask, letter->body, err);
    if (rc == 0)
        rc = begin(&t, a, letter, err);
    if (rc == 0)
        rc = take_ask(&t, &ask, err);
    counts->asked += rc == 0;
    sodium_memzero(&ask, sizeof ask);
    return rc;
}

/* --- answers --- */

/* It answers a question of ours that is open, with what was asked for. */
static int check_answer(const struct disclosure_answer *answer, const struct vault_inquiry_letter *question, bool found,
                        struct err *err)
{
    struct disclosure_ask ask = {.fields = (UINT64_C(1) << DISCLOSURE_FIELDS) - 1};
    int rc = 0;
    if (!found || question->state != INQUIRY_OPEN)
        return err_set(err, ERR_VERIFY, "an answer to a question that is not open");
    if (question->body.len > 0)
        rc = disclosure_ask_decode(&ask, question->body, err);
    for (size_t i = 0; rc == 0 && i < answer->count; i++)
        if ((ask.fields >> answer->value[i].field & 1) == 0)
            rc = err_set(err, ERR_VERIFY, "an answer has a value that was not asked for");
    sodium_memzero(&ask, sizeof ask);
    return rc;
}

static int take_answer(struct taking *t, const struct disclosure_answer *answer, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l = {.state = INQUIRY_DONE, .ask = answer->number, .code = answer->code}, question;
    bool found = false;
    int rc = find(t, true, LETTER_ASK, answer->number, &question, &bytes, &found, err);
    if (rc == 0)
        rc = check_answer(answer, &question, found, err);
    if (rc == 0)
        rc = keep(t, &l, answer->by, err);
    if (rc == 0)
        rc = vault_inquiry_letter_set(t->agency->vault, question.number, INQUIRY_DONE, err);
    buf_free(&bytes);
    return rc;
}

static int handle_answer(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct desk_counts *counts = context;
    struct disclosure_answer *answer = calloc(1, sizeof *answer);
    struct taking t;
    int rc = answer == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer")
                            : disclosure_answer_decode(answer, letter->body, err);
    if (rc == 0)
        rc = begin(&t, a, letter, err);
    if (rc == 0)
        rc = take_answer(&t, answer, err);
    counts->answered += rc == 0;
    if (answer != NULL)
        sodium_memzero(answer, sizeof *answer);
    free(answer);
    return rc;
}

/* --- outcomes --- */

static int handle_outcome(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct desk_counts *counts = context;
    struct disclosure_outcome o;
    struct vault_inquiry_letter l = {.state = INQUIRY_DONE};
    struct taking t;
    int rc = disclosure_outcome_decode(&o, letter->body, err);
    if (rc == 0)
        rc = begin(&t, a, letter, err);
    if (rc == 0)
        rc = open_inquiry(&t, o.epoch, ABOUT_MATCH, o.about, o.own, err);
    l.code = o.outcome;
    if (rc == 0)
        rc = keep(&t, &l, o.by, err);
    counts->outcomes += rc == 0;
    sodium_memzero(&o, sizeof o);
    return rc;
}

/* --- recalls --- */

/* What nobody has seen yet is gone with this, and said to be; what was shown may have been copied: an officer says. */
static int obey(struct taking *t, const struct disclosure_recall *r, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter answer, l = {.state = INQUIRY_OPEN, .ask = r->number, .code = r->why};
    const struct region_purpose *p;
    bool found = false;
    int rc = find(t, false, LETTER_ANSWER, r->number, &answer, &bytes, &found, err);
    if (rc == 0 && !found)
        rc = err_set(err, ERR_VERIFY, "a recall of an answer that never came");
    if (rc == 0)
        rc = vault_inquiry_letter_wipe(t->agency->vault, answer.number, err);
    if (rc == 0)
        rc = vault_inquiry_letter_set(t->agency->vault, answer.number, INQUIRY_RECALLED, err);
    if (rc == 0) {
        p = desk_purpose(t->agency, &t->inquiry);
        l.due = p != NULL && p->disclosure.recall != 0 ? t->letter->at + p->disclosure.recall : 0;
        rc = keep(t, &l, r->by, err);
    }
    if (rc == 0 && answer.shown == 0)
        rc = desk_acknowledge(t->agency, &l, N_("the program, unseen"), err);
    buf_free(&bytes);
    return rc;
}

static int close_recall(struct taking *t, const struct disclosure_recall *r, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter ours, l = {.state = INQUIRY_DONE, .ask = r->number, .code = r->why};
    bool found = false;
    int rc = find(t, true, LETTER_RECALL, r->number, &ours, &bytes, &found, err);
    if (rc == 0 && (!found || ours.state != INQUIRY_OPEN))
        rc = err_set(err, ERR_VERIFY, "a recall is acknowledged that was not ordered");
    if (rc == 0)
        rc = vault_inquiry_letter_set(t->agency->vault, ours.number, INQUIRY_DONE, err);
    if (rc == 0)
        rc = keep(t, &l, r->by, err);
    buf_free(&bytes);
    return rc;
}

static int handle_recall(void *context, struct agency *a, const struct letter_read *letter, struct err *err)
{
    struct desk_counts *counts = context;
    struct disclosure_recall r;
    struct taking t;
    int rc = disclosure_recall_decode(&r, letter->body, err);
    if (rc == 0)
        rc = begin(&t, a, letter, err);
    if (rc == 0)
        rc = r.step == RECALL_ORDERED ? obey(&t, &r, err) : close_recall(&t, &r, err);
    counts->recalled += rc == 0;
    sodium_memzero(&r, sizeof r);
    return rc;
}

void desk_handlers(struct letter_handler out[DESK_HANDLERS], struct desk_counts *counts)
{
    out[0] = (struct letter_handler){LETTER_ASK, handle_ask, counts};
    out[1] = (struct letter_handler){LETTER_ANSWER, handle_answer, counts};
    out[2] = (struct letter_handler){LETTER_OUTCOME, handle_outcome, counts};
    out[3] = (struct letter_handler){LETTER_RECALL, handle_recall, counts};
}

int desk_age(struct agency *agency, struct desk_counts *counts, struct err *err)
{
    const uint64_t now = clock_now();
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = vault_inquiries_age(agency->vault, now, &counts->wiped, err);
    if (rc == 0)
        rc = vault_inquiries_late(agency->vault, now, &counts->late, &counts->late_theirs, err);
    if (rc == 0)
        rc = vault_commit(agency->vault, err);
    vault_rollback(agency->vault);
    return rc;
}
