/*
 * What changed in the vault goes to the matcher: PUT for tags that records have, REMOVE for those that none has any
 * more, or too many. In the order of the tags, so that nothing shows which tags belong to one record. Each request lies
 * in the outbox, under its id, until its receipt is in the vault: a crash anywhere only makes it go out again.
 */
#ifndef CLIENT_TOKEN_OUTGOING_H
#define CLIENT_TOKEN_OUTGOING_H

#include "client/agency/agency.h"
#include "protocol/base/progress.h"

struct outgoing_counts {
    uint64_t put, removed, requests;
    uint64_t emptied;  /* of those removed, what is put without a record until it may go */
    uint64_t beside;   /* tags sent beside those that changed, so that nobody sees what belongs together */
    uint64_t invented; /* of these, evaluated for that */
    uint64_t crowded;  /* tags shared by more records than the schema's cap: they identify nobody and are not sent */
};

/* Sends all that is unsent for a purpose, the outbox first. What was done before a failure is kept. */
int outgoing_send(struct agency *agency, const struct agency_purpose *purpose, struct progress *progress,
                  struct outgoing_counts *counts, struct err *err);

/* The same for every purpose, of the current epoch and of those that end. */
int outgoing_send_all(struct agency *agency, bool quiet, struct outgoing_counts *counts, struct err *err);

#endif
