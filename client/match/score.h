/*
 * From the keys that collided to what it means (docs/matching.md).
 *
 * Shared keys say which parts of two persons agree. Per group of fields (name, birth date, ...) the best of these parts counts,
 * with its bits of evidence; a group that the own record has and that shares nothing counts against. The sum, less the bits
 * that it takes to pick one record out of as many as there are, is the log2 of the odds that both are one person (Fellegi and
 * Sunter 1969); the score is the probability in per cent.
 */
#ifndef CLIENT_MATCH_SCORE_H
#define CLIENT_MATCH_SCORE_H

#include "client/match/schema.h"

struct verdict {
    enum match_kind kind; /* MATCH_NONE if score is below the schema's `consider` */
    unsigned score;       /* 0..100: how probable it is that kind is true */
    bool accepted;        /* by itself; otherwise it only holds if neither record has a better partner */
};

/* Bitmaps of keys: those of the own record, those of them that are shared; records: how many the agency itself has. */
struct verdict match_judge(const struct schema *schema, uint32_t own, uint32_t shared, uint64_t records);

/* Bits of evidence for the same person by persons' fields; best[g], if not NULL: the atom that counted, or -1. */
double match_evidence(const struct schema *schema, uint32_t own, uint32_t shared, int best[GROUPS]);

/* Sum of the weights of these keys. */
unsigned match_weight(const struct schema *schema, uint32_t keys);

#endif
