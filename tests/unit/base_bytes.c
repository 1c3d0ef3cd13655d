/* Hexadecimal and base64 from outside: exactly one way of writing, or refused. */
#include "protocol/base/bytes.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void hexadecimal(void **state)
{
    (void)state;
    uint8_t out[3];
    char text[7];
    assert_true(bytes_from_hex(out, 3, "00a5fF"));
    assert_memory_equal(out, "\x00\xa5\xff", 3);
    assert_string_equal(bytes_to_hex(text, out, 3), "00a5ff");
    static const char *const bad[] = {"", "00a5f", "00a5ff0", "00a5fg", "00 5ff", "00a5f\xc1", " 0a5ff", "00:5:f"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memset(out, 1, sizeof out);
        assert_false(bytes_from_hex(out, 3, bad[i]));
        assert_true(sodium_is_zero(out, sizeof out));
    }
}

static bool decodes(const char *text, size_t size)
{
    uint8_t out[8];
    size_t len;
    return bytes_from_base64(out, size, &len, span_of(text, strlen(text)));
}

static void base64(void **state)
{
    (void)state;
    uint8_t out[3];
    size_t len;
    assert_true(bytes_from_base64(out, 3, &len, span_of("+/8=", 4)));
    assert_int_equal(len, 2);
    assert_memory_equal(out, "\xfb\xff", 2);
    assert_true(decodes("", 0));
    assert_true(decodes("AAAA", 3));
    assert_false(decodes("AAAA", 2));
    /* Without padding, with too much of it, with bits behind the end, of another alphabet, with blanks. */
    static const char *const bad[] = {"+/8", "+/8==", "+/9=", "-_8=", "+/8=\n", " +/8=", "A", "AAA=A", "====", "AA A"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(decodes(bad[i], 8));
    for (int c = 0x80; c <= 0xff; c++) {
        const char text[5] = {'A', (char)c, 'A', 'A', '\0'};
        assert_false(decodes(text, 8));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(hexadecimal), cmocka_unit_test(base64)};
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("base_bytes", tests, NULL, NULL);
}
