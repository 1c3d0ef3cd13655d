#include "client/token/outgoing.h"

#include "client/agency/matcher.h"
#include "client/token/parcel.h"
#include "client/token/workers.h"

#include <string.h>

#define PARCELS_MAX 4 /* under way at once, each of some ten megabytes */

/*
 * The calling thread has the vault: it walks over what is unsent, filling parcels, stores those that are sealed into
 * the outbox and those that were answered out of it. Workers seal and send, several parcels at once. Each tag is in one
 * parcel alone, so that their order does not matter.
 */
struct outgoing {
    struct agency *agency;
    const struct agency_purpose *purpose;
    struct outgoing_counts *counts;
    struct progress *progress;
    uint64_t total;
    struct workers *workers;
    size_t threads;
    struct parcel *parcel[PARCELS_MAX + 2], *spare[PARCELS_MAX + 2], *put, *remove; /* the last two are being filled */
    size_t parcels, spares;
    uint8_t after[WIRE_TAG_SIZE]; /* the walk has come so far */
    bool started;
    struct parcel **full; /* put or remove, when the walk has filled it */
};

/* --- parcels under way --- */

static int begin_parcel(struct outgoing *o, struct parcel **out, enum wire_type type, struct err *err)
{
    int rc = 0;
    if (*out != NULL)
        return 0;
    if (o->spares == 0 && (rc = parcel_new(&o->parcel[o->parcels], o->agency, o->purpose, err)) == 0)
        o->spare[o->spares++] = o->parcel[o->parcels++];
    if (rc != 0)
        return rc;
    *out = o->spare[--o->spares];
    parcel_begin(*out, type);
    return 0;
}

/* Takes the oldest parcel back: stores it and lets it be sent, or is done with it. */
static int advance(struct outgoing *o, struct err *err)
{
    struct parcel *p = workers_take(o->workers, WAIT_FOREVER);
    int rc = 0;
    if (parcel_stage(p) == PARCEL_SEALING) {
        rc = parcel_store(p, err);
        if (rc == 0 && parcel_stage(p) == PARCEL_SENDING) {
            workers_give(o->workers, p);
            return 0;
        }
    } else {
        rc = parcel_finish(p, &o->counts->put, &o->counts->removed, err);
        o->counts->requests += rc == 0;
        uint64_t done = o->counts->put + o->counts->removed;
        progress_show(o->progress, done, o->total, done, "tags");
    }
    o->spare[o->spares++] = p;
    return rc;
}

static int hand_over(struct outgoing *o, struct parcel **parcel, struct err *err)
{
    int rc = 0;
    if (*parcel == NULL || parcel_is_empty(*parcel))
        return 0;
    while (rc == 0 && workers_pending(o->workers) == o->threads)
        rc = advance(o, err);
    if (rc != 0)
        return rc;
    workers_give(o->workers, *parcel);
    *parcel = NULL;
    return 0;
}

/* After a failure, what was sent meanwhile and answered is noted; what was only sealed is forgotten. */
static void give_up(struct outgoing *o)
{
    struct err ignored;
    for (struct parcel *p; (p = workers_take(o->workers, WAIT_FOREVER)) != NULL;)
        if (parcel_stage(p) == PARCEL_SENDING && parcel_finish(p, &o->counts->put, &o->counts->removed, &ignored) == 0)
            o->counts->requests++;
}

/* --- the walk --- */

static bool visit(void *context, const struct vault_unsent *unsent)
{
    struct outgoing *o = context;
    unsigned cap = unsent->records > 0 ? o->purpose->schema.key[unsent->token[0].key].cap : 0;
    bool put = unsent->records > 0 && unsent->records <= cap;
    struct parcel **parcel = put ? &o->put : &o->remove;
    if (!parcel_add(*parcel, unsent)) {
        o->full = parcel;
        return false;
    }
    o->counts->crowded += unsent->records > cap;
    memcpy(o->after, unsent->tag, sizeof o->after);
    o->started = true;
    return true;
}

static int walk(struct outgoing *o, struct err *err)
{
    int rc;
    do {
        o->full = NULL;
        rc = begin_parcel(o, &o->put, WIRE_PUT, err);
        if (rc == 0)
            rc = begin_parcel(o, &o->remove, WIRE_REMOVE, err);
        if (rc == 0)
            rc = vault_unsent(o->agency->vault, o->purpose->domain, o->started ? o->after : NULL,
                              o->purpose->schema.cap, visit, o, err);
        if (rc == 0 && o->full != NULL && parcel_is_empty(*o->full))
            rc = err_set(err, ERR_NO_MEMORY, "out of memory for an entry");
        if (rc == 0 && o->full != NULL)
            rc = hand_over(o, o->full, err);
    } while (rc == 0 && o->full != NULL);
    if (rc == 0)
        rc = hand_over(o, &o->remove, err);
    if (rc == 0)
        rc = hand_over(o, &o->put, err);
    while (rc == 0 && workers_pending(o->workers) > 0)
        rc = advance(o, err);
    return rc;
}

/* --- all of it --- */

/* Requests that an earlier run left behind go first: they may be about the same tags. */
static int send_left(struct outgoing *o, struct err *err)
{
    bool found = true;
    int rc = begin_parcel(o, &o->put, WIRE_PUT, err);
    while (rc == 0 && (rc = parcel_send_left(o->put, &found, err)) == 0 && found) {
        rc = parcel_finish(o->put, &o->counts->put, &o->counts->removed, err);
        o->counts->requests += rc == 0;
    }
    if (o->put != NULL)
        parcel_begin(o->put, WIRE_PUT);
    return rc;
}

static void work(void *context, void *task)
{
    (void)context;
    parcel_work(task);
}

int outgoing_send(struct agency *agency, const struct agency_purpose *purpose, struct progress *progress,
                  struct outgoing_counts *counts, struct err *err)
{
    struct vault_counts before;
    struct outgoing o = {.agency = agency, .purpose = purpose, .counts = counts, .progress = progress};
    o.threads = workers_count(agency->config->jobs);
    if (o.threads > PARCELS_MAX)
        o.threads = PARCELS_MAX;
    const struct workers_options options = {o.threads, work, NULL};
    int rc = send_left(&o, err);
    if (rc == 0)
        rc = vault_count(agency->vault, purpose->domain, &before, err);
    if (rc == 0 && before.unsent > 0) {
        o.total = before.unsent;
        rc = agency_meet_matcher(agency, err);
        if (rc == 0)
            rc = workers_new(&o.workers, &options, err);
    }
    if (rc == 0 && o.workers != NULL && (rc = walk(&o, err)) != 0)
        give_up(&o);
    workers_free(o.workers);
    for (size_t i = 0; i < o.parcels; i++)
        parcel_free(o.parcel[i]);
    return rc;
}
