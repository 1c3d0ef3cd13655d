/*
 * The desk in a browser: a server of HTTP inside `concord-client run`, in a process of its own, so that whatever
 * strangers send never meets the daemon's memory, and a fault of it stops no mail. It has an agency of its own open, by
 * which pages look and officers act; letters go out with the daemon's next round, which it calls for.
 *
 * What the desk shows and does is a table of routes; other parts of the client (the border interface) bring tables of
 * their own. A route says which roles may use it: without a session of such a role nothing of it runs. What may be done
 * to the desk from outside: protocol/web/web.h, client/office/session.h.
 */
#ifndef CLIENT_OFFICE_OFFICE_H
#define CLIENT_OFFICE_OFFICE_H

#include "client/agency/agency.h"
#include "client/office/activity.h"
#include "client/office/form.h"
#include "client/office/session.h"
#include "client/page/page.h"
#include "protocol/web/web.h"

struct border_options;
struct checker;
struct office;
struct parties;

/* One request of somebody. */
struct visit {
    struct office *office;
    struct agency *agency; /* open, all purposes */
    const struct web_request *request;
    struct web_reply *reply;
    struct form form;                /* of a POST to a page */
    struct session *session;         /* NULL where the route is open */
    const struct language *language; /* NULL: English */
    char token[SESSION_COOKIE_SIZE]; /* for forms */
};

#define MAY(role) (1u << (role))
#define MAY_OFFICERS (MAY(ROLE_OFFICER) | MAY(ROLE_SUPERVISOR))
#define MAY_CHECK (MAY_OFFICERS | MAY(ROLE_BORDER))
#define MAY_ALL ((1u << ACCOUNT_ROLES) - 1)

/*
 * A route. roles 0: open to anybody, without session, form or token: it has to see for itself who asks, and gets the
 * body as it came. Otherwise a POST is refused without the session's token, and its form is read. GET changes nothing.
 * Failures: ERR_NOT_FOUND, ERR_DENIED, ERR_USAGE, ERR_INPUT, ERR_CONFLICT become pages that say the error's text; all
 * others 500, with the text in the log alone.
 */
struct office_route {
    const char *method, *pattern; /* as of struct web_route */
    size_t body_max;
    unsigned roles;
    int (*handle)(struct visit *visit, struct err *err);
};

struct office_table {
    const struct office_route *route;
    size_t routes;
};
#define OFFICE_TABLES_MAX 4
#define OFFICE_ROUTES_MAX 64

struct office_options {
    const char *listen;            /* as of struct web_options */
    const char *certificate, *key; /* paths of PEM files; "": no TLS */
    uint64_t idle, most;           /* seconds of a session, without a request and in all */
    const char *feed;              /* the directory of the agency's feeds, for values of own records; "": none */
    const char *rejects;           /* where what they leave aside lies; "": there, too */
    const struct setting_list *map;
    const struct agency_config *config; /* borrowed, like the identity */
    const struct identity *identity;
    const struct office_table *const *table; /* borrowed */
    size_t tables;
    const struct border_options *border; /* served here, too; NULL: not. Borrowed */
};

/* The pages of the desk. */
extern const struct office_table office_desk;

/*
 * Starts the process, which ends with this one, and waits until it serves. Call it before there are threads, with
 * signals blocked (wait_block_signals()). ERR_USAGE, ERR_IO: it cannot listen, or certificate and key are of no use.
 */
struct office_process;
int office_start(struct office_process **out, const struct office_options *options, struct err *err);

/* Whether something waits to be sent since this was asked last. */
bool office_wants_round(struct office_process *office);

/* The daemon has spoken with the matcher, now; NULL is fine. */
void office_note_contact(struct office_process *office);

/* The desk is begun anew where it ended. ERR_IO: what sees to that ended itself. NULL is fine. */
int office_check(struct office_process *office, struct err *err);
void office_stop(struct office_process *office); /* NULL is fine */

/* --- for handlers --- */

/* What the options say. */
const struct office_options *office_options(const struct office *office);

/* Logs what the session's holder does, before it is done. about, detail: NULL, or without values. */
int office_note(struct visit *visit, const char *act, const char *about, const char *detail, struct err *err);

/* When the daemon last spoke with the matcher, seconds since 1970; 0: not since it was started. */
uint64_t office_contact(const struct office *office);

/* The daemon's next round is wanted now. */
void office_call_round(struct office *office);

/* What goes before a page and behind it: heading and title are sentences of the program. */
struct page office_page(struct visit *visit, const char *title, struct err *err);
int office_page_end(struct visit *visit, struct page *page);

/* A page that says what went wrong, in the words of an error. */
int office_show_problem(struct visit *visit, unsigned status, const char *title, const char *text, struct err *err);

/* A box that says what is wrong, on a page under way. */
void office_problem(struct page *page, const char *text);

/* Begins a form that posts to this path; its token is in it. */
void office_form(struct visit *visit, struct page *page, const char *action, bool files);

/* Begins a card whose form posts an act, of this name, to the page that it stands on. */
void office_begin_act(struct visit *visit, struct page *page, const char *act, const char *heading, bool files);

/* Answers 303: the browser goes on there. The path is copied. */
int office_go(struct visit *visit, const char *path);

/* A number from the path, ERR_NOT_FOUND if it is none. */
int office_number(int64_t *out, const struct visit *visit, size_t arg, struct err *err);

/* What custodians say (parties.h). */
struct parties *office_parties(const struct office *office);

/* What asks partners about people at the border. */
struct checker *office_checker(const struct office *office);

#endif
