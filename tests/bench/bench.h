/*
 * Measuring. A case is one operation of ours and, where there is one, the baseline that does the same on plain
 * libsodium calls (baseline.h). Both run in turns (A B A B ...) so that whatever else the machine does hits both alike;
 * what is reported is the median of each, in processor time of this process unless the case says otherwise.
 *
 * A case checks that both sides come to the same bytes before anything is measured.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs while a side works. A side stops it around what does not belong to the measurement, or lets it run back for what
 * is to be taken off. NULL, in the check before measuring, is fine.
 */
struct stopwatch;
enum stopwatch_direction { WATCH_BACK = -1, WATCH_STOP = 0, WATCH_GO = 1 };
void stopwatch_set(struct stopwatch *watch, enum stopwatch_direction direction);

enum bench_unit { BENCH_US, BENCH_NS, BENCH_PER_SECOND, BENCH_MEGABYTES, BENCH_BYTES, BENCH_SECONDS, BENCH_TIMES };

/* One side of a case: does `ops` operations each time it is called. */
struct bench_side {
    size_t ops;
    int (*run)(void *context, struct stopwatch *watch, struct err *err);
};

struct bench_case {
    const char *name; /* "group.mul" */
    const char *what; /* in words, for --list */
    enum bench_unit unit;
    struct bench_side ours, baseline; /* baseline.run may be NULL */
    /* Makes the context and checks that both sides agree. */
    int (*setup)(void **context, struct err *err);
    void (*teardown)(void *context); /* NULL is fine, as context */
    /* Instead of the sides: a case that measures by itself. */
    int (*measure)(double *value, struct err *err);
    bool slow; /* minutes: runs when --filter gives its whole name, or with --slow */
};

/* How large a feed the cases with whole processes enrol; from the command line. */
extern uint64_t bench_rows;

/* Each file's cases, ended by one without a name. */
extern const struct bench_case bench_group[], bench_oprf[], bench_client[], bench_matcher[], bench_region[],
    bench_ledger[], bench_letter[], bench_growth[], bench_sum[];

/* What a case comes to, without its baseline: for cases that are a ratio of two. */
int bench_measure(const struct bench_case *c, double *value, struct err *err);

/* The error of a check that failed: the two sides came to different results. */
int bench_differs(const char *name, struct err *err);

#endif
