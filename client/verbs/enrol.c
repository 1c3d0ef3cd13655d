#include "client/verbs/check.h"

#include "client/task/enrol.h"
#include "client/task/load.h"
#include "protocol/base/text.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

struct options {
    uint64_t withdraw;
    bool snapshot, more, quiet;
};

static void report(const struct agency_purpose *p, const struct enrolment_counts *c, const struct outgoing_counts *o)
{
    printf("%s: %llu new, %llu changed, %llu unchanged, %llu removed; %s; tags put %llu, removed %llu", p->region->name,
           (unsigned long long)c->fresh, (unsigned long long)c->changed, (unsigned long long)c->unchanged,
           (unsigned long long)c->removed, TEXT_COUNT(c->tokens, "token", "tokens"), (unsigned long long)o->put,
           (unsigned long long)o->removed);
    if (o->beside > 0)
        printf("; %llu others with them, %llu of these invented", (unsigned long long)o->beside,
               (unsigned long long)o->invented);
    if (o->crowded > 0)
        printf("; %s", TEXT_COUNT(o->crowded, "tag shared by too many records left out",
                                  "tags shared by too many records left out"));
    if (c->excepted > 0)
        printf("; %llu %s not for others than before", (unsigned long long)c->excepted,
               text_count_word(c->excepted, "record is", "records are"));
    if (c->without_keys > 0)
        printf("; %llu %s no field that a key is made of", (unsigned long long)c->without_keys,
               text_count_word(c->without_keys, "row has", "rows have"));
    printf("\n");
}

/* The first load ends with the first enrolment that was complete: from then on entries meet partners'. */
static int end_load(struct agency *a, struct err *err)
{
    bool closed[REGION_PURPOSES_MAX];
    int rc = load_end(a, closed, err);
    for (size_t i = 0; i < a->purposes; i++)
        if (closed[i])
            printf("%s: the first load is closed: what was enrolled meets partners' entries from now on\n",
                   a->purpose[i].region->name);
    if (rc == 0)
        rc = load_complete(a, closed, err);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        if (closed[i])
            printf("%s: the register is complete as of now: a document that is not in it is unknown to its issuer\n",
                   a->purpose[i].region->name);
    return rc;
}

/* Nothing is enrolled yet: what is understood of the files is said before they are. */
static int look_first(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    struct vault_counts counts;
    uint64_t records = 0, rejected;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        rc = vault_count(a->vault, a->purpose[i].domain, &counts, err);
        records += counts.records;
    }
    if (rc != 0 || records > 0 || o->quiet)
        return rc;
    return check_feeds(a, call->config, call->operand, (size_t)call->operands, o->snapshot, false, &rejected, err);
}

/* Whatever is under way may end at any moment: only how to go on is to be said. */
static void say_interrupted(int signal)
{
    static const char text[] = "\nconcord-client: interrupted: the rows whose tags were sent stay enrolled, what was "
                               "evaluated is kept; the same command goes on from there\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    (void)raise(signal); /* whose action is the default again */
}

static void tell_of_interruption(void)
{
    struct sigaction action = {.sa_handler = say_interrupted, .sa_flags = (int)SA_RESETHAND | SA_NODEFER}, was;
    if (sigaction(SIGINT, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
        (void)sigaction(SIGINT, &action, NULL);
}

static void say_order(const struct enrol_result *result)
{
    const char *dates = text_count_word(result->either, "date", "dates");
    if (result->mixed)
        fprintf(stderr,
                "%llu %s of birth may be day or month first, and others have the month first: of these the year "
                "alone counts. Say --dates day-first or --dates month-first\n",
                (unsigned long long)result->either, dates);
    else if (result->either > 0)
        fprintf(stderr,
                "%llu %s of birth may be day or month first, and %s read day first: say so with --dates "
                "day-first, or else --dates month-first\n",
                (unsigned long long)result->either, dates, text_count_word(result->either, "was", "were"));
}

static void say_rejects(const struct enrol_task *task, uint64_t rows)
{
    char path[FEED_REJECTS_MAX];
    fprintf(stderr, "of %llu %s something was rejected: see", (unsigned long long)rows,
            text_count_word(rows, "row", "rows"));
    for (size_t i = 0; i < task->paths; i++) {
        struct feed_options options = task->feed;
        options.path = task->path[i];
        if (feed_rejects_left(path, &options))
            fprintf(stderr, " %s", path);
    }
    fputc('\n', stderr);
}

static int run(struct call *call, struct err *err)
{
    static struct enrol_result result;
    struct agency *agency = call->opened;
    const struct options *o = call->options;
    const struct client_config *config = call->config;
    const struct enrol_task task = {.path = (const char *const *)call->operand,
                                    .paths = (size_t)call->operands,
                                    .feed = check_feed_options(config),
                                    .snapshot = o->snapshot,
                                    .withdraw_percent = config->withdraw_percent,
                                    .withdraw = o->withdraw,
                                    .quiet = o->quiet};
    int rc = look_first(call, err);
    tell_of_interruption();
    if (rc == 0)
        rc = enrol_files(agency, &task, &result, err);
    for (size_t i = 0; rc == 0 && !o->quiet && i < agency->purposes; i++)
        if (agency_enrols(agency, &agency->purpose[i]))
            report(&agency->purpose[i], &result.enrolled[i], &result.sent[i]);
    if (rc == 0 && !o->more)
        rc = end_load(agency, err);
    if (rc == 0 && result.withheld > 0)
        fprintf(stderr, "%llu %s withdrawn by name: concord-client release --record ID lets one back\n",
                (unsigned long long)result.withheld,
                text_count_word(result.withheld, "row stays out, since its record was",
                                "rows stay out, since their records were"));
    if (rc == 0 && result.doubles > 0)
        fprintf(stderr, "%llu %s on more than one row: none of these rows was taken\n",
                (unsigned long long)result.doubles,
                text_count_word(result.doubles, "record id stands", "record ids stand"));
    if (rc == 0)
        say_order(&result);
    if (result.rejected > 0) {
        say_rejects(&task, result.rejected);
        call->status = EXIT_REJECTS;
    }
    return rc;
}

static const struct setting settings[] = {
    {"snapshot", NULL, NULL, SETTING_SWITCH, offsetof(struct options, snapshot), NULL,
     "the FILEs are everything: withdraw records that are in none"},
    {"withdraw", NULL, NULL, SETTING_NUMBER, offsetof(struct options, withdraw), "N",
     "with --snapshot: that up to N records are withdrawn is meant"},
    {"more", NULL, NULL, SETTING_SWITCH, offsetof(struct options, more), NULL,
     "more files come: leave the first load of an epoch open"},
    {"quiet", NULL, NULL, SETTING_SWITCH, offsetof(struct options, quiet), NULL, "print nothing but errors"},
};

const struct verb enrol_verb = {
    .name = "enrol",
    .brief = "enrol the rows of CSV, XLSX or JSONL files",
    .operands = "FILE...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Enrols the rows of CSV files, workbooks or JSON lines: blinds their match keys, has them evaluated, puts the tags at the matcher. Rows that\n"
        "did not change cost nothing; after an interruption, run it again. A purpose of the manifest is a pass over the file.",
    .more =
        "Columns: record_id, family_name, given_names, name_native, aliases, sex, date_of_birth, calendar, nationality,\n"
        "doc_type, doc_issuer, doc_number, mrz; not_for, protected, country_of_birth. A row that cannot be used goes to FILE.rejects.csv. Exit status: 0, 1 failed, 2 usage, 3 rows rejected.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_JOBS | CLIENT_FEED,
    .run = run,
};
