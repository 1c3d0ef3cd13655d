/* The desk's process: how it begins, ends, and is begun anew. */
#include "client/office/office_internal.h"

#include "client/border/checker.h"
#include "client/office/parties.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/base/wait.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGAIN_MS 2000 /* between one end and the next beginning */
#define KEEP_MS 500   /* how often is looked whether it has ended */

struct office_process {
    struct office_options options;
    struct office_shared *shared;
    pid_t keeper; /* 0: it has ended */
};

/* --- in the desk's own process --- */

static const struct office_route own_routes[] = {
    {"GET", "/style.css", 0, 0, office_serve_style},      {"GET", "/zone.js", 0, 0, office_serve_zone},
    {"GET", "/login", 0, 0, office_show_login},           {"POST", "/login", 4096, 0, office_do_login},
    {"POST", "/logout", 4096, MAY_ALL, office_do_logout}, {"GET", "/language/*", 0, 0, office_set_language},
};

static int add_routes(struct office *o, const struct office_route *route, size_t count, struct err *err)
{
    if (o->routes + count > OFFICE_ROUTES_MAX)
        return err_set(err, ERR_INTERNAL, "the desk has more routes than it has room for");
    for (size_t i = 0; i < count; i++)
        o->route[o->routes++] = (struct web_route){.method = route[i].method,
                                                   .pattern = route[i].pattern,
                                                   .body_max = route[i].body_max,
                                                   .handle = office_handle,
                                                   .own = &route[i]};
    return 0;
}

static int all_routes(struct office *o, struct err *err)
{
    int rc = add_routes(o, own_routes, ARRAY_LEN(own_routes), err);
    for (size_t i = 0; rc == 0 && i < o->options->tables; i++)
        rc = add_routes(o, o->options->table[i]->route, o->options->table[i]->routes, err);
    if (rc == 0 && o->border != NULL)
        o->routes += border_routes(o->border, o->route + o->routes, OFFICE_ROUTES_MAX - o->routes);
    return rc;
}

static int listen_for_visitors(struct office *o, struct err *err)
{
    const struct web_options web = {.listen = o->options->listen,
                                    .route = o->route,
                                    .routes = o->routes,
                                    .context = o,
                                    .certificate = o->options->certificate,
                                    .key = o->options->key};
    return web_open(&o->web, &web, err);
}

/* Tells how the beginning went: nothing, or what is wrong. */
static void tell(int to, const char *text)
{
    if (write(to, text, strlen(text) + 1) < 0)
        log_event(LOG_DEBUG, "desk", "reason=\"nobody waits for the desk\"");
    close(to);
}

static void serve(const struct office_options *options, struct office_shared *shared, int tell_to)
{
    static struct office office;
    struct err err = {0};
    office.options = options;
    office.shared = shared;
    sessions_start(&office.sessions, options->idle, options->most);
    int rc = office_open_agency(&office, &err);
    if (rc == 0)
        rc = checker_open(&office.checker, options->config, options->identity, &err);
    if (rc == 0)
        rc = parties_new(&office.parties, options->config, options->identity, &err);
    if (rc == 0 && options->border != NULL)
        rc = border_open(&office.border, options->border, options->config, options->identity, &err);
    if (rc == 0)
        rc = all_routes(&office, &err);
    if (rc == 0)
        rc = listen_for_visitors(&office, &err);
    tell(tell_to, rc != 0 ? err.text : "");
    if (rc == 0)
        log_event(LOG_INFO, "desk", "listen=%s port=%u", options->listen, web_port(office.web));
    if (rc == 0 && office.border != NULL)
        log_event(LOG_INFO, "border", "listen=%s port=%u", options->listen, web_port(office.web));
    for (int signal = 0; rc == 0 && signal != SIGTERM && signal != SIGINT;)
        signal = wait_signal(1000);
    checker_end(office.checker); /* what waits is answered first */
    border_end(office.border);
    web_close(office.web);
    border_close(office.border);
    checker_close(office.checker);
    parties_free(office.parties);
    agency_close(&office.agency);
    _exit(rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- in the keeper's --- */

/*
 * The daemon has threads, which have the vault open: a process that it forked would take SQLite for holding locks that
 * are another's. So it forks once, before it has any: a keeper that opens nothing, and begins the desk as often as need
 * be.
 */
static pid_t fork_child(void)
{
    const pid_t parent = getpid(), child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
    }
    return child;
}

/* Waits for what the other end tells; before an error stands whose it is. */
static int hear(int from, const char *whose, struct err *err)
{
    char text[ERR_TEXT_MAX] = "it ended";
    const ssize_t got = read(from, text, sizeof text - 1);
    close(from);
    return got == 1 ? 0 : err_set(err, ERR_IO, "%s%.400s", whose, text);
}

/* *child: 0 where it has ended. */
static int begin(pid_t *child, const struct office_options *options, struct office_shared *shared, struct err *err)
{
    int ends[2];
    *child = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, "cannot start the desk");
    const pid_t desk = fork_child();
    if (desk == 0) {
        close(ends[0]);
        serve(options, shared, ends[1]);
    }
    close(ends[1]);
    if (desk < 0) {
        close(ends[0]);
        return err_errno(err, "cannot start the desk");
    }
    int rc = hear(ends[0], "", err);
    if (rc != 0)
        (void)waitpid(desk, NULL, 0);
    *child = rc == 0 ? desk : 0;
    return rc;
}

