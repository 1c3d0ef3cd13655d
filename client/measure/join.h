/* What the matcher would do with the tags: which rows of different files share which keys. */
#ifndef CLIENT_MEASURE_JOIN_H
#define CLIENT_MEASURE_JOIN_H

#include "client/measure/corpus.h"

struct pair {
    row_ref a, b;    /* a < b */
    uint32_t shared; /* bitmap of keys */
};

struct join_counts {
    uint64_t pairs;                    /* that share a key */
    uint64_t crowded[SCHEMA_KEYS_MAX]; /* tokens of a key that more rows of a file share than its cap allows */
};

/*
 * Each pair once, in no order. With one file only, its rows are joined among themselves, with the
 * largest cap that there is: the duplicates of a record are what is looked for. A key of which a row's tag is crowded
 * is taken out of what the row has: its agency knows that it put none, and so that none can be shared.
 */
typedef int visit_pair(void *context, const struct pair *pair, struct err *err);
int join_run(struct corpus *corpus, visit_pair *visit, void *context, struct join_counts *counts, bool quiet,
             struct err *err);

#endif
