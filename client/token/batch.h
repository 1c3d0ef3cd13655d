/*
 * A batch of rows on its way through enrolment: filled and stored by the thread that has the vault, worked off by any
 * other in between.
 */
#ifndef CLIENT_TOKEN_BATCH_H
#define CLIENT_TOKEN_BATCH_H

#include "client/schema/keys.h"
#include "client/token/evaluator.h"

#define BATCH_INPUTS 4096 /* from so many on it is full */
#define BATCH_ROWS 1024

struct batch;

struct batch_counts {
    uint64_t fresh, changed, unchanged, tokens;
};

/* A row as it was found: whether it is enrolled, and whether there is nothing to do for it. */
struct batch_row {
    const char *id;
    uint8_t digest[32];               /* see vault_digest() */
    struct span elements;             /* what judging compares; personal data */
    char except[EXCEPT_TEXT_MAX + 1]; /* whom it is not for */
    bool known, unchanged;
};

int batch_new(struct batch **out, struct err *err);
void batch_free(struct batch *batch); /* wipes; NULL is fine */
void batch_clear(struct batch *batch);

bool batch_is_empty(const struct batch *batch);
bool batch_is_full(const struct batch *batch);
bool batch_is_idle(const struct batch *batch); /* it has rows, and nothing to evaluate */

/* Whether a row of this id is in it; a false alarm is possible. fingerprint: of the id, see batch_fingerprint(). */
bool batch_has(const struct batch *batch, uint64_t fingerprint);
uint64_t batch_fingerprint(const uint8_t key[16], const char *id);

/* Copies row and inputs; not when full. An unchanged row has no inputs. */
int batch_add(struct batch *batch, const struct batch_row *row, uint64_t fingerprint, const struct match_inputs *inputs,
              struct err *err);

/* Draws its nonce, or takes the one that a crash left (vault_batch_begin()): before batch_work(). */
int batch_begin(struct batch *batch, struct vault *vault, struct err *err);

/* Evaluates. What failed is said by batch_failed(). */
void batch_work(struct batch *batch, struct evaluator *evaluator);

/* The error of batch_work(), or 0. */
int batch_failed(const struct batch *batch, struct err *err);

/* Puts its records into the vault, which is to settle them; *counts grows by what was done. */
int batch_store(const struct batch *batch, struct vault *vault, int64_t domain, struct batch_counts *counts,
                struct err *err);

#endif
