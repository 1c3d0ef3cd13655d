/* What a measurement found, for people and for scripts. The examples name values: it is the agency's own screen,
 * offline. */
#ifndef CLIENT_MEASURE_REPORT_H
#define CLIENT_MEASURE_REPORT_H

#include "client/measure/measurement.h"

#include <stdio.h>

/* What would be found if the same people were spread over two agencies of so many records each. */
struct scale {
    double population;             /* records of each */
    double false_matches;          /* expected */
    double true_matches;           /* expected, if the overlap is as observed */
    double precision, least, most; /* with the interval that holds 19 times of 20 */
    double recall;
};
struct scale measurement_scale(const struct measurement *measurement, double population);

/* Of precision, recall or F1: where it would lie 19 times of 20 if other records of the same kind were measured. */
struct interval {
    double least, most;
};
struct interval measurement_interval(const struct measurement *measurement, double (*number)(const struct counts *));

struct report_options {
    const double *population;
    size_t populations;
    const struct measurement *against; /* the same files by another schema; NULL: none */
    size_t examples;                   /* of misses and of false matches; 0: none */
};

int report_text(FILE *out, const struct measurement *measurement, const struct report_options *options,
                struct err *err);
int report_json(FILE *out, const struct measurement *measurement, const struct report_options *options,
                struct err *err);

/* Misses and false matches with what their rows say. Reads the files again. */
int report_examples(FILE *out, const struct measurement *measurement, size_t most, struct err *err);

/* Precision against recall as an SVG file, a point for each score. */
int report_plot(const char *path, const struct measurement *measurement, struct err *err);

/* The scores that the curve has points for. */
extern const unsigned report_score[];
extern const size_t report_scores;

#endif
