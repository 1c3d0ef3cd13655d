#include "protocol/audit/walk/walk.h"

#include "protocol/ledger/tiles.h"
#include "protocol/audit/walk/walk_checkpoints.h"
#include "protocol/base/file.h"
#include "protocol/ledger/witness.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The entries are cut into chunks, each a complete subtree but the last. Threads hash chunks, each for itself; the
 * caller's thread takes them in order and knows the peaks of all that is before. The root at a checkpoint within a
 * chunk is the fold of those peaks with the fold of the chunk's own, so that the threads need not know what is before
 * them.
 */
#define CHUNK_LEVEL 12
#define CHUNK ((uint64_t)1 << CHUNK_LEVEL)

struct seal {
    struct walk_checkpoint checkpoint;
    struct hash fold; /* of the chunk's entries up to it */
};

struct chunk {
    struct event event[CHUNK];
    struct seal seal[CHUNK];
    size_t events, seals;
    struct hash root; /* of a full one */
    bool ready;
    bool differs;      /* a tile's hash is not that of the entries: kept until a checkpoint says who is right */
    size_t differs_at; /* how many of the events are before that is known */
    int level;
    uint64_t place;
    int rc; /* what stopped it, behind the events and seals that it has */
    struct err err;
};

struct pool {
    const struct walk *walk;
    const uint64_t *sizes; /* of all checkpoints, ascending */
    size_t size_count;
    uint64_t chunks, taken, merged;
    size_t window;
    struct chunk *slot;
    bool stop;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

/* --- one chunk, in a thread of its own --- */

struct hashing {
    const struct walk *walk;
    struct tiles *tiles;
    struct chunk *chunk;
    uint64_t first;
};

static void made_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    struct hashing *h = context;
    struct hash tile;
    struct chunk *c = h->chunk;
    uint64_t place = (h->first >> level) + index;
    if (level % 8 != 0 || c->rc != 0)
        return;
    c->rc = tiles_hash(h->tiles, (int)level / 8, place, &tile, &c->err);
    if (c->rc == 0 && !c->differs && memcmp(tile.bytes, hash->bytes, MERKLE_HASH) != 0) {
        c->differs = true;
        c->differs_at = c->events;
        c->level = (int)level / 8;
        c->place = place;
    }
}

static int take_entry(struct hashing *h, struct merkle_range *range)
{
    char bundle[TILE_PATH_MAX];
    struct chunk *c = h->chunk;
    struct span entry;
    struct hash leaf;
    uint64_t index = h->tiles->next;
    int rc = tiles_next_entry(h->tiles, &entry, &c->err);
    if (rc != 0)
        return rc;
    rc = event_decode(&c->event[c->events], entry, &c->err);
    if (rc != 0) {
        err_wrap(&c->err, "%s/%s: entry %" PRIu64, h->walk->dir, tiles_path(h->tiles, bundle, TILE_ENTRIES, index),
                 index);
        return rc;
    }
    merkle_leaf(&leaf, entry);
    merkle_append(range, &leaf, made_node, h);
    c->events++;
    return c->rc;
}

/* A root, as RFC 6962 has it, of what the range holds; the tree of no entries is nobody's. */
static int take_seal(struct hashing *h, const struct merkle_range *range, struct buf *note)
{
    struct seal *seal = &h->chunk->seal[h->chunk->seals];
    int rc = walk_read_checkpoint(h->walk, h->first + range->size, note, &seal->checkpoint, &h->chunk->err);
    merkle_root(&seal->fold, range);
    h->chunk->seals += rc == 0;
    return rc;
}

static void work(const struct pool *pool, struct tiles *tiles, struct buf *note, uint64_t number, struct chunk *chunk)
{
    struct hashing h = {pool->walk, tiles, chunk, number * CHUNK};
    struct merkle_range range = {.size = 0};
    uint64_t left = pool->walk->newest.size - h.first, count = left < CHUNK ? left : CHUNK;
    size_t at = walk_first_above(pool->sizes, pool->size_count, h.first);
    chunk->events = chunk->seals = 0;
    chunk->differs = false;
    chunk->rc = 0;
    tiles_seek(tiles, h.first);
    while (chunk->rc == 0 && chunk->events < count) {
        chunk->rc = take_entry(&h, &range);
        if (chunk->rc == 0 && at < pool->size_count && pool->sizes[at] == h.first + range.size) {
            chunk->rc = take_seal(&h, &range, note);
            at++;
        }
    }
    if (chunk->rc == 0)
        merkle_root(&chunk->root, &range);
}

