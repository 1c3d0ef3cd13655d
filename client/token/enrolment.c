#include "client/token/enrolment.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_INPUTS 4096
#define BATCH_ROWS 1024
#define INPUTS_MAX (16u << 20) /* bytes of one batch's inputs */
#define ROW_INPUTS_MAX (SCHEMA_TOKENS_MAX * 8192u)

/* A row in the batch: its inputs are input[first .. first + count). */
struct row {
    char id[VAULT_ID_MAX + 1];
    uint8_t digest[32];
    size_t first, count;
    uint8_t key[SCHEMA_TOKENS_MAX];
    bool known;
    int64_t unchanged; /* its number, if there is nothing to do but note that it was seen */
};

struct enrolment {
    struct agency *agency;
    const struct agency_purpose *purpose;
    struct evaluator *evaluator;
    struct normaliser *normaliser;
    int64_t run;
    struct enrolment_counts counts;
    struct row row[BATCH_ROWS];
    size_t rows, inputs;
    struct buf bytes, row_bytes; /* secret: normalised values */
    size_t offset[BATCH_INPUTS + SCHEMA_TOKENS_MAX], length[BATCH_INPUTS + SCHEMA_TOKENS_MAX];
    struct span input[BATCH_INPUTS + SCHEMA_TOKENS_MAX];
    uint8_t output[BATCH_INPUTS + SCHEMA_TOKENS_MAX][OPRF_OUTPUT_SIZE]; /* secret */
};

