/*
 * SHA-256 by the processor's instructions and in parts against libsodium's, at every length around the block
 * boundaries.
 */
#include "protocol/base/sha256.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-4's example "abc", one byte of it as the prefix. */
static void the_published_example(void **state)
{
    static const char expected[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    char hex[65];
    uint8_t out[32];
    (void)state;
    sha256_prefixed(out, 'a', span_of("bc", 2));
    assert_string_equal(bytes_to_hex(hex, out, 32), expected);
    sha256(out, span_of("abc", 3));
    assert_string_equal(bytes_to_hex(hex, out, 32), expected);
}

static void fill(uint8_t *data, size_t len)
{
    const uint8_t seed[32] = {1};
    randombytes_buf_deterministic(data, len, seed);
}

static void both_ways_agree(void **state)
{
    uint8_t data[16 * SHA256_BLOCK];
    uint32_t one[8] = {1, 2, 3, 4, 5, 6, 7, 8}, two[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    (void)state;
    fill(data, sizeof data);
    if (!sha256_blocks_shani(one, data, 0)) {
        print_message("# note: this processor has no SHA instructions: only libsodium's way is tried\n");
        return;
    }
    for (size_t blocks = 1; blocks <= 16; blocks++) {
        assert_true(sha256_blocks_shani(one, data, blocks));
        sha256_blocks_portable(two, data, blocks);
        assert_memory_equal(one, two, sizeof one);
    }
}

static void check(const uint8_t *data, size_t len, size_t step)
{
    struct sha256_state hash;
    uint8_t one[32], two[32];
    crypto_hash_sha256(two, data, len);
    sha256_start(&hash);
    for (size_t at = 0; at < len; at += step)
        sha256_add(&hash, span_of(data + at, len - at < step ? len - at : step));
    sha256_end(&hash, one);
    if (memcmp(one, two, 32) != 0)
        fail_msg("they differ for %zu bytes by %zu", len, step);
}

static void parts_are_as_the_whole(void **state)
{
    static const size_t steps[] = {1, 3, 63, 64, 65, 129, 1000};
    uint8_t data[700], whole[32], expected[32];
    (void)state;
    fill(data, sizeof data);
    for (size_t len = 0; len <= sizeof data; len++) {
        /* A copy of exactly that size at an odd place, so that a read too far is seen. */
        uint8_t *exact = malloc(len + 1);
        memcpy(exact + 1, data, len);
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
            check(exact + 1, len, steps[i]);
        exact[0] = (uint8_t)len;
        crypto_hash_sha256(expected, exact, len + 1);
        sha256_prefixed(whole, exact[0], span_of(exact + 1, len));
        assert_memory_equal(whole, expected, sizeof whole);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example),
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(parts_are_as_the_whole),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("base_sha256", tests, NULL, NULL);
}
