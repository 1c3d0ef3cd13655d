#include "client/task/asking.h"

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "client/token/purse.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SMALL 16
#define STEP 64
#define FILL_SIZE 64 /* of a random input */
_Static_assert(REGION_PURPOSES_MAX <= WIRE_SCOPE_MAX, "a request is about all purposes");

/* --- its parts --- */

static int by_name(const void *a, const void *b)
{
    const struct asking_part *x = a, *y = b;
    return strcmp(x->purpose->region->name, y->purpose->region->name);
}

static struct asking_part *part_of(struct asking *a, const struct agency_purpose *purpose)
{
    for (size_t i = 0; i < a->parts; i++)
        if (a->part[i].purpose == purpose)
            return &a->part[i];
    a->part[a->parts] = (struct asking_part){.purpose = purpose};
    return &a->part[a->parts++];
}

/* Of `total` tags, those of part i: all parts have the same, but for what does not divide. */
static size_t share_of(const struct asking *a, size_t total, size_t i)
{
    return total / a->parts + (i < total % a->parts);
}

/* The least size that is allowed and holds all: it is all that a request says of itself. */
static size_t total_of(const struct asking *a)
{
    size_t total = SMALL;
    for (size_t i = 0; i < a->parts; i++)
        while (share_of(a, total, i) < a->part[i].own)
            total = total == SMALL ? STEP : total + STEP;
    return total;
}

static int open_part(struct asking_part *p, struct err *err)
{
    p->input = calloc(p->n, sizeof *p->input);
    p->output = calloc(p->n, sizeof *p->output);
    p->token = calloc(p->n, sizeof *p->token);
    p->owner = calloc(p->n, sizeof *p->owner);
    p->at = calloc(p->n, 1);
    p->order = calloc(p->n, sizeof *p->order);
    p->tags = buf_of(p->n * WIRE_TAG_SIZE);
    p->payloads = buf_of(p->n * WIRE_PAYLOAD_MAX);
    return p->input == NULL || p->output == NULL || p->token == NULL || p->owner == NULL || p->at == NULL ||
                   p->order == NULL
               ? err_set(err, ERR_NO_MEMORY, "out of memory for a question")
               : 0;
}

static void close_part(struct asking_part *p)
{
    if (p->output != NULL)
        sodium_memzero(p->output, p->n * sizeof *p->output);
    if (p->token != NULL)
        sodium_memzero(p->token, p->n * sizeof *p->token);
    free(p->input);
    free(p->output);
    free(p->token);
    free(p->owner);
    free(p->at);
    free(p->order);
    buf_free(&p->tags);
    buf_free(&p->payloads);
}

static int open_parts(struct asking *a, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < a->count; i++)
        part_of(a, a->asked[i]->purpose)->own += a->asked[i]->inputs.count;
    qsort(a->part, a->parts, sizeof a->part[0], by_name);
    const size_t total = total_of(a);
    for (size_t i = 0; i < a->parts; i++)
        a->part[i].n = share_of(a, total, i);
    if (total > OPRF_BATCH_MAX)
        return err_set(err, ERR_INTERNAL, "a request of %zu tags is too long", total);
    for (size_t i = 0; rc == 0 && i < a->parts; i++)
        rc = open_part(&a->part[i], err);
    return rc;
}

/* --- evaluating --- */

static void place_inputs(struct asking *a, uint8_t (*fill)[FILL_SIZE])
{
    for (size_t i = 0; i < a->parts; i++) {
        struct asking_part *p = &a->part[i];
        size_t n = 0;
        for (size_t k = 0; k < a->count; k++) {
            struct asked *q = a->asked[k];
            if (q->purpose != p->purpose)
                continue;
            q->token = p->token + n;
            for (size_t j = 0; j < q->inputs.count; j++, n++) {
                p->input[n] = q->inputs.input[j];
                p->owner[n] = q;
                p->at[n] = (uint8_t)j;
            }
        }
        for (; n < p->n; n++)
            p->input[n] = span_of(*fill++, FILL_SIZE);
    }
}

