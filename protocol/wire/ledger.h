/* CHECKPOINT, PROOF, WITNESS, and the receipt that state-changing replies carry. */
#ifndef PROTOCOL_WIRE_LEDGER_H
#define PROTOCOL_WIRE_LEDGER_H

#include "protocol/wire/wire.h"

#define WIRE_PROOF_MAX 64        /* hashes */
#define WIRE_CHECKPOINT_MAX 8192 /* bytes of a signed note */
#define WIRE_EVENT_MAX 2048      /* bytes of a ledger entry */

/* What a client can hold against the ledger's owner: the event, where it is, and the proof that it is there. */
struct wire_receipt {
    struct span event;      /* the ledger entry's bytes */
    uint64_t leaf;          /* where it is */
    struct span proof;      /* inclusion proof, k * 32 bytes, to the checkpoint's size */
    struct span checkpoint; /* signed note */
};

/* Further events, with inclusion proofs to the checkpoint that stands beside the list. */
struct wire_event {
    uint64_t leaf;
    struct span event, proof;
};

struct wire_event_list {
    struct wire_event *item; /* decode allocates; wire_event_list_free() */
    size_t count;            /* 0..WIRE_BATCH_MAX, leaves strictly ascending */
};

void wire_event_list_free(struct wire_event_list *list);

struct checkpoint_reply {   /* the request's body is an empty map */
    struct span checkpoint; /* newest, with the cosignatures it has */
};

struct proof_request {
    uint64_t old_size, new_size; /* consistency proof between two sizes */
};

struct proof_reply {
    struct span proof; /* k * 32 bytes */
};

/* A ledger's owner asks a witness for a cosignature (as tlog-witness does): proof from old_size to the checkpoint's
 * size. */
struct witness_request {
    uint64_t old_size;
    struct span proof;
    struct span checkpoint;
};

struct witness_reply {
    uint64_t size;    /* the size the witness has seen: differs from old_size if the owner must prove from there */
    struct span line; /* signature line of the cosignature; empty: nothing is cosigned */
    struct span seen; /* then the checkpoint of that size, as the owner signed it; empty if there is none */
};

int checkpoint_request_encode(struct buf *out, struct err *err);
int checkpoint_request_decode(struct span body, struct err *err);
int checkpoint_reply_encode(struct buf *out, const struct checkpoint_reply *in, struct err *err);
int checkpoint_reply_decode(struct checkpoint_reply *out, struct span body, struct err *err);
int proof_request_encode(struct buf *out, const struct proof_request *in, struct err *err);
int proof_request_decode(struct proof_request *out, struct span body, struct err *err);
int proof_reply_encode(struct buf *out, const struct proof_reply *in, struct err *err);
int proof_reply_decode(struct proof_reply *out, struct span body, struct err *err);
int witness_request_encode(struct buf *out, const struct witness_request *in, struct err *err);
int witness_request_decode(struct witness_request *out, struct span body, struct err *err);
int witness_reply_encode(struct buf *out, const struct witness_reply *in, struct err *err);
int witness_reply_decode(struct witness_reply *out, struct span body, struct err *err);

#endif
