/* Status and activity: pages to read. */
#include "client/office/pages.h"

#include "client/judge/judge.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 50 /* on a page */

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
    say(p, "Last backup");
    html(p, "</dt><dd>");
    page_time(p, backup);
    html(p, "</dd><dt>");
    say(p, "Clock of this machine");
    html(p, "</dt><dd>");
    page_time(p, clock_now());
    html(p, "</dd>");
    put_fact(p, N_("Late here"), late);
    put_fact(p, N_("Late at partners"), late_theirs);
    html(p, "</dl></section>");
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = put_purpose(visit, p, &a->purpose[i], err);
    return rc == 0 ? office_page_end(visit, p) : rc;
}
