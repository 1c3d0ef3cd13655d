/*
 * Figures of a process for whoever watches over it, in the text format of Prometheus (exposition format 0.0.4). A
 * metric is a static object of the file that counts; whoever serves the figures registers it. Counting takes no lock
 * and allocates nothing, from any thread. Labels are names of parties, of purposes, of kinds of things: never a tag,
 * never anything of a record, nothing that a stranger chose.
 */
#ifndef PROTOCOL_BASE_METRICS_H
#define PROTOCOL_BASE_METRICS_H

#include "protocol/base/buf.h"

#include <stdatomic.h>
#include <stdint.h>

#define METRIC_SERIES_MAX 64 /* labels of one metric; what is beyond is counted as "other" */
#define METRIC_LABEL_MAX 64  /* bytes with the terminating NUL */
#define METRIC_BUCKETS 12
#define METRICS_MAX 64              /* registered ones */
#define METRICS_TEXT_MAX (1u << 20) /* bytes that metrics_print() appends at most */

enum metric_kind {
    METRIC_COUNTER, /* only grows; its name ends in _total */
    METRIC_GAUGE,
    METRIC_TIMES /* a histogram of durations; its name ends in _seconds */
};

struct metric_series {
    char label[METRIC_LABEL_MAX];
    _Atomic uint64_t value; /* of METRIC_TIMES: the sum, microseconds */
    _Atomic uint64_t bucket[METRIC_BUCKETS + 1];
};

struct metric {
    const char *name, *help;
    enum metric_kind kind;
    const char *key; /* what its label is called; NULL: it has none, and counts with the label "" */
    _Atomic unsigned count;
    struct metric_series series[METRIC_SERIES_MAX];
};

#define METRIC(name_, kind_, key_, help_)                                                                              \
    {                                                                                                                  \
        .name = (name_), .help = (help_), .kind = (kind_), .key = (key_)                                               \
    }

/* Adds it to what metrics_print() prints, once. Never taken away again. */
void metrics_register(struct metric *metric);

void metric_add(struct metric *metric, const char *label, uint64_t more);
void metric_set(struct metric *metric, const char *label, uint64_t value);
void metric_time(struct metric *metric, const char *label, uint64_t microseconds);
uint64_t metric_value(struct metric *metric, const char *label); /* 0 if nothing was counted */

/* All that are registered. */
int metrics_print(struct buf *out, struct err *err);

#endif
