#include "client/task/question.h"

#include "protocol/base/mark.h"

#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 64 /* receipts in memory; more are settled at once */

/* What is still to be written down of a request. */
struct kept {
    int64_t domain;
    struct vault_evaluation paid;
    struct buf receipts, receipt;
};

struct asker {
    struct agency *agency;
    struct normaliser *normaliser;
    struct evaluator *evaluator;
    uint64_t timeout_ms;
    struct kept kept[KEPT_MAX];
    size_t count;
};

/* All that one call asks: of each question what it asks of each purpose. */
struct batch {
    struct asker *asker;
    struct inquiry *const *inquiry;
    size_t inquiries;
    struct asked *asked; /* secret */
    size_t count;
    bool *done; /* of each inquiry */
};

int asker_new(struct asker **out, struct agency *agency, uint64_t timeout_ms, struct err *err)
{
    struct asker *a = calloc(1, sizeof *a);
    if (a == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for questions");
    a->agency = agency;
    a->timeout_ms = timeout_ms;
    int rc = normaliser_new(&a->normaliser, err);
    if (rc == 0)
        rc = evaluator_new(&a->evaluator, agency, agency->purpose, agency->purposes, timeout_ms, err);
    if (rc != 0)
        asker_free(a);
    else
        *out = a;
    return rc;
}

static void forget(struct asker *a)
{
    for (size_t i = 0; i < a->count; i++) {
        buf_free(&a->kept[i].receipts);
        buf_free(&a->kept[i].receipt);
    }
    a->count = 0;
}

void asker_free(struct asker *asker)
{
    if (asker == NULL)
        return;
    forget(asker);
    evaluator_free(asker->evaluator);
    normaliser_free(asker->normaliser);
    free(asker);
}

/* --- receipts: the matcher's, and the custodians' --- */

static int write_kept(struct asker *a, struct err *err)
{
    struct vault *vault = a->agency->vault;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->count; i++) {
        rc = vault_receipt_put(vault, buf_span(&a->kept[i].receipt), err);
        if (rc == 0)
            rc = vault_evaluation_add(vault, a->kept[i].domain, &a->kept[i].paid, err);
    }
    return rc;
}

int asker_settle(struct asker *asker, struct err *err)
{
    struct vault *vault = asker->agency->vault;
    if (asker->count == 0)
        return 0;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = write_kept(asker, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    if (rc == 0)
        forget(asker);
    return rc;
}

bool asker_prepare(struct asker *asker)
{
    return evaluator_prepare(asker->evaluator);
}

size_t asker_unsettled(const struct asker *asker)
{
    return asker->count;
}

/* The request's buffers go over. */
static int keep(struct asker *a, struct asking *asking, struct err *err)
{
    int rc = a->count == KEPT_MAX ? asker_settle(a, err) : 0;
    if (rc != 0)
        return rc;
    struct kept *k = &a->kept[a->count++];
    *k =
        (struct kept){asking->part[0].purpose->domain, asking->paid.evaluation, asking->paid.receipts, asking->receipt};
    asking->paid.receipts = buf_of(0);
    asking->receipt = buf_of(0);
    return 0;
}

/* --- what is asked --- */

static void note_issuers(struct answer *answer, const struct person *person)
{
    for (unsigned i = 0; i < person->documents; i++) {
        bool known = false;
        for (size_t k = 0; k < answer->issuers; k++)
            known = known || strcmp(answer->issuer[k], person->document[i].issuer) == 0;
        if (!known)
            memcpy(answer->issuer[answer->issuers++], person->document[i].issuer, sizeof answer->issuer[0]);
    }
}

static bool is_wanted(const struct question *q, size_t purpose)
{
    return q->purposes == 0 || (q->purposes >> purpose & 1) != 0;
}

static int read_purposes(struct batch *b, size_t whose, const struct person *person, struct err *err)
{
    struct agency *agency = b->asker->agency;
    struct inquiry *in = b->inquiry[whose];
    size_t before = b->count;
    bool granted = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        struct asked *q = &b->asked[b->count];
        if (!is_wanted(&in->question, i))
            continue;
        in->answer.ungranted[i] = !agency_has_partner(agency, &agency->purpose[i]);
        if (in->answer.ungranted[i])
            continue;
        granted = true;
        rc = asked_fill(q, agency, &agency->purpose[i], person, err);
        q->whose = whose;
        in->answer.keyless[i] = rc == 0 && q->inputs.count == 0;
        if (rc == 0 && q->inputs.count > 0)
            b->count++;
        else
            asked_wipe(q);
    }
    if (rc == 0 && !granted)
        return err_set(
            err, ERR_DENIED,
            "no partner and this agency granted each other a purpose that is asked about: concord-keys manifest "
            "grant, and the coordinators' next manifest");
    if (rc == 0 && b->count == before)
        rc = err_set(err, ERR_INPUT, N_("none of the given fields makes a match key of any purpose"));
    return rc;
}

