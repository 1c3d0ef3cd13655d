/*
 * Precision at scale. How often two records that are of different people share just these keys is a rate per pair; the
 * pairs of two agencies grow with the square of their records, the true matches only with their number. So each pattern
 * of keys is judged again as agencies of that size would, and its rates are multiplied by their pairs.
 *
 * A pattern that no false pair was seen with still has a rate. It is taken from the model (the share of true pairs that
 * have the pattern, less the evidence that it gives), but never as more than one pair of those that were looked at.
 */
#include "client/measure/report.h"

#include <math.h>

static double expected_others(const struct measurement *e, const struct pattern *p, double pairs)
{
    if (p->of[TRUTH_NONE] > 0 || e->all.truth == 0)
        return (double)p->of[TRUTH_NONE];
    double evidence = match_evidence(e->corpus->schema, p->own_a, p->shared);
    double model = (double)p->of[TRUTH_SAME_PERSON] / (double)e->all.truth * exp2(-evidence) * pairs;
    return fmin(model, 1);
}

struct scale measurement_scale(const struct measurement *measurement, double population)
{
    const struct measurement *e = measurement;
    const struct schema *schema = e->corpus->schema;
    double pairs = measurement_pairs(e),
           records = (double)e->corpus->rows / (double)(e->corpus->files > 0 ? e->corpus->files : 1);
    double others = 0, matches = 0;
    double agency_pairs = e->corpus->files > 1 ? (double)e->corpus->files * ((double)e->corpus->files - 1) / 2 : 1;
    double share = records > 0 ? (double)e->kind[TRUTH_SAME_PERSON].truth / agency_pairs / records : 0;
    double chance = match_chance(schema, (uint64_t)population, (uint64_t)population, share * population);
    for (size_t i = 0; i < e->slots; i++) {
        const struct pattern *p = &e->pattern[i];
        if (p->shared == 0)
            continue;
        struct verdict v = pair_judge(schema, p->shared, p->own_a, p->own_b, chance);
        if (!v.accepted || v.kind == MATCH_SAME_DOCUMENT_OTHER_PERSON)
            continue;
        others += expected_others(e, p, pairs);
        matches += (double)p->of[TRUTH_SAME_PERSON];
    }
    struct scale s = {.population = population};
    s.false_matches = pairs > 0 ? others * population / pairs * population : 0;
    s.true_matches = records > 0 ? matches / agency_pairs * population / records : 0;
    s.precision = s.true_matches + s.false_matches > 0 ? s.true_matches / (s.true_matches + s.false_matches) : 1;
    s.recall = e->kind[TRUTH_SAME_PERSON].truth > 0 ? matches / (double)e->kind[TRUTH_SAME_PERSON].truth : 1;
    return s;
}
