/*
 * Witnessing: a party cosigns another's checkpoint only if it is consistent with the last one it cosigned. So a log that
 * shows different histories to different people needs the help of its witnesses.
 */
#ifndef PROTOCOL_LEDGER_WITNESS_H
#define PROTOCOL_LEDGER_WITNESS_H

#include "protocol/kv/kv.h"
#include "protocol/ledger/note.h"

/* "<region>/<party>": the origin of a party's log and the name of its log key. */
int ledger_origin(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err);

/* "<region>/<party>/witness": the name under which a party cosigns. */
int witness_name(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err);

struct witness_decision {
    bool behind;                  /* the proof starts elsewhere: nothing is cosigned, the asker must prove from `size` */
    uint64_t size;                /* what the witness has seen of this log */
    struct checkpoint checkpoint; /* what was verified, unless behind */
    struct span body;             /* its signed text, within the note that was given */
};

/*
 * Decides on a checkpoint that a log's owner shows, with a consistency proof from old_size. origin and log_key are the
 * owner's, from the manifest. Stages the new state into batch; the caller commits it together with its event, and only then
 * cosigns. ERR_VERIFY: signature or proof wrong; if it is a split view, both notes are staged into batch as evidence (key
 * "WX" origin 00 size), which the caller commits too, and *split is true.
 */
int witness_decide(struct kv *kv, struct kv_batch *batch, const char *origin, const uint8_t log_key[32],
                   uint64_t old_size, struct span proof, struct span note, struct witness_decision *out, bool *split,
                   struct err *err);

#endif
