/*
 * From the rows of several agencies to what they would have been told, and how right that is.
 *
 * A pair opens if the keys that it shares have a weight of two: the same sum of weights that recovers the
 * handle. Then it is judged by the elements of its records that agree, as both agencies do after an exchange.
 */
#ifndef CLIENT_MEASURE_MEASUREMENT_H
#define CLIENT_MEASURE_MEASUREMENT_H

#include "client/measure/join.h"
#include "client/measure/truth.h"
#include "client/schema/score.h"

/* A pair that opened. */
struct finding {
    row_ref a, b;
    uint32_t shared;
    int32_t bits;                      /* tenths, as of the judgement */
    uint32_t pattern;                  /* position in measurement.pattern */
    uint8_t score, kind, class, truth; /* per cent; enum match_kind; enum pair_class; enum truth_kind */
    bool accepted, reported, yields;   /* pair_yields() */
};

/* Records fall into two halves by their ids, so that what is learned on one can be tried on the other. */
#define FOLDS 2

/* All pairs of which the same was seen: how many, and of which truth. */
struct pattern {
    uint8_t seen[SEEN_KINDS];
    uint64_t of[FOLDS][TRUTH_KINDS]; /* by half of the records; [TRUTH_NONE]: pairs of which no truth is known */
};

struct counts {
    uint64_t reported, correct, truth;
};

struct key_counts {
    uint64_t tokens, crowded;
    uint64_t found, false_found; /* right and wrong reports that share the key */
    uint64_t alone, false_alone; /* of these, the ones that would not have been made without it */
};

struct measurement {
    struct corpus *corpus;
    struct truth *truth; /* NULL: nothing is known */
    bool one_to_one;
    struct finding *finding; /* by falling bits; once run, without those that are nothing */
    size_t findings, room;
    struct pattern *pattern;
    uint32_t *pattern_at; /* hash table: position in pattern, plus 1 */
    size_t patterns, slots;
    struct join_counts join;
    uint64_t opened, strangers; /* pairs that open, and those of them that the truth does not know */
    struct counts all, kind[TRUTH_KINDS];
    struct key_counts key[SCHEMA_KEYS_MAX];
};

int measurement_run(struct measurement *out, struct corpus *corpus, struct truth *truth, bool one_to_one, bool quiet,
                    struct err *err);
void measurement_free(struct measurement *measurement);

double counts_precision(const struct counts *counts);
double counts_recall(const struct counts *counts);
double counts_f1(const struct counts *counts);

/* Reports of at least this score (by falling score, `finding` as it stands): the point of the curve. */
struct counts measurement_at(const struct measurement *measurement, unsigned score);

/* log2 of how many records the larger of their agencies has. */
unsigned measurement_records(const struct measurement *measurement, row_ref a, row_ref b);

#endif
