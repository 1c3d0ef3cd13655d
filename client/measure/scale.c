/*
 * Precision at scale. The pairs of two agencies grow with the square of their records, matches only with their number,
 * and relatives in between: so the odds of every pattern are weighed again as agencies of that size would. Odds of 1 :
 * k against a match say that for each match that looks so there are 1 / k others that do. Whether they are right is
 * known from here: wrong reports that were made, over those that odds promised, is the factor by which the rest is
 * believed. Its error, and that it need not be the same at another size, make the interval.
 */
#include "client/measure/report.h"

#include <math.h>

#define BITS_TENTH 10.0
#define DRIFT 0.45 /* doublings of the factor's error, for each doubling of the records */
#define SURE 1.96

static double matches_of(const struct pattern *p)
{
    return (double)(p->of[0][TRUTH_SAME_PERSON] + p->of[1][TRUTH_SAME_PERSON]);
}

static double others_of(const struct pattern *p)
{
    return (double)(p->of[0][TRUTH_NONE] + p->of[1][TRUTH_NONE]);
}

struct expected {
    double matches, promised, seen;
};

/* What is accepted as a person, if agencies have 2^records. */
static struct expected expect(const struct measurement *e, unsigned records)
{
    struct expected x = {0};
    for (size_t i = 0; i < e->patterns; i++) {
        const struct pattern *p = &e->pattern[i];
        struct judgement j = pair_weigh(e->corpus->schema, p->seen, records);
        if (!j.accepted || (j.kind != MATCH_SAME_PERSON && j.kind != MATCH_SAME_PERSON_OTHER_DOCUMENT))
            continue;
        x.matches += matches_of(p);
        x.promised += matches_of(p) * exp2(-j.bits / BITS_TENTH);
        x.seen += others_of(p);
    }
    return x;
}

static double precision_of(double matches, double others)
{
    return matches + others > 0 ? matches / (matches + others) : 1;
}

struct scale measurement_scale(const struct measurement *measurement, double population)
{
    const struct measurement *e = measurement;
    double files = (double)e->corpus->files, records = files > 0 ? (double)e->corpus->rows / files : 0;
    double agency_pairs = files > 1 ? files * (files - 1) / 2 : 1, grows = records > 0 ? population / records : 0;
    struct expected here = expect(e, (unsigned)fmax(0, floor(log2(fmax(records, 1)))));
    struct expected there = expect(e, (unsigned)floor(log2(fmax(population, 1))));
    double factor = (here.seen + 1) / (here.promised + 1);
    double error = sqrt(1 / (here.seen + 1) + pow(DRIFT * M_LN2 * log2(fmax(grows, 1)), 2));
    struct scale s = {.population = population};
    s.true_matches = there.matches / agency_pairs * grows;
    s.false_matches = there.promised * factor / agency_pairs * grows;
    s.precision = precision_of(s.true_matches, s.false_matches);
    s.least = precision_of(s.true_matches, s.false_matches * exp(SURE * error));
    s.most = precision_of(s.true_matches, s.false_matches * exp(-SURE * error));
    s.recall = e->kind[TRUTH_SAME_PERSON].truth > 0 ? there.matches / (double)e->kind[TRUTH_SAME_PERSON].truth : 1;
    return s;
}
