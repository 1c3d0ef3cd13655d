/* What a daemon's process can do no more once it is confined; what it tells its supervisor; that it ends in time. */
#include "protocol/daemon/process.h"
#include "protocol/base/clock.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FILTERED 0
#else
#define FILTERED 1
#endif

/* How a child that did this ended. */
static int status_of(void (*deed)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        deed();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void confine(void)
{
    if (process_confine(ERR_IGNORED) != 0)
        _exit(100);
}

static void start_a_program(void)
{
    confine();
    char *arguments[] = {"true", NULL};
    execv("/bin/true", arguments);
}

static void start_a_program_freely(void)
{
    char *arguments[] = {"true", NULL};
    execv("/bin/true", arguments);
    _exit(1);
}

static void trace(void)
{
    confine();
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void fork_again(void)
{
    confine();
    _exit(fork() < 0 && errno == EPERM ? 0 : 1);
}

static void open_raw_socket(void)
{
    confine();
    _exit(socket(AF_PACKET, SOCK_RAW, 0) < 0 && errno == EPERM ? 0 : 1);
}

static void *nothing(void *context)
{
    return context;
}

static void work(void)
{
    pthread_t thread;
    void *result = NULL;
    int one = 1;
    confine();
    if (pthread_create(&thread, NULL, nothing, &one) != 0 || pthread_join(thread, &result) != 0 || result != &one)
        _exit(1);
    FILE *f = tmpfile();
    int s = socket(AF_INET, SOCK_STREAM, 0);
    _exit(f != NULL && fputs("x", f) >= 0 && fflush(f) == 0 && fsync(fileno(f)) == 0 && s >= 0 ? 0 : 2);
}

static void a_confined_process_works_and_does_no_more(void **state)
{
    (void)state;
    assert_int_equal(status_of(work), 0);
    assert_int_equal(status_of(start_a_program_freely), 0);
    if (!FILTERED)
        return;
    int status = status_of(start_a_program);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    status = status_of(trace);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
    assert_int_equal(status_of(fork_again), 0);
    assert_int_equal(status_of(open_raw_socket), 0);
}

static void become_nobody(void)
{
    const struct passwd *entry = getpwnam("nobody");
    if (process_become("nobody", ERR_IGNORED) != 0 || entry == NULL || getuid() != entry->pw_uid ||
        getegid() != entry->pw_gid || setuid(0) == 0 || setgroups(0, NULL) == 0)
        _exit(1);
    struct err err;
    _exit(process_become("root", &err) == ERR_USAGE && strstr(err.text, "only root") != NULL ? 0 : 2);
}

static void another_user_is_become_for_good(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(process_become("", &err), 0);
    assert_int_equal(process_become("no such user", &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "no such user"));
    if (geteuid() == 0)
        assert_int_equal(status_of(become_nobody), 0);
}

static void the_supervisor_is_told(void **state)
{
    (void)state;
    char text[64] = "";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "/tmp/concord-notify-%d", getpid());
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof at), 0);
    process_notify("READY=1"); /* nobody is named: nothing happens */
    setenv("NOTIFY_SOCKET", at.sun_path, 1);
    process_notify("STOPPING=1");
    assert_int_equal(recv(s, text, sizeof text - 1, MSG_DONTWAIT), strlen("STOPPING=1"));
    assert_string_equal(text, "STOPPING=1");
    unlink(at.sun_path);
    process_notify("READY=1"); /* gone: nothing happens */
    setenv("NOTIFY_SOCKET", "relative", 1);
    process_notify("READY=1");
    unsetenv("NOTIFY_SOCKET");
    close(s);
}

static void hang(void)
{
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(3);
    process_end_within(1);
    for (;;)
        clock_sleep_ms(1000);
}

static void a_process_that_hangs_ends(void **state)
{
    (void)state;
    int status = status_of(hang);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confined_process_works_and_does_no_more),
        cmocka_unit_test(another_user_is_become_for_good),
        cmocka_unit_test(the_supervisor_is_told),
        cmocka_unit_test(a_process_that_hangs_ends),
    };
    return cmocka_run_group_tests_name("daemon_process", tests, NULL, NULL);
}
