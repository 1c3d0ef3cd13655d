/* The key shared among custodians gives what the whole key gives, for every coalition; and cheating shows. */
#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"
#include "protocol/oprf/threshold.h"
#include "tests/unit/group_test.h"

#define CUSTODIANS 5
#define INPUTS 11

/* A polynomial of degree t - 1, its commitments, and every custodian's share. */
struct sharing {
    size_t t;
    struct scalar coefficient[CUSTODIANS], share[CUSTODIANS + 1];
    struct element commitment[CUSTODIANS], public_share[CUSTODIANS + 1];
};

static void sharing_make(struct sharing *s, size_t t)
{
    struct err err;
    struct point p[CUSTODIANS];
    s->t = t;
    for (size_t j = 0; j < t; j++)
        scalar_random(&s->coefficient[j]);
    group_base_mul(p, group_generator(), s->coefficient, t);
    group_encode(s->commitment, p, t);
    for (uint8_t i = 1; i <= CUSTODIANS; i++) {
        threshold_polynomial_at(&s->share[i], s->coefficient, t, i);
        check_ok(threshold_public_share(&s->public_share[i], s->commitment, t, i, &err), &err);
    }
}

static const char *const text[INPUTS] = {"",
                                         "a",
                                         "bc",
                                         "NGUYEN VAN A 1980-01-01",
                                         "x",
                                         "y",
                                         "z",
                                         ("a value that is longer than one block of the hash function, by some way, so "
                                          "that lanes of different lengths run together in one call of the hash"),
                                         "P<UTO",
                                         "0",
                                         "00"};

static void inputs_make(struct span input[INPUTS])
{
    for (size_t i = 0; i < INPUTS; i++)
        input[i] = span_of(text[i], strlen(text[i]));
}

/* One custodian's answer as the protocol makes it. */
static void answer(struct element *evaluated, struct oprf_proof *proof, struct element *share_key,
                   const struct sharing *s, const struct coalition *coalition, uint8_t index,
                   const struct element *blinded)
{
    struct err err;
    struct scalar k;
    check_ok(threshold_share_scalar(&k, coalition, index, &s->share[index], &err), &err);
    check_ok(threshold_share_key(share_key, coalition, index, &s->public_share[index], &err), &err);
    check_ok(oprf_evaluate(evaluated, proof, &k, share_key, blinded, INPUTS, &err), &err);
}

/* The whole protocol; corrupt, if not NULL, spoils the answers before they are checked. */
static int run(uint8_t (*output)[OPRF_OUTPUT_SIZE], const struct sharing *s, const struct coalition *coalition,
               void (*corrupt)(struct element evaluated[][INPUTS], struct oprf_proof *proof), size_t *cheat)
{
    struct err err;
    struct oprf_client *client;
    struct oprf_batch *batch;
    struct span input[INPUTS];
    struct element blinded[INPUTS], evaluated[OPRF_COALITION_MAX][INPUTS], share_key[OPRF_COALITION_MAX];
    const struct element *answers[OPRF_COALITION_MAX];
    struct oprf_proof proof[OPRF_COALITION_MAX];
    inputs_make(input);
    check_ok(oprf_client_new(&client, &s->commitment[0], &err), &err);
    check_ok(oprf_client_blind(client, &batch, blinded, input, INPUTS, NULL, &err), &err);
    for (size_t c = 0; c < coalition->count; c++) {
        answer(evaluated[c], &proof[c], &share_key[c], s, coalition, coalition->index[c], blinded);
        answers[c] = evaluated[c];
    }
    if (corrupt != NULL)
        corrupt(evaluated, proof);
    int rc = oprf_client_finalise(client, batch, output, answers, proof, share_key, coalition->count, cheat, &err);
    oprf_batch_free(batch);
    oprf_client_free(client);
    return rc;
}

/* The same from the whole key, which nobody has in reality: Hash(x, k * H(x)). */
static void expected_make(uint8_t (*output)[OPRF_OUTPUT_SIZE], const struct scalar *k)
{
    struct err err;
    struct span input[INPUTS];
    struct point p[INPUTS];
    struct element e[INPUTS];
    inputs_make(input);
    check_ok(oprf_hash_to_group(p, input, INPUTS, &err), &err);
    group_mul(p, k, p, INPUTS);
    group_encode(e, p, INPUTS);
    oprf_hash_output(output, input, e, INPUTS);
}

static void every_coalition_gives_the_output_of_the_whole_key(void **state)
{
    (void)state;
    for (size_t t = 1; t <= CUSTODIANS; t++) {
        struct sharing s;
        uint8_t expected[INPUTS][OPRF_OUTPUT_SIZE], output[INPUTS][OPRF_OUTPUT_SIZE];
        sharing_make(&s, t);
        expected_make(expected, &s.coefficient[0]);
        for (unsigned members = 1; members < 1u << CUSTODIANS; members++) {
            if ((size_t)__builtin_popcount(members) != t)
                continue;
            struct coalition coalition = {.count = 0};
            for (uint8_t i = 1; i <= CUSTODIANS; i++)
                if (members & 1u << (i - 1))
                    coalition.index[coalition.count++] = i;
            assert_int_equal(run(output, &s, &coalition, NULL, NULL), 0);
            assert_memory_equal(output, expected, sizeof expected);
        }
    }
}

