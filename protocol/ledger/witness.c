/*
 * Keys in the store: "WS" origin: the last checkpoint note cosigned for that log. "WX" index8: the evidence of the
 * split event at that leaf of the own ledger: length4 of the note cosigned before, that note, the note refused.
 */
#include "protocol/ledger/witness.h"

#include "protocol/ledger/ledger_store.h"

#include <stdio.h>
#include <string.h>

static size_t state_key(uint8_t key[NOTE_NAME_MAX + 16], const char *origin)
{
    size_t len = strlen(origin);
    memcpy(key, LEDGER_WITNESSED_KEY, 2);
    memcpy(key + 2, origin, len);
    return 2 + len;
}

static int append_event(struct ledger *own, struct kv_batch *batch, enum event_kind kind, const struct witnessed *log,
                        const struct checkpoint *checkpoint, uint64_t *index, struct err *err)
{
    struct event event;
    event_init(&event, kind);
    memcpy(event.party, log->party, sizeof event.party);
    event.count = checkpoint->size;
    memcpy(event.digest, checkpoint->root.bytes, sizeof event.digest);
    return ledger_append(own, batch, &event, index, NULL, err);
}

static int keep_evidence(struct kv_batch *batch, uint64_t index, struct span seen, struct span shown, struct err *err)
{
    uint8_t key[LEDGER_EVIDENCE_KEY], len[4];
    struct buf both = buf_of(2 * NOTE_MAX + sizeof len);
    bytes_put_u32be(len, (uint32_t)seen.len);
    int rc = buf_put(&both, len, sizeof len, err);
    if (rc == 0)
        rc = buf_put(&both, seen.data, seen.len, err);
    if (rc == 0)
        rc = buf_put(&both, shown.data, shown.len, err);
    if (rc == 0) {
        ledger_evidence_key(key, index);
        kv_batch_put(batch, key, sizeof key, both.data, both.len);
    }
    buf_free(&both);
    return rc;
}

/* Both notes are signed by the log, and both cannot be true, or it did not prove that they can. */
static int refuse(struct ledger *own, struct kv_batch *batch, const struct witnessed *log, struct span seen,
                  struct span shown, struct witness_decision *out, struct err *err)
{
    uint64_t index;
    struct err inner;
    int rc = append_event(own, batch, EVENT_SPLIT, log, &out->checkpoint, &index, &inner);
    if (rc == 0)
        rc = keep_evidence(batch, index, seen, shown, &inner);
    if (rc != 0) {
        *err = inner;
        return rc;
    }
    out->split = true;
    return ERR_VERIFY;
}

/* The checkpoint with its owner's line alone, the first: what is kept of it verifies to the last byte. */
static struct span without_cosignatures(struct span note, struct span signatures)
{
    const uint8_t *end = memchr(signatures.data, '\n', signatures.len);
    return end != NULL ? span_of(note.data, (size_t)(end + 1 - note.data)) : note;
}

int witness_decide(struct ledger *own, struct kv_batch *batch, const struct witnessed *log, uint64_t old_size,
                   struct span proof, struct span note, struct witness_decision *out, struct err *err)
{
    uint8_t key[NOTE_NAME_MAX + 16];
    struct checkpoint seen = {.size = 0};
    struct span signatures;
    struct buf last = buf_of(NOTE_MAX);
    size_t key_len = state_key(key, log->origin);
    *out = (struct witness_decision){.behind = false};
    int rc = kv_get(ledger_store(own), key, key_len, &last, err);
    if (rc == 0)
        rc = checkpoint_parse(&seen, buf_span(&last), &out->body, &signatures, err);
    else if (rc == ERR_NOT_FOUND)
        rc = 0;
    if (rc == 0)
        rc = checkpoint_parse(&out->checkpoint, note, &out->body, &signatures, err);
    if (rc == 0)
        note = without_cosignatures(note, signatures);
    if (rc == 0)
        rc = checkpoint_verify(&out->checkpoint, note, log->key, err);
    if (rc == 0 && strcmp(out->checkpoint.origin, log->origin) != 0)
        rc = err_set(err, ERR_VERIFY, "the checkpoint is of %s, not of %s", out->checkpoint.origin, log->origin);
    out->size = seen.size;
    out->seen_len = last.len;
    if (last.len > 0)
        memcpy(out->seen, last.data, last.len);
    out->behind = rc == 0 && (old_size != seen.size || out->checkpoint.size < seen.size);
    out->older = out->behind && out->checkpoint.size < seen.size;
    if (rc != 0 || out->behind)
        goto out;
    rc = merkle_verify_consistency(seen.size, &seen.root, out->checkpoint.size, &out->checkpoint.root, proof, err);
    out->unproven = rc != 0 && seen.size != out->checkpoint.size;
    if (rc != 0) {
        rc = refuse(own, batch, log, buf_span(&last), note, out, err);
        goto out;
    }
    rc = append_event(own, batch, EVENT_WITNESS, log, &out->checkpoint, NULL, err);
    if (rc == 0)
        kv_batch_put(batch, key, key_len, note.data, note.len);
out:
    buf_free(&last);
    return rc;
}
