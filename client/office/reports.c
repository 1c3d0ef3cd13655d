/* Status and activity: pages to read. */
#include "client/office/pages.h"

#include "client/judge/judge.h"
#include "client/office/parties.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 50    /* on a page */
#define CLOCK_APART 5 /* seconds that are nothing to speak of */

/* --- activity --- */

struct reading {
    struct page *page;
    int64_t last; /* the number that the next page begins with; 0: none */
};

/* Words of the program are said in the reader's language; names and ids are what they are. Names have no blanks. */
static void put_about(struct page *p, const struct vault_activity *e)
{
    const bool about_account = strncmp(e->act, "account-", 8) == 0;
    if (strchr(e->about, ' ') != NULL)
        say_made(p, e->about);
    else
        page_text(p, e->about);
    html(p, " ");
    if (about_account)
        say_word(p, e->detail);
    else if (e->about[0] == '\0')
        say_made(p, e->detail);
    else
        page_text(p, e->detail);
}

static int put_entry(void *context, const struct vault_activity *e, struct err *err)
{
    struct reading *r = context;
    struct page *p = r->page;
    (void)err;
    html(p, "<tr><td class=\"n\">");
    page_number(p, (uint64_t)e->number);
    html(p, "</td><td>");
    page_time(p, e->at);
    html(p, "</td>");
    page_cell(p, e->by[0] != '\0' ? e->by : "–");
    html(p, "<td>");
    say_word(p, e->role);
    html(p, "</td><td>");
    say_word(p, e->act);
    html(p, "</td><td>");
    put_about(p, e);
    html(p, "</td></tr>\n");
    r->last = e->number - 1;
    return p->rc;
}

int show_activity(struct visit *visit, struct err *err)
{
    static const char *const heads[] = {N_("Number"), N_("Time"), N_("Who"), N_("Role"), N_("Act"), N_("About")};
    const char *from = web_query(visit->request, "from");
    struct page page = office_page(visit, "Activity", err);
    struct reading r = {&page, 0};
    struct page *p = &page;
    html(p, "<h1>");
    say(p, "Activity");
    html(p, "</h1><p>");
    say(p, "What people of this agency did, newest first. Entries are chained and signed; nobody can change one.");
    html(p, "</p><table class=\"rows\">");
    page_columns(p, heads, ARRAY_LEN(heads), 0);
    int rc = vault_activities(visit->agency->vault, from != NULL ? strtoll(from, NULL, 10) : 0, true, ENTRIES,
                              put_entry, &r, err);
    html(p, "</tbody></table>");
    if (r.last > 0) {
        html(p, "<p class=\"pages\"><a href=\"/activity?from=");
        page_number(p, (uint64_t)r.last);
        html(p, "\">");
        say(p, "Older entries");
        html(p, "</a></p>");
    }
    return rc == 0 ? office_page_end(visit, p) : rc;
}

/* --- status --- */

static void put_fact(struct page *p, const char *name, uint64_t number)
{
    html(p, "<dt>");
    say(p, name);
    html(p, "</dt><dd>");
    page_number(p, number);
    html(p, "</dd>");
}

/* A moment, and how long ago it was; never: a dash. */
static void put_past(struct page *p, uint64_t at)
{
    page_time(p, at);
    if (at == 0)
        return;
    html(p, " (");
    page_ago(p, at, clock_now());
    html(p, ")");
}

static int put_purpose(struct visit *v, struct page *p, const struct agency_purpose *purpose, struct err *err)
{
    struct vault_counts c;
    int rc = vault_count(v->agency->vault, purpose->domain, &c, err);
    if (rc != 0)
        return rc;
    html(p, "<section class=\"card\"><h2>");
    page_text(p, purpose->region->name);
    html(p, "</h2><dl class=\"facts\">");
    put_fact(p, N_("Own records"), c.records);
    put_fact(p, N_("Matches"), c.matches);
    put_fact(p, N_("Checks of partners that met own records"), c.notices);
    put_fact(p, N_("Changes that wait to be sent"), c.unsent);
    html(p, "</dl></section>");
    return 0;
}

/* --- custodians --- */

static void put_clock(struct page *p, int64_t ahead)
{
    char seconds[24];
    snprintf(seconds, sizeof seconds, "%lld", (long long)(ahead < 0 ? -ahead : ahead));
    if (ahead >= -CLOCK_APART && ahead <= CLOCK_APART)
        say(p, "agrees");
    else
        say(p, ahead > 0 ? N_("%s seconds ahead of this machine") : N_("%s seconds behind this machine"), seconds);
}

