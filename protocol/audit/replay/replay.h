/*
 * Computes again what the matcher had to deliver: takes the causes of its ledger in order, each with its batch from the
 * archive, joins under the grants then in force, and compares with what the ledger says was delivered and withdrawn, by
 * number and by salted digest: an omitted, invented, misdirected or late match becomes a finding.
 *
 * An archive whose oldest segments were erased does not say what was there before it. Until the retention of a purpose
 * has passed behind its first batch, what is found to match is still demanded, but nothing is called invented.
 *
 * Memory: one batch and what follows one cause; the entries lie on disk.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_H
#define PROTOCOL_AUDIT_REPLAY_H

#include "protocol/audit/rules/verify.h"

struct replay_counts {
    uint64_t batches, tags;        /* taken from the archive */
    uint64_t delivered, withdrawn; /* entries, as computed */
    uint64_t waited;               /* couples that came to wait, as computed */
    uint64_t unchecked;            /* causes that could only be checked in part */
};

struct replay;

/* work: a directory for the entries, empty or missing. Everything is borrowed. */
int replay_new(struct replay **out, struct audit *audit, const struct walk *matcher, const char *archive,
               const char *work, struct err *err);
void replay_free(struct replay *replay); /* NULL is fine */

/* The handler for verify_ledger(); lives as long as replay. */
const struct walk_handler *replay_handler(struct replay *replay);

/* When the ledger is in. */
int replay_finish(struct replay *replay, struct replay_counts *counts, struct err *err);

#endif
