/* The inbox: what is to be done, late ones first; then matches, by person. */
#include "client/office/pages.h"

#include "client/desk/words.h"
#include "client/review/board.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 50    /* matches on a page */
#define LETTERS 20 /* that are open, on the first page */

/* --- what is read once, and kept until the vault changes --- */

struct kept {
    struct board board;
    int64_t version;
    uint32_t *chosen; /* of its items, those that were wished for last, in their order */
    size_t count;
    char wish[128];
};

static void free_kept(void *data)
{
    struct kept *k = data;
    board_free(&k->board);
    free(k->chosen);
    free(k);
}

void forget_inbox(struct office *office)
{
    struct office_store *store = office_board(office);
    if (store->data != NULL)
        store->free(store->data);
    *store = (struct office_store){NULL, NULL};
}

static int keep_board(struct visit *v, struct kept **out, struct err *err)
{
    static const struct setting_list any;
    static const struct board_filter all = {.partners = &any, .kinds = &any, .states = &any, .records = &any};
    struct office_store *store = office_board(v->office);
    struct kept *k = store->data;
    int64_t version = 0;
    int rc = vault_version(v->agency->vault, &version, err);
    if (rc == 0 && (k == NULL || k->version != version)) {
        forget_inbox(v->office);
        k = calloc(1, sizeof *k);
        rc = k == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the inbox")
                       : board_load(&k->board, v->agency, &all, err);
        if (rc != 0) {
            free(k);
            return rc;
        }
        k->version = version;
        *store = (struct office_store){k, free_kept};
    }
    *out = rc == 0 ? k : NULL;
    return rc;
}

/* --- filters: in the address, since none of them is personal --- */

struct wish {
    const char *state, *partner, *sort;
    size_t from;
};

static struct wish read_wish(const struct visit *v)
{
    const char *state = web_query(v->request, "state"), *partner = web_query(v->request, "partner");
    const char *sort = web_query(v->request, "sort"), *from = web_query(v->request, "from");
    return (struct wish){state != NULL ? state : "new", partner != NULL ? partner : "", sort != NULL ? sort : "score",
                         from != NULL ? (size_t)strtoul(from, NULL, 10) : 0};
}

static bool fits(const struct board *b, const struct board_item *item, const struct wish *w)
{
    return (w->state[0] == '\0' || strcmp(w->state, review_state_name((enum review_state)item->state)) == 0) &&
           (w->partner[0] == '\0' || strcmp(w->partner, b->partner[item->partner]) == 0);
}

static void put_option(struct page *p, const char *value, const char *name, bool own, const char *chosen)
{
    html(p, "<option value=\"");
    page_value(p, value);
    html(p, "\"");
    if (strcmp(value, chosen) == 0)
        html(p, " selected");
    html(p, ">");
    if (own)
        say_value(p, name);
    else
        page_value(p, name);
    html(p, "</option>");
}

static void put_filters(struct page *p, const struct board *b, const struct wish *w)
{
    static const char *const states[][2] = {{"new", N_("new")},
                                            {"confirmed", N_("confirmed")},
                                            {"dismissed", N_("dismissed")},
                                            {"withdrawn", N_("withdrawn")},
                                            {"", N_("all")}};
    html(p, "<form class=\"filters\" method=\"get\" action=\"/\"><div><label for=\"state\">");
    say(p, "State");
    html(p, "</label><select id=\"state\" name=\"state\">");
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        put_option(p, states[i][0], states[i][1], true, w->state);
    html(p, "</select></div><div><label for=\"partner\">");
    say(p, "Partner");
    html(p, "</label><select id=\"partner\" name=\"partner\">");
    put_option(p, "", N_("all"), true, w->partner);
    for (size_t i = 0; i < b->partners; i++)
        put_option(p, b->partner[i], b->partner[i], false, w->partner);
    html(p, "</select></div><div><label for=\"sort\">");
    say(p, "Order");
    html(p, "</label><select id=\"sort\" name=\"sort\">");
    put_option(p, "score", N_("surest first"), true, w->sort);
    put_option(p, "newest", N_("newest first"), true, w->sort);
    html(p, "</select></div><button class=\"second\">");
    say(p, "Show");
    html(p, "</button></form>");
}

/* --- matches --- */