static void put_tokens(struct page *p, bool known, uint64_t tokens)
{
    html(p, "<td class=\"n\">");
    if (known)
        page_number(p, tokens);
    else
        html(p, "–");
    html(p, "</td>");
}

static void put_custodian(struct page *p, const struct party_said *c)
{
    for (size_t i = 0; i == 0 || (c->answered && i < c->said.purpose_count); i++) {
        const struct budget_purpose *b = &c->said.purpose[i];
        html(p, "<tr>");
        page_cell(p, c->name);
        html(p, "<td>");
        if (c->answered)
            put_clock(p, c->ahead);
        else
            say(p, "does not answer");
        html(p, "</td>");
        page_cell(p, c->answered && c->said.purpose_count > 0 ? b->name : "–");
        put_tokens(p, c->answered, b->left);
        put_tokens(p, c->answered, b->limit);
        html(p, "<td>");
        if (c->answered)
            say(p, b->loading ? N_("first load") : N_("a day"));
        html(p, "</td></tr>\n");
    }
}

static void put_custodians(struct visit *v, struct page *p)
{
    static const char *const heads[] = {N_("Custodian"),   N_("Clock"), N_("Purpose"),
                                        N_("Tokens left"), N_("Limit"), N_("For")};
    struct party_said *said = calloc(REGION_CUSTODIANS_MAX, sizeof *said);
    size_t count = 0;
    bool asking = false;
    const uint64_t at = said != NULL ? parties_look(office_parties(v->office), said, &count, &asking) : 0;
    html(p, "<section><h2>");
    say(p, "Custodians");
    html(p, "</h2>");
    if (count > 0) {
        html(p, "<table class=\"rows\">");
        page_columns(p, heads, ARRAY_LEN(heads), 3);
        for (size_t i = 0; i < count; i++)
            put_custodian(p, &said[i]);
        html(p, "</tbody></table><p class=\"dim\">");
        page_ago(p, at, clock_now());
        html(p, "</p>");
    }
    if (asking) {
        web_set_header(v->reply, "Refresh", "2");
        html(p, "<p class=\"dim\">");
        say(p, "They are being asked: this page looks again by itself.");
        html(p, "</p>");
    }
    html(p, "</section>");
    free(said);
}

int show_status(struct visit *visit, struct err *err)
{
    struct agency *a = visit->agency;
    uint64_t backup = 0, late = 0, late_theirs = 0;
    struct vault_final final = {0, 0};
    struct page page = office_page(visit, "Status", err);
    struct page *p = &page;
    int rc = vault_backup_time(a->vault, &backup, err);
    if (rc == 0)
        rc = vault_inquiries_late(a->vault, clock_now(), &late, &late_theirs, err);
    if (rc == 0)
        rc = vault_final_get(a->vault, &final, err);
    html(p, "<h1>");
    say(p, "Status");
    html(p, "</h1><section class=\"card\"><dl class=\"facts\"><dt>");
    say(p, "Region");
    html(p, "</dt><dd>");
    page_text(p, a->region->name);
    html(p, "</dd><dt>");
    say(p, "Version of the manifest");
    html(p, "</dt><dd>");
    page_number(p, a->region->version);
    html(p, "</dd><dt>");
    say(p, "Ledger witnessed as of");
    html(p, "</dt><dd>");
    page_time(p, final.at);
    html(p, "</dd><dt>");
    say(p, "Last contact with the matcher");
    html(p, "</dt><dd>");
    put_past(p, office_contact(visit->office));
    html(p, "</dd><dt>");
    say(p, "Last backup");
    html(p, "</dt><dd>");
    put_past(p, backup);
    html(p, "</dd><dt>");
    say(p, "Clock of this machine");
    html(p, "</dt><dd>");
    page_time(p, clock_now());
    html(p, "</dd>");
    put_fact(p, N_("Late here"), late);
    put_fact(p, N_("Late at partners"), late_theirs);
    html(p, "</dl></section>");
    put_custodians(visit, p);
    put_rejects(visit, p);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = put_purpose(visit, p, &a->purpose[i], err);
    return rc == 0 ? office_page_end(visit, p) : rc;
}
