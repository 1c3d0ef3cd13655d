#include "protocol/base/wait.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

static bool blocked; /* set before there are threads */

bool wait_until(pthread_cond_t *changed, pthread_mutex_t *lock, uint64_t deadline_ms)
{
    if (deadline_ms == WAIT_FOREVER)
        return pthread_cond_wait(changed, lock) == 0;
    const struct timespec t = {.tv_sec = (time_t)(deadline_ms / 1000), .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
    return pthread_cond_clockwait(changed, lock, CLOCK_MONOTONIC, &t) == 0;
}

static void ending_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
}

static void watched_signals(sigset_t *set)
{
    ending_signals(set);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGUSR1);
}

void wait_block_signals(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    watched_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    blocked = true;
}

void wait_let_end(bool at_once)
{
    sigset_t set;
    ending_signals(&set);
    pthread_sigmask(at_once ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

int wait_signal(unsigned ms)
{
    const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
    sigset_t set;
    watched_signals(&set);
    int signal = sigtimedwait(&set, NULL, &time);
    return signal > 0 && signal != SIGUSR1 ? signal : 0;
}

void wait_wake(void)
{
    if (blocked)
        kill(getpid(), SIGUSR1);
}
