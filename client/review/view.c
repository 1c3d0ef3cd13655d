#include "client/review/view.h"

#include "client/schema/score.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 64     /* places read at a time */
#define NEAR_MAX 256 /* matches that are looked at for one person */

/* Matches of one domain, state and partner, as they come. */
struct stream {
    struct review_range range;
    struct review_place place[CHUNK];
    size_t count, at;
    bool over; /* nothing is behind what was read */
};

struct viewing {
    struct agency *agency;
    const struct view_wish *wish;
    struct view *view;
    struct stream *stream;
    size_t streams, room;
};

static bool precedes(const struct view_wish *w, const struct review_place *a, const struct review_place *b)
{
    return w->order == REVIEW_SUREST && a->score != b->score ? a->score > b->score : a->number > b->number;
}

/* --- the streams --- */

static int note_partner(struct view *v, const char *name, struct err *err)
{
    size_t at = 0;
    while (at < v->partners && strcmp(v->partner[at], name) < 0)
        at++;
    if (at < v->partners && strcmp(v->partner[at], name) == 0)
        return 0;
    if (v->partners == VIEW_PARTNERS_MAX)
        return err_set(err, ERR_INPUT, "there are matches with more than %d partners", VIEW_PARTNERS_MAX);
    memmove(v->partner[at + 1], v->partner[at], (v->partners - at) * sizeof v->partner[0]);
    strcpy(v->partner[at], name);
    v->partners++;
    return 0;
}

static int add_stream(struct viewing *v, const struct review_range *range, struct err *err)
{
    uint64_t count = 0;
    if (v->wish->partner[0] != '\0' && strcmp(v->wish->partner, range->partner) != 0)
        return 0;
    if (v->streams == v->room) {
        const size_t room = 2 * v->room + 8;
        struct stream *more = realloc(v->stream, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for matches");
        v->stream = more;
        v->room = room;
    }
    v->stream[v->streams++] = (struct stream){.range = *range};
    int rc = vault_review_count(v->agency->vault, range, &count, err);
    v->view->count += count;
    return rc;
}

static int add_state(struct viewing *v, int64_t domain, bool later, enum review_state state, struct err *err)
{
    struct review_range range = {.domain = domain, .state = state, .later = later};
    char name[PARTY_NAME_MAX + 1] = "";
    bool found = true;
    int rc = 0;
    while (rc == 0 &&
           (rc = vault_review_partner(v->agency->vault, domain, state, name, range.partner, &found, err)) == 0 &&
           found) {
        strcpy(name, range.partner);
        rc = note_partner(v->view, name, err);
        if (rc == 0)
            rc = add_stream(v, &range, err);
    }
    return rc;
}

static int add_domain(struct viewing *v, int64_t domain, bool later, struct err *err)
{
    int rc = 0;
    for (int state = REVIEW_NEW; rc == 0 && state <= REVIEW_WITHDRAWN; state++)
        if (v->wish->state < 0 || v->wish->state == state)
            rc = add_state(v, domain, later, (enum review_state)state, err);
    return rc;
}

static int add_domains(struct viewing *v, struct err *err)
{
    struct agency *a = v->agency;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(a, &a->purpose[i]);
        rc = add_domain(v, a->purpose[i].domain, false, err);
        if (rc == 0 && earlier != NULL)
            rc = add_domain(v, earlier->domain, true, err);
    }
    return rc;
}

static int read_chunk(struct viewing *v, struct stream *s, const struct review_place *after, struct err *err)
{
    struct review_place from = after != NULL ? *after : (struct review_place){0, 0};
    int rc = vault_review_places(v->agency->vault, &s->range, v->wish->order, after != NULL ? &from : NULL, s->place,
                                 CHUNK, &s->count, err);
    s->at = 0;
    s->over = s->count < CHUNK;
    return rc;
}

/* The next place of all streams; *found false: there is none. */
static int next_place(struct viewing *v, struct review_place *out, bool *found, struct err *err)
{
    struct stream *first = NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < v->streams; i++) {
        struct stream *s = &v->stream[i];
        if (s->at == s->count && !s->over)
            rc = read_chunk(v, s, s->count > 0 ? &s->place[s->count - 1] : v->wish->after, err);
        if (s->at < s->count && (first == NULL || precedes(v->wish, &s->place[s->at], &first->place[first->at])))
            first = s;
    }
    *found = rc == 0 && first != NULL;
    if (*found)
        *out = first->place[first->at++];
    return rc;
}

