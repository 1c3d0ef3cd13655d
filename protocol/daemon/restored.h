/*
 * What an operator says of a store that was put back from an old copy, so that its daemon may go on: the entries that
 * the store lacks are taken back into the ledger from what was exported, so that it stays one history, and behind them
 * stands an event `restored` that says which they are, who says so, and why. What those entries brought about is not
 * taken back: a matcher lacks the entries put since, a custodian charges again what was evaluated.
 *
 * Where no copy has all that was signed, as far as the witnesses know, nothing is done: going on would be a second
 * history, which convicts its owner.
 */
#ifndef PROTOCOL_DAEMON_RESTORED_H
#define PROTOCOL_DAEMON_RESTORED_H

#include "protocol/daemon/witnessing.h"
#include "protocol/ledger/note.h"

/* What the operator says. */
struct restored_options {
    char by[SETTINGS_TEXT_MAX], reason[SETTINGS_TEXT_MAX];
    bool yes; /* else what would be done is printed alone */
};

/* The row of a verb that is called so by both daemons, but for `run`. */
#define RESTORED_VERB                                                                                                            \
    .name = "restored", .brief = "go on with a store that was put back from an old copy", .operands = "[DIR...]",                \
    .least = 0, .most = VERB_ANY,                                                                                                \
    .summary =                                                                                                                   \
        "Shows what a store that was put back from an old copy has lost, by the exported ledger, by copies of it (DIR), and\n"   \
        "by what the witnesses have seen. With --yes the lost entries are taken back into the ledger, and an event `restored`\n" \
        "says which they are, by whom and why. What they had brought about stays lost. The daemon must not run.",                \
    .check = restored_check, SETTINGS(restored_settings), .options_size = sizeof(struct restored_options)

extern const struct setting restored_settings[3];
int restored_check(struct call *call, struct err *err);

/* The store of a daemon that does not run, as its verb has it open. */
struct restored_store {
    struct region *region;
    struct kv *kv;
    char origin[NOTE_NAME_MAX + 1];
};

/* prefix: as of kv_open(). restored_close() also after a failure. */
int restored_open(struct restored_store *out, const struct daemon *daemon, size_t prefix, struct err *err);
void restored_close(struct restored_store *store);

/* What is put back. Everything is borrowed. */
struct restored {
    const struct daemon *daemon;
    struct kv *kv;
    const char *region, *origin;
    const struct witness_peer *peers;
    size_t peer_count;
    char **copy; /* directories with copies of the exported ledger */
    size_t copies;
    const struct restored_options *options;
    /*
     * An entry that is taken back: stages what its daemon has to remember of it into batch, which is committed with it;
     * *changed if it staged anything that it may read for the next one.
     */
    int (*lost)(void *context, struct kv_batch *batch, const struct event *event, bool *changed, struct err *err);
    void *context;
};

/*
 * Prints what it does. ERR_NOT_FOUND: nothing is lost. ERR_CONFLICT: no copy has all that was signed, or one has
 * another history. May be run again where it was interrupted.
 */
int restored_run(const struct restored *restored, struct err *err);

#endif
