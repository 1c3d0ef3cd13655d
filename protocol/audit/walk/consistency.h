/* Whether checkpoints and entries that somebody holds belong to the history that a ledger shows. */
#ifndef PROTOCOL_AUDIT_CONSISTENCY_H
#define PROTOCOL_AUDIT_CONSISTENCY_H

#include "protocol/audit/walk/audit.h"

enum consistency {
    CONSISTENT,
    CONSISTENCY_BEYOND,  /* it is of more entries than are shown */
    CONSISTENCY_FORKED,  /* the entries shown lead to the newest checkpoint, and not to this one */
    CONSISTENCY_DAMAGED, /* what is shown does not lead to the newest signed checkpoint: it was changed */
    CONSISTENCY_TILES    /* the entries lead to both, and the tiles do not */
};

/*
 * Holds `old`, whose signature has been verified, against the ledger that is shown up to its newest checkpoint. The
 * tiles give a proof; where that does not hold, all entries are hashed, which alone tells a fork from a copy that
 * somebody changed. Errors: those of reading the ledger's files.
 */
int consistency_compare(enum consistency *out, const struct walk *walk, const struct checkpoint *old, struct err *err);

/* Whether the entries shown lead to the newest checkpoint. Hashes them all. */
int consistency_is_whole(bool *out, const struct walk *walk, struct err *err);

/* Who forked it before it had so many entries: its owner, unless its `restored` entry says that these were lost. */
struct finding_blame consistency_blame(const struct walk *walk, uint64_t size);

/* The same as consistency_compare(), as findings. what: how to call `old` in them. */
int consistency_check(struct audit *audit, const struct walk *walk, const struct checkpoint *old, const char *what,
                      struct err *err);

#endif
