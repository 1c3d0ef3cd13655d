/*
 * Witnessing: a party cosigns another's checkpoint only if it is consistent with the last one it cosigned. So a log
 * that shows different histories to different people needs the help of its witnesses. Two checkpoints that contradict
 * each other are evidence: ledger_export() writes them as evidence/<leaf index of the split event>.seen and .shown.
 */
#ifndef PROTOCOL_LEDGER_WITNESS_H
#define PROTOCOL_LEDGER_WITNESS_H

#include "protocol/ledger/ledger.h"
#include "protocol/ledger/note.h"

/* The log that is to be witnessed: its owner, its origin and key, from the manifest. */
struct witnessed {
    char party[PARTY_NAME_MAX + 1];
    char origin[NOTE_NAME_MAX + 1];
    uint8_t key[32];
};

struct witness_decision {
    bool behind;   /* the proof starts elsewhere: nothing is cosigned, the asker must prove from `size` */
    bool older;    /* behind, and of fewer entries than were seen: it came late, or the log was put back */
    bool split;    /* the log contradicts what it showed before */
    bool unproven; /* split, but of another size: the proof does not hold, and may only have been damaged */
    uint64_t size; /* what the witness has seen of this log */
    uint8_t seen[NOTE_MAX];
    size_t seen_len;              /* its checkpoint, as the owner signed it; 0: nothing was seen */
    struct checkpoint checkpoint; /* what was verified, unless behind */
    struct span body;             /* its signed text, within the note that was given */
};

/*
 * Decides on a checkpoint that a log's owner shows, with a consistency proof from old_size. Stages into batch what is
 * to be remembered, with its event in own, the witness's ledger; the caller seals and commits, and only then cosigns.
 * Behind: nothing is staged. ERR_VERIFY: signature or proof wrong; if out->split, a split event is staged and both
 * notes as its evidence, to be committed too.
 */
int witness_decide(struct ledger *own, struct kv_batch *batch, const struct witnessed *log, uint64_t old_size,
                   struct span proof, struct span note, struct witness_decision *out, struct err *err);

#endif
