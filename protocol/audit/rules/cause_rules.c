#include "protocol/audit/rules/cause_rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 65536 /* pairs of agencies behind one cause */

struct line {
    char party[PARTY_NAME_MAX + 1], partner[PARTY_NAME_MAX + 1];
    enum event_kind kind;
    uint64_t epoch, count, index;
};

struct cause_rules {
    const struct manifests *manifests;
    struct findings *findings;
    const char *origin;
    const struct manifest *now; /* NULL: not known */
    int32_t *walk_began; /* by number of the purpose: place in the manifests of the oldest that a walk may be under */
    bool open;           /* there is a cause that lines may follow */
    struct event cause;
    uint64_t index; /* of the cause */
    struct line *line;
    size_t lines, room;
};

int cause_rules_new(struct cause_rules **out, const struct manifests *manifests, struct findings *findings,
                    const char *origin, struct err *err)
{
    struct cause_rules *c = calloc(1, sizeof *c);
    if (c == NULL || (c->walk_began = malloc(ROSTER_MAX * sizeof *c->walk_began)) == NULL) {
        free(c);
        return err_set(err, ERR_NO_MEMORY, "out of memory for the rules");
    }
    memset(c->walk_began, -1, ROSTER_MAX * sizeof *c->walk_began);
    c->manifests = manifests;
    c->findings = findings;
    c->origin = origin;
    *out = c;
    return 0;
}

void cause_rules_free(struct cause_rules *cause)
{
    if (cause == NULL)
        return;
    free(cause->walk_began);
    free(cause->line);
    free(cause);
}

void cause_rules_manifest(struct cause_rules *cause, const struct manifest *manifest)
{
    cause->now = manifest;
}

#define FOUND(c, code, index, ...) findings_add((c)->findings, code, (c)->origin, index, __VA_ARGS__)

/* --- both sides --- */

static int compare_lines(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    int order = strcmp(a->party, b->party);
    if (order == 0)
        order = strcmp(a->partner, b->partner);
    if (order == 0)
        order = (int)a->kind - (int)b->kind;
    return order != 0 ? order : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

static const struct line *other_side(const struct cause_rules *c, const struct line *line)
{
    struct line key = {.kind = line->kind, .epoch = line->epoch};
    memcpy(key.party, line->partner, sizeof key.party);
    memcpy(key.partner, line->party, sizeof key.partner);
    return bsearch(&key, c->line, c->lines, sizeof key, compare_lines);
}

static void check_side(const struct cause_rules *c, const struct line *line)
{
    const struct line *other = other_side(c, line);
    uint64_t told = other != NULL ? other->count : 0;
    if (told < line->count)
        FOUND(c, FINDING_ONE_SIDED, line->index,
              "%s was told of %" PRIu64 " entries of %s for %s, but %s of %" PRIu64 " of %s: the "
              "other side was hidden",
              line->party, line->count, line->partner, c->cause.purpose, line->partner, told, line->party);
}

/* A put, an expiry and a change of grants tell both sides of a pair; a removal only the partner, a query only the
 * asker. */
static bool tells_both(enum event_kind kind)
{
    return kind == EVENT_PUT || kind == EVENT_EXPIRE || kind == EVENT_REJOIN;
}

static uint64_t sum_lines(const struct cause_rules *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->lines; i++)
        sum += c->line[i].count;
    return sum;
}

/* What the cause itself says of what followed. */
static void close_cause(struct cause_rules *c)
{
    if (!c->open)
        return;
    c->open = false;
    for (size_t i = 0; tells_both(c->cause.kind) && i < c->lines; i++)
        check_side(c, &c->line[i]);
    uint64_t sum = sum_lines(c);
    if (c->cause.kind == EVENT_QUERY && sum != c->cause.hits)
        FOUND(c, FINDING_NOT_CONSISTENT, c->index,
              "a query of %s with %" PRIu64 " hits was followed by deliveries of %" PRIu64, c->cause.party,
              c->cause.hits, sum);
}

/* --- one line --- */

static uint64_t most_that_can_follow(const struct event *cause)
{
    switch (cause->kind) {
    case EVENT_PUT:
        return cause->added + cause->replaced;
    case EVENT_REMOVE:
        return cause->removed;
    default:
        return cause->count;
    }
}

static bool kind_can_follow(enum event_kind cause, enum event_kind kind)
{
    switch (cause) {
    case EVENT_PUT:
    case EVENT_QUERY:
        return kind == EVENT_DELIVER;
    case EVENT_REMOVE:
    case EVENT_EXPIRE:
        return kind == EVENT_WITHDRAW;
    default:
        return true;
    }
}

