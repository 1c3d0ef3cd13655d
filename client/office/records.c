/*
 * Own records: whether one is enrolled, what there is about it; withdrawn here, and let back. Its id travels in forms,
 * never in addresses.
 */
#include "client/office/pages.h"

#include "client/review/board.h"
#include "client/task/withdraw.h"
#include "protocol/base/mark.h"

#include <stdio.h>
#include <stdlib.h>
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
    say(p, held ? N_("enrolled") : N_("not enrolled"));
    html(p, "</span></p><ul>");
    rc = vault_reviews(v->agency->vault, purpose->domain, put_if_of, &f, err);
    html(p, "</ul><p class=\"dim\">");
    if (f.count == 0)
        say(p, "No match is about it.");
    html(p, "</p></section>");
    return rc;
}

/* --- withdrawing, and letting back --- */

static void put_act(struct visit *v, struct page *p, const char *act, const char *says, const char *sure,
                    const char *button)
{
    html(p, "<section class=\"card\"><p>");
    say(p, says);
    html(p, "</p>");
    office_form(v, p, "/records", false);
    html(p, "<input type=\"hidden\" name=\"act\" value=\"");
    page_value(p, act);
    html(p, "\"><input type=\"hidden\" name=\"id\" value=\"");
    page_value(p, form_value(&v->form, "id"));
    html(p, "\"><label class=\"choice\"><input type=\"checkbox\" name=\"sure\" value=\"yes\" required> ");
    say(p, sure);
    html(p, "</label><button class=\"danger\">");
    say(p, button);
    html(p, "</button></form></section>");
}

/* What can be done with it: it is enrolled, or was withdrawn by name, or neither. */
static int put_acts(struct visit *v, struct page *p, const char *id, struct err *err)
{
    uint64_t found = 0;
    bool withheld = false;
    int rc = withdraw_find(v->agency, id, &found, err);
    if (rc == 0)
        rc = vault_is_withheld(v->agency->vault, id, &withheld, err);
    if (rc == 0 && found > 0)
        put_act(v, p, N_("withdraw"),
                N_("Who withdraws the record takes it from the partners: they forget what matched it. It does not come "
                   "back with the next feed."),
                N_("It is this record that goes"), N_("Withdraw it"));
    if (rc == 0 && withheld)
        put_act(v, p, N_("let-back"),
                N_("This record was withdrawn, and is kept out of every feed until it is let back."),
                N_("It may come back"), N_("Let it back"));
    return rc;
}

/* The vault is opened anew, since who has its lock has it until the vault is closed. */
static int withdraw_now(struct visit *v, const char *id, struct err *err)
{
    const struct office_options *o = office_options(v->office);
    struct agency *a = calloc(1, sizeof *a);
    if (a == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory to withdraw a record");
    int rc = agency_open(a, o->config, o->identity, err);
    if (rc == 0 && (rc = vault_lock(a->vault, err)) == ERR_CONFLICT)
        err_set(err, rc, N_("an enrolment or another withdrawal is under way: try again when it is over"));
    if (rc == 0)
        rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = withdraw_record(a, id, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    if (a->vault != NULL)
        vault_rollback(a->vault);
    agency_close(a);
    free(a);
    return rc;
}

static int let_back(struct visit *v, const char *id, struct err *err)
{
    struct vault *vault = v->agency->vault;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_let_back(vault, id, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

static int act_on_record(struct visit *v, const char *act, const char *id, struct err *err)
{
    const bool withdraws = strcmp(act, "withdraw") == 0;
    if (!withdraws && strcmp(act, "let-back") != 0)
        return err_set(err, ERR_USAGE, N_("there is no such act"));
    if (strcmp(form_value(&v->form, "sure"), "yes") != 0)
        return err_set(err, ERR_USAGE, N_("say that it is this record: tick the box"));
    int rc = office_note(v, act, N_("own record"), id, err);
    if (rc == 0)
        rc = withdraws ? withdraw_now(v, id, err) : let_back(v, id, err);
    if (rc == 0 && withdraws) {
        office_call_round(v->office);
    }
    return rc;
}

int find_record(struct visit *visit, struct err *err)
{
    const char *id = form_value(&visit->form, "id"), *act = form_value(&visit->form, "act");
    int rc = act[0] != '\0' ? act_on_record(visit, act, id, err)
                            : office_note(visit, N_("look-up"), N_("own record"), id, err);
    if (rc != 0)
        return rc;
    struct page page = office_page(visit, "Records", err);
    put_search(visit, &page);
    for (size_t i = 0; rc == 0 && id[0] != '\0' && i < visit->agency->purposes; i++)
        rc = put_purpose(visit, &page, &visit->agency->purpose[i], id, err);
    if (rc == 0 && id[0] != '\0')
        rc = put_acts(visit, &page, id, err);
    return rc == 0 ? office_page_end(visit, &page) : rc;
}
