#include "client/schema/score.h"

#include <math.h>

unsigned match_weight(const struct schema *schema, uint32_t keys)
{
    unsigned sum = 0;
    for (size_t j = 0; j < schema->keys; j++)
        if ((keys >> j & 1) != 0)
            sum += schema->key[j].weight;
    return sum;
}

/* --- evidence --- */

/* The parts of these person keys. Those that may be missing prove nothing: both records may lack them. */
static uint32_t atoms_of(const struct schema *schema, uint32_t keys)
{
    uint32_t atoms = 0;
    for (size_t j = 0; j < schema->keys; j++)
        for (size_t i = 0; i < schema->key[j].parts; i++)
            if ((keys >> j & 1) != 0 && schema->key[j].class == CLASS_PERSON && !schema->key[j].optional[i])
                atoms |= UINT32_C(1) << schema->key[j].atom[i];
    return atoms;
}

void match_levels_of(const struct schema *schema, uint32_t has, uint32_t agrees, struct match_level level[GROUPS])
{
    double most[GROUPS];
    for (int g = 0; g < GROUPS; g++) {
        level[g] = (struct match_level){-1, false, false};
        most[g] = -SCHEMA_BITS_MAX;
    }
    for (size_t i = 0; i < schema->evidences; i++) {
        const struct schema_evidence *e = &schema->evidence[i];
        struct match_level *l = &level[e->group];
        if ((e->atoms & ~has) != 0)
            continue;
        l->has = true;
        most[e->group] = fmax(most[e->group], e->best);
        if ((e->atoms & ~agrees) == 0 && (l->evidence < 0 || e->best > schema->evidence[l->evidence].best))
            l->evidence = (int)i;
    }
    for (int g = 0; g < GROUPS; g++)
        level[g].falls_short = level[g].evidence >= 0 && schema->evidence[level[g].evidence].best < most[g];
}

void match_levels(const struct schema *schema, uint32_t own, uint32_t shared, struct match_level level[GROUPS])
{
    own |= shared; /* of a key with several values, one may be crowded and another shared */
    match_levels_of(schema, atoms_of(schema, own), atoms_of(schema, shared), level);
}

/*
 * Keys show a part only together with their other parts. Names and birth dates are in so many that nothing shared means
 * that nothing agrees; of the other fields that can only be said where names or dates, which they go with, agree as far
 * as they can.
 */
static bool is_seen(const struct match_level level[GROUPS], int group)
{
    if (group == GROUP_NAME || group == GROUP_BIRTH_DATE)
        return true;
    return level[GROUP_BIRTH_DATE].evidence >= 0 && !level[GROUP_BIRTH_DATE].falls_short;
}

double match_evidence(const struct schema *schema, uint32_t own, uint32_t shared)
{
    struct match_level level[GROUPS];
    double sum = 0;
    match_levels(schema, own, shared, level);
    for (int g = 0; g < GROUPS; g++) {
        int e = level[g].evidence;
        if (e >= 0)
            sum += level[g].falls_short ? schema->evidence[e].falls_short : schema->evidence[e].best;
        else if (level[g].has && is_seen(level, g))
            sum -= schema->against[g];
    }
    uint32_t document = schema_keys_of(schema, CLASS_DOCUMENT);
    if ((own & document) != 0 && (shared & document) == 0)
        sum -= schema->against[GROUP_DOCUMENT];
    return sum;
}

double match_chance(const struct schema *schema, uint64_t own, uint64_t partner, double matches)
{
    double a = fmax((double)own, 1), b = fmax((double)partner, 1), fewer = fmin(a, b);
    double share = fmin(fmax(matches / fewer, schema->overlap), 1);
    return log2(fmax(fmax(a, b), schema->least_records) / share);
}

/* --- the verdict --- */

static unsigned per_cent(double bits)
{
    return (unsigned)(100 / (1 + exp2(-bits)) + 0.5);
}

static enum match_kind kind_of(const struct schema *schema, unsigned facts)
{
    for (size_t i = 0; i < schema->rules; i++)
        if ((schema->rule[i].facts & ~facts) == 0)
            return schema->rule[i].kind;
    return MATCH_NONE;
}

struct verdict match_judge(const struct schema *schema, uint32_t own, uint32_t shared, double chance)
{
    uint32_t document = schema_keys_of(schema, CLASS_DOCUMENT);
    bool shares = (shared & document) != 0, persons = schema_keys_of(schema, CLASS_PERSON) != 0;
    double evidence = match_evidence(schema, own, shared);
    unsigned score = per_cent(evidence + (shares ? schema->same_document : -chance)), facts = 0;
    if (shares)
        facts |= FACT_DOCUMENT | (persons && score >= 50 ? FACT_PERSON : 0);
    else
        facts |= FACT_PERSON | ((own & document) != 0 ? FACT_OTHER_DOCUMENT : 0);
    if ((facts & FACT_PERSON) == 0)
        score = persons ? 100 - score : 100;
    bool accepted = shares || score >= schema->accept;
    enum match_kind kind = accepted || score >= schema->consider ? kind_of(schema, facts) : MATCH_NONE;
    return (struct verdict){kind, score, evidence - chance, accepted};
}
