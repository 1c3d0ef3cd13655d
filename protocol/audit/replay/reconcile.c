/*
 * How many tokens evaluations amount to. A token costs one evaluation at every custodian of its coalition, and each
 * evaluation event says which coalition it was for. So on one day
 *
 *   - what all custodians of a coalition have is complete: so many tokens;
 *   - a batch that moved to another coalition because a custodian did not answer stands in both, at those who had it
 * first in the one and at the newcomers in the other: such pairs count once;
 *   - what then is left stands at some of a coalition and not at others. It counts as tokens too: else a custodian that
 * writes nothing down would make an agency's guesses disappear, or spreading them over coalitions would divide them.
 *
 * What explains tokens is what the agency then did at the matcher: distinct tags added, and tags queried, on the same day or
 * up to RECONCILE_WINDOW days later; the oldest tokens are explained first. A tag that is added, removed and added again within
 * RECONCILE_WINDOW days is used once: else a handful of tags put again and again would explain any number of guesses. Only the
 * archive tells (replay.h); without it every addition counts. Renewing and replacing is no use: such tags were there.
 *
 * Queries are a class of their own: tags queried, hits among them. Who asks a lot and hits little or most of the time is
 * for people to look at; a rule would be guessed around.
 *
 * The rule: in no single day and in no RECONCILE_WINDOW days may the tokens that nothing explains exceed `lost` plus
 * `shared` per cent of those that are explained.
 *
 * And the other way round: every tag that is added or queried was evaluated by a whole coalition, unless it had been
 * there before. So over the whole period, complete tokens are at least tags added and queried less tags removed and
 * expired.
 */
#include "protocol/audit/replay/reconcile.h"

#include "protocol/base/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COALITIONS_MAX 64 /* different ones on one day; what goes beyond counts as left over */

/* What is summed while ledgers are read. coalition 0: the matcher's side. */
struct row {
    uint16_t agency, purpose;
    uint32_t day;
    coalition_bits coalition;
    bool used;
    uint64_t value[REGION_CUSTODIANS_MAX];
};
enum { ADDED, AGAIN, RENEWED, REPLACED, QUERIED, HITS, REMOVED, EXPIRED, COLUMNS };
_Static_assert(COLUMNS <= REGION_CUSTODIANS_MAX, "a row has room for the matcher's side");

struct reconcile {
    const struct manifests *manifests;
    size_t custodians;
    bool given[REGION_CUSTODIANS_MAX]; /* whose ledgers there are */
    bool matcher_given;
    const struct walk *reading;
    struct walk_handler handler;
    enum event_kind cause; /* the last one, whose lines follow */
    struct row *row;       /* open addressing, at most half full */
    size_t rows, room;
    struct reconcile_day *day;
    size_t days;
};

int reconcile_new(struct reconcile **out, const struct audit *audit, struct err *err)
{
    struct reconcile *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    r->manifests = &audit->manifests;
    r->custodians = manifests_newest(&audit->manifests)->custodian_count;
    for (size_t i = 0; i < r->custodians; i++)
        r->given[i] = audit_custodian(audit, i) != NULL;
    r->matcher_given = audit_matcher(audit) != NULL;
    *out = r;
    return 0;
}

void reconcile_free(struct reconcile *reconcile)
{
    if (reconcile == NULL)
        return;
    free(reconcile->row);
    free(reconcile->day);
    free(reconcile);
}

const char *reconcile_verdict_name(enum reconcile_verdict verdict)
{
    static const char *const names[] = {"even", "sharing", "retries", "guessing"};
    return names[verdict];
}

/* --- taking in --- */

static struct row *slot_of(struct row *rows, size_t room, const struct row *key)
{
    uint64_t hash = ((uint64_t)key->agency << 48 | (uint64_t)key->purpose << 32 | key->day) * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)((hash >> 20) + key->coalition) % room;
    while (rows[at].used && (rows[at].agency != key->agency || rows[at].purpose != key->purpose ||
                             rows[at].day != key->day || rows[at].coalition != key->coalition))
        at = (at + 1) % room;
    return &rows[at];
}

