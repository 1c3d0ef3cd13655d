/*
 * The daemon: enrols what appears in the feed directory, synchronises by interval and when the matcher calls. Each
 * piece of work opens manifest and vault anew and lets go of them: a new manifest is in force at the next one, and
 * an officer's enrol or sync gets its turn between two.
 */
#include "client/verbs/check.h"

#include "client/border/border.h"
#include "client/office/office.h"
#include "client/task/counted.h"
#include "client/task/duty.h"
#include "client/task/enrol.h"
#include "client/task/load.h"
#include "client/task/sync.h"
#include "client/task/wake.h"
#include "client/task/watch.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/base/wait.h"
#include "protocol/daemon/figures.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define RETRY_SECONDS 30   /* after work that failed */
#define WORK_SECONDS 21600 /* that one piece of work may take: millions of rows, for the first time */

/* Moments that are as far apart from each other, and what is done at the next one. */
struct beat {
    uint64_t every_ms, number; /* of the last one */
    bool wanted;
};

struct runner {
    const struct client_config *config; /* borrowed, like the identity */
    const struct identity *identity;
    struct watch watch;
    struct wake *wake;
    struct border_options border_options;
    struct border *border;         /* NULL: none */
    struct office_process *office; /* NULL: there is no desk */
    struct duty *duty;             /* NULL: nobody is called */
    bool duty_begun;
    uint64_t duty_at;                /* when it is time to look whom to call, seconds since 1970; 0: nothing waits */
    uint64_t look_at_ms, sync_at_ms; /* when it is time to look at the feeds, to synchronise */
    uint64_t epochs;                 /* sum of the current epochs of all purposes; 0: not known yet */
    struct beat checks, pairs;       /* when judging is begun */
    bool enrolled;                   /* something, since first loads were looked at */
    bool sync_failed;                /* then a wake-up does not hasten the next attempt */
    bool feed_failed;                /* the feeds are looked at again soon */
    struct figures *figures;
    uint64_t manifest_waited;   /* the newer version for which mail waits, as it was said; 0: none does */
    char trouble[ERR_TEXT_MAX]; /* what was complained of last: said once, not at each attempt */
};

static void complain(struct runner *r, const char *event, const struct err *err)
{
    log_event(strcmp(r->trouble, err->text) == 0 ? LOG_DEBUG : LOG_ERROR, event, "reason=\"%s\"", err->text);
    snprintf(r->trouble, sizeof r->trouble, "%s", err->text);
}

/* Until wait_let_end(false) a signal ends it at once, and nobody waits for a beat. When it began. */
static uint64_t begin_work(void)
{
    wait_let_end(true);
    figures_work(WORK_SECONDS);
    return clock_monotonic_us();
}

/* --- feeds --- */

/* Where to read what was rejected, file by file. */
static void log_rejects(const struct enrol_task *task, uint64_t rows)
{
    char path[FEED_REJECTS_MAX];
    log_event(LOG_WARN, "rejected", "rows=%llu", (unsigned long long)rows);
    for (size_t i = 0; i < task->paths; i++) {
        struct feed_options options = task->feed;
        options.path = task->path[i];
        if (feed_rejects_left(path, &options))
            log_event(LOG_WARN, "rejects", "see=\"%s\"", path);
    }
}

static void log_enrolled(const struct agency *a, const struct enrol_task *task, const struct enrol_result *result)
{
    for (size_t i = 0; i < a->purposes; i++) {
        const struct enrolment_counts *c = &result->enrolled[i];
        const struct outgoing_counts *s = &result->sent[i];
        log_event(LOG_INFO, "enrolled",
                  "purpose=%s new=%llu changed=%llu unchanged=%llu removed=%llu tokens=%llu put=%llu "
                  "removed_tags=%llu",
                  a->purpose[i].region->name, (unsigned long long)c->fresh, (unsigned long long)c->changed,
                  (unsigned long long)c->unchanged, (unsigned long long)c->removed, (unsigned long long)c->tokens,
                  (unsigned long long)s->put, (unsigned long long)s->removed);
    }
    if (result->rejected > 0)
        log_rejects(task, result->rejected);
    if (result->doubles > 0)
        log_event(LOG_WARN, "doubles", "ids=%llu", (unsigned long long)result->doubles);
    if (result->either > 0)
        log_event(LOG_WARN, "dates", "either=%llu read=%s say=\"Dates = day-first or month-first\"",
                  (unsigned long long)result->either, result->mixed ? "year-alone" : "day-first");
    if (result->withheld > 0)
        log_event(LOG_INFO, "withheld", "rows=%llu", (unsigned long long)result->withheld);
}