void put_state(struct page *p, enum review_state state)
{
    html(p, "<span class=\"tag ");
    page_markup(p, state == REVIEW_NEW ? "wait" : state == REVIEW_CONFIRMED ? "good" : "calm");
    html(p, "\">");
    say(p, review_state_name(state));
    html(p, "</span>");
}

static int put_match(struct visit *v, struct page *p, const struct board_item *item, bool follows, struct err *err)
{
    struct vault_review r;
    int64_t domain;
    char score[8];
    int rc = vault_review_get(v->agency->vault, item->number, &domain, &r, err);
    const struct agency_purpose *purpose = rc == 0 ? agency_purpose_of(v->agency, domain) : NULL;
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    if (!follows)
        html(p, "</tbody><tbody class=\"person\">");
    html(p, "<tr><td data-label=\"");
    say_value(p, "Own record");
    html(p, "\"><a href=\"/matches/");
    page_number(p, (uint64_t)item->number);
    html(p, "\">");
    page_text(p, r.id);
    html(p, "</a></td><td data-label=\"");
    say_value(p, "Partner");
    html(p, "\">");
    page_text(p, r.match.partner);
    html(p, "</td><td>");
    say(p, match_kind_in_words((enum match_kind)r.match.kind));
    html(p, "</td><td class=\"n\" data-label=\"");
    say_value(p, "Sure to");
    html(p, "\">");
    snprintf(score, sizeof score, "%u%%", r.match.score);
    page_text(p, score);
    html(p, "</td><td>");
    page_text(p, purpose != NULL ? purpose->region->name : "–");
    html(p, "</td><td data-label=\"");
    say_value(p, "Found");
    html(p, "\">");
    page_ago(p, r.found, clock_now());
    html(p, "</td><td>");
    put_state(p, r.state);
    html(p, "</td></tr>\n");
    return 0;
}

static int by_newest(const void *a, const void *b, void *items)
{
    const struct board_item *x = (const struct board_item *)items + *(const uint32_t *)a;
    const struct board_item *y = (const struct board_item *)items + *(const uint32_t *)b;
    return x->number > y->number ? -1 : 1;
}

