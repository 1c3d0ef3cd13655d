/*
 * A schema's numbers from data (docs/matching.md, "Tuning"): evidence from how often matches and chance pairs agree, by
 * a known truth or, without one, by expectation and maximisation over the patterns of shared keys; then the weights
 * that open what the evidence would take for a match, and as little else as a sum of weights can.
 */
#ifndef CLIENT_TUNE_TUNE_H
#define CLIENT_TUNE_TUNE_H

#include "client/measure/measurement.h"
#include "client/measure/chance.h"

#include <stdio.h>

struct tuning {
    double matches;  /* of one person, estimated or known */
    double pairs;    /* that share a key and are none */
    unsigned rounds; /* of expectation and maximisation */
};

/*
 * Replaces evidence, against and same_document by what measurement's patterns and the chance agreement tell. Where fewer
 * than a handful of matches show a level, its number stays. With a truth, counts; without one, estimates.
 */
void tune_evidence(struct schema *schema, const struct measurement *measurement, const struct level_counts *chance,
                   struct tuning *out);

/*
 * Replaces the weights of person keys. records: of each of two agencies that the schema is for; 0: those of the
 * measurement. Patterns of pairs are judged as these would, and weighed by how many there would be.
 */
void tune_weights(struct schema *schema, const struct measurement *measurement, double records);

/* The same file with the schema's numbers in place of its own. */
int tune_write(FILE *out, const char *path, const struct schema *schema, struct err *err);

#endif
