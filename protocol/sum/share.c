#include "protocol/group/scalar.h"
#include "protocol/sum/basis.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_SIZE 16

/* That the first bytes of what has the right length are what they should be. */
static int check_head(struct span in, size_t size, uint8_t kind, const struct sum_shape *shape, uint8_t custodian,
                      const char *what, struct err *err)
{
    uint8_t head[SUM_HEAD_SIZE];
    if (in.len != size)
        return err_set(err, ERR_INPUT, "%s of %zu bytes, where a picture of %u cells has %zu", what, in.len,
                       (unsigned)shape->cells, size);
    sum_head(head, kind, shape, custodian);
    if (memcmp(in.data, head, sizeof head) != 0)
        return err_set(err, ERR_INPUT, "%s of another picture, version or custodian", what);
    return 0;
}

int sum_commitments_decode(struct sum_commitments *out, const struct sum_shape *shape, struct span in, struct err *err)
{
    const size_t n = sum_chunks(shape) * shape->threshold;
    *out = (struct sum_commitments){.shape = *shape};
    int rc = check_head(in, sum_commitments_size(shape), SUM_KIND_COMMITMENTS, shape, 0, "commitments", err);
    if (rc != 0)
        return rc;
    out->point = malloc(n * sizeof *out->point);
    if (out->point == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for %zu commitments", n);
    rc = group_decode(out->point, (const struct element *)(in.data + SUM_HEAD_SIZE), n, NULL, err);
    if (rc != 0)
        sum_commitments_free(out);
    return rc;
}

void sum_commitments_free(struct sum_commitments *commitments)
{
    free(commitments->point);
    commitments->point = NULL;
}

void sum_commitments_add(struct sum_commitments *sum, const struct sum_commitments *more)
{
    group_add(sum->point, sum->point, more->point, sum_chunks(&sum->shape) * sum->shape.threshold);
}

int sum_share_decode(struct sum_share *out, const struct sum_shape *shape, uint8_t custodian, struct span in,
                     struct err *err)
{
    const size_t n = sum_numbers(shape);
    *out = (struct sum_share){.shape = *shape, .custodian = custodian};
    int rc = check_head(in, sum_share_size(shape), SUM_KIND_SHARE, shape, custodian, "a share", err);
    if (rc != 0)
        return rc;
    out->scalar = malloc(n * sizeof *out->scalar);
    if (out->scalar == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for a share of %zu numbers", n);
    memcpy(out->scalar, in.data + SUM_HEAD_SIZE, n * sizeof *out->scalar);
    for (size_t i = 0; rc == 0 && i < n; i++)
        if (!scalar_is_canonical(&out->scalar[i]))
            rc = err_set(err, ERR_INPUT, "number %zu of a share is not below the group order", i);
    if (rc != 0)
        sum_share_free(out);
    return rc;
}

int sum_share_encode(struct buf *out, const struct sum_share *share, struct err *err)
{
    uint8_t *to = buf_reserve(out, sum_share_size(&share->shape), err);
    if (to == NULL)
        return err_code(err);
    sum_head(to, SUM_KIND_SHARE, &share->shape, share->custodian);
    memcpy(to + SUM_HEAD_SIZE, share->scalar, sum_numbers(&share->shape) * sizeof *share->scalar);
    out->len += sum_share_size(&share->shape);
    return 0;
}

void sum_share_free(struct sum_share *share)
{
    if (share->scalar != NULL)
        sodium_memzero(share->scalar, sum_numbers(&share->shape) * sizeof *share->scalar);
    free(share->scalar);
    share->scalar = NULL;
}

void sum_share_add(struct sum_share *sum, const struct sum_share *more)
{
    for (size_t i = 0; i < sum_numbers(&sum->shape); i++)
        scalar_add(&sum->scalar[i], &sum->scalar[i], &more->scalar[i]);
}

/* all[k] += weight * the chunk's number k, the blinding being number 0. */
static void weigh_chunk(struct scalar all[SUM_BASES], const struct sum_share *share, size_t chunk,
                        const struct scalar *weight)
{
    const struct scalar *cell = share->scalar + sum_chunk_at(&share->shape, chunk);
    struct scalar product;
    scalar_mul(&product, weight, &share->scalar[chunk]);
    scalar_add(&all[0], &all[0], &product);
    for (size_t k = 0; k < sum_chunk_cells(&share->shape, chunk); k++) {
        scalar_mul(&product, weight, &cell[k]);
        scalar_add(&all[1 + k], &all[1 + k], &product);
    }
    sodium_memzero(&product, sizeof product);
}

/* factor[j] = weight * i^j for custodian i: what the commitments of a chunk are weighed by. */
static void weigh_commitments(struct scalar *factor, const struct scalar *weight, const struct sum_share *share)
{
    struct scalar at;
    scalar_set(&at, share->custodian);
    factor[0] = *weight;
    for (size_t j = 1; j < share->shape.threshold; j++)
        scalar_mul(&factor[j], &factor[j - 1], &at);
}

/*
 * For each chunk, r H + the sum of s_k G_k = the sum of i^j C_j; all at once, each weighed by a random number that
 * whoever made the share did not know.
 */
int sum_share_verify(const struct sum_share *share, const struct sum_commitments *commitments,
                     const struct sum_basis *basis, struct err *err)
{
    const size_t chunks = sum_chunks(&share->shape), t = share->shape.threshold;
    struct scalar all[SUM_BASES] = {{{0}}}, *factor = malloc(chunks * t * sizeof *factor);
    struct point left, right;
    if (factor == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory to check a share of %u cells", (unsigned)share->shape.cells);
    for (size_t c = 0; c < chunks; c++) {
        struct scalar weight = {{0}};
        randombytes_buf(weight.bytes, WEIGHT_SIZE);
        weigh_chunk(all, share, c, &weight);
        weigh_commitments(factor + c * t, &weight, share);
    }
    group_bases_mul(&left, basis->table, all, 255, 1 + sum_chunk_cells(&share->shape, 0));
    int rc = group_msm_vartime(&right, factor, commitments->point, chunks * t, err);
    if (rc == 0 && !group_equal(&left, &right))
        rc = err_set(err, ERR_VERIFY, "the numbers of custodian %u are not what the commitments commit to",
                     share->custodian);
    sodium_memzero(all, sizeof all);
    free(factor);
    return rc;
}
