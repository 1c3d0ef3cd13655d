/*
 * From the keys that collided to what it means (docs/matching.md).
 *
 * Shared keys say which parts of two persons agree. Per group of fields (name, birth date, ...) the finest of these
 * counts, with its bits of evidence; a group that the own record has and that shares nothing counts against. The sum,
 * less the bits that it takes to pick a match out of all pairs of records, is the log2 of the odds that both are one
 * person (Fellegi and Sunter 1969); the score is that probability in per cent.
 */
#ifndef CLIENT_MATCH_SCORE_H
#define CLIENT_MATCH_SCORE_H

#include "client/schema/elements.h"

/* --- judging a pair by its elements --- */

/*
 * What both sides of an exchange know: how many elements of each field agree, both presences, and whether a document
 * opened the pair. It is the same from either side, and so is the verdict, bit for bit: all numbers are integers,
 * tenths of a bit.
 */
struct judgement_input {
    uint8_t agrees[ELEMENT_FIELDS];
    struct presence own, other;
    bool document; /* they share a key of a document */
};

/* agree: 1 for each own slot that the other side has, too. */
void judgement_input_of(struct judgement_input *out, const struct elements *own, const uint8_t agree[ELEMENT_SLOTS],
                        const struct presence *other, bool document);

struct judgement {
    enum match_kind kind;  /* MATCH_NONE below the schema's `consider` */
    enum pair_class class; /* the most probable one */
    unsigned score;        /* 0..100: how probable it is that kind is true */
    int bits;              /* tenths: odds that both are one person */
    bool accepted;         /* score reaches the schema's `accept` */
    uint8_t seen[SEEN_KINDS];
};

struct judgement score_pair(const struct schema *schema, const struct judgement_input *input);

/* The two halves of it. records: log2 of how many the larger of the two agencies holds. */
void pair_see(uint8_t seen[SEEN_KINDS], const struct judgement_input *input);
struct judgement pair_weigh(const struct schema *schema, const uint8_t seen[SEEN_KINDS], unsigned records);

/*
 * A common given name and a birth date agree by chance now and then. So a pair of which nothing but names and dates is
 * known, with a score below the schema's `sure`, yields to a better one: `best`, the highest score that either of its
 * records has with the other's agency among the pairs that are held to be one person.
 */
bool pair_yields(const struct schema *schema, const uint8_t seen[SEEN_KINDS], unsigned score, unsigned best);

/* --- judging by keys --- */

struct verdict {
    enum match_kind kind; /* MATCH_NONE if score is below the schema's `consider` */
    unsigned score;       /* 0..100: how probable it is that kind is true */
    double bits;          /* log2 of the odds that both are one person, before a shared document is considered */
    bool accepted;        /* by itself; otherwise it only holds if neither record has a better partner */
};

/*
 * log2 of how many pairs of records there are for each that matches. partner: its number of records; an agency that
 * does not know it takes its own. matches: how many are known already; fewer than the schema's overlap makes expect do
 * not count.
 */
double match_chance(const struct schema *schema, uint64_t own, uint64_t partner, double matches);

/*
 * Bitmaps of keys: those that the own record has and that are not crowded at the own agency; those that are shared.
 * chance: see match_chance().
 */
struct verdict match_judge(const struct schema *schema, uint32_t own, uint32_t shared, double chance);

/* What counted for a group of fields. */
struct match_level {
    int evidence;     /* position in schema.evidence; -1: nothing of it is shared */
    bool falls_short; /* of what the own record could have shared */
    bool has;         /* the own record has the fields */
};
void match_levels(const struct schema *schema, uint32_t own, uint32_t shared, struct match_level level[GROUPS]);

/* The same from the parts that the own record has, and those that agree (bitmaps of schema.atom). */
void match_levels_of(const struct schema *schema, uint32_t has, uint32_t agrees, struct match_level level[GROUPS]);

/* Bits of evidence for the same person: what agrees, and what the own record has and does not agree. */
double match_evidence(const struct schema *schema, uint32_t own, uint32_t shared);

/* Sum of the weights of these keys. */
unsigned match_weight(const struct schema *schema, uint32_t keys);

#endif
