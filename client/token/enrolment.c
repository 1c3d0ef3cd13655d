#include "client/token/enrolment.h"

#include "client/token/batch.h"
#include "protocol/base/clock.h"
#include "protocol/base/workers.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD_END 0xff /* no byte of UTF-8 */
#define ROW_INPUTS_MAX (SCHEMA_TOKENS_MAX * 8192u)
#define SETTLE_TOKENS 262144 /* tokens, and */
#define SETTLE_MS 10000      /* milliseconds, after which what is stored is settled: what a crash costs at most */

/*
 * The calling thread reads rows, looks them up and fills a batch; workers evaluate full ones, several at once; the
 * calling thread stores those that are done, in the order of the rows. So the vault is one thread's, and feed,
 * processor and custodians are busy side by side.
 *
 * What is stored is in the vault's memory until it settles, many batches at once, each time as sorted files. A crash
 * costs what was not settled, which is simply done again, by the very same requests.
 */
struct enrolment {
    struct agency *agency;
    const struct agency_purpose *purpose;
    struct evaluator *evaluator;
    struct normaliser *normaliser, *own;
    const struct agency_purpose *earlier; /* the epoch before; NULL: there is none */
    struct enrolment_counts counts;
    struct buf row_bytes;                  /* secret: normalised values */
    uint8_t elements[ELEMENTS_PACKED_MAX]; /* of the row, secret */
    size_t elements_len;
    uint8_t fingerprint_key[16];
    struct workers *workers; /* NULL until a batch is full */
    size_t threads;
    struct batch *batch[WORKERS_MAX + 1], *filling, *spare[WORKERS_MAX + 1];
    size_t batches, spares;
    bool others; /* records are not for others than before, and that is not settled */
    bool open;   /* these are stored and not settled: */
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
    batch_work(task, e->evaluator);
}

/* Settles what is stored. */
static int settle(struct enrolment *e, struct err *err)
{
    if (!e->open)
        return 0;
    int rc = vault_settle(e->agency->vault, err);
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
        e->open = true;
        e->opened_ms = clock_monotonic_ms();
        e->unsettled = (struct batch_counts){0};
    }
    rc = batch_store(b, e->agency->vault, e->purpose->domain, &e->unsettled, err);
    bool enough = e->unsettled.tokens >= SETTLE_TOKENS || clock_monotonic_ms() - e->opened_ms >= SETTLE_MS;
    return rc == 0 && enough ? settle(e, err) : rc;
}

