/*
 * What one ledger says of another: checkpoints witnessed, and contradictions seen. The word of a witness convicts
 * nobody; what does is a checkpoint that the other party signed and that is not in the tree that it shows. For
 * event_rules.c.
 */
#ifndef PROTOCOL_AUDIT_WITNESS_RULES_H
#define PROTOCOL_AUDIT_WITNESS_RULES_H

#include "protocol/audit/walk/audit.h"

struct witness_rules {
    struct audit *audit;
    const struct walk *walk;    /* whose word it is */
    const struct manifest *now; /* in force */
    uint64_t index;             /* of the event at hand */
};

/* A witness or split event about a party that is in the manifest in force. */
void witness_rules_event(const struct witness_rules *rules, const struct event *event, const struct party *peer);

/* At the end: the newest checkpoint of each other ledger that this one's owner cosigned lies in witnessed/. */
void witness_rules_end(const struct witness_rules *rules);

#endif
