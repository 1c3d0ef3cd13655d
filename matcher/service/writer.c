#include "matcher/service/writer.h"

#include "matcher/service/share.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GROUP_BYTES (64u << 20) /* of a write that takes no further job */
#define JOB_BYTES 64            /* that a job costs beside its own, when time is shared out */

struct writer {
    struct matcher *matcher;
    pthread_mutex_t lock;
    pthread_cond_t came, taken;
    struct job *job[WRITER_JOBS_MAX]; /* waiting, oldest first */
    size_t count, bytes;
    bool heavy_next; /* groups of parties that have little waiting, and of others, take turns */
    struct shares shares;
    bool stopping, running;
    pthread_t thread;
};

/* --- a group of jobs, with the matcher's `writing` held --- */

struct group {
    struct matcher *matcher;
    struct job **job;
    size_t from, to; /* those that are staged into the write at hand */
    bool open;
};

static int begin(struct group *g, struct err *err)
{
    struct store_write *write;
    int rc = store_begin(&write, g->matcher->store, err);
    if (rc == 0)
        join_begin(&g->matcher->join, write, g->matcher->world, &g->matcher->walks);
    g->open = rc == 0;
    return rc;
}

static void fail(struct job *job, const struct err *why)
{
    job->state = JOB_FAILED;
    job->err = *why;
}

/* The write at hand is over: with what it had staged, unless why says that it failed. */
static void end(struct group *g, const struct err *why)
{
    for (size_t i = g->from; why != NULL && i < g->to; i++)
        if (g->job[i]->state == JOB_STAGED)
            fail(g->job[i], why);
    g->open = false;
    g->from = g->to;
}

static void commit(struct group *g)
{
    struct err err;
    end(g, g->open && store_commit(g->matcher->join.write, &err) != 0 ? &err : NULL);
}

/* A job that fails is taken back alone. *full: it might have had room in a write of its own. */
static int stage(struct group *g, struct job *job, bool *full)
{
    struct join *join = &g->matcher->join;
    struct err why;
    *full = false;
    int rc = g->open ? 0 : begin(g, &job->err);
    if (rc == 0)
        rc = store_save(join->write, &job->err);
    if (rc != 0)
        return rc;
    const bool first = store_write_is_empty(join->write);
    rc = job_stage(g->matcher, job);
    if (rc == 0)
        return 0;
    *full = !first && store_write_bytes(join->write) + join->tally.bytes > STORE_WRITE_BYTES_MAX;
    job_forget(job);
    if (store_undo(join->write, &why) == 0) {
        join_begin(join, join->write, g->matcher->world, &g->matcher->walks);
    } else {
        store_abandon(join->write);
        end(g, &why);
    }
    return rc;
}

/* What the write at hand has may hide what the job must see. */
static bool must_wait(const struct group *g, const struct job *job)
{
    if (!g->open)
        return false;
    for (size_t i = g->from; i < g->to; i++)
        if (g->job[i]->peer_id == job->peer_id && (job_is_of_letters(job) || job_shares_receipts(job, g->job[i]) ||
                                                   memcmp(g->job[i]->in.id, job->in.id, WIRE_ID_SIZE) == 0))
            return true;
    return job_is_alone(job) || store_write_bytes(g->matcher->join.write) > GROUP_BYTES ||
           job_must_wait(g->matcher, job);
}

/* Stages it, in a write of its own if the one at hand has no room for it. */
static int stage_somewhere(struct group *g, struct job *job)
{
    bool full;
    int rc = stage(g, job, &full);
    if (rc != 0 && full) {
        commit(g);
        rc = stage(g, job, &full);
    }
    return rc;
}

/* A job that may have begun a walk is over: what comes behind it must see that. */
static void end_alone(struct group *g, const struct job *job)
{
    struct matcher *m = g->matcher;
    struct err err;
    commit(g);
    if (walk_load(&m->walks, m->store, &err) != 0) {
        m->must_load = true;
        log_event(LOG_ERROR, "changes-not-read", "peer=%s reason=\"%s\"", rpc_request_peer(job->request), err.text);
    }
}

