/*
 * Whether an auditor accuses the guilty alone, and misses none: histories of honest parties to whom everything happens
 * have no findings; each cheat, inserted into such histories, is found under its name, and nobody else is accused.
 *
 * histories [-s SEED] [-n N] [-c EACH] [-k CHEAT]
 * histories -l: names the cheats
 */
#include "protocol/audit/replay/reconcile.h"
#include "protocol/audit/replay/replay.h"
#include "protocol/base/log.h"
#include "protocol/group/group.h"
#include "tests/audit/cheats.h"
#include "tests/audit/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOST 400 /* tokens: these registers are small */

static void must(int rc, const struct err *err)
{
    if (rc == 0)
        return;
    printf("histories: %s\n", err->text);
    exit(1);
}

/* Who gets the events of the matcher's ledger. */
struct both {
    const struct walk_handler *handler[2];
};

static int take_event(void *context, uint64_t index, const struct event *event, struct err *err)
{
    const struct both *both = context;
    int rc = 0;
    for (int i = 0; rc == 0 && i < 2; i++)
        if (both->handler[i] != NULL)
            rc = both->handler[i]->event(both->handler[i]->context, index, event, err);
    return rc;
}

/* One that was killed on its first day, and left, may have shown nothing. */
static bool is_exported(const char *dir)
{
    char path[200];
    snprintf(path, sizeof path, "%s/checkpoint", dir);
    return access(path, F_OK) == 0;
}

/* All that an auditor can ask, of all that there is. */
static void audit_history(struct audit *audit)
{
    const struct history_files *files = history_files();
    const struct reconcile_rule rule = {LOST, RECONCILE_SHARED};
    const struct audit_options options = {.manifests = {{(char *)files->manifest}, 1}, .jobs = 1, .quiet = true};
    char *dirs[1 + HISTORY_CUSTODIANS] = {(char *)files->matcher}, work[200];
    size_t count = 1, days;
    struct reconcile *reconcile;
    const struct reconcile_day *day;
    struct replay *replay = NULL;
    struct replay_counts counts;
    struct verified v;
    struct err err;
    for (int i = 0; i < HISTORY_CUSTODIANS; i++)
        if (files->custodian[i][0] != '\0' && is_exported(files->custodian[i]))
            dirs[count++] = (char *)files->custodian[i];
    snprintf(work, sizeof work, "%s.work", files->spare);
    must(audit_open(audit, &options, dirs, count, &err), &err);
    must(reconcile_new(&reconcile, audit, &err), &err);
    const struct walk *matcher = audit_matcher(audit);
    if (matcher != NULL)
        must(replay_new(&replay, audit, matcher, files->archive, work, &err), &err);
    if (replay != NULL)
        replay_watched(replay, reconcile_watch(reconcile));
    for (size_t i = 0; i < audit->count; i++) {
        struct both both = {{reconcile_handler(reconcile, &audit->ledger[i]),
                             &audit->ledger[i] == matcher ? replay_handler(replay) : NULL}};
        const struct walk_handler handler = {.event = take_event, .context = &both};
        must(verify_ledger(audit, &audit->ledger[i], &handler, &v, &err), &err);
    }
    if (replay != NULL)
        must(replay_finish(replay, &counts, &err), &err);
    must(reconcile_finish(reconcile, audit, &rule, &day, &days, &err), &err);
    reconcile_free(reconcile);
    replay_free(replay);
}

static void print_finding(uint64_t seed, const char *what, const struct finding *f)
{
    printf("seed %" PRIu64 ", %s: %s: %s (entry %" PRId64 "): %s: %s\n", seed, what, finding_name(f->code), f->ledger,
           (int64_t)f->index, finding_verdict_name(f->verdict), f->who);
    printf("    %s\n", f->text);
}

/* --- honest --- */

static uint64_t run_honest(uint64_t seed)
{
    struct audit audit;
    history_begin(seed);
    for (int i = 0; i < HISTORY_STEPS; i++)
        history_step();
    history_settle();
    audit_history(&audit);
    const uint64_t found = audit.findings.total;
    for (size_t i = 0; i < audit.findings.count; i++)
        print_finding(seed, "honest", &audit.findings.kept[i]);
    audit_close(&audit);
    history_end();
    return found;
}

/* --- cheats --- */

struct tally {
    uint64_t tried, found, wrong;
};

static bool is_code_of(const struct cheat *cheat, enum finding_code code)
{
    for (int i = 0; i < CHEAT_CODES; i++)
        if (cheat->code[i] == code)
            return true;
    return false;
}

/* The guilty one alone, or among all who may have caused it. */
static bool names(const struct cheat *cheat, const struct finding *f)
{
    return f->verdict == FINDING_GUILTY ? cheat->guilty && strcmp(f->who, cheat->culprit) == 0
                                        : strstr(f->who, cheat->culprit) != NULL;
}

