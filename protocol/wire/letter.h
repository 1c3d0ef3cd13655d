/*
 * LETTER, PREKEY, PREKEYS: what parties send each other by way of the matcher (docs/letters.md). A letter's purpose
 * stands in the envelope's scope. The first two are answered with the receipt of their event; letters come by FETCH.
 */
#ifndef PROTOCOL_WIRE_LETTER_H
#define PROTOCOL_WIRE_LETTER_H

#include "protocol/letter/letter.h"
#include "protocol/letter/prekey.h"
#include "protocol/wire/ledger.h"
#include "protocol/wire/wire.h"

struct letter_request {
    uint8_t recipient[PARTY_DIGEST_SIZE];
    struct span letter; /* sealed, of one of the five sizes */
};

struct prekey_request {
    struct span statement; /* the sender's own, prekey_encode() */
};

struct prekeys_request {
    struct span parties; /* identity digests, ascending, 1..WIRE_PARTNERS_MAX */
};

/* The newest statement of a party, and the leaf of the event that says so. */
struct prekeys_item {
    uint64_t leaf;
    struct span statement;
};

struct prekeys_reply {
    struct prekeys_item
        *item; /* decode allocates; prekeys_reply_free(). In the order of the parties; some may have none */
    size_t count;
    struct wire_event_list events; /* those that the items name, with proofs to the checkpoint */
    struct span checkpoint;        /* signed note; empty if there are no events */
};

int letter_request_encode(struct buf *out, const struct letter_request *in, struct err *err);
int letter_request_decode(struct letter_request *out, struct span body, struct err *err);
int prekey_request_encode(struct buf *out, const struct prekey_request *in, struct err *err);
int prekey_request_decode(struct prekey_request *out, struct span body, struct err *err);
int prekeys_request_encode(struct buf *out, const struct prekeys_request *in, struct err *err);
int prekeys_request_decode(struct prekeys_request *out, struct span body, struct err *err);
int prekeys_reply_encode(struct buf *out, const struct prekeys_reply *in, struct err *err);
int prekeys_reply_decode(struct prekeys_reply *out, struct span body, struct err *err);
void prekeys_reply_free(struct prekeys_reply *reply);

#endif
