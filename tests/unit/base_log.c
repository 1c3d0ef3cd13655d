/* Log lines: what a peer sent can be a value, never a field or a line of its own. */
#include "protocol/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int channel[2], real_stderr;
static char line[4096];

static void capture(void)
{
    assert_int_equal(pipe(channel), 0);
    real_stderr = dup(STDERR_FILENO);
    dup2(channel[1], STDERR_FILENO);
}

/* The line that was written, from behind its time on. */
static const char *captured(void)
{
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    close(channel[1]);
    ssize_t len = read(channel[0], line, sizeof line - 1);
    close(channel[0]);
    assert_true(len > 0);
    line[len] = '\0';
    assert_true(strncmp(line, "time=", 5) == 0);
    return strchr(line, ' ') + 1;
}

#define EXPECT(text, ...)                                                                                              \
    do {                                                                                                               \
        capture();                                                                                                     \
        log_event(__VA_ARGS__);                                                                                        \
        assert_string_equal(captured(), text);                                                                         \
    } while (0)

static void plain_values_stay_as_they_are(void **state)
{
    (void)state;
    EXPECT("level=info event=put agency=THA count=512 left=18446744073709551615 code=-7 id=00ff share=50%\n", LOG_INFO,
           "put", "agency=%s count=%zu left=%llu code=%d id=%04x share=%u%%", "THA", (size_t)512,
           (unsigned long long)UINT64_MAX, -7, 0xffu, 50u);
    EXPECT("level=warn event=x reason=\"it's \xc3\xa9t\xc3\xa9: a=b\"\n", LOG_WARN, "x", "reason=\"%s\"",
           "it's \xc3\xa9t\xc3\xa9: a=b");
}

static void a_quote_does_not_end_a_value(void **state)
{
    (void)state;
    EXPECT("level=warn event=x reason=\"no\\\" level=info event=put agency=\\\"THA\" peer=IDN\n", LOG_WARN, "x",
           "reason=\"%s\" peer=%s", "no\" level=info event=put agency=\"THA", "IDN");
    EXPECT("level=warn event=x reason=\"a: \\\\\\\"\"\n", LOG_WARN, "x", "reason=\"%s: %s\"", "a", "\\\"");
}

static void a_control_character_does_not_end_a_line(void **state)
{
    (void)state;
    EXPECT("level=warn event=x reason=\"a\\u000atime=0\\u001b[2J\\u007f\"\n", LOG_WARN, "x", "reason=\"%s\"",
           "a\ntime=0\x1b[2J\x7f");
}

static void a_value_without_quotes_gets_them_if_it_needs_them(void **state)
{
    (void)state;
    EXPECT("level=info event=x peer=\"THA event=put\" url=\"\" last=yes\n", LOG_INFO, "x", "peer=%s url=%s last=%s",
           "THA event=put", "", "yes");
    EXPECT("level=info event=x peer=\"a=b\"\n", LOG_INFO, "x", "peer=%s", "a=b");
}

static void a_long_value_is_cut_and_the_line_ends(void **state)
{
    char value[3000];
    (void)state;
    memset(value, '"', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    capture();
    log_event(LOG_INFO, "x", "reason=\"%s\" after=%s", value, value);
    const char *got = captured();
    size_t len = strlen(got);
    assert_true(len < 1024);
    assert_int_equal(got[len - 1], '\n');
    assert_ptr_equal(strchr(got, '\n'), got + len - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values_stay_as_they_are),
        cmocka_unit_test(a_quote_does_not_end_a_value),
        cmocka_unit_test(a_control_character_does_not_end_a_line),
        cmocka_unit_test(a_value_without_quotes_gets_them_if_it_needs_them),
        cmocka_unit_test(a_long_value_is_cut_and_the_line_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
