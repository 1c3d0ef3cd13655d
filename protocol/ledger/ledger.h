/*
 * A party's append-only log (RFC 6962 hashing; C2SP tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature), kept
 * in the same store as the state it describes, so that both are committed by one atomic write.
 *
 * The writer, one at a time (its caller serialises):
 *     ledger_append(...)  any number of times, into a kv_batch that also holds the state's changes
 *     ledger_seal(...)    signs one checkpoint over all of them, into the same batch
 *     kv_commit(...)      then ledger_committed() if it succeeded, ledger_rollback() if not
 * Readers may prove and read concurrently; they see what is committed.
 *
 * Appending costs O(log n); opening reads a few records. Keys in the store begin with "L".
 */
#ifndef PROTOCOL_LEDGER_LEDGER_H
#define PROTOCOL_LEDGER_LEDGER_H

#include "protocol/kv/kv.h"
#include "protocol/ledger/event.h"
#include "protocol/ledger/merkle.h"
#include "protocol/ledger/note.h"

#define LEDGER_HASH_SIZE 32
#define LEDGER_PROOF_MAX 64        /* hashes in a proof */
#define LEDGER_CHECKPOINT_MAX 8192 /* bytes of a signed note with its cosignatures */

struct ledger;

/*
 * Opens the log in kv, or begins an empty one. origin: "<region>/<party>", also the key name; log_secret: the party's
 * Ed25519 log key (64 bytes, borrowed). ERR_VERIFY if the stored log has another origin or key.
 */
int ledger_open(struct ledger **out, struct kv *kv, const char *origin, const uint8_t log_secret[64], struct err *err);
void ledger_close(struct ledger *ledger);

/*
 * Appends an event; *index is its leaf, its encoded bytes are appended to *encoded (for the receipt); either may be
 * NULL. Its time is held to the rule in event.h: if it lies before the last event's, it becomes that one's, or a clock
 * event goes before.
 */
int ledger_append(struct ledger *ledger, struct kv_batch *batch, const struct event *event, uint64_t *index,
                  struct buf *encoded, struct err *err);

/*
 * Appends an entry that this ledger had before its store was put back, byte for byte: for who has compared the root
 * that it leads to with one that was signed. ERR_INPUT: it is no event.
 */
int ledger_take_back(struct ledger *ledger, struct kv_batch *batch, struct span entry, struct err *err);

/* Now, by the same rule: what an event and the state that it describes are to be stamped with. The writer's alone. */
uint64_t ledger_time(struct ledger *ledger);

int ledger_seal(struct ledger *ledger, struct kv_batch *batch, struct err *err);
void ledger_committed(struct ledger *ledger);
void ledger_rollback(struct ledger *ledger);

/* Marks how far the staged events have come; and takes back those since, as kv_batch_undo() does theirs. */
void ledger_save(struct ledger *ledger);
void ledger_undo(struct ledger *ledger);

/* Committed size, and the newest signed checkpoint (appended to out) with the cosignatures gathered for it. */
uint64_t ledger_size(struct ledger *ledger);
int ledger_checkpoint(struct ledger *ledger, struct buf *out, struct err *err);

/* Proofs as RFC 6962 section 2.1, appended to out as hashes of 32 bytes. ERR_INPUT if index or sizes are out of
 * range. */
int ledger_inclusion(struct ledger *ledger, uint64_t index, uint64_t size, struct buf *out, struct err *err);
int ledger_consistency(struct ledger *ledger, uint64_t old_size, uint64_t new_size, struct buf *out, struct err *err);

/* Root of the first `size` entries. ERR_INPUT: there are not so many. */
int ledger_root(struct ledger *ledger, uint64_t size, struct hash *out, struct err *err);

/* The entry at index, appended to out. */
int ledger_entry(struct ledger *ledger, uint64_t index, struct buf *out, struct err *err);

/* The checkpoint of exactly this size, and the first one of a size above `after`; appended to out. ERR_NOT_FOUND. */
int ledger_checkpoint_at(struct ledger *ledger, uint64_t size, struct buf *out, struct err *err);
int ledger_next_checkpoint(struct ledger *ledger, uint64_t after, uint64_t *size, struct buf *out, struct err *err);

/* Adds verified cosignature lines to the checkpoint of exactly this size; kept for export. */
int ledger_add_cosignature(struct ledger *ledger, uint64_t size, struct span lines, struct err *err);

/*
 * Writes what is new into dir as static files: checkpoint, tile/<L>/<N>, tile/entries/<N> (tlog-tiles); as
 * checkpoints/<size>, every checkpoint that is cosigned and the newest of each export; and the evidence of split events
 * (witness.h). Incremental: what dir's checkpoint covers is not written again. Safe against a crash at any moment: the
 * checkpoint is replaced last, and what was half written is removed by the next export. Partial tiles stay until two
 * checkpoints later. What was exported once and is damaged or gone comes again, a few tiles an export. ERR_CONFLICT: as
 * ledger_check_exported(). One exporter per directory at a time.
 */
int ledger_export(struct ledger *ledger, const char *dir, struct err *err);

/*
 * Whether dir was exported by this very ledger: what it shows is a prefix of it. ERR_CONFLICT: it has more entries, or
 * others: the store was put back from an old copy.
 */
int ledger_check_exported(struct ledger *ledger, const char *dir, struct err *err);

/* What dir shows; of size 0 if it has no checkpoint that can be read. */
struct checkpoint ledger_exported(const char *dir);

/*
 * Reads all of the ledger and of what was exported to dir: every entry hashes to its leaf, all of them to the root that
 * log_key signed, every tile and bundle of what dir showed at one moment is what the store has. Meanwhile more may be
 * exported. ERR_VERIFY names what is damaged; ERR_CONFLICT as ledger_check_exported().
 */
int ledger_check(struct ledger *ledger, const char *dir, const struct checkpoint *shown, const uint8_t log_key[32],
                 uint64_t *entries, struct err *err);

/* Puts one file of this name below dir, in the same way: for what else lies beside an exported ledger. */
int ledger_publish(const char *dir, const char *name, struct span data, struct err *err);

#endif