static void *worker(void *context)
{
    struct pool *pool = context;
    struct tiles tiles;
    struct buf note = buf_of(NOTE_MAX);
    tiles_open(&tiles, pool->walk->dir, pool->walk->newest.size);
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (!pool->stop && pool->taken < pool->chunks && pool->taken - pool->merged >= pool->window)
            pthread_cond_wait(&pool->changed, &pool->lock);
        if (pool->stop || pool->taken == pool->chunks)
            break;
        uint64_t number = pool->taken++;
        struct chunk *chunk = &pool->slot[number % pool->window];
        pthread_mutex_unlock(&pool->lock);
        work(pool, &tiles, &note, number, chunk);
        pthread_mutex_lock(&pool->lock);
        chunk->ready = true;
        pthread_cond_broadcast(&pool->changed);
    }
    pthread_mutex_unlock(&pool->lock);
    tiles_close(&tiles);
    buf_free(&note);
    return NULL;
}

/* --- all chunks, in order --- */

struct merging {
    const struct walk *walk;
    const struct walk_handler *handler;
    struct tiles tiles;
    struct merkle_range range; /* of chunks: level 0 is CHUNK_LEVEL of the tree */
    bool differs, sealed;      /* sealed: checkpoints/ has the newest size */
    int level;
    uint64_t place;
    int rc;
    struct err *err;
};

static void made_chunk_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    struct merging *m = context;
    struct hash tile;
    unsigned whole = level + CHUNK_LEVEL;
    if (whole % 8 != 0 || m->rc != 0)
        return;
    m->rc = tiles_hash(&m->tiles, (int)whole / 8, index, &tile, m->err);
    if (m->rc == 0 && !m->differs && memcmp(tile.bytes, hash->bytes, MERKLE_HASH) != 0) {
        m->differs = true;
        m->level = (int)whole / 8;
        m->place = index;
    }
}

/* The tiles disagreed with the entries; the root that the party signed says which of them was changed. */
static int say_who_differs(const struct merging *m, const char *name, bool root_is_right, struct err *err)
{
    char tile[TILE_PATH_MAX], bundle[TILE_PATH_MAX];
    uint64_t first = m->place << 8 * m->level;
    tiles_path(&m->tiles, tile, m->level, m->place);
    tiles_path(&m->tiles, bundle, TILE_ENTRIES, first);
    if (root_is_right)
        return err_set(err, ERR_VERIFY,
                       "%s/%s: hash %" PRIu64 " is not that of its entries, which lead to the root of %s", m->walk->dir,
                       tile, m->place % TILE_WIDTH, name);
    if (m->level == 0)
        return err_set(err, ERR_VERIFY,
                       "%s/%s: entry %" PRIu64 " was changed: neither %s nor the root of %s is made of it",
                       m->walk->dir, bundle, first, tile, name);
    return err_set(err, ERR_VERIFY,
                   "%s/%s: an entry from %" PRIu64 " on was changed: neither %s nor the root of %s is made "
                   "of them",
                   m->walk->dir, bundle, first, tile, name);
}

static int check_root(const struct merging *m, const struct hash *root, const struct hash *signed_root, uint64_t size,
                      const char *name, struct err *err)
{
    bool right = memcmp(root->bytes, signed_root->bytes, MERKLE_HASH) == 0;
    if (m->differs)
        return say_who_differs(m, name, right, err);
    if (!right)
        return err_set(err, ERR_CONFLICT,
                       "%s/%s: its root is not that of the first %" PRIu64 " entries: the ledger was "
                       "rewritten or forked",
                       m->walk->dir, name, size);
    return 0;
}

static int merge_seal(struct merging *m, const struct seal *seal, struct err *err)
{
    char name[WALK_CHECKPOINT_NAME_MAX];
    const struct walk_checkpoint *c = &seal->checkpoint;
    struct hash root;
    merkle_fold(&root, &m->range, &seal->fold);
    int rc = check_root(m, &root, &c->root, c->size, walk_checkpoint_name(name, c->size), err);
    m->sealed = m->sealed || c->size == m->walk->newest.size;
    if (rc == 0 && m->handler->checkpoint != NULL)
        rc = m->handler->checkpoint(m->handler->context, c, err);
    return rc;
}

