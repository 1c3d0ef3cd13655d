/* The two sides of a token: what a custodian does for it, and what a client does, with two of three custodians. */
#include "tests/bench/baseline.h"
#include "tests/bench/bench.h"

#include "client/payload/payload.h"
#include "protocol/base/file.h"
#include "protocol/group/scalar.h"
#include "protocol/oprf/threshold.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define TOKENS 4096 /* a batch of the client */
#define BASELINE_TOKENS 256
#define INPUT_SIZE 64
#define CUSTODIANS 2
#define SCHEMA_PATH "client/schema/persons.json"

struct oprf_bench {
    struct schema schema;
    struct coalition coalition;
    struct element public_key, key[CUSTODIANS]; /* lambda * K_i */
    struct scalar scalar[CUSTODIANS];           /* lambda * k_i */
    struct oprf_client *client;
    uint8_t input[TOKENS][INPUT_SIZE];
    struct span span[TOKENS];
    struct element blinded[TOKENS], evaluated[CUSTODIANS][TOKENS];
    struct oprf_proof proof[CUSTODIANS];
    uint8_t output[TOKENS][OPRF_OUTPUT_SIZE];
    uint8_t slots[1024];
    struct buf payload;
    baseline_element baseline_blinded[BASELINE_TOKENS], baseline_evaluated[CUSTODIANS][BASELINE_TOKENS];
    uint8_t baseline_proof[CUSTODIANS][64], baseline_blind[BASELINE_TOKENS][32];
    uint8_t baseline_output[BASELINE_TOKENS][OPRF_OUTPUT_SIZE];
};

/* A key, shared two of three, and the coalition of the first and the third custodian. */
static int make_keys(struct oprf_bench *b, struct err *err)
{
    struct scalar coefficient[2], share;
    struct point point;
    int rc = 0;
    b->coalition = (struct coalition){{1, 3}, CUSTODIANS};
    scalar_random_batch(coefficient, 2);
    group_base_mul(&point, group_generator(), &coefficient[0], 1);
    group_encode(&b->public_key, &point, 1);
    for (size_t c = 0; rc == 0 && c < CUSTODIANS; c++) {
        threshold_polynomial_at(&share, coefficient, 2, b->coalition.index[c]);
        rc = threshold_share_scalar(&b->scalar[c], &b->coalition, b->coalition.index[c], &share, err);
        group_base_mul(&point, group_generator(), &b->scalar[c], 1);
        group_encode(&b->key[c], &point, 1);
    }
    if (rc == 0)
        rc = oprf_client_new(&b->client, &b->public_key, err);
    return rc;
}

static int load_schema(struct oprf_bench *b, struct err *err)
{
    struct buf file = buf_of(SCHEMA_FILE_MAX);
    int rc = file_read(&file, SCHEMA_PATH, err);
    if (rc == 0)
        rc = schema_parse(&b->schema, file.data, file.len, err);
    buf_free(&file);
    return rc != 0 ? err_wrap(err, "measuring is done from the top of the sources") : 0;
}

static int oprf_setup(void **context, struct err *err)
{
    struct oprf_bench *b = calloc(1, sizeof *b);
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for measuring");
    *context = b;
    b->payload = buf_of(WIRE_PAYLOAD_MAX);
    for (size_t i = 0; i < TOKENS; i++) {
        randombytes_buf(b->input[i], INPUT_SIZE);
        b->span[i] = span_of(b->input[i], INPUT_SIZE);
    }
    int rc = load_schema(b, err);
    if (rc == 0)
        rc = make_keys(b, err);
    return rc;
}

static void oprf_teardown(void *context)
{
    struct oprf_bench *b = context;
    oprf_client_free(b->client);
    buf_free(&b->payload);
    free(b);
}

/* --- custodian --- */

static int evaluate_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct oprf_bench *b = context;
    (void)watch;
    return oprf_evaluate(b->evaluated[0], &b->proof[0], &b->scalar[0], &b->key[0], b->blinded, TOKENS, err);
}

static int evaluate_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct oprf_bench *b = context;
    (void)watch;
    return baseline_evaluate(b->baseline_evaluated[0], b->baseline_proof[0], b->scalar[0].bytes, b->key[0].bytes,
                             b->baseline_blinded, BASELINE_TOKENS, err);
}

/* Each side's proof must convince the other. */
static int evaluate_setup(void **context, struct err *err)
{
    struct oprf_batch *batch = NULL;
    struct oprf_proof proof;
    int rc = oprf_setup(context, err);
    struct oprf_bench *b = *context;
    if (rc == 0)
        rc = oprf_client_blind(b->client, &batch, b->blinded, b->span, TOKENS, NULL, err);
    oprf_batch_free(batch);
    if (rc != 0)
        return rc;
    memcpy(b->baseline_blinded, b->blinded, sizeof b->baseline_blinded);
    rc = evaluate_ours(b, NULL, err);
    if (rc == 0)
        rc = evaluate_baseline(b, NULL, err);
    if (rc == 0 && memcmp(b->evaluated[0], b->baseline_evaluated[0], sizeof b->baseline_evaluated[0]) != 0)
        rc = bench_differs("custodian.evaluate", err);
    memcpy(&proof, b->baseline_proof[0], sizeof proof);
    if (rc == 0)
        rc = oprf_verify_vartime(&proof, &b->key[0], b->blinded, b->evaluated[0], BASELINE_TOKENS, err);
    if (rc == 0)
        rc = baseline_verify((const uint8_t *)&b->proof[0], b->key[0].bytes, (const baseline_element *)b->blinded,
                             (const baseline_element *)b->evaluated[0], TOKENS, err);
    return rc;
}