static void judge(const struct cheat *cheat, uint64_t seed, const struct findings *findings, struct tally *tally)
{
    bool found = false, wrong = false;
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->kept[i];
        const bool right = is_code_of(cheat, f->code) && names(cheat, f);
        found = found || (right && f->verdict == (cheat->guilty ? FINDING_GUILTY : FINDING_UNEXPLAINED));
        wrong = wrong || !right;
        if (!right)
            print_finding(seed, cheat->name, f);
    }
    if (!found)
        printf("seed %" PRIu64 ", %s: not found among %zu findings\n", seed, cheat->name, findings->count);
    tally->tried++;
    tally->found += found;
    tally->wrong += wrong;
}

/* False: there was no occasion to cheat. */
static bool run_cheat(const struct cheat *cheat, uint64_t seed, struct tally *tally)
{
    struct audit audit;
    cheat_forget();
    history_begin(seed);
    const int when = cheat->early ? 0 : 15 + (int)history_any(HISTORY_STEPS / 3);
    bool done = cheat->strike == NULL;
    for (int i = 0; i < HISTORY_STEPS; i++) {
        if (i >= when && !done && history_is_calm())
            done = cheat->strike();
        history_step();
    }
    history_settle();
    done = done && cheat_has_struck() && (cheat->tamper == NULL || cheat->tamper());
    if (done) {
        audit_history(&audit);
        judge(cheat, seed, &audit.findings, tally);
        audit_close(&audit);
    }
    history_end();
    return done;
}

struct work {
    uint64_t seed, n;
    unsigned each;
    int only;
};

/* The part of worker w of `workers`. */
static uint64_t run_cheats(const struct work *work, unsigned w, unsigned workers)
{
    uint64_t failed = 0;
    for (unsigned c = w; c < cheat_count && work->each > 0; c += workers) {
        const unsigned each = work->each;
        struct tally tally = {0};
        if (work->only >= 0 && (unsigned)work->only != c)
            continue;
        for (uint64_t s = work->seed; tally.tried < each && s < work->seed + 20 * each; s++)
            run_cheat(&cheats[c], s, &tally);
        printf("%-40s %6" PRIu64 " %6" PRIu64 " %" PRIu64 "\n", cheats[c].name, tally.tried, tally.found, tally.wrong);
        fflush(stdout);
        failed += tally.tried - tally.found + tally.wrong + (tally.tried < each);
    }
    return failed;
}

/* One process a processor: a history has globals, and a clock of its own. */
static void run_all(const struct work *work, uint64_t *findings, uint64_t *failed)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned workers = processors > 1 ? (unsigned)processors : 1;
    int ends[2];
    if (pipe(ends) != 0)
        exit(1);
    for (unsigned w = 0; w < workers; w++) {
        if (fork() != 0)
            continue;
        uint64_t result[2] = {0};
        for (uint64_t i = w; i < work->n; i += workers)
            result[0] += run_honest(work->seed + i);
        result[1] = run_cheats(work, w, workers);
        fflush(stdout);
        _exit(write(ends[1], result, sizeof result) == sizeof result ? 0 : 1);
    }
    close(ends[1]);
    for (unsigned w = 0; w < workers; w++) {
        uint64_t result[2];
        int status = 1;
        const bool whole = read(ends[0], result, sizeof result) == sizeof result;
        *findings += whole ? result[0] : 0;
        *failed += whole ? result[1] : 1; /* one that ended in the middle has failed */
        wait(&status);
    }
}

static int list_cheats(void)
{
    for (unsigned c = 0; c < cheat_count; c++)
        puts(cheats[c].name);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = 1, n = 1000, findings = 0, failed = 0;
    unsigned each = 100;
    int only = -1;
    for (int option; (option = getopt(argc, argv, "s:n:c:k:l")) != -1;) {
        seed = option == 's' ? strtoull(optarg, NULL, 10) : seed;
        n = option == 'n' ? strtoull(optarg, NULL, 10) : n;
        each = option == 'c' ? (unsigned)atoi(optarg) : each;
        only = option == 'k' ? atoi(optarg) : only;
        if (option == '?')
            return 2;
        if (option == 'l')
            return list_cheats();
    }
    if (access("/dev/shm", W_OK) == 0)
        setenv("CONCORD_TEST_DIR", "/dev/shm", 0);
    must(group_init(&(struct err){.text = ""}), &(struct err){.text = "no group"});
    struct work work = {.seed = seed, .n = n, .each = each, .only = only};
    printf("%-40s %6s %6s %s\n", "cheat", "tried", "found", "wrongly accused");
    fflush(stdout);
    run_all(&work, &findings, &failed);
    printf("histories: %s n=%" PRIu64 " findings=%" PRIu64 " seed=%" PRIu64 "\n",
           findings + failed == 0 ? "ok" : "failed", n, findings, seed);
    return findings + failed == 0 ? 0 : 1;
}
