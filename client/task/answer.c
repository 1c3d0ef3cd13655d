#include "client/task/answer.h"

#include "client/mail/opened.h"
#include "client/mail/resolve.h"

#include <stdlib.h>
#include <string.h>

/* --- what opened --- */

/* The token of this tag; -1: none was asked about. */
static int token_of(const struct asked *q, const uint8_t tag[WIRE_TAG_SIZE])
{
    for (size_t i = 0; i < q->inputs.count; i++)
        if (memcmp(q->token[i].tag, tag, WIRE_TAG_SIZE) == 0)
            return (int)i;
    return -1;
}

static int add_hit(const struct asking *a, const struct asked *q, struct resolver *resolver,
                   const struct query_hit *hit, struct err *err)
{
    int partner = agency_partner(a->agency, hit->partner, q->purpose->region->name), token = token_of(q, hit->tag);
    if (partner < 0 || token < 0)
        return 0;
    return resolver_add(resolver, q->inputs.key[token], hit->tag, q->token[token].seal_key,
                        a->agency->region->agencies[partner].name, hit->payload, err);
}

/* All that opened, noted for judging where the purpose is one of matches. */
static int note_hit(struct agency *a, const struct asked *q, struct answer_hit *hit, struct err *err)
{
    const struct opened_question question = {q->digest, q->secret.handle, span_of(q->elements, q->elements_len)};
    return q->purpose->region->kind == REGION_MATCH
               ? opened_asking(a, q->purpose, &question, &hit->match, &hit->pair.number, err)
               : 0;
}

static int keep_matches(struct answer *answer, const struct asking *a, const struct asked *q,
                        const struct vault_match *match, size_t count, struct err *err)
{
    struct answer_hit *more = realloc(answer->hit, (answer->hits + count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for matches");
    answer->hit = more;
    int rc = q->is_kept ? 0 : vault_question_keep(a->agency->vault, q->purpose->domain, q->digest, q->seed, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        more[answer->hits] = (struct answer_hit){.purpose = q->purpose, .match = match[i]};
        rc = note_hit(a->agency, q, &more[answer->hits++], err);
    }
    return rc;
}

/* Which of the request's scopes is of this purpose. */
static size_t scope_of(const struct asking *a, const struct agency_purpose *purpose)
{
    size_t at = 0;
    while (at < a->parts && a->part[at].purpose != purpose)
        at++;
    return at;
}

static bool has_hit(const struct asking *a, const struct asked *q)
{
    const size_t scope = scope_of(a, q->purpose);
    for (size_t i = 0; i < a->reply.hits; i++)
        if (a->reply.hit[i].scope == scope && !a->verdict.refused[i] && token_of(q, a->reply.hit[i].tag) >= 0)
            return true;
    return false;
}

static int find_matches(struct answer *answer, const struct asking *a, const struct asked *q, struct err *err)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    struct vault_match *match = calloc(MATCHES_MAX, sizeof *match);
    const size_t scope = scope_of(a, q->purpose);
    int rc = resolver == NULL || match == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for matches")
                                               : resolver_init(resolver, a->agency, q->purpose, err);
    for (size_t i = 0; rc == 0 && i < a->reply.hits; i++)
        if (a->reply.hit[i].scope == scope && !a->verdict.refused[i])
            rc = add_hit(a, q, resolver, &a->reply.hit[i], err);
    if (rc == 0)
        rc = keep_matches(answer, a, q, match, resolver_matches(resolver, q->keys, match), err);
    for (size_t i = 0; rc == 0 && i < a->agency->region->agency_count; i++)
        answer->unopened[i] += resolver->unopened[i];
    if (resolver != NULL)
        resolver_free(resolver);
    free(resolver);
    free(match);
    return rc;
}

/* --- who was not asked, and what registers say --- */

static bool is_asked(const struct asking *a, size_t whose, size_t scope)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->asked[i]->whose == whose && a->asked[i]->purpose == a->part[scope].purpose)
            return true;
    return false;
}

static int keep_unasked(struct answer *answer, const struct asking *a, size_t whose, struct err *err)
{
    const struct region *r = a->agency->region;
    struct answer_unasked *more =
        realloc(answer->unasked, (answer->unasked_count + a->reply.unasked_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    answer->unasked = more;
    for (size_t i = 0; i < a->reply.unasked_count; i++) {
        const struct query_unasked *u = &a->reply.unasked[i];
        int partner = region_find_agency_by_digest(r, u->partner);
        if (u->scope >= a->parts)
            return err_set(err, ERR_VERIFY, "%s answers about a purpose that was not asked about", r->matcher.name);
        if (is_asked(a, whose, u->scope))
            answer->unasked[answer->unasked_count++] = (struct answer_unasked){
                a->part[u->scope].purpose, partner >= 0 ? r->agencies[partner].name : "an agency of a newer manifest",
                u->reason};
    }
    return 0;
}

static int keep_registers(struct answer *answer, const struct asking *a, size_t whose, struct err *err)
{
    const struct region *r = a->agency->region;
    struct answer_register *more =
        realloc(answer->registers, (answer->register_count + a->reply.register_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    answer->registers = more;
    for (size_t i = 0; i < a->reply.register_count; i++) {
        const struct query_register *g = &a->reply.registers[i];
        int partner = region_find_agency_by_digest(r, g->partner);
        if (g->scope >= a->parts)
            return err_set(err, ERR_VERIFY, "%s answers about a purpose that was not asked about", r->matcher.name);
        if (partner >= 0 && is_asked(a, whose, g->scope))
            answer->registers[answer->register_count++] =
                (struct answer_register){a->part[g->scope].purpose, r->agencies[partner].name, g->time};
    }
    return 0;
}

bool answer_writes(const struct asking *asking)
{
    bool any = false;
    for (size_t i = 0; i < asking->count; i++)
        any = any || has_hit(asking, asking->asked[i]);
    return any;
}

int answer_take(struct answer *answer, const struct asking *asking, size_t whose, struct err *err)
{
    const struct asking *a = asking;
    answer->cut = answer->cut || a->reply.cut;
    answer->refused_all += a->verdict.all;
    answer->manifest = a->verdict.manifest > answer->manifest ? a->verdict.manifest : answer->manifest;
    for (size_t i = 0; i < REGION_AGENCIES_MAX; i++)
        answer->refused[i] += a->verdict.partner[i];
    int rc = keep_unasked(answer, a, whose, err);
    if (rc == 0)
        rc = keep_registers(answer, a, whose, err);
    for (size_t i = 0; rc == 0 && i < a->count; i++)
        if (a->asked[i]->whose == whose && has_hit(a, a->asked[i]))
            rc = find_matches(answer, a, a->asked[i], err);
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
    for (size_t i = 0; i < REGION_PURPOSES_MAX; i++) {
        free(answer->denied[i]);
        answer->denied[i] = NULL;
    }
    answer->hit = NULL;
    answer->unasked = NULL;
    answer->registers = NULL;
}
