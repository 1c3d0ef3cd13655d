/* STATUS: what the matcher has of the asking agency. */
#ifndef PROTOCOL_WIRE_STATUS_H
#define PROTOCOL_WIRE_STATUS_H

#include "protocol/wire/wire.h"

#define STATUS_PURPOSES_MAX 16

struct status_purpose {
    char name[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    uint64_t entries; /* of this agency */
};

struct status_reply {  /* the request's body is an empty map */
    uint64_t manifest; /* version in force at the matcher */
    uint64_t time;     /* its clock, seconds since 1970 */
    uint64_t mailbox;  /* messages waiting */
    uint64_t last_sequence;
    uint64_t ledger_size;
    struct status_purpose purpose[STATUS_PURPOSES_MAX];
    size_t purpose_count;
};

int status_request_encode(struct buf *out, struct err *err);
int status_request_decode(struct span body, struct err *err);
int status_reply_encode(struct buf *out, const struct status_reply *in, struct err *err);
int status_reply_decode(struct status_reply *out, struct span body, struct err *err);

#endif
