/*
 * How many tokens evaluations amount to. A token costs one evaluation at each custodian of a coalition. A client asks
 * all of them by one request id, and those that stand in for a custodian that does not answer, too; so the events of
 * one agency, purpose and id, in whichever ledgers and at whatever time by their clocks, are one batch:
 *
 *   - if all of a coalition that the events name have it, it is complete: so many tokens; and twice as many if twice
 *     as many custodians as the threshold have it, since they may have been asked for different elements under one id;
 *   - if not, it counts as tokens all the same, once for each coalition that is named: else a custodian that writes
 *     nothing down would make an agency's guesses disappear, or spreading them over coalitions would divide them. Who
 *     lacks it is noted. Where as many as the threshold have it, it is complete once all the same: a custodian that
 *     is asked again answers from its first event, which names the coalition of that time.
 *
 * What explains tokens is what the agency then did at the matcher: distinct tags added, and tags queried, from
 * WINDOW_CLOCK_DAYS before that day, since clocks differ, to RECONCILE_WINDOW days behind it; the oldest tokens are
 * explained first. A tag that is added, removed and added again within RECONCILE_WINDOW days is used once: else a
 * handful of tags put again and again would explain any number of guesses. Only the archive tells (replay.h); without
 * it every addition counts. Renewing and replacing is no use: such tags were there.
 *
 * Queries are a class of their own, with a verdict that is no finding: how many tags were queried, how many of them
 * again, how many hits came of it. Each question is evaluated anew, so that asking again and again explains as many
 * evaluations; at a border that is honest, elsewhere it may cover guesses. People look at it; a rule would be guessed
 * around.
 *
 * The rule: in no single day and in no RECONCILE_WINDOW days may the tokens that nothing explains exceed `lost` plus
 * `shared` per cent of those that are explained.
 *
 * And the other way round: every tag that is added or queried was evaluated by a whole coalition, unless it had been
 * there before. So over the whole period, complete tokens are at least tags added and queried less tags removed and
 * expired in the epoch of that time.
 */
#include "protocol/audit/replay/reconcile.h"

#include "protocol/audit/replay/spending.h"
#include "protocol/base/clock.h"
#include "protocol/ledger/window.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define COALITIONS_MAX 4 /* that one batch is asked of */

/* What one request had evaluated for one purpose. Open addressing, at most half full; count 0: free. */
struct batch {
    uint8_t hash[16]; /* keyed, of agency, purpose and id: nobody can make two alike */
    uint16_t agency, purpose;
    uint32_t day; /* the earliest by the custodians' clocks */
    uint32_t threshold;
    uint32_t had;                       /* custodians by number: whose ledgers have it */
    uint32_t fewest;                    /* elements that one of them has of it: all should have as many */
    uint32_t coalition[COALITIONS_MAX]; /* that the events name; what goes beyond is not looked at */
    size_t coalitions;
    uint64_t count;
};

struct reconcile {
    const struct manifests *manifests;
    size_t custodians;
    bool given[ROSTER_CUSTODIANS_MAX]; /* whose ledgers there are */
    bool matcher_given;
    const struct walk *reading;
    const struct manifest *now; /* in force in what is being read; NULL: none that is known */
    struct walk_handler handler;
    struct spending *spending;
    struct replay_watch watch;
    enum event_kind cause;         /* the last one, whose lines follow */
    struct reconcile_day **bucket; /* by agency, purpose and day: open addressing, at most half full */
    size_t days, room;
    struct batch *batch;
    size_t batches, batch_room;
    uint8_t key[32];
    struct reconcile_day *day; /* when all is in: sorted */
};

_Static_assert(ROSTER_CUSTODIANS_MAX <= 32, "a batch has a bit for each");

int reconcile_new(struct reconcile **out, const struct audit *audit, struct err *err)
{
    struct reconcile *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    r->manifests = &audit->manifests;
    r->custodians = audit->manifests.custodians;
    for (size_t i = 0; i < r->custodians; i++)
        r->given[i] = audit_custodian(audit, i) != NULL;
    r->matcher_given = audit_matcher(audit) != NULL;
    randombytes_buf(r->key, sizeof r->key);
    int rc = spending_new(&r->spending, audit, err);
    if (rc != 0)
        reconcile_free(r);
    else
        *out = r;
    return rc;
}

