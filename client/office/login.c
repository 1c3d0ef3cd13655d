/* Signing in and out; the reader's language. */
#include "client/office/account.h"
#include "client/office/office_internal.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* Before there is a session, a cookie of the visitor's own ties form and browser together. */
static void begin_visit(struct visit *v)
{
    char cookie[SESSION_COOKIE_SIZE];
    if (!office_cookie(cookie, sizeof cookie, v->request, COOKIE_VISITOR) ||
        strlen(cookie) != SESSION_COOKIE_SIZE - 1) {
        session_random(cookie);
        office_set_cookie(v, 0, COOKIE_VISITOR, cookie, "");
    }
    session_token(&v->office->sessions, cookie, v->token);
}

static int show(struct visit *v, unsigned status, const char *problem, const char *next, struct err *err)
{
    begin_visit(v);
    v->reply->status = status;
    struct page page = office_page(v, "Sign in", err);
    struct page *p = &page;
    html(p, "<div class=\"narrow card\"><h1>");
    say(p, "Sign in");
    html(p, "</h1>");
    if (problem != NULL) {
        html(p, "<div class=\"problem\" role=\"alert\"><p>");
        say(p, problem);
        html(p, "</p></div>");
    }
    office_form(v, p, "/login", false);
    html(p, "<input type=\"hidden\" name=\"next\" value=\"");
    page_value(p, next);
    html(p, "\"><label for=\"name\">");
    say(p, "Name");
    html(p, "</label><input type=\"text\" id=\"name\" name=\"name\" autocomplete=\"username\" autocapitalize=\"none\" "
            "required maxlength=\"64\"><label for=\"password\">");
    say(p, "Password");
    html(p, "</label><input type=\"password\" id=\"password\" name=\"password\" autocomplete=\"current-password\" "
            "required maxlength=\"256\"><label for=\"code\">");
    say(p, "One-time code, if you have one");
    html(p, "</label><input type=\"text\" id=\"code\" name=\"code\" inputmode=\"numeric\" "
            "autocomplete=\"one-time-code\" maxlength=\"6\"><button>");
    say(p, "Sign in");
    html(p, "</button></form></div>");
    return office_page_end(v, p);
}

int office_show_login(struct visit *visit, struct err *err)
{
    const char *next = web_query(visit->request, "next");
    const bool back = next != NULL && office_is_path(next);
    return show(visit, 200, back && strcmp(next, "/") != 0 ? N_("Your session is over. Sign in to go on.") : NULL,
                back ? next : "/", err);
}

/* The lock-out is noted once, not at each failure: strangers do not fill the log. */
static int note_failure(struct visit *v, const char *name, struct err *err)
{
    if (!session_failed(&v->office->sessions, name))
        return 0;
    log_event(LOG_WARN, "desk-lockout", "failures=%d", LOCKOUT_FAILURES);
    return account_name_check(name, ERR_IGNORED) == 0 ? office_note(v, N_("locked-out"), name, NULL, err) : 0;
}

static int let_in(struct visit *v, const struct vault_account *a, uint64_t step, const char *next, struct err *err)
{
    struct sessions *s = &v->office->sessions;
    char cookie[SESSION_COOKIE_SIZE];
    session_worked(s, a->name, step);
    v->session = session_begin(s, a, cookie);
    int rc = office_note(v, N_("sign-in"), NULL, NULL, err);
    if (rc == 0)
        office_set_cookie(v, 0, COOKIE_SESSION, cookie, "");
    else
        session_end(v->session);
    sodium_memzero(cookie, sizeof cookie);
    return rc == 0 ? office_go(v, next) : rc;
}

static int try_out(struct visit *v, const char *next, struct err *err)
{
    struct sessions *s = &v->office->sessions;
    const char *name = form_value(&v->form, "name"), *password = form_value(&v->form, "password");
    struct vault_account account;
    uint64_t step = 0;
    bool good = false;
    if (strlen(name) > ACCOUNT_NAME_MAX || strlen(password) > PASSWORD_MAX)
        return show(v, 400, N_("Name and password do not go together."), next, err);
    if (session_is_out(s, name))
        return show(v, 429, N_("Too many failures under this name. Try again in 15 minutes."), next, err);
    if (!session_may_try(s)) {
        web_set_header(v->reply, "Retry-After", "1");
        return show(v, 429, N_("Too many people sign in at this moment. Try again in a second."), next, err);
    }
    const uint64_t began_ms = clock_monotonic_ms();
    int rc = account_check(v->agency->vault, name, password, form_value(&v->form, "code"), &account, &step, &good, err);
    session_tried(s, clock_monotonic_ms() - began_ms);
    good = good && !session_code_used(s, name, step);
    if (rc == 0)
        rc = good ? let_in(v, &account, step, next, err) : note_failure(v, name, err);
    sodium_memzero(&account, sizeof account);
    return rc != 0 || good ? rc : show(v, 401, N_("Name and password do not go together."), next, err);
}

int office_do_login(struct visit *visit, struct err *err)
{
    char cookie[SESSION_COOKIE_SIZE] = "";
    int rc = form_read(&visit->form, web_header(visit->request, "Content-Type"), visit->request->body, err);
    if (rc != 0)
        return show(visit, 400, N_("Name and password do not go together."), "/", err);
    const char *next = form_value(&visit->form, "next"), *token = form_value(&visit->form, "token");
    const bool known = office_cookie(cookie, sizeof cookie, visit->request, COOKIE_VISITOR);
    session_token(&visit->office->sessions, cookie, visit->token);
    next = office_is_path(next) ? next : "/";
    if (!known || strlen(token) != strlen(visit->token) || sodium_memcmp(token, visit->token, strlen(token)) != 0)
        return show(visit, 403, N_("The form was old. Sign in once more."), next, err);
    return try_out(visit, next, err);
}

int office_do_logout(struct visit *visit, struct err *err)
{
    int rc = office_note(visit, N_("sign-out"), NULL, NULL, err);
    session_end(visit->session);
    visit->session = NULL;
    office_set_cookie(visit, 0, COOKIE_SESSION, "", "; Max-Age=0");
    return rc == 0 ? office_go(visit, "/login") : rc;
}

int office_set_language(struct visit *visit, struct err *err)
{
    const struct language *l = language_find(visit->request->args.text[0]);
    const char *next = web_query(visit->request, "next");
    if (l == NULL)
        return office_show_problem(visit, 404, "Nothing is here", N_("There is no such language."), err);
    office_set_cookie(visit, 0, COOKIE_LANGUAGE, l->code, "; Max-Age=31536000");
    return office_go(visit, next != NULL && office_is_path(next) ? next : "/");
}
