#include "protocol/audit/rules/cause_rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 65536 /* pairs of agencies behind one cause */

struct cause_line {
    char party[PARTY_NAME_MAX + 1], partner[PARTY_NAME_MAX + 1];
    enum event_kind kind;
    char purpose[PARTY_NAME_MAX + 1];
    uint64_t epoch, count, index;
};

struct cause_rules {
    const struct manifests *manifests;
    struct findings *findings;
    const char *origin;
    const struct manifest *now; /* NULL: not known */
    bool open;                  /* there is a cause that lines may follow */
    struct event cause;
    uint64_t index; /* of the cause */
    struct cause_line *line;
    size_t lines, room;
};

int cause_rules_new(struct cause_rules **out, const struct manifests *manifests, struct findings *findings,
                    const char *origin, struct err *err)
{
    struct cause_rules *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the rules");
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
    const struct cause_line *a = left, *b = right;
    int order = strcmp(a->party, b->party);
    if (order == 0)
        order = strcmp(a->partner, b->partner);
    if (order == 0)
        order = (int)a->kind - (int)b->kind;
    if (order == 0)
        order = strcmp(a->purpose, b->purpose);
    return order != 0 ? order : (a->epoch > b->epoch) - (a->epoch < b->epoch);
}

/* How many the line of this kind says that is the other way round. */
static uint64_t other_side(const struct cause_rules *c, const struct cause_line *line, enum event_kind kind)
{
    struct cause_line key = {.kind = kind, .epoch = line->epoch};
    memcpy(key.party, line->partner, sizeof key.party);
    memcpy(key.partner, line->party, sizeof key.partner);
    memcpy(key.purpose, line->purpose, sizeof key.purpose);
    const struct cause_line *other = bsearch(&key, c->line, c->lines, sizeof key, compare_lines);
    return other != NULL ? other->count : 0;
}

static void find_one_sided(const struct cause_rules *c, const struct cause_line *line, uint64_t other)
{
    FOUND(c, FINDING_ONE_SIDED, line->index,
          "%s was told of %" PRIu64 " entries of %s for %s, but %s of %" PRIu64 " of %s: the other side was hidden",
          line->party, line->count, line->partner, line->purpose, line->partner, other, line->party);
}

/*
 * Meetings tell both sides of a couple, and so do endings but for a removal, of which only the partner is told. An
 * entry that is replaced goes to the partner alone, as often as entries were replaced at most.
 */
static void check_both(const struct cause_rules *c, const struct cause_line *line)
{
    const uint64_t other = other_side(c, line, line->kind);
    uint64_t alone = 0;
    if (line->kind != EVENT_DELIVER && line->kind != EVENT_WITHDRAW)
        return;
    if (c->cause.kind == EVENT_PUT && line->kind == EVENT_DELIVER && strcmp(line->partner, c->cause.party) == 0)
        alone = c->cause.replaced;
    if (other < line->count && line->count - other > alone)
        find_one_sided(c, line, other);
}

static bool is_issued(const struct cause_rules *c, const char *purpose)
{
    const struct region_purpose *p =
        c->now != NULL ? manifest_purpose(c->now, manifests_number(c->manifests, purpose)) : NULL;
    return p != NULL && p->kind == REGION_ISSUED;
}

/* Who is asked about is told of it, but for issued documents. */
static void check_notice(const struct cause_rules *c, const struct cause_line *line)
{
    const bool hit = line->kind == EVENT_DELIVER;
    const uint64_t other = other_side(c, line, hit ? EVENT_ASKED : EVENT_DELIVER);
    if (c->now == NULL || (hit && is_issued(c, line->purpose)))
        return;
    if (other < line->count)
        find_one_sided(c, line, other);
}

static bool tells_both(enum event_kind kind)
{
    return kind != EVENT_REMOVE && kind != EVENT_QUERY && kind != EVENT_COUNTS;
}

/* --- what the cause itself says of what followed --- */

static uint64_t sum_lines(const struct cause_rules *c, enum event_kind kind)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->lines; i++)
        sum += c->line[i].kind == kind ? c->line[i].count : 0;
    return sum;
}