void reconcile_free(struct reconcile *reconcile)
{
    if (reconcile == NULL)
        return;
    for (size_t i = 0; i < reconcile->room; i++)
        free(reconcile->bucket[i]);
    spending_free(reconcile->spending);
    free(reconcile->bucket);
    free(reconcile->batch);
    free(reconcile->day);
    free(reconcile);
}

const char *reconcile_verdict_name(enum reconcile_verdict verdict)
{
    static const char *const names[] = {"even", "sharing", "slack", "guessing"};
    return names[verdict];
}

const char *reconcile_asking_name(enum reconcile_asking asking)
{
    static const char *const names[] = {"", "few", "usual", "again", "seldom", "often"};
    return names[asking];
}

/* --- days --- */

static struct reconcile_day **bucket_of(struct reconcile_day **bucket, size_t room, int agency, int purpose,
                                        uint32_t day)
{
    uint64_t hash = ((uint64_t)agency << 48 | (uint64_t)purpose << 32 | day) * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 20) % room;
    while (bucket[at] != NULL &&
           (bucket[at]->agency != agency || bucket[at]->purpose != purpose || bucket[at]->day != day))
        at = (at + 1) % room;
    return &bucket[at];
}

static int make_room(struct reconcile *r, struct err *err)
{
    size_t room = r->room > 0 ? 2 * r->room : 1024;
    struct reconcile_day **bucket = calloc(room, sizeof *bucket);
    if (bucket == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    for (size_t i = 0; i < r->room; i++)
        if (r->bucket[i] != NULL)
            *bucket_of(bucket, room, r->bucket[i]->agency, r->bucket[i]->purpose, r->bucket[i]->day) = r->bucket[i];
    free(r->bucket);
    r->bucket = bucket;
    r->room = room;
    return 0;
}

/* NULL with err set. */
static struct reconcile_day *day_of(struct reconcile *r, int agency, int purpose, uint32_t day, struct err *err)
{
    if (2 * (r->days + 1) > r->room && make_room(r, err) != 0)
        return NULL;
    struct reconcile_day **at = bucket_of(r->bucket, r->room, agency, purpose, day);
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
            return NULL;
        }
        **at = (struct reconcile_day){.agency = agency, .purpose = purpose, .day = day};
        r->days++;
    }
    return *at;
}

/*
 * The day of the event for its party, for a purpose; NULL without an error for whom no manifest knows: a finding
 * already.
 */
static int find_day(struct reconcile *r, const struct event *e, const char *name, struct reconcile_day **out,
                    struct err *err)
{
    int agency = manifests_number(r->manifests, e->party), purpose = manifests_number(r->manifests, name);
    *out = NULL;
    if (agency < 0 || purpose < 0)
        return 0;
    *out = day_of(r, agency, purpose, clock_day(e->time), err);
    return *out == NULL ? err_code(err) : 0;
}

/* --- batches --- */

static struct batch *slot_of(struct batch *batch, size_t room, const uint8_t hash[16])
{
    size_t at = (size_t)bytes_get_u64be(hash) % room;
    while (batch[at].count != 0 && memcmp(batch[at].hash, hash, sizeof batch[at].hash) != 0)
        at = (at + 1) % room;
    return &batch[at];
}

static int grow_batches(struct reconcile *r, struct err *err)
{
    size_t room = r->batch_room > 0 ? 2 * r->batch_room : 1024;
    struct batch *more = calloc(room, sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    for (size_t i = 0; i < r->batch_room; i++)
        if (r->batch[i].count != 0)
            *slot_of(more, room, r->batch[i].hash) = r->batch[i];
    free(r->batch);
    r->batch = more;
    r->batch_room = room;
    return 0;
}

static void hash_batch(const struct reconcile *r, const struct event *e, const char *purpose, uint8_t hash[16])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, r->key, sizeof r->key, 16);
    crypto_generichash_update(&state, e->id, sizeof e->id);
    crypto_generichash_update(&state, (const uint8_t *)e->party, strlen(e->party) + 1);
    crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose) + 1);
    crypto_generichash_final(&state, hash, 16);
}

