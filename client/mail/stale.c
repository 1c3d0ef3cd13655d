#include "client/mail/stale.h"

#include "client/mail/opened.h"
#include "protocol/base/workers.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_RECORDS 64
#define THREADS 2 /* the tables of one thread keep up with no more */

struct chunk_record {
    struct vault_resolved record;
    size_t hits_end, matches_end;
};

struct chunk {
    struct resolver resolver;
    struct chunk_record record[CHUNK_RECORDS];
    struct vault_hit *hit; /* seal keys among it; one whose payload did not open has none any more */
    struct vault_match *match;
    size_t records, hits, hits_room, matches, matches_room;
    int rc;
    struct err err;
};

struct resolving {
    struct resolver *resolver;
    struct workers *workers; /* NULL until a chunk was full */
    struct chunk chunk[THREADS + 1], *spare[THREADS + 1], *filled;
    size_t spares;
};

/* --- a chunk, by a thread --- */

/* Room for some more; what is moved is not left behind. */
static int make_room(void **array, size_t count, size_t *room, size_t more, size_t size, struct err *err)
{
    if (*room - count >= more)
        return 0;
    const size_t wanted = 2 * *room + more;
    void *grown = calloc(wanted, size);
    if (grown == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for matches");
    if (*array != NULL) {
        memcpy(grown, *array, count * size);
        sodium_memzero(*array, count * size);
        free(*array);
    }
    *array = grown;
    *room = wanted;
    return 0;
}

static int resolve_record(struct chunk *c, size_t i, struct err *err)
{
    struct resolver *r = &c->resolver;
    void *match = c->match;
    int rc = make_room(&match, c->matches, &c->matches_room, MATCHES_MAX, sizeof *c->match, err);
    c->match = match;
    resolver_begin(r);
    for (size_t at = i > 0 ? c->record[i - 1].hits_end : 0; rc == 0 && at < c->record[i].hits_end; at++) {
        struct vault_hit *h = &c->hit[at];
        const uint64_t closed = r->closed;
        rc = resolver_add(r, h->key, h->tag, h->seal_key, h->partner, h->payload, err);
        if (r->closed > closed)
            h->payload = span_of(NULL, 0);
    }
    if (rc == 0)
        c->matches += resolver_matches(r, c->record[i].record.keys, c->match + c->matches);
    c->record[i].matches_end = c->matches;
    return rc;
}

static void work(void *context, void *task)
{
    struct chunk *c = task;
    (void)context;
    c->rc = 0;
    for (size_t i = 0; c->rc == 0 && i < c->records; i++)
        c->rc = resolve_record(c, i, &c->err);
    resolver_begin(&c->resolver);
}

/* --- what came of it --- */

static int put_record(struct resolving *r, const struct chunk *c, size_t i, struct err *err)
{
    struct vault *vault = r->resolver->agency->vault;
    const struct agency_purpose *p = r->resolver->purpose;
    const struct vault_resolved *record = &c->record[i].record;
    const size_t from = i > 0 ? c->record[i - 1].matches_end : 0;
    size_t count = c->record[i].matches_end - from;
    int rc = 0;
    for (size_t at = i > 0 ? c->record[i - 1].hits_end : 0; rc == 0 && at < c->record[i].hits_end; at++)
        if (c->hit[at].payload.data == NULL)
            rc = vault_unopened_put(vault, p->domain, c->hit[at].partner, c->hit[at].tag, false, err);
    if (rc == 0 && p->region->kind == REGION_MATCH)
        rc = opened_note(r->resolver->agency, p, record, c->match + from, &count, err);
    return rc != 0 ? rc : vault_matches_put(vault, p->domain, &record->ref, record->id, c->match + from, count, err);
}

static void empty(struct resolving *r, struct chunk *c)
{
    if (c->hits > 0)
        sodium_memzero(c->hit, c->hits * sizeof *c->hit);
    c->records = c->hits = c->matches = 0;
    r->spare[r->spares++] = c;
}

static int put(struct resolving *r, struct chunk *c, struct err *err)
{
    int rc = c->rc;
    if (rc != 0)
        *err = c->err;
    for (size_t i = 0; rc == 0 && i < c->records; i++)
        rc = put_record(r, c, i, err);
    empty(r, c);
    return rc;
}

/* --- the vault's records --- */

static int hand_over(struct resolving *r, struct err *err)
{
    const struct workers_options options = {.threads = THREADS, .work = work};
    struct chunk *done = NULL;
    int rc = r->workers != NULL ? 0 : workers_new(&r->workers, &options, err);
    if (rc != 0)
        return rc;
    if (workers_pending(r->workers) == THREADS)
        done = workers_take(r->workers, WAIT_FOREVER);
    workers_give(r->workers, r->filled);
    r->filled = NULL;
    return done != NULL ? put(r, done, err) : 0;
}

static void begin_record(void *context)
{
    struct resolving *r = context;
    if (r->filled == NULL)
        r->filled = r->spare[--r->spares];
}

static int add_hit(void *context, const struct vault_hit *hit, struct err *err)
{
    struct chunk *c = ((struct resolving *)context)->filled;
    void *hits = c->hit;
    int rc = make_room(&hits, c->hits, &c->hits_room, 1, sizeof *c->hit, err);
    c->hit = hits;
    if (rc == 0)
        c->hit[c->hits++] = *hit;
    return rc;
}

static int end_record(void *context, const struct vault_resolved *record, struct err *err)
{
    struct resolving *r = context;
    struct chunk *c = r->filled;
    c->record[c->records++] = (struct chunk_record){.record = *record, .hits_end = c->hits};
    return c->records == CHUNK_RECORDS ? hand_over(r, err) : 0;
}

/* Few records are resolved by the calling thread. */
static int flush(void *context, bool good, struct err *err)
{
    struct resolving *r = context;
    int rc = 0;
    while (r->workers != NULL && workers_pending(r->workers) > 0) {
        struct chunk *c = workers_take(r->workers, WAIT_FOREVER);
        if (good && rc == 0)
            rc = put(r, c, err);
        else
            empty(r, c);
    }
    if (r->filled == NULL)
        return rc;
    struct chunk *last = r->filled;
    r->filled = NULL;
    if (!good || rc != 0) {
        empty(r, last);
        return rc;
    }
    work(NULL, last);
    return put(r, last, err);
}

static void resolving_free(struct resolving *r)
{
    workers_free(r->workers);
    for (size_t i = 0; i <= THREADS; i++) {
        struct chunk *c = &r->chunk[i];
        resolver_add_counts(r->resolver, &c->resolver);
        resolver_free(&c->resolver);
        free(c->hit);
        free(c->match);
    }
    free(r);
}

int resolve_stale(struct resolver *resolver, uint64_t *records, struct err *err)
{
    struct resolving *r = calloc(1, sizeof *r);
    const struct vault_resolving steps = {r, begin_record, add_hit, end_record, flush};
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for matches");
    r->resolver = resolver;
    for (size_t i = 0; i <= THREADS; i++) {
        resolver_init_like(&r->chunk[i].resolver, resolver);
        r->spare[r->spares++] = &r->chunk[i];
    }
    int rc = vault_resolve(resolver->agency->vault, resolver->purpose->domain, &steps, records, err);
    resolving_free(r);
    return rc;
}
