#include "client/task/sync.h"

#include "client/mail/stale.h"
#include "client/token/outgoing.h"

#include <string.h>

/* What the current epoch has is not shown of one that is over any more, also if it goes later. */
static int supersede(struct agency *a, const struct agency_purpose *p, struct err *err)
{
    int rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = vault_matches_supersede(a->vault, p->domain, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    return rc;
}

static int find_matches(struct agency *a, const struct agency_purpose *p, size_t at, struct sync_result *result,
                        struct err *err)
{
    struct resolver resolver;
    struct vault_counts counts = {0};
    const bool over = agency_is_earlier(p) && agency_is_over(p);
    int rc = over ? supersede(a, p, err) : 0;
    if (rc != 0 || (over && p->schema.keys == 0)) /* of a schema that is gone */
        return rc;
    rc = resolver_init(&resolver, a, p, err);
    if (rc == 0)
        rc = resolve_stale(&resolver, &result->purpose[at].looked_at, err);
    rc = rc == ERR_NOT_FOUND ? 0 : rc;
    if (rc == 0)
        rc = vault_count(a->vault, p->domain, &counts, err);
    result->purpose[at].matches += counts.matches;
    *(agency_is_earlier(p) ? &result->purpose[at].before : &result->purpose[at].records) = counts.records;
    if (agency_is_earlier(p))
        result->purpose[at].left = counts.matches;
    for (size_t i = 0; i < a->region->agency_count; i++) {
        result->unopened[i] += resolver.unopened[i];
        result->left[i] += resolver.left[i];
    }
    resolver_free(&resolver);
    return rc;
}

static int find_all(struct agency *a, struct sync_result *result, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < a->purposes; i++)
        result->purpose[i].matches = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = find_matches(a, &a->purpose[i], i, result, err);
    for (size_t i = 0; rc == 0 && i < a->endings; i++)
        rc = find_matches(a, &a->ending[i], agency_current_of(a, &a->ending[i]), result, err);
    for (size_t i = 0; rc == 0 && i < a->pasts; i++)
        rc = find_matches(a, &a->past[i], agency_current_of(a, &a->past[i]), result, err);
    return rc;
}

/* Pairs that opened are judged by letters; what comes of it decides which of them are matches. */
static int judge_all(struct agency *a, enum judge_due due, struct sync_result *result, struct err *err)
{
    struct letter_handler handler[JUDGE_HANDLERS + DESK_HANDLERS];
    struct judge_counts *c = &result->judging;
    judge_handlers(handler, c);
    desk_handlers(handler + JUDGE_HANDLERS, &result->desk);
    int rc = judge_begin(a, due, c, err);
    if (rc == 0)
        rc = letters_round(a, handler, ARRAY_LEN(handler), &result->letters, err);
    return rc != 0 || c->judged + c->different + c->limited + c->refused == 0 ? rc : find_all(a, result, err);
}

int synchronise(struct agency *agency, bool quiet, enum judge_due due, struct sync_result *result, struct err *err)
{
    memset(result, 0, sizeof *result);
    struct outgoing_counts sent = {0};
    int rc = vault_lock(agency->vault, err);
    if (rc == 0)
        rc = outgoing_send_all(agency, quiet, &sent, err);
    if (rc == 0)
        rc = inbox_fetch(agency, &result->mail, err);
    memcpy(result->unopened, result->mail.unopened, sizeof result->unopened);
    if (rc == 0)
        rc = find_all(agency, result, err);
    if (rc == 0)
        rc = judge_all(agency, due, result, err);
    if (rc == 0)
        rc = desk_age(agency, &result->desk, err);
    return rc;
}
