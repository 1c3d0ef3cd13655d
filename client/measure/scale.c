/*
 * Precision at scale. What is accepted at another size is weighed again: the larger agencies are, the surer a pair must
 * be. The wrong reports that were made here among the patterns that still are accepted there grow at least with the
 * number of matches, as those of relatives and namesakes do, and at most with the square of the records, as the odds of
 * strangers promise. These are the ends of the interval, with the error of how few wrong reports there were; what is
 * expected lies between them.
 */
#include "client/measure/report.h"

#include <math.h>

#define BITS_TENTH 10.0
#define SURE 2.5 /* deviations: more than 1.96, since what is accepted there is known from here alone */

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

/* Of what is accepted as a person where agencies have 2^accepting, what odds promise where they have 2^records. */
static struct expected expect(const struct measurement *e, unsigned records, unsigned accepting)
{
    struct expected x = {0};
    for (size_t i = 0; i < e->patterns; i++) {
        const struct pattern *p = &e->pattern[i];
        struct judgement j = pair_weigh(e->corpus->schema, p->seen, accepting);
        if (!j.accepted || (j.kind != MATCH_SAME_PERSON && j.kind != MATCH_SAME_PERSON_OTHER_DOCUMENT))
            continue;
        j = pair_weigh(e->corpus->schema, p->seen, records);
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
    unsigned size = (unsigned)fmax(0, floor(log2(fmax(records, 1))));
    unsigned wanted = (unsigned)floor(log2(fmax(population, 1)));
    struct expected here = expect(e, size, wanted), there = expect(e, wanted, wanted);
    double least = (here.seen + 1) / agency_pairs * grows;
    double most = least * fmax(1, (there.promised + 1) / (here.promised + 1));
    double error = exp(SURE / sqrt(here.seen + 1));
    struct scale s = {.population = population};
    s.true_matches = there.matches / agency_pairs * grows;
    s.false_matches = sqrt(least * most);
    s.precision = precision_of(s.true_matches, s.false_matches);
    s.least = precision_of(s.true_matches, most * error);
    s.most = precision_of(s.true_matches, least / error);
    s.recall = e->kind[TRUTH_SAME_PERSON].truth > 0 ? there.matches / (double)e->kind[TRUTH_SAME_PERSON].truth : 1;
    return s;
}