/* What was answered before is answered again, whatever goes on. */
static void add(struct group *g, struct job *job)
{
    struct matcher *m = g->matcher;
    if (must_wait(g, job))
        commit(g);
    int rc = job_recall(m, job);
    if (rc == 0)
        job->state = JOB_REPEATED;
    else if (rc == ERR_NOT_FOUND && job_is_busy(m, job))
        rc = err_set(&job->err, ERR_BUSY, "partners are being joined anew: try again soon");
    else if (rc == ERR_NOT_FOUND)
        rc = stage_somewhere(g, job);
    if (job->state == JOB_WAITING)
        job->state = rc == 0 ? JOB_STAGED : JOB_FAILED;
    g->to++;
    if (job->state == JOB_STAGED && job_is_alone(job))
        end_alone(g, job);
}

/* Microseconds that it took. */
static uint64_t write_all(struct matcher *m, struct job **jobs, size_t count)
{
    struct group g = {.matcher = m, .job = jobs};
    pthread_mutex_lock(&m->writing);
    const uint64_t start = clock_monotonic_us();
    for (size_t i = 0; i < count; i++)
        add(&g, jobs[i]);
    commit(&g);
    const uint64_t end = clock_monotonic_us();
    pthread_mutex_unlock(&m->writing);
    return end - start;
}

static void answer_all(struct matcher *m, struct job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        job_answer(m, jobs[i]);
        job_free(jobs[i]);
    }
    parked_wake(&m->parked, m->store);
}

/* --- the thread --- */

/* Bytes of this party among these jobs. */
static size_t bytes_of(struct job *const *job, size_t count, uint16_t peer)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (job[i]->peer_id == peer)
            bytes += job[i]->in.body.len;
    return bytes;
}

static bool has_job_of(struct job *const *job, size_t count, uint16_t peer)
{
    for (size_t i = 0; i < count; i++)
        if (job[i]->peer_id == peer)
            return true;
    return false;
}

/* Of a party that has little waiting; its jobs do not wait in one write with those of one that has much. */
static bool is_light(const struct writer *w, const struct job *job)
{
    return bytes_of(w->job, w->count, job->peer_id) <= WRITER_PEER_BYTES;
}

/* With the lock: which jobs' parties have their turn; how long the first of the others must wait. */
static uint64_t find_ready(const struct writer *w, bool ready[WRITER_JOBS_MAX])
{
    const uint64_t now = clock_monotonic_us();
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < w->count; i++) {
        const uint64_t wait = w->stopping ? 0 : share_wait(&w->shares, w->job[i]->peer_id, now);
        ready[i] = wait == 0;
        least = !ready[i] && wait < least ? wait : least;
    }
    return least;
}

/*
 * With the lock: those that go into the next group, so that a party's stay in their order; the rest waits. *wait: until
 * there will be some, if there are none.
 */
static size_t take(struct writer *w, struct job **taken, uint64_t *wait)
{
    bool ready[WRITER_JOBS_MAX] = {false}, light[WRITER_JOBS_MAX] = {false}, any_light = false, any_heavy = false;
    size_t count = 0, left = 0;
    *wait = find_ready(w, ready);
    for (size_t i = 0; i < w->count; i++) {
        light[i] = is_light(w, w->job[i]);
        any_light = any_light || (ready[i] && light[i]);
        any_heavy = any_heavy || (ready[i] && !light[i]);
    }
    const bool lights = any_light && !(any_heavy && w->heavy_next);
    w->heavy_next = lights;
    for (size_t i = 0; i < w->count; i++) {
        struct job *job = w->job[i];
        const size_t have = bytes_of(taken, count, job->peer_id);
        if (ready[i] && light[i] == lights && !has_job_of(w->job, left, job->peer_id) &&
            (have == 0 || have + job->in.body.len <= WRITER_PEER_BYTES)) {
            w->bytes -= job->in.body.len;
            taken[count++] = job;
        } else {
            w->job[left++] = job;
        }
    }
    w->count = left;
    return count;
}

