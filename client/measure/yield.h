/*
 * What guessing a key finds: how many of a million records of a country's people are met by the best so many guesses of
 * who knows how frequent names are there. The shares of names are measured, on registers or on the invented ones of
 * shares.c; dates and numbers are taken for even: births over sixty years, documents over ten million numbers of an
 * issuer. What is frequent in a register is learned on one half of it and tried on the other.
 */
#ifndef CLIENT_MEASURE_YIELD_H
#define CLIENT_MEASURE_YIELD_H

#include "client/feed/feed.h"
#include "client/schema/schema.h"

#define YIELD_STEPS 6           /* the best 1, 10, ... 100,000 values of a name's part */
#define YIELD_LEAST 1000        /* records of a country, or it is left out */
#define YIELD_ROWS_MAX 200000   /* of a country; more are passed over */
#define YIELD_COUNTRIES_MAX 256 /* of a register */

/* The share of a country's records that have one of the best values of a part. */
struct yield_shares {
    char country[4], part[PART_TEXT_MAX];
    double share[YIELD_STEPS];
};

struct yields {
    const struct yield_shares *item; /* by country */
    size_t count;
    struct yield_shares *owned; /* NULL: the invented ones */
};

/* Of invented registers. */
void yields_invented(struct yields *out);

/* Of the files, by the first nationality that a row has, for all parts of names in the schema's keys. */
int yields_measure(struct yields *out, const struct schema *schema, const struct feed_options *file, size_t files,
                   struct err *err);
void yields_free(struct yields *yields);

/* Records found per million; false: there is no share of a part of the key's names for that country. */
bool yield_of(double *out, const struct yields *yields, const struct schema *schema, size_t key, const char *country,
              double guesses);

#endif
