/*
 * FETCH, ACK, WAIT: an agency's mailbox at the matcher. Messages have ascending sequence numbers and stay until
 * acknowledged. WAIT is answered when there is a message after `after`, or when `seconds` are over.
 */
#ifndef PROTOCOL_WIRE_MAILBOX_H
#define PROTOCOL_WIRE_MAILBOX_H

#include "protocol/wire/wire.h"

#include <stdbool.h>

#define MAILBOX_WAIT_MAX 60 /* seconds */

enum mailbox_kind {
    MAILBOX_MATCH = 1,    /* the partner has an entry for this tag: payload is its sealed payload, new or replaced */
    MAILBOX_WITHDRAWN = 2 /* the partner's entry is gone (removed, expired, grant ended): forget it; payload empty */
};

struct mailbox_message {
    uint64_t sequence;
    enum mailbox_kind kind;
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    char partner[PARTY_NAME_MAX + 1];
    uint8_t tag[WIRE_TAG_SIZE];
    struct span payload;
};

struct fetch_request {
    uint64_t after; /* messages with a larger sequence number */
    uint32_t limit; /* 1..WIRE_BATCH_MAX; the reply may hold fewer, to stay within the message limit */
};

struct fetch_reply {
    struct mailbox_message *message; /* decode allocates; fetch_reply_free() */
    size_t count;
    bool more;
};

struct ack_request {
    uint64_t through; /* all messages up to and with this one are done */
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
