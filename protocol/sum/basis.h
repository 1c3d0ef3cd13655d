/* The bases of commitments. Private to sum/ and to its tests, which choose bases whose relations they know. */
#ifndef PROTOCOL_SUM_BASIS_H
#define PROTOCOL_SUM_BASIS_H

#include "protocol/sum/sum.h"

#define SUM_BASES (1 + SUM_CHUNK) /* H, then the G_k */

struct sum_basis {
    struct point base[SUM_BASES];
    struct group_bases *table;
};

/* ERR_NO_MEMORY. */
int sum_basis_of(struct sum_basis **out, const struct point base[SUM_BASES], struct err *err);

/*
 * Where a chunk's cells begin among the numbers of a share, which are blindings, figures, marks; and how many it has.
 */
size_t sum_chunk_at(const struct sum_shape *shape, size_t chunk);
size_t sum_chunk_cells(const struct sum_shape *shape, size_t chunk);

/* How many numbers a share has: a blinding for each chunk, then figures and marks. */
size_t sum_numbers(const struct sum_shape *shape);

enum { SUM_VERSION = 1, SUM_KIND_COMMITMENTS = 'c', SUM_KIND_SHARE = 's' };

/* What both begin with; custodian is 0 for commitments. */
void sum_head(uint8_t out[SUM_HEAD_SIZE], uint8_t kind, const struct sum_shape *shape, uint8_t custodian);

#endif
