#include "client/match/score.h"

static const char *const names[] = {
    [MATCH_SAME_PERSON] = "same-person",
    [MATCH_SAME_DOCUMENT_OTHER_PERSON] = "same-document-other-person",
    [MATCH_SAME_PERSON_OTHER_DOCUMENT] = "same-person-other-document",
    [MATCH_LISTED_DOCUMENT] = "listed-document",
};

const char *match_kind_name(enum match_kind kind)
{
    return kind >= MATCH_SAME_PERSON && kind <= MATCH_LISTED_DOCUMENT ? names[kind] : "unknown";
}

static uint32_t keys_of_class(const struct schema *schema, enum schema_class class)
{
    uint32_t keys = 0;
    for (size_t j = 0; j < schema->keys; j++)
        if (schema->key[j].class == class)
            keys |= 1u << j;
    return keys;
}

unsigned match_weight(const struct schema *schema, uint32_t keys)
{
    unsigned sum = 0;
    for (size_t j = 0; j < schema->keys; j++)
        if ((keys >> j & 1) != 0)
            sum += schema->key[j].weight;
    return sum;
}

enum match_kind match_classify(const struct schema *schema, uint32_t own, uint32_t shared)
{
    uint32_t person = keys_of_class(schema, CLASS_PERSON), document = keys_of_class(schema, CLASS_DOCUMENT);
    if (person == 0)
        return MATCH_LISTED_DOCUMENT;
    if ((shared & document) != 0)
        return (shared & person) != 0 || (own & person) == 0 ? MATCH_SAME_PERSON : MATCH_SAME_DOCUMENT_OTHER_PERSON;
    return (own & document) != 0 ? MATCH_SAME_PERSON_OTHER_DOCUMENT : MATCH_SAME_PERSON;
}

unsigned match_score(const struct schema *schema, uint32_t own, uint32_t shared)
{
    unsigned possible = match_weight(schema, own), got = match_weight(schema, shared & own);
    unsigned score = possible > 0 ? (100 * got + possible / 2) / possible : 0;
    return score > 100 ? 100 : score > 0 ? score : 1;
}