static int enrol(struct runner *r, const char *const *path, size_t count, struct err *err)
{
    static struct agency agency;
    static struct enrol_result result;
    const struct enrol_task task = {.path = path,
                                    .paths = count,
                                    .feed = check_feed_options(r->config),
                                    .snapshot = r->config->snapshot,
                                    .withdraw_percent = r->config->withdraw_percent,
                                    .quiet = true};
    const uint64_t start = begin_work(); /* what was done is in the vault, what was not is done at the next start */
    int rc = agency_open(&agency, &r->config->agency, r->identity, err);
    if (rc == 0)
        rc = enrol_files(&agency, &task, &result, err);
    if (rc == 0) {
        log_enrolled(&agency, &task, &result);
        counted_enrolled(&agency, &result, clock_monotonic_us() - start);
    } else {
        counted_enrol_failed(clock_monotonic_us() - start);
    }
    r->enrolled = r->enrolled || rc == 0;
    agency_close(&agency);
    wait_let_end(false);
    return result.held ? ERR_INPUT : rc; /* only other files, or a word, change that */
}

/* Whether trying again without a change of the file would end the same way. */
static bool is_final(int rc)
{
    return rc == ERR_INPUT || rc == ERR_USAGE || rc == ERR_NOT_FOUND;
}

static bool enrol_each(struct runner *r)
{
    struct err err;
    bool ok = true;
    for (size_t i = 0; i < r->watch.count; i++) {
        struct watched_file *f = &r->watch.file[i];
        const char *path = f->path;
        if (!f->pending || !f->settled)
            continue;
        int rc = enrol(r, &path, 1, &err);
        f->pending = rc != 0 && !is_final(rc);
        ok = ok && rc == 0;
        if (rc != 0)
            complain(r, "feed-failed", &err);
    }
    return ok;
}

/*
 * The directory as a whole: it must have come to rest, and an empty one is taken for one that is not mounted, not for
 * an agency without records.
 */
static bool enrol_snapshot(struct runner *r)
{
    static const char *path[WATCH_FILES_MAX];
    struct err err;
    bool pending = r->watch.vanished;
    for (size_t i = 0; i < r->watch.count; i++) {
        if (!r->watch.file[i].settled)
            return true;
        pending = pending || r->watch.file[i].pending;
        path[i] = r->watch.file[i].path;
    }
    if (!pending || r->watch.count == 0)
        return true;
    int rc = enrol(r, path, r->watch.count, &err);
    if (rc != 0)
        complain(r, "feed-failed", &err);
    if (rc != 0 && !is_final(rc))
        return false;
    for (size_t i = 0; i < r->watch.count; i++)
        r->watch.file[i].pending = false;
    r->watch.vanished = false;
    return rc == 0;
}

static int close_loads(struct runner *r, struct err *err)
{
    static struct agency agency;
    bool closed[REGION_PURPOSES_MAX];
    (void)begin_work();
    int rc = agency_open(&agency, &r->config->agency, r->identity, err);
    if (rc == 0)
        rc = load_end(&agency, closed, err);
    for (size_t i = 0; rc == 0 && i < agency.purposes; i++)
        if (closed[i])
            log_event(LOG_INFO, "load-closed", "purpose=%s", agency.purpose[i].region->name);
    agency_close(&agency);
    wait_let_end(false);
    return rc;
}

/* The first load ends when all feeds that are there have been worked off, and something was since it was looked at. */
static bool end_loads(struct runner *r)
{
    struct err err;
    bool left = !r->enrolled;
    for (size_t i = 0; i < r->watch.count; i++)
        left = left || r->watch.file[i].pending;
    if (left)
        return true;
    int rc = close_loads(r, &err);
    if (rc != 0)
        complain(r, "load-not-closed", &err);
    r->enrolled = rc != 0;
    return rc == 0;
}

static void look_at_feeds(struct runner *r)
{
    struct err err;
    uint64_t pause = r->config->feed_interval;
    r->feed_failed = watch_look(&r->watch, &err) != 0;
    if (r->feed_failed)
        complain(r, "feed-failed", &err);
    else
        r->feed_failed = !(r->config->snapshot ? enrol_snapshot(r) : enrol_each(r)) || !end_loads(r);
    if (r->feed_failed)
        pause = RETRY_SECONDS;
    uint64_t pending = 0;
    for (size_t i = 0; i < r->watch.count; i++)
        pending += r->watch.file[i].pending;
    counted_feeds(pending);
    r->look_at_ms = clock_monotonic_ms() + pause * 1000;
}

