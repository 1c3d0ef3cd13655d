/* Whether checkpoints and entries that somebody holds belong to the history that a ledger shows. For single verbs. */
#ifndef PROTOCOL_AUDIT_CONSISTENCY_H
#define PROTOCOL_AUDIT_CONSISTENCY_H

#include "protocol/audit/walk/audit.h"

/*
 * Adds a finding unless `old`, whose signature has been verified, is the root of a prefix of the ledger that is shown
 * up to its newest checkpoint. The tiles give the proof; they need not be trusted. what: how to call `old` in the
 * finding.
 */
int consistency_check(struct audit *audit, const struct walk *walk, const struct checkpoint *old, const char *what,
                      struct err *err);

#endif
