/* The inbox: what is to be done, late ones first; then matches, by person; then what partners asked about. */
#include "client/office/pages.h"

#include "client/desk/words.h"
#include "client/review/board.h"
#include "client/review/view.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS 20 /* that are open, */
#define NOTICES 20 /* and the newest ones of partners' checks, */
#define NOTICE_SECONDS (30 * 86400ull)

/* --- filters: in the address, since none of them is personal --- */

struct wish {
    const char *state, *partner, *sort;
    uint64_t from;             /* how many stand on the pages before */
    struct review_place after; /* the last of them */
    struct view_wish view;
};

/* "80-123": behind the match 123, which has the score 80. */
static bool read_place(struct review_place *out, const char *text)
{
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    out->score = (unsigned)strtoul(text, &end, 10);
    if (*end != '-' || end[1] < '0' || end[1] > '9')
        return false;
    out->number = strtoll(end + 1, &end, 10);
    return *end == '\0';
}

static int state_named(const char *name)
{
    for (int s = 0; s <= REVIEW_WITHDRAWN; s++)
        if (strcmp(name, review_state_name((enum review_state)s)) == 0)
            return s;
    return -1;
}

static void read_wish(struct wish *w, const struct visit *v)
{
    const char *state = web_query(v->request, "state"), *partner = web_query(v->request, "partner");
    const char *sort = web_query(v->request, "sort"), *from = web_query(v->request, "from");
    *w = (struct wish){.state = state != NULL ? state : "new",
                       .partner = partner != NULL ? partner : "",
                       .sort = sort != NULL ? sort : "score"};
    const bool goes_on = read_place(&w->after, web_query(v->request, "after"));
    w->from = goes_on && from != NULL ? strtoul(from, NULL, 10) : 0;
    w->view = (struct view_wish){.state = state_named(w->state),
                                 .partner = w->partner,
                                 .order = strcmp(w->sort, "newest") == 0 ? REVIEW_NEWEST : REVIEW_SUREST,
                                 .after = goes_on ? &w->after : NULL};
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

static void put_filters(struct page *p, const struct view *view, const struct wish *w)
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
    for (size_t i = 0; i < view->partners; i++)
        put_option(p, view->partner[i], view->partner[i], false, w->partner);
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

static int put_match(struct visit *v, struct page *p, const struct view_item *item, struct err *err)
{
    struct vault_review r;
    int64_t domain;
    char score[8];
    int rc = vault_review_get(v->agency->vault, item->number, &domain, &r, err);
    const struct agency_purpose *purpose = rc == 0 ? agency_purpose_of(v->agency, domain) : NULL;
    if (rc != 0)
        return rc == ERR_NOT_FOUND ? 0 : rc;
    if (!item->follows)
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

static void put_turn(struct page *p, const struct wish *w, const struct view *next, const char *name)
{
    html(p, "<a href=\"/?state=");
    page_value(p, w->state);
    html(p, "&amp;partner=");
    page_value(p, w->partner);
    html(p, "&amp;sort=");
    page_value(p, w->sort);
    if (next != NULL) {
        html(p, "&amp;from=");
        page_number(p, w->from + next->items);
        html(p, "&amp;after=");
        page_number(p, next->last.score);
        html(p, "-");
        page_number(p, (uint64_t)next->last.number);
    }
    html(p, "\">");
    say(p, name);
    html(p, "</a>");
}

static void put_pages(struct page *p, const struct wish *w, const struct view *view)
{
    char first[24], last[24], all[24];
    snprintf(first, sizeof first, "%llu", (unsigned long long)w->from + 1);
    snprintf(last, sizeof last, "%llu", (unsigned long long)w->from + view->items);
    snprintf(all, sizeof all, "%llu", (unsigned long long)view->count);
    html(p, "<div class=\"pages\"><span>");
    say(p, "Matches %s to %s of %s", first, last, all);
    html(p, "</span>");
    if (w->from > 0)
        put_turn(p, w, NULL, N_("First page"));
    if (view->more)
        put_turn(p, w, view, N_("Next"));
    html(p, "</div>");
}

static int put_table(struct visit *v, struct page *p, const struct wish *w, const struct view *view, struct err *err)
{
    static const char *const heads[] = {N_("Own record"), N_("Partner"), N_("Kind"), N_("Sure to"),
                                        N_("Purpose"),    N_("Found"),   N_("State")};
    int rc = 0;
    html(p, "<table class=\"rows\"><caption>");
    say(p, "Matches that may be of one person stand together.");
    html(p, "</caption>");
    page_columns(p, heads, ARRAY_LEN(heads), 3);
    for (size_t i = 0; rc == 0 && i < view->items; i++)
        rc = put_match(v, p, &view->item[i], err);
    html(p, "</tbody></table>");
    put_pages(p, w, view);
    return rc;
}

static int put_matches(struct visit *v, struct page *p, struct err *err)
{
    struct view *view = malloc(sizeof *view);
    struct wish w;
    read_wish(&w, v);
    int rc = view == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the inbox")
                          : view_load(view, v->agency, &w.view, err);
    if (rc == 0) {
        html(p, "<section><h2>");
        say(p, "Matches");
        html(p, "</h2>");
        put_filters(p, view, &w);
        if (view->items > 0) {
            rc = put_table(v, p, &w, view, err);
        } else {
            html(p, "<p class=\"dim\">");
            say(p, "No match is in this state. New ones come with the partners' entries, by themselves.");
            html(p, "</p>");
        }
        html(p, "</section>");
    }
    free(view);
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
    if (l->kind == LETTER_ANSWER)
        return N_("An answer to our question has not been read");
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
    if (w.count > LETTERS) {
        char more[24];
        snprintf(more, sizeof more, "%zu", w.count - LETTERS);
        say(p, "%s more wait: they come up as these are done.", more);
    }
    html(p, "</p></section>");
    return rc;
}

/* --- what partners asked about --- */

struct noticing {
    struct visit *visit;
    struct page *page;
    uint64_t now;
    size_t count;
};

static int put_notice(void *context, const struct vault_notice *n, struct err *err)
{
    struct noticing *c = context;
    struct page *p = c->page;
    const struct agency_purpose *purpose = agency_purpose_of(c->visit->agency, n->domain);
    (void)err;
    if (purpose == NULL)
        return 0;
    c->count++;
    html(p, "<tr><td>");
    say(p, "%s checked this record", n->partner);
    html(p, "</td>");
    page_cell(p, n->id);
    page_cell(p, purpose->region->name);
    html(p, "<td>");
    page_ago(p, n->at, c->now);
    html(p, "</td></tr>\n");
    return p->rc;
}

static int put_notices(struct visit *v, struct page *p, struct err *err)
{
    static const char *const heads[] = {N_("What"), N_("Own record"), N_("Purpose"), N_("Time")};
    struct noticing c = {v, p, clock_now(), 0};
    html(p, "<section><h2>");
    say(p, "Checks by partners");
    html(p, "</h2><table class=\"rows\">");
    page_columns(p, heads, ARRAY_LEN(heads), PAGE_NO_NUMBER);
    int rc = vault_notices_newest(v->agency->vault, c.now - NOTICE_SECONDS, NOTICES, put_notice, &c, err);
    html(p, "</tbody></table><p class=\"dim\">");
    if (c.count == 0)
        say(p, "No partner has asked about an own record these 30 days.");
    else
        say(p, "The newest ones of 30 days. Look the record up to see what came of it.");
    html(p, "</p></section>");
    return rc;
}

int show_inbox(struct visit *visit, struct err *err)
{
    struct page page = office_page(visit, "Inbox", err);
    html(&page, "<h1>");
    say(&page, "Inbox");
    html(&page, "</h1>");
    int rc = put_letters(visit, &page, err);
    if (rc == 0)
        rc = put_matches(visit, &page, err);
    if (rc == 0)
        rc = put_notices(visit, &page, err);
    return rc == 0 ? office_page_end(visit, &page) : rc;
}
