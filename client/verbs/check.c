#include "client/verbs/check.h"

#include "client/task/survey.h"
#include "client/token/enrolment.h"
#include "protocol/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMS_MAX 16     /* shapes of dates that are told apart */
#define FORM_SIZE 24     /* of a shape, "9999-99-99" */
#define PROBLEMS_MAX 64  /* kinds of faults that are told apart */
#define SAMPLE_ROWS 2000 /* whose keys are counted */

struct options {
    bool snapshot, quiet;
};

struct problem {
    const char *field, *reason; /* constants */
    uint64_t count;
    size_t file, line; /* of the first */
};

/* What a purpose would have of the files. */
struct outlook {
    uint64_t fresh, changed, unchanged;
};

struct checking {
    struct agency *agency;
    struct normaliser *normaliser;
    struct buf scratch; /* secret */
    struct {
        char form[FORM_SIZE];
        uint64_t count;
    } date[FORMS_MAX];
    size_t dates;
    uint64_t other_dates, no_date, filled[FIELDS];
    struct problem problem[PROBLEMS_MAX];
    size_t problems;
    uint64_t faults; /* rows and values */
    struct outlook outlook[REGION_PURPOSES_MAX];
    uint64_t sampled, keys[REGION_PURPOSES_MAX];
};

/* --- rows --- */

/* "14 March 1990" is "99 a 9999": what a date looks like, and nothing of what it says. */
static void note_date(struct checking *c, const char *text)
{
    char form[FORM_SIZE];
    size_t len = 0;
    for (const char *at = text; *at != '\0' && len < sizeof form - 1; at++) {
        const bool digit = *at >= '0' && *at <= '9', mark = strchr("-/. :", *at) != NULL;
        const char shown = (char)(digit ? '9' : mark ? *at : 'a');
        if (shown != 'a' || len == 0 || form[len - 1] != 'a')
            form[len++] = shown;
    }
    form[len] = '\0';
    for (size_t i = 0; i < c->dates; i++)
        if (strcmp(c->date[i].form, form) == 0) {
            c->date[i].count++;
            return;
        }
    if (c->dates == FORMS_MAX) {
        c->other_dates++;
        return;
    }
    memcpy(c->date[c->dates].form, form, sizeof form);
    c->date[c->dates++].count = 1;
}

static void note_problem(struct checking *c, const char *field, const char *reason, size_t file, size_t line)
{
    c->faults++;
    for (size_t i = 0; i < c->problems; i++)
        if (c->problem[i].reason == reason && strcmp(c->problem[i].field, field) == 0) {
            c->problem[i].count++;
            return;
        }
    if (c->problems < PROBLEMS_MAX)
        c->problem[c->problems++] = (struct problem){field, reason, 1, file, line};
}

/* New, changed or as before: as enrolling would find it. */
static int look_up(struct checking *c, const struct record *record, struct err *err)
{
    uint8_t digest[32];
    struct agency *a = c->agency;
    int rc = enrolment_digest(a->vault, record, &c->scratch, digest, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        struct vault_ref ref;
        bool same = false;
        rc =
            vault_record_find(a->vault, a->purpose[i].domain, record->field[FIELD_RECORD_ID], digest, &ref, &same, err);
        c->outlook[i].fresh += rc == ERR_NOT_FOUND;
        c->outlook[i].changed += rc == 0 && !same;
        c->outlook[i].unchanged += rc == 0 && same;
        rc = rc == ERR_NOT_FOUND ? 0 : rc;
    }
    return rc;
}

/* The keys of the first rows stand for those of all. */
static int count_keys(struct checking *c, const struct record *record, struct err *err)
{
    int rc = 0;
    if (c->sampled == SAMPLE_ROWS)
        return 0;
    for (size_t i = 0; rc == 0 && i < c->agency->purposes; i++) {
        struct match_inputs inputs = {.count = 0};
        rc = match_keys(&c->agency->purpose[i].schema, c->normaliser, record, &inputs, &c->scratch, err);
        c->keys[i] += inputs.count;
        if (c->scratch.data != NULL)
            explicit_bzero(c->scratch.data, c->scratch.len);
    }
    c->sampled++;
    return rc;
}

