/*
 * Read before each unit test by `make lint`, and by nothing else: an assertion that fails does not return. cmocka's
 * header tells that to nobody, so that analysers go on with what was just found to be wrong.
 */
#ifndef TESTS_UNIT_ANALYSED_H
#define TESTS_UNIT_ANALYSED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void _fail(const char *file, int line) __attribute__((noreturn));

#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#undef assert_int_equal
#undef fail_msg
#define assert_true(c) ((c) ? (void)0 : fail())
#define assert_false(c) assert_true(!(c))
#define assert_null(c) assert_true((c) == NULL)
#define assert_non_null(c) assert_true((c) != NULL)
#define assert_int_equal(a, b) assert_true(cast_to_largest_integral_type(a) == cast_to_largest_integral_type(b))
#define fail_msg(...) (print_error(__VA_ARGS__), fail())

#endif
