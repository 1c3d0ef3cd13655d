/*
 * Causes and what follows them (protocol/ledger/event.h): that every line stands behind a cause that can have made it,
 * in order, between agencies whose grants allow it, of an epoch that has not ended; that both sides of a couple were
 * told as often as each other, and who was asked about as often as the asker was answered. For event_rules.c.
 */
#ifndef PROTOCOL_AUDIT_CAUSE_RULES_H
#define PROTOCOL_AUDIT_CAUSE_RULES_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/basis/manifests.h"
#include "protocol/ledger/event.h"

struct cause_rules;

/* Everything is borrowed. */
int cause_rules_new(struct cause_rules **out, const struct manifests *manifests, struct findings *findings,
                    const char *origin, struct err *err);
void cause_rules_free(struct cause_rules *cause); /* NULL is fine */

/* A manifest came into force; NULL: one that is not at hand, so that grants cannot be checked. */
void cause_rules_manifest(struct cause_rules *cause, const struct manifest *manifest);

/* The next event of the ledger. */
int cause_rules_event(struct cause_rules *cause, uint64_t index, const struct event *event, struct err *err);
void cause_rules_end(struct cause_rules *cause);

#endif
