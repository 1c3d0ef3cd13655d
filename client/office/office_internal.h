/* What the files of the office share. */
#ifndef CLIENT_OFFICE_OFFICE_INTERNAL_H
#define CLIENT_OFFICE_OFFICE_INTERNAL_H

#include "client/border/border.h"
#include "client/office/office.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* Shared with the daemon's process. */
struct office_shared {
    _Atomic bool wanted;      /* a round of letters */
    _Atomic uint64_t contact; /* when the daemon last spoke with the matcher */
};

struct office {
    const struct office_options *options; /* borrowed */
    struct office_shared *shared;
    struct agency agency;
    bool open;            /* the agency is */
    struct stat manifest; /* as it was when that was opened */
    struct sessions sessions;
    struct checker *checker; /* there before anybody can visit, until nobody can any more */
    struct parties *parties; /* as the checker */
    struct border *border;   /* NULL: it is not served here */
    struct web_route route[OFFICE_ROUTES_MAX];
    size_t routes;
    struct web *web;
};

#define COOKIE_SESSION "concord-session"
#define COOKIE_VISITOR "concord-visitor"
#define COOKIE_LANGUAGE "concord-language"

/* Opens the agency, anew where the manifest is another one than it was. */
int office_open_agency(struct office *office, struct err *err);

/* What serves one request; struct web_route's handle, with a struct office_route as its own. */
int office_handle(void *context, const struct web_request *request, struct web_reply *reply, struct err *err);

/* A cookie of the request; false: it has none, or it is longer than fits. */
bool office_cookie(char *out, size_t size, const struct web_request *request, const char *name);

/* Sets one; secret ones are kept from scripts, and from requests that other sites cause. */
void office_set_cookie(struct visit *visit, unsigned place, const char *name, const char *value, const char *more);

/* Where to go on after signing in: a path of this desk, and nothing else. */
bool office_is_path(const char *path);

/* Style and script: open to everybody. */
int office_serve_style(struct visit *visit, struct err *err);
int office_serve_zone(struct visit *visit, struct err *err);

/* Signing in and out, languages. */
int office_show_login(struct visit *visit, struct err *err);
int office_do_login(struct visit *visit, struct err *err);
int office_do_logout(struct visit *visit, struct err *err);
int office_set_language(struct visit *visit, struct err *err);

#endif