static void look_after(pid_t *child, uint64_t *ended_ms, const struct office_options *options,
                       struct office_shared *shared)
{
    struct err err;
    int status = 0;
    if (*child > 0 && waitpid(*child, &status, WNOHANG) == *child) {
        log_event(LOG_ERROR, "desk-ended", "status=%d", status);
        *child = 0;
        *ended_ms = clock_monotonic_ms();
    }
    if (*child != 0 || clock_monotonic_ms() - *ended_ms < AGAIN_MS)
        return;
    *ended_ms = clock_monotonic_ms();
    if (begin(child, options, shared, &err) != 0)
        log_event(LOG_ERROR, "desk-failed", "reason=\"%s\"", err.text);
}

/* Tells how the first beginning went; one that fails is the last. */
static void keep(const struct office_options *options, struct office_shared *shared, int tell_to)
{
    struct err err = {0};
    uint64_t ended_ms = 0;
    pid_t child = 0;
    int rc = begin(&child, options, shared, &err);
    tell(tell_to, rc != 0 ? err.text : "");
    for (int signal = 0; rc == 0 && signal != SIGTERM && signal != SIGINT; signal = wait_signal(KEEP_MS))
        look_after(&child, &ended_ms, options, shared);
    if (child > 0) {
        kill(child, SIGTERM);
        (void)waitpid(child, NULL, 0);
    }
    _exit(rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* --- in the daemon's --- */

static int start_keeper(struct office_process *p, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(err, "cannot start the desk");
    p->keeper = fork_child();
    if (p->keeper == 0) {
        close(ends[0]);
        keep(&p->options, p->shared, ends[1]);
    }
    close(ends[1]);
    if (p->keeper > 0)
        return hear(ends[0], "[Desk]: ", err);
    p->keeper = 0;
    close(ends[0]);
    return err_errno(err, "cannot start the desk");
}

int office_start(struct office_process **out, const struct office_options *options, struct err *err)
{
    struct office_process *p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the desk");
    p->options = *options;
    p->shared = mmap(NULL, sizeof *p->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p->shared == MAP_FAILED) {
        free(p);
        return err_errno(err, "out of memory for the desk");
    }
    int rc = start_keeper(p, err);
    if (rc != 0)
        office_stop(p);
    else
        *out = p;
    return rc;
}

bool office_wants_round(struct office_process *office)
{
    return office != NULL && atomic_exchange(&office->shared->wanted, false);
}

void office_note_contact(struct office_process *office)
{
    if (office != NULL)
        atomic_store(&office->shared->contact, clock_now());
}

int office_check(struct office_process *office, struct err *err)
{
    if (office == NULL || waitpid(office->keeper, NULL, WNOHANG) != office->keeper)
        return 0;
    office->keeper = 0;
    return err_set(err, ERR_IO,
                   "the process that keeps the desk running was ended from outside: start the daemon anew");
}

void office_stop(struct office_process *office)
{
    if (office == NULL)
        return;
    if (office->keeper > 0) {
        kill(office->keeper, SIGTERM);
        (void)waitpid(office->keeper, NULL, 0);
    }
    munmap(office->shared, sizeof *office->shared);
    free(office);
}
