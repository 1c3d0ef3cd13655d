#include "protocol/audit/report/report.h"

#include <stdlib.h>
#include <string.h>

/* --- where sums go --- */

/* The n-th of a day is an event if n is a power of two (protocol/ledger/refusal.h): what it says beyond the one before
 * it. */
static uint64_t refusals_of(const struct event *e)
{
    return e->count - e->count / 2;
}

static void add_to(struct report_sums *to, const struct event *e)
{
    switch (e->kind) {
    case EVENT_PUT:
        to->added += e->added;
        to->renewed += e->renewed;
        to->replaced += e->replaced;
        break;
    case EVENT_REMOVE:
        to->removed += e->removed;
        break;
    case EVENT_EXPIRE:
    case EVENT_END:
        to->expired += e->count;
        break;
    case EVENT_WAIT:
        to->waited += e->count;
        break;
    case EVENT_ASKED:
        to->asked += e->count;
        break;
    case EVENT_RELEASE:
        to->releases++;
        break;
    case EVENT_SUSPEND:
        to->suspensions += strcmp(e->note, "on") == 0;
        break;
    case EVENT_QUERY:
        to->queries++;
        to->queried += e->count;
        to->hits += e->hits;
        break;
    case EVENT_DELIVER:
        to->delivered += e->count;
        break;
    case EVENT_WITHDRAW:
        to->withdrawn += e->count;
        break;
    case EVENT_EVALUATE:
        to->evaluated += e->count;
        break;
    case EVENT_REFUSE:
        to->refused += refusals_of(e);
        break;
    default:
        break;
    }
}

/* A list that grows: room for one more, NULL if memory runs out. */
static void *one_more(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    size_t wanted = *room > 0 ? 2 * *room : 64;
    void *more = realloc(list, wanted * size);
    if (more != NULL)
        *room = wanted;
    return more;
}

static int add_pair(struct report *r, const struct event *e, struct err *err)
{
    int party = manifests_number(&r->audit->manifests, e->party),
        partner = manifests_number(&r->audit->manifests, e->partner);
    int purpose = manifests_number(&r->audit->manifests, e->purpose);
    int low = party < partner ? party : partner, high = party < partner ? partner : party;
    size_t i = 0;
    if (low < 0 || purpose < 0)
        return 0;
    while (i < r->pairs && (r->pair[i].purpose != purpose || r->pair[i].low != low || r->pair[i].high != high))
        i++;
    if (i == r->pairs) {
        struct report_pair *more = one_more(r->pair, r->pairs, &r->pairs_room, sizeof *r->pair);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the report");
        r->pair = more;
        r->pair[r->pairs++] = (struct report_pair){.purpose = purpose, .low = low, .high = high};
    }
    if (e->kind == EVENT_WITHDRAW)
        r->pair[i].withdrawn += e->count;
    else if (e->kind == EVENT_WAIT)
        r->pair[i].waited += e->count;
    else if (e->kind == EVENT_ASKED)
        r->pair[i].asked += e->count;
    else if (party == low)
        r->pair[i].to_low += e->count;
    else
        r->pair[i].to_high += e->count;
    return 0;
}

static int add_refusal(struct report *r, const struct event *e, struct err *err)
{
    int party = manifests_number(&r->audit->manifests, e->party),
        purpose = manifests_number(&r->audit->manifests, e->purpose);
    size_t i = 0;
    while (i < r->refusals && (r->refusal[i].party != party || r->refusal[i].purpose != purpose ||
                               strcmp(r->refusal[i].reason, e->note) != 0))
        i++;
    if (i == r->refusals) {
        struct report_refusal *more = one_more(r->refusal, r->refusals, &r->refusals_room, sizeof *r->refusal);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the report");
        r->refusal = more;
        r->refusal[r->refusals] = (struct report_refusal){.party = party, .purpose = purpose};
        snprintf(r->refusal[r->refusals++].reason, sizeof r->refusal[0].reason, "%.23s", e->note);
    }
    r->refusal[i].count += refusals_of(e);
    return 0;
}

/* --- reading --- */