static int make_room(struct reconcile *r, struct err *err)
{
    size_t room = r->room > 0 ? 2 * r->room : 1024;
    struct row *rows = calloc(room, sizeof *rows);
    if (rows == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    for (size_t i = 0; i < r->room; i++)
        if (r->row[i].used)
            *slot_of(rows, room, &r->row[i]) = r->row[i];
    free(r->row);
    r->row = rows;
    r->room = room;
    return 0;
}

/* A count of the event, in this purpose. */
static int add(struct reconcile *r, const struct event *e, const char *name, coalition_bits coalition, size_t column,
               uint64_t count, struct err *err)
{
    int agency = manifests_number(r->manifests, e->party), purpose = manifests_number(r->manifests, name);
    if (count == 0 || agency < 0 || purpose < 0) /* whom no manifest knows is a finding already */
        return 0;
    if (2 * (r->rows + 1) > r->room) {
        int rc = make_room(r, err);
        if (rc != 0)
            return rc;
    }
    struct row key = {.agency = (uint16_t)agency,
                      .purpose = (uint16_t)purpose,
                      .day = clock_day(e->time),
                      .coalition = coalition,
                      .used = true};
    struct row *row = slot_of(r->row, r->room, &key);
    if (!row->used) {
        *row = key;
        r->rows++;
    }
    row->value[column] += count;
    return 0;
}

/* The event's count, shared out to its purposes. */
static int add_scopes(struct reconcile *r, const struct event *e, coalition_bits coalition, size_t column,
                      struct err *err)
{
    struct event_scope scope;
    int rc = 0;
    if (e->scope[0] == '\0')
        return add(r, e, e->purpose, coalition, column, e->count, err);
    if (event_get_scope(&scope, e, ERR_IGNORED) != 0)
        return 0; /* a finding already */
    for (size_t i = 0; rc == 0 && i < scope.items; i++)
        rc = add(r, e, scope.item[i].purpose, coalition, column, scope.count[i], err);
    return rc;
}

static int add_put(struct reconcile *r, const struct event *e, struct err *err)
{
    int rc = add(r, e, e->purpose, 0, ADDED, e->added, err);
    if (rc == 0)
        rc = add(r, e, e->purpose, 0, RENEWED, e->renewed, err);
    if (rc == 0)
        rc = add(r, e, e->purpose, 0, REPLACED, e->replaced, err);
    return rc;
}

static int take_event(void *context, uint64_t index, const struct event *e, struct err *err)
{
    struct reconcile *r = context;
    coalition_bits coalition;
    (void)index;
    if (event_is_cause(e->kind))
        r->cause = e->kind;
    switch (e->kind) {
    case EVENT_EVALUATE:
        if (!coalition_read(&coalition, e->note))
            coalition = (coalition_bits)(1u << r->reading->custodian);
        return add_scopes(r, e, coalition, (size_t)r->reading->custodian, err);
    case EVENT_PUT:
        return add_put(r, e, err);
    case EVENT_QUERY:
        return add_scopes(r, e, 0, QUERIED, err);
    case EVENT_DELIVER: /* of which purpose the hits are, only the lines say */
        return r->cause == EVENT_QUERY ? add(r, e, e->purpose, 0, HITS, e->count, err) : 0;
    case EVENT_REMOVE:
        return add(r, e, e->purpose, 0, REMOVED, e->removed, err);
    case EVENT_EXPIRE:
    case EVENT_END:
        return add(r, e, e->purpose, 0, EXPIRED, e->count, err);
    default:
        return 0;
    }
}

int reconcile_again(void *context, const struct event *put, uint64_t count, struct err *err)
{
    return add(context, put, put->purpose, 0, AGAIN, count, err);
}

const struct walk_handler *reconcile_handler(struct reconcile *reconcile, const struct walk *walk)
{
    reconcile->reading = walk;
    reconcile->handler = (struct walk_handler){.event = take_event, .context = reconcile};
    return &reconcile->handler;
}

/* --- how many tokens --- */

/* What custodians have of one coalition beyond what all of it have. */
struct open {
    coalition_bits coalition;
    uint64_t more[REGION_CUSTODIANS_MAX];
};

static bool is_member(coalition_bits coalition, size_t custodian)
{
    return coalition >> custodian & 1;
}

/* A custodian whose ledger is not given is taken to have what the others of the coalition have. */
static uint64_t value_at(const struct reconcile *r, const struct row *row, size_t custodian)
{
    uint64_t most = 0;
    if (r->given[custodian])
        return row->value[custodian];
    for (size_t i = 0; i < r->custodians; i++)
        if (row->value[i] > most)
            most = row->value[i];
    return most;
}

static void take_complete(const struct reconcile *r, const struct row *row, struct reconcile_day *day,
                          struct open *open)
{
    uint64_t least = UINT64_MAX;
    *open = (struct open){.coalition = row->coalition};
    for (size_t i = 0; i < r->custodians; i++) {
        day->evaluated[i] += row->value[i];
        if (is_member(row->coalition, i) && value_at(r, row, i) < least)
            least = value_at(r, row, i);
    }
    for (size_t i = 0; i < r->custodians; i++)
        if (is_member(row->coalition, i))
            open->more[i] = value_at(r, row, i) - least;
    day->tokens += least;
    day->complete += least;
}

/* What moved from coalition a to b: those in both have it under a, the newcomers under b. */
static uint64_t moved(const struct open *a, const struct open *b)
{
    uint64_t least = UINT64_MAX;
    coalition_bits stayed = a->coalition & b->coalition, came = b->coalition & (coalition_bits)~a->coalition;
    if (stayed == 0 || came == 0)
        return 0;
    for (size_t i = 0; i < REGION_CUSTODIANS_MAX; i++) {
        if (is_member(stayed, i) && a->more[i] < least)
            least = a->more[i];
        if (is_member(came, i) && b->more[i] < least)
            least = b->more[i];
    }
    return least;
}

static void take_moved(struct reconcile_day *day, struct open *a, struct open *b)
{
    uint64_t count = moved(a, b);
    for (size_t i = 0; count > 0 && i < REGION_CUSTODIANS_MAX; i++) {
        if (is_member(a->coalition & b->coalition, i))
            a->more[i] -= count;
        else if (is_member(b->coalition, i))
            b->more[i] -= count;
    }
    day->tokens += count;
    day->complete += count;
}

static void take_left_over(const struct reconcile *r, struct reconcile_day *day, const struct open *open)
{
    uint64_t most = 0;
    for (size_t i = 0; i < r->custodians; i++)
        if (open->more[i] > most)
            most = open->more[i];
    for (size_t i = 0; i < r->custodians; i++)
        if (is_member(open->coalition, i))
            day->missing[i] += most - open->more[i];
    day->tokens += most;
}

/* rows: one for each coalition of this day. */
static void count_tokens(const struct reconcile *r, struct reconcile_day *day, const struct row *const *rows,
                         size_t count)
{
    struct open open[COALITIONS_MAX];
    size_t known = count < COALITIONS_MAX ? count : COALITIONS_MAX;
    for (size_t i = 0; i < known; i++)
        take_complete(r, rows[i], day, &open[i]);
    for (size_t a = 0; a < known; a++)
        for (size_t b = 0; b < known; b++)
            if (a != b)
                take_moved(day, &open[a], &open[b]);
    for (size_t i = 0; i < known; i++)
        take_left_over(r, day, &open[i]);
    for (size_t i = known; i < count; i++) {
        struct open rest;
        take_complete(r, rows[i], day, &rest);
        take_left_over(r, day, &rest);
    }
}

/* --- the days --- */

static const struct manifests *sort_by; /* qsort() has no context; one reconciliation at a time */

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = *(const struct row *const *)left, *b = *(const struct row *const *)right;
    int order = strcmp(sort_by->name[a->agency], sort_by->name[b->agency]);
    if (order == 0)
        order = strcmp(sort_by->name[a->purpose], sort_by->name[b->purpose]);
    if (order == 0)
        order = (a->day > b->day) - (a->day < b->day);
    return order != 0 ? order : (int)a->coalition - (int)b->coalition;
}

