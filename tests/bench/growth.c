/*
 * The matcher's store as it grows: synthetic tags are put by two agencies until it has 10 or 50 million, in a process
 * of its own, which is killed in the middle of a write. Needs some 600 bytes of disk for a tag, in $TMPDIR or /tmp.
 */
#include "tests/bench/bench.h"
#include "tests/bench/puts.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MILLION 1000000u
#define SHARED 10                      /* one tag in so many is one of the other agency's last request */
#define GROUP (8192 / WIRE_CHANGE_MAX) /* requests whose time together is looked at */
#define GROUPS_MAX 6000                /* of one point: 49 million tags in requests of 512 */

/* What is known once so many tags are stored. */
struct milestone {
    double processor, wall; /* microseconds a tag, over the last million */
    double p99;             /* seconds for 8,192 tags, over all since the last point */
    double memory;          /* megabytes, the most so far */
};

static const uint64_t targets[] = {MILLION, 10 * MILLION, 50 * MILLION};
enum { AT_1, AT_10, AT_50, POINTS };

struct growth {
    struct milestone point[POINTS];
    double start; /* seconds, until the store is open again after kill -9, nothing of it in memory */
};

/* --- the process that puts --- */

struct filling {
    struct puts puts;
    uint64_t stored, groups;
    double group[GROUPS_MAX]; /* seconds */
};

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double wall_seconds(void)
{
    return (double)clock_monotonic_us() / 1e6;
}

static double peak_megabytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

/* A request's tags: new ones, and some of what the other agency put last. */
static int put_request(struct filling *f, struct err *err)
{
    static uint8_t tag[PUTS_AGENCIES][WIRE_CHANGE_MAX][WIRE_TAG_SIZE];
    enum puts_agency who = f->stored / WIRE_CHANGE_MAX % PUTS_AGENCIES, other = PUTS_AGENCIES - 1 - who;
    randombytes_buf(tag[who], sizeof tag[who]);
    for (size_t i = 0; f->stored > 0 && i < WIRE_CHANGE_MAX / SHARED; i++)
        memcpy(tag[who][i], tag[other][SHARED * i + 1], WIRE_TAG_SIZE);
    puts_sort(tag[who], WIRE_CHANGE_MAX);
    f->stored += WIRE_CHANGE_MAX;
    return puts_put(&f->puts, who, tag[who], WIRE_CHANGE_MAX, err);
}

static int put_group(struct filling *f, struct err *err)
{
    double start = wall_seconds();
    int rc = 0;
    for (int i = 0; rc == 0 && i < GROUP; i++)
        rc = put_request(f, err);
    if (f->groups < GROUPS_MAX)
        f->group[f->groups++] = wall_seconds() - start;
    return rc;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int fill_to(struct filling *f, uint64_t target, struct milestone *out, struct err *err)
{
    int rc = 0;
    f->groups = 0;
    while (rc == 0 && f->stored + MILLION < target)
        rc = put_group(f, err);
    const double processor = processor_seconds(), wall = wall_seconds();
    const uint64_t before = f->stored;
    while (rc == 0 && f->stored < target)
        rc = put_group(f, err);
    const double tags = (double)(f->stored - before);
    qsort(f->group, f->groups, sizeof f->group[0], compare_doubles);
    *out = (struct milestone){.processor = (processor_seconds() - processor) * 1e6 / tags,
                              .wall = (wall_seconds() - wall) * 1e6 / tags,
                              .p99 = f->group[f->groups * 99 / 100],
                              .memory = peak_megabytes()};
    return rc;
}

/* Writes each point to fd once it is reached, then goes on until it is killed. */
static void fill(const char *dir, int points, int fd)
{
    static struct filling f;
    struct err err = {0};
    int rc = puts_open(&f.puts, dir, &err);
    for (int i = 0; rc == 0 && i < points; i++) {
        struct milestone point;
        rc = fill_to(&f, targets[i], &point, &err);
        fprintf(stderr,
                "# %5.1f million tags: %.2f us of processor time a tag, %.2f of wall time, p99 of 8,192 %.3f s, "
                "%.0f MB\n",
                (double)f.stored / MILLION, point.processor, point.wall, point.p99, point.memory);
        if (rc == 0 && write(fd, &point, sizeof point) != sizeof point)
            rc = -1;
    }
    while (rc == 0)
        rc = put_request(&f, &err);
    fprintf(stderr, "# %s\n", err.text);
    _exit(1);
}

/* --- the process that measures --- */

/* Whatever of the directory's files lies in memory is given back. */
static void forget_pages(const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        int fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        fdatasync(fd);
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
    if (d != NULL)
        closedir(d);
}

static int start_again(const char *dir, double *seconds, struct err *err)
{
    struct puts puts;
    forget_pages(dir);
    double start = wall_seconds();
    int rc = puts_open(&puts, dir, err);
    *seconds = wall_seconds() - start;
    puts_close(&puts);
    return rc;
}

static int watch_child(pid_t child, int fd, int points, struct growth *out, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < points; i++)
        if (read(fd, &out->point[i], sizeof out->point[i]) != sizeof out->point[i])
            rc = err_set(err, ERR_IO, "the process that puts tags ended");
    if (rc == 0)
        clock_sleep_ms(2000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return rc;
}

static int grow_in(const char *dir, int points, struct growth *out, struct err *err)
{
    int ends[2];
    if (pipe(ends) != 0)
        return err_errno(err, "cannot make a pipe");
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        fill(dir, points, ends[1]);
    }
    close(ends[1]);
    int rc = child < 0 ? err_errno(err, "cannot start a process") : watch_child(child, ends[0], points, out, err);
    close(ends[0]);
    return rc != 0 ? rc : start_again(dir, &out->start, err);
}

