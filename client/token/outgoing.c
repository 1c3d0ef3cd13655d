#include "client/token/outgoing.h"

#include "client/agency/matcher.h"
#include "client/token/evaluator.h"
#include "client/token/parcel.h"
#include "protocol/base/workers.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARCELS_MAX 4 /* under way at once, each of some ten megabytes */

/*
 * The calling thread has the vault: it walks over what changed, filling parcels, stores those that are sealed into the
 * outbox and those that were answered out of it. Workers seal and send, several parcels at once. Each tag is in one
 * parcel alone, so that their order does not matter.
 */
struct outgoing {
    struct agency *agency;
    const struct agency_purpose *purpose;
    struct outgoing_counts *counts;
    struct progress *progress;
    uint64_t covered[2], emptied; /* shown by the walk: cover that is removed, that is put; what is emptied */
    uint64_t total, before;       /* changes: all, and of earlier walks */
    struct vault_sending *sending;
    struct purse *purse;        /* of the walk */
    struct vault_unsent unsent; /* that the walk shows */
    struct workers *workers;
    size_t threads;
    struct parcel *parcel[PARCELS_MAX + 2], *spare[PARCELS_MAX + 2], *put, *remove; /* the last two are being filled */
    size_t parcels, spares;
    uint64_t walked[PARCELS_MAX + 2]; /* of each parcel: how far the walk had come when it was full */
};

/* --- parcels under way --- */

static int begin_parcel(struct outgoing *o, struct parcel **out, enum wire_type type, struct err *err)
{
    int rc = 0;
    if (*out != NULL)
        return 0;
    if (o->spares == 0 && (rc = parcel_new(&o->parcel[o->parcels], o->agency, o->purpose, err)) == 0)
        o->spare[o->spares++] = o->parcel[o->parcels++];
    if (rc != 0)
        return rc;
    *out = o->spare[--o->spares];
    parcel_begin(*out, type);
    return 0;
}

static uint64_t *walked(struct outgoing *o, const struct parcel *parcel)
{
    size_t i = 0;
    while (o->parcel[i] != parcel)
        i++;
    return &o->walked[i];
}

/* Takes the oldest parcel back: stores it and lets it be sent, or is done with it. */
static int advance(struct outgoing *o, struct err *err)
{
    struct parcel *p = workers_take(o->workers, WAIT_FOREVER);
    int rc = 0;
    if (parcel_stage(p) == PARCEL_SEALING) {
        rc = parcel_store(p, o->sending, err);
        if (rc == 0) {
            workers_give(o->workers, p);
            return 0;
        }
    } else {
        rc = parcel_finish(p, &o->counts->put, &o->counts->removed, err);
        if (rc == 0 && parcel_stage(p) != PARCEL_DONE) {
            workers_give(o->workers, p);
            return 0;
        }
        o->counts->requests += rc == 0;
        progress_show(o->progress, o->before + *walked(o, p), o->total, o->counts->put + o->counts->removed, "tags");
    }
    o->spare[o->spares++] = p;
    return rc;
}

static int hand_over(struct outgoing *o, struct parcel **parcel, struct err *err)
{
    int rc = 0;
    if (*parcel == NULL || parcel_is_empty(*parcel))
        return 0;
    while (rc == 0 && workers_pending(o->workers) == o->threads)
        rc = advance(o, err);
    if (rc != 0)
        return rc;
    *walked(o, *parcel) = vault_sending_done(o->sending);
    parcel_pay(*parcel, o->purse);
    workers_give(o->workers, *parcel);
    *parcel = NULL;
    return 0;
}

/* After a failure, what was sent meanwhile and answered is noted; what was only sealed is forgotten. */
static void give_up(struct outgoing *o)
{
    struct err ignored;
    for (struct parcel *p; (p = workers_take(o->workers, WAIT_FOREVER)) != NULL;)
        if (parcel_stage(p) == PARCEL_SENDING &&
            parcel_finish(p, &o->counts->put, &o->counts->removed, &ignored) == 0 && parcel_stage(p) == PARCEL_DONE)
            o->counts->requests++;
}