/* By the numbers of the custodians: who stands where is the manifest's that was in force. */
static uint32_t coalition_of(const struct reconcile *r, const struct event *e)
{
    coalition_bits said;
    uint32_t out = (uint32_t)1 << r->reading->custodian;
    if (r->now != NULL && coalition_read(&said, e->note))
        for (size_t i = 0; i < r->now->region->custodian_count; i++)
            if (said >> i & 1)
                out |= (uint32_t)1 << r->now->custodian[i];
    return out;
}

static void name_coalition(struct batch *b, uint32_t coalition)
{
    for (size_t i = 0; i < b->coalitions; i++)
        if (b->coalition[i] == coalition)
            return;
    if (b->coalitions < COALITIONS_MAX)
        b->coalition[b->coalitions++] = coalition;
}

static int add_evaluated(struct reconcile *r, const struct event *e, const char *purpose, uint64_t count,
                         struct err *err)
{
    const struct region *region = r->now != NULL ? r->now->region : manifests_newest(r->manifests);
    struct reconcile_day *day;
    uint8_t hash[16];
    int rc = count > 0 ? find_day(r, e, purpose, &day, err) : 0;
    if (rc == 0 && count > 0 && day != NULL && 2 * (r->batches + 1) > r->batch_room)
        rc = grow_batches(r, err);
    if (rc != 0 || count == 0 || day == NULL)
        return rc;
    day->evaluated[r->reading->custodian] += count;
    hash_batch(r, e, purpose, hash);
    struct batch *b = slot_of(r->batch, r->batch_room, hash);
    if (b->count == 0) {
        *b = (struct batch){.agency = (uint16_t)day->agency, .purpose = (uint16_t)day->purpose, .day = day->day};
        memcpy(b->hash, hash, sizeof b->hash);
        b->fewest = UINT32_MAX;
        r->batches++;
    }
    b->day = day->day < b->day ? day->day : b->day;
    b->count = count > b->count ? count : b->count;
    b->fewest = count < b->fewest ? (uint32_t)count : b->fewest;
    b->threshold = (uint32_t)region->threshold;
    name_coalition(b, coalition_of(r, e));
    b->had |= (uint32_t)1 << r->reading->custodian;
    return 0;
}

/* --- taking in --- */

/* The event's count, shared out to its purposes. */
static int add_scopes(struct reconcile *r, const struct event *e,
                      int (*add)(struct reconcile *r, const struct event *e, const char *purpose, uint64_t count,
                                 struct err *err),
                      struct err *err)
{
    struct event_scope scope;
    int rc = 0;
    if (e->scope[0] == '\0')
        return add(r, e, e->purpose, e->count, err);
    if (event_get_scope(&scope, e, ERR_IGNORED) != 0)
        return 0; /* a finding already */
    for (size_t i = 0; rc == 0 && i < scope.items; i++)
        rc = add(r, e, scope.item[i].purpose, scope.count[i], err);
    return rc;
}

/* Of the evaluations that the request names, those for `count` of its tags, by the threshold of its time. */
static uint64_t count_named(const struct reconcile *r, const struct event *e, uint64_t count)
{
    const struct region *region = r->now != NULL ? r->now->region : manifests_newest(r->manifests);
    const uint64_t tokens = region->threshold > 0 ? e->spent / region->threshold : 0;
    return e->count > 0 && tokens > 0 ? (uint64_t)((double)tokens * (double)count / (double)e->count + 0.5) : 0;
}

static int add_queried(struct reconcile *r, const struct event *e, const char *purpose, uint64_t count, struct err *err)
{
    struct reconcile_day *day;
    int rc = find_day(r, e, purpose, &day, err);
    if (rc == 0 && day != NULL) {
        day->queried += count;
        day->named += count_named(r, e, count);
    }
    return rc;
}

/* Tags of an epoch that is over come no more. */
static uint64_t count_back(const struct reconcile *r, const struct event *e)
{
    const struct region_purpose *p =
        r->now != NULL ? manifest_purpose(r->now, manifests_number(r->manifests, e->purpose)) : NULL;
    if (e->kind != EVENT_REMOVE && e->kind != EVENT_EXPIRE)
        return 0;
    if (p != NULL && region_current(p)->epoch != e->epoch)
        return 0;
    return e->kind == EVENT_REMOVE ? e->removed : e->count;
}

