/* Frames, and the window that lets each counter in once. */
#include "protocol/channel/session.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define W ((uint64_t)WINDOW_SIZE)

/* The boundaries of RFC 6479, in order, each step upon what the steps before left. */
static const struct {
    uint64_t counter;
    enum window_verdict verdict;
} steps[] = {
    {0, WINDOW_NEW},
    {0, WINDOW_SEEN},
    {1, WINDOW_NEW},
    {1, WINDOW_SEEN},
    {9, WINDOW_NEW},
    {8, WINDOW_NEW},
    {7, WINDOW_NEW},
    {7, WINDOW_SEEN},
    {63, WINDOW_NEW},
    {64, WINDOW_NEW},
    {65, WINDOW_NEW},
    {63, WINDOW_SEEN},
    {64, WINDOW_SEEN},
    /* The window's last counter is in, the one behind it is not. */
    {W, WINDOW_NEW},
    {0, WINDOW_OLD},
    {1, WINDOW_SEEN},
    {2, WINDOW_NEW},
    {W + 1, WINDOW_NEW},
    {2, WINDOW_SEEN},
    {1, WINDOW_OLD},
    {W, WINDOW_SEEN},
    /* Over the ring's end, whose words were in use before. */
    {W + 64, WINDOW_NEW},
    {65, WINDOW_SEEN},
    {64, WINDOW_OLD},
    {66, WINDOW_NEW},
    {W + 63, WINDOW_NEW},
    {2 * W, WINDOW_NEW},
    {W + 1, WINDOW_SEEN},
    {W, WINDOW_OLD},
    {W + 2, WINDOW_NEW},
    {W + 64, WINDOW_SEEN},
    {2 * W - 1, WINDOW_NEW},
    {2 * W - 1, WINDOW_SEEN},
    /* A jump by exactly the ring's size, by one less and far beyond: nothing of before is taken for seen. */
    {3 * W + 64, WINDOW_NEW},
    {2 * W + 65, WINDOW_NEW},
    {2 * W + 64, WINDOW_OLD},
    {3 * W, WINDOW_NEW},
    {4 * W + 63, WINDOW_NEW},
    {3 * W + 64, WINDOW_SEEN},
    {3 * W + 63, WINDOW_OLD},
    {4 * W + 62, WINDOW_NEW},
    {100 * W + 5, WINDOW_NEW},
    {100 * W + 4, WINDOW_NEW},
    {99 * W + 6, WINDOW_NEW},
    {99 * W + 5, WINDOW_OLD},
    {100 * W + 5, WINDOW_SEEN},
    {UINT64_MAX, WINDOW_NEW},
    {UINT64_MAX, WINDOW_SEEN},
    {UINT64_MAX - W + 1, WINDOW_NEW},
    {UINT64_MAX - W, WINDOW_OLD},
    {0, WINDOW_OLD},
};

static void the_window_admits_each_counter_once(void **state)
{
    (void)state;
    struct window window = {0};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum window_verdict got = window_check(&window, steps[i].counter);
        if (got != steps[i].verdict)
            fail_msg("step %zu, counter %llu: verdict %d, expected %d", i, (unsigned long long)steps[i].counter,
                     (int)got, (int)steps[i].verdict);
        if (got == WINDOW_NEW)
            window_update(&window, steps[i].counter);
    }
}

/* Against a plain list of what was seen. */
static void the_window_agrees_with_a_list(void **state)
{
    (void)state;
    enum { COUNTERS = 20000 };
    static bool seen[COUNTERS];
    const uint8_t seed[randombytes_SEEDBYTES] = {5};
    static uint32_t random[40000];
    struct window window = {0};
    uint64_t last = 0, base = 0;
    bool any = false;
    randombytes_buf_deterministic(random, sizeof random, seed);
    for (size_t i = 0; i < sizeof random / sizeof random[0]; i++) {
        base += random[i] % 16 == 0 ? random[i] / 16 % 4 : 0;
        uint64_t counter = (base + random[i] / 1024 % (2 * W)) % COUNTERS;
        enum window_verdict expected = any && counter + W <= last ? WINDOW_OLD
                                       : seen[counter]            ? WINDOW_SEEN
                                                                  : WINDOW_NEW;
        assert_int_equal(window_check(&window, counter), expected);
        if (expected != WINDOW_NEW)
            continue;
        window_update(&window, counter);
        seen[counter] = true;
        last = any && last > counter ? last : counter;
        any = true;
    }
}

