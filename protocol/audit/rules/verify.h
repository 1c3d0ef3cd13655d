/*
 * Verifies a ledger: walks it (walk.h) under the rules (event_rules.h), and counts. Nothing but the manifests is
 * trusted.
 *
 * What it cannot show: that an event which happened was written down (receipts, reconcile and replay show that), or
 * that nobody was shown another history (cosignatures show that, as far as their witnesses are honest).
 */
#ifndef PROTOCOL_AUDIT_VERIFY_H
#define PROTOCOL_AUDIT_VERIFY_H

#include "protocol/audit/rules/directory.h"

struct verified {
    const struct walk *walk;
    bool whole; /* walked to the end; else a finding says where it stopped, and the counts are of what is before */
    uint64_t entries, checkpoints;
    uint64_t final;                            /* entries that the newest checkpoint with enough cosignatures covers */
    uint64_t kind[EVENT_KINDS];                /* entries of each event kind */
    uint64_t cosigned_by[WALK_WITNESSES_MAX];  /* checkpoints, by witness */
    uint64_t cosigned[WALK_WITNESSES_MAX + 1]; /* checkpoints, by the number of witnesses that cosigned them */
    uint64_t first_time, last_time;
    struct strays strays; /* what lies in its directory and is not part of it */
};

/*
 * Adds what it finds to audit->findings. also, which may be NULL, gets what passes too. Fails only where the audit
 * itself does: no memory, no permission to read.
 */
int verify_ledger(struct audit *audit, const struct walk *walk, const struct walk_handler *also, struct verified *out,
                  struct err *err);

#endif
