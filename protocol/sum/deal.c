#include "protocol/group/scalar.h"
#include "protocol/sum/basis.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* A block is a chunk's coefficients number j: unused ones, r_j, then a_jk. Its cells begin where a seed's step does. */
#define BLOCK (SCALAR_SEED_STEP + SUM_CHUNK)
#define BLINDING (SCALAR_SEED_STEP - 1)

struct sum_dealing {
    struct sum_shape shape;
    size_t scalars;
    struct scalar coefficient[]; /* [chunk][j][BLOCK] */
};

/* The coefficients number j of a chunk: its r_j, and its cells' behind it. */
static const struct scalar *row_of(const struct sum_dealing *d, size_t chunk, size_t j)
{
    return d->coefficient + (chunk * d->shape.threshold + j) * BLOCK + BLINDING;
}

static const struct scalar offset = {{[3] = 0x80}}; /* 2^31 */

/* A number from -2^31 on. */
static void scalar_of(struct scalar *out, int32_t number)
{
    scalar_set(out, (uint32_t)number ^ UINT32_C(0x80000000));
    scalar_sub(out, out, &offset);
}

int sum_deal(struct sum_dealing **out, const struct sum_shape *shape, const int32_t *figure, const int32_t *mark,
             const uint8_t seed[SUM_SEED_SIZE], struct err *err)
{
    const size_t chunks = sum_chunks(shape), scalars = chunks * shape->threshold * BLOCK;
    struct sum_dealing *d = malloc(sizeof *d + scalars * sizeof *d->coefficient);
    *out = d;
    if (d == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to share %u cells", (unsigned)shape->cells);
    d->shape = *shape;
    d->scalars = scalars;
    scalar_from_seed(d->coefficient, 0, scalars, seed);
    for (size_t c = 0; c < chunks; c++) {
        const int32_t *number = (c < chunks / 2 ? figure : mark) + c % (chunks / 2) * SUM_CHUNK;
        struct scalar *constant = d->coefficient + c * shape->threshold * BLOCK + BLINDING + 1;
        for (size_t k = 0; k < sum_chunk_cells(shape, c); k++)
            scalar_of(&constant[k], number[k]);
    }
    return 0;
}

void sum_dealing_free(struct sum_dealing *dealing)
{
    if (dealing != NULL)
        sodium_memzero(dealing, sizeof *dealing + dealing->scalars * sizeof *dealing->coefficient);
    free(dealing);
}

/*
 * C_0, whose numbers are small: the sum of (a_0k + 2^31) G_k less that of 2^31 G_k takes a sixth of the time that
 * numbers of 255 bits take. less: the latter for `of` cells, made anew where there are others.
 */
static void commit_constants(struct point *out, const struct sum_dealing *d, size_t chunk,
                             const struct sum_basis *basis, struct point *less, size_t *of)
{
    const struct scalar *row = row_of(d, chunk, 0);
    const size_t n = sum_chunk_cells(&d->shape, chunk);
    struct scalar shifted[SUM_BASES] = {{{0}}};
    struct point blinding;
    if (n != *of) {
        for (size_t k = 1; k <= n; k++)
            shifted[k] = offset;
        group_bases_mul(less, basis->table, shifted, 32, 1 + n);
        *of = n;
    }
    for (size_t k = 1; k <= n; k++)
        scalar_add(&shifted[k], &row[k], &offset);
    group_bases_mul(out, basis->table, shifted, 32, 1 + n);
    group_bases_mul(&blinding, basis->table, row, 255, 1);
    group_add(out, out, &blinding, 1);
    group_sub(out, out, less, 1);
    sodium_memzero(shifted, sizeof shifted);
    sodium_memzero(&blinding, sizeof blinding);
}

int sum_dealing_commit(struct buf *out, const struct sum_dealing *dealing, const struct sum_basis *basis,
                       struct err *err)
{
    const struct sum_dealing *d = dealing;
    const size_t size = sum_commitments_size(&d->shape), t = d->shape.threshold;
    size_t of = 0;
    struct point less;
    uint8_t *to = buf_reserve(out, size, err);
    if (to == NULL)
        return err_code(err);
    sum_head(to, SUM_KIND_COMMITMENTS, &d->shape, 0);
    for (size_t c = 0; c < sum_chunks(&d->shape); c++) {
        struct point p[SUM_CUSTODIANS_MAX];
        struct element e[SUM_CUSTODIANS_MAX];
        commit_constants(&p[0], d, c, basis, &less, &of);
        for (size_t j = 1; j < t; j++)
            group_bases_mul(&p[j], basis->table, row_of(d, c, j), 255, 1 + sum_chunk_cells(&d->shape, c));
        group_encode(e, p, t);
        memcpy(to + SUM_HEAD_SIZE + c * t * sizeof *e, e, t * sizeof *e);
    }
    out->len += size;
    return 0;
}

/* n of a chunk's polynomials, from number `first` of its rows on, at a custodian's number by Horner's rule. */
static void evaluate(struct scalar *out, const struct sum_dealing *d, size_t chunk, size_t first, size_t n,
                     const struct scalar *at)
{
    size_t j = d->shape.threshold - 1u;
    memcpy(out, row_of(d, chunk, j) + first, n * sizeof *out);
    while (j-- > 0) {
        const struct scalar *coefficient = row_of(d, chunk, j) + first;
        for (size_t k = 0; k < n; k++) {
            scalar_mul(&out[k], &out[k], at);
            scalar_add(&out[k], &out[k], &coefficient[k]);
        }
    }
}

int sum_dealing_share(struct buf *out, const struct sum_dealing *dealing, uint8_t custodian, struct err *err)
{
    const struct sum_dealing *d = dealing;
    const size_t size = sum_share_size(&d->shape);
    if (custodian == 0 || custodian > d->shape.custodians)
        return err_set(err, ERR_INPUT, "there is no custodian %u of %u", custodian, d->shape.custodians);
    uint8_t *to = buf_reserve(out, size, err);
    if (to == NULL)
        return err_code(err);
    struct scalar at, *number = (struct scalar *)(to + SUM_HEAD_SIZE);
    scalar_set(&at, custodian);
    sum_head(to, SUM_KIND_SHARE, &d->shape, custodian);
    for (size_t c = 0; c < sum_chunks(&d->shape); c++) {
        evaluate(&number[c], d, c, 0, 1, &at);
        evaluate(number + sum_chunk_at(&d->shape, c), d, c, 1, sum_chunk_cells(&d->shape, c), &at);
    }
    out->len += size;
    return 0;
}