/* Those that fit, in the order wished for: kept, since who turns pages wishes for the same. */
static int choose(struct kept *k, const struct wish *w, struct err *err)
{
    const struct board *b = &k->board;
    char wish[sizeof k->wish];
    const bool fine = snprintf(wish, sizeof wish, "%s\n%s\n%s", w->state, w->partner, w->sort) < (int)sizeof wish;
    if (fine && k->chosen != NULL && strcmp(wish, k->wish) == 0)
        return 0;
    free(k->chosen);
    k->chosen = calloc(b->count + 1, sizeof *k->chosen);
    k->count = 0;
    k->wish[0] = '\0';
    if (k->chosen == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the inbox");
    for (size_t i = 0; i < b->count; i++)
        if (fits(b, &b->item[i], w))
            k->chosen[k->count++] = (uint32_t)i;
    if (strcmp(w->sort, "newest") == 0)
        qsort_r(k->chosen, k->count, sizeof *k->chosen, by_newest, b->item);
    snprintf(k->wish, sizeof k->wish, "%s", fine ? wish : "");
    return 0;
}

static void put_turn(struct page *p, const struct wish *w, size_t from, const char *name)
{
    html(p, "<a href=\"/?state=");
    page_value(p, w->state);
    html(p, "&amp;partner=");
    page_value(p, w->partner);
    html(p, "&amp;sort=");
    page_value(p, w->sort);
    html(p, "&amp;from=");
    page_number(p, from);
    html(p, "\">");
    say(p, name);
    html(p, "</a>");
}

static void put_pages(struct page *p, const struct wish *w, size_t count)
{
    char first[24], last[24], all[24];
    snprintf(first, sizeof first, "%zu", w->from + 1);
    snprintf(last, sizeof last, "%zu", count < w->from + ROWS ? count : w->from + ROWS);
    snprintf(all, sizeof all, "%zu", count);
    html(p, "<div class=\"pages\"><span>");
    say(p, "Matches %s to %s of %s", first, last, all);
    html(p, "</span>");
    if (w->from > 0)
        put_turn(p, w, w->from >= ROWS ? w->from - ROWS : 0, N_("Before"));
    if (w->from + ROWS < count)
        put_turn(p, w, w->from + ROWS, N_("Next"));
    html(p, "</div>");
}

static int put_matches(struct visit *v, struct page *p, struct kept *k, struct err *err)
{
    static const char *const heads[] = {N_("Own record"), N_("Partner"), N_("Kind"), N_("Sure to"),
                                        N_("Purpose"),    N_("Found"),   N_("State")};
    struct wish w = read_wish(v);
    const struct board *b = &k->board;
    int rc = choose(k, &w, err);
    if (rc != 0)
        return rc;
    const uint32_t *chosen = k->chosen;
    const size_t count = k->count;
    w.from = w.from < count ? w.from : 0;
    html(p, "<section><h2>");
    say(p, "Matches");
    html(p, "</h2>");
    put_filters(p, b, &w);
    if (count == 0) {
        html(p, "<p class=\"dim\">");
        say(p, "No match is in this state. New ones come with the partners' entries, by themselves.");
        html(p, "</p></section>");
        return rc;
    }
    html(p, "<table class=\"rows\"><caption>");
    say(p, "Matches that may be of one person stand together.");
    html(p, "</caption>");
    page_columns(p, heads, ARRAY_LEN(heads), 3);
    for (size_t i = w.from; rc == 0 && i < count && i < w.from + ROWS; i++)
        rc = put_match(v, p, &b->item[chosen[i]],
                       i > w.from && b->item[chosen[i]].group == b->item[chosen[i - 1]].group, err);
    html(p, "</tbody></table>");
    put_pages(p, &w, count);
    html(p, "</section>");
    return rc;
}

/* --- letters that wait --- */

struct waiting {
    struct visit *visit;
    struct page *page;
    uint64_t now;
    size_t count;
};

static const char *what_waits(const struct vault_inquiry_letter *l)
{
    if (l->state == INQUIRY_PENDING)
        return N_("A release waits for a second officer");
    if (l->kind == LETTER_RECALL)
        return l->ours ? N_("Our recall is not acknowledged") : N_("A recall is to be obeyed");
    return l->ours ? N_("Our question waits for an answer") : N_("A question is to be answered");
}

static int put_waiting(void *context, const struct vault_inquiry *q, const struct vault_inquiry_letter *l,
                       struct err *err)
{
    struct waiting *w = context;
    struct page *p = w->page;
    const struct party *party = region_find_party_by_digest(w->visit->agency->region, q->peer);
    (void)err;
    if (w->count++ >= LETTERS)
        return p->rc;
    html(p, "<tr><td><a href=\"/letters/");
    page_number(p, (uint64_t)l->number);
    html(p, "\">");
    say(p, what_waits(l));
    html(p, "</a></td>");
    page_cell(p, party != NULL ? party->name : "–");
    page_cell(p, q->id);
    html(p, "<td>");
    if (l->due != 0 && l->due < w->now) {
        html(p, "<span class=\"tag bad\">");
        say(p, "late");
        html(p, "</span> ");
    }
    if (l->due != 0)
        page_ago(p, l->due, w->now);
    html(p, "</td></tr>\n");
    return p->rc;
}

static int put_letters(struct visit *v, struct page *p, struct err *err)
{
    static const char *const heads[] = {N_("What waits"), N_("Partner"), N_("Own record"), N_("Due")};
    struct waiting w = {v, p, clock_now(), 0};
    html(p, "<section><h2>");
    say(p, "To do");
    html(p, "</h2><table class=\"rows\">");
    page_columns(p, heads, ARRAY_LEN(heads), PAGE_NO_NUMBER);
    int rc = vault_inquiry_letters(v->agency->vault, 0, INQUIRY_WAITING, w.now, put_waiting, &w, err);
    html(p, "</tbody></table><p class=\"dim\">");
    if (w.count == 0)
        say(p, "Nothing waits.");
    html(p, "</p></section>");
    return rc;
}

int show_inbox(struct visit *visit, struct err *err)
{
    struct kept *kept = NULL;
    int rc = keep_board(visit, &kept, err);
    if (rc != 0)
        return rc;
    struct page page = office_page(visit, "Inbox", err);
    html(&page, "<h1>");
    say(&page, "Inbox");
    html(&page, "</h1>");
    rc = put_letters(visit, &page, err);
    if (rc == 0)
        rc = put_matches(visit, &page, kept, err);
    return rc == 0 ? office_page_end(visit, &page) : rc;
}
