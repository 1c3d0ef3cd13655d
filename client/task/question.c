#include "client/task/question.h"

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "client/mail/hits.h"
#include "client/mail/opened.h"
#include "client/mail/resolve.h"
#include "client/token/enrolment.h"
#include "client/token/purse.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION_SMALL 16
#define QUESTION_STEP 64
_Static_assert(REGION_PURPOSES_MAX <= WIRE_SCOPE_MAX, "a request is about all purposes");
_Static_assert(SCHEMA_TOKENS_MAX <= QUESTION_STEP, "with a step for each purpose all tokens of a record fit");

/* What is asked of one purpose: the tags in order, each with its payload. */
struct asked {
    const struct agency_purpose *purpose;
    struct enrolment *enrolment;
    struct row_tokens tokens; /* secret */
    size_t count;             /* of the record's tokens */
    uint8_t order[SCHEMA_TOKENS_MAX];
    uint8_t handle[HANDLE_SIZE];
    struct buf tags, payloads;
    struct evaluator_paid paid; /* all of it is spent on this question */
};

struct asking {
    struct agency *agency;
    const struct question *question;
    struct asked part[REGION_PURPOSES_MAX]; /* by name */
    size_t parts;
    struct buf message;
    struct query_reply reply;
    struct hits_verdict verdict;
};

/* --- asking --- */

static int by_name(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;
    return strcmp(x->purpose->region->name, y->purpose->region->name);
}

static int open_parts(struct asking *a, struct answer *answer, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->agency->purposes; i++) {
        struct asked *p = &a->part[a->parts++];
        p->purpose = &a->agency->purpose[i];
        p->tags = buf_of(SCHEMA_TOKENS_MAX * WIRE_TAG_SIZE);
        p->payloads = buf_of(SCHEMA_TOKENS_MAX * WIRE_PAYLOAD_MAX);
        p->paid.receipts = buf_of(VAULT_EVALUATION_RECEIPTS_MAX);
        rc = enrolment_new(&p->enrolment, a->agency, p->purpose, NULL, err);
        if (rc == 0)
            rc = enrolment_count(p->enrolment, a->question->record, &p->count, err);
        if (rc == 0 && p->count == 0) {
            answer->keyless[i] = true;
            enrolment_free(p->enrolment);
            a->parts--;
        }
    }
    if (rc == 0 && a->parts == 0)
        return err_set(err, ERR_INPUT, "none of the given fields makes a match key of any purpose");
    qsort(a->part, a->parts, sizeof a->part[0], by_name);
    return rc;
}

/* Of `total` tags, those of part i: all parts have the same, but for what does not divide. */
static size_t share_of(const struct asking *a, size_t total, size_t i)
{
    return total / a->parts + (i < total % a->parts);
}

/* The least size that is allowed and holds all: it is all that a question says of itself. */
static size_t total_of(const struct asking *a)
{
    size_t total = QUESTION_SMALL;
    for (size_t i = 0; i < a->parts; i++)
        while (share_of(a, total, i) < a->part[i].count)
            total = total == QUESTION_SMALL ? QUESTION_STEP : total + QUESTION_STEP;
    return total;
}

static int by_tag(const void *a, const void *b, void *tokens)
{
    const struct row_tokens *t = tokens;
    return memcmp(t->token[*(const uint8_t *)a].tag, t->token[*(const uint8_t *)b].tag, WIRE_TAG_SIZE);
}

static int seal_token(struct asking *a, struct asked *p, size_t i, const struct record_secret *secret, struct err *err)
{
    uint8_t own[PARTY_DIGEST_SIZE], slot[SLOT_SIZE] = {0};
    const struct token *token = &p->tokens.token[i];
    const struct schema *schema = &p->purpose->schema;
    const struct payload_context context = {
        a->agency->region->name, p->purpose->region->name, own, p->purpose->epoch->epoch, token->tag, token->seal_key};
    party_digest(own, &a->agency->identity->party);
    if (i < p->count)
        slot_make(slot, schema, &context, secret, p->tokens.key[i]);
    int rc = buf_put(&p->tags, token->tag, WIRE_TAG_SIZE, err);
    if (rc == 0)
        rc = payload_seal(&p->payloads, schema, &context, slot, i < p->count, err);
    sodium_memzero(slot, sizeof slot);
    return rc;
}

