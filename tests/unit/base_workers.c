/* Workers: every task is done once, and they come back in their order. */
#include "tests/unit/group_test.h"

#include "protocol/base/workers.h"

#include <stdatomic.h>

#define TASKS 2000

struct bench {
    atomic_int done[TASKS], at_work, most_at_work;
};

/* Tasks of very different length. */
static void work(void *context, void *task)
{
    struct bench *b = context;
    int i = *(int *)task, now = ++b->at_work, most = b->most_at_work;
    volatile int sink = 0;
    while (now > most && !atomic_compare_exchange_weak(&b->most_at_work, &most, now))
        ;
    for (int k = 0; k < i % 7 * 3000; k++)
        sink++;
    b->done[i]++;
    b->at_work--;
}

static void test_order(void **state)
{
    static struct bench b;
    static int number[TASKS];
    const struct workers_options options = {5, work, &b};
    struct workers *w = NULL;
    struct err err;
    int taken = 0;
    (void)state;
    check_ok(workers_new(&w, &options, &err), &err);
    assert_null(workers_take(w, WAIT_FOREVER));
    for (int i = 0; i < TASKS; i++) {
        number[i] = i;
        for (int *got; (got = workers_take(w, workers_pending(w) < 5 ? 0
                                              : i % 2 == 0           ? 1
                                                                     : WAIT_FOREVER)) != NULL;
             taken++)
            assert_int_equal(*got, taken);
        if (workers_pending(w) == 5) {
            i--;
            continue;
        }
        workers_give(w, &number[i]);
        assert_true(workers_pending(w) <= 5);
    }
    for (int *got; (got = workers_take(w, WAIT_FOREVER)) != NULL; taken++)
        assert_int_equal(*got, taken);
    assert_int_equal(taken, TASKS);
    assert_int_equal(workers_pending(w), 0);
    workers_free(w);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(b.done[i], 1);
    assert_true(b.most_at_work <= 5);
}

/* What is under way when they are freed is finished, not cut. */
static void test_ending(void **state)
{
    static struct bench b;
    static int number[] = {6, 5, 4};
    const struct workers_options options = {2, work, &b};
    struct workers *w = NULL;
    struct err err;
    (void)state;
    check_ok(workers_new(&w, &options, &err), &err);
    workers_give(w, &number[0]);
    workers_give(w, &number[1]);
    workers_free(w);
    assert_int_equal(b.at_work, 0);
    assert_true(b.done[6] <= 1 && b.done[5] <= 1 && b.done[4] == 0);
    workers_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
