/* The VOPRF vectors of RFC 9497 appendix A.1.2: our custodian and our client against the RFC's own arithmetic. */
#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"
#include "tests/unit/group_test.h"

#include <jansson.h>

#define VECTORS "tests/vectors/rfc9497-ristretto255.json"
#define BATCH_MAX 2
#define INPUT_MAX 64

/* One vector, with its comma-separated lists taken apart. */
struct vector {
    size_t n;
    struct scalar key, nonce, blind[BATCH_MAX];
    struct element public_key, blinded[BATCH_MAX], evaluated[BATCH_MAX];
    struct oprf_proof proof;
    uint8_t input_bytes[BATCH_MAX][INPUT_MAX], output[BATCH_MAX][OPRF_OUTPUT_SIZE];
    struct span input[BATCH_MAX];
};

static const char *text(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));
    if (s == NULL)
        fail_msg("%s: a vector has no %s", VECTORS, name);
    return s;
}

static void bytes_of(void *out, size_t len, const char *hex)
{
    assert_true(bytes_from_hex(out, len, hex));
}

/* The i-th of a comma-separated list. */
static char *item(char out[1024], const char *list, size_t i)
{
    for (; i > 0; i--)
        list = strchr(list, ',') + 1;
    snprintf(out, 1024, "%.*s", (int)strcspn(list, ","), list);
    return out;
}

static void vector_read(struct vector *v, const json_t *suite, const json_t *object)
{
    char hex[1024], proof[64 * 2 + 1];
    const json_t *p = json_object_get(object, "Proof");
    v->n = (size_t)json_integer_value(json_object_get(object, "Batch"));
    assert_in_range(v->n, 1, BATCH_MAX);
    bytes_of(&v->key, 32, text(suite, "skSm"));
    bytes_of(&v->public_key, 32, text(suite, "pkSm"));
    bytes_of(&v->nonce, 32, text(p, "r"));
    snprintf(proof, sizeof proof, "%s", text(p, "proof"));
    bytes_of(&v->proof.s, 32, proof + 64);
    proof[64] = 0;
    bytes_of(&v->proof.c, 32, proof);
    for (size_t i = 0; i < v->n; i++) {
        bytes_of(&v->blind[i], 32, item(hex, text(object, "Blind"), i));
        bytes_of(&v->blinded[i], 32, item(hex, text(object, "BlindedElement"), i));
        bytes_of(&v->evaluated[i], 32, item(hex, text(object, "EvaluationElement"), i));
        bytes_of(v->output[i], OPRF_OUTPUT_SIZE, item(hex, text(object, "Output"), i));
        size_t len = strlen(item(hex, text(object, "Input"), i)) / 2;
        assert_in_range(len, 1, INPUT_MAX);
        bytes_of(v->input_bytes[i], len, hex);
        v->input[i] = span_of(v->input_bytes[i], len);
    }
}

/* The RFC's multiplicative blinding, as another implementation of a client would do it. */
static void check_multiplicative_client(const struct vector *v)
{
    struct point p[BATCH_MAX];
    struct element e[BATCH_MAX];
    struct err err;
    check_ok(oprf_hash_to_group(p, v->input, v->n, &err), &err);
    for (size_t i = 0; i < v->n; i++)
        group_mul(&p[i], &v->blind[i], &p[i], 1);
    group_encode(e, p, v->n);
    assert_memory_equal(e, v->blinded, v->n * sizeof *e);

    check_ok(group_decode(p, v->evaluated, v->n, NULL, &err), &err);
    for (size_t i = 0; i < v->n; i++) {
        struct scalar inverse;
        scalar_invert(&inverse, &v->blind[i]);
        group_mul(&p[i], &inverse, &p[i], 1);
    }
    group_encode(e, p, v->n);
    uint8_t output[BATCH_MAX][OPRF_OUTPUT_SIZE];
    oprf_hash_output(output, v->input, e, v->n);
    assert_memory_equal(output, v->output, v->n * sizeof *output);
}

static void check_custodian(const struct vector *v)
{
    struct element evaluated[BATCH_MAX];
    struct oprf_proof proof;
    struct err err;
    check_ok(oprf_evaluate_with_nonce(evaluated, &proof, &v->key, &v->nonce, &v->public_key, v->blinded, v->n, &err),
             &err);
    assert_memory_equal(evaluated, v->evaluated, v->n * sizeof *evaluated);
    assert_memory_equal(&proof, &v->proof, sizeof proof);
    check_ok(oprf_verify_vartime(&v->proof, &v->public_key, v->blinded, v->evaluated, v->n, &err), &err);
}

static void check_additive_client(const struct vector *v)
{
    struct err err;
    struct oprf_client *client;
    struct oprf_batch *batch;
    struct element blinded[BATCH_MAX], evaluated[BATCH_MAX];
    const struct element *answers[1] = {evaluated};
    struct oprf_proof proof;
    uint8_t output[BATCH_MAX][OPRF_OUTPUT_SIZE];
    check_ok(oprf_client_new(&client, &v->public_key, &err), &err);
    check_ok(oprf_client_blind(client, &batch, blinded, v->input, v->n, NULL, &err), &err);
    check_ok(oprf_evaluate(evaluated, &proof, &v->key, &v->public_key, blinded, v->n, &err), &err);
    check_ok(oprf_client_finalise(client, batch, output, answers, &proof, &v->public_key, 1, NULL, &err), &err);
    assert_memory_equal(output, v->output, v->n * sizeof *output);
    oprf_batch_free(batch);
    oprf_client_free(client);
}

/* Runs a check on every VOPRF vector, on every engine this processor has. */
static void on_vectors(void (*check)(const struct vector *))
{
    json_error_t where;
    json_t *suites = json_load_file(VECTORS, 0, &where), *suite, *object;
    if (suites == NULL)
        fail_msg("%s: %s", VECTORS, where.text);
    size_t i, j, seen = 0;
    json_array_foreach(suites, i, suite)
    {
        if (json_integer_value(json_object_get(suite, "mode")) != 1)
            continue;
        json_array_foreach(json_object_get(suite, "vectors"), j, object)
        {
            struct vector v = {0};
            vector_read(&v, suite, object);
            check(&v);
            seen++;
        }
    }
    json_decref(suites);
    assert_int_equal(seen, 3);
}

static void vectors_custodian(void **state)
{
    (void)state;
    on_vectors(check_custodian);
}

static void vectors_multiplicative_client(void **state)
{
    (void)state;
    on_vectors(check_multiplicative_client);
}

static void vectors_additive_client(void **state)
{
    (void)state;
    on_vectors(check_additive_client);
}

int main(void)
{
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_custodian),
        cmocka_unit_test(vectors_multiplicative_client),
        cmocka_unit_test(vectors_additive_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
