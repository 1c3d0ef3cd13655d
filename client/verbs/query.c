#include "client/verbs/verbs.h"

#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "client/feed/check.h"
#include "client/mail/resolve.h"
#include "client/token/enrolment.h"
#include "client/verbs/fields.h"
#include "protocol/wire/entry.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What cannot be read costs its field alone, which is told before anything is asked. */
static int check(struct call *call, struct err *err)
{
    struct record record = fields_record(call->options);
    struct field_problem told[RECORD_PROBLEMS_MAX];
    int rc = fields_check(call->options, "query", err);
    size_t count = rc == 0 ? record_mend(&record, told) : 0;
    if (count > 0 && record_is_empty(&record))
        return err_set(err, ERR_USAGE, "%s: %s", record_field_name[told[0].field], told[0].reason);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, "concord-client: warning: %s: %s; asking without it\n", record_field_name[told[i].field],
                told[i].reason);
    return rc;
}

#define QUESTION_SMALL 16
#define QUESTION_LARGE 64

/* The tags in order, filled up with random ones to a size that says nothing; every payload is random. */
struct question {
    uint8_t tag[QUESTION_LARGE][WIRE_TAG_SIZE];
    uint8_t payload[QUESTION_LARGE];
    size_t count;
};
_Static_assert(SCHEMA_TOKENS_MAX <= QUESTION_LARGE, "a record's tags fit");

static int compare_tags(const void *a, const void *b)
{
    return memcmp(a, b, WIRE_TAG_SIZE);
}

static void fill_question(struct question *q, const struct row_tokens *tokens)
{
    q->count = tokens->count <= QUESTION_SMALL ? QUESTION_SMALL : QUESTION_LARGE;
    randombytes_buf(q->tag, sizeof q->tag);
    randombytes_buf(q->payload, sizeof q->payload);
    for (size_t i = 0; i < tokens->count; i++)
        memcpy(q->tag[i], tokens->token[i].tag, WIRE_TAG_SIZE);
    qsort(q->tag, q->count, WIRE_TAG_SIZE, compare_tags);
}

static int ask(struct agency *a, const struct agency_purpose *p, const struct row_tokens *tokens, struct buf *message,
               struct query_reply *reply, struct err *err)
{
    struct question q;
    struct query_request query = {.count = 1};
    struct wire_request request = {.type = WIRE_QUERY, .scope_count = 1};
    struct wire_reply answer;
    struct buf body = buf_of(1u << 16), receipt = buf_of(VAULT_RECEIPT_MAX);
    fill_question(&q, tokens);
    query.batch[0] = (struct wire_entries){span_of(q.tag, q.count * WIRE_TAG_SIZE), 1, span_of(q.payload, q.count)};
    int rc = query_request_encode(&body, &query, err);
    randombytes_buf(request.id, sizeof request.id);
    request.scope[0].epoch = p->epoch->epoch;
    memcpy(request.scope[0].purpose, p->region->name, sizeof request.scope[0].purpose);
    request.body = buf_span(&body);
    agency_sign(a, &a->region->matcher, &request);
    if (rc == 0)
        rc = agency_ask_matcher(a, &request, message, &answer, err);
    if (rc == 0)
        rc = query_reply_decode(reply, answer.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a, &request, &reply->receipt, &receipt, err);
    if (rc == 0)
        rc = vault_receipt_put(a->vault, buf_span(&receipt), err);
    buf_free(&body);
    buf_free(&receipt);
    return rc;
}

/* NULL for a partner that the manifest does not have. */
static const char *partner_name(const struct agency *a, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    int agency = region_find_agency_by_digest(a->region, digest);
    return agency >= 0 ? a->region->agencies[agency].name : NULL;
}

static int add_hits(const struct agency *a, struct resolver *resolver, const struct row_tokens *tokens,
                    const struct query_reply *reply, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < reply->hits; i++) {
        const char *partner = partner_name(a, reply->hit[i].partner);
        for (size_t j = 0; rc == 0 && partner != NULL && j < tokens->count; j++)
            if (memcmp(reply->hit[i].tag, tokens->token[j].tag, WIRE_TAG_SIZE) == 0)
                rc = resolver_add(resolver, tokens->key[j], tokens->token[j].tag, tokens->token[j].seal_key, partner,
                                  reply->hit[i].payload, err);
    }
    return rc;
}

static void print_match(const struct agency_purpose *p, const struct vault_match *m)
{
    char handle[2 * HANDLE_SIZE + 1];
    printf("hit   %-17s %-8s %3u%%  %-27s", p->region->name, m->partner, m->score,
           match_kind_name((enum match_kind)m->kind));
    for (size_t j = 0; j < p->schema.keys; j++)
        if ((m->keys >> j & 1) != 0)
            printf(" %s", p->schema.key[j].id);
    printf("\n      handle %s\n", bytes_to_hex(handle, m->handle, HANDLE_SIZE));
}

static int query_purpose(struct agency *a, const struct agency_purpose *p, const struct record *record, size_t *hits,
                         struct err *err)
{
    struct enrolment *enrolment = NULL;
    struct row_tokens tokens = {0};
    struct query_reply reply = {.hits = 0};
    struct resolver resolver;
    struct buf message = buf_of(RPC_MESSAGE_MAX);
    struct vault_match *matches = calloc(MATCHES_MAX, sizeof *matches);
    int rc = resolver_init(&resolver, a, p, err);
    if (rc == 0)
        rc = matches == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for matches")
                             : enrolment_new(&enrolment, a, p, NULL, false, err);
    if (rc == 0)
        rc = enrolment_tokens(enrolment, record, &tokens, err);
    if (rc == 0)
        rc = ask(a, p, &tokens, &message, &reply, err);
    if (rc == 0)
        rc = add_hits(a, &resolver, &tokens, &reply, err);
    size_t found = rc == 0 ? resolver_matches(&resolver, tokens.keys, matches) : 0;
    for (size_t i = 0; i < found; i++)
        print_match(p, &matches[i]);
    if (rc == 0 && found == 0)
        printf("miss  %s\n", p->region->name);
    *hits += found;
    sodium_memzero(&tokens, sizeof tokens);
    query_reply_free(&reply);
    resolver_free(&resolver);
    enrolment_free(enrolment);
    buf_free(&message);
    free(matches);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    struct agency *agency = call->opened;
    const struct record record = fields_record(call->options);
    size_t hits = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++)
        rc = query_purpose(agency, &agency->purpose[i], &record, &hits, err);
    call->status = hits == 0 ? EXIT_MISS : 0;
    return rc;
}

const struct verb query_verb = {
    .name = "query",
    .brief = "a border check: ask without enrolling",
    .operands = "",
    .summary = "A border check: asks whether a partner has a record that matches these fields. Nothing is enrolled.",
    .more =
        "The fields are visible to others on this machine while the command runs; leave them out of shared shells.\n"
        "Exit status: 0 there is a hit, 4 there is none, 1 failed, 2 usage.",
    .settings = fields_flags,
    .settings_count = FIELDS_FLAGS,
    .options_size = sizeof(struct fields),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES,
    .check = check,
    .run = run,
};
