/*
 * What the matcher has and keeps, shared by the files of this folder alone.
 *
 * One change at a time: whoever holds `writing` may have a store_write. Reading needs no lock; the world that a request
 * began with is held until it ends.
 */
#ifndef MATCHER_SERVICE_STATE_H
#define MATCHER_SERVICE_STATE_H

#include "matcher/join/change.h"
#include "matcher/join/sweep.h"
#include "matcher/service/parked.h"
#include "protocol/daemon/receive.h"
#include "protocol/daemon/witnessing.h"
#include "protocol/ledger/refusal.h"

#include <pthread.h>

#define MATCHER_HITS_KEPT 600 /* seconds in which a repeated query gets the first answer */

struct writer;

/* What only the matcher is told, beside struct daemon_config. */
struct matcher_config {
    char archive[SETTINGS_TEXT_MAX]; /* "": in the state directory */
    bool no_archive;
    uint64_t archive_retention; /* seconds; 0: for ever */
};

struct matcher {
    struct daemon *daemon;               /* borrowed */
    const struct matcher_config *config; /* borrowed */
    struct store *store;
    struct witnessing *witnessing;
    struct parked parked;
    struct writer *writer;
    pthread_rwlock_t lock; /* guards the pointer world */
    struct world *world;
    pthread_mutex_t writing; /* guards what follows */
    struct join join;
    struct walks walks;
    struct refusals *refusals;
    bool must_begin;          /* the world's grants are still to be compared with what is joined */
    bool must_load;           /* `change` could not be read: requests wait until it is */
    struct sweep_place ended; /* how far entries that are over have been looked for */
    uint64_t next_sweep;      /* seconds since 1970; so too */
    uint64_t next_prune;
};

/* The world now in force; world_release() it. */
struct world *matcher_world(struct matcher *matcher);

/* The custodians, who witness the matcher's ledger. */
void matcher_witnesses(struct witness_peer peers[REGION_CUSTODIANS_MAX], const struct region *region);

/* An event that is all there is to its change. With `writing` held, or before anybody else can write. */
int matcher_write_event(struct matcher *matcher, const struct event *event, struct err *err);

/* Counts a refusal; it may become an event. Not with `writing` held. */
void matcher_refuse(struct matcher *matcher, enum refusal refusal, const char *party, const char *purpose);

/* A request with who sent it and what was in force when it came. */
struct asked {
    struct rpc_request *request;
    const struct wire_request *in;
    const struct received *from; /* `in` is its */
    struct world *world;
    size_t
        agency; /* position in the manifest; ASKED_BY_NO_AGENCY: custodians and coordinators, who write letters alone */
    uint16_t agency_id; /* number in the store */
};

#define ASKED_BY_NO_AGENCY SIZE_MAX

#endif
