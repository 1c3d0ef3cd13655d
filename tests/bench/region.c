/* Whole processes: region.sh sets up a region on loopback and prints the number. */
#include "tests/bench/bench.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 20000

#define NUMBERS 5
#define SYNC_NUMBERS 3
#define SYNC_ROWS 40000
#define JUDGED_NUMBERS 3
#define MILLION 1000000
#define MILLION_NUMBERS 7
#define SOAK_CASES 1000000

static int run(const char *what, uint64_t rows, double *numbers, int count, struct err *err)
{
    char command[128];
    int found = 0;
    snprintf(command, sizeof command, "tests/bench/region.sh %s %llu", what,
             (unsigned long long)(bench_rows != 0 ? bench_rows : rows));
    FILE *out = popen(command, "r");
    if (out == NULL)
        return err_errno(err, "cannot run %s", command);
    while (found < count && fscanf(out, "%lf", &numbers[found]) == 1)
        found++;
    int status = pclose(out);
    return found == count && status == 0
               ? 0
               : err_set(err, ERR_IO, "%s failed: is it run from the top of the sources?", command);
}

/* One enrolment gives all of them. */
static int enrolment(int number, double *value, struct err *err)
{
    static double numbers[NUMBERS];
    static bool done;
    int rc = done ? 0 : run("tokens", ROWS, numbers, NUMBERS, err);
    done = rc == 0;
    *value = numbers[number];
    return rc;
}

#define CHECK_ROWS 20000
#define CHECK_NUMBERS 4

static int checks(int number, double *value, struct err *err)
{
    static double numbers[CHECK_NUMBERS];
    static bool done;
    int rc = done ? 0 : run("checks", CHECK_ROWS, numbers, CHECK_NUMBERS, err);
    done = rc == 0;
    *value = number < 2 ? 1e3 * numbers[number] : numbers[number]; /* milliseconds */
    return rc;
}

static int check_p50(double *value, struct err *err)
{
    return checks(0, value, err);
}

static int check_p99(double *value, struct err *err)
{
    return checks(1, value, err);
}

static int check_rate(double *value, struct err *err)
{
    return checks(2, value, err);
}

static int check_judged(double *value, struct err *err)
{
    return checks(3, value, err);
}

#define INBOX_ROWS 100000
#define INBOX_NUMBERS 3
#define RECOVERY_NUMBERS 2

static int inbox(int number, double *value, struct err *err)
{
    static double numbers[INBOX_NUMBERS];
    static bool done;
    int rc = done ? 0 : run("inbox", INBOX_ROWS, numbers, INBOX_NUMBERS, err);
    done = rc == 0;
    *value = 1e3 * numbers[number];
    return rc;
}

static int inbox_p50(double *value, struct err *err)
{
    return inbox(1, value, err);
}

static int inbox_p99(double *value, struct err *err)
{
    return inbox(2, value, err);
}

static int recovery(double *value, struct err *err)
{
    double numbers[RECOVERY_NUMBERS];
    int rc = run("recovery", CHECK_ROWS, numbers, RECOVERY_NUMBERS, err);
    *value = rc == 0 ? numbers[0] : 0;
    return rc;
}

static int tokens(double *value, struct err *err)
{
    return enrolment(0, value, err);
}

static int client(double *value, struct err *err)
{
    return enrolment(1, value, err);
}

static int custodians(double *value, struct err *err)
{
    return enrolment(2, value, err);
}

static int matcher(double *value, struct err *err)
{
    return enrolment(3, value, err);
}

static int disk(double *value, struct err *err)
{
    return enrolment(4, value, err);
}

/* Everything that a client does for a token, in times of its cryptography, both measured now. */
static int overhead(double *value, struct err *err)
{
    double all, token = 1;
    const struct bench_case *c = bench_oprf;
    while (c->name != NULL && strcmp(c->name, "client.token") != 0)
        c++;
    int rc = enrolment(1, &all, err);
    if (rc == 0)
        rc = c->name == NULL ? err_set(err, ERR_INTERNAL, "there is no case client.token")
                             : bench_measure(c, &token, err);
    *value = rc == 0 ? all / token : 0;
    return rc;
}

