#include "client/token/batch.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUTS_ROOM (BATCH_INPUTS + SCHEMA_TOKENS_MAX)
#define BYTES_MAX (16u << 20) /* of one batch's inputs */
#define IDS_ROOM (2 * BATCH_ROWS)

/* Its inputs are input[first .. first + count). */
struct row {
    char id[VAULT_ID_MAX + 1];
    uint8_t digest[32];
    char except[EXCEPT_TEXT_MAX + 1];
    size_t first, count, elements, elements_len; /* elements: where they lie in the bytes */
    uint8_t key[SCHEMA_TOKENS_MAX];
    bool known, unchanged;
};

struct batch {
    struct row row[BATCH_ROWS];
    size_t rows, inputs;
    uint64_t ids[IDS_ROOM]; /* fingerprints, hashed to their places; 0 is none */
    struct buf bytes;       /* secret: normalised values, elements */
    size_t offset[INPUTS_ROOM], length[INPUTS_ROOM];
    struct span input[INPUTS_ROOM];
    uint8_t output[INPUTS_ROOM][OPRF_OUTPUT_SIZE];                    /* secret */
    uint8_t digest[VAULT_BATCH_DIGEST_SIZE], nonce[VAULT_NONCE_SIZE]; /* nonce: secret */
    struct evaluator_paid paid;
    int rc;
    struct err err;
};

int batch_new(struct batch **out, struct err *err)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a batch of rows");
    (*out)->bytes = buf_of(BYTES_MAX);
    (*out)->paid.receipts = buf_of(VAULT_EVALUATION_RECEIPTS_MAX);
    return 0;
}

void batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    buf_free(&batch->bytes);
    buf_free(&batch->paid.receipts);
    sodium_memzero(batch, sizeof *batch);
    free(batch);
}

void batch_clear(struct batch *batch)
{
    if (batch->bytes.len > 0)
        sodium_memzero(batch->bytes.data, batch->bytes.len);
    buf_clear(&batch->bytes);
    sodium_memzero(batch->output, batch->inputs * sizeof batch->output[0]);
    memset(batch->ids, 0, sizeof batch->ids);
    batch->rows = batch->inputs = 0;
    batch->rc = 0;
}

bool batch_is_empty(const struct batch *batch)
{
    return batch->rows == 0;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->rows == BATCH_ROWS || batch->inputs >= BATCH_INPUTS;
}

bool batch_is_idle(const struct batch *batch)
{
    return batch->rows > 0 && batch->inputs == 0;
}

/* --- which rows are in it --- */

uint64_t batch_fingerprint(const uint8_t key[16], const char *id)
{
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, (const uint8_t *)id, strlen(id), key);
    return bytes_get_u64le(hash) | 1;
}

static size_t place_of(const struct batch *b, uint64_t fingerprint)
{
    size_t i = (size_t)(fingerprint >> 32) % IDS_ROOM;
    while (b->ids[i] != 0 && b->ids[i] != fingerprint)
        i = (i + 1) % IDS_ROOM;
    return i;
}

bool batch_has(const struct batch *batch, uint64_t fingerprint)
{
    return batch->ids[place_of(batch, fingerprint)] != 0;
}