/* --- of one person --- */

struct together {
    struct review_line line[NEAR_MAX];
    size_t count;
};

static bool links(const struct review_line *l)
{
    return (l->state == REVIEW_NEW || l->state == REVIEW_CONFIRMED) &&
           (l->kind == MATCH_SAME_PERSON || l->kind == MATCH_SAME_PERSON_OTHER_DOCUMENT);
}

static void add_lines(struct together *p, const struct review_line *line, size_t count, bool linking)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < p->count && p->line[at].number != line[i].number)
            at++;
        if (at == p->count && at < NEAR_MAX && (!linking || links(&line[i])))
            p->line[p->count++] = line[i];
    }
}

/* All that hang together with this match: by the own record, and by the partner's where both link. */
static int find_person(struct viewing *v, int64_t number, struct together *p, struct err *err)
{
    struct review_line near[NEAR_MAX];
    size_t count = 0;
    bool found = false;
    int rc = vault_review_line(v->agency->vault, number, &p->line[0], &found, err);
    p->count = found;
    for (size_t i = 0; rc == 0 && i < p->count; i++) {
        rc = vault_review_same_own(v->agency->vault, &p->line[i], near, NEAR_MAX, &count, err);
        if (rc == 0)
            add_lines(p, near, count, false);
        if (rc != 0 || !links(&p->line[i]))
            continue;
        rc = vault_review_same_other(v->agency->vault, &p->line[i], near, NEAR_MAX, &count, err);
        if (rc == 0)
            add_lines(p, near, count, true);
    }
    return rc;
}

/* Whether it is in one of the streams. */
static bool fits(const struct viewing *v, const struct review_line *l)
{
    for (size_t i = 0; i < v->streams; i++) {
        const struct review_range *r = &v->stream[i].range;
        if (r->domain == l->domain && r->state == l->state && strcmp(r->partner, l->partner) == 0)
            return true;
    }
    return false;
}

static int by_place(const void *a, const void *b, void *wish)
{
    const struct review_line *x = a, *y = b;
    const struct review_place p = {x->score, x->number}, q = {y->score, y->number};
    return precedes(wish, &p, &q) ? -1 : 1;
}

/* The person whose first match this is goes onto the page; of the others it is there already, or was before. */
static int add_person(struct viewing *v, const struct review_place *at, struct err *err)
{
    static _Thread_local struct together p; /* too large for a stack */
    struct view *view = v->view;
    size_t fit = 0, own = 0;
    int rc = find_person(v, at->number, &p, err);
    for (size_t i = 0; i < p.count; i++)
        if (fits(v, &p.line[i]))
            p.line[fit++] = p.line[i];
    qsort_r(p.line, fit, sizeof p.line[0], by_place, (void *)v->wish);
    while (own < fit && p.line[own].number != at->number)
        own++;
    for (size_t i = own; rc == 0 && own % VIEW_PERSON_MAX == 0 && i < fit && i < own + VIEW_PERSON_MAX; i++)
        view->item[view->items++] = (struct view_item){p.line[i].number, i > own};
    return rc;
}

int view_load(struct view *out, struct agency *agency, const struct view_wish *wish, struct err *err)
{
    struct viewing v = {.agency = agency, .wish = wish, .view = out};
    struct review_place at;
    bool found = true;
    out->items = out->partners = 0;
    out->count = 0;
    out->last = wish->after != NULL ? *wish->after : (struct review_place){0, 0};
    int rc = add_domains(&v, err);
    while (rc == 0 && out->items < VIEW_ROWS && (rc = next_place(&v, &at, &found, err)) == 0 && found) {
        rc = add_person(&v, &at, err);
        out->last = at;
    }
    out->more = false;
    if (rc == 0 && found)
        rc = next_place(&v, &at, &out->more, err);
    free(v.stream);
    return rc;
}
