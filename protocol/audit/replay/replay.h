/*
 * Computes again what the matcher had to do: takes the causes of its ledger in order, each with its request from the
 * archive, whose signature must be its party's, and joins by the rules of docs/protocol.md: couples that meet or wait,
 * by limits, releases and suspensions; questions and their notices; first loads, ends of epochs, retention, manifests.
 * What comes out is compared, by number and by salted digest, with what the ledger says was delivered, withdrawn, asked
 * and kept waiting: what is omitted, invented, misdirected, late, early or out of turn becomes a finding.
 *
 * An archive whose oldest segments were erased does not say what was there before it. Until the retention of a purpose
 * has passed behind its first request, what is found to match is still demanded, but nothing is called invented. Where
 * couples waited meanwhile, who waits is not known from then on, and what the purpose's causes brought about is not
 * compared any more.
 *
 * Memory: one request and what follows one cause, pairs of agencies and registers; entries and couples that wait lie on
 * disk.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_H
#define PROTOCOL_AUDIT_REPLAY_H

#include "protocol/audit/rules/verify.h"
#include "protocol/wire/entry.h"

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

/*
 * Before anything is read, who is to be told of what only the archive says. again: how many of the tags that a put
 * added, or that a query asked for in this purpose, its party had added or asked for within `window` seconds before;
 * named: what the request spends, if anything.
 */
struct replay_watch {
    uint64_t window;
    int (*again)(void *context, const struct event *request, const char *purpose, uint64_t count, struct err *err);
    int (*named)(void *context, uint64_t index, const struct event *request, const struct wire_spent_list *spent,
                 struct err *err);
    void *context;
};
void replay_watched(struct replay *replay, const struct replay_watch *watch);

/* The handler for verify_ledger(); lives as long as replay. */
const struct walk_handler *replay_handler(struct replay *replay);

/* When the ledger is in. */
int replay_finish(struct replay *replay, struct replay_counts *counts, struct err *err);

#endif
