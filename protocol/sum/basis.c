#include "protocol/sum/basis.h"

#include "protocol/group/hash.h"

#include <stdlib.h>
#include <string.h>

#define DST "concord picture v1"

int sum_shape_check(const struct sum_shape *shape, struct err *err)
{
    if (shape->cells == 0 || shape->cells > SUM_CELLS_MAX)
        return err_set(err, ERR_INPUT, "a picture of %u cells is outside 1..%d", (unsigned)shape->cells, SUM_CELLS_MAX);
    if (shape->custodians == 0 || shape->custodians > SUM_CUSTODIANS_MAX || shape->threshold == 0 ||
        shape->threshold > shape->custodians)
        return err_set(err, ERR_INPUT, "%u of %u custodians is no sharing among at most %d", shape->threshold,
                       shape->custodians, SUM_CUSTODIANS_MAX);
    return 0;
}

static size_t chunks_of_figures(const struct sum_shape *shape)
{
    return (shape->cells + SUM_CHUNK - 1) / SUM_CHUNK;
}

size_t sum_chunks(const struct sum_shape *shape)
{
    return 2 * chunks_of_figures(shape);
}

size_t sum_numbers(const struct sum_shape *shape)
{
    return sum_chunks(shape) + 2 * (size_t)shape->cells;
}

size_t sum_commitments_size(const struct sum_shape *shape)
{
    return SUM_HEAD_SIZE + sum_chunks(shape) * shape->threshold * sizeof(struct element);
}

size_t sum_share_size(const struct sum_shape *shape)
{
    return SUM_HEAD_SIZE + sum_numbers(shape) * sizeof(struct scalar);
}

size_t sum_chunk_at(const struct sum_shape *shape, size_t chunk)
{
    const size_t half = chunks_of_figures(shape);
    return 2 * half + (chunk < half ? chunk * SUM_CHUNK : shape->cells + (chunk - half) * SUM_CHUNK);
}

size_t sum_chunk_cells(const struct sum_shape *shape, size_t chunk)
{
    const size_t half = chunks_of_figures(shape), before = chunk % half * SUM_CHUNK;
    return shape->cells - before < SUM_CHUNK ? shape->cells - before : SUM_CHUNK;
}

void sum_head(uint8_t out[SUM_HEAD_SIZE], uint8_t kind, const struct sum_shape *shape, uint8_t custodian)
{
    out[0] = SUM_VERSION;
    out[1] = kind;
    out[2] = shape->threshold;
    out[3] = shape->custodians;
    out[4] = custodian;
    bytes_put_u32be(out + 5, shape->cells);
}

int sum_basis_of(struct sum_basis **out, const struct point base[SUM_BASES], struct err *err)
{
    struct sum_basis *basis = malloc(sizeof *basis);
    *out = NULL;
    if (basis == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for the bases of commitments");
    memcpy(basis->base, base, sizeof basis->base);
    basis->table = group_bases_new(base, SUM_BASES, err);
    if (basis->table == NULL) {
        free(basis);
        return err_code(err);
    }
    *out = basis;
    return 0;
}

int sum_basis_new(struct sum_basis **out, struct err *err)
{
    uint8_t number[SUM_BASES][4];
    struct point base[SUM_BASES];
    struct hash_message m[SUM_BASES] = {{{{NULL, 0}}}};
    *out = NULL;
    for (uint32_t i = 0; i < SUM_BASES; i++) {
        bytes_put_u32be(number[i], i);
        m[i].part[0] = span_of(number[i], sizeof number[i]);
    }
    int rc = hash_to_group(base, m, SUM_BASES, span_of(DST, strlen(DST)), err);
    return rc == 0 ? sum_basis_of(out, base, err) : rc;
}

void sum_basis_free(struct sum_basis *basis)
{
    if (basis != NULL)
        group_bases_free(basis->table);
    free(basis);
}
