/*
 * Messages: msgpack (docs/protocol.md has the tables). A request is the array [version, type, id, time, scope,
 * signature, body], a reply [version, type, id, status, body]; body is a map with the field names of the tables, each
 * exactly once; a field that the reader does not know is refused by name. On failure the reply's body is {"reason":
 * text}. Every length and type is checked here, before anything is allocated for it. Arrays of fixed-size things travel
 * as one bin. One header per conversation: evaluate.h, entry.h, meeting.h, mailbox.h, log.h, status.h; statement.h has
 * what a request's signature covers.
 *
 * Encoders append to a struct buf. Decoders fill structs whose spans borrow the message's bytes: it must outlive them;
 * variable arrays of replies are allocated, bounded by the constants here, and released by the conversation's *_free().
 * Requests are decoded without allocation.
 */
#ifndef PROTOCOL_WIRE_WIRE_H
#define PROTOCOL_WIRE_WIRE_H

#include "protocol/base/buf.h"
#include "protocol/identity/party.h"
#include "protocol/oprf/token.h"

#include <stdbool.h>

#define WIRE_VERSION 2
#define WIRE_ID_SIZE 16
#define WIRE_TAG_SIZE 16
#define WIRE_HASH_SIZE 32
#define WIRE_SIGNATURE_SIZE 64
#define WIRE_SCOPE_MAX 16     /* purposes and epochs of one request */
#define WIRE_PARTNERS_MAX 256 /* parties in one list */
#define WIRE_PAYLOAD_MAX 8192 /* bytes of one sealed payload */
#define WIRE_BATCH_MAX 8192   /* elements, tags or messages in one message */
#define WIRE_CHANGE_MAX 512 /* tags of a PUT or REMOVE: the matcher changes them in one piece, and others wait for it */
#define WIRE_REASON_MAX 400

/* Where entries are, for the matcher and for who replays what it did; purpose: its number there. */
struct tag_place {
    uint16_t purpose;
    uint32_t epoch;
    const uint8_t *tag; /* WIRE_TAG_SIZE bytes, borrowed */
};

enum wire_type {
    WIRE_UNKNOWN = 0,  /* only in the reply to what could not be read as a request */
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
    WIRE_WITNESS = 11, /* a ledger's owner -> witness */
    WIRE_LETTER = 12,  /* any party -> matcher, as FETCH, ACK, WAIT */
    WIRE_PREKEY = 13,
    WIRE_PREKEYS = 14,
    WIRE_RELEASE = 15, /* agency -> matcher */
    WIRE_SUSPEND = 16,
    WIRE_CLOSE = 17 /* agency -> matcher and custodians */
};

/* What a reply says of the request; the values are on the wire. */
enum wire_status {
    WIRE_OK = 0,
    WIRE_MALFORMED = 1, /* also a signature that does not verify */
    WIRE_DENIED = 2,    /* not in the manifest, no grant, wrong epoch or generation */
    WIRE_LIMIT = 3,     /* a limit is used up */
    WIRE_BUSY = 4,
    WIRE_FULL = 5,     /* disk full */
    WIRE_CONFLICT = 6, /* the request id was used for another request, or its answer is gone */
    WIRE_FAILED = 7,   /* internal; the peer's log says more */
    WIRE_CLOCK = 8,    /* the request's time is too far from the receiver's; the reason has both */
    WIRE_SPENT = 9     /* a receipt that it names is spent; the reason has the event that spent it */
};

/* What a request is about. */
struct wire_scope {
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
};

/*
 * Signed types have a time, the scope that their type asks for and a signature (statement.h); with
 * all others time is 0, the scope is empty and there is no signature. The decoder holds both kinds to it.
 */
struct wire_request {
    enum wire_type type;
    uint8_t id[WIRE_ID_SIZE]; /* a retry carries the same */
    uint64_t time;            /* seconds since 1970, by the sender's clock when it signed */
    struct wire_scope scope[WIRE_SCOPE_MAX];
    size_t scope_count; /* strictly ascending by purpose, then epoch */
    uint8_t signature[WIRE_SIGNATURE_SIZE];
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

/* Do requests of this type carry a signature? */
bool wire_type_signed(enum wire_type type);

/* Envelopes around an encoded body. A request of a signed type must have been signed. */
int wire_request_encode(struct buf *out, const struct wire_request *in, struct err *err);
int wire_request_decode(struct wire_request *out, struct span message, struct err *err);
int wire_reply_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], struct span body,
                      struct err *err);
int wire_failure_encode(struct buf *out, enum wire_type type, const uint8_t id[WIRE_ID_SIZE], enum wire_status status,
                        const char *reason, struct err *err);
int wire_reply_decode(struct wire_reply *out, struct span message, struct err *err);

/* The answer to what wire_request_decode() refused: type WIRE_UNKNOWN, an id of zeros, WIRE_MALFORMED. */
int wire_malformed_encode(struct buf *out, const char *reason, struct err *err);

/*
 * The error code a failed reply becomes at the client (WIRE_LIMIT and WIRE_DENIED: ERR_DENIED, WIRE_BUSY: ERR_BUSY,
 * ...).
 */
int wire_status_error(const struct wire_reply *reply, const char *peer, struct err *err);

/*
 * The status that tells a client of an error here: ERR_INPUT, DENIED, BUSY, CONFLICT, NO_MEMORY, CLOCK; WIRE_FAILED for
 * others.
 */
enum wire_status wire_status_of(int code);

/*
 * One exchange at the client: envelope, rpc_call(), reply decoded and matched to the request. reply's spans borrow
 * *message, which is cleared first. The caller chooses the id and, where the type is signed, has signed; it keeps both
 * to repeat the same request after a crash.
 */
struct rpc_client;
int wire_call(struct rpc_client *client, const char *peer, const struct wire_request *request, struct buf *message,
              struct wire_reply *reply, struct err *err);

/* The same for a type that is not signed. */
int wire_ask(struct rpc_client *client, const char *peer, enum wire_type type, struct span body, struct buf *message,
             struct wire_reply *reply, struct err *err);

#endif
