#include "client/token/enrolment.h"

#include "client/token/batch.h"
#include "client/token/workers.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW_INPUTS_MAX (SCHEMA_TOKENS_MAX * 8192u)
#define OPEN_TOKENS_MAX 65536
#define OPEN_MS_MAX 2000 /* officers' changes wait for so long at most */

/*
 * The calling thread reads rows, looks them up and fills a batch; workers evaluate full ones, several at once; the
 * calling thread stores those that are done, in the order of the rows. So the vault is one thread's, and feed,
 * processor and custodians are busy side by side.
 *
 * Tags are random, so that each token changes pages all over the vault: many batches go into one transaction, in which
 * a page is written once. A crash costs what the open transaction holds, which is simply done again.
 */
struct enrolment {
    struct agency *agency;
    const struct agency_purpose *purpose;
    struct evaluator *evaluator;
    struct normaliser *normaliser;
    int64_t run;
    struct enrolment_counts counts;
    struct buf row_bytes; /* secret: normalised values */
    uint8_t fingerprint_key[16];
    struct workers *workers; /* NULL until a batch is full */
    size_t threads;
    struct batch *batch[WORKERS_MAX + 1], *filling, *spare[WORKERS_MAX + 1];
    size_t batches, spares;
    bool open; /* a transaction with these: */
    uint64_t opened_ms;
    struct batch_counts unsettled;
};

const struct enrolment_counts *enrolment_counts(const struct enrolment *enrolment)
{
    return &enrolment->counts;
}

/* --- batches on their way --- */

static void work(void *context, void *task)
{
    struct enrolment *e = context;
    batch_work(task, e->evaluator, e->agency->vault, &e->purpose->schema);
}

static void tell_notices(struct enrolment *e)
{
    const char *notices = evaluator_notices(e->evaluator);
    if (notices[0] != '\0')
        fprintf(stderr, "%s\n", notices);
}

/* Commits what is stored. */
static int settle(struct enrolment *e, struct err *err)
{
    if (!e->open)
        return 0;
    int rc = vault_commit(e->agency->vault, err);
    vault_rollback(e->agency->vault);
    e->open = false;
    if (rc == 0) {
        e->counts.fresh += e->unsettled.fresh;
        e->counts.changed += e->unsettled.changed;
        e->counts.unchanged += e->unsettled.unchanged;
        e->counts.tokens += e->unsettled.tokens;
    }
    return rc;
}

static int store(struct enrolment *e, const struct batch *b, struct err *err)
{
    int rc = batch_failed(b, err);
    if (rc != 0)
        return rc;
    if (!e->open) {
        rc = vault_begin(e->agency->vault, err);
        if (rc != 0)
            return rc;
        e->open = true;
        e->opened_ms = clock_monotonic_ms();
        e->unsettled = (struct batch_counts){0};
    }
    rc = batch_store(b, e->agency->vault, e->purpose->domain, e->run, &e->unsettled, err);
    if (rc != 0) {
        vault_rollback(e->agency->vault);
        e->open = false;
        return rc;
    }
    bool enough = e->unsettled.tokens >= OPEN_TOKENS_MAX || clock_monotonic_ms() - e->opened_ms >= OPEN_MS_MAX;
    return enough ? settle(e, err) : 0;
}

/* The oldest batch, if it is done or may be waited for. A transaction is not left open for longer than OPEN_MS_MAX. */
static int take_oldest(struct enrolment *e, bool wait, struct batch **out, struct err *err)
{
    int rc = 0;
    *out = NULL;
    if (e->workers == NULL)
        return 0;
    if (wait && e->open) {
        uint64_t spent = clock_monotonic_ms() - e->opened_ms;
        *out = workers_take(e->workers, spent < OPEN_MS_MAX ? OPEN_MS_MAX - spent : 0);
        if (*out != NULL)
            return 0;
        rc = settle(e, err);
    }
    if (rc == 0)
        *out = workers_take(e->workers, wait ? WAIT_FOREVER : 0);
    return rc;
}

/* Stores the oldest batch. *any: there was one. */
static int store_oldest(struct enrolment *e, bool wait, bool *any, struct err *err)
{
    struct batch *b;
    int rc = take_oldest(e, wait, &b, err);
    *any = b != NULL;
    if (b == NULL)
        return rc;
    tell_notices(e);
    rc = store(e, b, err);
    batch_clear(b);
    e->spare[e->spares++] = b;
    return rc;
}

/* Waits for all batches. After an error the others are stored nevertheless: their evaluations are paid for. */
static int store_all(struct enrolment *e, struct err *err)
{
    struct err first = {.text = ""}, other;
    bool any = true;
    int rc = 0, failed;
    while (any) {
        failed = store_oldest(e, true, &any, rc == 0 ? &first : &other);
        rc = rc == 0 ? failed : rc;
        any = any || failed != 0;
    }
    failed = settle(e, rc == 0 ? &first : &other);
    rc = rc == 0 ? failed : rc;
    if (rc != 0)
        *err = first;
    return rc;
}

/* Hands the batch over to the workers, and takes from them what is done. */
static int hand_over(struct enrolment *e, struct err *err)
{
    const struct workers_options options = {e->threads, work, e};
    bool any = true;
    int rc = 0;
    if (e->filling == NULL || batch_is_empty(e->filling))
        return 0;
    if (e->workers == NULL)
        rc = workers_new(&e->workers, &options, err);
    while (rc == 0 && any)
        rc = store_oldest(e, workers_pending(e->workers) == e->threads, &any, err);
    if (rc != 0) {
        struct err other;
        store_all(e, &other);
        return rc;
    }
    workers_give(e->workers, e->filling);
    e->filling = NULL;
    return 0;
}

