/* Progress of long work on stderr: a bar with rate and time left on a terminal, a plain line now and then in a pipe. */
#ifndef PROTOCOL_BASE_PROGRESS_H
#define PROTOCOL_BASE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Time left. Work goes by fits and starts: what is stored settles every few seconds, the matcher writes behind. So half
 * of the pace is that of all the time so far, half that of the last third of it, and of fifteen seconds at least; but
 * where they differ by more than twice, such as behind rows that are enrolled already, the late one alone counts. Long
 * standing still, because the matcher was away or the machine slept, says nothing of the pace: it is measured anew.
 * Zeros are the beginning.
 */
#define PACE_MARKS 64
struct pace {
    struct pace_mark {
        uint64_t ms, done;
    } mark[PACE_MARKS]; /* the oldest first, spread evenly */
    size_t marks;
    uint64_t apart_ms;
};

/* What is done at this time. Less than before: another piece of work begins. */
void pace_note(struct pace *pace, uint64_t ms, uint64_t done);

/* False: too early to tell. */
bool pace_left(const struct pace *pace, uint64_t ms, uint64_t done, uint64_t total, uint64_t *left_ms);

struct progress {
    const char *what; /* "1 of 4, persons: THA.csv" */
    bool quiet, terminal, shown;
    uint64_t start_ms, shown_ms;
    struct pace pace;
};

void progress_start(struct progress *progress, const char *what, bool quiet);

/* What follows is work of another kind: its pace says nothing of the time that came before, nor the other way round. */
void progress_turn(struct progress *progress);

/*
 * done of total in any unit; count of things in words. Shows at most ten times a second, or every three seconds in a
 * pipe.
 */
void progress_show(struct progress *progress, uint64_t done, uint64_t total, uint64_t count, const char *things);

/* In a pipe that anything was shown in, says how long it took. */
void progress_end(struct progress *progress);

#endif
