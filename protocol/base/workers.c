#include "protocol/base/workers.h"

#include "protocol/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum slot_state { SLOT_WAITING, SLOT_AT_WORK, SLOT_DONE };

struct slot {
    void *task;
    enum slot_state state;
};

struct workers {
    struct workers_options options;
    pthread_t thread[WORKERS_MAX];
    size_t started;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t given, done;
    struct slot slot[WORKERS_MAX]; /* a ring: pending ones from `oldest` on */
    size_t oldest, pending;
    bool stop;
};

size_t workers_count(size_t jobs)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (jobs == 0)
        jobs = cores > 0 ? (size_t)cores : 1;
    return 2 * jobs < WORKERS_MAX ? 2 * jobs : WORKERS_MAX;
}

/* The oldest task that nobody has begun; NULL if there is none. With the lock held. */
static struct slot *find_waiting(struct workers *w)
{
    for (size_t i = 0; i < w->pending; i++) {
        struct slot *slot = &w->slot[(w->oldest + i) % WORKERS_MAX];
        if (slot->state == SLOT_WAITING)
            return slot;
    }
    return NULL;
}

static void *run(void *context)
{
    struct workers *w = context;
    pthread_mutex_lock(&w->lock);
    while (!w->stop) {
        struct slot *slot = find_waiting(w);
        if (slot == NULL) {
            pthread_cond_wait(&w->given, &w->lock);
            continue;
        }
        slot->state = SLOT_AT_WORK;
        void *task = slot->task;
        pthread_mutex_unlock(&w->lock);
        w->options.work(w->options.context, task);
        pthread_mutex_lock(&w->lock);
        slot->state = SLOT_DONE;
        pthread_cond_signal(&w->done);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

int workers_new(struct workers **out, const struct workers_options *options, struct err *err)
{
    struct workers *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for threads");
    w->options = *options;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->given, NULL);
    pthread_cond_init(&w->done, NULL);
    while (w->started < options->threads && pthread_create(&w->thread[w->started], NULL, run, w) == 0)
        w->started++;
    if (w->started == 0) { /* fewer than asked for do the work, too */
        workers_free(w);
        return err_set(err, ERR_IO, "cannot start a thread");
    }
    *out = w;
    return 0;
}

void workers_free(struct workers *workers)
{
    if (workers == NULL)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->stop = true;
    pthread_cond_broadcast(&workers->given);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->started; i++)
        pthread_join(workers->thread[i], NULL);
    pthread_cond_destroy(&workers->given);
    pthread_cond_destroy(&workers->done);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}

size_t workers_pending(const struct workers *workers)
{
    return workers->pending;
}

void workers_give(struct workers *workers, void *task)
{
    pthread_mutex_lock(&workers->lock);
    workers->slot[(workers->oldest + workers->pending) % WORKERS_MAX] = (struct slot){task, SLOT_WAITING};
    workers->pending++;
    pthread_cond_signal(&workers->given);
    pthread_mutex_unlock(&workers->lock);
}

void *workers_take(struct workers *workers, uint64_t wait_ms)
{
    void *task = NULL;
    uint64_t deadline = wait_ms == WAIT_FOREVER ? WAIT_FOREVER : clock_monotonic_ms() + wait_ms;
    pthread_mutex_lock(&workers->lock);
    struct slot *slot = &workers->slot[workers->oldest];
    bool more = wait_ms > 0;
    while (more && workers->pending > 0 && slot->state != SLOT_DONE)
        more = wait_until(&workers->done, &workers->lock, deadline);
    if (workers->pending > 0 && slot->state == SLOT_DONE) {
        task = slot->task;
        workers->oldest = (workers->oldest + 1) % WORKERS_MAX;
        workers->pending--;
    }
    pthread_mutex_unlock(&workers->lock);
    return task;
}
