/*
 * How often two records that have nothing to do with each other agree: measured on pairs of rows drawn from different
 * files. Pairs that are of one person are among them; since those agree on several fields at once, each field is
 * counted only where the others do not agree at all.
 */
#ifndef CLIENT_TUNE_CHANCE_H
#define CLIENT_TUNE_CHANCE_H

#include "client/schema/score.h"

/* What of a group agreed. Index: 2 * evidence + falls_short; the last one: nothing did. */
#define LEVELS (2 * SCHEMA_EVIDENCE_MAX + 1)
#define LEVEL_NONE (LEVELS - 1)

struct level_counts {
    double of[GROUPS][LEVELS], total[GROUPS];
};

/* The index in `of` for a level. */
size_t level_index(const struct match_level *level);

/* One file: rows are paired among themselves. */
int chance_measure(struct level_counts *out, const struct schema *schema, const char *const *path, size_t paths,
                   const char *const *map, size_t map_count, struct err *err);

/*
 * Gives each piece of evidence the bits that chance alone grants it (-log2 of how often it agrees), which puts them in
 * order from coarse to fine: what comes before measuring levels of a schema that has no numbers of worth yet.
 */
int chance_order(struct schema *schema, const char *const *path, size_t paths, const char *const *map, size_t map_count,
                 struct err *err);

#endif