/* --- client --- */

static int ask_custodians(struct oprf_bench *b, struct element *const evaluated[CUSTODIANS],
                          const struct element *blinded, size_t n, struct err *err)
{
    int rc = 0;
    for (size_t c = 0; rc == 0 && c < CUSTODIANS; c++)
        rc = oprf_evaluate(evaluated[c], &b->proof[c], &b->scalar[c], &b->key[c], blinded, n, err);
    return rc;
}

static int seal(struct oprf_bench *b, const uint8_t output[OPRF_OUTPUT_SIZE], struct err *err)
{
    struct token token;
    token_cut(&token, output);
    const struct payload_context context = {"asia-pacific", "persons",     b->public_key.bytes, 1,
                                            token.tag,      token.seal_key};
    buf_clear(&b->payload);
    return payload_seal(&b->payload, &b->schema, &context, b->slots, 1, err);
}

static int token_ours(void *context, struct stopwatch *watch, struct err *err)
{
    struct oprf_bench *b = context;
    struct oprf_batch *batch = NULL;
    struct element *const evaluated[CUSTODIANS] = {b->evaluated[0], b->evaluated[1]};
    size_t cheat;
    int rc = oprf_client_blind(b->client, &batch, b->blinded, b->span, TOKENS, NULL, err);
    stopwatch_set(watch, WATCH_STOP);
    if (rc == 0)
        rc = ask_custodians(b, evaluated, b->blinded, TOKENS, err);
    stopwatch_set(watch, WATCH_GO);
    if (rc == 0)
        rc = oprf_client_finalise(b->client, batch, b->output, (const struct element *const *)evaluated, b->proof,
                                  b->key, CUSTODIANS, &cheat, err);
    for (size_t i = 0; rc == 0 && i < TOKENS; i++)
        rc = seal(b, b->output[i], err);
    oprf_batch_free(batch);
    return rc;
}

/* A random nonce and one call: what payload_seal() comes to for an entry of one record. */
static int seal_baseline(struct oprf_bench *b, const uint8_t output[OPRF_OUTPUT_SIZE])
{
    uint8_t sealed[24 + sizeof b->slots + 16], aad[64] = {0};
    struct token token;
    token_cut(&token, output);
    randombytes_buf(sealed, 24);
    return crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 24, NULL, b->slots, SLOT_SIZE, aad, sizeof aad, NULL,
                                                      sealed, token.seal_key);
}

static int token_baseline(void *context, struct stopwatch *watch, struct err *err)
{
    struct oprf_bench *b = context;
    struct element *const evaluated[CUSTODIANS] = {(struct element *)b->baseline_evaluated[0],
                                                   (struct element *)b->baseline_evaluated[1]};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < BASELINE_TOKENS; i++)
        rc = baseline_blind(b->baseline_blinded[i], b->baseline_blind[i], b->span[i], err);
    stopwatch_set(watch, WATCH_STOP);
    if (rc == 0)
        rc = ask_custodians(b, evaluated, (const struct element *)b->baseline_blinded, BASELINE_TOKENS, err);
    stopwatch_set(watch, WATCH_GO);
    for (size_t c = 0; rc == 0 && c < CUSTODIANS; c++)
        rc = baseline_verify((const uint8_t *)&b->proof[c], b->key[c].bytes, b->baseline_blinded,
                             b->baseline_evaluated[c], BASELINE_TOKENS, err);
    for (size_t i = 0; rc == 0 && i < BASELINE_TOKENS; i++) {
        baseline_element sum;
        if (crypto_core_ristretto255_add(sum, b->baseline_evaluated[0][i], b->baseline_evaluated[1][i]) != 0)
            return err_set(err, ERR_INTERNAL, "libsodium refuses an addition");
        rc = baseline_finalise(b->baseline_output[i], b->span[i], sum, b->baseline_blind[i], err);
        if (rc == 0)
            rc = seal_baseline(b, b->baseline_output[i]);
    }
    return rc;
}

static int token_setup(void **context, struct err *err)
{
    int rc = oprf_setup(context, err);
    struct oprf_bench *b = *context;
    if (rc == 0)
        rc = token_ours(b, NULL, err);
    if (rc == 0)
        rc = token_baseline(b, NULL, err);
    if (rc == 0 && memcmp(b->output, b->baseline_output, sizeof b->baseline_output) != 0)
        rc = bench_differs("client.token", err);
    return rc;
}

const struct bench_case bench_oprf[] = {
    {"custodian.evaluate",
     "a custodian's work for a token: evaluation and its part of the proof",
     BENCH_US,
     {TOKENS, evaluate_ours},
     {BASELINE_TOKENS, evaluate_baseline},
     evaluate_setup,
     oprf_teardown,
     NULL,
     false},
    {"client.token",
     "a client's work for a token, from hashing to the sealed entry, two proofs checked",
     BENCH_US,
     {TOKENS, token_ours},
     {BASELINE_TOKENS, token_baseline},
     token_setup,
     oprf_teardown,
     NULL,
     false},
    {.name = NULL},
};
