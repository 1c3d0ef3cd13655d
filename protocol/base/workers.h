/*
 * Threads that work off tasks, several at once, and give them back in the order in which they came. One thread gives
 * and takes; what a task is, is its own affair.
 */
#ifndef PROTOCOL_BASE_WORKERS_H
#define PROTOCOL_BASE_WORKERS_H

#include "protocol/base/err.h"
#include "protocol/base/wait.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workers;

#define WORKERS_MAX 16 /* tasks at work at once: what bounds the memory they take */

struct workers_options {
    size_t threads;                          /* at most WORKERS_MAX */
    void (*work)(void *context, void *task); /* called by the threads */
    void *context;                           /* borrowed */
};

/* How many threads keep `jobs` cores (0: of this machine) busy although each waits for answers for a part of its
 * time. */
size_t workers_count(size_t jobs);

int workers_new(struct workers **out, const struct workers_options *options, struct err *err);

/* Waits for tasks that are being worked at; forgets those that nobody took or began. NULL is fine. */
void workers_free(struct workers *workers);

/* How many were given and not taken yet: there may be as many as threads. */
size_t workers_pending(const struct workers *workers);

/* Only while fewer than `threads` are pending. */
void workers_give(struct workers *workers, void *task);

/* The oldest that is pending, when it is done. NULL if there is none, or if it is not done after so many milliseconds
 * (WAIT_FOREVER: it waits). */
void *workers_take(struct workers *workers, uint64_t wait_ms);

#endif