/* An event about several purposes, to each its part; of hits nothing is said of which they are. */
static void add_scopes(struct report *r, const struct event *e)
{
    struct event_scope scope;
    if (e->scope[0] == '\0' || event_get_scope(&scope, e, ERR_IGNORED) != 0)
        return;
    for (size_t i = 0; i < scope.items; i++) {
        struct event part = *e;
        int purpose = manifests_number(&r->audit->manifests, scope.item[i].purpose);
        part.count = scope.count[i];
        part.hits = 0;
        if (purpose >= 0)
            add_to(&r->purpose[purpose], &part);
    }
}

static int take_event(void *context, uint64_t index, const struct event *e, struct err *err)
{
    struct report *r = context;
    int purpose = manifests_number(&r->audit->manifests, e->purpose), rc = 0;
    struct report_sums *column = report_series_at(&r->series, e->time);
    if (r->from == 0 || e->time < r->from)
        r->from = e->time;
    if (e->time > r->to)
        r->to = e->time;
    add_to(&r->all, e);
    if (purpose >= 0)
        add_to(&r->purpose[purpose], e);
    else
        add_scopes(r, e);
    if (column != NULL)
        add_to(column, e);
    if (event_is_line(e->kind))
        rc = add_pair(r, e, err);
    else if (e->kind == EVENT_REFUSE)
        rc = add_refusal(r, e, err);
    const struct walk_handler *next = &r->also[0];
    for (size_t i = 0; rc == 0 && i < 2; i++)
        if (next[i].event != NULL)
            rc = next[i].event(next[i].context, index, e, err);
    return rc;
}

static int compare_pairs(const void *left, const void *right)
{
    const struct report_pair *a = left, *b = right;
    uint64_t x = a->to_low + a->to_high, y = b->to_low + b->to_high;
    if (x != y)
        return x < y ? 1 : -1;
    if (a->purpose != b->purpose)
        return a->purpose - b->purpose;
    return a->low != b->low ? a->low - b->low : a->high - b->high;
}

static int read_ledger(struct report *r, size_t which, struct replay *replay, struct err *err)
{
    const struct walk *walk = &r->audit->ledger[which];
    const struct walk_handler handler = {.event = take_event, .context = r};
    r->also[0] = r->also[1] = (struct walk_handler){.event = NULL};
    if (r->reconcile != NULL)
        r->also[0] = *reconcile_handler(r->reconcile, walk);
    if (replay != NULL && walk->custodian < 0)
        r->also[1] = *replay_handler(replay);
    int rc = verify_ledger(r->audit, walk, &handler, &r->verified[which], err);
    r->entries += r->verified[which].entries;
    r->checkpoints += r->verified[which].checkpoints;
    return rc;
}

int report_gather(struct report *out, struct audit *audit, const char *archive, const char *work, struct err *err)
{
    const struct reconcile_rule rule = {RECONCILE_LOST, RECONCILE_SHARED};
    struct replay *replay = NULL;
    struct report *r = out;
    const struct walk *matcher = audit_matcher(audit);
    *r = (struct report){.audit = audit, .purpose = calloc(audit->manifests.names + 1, sizeof *r->purpose)};
    int rc = r->purpose == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the report") : 0;
    if (rc == 0 && matcher != NULL && audit->count > 1)
        rc = reconcile_new(&r->reconcile, audit, err);
    if (rc == 0 && matcher != NULL && archive != NULL)
        rc = replay_new(&replay, audit, matcher, archive, work, err);
    if (rc == 0 && replay != NULL && r->reconcile != NULL)
        replay_watched(replay, reconcile_watch(r->reconcile));
    for (size_t i = 0; rc == 0 && i < audit->count; i++)
        rc = read_ledger(r, i, replay, err);
    if (rc == 0 && replay != NULL)
        rc = replay_finish(replay, &r->replay, err);
    if (rc == 0 && r->reconcile != NULL)
        rc = reconcile_finish(r->reconcile, audit, &rule, &r->day, &r->days, err);
    r->replayed = replay != NULL;
    if (r->pairs > 1)
        qsort(r->pair, r->pairs, sizeof *r->pair, compare_pairs);
    replay_free(replay);
    return rc;
}

void report_free(struct report *report)
{
    reconcile_free(report->reconcile);
    free(report->purpose);
    free(report->pair);
    free(report->refusal);
    *report = (struct report){0};
}
