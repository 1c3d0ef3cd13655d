/*
 * One thread that makes the changes which agencies ask for, PUT, REMOVE and QUERY: whatever waits is staged into one write and
 * committed together, so that requests of different agencies share a signature and an fsync. A request that touches a tag which
 * the write at hand has changed waits for the next. One that fails never takes others with it.
 */
#ifndef MATCHER_SERVICE_WRITER_H
#define MATCHER_SERVICE_WRITER_H

#include "matcher/join/join.h"
#include "protocol/ledger/refusal.h"

#define WRITER_JOBS_MAX 64
#define WRITER_BYTES_MAX (32u << 20) /* of bodies that wait; whoever brings more is held until there is room */

struct matcher;

/* A request that waits to be staged, or is, until it is answered. */
struct job {
    struct rpc_request *request;
    struct wire_request in;
    struct world *world;    /* held */
    size_t agency, purpose; /* positions in its manifest */
    struct entry_request entries;
    uint8_t digest[32]; /* of type and body */
    /* what came of it */
    int rc;
    struct err err;
    enum refusal refusal; /* why it was refused, if for one of those reasons */
    bool repeated;        /* the request had been answered before: this is that answer */
    uint64_t added, replaced, removed, index;
    struct buf event;
    struct join_hits hits;
};

struct writer;

int writer_start(struct writer **out, struct matcher *matcher, struct err *err);

/* Takes the job, whose request it answers. */
void writer_add(struct writer *writer, struct job *job);

/* Finishes what waits and ends the thread. NULL is fine. */
void writer_stop(struct writer *writer);

/* Ends with the job's memory and its hold on the world; the request must have been answered. */
void job_free(struct job *job);

/* In entries.c: stages a job into the join's write with its event; and answers one that is committed, or failed. */
int job_stage(struct matcher *matcher, struct job *job);
void job_answer(struct matcher *matcher, struct job *job);

/* In entries.c: looks whether the job was answered before: ERR_NOT_FOUND if not. Reads what is committed. */
int job_recall(struct matcher *matcher, struct job *job);

#endif