static void corrupt_one_element(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)proof;
    evaluated[1][7] = evaluated[1][6];
}

static void corrupt_not_an_element(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)proof;
    memset(evaluated[0][3].bytes, 0xff, 32);
}

static void corrupt_identity(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)proof;
    memset(evaluated[1][0].bytes, 0, 32);
}

static void corrupt_order_of_elements(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)proof;
    struct element first = evaluated[0][0];
    evaluated[0][0] = evaluated[0][1];
    evaluated[0][1] = first;
}

static void corrupt_proof_challenge(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)evaluated;
    proof[1].c.bytes[0] ^= 1;
}

static void corrupt_proof_not_reduced(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)evaluated;
    memset(proof[0].s.bytes, 0xff, 32);
}

static void swap_proofs(struct element evaluated[][INPUTS], struct oprf_proof *proof)
{
    (void)evaluated;
    struct oprf_proof first = proof[0];
    proof[0] = proof[1];
    proof[1] = first;
}

static void a_cheating_custodian_is_named(void **state)
{
    (void)state;
    static const struct {
        void (*corrupt)(struct element evaluated[][INPUTS], struct oprf_proof *proof);
        size_t cheat;
    } cases[] = {
        {corrupt_one_element, 1},
        {corrupt_not_an_element, 0},
        {corrupt_identity, 1},
        {corrupt_order_of_elements, 0},
        {corrupt_proof_challenge, 1},
        {corrupt_proof_not_reduced, 0},
        {swap_proofs, 0},
    };
    struct sharing s;
    struct coalition coalition = {{2, 5}, 2};
    uint8_t output[INPUTS][OPRF_OUTPUT_SIZE];
    sharing_make(&s, 2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t cheat = 99;
        memset(output, 0x5a, sizeof output);
        assert_int_equal(run(output, &s, &coalition, cases[i].corrupt, &cheat), ERR_VERIFY);
        assert_int_equal(cheat, cases[i].cheat);
        for (size_t b = 0; b < sizeof output; b++)
            assert_int_equal(((uint8_t *)output)[b], 0x5a);
    }
}

static void keys_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    struct sharing s, other;
    struct err err;
    struct oprf_client *client;
    struct oprf_batch *batch;
    struct span input[INPUTS];
    struct element blinded[INPUTS], evaluated[INPUTS], share_key;
    struct oprf_proof proof;
    uint8_t output[INPUTS][OPRF_OUTPUT_SIZE];
    const struct coalition coalition = {{1}, 1};
    const struct element *answers[1] = {evaluated};
    sharing_make(&s, 1);
    sharing_make(&other, 1);
    inputs_make(input);
    check_ok(oprf_client_new(&client, &s.commitment[0], &err), &err);
    check_ok(oprf_client_blind(client, &batch, blinded, input, INPUTS, NULL, &err), &err);
    answer(evaluated, &proof, &share_key, &other, &coalition, 1, blinded);
    assert_int_equal(oprf_client_finalise(client, batch, output, answers, &proof, &share_key, 1, NULL, &err),
                     ERR_INPUT);
    oprf_batch_free(batch);
    oprf_client_free(client);
}

static void a_seed_stands_for_its_blinds(void **state)
{
    (void)state;
    struct sharing s;
    struct err err;
    struct oprf_client *client;
    struct span input[INPUTS];
    const uint8_t seed[2][OPRF_SEED_SIZE] = {{1}, {2}};
    uint8_t expected[INPUTS][OPRF_OUTPUT_SIZE], output[INPUTS][OPRF_OUTPUT_SIZE];
    const struct coalition coalition = {{1}, 1};
    struct element blinded[4][INPUTS], evaluated[INPUTS], share_key;
    const struct element *answers[1] = {evaluated};
    struct oprf_proof proof;
    sharing_make(&s, 1);
    inputs_make(input);
    expected_make(expected, &s.coefficient[0]);
    check_ok(oprf_client_new(&client, &s.commitment[0], &err), &err);
    const uint8_t *const with[4] = {seed[0], seed[0], seed[1], NULL};
    for (size_t round = 0; round < 4; round++) {
        struct oprf_batch *batch;
        check_ok(oprf_client_blind(client, &batch, blinded[round], input, INPUTS, with[round], &err), &err);
        answer(evaluated, &proof, &share_key, &s, &coalition, 1, blinded[round]);
        check_ok(oprf_client_finalise(client, batch, output, answers, &proof, &share_key, 1, NULL, &err), &err);
        assert_memory_equal(output, expected, sizeof expected);
        oprf_batch_free(batch);
    }
    assert_memory_equal(blinded[0], blinded[1], sizeof blinded[0]);
    for (size_t i = 0; i < INPUTS; i++) {
        assert_memory_not_equal(&blinded[0][i], &blinded[2][i], sizeof blinded[0][i]);
        assert_memory_not_equal(&blinded[0][i], &blinded[3][i], sizeof blinded[0][i]);
    }
    oprf_client_free(client);
}

