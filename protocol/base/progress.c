#include "protocol/base/progress.h"

#include "protocol/base/clock.h"

#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define TERMINAL_MS 100
#define PIPE_MS 3000
#define MARK_MS 250
#define PACE_LEAST_MS 15000
#define PACE_PART 3   /* of the time so far */
#define EARLY_MS 2000 /* until then, nothing is said */
#define STALL_MS 5000 /* without anything done: a stall, */
#define STALL_PART 4  /* if it is more than this part of the time so far, */
#define STALL_MARKS 8 /* and work came oftener before */
#define BEGUN_MARKS 8 /* behind so many, what came before the second is the beginning, and no pace */
#define LEFT_SIZE 48

/* --- pace --- */

static void forget_every_other(struct pace *p)
{
    for (size_t i = 0; 2 * i < p->marks; i++)
        p->mark[i] = p->mark[2 * i];
    p->marks = (p->marks + 1) / 2;
    p->apart_ms *= 2;
}

static bool stood_still(const struct pace *p, uint64_t ms)
{
    const uint64_t before = p->mark[p->marks - 1].ms, gap = ms - before;
    return p->marks >= STALL_MARKS && gap > STALL_MS && STALL_PART * gap > before - p->mark[0].ms;
}

void pace_note(struct pace *pace, uint64_t ms, uint64_t done)
{
    const struct pace_mark *last = pace->marks > 0 ? &pace->mark[pace->marks - 1] : NULL;
    if (last != NULL && done == last->done)
        return;
    if (last != NULL && (done < last->done || stood_still(pace, ms)))
        pace->marks = 0;
    else if (last != NULL && ms - last->ms < pace->apart_ms)
        return;
    if (pace->marks == 0)
        pace->apart_ms = MARK_MS;
    if (pace->marks == PACE_MARKS)
        forget_every_other(pace);
    pace->mark[pace->marks++] = (struct pace_mark){ms, done};
}

/* The newest mark that is old enough, or the first. */
static const struct pace_mark *mark_to_measure_from(const struct pace *p, uint64_t ms)
{
    uint64_t window = (ms - p->mark[0].ms) / PACE_PART;
    size_t i = p->marks - 1;
    if (window < PACE_LEAST_MS)
        window = PACE_LEAST_MS;
    while (i > 0 && ms - p->mark[i].ms < window)
        i--;
    return &p->mark[i];
}

bool pace_left(const struct pace *pace, uint64_t ms, uint64_t done, uint64_t total, uint64_t *left_ms)
{
    if (pace->marks == 0 || ms - pace->mark[0].ms < EARLY_MS)
        return false;
    const struct pace_mark *first = &pace->mark[pace->marks >= BEGUN_MARKS], *from = mark_to_measure_from(pace, ms);
    if (from < first)
        from = first;
    if (done <= from->done || ms == from->ms)
        return false;
    double all = (double)(done - first->done) / (double)(ms - first->ms);
    double late = (double)(done - from->done) / (double)(ms - from->ms);
    bool changed = all > 2 * late || late > 2 * all;
    *left_ms = (uint64_t)((total > done ? (double)(total - done) : 0) / (changed ? late : (all + late) / 2));
    return true;
}

/* --- showing --- */

void progress_start(struct progress *progress, const char *what, bool quiet)
{
    *progress = (struct progress){.what = what,
                                  .quiet = quiet,
                                  .terminal = isatty(STDERR_FILENO) == 1,
                                  .start_ms = clock_monotonic_ms(),
                                  .shown_ms = clock_monotonic_ms()};
    pace_note(&progress->pace, progress->start_ms, 0);
}

void progress_turn(struct progress *progress)
{
    progress->pace.marks = 0;
    pace_note(&progress->pace, clock_monotonic_ms(), 0);
}

static void show_bar(const struct progress *p, unsigned percent, double rate, const char *left, uint64_t count,
                     const char *things)
{
    char bar[BAR_WIDTH + 1];
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        bar[i] = i * 100 < percent * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3u%% %llu %s, %.0f/s%s \033[K", p->what, bar, percent, (unsigned long long)count,
            things, rate, left);
}

static void write_left(char out[LEFT_SIZE], bool terminal, uint64_t seconds)
{
    unsigned long long s = seconds;
    if (terminal)
        snprintf(out, LEFT_SIZE, ", %llu:%02llu left", s / 60, s % 60);
    else
        snprintf(out, LEFT_SIZE, ", %llu s left", s);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t count, const char *things)
{
    struct progress *p = progress;
    uint64_t now = clock_monotonic_ms(), spent = now - p->start_ms, left_ms;
    char left[LEFT_SIZE] = "";
    if (p->quiet)
        return;
    pace_note(&p->pace, now, done);
    if (now - p->shown_ms < (p->terminal ? TERMINAL_MS : PIPE_MS))
        return;
    p->shown_ms = now;
    p->shown = true;
    unsigned percent = total > 0 && done < total ? (unsigned)(100 * done / total) : 100;
    double rate = spent > 0 ? 1000.0 * (double)count / (double)spent : 0;
    if (pace_left(&p->pace, now, done, total, &left_ms))
        write_left(left, p->terminal, (left_ms + 500) / 1000);
    if (p->terminal)
        show_bar(p, percent, rate, left, count, things);
    else
        fprintf(stderr, "%s: %u%%, %llu %s, %.0f/s%s\n", p->what, percent, (unsigned long long)count, things, rate,
                left);
}

void progress_end(struct progress *progress)
{
    if (progress->terminal && !progress->quiet)
        fputs("\r\033[K", stderr);
    else if (progress->shown)
        fprintf(stderr, "%s: done in %.1f s\n", progress->what,
                (double)(clock_monotonic_ms() - progress->start_ms) / 1000);
}
