/*
 * From the rows of several agencies to what they would have been told, and how right that is.
 *
 * A pair opens if the keys that it shares have a weight of two: the same sum of weights that recovers the
 * handle. Each of the two agencies then judges what it sees, as after opening; the pair counts as what the surer of the
 * two says.
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
    float bits;                 /* of evidence, beyond chance */
    uint8_t score, kind, truth; /* per cent; enum match_kind; enum truth_kind */
    bool accepted, reported;
};

/* All pairs that share the same keys and lack the same: how many, and of which truth. */
struct pattern {
    uint32_t shared, own_a, own_b;
    uint64_t of[TRUTH_KINDS]; /* of[TRUTH_NONE]: pairs of which no truth is known */
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
    double chance[CORPUS_FILES_MAX][CORPUS_FILES_MAX]; /* of two agencies; see match_chance() */
    struct pattern *pattern;                           /* hash table, empty where shared is 0 */
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

/* What two agencies make of a pair, by the surer of them. MATCH_NONE if it does not open. */
struct verdict pair_judge(const struct schema *schema, uint32_t shared, uint32_t own_a, uint32_t own_b, double chance);

/* Reports of at least this score (by falling score, `finding` as it stands): the point of the curve. */
struct counts measurement_at(const struct measurement *measurement, unsigned score);

/* How many pairs of rows could have been compared. */
double measurement_pairs(const struct measurement *measurement);

#endif
