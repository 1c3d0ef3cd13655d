/* A PUT, REMOVE or QUERY on its way through the writer: staged into a write, committed with it, answered. */
#ifndef MATCHER_SERVICE_JOB_H
#define MATCHER_SERVICE_JOB_H

#include "matcher/service/state.h"
#include "protocol/ledger/batch.h"

enum job_state {
    JOB_WAITING,
    JOB_STAGED,   /* into the write at hand: done once that is committed */
    JOB_REPEATED, /* the request had been answered before: this is that answer */
    JOB_FAILED
};

/* A request that waits to be staged, or is, until it is answered. */
struct job {
    struct rpc_request *request;
    struct wire_request in;
    struct world *world;               /* held */
    size_t agency, purpose;            /* positions in its manifest */
    struct batch batch;                /* borrows the request */
    uint8_t statement[WIRE_HASH_SIZE]; /* of the request */
    uint8_t digest[32];                /* of type, scope and body */
    /* what came of it */
    enum job_state state;
    struct err err;       /* of one that failed */
    enum refusal refusal; /* why it was refused, if for one of those reasons */
    uint64_t added, renewed, replaced, removed, index;
    struct buf event;
    struct join_hits hits;
};

/* What joining takes of it. */
struct join_request job_join(const struct job *job);

/* Looks whether the job was answered before: ERR_NOT_FOUND if not. Reads what is committed. */
int job_recall(struct matcher *matcher, struct job *job);

/* Stages the job into the join's write, with its event and its batch for the archive. The caller holds `writing`. */
int job_stage(struct matcher *matcher, struct job *job);

/* Forgets what staging brought, when it was taken back. */
void job_forget(struct job *job);

/* Answers a job that is committed, or failed. Not with `writing` held. */
void job_answer(struct matcher *matcher, struct job *job);

/* Ends with the job's memory and its hold on the world; the request must have been answered. */
void job_free(struct job *job);

#endif
