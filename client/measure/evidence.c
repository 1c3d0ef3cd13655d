#include "client/measure/tune.h"

#include <math.h>
#include <string.h>

#define ROUNDS_MAX 100
#define SETTLED 1e-4 /* relative change of the number of matches */
#define SEEN_LEAST 5 /* matches that must show a level before its number is believed */

/* What matches show, in expectation. */
struct expectation {
    struct level_counts matches;
    double sum, others, same_document, other_document;
    double has_document, misses_document; /* of the matches' sides */
};

/* How probable it is that a pair of this pattern is of one person, as the surer of its sides sees it. */
static double posterior(const struct schema *s, const struct pattern *p, double chance)
{
    double a = match_evidence(s, p->own_a, p->shared), b = match_evidence(s, p->own_b, p->shared);
    bool document = (p->shared & schema_keys_of(s, CLASS_DOCUMENT)) != 0;
    return 1 / (1 + exp2(-(fmax(a, b) + (document ? s->same_document : -chance))));
}

static bool is_most(const struct match_level *level)
{
    return level->evidence >= 0 && !level->falls_short;
}

/*
 * Which part of a field agreed can only be seen where the other field did, since keys hold both: names are counted
 * where the date agrees whole, dates where the names do.
 */
static void count_side(struct level_counts *counts, const struct schema *s, uint32_t own, uint32_t shared, double mass)
{
    struct match_level level[GROUPS];
    match_levels(s, own, shared, level);
    for (int g = 0; g < GROUPS; g++) {
        int other = g == GROUP_NAME ? GROUP_BIRTH_DATE : GROUP_NAME;
        if (!level[g].has || !is_most(&level[other]))
            continue;
        counts->of[g][level_index(&level[g])] += mass;
        counts->total[g] += mass;
    }
}

static void count_document(struct expectation *x, const struct schema *s, uint32_t own, uint32_t shared, double mass)
{
    uint32_t document = schema_keys_of(s, CLASS_DOCUMENT);
    x->has_document += (own & document) != 0 ? mass : 0;
    x->misses_document += (own & document) != 0 && (shared & document) == 0 ? mass : 0;
}

static void expect(struct expectation *out, const struct schema *s, const struct measurement *e, double chance)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < e->slots; i++) {
        const struct pattern *p = &e->pattern[i];
        double all = (double)(p->of[TRUTH_NONE] + p->of[TRUTH_SAME_PERSON] + p->of[TRUTH_SAME_DOCUMENT_OTHER_PERSON]);
        double mass = e->truth != NULL ? (double)p->of[TRUTH_SAME_PERSON]
                      : p->shared != 0 ? all * posterior(s, p, chance)
                                       : 0;
        if (p->shared == 0)
            continue;
        out->sum += mass;
        out->others += all - mass;
        count_side(&out->matches, s, p->own_a, p->shared, mass / 2);
        count_side(&out->matches, s, p->own_b, p->shared, mass / 2);
        count_document(out, s, p->own_a, p->shared, mass / 2);
        count_document(out, s, p->own_b, p->shared, mass / 2);
        if ((p->shared & schema_keys_of(s, CLASS_DOCUMENT)) != 0) {
            out->same_document += mass;
            out->other_document += all - mass;
        }
    }
}

/* log2 of how much more often matches show a level than chance does. */
static void learn(double *bits, const struct level_counts *matches, const struct level_counts *chance, int group,
                  size_t level)
{
    double m = (matches->of[group][level] + 0.5) / (matches->total[group] + 1);
    double u = (chance->of[group][level] + 0.5) / (chance->total[group] + 1);
    if (matches->of[group][level] >= SEEN_LEAST)
        *bits = fmax(fmin(log2(m / u), SCHEMA_BITS_MAX), -SCHEMA_BITS_MAX);
}

static void maximise(struct schema *s, const struct expectation *x, const struct level_counts *chance)
{
    for (size_t i = 0; i < s->evidences; i++) {
        struct schema_evidence *e = &s->evidence[i];
        learn(&e->best, &x->matches, chance, (int)e->group, 2 * i);
        learn(&e->falls_short, &x->matches, chance, (int)e->group, 2 * i + 1);
    }
    for (int g = 0; g < GROUP_DOCUMENT; g++) {
        double bits = -s->against[g];
        if (x->matches.total[g] > 0)
            learn(&bits, &x->matches, chance, g, LEVEL_NONE);
        s->against[g] = -bits;
    }
    if (x->misses_document >= SEEN_LEAST) /* chance pairs practically never share one */
        s->against[GROUP_DOCUMENT] = log2((x->has_document + 1) / (x->misses_document + 0.5));
    if (x->same_document >= SEEN_LEAST)
        s->same_document = log2((x->same_document + 0.5) / (x->other_document + 0.5));
}

void tune_evidence(struct schema *schema, const struct measurement *measurement, const struct level_counts *chance,
                   struct tuning *out)
{
    struct expectation x;
    double pairs = measurement_pairs(measurement), fewer = (double)measurement->corpus->rows * schema->overlap;
    double before = fmax(fewer, 1);
    out->rounds = 0;
    do {
        if (out->rounds > 0)
            before = x.sum;
        expect(&x, schema, measurement, log2(fmax(pairs, 2) / fmax(before, 1)));
        maximise(schema, &x, chance);
    } while (++out->rounds < ROUNDS_MAX && measurement->truth == NULL && fabs(x.sum - before) > SETTLED * before);
    out->matches = x.sum;
    out->pairs = x.others;
}