static void fresh_blinds_give_the_same_output(void **state)
{
    (void)state;
    struct sharing s;
    struct err err;
    struct oprf_client *client;
    struct span input[INPUTS];
    uint8_t expected[INPUTS][OPRF_OUTPUT_SIZE], output[INPUTS][OPRF_OUTPUT_SIZE];
    const struct coalition coalition = {{1}, 1};
    struct element earlier[INPUTS] = {{{0}}};
    sharing_make(&s, 1);
    inputs_make(input);
    expected_make(expected, &s.coefficient[0]);
    check_ok(oprf_client_new(&client, &s.commitment[0], &err), &err);
    for (int round = 0; round < 6; round++) {
        struct oprf_batch *batch;
        struct element blinded[INPUTS], evaluated[INPUTS], share_key;
        struct oprf_proof proof;
        const struct element *answers[1] = {evaluated};
        if (round == 2)
            assert_true(oprf_client_prepare(client, 3)); /* of some of the inputs */
        while (round > 2 && oprf_client_prepare(client, 7))
            ;
        check_ok(oprf_client_blind(client, &batch, blinded, input, INPUTS, NULL, &err), &err);
        for (size_t i = 0; i < INPUTS; i++)
            assert_memory_not_equal(&blinded[i], &earlier[i], sizeof blinded[i]);
        memcpy(earlier, blinded, sizeof earlier);
        answer(evaluated, &proof, &share_key, &s, &coalition, 1, blinded);
        check_ok(oprf_client_finalise(client, batch, output, answers, &proof, &share_key, 1, NULL, &err), &err);
        assert_memory_equal(output, expected, sizeof expected);
        oprf_batch_free(batch);
    }
    oprf_client_free(client);
}

static void malformed_coalitions_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct scalar lambda;
    static const struct coalition bad[] = {
        {{0, 1}, 2}, {{2, 2}, 2}, {{3, 2}, 2}, {{1}, 0}, {{1, 2, 3}, 3}, {{1, 2}, OPRF_COALITION_MAX + 1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(coalition_check(&bad[i], 2, &err), ERR_INPUT);
    const struct coalition good = {{1, 255}, 2};
    check_ok(coalition_check(&good, 2, &err), &err);
    check_ok(threshold_lagrange(&lambda, &good, 255, &err), &err);
    assert_int_equal(threshold_lagrange(&lambda, &good, 2, &err), ERR_INPUT);
    assert_int_equal(threshold_lagrange(&lambda, &bad[1], 2, &err), ERR_INPUT);
}

static void malformed_elements_and_sizes_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct scalar k;
    struct point p;
    struct element key, blinded[3], evaluated[3];
    struct oprf_proof proof;
    scalar_random(&k);
    group_base_mul(&p, group_generator(), &k, 1);
    group_encode(&key, &p, 1);
    for (int i = 0; i < 3; i++)
        blinded[i] = key;
    check_ok(oprf_evaluate(evaluated, &proof, &k, &key, blinded, 3, &err), &err);
    check_ok(oprf_verify_vartime(&proof, &key, blinded, evaluated, 3, &err), &err);
    assert_int_equal(oprf_verify_vartime(&proof, &key, blinded, evaluated, 2, &err), ERR_VERIFY);
    assert_int_equal(oprf_verify_vartime(&proof, &key, blinded, evaluated, 0, &err), ERR_VERIFY);

    memset(&blinded[1], 0, sizeof blinded[1]);
    assert_int_equal(oprf_evaluate(evaluated, &proof, &k, &key, blinded, 3, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "1"));
    assert_int_equal(oprf_verify_vartime(&proof, &key, blinded, evaluated, 3, &err), ERR_VERIFY);
    memset(&blinded[1], 0xff, sizeof blinded[1]);
    assert_int_equal(oprf_evaluate(evaluated, &proof, &k, &key, blinded, 3, &err), ERR_INPUT);
    assert_int_equal(oprf_evaluate(evaluated, &proof, &k, &key, blinded, 0, &err), ERR_INPUT);
    assert_int_equal(oprf_evaluate(evaluated, &proof, &k, &key, blinded, OPRF_BATCH_MAX + 1, &err), ERR_INPUT);
    struct element none = {{0}};
    struct oprf_client *client;
    assert_int_equal(oprf_client_new(&client, &none, &err), ERR_INPUT);
    assert_null(client);
}

int main(void)
{
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_coalition_gives_the_output_of_the_whole_key),
        cmocka_unit_test(a_cheating_custodian_is_named),
        cmocka_unit_test(keys_that_do_not_add_up_are_refused),
        cmocka_unit_test(a_seed_stands_for_its_blinds),
        cmocka_unit_test(fresh_blinds_give_the_same_output),
        cmocka_unit_test(malformed_coalitions_are_refused),
        cmocka_unit_test(malformed_elements_and_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
