/* concord-audit reconcile */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/replay/reconcile.h"
#include "protocol/audit/replay/replay.h"
#include "protocol/audit/replay/work.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <inttypes.h>
#include <stdio.h>

struct options {
    struct reconcile_rule rule;
    char archive[SETTINGS_TEXT_MAX], work[SETTINGS_TEXT_MAX];
    bool all;
};

static void print_ratio(uint64_t a, uint64_t b)
{
    if (b > 0)
        printf("%6.2f", (double)a / (double)b);
    else
        printf("%6s", a > 0 ? "-" : "");
}

static void print_day(const struct audit *audit, const struct reconcile_day *d)
{
    char day[CLOCK_TEXT_SIZE];
    uint64_t used = reconcile_used(d);
    printf("%.10s  %-8s %-18s", clock_text(day, (uint64_t)d->day * 86400), audit->manifests.name[d->agency],
           audit->manifests.name[d->purpose]);
    for (size_t i = 0; i < audit->manifests.custodians; i++)
        printf(" %11" PRIu64, d->evaluated[i]);
    printf("  %9" PRIu64 " %9" PRIu64 " %8" PRIu64 "  ", d->tokens, used, d->surplus);
    print_ratio(d->tokens, used);
    printf(" %9" PRIu64 " %7" PRIu64 "  ", d->queried, d->hits);
    print_ratio(d->hits, d->queried);
    printf("  %-7s %s\n", reconcile_asking_name(d->asking), reconcile_verdict_name(d->verdict));
}

static void print_days(const struct audit *audit, const struct reconcile_day *days, size_t count, bool all)
{
    size_t hidden = 0;
    printf("%-10s  %-8s %-18s", "day", "agency", "purpose");
    for (size_t i = 0; i < audit->manifests.custodians; i++)
        printf(" %11.11s", audit->manifests.custodian[i]->name);
    printf("  %9s %9s %8s  %6s %9s %7s  %6s  %-7s %s\n", "tokens", "used", "surplus", "ratio", "queried", "hits",
           "ratio", "asking", "verdict");
    for (size_t i = 0; i < count; i++) {
        if (all || days[i].verdict > RECONCILE_SHARING || count <= 100)
            print_day(audit, &days[i]);
        else
            hidden++;
    }
    if (hidden > 0)
        printf("%s\n",
               TEXT_COUNT(hidden, "day that is even or within what sharing explains is left out: --all shows it",
                          "days that are even or within what sharing explains are left out: --all shows them"));
    printf("\n");
}

static json_t *day_json(const struct audit *audit, const struct reconcile_day *d)
{
    char day[CLOCK_TEXT_SIZE], date[11];
    json_t *evaluated = json_object();
    int failed = 0;
    snprintf(date, sizeof date, "%.10s", clock_text(day, (uint64_t)d->day * 86400));
    for (size_t i = 0; i < audit->manifests.custodians; i++)
        failed |= json_object_set_new(evaluated, audit->manifests.custodian[i]->name,
                                      json_integer((json_int_t)d->evaluated[i]));
    json_t *out =
        json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "day", date,
                  "agency", audit->manifests.name[d->agency], "purpose", audit->manifests.name[d->purpose], "evaluated",
                  evaluated, "tokens", (json_int_t)d->tokens, "added", (json_int_t)d->added, "again",
                  (json_int_t)d->again, "renewed", (json_int_t)d->renewed, "replaced", (json_int_t)d->replaced,
                  "queried", (json_int_t)d->queried, "asked_again", (json_int_t)d->asked_again, "hits",
                  (json_int_t)d->hits, "explained", (json_int_t)d->explained, "surplus", (json_int_t)d->surplus,
                  "asking", reconcile_asking_name(d->asking), "verdict", reconcile_verdict_name(d->verdict));
    if (failed != 0) {
        json_decref(out);
        return NULL;
    }
    return out;
}

static int print_json(const struct audit *audit, const struct reconcile_rule *rule, const struct reconcile_day *days,
                      size_t count, struct err *err)
{
    json_t *list = json_array();
    int failed = 0;
    for (size_t i = 0; i < count; i++)
        failed |= json_array_append_new(list, day_json(audit, &days[i]));
    json_t *all = json_pack("{s:I, s:I, s:o, s:o}", "lost", (json_int_t)rule->lost, "shared_percent",
                            (json_int_t)rule->shared, "days", list, "findings", findings_json(&audit->findings));
    if (failed != 0) {
        json_decref(all);
        all = NULL;
    }
    return audit_print_json(all, err);
}

/* --- reading --- */

/* Who gets the events of a ledger: the reconciliation, and of the matcher's the replay, if there is an archive. */
struct reading {
    const struct walk_handler *handler[2];
};