/* --- the walk --- */

/* A parcel that is full goes on its way; another takes its place. */
static int add(struct outgoing *o, struct parcel **parcel, enum wire_type type, struct err *err)
{
    bool full = false;
    int rc = begin_parcel(o, parcel, type, err);
    if (rc == 0)
        rc = parcel_add(*parcel, &o->unsent, &full, err);
    if (rc != 0 || !full)
        return rc;
    rc = hand_over(o, parcel, err);
    if (rc == 0)
        rc = begin_parcel(o, parcel, type, err);
    if (rc == 0)
        rc = parcel_add(*parcel, &o->unsent, &full, err);
    return rc == 0 && full ? err_set(err, ERR_INTERNAL, "a request has no room for one entry") : rc;
}

static int walk(struct outgoing *o, struct err *err)
{
    bool end = false;
    int rc = 0;
    while (rc == 0 && (rc = vault_sending_next(o->sending, &o->unsent, &end, err)) == 0 && !end) {
        rc = o->unsent.put ? add(o, &o->put, WIRE_PUT, err) : add(o, &o->remove, WIRE_REMOVE, err);
        o->counts->crowded += o->unsent.crowded && !agency_is_earlier(o->purpose);
        o->covered[o->unsent.put] += o->unsent.cover;
        o->emptied += o->unsent.emptied;
    }
    if (rc == 0)
        rc = hand_over(o, &o->remove, err);
    if (rc == 0)
        rc = hand_over(o, &o->put, err);
    while (rc == 0 && workers_pending(o->workers) > 0)
        rc = advance(o, err);
    o->before += vault_sending_done(o->sending);
    if (rc == 0)
        rc = vault_sending_finish(o->sending, err);
    return rc;
}

/* --- what is sent beside it --- */

#define INVENTED_SIZE 64 /* bytes of an input that nobody has */
#define WHAT_MAX 512     /* of what progress is shown of */

/* Inputs of the batch of that number: nobody can name them, and after a crash they are the same. */
static void draw_inputs(uint8_t *out, size_t count, uint64_t batch, const uint8_t nonce[VAULT_NONCE_SIZE])
{
    uint8_t seed[randombytes_SEEDBYTES];
    crypto_kdf_derive_from_key(seed, sizeof seed, batch, "invented", nonce);
    randombytes_buf_deterministic(out, count * INVENTED_SIZE, seed);
    sodium_memzero(seed, sizeof seed);
}

/* Evaluated as others are: to custodians and matcher they are like any. */
static int invent(struct outgoing *o, uint8_t *tag, size_t count, const uint8_t nonce[VAULT_NONCE_SIZE],
                  struct err *err)
{
    char what[WHAT_MAX];
    struct progress progress;
    struct token token;
    struct evaluator *evaluator = NULL;
    struct evaluator_paid paid = {.receipts = buf_of(VAULT_EVALUATION_RECEIPTS_MAX)};
    uint8_t *input = calloc(OPRF_BATCH_MAX, INVENTED_SIZE), (*output)[OPRF_OUTPUT_SIZE];
    struct span *span = calloc(OPRF_BATCH_MAX, sizeof *span);
    output = calloc(OPRF_BATCH_MAX, sizeof *output);
    int rc = input == NULL || span == NULL || output == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for evaluating")
                 : evaluator_new(&evaluator, o->agency, o->purpose, 1, 0, err);
    snprintf(what, sizeof what, "%s (preparing)", o->progress->what);
    progress_start(&progress, what, o->progress->quiet);
    for (size_t done = 0, n; rc == 0 && done < count; done += n) {
        progress_show(&progress, done, count, done, "tags");
        n = count - done < OPRF_BATCH_MAX ? count - done : OPRF_BATCH_MAX;
        draw_inputs(input, n, done / OPRF_BATCH_MAX, nonce);
        for (size_t i = 0; i < n; i++)
            span[i] = span_of(input + i * INVENTED_SIZE, INVENTED_SIZE);
        rc = evaluator_run(evaluator, nonce, span, n, output, &paid, err);
        if (rc == 0)
            rc = vault_evaluation_add(o->agency->vault, o->purpose->domain, &paid.evaluation, err);
        for (size_t i = 0; rc == 0 && i < n; i++) {
            token_cut(&token, output[i]);
            memcpy(tag + (done + i) * WIRE_TAG_SIZE, token.tag, WIRE_TAG_SIZE);
        }
        sodium_memzero(output, n * sizeof *output);
    }
    progress_end(&progress);
    sodium_memzero(&token, sizeof token);
    if (evaluator != NULL)
        evaluator_tell(evaluator);
    evaluator_free(evaluator);
    if (input != NULL)
        sodium_memzero(input, (size_t)OPRF_BATCH_MAX * INVENTED_SIZE);
    buf_free(&paid.receipts);
    free(input);
    free(span);
    free(output);
    return rc;
}

