/*
 * PUT, REMOVE, QUERY: an agency's entries at the matcher, and its questions. PUT replaces an entry of the same tag; all
 * are idempotent. Purpose and epoch stand in the envelope's scope. Requests are decoded without allocation: tags,
 * payloads, partners and positions are runs of fixed-size things that borrow the message.
 */
#ifndef PROTOCOL_WIRE_ENTRY_H
#define PROTOCOL_WIRE_ENTRY_H

#include "protocol/wire/ledger.h"
#include "protocol/wire/wire.h"

#include <stdbool.h>

#define WIRE_EXCEPT_MAX 64 /* groups of exceptions in a PUT */
#define WIRE_SPENT_MAX 64  /* evaluations named in one request */

/* Entries: tags strictly ascending, 16 bytes each, and behind each other their sealed payloads of one size. */
struct wire_entries {
    struct span tags;      /* 16 * count bytes */
    uint32_t payload_size; /* 1..WIRE_PAYLOAD_MAX */
    struct span payloads;  /* count * payload_size bytes, in the tags' order */
};

static inline size_t wire_entries_count(const struct wire_entries *entries)
{
    return entries->tags.len / WIRE_TAG_SIZE;
}

static inline const uint8_t *wire_entries_tag(const struct wire_entries *entries, size_t i)
{
    return entries->tags.data + i * WIRE_TAG_SIZE;
}

static inline struct span wire_entries_payload(const struct wire_entries *entries, size_t i)
{
    return span_of(entries->payloads.data + i * entries->payload_size, entries->payload_size);
}

#define WIRE_SPENT_DAYS 35 /* after which a receipt lapses, and a matcher may have forgotten what was spent of it */

/* Receipts of custodians that a request spends: which event, how many evaluations it is about, how many are taken. */
struct wire_spent {
    uint8_t custodian[PARTY_DIGEST_SIZE];
    uint64_t leaf;
    uint32_t of, count; /* 1 <= count <= of <= WIRE_BATCH_MAX */
};

/* As a request has them, strictly ascending: by custodian, then leaf. <0, 0, >0 like memcmp(). */
int wire_spent_order(const struct wire_spent *a, const struct wire_spent *b);

struct wire_spent_list {
    struct wire_spent item[WIRE_SPENT_MAX];
    size_t count; /* strictly ascending by custodian, then leaf */
};

/* These entries must not meet those partners. An entry stands in one group at most. */
struct put_except {
    struct span partners; /* 32 * k bytes, digests strictly ascending, k >= 1 */
    struct span entries;  /* 2 * m bytes, positions among the request's tags as u16be, strictly ascending, m >= 1 */
};

struct put_request {
    struct wire_entries entries; /* 1..WIRE_CHANGE_MAX */
    struct put_except except[WIRE_EXCEPT_MAX];
    size_t except_count;
    struct wire_spent_list spent;
};

struct put_reply {
    uint64_t added, renewed, replaced; /* new; there with the same payload; there with another */
    uint64_t waiting;                  /* meetings that wait because of this request */
    struct wire_receipt receipt;
};

struct remove_request {
    struct span tags; /* 16 * n bytes, strictly ascending, 1 <= n <= WIRE_CHANGE_MAX */
};

struct remove_reply {
    uint64_t removed;
    struct wire_receipt receipt;
};

/* One batch per scope. Of all batches together: 16 tags, or a multiple of 64 up to WIRE_BATCH_MAX. */
struct query_request {
    struct wire_entries batch[WIRE_SCOPE_MAX];
    size_t count;
    struct span except; /* 32 * k bytes: digests of partners not to be asked, strictly ascending; may be empty */
    struct wire_spent_list spent;
};

/* A partner's entry for an asked tag. */
struct query_hit {
    uint8_t scope; /* position in the request's scope */
    uint8_t tag[WIRE_TAG_SIZE];
    uint8_t partner[PARTY_DIGEST_SIZE];
    struct span payload;
};

enum query_reason {
    QUERY_ASKS_USED = 1, /* the day's limit of questions to this partner */
    QUERY_SUSPENDED = 2, /* by either side */
    QUERY_EXCEPTED = 3,  /* by the request */
    QUERY_REJOINING = 4  /* the two are being joined anew: ask again soon */
};

/* A partner that was not asked, and why. */
struct query_unasked {
    uint8_t scope;
    uint8_t partner[PARTY_DIGEST_SIZE];
    enum query_reason reason;
};

/* Of a purpose of kind issued: when a partner that was asked last said that its register is complete. */
struct query_register {
    uint8_t scope;
    uint8_t partner[PARTY_DIGEST_SIZE];
    uint64_t time; /* seconds since 1970 */
};

#define QUERY_UNASKED_MAX (WIRE_SCOPE_MAX * WIRE_PARTNERS_MAX)

struct query_reply {
    struct query_hit *hit;         /* decode allocates; query_reply_free() */
    size_t hits;                   /* 0..WIRE_BATCH_MAX; more than that: the rest is left out and `cut` is true */
    struct query_unasked *unasked; /* decode allocates; 0..QUERY_UNASKED_MAX */
    size_t unasked_count;
    struct query_register *registers; /* decode allocates; 0..QUERY_UNASKED_MAX */
    size_t register_count;
    bool cut;
    struct wire_event_list
        events; /* the lines behind the query's event that cover the hits; to the receipt's checkpoint */
    struct wire_receipt receipt;
};

int put_request_encode(struct buf *out, const struct put_request *in, struct err *err);
int put_request_decode(struct put_request *out, struct span body, struct err *err);
int put_reply_encode(struct buf *out, const struct put_reply *in, struct err *err);
int put_reply_decode(struct put_reply *out, struct span body, struct err *err);
int remove_request_encode(struct buf *out, const struct remove_request *in, struct err *err);
int remove_request_decode(struct remove_request *out, struct span body, struct err *err);
int remove_reply_encode(struct buf *out, const struct remove_reply *in, struct err *err);
int remove_reply_decode(struct remove_reply *out, struct span body, struct err *err);
int query_request_encode(struct buf *out, const struct query_request *in, struct err *err);
/* scopes: how many the envelope has; there must be as many batches. */
int query_request_decode(struct query_request *out, size_t scopes, struct span body, struct err *err);
int query_reply_encode(struct buf *out, const struct query_reply *in, struct err *err);
int query_reply_decode(struct query_reply *out, struct span body, struct err *err);
void query_reply_free(struct query_reply *reply);

#endif
