/*
 * Messages: msgpack (docs/protocol.md has the tables). A request is the array [version, type, id, body], a reply
 * [version, type, id, status, body]; body is a map with the field names of the tables, each exactly once; a field
 * that the reader does not know is refused by name. On failure the reply's body is {"reason": text}.
 * Every length and type is checked here, before anything is allocated for it. Arrays of fixed-size things travel as one
 * bin. One header per conversation: evaluate.h, entry.h, mailbox.h, log.h, status.h.
 *
 * Encoders append to a struct buf. Decoders fill structs whose spans borrow the message's bytes: it must outlive them;
 * variable arrays are allocated, bounded by the constants here, and released by the conversation's *_free().
 */
#ifndef PROTOCOL_WIRE_WIRE_H
#define PROTOCOL_WIRE_WIRE_H

#include "protocol/base/buf.h"
#include "protocol/identity/party.h"
#include "protocol/oprf/token.h"

#define WIRE_VERSION 1
#define WIRE_ID_SIZE 16
#define WIRE_TAG_SIZE TAG_SIZE
#define WIRE_PAYLOAD_MAX 8192 /* bytes of one sealed payload */
#define WIRE_BATCH_MAX 8192   /* elements, entries, tags or messages in one message */
#define WIRE_REASON_MAX 400

enum wire_type {
    WIRE_EVALUATE = 1, /* agency -> custodian */
    WIRE_PUT = 2,      /* agency -> matcher from here on */
    WIRE_REMOVE = 3,
    WIRE_QUERY = 4,
    WIRE_FETCH = 5,
    WIRE_ACK = 6,
    WIRE_WAIT = 7,
    WIRE_STATUS = 8,
    WIRE_CHECKPOINT = 9, /* anybody -> a ledger's owner */
    WIRE_PROOF = 10,
    WIRE_WITNESS = 11 /* a ledger's owner -> witness */
};

/* What a reply says of the request; the values are on the wire. */
enum wire_status {
    WIRE_OK = 0,
    WIRE_MALFORMED = 1,
    WIRE_DENIED = 2, /* not in the manifest, no grant, wrong epoch */
    WIRE_BUDGET = 3, /* the day's budget is used up */
    WIRE_BUSY = 4,
    WIRE_FULL = 5,     /* disk full */
    WIRE_CONFLICT = 6, /* the request id was used for another request */
    WIRE_FAILED = 7    /* internal; the peer's log says more */
};

struct wire_request {
    enum wire_type type;
    uint8_t id[WIRE_ID_SIZE]; /* random; a retry carries the same */
    struct span body;
};

struct wire_reply {
    enum wire_type type;
    uint8_t id[WIRE_ID_SIZE];
    enum wire_status status;
    struct span body;
    char reason[WIRE_REASON_MAX + 1]; /* "" if status is WIRE_OK */
};

/* "PUT", "EVALUATE", ...: for messages and logs. */
const char *wire_type_name(enum wire_type type);

/* Envelopes around an encoded body. */
int wire_request_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], struct span body,
                        struct err *err);
int wire_request_decode(struct wire_request *out, struct span message, struct err *err);
int wire_reply_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], struct span body,
                      struct err *err);
int wire_failure_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], enum wire_status status,
                        const char *reason, struct err *err);
int wire_reply_decode(struct wire_reply *out, struct span message, struct err *err);

/* The error code a failed reply becomes at the client (WIRE_BUDGET and WIRE_DENIED: ERR_DENIED, WIRE_BUSY: ERR_BUSY,
 * ...). */
int wire_status_error(const struct wire_reply *reply, const char *peer, struct err *err);

/* The status that tells a client of an error here: ERR_INPUT, DENIED, BUSY, CONFLICT, NO_MEMORY; WIRE_FAILED for
 * others. */
enum wire_status wire_status_of(int code);

/*
 * One exchange at the client: envelope, rpc_call(), reply decoded and matched to the request. reply's spans borrow
 * *message, which is cleared first. id is chosen by the caller, who keeps it to retry after a crash.
 */
struct rpc_client;
int wire_call(struct rpc_client *client, const char *peer, enum wire_type type, const uint8_t id[WIRE_ID_SIZE],
              struct span body, struct buf *message, struct wire_reply *reply, struct err *err);

#endif
