#include "protocol/base/progress.h"

#include "protocol/base/clock.h"

#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define TERMINAL_MS 100
#define PIPE_MS 3000

void progress_start(struct progress *progress, const char *what, bool quiet)
{
    *progress = (struct progress){.what = what,
                                  .quiet = quiet,
                                  .terminal = isatty(STDERR_FILENO) == 1,
                                  .start_ms = clock_monotonic_ms(),
                                  .shown_ms = clock_monotonic_ms()};
}

static void show_bar(const struct progress *p, unsigned percent, double rate, uint64_t left, uint64_t count,
                     const char *things)
{
    char bar[BAR_WIDTH + 1];
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        bar[i] = i * 100 < percent * BAR_WIDTH ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %3u%% %llu %s, %.0f/s, %llu:%02llu left \033[K", p->what, bar, percent,
            (unsigned long long)count, things, rate, (unsigned long long)(left / 60), (unsigned long long)(left % 60));
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t count, const char *things)
{
    uint64_t now = clock_monotonic_ms(), spent = now - progress->start_ms;
    if (progress->quiet || now - progress->shown_ms < (progress->terminal ? TERMINAL_MS : PIPE_MS))
        return;
    progress->shown_ms = now;
    unsigned percent = total > 0 && done < total ? (unsigned)(100 * done / total) : 100;
    double rate = spent > 0 ? 1000.0 * (double)count / (double)spent : 0;
    uint64_t left = done > 0 && total > done ? spent * (total - done) / done / 1000 : 0;
    if (progress->terminal)
        show_bar(progress, percent, rate, left, count, things);
    else
        fprintf(stderr, "%s: %u%%, %llu %s, %.0f/s, %llu s left\n", progress->what, percent, (unsigned long long)count,
                things, rate, (unsigned long long)left);
}

void progress_end(struct progress *progress)
{
    if (progress->terminal && !progress->quiet)
        fputs("\r\033[K", stderr);
}
