#include "client/review/board.h"

#include "protocol/base/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_name[REVIEW_STATES] = {N_("new"), N_("confirmed"), N_("dismissed"), N_("withdrawn"),
                                                      N_("returned")};

const char *review_state_name(enum review_state state)
{
    return state < REVIEW_STATES ? state_name[state] : "unknown";
}

bool review_is_outdated(const struct vault_review *review)
{
    const struct review_event *d = &review->decision;
    return review->withdrawn == 0 && d->state != REVIEW_NEW && d->keys != review->match.keys;
}

/* --- loading --- */

struct loading {
    struct board *board;
    const struct board_filter *filter;
    uint16_t purpose;
};

static bool passes(const struct board_filter *f, const struct vault_review *r)
{
    uint64_t last = r->withdrawn > r->found ? r->withdrawn : r->found;
    return setting_list_lets(f->partners, r->match.partner) &&
           setting_list_lets(f->kinds, match_kind_name((enum match_kind)r->match.kind)) &&
           setting_list_lets(f->states, review_state_name(r->state)) && setting_list_lets(f->records, r->id) &&
           r->match.score >= f->min_score && last >= f->since;
}

static int find_partner(struct board *b, const char *name, uint16_t *at, struct err *err)
{
    for (size_t i = 0; i < b->partners; i++)
        if (strcmp(b->partner[i], name) == 0) {
            *at = (uint16_t)i;
            return 0;
        }
    void *more = b->partners < UINT16_MAX ? realloc(b->partner, (b->partners + 1) * sizeof *b->partner) : NULL;
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the names of partners");
    b->partner = more;
    snprintf(b->partner[b->partners], sizeof *b->partner, "%s", name);
    *at = (uint16_t)b->partners++;
    return 0;
}

