#include "client/task/enrol.h"

#include "client/agency/ledgers.h"
#include "client/task/survey.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <stdio.h>
#include <string.h>

#define STEP_MAX (PARTY_NAME_MAX + 320)
#define PACE_TOKENS 5000 /* fewer say little of how fast it goes */

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

/* A purpose's pass over the files. */
struct pass {
    struct agency *agency;
    const struct enrol_task *task;
    const struct survey *survey;
    struct enrolment *enrolment;
    uint64_t rejected, withheld;
};

static int read_rows(struct pass *pass, struct feed *feed, struct progress *progress, struct err *err)
{
    struct record record;
    bool end = false;
    uint64_t done, total;
    int rc = 0;
    for (uint64_t rows = 0; rc == 0; rows++) {
        rc = feed_next(feed, &record, &end, err);
        if (rc != 0 || end)
            break;
        if (survey_withholds(pass->survey, pass->agency->vault, record.field[FIELD_RECORD_ID]))
            pass->withheld++;
        else
            rc = enrolment_add(pass->enrolment, &record, err);
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

/* What is still under way when the last row was read, and what a snapshot no longer has. */
static int finish(struct pass *pass, struct err *err)
{
    int rc = enrolment_finish(pass->enrolment, err);
    if (rc == 0 && pass->survey->seen != NULL)
        rc = enrolment_remove_rest(pass->enrolment, pass->survey->seen, err);
    return rc;
}

/* last: finishing is of this step's time. */
static int read_file(struct pass *pass, const char *path, bool last, const char *what, struct err *err)
{
    struct feed_options options = pass->task->feed;
    struct feed *feed = NULL;
    struct progress progress;
    options.path = path;
    options.doubles = pass->survey->doubles;
    options.dates_mixed = survey_dates_mixed(pass->survey);
    int rc = feed_open(&feed, &options, err);
    if (rc != 0)
        return rc;
    progress_start(&progress, what, pass->task->quiet);
    rc = read_rows(pass, feed, &progress, err);
    if (rc == 0)
        rc = feed_finish(feed, err);
    if (rc == 0 && last)
        rc = finish(pass, err);
    progress_end(&progress);
    pass->rejected += feed_rejected(feed);
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

static int enrol_rows(struct agency *a, size_t at, const struct enrol_task *task, const struct survey *survey,
                      struct normaliser *normaliser, struct enrol_result *result, struct err *err)
{
    const struct agency_purpose *p = &a->purpose[at];
    struct pass pass = {.agency = a, .task = task, .survey = survey};
    char step[STEP_MAX];
    int rc = enrolment_new(&pass.enrolment, a, p, normaliser, err);
    for (size_t i = 0; rc == 0 && i < task->paths; i++) {
        const char *slash = strrchr(task->path[i], '/');
        name_step(step, task, a->purposes, at, i, p->region->name, slash != NULL ? slash + 1 : task->path[i]);
        rc = read_file(&pass, task->path[i], i + 1 == task->paths, step, err);
    }
    if (rc == 0) {
        result->enrolled[at] = *enrolment_counts(pass.enrolment);
        result->rejected = pass.rejected;
        result->withheld = pass.withheld;
    }
    enrolment_free(pass.enrolment); /* its batches make room for the requests */
    return rc;
}

static int send_purpose(struct agency *a, size_t at, const struct enrol_task *task, struct enrol_result *result,
                        struct err *err)
{
    const struct agency_purpose *p = &a->purpose[at];
    char step[STEP_MAX];
    name_step(step, task, a->purposes, at, task->paths, p->region->name, "sending");
    int rc = send_changes(a, p, step, task->quiet, &result->sent[at], err);
    const struct agency_purpose *earlier = agency_earlier_of(a, p);
    if (rc == 0 && earlier != NULL && !agency_is_over(earlier)) /* what was withdrawn */
        rc = send_changes(a, earlier, step, task->quiet, &result->sent[at], err);
    return rc;
}

/* What was evaluated is not lost with a matcher that cannot be reached: how much there is, and when it goes. */
static int say_kept(const struct agency *a, struct err *err)
{
    const struct err why = *err;
    uint64_t kept = 0;
    for (size_t i = 0; i < a->purposes; i++) {
        struct vault_counts counts = {0};
        if (vault_count(a->vault, a->purpose[i].domain, &counts, ERR_IGNORED) == 0)
            kept += counts.unsent;
    }
    return err_set(err, why.code, "%.300s; %s with the next sync", why.text,
                   TEXT_COUNT(kept, "tag is kept and goes", "tags are kept and go"));
}

/*
 * Purpose by purpose. A matcher that is away is asked once; the rows of the other purposes are evaluated all the same.
 */
static int enrol_purposes(struct agency *a, const struct enrol_task *task, const struct survey *survey,
                          struct normaliser *normaliser, struct enrol_result *result, struct err *err)
{
    struct err away = {.code = ERR_OK};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        if (!agency_enrols(a, &a->purpose[i]))
            continue;
        rc = enrol_rows(a, i, task, survey, normaliser, result, err);
        if (rc != 0 || away.code != ERR_OK)
            continue;
        rc = send_purpose(a, i, task, result, err);
        if (rc == ERR_UNREACHABLE || rc == ERR_BUSY) {
            away = *err;
            rc = 0;
        }
    }
    if (rc != 0 || away.code == ERR_OK)
        return rc;
    *err = away;
    return say_kept(a, err);
}

/* Stops a snapshot that would withdraw too much, before anything changed, and remembers why for `status`. */
static int check_rest(struct agency *a, const struct enrol_task *task, const struct survey *survey,
                      struct enrol_result *result, struct err *err)
{
    struct vault_held held = {.withdrawn = 0};
    const char *purpose = "";
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        uint64_t rest = 0, of = 0;
        if (agency_enrols(a, &a->purpose[i]))
            rc = survey_rest(survey, a, &a->purpose[i], &rest, &of, err);
        if (rc == 0 && rest > held.withdrawn && rest > task->withdraw &&
            !survey_allows(rest, of, task->withdraw_percent)) {
            held = (struct vault_held){rest, of, clock_now()};
            purpose = a->purpose[i].region->name;
        }
    }
    if (rc == 0)
        rc = vault_held_set(a->vault, &held, err);
    result->held = rc == 0 && held.withdrawn > 0;
    return !result->held ? rc
                         : err_set(err, ERR_DENIED,
                                   "%s: %llu of %llu records are in none of the files and would be withdrawn; nothing "
                                   "was changed. If they must go: concord-client enrol --snapshot --withdraw %llu "
                                   "FILE...; else look at the files: concord-client check FILE...",
                                   purpose, (unsigned long long)held.withdrawn, (unsigned long long)held.of,
                                   (unsigned long long)held.withdrawn);
}

static int look_through(struct agency *a, const struct enrol_task *task, struct survey *survey,
                        struct enrol_result *result, struct err *err)
{
    const struct survey_task look = {.path = task->path,
                                     .paths = task->paths,
                                     .options = task->feed,
                                     .snapshot = task->snapshot && a->purposes > 0,
                                     .quiet = task->quiet};
    int rc = survey_take(survey, a, &look, err);
    result->doubles = rc == 0 ? doubles_count(survey->doubles) : 0;
    result->either = survey->either;
    result->mixed = survey_dates_mixed(survey);
    return rc == 0 && survey->seen != NULL ? check_rest(a, task, survey, result, err) : rc;
}

static uint64_t count_tokens(const struct agency *a, const struct enrol_result *result)
{
    uint64_t tokens = 0;
    for (size_t i = 0; i < a->purposes; i++)
        tokens += result->enrolled[i].tokens;
    return tokens;
}

/* For the next one's check. */
static int note_pace(struct agency *a, const struct enrol_result *result, uint64_t ms, struct err *err)
{
    const uint64_t tokens = count_tokens(a, result);
    return tokens >= PACE_TOKENS && ms > 0 ? vault_pace_set(a->vault, tokens * 1000 / ms, err) : 0;
}

int enrol_files(struct agency *agency, const struct enrol_task *task, struct enrol_result *result, struct err *err)
{
    struct normaliser *normaliser = NULL;
    struct survey survey = {.doubles = NULL};
    const uint64_t began = clock_monotonic_ms();
    memset(result, 0, sizeof *result);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++)
        rc = check_fingerprint(&agency->purpose[i], err);
    if (rc == 0)
        rc = normaliser_new(&normaliser, err);
    if (rc == 0)
        rc = vault_lock(agency->vault, err);
    if (rc == 0)
        rc = look_through(agency, task, &survey, result, err);
    if (rc == 0)
        rc = enrol_purposes(agency, task, &survey, normaliser, result, err);
    survey_free(&survey);
    if (rc == 0)
        rc = note_pace(agency, result, clock_monotonic_ms() - began, err);
    normaliser_free(normaliser);
    return rc != 0 || count_tokens(agency, result) == 0 ? rc : ledgers_greet_custodians(agency, err);
}
