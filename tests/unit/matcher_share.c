/* Who brings more than the writer can do has a third of its time, the others the rest. */
#include "matcher/service/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FLOODER = 1, OTHER = 2 };

static struct shares shares;
static uint64_t now;

static int setup(void **state)
{
    (void)state;
    shares = (struct shares){0};
    now = 5000000000;
    return 0;
}

/* How much of a second the flooder's requests of so many microseconds had, with others beside it or not. */
static uint64_t flood(uint64_t each, bool others)
{
    const uint64_t end = now + 1000000;
    uint64_t had = 0;
    while (now < end) {
        share_hear(&shares, FLOODER, now);
        if (others)
            share_hear(&shares, OTHER, now);
        if (share_wait(&shares, FLOODER, now) == 0) {
            now += each;
            had += each;
            share_charge(&shares, FLOODER, each, now);
        } else {
            now += 100;
        }
    }
    return had;
}

static void who_floods_has_a_third(void **state)
{
    (void)state;
    for (uint64_t each = 1000; each <= 100000; each *= 10) {
        const uint64_t had = flood(each, true);
        assert_in_range(had, 300000, 400000 + 2 * each);
        now += 1000000;
    }
}

static void who_is_alone_has_all(void **state)
{
    (void)state;
    (void)flood(1000, true);
    share_hear(&shares, FLOODER, now);
    now += SHARE_MIXED_US;
    assert_in_range(flood(1000, false), 1000000, 1001000);
}

static void who_asks_now_and_then_never_waits(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        share_hear(&shares, FLOODER, now);
        share_hear(&shares, OTHER, now);
        assert_int_equal(share_wait(&shares, OTHER, now), 0);
        now += 5000;
        share_charge(&shares, OTHER, 5000, now);
        now += 250000;
    }
}

static void nobody_waits_for_anothers_debt(void **state)
{
    (void)state;
    (void)flood(10000, true);
    share_charge(&shares, FLOODER, 1000000, now);
    assert_in_range(share_wait(&shares, FLOODER, now), 1900000, 3100000);
    assert_int_equal(share_wait(&shares, OTHER, now), 0);
    now += 3000000;
    assert_int_equal(share_wait(&shares, FLOODER, now), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(who_floods_has_a_third, setup),
        cmocka_unit_test_setup(who_is_alone_has_all, setup),
        cmocka_unit_test_setup(who_asks_now_and_then_never_waits, setup),
        cmocka_unit_test_setup(nobody_waits_for_anothers_debt, setup),
    };
    return cmocka_run_group_tests_name("matcher/share", tests, NULL, NULL);
}
