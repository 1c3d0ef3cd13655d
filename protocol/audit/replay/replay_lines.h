/* What follows one cause, as the ledger says it and as it is computed: for replay.c. */
#ifndef PROTOCOL_AUDIT_REPLAY_LINES_H
#define PROTOCOL_AUDIT_REPLAY_LINES_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/basis/manifests.h"
#include "protocol/ledger/event.h"

struct replay_lines;

int replay_lines_new(struct replay_lines **out, const struct manifests *manifests, struct findings *findings,
                     const char *origin, struct err *err);
void replay_lines_free(struct replay_lines *lines); /* NULL is fine */

/* A new cause: forgets what followed the last one. */
void replay_lines_begin(struct replay_lines *lines, uint64_t index, const struct event *cause);

/* The ledger says: a deliver or withdraw event. All of these first. */
int replay_lines_said(struct replay_lines *lines, uint64_t index, const struct event *event, struct err *err);

/* Computed: partner's entry for a tag goes to party (payload), or is withdrawn (empty). By numbers of the roster. */
int replay_lines_due(struct replay_lines *lines, enum event_kind kind, int party, int partner, uint32_t epoch,
                     struct span tag, struct span payload, struct err *err);

/* Compares, and adds findings. partly: there may be matches that were not computed. */
void replay_lines_compare(struct replay_lines *lines, bool partly);

#endif