static int evaluate(struct asking *a, struct evaluator *evaluator, struct err *err)
{
    struct evaluator_part part[REGION_PURPOSES_MAX];
    size_t total = 0;
    for (size_t i = 0; i < a->parts; i++) {
        struct asking_part *p = &a->part[i];
        part[i] = (struct evaluator_part){(size_t)(p->purpose - a->agency->purpose), p->input, p->n, p->output};
        total += p->n;
    }
    uint8_t(*fill)[FILL_SIZE] = calloc(total, sizeof *fill);
    if (fill == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a question");
    randombytes_buf(fill, total * sizeof *fill);
    place_inputs(a, fill);
    int rc = evaluator_ask(evaluator, part, a->parts, &a->paid, err);
    free(fill);
    for (size_t i = 0; rc == 0 && i < a->parts; i++)
        for (size_t k = 0; k < a->part[i].n; k++)
            token_cut(&a->part[i].token[k], a->part[i].output[k]);
    return rc;
}

/* --- sealing --- */

static int by_tag(const void *a, const void *b, void *tokens)
{
    const struct token *t = tokens;
    return memcmp(t[*(const uint32_t *)a].tag, t[*(const uint32_t *)b].tag, WIRE_TAG_SIZE);
}

static int seal_token(struct asking *a, struct asking_part *p, size_t i, struct err *err)
{
    uint8_t own[PARTY_DIGEST_SIZE], slot[SLOT_SIZE] = {0};
    const struct token *token = &p->token[i];
    const struct asked *owner = p->owner[i];
    const struct schema *schema = &p->purpose->schema;
    const struct payload_context context = {
        a->agency->region->name, p->purpose->region->name, own, p->purpose->epoch->epoch, token->tag, token->seal_key};
    party_digest(own, &a->agency->identity->party);
    if (owner != NULL)
        slot_make(slot, schema, &context, &owner->secret, owner->inputs.key[p->at[i]]);
    int rc = buf_put(&p->tags, token->tag, WIRE_TAG_SIZE, err);
    if (rc == 0)
        rc = payload_seal(&p->payloads, schema, &context, slot, owner != NULL, err);
    sodium_memzero(slot, sizeof slot);
    return rc;
}

static int seal_parts(struct asking *a, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < a->parts; i++) {
        struct asking_part *p = &a->part[i];
        for (size_t k = 0; k < p->n; k++)
            p->order[k] = (uint32_t)k;
        qsort_r(p->order, p->n, sizeof *p->order, by_tag, p->token);
        for (size_t k = 0; rc == 0 && k < p->n; k++)
            rc = seal_token(a, p, p->order[k], err);
    }
    return rc;
}

/* --- sending --- */

static int encode(struct asking *a, struct buf *body, struct wire_request *request, struct err *err)
{
    struct query_request *query = calloc(1, sizeof *query);
    if (query == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a question");
    query->count = request->scope_count = a->parts;
    query->except = span_of(a->except, a->except_count * PARTY_DIGEST_SIZE);
    for (size_t i = 0; i < a->parts; i++) {
        const struct asking_part *p = &a->part[i];
        query->batch[i] = (struct wire_entries){buf_span(&p->tags), (uint32_t)payload_size(&p->purpose->schema),
                                                buf_span(&p->payloads)};
        request->scope[i].epoch = p->purpose->epoch->epoch;
        memcpy(request->scope[i].purpose, p->purpose->region->name, sizeof request->scope[i].purpose);
    }
    purse_name(&query->spent, &a->paid.evaluation, a->paid.evaluation.of);
    purse_name_end(&query->spent);
    int rc = query_request_encode(body, query, err);
    free(query);
    return rc;
}

static int send(struct asking *a, struct err *err)
{
    struct wire_request request = {.type = WIRE_QUERY};
    struct wire_reply answer;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    int rc = encode(a, &body, &request, err);
    randombytes_buf(request.id, sizeof request.id);
    request.body = buf_span(&body);
    agency_sign(a->agency, &a->agency->region->matcher, &request);
    if (rc == 0)
        rc = agency_ask_matcher(a->agency, &request, &a->message, &answer, err);
    if (rc == 0)
        rc = query_reply_decode(&a->reply, answer.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a->agency, &request, &a->reply.receipt, &a->receipt, err);
    if (rc == 0)
        rc = hits_check(a->agency, &request, &a->reply, answer.body, &a->verdict, err);
    a->paid.evaluation.taken = a->paid.evaluation.of;
    buf_free(&body);
    return rc;
}

int asking_run(struct asking *asking, struct evaluator *evaluator, struct err *err)
{
    struct asking *a = asking;
    a->message = buf_of(RPC_MESSAGE_MAX);
    a->receipt = buf_of(VAULT_RECEIPT_MAX);
    a->paid.receipts = buf_of(VAULT_EVALUATION_RECEIPTS_MAX);
    int rc = open_parts(a, err);
    if (rc == 0)
        rc = evaluate(a, evaluator, err);
    if (rc == 0)
        rc = seal_parts(a, err);
    if (rc == 0)
        rc = send(a, err);
    return rc;
}

void asking_free(struct asking *asking)
{
    for (size_t i = 0; i < asking->parts; i++)
        close_part(&asking->part[i]);
    buf_free(&asking->message);
    buf_free(&asking->receipt);
    buf_free(&asking->paid.receipts);
    query_reply_free(&asking->reply);
    hits_verdict_free(&asking->verdict);
}