/* What is about one purpose. */
static int add_plain(struct reconcile *r, const struct event *e, struct err *err)
{
    struct reconcile_day *day;
    int rc = find_day(r, e, e->purpose, &day, err);
    if (rc != 0 || day == NULL)
        return rc;
    day->added += e->kind == EVENT_PUT ? e->added : 0;
    day->named += e->kind == EVENT_PUT ? count_named(r, e, e->count) : 0;
    day->renewed += e->kind == EVENT_PUT ? e->renewed : 0;
    day->replaced += e->kind == EVENT_PUT ? e->replaced : 0;
    day->hits += e->kind == EVENT_DELIVER ? e->count : 0;
    day->removed += e->kind == EVENT_REMOVE ? e->removed : 0;
    day->expired += e->kind == EVENT_EXPIRE || e->kind == EVENT_END ? e->count : 0;
    day->back += count_back(r, e);
    return 0;
}

/* Of what the matcher lost the agency had done its part: it explains evaluations, and demands none. */
static int add_lost(struct reconcile *r, const struct event *e, const char *purpose, uint64_t count, struct err *err)
{
    struct reconcile_day *day;
    int rc = find_day(r, e, purpose, &day, err);
    if (rc != 0 || day == NULL)
        return rc;
    const uint64_t used = e->kind == EVENT_PUT ? e->added : count;
    day->added += e->kind == EVENT_PUT ? used : 0;
    day->queried += e->kind == EVENT_QUERY ? used : 0;
    day->back += used;
    return 0;
}

static int take_event(void *context, uint64_t index, const struct event *e, struct err *err)
{
    struct reconcile *r = context;
    int rc;
    if (r->reading->custodian < 0 && walk_is_lost(r->reading, index))
        return e->kind == EVENT_PUT || e->kind == EVENT_QUERY ? add_scopes(r, e, add_lost, err) : 0;
    if (event_is_cause(e->kind))
        r->cause = e->kind;
    switch (e->kind) {
    case EVENT_MANIFEST:
        r->now = manifests_find(r->manifests, e->digest);
        return 0;
    case EVENT_EVALUATE:
        if (r->reading->custodian < 0)
            return 0;
        rc = spending_evaluated(r->spending, (size_t)r->reading->custodian, index, e, err);
        return rc == 0 ? add_scopes(r, e, add_evaluated, err) : rc;
    case EVENT_QUERY:
        return add_scopes(r, e, add_queried, err);
    case EVENT_DELIVER: /* of which purpose the hits are, only the lines say */
        return r->cause == EVENT_QUERY ? add_plain(r, e, err) : 0;
    case EVENT_PUT:
    case EVENT_REMOVE:
    case EVENT_EXPIRE:
    case EVENT_END:
        return add_plain(r, e, err);
    default:
        return 0;
    }
}

static int take_again(void *context, const struct event *request, const char *purpose, uint64_t count, struct err *err)
{
    struct reconcile_day *day;
    int rc = find_day(context, request, purpose, &day, err);
    if (rc != 0 || day == NULL)
        return rc;
    *(request->kind == EVENT_QUERY ? &day->asked_again : &day->again) += count;
    return 0;
}

static int take_named(void *context, uint64_t index, const struct event *request, const struct wire_spent_list *spent,
                      struct err *err)
{
    struct reconcile *r = context;
    return spending_named(r->spending, index, request, spent, err);
}

const struct replay_watch *reconcile_watch(struct reconcile *reconcile)
{
    reconcile->watch = (struct replay_watch){RECONCILE_WINDOW * UINT64_C(86400), take_again, take_named, reconcile};
    return &reconcile->watch;
}

const struct walk_handler *reconcile_handler(struct reconcile *reconcile, const struct walk *walk)
{
    reconcile->reading = walk;
    reconcile->now = NULL;
    reconcile->handler = (struct walk_handler){.event = take_event, .context = reconcile};
    return &reconcile->handler;
}

/* --- how many tokens --- */

