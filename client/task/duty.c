#include "client/task/duty.h"

#include "client/vault/duty.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define QUEUE_MAX 64     /* what is more waits in the vault */
#define CALLS_MAX 4      /* the first, and three escalations */
#define TRIES_MAX 3      /* of a command that fails, */
#define AGAIN_MS 10000   /* so far apart */
#define LONGEST_MS 60000 /* that a command may take */

enum duty_event { EVENT_QUESTION, EVENT_ESCALATION, EVENT_REMINDER, EVENT_LATE, EVENT_MATCH };
static const char *const event_names[] = {"question", "escalation", "reminder", "late", "match"};

struct call {
    enum duty_event event;
    char partner[PARTY_NAME_MAX + 1], purpose[PARTY_NAME_MAX + 1];
    int64_t letter;
    uint64_t urgency, due, count;
    unsigned calls, tries;
};

struct duty {
    const char *command;
    uint64_t escalate;
    char agency[PARTY_NAME_MAX + 1];
    struct call queue[QUEUE_MAX], told[QUEUE_MAX]; /* the first one runs; those that ran, until the vault has it */
    size_t count, tolds;
    pid_t running; /* 0: nothing runs */
    uint64_t began_ms, not_before_ms;
};

/* --- what is to be told --- */

struct gathering {
    struct duty *duty;
    struct agency *agency;
    uint64_t now, next;
};

static struct call *queue(struct gathering *g, enum duty_event event, const char *partner, const char *purpose)
{
    struct duty *d = g->duty;
    if (d->count + d->tolds == QUEUE_MAX)
        return NULL;
    struct call *c = &d->queue[d->count++];
    *c = (struct call){.event = event};
    snprintf(c->partner, sizeof c->partner, "%s", partner);
    snprintf(c->purpose, sizeof c->purpose, "%s", purpose);
    return c;
}

/* When three quarters of the time are over; 0: there is no date. */
static uint64_t remind_at(const struct vault_duty *w)
{
    return w->due > w->at ? w->at + (w->due - w->at) / 4 * 3 : w->due;
}

/* What is to be told of it now. False: nothing; *at is when, 0: never. */
static bool event_of(const struct duty *d, const struct vault_duty *w, uint64_t now, enum duty_event *event,
                     uint64_t *at)
{
    const bool urgent = w->urgency >= REGION_URGENT;
    *at = 0;
    if (urgent && w->calls == 0)
        *event = EVENT_QUESTION;
    else if (!w->late && w->due != 0 && w->due < now)
        *event = EVENT_LATE;
    else if (urgent && w->calls < CALLS_MAX && w->called + d->escalate <= now)
        *event = EVENT_ESCALATION;
    else if (!w->late && !w->reminded && w->due != 0 && remind_at(w) <= now)
        *event = EVENT_REMINDER;
    else {
        const uint64_t dates[] = {urgent && w->calls < CALLS_MAX ? w->called + d->escalate : 0,
                                  w->due != 0 && !w->late && !w->reminded ? remind_at(w) : 0,
                                  w->due != 0 && !w->late ? w->due + 1 : 0};
        for (size_t i = 0; i < ARRAY_LEN(dates); i++)
            if (dates[i] != 0 && (*at == 0 || dates[i] < *at))
                *at = dates[i];
        return false;
    }
    return true;
}

/* A call about the letter, in one of the two lists. */
static struct call *find(struct call *list, size_t count, int64_t letter)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].letter == letter)
            return &list[i];
    return NULL;
}

/* The vault has what was told of it. */
static int note_told(struct gathering *g, struct vault_duty *w, struct err *err)
{
    struct duty *d = g->duty;
    struct call *c = find(d->told, d->tolds, w->letter);
    if (c == NULL)
        return 0;
    w->late = w->late || c->event == EVENT_LATE;
    w->reminded = w->reminded || c->event == EVENT_REMINDER || c->event == EVENT_LATE;
    if (c->event == EVENT_QUESTION || c->event == EVENT_ESCALATION) {
        w->calls = c->calls;
        w->called = g->now;
    }
    return vault_duty_set(g->agency->vault, w, err);
}

/* One event a call; whatever else there is to tell of it comes next. */
static int look_at(void *context, const struct vault_duty *waiting, struct err *err)
{
    struct gathering *g = context;
    struct vault_duty w = *waiting;
    enum duty_event event = EVENT_QUESTION;
    uint64_t at = 0;
    const struct party *partner = region_find_party_by_digest(g->agency->region, w.peer);
    if (find(g->duty->queue, g->duty->count, w.letter) != NULL)
        return 0;
    int rc = note_told(g, &w, err);
    if (rc != 0)
        return rc;
    if (!event_of(g->duty, &w, g->now, &event, &at)) {
        g->next = at != 0 && (g->next == 0 || at < g->next) ? at : g->next;
        return 0;
    }
    struct call *c = queue(g, event, partner != NULL ? partner->name : "unknown", w.purpose);
    if (c == NULL)
        return 0;
    c->letter = w.letter;
    c->urgency = w.urgency;
    c->due = w.due;
    c->calls = w.calls + (event == EVENT_QUESTION || event == EVENT_ESCALATION);
    return 0;
}

static int take_judged(void *context, const char *partner, const char *purpose, uint64_t count, struct err *err)
{
    struct call *c = queue(context, EVENT_MATCH, partner, purpose);
    if (c == NULL)
        return err_set(err, ERR_BUSY, "more calls of who is on duty wait than there is room for");
    c->count = count;
    return 0;
}