static int plan(struct outgoing *o, const struct vault_sending_options *options, struct err *err)
{
    struct vault_plan *plan = NULL;
    uint8_t *tag = NULL;
    uint8_t nonce[VAULT_NONCE_SIZE];
    int rc = options->alone ? 0 : vault_plan_new(&plan, o->agency->vault, o->purpose->domain, options, err);
    if (rc != 0 || plan == NULL)
        return rc;
    const size_t count = (size_t)vault_plan_invented(plan);
    tag = calloc(count + 1, WIRE_TAG_SIZE);
    if (tag == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    if (rc == 0 && count > 0)
        rc = vault_plan_nonce(plan, nonce, err);
    if (rc == 0 && count > 0)
        rc = invent(o, tag, count, nonce, err);
    if (rc == 0)
        rc = vault_plan_store(plan, tag, err);
    o->counts->invented += rc == 0 ? count : 0;
    sodium_memzero(nonce, sizeof nonce);
    vault_plan_free(plan);
    free(tag);
    return rc;
}

/* Once, or twice after a crash: what an earlier walk was about, then what came since. */
static int walk_all(struct outgoing *o, struct err *err)
{
    struct vault_sending_options options;
    const struct schema *schema = &o->purpose->schema;
    uint64_t changes = o->total;
    const bool ending = agency_is_earlier(o->purpose); /* nothing is put any more: what changed goes */
    int rc = 0;
    for (size_t i = 0; i < SCHEMA_KEYS_MAX; i++)
        options.cap[i] = i < schema->keys && !ending ? schema->key[i].cap : 0;
    options.slots = schema->slots;
    memcpy(options.schema, schema->digest, sizeof options.schema);
    options.alone = schema->keys == 1 || ending;
    while (rc == 0 && changes > 0) {
        rc = plan(o, &options, err);
        progress_turn(o->progress);
        if (rc == 0)
            rc = vault_sending_open(&o->sending, o->agency->vault, o->purpose->domain, &options, err);
        if (rc == 0)
            rc = purse_load(&o->purse, o->agency->vault, o->purpose->domain, err);
        if (rc == 0 && (rc = walk(o, err)) != 0)
            give_up(o);
        vault_sending_close(o->sending);
        o->sending = NULL;
        purse_free(o->purse);
        o->purse = NULL;
        if (rc == 0)
            rc = vault_changes(o->agency->vault, o->purpose->domain, &changes, err);
    }
    sodium_memzero(&o->unsent, sizeof o->unsent);
    return rc;
}

/* --- all of it --- */

/* Requests that an earlier run left behind go first: they may be about the same tags. */
static int send_left(struct outgoing *o, struct err *err)
{
    bool found = true;
    int rc = begin_parcel(o, &o->put, WIRE_PUT, err);
    while (rc == 0 && (rc = parcel_send_left(o->put, &found, err)) == 0 && found) {
        rc = parcel_finish(o->put, &o->counts->put, &o->counts->removed, err);
        o->counts->requests += rc == 0 && parcel_stage(o->put) == PARCEL_DONE;
    }
    if (o->put != NULL)
        parcel_begin(o->put, WIRE_PUT);
    return rc;
}

static void work(void *context, void *task)
{
    (void)context;
    parcel_work(task);
}

/*
 * Whom names mean changes with the manifest: entries that are not for somebody are put anew, or go from an ending
 * epoch.
 */
static int follow_agencies(struct agency *a, const struct agency_purpose *p, struct err *err)
{
    uint8_t agencies[32];
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, NULL, 0, sizeof agencies);
    for (size_t i = 0; i < a->region->agency_count; i++) {
        const char *name = a->region->agencies[i].name;
        crypto_generichash_update(&hash, (const uint8_t *)name, strlen(name) + 1);
        crypto_generichash_update(&hash, a->region->digests[i], PARTY_DIGEST_SIZE);
    }
    crypto_generichash_final(&hash, agencies, sizeof agencies);
    return vault_except_follow(a->vault, p->domain, agencies, err);
}

