#include "client/task/survey.h"

#include "client/identity/date.h"
#include "protocol/base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STEP_MAX 320

static void note_dates(struct survey *s, const struct record *record)
{
    const char *text;
    enum calendar calendar;
    for (size_t i = 0; (text = record_value(record, FIELD_DATE_OF_BIRTH, i)) != NULL; i++) {
        struct person_date date;
        struct date_writing how;
        if (text[strspn(text, " ")] == '\0' || !calendar_named(&calendar, record->field[FIELD_CALENDAR]) ||
            !date_parse_written(&date, &how, text, calendar))
            continue;
        s->day_first += how.order == DATE_DAY_FIRST;
        s->month_first += how.order == DATE_MONTH_FIRST;
        s->either += how.order == DATE_EITHER;
    }
}

bool survey_dates_mixed(const struct survey *survey)
{
    return survey->month_first > 0 && survey->either > 0;
}

static int look_at(struct survey *s, struct agency *a, const struct survey_task *task, size_t file, bool first,
                   struct feed *feed, struct progress *progress, struct err *err)
{
    struct record record;
    struct vault_ref ref;
    const char *reason;
    bool end = false;
    uint64_t done, total, rows = 0;
    int rc;
    while ((rc = feed_next_any(feed, &record, &reason, &end, err)) == 0 && !end) {
        const char *id = record.field[FIELD_RECORD_ID];
        feed_progress(feed, &done, &total);
        progress_show(progress, done, total, ++rows, "rows");
        if (id[0] != '\0')
            doubles_add(s->doubles, id);
        if (!first)
            continue;
        s->rows++;
        if (reason == NULL && feed_asks_order(feed))
            note_dates(s, &record);
        if (s->seen != NULL && id[0] != '\0') { /* a row that is rejected withdraws nothing */
            vault_record_ref(a->vault, id, &ref);
            rc = vault_seen_add(s->seen, &ref, err);
        }
        if (rc == 0 && task->row != NULL)
            rc = task->row(task->context, file, &record, reason, feed, err);
        if (rc != 0)
            return rc;
    }
    return rc;
}

static int look_at_file(struct survey *s, struct agency *a, const struct survey_task *task, size_t file, bool first,
                        struct err *err)
{
    struct feed_options options = task->options;
    struct feed *feed = NULL;
    struct progress progress;
    char step[STEP_MAX];
    struct stat st;
    const char *slash = strrchr(task->path[file], '/');
    if (stat(task->path[file], &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT, "%s cannot be read twice: name a file", task->path[file]);
    options.path = task->path[file];
    options.dry = true;
    int rc = feed_open(&feed, &options, err);
    if (rc != 0)
        return rc;
    snprintf(step, sizeof step, "looking through %.200s", slash != NULL ? slash + 1 : task->path[file]);
    progress_start(&progress, step, task->quiet);
    rc = look_at(s, a, task, file, first, feed, &progress, err);
    progress_end(&progress);
    if (first)
        s->rejected += feed_rejected(feed);
    feed_free(feed);
    return rc;
}

int survey_take(struct survey *out, struct agency *agency, const struct survey_task *task, struct err *err)
{
    bool again = true, first = true;
    *out = (struct survey){.doubles = NULL};
    int rc = doubles_new(&out->doubles, 0, err);
    if (rc == 0 && task->snapshot)
        rc = vault_seen_new(&out->seen, agency->vault, agency->purpose[0].domain, err);
    if (rc == 0)
        rc = vault_withheld(agency->vault, &out->withheld, &out->withhelds, err);
    while (rc == 0 && again) {
        for (size_t i = 0; rc == 0 && i < task->paths; i++)
            rc = look_at_file(out, agency, task, i, first, err);
        if (rc == 0)
            rc = doubles_end(out->doubles, &again, err);
        first = false;
    }
    return rc;
}

void survey_free(struct survey *survey)
{
    doubles_free(survey->doubles);
    vault_seen_free(survey->seen);
    free(survey->withheld);
    *survey = (struct survey){.doubles = NULL};
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, VAULT_RECORD_SIZE);
}

bool survey_withholds(const struct survey *survey, const struct vault *vault, const char *id)
{
    struct vault_ref ref;
    if (survey->withhelds == 0)
        return false;
    vault_record_ref(vault, id, &ref);
    return bsearch(&ref, survey->withheld, survey->withhelds, sizeof ref, by_bytes) != NULL;
}

int survey_rest(const struct survey *survey, struct agency *agency, const struct agency_purpose *purpose,
                uint64_t *rest, uint64_t *of, struct err *err)
{
    const struct agency_purpose *earlier = agency_earlier_of(agency, purpose);
    struct vault_counts counts;
    uint64_t before = 0;
    int rc = vault_seen_count_rest(survey->seen, purpose->domain, rest, err);
    if (rc == 0)
        rc = vault_count(agency->vault, purpose->domain, &counts, err);
    *of = rc == 0 ? counts.records : 0;
    if (rc == 0 && earlier != NULL)
        rc = vault_seen_count_rest(survey->seen, earlier->domain, &before, err);
    if (rc == 0 && earlier != NULL)
        rc = vault_count(agency->vault, earlier->domain, &counts, err);
    if (rc == 0 && before > *rest) {
        *rest = before;
        *of = counts.records;
    }
    return rc;
}

bool survey_allows(uint64_t rest, uint64_t of, uint64_t percent)
{
    return rest <= WITHDRAW_UNASKED || rest <= of / 100 * percent + of % 100 * percent / 100;
}