static int fill_part(struct asking *a, struct asked *p, size_t total, struct err *err)
{
    struct record_secret secret;
    uint8_t seed[RECORD_SEED_SIZE] = {0};
    int rc = enrolment_tokens(p->enrolment, a->question->record, total, &p->tokens, &p->paid, err);
    if (rc == 0)
        rc = vault_question_seed(a->agency->vault, p->purpose->domain, p->tokens.digest, seed, err);
    record_secret_derive(&secret, seed);
    memcpy(p->handle, secret.handle, sizeof p->handle);
    for (size_t i = 0; i < total; i++)
        p->order[i] = (uint8_t)i;
    qsort_r(p->order, total, 1, by_tag, &p->tokens);
    for (size_t i = 0; rc == 0 && i < total; i++)
        rc = seal_token(a, p, p->order[i], &secret, err);
    sodium_memzero(&secret, sizeof secret);
    sodium_memzero(seed, sizeof seed);
    return rc;
}

static int encode(struct asking *a, struct buf *body, struct wire_request *request, struct err *err)
{
    struct query_request *query = calloc(1, sizeof *query);
    if (query == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a question");
    query->count = request->scope_count = a->parts;
    query->except = span_of(a->question->except, a->question->except_count * PARTY_DIGEST_SIZE);
    for (size_t i = 0; i < a->parts; i++) {
        const struct asked *p = &a->part[i];
        query->batch[i] = (struct wire_entries){buf_span(&p->tags), (uint32_t)payload_size(&p->purpose->schema),
                                                buf_span(&p->payloads)};
        request->scope[i].epoch = p->purpose->epoch->epoch;
        memcpy(request->scope[i].purpose, p->purpose->region->name, sizeof request->scope[i].purpose);
        purse_name(&query->spent, &p->paid.evaluation, p->paid.evaluation.of);
    }
    purse_name_end(&query->spent);
    int rc = query_request_encode(body, query, err);
    free(query);
    return rc;
}

/* The matcher's receipt, and the custodians'. */
static int keep_receipts(struct asking *a, struct span receipt, struct err *err)
{
    struct vault *vault = a->agency->vault;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_receipt_put(vault, receipt, err);
    for (size_t i = 0; rc == 0 && i < a->parts; i++) {
        struct vault_evaluation *paid = &a->part[i].paid.evaluation;
        paid->taken = paid->of;
        rc = vault_evaluation_add(vault, a->part[i].purpose->domain, paid, err);
    }
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

static int send_question(struct asking *a, struct err *err)
{
    struct wire_request request = {.type = WIRE_QUERY};
    struct wire_reply answer;
    struct buf body = buf_of(RPC_MESSAGE_MAX), receipt = buf_of(VAULT_RECEIPT_MAX);
    int rc = encode(a, &body, &request, err);
    randombytes_buf(request.id, sizeof request.id);
    request.body = buf_span(&body);
    agency_sign(a->agency, &a->agency->region->matcher, &request);
    if (rc == 0)
        rc = agency_ask_matcher(a->agency, &request, &a->message, &answer, err);
    if (rc == 0)
        rc = query_reply_decode(&a->reply, answer.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a->agency, &request, &a->reply.receipt, &receipt, err);
    if (rc == 0)
        rc = keep_receipts(a, buf_span(&receipt), err);
    if (rc == 0)
        rc = hits_check(a->agency, &request, &a->reply, answer.body, &a->verdict, err);
    buf_free(&body);
    buf_free(&receipt);
    return rc;
}

/* --- what is answered --- */

/* The token of the record that has this tag; -1: none was asked about. */
static int token_of(const struct asked *p, const uint8_t tag[WIRE_TAG_SIZE])
{
    for (size_t i = 0; i < p->count; i++)
        if (memcmp(p->tokens.token[i].tag, tag, WIRE_TAG_SIZE) == 0)
            return (int)i;
    return -1;
}

static int add_hit(const struct asking *a, const struct asked *p, struct resolver *resolver,
                   const struct query_hit *hit, struct err *err)
{
    int partner = agency_partner(a->agency, hit->partner, p->purpose->region->name), token = token_of(p, hit->tag);
    if (partner < 0 || token < 0)
        return 0;
    return resolver_add(resolver, p->tokens.key[token], hit->tag, p->tokens.token[token].seal_key,
                        a->agency->region->agencies[partner].name, hit->payload, err);
}

/* All that opened, noted for judging where the purpose is one of matches. */
static int note_hit(struct agency *a, const struct asked *p, struct answer_hit *hit, struct err *err)
{
    const struct opened_question question = {p->tokens.digest, p->handle,
                                             span_of(p->tokens.elements, p->tokens.elements_len)};
    return p->purpose->region->kind == REGION_MATCH
               ? opened_asking(a, p->purpose, &question, &hit->match, &hit->pair.number, err)
               : 0;
}

static int keep_matches(struct agency *a, const struct asked *p, const struct vault_match *match, size_t count,
                        struct answer *answer, struct err *err)
{
    if (count == 0)
        return 0;
    struct answer_hit *more = realloc(answer->hit, (answer->hits + count) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for matches");
    answer->hit = more;
    int rc = vault_begin(a->vault, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        more[answer->hits] = (struct answer_hit){.purpose = p->purpose, .match = match[i]};
        rc = note_hit(a, p, &more[answer->hits++], err);
    }
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    return rc;
}

static int find_matches(struct asking *a, size_t at, struct answer *answer, struct err *err)
{
    const struct asked *p = &a->part[at];
    struct resolver *resolver = calloc(1, sizeof *resolver);
    struct vault_match *match = calloc(MATCHES_MAX, sizeof *match);
    int rc = resolver == NULL || match == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for matches")
                                               : resolver_init(resolver, a->agency, p->purpose, err);
    for (size_t i = 0; rc == 0 && i < a->reply.hits; i++)
        if (a->reply.hit[i].scope == at && !a->verdict.refused[i])
            rc = add_hit(a, p, resolver, &a->reply.hit[i], err);
    if (rc == 0)
        rc = keep_matches(a->agency, p, match, resolver_matches(resolver, p->tokens.keys, match), answer, err);
    for (size_t i = 0; rc == 0 && i < a->agency->region->agency_count; i++)
        answer->unopened[i] += resolver->unopened[i];
    if (resolver != NULL)
        resolver_free(resolver);
    free(resolver);
    free(match);
    return rc;
}

static int keep_registers(const struct asking *a, struct answer *answer, struct err *err)
{
    const struct region *r = a->agency->region;
    answer->registers = calloc(a->reply.register_count + 1, sizeof *answer->registers);
    if (answer->registers == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    for (size_t i = 0; i < a->reply.register_count; i++) {
        const struct query_register *g = &a->reply.registers[i];
        int partner = region_find_agency_by_digest(r, g->partner);
        if (g->scope >= a->parts)
            return err_set(err, ERR_VERIFY, "%s answers about a purpose that was not asked about", r->matcher.name);
        if (partner >= 0)
            answer->registers[answer->register_count++] =
                (struct answer_register){a->part[g->scope].purpose, r->agencies[partner].name, g->time};
    }
    return 0;
}

/* Who is said to have issued the documents asked about. */
static int note_issuers(const struct question *question, struct answer *answer, struct err *err)
{
    struct normaliser *normaliser = NULL;
    struct person person = {.documents = 0};
    int rc = normaliser_new(&normaliser, err);
    if (rc == 0)
        rc = person_from_record(normaliser, question->record, &person, err);
    for (unsigned i = 0; rc == 0 && i < person.documents; i++) {
        bool known = false;
        for (size_t k = 0; k < answer->issuers; k++)
            known = known || strcmp(answer->issuer[k], person.document[i].issuer) == 0;
        if (!known)
            memcpy(answer->issuer[answer->issuers++], person.document[i].issuer, sizeof answer->issuer[0]);
    }
    person_wipe(&person);
    normaliser_free(normaliser);
    return rc;
}

static int keep_unasked(const struct asking *a, struct answer *answer, struct err *err)
{
    const struct region *r = a->agency->region;
    answer->cut = a->reply.cut;
    answer->refused_all = a->verdict.all;
    answer->manifest = a->verdict.manifest;
    memcpy(answer->refused, a->verdict.partner, sizeof answer->refused);
    answer->unasked = calloc(a->reply.unasked_count + 1, sizeof *answer->unasked);
    if (answer->unasked == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    for (size_t i = 0; i < a->reply.unasked_count; i++) {
        const struct query_unasked *u = &a->reply.unasked[i];
        int partner = region_find_agency_by_digest(r, u->partner);
        if (u->scope >= a->parts)
            return err_set(err, ERR_VERIFY, "%s answers about a purpose that was not asked about", r->matcher.name);
        answer->unasked[answer->unasked_count++] = (struct answer_unasked){
            a->part[u->scope].purpose, partner >= 0 ? r->agencies[partner].name : "an agency of a newer manifest",
            u->reason};
    }
    return 0;
}

static void asking_free(struct asking *a)
{
    for (size_t i = 0; i < a->parts; i++) {
        enrolment_free(a->part[i].enrolment);
        buf_free(&a->part[i].tags);
        buf_free(&a->part[i].payloads);
        buf_free(&a->part[i].paid.receipts);
    }
    query_reply_free(&a->reply);
    hits_verdict_free(&a->verdict);
    buf_free(&a->message);
    sodium_memzero(a, sizeof *a);
    free(a);
}

int question_ask(struct agency *agency, const struct question *question, struct answer *answer, struct err *err)
{
    struct asking *a = calloc(1, sizeof *a);
    *answer = (struct answer){.hits = 0};
    if (a == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a question");
    a->agency = agency;
    a->question = question;
    a->message = buf_of(RPC_MESSAGE_MAX);
    int rc = open_parts(a, answer, err);
    size_t total = rc == 0 ? total_of(a) : 0;
    for (size_t i = 0; rc == 0 && i < a->parts; i++)
        rc = fill_part(a, &a->part[i], share_of(a, total, i), err);
    if (rc == 0)
        rc = send_question(a, err);
    for (size_t i = 0; rc == 0 && i < a->parts; i++)
        rc = find_matches(a, i, answer, err);
    if (rc == 0)
        rc = keep_unasked(a, answer, err);
    if (rc == 0)
        rc = keep_registers(a, answer, err);
    if (rc == 0)
        rc = note_issuers(question, answer, err);
    if (rc == 0)
        rc = answer_refresh(answer, agency, err);
    asking_free(a);
    return rc;
}

/* --- what is judged --- */

int answer_refresh(struct answer *answer, struct agency *agency, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < answer->hits; i++)
        if (answer->hit[i].pair.number != 0)
            rc = vault_judging_get(agency->vault, answer->hit[i].pair.number, &answer->hit[i].pair, err);
    return rc;
}

bool answer_waits(const struct answer *answer)
{
    bool waits = false;
    for (size_t i = 0; i < answer->hits; i++)
        waits = waits || (answer->hit[i].pair.number != 0 && answer->hit[i].pair.state == JUDGE_WAITING);
    return waits;
}

bool answer_hit_counts(const struct answer_hit *hit)
{
    return hit->pair.number == 0 ? hit->match.accepted : judging_lists(&hit->pair, hit->match.accepted);
}

void answer_free(struct answer *answer)
{
    free(answer->hit);
    free(answer->unasked);
    free(answer->registers);
    answer->hit = NULL;
    answer->unasked = NULL;
    answer->registers = NULL;
}
