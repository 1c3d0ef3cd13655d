/* A signed request on its way through the writer: staged into a write, committed with it, answered. */
#ifndef MATCHER_SERVICE_JOB_H
#define MATCHER_SERVICE_JOB_H

#include "matcher/letters/letters.h"
#include "matcher/service/state.h"
#include "protocol/ledger/batch.h"
#include "protocol/wire/meeting.h"

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
    struct world *world; /* held */
    struct party peer;   /* who sent it */
    uint8_t peer_digest[PARTY_DIGEST_SIZE];
    uint16_t peer_id;               /* the store's number */
    size_t agency;                  /* positions in its manifest; or ASKED_BY_NO_AGENCY */
    size_t purpose[WIRE_SCOPE_MAX]; /* of each scope */
    union {                         /* they borrow the request */
        struct batch batch;         /* PUT, REMOVE, QUERY */
        struct ack_request ack;
        struct release_request release;
        struct suspend_request suspend;
        struct letters_job letters; /* LETTER, PREKEY */
    };
    uint16_t partner;                  /* of a release, of a suspension: the store's number */
    struct span *except;               /* of a PUT, for each entry; NULL without exceptions */
    struct buf except_numbers;         /* what they borrow */
    uint8_t statement[WIRE_HASH_SIZE]; /* of the request */
    uint8_t digest[32];                /* of type, scope and body */
    /* what came of it */
    enum job_state state;
    struct err err;          /* of one that failed */
    enum refusal refusal;    /* why it was refused, if for one of those reasons */
    enum wire_status status; /* what it is answered with, where rc does not say it */
    bool silent;             /* it changed nothing and has no event */
    uint64_t added, renewed, replaced, removed, waiting, index;
    struct buf event;
    struct join_hits hits;
    struct buf kept; /* what the hits of a repeated query borrow */
};

/* Whether it may be served now: the world it came under is in force, and none of its purposes is being walked. */
bool job_is_busy(const struct matcher *matcher, const struct job *job);

/* Whether the write at hand has changed a tag that it must see. */
bool job_must_wait(const struct matcher *matcher, const struct job *job);

/* Whether both are of one agency and spend of one receipt: the first must be committed before. */
bool job_shares_receipts(const struct job *job, const struct job *before);

/* Whether it may begin a walk: nothing else may be in its write. */
bool job_is_alone(const struct job *job);

/* Whether it is checked against what its sender's earlier ones left, as it is committed. */
bool job_is_of_letters(const struct job *job);

/* Looks whether the job was answered before: ERR_NOT_FOUND if not. Reads what is committed. */
int job_recall(struct matcher *matcher, struct job *job);

/*
 * Stages the job into the join's write, with its event and its batch for the archive. The caller holds `writing`.
 */
int job_stage(struct matcher *matcher, struct job *job);

/* Forgets what staging brought, when it was taken back. */
void job_forget(struct job *job);

/* Answers a job that is committed, or failed. Not with `writing` held. */
void job_answer(struct matcher *matcher, struct job *job);

/* Ends with the job's memory and its hold on the world; the request must have been answered. */
void job_free(struct job *job);

#endif