static void check_sum(const struct cause_rules *c, const char *what, uint64_t said, uint64_t found)
{
    if (said != found)
        FOUND(c, FINDING_NOT_CONSISTENT, c->index, "a %s of %s with %" PRIu64 " %s was followed by %" PRIu64,
              event_kind_name(c->cause.kind), c->cause.party[0] != '\0' ? c->cause.party : c->cause.purpose, said, what,
              found);
}

static void close_cause(struct cause_rules *c)
{
    if (!c->open)
        return;
    c->open = false;
    for (size_t i = 0; tells_both(c->cause.kind) && i < c->lines; i++)
        check_both(c, &c->line[i]);
    for (size_t i = 0; c->cause.kind == EVENT_QUERY && i < c->lines; i++)
        check_notice(c, &c->line[i]);
    if (c->cause.kind == EVENT_QUERY)
        check_sum(c, "hits", c->cause.hits, sum_lines(c, EVENT_DELIVER));
    if (c->cause.kind == EVENT_PUT)
        check_sum(c, "waiting couples", c->cause.waiting, sum_lines(c, EVENT_WAIT));
    if (c->cause.kind == EVENT_MEET)
        check_sum(c, "couples of two sides", 2 * c->cause.count, sum_lines(c, EVENT_DELIVER));
    if (c->cause.kind == EVENT_COUNTS)
        check_sum(c, "lines", c->cause.count, c->lines);
}

/* --- one line --- */

static bool kind_can_follow(enum event_kind cause, enum event_kind kind)
{
    switch (cause) {
    case EVENT_PUT:
    case EVENT_REJOIN:
        return kind != EVENT_ASKED;
    case EVENT_QUERY:
        return kind == EVENT_DELIVER || kind == EVENT_ASKED;
    case EVENT_MEET:
        return kind == EVENT_DELIVER;
    case EVENT_COUNTS:
        return kind == EVENT_ASKED;
    default:
        return kind == EVENT_WITHDRAW;
    }
}

/* Whether the two of the line are those that the cause is about. */
static bool concerns(const struct event *cause, const struct event *line)
{
    bool told = strcmp(line->party, cause->party) == 0, of = strcmp(line->partner, cause->party) == 0;
    switch (cause->kind) {
    case EVENT_REJOIN:
    case EVENT_COUNTS:
        return true;
    case EVENT_REMOVE:
        return of;
    case EVENT_QUERY:
        return line->kind == EVENT_DELIVER ? told : of;
    case EVENT_MEET:
        return (told && strcmp(line->partner, cause->partner) == 0) || (of && strcmp(line->party, cause->partner) == 0);
    default:
        return told || of;
    }
}

/* How many tags of the line's purpose and epoch the cause is about; 0: it is not about them. */
static uint64_t most_that_can_follow(const struct event *cause, const struct event *line)
{
    struct event_scope scope;
    if (cause->kind == EVENT_COUNTS)
        return strcmp(line->purpose, cause->purpose) == 0 && line->epoch == 0 ? UINT64_MAX : 0;
    if (cause->kind == EVENT_REJOIN)
        return strcmp(line->purpose, cause->purpose) == 0 ? cause->count : 0;
    if (cause->scope[0] == '\0')
        return strcmp(line->purpose, cause->purpose) != 0 || line->epoch != cause->epoch ? 0
               : cause->kind == EVENT_REMOVE                                             ? cause->removed
                                                                                         : cause->count;
    if (event_get_scope(&scope, cause, ERR_IGNORED) != 0)
        return 0;
    for (size_t i = 0; i < scope.items; i++)
        if (strcmp(scope.item[i].purpose, line->purpose) == 0 && scope.item[i].epoch == line->epoch)
            return scope.count[i];
    return 0;
}

/* A couple that comes to be by a walk under a grant that is gone meanwhile waits, and so ends silently. */
static bool is_granted(const struct cause_rules *c, const struct event *e)
{
    return (e->kind == EVENT_WAIT && c->cause.kind == EVENT_REJOIN) ||
           manifest_mutual(c->now, manifests_number(c->manifests, e->purpose), manifests_number(c->manifests, e->party),
                           manifests_number(c->manifests, e->partner));
}