static int add_item(void *context, const struct vault_review *r, struct err *err)
{
    struct loading *l = context;
    struct board *b = l->board;
    if (b->count == b->room) {
        size_t room = b->room > 0 ? 2 * b->room : 256;
        struct board_item *more = realloc(b->item, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for %zu matches", room);
        b->item = more;
        b->room = room;
    }
    struct board_item *item = &b->item[b->count];
    *item = (struct board_item){.number = r->match.number,
                                .purpose = l->purpose,
                                .score = (uint8_t)r->match.score,
                                .last = r->withdrawn > r->found ? r->withdrawn : r->found,
                                .state = (uint8_t)r->state,
                                .kind = (uint8_t)r->match.kind,
                                .shown = passes(l->filter, r)};
    memcpy(item->own, r->match.record.bytes, sizeof item->own);
    memcpy(item->handle, r->match.handle, HANDLE_SIZE);
    item->links = (r->state == REVIEW_NEW || r->state == REVIEW_CONFIRMED) &&
                  (r->match.kind == MATCH_SAME_PERSON || r->match.kind == MATCH_SAME_PERSON_OTHER_DOCUMENT);
    int rc = find_partner(b, r->match.partner, &item->partner, err);
    b->count += rc == 0;
    b->shown += rc == 0 && item->shown;
    return rc;
}

/* --- grouping --- */

static int by_own(const void *a, const void *b)
{
    return memcmp(((const struct board_item *)a)->own, ((const struct board_item *)b)->own,
                  sizeof((struct board_item *)0)->own);
}

static bool same_other(const struct board_item *x, const struct board_item *y)
{
    return x->purpose == y->purpose && x->partner == y->partner && memcmp(x->handle, y->handle, HANDLE_SIZE) == 0;
}

/* Of positions in the items. */
static int by_other(const void *a, const void *b, void *items)
{
    const struct board_item *x = (struct board_item *)items + *(const size_t *)a;
    const struct board_item *y = (struct board_item *)items + *(const size_t *)b;
    if (x->purpose != y->purpose)
        return x->purpose < y->purpose ? -1 : 1;
    if (x->partner != y->partner)
        return x->partner < y->partner ? -1 : 1;
    return memcmp(x->handle, y->handle, HANDLE_SIZE);
}

/* Of positions in the items: by own record, purpose and partner. */
static int by_own_and_agency(const void *a, const void *b, void *items)
{
    const struct board_item *x = (struct board_item *)items + *(const size_t *)a;
    const struct board_item *y = (struct board_item *)items + *(const size_t *)b;
    const int own = by_own(x, y);
    if (own != 0)
        return own;
    if (x->purpose != y->purpose)
        return x->purpose < y->purpose ? -1 : 1;
    return (x->partner > y->partner) - (x->partner < y->partner);
}

/* Of matches of one record with one agency, from `from` to `to` of what stands in order: is another one surer? */
static void note_best(struct board *b, const size_t *order, size_t from, size_t to)
{
    const struct board_item *best = &b->item[order[from]];
    for (size_t i = from; i < to; i++) {
        const struct board_item *y = &b->item[order[i]];
        if (y->score > best->score || (y->score == best->score && y->number < best->number))
            best = y;
    }
    for (size_t i = from; i < to; i++) {
        struct board_item *x = &b->item[order[i]];
        if (best->score > x->score && best->score > x->best_score) {
            x->best_score = best->score;
            x->best = best->number;
        }
    }
}

static size_t root_of(size_t *parent, size_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static void unite(size_t *parent, size_t a, size_t b)
{
    parent[root_of(parent, a)] = root_of(parent, b);
}

/* Items are in order of the own record. order: room for the positions of those that link. */
static void unite_all(struct board *b, size_t *parent, size_t *order)
{
    size_t linking = 0, from = 0;
    for (size_t i = 0; i < b->count; i++) {
        parent[i] = i;
        if (b->item[i].links)
            order[linking++] = i;
        if (i > 0 && by_own(&b->item[i], &b->item[i - 1]) == 0)
            unite(parent, i, i - 1);
    }
    qsort_r(order, linking, sizeof *order, by_own_and_agency, b->item);
    for (size_t i = 1; i <= linking; i++)
        if (i == linking || by_own_and_agency(&order[i], &order[from], b->item) != 0) {
            note_best(b, order, from, i);
            from = i;
        }
    qsort_r(order, linking, sizeof *order, by_other, b->item);
    from = 0;
    for (size_t i = 1; i <= linking; i++)
        if (i == linking || !same_other(&b->item[order[i]], &b->item[order[from]])) {
            note_best(b, order, from, i);
            from = i;
        } else
            unite(parent, order[i], order[i - 1]);
}

/* A group is named by its least number; the best scores of groups and own records decide the order. best: room. */
static void name_groups(struct board *b, size_t *parent, size_t *best)
{
    for (size_t i = 0; i < b->count; i++)
        best[i] = SIZE_MAX;
    for (size_t i = 0; i < b->count; i++) {
        size_t *least = &best[root_of(parent, i)];
        if (*least == SIZE_MAX || b->item[i].number < b->item[*least].number)
            *least = i;
    }
    for (size_t i = 0; i < b->count; i++) {
        struct board_item *item = &b->item[i], *first = &b->item[best[root_of(parent, i)]];
        item->group = first->number;
        if (item->shown && item->score > first->group_score)
            first->group_score = item->score;
    }
    for (size_t i = 0, start = 0; i < b->count; i++) {
        b->item[i].group_score = b->item[best[root_of(parent, i)]].group_score;
        if (by_own(&b->item[i], &b->item[start]) != 0)
            start = i;
        if (b->item[i].shown && b->item[i].score > b->item[start].own_score)
            b->item[start].own_score = b->item[i].score;
    }
    for (size_t i = 1; i < b->count; i++)
        if (by_own(&b->item[i], &b->item[i - 1]) == 0)
            b->item[i].own_score = b->item[i - 1].own_score;
}

static int group(struct board *b, struct err *err)
{
    size_t *parent = calloc(b->count + 1, sizeof *parent), *order = calloc(b->count + 1, sizeof *order);
    int rc =
        parent == NULL || order == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for %zu matches", b->count) : 0;
    if (rc == 0) {
        qsort(b->item, b->count, sizeof *b->item, by_own);
        unite_all(b, parent, order);
        name_groups(b, parent, order);
    }
    free(parent);
    free(order);
    return rc;
}

static int by_rank(const void *a, const void *b)
{
    const struct board_item *x = a, *y = b;
    if (x->shown != y->shown)
        return x->shown ? -1 : 1;
    if (x->group_score != y->group_score)
        return x->group_score > y->group_score ? -1 : 1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->own_score != y->own_score)
        return x->own_score > y->own_score ? -1 : 1;
    int own = by_own(x, y);
    if (own != 0)
        return own;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

/* Each match by itself; those that are not shown are behind, as they are by rank. */
static int by_one(const void *a, const void *b, void *filter)
{
    const struct board_item *x = a, *y = b;
    const enum board_sort sort = ((const struct board_filter *)filter)->sort;
    if (x->shown != y->shown)
        return x->shown ? -1 : 1;
    if (sort == SORT_SCORE && x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (sort == SORT_NEWEST && x->last != y->last)
        return x->last > y->last ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

int board_sort_named(enum board_sort *out, const char *name, struct err *err)
{
    static const char *const names[] = {"person", "score", "newest", "number"};
    *out = SORT_PERSON;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum board_sort)i;
            return 0;
        }
    return name[0] == '\0' ? 0 : err_set(err, ERR_USAGE, "--sort %s: it is person, score, newest or number", name);
}

/* --- the board --- */

static int check_filter(const struct board_filter *f, struct err *err)
{
    for (size_t i = 0; i < f->states->count; i++) {
        int s = 0;
        while (s <= REVIEW_WITHDRAWN && strcmp(f->states->item[i], state_name[s]) != 0)
            s++;
        if (s > REVIEW_WITHDRAWN)
            return err_set(err, ERR_USAGE, "--state %s: it is new, confirmed, dismissed or withdrawn",
                           f->states->item[i]);
    }
    for (size_t i = 0; i < f->kinds->count; i++)
        if (match_kind_named(f->kinds->item[i]) == MATCH_NONE)
            return err_set(err, ERR_USAGE,
                           "--kind %s: it is same-person, same-person-other-document, "
                           "same-document-other-person or listed-document",
                           f->kinds->item[i]);
    return f->min_score <= 100 ? 0 : err_set(err, ERR_USAGE, "--min-score: scores are from 0 to 100");
}

/* A partner is one of the manifest, or one that there are matches with. */
static int check_partners(const struct board *b, const struct agency *a, const struct board_filter *f, struct err *err)
{
    for (size_t i = 0; i < f->partners->count; i++) {
        const char *name = f->partners->item[i];
        bool known = region_find_agency(a->region, name) >= 0;
        for (size_t k = 0; k < b->partners; k++)
            known = known || strcmp(b->partner[k], name) == 0;
        if (!known)
            return err_set(err, ERR_USAGE,
                           "--partner %s: the manifest has no such agency, and there is no match with it", name);
    }
    return 0;
}

int board_load(struct board *board, struct agency *agency, const struct board_filter *filter, struct err *err)
{
    struct loading loading = {.board = board, .filter = filter};
    *board = (struct board){.sort = filter->sort};
    int rc = check_filter(filter, err);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        loading.purpose = (uint16_t)i;
        rc = vault_reviews(agency->vault, agency->purpose[i].domain, add_item, &loading, err);
    }
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(agency, &agency->purpose[i]);
        loading.purpose = (uint16_t)i;
        rc = earlier == NULL ? 0 : vault_reviews(agency->vault, earlier->domain, add_item, &loading, err);
    }
    if (rc == 0)
        rc = check_partners(board, agency, filter, err);
    if (rc == 0 && board->count > 0)
        rc = group(board, err);
    if (rc == 0 && board->count > 0 && filter->sort == SORT_PERSON)
        qsort(board->item, board->count, sizeof *board->item, by_rank);
    else if (rc == 0 && board->count > 0)
        qsort_r(board->item, board->count, sizeof *board->item, by_one, (void *)filter);
    if (rc != 0)
        board_free(board);
    return rc;
}

void board_free(struct board *board)
{
    free(board->item);
    free(board->partner);
    memset(board, 0, sizeof *board);
}