int enrolment_new(struct enrolment **out, struct agency *agency, const struct agency_purpose *purpose, int64_t run,
                  struct err *err)
{
    struct enrolment *e = calloc(1, sizeof *e);
    if (e == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for enrolment");
    e->agency = agency;
    e->purpose = purpose;
    e->run = run;
    e->bytes = buf_of(INPUTS_MAX);
    e->row_bytes = buf_of(ROW_INPUTS_MAX);
    int rc = normaliser_new(&e->normaliser, err);
    if (rc == 0)
        rc = evaluator_new(&e->evaluator, agency, purpose->region, err);
    if (rc != 0)
        enrolment_free(e);
    else
        *out = e;
    return rc;
}

void enrolment_free(struct enrolment *enrolment)
{
    if (enrolment == NULL)
        return;
    normaliser_free(enrolment->normaliser);
    evaluator_free(enrolment->evaluator);
    buf_free(&enrolment->bytes);
    buf_free(&enrolment->row_bytes);
    sodium_memzero(enrolment, sizeof *enrolment);
    free(enrolment);
}

const struct enrolment_counts *enrolment_counts(const struct enrolment *enrolment)
{
    return &enrolment->counts;
}

/* --- the batch --- */

static int store_row(struct enrolment *e, const struct row *row, struct err *err)
{
    const struct schema *schema = &e->purpose->schema;
    int64_t record;
    if (row->unchanged != 0)
        return vault_record_seen(e->agency->vault, row->unchanged, e->run, err);
    struct record_secret *secret = malloc(sizeof *secret);
    if (secret == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a record");
    record_secret_derive(secret, schema, vault_record_key(e->agency->vault), row->id);
    int rc = vault_record_put(e->agency->vault, e->purpose->domain, row->id, row->digest, secret->handle, e->run, &record,
                              err);
    for (size_t i = 0; rc == 0 && i < row->count; i++) {
        const uint8_t *output = e->output[row->first + i];
        rc = vault_token_put(e->agency->vault, e->purpose->domain, record, row->key[i], output,
                             output + OPRF_OUTPUT_SIZE - SEAL_KEY_SIZE, err);
    }
    sodium_memzero(secret, sizeof *secret);
    free(secret);
    return rc;
}

static void tell_notices(struct enrolment *e)
{
    const char *notices = evaluator_notices(e->evaluator);
    if (notices[0] != '\0')
        fprintf(stderr, "%s\n", notices);
}

/* Evaluates the batch and stores it in one transaction: a crash loses at most this batch, which is simply done again. */
static int work_off(struct enrolment *e, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < e->inputs; i++)
        e->input[i] = span_of(e->bytes.data + e->offset[i], e->length[i]);
    if (e->inputs > 0) {
        rc = evaluator_run(e->evaluator, e->input, e->inputs, e->output, err);
        tell_notices(e);
    }
    if (rc == 0 && e->rows > 0)
        rc = vault_begin(e->agency->vault, err);
    for (size_t i = 0; rc == 0 && i < e->rows; i++)
        rc = store_row(e, &e->row[i], err);
    if (rc == 0 && e->rows > 0)
        rc = vault_commit(e->agency->vault, err);
    if (rc != 0) {
        vault_rollback(e->agency->vault);
        return rc;
    }
    for (size_t i = 0; i < e->rows; i++) {
        e->counts.unchanged += e->row[i].unchanged != 0;
        e->counts.changed += e->row[i].known && e->row[i].unchanged == 0;
        e->counts.fresh += !e->row[i].known;
    }
    e->counts.tokens += e->inputs;
    e->rows = e->inputs = 0;
    sodium_memzero(e->bytes.data, e->bytes.len);
    buf_clear(&e->bytes);
    return 0;
}

/* Appends the row that these inputs describe. */
static int append(struct enrolment *e, const struct record *record, const struct match_inputs *inputs,
                  const uint8_t digest[32], bool known, int64_t unchanged, struct err *err)
{
    struct row *row = &e->row[e->rows];
    int rc = 0;
    snprintf(row->id, sizeof row->id, "%s", record->field[FIELD_RECORD_ID]);
    memcpy(row->digest, digest, sizeof row->digest);
    row->first = e->inputs;
    row->count = 0;
    row->known = known;
    row->unchanged = unchanged;
    for (size_t i = 0; rc == 0 && unchanged == 0 && i < inputs->count; i++) {
        e->offset[e->inputs] = e->bytes.len;
        e->length[e->inputs] = inputs->input[i].len;
        rc = buf_put(&e->bytes, inputs->input[i].data, inputs->input[i].len, err);
        row->key[row->count++] = inputs->key[i];
        e->inputs++;
    }
    if (row->count == 0 && unchanged == 0)
        e->counts.without_keys++;
    e->rows++;
    return rc;
}

/* The same id twice in one batch: the later row must find the earlier one in the vault. */
static bool in_batch(const struct enrolment *e, const char *id)
{
    for (size_t i = 0; i < e->rows; i++)
        if (strcmp(e->row[i].id, id) == 0)
            return true;
    return false;
}

int enrolment_add(struct enrolment *enrolment, const struct record *record, struct err *err)
{
    struct enrolment *e = enrolment;
    struct match_inputs inputs;
    uint8_t digest[32];
    int64_t number;
    bool same = false;
    int rc = match_keys(&e->purpose->schema, e->normaliser, record, &inputs, &e->row_bytes, err);
    if (rc != 0)
        return rc;
    vault_digest(e->agency->vault, buf_span(&e->row_bytes), digest);
    if (e->inputs >= BATCH_INPUTS || e->rows == BATCH_ROWS || in_batch(e, record->field[FIELD_RECORD_ID]))
        rc = work_off(e, err);
    if (rc == 0)
        rc = vault_record_find(e->agency->vault, e->purpose->domain, record->field[FIELD_RECORD_ID], digest, &number, &same,
                               err);
    if (rc == 0 || rc == ERR_NOT_FOUND)
        rc = append(e, record, &inputs, digest, rc == 0, rc == 0 && same ? number : 0, err);
    sodium_memzero(e->row_bytes.data, e->row_bytes.len);
    return rc;
}

int enrolment_finish(struct enrolment *enrolment, bool snapshot, struct err *err)
{
    struct enrolment *e = enrolment;
    int64_t record;
    int rc = work_off(e, err);
    if (rc != 0 || !snapshot)
        return rc;
    rc = vault_begin(e->agency->vault, err);
    while (rc == 0 && (rc = vault_unseen(e->agency->vault, e->purpose->domain, e->run, &record, err)) == 0) {
        rc = vault_record_remove(e->agency->vault, record, err);
        e->counts.removed++;
    }
    if (rc == ERR_NOT_FOUND)
        rc = vault_commit(e->agency->vault, err);
    vault_rollback(e->agency->vault);
    return rc;
}

int enrolment_tokens(struct enrolment *enrolment, const struct record *record, struct row_tokens *out, struct err *err)
{
    struct enrolment *e = enrolment;
    struct match_inputs inputs;
    out->count = out->keys = 0;
    int rc = match_keys(&e->purpose->schema, e->normaliser, record, &inputs, &e->row_bytes, err);
    if (rc == 0 && inputs.count == 0)
        rc = err_set(err, ERR_INPUT, "none of the given fields makes a match key of %s", e->purpose->schema.name);
    if (rc == 0)
        rc = evaluator_run(e->evaluator, inputs.input, inputs.count, e->output, err);
    tell_notices(e);
    for (size_t i = 0; rc == 0 && i < inputs.count; i++) {
        memcpy(out->tag[i], e->output[i], WIRE_TAG_SIZE);
        memcpy(out->seal_key[i], e->output[i] + OPRF_OUTPUT_SIZE - SEAL_KEY_SIZE, SEAL_KEY_SIZE);
        out->key[i] = inputs.key[i];
        out->keys |= 1u << inputs.key[i];
        out->count++;
    }
    sodium_memzero(e->row_bytes.data, e->row_bytes.len);
    return rc;
}