static int take_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    const struct reading *reading = context;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 2; i++)
        if (reading->handler[i] != NULL)
            rc = reading->handler[i]->event(reading->handler[i]->context, index, event, err);
    return rc;
}

static int read_all(struct audit *audit, struct reconcile *reconcile, struct replay *replay, struct err *err)
{
    struct verified verified;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < audit->count; i++) {
        const struct walk *walk = &audit->ledger[i];
        struct reading reading = {{reconcile_handler(reconcile, walk), NULL}};
        const struct walk_handler handler = {.event = take_event, .context = &reading};
        if (replay != NULL && walk == audit_matcher(audit))
            reading.handler[1] = replay_handler(replay);
        rc = verify_ledger(audit, walk, &handler, &verified, err);
    }
    return rc;
}

static int open_replay(struct replay **out, struct audit *audit, struct reconcile *reconcile, const struct options *o,
                       char work[PATH_LIMIT], struct err *err)
{
    if (o->archive[0] == '\0')
        return 0;
    int rc = work_make(work, o->work, err);
    if (rc == 0)
        rc = replay_new(out, audit, audit_matcher(audit), o->archive, work, err);
    if (rc == 0)
        replay_watched(*out, reconcile_watch(reconcile));
    return rc;
}

static void print_text(const struct audit *audit, const struct options *o, const struct reconcile_day *days,
                       size_t count)
{
    print_days(audit, days, count, o->all);
    for (size_t i = 0; i < audit->manifests.custodians; i++)
        if (audit_custodian(audit, i) == NULL)
            printf("note     the ledger of %s is not given: it is taken to say what the others of its coalitions say\n",
                   audit->manifests.custodian[i]->name);
    if (o->archive[0] == '\0')
        printf("note     without --archive, a tag that is added, removed and added again counts each time, and which "
               "questions came again is not known\n");
    findings_print(&audit->findings);
    if (audit->findings.total == 0)
        printf("reconciled: what was evaluated was used\n");
}

static int run(struct call *call, struct err *err)
{
    struct audit *audit = call->opened;
    const struct audit_options *config = call->config;
    const struct options *o = call->options;
    struct reconcile *reconcile = NULL;
    struct replay *replay = NULL;
    struct replay_counts replayed;
    const struct reconcile_day *days = NULL;
    char work[PATH_LIMIT] = "";
    size_t count = 0;
    int rc = audit_matcher(audit) == NULL || audit->count < 2
                 ? err_set(err, ERR_USAGE, "reconcile needs the matcher's ledger and those of the custodians")
                 : reconcile_new(&reconcile, audit, err);
    if (rc == 0)
        rc = open_replay(&replay, audit, reconcile, o, work, err);
    if (rc == 0)
        rc = read_all(audit, reconcile, replay, err);
    if (rc == 0 && replay != NULL)
        rc = replay_finish(replay, &replayed, err);
    if (rc == 0)
        rc = reconcile_finish(reconcile, audit, &o->rule, &days, &count, err);
    if (rc == 0 && config->json)
        rc = print_json(audit, &o->rule, days, count, err);
    else if (rc == 0)
        print_text(audit, o, days, count);
    reconcile_free(reconcile);
    replay_free(replay);
    work_remove(work);
    return rc;
}

static const struct options defaults = {.rule = {RECONCILE_LOST, RECONCILE_SHARED}};

static const struct setting settings[] = {
    {"lost", NULL, NULL, SETTING_NUMBER, offsetof(struct options, rule.lost), "N",
     "tokens that may be lost in a day, and in 28 days, to crashes (default: 8192)"},
    {"shared", NULL, NULL, SETTING_NUMBER, offsetof(struct options, rule.shared), "PERCENT",
     "of the tags used that may come on top, since records share tags (default: 10)"},
    {"archive", NULL, NULL, SETTING_PATH, offsetof(struct options, archive), "DIR",
     "the matcher's archive: tags added again within 28 days then count once"},
    {"work", NULL, NULL, SETTING_PATH, offsetof(struct options, work), "DIR",
     "where the archive's entries may lie meanwhile (default: TMPDIR, or /tmp)"},
    {"all", NULL, NULL, SETTING_SWITCH, offsetof(struct options, all), NULL,
     "show every day, not only those that stand out"},
};

const struct verb reconcile_verb = {
    .name = "reconcile",
    .brief = "hold evaluations against enrolments: who is guessing",
    .operands = "DIR...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Holds the ledgers of the custodians against the matcher's: what each agency had evaluated for a purpose, day by day,\n"
        "against what it added and queried. Who evaluates what it never uses is guessing. The ledgers are verified.",
    .more = "Copy the matcher's ledger first, then the custodians'.\n"
            "Exit status: 0 no findings, 1 there are findings, 2 it could not be checked.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .needs = AUDIT_ALL,
    .run = run,
};