static struct session here, there;

static int make_sessions(void **state)
{
    (void)state;
    memset(&here, 0, sizeof here);
    here.index = 0x01020304;
    randombytes_buf(here.send, sizeof here.send);
    randombytes_buf(here.receive, sizeof here.receive);
    there = here;
    memcpy(there.send, here.receive, sizeof there.send);
    memcpy(there.receive, here.send, sizeof there.receive);
    return 0;
}

static void frames_travel(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 15, 16, 17, 65535, 65536, 1000000};
    struct err err;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint32_t index;
        uint64_t counter;
        struct buf frame = buf_of(2000000), plain = buf_of(2000000);
        uint8_t *text = malloc(sizes[i] + 1);
        randombytes_buf(text, sizes[i]);
        assert_int_equal(session_seal(&here, 77 + i, span_of(text, sizes[i]), &frame, &err), 0);
        assert_int_equal(frame.len, sizes[i] + FRAME_OVERHEAD);
        assert_true(frame_parse(buf_span(&frame), &index, &counter));
        assert_int_equal(index, here.index);
        assert_int_equal(counter, 77 + i);
        assert_int_equal(session_open(&there, buf_span(&frame), &plain, &err), 0);
        assert_int_equal(plain.len, sizes[i]);
        assert_memory_equal(plain.data != NULL ? plain.data : text, text, sizes[i]);
        /* One's own frame is not taken for the other's. */
        assert_int_equal(session_open(&here, buf_span(&frame), &plain, &err), ERR_VERIFY);
        free(text);
        buf_free(&frame);
        buf_free(&plain);
    }
}

static void every_bit_of_a_frame_counts(void **state)
{
    (void)state;
    struct err err;
    struct buf frame = buf_of(1000), plain = buf_of(1000);
    assert_int_equal(session_seal(&here, 5, span_of("attack at dawn", 14), &frame, &err), 0);
    for (size_t bit = 0; bit < frame.len * 8; bit++) {
        frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(session_open(&there, buf_span(&frame), &plain, &err), 0);
        assert_int_equal(plain.len, 0);
        frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len < frame.len; len++)
        assert_int_not_equal(session_open(&there, span_of(frame.data, len), &plain, &err), 0);
    assert_int_equal(session_open(&there, buf_span(&frame), &plain, &err), 0);
    buf_free(&frame);
    buf_free(&plain);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct err err;
    struct buf frame = buf_of(FRAME_OVERHEAD + 9), plain = buf_of(9);
    assert_int_equal(session_seal(&here, 1, span_of("0123456789", 10), &frame, &err), ERR_INPUT);
    assert_int_equal(frame.len, 0);
    assert_int_equal(session_seal(&here, 1, span_of("012345678", 9), &frame, &err), 0);
    assert_int_equal(session_open(&there, buf_span(&frame), &plain, &err), 0);
    assert_int_equal(session_open(&there, buf_span(&frame), &plain, &err), ERR_INPUT);
    assert_int_equal(plain.len, 9);
    buf_free(&frame);
    buf_free(&plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_admits_each_counter_once),
        cmocka_unit_test(the_window_agrees_with_a_list),
        cmocka_unit_test_setup(frames_travel, make_sessions),
        cmocka_unit_test_setup(every_bit_of_a_frame_counts, make_sessions),
        cmocka_unit_test_setup(what_does_not_fit_is_refused, make_sessions),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("channel_session", tests, NULL, NULL);
}
