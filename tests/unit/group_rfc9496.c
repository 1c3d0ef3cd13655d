/* The vectors of RFC 9496 appendix A, on every engine. */
#include "protocol/base/bytes.h"
#include "protocol/group/scalar.h"
#include "tests/unit/group_test.h"

#include <jansson.h>

#define VECTORS "tests/vectors/rfc9496-ristretto255.json"

static json_t *vectors;

static void hex_of(void *out, size_t len, const json_t *text)
{
    assert_true(json_is_string(text));
    assert_true(bytes_from_hex(out, len, json_string_value(text)));
}

static const json_t *list_of(const char *name, size_t count)
{
    const json_t *list = json_object_get(vectors, name);
    assert_int_equal(json_array_size(list), count);
    return list;
}

static void check_multiples(void)
{
    const json_t *list = list_of("multiples", 16);
    struct element expected[16], e[16];
    struct scalar k[16];
    struct point by_table[16], by_sum[16];
    struct err err;
    for (size_t i = 0; i < 16; i++) {
        hex_of(expected[i].bytes, 32, json_array_get(list, i));
        scalar_set(&k[i], i);
    }
    group_base_mul(by_table, group_generator(), k, 16);
    group_encode(e, by_table, 16);
    assert_memory_equal(e, expected, sizeof e);
    check_ok(group_decode(by_sum, expected, 16, NULL, &err), &err);
    for (size_t i = 2; i < 16; i++)
        group_add(&by_sum[i], &by_sum[i - 1], &by_sum[1], 1);
    group_encode(e, by_sum, 16);
    assert_memory_equal(e, expected, sizeof e);
    for (size_t i = 0; i < 16; i++)
        for (size_t j = 0; j < 16; j++)
            assert_int_equal(group_equal(&by_table[i], &by_sum[j]), i == j);
    assert_true(group_is_identity(&by_table[0]));
    assert_false(group_is_identity(&by_table[1]));
}

/* Each alone, and among valid ones in every place of a batch. */
static void check_invalid(void)
{
    const json_t *list = list_of("invalid", 29);
    const json_t *multiples = list_of("multiples", 16);
    struct element e[33], bad_one;
    struct point p[33];
    struct err err;
    for (size_t i = 0; i < 33; i++)
        hex_of(e[i].bytes, 32, json_array_get(multiples, i % 16));
    for (size_t i = 0; i < 29; i++) {
        hex_of(bad_one.bytes, 32, json_array_get(list, i));
        for (size_t place = 0; place < 33; place++) {
            const struct element kept = e[place];
            size_t bad = 99;
            e[place] = bad_one;
            assert_int_equal(group_decode(p, e, 33, &bad, &err), ERR_INPUT);
            assert_int_equal(bad, place);
            e[place] = kept;
        }
    }
    check_ok(group_decode(p, e, 33, NULL, &err), &err);
}

static void check_map(void)
{
    const json_t *list = list_of("map", 11);
    uint8_t input[11][64];
    struct element expected[11], e[11];
    struct point p[11];
    for (size_t i = 0; i < 11; i++) {
        hex_of(input[i], 64, json_object_get(json_array_get(list, i), "input"));
        hex_of(expected[i].bytes, 32, json_object_get(json_array_get(list, i), "output"));
    }
    group_from_uniform(p, (const uint8_t(*)[64])input, 11);
    group_encode(e, p, 11);
    assert_memory_equal(e, expected, sizeof e);
}

static void on_engines(void (*check)(void))
{
    for (size_t i = 0; i < GROUP_ENGINES; i++)
        if (use_engine(group_engines[i]))
            check();
}

static void multiples_of_the_generator(void **state)
{
    (void)state;
    on_engines(check_multiples);
}

static void invalid_encodings(void **state)
{
    (void)state;
    on_engines(check_invalid);
}

static void one_way_map(void **state)
{
    (void)state;
    on_engines(check_map);
}

int main(void)
{
    json_error_t where;
    vectors = json_load_file(VECTORS, 0, &where);
    if (vectors == NULL) {
        fprintf(stderr, "%s: %s\n", VECTORS, where.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiples_of_the_generator),
        cmocka_unit_test(invalid_encodings),
        cmocka_unit_test(one_way_map),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(vectors);
    return failed;
}