/* --- mail --- */

/* A purpose that has a new epoch wants all feeds again: they are the only place where the values are. */
static void follow_epochs(struct runner *r, const struct agency *a)
{
    uint64_t epochs = 0;
    for (size_t i = 0; i < a->purposes; i++)
        epochs += a->purpose[i].epoch->epoch;
    if (r->epochs != 0 && r->epochs != epochs) {
        log_event(LOG_INFO, "epoch-opened", "feeds=%zu", r->watch.count);
        for (size_t i = 0; i < r->watch.count; i++)
            r->watch.file[i].pending = true;
        r->look_at_ms = 0;
    }
    r->epochs = epochs;
}

/* Once for each version, and not at each attempt. */
static void say_waiting(struct runner *r, const struct agency *a, uint64_t manifest)
{
    if (manifest > 0 && manifest != r->manifest_waited)
        log_event(LOG_WARN, "mail-waits",
                  "manifest=%llu own=%llu reason=\"the matcher works under a newer manifest: join the invitation that "
                  "has it, or put it in the place of this one; nothing is lost\"",
                  (unsigned long long)manifest, (unsigned long long)a->region->version);
    r->manifest_waited = manifest;
}

static void log_synchronised(const struct agency *a, const struct sync_result *result)
{
    const struct judge_counts *j = &result->judging;
    const struct desk_counts *d = &result->desk;
    for (size_t i = 0; i < a->purposes; i++)
        log_event(LOG_INFO, "synchronised", "purpose=%s looked_at=%llu matches=%llu", a->purpose[i].region->name,
                  (unsigned long long)result->purpose[i].looked_at, (unsigned long long)result->purpose[i].matches);
    if (j->begun + j->answered + j->judged + j->different > 0)
        log_event(LOG_INFO, "judging", "begun=%llu answered=%llu judged=%llu different=%llu",
                  (unsigned long long)j->begun, (unsigned long long)j->answered, (unsigned long long)j->judged,
                  (unsigned long long)j->different);
    if (d->asked + d->answered + d->outcomes + d->recalled > 0)
        log_event(LOG_INFO, "disclosure",
                  "asked=%llu answered=%llu outcomes=%llu recalled=%llu late=%llu late_theirs=%llu",
                  (unsigned long long)d->asked, (unsigned long long)d->answered, (unsigned long long)d->outcomes,
                  (unsigned long long)d->recalled, (unsigned long long)d->late, (unsigned long long)d->late_theirs);
    if (result->mail.gone > 0)
        log_event(LOG_WARN, "mail-gone", "messages=%llu", (unsigned long long)result->mail.gone);
    if (result->mail.refused_all > 0)
        log_event(LOG_ERROR, "refused", "messages=%llu see=\"concord-client evidence\"",
                  (unsigned long long)result->mail.refused_all);
    for (size_t i = 0; i < a->region->agency_count; i++)
        if (result->unopened[i] > 0)
            log_event(LOG_WARN, "unopened", "partner=%s payloads=%llu", a->region->agencies[i].name,
                      (unsigned long long)result->unopened[i]);
}

/* What opened is begun at the next beats. */
static void note_opened(struct runner *r, const struct agency *a, enum judge_due due, const struct sync_result *result)
{
    r->checks.wanted = (r->checks.wanted && due == JUDGE_NOTHING) || result->mail.asked > 0;
    r->pairs.wanted = r->pairs.wanted && due != JUDGE_ALL;
    for (size_t i = 0; i < a->purposes; i++)
        r->pairs.wanted = r->pairs.wanted || result->purpose[i].looked_at > 0;
}

/* Whom to call, by what the vault has now. */
static void gather_duty(struct runner *r, struct agency *a, bool judged)
{
    struct err err;
    if (r->duty == NULL)
        return;
    if (duty_gather(r->duty, a, judged || !r->duty_begun, &r->duty_at, &err) == 0) {
        r->duty_begun = true;
    } else {
        complain(r, "duty-failed", &err);
        r->duty_at = clock_now() + RETRY_SECONDS;
    }
}

