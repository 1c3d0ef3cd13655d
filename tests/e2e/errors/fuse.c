/*
 * Preloaded into a program by tests: ends it as kill -9 does, at the step of the number CONCORD_FUSE. Steps are what
 * the world outside notices: what is written to files and sockets, what is removed or synced. Once a file of the name
 * CONCORD_FUSE_UNTIL is there, nobody falls any more.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long steps;

static void step(void)
{
    const char *fuse = getenv("CONCORD_FUSE"), *until = getenv("CONCORD_FUSE_UNTIL");
    if (fuse != NULL && atomic_fetch_add(&steps, 1) + 1 == atol(fuse) && (until == NULL || access(until, F_OK) != 0))
        kill(getpid(), SIGKILL);
}

/* NOLINTBEGIN(bugprone-macro-parentheses): lists of parameters stand in parentheses already, a type cannot */
#define STEP(result, name, parameters, arguments)                                                                      \
    result name parameters                                                                                             \
    {                                                                                                                  \
        result(*real) parameters;                                                                                      \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                                     \
        step();                                                                                                        \
        return real arguments;                                                                                         \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

STEP(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
STEP(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
STEP(ssize_t, pwrite64, (int fd, const void *data, size_t len, off64_t at), (fd, data, len, at))
STEP(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
STEP(int, fsync, (int fd), (fd))
STEP(int, fdatasync, (int fd), (fd))
STEP(int, unlink, (const char *name), (name))
STEP(int, rename, (const char *from, const char *to), (from, to))