/* The agency of the cause is one of the two; in a removal its entry is gone, in a query it is told. */
static bool concerns(const struct event *cause, const struct event *line)
{
    bool told = strcmp(line->party, cause->party) == 0, gone = strcmp(line->partner, cause->party) == 0;
    switch (cause->kind) {
    case EVENT_REJOIN:
        return true;
    case EVENT_REMOVE:
        return gone;
    case EVENT_QUERY:
        return told;
    default:
        return told || gone;
    }
}

/* A walk that an older manifest began is finished under a newer one: any of those since may allow what it delivers. */
static bool is_granted(const struct cause_rules *c, int purpose, int party, int partner)
{
    if (manifest_mutual(c->now, purpose, party, partner))
        return true;
    if (c->cause.kind != EVENT_REJOIN || purpose < 0 || c->walk_began[purpose] < 0)
        return false;
    for (const struct manifest *m = &c->manifests->list[c->walk_began[purpose]]; m < c->now; m++)
        if (manifest_mutual(m, purpose, party, partner))
            return true;
    return false;
}

static void check_line(const struct cause_rules *c, uint64_t index, const struct event *e)
{
    int purpose = manifests_number(c->manifests, e->purpose), party = manifests_number(c->manifests, e->party);
    int partner = manifests_number(c->manifests, e->partner);
    if (strcmp(e->purpose, c->cause.purpose) != 0 || (c->cause.kind != EVENT_REJOIN && e->epoch != c->cause.epoch) ||
        !kind_can_follow(c->cause.kind, e->kind) || !concerns(&c->cause, e))
        FOUND(c, FINDING_NOT_CONSISTENT, index, "%s to %s of %s for %s does not follow from the %s of %s before it",
              event_kind_name(e->kind), e->party, e->partner, e->purpose, event_kind_name(c->cause.kind),
              c->cause.party[0] != '\0' ? c->cause.party : c->cause.purpose);
    if (e->count == 0 || e->count > most_that_can_follow(&c->cause))
        FOUND(c, FINDING_NOT_CONSISTENT, index, "%s of %" PRIu64 " entries behind a %s of %" PRIu64,
              event_kind_name(e->kind), e->count, event_kind_name(c->cause.kind), most_that_can_follow(&c->cause));
    if (c->now != NULL && e->kind == EVENT_DELIVER && !is_granted(c, purpose, party, partner))
        FOUND(c, FINDING_NOT_ALLOWED, index,
              "delivered to %s from %s for %s, who did not grant each other that purpose", e->party, e->partner,
              e->purpose);
}

static int add_line(struct cause_rules *c, uint64_t index, const struct event *e, struct err *err)
{
    if (c->lines == LINES_MAX)
        return err_set(err, ERR_INPUT, "entry %" PRIu64 ": more than %d lines follow one cause", index, LINES_MAX);
    if (c->lines == c->room) {
        size_t room = c->room > 0 ? 2 * c->room : 64;
        struct line *more = realloc(c->line, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the rules");
        c->line = more;
        c->room = room;
    }
    struct line *line = &c->line[c->lines];
    *line = (struct line){.kind = e->kind, .epoch = e->epoch, .count = e->count, .index = index};
    memcpy(line->party, e->party, sizeof line->party);
    memcpy(line->partner, e->partner, sizeof line->partner);
    if (c->lines > 0 && compare_lines(line - 1, line) >= 0)
        FOUND(c, FINDING_NOT_CONSISTENT, index, "what follows a cause is not in order, or stands there twice");
    c->lines++;
    return 0;
}

/* --- an event --- */

static void open_cause(struct cause_rules *c, uint64_t index, const struct event *e)
{
    int purpose = manifests_number(c->manifests, e->purpose);
    c->open = true;
    c->cause = *e;
    c->index = index;
    c->lines = 0;
    /* While a purpose is walked it takes no requests: any other cause says that no walk is under way. */
    if (purpose >= 0 && c->now != NULL && (e->kind != EVENT_REJOIN || c->walk_began[purpose] < 0))
        c->walk_began[purpose] = (int32_t)(c->now - c->manifests->list);
}

int cause_rules_event(struct cause_rules *cause, uint64_t index, const struct event *event, struct err *err)
{
    struct cause_rules *c = cause;
    if (event->kind == EVENT_DELIVER || event->kind == EVENT_WITHDRAW) {
        if (!c->open) {
            FOUND(c, FINDING_NOT_CONSISTENT, index, "%s to %s of %s for %s has no cause before it",
                  event_kind_name(event->kind), event->party, event->partner, event->purpose);
            return 0;
        }
        check_line(c, index, event);
        return add_line(c, index, event, err);
    }
    close_cause(c);
    if (event_is_cause(event->kind))
        open_cause(c, index, event);
    return 0;
}

void cause_rules_end(struct cause_rules *cause)
{
    close_cause(cause);
}