static int look_at_row(void *context, size_t file, const struct record *record, const char *reason,
                       const struct feed *feed, struct err *err)
{
    struct checking *c = context;
    size_t count;
    const struct field_problem *told = feed_told(feed, &count);
    for (size_t i = 0; i < count; i++)
        note_problem(c, record_field_name[told[i].field], told[i].reason, file, record->line);
    for (size_t i = 0; feed_fault(feed, i) != NULL; i++)
        note_problem(c, feed_fault(feed, i)->field, feed_fault(feed, i)->reason, file, record->line);
    if (reason != NULL)
        return 0;
    for (int f = 0; f < FIELDS; f++)
        c->filled[f] += record->field[f][strspn(record->field[f], " ")] != '\0';
    if (record->field[FIELD_DATE_OF_BIRTH][strspn(record->field[FIELD_DATE_OF_BIRTH], " ")] != '\0')
        note_date(c, record->field[FIELD_DATE_OF_BIRTH]);
    else
        c->no_date++;
    int rc = look_up(c, record, err);
    return rc == 0 ? count_keys(c, record, err) : rc;
}

/* --- what is told --- */

static int print_columns(const struct survey_task *task, const char *path, struct err *err)
{
    struct feed_options options = task->options;
    struct feed *feed = NULL;
    const char *name, *near;
    int field;
    options.path = path;
    options.dry = true;
    int rc = feed_open(&feed, &options, err);
    if (rc != 0)
        return rc;
    printf("%s: %s, %s\n", path, feed_format(feed), feed_encoding(feed));
    for (size_t i = 0; feed_column(feed, i, &name, &field, &near); i++) {
        if (field >= 0)
            printf("  %-24s %s\n", name, record_field_name[field]);
        else if (field == COLUMN_IGNORED && name[0] != '\0')
            printf("  %-24s left out\n", name);
        else if (field == COLUMN_IGNORED)
            continue;
        else if (near != NULL)
            printf("  %-24s NOT KNOWN: is it %s? --map '%s=%s', or --map '%s=' to leave it out\n", name, near, name,
                   near, name);
        else
            printf("  %-24s NOT KNOWN: --map '%s=FIELD', or --map '%s=' to leave it out\n", name, name, name);
    }
    feed_free(feed);
    return 0;
}

/* Dates like 03/04/1987: what is known of whether the day or the month is first. */
static void print_order(const struct survey *s)
{
    if (s->day_first + s->month_first + s->either > 0)
        printf("with the year last: day first %llu, month first %llu, either %llu\n", (unsigned long long)s->day_first,
               (unsigned long long)s->month_first, (unsigned long long)s->either);
    if (survey_dates_mixed(s))
        printf("  of those that may be either the year alone counts, since others have the month first: say --dates "
               "day-first or --dates month-first\n");
    else if (s->either > 0)
        printf("  those that may be either are read day first; is it so? --dates day-first, else --dates "
               "month-first\n");
}

static void print_rows(const struct checking *c, const struct survey *s, char *const *path)
{
    printf("%llu %s, %llu of them with something that cannot be used\n", (unsigned long long)s->rows,
           text_count_word(s->rows, "row", "rows"), (unsigned long long)s->rejected);
    if (doubles_count(s->doubles) > 0)
        printf("%zu %s on more than one row: none of these rows is taken (enrol names them)\n",
               doubles_count(s->doubles),
               text_count_word(doubles_count(s->doubles), "record id stands", "record ids stand"));
    for (size_t i = 0; i < c->problems; i++)
        printf("  %8llu x %s: %s (first: %s, line %zu)\n", (unsigned long long)c->problem[i].count, c->problem[i].field,
               c->problem[i].reason, path[c->problem[i].file], c->problem[i].line);
    printf("filled:");
    for (int f = FIELD_FAMILY_NAME; f < FIELDS; f++)
        if (c->filled[f] > 0)
            printf(" %s %llu", record_field_name[f], (unsigned long long)c->filled[f]);
    printf("\ndates of birth:");
    for (size_t i = 0; i < c->dates; i++)
        printf("%s %llu as %s", i > 0 ? "," : "", (unsigned long long)c->date[i].count, c->date[i].form);
    if (c->other_dates > 0)
        printf(", %llu otherwise", (unsigned long long)c->other_dates);
    printf("%s %llu missing\n", c->dates > 0 ? "," : "", (unsigned long long)c->no_date);
    print_order(s);
}