static int synchronisation(int number, double *value, struct err *err)
{
    static double numbers[SYNC_NUMBERS];
    static bool done;
    int rc = done ? 0 : run("sync", SYNC_ROWS, numbers, SYNC_NUMBERS, err);
    done = rc == 0;
    *value = numbers[number];
    return rc;
}

static int message(double *value, struct err *err)
{
    return synchronisation(0, value, err);
}

static int message_wall(double *value, struct err *err)
{
    return synchronisation(1, value, err);
}

static int message_judged(double *value, struct err *err)
{
    return synchronisation(2, value, err);
}

/* Of two purposes, so that each pair of people is judged twice. */
static int judged(int number, double *value, struct err *err)
{
    static double numbers[JUDGED_NUMBERS];
    static bool done;
    int rc = done ? 0 : run("judged", ROWS, numbers, JUDGED_NUMBERS, err);
    done = rc == 0;
    *value = numbers[number];
    return rc;
}

static int judged_enrolment(double *value, struct err *err)
{
    return judged(0, value, err);
}

static int judged_all(double *value, struct err *err)
{
    return judged(1, value, err);
}

/*
 * The same for a million: wall and processor time, peak memory; wall and processor time of doing it again with one row
 * in a hundred changed; bytes; by how much what was said of the time left was wrong.
 */
static int million(int number, double *value, struct err *err)
{
    static double numbers[MILLION_NUMBERS];
    static bool done;
    int rc = done ? 0 : run("million", MILLION, numbers, MILLION_NUMBERS, err);
    done = rc == 0;
    *value = numbers[number];
    return rc;
}

static int million_wall(double *value, struct err *err)
{
    return million(0, value, err);
}

static int million_client(double *value, struct err *err)
{
    return million(1, value, err);
}

static int million_peak(double *value, struct err *err)
{
    return million(2, value, err);
}

static int million_again(double *value, struct err *err)
{
    return million(3, value, err);
}

static int million_again_client(double *value, struct err *err)
{
    return million(4, value, err);
}

static int million_disk(double *value, struct err *err)
{
    return million(5, value, err);
}

static int million_foreseen(double *value, struct err *err)
{
    return million(6, value, err);
}

/* The engines against libsodium, input after input; what is measured is how many a second were tried. */
static int soak(double *value, struct err *err)
{
    char command[PATH_LIMIT];
    const char *build = getenv("BUILD");
    uint64_t start = clock_monotonic_ms();
    snprintf(command, sizeof command, "GROUP_SOAK=%d %s/tests/unit/group_libsodium >&2", SOAK_CASES,
             build != NULL ? build : "build");
    if (system(command) != 0)
        return err_set(err, ERR_VERIFY, "%s failed: an engine differs from libsodium, or the test is not built",
                       command);
    *value = SOAK_CASES / ((double)(clock_monotonic_ms() - start + 1) / 1000);
    return 0;
}

