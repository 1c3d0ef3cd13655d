/*
 * What a custodian has and keeps, and the one way to change it: a change and the event that says so are one write.
 */
#ifndef KEYS_CUSTODIAN_STATE_H
#define KEYS_CUSTODIAN_STATE_H

#include "keys/ceremony/share.h"
#include "protocol/daemon/daemon.h"
#include "protocol/daemon/witnessing.h"
#include "protocol/ledger/refusal.h"

#include <pthread.h>

struct custodian {
    struct daemon *daemon; /* borrowed */
    struct kv *kv;
    struct ledger *ledger;
    struct witnessing *witnessing;
    pthread_mutex_t writing; /* one change of kv, ledger and refusals at a time */
    struct refusals *refusals;
    const char *shares_dir; /* borrowed */
    pthread_rwlock_t
        lock; /* guards region and shares, which belong together; held from a permission until it is written down */
    struct region *region;
    struct shares *shares; /* secret, in locked memory */
};

/* Commits batch with the events that are staged already. The caller holds `writing`. */
int custodian_commit(struct custodian *custodian, struct kv_batch *batch, struct err *err);

/* Appends event and commits it with batch, which may hold changes of its own. The caller holds `writing`. */
int custodian_append(struct custodian *custodian, struct kv_batch *batch, const struct event *event, struct err *err);

/* An event that is all there is to its change. Not with `writing` held. */
int custodian_write_event(struct custodian *custodian, const struct event *event, struct err *err);

/* Counts a refusal; it may become an event. Not with `writing` held. */
void custodian_refuse(struct custodian *custodian, enum refusal refusal, const char *party, const char *purpose);

#endif