static int begin_batch(struct enrolment *e, struct err *err)
{
    if (e->filling != NULL)
        return 0;
    if (e->spares > 0) {
        e->filling = e->spare[--e->spares];
        return 0;
    }
    int rc = batch_new(&e->batch[e->batches], err);
    if (rc == 0)
        e->filling = e->batch[e->batches++];
    return rc;
}

/* The same id again while the first is on its way: the later row must find the earlier one in the vault. */
static int let_pass(struct enrolment *e, uint64_t fingerprint, struct err *err)
{
    bool found = false;
    for (size_t i = 0; i < e->batches && !found; i++)
        found = batch_has(e->batch[i], fingerprint);
    if (!found)
        return 0;
    int rc = hand_over(e, err);
    if (rc == 0)
        rc = store_all(e, err);
    return rc;
}

static int add_row(struct enrolment *e, const struct record *record, const struct match_inputs *inputs, struct err *err)
{
    struct batch_row row = {.id = record->field[FIELD_RECORD_ID]};
    uint64_t fingerprint = batch_fingerprint(e->fingerprint_key, row.id);
    int64_t number;
    bool same = false;
    vault_digest(e->agency->vault, buf_span(&e->row_bytes), row.digest);
    int rc = let_pass(e, fingerprint, err);
    if (rc == 0)
        rc = begin_batch(e, err);
    if (rc != 0)
        return rc;
    rc = vault_record_find(e->agency->vault, e->purpose->domain, row.id, row.digest, &number, &same, err);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return rc;
    row.known = rc == 0;
    row.unchanged = rc == 0 && same ? number : 0;
    e->counts.without_keys += inputs->count == 0 && row.unchanged == 0;
    if (row.unchanged == 0 && batch_is_idle(e->filling)) {
        rc = hand_over(e, err);
        if (rc == 0)
            rc = begin_batch(e, err);
        if (rc != 0)
            return rc;
    }
    rc = batch_add(e->filling, &row, fingerprint, inputs, err);
    return rc == 0 && batch_is_full(e->filling) ? hand_over(e, err) : rc;
}

int enrolment_add(struct enrolment *enrolment, const struct record *record, struct err *err)
{
    struct enrolment *e = enrolment;
    struct match_inputs inputs;
    int rc = match_keys(&e->purpose->schema, e->normaliser, record, &inputs, &e->row_bytes, err);
    if (rc == 0)
        rc = add_row(e, record, &inputs, err);
    sodium_memzero(e->row_bytes.data, e->row_bytes.len);
    return rc;
}

int enrolment_finish(struct enrolment *enrolment, bool snapshot, struct err *err)
{
    struct enrolment *e = enrolment;
    int64_t record;
    int rc = hand_over(e, err);
    if (rc == 0)
        rc = store_all(e, err);
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

/* --- making, and a single row --- */

void enrolment_free(struct enrolment *enrolment)
{
    if (enrolment == NULL)
        return;
    struct err ignored;
    workers_free(enrolment->workers);
    settle(enrolment, &ignored); /* what a failure of the feed left open */
    for (size_t i = 0; i < enrolment->batches; i++)
        batch_free(enrolment->batch[i]);
    normaliser_free(enrolment->normaliser);
    evaluator_free(enrolment->evaluator);
    buf_free(&enrolment->row_bytes);
    free(enrolment);
}

int enrolment_new(struct enrolment **out, struct agency *agency, const struct agency_purpose *purpose, int64_t run,
                  struct err *err)
{
    struct enrolment *e = calloc(1, sizeof *e);
    if (e == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for enrolment");
    e->agency = agency;
    e->purpose = purpose;
    e->run = run;
    e->threads = workers_count(agency->config->jobs);
    e->row_bytes = buf_of(ROW_INPUTS_MAX);
    randombytes_buf(e->fingerprint_key, sizeof e->fingerprint_key);
    int rc = normaliser_new(&e->normaliser, err);
    if (rc == 0)
        rc = evaluator_new(&e->evaluator, agency, purpose, err);
    if (rc != 0)
        enrolment_free(e);
    else
        *out = e;
    return rc;
}

int enrolment_tokens(struct enrolment *enrolment, const struct record *record, struct row_tokens *out, struct err *err)
{
    struct enrolment *e = enrolment;
    struct match_inputs inputs;
    uint8_t output[SCHEMA_TOKENS_MAX][OPRF_OUTPUT_SIZE];
    out->count = out->keys = 0;
    int rc = match_keys(&e->purpose->schema, e->normaliser, record, &inputs, &e->row_bytes, err);
    if (rc == 0 && inputs.count == 0)
        rc = err_set(err, ERR_INPUT, "none of the given fields makes a match key of %s", e->purpose->schema.name);
    if (rc == 0)
        rc = evaluator_run(e->evaluator, NULL, inputs.input, inputs.count, output, err);
    tell_notices(e);
    for (size_t i = 0; rc == 0 && i < inputs.count; i++) {
        token_cut(&out->token[i], output[i]);
        out->key[i] = inputs.key[i];
        out->keys |= 1u << inputs.key[i];
        out->count++;
    }
    sodium_memzero(output, sizeof output);
    sodium_memzero(e->row_bytes.data, e->row_bytes.len);
    return rc;
}