static int read_inquiry(struct batch *b, size_t whose, struct err *err)
{
    struct inquiry *in = b->inquiry[whose];
    struct person person;
    in->answer = (struct answer){.purposes = in->question.purposes != 0 ? in->question.purposes : UINT32_MAX};
    int rc = person_from_record(b->asker->normaliser, in->question.record, &person, err);
    if (rc == 0) {
        note_issuers(&in->answer, &person);
        rc = read_purposes(b, whose, &person, err);
    }
    person_wipe(&person);
    return rc;
}

/* --- which travel together --- */

static bool same_except(const struct question *a, const struct question *b)
{
    return a->except_count == b->except_count &&
           (a->except_count == 0 || memcmp(a->except, b->except, a->except_count * PARTY_DIGEST_SIZE) == 0);
}

static bool collides(const struct batch *b, const struct asking *asking, size_t whose)
{
    for (size_t i = 0; i < b->count; i++)
        for (size_t k = 0; b->asked[i].whose == whose && k < asking->count; k++)
            if (asked_collide(&b->asked[i], asking->asked[k]))
                return true;
    return false;
}

/* Whether there is room for the question's tags, whichever purpose has the most. */
static bool has_room(const struct batch *b, const struct asking *asking, size_t whose)
{
    const size_t purposes = b->asker->agency->purposes;
    size_t tags = 0;
    for (size_t i = 0; i < b->count; i++)
        if (b->asked[i].whose == whose)
            tags += b->asked[i].inputs.count;
    for (size_t i = 0; i < asking->count; i++)
        tags += asking->asked[i]->inputs.count;
    return asking->count == 0 || (tags * purposes <= ASKING_TAGS_MAX && asking->count + purposes <= ASKING_ROWS_MAX);
}

static void add(struct batch *b, struct asking *asking, size_t whose)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->asked[i].whose == whose)
            asking->asked[asking->count++] = &b->asked[i];
    asking->except = b->inquiry[whose]->question.except;
    asking->except_count = b->inquiry[whose]->question.except_count;
    b->done[whose] = true;
}

/* --- one request --- */

/* Into the vault at once where a partner was met: what it was told, this agency must know, too. */
static int take(struct batch *b, struct asking *asking, const bool *here, struct err *err)
{
    struct vault *vault = b->asker->agency->vault;
    const bool writes = answer_writes(asking);
    int rc = keep(b->asker, asking, err);
    if (rc == 0 && writes)
        rc = vault_begin(vault, err);
    for (size_t i = 0; rc == 0 && i < b->inquiries; i++)
        if (here[i])
            rc = answer_take(&b->inquiry[i]->answer, asking, i, err);
    if (rc == 0 && writes)
        rc = write_kept(b->asker, err);
    if (rc == 0 && writes) {
        rc = vault_commit(vault, err);
        forget(b->asker);
    }
    vault_rollback(vault);
    return rc;
}

/* Who was left out is asked last of all next time, and not never: so it begins anew. */
static void tell(struct asker *a)
{
    struct evaluator *next = NULL;
    if (!evaluator_tell(a->evaluator) ||
        evaluator_new(&next, a->agency, a->agency->purpose, a->agency->purposes, a->timeout_ms, ERR_IGNORED) != 0)
        return;
    evaluator_free(a->evaluator);
    a->evaluator = next;
}

