#include "protocol/daemon/process.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

int process_become(const char *user, struct err *err)
{
    if (user[0] == '\0')
        return 0;
    const struct passwd *entry = getpwnam(user); /* cppcheck-suppress getpwnamCalled ; before any thread */
    if (entry == NULL)
        return err_set(err, ERR_USAGE, "User: there is no user %s on this machine", user);
    if (geteuid() == entry->pw_uid)
        return 0;
    if (geteuid() != 0)
        return err_set(err, ERR_USAGE, "User: only root can become %s", user);
    if (initgroups(user, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 || setuid(entry->pw_uid) != 0)
        return err_errno(err, "cannot become %s", user);
    if (setuid(0) == 0)
        return err_set(err, ERR_IO, "became %s, and could become root again", user);
    /* Changing the user made the process traceable by that user again. */
    return prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : err_errno(err, "cannot switch off core dumps");
}

/* --- the filter --- */

/* What RocksDB, the C library, threads and sockets call; by name, since not every machine has each. */
static const char *const allowed[] = {
    "accept4",
    "access",
    "arch_prctl",
    "bind",
    "brk",
    "chdir",
    "chmod",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "connect",
    "copy_file_range",
    "dup",
    "dup2",
    "dup3",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_wait",
    "eventfd2",
    "exit",
    "exit_group",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fchmod",
    "fchmodat",
    "fchown",
    "fcntl",
    "fdatasync",
    "flock",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "futex",
    "futex_waitv",
    "getcpu",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getitimer",
    "getpeername",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresuid",
    "getrlimit",
    "getrusage",
    "getsockname",
    "getsockopt",
    "gettid",
    "gettimeofday",
    "getuid",
    "inotify_add_watch",
    "inotify_init1",
    "inotify_rm_watch",
    "ioctl",
    "ioprio_get",
    "ioprio_set",
    "kill",
    "link",
    "linkat",
    "listen",
    "lseek",
    "lstat",
    "madvise",
    "mbind",
    "membarrier",
    "mincore",
    "mkdir",
    "mkdirat",
    "mlock",
    "mlock2",
    "mmap",
    "mprotect",
    "mremap",
    "msync",
    "munlock",
    "munmap",
    "nanosleep",
    "newfstatat",
    "open",
    "openat",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "prctl",
    "pread64",
    "preadv",
    "preadv2",
    "prlimit64",
    "pselect6",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readahead",
    "readlink",
    "readlinkat",
    "readv",
    "recvfrom",
    "recvmmsg",
    "recvmsg",
    "rename",
    "renameat",
    "renameat2",
    "restart_syscall",
    "rmdir",
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigqueueinfo",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "rt_tgsigqueueinfo",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_setaffinity",
    "sched_yield",
    "select",
    "sendfile",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "set_robust_list",
    "set_tid_address",
    "setitimer",
    "alarm",
    "setpriority",
    "setrlimit",
    "setsockopt",
    "shutdown",
    "sigaltstack",
    "stat",
    "statfs",
    "statx",
    "symlink",
    "symlinkat",
    "sync_file_range",
    "sysinfo",
    "tgkill",
    "time",
    "timer_create",
    "timer_delete",
    "timer_settime",
    "truncate",
    "umask",
    "uname",
    "unlink",
    "unlinkat",
    "utimensat",
    "wait4",
    "write",
    "writev",
};

/* What no defect of ours does by itself: somebody else is at work. */
static const char *const deadly[] = {
    "execve",      "execveat",     "fork",       "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
    "init_module", "finit_module", "kexec_load", "bpf",   "mount",  "pivot_root",       "setns",
    "unshare",
};

static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static int add(scmp_filter_ctx filter, uint32_t action, const char *name)
{
    const int number = seccomp_syscall_resolve_name(name);
    return number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, action, number, 0);
}

static int add_rules(scmp_filter_ctx filter)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof allowed / sizeof allowed[0]; i++)
        rc = add(filter, SCMP_ACT_ALLOW, allowed[i]);
    for (size_t i = 0; rc == 0 && i < sizeof deadly / sizeof deadly[0]; i++)
        rc = add(filter, SCMP_ACT_KILL_PROCESS, deadly[i]);
    /*
     * clone3 hides its flags in memory; without it the C library calls clone, whose flags say that it makes threads
     * only.
     */
    if (rc == 0)
        rc = add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3");
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, 0x00010000, 0x00010000));
    for (size_t i = 0; rc == 0 && i < sizeof families / sizeof families[0]; i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0));
    return rc;
}

int process_confine(struct err *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_errno(err, "cannot give up new privileges");
    if (SANITIZED)
        return 0;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a filter of system calls");
    int rc = add_rules(filter);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc == 0 ? 0 : err_set(err, ERR_IO, "cannot filter system calls: %s", strerror(-rc));
}

void process_lock(void *secret, size_t len)
{
    (void)sodium_mlock(secret, len);
}

/* --- ending --- */

static void end_now(int signal)
{
    static const char line[] = "level=error event=stop-forced reason=\"it did not end in time\"\n";
    (void)signal;
    ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
    (void)written;
    _exit(1);
}

void process_end_within(unsigned seconds)
{
    const struct sigaction action = {.sa_handler = end_now};
    sigaction(SIGALRM, &action, NULL);
    alarm(seconds);
}

void process_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, strlen(path));
    if (path[0] == '@') /* an abstract name */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    const socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&to, len);
    close(fd);
}
