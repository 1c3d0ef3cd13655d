/*
 * Verifies an exported ledger offline, from the region's manifest alone: every entry, the tree over them, the hash tiles,
 * every signed checkpoint and its cosignatures. What passes is one history: each checkpoint that the party ever exported
 * is the root of a prefix of the same entries.
 *
 * What it cannot show: that an event which happened was written down (receipts show that to whoever holds them), or that
 * nobody was shown another history (cosignatures show that, as far as their witnesses are honest).
 */
#ifndef PROTOCOL_AUDIT_VERIFY_H
#define PROTOCOL_AUDIT_VERIFY_H

#include "protocol/ledger/event.h"
#include "protocol/ledger/note.h"
#include "protocol/region/region.h"

struct audit_witness {
    const struct party *party; /* in the region */
    char name[NOTE_NAME_MAX + 1];
    uint64_t cosigned;         /* checkpoints */
};

struct audit {
    const struct party *party; /* whose ledger it is: in the region */
    char origin[NOTE_NAME_MAX + 1];
    struct hash root;
    uint64_t entries, checkpoints;
    uint64_t kind[EVENT_KINDS]; /* entries of each event kind */
    struct audit_witness witness[REGION_CUSTODIANS_MAX];
    size_t witness_count;
    size_t witnesses_needed;                       /* cosignatures that make a checkpoint final; 0: none are asked for */
    uint64_t cosigned[REGION_CUSTODIANS_MAX + 1];  /* checkpoints by the number of witnesses that cosigned them */
};

/*
 * Verifies the ledger that ledger_export() wrote into dir; region outlives *out. The witnesses of the matcher's ledger are
 * the custodians, of a custodian's the matcher. A cosignature may be missing; one in a witness's name must verify.
 * Memory is bounded whatever dir holds. ERR_VERIFY, ERR_INPUT, ERR_NOT_FOUND: the error names the file, and the entry if
 * it is about one, and says what does not hold.
 */
int audit_verify(struct audit *out, const struct region *region, const char *dir, struct err *err);

#endif
