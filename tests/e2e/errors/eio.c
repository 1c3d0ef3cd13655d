/*
 * Preloaded into a program by tests: a disk that fails. The file CONCORD_EIO says at the moment for what: lines of
 * "r TEXT" or "w TEXT": reading, or writing and syncing, fails with EIO for all files whose path contains the text.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* By system calls of its own: those of the library are the ones that fail here. */
static ssize_t content_of(const char *path, char *out, size_t size)
{
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    const ssize_t len = fd >= 0 ? syscall(SYS_read, fd, out, size - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[len > 0 ? len : 0] = '\0';
    return len;
}

static bool fails(int fd, char way)
{
    char rules[512], link[64], path[4096], *rest = NULL;
    const char *file = getenv("CONCORD_EIO");
    const int was = errno;
    if (file == NULL || content_of(file, rules, sizeof rules) <= 0)
        return errno = was, false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t len = readlink(link, path, sizeof path - 1);
    path[len > 0 ? len : 0] = '\0';
    errno = was;
    for (char *rule = strtok_r(rules, "\n", &rest); rule != NULL; rule = strtok_r(NULL, "\n", &rest))
        if (rule[0] == way && strlen(rule) > 2 && strstr(path, rule + 2) != NULL)
            return true;
    return false;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): lists of parameters stand in parentheses already, a type cannot */
#define FAILING(way, result, name, parameters, arguments)                                                              \
    result name parameters                                                                                             \
    {                                                                                                                  \
        result(*real) parameters;                                                                                      \
        *(void **)&real = dlsym(RTLD_NEXT, #name);                                                                     \
        if (fails(fd, way))                                                                                            \
            return errno = EIO, -1;                                                                                    \
        return real arguments;                                                                                         \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

FAILING('r', ssize_t, read, (int fd, void *to, size_t len), (fd, to, len))
FAILING('r', ssize_t, pread, (int fd, void *to, size_t len, off_t at), (fd, to, len, at))
FAILING('r', ssize_t, pread64, (int fd, void *to, size_t len, off64_t at), (fd, to, len, at))
FAILING('w', ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
FAILING('w', ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
FAILING('w', ssize_t, pwrite64, (int fd, const void *data, size_t len, off64_t at), (fd, data, len, at))
FAILING('w', int, fsync, (int fd), (fd))
FAILING('w', int, fdatasync, (int fd), (fd))
