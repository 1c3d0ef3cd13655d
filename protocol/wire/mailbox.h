/*
 * FETCH, ACK, WAIT: an agency's mailbox at the matcher. Messages have ascending sequence numbers and stay until
 * acknowledged. WAIT is answered when there is a message after `after` that is newer than what was last handed out, or
 * when `seconds` are over.
 *
 * Each message names the leaf of the ledger's event that covers it. Messages of one cause lie together as their events
 * do (by partner, kind, epoch) and in tag order within, so that a reader checks an event's digest over a run of
 * messages.
 */
#ifndef PROTOCOL_WIRE_MAILBOX_H
#define PROTOCOL_WIRE_MAILBOX_H

#include "protocol/wire/ledger.h"
#include "protocol/wire/wire.h"

#include <stdbool.h>

#define MAILBOX_WAIT_MAX 60 /* seconds */

enum mailbox_kind {
    MAILBOX_MATCH = 1,     /* the partner has an entry for this tag: payload is its sealed payload, new or replaced */
    MAILBOX_WITHDRAWN = 2, /* the partner's entry is gone (removed, expired, grant ended): forget it; payload empty */
    MAILBOX_ASKED = 3,     /* the partner asked about this tag: payload is what its question carried */
    MAILBOX_LETTER = 4,    /* payload is the letter; no tag, perhaps no purpose */
    MAILBOX_COUNT = 5      /* purposes of kind issued: the partner asked `count` tags on the day of `time`; no tag */
};

struct mailbox_message {
    uint64_t sequence;
    enum mailbox_kind kind;
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    uint8_t partner[PARTY_DIGEST_SIZE];
    uint8_t tag[WIRE_TAG_SIZE]; /* zeros where the kind has none */
    uint64_t time;              /* of the event, seconds since 1970 */
    uint64_t leaf;              /* of the event that covers the message */
    uint64_t count;             /* MAILBOX_COUNT alone */
    struct span payload;
};

/*
 * The hash chain of a mailbox, with one message more: SHA-256 over all that the message says. It begins with zeros.
 * letter: of a letter the digest in its event, which binds it; of other kinds NULL.
 */
void mailbox_chain(uint8_t chain[WIRE_HASH_SIZE], const struct mailbox_message *message, const uint8_t *letter);

struct fetch_request {
    uint64_t after; /* messages with a larger sequence number */
    uint32_t limit; /* 1..WIRE_BATCH_MAX; the reply may hold fewer, to stay within the message limit */
};

struct fetch_reply {
    struct mailbox_message *message; /* decode allocates; fetch_reply_free() */
    size_t count;
    struct wire_event_list events; /* those that the messages name, with proofs to the checkpoint */
    struct span checkpoint;        /* signed note; empty if there are no events */
    uint8_t
        chain[WIRE_HASH_SIZE]; /* mailbox_chain() up to what is before the first message; without one, to the last */
    bool more;
};

struct ack_request {
    uint64_t through;              /* all messages up to and with this one are done */
    uint8_t chain[WIRE_HASH_SIZE]; /* mailbox_chain() with that one */
};

struct wait_request {
    uint64_t after;
    uint32_t seconds; /* 1..MAILBOX_WAIT_MAX */
};

struct wait_reply {
    bool available;
};

int fetch_request_encode(struct buf *out, const struct fetch_request *in, struct err *err);
int fetch_request_decode(struct fetch_request *out, struct span body, struct err *err);
int fetch_reply_encode(struct buf *out, const struct fetch_reply *in, struct err *err);
int fetch_reply_decode(struct fetch_reply *out, struct span body, struct err *err);
void fetch_reply_free(struct fetch_reply *reply);
int ack_request_encode(struct buf *out, const struct ack_request *in, struct err *err);
int ack_request_decode(struct ack_request *out, struct span body, struct err *err);
int ack_reply_encode(struct buf *out, struct err *err); /* an empty map */
int ack_reply_decode(struct span body, struct err *err);
int wait_request_encode(struct buf *out, const struct wait_request *in, struct err *err);
int wait_request_decode(struct wait_request *out, struct span body, struct err *err);
int wait_reply_encode(struct buf *out, const struct wait_reply *in, struct err *err);
int wait_reply_decode(struct wait_reply *out, struct span body, struct err *err);

#endif
