/*
 * Keys in the store: "WS" origin: the last checkpoint note cosigned for that log. "WX" origin 00 size: evidence of a
 * split view: the note cosigned before, then the note refused.
 */
#include "protocol/ledger/witness.h"

#include <stdio.h>
#include <string.h>

int ledger_origin(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err)
{
    if (snprintf(out, NOTE_NAME_MAX + 1, "%s/%s", region, party) > NOTE_NAME_MAX)
        return err_set(err, ERR_INPUT, "the names of region and party are too long");
    return 0;
}

int witness_name(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err)
{
    if (snprintf(out, NOTE_NAME_MAX + 1, "%s/%s/witness", region, party) > NOTE_NAME_MAX)
        return err_set(err, ERR_INPUT, "the names of region and party are too long");
    return 0;
}

static size_t state_key(uint8_t key[NOTE_NAME_MAX + 16], char kind, const char *origin)
{
    size_t len = strlen(origin);
    key[0] = 'W';
    key[1] = (uint8_t)kind;
    memcpy(key + 2, origin, len);
    return 2 + len;
}

static int keep_evidence(struct kv_batch *batch, const char *origin, uint64_t size, struct span seen, struct span shown,
                         struct err *err)
{
    uint8_t key[NOTE_NAME_MAX + 16];
    struct buf both = buf_of(2 * NOTE_MAX);
    size_t len = state_key(key, 'X', origin);
    key[len++] = 0;
    bytes_put_u64be(key + len, size);
    int rc = buf_put(&both, seen.data, seen.len, err);
    if (rc == 0)
        rc = buf_put(&both, shown.data, shown.len, err);
    if (rc == 0)
        kv_batch_put(batch, key, len + 8, both.data, both.len);
    buf_free(&both);
    return rc;
}

int witness_decide(struct kv *kv, struct kv_batch *batch, const char *origin, const uint8_t log_key[32],
                   uint64_t old_size, struct span proof, struct span note, struct witness_decision *out, bool *split,
                   struct err *err)
{
    uint8_t key[NOTE_NAME_MAX + 16];
    struct checkpoint seen = {.size = 0};
    struct span signatures;
    struct buf last = buf_of(NOTE_MAX);
    size_t key_len = state_key(key, 'S', origin);
    *split = false;
    out->behind = false;
    int rc = kv_get(kv, key, key_len, &last, err);
    if (rc == 0)
        rc = checkpoint_parse(&seen, buf_span(&last), &out->body, &signatures, err);
    else if (rc == ERR_NOT_FOUND)
        rc = 0;
    if (rc == 0)
        rc = checkpoint_verify(&out->checkpoint, note, log_key, err);
    if (rc == 0 && strcmp(out->checkpoint.origin, origin) != 0)
        rc = err_set(err, ERR_VERIFY, "the checkpoint is of %s, not of %s", out->checkpoint.origin, origin);
    if (rc != 0)
        goto out;
    out->size = seen.size;
    if (old_size != seen.size) {
        out->behind = true;
        goto out;
    }
    rc = merkle_verify_consistency(seen.size, &seen.root, out->checkpoint.size, &out->checkpoint.root, proof, err);
    if (rc != 0) {
        *split = true;
        int kept = keep_evidence(batch, origin, out->checkpoint.size, buf_span(&last), note, err);
        rc = kept != 0 ? kept : rc;
        goto out;
    }
    rc = checkpoint_parse(&out->checkpoint, note, &out->body, &signatures, err);
    if (rc == 0)
        kv_batch_put(batch, key, key_len, note.data, note.len);
out:
    buf_free(&last);
    return rc;
}