static int grow(int points, struct growth *out, struct err *err)
{
    char dir[PATH_LIMIT];
    struct err ignored;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/concord-bench-XXXXXX", tmp != NULL ? tmp : "/tmp");
    if (mkdtemp(dir) == NULL)
        return err_errno(err, "cannot make %s", dir);
    int rc = grow_in(dir, points, out, err);
    if (tree_remove(dir, &ignored) != 0)
        fprintf(stderr, "cannot remove %s\n", dir);
    return rc;
}

/* Each store is made once, for all its figures. */
static const struct growth *to_10(struct err *err)
{
    static struct growth growth;
    static bool done;
    done = done || grow(AT_10 + 1, &growth, err) == 0;
    return done ? &growth : NULL;
}

static const struct growth *to_50(struct err *err)
{
    static struct growth growth;
    static bool done;
    done = done || grow(AT_50 + 1, &growth, err) == 0;
    return done ? &growth : NULL;
}

#define FIGURE(name, growth_of, figure)                                                                                \
    static int name(double *value, struct err *err)                                                                    \
    {                                                                                                                  \
        const struct growth *g = growth_of(err);                                                                       \
        if (g != NULL)                                                                                                 \
            *value = (figure);                                                                                         \
        return g != NULL ? 0 : err_code(err);                                                                          \
    }

FIGURE(put_1, to_10, g->point[AT_1].processor)
FIGURE(put_1_wall, to_10, g->point[AT_1].wall)
FIGURE(put_10, to_10, g->point[AT_10].processor / g->point[AT_1].processor)
FIGURE(put_10_wall, to_10, g->point[AT_10].wall / g->point[AT_1].wall)
FIGURE(put_10_p99, to_10, g->point[AT_10].p99)
FIGURE(put_50, to_50, g->point[AT_50].processor / g->point[AT_1].processor)
FIGURE(put_50_wall, to_50, g->point[AT_50].wall / g->point[AT_1].wall)
FIGURE(put_50_p99, to_50, g->point[AT_50].p99)
FIGURE(memory_50, to_50, g->point[AT_50].memory)
FIGURE(start_50, to_50, g->start)

const struct bench_case bench_growth[] = {
    {.name = "growth.put",
     .what =
         "a put tag on the way to 1 million, of two agencies, one in ten meets the other's: processor time (bar: 8)",
     .unit = BENCH_US,
     .measure = put_1,
     .slow = true},
    {.name = "growth.put.wall", .what = "wall time of the same", .unit = BENCH_US, .measure = put_1_wall, .slow = true},
    {.name = "growth.put_10",
     .what = "the same on the way from 9 to 10 million, in times of growth.put (bar: 1.3)",
     .unit = BENCH_TIMES,
     .measure = put_10,
     .slow = true},
    {.name = "growth.put_10.wall",
     .what = "wall time of the same, in times of growth.put.wall",
     .unit = BENCH_TIMES,
     .measure = put_10_wall,
     .slow = true},
    {.name = "growth.put_10.p99",
     .what = "8,192 tags, while the store grows from 1 to 10 million: 99th percentile of the wall time (bar: 0.5)",
     .unit = BENCH_SECONDS,
     .measure = put_10_p99,
     .slow = true},
    {.name = "growth.put_50",
     .what = "a put tag on the way from 49 to 50 million, in times of growth.put (bar: 1.3)",
     .unit = BENCH_TIMES,
     .measure = put_50,
     .slow = true},
    {.name = "growth.put_50.wall",
     .what = "wall time of the same, in times of growth.put.wall",
     .unit = BENCH_TIMES,
     .measure = put_50_wall,
     .slow = true},
    {.name = "growth.put_50.p99",
     .what = "8,192 tags, while the store grows from 10 to 50 million: 99th percentile of the wall time",
     .unit = BENCH_SECONDS,
     .measure = put_50_p99,
     .slow = true},
    {.name = "growth.memory_50",
     .what = "the most memory of that process (bar: 2,048)",
     .unit = BENCH_MEGABYTES,
     .measure = memory_50,
     .slow = true},
    {.name = "growth.start_50",
     .what = "until that store is open again after kill -9, nothing of it in memory (bar: 5)",
     .unit = BENCH_SECONDS,
     .measure = start_50,
     .slow = true},
    {.name = NULL},
};
