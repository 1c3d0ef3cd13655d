#include "client/task/enrol.h"

#include "client/agency/ledgers.h"
#include "client/feed/feed.h"

#include <stdio.h>
#include <string.h>

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

static int read_file(struct enrolment *e, const struct enrol_task *task, const char *path, const char *purpose,
                     uint64_t *rejected, struct err *err)
{
    const struct feed_options options = {.path = path, .map = task->map, .map_count = task->maps};
    const char *slash = strrchr(path, '/');
    struct feed *feed = NULL;
    struct progress progress;
    char what[PARTY_NAME_MAX + 256];
    snprintf(what, sizeof what, "%s: %.200s", purpose, slash != NULL ? slash + 1 : path);
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

static int send_changes(struct agency *a, const struct agency_purpose *p, bool quiet, struct outgoing_counts *sent,
                        struct err *err)
{
    struct progress progress;
    char what[PARTY_NAME_MAX + 64];
    snprintf(what, sizeof what, "%s: sending", p->region->name);
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
    uint64_t rejected = 0;
    int rc = enrolment_new(&e, a, p, normaliser, task->snapshot, err);
    for (size_t i = 0; rc == 0 && i < task->paths; i++)
        rc = read_file(e, task, task->path[i], p->region->name, &rejected, err);
    if (rc == 0)
        rc = enrolment_finish(e, err);
    if (rc == 0) {
        result->enrolled[at] = *enrolment_counts(e);
        result->rejected = rejected;
    }
    enrolment_free(e); /* its batches make room for the requests */
    if (rc == 0)
        rc = send_changes(a, p, task->quiet, &result->sent[at], err);
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
        rc = enrol_purpose(agency, i, task, normaliser, result, err);
    normaliser_free(normaliser);
    return rc != 0 || !has_evaluated(agency, result) ? rc : ledgers_greet_custodians(agency, err);
}
