/* Whole processes: region.sh sets up a region on loopback and prints the number. */
#include "tests/bench/bench.h"

#include <stdio.h>

#define TOKENS_ROWS 5000
#define RSS_ROWS 1000000

static int run(const char *what, uint64_t rows, double *value, struct err *err)
{
    char command[128];
    snprintf(command, sizeof command, "tests/bench/region.sh %s %llu", what,
             (unsigned long long)(bench_rows != 0 ? bench_rows : rows));
    FILE *out = popen(command, "r");
    if (out == NULL)
        return err_errno(err, "cannot run %s", command);
    int found = fscanf(out, "%lf", value), status = pclose(out);
    return found == 1 && status == 0 ? 0 : err_set(err, ERR_IO, "%s failed: is it run from the top of the sources?", command);
}

static int tokens(double *value, struct err *err)
{
    return run("tokens", TOKENS_ROWS, value, err);
}

static int peak(double *value, struct err *err)
{
    return run("rss", RSS_ROWS, value, err);
}

const struct bench_case bench_region[] = {
    {.name = "end_to_end.tokens_per_s", .what = "an agency enrols 5,000 rows, all daemons on this machine, wall time",
     .unit = BENCH_PER_SECOND, .measure = tokens},
    {.name = "client.enrol_rss", .what = "peak memory of concord-client enrolling 1,000,000 rows", .unit = BENCH_MEGABYTES,
     .measure = peak, .slow = true},
    {.name = NULL},
};
