/*
 * The custodian at work: evaluates blinded elements with its shares, within the manifest and the budgets, and writes down
 * that it did, before it answers.
 */
#ifndef KEYS_CUSTODIAN_CUSTODIAN_H
#define KEYS_CUSTODIAN_CUSTODIAN_H

#include "keys/ceremony/share.h"
#include "protocol/daemon/answer.h"
#include "protocol/daemon/daemon.h"
#include "protocol/daemon/witnessing.h"
#include "protocol/ledger/refusal.h"

#include <pthread.h>

struct custodian {
    struct daemon *daemon; /* borrowed */
    struct kv *kv;
    struct ledger *ledger;
    struct shares *shares; /* borrowed, secret */
    struct witnessing *witnessing;
    pthread_mutex_t writing; /* one change of kv, ledger and refusals at a time */
    struct refusals *refusals;
    pthread_rwlock_t lock; /* guards region */
    struct region *region;
};

/* Opens the store, puts the manifest in force, checks the shares against it, writes the start into the ledger. */
int custodian_open(struct custodian *custodian, struct daemon *daemon, struct shares *shares, struct err *err);

/* Writes the stop into the ledger, exports it, closes. */
void custodian_close(struct custodian *custodian);

/* The members of a struct daemon_service; context is the struct custodian. */
int custodian_authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                        struct err *err);
void custodian_handle(void *context, struct rpc_request *request);
int custodian_tick(void *context, struct err *err);
int custodian_reload(void *context, struct err *err);

/* Appends event and commits it with batch, which may hold changes of its own. The caller holds `writing`. */
int custodian_commit(struct custodian *custodian, struct kv_batch *batch, const struct event *event, struct err *err);

/* Counts a refusal; it may become an event. Not with `writing` held. */
void custodian_refuse(struct custodian *custodian, enum refusal refusal, const char *party, const char *purpose);

/* Answers EVALUATE; ends the request. In evaluate.c. */
void custodian_evaluate(struct custodian *custodian, struct rpc_request *request, const struct wire_request *in);

#endif
