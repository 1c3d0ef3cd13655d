/*
 * Causes and what follows them (protocol/ledger/event.h): that every deliver and withdraw stands behind a cause that can have
 * made it, between agencies whose grants allow it, and that both sides were told as often as each other. For rules.c.
 */
#ifndef PROTOCOL_AUDIT_RULES_CAUSE_H
#define PROTOCOL_AUDIT_RULES_CAUSE_H

#include "protocol/audit/finding.h"
#include "protocol/audit/manifests.h"
#include "protocol/ledger/event.h"

struct rules_cause;

/* Everything is borrowed. */
int rules_cause_new(struct rules_cause **out, const struct manifests *manifests, struct findings *findings,
                    const char *origin, struct err *err);
void rules_cause_free(struct rules_cause *cause); /* NULL is fine */

/* A manifest came into force; NULL: one that is not at hand, so that grants cannot be checked. */
void rules_cause_manifest(struct rules_cause *cause, const struct manifest *manifest);

/* The next event of the ledger. */
int rules_cause_event(struct rules_cause *cause, uint64_t index, const struct event *event, struct err *err);
void rules_cause_end(struct rules_cause *cause);

#endif
