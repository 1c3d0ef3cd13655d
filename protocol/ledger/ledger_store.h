/* How the ledger lies in the store: shared by ledger.c and export.c. */
#ifndef PROTOCOL_LEDGER_LEDGER_STORE_H
#define PROTOCOL_LEDGER_LEDGER_STORE_H

#include "protocol/ledger/ledger.h"
#include "protocol/ledger/merkle.h"

/* The hash of a complete subtree; context: the struct kv. For struct merkle_source. */
int ledger_store_node(void *context, unsigned level, uint64_t index, struct hash *out, struct err *err);

/* The smallest checkpoint that got a cosignature since this was last asked, and forgets it; UINT64_MAX if none did. */
uint64_t ledger_take_recosigned(struct ledger *ledger);

/* Puts back what was taken, if it could not be exported. */
void ledger_mark_recosigned(struct ledger *ledger, uint64_t size);

/* The key of the evidence of a split event (witness.c): "WX" and its leaf. */
#define LEDGER_EVIDENCE_KEY 10
static inline void ledger_evidence_key(uint8_t key[LEDGER_EVIDENCE_KEY], uint64_t index)
{
    key[0] = 'W';
    key[1] = 'X';
    bytes_put_u64be(key + 2, index);
}

/* Before the origin of another ledger: the newest checkpoint of it that was cosigned (witness.c). */
#define LEDGER_WITNESSED_KEY "WS"

/* The number of the tile that is compared with its file next: the exporter's alone. */
uint64_t *ledger_mending(struct ledger *ledger);

/* The tree as it is committed, for who computes what would come of more entries. */
void ledger_range(struct ledger *ledger, struct merkle_range *out);

/* The store of a ledger. */
struct kv *ledger_store(struct ledger *ledger);

#endif
