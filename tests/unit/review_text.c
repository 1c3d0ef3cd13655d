/* Text in columns: what it takes of them, where it is cut and broken, and that it steers no terminal. */
#include "client/review/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *printed;
static size_t printed_len;

static FILE *begin(void)
{
    free(printed);
    printed = NULL;
    return open_memstream(&printed, &printed_len);
}

static void is(FILE *out, const char *wanted)
{
    fclose(out);
    assert_string_equal(printed, wanted);
}

static void text_takes_its_columns(void **state)
{
    (void)state;
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("Somchai"), 7);
    assert_int_equal(text_width("สมชาย"), 5);
    assert_int_equal(text_width("ศรีสุวรรณ"), 7);
    assert_int_equal(text_width("王建国"), 6);
    assert_int_equal(text_width("Nguyễn"), 6);
    FILE *out = begin();
    text_put(out, "王建国", 8);
    text_put(out, "Somchai", 3);
    text_put(out, "Somchai", 6);
    text_put(out, "王建国", 5);
    is(out, "王建国  SomSom...王...");
}

static void nothing_steers_the_terminal(void **state)
{
    (void)state;
    FILE *out = begin();
    text_print(out,
               "a\x1b[31mb\r\n\xc2\x9b"
               "c\xe2\x80\xae"
               "d\xff"
               "e",
               0);
    is(out, "a?[31mb???c?d?e");
}

static void lines_break_between_words(void **state)
{
    (void)state;
    FILE *out = begin();
    text_wrap(out, 70, 4, "one two three four");
    is(out, "one two\n    three four\n");
    out = begin();
    text_beside(out, 60, "one two three", 9, "four five six seven");
    is(out, "one two   four five\n"
            "                                                            three     six seven\n");
    out = begin();
    text_beside(out, 70, "abcdefgh", 4, "x");
    is(out, "abcd x\n                                                                      efgh \n");
    out = begin();
    text_beside(out, 70, "", 4, "");
    is(out, "     \n");
}

static void csv_is_quoted(void **state)
{
    (void)state;
    FILE *out = begin();
    text_print_csv(out, "a \"b\", c");
    is(out, "\"a \"\"b\"\", c\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_takes_its_columns),
        cmocka_unit_test(nothing_steers_the_terminal),
        cmocka_unit_test(lines_break_between_words),
        cmocka_unit_test(csv_is_quoted),
    };
    int failed = cmocka_run_group_tests_name("review_text", tests, NULL, NULL);
    free(printed);
    return failed;
}
