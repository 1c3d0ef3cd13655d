/* Asking for a passphrase at a terminal: nothing is echoed, and the echo is back afterwards, also after Ctrl-C. */
#include "protocol/identity/passphrase.h"

#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

static bool echoes(int terminal)
{
    struct termios t;
    assert_int_equal(tcgetattr(terminal, &t), 0);
    return (t.c_lflag & ECHO) != 0;
}

static bool interrupted_before; /* the interrupt comes before anybody waits for a key */

/* In the child: its exit status says what it was given. */
static int ask(void)
{
    sigset_t interrupt;
    if (interrupted_before && (sigemptyset(&interrupt) != 0 || sigaddset(&interrupt, SIGINT) != 0 ||
                               sigprocmask(SIG_BLOCK, &interrupt, NULL) != 0 || raise(SIGINT) != 0))
        return 4;
    alarm(30);
    char got[PASSPHRASE_MAX];
    struct err err;
    unsetenv("CONCORD_PASSPHRASE_FILE");
    if (passphrase_read(got, "x.key", &err) != 0)
        return strstr(err.text, "no passphrase given for x.key") != NULL ? 1 : 2;
    return strcmp(got, "open sesame") == 0 ? 0 : 3;
}

/* Reads what the child shows until `end`; false if it ends before. */
static bool shows(int terminal, const char *end)
{
    char text[256] = "";
    size_t len = 0;
    while (strstr(text, end) == NULL && len < sizeof text - 1 && read(terminal, text + len, 1) == 1)
        text[++len] = '\0';
    return strstr(text, end) != NULL && strstr(text, "sesame") == NULL;
}

/* keys: NULL if nobody types, and it ends by itself. */
static int answered(const char *keys)
{
    int terminal, status;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0)
        _exit(ask());
    assert_true(shows(terminal, "passphrase for x.key: "));
    if (keys != NULL) {
        assert_false(echoes(terminal));
        assert_int_equal(write(terminal, keys, strlen(keys)), (ssize_t)strlen(keys));
    }
    assert_true(shows(terminal, "\n"));
    assert_true(echoes(terminal));
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_passphrase_is_not_echoed(void **state)
{
    (void)state;
    assert_int_equal(answered("open sesame\n"), 0);
}

static void an_interrupt_gives_the_echo_back(void **state)
{
    (void)state;
    assert_int_equal(answered("open sesame\003"), 1);
}

static void an_interrupt_that_came_early_counts(void **state)
{
    (void)state;
    interrupted_before = true;
    assert_int_equal(answered(NULL), 1);
    interrupted_before = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_passphrase_is_not_echoed),
        cmocka_unit_test(an_interrupt_gives_the_echo_back),
        cmocka_unit_test(an_interrupt_that_came_early_counts),
    };
    return cmocka_run_group_tests_name("identity_passphrase", tests, NULL, NULL);
}
