/*
 * Asking for cosignatures: a thread shows the newest checkpoint of the own ledger to the witnesses, each with a proof
 * from what it has seen last, and keeps the cosignatures that verify. It asks only when something happened besides
 * witnessing, since being witnessed is itself an event in the witness's ledger.
 */
#ifndef PROTOCOL_DAEMON_WITNESSING_H
#define PROTOCOL_DAEMON_WITNESSING_H

#include "protocol/daemon/daemon.h"

#define WITNESSES_MAX REGION_CUSTODIANS_MAX

struct witnessing;

/* A party that can cosign, and where it listens. */
struct witness_peer {
    struct party party;
    char url[REGION_URL_MAX + 1];
};

/* Starts the thread. daemon and ledger are borrowed until witnessing_stop(). */
int witnessing_start(struct witnessing **out, const struct daemon *daemon, struct ledger *ledger, const char *region,
                     const struct witness_peer *peers, size_t count, struct err *err);
void witnessing_stop(struct witnessing *witnessing); /* NULL is fine */

#endif
