/*
 * Sums that nobody can take apart: agencies share the numbers of a picture among custodians, t of n, and what comes out
 * are totals. Fewer than t custodians learn nothing of one agency's numbers, whatever they compute; t of them together
 * could open them, and the documents say so.
 *
 * A picture has cells. A contribution has for each of them a figure and a mark: 1 where the agency has something to
 * report, else 0. Both are shared cell by cell with a polynomial of degree t - 1 (Shamir 1979), and all cells of a
 * chunk are committed to at once: C_j = r_j H + the sum of a_jk G_k over the cells k of the chunk, for the coefficients
 * j of the polynomials (Pedersen, "Non-interactive and information-theoretic secure verifiable secret sharing", 1991,
 * with vectors for values). H and G_k are hashed to the group, so that nobody knows a relation between them. The
 * commitments hide perfectly and bind by the discrete logarithm. A custodian checks its share with one multi-scalar
 * multiplication, weighing the chunks by random numbers of 128 bits; so does everybody with the sums that it publishes,
 * against the sum of the commitments. That sums of shares are shares of sums is also what Prio and VDAF rest on; unlike
 * there, any t of n suffice, and who bends a sum is named.
 *
 * What it leaves to callers: which contributions are summed, that a custodian publishes one sum and never another, who
 * signs what, and noise (noise.h). What bounds a contribution is only that totals from 2^31 on cannot be read. Layouts
 * are in docs/pictures.md.
 *
 * Constant time in figures, marks, coefficients and shares. Commitments, complaints and published sums are public.
 * Failing functions leave outputs empty, so that releasing them is harmless.
 */
#ifndef PROTOCOL_SUM_SUM_H
#define PROTOCOL_SUM_SUM_H

#include "protocol/base/buf.h"
#include "protocol/group/group.h"

#define SUM_CHUNK 1024 /* cells under one commitment */
#define SUM_CELLS_MAX 65536
#define SUM_CUSTODIANS_MAX 16
#define SUM_SEED_SIZE 32
#define SUM_HEAD_SIZE 9 /* of commitments and shares */
#define SUM_COMMITMENTS_MAX (SUM_HEAD_SIZE + 2 * (SUM_CELLS_MAX / SUM_CHUNK) * SUM_CUSTODIANS_MAX * 32)
#define SUM_SHARE_MAX (SUM_HEAD_SIZE + 2 * (SUM_CELLS_MAX / SUM_CHUNK) * 32 + 2 * SUM_CELLS_MAX * 32)

/* What everybody knows of a picture beforehand. */
struct sum_shape {
    uint32_t cells;     /* 1 .. SUM_CELLS_MAX */
    uint8_t threshold;  /* 1 .. custodians */
    uint8_t custodians; /* numbered from 1, at most SUM_CUSTODIANS_MAX */
};

/* ERR_INPUT. All functions below take shapes that have passed. */
int sum_shape_check(const struct sum_shape *shape, struct err *err);

/* How many chunks there are: those of the figures, then as many of the marks. */
size_t sum_chunks(const struct sum_shape *shape);

/* Exactly so many bytes. */
size_t sum_commitments_size(const struct sum_shape *shape);
size_t sum_share_size(const struct sum_shape *shape);

/* H and the G_k with their tables, 4 MB. Made once by whoever deals or verifies; shared between threads freely. */
struct sum_basis;
int sum_basis_new(struct sum_basis **out, struct err *err);
void sum_basis_free(struct sum_basis *basis);

/* --- dealing --- */

/* All polynomials of a contribution: secret. Owned; sum_dealing_free() wipes. */
struct sum_dealing;

/*
 * figure and mark have shape->cells numbers each. seed: secret, from it come all coefficients but the first ones, so
 * that a crash does not make another dealing of the same numbers; never used for other numbers. ERR_NO_MEMORY.
 */
int sum_deal(struct sum_dealing **out, const struct sum_shape *shape, const int32_t *figure, const int32_t *mark,
             const uint8_t seed[SUM_SEED_SIZE], struct err *err);
void sum_dealing_free(struct sum_dealing *dealing);

/* Appends the commitments: what all see. */
int sum_dealing_commit(struct buf *out, const struct sum_dealing *dealing, const struct sum_basis *basis,
                       struct err *err);

/* Appends the share of a custodian, which is for it alone: sum_seal(). */
int sum_dealing_share(struct buf *out, const struct sum_dealing *dealing, uint8_t custodian, struct err *err);

/* --- commitments and shares, taken apart --- */

struct sum_commitments {
    struct sum_shape shape;
    struct point *point; /* [chunk][coefficient]; owned */
};

/* ERR_INPUT for anything but sum_commitments_size() bytes of this shape with valid elements. */
int sum_commitments_decode(struct sum_commitments *out, const struct sum_shape *shape, struct span in, struct err *err);
void sum_commitments_free(struct sum_commitments *commitments);

/* sum += more, both of one shape. */
void sum_commitments_add(struct sum_commitments *sum, const struct sum_commitments *more);

struct sum_share {
    struct sum_shape shape;
    uint8_t custodian;
    struct scalar *scalar; /* [chunk] for the r, [cell] of figures, [cell] of marks; owned, wiped when freed */
};

/* ERR_INPUT for anything but sum_share_size() bytes of this shape, for this custodian, with numbers below the order. */
int sum_share_decode(struct sum_share *out, const struct sum_shape *shape, uint8_t custodian, struct span in,
                     struct err *err);
int sum_share_encode(struct buf *out, const struct sum_share *share, struct err *err);
void sum_share_free(struct sum_share *share);

/* sum += more, both of one shape and custodian. */
void sum_share_add(struct sum_share *sum, const struct sum_share *more);

/*
 * That a share is the one which the commitments commit to; and, with the sum of some contributions' commitments, that a
 * published sum is the sum of their shares. ERR_VERIFY: it is not. A wrong one passes with a chance of 2^-127.
 */
int sum_share_verify(const struct sum_share *share, const struct sum_commitments *commitments,
                     const struct sum_basis *basis, struct err *err);

/*
 * The totals from the sums of exactly shape.threshold custodians, ascending, each verified. figure and mark have room
 * for shape.cells. ERR_INPUT: names the first cell whose total is not within 31 bits: some contribution is absurd.
 * Variable time: all is public.
 */
int sum_totals_vartime(int32_t *figure, int32_t *mark, const struct sum_share *const *sum, struct err *err);

#endif