/* A custodian whose ledger is not given is taken to have what it was asked for. */
static int count_batch(struct reconcile *r, const struct batch *b, struct err *err)
{
    struct reconcile_day *day = day_of(r, b->agency, b->purpose, b->day, err);
    uint32_t had = b->had, asked = 0;
    bool complete = false;
    if (day == NULL)
        return err_code(err);
    day->had |= b->had;
    for (size_t i = 0; i < b->coalitions; i++)
        asked |= b->coalition[i];
    for (size_t i = 0; i < r->custodians; i++)
        if ((asked >> i & 1) != 0 && !r->given[i])
            had |= (uint32_t)1 << i;
    for (size_t i = 0; i < b->coalitions; i++)
        complete = complete || (b->coalition[i] & ~had) == 0;
    const uint64_t times = !complete ? b->coalitions : b->threshold > 0 ? coalition_size(had) / b->threshold : 1;
    const uint64_t tokens = b->count * (times > 0 ? times : 1);
    const bool enough = b->threshold > 0 && coalition_size(had) >= b->threshold;
    day->tokens += tokens;
    day->complete += complete ? tokens : enough ? b->count : 0;
    complete = complete || enough;
    for (size_t i = 0; !complete && i < r->custodians; i++)
        if ((asked & ~had) >> i & 1)
            day->missing[i] += b->count;
    return 0;
}

/* --- the days --- */

static const struct manifests *sort_by; /* qsort() has no context; one reconciliation at a time */

static int compare_days(const void *left, const void *right)
{
    const struct reconcile_day *a = left, *b = right;
    int order = strcmp(sort_by->name[a->agency], sort_by->name[b->agency]);
    if (order == 0)
        order = strcmp(sort_by->name[a->purpose], sort_by->name[b->purpose]);
    return order != 0 ? order : (a->day > b->day) - (a->day < b->day);
}

static int make_days(struct reconcile *r, struct err *err)
{
    size_t count = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < r->batch_room; i++)
        if (r->batch[i].count != 0)
            rc = count_batch(r, &r->batch[i], err);
    if (rc != 0)
        return rc;
    r->day = calloc(r->days + 1, sizeof *r->day);
    if (r->day == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    for (size_t i = 0; i < r->room; i++)
        if (r->bucket[i] != NULL)
            r->day[count++] = *r->bucket[i];
    sort_by = r->manifests;
    qsort(r->day, count, sizeof *r->day, compare_days);
    return 0;
}

/* --- the verdict: of the days of one agency and purpose --- */

/* Each day's use explains tokens of that day, of those before it, and of WINDOW_CLOCK_DAYS behind it, oldest first. */
static void explain(struct reconcile_day *day, size_t count)
{
    size_t oldest = 0;
    for (size_t i = 0; i < count; i++)
        day[i].surplus = day[i].tokens;
    for (size_t i = 0; i < count; i++) {
        uint64_t use = reconcile_used(&day[i]);
        while (day[oldest].day + RECONCILE_WINDOW < day[i].day)
            oldest++;
        for (size_t k = oldest; k < count && day[k].day <= day[i].day + WINDOW_CLOCK_DAYS && use > 0; k++) {
            uint64_t part = day[k].surplus < use ? day[k].surplus : use;
            day[k].surplus -= part;
            day[k].explained += part;
            use -= part;
        }
    }
}

static enum reconcile_verdict judge(const struct reconcile_rule *rule, uint64_t surplus, uint64_t explained)
{
    uint64_t shared = explained / 100 * rule->shared + explained % 100 * rule->shared / 100;
    if (surplus == 0)
        return RECONCILE_EVEN;
    if (surplus <= shared)
        return RECONCILE_SHARING;
    return surplus - shared <= rule->lost ? RECONCILE_SLACK : RECONCILE_GUESSING;
}

/* Who of the coalitions asked has least of it, if somebody lacks most. */
static void say_who_lacks(const struct reconcile *r, const uint64_t missing[ROSTER_CUSTODIANS_MAX], uint64_t of,
                          char out[200])
{
    size_t most = 0;
    for (size_t i = 1; i < r->custodians; i++)
        if (missing[i] > missing[most])
            most = i;
    out[0] = '\0';
    if (2 * missing[most] > of && of > 0)
        snprintf(out, 200, "; the ledger of %s lacks %" PRIu64 " that others of the coalition have",
                 r->manifests->custodian[most]->name, missing[most]);
}