static int merge(struct merging *m, const struct chunk *chunk, uint64_t first, struct err *err)
{
    int rc = 0;
    size_t seal = 0;
    for (size_t i = 0; rc == 0 && i < chunk->events; i++) {
        if (chunk->differs && chunk->differs_at == i && !m->differs) {
            m->differs = true;
            m->level = chunk->level;
            m->place = chunk->place;
        }
        if (m->handler->event != NULL)
            rc = m->handler->event(m->handler->context, first + i, &chunk->event[i], err);
        if (rc == 0 && seal < chunk->seals && chunk->seal[seal].checkpoint.size == first + i + 1)
            rc = merge_seal(m, &chunk->seal[seal++], err);
    }
    if (rc == 0 && chunk->rc != 0) {
        *err = chunk->err;
        return chunk->rc;
    }
    if (rc == 0 && chunk->events == CHUNK)
        merkle_append(&m->range, &chunk->root, made_chunk_node, m);
    return rc == 0 ? m->rc : rc;
}

/* The newest checkpoint is that of the last entry. A chunk that is not full has not been appended to the range. */
static int finish(const struct merging *m, const struct chunk *last, struct err *err)
{
    const struct checkpoint *newest = &m->walk->newest;
    char name[WALK_CHECKPOINT_NAME_MAX];
    struct hash root;
    if (last->events == CHUNK)
        merkle_root(&root, &m->range);
    else
        merkle_fold(&root, &m->range, &last->root);
    int rc = check_root(m, &root, &newest->root, newest->size, "checkpoint", err);
    if (rc == 0 && !m->sealed)
        rc = err_set(err, ERR_NOT_FOUND, "%s/%s is missing", m->walk->dir, walk_checkpoint_name(name, newest->size));
    return rc;
}

static int merge_all(struct pool *pool, struct merging *m, struct progress *progress, struct err *err)
{
    int rc = 0;
    const struct chunk *chunk = NULL;
    for (uint64_t number = 0; rc == 0 && number < pool->chunks; number++) {
        struct chunk *next = &pool->slot[number % pool->window];
        pthread_mutex_lock(&pool->lock);
        while (!next->ready)
            pthread_cond_wait(&pool->changed, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
        rc = merge(m, next, number * CHUNK, err);
        chunk = next;
        if (progress != NULL)
            progress_show(progress, (number + 1) * CHUNK, m->walk->newest.size, number * CHUNK + next->events,
                          "entries");
        if (rc == 0 && number + 1 < pool->chunks) {
            pthread_mutex_lock(&pool->lock);
            next->ready = false;
            pool->merged++;
            pthread_cond_broadcast(&pool->changed);
            pthread_mutex_unlock(&pool->lock);
        }
    }
    if (rc == 0 && chunk != NULL)
        rc = finish(m, chunk, err);
    return rc;
}

static unsigned job_count(unsigned jobs, uint64_t chunks)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (jobs == 0)
        jobs = processors > 0 ? (unsigned)processors : 1;
    if (jobs > WALK_JOBS_MAX)
        jobs = WALK_JOBS_MAX;
    return jobs < chunks ? jobs : (unsigned)chunks;
}

static int run_pool(struct pool *pool, struct merging *m, unsigned jobs, struct progress *progress, struct err *err)
{
    pthread_t thread[WALK_JOBS_MAX];
    unsigned started = 0;
    while (started < jobs && pthread_create(&thread[started], NULL, worker, pool) == 0)
        started++;
    int rc = started > 0 ? merge_all(pool, m, progress, err) : err_set(err, ERR_IO, "cannot start a thread");
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    return rc;
}

int walk_run(const struct walk *walk, unsigned jobs, struct progress *progress, const struct walk_handler *handler,
             struct err *err)
{
    struct pool pool = {.walk = walk, .chunks = (walk->newest.size + CHUNK - 1) / CHUNK};
    struct merging m = {.walk = walk, .handler = handler, .err = err};
    struct walk_sizes sizes = {0};
    int rc = walk_list_checkpoints(walk, &sizes, err);
    jobs = job_count(jobs, pool.chunks);
    pool.sizes = sizes.size;
    pool.size_count = sizes.count;
    pool.window = 2 * jobs;
    if (rc == 0 && (pool.slot = calloc(pool.window, sizeof *pool.slot)) == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for walking a ledger");
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.changed, NULL);
    tiles_open(&m.tiles, walk->dir, walk->newest.size);
    if (rc == 0)
        rc = run_pool(&pool, &m, jobs, progress, err);
    if (rc == 0)
        rc = walk_check_stray(walk, &sizes, err);
    if (rc == 0)
        rc = tiles_check_partials(&m.tiles, err);
    tiles_close(&m.tiles);
    pthread_cond_destroy(&pool.changed);
    pthread_mutex_destroy(&pool.lock);
    free(pool.slot);
    free(sizes.size);
    return rc;
}