static int print_purpose(const struct checking *c, const struct survey *s, size_t at, uint64_t percent, struct err *err)
{
    const struct outlook *o = &c->outlook[at];
    uint64_t rest = 0, of = 0, pace = 0;
    const uint64_t tokens = c->sampled > 0 ? (o->fresh + o->changed) * c->keys[at] / c->sampled : 0;
    int rc = s->seen != NULL ? survey_rest(s, c->agency, &c->agency->purpose[at], &rest, &of, err) : 0;
    if (rc == 0)
        rc = vault_pace(c->agency->vault, &pace, err);
    if (rc != 0)
        return rc;
    printf("%s: %llu new, %llu changed, %llu unchanged", c->agency->purpose[at].region->name,
           (unsigned long long)o->fresh, (unsigned long long)o->changed, (unsigned long long)o->unchanged);
    if (s->seen != NULL)
        printf(", %llu of %llu withdrawn", (unsigned long long)rest, (unsigned long long)of);
    printf("; some %s", TEXT_COUNT(tokens, "token", "tokens"));
    if (pace > 0)
        printf(", %llu s at the last enrolment's pace", (unsigned long long)(tokens / pace + 1));
    printf("\n");
    if (s->seen != NULL && !survey_allows(rest, of, percent))
        printf("  so many are not withdrawn without a word: enrol --snapshot --withdraw %llu\n",
               (unsigned long long)rest);
    return 0;
}

struct feed_options check_feed_options(const struct client_config *config)
{
    return (struct feed_options){.map = (const char *const *)config->map.item,
                                 .map_count = config->map.count,
                                 .encoding = config->encoding,
                                 .dates = config->dates,
                                 .sheet = config->sheet,
                                 .rejects = config->rejects};
}

int check_feeds(struct agency *agency, const struct client_config *config, char *const *path, size_t paths,
                bool snapshot, bool quiet, uint64_t *rejected, struct err *err)
{
    static struct checking c;
    struct survey survey = {.doubles = NULL};
    struct survey_task task = {.path = (const char *const *)path,
                               .paths = paths,
                               .options = check_feed_options(config),
                               .snapshot = snapshot && agency->purposes > 0,
                               .quiet = quiet,
                               .row = look_at_row,
                               .context = &c};
    task.options.any_columns = true;
    c = (struct checking){.agency = agency, .scratch = buf_of(1u << 20)};
    int rc = vault_lock(agency->vault, err);
    if (rc == 0)
        rc = normaliser_new(&c.normaliser, err);
    for (size_t i = 0; rc == 0 && i < paths; i++)
        rc = print_columns(&task, path[i], err);
    if (rc == 0)
        rc = survey_take(&survey, agency, &task, err);
    if (rc == 0)
        print_rows(&c, &survey, path);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++)
        if (agency_enrols(agency, &agency->purpose[i]))
            rc = print_purpose(&c, &survey, i, config->withdraw_percent, err);
    *rejected =
        survey.rejected + survey_dates_mixed(&survey) + (survey.doubles != NULL ? doubles_count(survey.doubles) : 0);
    survey_free(&survey);
    normaliser_free(c.normaliser);
    buf_free(&c.scratch);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    uint64_t rejected = 0;
    int rc = check_feeds(call->opened, call->config, call->operand, (size_t)call->operands, o->snapshot, o->quiet,
                         &rejected, err);
    if (rc == 0 && rejected > 0)
        call->status = EXIT_REJECTS;
    return rc;
}

static const struct setting settings[] = {
    {"snapshot", NULL, NULL, SETTING_SWITCH, offsetof(struct options, snapshot), NULL,
     "the FILEs are everything: say how many records would be withdrawn"},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct options, quiet), NULL, "no progress"},
};

const struct verb check_verb = {
    .name = "check",
    .brief = "look through feeds before they are enrolled",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Looks through CSV or JSON lines files and says what is understood of them and what enrolling would do: columns,\n"
        "rows, faults with the first line of each, forms of dates, what is new, changed, withdrawn. Changes nothing.",
    .more = "Exit status: 0, 1 failed, 2 usage, 3 something would be rejected.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_FEED,
    .run = run,
};
