/* What is done for every request, before and behind its handler. */
#include "client/office/office_internal.h"

#include "client/office/account.h"
#include "protocol/base/log.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CSP                                                                                                            \
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "   \
    "frame-ancestors 'none'"

/* --- the agency --- */

/* A manifest that cannot be opened leaves the desk with the one that it has. */
int office_open_agency(struct office *office, struct err *err)
{
    static struct agency fresh;
    if (!agency_manifest_changed(&office->manifest, office->options->config) && office->open)
        return 0;
    int rc = agency_open(&fresh, office->options->config, office->options->identity, err);
    if (rc != 0) {
        agency_close(&fresh);
        if (!office->open)
            return rc;
        log_event(LOG_ERROR, "desk-manifest", "reason=\"%s\"", err->text);
        return 0;
    }
    if (office->open)
        agency_close(&office->agency);
    office->agency = fresh;
    office->open = true;
    return 0;
}

const struct office_options *office_options(const struct office *office)
{
    return office->options;
}

uint64_t office_contact(const struct office *office)
{
    return atomic_load(&office->shared->contact);
}

void office_call_round(struct office *office)
{
    atomic_store(&office->shared->wanted, true);
}

int office_note(struct visit *visit, const char *act, const char *about, const char *detail, struct err *err)
{
    const struct activity a = {visit->session != NULL ? visit->session->name : "",
                               visit->session != NULL ? account_role_name[visit->session->role] : "", act, about,
                               detail};
    return activity_note(visit->agency->vault, visit->office->options->identity, &a, err);
}

struct parties *office_parties(const struct office *office)
{
    return office->parties;
}

struct checker *office_checker(const struct office *office)
{
    return office->checker;
}

/* --- cookies and paths --- */

bool office_cookie(char *out, size_t size, const struct web_request *request, const char *name)
{
    const char *at = web_header(request, "Cookie");
    const size_t len = strlen(name);
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        const size_t whole = strcspn(at, ";");
        if (whole > len && strncmp(at, name, len) == 0 && at[len] == '=' && whole - len - 1 < size) {
            memcpy(out, at + len + 1, whole - len - 1);
            out[whole - len - 1] = '\0';
            return true;
        }
        at += whole;
    }
    return false;
}

void office_set_cookie(struct visit *visit, unsigned place, const char *name, const char *value, const char *more)
{
    const char *proto = web_header(visit->request, "X-Forwarded-Proto");
    const bool tls = visit->office->options->certificate[0] != '\0' || (proto != NULL && strcmp(proto, "https") == 0);
    char *to = visit->reply->own_value[place];
    snprintf(to, WEB_OWN_VALUE_MAX, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", name, value, tls ? "; Secure" : "",
             more);
    web_set_header(visit->reply, "Set-Cookie", to);
}

bool office_is_path(const char *path)
{
    return path[0] == '/' && path[1] != '/' && strlen(path) < 200 &&
           strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789/-") == strlen(path);
}

int office_go(struct visit *visit, const char *path)
{
    visit->reply->status = 303;
    snprintf(visit->reply->own_value[1], WEB_OWN_VALUE_MAX, "%s", path);
    web_set_header(visit->reply, "Location", visit->reply->own_value[1]);
    return 0;
}

int office_number(int64_t *out, const struct visit *visit, size_t arg, struct err *err)
{
    const char *text = visit->request->args.text[arg];
    char *end;
    *out = strtoll(text, &end, 10);
    return text[0] >= '1' && text[0] <= '9' && *end == '\0' && strlen(text) <= 18
               ? 0
               : err_set(err, ERR_NOT_FOUND, N_("there is nothing here"));
}

/* --- pages --- */

struct tab {
    const char *path, *name;
    unsigned roles;
};
static const struct tab tabs[] = {
    {"/", N_("Inbox"), MAY_OFFICERS},
    {"/check", N_("Check"), MAY_CHECK},
    {"/records", N_("Records"), MAY_OFFICERS},
    {"/status", N_("Status"), MAY_ALL & ~MAY(ROLE_BORDER)},
    {"/activity", N_("Activity"), MAY(ROLE_SUPERVISOR) | MAY(ROLE_AUDITOR)},
};

/* The first page that a role has. */
static const char *home_of(enum account_role role)
{
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++)
        if ((tabs[i].roles & MAY(role)) != 0)
            return tabs[i].path;
    return "/login";
}

