/*
 * The matcher at work: answers the agencies, keeps the manifest in force, and does what has to be done of its own accord
 * (changes of grants, retention, cleaning).
 *
 * One change at a time: whoever holds `writing` may have a store_write. Reading needs no lock; the world that a request
 * began with is held until it ends.
 */
#ifndef MATCHER_SERVICE_SERVICE_H
#define MATCHER_SERVICE_SERVICE_H

#include "matcher/join/change.h"
#include "matcher/join/sweep.h"
#include "matcher/service/parked.h"
#include "matcher/service/writer.h"
#include "protocol/daemon/answer.h"
#include "protocol/daemon/daemon.h"
#include "protocol/daemon/witnessing.h"

#include <pthread.h>

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
    struct change change;
    struct refusals *refusals;
    bool must_begin;     /* the world's grants are still to be compared with what is joined */
    uint64_t next_sweep; /* seconds since 1970 */
};

int matcher_open(struct matcher *matcher, struct daemon *daemon, const struct matcher_config *config, struct err *err);
void matcher_close(struct matcher *matcher);

/* The members of a struct daemon_service; context is the struct matcher. */
int matcher_authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                      struct err *err);
void matcher_handle(void *context, struct rpc_request *request);
int matcher_tick(void *context, struct err *err);
int matcher_reload(void *context, struct err *err);
void matcher_drained(void *context);

/* The world now in force; world_release() it. */
struct world *matcher_world(struct matcher *matcher);

/* A request with who sent it and what was in force when it came. */
struct asked {
    struct rpc_request *request;
    const struct wire_request *in;
    struct world *world;
    size_t agency;      /* position in the manifest */
    uint16_t agency_id; /* number in the store */
};

/* Counts a refusal; it may become an event. Not with `writing` held. */
void matcher_refuse(struct matcher *matcher, enum refusal refusal, const char *party, const char *purpose);

/* PUT, REMOVE, QUERY: *held once the writer has the request. In entries.c. */
int matcher_entries(struct matcher *matcher, const struct asked *asked, bool *held, struct err *err);

/* Each encodes its reply into body. In mailbox.c. WAIT sets *held if the request will be answered later. */
int matcher_fetch(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err);
int matcher_acknowledge(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err);
int matcher_wait(struct matcher *matcher, const struct asked *asked, struct buf *body, bool *held, struct err *err);
int matcher_status(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err);

#endif
