/* From the keys that collided to what it means (docs/matching.md). */
#ifndef CLIENT_MATCH_SCORE_H
#define CLIENT_MATCH_SCORE_H

#include "client/match/schema.h"

enum match_kind {
    MATCH_SAME_PERSON = 1,
    MATCH_SAME_DOCUMENT_OTHER_PERSON, /* identity fraud, or a record that was mistyped */
    MATCH_SAME_PERSON_OTHER_DOCUMENT,
    MATCH_LISTED_DOCUMENT             /* the schema knows documents alone: lost, stolen, revoked */
};

/* "same-person", ...; and back, 0 if it is none. */
const char *match_kind_name(enum match_kind kind);

/* Bitmaps of keys: those of the own record, and those of them that the partner's record shares. */
enum match_kind match_classify(const struct schema *schema, uint32_t own, uint32_t shared);

/* Shared weight in per cent of what the own record could share, 1..100. */
unsigned match_score(const struct schema *schema, uint32_t own, uint32_t shared);

/* Sum of the weights of these keys. */
unsigned match_weight(const struct schema *schema, uint32_t keys);

#endif
