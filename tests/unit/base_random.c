/* Random bytes by the block: no two threads and no child of a fork have the same. */
#include "protocol/base/random.h"

#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT 2000

static uint8_t seen[3 * COUNT][16];

static void *draw(void *to)
{
    for (size_t i = 0; i < COUNT; i++)
        randombytes_buf((uint8_t *)to + 16 * i, 16);
    return NULL;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static void nothing_comes_twice(void **state)
{
    (void)state;
    pthread_t thread;
    int pipes[2], status;
    draw(seen);
    assert_int_equal(pthread_create(&thread, NULL, draw, seen[COUNT]), 0);
    pthread_join(thread, NULL);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        uint8_t mine[16];
        for (int i = 0; i < 100; i++) {
            randombytes_buf(mine, sizeof mine);
            if (write(pipes[1], mine, sizeof mine) != sizeof mine)
                _exit(1);
        }
        _exit(0);
    }
    draw(seen[2 * COUNT]);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(read(pipes[0], seen[i], 16), 16);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(pipes[0]);
    close(pipes[1]);
    qsort(seen, 3 * COUNT, 16, by_bytes);
    for (size_t i = 1; i < 3 * COUNT; i++)
        assert_int_not_equal(memcmp(seen[i - 1], seen[i], 16), 0);
}

static void every_length_is_filled(void **state)
{
    (void)state;
    static uint8_t bytes[20000];
    for (size_t len = 40; len < sizeof bytes; len = len * 3 / 2) {
        memset(bytes, 0, sizeof bytes);
        randombytes_buf(bytes, len);
        assert_false(sodium_is_zero(bytes, 20));
        assert_false(sodium_is_zero(bytes + len - 20, 20));
        assert_true(sodium_is_zero(bytes + len, sizeof bytes - len));
    }
    for (int i = 0; i < 1000; i++)
        assert_in_range(randombytes_uniform(7), 0, 6);
}

int main(void)
{
    random_by_block();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_comes_twice),
        cmocka_unit_test(every_length_is_filled),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("base_random", tests, NULL, NULL);
}
