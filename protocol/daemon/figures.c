#include "protocol/daemon/figures.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/base/metrics.h"
#include "protocol/web/web.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SILENT_MS 5000

struct figures {
    struct web *web;
};

static struct metric answer_seconds =
    METRIC("concord_answer_seconds", METRIC_TIMES, "type",
           "from the moment a request was read to its answer, by type; WAIT is held on "
           "purpose");
static struct metric answers =
    METRIC("concord_answers_total", METRIC_COUNTER, "status", "requests answered, by status");
static struct metric queue = METRIC("concord_queue_requests", METRIC_GAUGE, NULL, "requests that wait for a thread");
static struct metric queue_max = METRIC("concord_queue_requests_max", METRIC_GAUGE, NULL, "requests that may wait");
static struct metric ledger_entries = METRIC("concord_ledger_entries", METRIC_GAUGE, NULL, "entries of the ledger");
static struct metric witness_behind = METRIC("concord_witness_behind_entries", METRIC_GAUGE, "witness",
                                             "entries that a witness has not cosigned and should");
static struct metric manifest =
    METRIC("concord_manifest_version", METRIC_GAUGE, NULL, "version of the manifest in force");
static struct metric free_bytes =
    METRIC("concord_state_free_bytes", METRIC_GAUGE, NULL, "room left on the disk of the state directory");
static struct metric resident = METRIC("concord_resident_bytes", METRIC_GAUGE, NULL, "memory of the process");
static struct metric processor =
    METRIC("concord_processor_milliseconds_total", METRIC_COUNTER, NULL, "processor time of the process");
static struct metric beat_time =
    METRIC("concord_beat_time_seconds", METRIC_GAUGE, NULL, "when the daemon's own thread came round last");
static struct metric failing_now =
    METRIC("concord_failing", METRIC_GAUGE, NULL, "1 while something fails that /healthz names");
static struct metric working =
    METRIC("concord_working", METRIC_GAUGE, NULL, "1 while the daemon's own thread is at work that may take longer");

static _Atomic uint64_t beat_ms, silence_ms = SILENT_MS;
static const char *_Atomic failing;

/* --- what is asked --- */

static int show_metrics(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    (void)context;
    (void)request;
    reply->type = "text/plain; version=0.0.4; charset=utf-8";
    return metrics_print(&reply->body, err);
}

static int show_health(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    const char *what = failing;
    const uint64_t silent = clock_monotonic_ms() - beat_ms;
    (void)context;
    (void)request;
    reply->status = what == NULL && silent <= silence_ms ? 200 : 503;
    if (what == NULL && silent > silence_ms)
        return buf_printf(&reply->body, err, "no word for %llu seconds\n", (unsigned long long)silent / 1000);
    return buf_printf(&reply->body, err, "%s\n", what == NULL ? "ok" : what);
}

static const struct web_route routes[] = {
    {"GET", "/metrics", 0, show_metrics},
    {"GET", "/healthz", 0, show_health},
};

void figures_serve(void)
{
    static struct metric *const all[] = {&answer_seconds, &answers,        &queue,
                                         &queue_max,      &ledger_entries, &witness_behind};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metrics_register(all[i]);
}

int figures_open(struct figures **out, const char *listen, struct err *err)
{
    static struct metric *const all[] = {&manifest,  &free_bytes,  &resident, &processor,
                                         &beat_time, &failing_now, &working};
    const struct web_options options = {.listen = listen, .route = routes, .routes = sizeof routes / sizeof routes[0]};
    *out = NULL;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metrics_register(all[i]);
    if (listen[0] == '\0')
        return 0;
    struct figures *f = calloc(1, sizeof *f);
    if (f == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the figures");
    figures_beat(NULL);
    int rc = web_open(&f->web, &options, err);
    if (rc != 0) {
        free(f);
        return err_wrap(err, "Metrics");
    }
    log_event(LOG_INFO, "metrics", "url=http://%s/metrics", listen);
    *out = f;
    return 0;
}

void figures_close(struct figures *figures)
{
    if (figures != NULL)
        web_close(figures->web);
    free(figures);
}

/* --- what is told --- */

void figures_answered(const char *type, const char *status, uint64_t microseconds)
{
    metric_time(&answer_seconds, type, microseconds);
    metric_add(&answers, status, 1);
}

static uint64_t resident_bytes(void)
{
    unsigned long long total, here = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%llu %llu", &total, &here) != 2) /* NOLINT(cert-err34-c): the kernel wrote it */
        here = 0;
    fclose(f);
    return here * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t milliseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_usec / 1000u;
}

void figures_process(const char *state_dir)
{
    struct statvfs disk;
    struct rusage used;
    if (statvfs(state_dir, &disk) == 0)
        metric_set(&free_bytes, "", (uint64_t)disk.f_bavail * disk.f_frsize);
    if (getrusage(RUSAGE_SELF, &used) == 0)
        metric_set(&processor, "", milliseconds(used.ru_utime) + milliseconds(used.ru_stime));
    metric_set(&resident, "", resident_bytes());
}

void figures_queue(uint64_t waiting, uint64_t most)
{
    metric_set(&queue, "", waiting);
    metric_set(&queue_max, "", most);
}

void figures_ledger(uint64_t entries)
{
    metric_set(&ledger_entries, "", entries);
}

void figures_manifest(uint64_t version)
{
    metric_set(&manifest, "", version);
}

void figures_witness(const char *witness, uint64_t entries_behind)
{
    metric_set(&witness_behind, witness, entries_behind);
}

void figures_beat(const char *what)
{
    failing = what;
    silence_ms = SILENT_MS;
    beat_ms = clock_monotonic_ms();
    metric_set(&beat_time, "", clock_now());
    metric_set(&failing_now, "", what != NULL);
    metric_set(&working, "", 0);
}

void figures_work(unsigned seconds)
{
    silence_ms = 1000u * (uint64_t)seconds;
    metric_set(&working, "", 1);
}
