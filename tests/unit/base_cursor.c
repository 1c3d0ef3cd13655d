/* Reading and writing a fixed layout: what is missing is zero and said, what is too long is not written. */
#include "protocol/base/buf.h"
#include "protocol/base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void everything_is_taken_once(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 'a', 'b'};
    struct cursor c = cursor_of(span_of(bytes, sizeof bytes));
    assert_int_equal(cursor_u8(&c), 1);
    assert_int_equal(cursor_u16be(&c), 0x0203);
    assert_int_equal(cursor_u32be(&c), 0x04050607);
    assert_true(cursor_u64be(&c) == 0x08090a0b0c0d0e0fu);
    assert_false(cursor_ends(&c));
    assert_ptr_equal(cursor_take(&c, 2), bytes + 15);
    assert_true(cursor_ends(&c));
}

static void nothing_follows_what_is_missing(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3};
    uint8_t copy[4] = {9, 9, 9, 9};
    struct cursor c = cursor_of(span_of(bytes, sizeof bytes));
    assert_null(cursor_take(&c, SIZE_MAX));
    cursor_copy(&c, copy, 2);
    assert_memory_equal(copy, "\0\0\x09\x09", 4);
    assert_int_equal(cursor_u8(&c), 0);
    assert_false(cursor_ends(&c));
    c = cursor_of(span_of(NULL, 0));
    assert_true(cursor_ends(&c));
    assert_int_equal(cursor_u16be(&c), 0);
    assert_false(cursor_ends(&c));
}

static void parts_stand_behind_their_length(void **state)
{
    (void)state;
    static const uint8_t long_part[65536];
    struct err err;
    struct buf b = buf_of(9);
    assert_int_equal(buf_put_part(&b, span_of("abc", 3), &err), 0);
    assert_int_equal(buf_put_part(&b, span_of(NULL, 0), &err), 0);
    assert_int_equal(b.len, 7);
    assert_memory_equal(b.data, "\0\3abc\0\0", 7);
    assert_int_equal(buf_put_part(&b, span_of("x", 1), &err), ERR_INPUT);
    assert_int_equal(buf_put_part(&b, span_of(long_part, sizeof long_part), &err), ERR_INPUT);
    assert_int_equal(b.len, 7);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_taken_once),
        cmocka_unit_test(nothing_follows_what_is_missing),
        cmocka_unit_test(parts_stand_behind_their_length),
    };
    return cmocka_run_group_tests_name("base_cursor", tests, NULL, NULL);
}
