/* Record ids that stand on several rows are found however little memory there is; and nothing else is. */
#include "client/feed/doubles.h"
#include "client/task/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define IDS 5000

/* Every 7th id stands twice, every 70th three times. */
static void add_all(struct doubles *d)
{
    char id[16];
    for (int i = 0; i < IDS; i++) {
        snprintf(id, sizeof id, "R%d", i);
        for (int times = i % 70 == 0 ? 3 : i % 7 == 0 ? 2 : 1; times > 0; times--)
            doubles_add(d, id);
    }
}

static void found_whatever_fits(void **state)
{
    (void)state;
    static const size_t at_once[] = {100000, 3000, 64};
    for (size_t a = 0; a < sizeof at_once / sizeof at_once[0]; a++) {
        struct doubles *d;
        struct err err;
        bool again = true;
        size_t readings = 0;
        char id[16];
        assert_int_equal(doubles_new(&d, at_once[a], &err), 0);
        for (; again; readings++) {
            add_all(d);
            assert_int_equal(doubles_end(d, &again, &err), 0);
        }
        assert_true(a == 0 ? readings == 1 : readings > 1);
        assert_int_equal(doubles_count(d), (IDS + 6) / 7);
        for (int i = 0; i < IDS; i++) {
            snprintf(id, sizeof id, "R%d", i);
            assert_int_equal(doubles_have(d, id), i % 7 == 0);
        }
        doubles_free(d);
    }
}

static void none(void **state)
{
    (void)state;
    struct doubles *d;
    struct err err;
    bool again;
    assert_int_equal(doubles_new(&d, 0, &err), 0);
    doubles_add(d, "A");
    doubles_add(d, "B");
    assert_int_equal(doubles_end(d, &again, &err), 0);
    assert_false(again);
    assert_int_equal(doubles_count(d), 0);
    assert_false(doubles_have(d, "A"));
    doubles_free(d);
}

static void how_much_is_withdrawn_without_a_word(void **state)
{
    (void)state;
    assert_true(survey_allows(0, 0, 5));
    assert_true(survey_allows(10, 10, 5));
    assert_false(survey_allows(11, 11, 5));
    assert_true(survey_allows(100, 2000, 5));
    assert_false(survey_allows(101, 2000, 5));
    assert_true(survey_allows(11, 239, 5));
    assert_false(survey_allows(12, 239, 5));
    assert_false(survey_allows(11, 1u << 30, 0));
    assert_true(survey_allows(UINT64_MAX, UINT64_MAX, 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_whatever_fits),
        cmocka_unit_test(none),
        cmocka_unit_test(how_much_is_withdrawn_without_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