/* The agency, whoever of `others` there is, and the custodians that have what was evaluated on these days, or all. */
static struct finding_blame blame_for(const struct reconcile *r, const struct reconcile_day *first,
                                      const struct reconcile_day *last, const char *other, bool all)
{
    struct finding_blame out = finding_unexplained("%s%s%s", r->manifests->name[first->agency],
                                                   other != NULL ? ", " : "", other != NULL ? other : "");
    for (size_t i = 0; i < r->custodians; i++) {
        bool has = all;
        for (const struct reconcile_day *d = first; d <= last; d++)
            has = has || (d->had >> i & 1) != 0;
        const size_t len = strlen(out.who);
        if (has)
            snprintf(out.who + len, sizeof out.who - len, ", %s", r->manifests->custodian[i]->name);
    }
    return out;
}

/* One request is about as many elements for every custodian that was asked. */
static void find_uneven(const struct reconcile *r, struct audit *audit)
{
    for (size_t i = 0; i < r->batch_room; i++) {
        const struct batch *b = &r->batch[i];
        struct reconcile_day of = {.agency = b->agency, .had = b->had};
        char day[CLOCK_TEXT_SIZE];
        if (b->count == 0 || b->fewest == b->count)
            continue;
        clock_text(day, (uint64_t)b->day * 86400);
        const struct finding_blame blame = blame_for(r, &of, &of, NULL, false);
        findings_blame(&audit->findings, FINDING_NOT_EVALUATED, &blame, r->manifests->name[b->agency], FINDING_NONE,
                       "of one request of %s for %s on %.10s, one custodian wrote down %u elements, another %" PRIu64,
                       r->manifests->name[b->agency], r->manifests->name[b->purpose], day, b->fewest, b->count);
    }
}

static void find_guessing(const struct reconcile *r, struct audit *audit, const struct reconcile_day *first,
                          const struct reconcile_day *last)
{
    uint64_t surplus = 0, explained = 0, missing[ROSTER_CUSTODIANS_MAX] = {0};
    char from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE], lacks[200];
    for (const struct reconcile_day *d = first; d <= last; d++) {
        surplus += d->surplus;
        explained += d->explained;
        for (size_t i = 0; i < r->custodians; i++)
            missing[i] += d->missing[i];
    }
    clock_text(from, (uint64_t)first->day * 86400);
    clock_text(to, (uint64_t)last->day * 86400);
    say_who_lacks(r, missing, surplus, lacks);
    const struct finding_blame blame = blame_for(r, first, last, NULL, false);
    findings_blame(&audit->findings, FINDING_GUESSING, &blame, r->manifests->name[first->agency], FINDING_NONE,
                   "%s had %" PRIu64 " tokens evaluated for %s from %.10s to %.10s, of which %" PRIu64
                   " were added or queried: %" PRIu64 " are explained by nothing%s",
                   r->manifests->name[first->agency], surplus + explained, r->manifests->name[first->purpose], from, to,
                   explained, surplus, lacks);
}

/* Single days first; then windows in which no day alone was found, from each day back. */
static void judge_days(const struct reconcile *r, struct audit *audit, const struct reconcile_rule *rule,
                       struct reconcile_day *day, size_t count)
{
    uint64_t surplus = 0, explained = 0;
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        day[i].verdict = judge(rule, day[i].surplus, day[i].explained);
        surplus += day[i].surplus;
        explained += day[i].explained;
        for (; day[first].day + RECONCILE_WINDOW <= day[i].day; first++) {
            surplus -= day[first].surplus;
            explained -= day[first].explained;
        }
        if (day[i].verdict == RECONCILE_GUESSING)
            find_guessing(r, audit, &day[i], &day[i]);
        else if (judge(rule, surplus, explained) != RECONCILE_GUESSING)
            continue;
        else {
            day[i].verdict = RECONCILE_GUESSING;
            find_guessing(r, audit, &day[first], &day[i]);
        }
        first = i + 1; /* what was found is not found again tomorrow */
        surplus = explained = 0;
    }
}

/* What questions come to. */
struct asked {
    uint64_t queried, hits, again;
};

static enum reconcile_asking judge_asked(const struct reconcile_rule *rule, const struct asked *a)
{
    if (a->queried <= rule->lost)
        return RECONCILE_ASKED_FEW;
    if (a->again > a->queried / 2)
        return RECONCILE_ASKED_AGAIN;
    if (a->hits < a->queried / RECONCILE_SELDOM)
        return RECONCILE_ASKED_SELDOM;
    return a->hits > a->queried / 2 ? RECONCILE_ASKED_OFTEN : RECONCILE_ASKED_USUAL;
}

