/*
 * What is done with every request before anything else: it is read, its sender is looked up by its key in the manifest
 * in force, and where its type is signed, signature and time are checked. One place for matcher and custodian.
 */
#ifndef PROTOCOL_DAEMON_RECEIVE_H
#define PROTOCOL_DAEMON_RECEIVE_H

#include "protocol/daemon/daemon.h"
#include "protocol/wire/statement.h"

struct received {
    struct wire_request in;            /* borrows the rpc_request's bytes */
    struct party peer;                 /* as the manifest has it */
    uint8_t digest[PARTY_DIGEST_SIZE]; /* of the peer */
    uint8_t statement[WIRE_HASH_SIZE]; /* wire_request_hash() of a signed type; else zeros */
};

/*
 * True: the request may be served. False: it has been answered. What cannot be read is answered as malformed; a sender
 * whose key the manifest has no more is denied; a wrong signature is malformed, and no event: anybody could have sent
 * it; a time out of bounds gets both times.
 */
bool daemon_receive(struct received *out, const struct daemon *daemon, const struct region *region,
                    struct rpc_request *request);

/* The same on bytes, for tests: the failure is in err, and says which status it is answered with. */
int received_check(struct received *out, const struct party *self, const struct region *region,
                   const uint8_t channel[32], struct span message, uint64_t now, struct err *err);

#endif
