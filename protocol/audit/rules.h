/*
 * What the events of a ledger must be like, one after the other: allowed by the manifest then in force, in the form that
 * their kind has, consistent with what caused them, in order of time, witnessed in time. The rules are those of
 * docs/auditor.md; each that is broken becomes a finding.
 */
#ifndef PROTOCOL_AUDIT_RULES_H
#define PROTOCOL_AUDIT_RULES_H

#include "protocol/audit/audit.h"

#define RULES_FINAL_WITHIN 3600 /* seconds in which an event must be covered by a checkpoint with enough cosignatures */
#define RULES_CLOCK_SLACK 600   /* seconds by which a ledger's clock may be ahead of its witnesses' */

struct rules;

/* Everything is borrowed. */
int rules_new(struct rules **out, struct audit *audit, const struct walk *walk, struct err *err);
void rules_free(struct rules *rules); /* NULL is fine */

/* As the members of struct walk_handler; context is the struct rules. */
int rules_event(void *context, uint64_t index, const struct event *event, struct err *err);
int rules_checkpoint(void *context, const struct walk_checkpoint *checkpoint, struct err *err);

/* A signature line of somebody whom the manifests do not name counts for nothing, and is a finding. where: the file. */
void rules_stranger(struct rules *rules, const struct walk_checkpoint *checkpoint, const char *where);

/* At the end of a ledger that was walked to its end. */
void rules_end(struct rules *rules);

/* The manifest in force behind the last event; NULL before the first. */
const struct manifest *rules_in_force(const struct rules *rules);

/* How many entries the newest checkpoint with enough cosignatures covers. */
uint64_t rules_final(const struct rules *rules);

#endif