static void judge_asking(const struct reconcile_rule *rule, struct reconcile_day *day, size_t count)
{
    struct asked sum = {0};
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        sum.queried += day[i].queried;
        sum.hits += day[i].hits;
        sum.again += day[i].asked_again;
        for (; day[first].day + RECONCILE_WINDOW <= day[i].day; first++) {
            sum.queried -= day[first].queried;
            sum.hits -= day[first].hits;
            sum.again -= day[first].asked_again;
        }
        if (day[i].queried > 0)
            day[i].asking = judge_asked(rule, &sum);
    }
}

/* What the days come to, from the first to the last. */
struct sums {
    uint64_t need, back, complete, named, missing[ROSTER_CUSTODIANS_MAX];
};

static struct sums sum_up(const struct reconcile *r, const struct reconcile_day *day, size_t count)
{
    struct sums s = {0};
    for (size_t d = 0; d < count; d++) {
        s.need += day[d].added + day[d].queried;
        s.back += day[d].back;
        s.complete += day[d].complete;
        s.named += day[d].named;
        for (size_t i = 0; i < r->custodians; i++)
            s.missing[i] += day[d].missing[i];
    }
    return s;
}

/*
 * An agency that had it all evaluated names the evaluations when it puts and asks. If it names too few, and no
 * custodian lacks what others of its coalitions have, the custodians have nothing to do with it.
 */
static void find_omitted(const struct reconcile *r, struct audit *audit, const struct reconcile_day *day, size_t count)
{
    const struct sums s = sum_up(r, day, count);
    const char *agency = r->manifests->name[day->agency], *purpose = r->manifests->name[day->purpose],
               *matcher = manifests_newest(r->manifests)->matcher.name;
    char lacks[200];
    if (s.need <= s.back || s.complete >= s.need - s.back)
        return;
    const uint64_t need = s.need - s.back;
    say_who_lacks(r, s.missing, need - s.complete, lacks);
    if (s.named < need && lacks[0] == '\0') {
        const struct finding_blame blame = finding_unexplained("%s, %s", agency, matcher);
        findings_blame(&audit->findings, FINDING_EVALUATION_OMITTED, &blame, agency, FINDING_NONE,
                       "%s added and queried %" PRIu64
                       " tags for %s that cannot have been there before, and its requests name %" PRIu64
                       " tokens as spent, but coalitions evaluated %" PRIu64
                       ": it put what was never evaluated, or the matcher wrote down what was never sent",
                       agency, need, purpose, s.named, s.complete);
        return;
    }
    const struct finding_blame all = blame_for(r, day, day + count - 1, matcher, true);
    findings_blame(&audit->findings, FINDING_EVALUATION_OMITTED, &all, agency, FINDING_NONE,
                   "%s added and queried %" PRIu64
                   " tags for %s that cannot have been there before, and its requests name %" PRIu64
                   " tokens as spent, but coalitions evaluated %" PRIu64
                   ": a custodian leaves evaluations out, the agency put what was never evaluated, or the matcher "
                   "wrote down what was never sent%s",
                   agency, need, purpose, s.named, s.complete, lacks);
}

int reconcile_finish(struct reconcile *reconcile, struct audit *audit, const struct reconcile_rule *rule,
                     const struct reconcile_day **days, size_t *count, struct err *err)
{
    struct reconcile *r = reconcile;
    int rc = make_days(r, err);
    bool any = false;
    for (size_t i = 0; i < r->custodians; i++)
        any = any || r->given[i];
    for (size_t i = 0, next; rc == 0 && i < r->days; i = next) {
        for (next = i + 1;
             next < r->days && r->day[i].agency == r->day[next].agency && r->day[i].purpose == r->day[next].purpose;)
            next++;
        explain(&r->day[i], next - i);
        judge_asking(rule, &r->day[i], next - i);
        if (r->matcher_given)
            judge_days(r, audit, rule, &r->day[i], next - i);
        if (r->matcher_given && any)
            find_omitted(r, audit, &r->day[i], next - i);
    }
    if (rc == 0)
        find_uneven(r, audit);
    if (rc == 0 && r->matcher_given)
        spending_finish(r->spending, audit);
    *days = r->day;
    *count = r->days;
    return rc;
}
