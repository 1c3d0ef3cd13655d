#include "client/match/score.h"

#include <math.h>

unsigned match_weight(const struct schema *schema, uint32_t keys)
{
    unsigned sum = 0;
    for (size_t j = 0; j < schema->keys; j++)
        if ((keys >> j & 1) != 0)
            sum += schema->key[j].weight;
    return sum;
}

/* Parts that may be missing prove nothing: both may lack them. */
double match_evidence(const struct schema *schema, uint32_t own, uint32_t shared, int best[GROUPS])
{
    double bits[GROUPS] = {0}, sum = 0;
    bool has[GROUPS] = {false}, agrees[GROUPS] = {false};
    for (int g = 0; best != NULL && g < GROUPS; g++)
        best[g] = -1;
    for (size_t j = 0; j < schema->keys; j++) {
        const struct schema_key *key = &schema->key[j];
        if (key->class != CLASS_PERSON || (own >> j & 1) == 0)
            continue;
        for (size_t i = 0; i < key->parts; i++) {
            const struct schema_atom *atom = &schema->atom[key->atom[i]];
            enum part_group g = part_group(&atom->part);
            has[g] = has[g] || !key->optional[i];
            if ((shared >> j & 1) == 0 || key->optional[i])
                continue;
            agrees[g] = true;
            if (atom->bits >= bits[g] && best != NULL)
                best[g] = key->atom[i];
            bits[g] = fmax(bits[g], atom->bits);
        }
    }
    for (int g = 0; g < GROUPS; g++)
        sum += agrees[g] ? bits[g] : has[g] ? -schema->against[g] : 0;
    return sum;
}

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

struct verdict match_judge(const struct schema *schema, uint32_t own, uint32_t shared, uint64_t records)
{
    uint32_t document = schema_keys_of(schema, CLASS_DOCUMENT);
    bool shares = (shared & document) != 0, persons = schema_keys_of(schema, CLASS_PERSON) != 0;
    double bits = match_evidence(schema, own, shared, NULL) +
                  (shares ? schema->same_document : -log2(records > 1 ? (double)records : 1));
    unsigned score = per_cent(bits), facts = 0;
    if (shares)
        facts |= FACT_DOCUMENT | (persons && score >= 50 ? FACT_PERSON : 0);
    else
        facts |= FACT_PERSON | ((own & document) != 0 ? FACT_OTHER_DOCUMENT : 0);
    if ((facts & FACT_PERSON) == 0)
        score = persons ? 100 - score : 100;
    bool accepted = shares || score >= schema->accept;
    return (struct verdict){accepted || score >= schema->consider ? kind_of(schema, facts) : MATCH_NONE, score, accepted};
}