static bool same_day(const struct row *a, const struct row *b)
{
    return a->agency == b->agency && a->purpose == b->purpose && a->day == b->day;
}

static void make_day(const struct reconcile *r, struct reconcile_day *out, const struct row *const *rows, size_t count)
{
    *out = (struct reconcile_day){.agency = rows[0]->agency, .purpose = rows[0]->purpose, .day = rows[0]->day};
    if (rows[0]->coalition == 0) {
        const uint64_t *value = rows[0]->value;
        out->added = value[ADDED];
        out->renewed = value[RENEWED];
        out->replaced = value[REPLACED];
        out->again = value[AGAIN];
        out->queried = value[QUERIED];
        out->hits = value[HITS];
        out->removed = value[REMOVED];
        out->expired = value[EXPIRED];
        rows++;
        count--;
    }
    count_tokens(r, out, rows, count);
}

static int make_days(struct reconcile *r, struct err *err)
{
    size_t count = 0;
    const struct row **sorted = calloc(r->rows + 1, sizeof *sorted);
    r->day = calloc(r->rows + 1, sizeof *r->day);
    if (sorted == NULL || r->day == NULL) {
        free(sorted);
        return err_set(err, ERR_NO_MEMORY, "out of memory for reconciling");
    }
    for (size_t i = 0; i < r->room; i++)
        if (r->row[i].used)
            sorted[count++] = &r->row[i];
    sort_by = r->manifests;
    qsort(sorted, count, sizeof *sorted, compare_rows);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && same_day(sorted[i], sorted[next]);)
            next++;
        make_day(r, &r->day[r->days++], sorted + i, next - i);
    }
    free(sorted);
    return 0;
}

