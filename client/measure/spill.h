/*
 * Fixed-size items on their way from one pass to the next, in partitions that fit into memory one at a time. They lie
 * in unnamed files below $TMPDIR (/tmp), so that nothing is left behind whatever happens.
 */
#ifndef CLIENT_MEASURE_SPILL_H
#define CLIENT_MEASURE_SPILL_H

#include "protocol/base/buf.h"

#define SPILL_PARTITIONS 64
#define SPILL_PARTITION_MAX ((size_t)2 << 30) /* bytes of one partition */

struct spill;

int spill_new(struct spill **out, size_t item_size, struct err *err);
void spill_free(struct spill *spill);

/* hash chooses the partition: items that must meet have the same. */
int spill_put(struct spill *spill, uint64_t hash, const void *item, struct err *err);

/* Reads a partition whole into *out (cleared first); *count items, in the order of putting. */
int spill_load(struct spill *spill, size_t partition, struct buf *out, size_t *count, struct err *err);

#endif
