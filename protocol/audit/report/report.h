/*
 * The figures of an audit's report: what happened, summed by purpose, by pair of agencies and over time, beside what
 * verifying, reconciling and replaying found. report_html.c and report_json.c write them down.
 *
 * Memory grows with purposes and pairs, not with events.
 */
#ifndef PROTOCOL_AUDIT_REPORT_H
#define PROTOCOL_AUDIT_REPORT_H

#include "protocol/audit/replay/reconcile.h"
#include "protocol/audit/replay/replay.h"

#include <stdio.h>

#define REPORT_COLUMNS 96 /* most columns of a chart */

/* Of one purpose, or of all in one column. */
struct report_sums {
    uint64_t added, renewed, replaced, removed, expired;
    uint64_t queries, queried, hits;
    uint64_t delivered, withdrawn, evaluated, refused; /* refused: at least */
    uint64_t waited, asked; /* couples that came to wait; tags that owners were told of being asked about */
    uint64_t releases, suspensions;
};

struct report_pair {
    int purpose, low, high;   /* numbers; low < high */
    uint64_t to_low, to_high; /* entries delivered, answers to queries among them */
    uint64_t withdrawn;       /* on both sides */
    uint64_t waited, asked;   /* couples that came to wait; tags asked, by either */
};

struct report_refusal {
    int party, purpose; /* -1: none */
    char reason[24];
    uint64_t count; /* at least */
};

/*
 * Sums over time: columns of `step` seconds, the first of which begins at first * step. They begin as minutes and
 * become wider as the ledgers turn out to be longer, so that there are never more than a chart shows.
 */
struct report_series {
    uint64_t first;
    size_t step; /* place in the list of steps */
    size_t count;
    struct report_sums sums[REPORT_COLUMNS];
};

/* The column of this time; NULL for one that no step is wide enough for. */
struct report_sums *report_series_at(struct report_series *series, uint64_t time);
uint64_t report_series_step(const struct report_series *series);

struct report {
    struct audit *audit;
    struct verified verified[AUDIT_LEDGERS_MAX];
    struct report_sums all, *purpose; /* by number of the roster */
    struct report_series series;
    struct report_pair *pair; /* most delivered first, once report_gather() is done */
    size_t pairs, pairs_room;
    struct report_refusal *refusal;
    size_t refusals, refusals_room;
    const struct reconcile_day *day; /* NULL: not reconciled, for want of ledgers */
    size_t days;
    bool replayed;
    struct replay_counts replay;
    uint64_t from, to; /* times of the first and last event of all ledgers */
    uint64_t entries, checkpoints;
    struct reconcile *reconcile;
    struct walk_handler also[2]; /* who else gets the events being read */
};

/* archive: NULL for none; work: where a replay may keep its entries. Verifies all ledgers. */
int report_gather(struct report *out, struct audit *audit, const char *archive, const char *work, struct err *err);
void report_free(struct report *report);

/* Each writes the whole of it; out's errors are the caller's to ask for. */
void report_write_html(FILE *out, const struct report *report);
int report_write_json(FILE *out, const struct report *report, struct err *err);

/* A chart of bars as inline SVG: `count` columns of values, the first of which begins at first * step seconds. */
struct report_chart {
    const char *title, *unit, *colour;
    const uint64_t *value;
    size_t count;
    uint64_t first, step;
};
void report_chart(FILE *out, const struct report_chart *chart);

/* 1234567 as 1,234,567. */
void report_number(FILE *out, uint64_t value);

#endif
