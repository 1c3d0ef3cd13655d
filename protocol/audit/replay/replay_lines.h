/* What follows one cause, as the ledger says it and as it is computed: for replay.c. */
#ifndef PROTOCOL_AUDIT_REPLAY_LINES_H
#define PROTOCOL_AUDIT_REPLAY_LINES_H

#include "protocol/audit/basis/finding.h"
#include "protocol/audit/basis/manifests.h"
#include "protocol/audit/replay/replay_mail.h"
#include "protocol/ledger/event.h"

struct replay_lines;

int replay_lines_new(struct replay_lines **out, const struct manifests *manifests, struct findings *findings,
                     const char *origin, struct err *err);
void replay_lines_free(struct replay_lines *lines); /* NULL is fine */

/* A new cause: forgets what followed the last one. */
void replay_lines_begin(struct replay_lines *lines, uint64_t index, const struct event *cause);

/* The ledger says: a line. All of these first. */
int replay_lines_said(struct replay_lines *lines, uint64_t index, const struct event *event, struct err *err);

/* Whether a line of this kind was said. */
bool replay_lines_has(const struct replay_lines *lines, enum event_kind kind);

/*
 * What a computed tag is counted in. Numbers of the roster; party and partner of a wait in any order. to, from: who
 * party and partner are, by number of the world: that is no part of what is compared.
 */
struct replay_line_key {
    enum event_kind kind;
    int party, partner, purpose;
    uint32_t epoch;
    uint16_t to, from;
};

/* Computed: one tag. payload: of a delivery and a question, else empty. */
int replay_lines_due(struct replay_lines *lines, const struct replay_line_key *key, const uint8_t tag[WIRE_TAG_SIZE],
                     struct span payload, struct err *err);

/* Computed: asked tags of a day, without digest. */
int replay_lines_due_count(struct replay_lines *lines, const struct replay_line_key *key, uint64_t count,
                           struct err *err);

/* Computed: this couple waits, so that its payload goes to nobody, whatever a matcher may be tempted to. */
int replay_lines_held(struct replay_lines *lines, const struct replay_line_key *key, struct err *err);

/* Compares, and adds findings. partly: there may be matches that were not computed. */
void replay_lines_compare(struct replay_lines *lines, bool partly);

/* What the ledger says of lines goes into mailboxes, in its order: what it is where that was computed. */
int replay_lines_mail(struct replay_lines *lines, struct replay_mail *mail, const struct replay_world *world,
                      struct err *err);

#endif