int batch_add(struct batch *batch, const struct batch_row *row, uint64_t fingerprint, const struct match_inputs *inputs,
              struct err *err)
{
    struct row *to = &batch->row[batch->rows];
    int rc = 0;
    snprintf(to->id, sizeof to->id, "%s", row->id);
    memcpy(to->digest, row->digest, sizeof to->digest);
    memcpy(to->except, row->except, sizeof to->except);
    to->first = batch->inputs;
    to->count = row->unchanged ? 0 : inputs->count;
    to->known = row->known;
    to->unchanged = row->unchanged;
    size_t start = batch->bytes.len;
    for (size_t i = 0; rc == 0 && i < to->count; i++) {
        batch->offset[to->first + i] = batch->bytes.len;
        batch->length[to->first + i] = inputs->input[i].len;
        to->key[i] = inputs->key[i];
        rc = buf_put(&batch->bytes, inputs->input[i].data, inputs->input[i].len, err);
    }
    to->elements = batch->bytes.len;
    to->elements_len = row->unchanged ? 0 : row->elements.len;
    if (rc == 0 && to->elements_len > 0)
        rc = buf_put(&batch->bytes, row->elements.data, row->elements.len, err);
    if (rc != 0) {
        batch->bytes.len = start;
        return rc;
    }
    batch->inputs += to->count;
    batch->rows++;
    batch->ids[place_of(batch, fingerprint)] = fingerprint;
    return 0;
}

/* --- working --- */

/* Of ids and inputs of the rows that have something to evaluate: a crash composes the same batch of them. */
static int digest_rows(struct batch *b, const struct vault *vault, struct err *err)
{
    struct buf text = buf_of(BYTES_MAX + BATCH_ROWS * (VAULT_ID_MAX + 1));
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < b->rows; i++)
        if (b->row[i].count > 0)
            rc = buf_put(&text, b->row[i].id, strlen(b->row[i].id) + 1, err);
    if (rc == 0)
        rc = buf_put(&text, b->bytes.data, b->bytes.len, err);
    vault_digest(vault, buf_span(&text), b->digest);
    if (text.len > 0)
        sodium_memzero(text.data, text.len);
    buf_free(&text);
    return rc;
}

int batch_begin(struct batch *batch, struct vault *vault, struct err *err)
{
    if (batch->inputs == 0)
        return 0;
    int rc = digest_rows(batch, vault, err);
    if (rc == 0)
        rc = vault_batch_begin(vault, batch->digest, batch->nonce, err);
    return rc;
}

void batch_work(struct batch *batch, struct evaluator *evaluator)
{
    batch->rc = 0;
    if (batch->inputs == 0)
        return;
    for (size_t i = 0; i < batch->inputs; i++)
        batch->input[i] = span_of(batch->bytes.data + batch->offset[i], batch->length[i]);
    batch->rc =
        evaluator_run(evaluator, batch->nonce, batch->input, batch->inputs, batch->output, &batch->paid, &batch->err);
}

/* --- storing --- */

static int store_row(const struct batch *b, const struct row *row, struct vault *vault, int64_t domain, struct err *err)
{
    struct vault_token token[SCHEMA_TOKENS_MAX];
    struct vault_record record = {
        .id = row->id, .except = row->except, .elements = span_of(b->bytes.data + row->elements, row->elements_len)};
    struct vault_ref ref;
    memcpy(record.digest, row->digest, sizeof record.digest);
    for (size_t i = 0; i < row->count; i++) {
        token[i].key = row->key[i];
        token_cut(&token[i].token, b->output[row->first + i]);
    }
    int rc = vault_record_put(vault, domain, &record, token, row->count, &ref, err);
    sodium_memzero(token, row->count * sizeof token[0]);
    return rc;
}

int batch_failed(const struct batch *batch, struct err *err)
{
    if (batch->rc != 0)
        *err = batch->err;
    return batch->rc;
}

int batch_store(const struct batch *batch, struct vault *vault, int64_t domain, struct batch_counts *counts,
                struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < batch->rows; i++) {
        const struct row *row = &batch->row[i];
        if (!row->unchanged)
            rc = store_row(batch, row, vault, domain, err);
        counts->unchanged += row->unchanged;
        counts->changed += row->known && !row->unchanged;
        counts->fresh += !row->known;
    }
    counts->tokens += batch->inputs;
    if (rc == 0 && batch->inputs > 0)
        rc = vault_evaluation_add(vault, domain, &batch->paid.evaluation, err);
    return rc == 0 && batch->inputs > 0 ? vault_batch_end(vault, batch->digest, err) : rc;
}