/* With the lock: waits for jobs whose parties have their turn. 0: there will be none. */
static size_t wait_for_jobs(struct writer *w, struct job **jobs)
{
    uint64_t wait;
    size_t count;
    while ((count = take(w, jobs, &wait)) == 0 && !(w->stopping && w->count == 0)) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        const uint64_t nanoseconds = (uint64_t)until.tv_nsec + wait % 1000000 * 1000;
        until.tv_sec += (time_t)(wait / 1000000 + nanoseconds / 1000000000);
        until.tv_nsec = (long)(nanoseconds % 1000000000);
        if (w->count == 0)
            pthread_cond_wait(&w->came, &w->lock);
        else
            pthread_cond_timedwait(&w->came, &w->lock, &until);
    }
    return count;
}

/* With the lock: what each party's part of a group took, by bytes. */
static void charge(struct writer *w, struct job *const *job, size_t count, uint64_t took)
{
    const uint64_t now = clock_monotonic_us();
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += JOB_BYTES + job[i]->in.body.len;
    for (size_t i = 0; i < count; i++)
        share_charge(&w->shares, job[i]->peer_id, took * (JOB_BYTES + job[i]->in.body.len) / bytes, now);
}

static void *writer_main(void *context)
{
    struct writer *w = context;
    struct job *jobs[WRITER_JOBS_MAX];
    for (;;) {
        pthread_mutex_lock(&w->lock);
        const size_t count = wait_for_jobs(w, jobs);
        pthread_cond_broadcast(&w->taken);
        pthread_mutex_unlock(&w->lock);
        if (count == 0)
            return NULL;
        const uint64_t took = write_all(w->matcher, jobs, count);
        pthread_mutex_lock(&w->lock);
        charge(w, jobs, count, took);
        pthread_mutex_unlock(&w->lock);
        answer_all(w->matcher, jobs, count);
    }
}

/* It waits by the clock that nobody sets. */
static void init_conditions(struct writer *w)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->came, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&w->taken, NULL);
}

int writer_start(struct writer **out, struct matcher *matcher, struct err *err)
{
    struct writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the writer");
    w->matcher = matcher;
    pthread_mutex_init(&w->lock, NULL);
    init_conditions(w);
    w->running = pthread_create(&w->thread, NULL, writer_main, w) == 0;
    if (!w->running) {
        writer_stop(w);
        return err_set(err, ERR_IO, "cannot start a thread");
    }
    *out = w;
    return 0;
}

/* With the lock. */
static int check_room(const struct writer *w, uint16_t peer, struct err *err)
{
    size_t waiting = 0;
    for (size_t i = 0; i < w->count; i++)
        waiting += w->job[i]->peer_id == peer;
    return waiting < WRITER_PEER_JOBS ? 0 : err_set(err, ERR_BUSY, "%zu of your requests wait already", waiting);
}

int writer_has_room(struct writer *writer, uint16_t peer, struct err *err)
{
    pthread_mutex_lock(&writer->lock);
    int rc = check_room(writer, peer, err);
    pthread_mutex_unlock(&writer->lock);
    return rc;
}

int writer_add(struct writer *writer, struct job *job, struct err *err)
{
    size_t bytes = job->in.body.len;
    pthread_mutex_lock(&writer->lock);
    int rc = check_room(writer, job->peer_id, err);
    if (rc != 0) {
        pthread_mutex_unlock(&writer->lock);
        return rc;
    }
    while (writer->count == WRITER_JOBS_MAX || (writer->count > 0 && writer->bytes + bytes > WRITER_BYTES_MAX))
        pthread_cond_wait(&writer->taken, &writer->lock);
    share_hear(&writer->shares, job->peer_id, clock_monotonic_us());
    writer->job[writer->count++] = job;
    writer->bytes += bytes;
    pthread_cond_signal(&writer->came);
    pthread_mutex_unlock(&writer->lock);
    return 0;
}

void writer_stop(struct writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->came);
    pthread_mutex_unlock(&writer->lock);
    if (writer->running)
        pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->came);
    pthread_cond_destroy(&writer->taken);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}