/* --- the verdict: of the days of one agency and purpose --- */

/* Each day's use explains tokens of that day and of the days before it, oldest first. */
static void explain(struct reconcile_day *day, size_t count)
{
    size_t oldest = 0;
    for (size_t i = 0; i < count; i++)
        day[i].surplus = day[i].tokens;
    for (size_t i = 0; i < count; i++) {
        uint64_t use = reconcile_used(&day[i]);
        while (day[oldest].day + RECONCILE_WINDOW < day[i].day)
            oldest++;
        for (size_t k = oldest; k <= i && use > 0; k++) {
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
    return surplus - shared <= rule->lost ? RECONCILE_RETRIES : RECONCILE_GUESSING;
}

/* Who of the coalitions asked has least of it, if somebody lacks most. */
static void say_who_lacks(const struct reconcile *r, const uint64_t missing[REGION_CUSTODIANS_MAX], uint64_t of,
                          char out[200])
{
    size_t most = 0;
    for (size_t i = 1; i < r->custodians; i++)
        if (missing[i] > missing[most])
            most = i;
    out[0] = '\0';
    if (2 * missing[most] > of && of > 0)
        snprintf(out, 200, "; the ledger of %s lacks %" PRIu64 " that others of the coalition have",
                 manifests_newest(r->manifests)->custodians[most].party.name, missing[most]);
}

static void find_guessing(const struct reconcile *r, struct audit *audit, const struct reconcile_day *first,
                          const struct reconcile_day *last)
{
    uint64_t surplus = 0, explained = 0, missing[REGION_CUSTODIANS_MAX] = {0};
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
    findings_add(&audit->findings, FINDING_GUESSING, r->manifests->name[first->agency], FINDING_NONE,
                 "%s had %" PRIu64 " tokens evaluated for %s from %.10s to %.10s, of which %" PRIu64
                 " were added or queried: %" PRIu64 " guesses%s",
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

static void find_omitted(const struct reconcile *r, struct audit *audit, const struct reconcile_day *day, size_t count)
{
    uint64_t need = 0, back = 0, complete = 0, missing[REGION_CUSTODIANS_MAX] = {0};
    char lacks[200];
    for (size_t d = 0; d < count; d++) {
        need += day[d].added + day[d].queried;
        back += day[d].removed + day[d].expired;
        complete += day[d].complete;
        for (size_t i = 0; i < r->custodians; i++)
            missing[i] += day[d].missing[i];
    }
    if (need <= back || complete >= need - back)
        return;
    say_who_lacks(r, missing, need - back - complete, lacks);
    findings_add(&audit->findings, FINDING_EVALUATION_OMITTED, r->manifests->name[day->agency], FINDING_NONE,
                 "%s added and queried %" PRIu64
                 " tags for %s that cannot have been there before, but coalitions evaluated %" PRIu64
                 " tokens: a custodian leaves evaluations out, or the matcher wrote down what was never sent%s",
                 r->manifests->name[day->agency], need - back, r->manifests->name[day->purpose], complete, lacks);
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
        if (r->matcher_given)
            judge_days(r, audit, rule, &r->day[i], next - i);
        if (r->matcher_given && any)
            find_omitted(r, audit, &r->day[i], next - i);
    }
    *days = r->day;
    *count = r->days;
    return rc;
}
