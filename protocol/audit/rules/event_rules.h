/*
 * What the events of a ledger must be like, one after the other: allowed by the manifest then in force, in the form
 * that their kind has, consistent with what caused them, in order of time, witnessed in time. The rules are those of
 * docs/auditor.md; each that is broken becomes a finding.
 */
#ifndef PROTOCOL_AUDIT_EVENT_RULES_H
#define PROTOCOL_AUDIT_EVENT_RULES_H

#include "protocol/audit/walk/audit.h"

struct event_rules;

/* Everything is borrowed. */
int event_rules_new(struct event_rules **out, struct audit *audit, const struct walk *walk, struct err *err);
void event_rules_free(struct event_rules *rules); /* NULL is fine */

/* As the members of struct walk_handler; context is the struct event_rules. */
int event_rules_event(void *context, uint64_t index, const struct event *event, struct err *err);
int event_rules_checkpoint(void *context, const struct walk_checkpoint *checkpoint, struct err *err);

/* A signature line of somebody whom the manifests do not name counts for nothing, and is a finding. where: the file. */
void event_rules_stranger(struct event_rules *rules, const struct walk_checkpoint *checkpoint, const char *where);

/* At the end of a ledger that was walked to its end. */
void event_rules_end(struct event_rules *rules);

/* How many entries the newest checkpoint with enough cosignatures covers. */
uint64_t event_rules_final(const struct event_rules *rules);

#endif
