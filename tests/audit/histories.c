/*
 * Whether an auditor accuses the guilty alone, and misses none: histories of honest parties to whom everything happens
 * have no findings; each cheat, inserted into such histories, is found under its name, and nobody else is accused.
 *
 * histories [-s SEED] [-n N] [-c EACH] [-k CHEAT]
 * histories -l: names the cheats
 */
#include "protocol/audit/replay/reconcile.h"
#include "protocol/audit/replay/replay.h"
#include "protocol/audit/rules/promise.h"
#include "protocol/base/log.h"
#include "protocol/group/group.h"
#include "tests/audit/cheats.h"
#include "tests/audit/history.h"
#include "tests/audit/pieces.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOST 400 /* tokens: these registers are small */
enum { CHEATS_MAX = 128 };

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

/* The receipts of agencies, against what is shown. */
static void hold_receipts(struct audit *audit)
{
    struct promise promise;
    struct span text;
    struct err err;
    int owner;
    for (size_t i = 0; (text = history_receipt(i, &owner)).len > 0; i++) {
        const char *name = owner < 0 ? history_matcher()->party.name : history_custodian(owner)->party.name;
        for (size_t k = 0; k < audit->count; k++)
            if (strcmp(audit->ledger[k].party->name, name) == 0)
                must(promise_check(&promise, audit, &audit->ledger[k], text, "a receipt", &err), &err);
    }
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
    hold_receipts(audit);
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

/* --- evidence --- */

/* As a file, which is written and read. */
static int weigh(enum weight *weight, const struct evidence *evidence, struct err *err)
{
    struct evidence read;
    struct region *region = NULL;
    struct buf text = buf_of(EVIDENCE_MAX), storage = buf_of(EVIDENCE_MAX), said = buf_of(1u << 16);
    must(region_load(&region, history_files()->manifest, NULL, err), err);
    must(evidence_print(&text, evidence, err), err);
    must(evidence_parse(&read, buf_span(&text), &storage, err), err);
    const int rc = evidence_weigh(weight, &said, &read, region, err);
    region_free(region);
    buf_free(&text);
    buf_free(&storage);
    buf_free(&said);
    return rc;
}

static void run_piece(const struct piece *piece, uint64_t seed, struct tally *tally)
{
    struct evidence evidence;
    struct buf storage = buf_of(1u << 16);
    enum weight weight = WEIGHT_NOTHING;
    struct err err = {.text = ""};
    history_begin(seed);
    for (int i = 0; i < HISTORY_STEPS; i++)
        history_step();
    history_settle();
    if (piece->make(&evidence, &storage)) {
        const bool refused = weigh(&weight, &evidence, &err) != 0;
        const bool found = refused == piece->refused && (refused || weight == piece->weight);
        tally->tried++;
        tally->found += found;
        tally->wrong += weight == WEIGHT_CONVICTS && !refused && piece->weight != WEIGHT_CONVICTS;
        if (!found)
            printf("seed %" PRIu64 ", %s: weighs %d: %s\n", seed, piece->name, (int)weight, err.text);
    }
    buf_free(&storage);
    history_end();
}

struct work {
    uint64_t seed, n;
    unsigned each;
    int only;
};

/* What the processes share: which part is the next, and what came of each. */
struct shared {
    _Atomic unsigned next;
    _Atomic uint64_t findings;
    struct tally tally[CHEATS_MAX];
};

static void run_cheat_often(const struct work *work, unsigned c, struct shared *shared)
{
    struct tally tally = {0};
    for (uint64_t s = work->seed; tally.tried < work->each && s < work->seed + 20 * (uint64_t)work->each; s++)
        if (c < cheat_count)
            run_cheat(&cheats[c], s, &tally);
        else
            run_piece(&pieces[c - cheat_count], s, &tally);
    shared->tally[c] = tally;
}

static unsigned row_count(void)
{
    return cheat_count + piece_count;
}

static const char *row_name(unsigned c)
{
    return c < cheat_count ? cheats[c].name : pieces[c - cheat_count].name;
}

/* A part is one row of the table, or a tenth of the honest histories. */
static void run_parts(const struct work *work, struct shared *shared)
{
    const uint64_t tenth = work->n / 10 + 1;
    for (unsigned part; (part = shared->next++) < row_count() + 10;) {
        if (part < row_count() && (work->only < 0 || (unsigned)work->only == part))
            run_cheat_often(work, part, shared);
        for (uint64_t i = 0; part >= row_count() && i < tenth; i++)
            if ((part - row_count()) * tenth + i < work->n)
                shared->findings += run_honest(work->seed + (part - row_count()) * tenth + i);
    }
    fflush(stdout);
}

/* One process a processor: a history has globals, and a clock of its own. Those that ended in the middle are counted.
 */
static unsigned run_all(const struct work *work, struct shared *shared)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned workers = processors > 1 ? (unsigned)processors : 1;
    unsigned broken = 0;
    fflush(stdout);
    for (unsigned w = 0; w < workers; w++)
        if (fork() == 0) {
            run_parts(work, shared);
            _exit(0);
        }
    for (unsigned w = 0; w < workers; w++) {
        int status = 1;
        wait(&status);
        broken += status != 0;
    }
    return broken;
}

static uint64_t print_table(const struct work *work, const struct shared *shared)
{
    uint64_t failed = 0;
    printf("%-44s %6s %6s %s\n", "cheat", "tried", "found", "wrongly accused");
    for (unsigned c = 0; c < row_count() && work->each > 0; c++) {
        const struct tally *t = &shared->tally[c];
        if (work->only >= 0 && (unsigned)work->only != c)
            continue;
        printf("%-44s %6" PRIu64 " %6" PRIu64 " %" PRIu64 "\n", row_name(c), t->tried, t->found, t->wrong);
        failed += t->tried - t->found + t->wrong + (t->tried < work->each);
    }
    return failed;
}

static int list_cheats(void)
{
    for (unsigned c = 0; c < row_count(); c++)
        puts(row_name(c));
    return 0;
}

int main(int argc, char **argv)
{
    struct work work = {.seed = 1, .n = 1000, .each = 100, .only = -1};
    for (int option; (option = getopt(argc, argv, "s:n:c:k:l")) != -1;) {
        work.seed = option == 's' ? strtoull(optarg, NULL, 10) : work.seed;
        work.n = option == 'n' ? strtoull(optarg, NULL, 10) : work.n;
        work.each = option == 'c' ? (unsigned)atoi(optarg) : work.each;
        work.only = option == 'k' ? atoi(optarg) : work.only;
        if (option == '?')
            return 2;
        if (option == 'l')
            return list_cheats();
    }
    if (access("/dev/shm", W_OK) == 0)
        setenv("CONCORD_TEST_DIR", "/dev/shm", 0);
    must(group_init(&(struct err){.text = ""}), &(struct err){.text = "no group"});
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 1;
    uint64_t failed = run_all(&work, shared);
    failed += print_table(&work, shared) + shared->findings;
    printf("histories: %s n=%" PRIu64 " findings=%" PRIu64 " seed=%" PRIu64 "\n", failed == 0 ? "ok" : "failed", work.n,
           (uint64_t)shared->findings, work.seed);
    return failed == 0 ? 0 : 1;
}
