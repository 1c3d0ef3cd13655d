/* Progress of long work on stderr: a bar with rate and time left on a terminal, a plain line now and then in a pipe. */
#ifndef PROTOCOL_BASE_PROGRESS_H
#define PROTOCOL_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* "enrolling THA.csv" */
    bool quiet, terminal;
    uint64_t start_ms, shown_ms;
};

void progress_start(struct progress *progress, const char *what, bool quiet);

/* done of total in any unit; count of things in words. Shows at most ten times a second, or every three seconds in a
 * pipe. */
void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t count, const char *things);
void progress_end(struct progress *progress);

#endif