static uint64_t less(uint64_t n, uint64_t by)
{
    return n > by ? n - by : 0; /* what a crash left behind is counted as it is */
}

/* From what the requests held to what the agency's records have to do with. */
static void tell(struct outgoing *o)
{
    o->counts->put = less(o->counts->put, o->covered[true] + o->emptied);
    o->counts->removed = less(o->counts->removed, o->covered[false]) + o->emptied;
    o->counts->emptied += o->emptied;
    o->counts->beside += o->covered[false] + o->covered[true];
}

static void add_counts(struct outgoing_counts *to, const struct outgoing_counts *from)
{
    to->put += from->put;
    to->removed += from->removed;
    to->requests += from->requests;
    to->emptied += from->emptied;
    to->beside += from->beside;
    to->invented += from->invented;
    to->crowded += from->crowded;
}

int outgoing_send(struct agency *agency, const struct agency_purpose *purpose, struct progress *progress,
                  struct outgoing_counts *counts, struct err *err)
{
    struct outgoing_counts sent = {0};
    struct outgoing o = {.agency = agency, .purpose = purpose, .counts = &sent, .progress = progress};
    o.threads = workers_count(agency->config->jobs);
    if (o.threads > PARCELS_MAX)
        o.threads = PARCELS_MAX;
    const struct workers_options options = {o.threads, work, NULL};
    int rc = send_left(&o, err);
    if (rc == 0)
        rc = follow_agencies(agency, purpose, err);
    if (rc == 0)
        rc = vault_changes(agency->vault, purpose->domain, &o.total, err);
    if (rc == 0 && o.total > 0) {
        rc = agency_meet_matcher(agency, err);
        if (rc == 0)
            rc = workers_new(&o.workers, &options, err);
    }
    if (rc == 0 && o.workers != NULL)
        rc = walk_all(&o, err);
    workers_free(o.workers);
    tell(&o);
    add_counts(counts, &sent);
    for (size_t i = 0; i < o.parcels; i++)
        parcel_free(o.parcel[i]);
    return rc;
}

int outgoing_send_all(struct agency *agency, bool quiet, struct outgoing_counts *counts, struct err *err)
{
    struct progress progress;
    int rc = 0;
    progress_start(&progress, "sending", quiet);
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++)
        rc = outgoing_send(agency, &agency->purpose[i], &progress, counts, err);
    for (size_t i = 0; rc == 0 && i < agency->endings; i++)
        rc = outgoing_send(agency, &agency->ending[i], &progress, counts, err);
    progress_end(&progress);
    return rc;
}
