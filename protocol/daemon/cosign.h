/*
 * Giving cosignatures: the answering half of witnessing (witnessing.h asks). A party shows a checkpoint of its ledger;
 * what was decided about it is committed with its event before the cosignature is signed, so that a witness never
 * contradicts itself, whatever crashes.
 */
#ifndef PROTOCOL_DAEMON_COSIGN_H
#define PROTOCOL_DAEMON_COSIGN_H

#include "protocol/identity/identity.h"
#include "protocol/ledger/refusal.h"
#include "protocol/ledger/witness.h"
#include "protocol/region/region.h"
#include "protocol/wire/ledger.h"

#include <pthread.h>

/* Whose ledger is shown, and the name under which it is cosigned. */
struct cosign_subject {
    struct witnessed log;
    char own[NOTE_NAME_MAX + 1];
};

int cosign_subject(struct cosign_subject *out, const char *region, const struct party *owner, const char *self,
                   struct err *err);

/* Where the decision is kept: the store of the daemon that cosigns. */
struct cosign {
    const struct identity *identity;
    pthread_mutex_t *writing; /* held over what follows */
    struct refusals *refusals;
    /* Begins a change and stages the decision into it (witness_decide()). */
    int (*decide)(void *context, const struct witnessed *log, const struct witness_request *ask,
                  struct witness_decision *out, struct err *err);
    /* Ends the change, if one was begun: committed, or as if it had never been. Always called behind decide. */
    int (*end)(void *context, bool keep, struct err *err);
    /* Writes an event of its own down; not with `writing` held. */
    int (*write)(void *context, const struct event *event, struct err *err);
    void *context;
};

/*
 * Decodes a WITNESS request, decides, commits, cosigns; encodes the reply into body. A checkpoint that does not follow
 * is answered with the one that was seen. ERR_VERIFY: its signature is wrong.
 */
int cosign_answer(const struct cosign *cosign, const struct cosign_subject *subject, struct span in, struct buf *body,
                  struct err *err);

#endif