static int fetch_mail(struct runner *r, enum judge_due due, struct err *err)
{
    static struct agency agency;
    static struct sync_result result;
    const uint64_t start = begin_work();
    int rc = agency_open(&agency, &r->config->agency, r->identity, err);
    const bool opened = rc == 0;
    if (rc == 0)
        follow_epochs(r, &agency);
    if (rc == 0)
        rc = synchronise(&agency, true, due, &result, err);
    if (rc == 0) {
        note_opened(r, &agency, due, &result);
        log_synchronised(&agency, &result);
        say_waiting(r, &agency, result.mail.manifest);
        counted_sync(&agency, &result, clock_monotonic_us() - start);
        figures_manifest(agency.region->version);
    } else {
        counted_sync_failed(clock_monotonic_us() - start);
    }
    if (opened) /* also where nobody can be reached */
        gather_duty(r, &agency, rc == 0 && result.judging.judged > 0);
    else if (r->duty_at != 0)
        r->duty_at = clock_now() + RETRY_SECONDS;
    agency_close(&agency);
    wait_let_end(false);
    return rc;
}

static void look_at_mail(struct runner *r, enum judge_due due)
{
    struct err err;
    uint64_t pause = r->config->sync_interval;
    r->sync_failed = fetch_mail(r, due, &err) != 0;
    if (!r->sync_failed) {
        r->trouble[0] = '\0';
        wake_done(r->wake);
        office_note_contact(r->office);
    } else {
        r->checks.wanted = r->pairs.wanted = true;
        complain(r, "sync-failed", &err);
        pause = RETRY_SECONDS;
    }
    r->sync_at_ms = clock_monotonic_ms() + pause * 1000;
}

/* --- the daemon --- */

/* SIGHUP: looks at everything at once, with the manifest as it is now. */
static int look_again(struct runner *r, struct err *err)
{
    wake_stop(r->wake);
    r->wake = NULL;
    r->look_at_ms = r->sync_at_ms = 0;
    r->pairs.wanted = true;
    for (size_t i = 0; i < r->watch.count; i++)
        r->watch.file[i].pending = true;
    return wake_start(&r->wake, &r->config->agency, r->identity, err);
}

static bool has_come(struct beat *b)
{
    const uint64_t number = clock_monotonic_ms() / b->every_ms;
    const bool come = number != b->number;
    b->number = number;
    return come;
}

/* Both beats are looked at, each time. */
static enum judge_due judging_due(struct runner *r)
{
    const bool checks = has_come(&r->checks), pairs = has_come(&r->pairs);
    return pairs && r->pairs.wanted ? JUDGE_ALL : checks && r->checks.wanted ? JUDGE_CHECKS : JUDGE_NOTHING;
}

static int work(struct runner *r, struct err *err)
{
    int rc = 0;
    while (rc == 0) {
        log_clock_tick();
        if (r->config->feed[0] != '\0' && clock_monotonic_ms() >= r->look_at_ms)
            look_at_feeds(r);
        enum judge_due due = r->sync_failed ? JUDGE_NOTHING : judging_due(r);
        if (clock_monotonic_ms() >= r->sync_at_ms)
            look_at_mail(r, JUDGE_ALL);
        else if (office_wants_round(r->office) || duty_tend(r->duty) ||
                 (r->duty_at != 0 && clock_now() >= r->duty_at) || due != JUDGE_NOTHING ||
                 (!r->sync_failed && wake_mail(r->wake)))
            look_at_mail(r, due);
        rc = office_check(r->office, err);
        if (r->figures != NULL)
            figures_process(r->config->agency.vault);
        figures_beat(r->sync_failed ? "synchronising fails" : r->feed_failed ? "feeds cannot be enrolled" : NULL);
        int signal = rc != 0 ? 0 : wait_signal((unsigned)(JUDGE_CHECK_MS - clock_monotonic_ms() % JUDGE_CHECK_MS));
        if (signal == SIGTERM || signal == SIGINT)
            break;
        if (signal == SIGHUP)
            rc = look_again(r, err);
    }
    return rc;
}

/* Where both are to be at one address, the desk's server has the routes of the border interface, too. */
static bool is_shared(const struct client_config *c)
{
    return c->border_listen[0] != '\0' && strcmp(c->border_listen, c->desk) == 0;
}

