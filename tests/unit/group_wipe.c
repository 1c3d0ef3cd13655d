/* What the group layer copies of secret points is gone when it returns: its stack, which is the test's own, is
 * searched. */
#include "tests/unit/group_test.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define LAST 3        /* less than a block of any engine */
#define N (64 + LAST) /* whole blocks, and some that are not */
#define STACK (1u << 20)

static struct point *in, *out;
static struct element *encoded;

static void *encode(void *unused)
{
    group_encode(encoded, in, N);
    return unused;
}

static void *encode_doubled(void *unused)
{
    group_encode_doubled(encoded, in, N);
    return unused;
}

static void *add(void *unused)
{
    group_add(out, in, in, N);
    return unused;
}

static void *multiply(void *unused)
{
    struct scalar two = {{2}};
    group_mul(out, &two, in, N);
    return unused;
}

/*
 * Two limbs side by side are as good as a point's name. What the compiler spilled of the last block is not ours to
 * wipe: the blocks before it, which copies of ours were made of, are looked for.
 */
static void expect_gone(const uint8_t *stack, const struct point *p, const char *call)
{
    for (size_t i = 0; i < N - LAST; i++)
        if (memmem(stack, STACK, p[i].x, 16) != NULL || memmem(stack, STACK, p[i].t, 16) != NULL)
            fail_msg("%s with engine %s leaves point %zu on the stack", call, group_engine(), i);
}

static void search_all_calls(void)
{
    static const struct {
        const char *name;
        void *(*run)(void *);
        bool makes_points;
    } calls[] = {{"encode", encode, false},
                 {"encode_doubled", encode_doubled, false},
                 {"add", add, true},
                 {"mul", multiply, true}};
    for (size_t c = 0; c < sizeof calls / sizeof *calls; c++) {
        pthread_attr_t attributes;
        pthread_t thread;
        uint8_t *stack = NULL;
        assert_int_equal(posix_memalign((void **)&stack, 4096, STACK), 0);
        memset(stack, 0, STACK);
        pthread_attr_init(&attributes);
        assert_int_equal(pthread_attr_setstack(&attributes, stack, STACK), 0);
        assert_int_equal(pthread_create(&thread, &attributes, calls[c].run, NULL), 0);
        pthread_join(thread, NULL);
        expect_gone(stack, in, calls[c].name);
        if (calls[c].makes_points)
            expect_gone(stack, out, calls[c].name);
        pthread_attr_destroy(&attributes);
        free(stack);
    }
}

static void nothing_stays_on_the_stack(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("# a sanitizer makes copies of its own: not tried\n");
    skip();
#endif
    for (size_t e = 0; e < GROUP_ENGINES; e++)
        if (use_engine(group_engines[e]))
            search_all_calls();
}

static int make_points(void **state)
{
    uint8_t(*uniform)[64] = malloc(N * sizeof *uniform);
    (void)state;
    in = malloc(N * sizeof *in);
    out = malloc(N * sizeof *out);
    encoded = malloc(N * sizeof *encoded);
    bool made = uniform != NULL && in != NULL && out != NULL && encoded != NULL && group_init(ERR_IGNORED) == 0;
    if (made) {
        randombytes_buf(uniform, N * sizeof *uniform);
        group_from_uniform(in, (const uint8_t(*)[64])uniform, N);
    }
    free(uniform);
    return made ? 0 : -1;
}

static int free_points(void **state)
{
    (void)state;
    free(in);
    free(out);
    free(encoded);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_stays_on_the_stack)};
    return cmocka_run_group_tests(tests, make_points, free_points);
}