/* Stores the oldest batch. *any: there was one. */
static int store_oldest(struct enrolment *e, bool wait, bool *any, struct err *err)
{
    struct batch *b = e->workers != NULL ? workers_take(e->workers, wait ? WAIT_FOREVER : 0) : NULL;
    *any = b != NULL;
    if (b == NULL)
        return 0;
    evaluator_tell(e->evaluator);
    int rc = store(e, b, err);
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
    if (rc == 0)
        rc = batch_begin(e->filling, e->agency->vault, err);
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

/* --- what a row comes to --- */

/* As it stands there: a row that the feed says again need not be read. */
int enrolment_digest(struct vault *vault, const struct record *record, struct buf *scratch, uint8_t out[32],
                     struct err *err)
{
    int rc = 0;
    buf_clear(scratch);
    for (int f = FIELD_FAMILY_NAME; rc == 0 && f <= FIELD_MRZ; f++) {
        const char *value;
        for (size_t i = 0; rc == 0 && (value = record_value(record, (enum field)f, i)) != NULL; i++)
            rc = buf_put(scratch, value, strlen(value) + 1, err);
        if (rc == 0)
            rc = buf_put(scratch, &(uint8_t){FIELD_END}, 1, err);
    }
    if (rc == 0)
        vault_digest(vault, buf_span(scratch), out);
    if (scratch->data != NULL)
        sodium_memzero(scratch->data, scratch->len);
    return rc;
}

static int read_row(struct enrolment *e, const struct record *record, struct match_inputs *inputs,
                    uint8_t elements[ELEMENTS_PACKED_MAX], size_t *len, struct err *err)
{
    struct person person;
    int rc = person_from_record(e->normaliser, record, &person, err);
    if (rc == 0)
        rc = match_keys_of_person(&e->purpose->schema, &person, inputs, &e->row_bytes, err);
    *len = rc == 0 ? elements_pack_person(elements, &person) : 0;
    person_wipe(&person);
    return rc;
}

/* Nothing is put into an ending epoch: what was edited, or is not for others than before, goes from it. */
static int follow_earlier(struct enrolment *e, const struct batch_row *row, struct err *err)
{
    struct vault *v = e->agency->vault;
    struct vault_ref ref;
    bool same = false, other = false;
    if (e->earlier == NULL || agency_is_over(e->earlier))
        return 0;
    int rc = vault_record_find(v, e->earlier->domain, row->id, row->digest, &ref, &same, err);
    if (rc == 0 && !same) {
        rc = vault_record_remove(v, e->earlier->domain, &ref, err);
        other = true;
    } else if (rc == 0) {
        rc = vault_record_except(v, e->earlier->domain, &ref, row->except, &other, err);
    }
    e->others = e->others || other;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* What the vault has of the row's record. */
static int find_row(struct enrolment *e, struct batch_row *row, struct vault_ref *ref, struct err *err)
{
    bool other = false, same = false;
    int rc = vault_record_find(e->agency->vault, e->purpose->domain, row->id, row->digest, ref, &same, err);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        return rc;
    row->known = rc == 0;
    row->unchanged = rc == 0 && same;
    rc = row->unchanged ? vault_record_except(e->agency->vault, e->purpose->domain, ref, row->except, &other, err) : 0;
    e->counts.excepted += other;
    e->others = e->others || other;
    return rc;
}

static int add_row(struct enrolment *e, const struct record *record, struct err *err)
{
    struct batch_row row = {.id = record->field[FIELD_RECORD_ID]};
    uint64_t fingerprint = batch_fingerprint(e->fingerprint_key, row.id);
    struct match_inputs inputs = {.count = 0};
    struct vault_ref ref;
    except_of(row.except, record, agency_not_for(e->agency, e->purpose));
    int rc = enrolment_digest(e->agency->vault, record, &e->row_bytes, row.digest, err);
    if (rc == 0)
        rc = let_pass(e, fingerprint, err);
    if (rc == 0)
        rc = begin_batch(e, err);
    if (rc == 0)
        rc = find_row(e, &row, &ref, err);
    if (rc == 0)
        rc = follow_earlier(e, &row, err);
    if (rc == 0 && !row.unchanged)
        rc = read_row(e, record, &inputs, e->elements, &e->elements_len, err);
    row.elements = span_of(e->elements, e->elements_len);
    e->counts.without_keys += rc == 0 && inputs.count == 0 && !row.unchanged;
    if (rc == 0 && !row.unchanged && batch_is_idle(e->filling)) {
        rc = hand_over(e, err);
        if (rc == 0)
            rc = begin_batch(e, err);
    }
    if (rc != 0)
        return rc;
    rc = batch_add(e->filling, &row, fingerprint, &inputs, err);
    return rc == 0 && batch_is_full(e->filling) ? hand_over(e, err) : rc;
}

int enrolment_add(struct enrolment *enrolment, const struct record *record, struct err *err)
{
    struct enrolment *e = enrolment;
    e->elements_len = 0;
    int rc = add_row(e, record, err);
    if (e->row_bytes.data != NULL)
        sodium_memzero(e->row_bytes.data, e->row_bytes.len);
    sodium_memzero(e->elements, e->elements_len);
    return rc;
}

int enrolment_finish(struct enrolment *enrolment, struct err *err)
{
    struct enrolment *e = enrolment;
    int rc = hand_over(e, err);
    if (rc == 0)
        rc = store_all(e, err);
    return rc == 0 && e->others ? vault_settle(e->agency->vault, err) : rc;
}

/*
 * What is withdrawn is withdrawn from every epoch; before an agency has moved to the current one it is only in that
 * before.
 */
int enrolment_remove_rest(struct enrolment *enrolment, struct vault_seen *seen, struct err *err)
{
    struct enrolment *e = enrolment;
    uint64_t earlier = 0;
    int rc = vault_seen_remove_rest(seen, e->purpose->domain, &e->counts.removed, err);
    if (rc == 0 && e->earlier != NULL)
        rc = vault_seen_remove_rest(seen, e->earlier->domain, &earlier, err);
    if (earlier > e->counts.removed)
        e->counts.removed = earlier;
    return rc;
}

/* --- making --- */

void enrolment_free(struct enrolment *enrolment)
{
    if (enrolment == NULL)
        return;
    struct err ignored;
    workers_free(enrolment->workers);
    settle(enrolment, &ignored); /* what a failure of the feed left open */
    for (size_t i = 0; i < enrolment->batches; i++)
        batch_free(enrolment->batch[i]);
    normaliser_free(enrolment->own);
    evaluator_free(enrolment->evaluator);
    buf_free(&enrolment->row_bytes);
    free(enrolment);
}

int enrolment_new(struct enrolment **out, struct agency *agency, const struct agency_purpose *purpose,
                  struct normaliser *normaliser, struct err *err)
{
    struct enrolment *e = calloc(1, sizeof *e);
    if (e == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for enrolment");
    e->agency = agency;
    e->purpose = purpose;
    e->earlier = agency_earlier_of(agency, purpose);
    e->threads = workers_count(agency->config->jobs);
    e->row_bytes = buf_of(ROW_INPUTS_MAX);
    randombytes_buf(e->fingerprint_key, sizeof e->fingerprint_key);
    e->normaliser = normaliser;
    int rc = normaliser == NULL ? normaliser_new(&e->own, err) : 0;
    if (rc == 0 && normaliser == NULL)
        e->normaliser = e->own;
    if (rc == 0)
        rc = evaluator_new(&e->evaluator, agency, purpose, 1, 0, err);
    if (rc != 0)
        enrolment_free(e);
    else
        *out = e;
    return rc;
}
