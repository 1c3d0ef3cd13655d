#include "client/task/counted.h"

#include "protocol/base/clock.h"
#include "protocol/base/metrics.h"

static struct metric works = METRIC("concord_works_total", METRIC_COUNTER, "work",
                                    "synchronisations and enrolments that ended well, and those that failed");
static struct metric work_seconds =
    METRIC("concord_work_seconds", METRIC_TIMES, "work", "how long a synchronisation or an enrolment took");
static struct metric sync_time = METRIC("concord_sync_time_seconds", METRIC_GAUGE, NULL,
                                        "when the agency last synchronised; 0: not since its start");
static struct metric feeds_pending =
    METRIC("concord_feeds_pending", METRIC_GAUGE, NULL, "feeds that are still to be enrolled");
static struct metric rows =
    METRIC("concord_rows_total", METRIC_COUNTER, "kind", "rows of feeds, by what became of them");
static struct metric sent =
    METRIC("concord_tags_sent_total", METRIC_COUNTER, "kind", "tags put at the matcher, and removed there");
static struct metric records = METRIC("concord_records", METRIC_GAUGE, "purpose", "records enrolled, by purpose");
static struct metric matches = METRIC("concord_matches", METRIC_GAUGE, "purpose", "matches there are, by purpose");
static struct metric mail = METRIC("concord_mail_total", METRIC_COUNTER, "kind", "messages taken, and those refused");
static struct metric judged =
    METRIC("concord_judged_total", METRIC_COUNTER, "verdict", "pairs that judging ended with, by what came of it");

void counted_open(void)
{
    static struct metric *const all[] = {&works, &work_seconds, &sync_time, &feeds_pending, &rows,
                                         &sent,  &records,      &matches,   &mail,          &judged};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metrics_register(all[i]);
}

static void count_work(const char *name, const char *outcome, uint64_t took)
{
    metric_time(&work_seconds, name, took);
    metric_add(&works, outcome, 1);
}

void counted_sync(const struct agency *agency, const struct sync_result *result, uint64_t took)
{
    const struct inbox_counts *m = &result->mail;
    const struct judge_counts *j = &result->judging;
    count_work("sync", "sync", took);
    metric_set(&sync_time, "", clock_now());
    for (size_t i = 0; i < agency->purposes; i++) {
        metric_set(&records, agency->purpose[i].region->name, result->purpose[i].records);
        metric_set(&matches, agency->purpose[i].region->name, result->purpose[i].matches);
    }
    metric_add(&mail, "match", m->matches);
    metric_add(&mail, "withdrawn", m->withdrawn);
    metric_add(&mail, "asked", m->asked);
    metric_add(&mail, "letter", m->letters);
    metric_add(&mail, "refused", m->refused_all);
    metric_add(&judged, "judged", j->judged);
    metric_add(&judged, "different", j->different);
    metric_add(&judged, "limited", j->limited);
    metric_add(&judged, "refused", j->refused);
}

void counted_sync_failed(uint64_t took)
{
    count_work("sync", "sync-failed", took);
}

void counted_enrolled(const struct agency *agency, const struct enrol_result *result, uint64_t took)
{
    count_work("enrol", "enrol", took);
    for (size_t i = 0; i < agency->purposes; i++) {
        const struct enrolment_counts *c = &result->enrolled[i];
        metric_add(&rows, "new", c->fresh);
        metric_add(&rows, "changed", c->changed);
        metric_add(&rows, "unchanged", c->unchanged);
        metric_add(&rows, "removed", c->removed);
        metric_add(&sent, "put", result->sent[i].put);
        metric_add(&sent, "removed", result->sent[i].removed);
    }
    metric_add(&rows, "rejected", result->rejected);
    metric_add(&rows, "withheld", result->withheld);
}

void counted_enrol_failed(uint64_t took)
{
    count_work("enrol", "enrol-failed", took);
}

void counted_feeds(uint64_t pending)
{
    metric_set(&feeds_pending, "", pending);
}