static int ask_once(struct batch *b, struct asking *asking, const bool *here, struct err *err)
{
    int rc = asking_run(asking, b->asker->evaluator, err);
    tell(b->asker);
    return rc == 0 ? take(b, asking, here, err) : rc;
}

/* What all that is asked of one purpose came to. */
static void note(struct batch *b, const struct asking *one, const bool *here, int rc, const struct err *err)
{
    const size_t purpose = (size_t)(one->asked[0]->purpose - b->asker->agency->purpose);
    for (size_t i = 0; i < one->count; i++) {
        struct inquiry *in = b->inquiry[one->asked[i]->whose];
        if (!here[one->asked[i]->whose])
            continue;
        if (rc == 0)
            in->rc = 0;
        else if (in->answer.denied[purpose] == NULL)
            in->answer.denied[purpose] = strdup(err->text);
    }
}

/* Purpose by purpose; a question fails if all of its purposes do. */
static void ask_each(struct batch *b, const struct asking *all, const bool *here)
{
    struct asking *one = calloc(1, sizeof *one);
    struct err err;
    for (size_t i = 0; one != NULL && i < all->parts; i++) {
        *one = (struct asking){.agency = all->agency, .except = all->except, .except_count = all->except_count};
        for (size_t k = 0; k < all->count; k++)
            if (all->asked[k]->purpose == all->part[i].purpose)
                one->asked[one->count++] = all->asked[k];
        const int rc = ask_once(b, one, here, &err);
        note(b, one, here, rc, &err);
        asking_free(one);
    }
    free(one);
}

static void run(struct batch *b, struct asking *asking, const bool *here)
{
    struct err err;
    int rc = ask_once(b, asking, here, &err);
    for (size_t i = 0; i < b->inquiries; i++)
        if (here[i]) {
            b->inquiry[i]->rc = rc;
            b->inquiry[i]->err = err;
        }
    if (rc == ERR_DENIED && asking->parts > 1)
        ask_each(b, asking, here);
    for (size_t i = 0; i < b->inquiries; i++) {
        struct inquiry *in = b->inquiry[i];
        if (here[i] && in->rc == 0)
            in->rc = answer_refresh(&in->answer, b->asker->agency, &in->err);
    }
}

/* Takes all that may travel with the first one that is not done. False: all are. */
static bool ask_some(struct batch *b)
{
    struct asking *asking = calloc(1, sizeof *asking);
    bool *here = calloc(b->inquiries + 1, sizeof *here), any = false;
    const struct question *first = NULL;
    for (size_t i = 0; asking != NULL && here != NULL && i < b->inquiries; i++) {
        const struct question *q = &b->inquiry[i]->question;
        if (b->done[i] || (first != NULL && (!same_except(first, q) || collides(b, asking, i))) ||
            !has_room(b, asking, i))
            continue;
        first = first != NULL ? first : q;
        add(b, asking, i);
        here[i] = any = true;
    }
    if (any) {
        asking->agency = b->asker->agency;
        run(b, asking, here);
        asking_free(asking);
    }
    free(asking);
    free(here);
    return any;
}

void asker_ask(struct asker *asker, struct inquiry *const *inquiry, size_t count)
{
    struct batch b = {.asker = asker, .inquiry = inquiry, .inquiries = count};
    b.asked = calloc(count * asker->agency->purposes + 1, sizeof *b.asked);
    b.done = calloc(count + 1, sizeof *b.done);
    for (size_t i = 0; i < count; i++) {
        struct inquiry *in = inquiry[i];
        in->rc = b.asked == NULL || b.done == NULL ? err_set(&in->err, ERR_NO_MEMORY, "out of memory for questions")
                                                   : read_inquiry(&b, i, &in->err);
        if (b.done != NULL)
            b.done[i] = in->rc != 0;
    }
    while (b.asked != NULL && b.done != NULL && ask_some(&b))
        ;
    for (size_t i = 0; b.done != NULL && i < count; i++)
        if (!b.done[i])
            inquiry[i]->rc = err_set(&inquiry[i]->err, ERR_NO_MEMORY, "out of memory for questions");
    for (size_t i = 0; i < b.count; i++)
        asked_wipe(&b.asked[i]);
    free(b.asked);
    free(b.done);
}
