/* PUT, REMOVE, QUERY: an agency's entries at the matcher. PUT replaces an entry of the same tag; all are idempotent. */
#ifndef PROTOCOL_WIRE_ENTRY_H
#define PROTOCOL_WIRE_ENTRY_H

#include "protocol/wire/log.h"
#include "protocol/wire/wire.h"

#include <stdbool.h>

struct wire_entry {
    uint8_t tag[WIRE_TAG_SIZE];
    struct span payload; /* sealed; 1..WIRE_PAYLOAD_MAX bytes */
};

/* PUT and QUERY: entries. REMOVE: payloads are empty. Tags strictly ascending, so that no tag comes twice. */
struct entry_request {
    char purpose[PARTY_NAME_MAX + 1];
    uint32_t epoch;
    struct wire_entry *entry; /* decode allocates; entry_request_free() */
    size_t count;             /* 1..WIRE_BATCH_MAX */
};

/* PUT, REMOVE: how many entries are new, replaced, or were there to remove; and the receipt. */
struct entry_reply {
    uint64_t added, replaced, removed;
    struct wire_receipt receipt;
};

/* QUERY: the partners' entries for the asked tags; nothing is stored. */
struct query_hit {
    uint8_t tag[WIRE_TAG_SIZE];
    char partner[PARTY_NAME_MAX + 1];
    struct span payload;
};

struct query_reply {
    struct query_hit *hit; /* decode allocates; query_reply_free() */
    size_t count;          /* 0..WIRE_BATCH_MAX; more hits than that: the rest is left out and `cut` is true */
    bool cut;
    struct wire_receipt receipt;
};

/* type: WIRE_PUT, WIRE_REMOVE or WIRE_QUERY (QUERY carries tags alone, like REMOVE). */
int entry_request_encode(struct buf *out, enum wire_type type, const struct entry_request *in, struct err *err);
int entry_request_decode(struct entry_request *out, enum wire_type type, struct span body, struct err *err);
void entry_request_free(struct entry_request *request);
int entry_reply_encode(struct buf *out, const struct entry_reply *in, struct err *err);
int entry_reply_decode(struct entry_reply *out, struct span body, struct err *err);
int query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err);
int query_reply_decode(struct query_reply *out, struct span body, struct err *err);
void query_reply_free(struct query_reply *reply);

#endif
