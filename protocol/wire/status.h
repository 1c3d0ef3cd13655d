/* STATUS: what the matcher has of the asking agency, and what a custodian has left for it. */
#ifndef PROTOCOL_WIRE_STATUS_H
#define PROTOCOL_WIRE_STATUS_H

#include "protocol/wire/wire.h"

#include <stdbool.h>

#define STATUS_PURPOSES_MAX 32 /* 16 purposes of up to two epochs */

#define STATUS_SUSPENDED_BY_US 1u
#define STATUS_SUSPENDED_BY_THEM 2u

/* How the asking agency stands with a partner in a purpose; days are UTC days of the ledger. */
struct status_partner {
    uint8_t partner[PARTY_DIGEST_SIZE];
    uint64_t waiting;             /* meetings that wait */
    uint64_t met_today, meets;    /* new meetings, and how many a day may have: the smaller limit of both */
    uint64_t asked_today, asks;   /* tags that this agency asked, and its limit */
    uint64_t released;            /* left of this agency's release; it counts only as far as the partner's goes, too */
    uint64_t released_by_partner; /* left of the partner's */
    uint32_t suspended;           /* STATUS_SUSPENDED_* */
};

struct status_purpose {
    char name[PARTY_NAME_MAX + 1];
    uint32_t epoch;                 /* one member of the array for each epoch */
    uint64_t entries;               /* of this agency */
    bool loading;                   /* its first load has not been closed */
    struct status_partner *partner; /* decode allocates */
    size_t partner_count;           /* 0..WIRE_PARTNERS_MAX */
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
void status_reply_free(struct status_reply *reply); /* what decode allocated */

/* --- of a custodian --- */

#define BUDGET_PURPOSES_MAX 16

/* What the asking agency may have evaluated there, in tokens of the region, as this custodian counts them. */
struct budget_purpose {
    char name[PARTY_NAME_MAX + 1];
    uint32_t epoch;       /* the current one */
    bool loading;         /* the limit is that of the first load, else the day's */
    uint64_t limit, left; /* of it */
};

struct budget_reply {
    uint64_t manifest; /* version in force at the custodian */
    uint64_t time;     /* of its ledger, seconds since 1970 */
    struct budget_purpose purpose[BUDGET_PURPOSES_MAX];
    size_t purpose_count;
};

int budget_reply_encode(struct buf *out, const struct budget_reply *in, struct err *err);
int budget_reply_decode(struct budget_reply *out, struct span body, struct err *err);

#endif