static int check(struct call *call, struct err *err)
{
    const struct client_config *c = call->config;
    if (log_level_of(c->log_level) < 0)
        return err_set(err, ERR_USAGE, "Level: %s is none of debug, info, warn, error", c->log_level);
    if (c->border_listen[0] != '\0' && (c->border_posts[0] == '\0' || c->border_rate == 0))
        return err_set(err, ERR_USAGE,
                       "[Border] Listen wants Posts, the file that concord-client post writes, and a Rate");
    if (is_shared(c) && (c->border_certificate[0] != '\0' || c->border_key[0] != '\0'))
        return err_set(err, ERR_USAGE,
                       "[Border] Listen is the desk's: it speaks TLS by [Desk] Certificate and Key, not by its own");
    if (c->feed_interval == 0 || c->sync_interval == 0 || c->judge_interval == 0)
        return err_set(err, ERR_USAGE, "the intervals are at least 1s");
    return 0;
}

/* What is wrong from the start is said at the start. */
static int try_out(const struct runner *r, struct err *err)
{
    struct agency agency;
    int rc = agency_open(&agency, &r->config->agency, r->identity, err);
    if (rc == 0 && r->config->feed[0] != '\0')
        rc = dir_make(r->config->feed, 0700, err);
    if (rc == 0)
        log_event(LOG_INFO, "running", "agency=%s region=%s feed=%s", r->identity->party.name, agency.region->name,
                  r->config->feed[0] != '\0' ? r->config->feed : "-");
    agency_close(&agency);
    return rc;
}

/* Border posts, if there are any; nothing is asked of anybody before the first check. */
static int open_border(struct runner *r, struct err *err)
{
    const struct client_config *c = r->config;
    if (c->border_listen[0] == '\0' || is_shared(c))
        return 0;
    r->border_options = (struct border_options){c->border_listen, c->border_posts, c->border_certificate, c->border_key,
                                                c->border_rate};
    int rc = border_open(&r->border, &r->border_options, &c->agency, r->identity, err);
    if (rc == 0)
        log_event(LOG_INFO, "border", "listen=%s port=%u", c->border_listen, border_port(r->border));
    return rc;
}

/* Before there are threads. */
static int start_office(struct runner *r, struct err *err)
{
    const struct client_config *c = r->config;
    static const struct office_table *const tables[] = {&office_desk};
    r->border_options = (struct border_options){"", c->border_posts, "", "", c->border_rate};
    const struct office_options options = {.listen = c->desk,
                                           .certificate = c->certificate,
                                           .key = c->key,
                                           .idle = c->desk_idle,
                                           .most = c->desk_most,
                                           .feed = c->feed,
                                           .rejects = c->rejects,
                                           .map = &c->map,
                                           .config = &c->agency,
                                           .identity = r->identity,
                                           .table = tables,
                                           .tables = ARRAY_LEN(tables),
                                           .border = is_shared(c) ? &r->border_options : NULL};
    return c->desk[0] != '\0' ? office_start(&r->office, &options, err) : 0;
}

static int run(struct call *call, struct err *err)
{
    static struct runner runner;
    struct runner *r = &runner;
    r->config = call->config;
    r->identity = call->opened;
    r->watch.directory = r->config->feed;
    r->checks.every_ms = JUDGE_CHECK_MS;
    r->pairs.every_ms = 1000 * r->config->judge_interval;
    r->pairs.wanted = r->checks.wanted = true;
    log_set_level((enum log_level)log_level_of(r->config->log_level));
    wait_block_signals();
    int rc = try_out(r, err);
    if (rc == 0)
        rc = start_office(r, err);
    if (rc == 0 && r->config->duty[0] != '\0')
        rc = duty_new(&r->duty, r->config->duty, r->config->escalate, err);
    if (rc == 0)
        rc = wake_start(&r->wake, &r->config->agency, r->identity, err);
    if (rc == 0)
        rc = open_border(r, err);
    counted_open();
    if (rc == 0)
        rc = figures_open(&r->figures, r->config->metrics, err);
    if (rc == 0)
        rc = work(r, err);
    figures_close(r->figures);
    border_close(r->border);
    wake_stop(r->wake);
    office_stop(r->office);
    duty_free(r->duty);
    watch_free(&r->watch);
    if (rc == 0)
        log_event(LOG_INFO, "ended", "reason=signal");
    return rc;
}

const struct verb run_verb = {
    .name = "run",
    .brief = "the daemon: watch a feed directory, synchronise when the matcher calls",
    .operands = "",
    .summary =
        "The daemon: enrols new and changed feeds, fetches mail when the matcher calls and by interval. Ends on SIGTERM;\n"
        "SIGHUP makes it look at everything at once.",
    .needs = CLIENT_DAEMON | CLIENT_JOBS | CLIENT_FEED,
    .check = check,
    .run = run,
};
