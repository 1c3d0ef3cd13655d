/* What is said of the time left is true within a fifth, from a tenth of the work on, at whatever pace it goes. */
#include "protocol/base/progress.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define TOTAL 1000000
#define STEP_MS 20
#define STEPS_MAX 100000

/* Work done at each step of a clock that we turn. */
static uint64_t done_at[STEPS_MAX];
static size_t steps;

typedef double pace_of(double part, uint64_t ms); /* work a millisecond, at this part of the work and time */

static void run(pace_of *pace)
{
    double done = 0;
    for (steps = 0; done < TOTAL; steps++) {
        assert_true(steps < STEPS_MAX);
        done_at[steps] = (uint64_t)done;
        done += pace(done / TOTAL, steps * STEP_MS) * STEP_MS;
    }
}

/* The worst error, in parts of what truly remained, between these parts of the work. */
static double worst(double from, double to)
{
    struct pace pace = {.marks = 0};
    double error = 0;
    size_t asked = 0;
    for (size_t i = 0; i < steps; i++) {
        uint64_t now = 5000 + i * STEP_MS, left;
        double part = (double)done_at[i] / TOTAL, truly = (double)(steps - i) * STEP_MS;
        pace_note(&pace, now, done_at[i]);
        if (part < from || part > to)
            continue;
        assert_true(pace_left(&pace, now, done_at[i], TOTAL, &left));
        error = fmax(error, fabs((double)left - truly) / truly);
        asked++;
    }
    assert_true(asked > 10);
    return error;
}

static double even(double part, uint64_t ms)
{
    (void)part;
    (void)ms;
    return 5;
}

/* Half a second in five for settling; the slow million: 200 seconds. */
static double by_fits_and_starts(double part, uint64_t ms)
{
    (void)part;
    return ms % 5000 < 4500 ? 5 : 0;
}

/* Merging: now and then a second and a half. */
static double with_merges(double part, uint64_t ms)
{
    (void)part;
    return ms % 40000 < 38500 ? 5 : 0;
}

/* Two thirds are enrolled already, after a crash. */
static double slower_later(double part, uint64_t ms)
{
    (void)ms;
    return part < 0.66 ? 50 : 2;
}

static double faster_later(double part, uint64_t ms)
{
    (void)ms;
    return part < 0.3 ? 2 : 4;
}

/* Two minutes at a fifth of the work: the matcher was away, or the machine slept. */
static double standing_still(double part, uint64_t ms)
{
    (void)part;
    return ms < 40000 || ms >= 160000 ? 5 : 0;
}

/* It takes longer the larger the vault is: by a quarter at the end. */
static double slowing_down(double part, uint64_t ms)
{
    (void)ms;
    return 5 / (1 + part / 4);
}

static void an_even_pace_is_foreseen(void **state)
{
    (void)state;
    run(even);
    assert_true(worst(0.02, 0.999) < 0.02);
    run(by_fits_and_starts);
    assert_true(worst(0.1, 0.95) < 0.2);
    run(with_merges);
    assert_true(worst(0.1, 0.95) < 0.2);
    run(slowing_down);
    assert_true(worst(0.1, 0.99) < 0.2);
}

/* Nobody can foresee a change; after a tenth of the work it is known. */
static void a_change_of_pace_is_followed(void **state)
{
    (void)state;
    run(slower_later);
    assert_true(worst(0.72, 0.99) < 0.2);
    run(faster_later);
    assert_true(worst(0.5, 0.99) < 0.35);
    assert_true(worst(0.65, 0.99) < 0.2);
}

static void a_stall_is_no_pace(void **state)
{
    (void)state;
    run(standing_still);
    assert_true(worst(0.22, 0.99) < 0.2);
}

/* The next purpose, in the same bar; nothing done yet; all done. */
static void work_begins_and_ends(void **state)
{
    (void)state;
    struct pace pace = {.marks = 0};
    uint64_t left;
    assert_false(pace_left(&pace, 0, 0, 100, &left));
    pace_note(&pace, 1000, 0);
    assert_false(pace_left(&pace, 1500, 10, 100, &left)); /* too early */
    assert_false(pace_left(&pace, 9000, 0, 100, &left));  /* no pace */
    pace_note(&pace, 5000, 50);
    assert_true(pace_left(&pace, 5000, 50, 100, &left));
    assert_int_equal(left, 4000);
    assert_true(pace_left(&pace, 9000, 100, 100, &left));
    assert_int_equal(left, 0);
    pace_note(&pace, 9000, 100);
    pace_note(&pace, 10000, 0);
    pace_note(&pace, 20000, 10);
    assert_true(pace_left(&pace, 20000, 10, 1000, &left));
    assert_int_equal(left, 990000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_even_pace_is_foreseen),
        cmocka_unit_test(a_change_of_pace_is_followed),
        cmocka_unit_test(a_stall_is_no_pace),
        cmocka_unit_test(work_begins_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