const struct bench_case bench_region[] = {
    {.name = "end_to_end.tokens_per_s",
     .what = "an agency enrols 20,000 rows, all daemons on this machine, wall time",
     .unit = BENCH_PER_SECOND,
     .measure = tokens},
    {.name = "end_to_end.client",
     .what = "the client's processor time for a token in that enrolment",
     .unit = BENCH_US,
     .measure = client},
    {.name = "end_to_end.custodians", .what = "both custodians'", .unit = BENCH_US, .measure = custodians},
    {.name = "end_to_end.matcher", .what = "the matcher's", .unit = BENCH_US, .measure = matcher},
    {.name = "end_to_end.client_overhead",
     .what = "end_to_end.client in times of client.token, in the same run (bar: 1.7)",
     .unit = BENCH_TIMES,
     .measure = overhead},
    {.name = "end_to_end.disk",
     .what = "bytes of the client's vault for a token, after that enrolment (bar, for a million rows: 90)",
     .unit = BENCH_BYTES,
     .measure = disk},
    {.name = "check.p50",
     .what = "a border post's check, two purposes, 100 a second beside a partner's enrolment: median (bar: 8,000)",
     .unit = BENCH_US,
     .measure = check_p50,
     .slow = true},
    {.name = "check.p99",
     .what = "the 99th percentile of the same (bar: 25,000)",
     .unit = BENCH_US,
     .measure = check_p99,
     .slow = true},
    {.name = "check.rate",
     .what = "checks a second of 300 asked for, without the enrolment (bar: 300)",
     .unit = BENCH_PER_SECOND,
     .measure = check_rate,
     .slow = true},
    {.name = "check.judged",
     .what = "until a hit is judged, the partner awake (bar: 3)",
     .unit = BENCH_SECONDS,
     .measure = check_judged,
     .slow = true},
    {.name = "check.recovery",
     .what = "from the start of a client that was killed until it answers a check in full",
     .unit = BENCH_SECONDS,
     .measure = recovery,
     .slow = true},
    {.name = "desk.inbox.p50",
     .what = "first byte of a page of the inbox with 100,000 matches: median",
     .unit = BENCH_US,
     .measure = inbox_p50,
     .slow = true},
    {.name = "desk.inbox.p99",
     .what = "the 99th percentile of the same (bar: 20,000)",
     .unit = BENCH_US,
     .measure = inbox_p99,
     .slow = true},
    {.name = "sync.message",
     .what = "the client's processor time for a message of its mailbox: taken in, opened, resolved (bar: 20)",
     .unit = BENCH_US,
     .measure = message},
    {.name = "sync.message.wall",
     .what = "wall time of the same, with the matcher's part (bar: 20)",
     .unit = BENCH_US,
     .measure = message_wall},
    {.name = "sync.message.judging",
     .what = "what judging every pair that opened adds to it, processor time of a side",
     .unit = BENCH_US,
     .measure = message_judged},
    {.name = "judged.enrolment",
     .what = "an agency enrols 20,000 rows against another's 20,000, wall time",
     .unit = BENCH_SECONDS,
     .measure = judged_enrolment,
     .slow = true},
    {.name = "judged.all",
     .what = "that, until all pairs are judged on both sides, in times of the enrolment (bar: 3)",
     .unit = BENCH_TIMES,
     .measure = judged_all,
     .slow = true},
    {.name = "client.enrol_million",
     .what = "an agency enrols 1,000,000 rows, all daemons on this machine, wall time (bar: 600)",
     .unit = BENCH_SECONDS,
     .measure = million_wall,
     .slow = true},
    {.name = "client.enrol_million.processor",
     .what = "processor time of concord-client in that enrolment",
     .unit = BENCH_SECONDS,
     .measure = million_client,
     .slow = true},
    {.name = "client.enrol_million.memory",
     .what = "its peak memory (bar: 256)",
     .unit = BENCH_MEGABYTES,
     .measure = million_peak,
     .slow = true},
    {.name = "client.enrol_million.again",
     .what = "the same feed again, one row in a hundred changed, wall time (bar: 60)",
     .unit = BENCH_SECONDS,
     .measure = million_again,
     .slow = true},
    {.name = "client.enrol_million.again_processor",
     .what = "processor time of concord-client in that",
     .unit = BENCH_SECONDS,
     .measure = million_again_client,
     .slow = true},
    {.name = "client.enrol_million.disk",
     .what = "bytes of its vault for a token (bar: 90)",
     .unit = BENCH_BYTES,
     .measure = million_disk,
     .slow = true},
    {.name = "client.enrol_million.foreseen",
     .what =
         "by how much the time left that it printed was wrong, between a tenth and nine tenths of a step (bar: 0.2)",
     .unit = BENCH_TIMES,
     .measure = million_foreseen,
     .slow = true},
    {.name = "group.soak",
     .what = "1,000,000 inputs of each operation on every engine against libsodium",
     .unit = BENCH_PER_SECOND,
     .measure = soak,
     .slow = true},
    {.name = NULL},
};
