/* Events of the ledger with their inclusion proofs, for replies that carry several. */
#ifndef MATCHER_SERVICE_PROVEN_H
#define MATCHER_SERVICE_PROVEN_H

#include "protocol/ledger/ledger.h"
#include "protocol/wire/ledger.h"

struct proven {
    struct wire_event *item;
    size_t count, room;
    struct buf bytes; /* where events and proofs lie */
};

void proven_init(struct proven *proven);
void proven_free(struct proven *proven);

/* Adds a leaf; they come in ascending order, and one that was the last to come is not added again. */
int proven_add(struct proven *proven, uint64_t leaf, struct err *err);

/* The size of a checkpoint. */
int proven_size(uint64_t *size, struct span checkpoint, struct err *err);

/* Reads the events and proves them to the checkpoint of that size. out borrows proven; do not free it. */
int proven_fill(struct proven *proven, struct ledger *ledger, uint64_t size, struct wire_event_list *out,
                struct err *err);

#endif