int duty_gather(struct duty *duty, struct agency *agency, bool judged, uint64_t *next, struct err *err)
{
    struct gathering g = {.duty = duty, .agency = agency, .now = clock_now()};
    const size_t before = duty->count;
    snprintf(duty->agency, sizeof duty->agency, "%s", agency->identity->party.name);
    int rc = vault_begin(agency->vault, err);
    if (rc == 0)
        rc = vault_duties(agency->vault, look_at, &g, err);
    if (rc == 0 && judged)
        rc = vault_duty_judged(agency->vault, g.now, take_judged, &g, err);
    if (rc == 0)
        rc = vault_commit(agency->vault, err);
    vault_rollback(agency->vault);
    if (rc != 0)
        duty->count = before;
    else
        duty->tolds = 0; /* what is not in the vault was answered meanwhile */
    *next = g.next;
    return rc;
}

/* --- the command --- */

#define VARIABLES 12
#define VARIABLE_SIZE 512

struct environment {
    char text[VARIABLES][VARIABLE_SIZE];
    char *list[VARIABLES + 1];
    size_t count;
};

__attribute__((format(printf, 2, 3))) static void put(struct environment *e, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(e->text[e->count], VARIABLE_SIZE, format, args);
    va_end(args);
    e->list[e->count] = e->text[e->count];
    e->count++;
}

static void put_own(struct environment *e, const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    put(e, "%s=%s", name, value != NULL ? value : otherwise);
}

static void fill(struct environment *e, const struct duty *d, const struct call *c)
{
    char due[CLOCK_TEXT_SIZE] = "";
    *e = (struct environment){.count = 0};
    put_own(e, "PATH", "/usr/local/bin:/usr/bin:/bin");
    put_own(e, "HOME", "/");
    put_own(e, "LANG", "C.UTF-8");
    put(e, "CONCORD_EVENT=%s", event_names[c->event]);
    put(e, "CONCORD_AGENCY=%s", d->agency);
    put(e, "CONCORD_PARTNER=%s", c->partner);
    put(e, "CONCORD_PURPOSE=%s", c->purpose);
    if (c->event == EVENT_MATCH) {
        put(e, "CONCORD_COUNT=%llu", (unsigned long long)c->count);
        return;
    }
    put(e, "CONCORD_LETTER=%lld", (long long)c->letter);
    put(e, "CONCORD_URGENCY=%s", c->urgency < REGION_URGENCIES ? region_urgency_names[c->urgency] : "routine");
    put(e, "CONCORD_DUE=%s", c->due != 0 ? clock_text(due, c->due) : "");
    put(e, "CONCORD_CALLS=%u", c->calls);
}

/* It gets none of the daemon's files, and signals as they are by themselves; in a group of its own, to be ended by. */
static int start(struct duty *d, const struct call *c)
{
    static struct environment environment;
    char event[16];
    char *const argv[] = {(char *)(uintptr_t)d->command, event, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    snprintf(event, sizeof event, "%s", event_names[c->event]);
    fill(&environment, d, c);
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&how);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&files);
    int rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(&files, 3);
    if (rc == 0)
        rc = posix_spawn(&d->running, d->command, &files, &how, argv, environment.list);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    d->began_ms = clock_monotonic_ms();
    if (rc != 0)
        d->running = 0;
    return rc;
}

static void drop_first(struct duty *d)
{
    memmove(&d->queue[0], &d->queue[1], --d->count * sizeof d->queue[0]);
}

/* The first of the queue is done, or is tried again later, or given up. */
static void end_first(struct duty *d, bool fine, const char *what, int status)
{
    struct call *c = &d->queue[0];
    d->running = 0;
    c->tries++;
    log_event(fine                   ? LOG_INFO
              : c->tries < TRIES_MAX ? LOG_WARN
                                     : LOG_ERROR,
              fine                   ? "duty-called"
              : c->tries < TRIES_MAX ? "duty-again"
                                     : "duty-failed",
              "about=%s letter=%lld partner=%s %s=%d", event_names[c->event], (long long)c->letter, c->partner, what,
              status);
    if (fine || c->tries == TRIES_MAX) {
        if (c->event != EVENT_MATCH)
            d->told[d->tolds++] = *c;
        drop_first(d);
    } else
        d->not_before_ms = clock_monotonic_ms() + AGAIN_MS;
}

static void look_after(struct duty *d)
{
    int status = 0;
    const pid_t ended = waitpid(d->running, &status, WNOHANG);
    if (ended == 0 && clock_monotonic_ms() - d->began_ms > LONGEST_MS) {
        kill(-d->running, SIGKILL);
        (void)waitpid(d->running, &status, 0);
        end_first(d, false, "signal", SIGKILL);
    } else if (ended != 0) {
        const bool fine = ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        end_first(d, fine, "status", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    }
}

bool duty_tend(struct duty *duty)
{
    if (duty == NULL)
        return false;
    if (duty->running > 0)
        look_after(duty);
    if (duty->running == 0 && duty->count > 0 && clock_monotonic_ms() >= duty->not_before_ms) {
        const int failed = start(duty, &duty->queue[0]);
        if (failed != 0)
            end_first(duty, false, "errno", failed);
    }
    return duty->tolds > 0;
}

/* --- making --- */

int duty_new(struct duty **out, const char *command, uint64_t escalate, struct err *err)
{
    if (command[0] != '/' || access(command, X_OK) != 0)
        return err_set(err, ERR_USAGE, "[Duty] Command: %s is no program that can be run", command);
    struct duty *d = calloc(1, sizeof *d);
    if (d == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for who is on duty");
    d->command = command;
    d->escalate = escalate;
    *out = d;
    return 0;
}

void duty_free(struct duty *duty)
{
    free(duty);
}