/* Of an ended epoch nothing is told but that it is gone. */
static bool has_ended(const struct cause_rules *c, int purpose, const struct event *e)
{
    const struct region_purpose *p = manifest_purpose(c->now, purpose);
    const struct region_epoch *epoch = p != NULL ? region_find_epoch(p, (uint32_t)e->epoch) : NULL;
    return e->kind != EVENT_WITHDRAW && c->cause.kind != EVENT_COUNTS &&
           (epoch == NULL || (epoch->until != 0 && c->cause.time >= epoch->until));
}

static void check_parties(const struct cause_rules *c, uint64_t index, const struct event *e)
{
    const char *what = e->kind == EVENT_DELIVER ? "delivered" : e->kind == EVENT_ASKED ? "asked" : "waiting";
    if (e->kind == EVENT_WAIT && strcmp(e->party, e->partner) >= 0)
        FOUND(c, FINDING_NOT_CONSISTENT, index, "the two of a wait do not stand in the order of their names");
    if (c->now == NULL || e->kind == EVENT_WITHDRAW || c->cause.kind == EVENT_COUNTS)
        return;
    if (!is_granted(c, e))
        FOUND(c, FINDING_NOT_ALLOWED, index, "%s to %s from %s for %s, who did not grant each other that purpose", what,
              e->party, e->partner, e->purpose);
    if (has_ended(c, manifests_number(c->manifests, e->purpose), e))
        FOUND(c, FINDING_NOT_ALLOWED, index, "%s to %s from %s for %s in epoch %" PRIu64 ", which has ended", what,
              e->party, e->partner, e->purpose, e->epoch);
}

static void check_line(const struct cause_rules *c, uint64_t index, const struct event *e)
{
    const uint64_t most = most_that_can_follow(&c->cause, e);
    if (most == 0 || !kind_can_follow(c->cause.kind, e->kind) || !concerns(&c->cause, e))
        FOUND(c, FINDING_NOT_CONSISTENT, index, "%s to %s of %s for %s does not follow from the %s of %s before it",
              event_kind_name(e->kind), e->party, e->partner, e->purpose, event_kind_name(c->cause.kind),
              c->cause.party[0] != '\0' ? c->cause.party : c->cause.purpose);
    else if (e->count == 0 || e->count > most)
        FOUND(c, FINDING_NOT_CONSISTENT, index, "%s of %" PRIu64 " entries behind a %s of %" PRIu64,
              event_kind_name(e->kind), e->count, event_kind_name(c->cause.kind), most);
    check_parties(c, index, e);
}

static int add_line(struct cause_rules *c, uint64_t index, const struct event *e, struct err *err)
{
    if (c->lines == LINES_MAX)
        return err_set(err, ERR_INPUT, "entry %" PRIu64 ": more than %d lines follow one cause", index, LINES_MAX);
    if (c->lines == c->room) {
        size_t room = c->room > 0 ? 2 * c->room : 64;
        struct cause_line *more = realloc(c->line, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the rules");
        c->line = more;
        c->room = room;
    }
    struct cause_line *line = &c->line[c->lines];
    *line = (struct cause_line){.kind = e->kind, .epoch = e->epoch, .count = e->count, .index = index};
    memcpy(line->party, e->party, sizeof line->party);
    memcpy(line->partner, e->partner, sizeof line->partner);
    memcpy(line->purpose, e->purpose, sizeof line->purpose);
    if (c->lines > 0 && compare_lines(line - 1, line) >= 0)
        FOUND(c, FINDING_NOT_CONSISTENT, index, "what follows a cause is not in order, or stands there twice");
    c->lines++;
    return 0;
}

/* --- an event --- */

static void open_cause(struct cause_rules *c, uint64_t index, const struct event *e)
{
    c->open = true;
    c->cause = *e;
    c->index = index;
    c->lines = 0;
}

int cause_rules_event(struct cause_rules *cause, uint64_t index, const struct event *event, struct err *err)
{
    struct cause_rules *c = cause;
    if (event_is_line(event->kind)) {
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
