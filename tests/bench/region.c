/* Whole processes: region.sh sets up a region on loopback and prints the number. */
#include "tests/bench/bench.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <stdio.h>
#include <stdlib.h>

#define TOKENS_ROWS 5000
#define RSS_ROWS 1000000

#define NUMBERS 4
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
    int rc = done ? 0 : run("tokens", TOKENS_ROWS, numbers, NUMBERS, err);
    done = rc == 0;
    *value = numbers[number];
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

static int peak(double *value, struct err *err)
{
    return run("rss", RSS_ROWS, value, 1, err);
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
     .what = "an agency enrols 5,000 rows, all daemons on this machine, wall time",
     .unit = BENCH_PER_SECOND,
     .measure = tokens},
    {.name = "end_to_end.client",
     .what = "the client's processor time for a token in that enrolment",
     .unit = BENCH_US,
     .measure = client},
    {.name = "end_to_end.custodians", .what = "both custodians'", .unit = BENCH_US, .measure = custodians},
    {.name = "end_to_end.matcher", .what = "the matcher's", .unit = BENCH_US, .measure = matcher},
    {.name = "client.enrol_rss",
     .what = "peak memory of concord-client enrolling 1,000,000 rows",
     .unit = BENCH_MEGABYTES,
     .measure = peak,
     .slow = true},
    {.name = "group.soak",
     .what = "1,000,000 inputs of each operation on every engine against libsodium",
     .unit = BENCH_PER_SECOND,
     .measure = soak,
     .slow = true},
    {.name = NULL},
};
