/* The desk's pages, and who has them. */
#include "client/office/pages.h"

static int show_inbox_now(struct visit *visit, struct err *err)
{
    struct page page = office_page(visit, "Inbox", err);
    struct page *p = &page;
    html(p, "<h1>");
    say(p, "Inbox");
    html(p, "</h1>");
    return office_page_end(visit, p);
}

static const struct office_route routes[] = {
    {"GET", "/", 0, MAY_OFFICERS, show_inbox_now},
    {"GET", "/status", 0, MAY_ALL & ~MAY(ROLE_BORDER), show_status},
    {"GET", "/activity", 0, MAY(ROLE_SUPERVISOR) | MAY(ROLE_AUDITOR), show_activity},
};

const struct office_table office_desk = {routes, ARRAY_LEN(routes)};
