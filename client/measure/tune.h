/*
 * From data with a truth to the numbers of a schema: weights of the class of matches by logistic regression on the
 * patterns of one half of the records, held near those that the schema has by a normal prior; what few pairs show
 * stays. The other half says whether it is better.
 */
#ifndef CLIENT_MEASURE_TUNE_H
#define CLIENT_MEASURE_TUNE_H

#include "client/measure/measurement.h"

#include <stdio.h>

/* How good weights are on the half that was held out: reports of persons, by the schema's `accept`. */
struct trial {
    double loss; /* bits a pair that opened */
    struct counts persons;
};

/* Replaces schema->judging.weight[PAIR_MATCH] and its prior. The measurement has a truth. */
int tune_weights(struct schema *schema, const struct measurement *measurement, struct err *err);
struct trial tune_trial(const struct schema *schema, const struct measurement *measurement);

/* The same file with the schema's numbers in place of its own. */
int tune_write(FILE *out, const char *path, const struct schema *schema, struct err *err);

#endif
