/* The cursor of the line formats: what it takes, what it leaves alone. */
#include "protocol/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static struct span of(const char *text)
{
    return span_of(text, strlen(text));
}

static void expect(struct span got, const char *text)
{
    assert_int_equal(got.len, strlen(text));
    assert_memory_equal(got.data, text, got.len);
}

static void lines_end_with_a_newline(void **state)
{
    struct span text = of("one\n\nthree"), line;
    (void)state;
    assert_true(text_take_line(&text, &line));
    expect(line, "one");
    assert_true(text_take_line(&text, &line));
    expect(line, "");
    assert_false(text_take_line(&text, &line));
    expect(text, "three");
    text = span_of(NULL, 0);
    assert_false(text_take_line(&text, &line));
}

static void what_is_expected_is_taken_whole_or_not(void **state)
{
    struct span text = of("index 7");
    (void)state;
    assert_false(text_take(&text, "indices"));
    assert_false(text_take(&text, "index 7 and more"));
    expect(text, "index 7");
    assert_true(text_take(&text, "index "));
    expect(text, "7");
}

static void numbers_have_one_form(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
        const char *rest;
    } good[] = {{"0", 0, ""}, {"7,", 7, ","}, {"10\n", 10, "\n"}, {"9223372036854775807", INT64_MAX, ""}};
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "00", "01", "x", "9223372036854775808", "9999999999999999999"};
    uint64_t value = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct span text = of(good[i].text);
        assert_true(text_take_number(&text, &value));
        assert_int_equal(value, good[i].value);
        expect(text, good[i].rest);
        assert_int_equal(text_is_number(of(good[i].text), &value), *good[i].rest == '\0');
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct span text = of(bad[i]);
        assert_false(text_take_number(&text, &value));
        expect(text, bad[i]);
    }
    assert_false(text_is_number(of("92233720368547758070"), &value));
}

static void one_is_in_the_singular(void **state)
{
    (void)state;
    assert_string_equal(TEXT_COUNT(0, "entry", "entries"), "0 entries");
    assert_string_equal(TEXT_COUNT(1, "entry", "entries"), "1 entry");
    assert_string_equal(TEXT_COUNT(UINT64_MAX, "entry", "entries"), "18446744073709551615 entries");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_with_a_newline),
        cmocka_unit_test(what_is_expected_is_taken_whole_or_not),
        cmocka_unit_test(numbers_have_one_form),
        cmocka_unit_test(one_is_in_the_singular),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
