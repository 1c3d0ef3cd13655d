/*
 * Weights by coordinate descent: each key's weight in turn is set to what costs least, all others being as they are,
 * until nothing changes. What it costs: matches that the evidence would accept and that do not open (dear); those that
 * it would consider (less); and pairs that open although the evidence speaks against them, whose handles a partner need
 * not have.
 */
#include "client/measure/tune.h"

#include <math.h>
#include <stdlib.h>

#define COST_ACCEPTED 100.0
#define COST_CONSIDERED 10.0
#define SWEEPS 8

struct weighing {
    struct schema *schema;
    const struct measurement *measurement;
    double chance, matches_factor, others_factor;
    unsigned char *wanted; /* by pattern: 0 closed, 1 considered, 2 accepted */
};

static double cost(const struct weighing *w)
{
    const struct measurement *e = w->measurement;
    double sum = 0;
    for (size_t i = 0; i < e->slots; i++) {
        const struct pattern *p = &e->pattern[i];
        if (p->shared == 0)
            continue;
        bool open = match_weight(w->schema, p->shared) >= SCHEMA_WEIGHT_MAX;
        double matches = w->matches_factor * (double)p->of[TRUTH_SAME_PERSON];
        double others = w->others_factor * (double)(p->of[TRUTH_NONE] + p->of[TRUTH_SAME_DOCUMENT_OTHER_PERSON]);
        if (open)
            sum += w->wanted[i] == 0 ? others : 0;
        else if (e->truth != NULL)
            sum += (w->wanted[i] == 2 ? COST_ACCEPTED : w->wanted[i] == 1 ? COST_CONSIDERED : 0) * matches;
        else
            sum += (w->wanted[i] == 2 ? COST_ACCEPTED : w->wanted[i] == 1 ? 1 : 0) * others;
    }
    return sum;
}

static bool improve(struct weighing *w, size_t key, double *least)
{
    struct schema_key *k = &w->schema->key[key];
    unsigned was = k->weight, best = was;
    for (unsigned weight = schema_key_may_be_light(w->schema, key) ? 1 : 2; weight <= SCHEMA_WEIGHT_MAX; weight++) {
        k->weight = weight;
        double c = cost(w);
        if (c < *least) {
            *least = c;
            best = weight;
        }
    }
    k->weight = best;
    return best != was;
}

void tune_weights(struct schema *schema, const struct measurement *measurement, double records)
{
    const struct measurement *e = measurement;
    struct weighing w = {.schema = schema, .measurement = e, .matches_factor = 1, .others_factor = 1};
    double mean = (double)e->corpus->rows / (double)e->corpus->files, n = records > 0 ? records : mean;
    w.matches_factor = n / mean;
    w.others_factor = n / mean * (n / mean);
    w.chance = match_chance(schema, (uint64_t)n, (uint64_t)n, 0);
    w.wanted = calloc(e->slots + 1, 1);
    for (size_t i = 0; w.wanted != NULL && i < e->slots; i++) {
        struct schema open = *schema;
        for (size_t j = 0; j < open.keys; j++)
            open.key[j].weight = SCHEMA_WEIGHT_MAX;
        struct verdict v = pair_judge(&open, e->pattern[i].shared, e->pattern[i].own_a, e->pattern[i].own_b, w.chance);
        w.wanted[i] = v.accepted ? 2 : v.kind != MATCH_NONE ? 1 : 0;
    }
    bool changed = w.wanted != NULL;
    double least = changed ? cost(&w) : 0;
    for (int sweep = 0; changed && sweep < SWEEPS; sweep++) {
        changed = false;
        for (size_t j = 0; j < schema->keys; j++)
            if (schema->key[j].class == CLASS_PERSON)
                changed = improve(&w, j, &least) || changed;
    }
    free(w.wanted);
}
