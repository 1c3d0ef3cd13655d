/*
 * How tag and seal key come of an output: the vector of docs/protocol.md, computed by another implementation of
 * BLAKE2b.
 */
#include "protocol/oprf/token.h"
#include "tests/unit/group_test.h"

static void tag_and_seal_key_are_those_of_the_document(void **state)
{
    (void)state;
    uint8_t output[OPRF_OUTPUT_SIZE], seal_key[SEAL_KEY_SIZE], tag[TAG_SIZE];
    struct token token;
    for (size_t i = 0; i < sizeof output; i++)
        output[i] = (uint8_t)i;
    assert_true(
        bytes_from_hex(seal_key, sizeof seal_key, "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"));
    assert_true(bytes_from_hex(tag, sizeof tag, "28e21fee315990bce3c6d681d7712761"));
    token_cut(&token, output);
    assert_memory_equal(token.seal_key, seal_key, sizeof seal_key);
    assert_memory_equal(token.tag, tag, sizeof tag);
}

/* Who keeps the seal key keeps the tag; the first half of the output is in neither. */
static void the_tag_follows_from_the_seal_key_alone(void **state)
{
    (void)state;
    uint8_t output[OPRF_OUTPUT_SIZE] = {1}, tag[TAG_SIZE];
    struct token token, other;
    token_cut(&token, output);
    token_tag(tag, token.seal_key);
    assert_memory_equal(tag, token.tag, sizeof tag);
    output[0] ^= 1;
    token_cut(&other, output);
    assert_memory_equal(other.tag, token.tag, sizeof tag);
    output[OPRF_OUTPUT_SIZE - 1] ^= 1;
    token_cut(&other, output);
    assert_memory_not_equal(other.tag, token.tag, sizeof tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tag_and_seal_key_are_those_of_the_document),
                                       cmocka_unit_test(the_tag_follows_from_the_seal_key_alone)};
    return cmocka_run_group_tests_name("oprf_token", tests, NULL, NULL);
}
