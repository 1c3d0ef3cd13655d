/* Waiting: for another thread until a moment, and for the signals that steer a daemon. */
#ifndef PROTOCOL_BASE_WAIT_H
#define PROTOCOL_BASE_WAIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define WAIT_FOREVER UINT64_MAX

/*
 * pthread_cond_wait() until the deadline, in milliseconds of clock_monotonic_ms(): false when that has passed. As with
 * pthread_cond_wait(), true does not say that anything changed: call it in a loop that looks.
 */
bool wait_until(pthread_cond_t *changed, pthread_mutex_t *lock, uint64_t deadline_ms);

/*
 * From now on SIGTERM, SIGINT and SIGHUP are for wait_signal(), and SIGPIPE is nobody's. Call it before threads are
 * started: they inherit it.
 */
void wait_block_signals(void);

/* Lets SIGTERM and SIGINT end the process at once, or holds them back for wait_signal() again. */
void wait_let_end(bool at_once);

/*
 * SIGTERM, SIGINT or SIGHUP, as soon as it comes; 0 after so many milliseconds without, or when wait_wake() was called.
 */
int wait_signal(unsigned ms);

/* Ends wait_signal(), the next one if none is under way. From any thread; nothing without wait_block_signals(). */
void wait_wake(void);

#endif