static void put_tabs(struct visit *v, struct page *p)
{
    const char *path = v->request->path;
    html(p, "<nav aria-label=\"");
    say_value(p, "Desk");
    html(p, "\"><ul>");
    for (size_t i = 0; i < ARRAY_LEN(tabs); i++) {
        if ((tabs[i].roles & MAY(v->session->role)) == 0)
            continue;
        html(p, "<li><a href=\"");
        page_value(p, tabs[i].path);
        html(p, "\"");
        if (strcmp(tabs[i].path, path) == 0)
            html(p, " aria-current=\"page\"");
        html(p, ">");
        say(p, tabs[i].name);
        html(p, "</a></li>");
    }
    html(p, "</ul></nav><div class=\"who\"><span>");
    page_text(p, v->session->name);
    html(p, ", ");
    say_word(p, account_role_name[v->session->role]);
    html(p, "</span>");
    office_form(v, p, "/logout", false);
    html(p, "<button class=\"plain\">");
    say(p, "Sign out");
    html(p, "</button></form></div>");
}

struct page office_page(struct visit *visit, const char *title, struct err *err)
{
    struct page page = {&visit->reply->body, visit->language, err, 0};
    struct page *p = &page;
    visit->reply->type = "text/html; charset=utf-8";
    html(p, "<!DOCTYPE html>\n<html lang=\"");
    page_value(p, visit->language != NULL ? visit->language->code : "en");
    html(p, "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
    say_value(p, title);
    html(p, " · Concord</title><link rel=\"stylesheet\" href=\"/style.css\"></head><body><a class=\"skip\" "
            "href=\"#main\">");
    say(p, "Skip to the content");
    html(p, "</a><header class=\"top\"><div><strong>Concord · ");
    page_text(p, visit->office->options->identity->party.name);
    html(p, "</strong>");
    if (visit->session != NULL)
        put_tabs(visit, p);
    html(p, "</div></header><main id=\"main\" tabindex=\"-1\">\n");
    return page;
}

static void put_languages(struct visit *v, struct page *p)
{
    const bool get = strcmp(v->request->method, "POST") != 0 && office_is_path(v->request->path);
    html(p, "<footer><ul aria-label=\"");
    say_value(p, "Language");
    html(p, "\">");
    for (size_t i = 0; i < language_count; i++) {
        if (language_find(languages[i].code) == NULL)
            continue;
        html(p, "<li><a lang=\"");
        page_value(p, languages[i].code);
        html(p, "\" hreflang=\"");
        page_value(p, languages[i].code);
        html(p, "\" href=\"/language/");
        page_value(p, languages[i].code);
        html(p, "?next=");
        page_value(p, get ? v->request->path : "/");
        html(p, "\">");
        page_value(p, languages[i].name);
        html(p, "</a></li>");
    }
    html(p, "</ul>");
    if (v->language != NULL && !v->language->reviewed) {
        html(p, "<p>");
        say(p, "This translation has not been reviewed by native speakers yet.");
        html(p, "</p>");
    }
    html(p, "</footer>");
}

int office_page_end(struct visit *visit, struct page *page)
{
    html(page, "\n</main>");
    put_languages(visit, page);
    html(page, "</body></html>\n");
    return page->rc;
}

void office_form(struct visit *visit, struct page *page, const char *action, bool files)
{
    html(page, "<form method=\"post\" action=\"");
    page_value(page, action);
    html(page, "\"");
    if (files)
        html(page, " enctype=\"multipart/form-data\"");
    html(page, "><input type=\"hidden\" name=\"token\" value=\"");
    page_value(page, visit->token);
    html(page, "\">");
}

void office_begin_act(struct visit *visit, struct page *page, const char *act, const char *heading, bool files)
{
    html(page, "<section class=\"card\"><h2>");
    say(page, heading);
    html(page, "</h2>");
    office_form(visit, page, visit->request->path, files);
    html(page, "<input type=\"hidden\" name=\"act\" value=\"");
    page_value(page, act);
    html(page, "\">");
}

void office_problem(struct page *page, const char *text)
{
    html(page, "<div class=\"problem\" role=\"alert\"><p>");
    say_made(page, text);
    html(page, "</p></div>");
}

int office_show_problem(struct visit *visit, unsigned status, const char *title, const char *text, struct err *err)
{
    buf_clear(&visit->reply->body);
    visit->reply->status = status;
    struct page page = office_page(visit, title, err);
    struct page *p = &page;
    html(p, "<h1>");
    say(p, title);
    html(p, "</h1>");
    office_problem(p, text);
    html(p, "<p><a href=\"/\">");
    say(p, "Go to the first page");
    html(p, "</a></p>");
    return office_page_end(visit, p);
}

/* --- a request --- */

static int send_to_login(struct visit *v)
{
    char to[256];
    const char *path = v->request->path;
    snprintf(to, sizeof to, "/login?next=%s", office_is_path(path) && strcmp(path, "/logout") != 0 ? path : "/");
    return office_go(v, to);
}

static int refuse(struct visit *v, const char *text, struct err *err)
{
    return office_show_problem(v, 403, "This may not be done", text, err);
}

/* Who comes from another site carries no session (SameSite), and where a browser says so, gets no further. */
static bool is_foreign(const struct web_request *request)
{
    const char *site = web_header(request, "Sec-Fetch-Site");
    return site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0;
}

static int read_post(struct visit *v, bool *good, struct err *err)
{
    int rc = form_read(&v->form, web_header(v->request, "Content-Type"), v->request->body, err);
    const char *token = rc == 0 ? form_value(&v->form, "token") : "";
    *good = rc == 0 && strlen(token) == SESSION_COOKIE_SIZE - 1 && !is_foreign(v->request) &&
            sodium_memcmp(token, v->token, SESSION_COOKIE_SIZE - 1) == 0;
    return rc;
}

/* A session lasts no longer than the account is what it was. */
static int check_account(struct visit *v, struct err *err)
{
    struct vault_account a;
    bool found = false;
    int rc = vault_account_get(v->agency->vault, v->session->name, &a, &found, err);
    if (rc == 0 && (!found || a.locked || a.at != v->session->account_at)) {
        session_end(v->session);
        v->session = NULL;
    }
    sodium_memzero(&a, sizeof a);
    return rc;
}

static int for_people(struct visit *v, const struct office_route *route, struct err *err)
{
    char cookie[SESSION_COOKIE_SIZE];
    bool good = true;
    int rc = 0;
    if (office_cookie(cookie, sizeof cookie, v->request, COOKIE_SESSION)) {
        v->session = session_find(&v->office->sessions, cookie);
        session_token(&v->office->sessions, cookie, v->token);
    }
    if (v->session != NULL)
        rc = check_account(v, err);
    if (rc != 0 || v->session == NULL)
        return rc != 0 ? rc : send_to_login(v);
    if ((route->roles & MAY(v->session->role)) == 0)
        return strcmp(route->pattern, "/") == 0 ? office_go(v, home_of(v->session->role))
                                                : refuse(v, N_("Your role does not have this page."), err);
    rc = strcmp(route->method, "POST") == 0 ? read_post(v, &good, err) : 0;
    if (rc == 0 && !good)
        return refuse(v, N_("The form is of another session. Open the page again."), err);
    return rc == 0 ? route->handle(v, err) : rc;
}

static int show_failure(struct visit *v, int rc, struct err *err)
{
    const struct err why = *err;
    switch (rc) {
    case ERR_NOT_FOUND:
        return office_show_problem(v, 404, "Nothing is here", why.text, err);
    case ERR_DENIED:
        return refuse(v, why.text, err);
    case ERR_USAGE:
    case ERR_INPUT:
        return office_show_problem(v, 400, "Something is missing", why.text, err);
    case ERR_CONFLICT:
        return office_show_problem(v, 409, "It is not as it was", why.text, err);
    default:
        return rc;
    }
}

static void choose_language(struct visit *v)
{
    char code[8];
    if (office_cookie(code, sizeof code, v->request, COOKIE_LANGUAGE))
        v->language = language_find(code);
    if (v->language == NULL)
        v->language = language_liked(web_header(v->request, "Accept-Language"));
}

int office_handle(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    const struct office_route *route = request->own;
    struct visit *v = calloc(1, sizeof *v);
    if (v == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a visit");
    v->office = context;
    v->agency = &v->office->agency;
    v->request = request;
    v->reply = reply;
    web_set_header(reply, "Content-Security-Policy", CSP);
    choose_language(v);
    int rc = office_open_agency(v->office, err);
    if (rc == 0)
        rc = route->roles == 0 ? route->handle(v, err) : for_people(v, route, err);
    if (rc != 0 && route->roles != 0)
        rc = show_failure(v, rc, err);
    form_free(&v->form);
    sodium_memzero(v, sizeof *v);
    free(v);
    return rc;
}
