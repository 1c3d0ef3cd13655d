/* Own records: whether one is enrolled, and what there is about it. Its id travels in forms, never in addresses. */
#include "client/office/pages.h"

#include "client/review/board.h"
#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

static void put_search(struct visit *v, struct page *p)
{
    html(p, "<h1>");
    say(p, "Which own record do you look for?");
    html(p, "</h1>");
    office_form(v, p, "/records", false);
    html(p, "<label for=\"id\">");
    say(p, "Its id");
    html(p, "</label><input type=\"search\" id=\"id\" name=\"id\" autocomplete=\"off\" required value=\"");
    page_value(p, form_value(&v->form, "id"));
    html(p, "\"><button>");
    say(p, "Look it up");
    html(p, "</button></form>");
}

int show_records(struct visit *visit, struct err *err)
{
    struct page page = office_page(visit, "Records", err);
    put_search(visit, &page);
    return office_page_end(visit, &page);
}

struct finding {
    struct page *page;
    const char *id;
    size_t count;
};

static int put_if_of(void *context, const struct vault_review *r, struct err *err)
{
    struct finding *f = context;
    struct page *p = f->page;
    char score[8];
    (void)err;
    if (strcmp(r->id, f->id) != 0)
        return 0;
    f->count++;
    html(p, "<li><a href=\"/matches/");
    page_number(p, (uint64_t)r->match.number);
    html(p, "\">");
    page_text(p, r->match.partner);
    html(p, "</a> ");
    say(p, match_kind_in_words((enum match_kind)r->match.kind));
    snprintf(score, sizeof score, "%u%%", r->match.score);
    html(p, ", ");
    page_text(p, score);
    html(p, " ");
    put_state(p, r->state);
    html(p, "</li>\n");
    return p->rc;
}

static int put_purpose(struct visit *v, struct page *p, const struct agency_purpose *purpose, const char *id,
                       struct err *err)
{
    static const uint8_t nothing[32];
    struct finding f = {p, id, 0};
    struct vault_ref ref;
    bool same;
    int rc = vault_record_find(v->agency->vault, purpose->domain, id, nothing, &ref, &same, err);
    const bool held = rc == 0;
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return rc;
    html(p, "<section class=\"card\"><h2>");
    page_text(p, purpose->region->name);
    html(p, "</h2><p>");
    html(p, "<span class=\"tag\">");
    say(p, held ? "enrolled" : "not enrolled");
    html(p, "</span></p><ul>");
    rc = vault_reviews(v->agency->vault, purpose->domain, put_if_of, &f, err);
    html(p, "</ul><p class=\"dim\">");
    if (f.count == 0)
        say(p, "No match is about it.");
    html(p, "</p></section>");
    return rc;
}

int find_record(struct visit *visit, struct err *err)
{
    const char *id = form_value(&visit->form, "id");
    int rc = office_note(visit, "look-up", "record", id, err);
    if (rc != 0)
        return rc;
    struct page page = office_page(visit, "Records", err);
    put_search(visit, &page);
    for (size_t i = 0; rc == 0 && id[0] != '\0' && i < visit->agency->purposes; i++)
        rc = put_purpose(visit, &page, &visit->agency->purpose[i], id, err);
    return rc == 0 ? office_page_end(visit, &page) : rc;
}
