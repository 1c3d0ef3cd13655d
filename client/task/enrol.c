#include "client/task/enrol.h"

#include "client/agency/ledgers.h"
#include "client/feed/feed.h"

#include <stdio.h>
#include <string.h>

#define STEP_MAX (PARTY_NAME_MAX + 320)

/* Whoever normalises otherwise would enrol tags that meet nobody's. */
static int check_fingerprint(const struct agency_purpose *p, struct err *err)
{
    uint8_t own[REGION_DIGEST_SIZE];
    char want[2 * REGION_DIGEST_SIZE + 1], have[2 * REGION_DIGEST_SIZE + 1];
    int rc = normaliser_fingerprint(own, err);
    if (rc != 0 || memcmp(own, p->epoch->normaliser, sizeof own) == 0)
        return rc;
    return err_set(err, ERR_DENIED,
                   "this client normalises names otherwise than the region (fingerprint %.16s, not %.16s): "
                   "install the ICU version that the coordinators name",
                   bytes_to_hex(have, own, sizeof own), bytes_to_hex(want, p->epoch->normaliser, sizeof own));
}

static int read_rows(struct enrolment *e, struct feed *feed, struct progress *progress, struct err *err)
{
    struct record record;
    bool end = false;
    uint64_t done, total;
    int rc = 0;
    for (uint64_t rows = 0; rc == 0; rows++) {
        rc = feed_next(feed, &record, &end, err);
        if (rc != 0 || end)
            break;
        rc = enrolment_add(e, &record, err);
        feed_progress(feed, &done, &total);
        progress_show(progress, done, total, rows, "rows");
    }
    return rc;
}

/* Each file for each purpose, and the sending of each purpose, have a time of their own: it says which it is about. */
static void name_step(char out[STEP_MAX], const struct enrol_task *task, size_t purposes, size_t at, size_t step,
                      const char *purpose, const char *what)
{
    size_t each = task->paths + 1;
    snprintf(out, STEP_MAX, "%zu of %zu, %s: %.200s", at * each + step + 1, purposes * each, purpose, what);
}

static int read_file(struct enrolment *e, const struct enrol_task *task, const char *path, const char *what,
                     uint64_t *rejected, struct err *err)
{
    const struct feed_options options = {
        .path = path, .map = task->map, .map_count = task->maps, .encoding = task->encoding};
    struct feed *feed = NULL;
    struct progress progress;
    int rc = feed_open(&feed, &options, err);
    if (rc != 0)
        return rc;
    progress_start(&progress, what, task->quiet);
    rc = read_rows(e, feed, &progress, err);
    if (rc == 0)
        rc = feed_finish(feed, err);
    progress_end(&progress);
    *rejected += feed_rejected(feed);
    feed_free(feed);
    return rc;
}

static int send_changes(struct agency *a, const struct agency_purpose *p, const char *what, bool quiet,
                        struct outgoing_counts *sent, struct err *err)
{
    struct progress progress;
    progress_start(&progress, what, quiet);
    int rc = outgoing_send(a, p, &progress, sent, err);
    progress_end(&progress);
    return rc;
}

static int enrol_purpose(struct agency *a, size_t at, const struct enrol_task *task, struct normaliser *normaliser,
                         struct enrol_result *result, struct err *err)
{
    const struct agency_purpose *p = &a->purpose[at];
    struct enrolment *e = NULL;
    char step[STEP_MAX];
    uint64_t rejected = 0;
    int rc = enrolment_new(&e, a, p, normaliser, task->snapshot, err);
    for (size_t i = 0; rc == 0 && i < task->paths; i++) {
        const char *slash = strrchr(task->path[i], '/');
        name_step(step, task, a->purposes, at, i, p->region->name, slash != NULL ? slash + 1 : task->path[i]);
        rc = read_file(e, task, task->path[i], step, &rejected, err);
    }
    if (rc == 0)
        rc = enrolment_finish(e, err);
    if (rc == 0) {
        result->enrolled[at] = *enrolment_counts(e);
        result->rejected = rejected;
    }
    enrolment_free(e); /* its batches make room for the requests */
    name_step(step, task, a->purposes, at, task->paths, p->region->name, "sending");
    if (rc == 0)
        rc = send_changes(a, p, step, task->quiet, &result->sent[at], err);
    const struct agency_purpose *earlier = agency_earlier_of(a, p);
    if (rc == 0 && earlier != NULL && !agency_is_over(earlier)) /* what was withdrawn */
        rc = send_changes(a, earlier, step, task->quiet, &result->sent[at], err);
    return rc;
}

static bool has_evaluated(const struct agency *a, const struct enrol_result *result)
{
    uint64_t tokens = 0;
    for (size_t i = 0; i < a->purposes; i++)
        tokens += result->enrolled[i].tokens;
    return tokens > 0;
}

int enrol_files(struct agency *agency, const struct enrol_task *task, struct enrol_result *result, struct err *err)
{
    struct normaliser *normaliser = NULL;
    memset(result, 0, sizeof *result);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++)
        rc = check_fingerprint(&agency->purpose[i], err);
    if (rc == 0)
        rc = normaliser_new(&normaliser, err);
    if (rc == 0)
        rc = vault_lock(agency->vault, err);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++)
        if (agency_enrols(agency, &agency->purpose[i]))
            rc = enrol_purpose(agency, i, task, normaliser, result, err);
    normaliser_free(normaliser);
    return rc != 0 || !has_evaluated(agency, result) ? rc : ledgers_greet_custodians(agency, err);
}
