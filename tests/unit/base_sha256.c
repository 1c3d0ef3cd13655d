/* SHA-256 by the processor's instructions against libsodium's, at every length around the block boundaries. */
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
    char hex[65];
    uint8_t out[32];
    (void)state;
    sha256_prefixed(out, 'a', span_of("bc", 2));
    assert_string_equal(bytes_to_hex(hex, out, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_prefixed_portable(out, 'a', span_of("bc", 2));
    assert_string_equal(bytes_to_hex(hex, out, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void both_ways_agree(void **state)
{
    uint8_t data[1000], one[32], two[32];
    const uint8_t seed[32] = {1};
    (void)state;
    randombytes_buf_deterministic(data, sizeof data, seed);
    if (!sha256_prefixed_shani(one, 0, span_of(data, 0))) {
        print_message("# note: this processor has no SHA instructions: only libsodium's way is tried\n");
        return;
    }
    for (size_t len = 0; len <= sizeof data; len++) {
        /* A copy of exactly that size at an odd place, so that a read too far is seen. */
        uint8_t *exact = malloc(len + 1);
        memcpy(exact + 1, data, len);
        assert_true(sha256_prefixed_shani(one, (uint8_t)len, span_of(exact + 1, len)));
        sha256_prefixed_portable(two, (uint8_t)len, span_of(exact + 1, len));
        if (memcmp(one, two, 32) != 0)
            fail_msg("they differ for %zu bytes", len);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example),
        cmocka_unit_test(both_ways_agree),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("base_sha256", tests, NULL, NULL);
}
