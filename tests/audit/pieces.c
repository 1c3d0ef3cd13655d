#include "tests/audit/pieces.h"

#include "tests/audit/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must_do(int rc)
{
    if (rc != 0)
        abort();
}

/* Two notes, behind each other in storage. */
static void checkpoints(struct evidence *out, struct buf *storage, const struct buf *seen, const struct buf *shown)
{
    *out = (struct evidence){.kind = EVIDENCE_CHECKPOINTS, .region = "test", .agency = "AAA", .party = "matcher"};
    snprintf(out->why, sizeof out->why, "neither continues the other");
    must_do(buf_put(storage, seen->data, seen->len, ERR_IGNORED));
    must_do(buf_put(storage, shown->data, shown->len, ERR_IGNORED));
    out->first = span_of(storage->data, seen->len);
    out->second = span_of(storage->data + seen->len, shown->len);
}

/* The newest checkpoint, and an earlier one. */
static bool take_two(struct ledger *ledger, struct buf *early, struct buf *late)
{
    uint64_t size = 0;
    must_do(ledger_checkpoint(ledger, late, ERR_IGNORED));
    return ledger_next_checkpoint(ledger, 0, &size, early, ERR_IGNORED) == 0 && size > 0 && size < ledger_size(ledger);
}

/* The matcher signed another tree of as many entries. */
static bool two_of_one_size(struct evidence *out, struct buf *storage)
{
    char origin[NOTE_NAME_MAX + 1];
    struct buf true_one = buf_of(LEDGER_CHECKPOINT_MAX), other = buf_of(LEDGER_CHECKPOINT_MAX);
    struct checkpoint forked = {.size = ledger_size(history_ledger(-1)), .root = {{(uint8_t)history_any(256)}}};
    must_do(ledger_origin(origin, "test", "matcher", ERR_IGNORED));
    memcpy(forked.origin, origin, sizeof origin);
    must_do(ledger_checkpoint(history_ledger(-1), &true_one, ERR_IGNORED));
    must_do(checkpoint_sign(&other, &forked, history_matcher()->log_secret, ERR_IGNORED));
    checkpoints(out, storage, &true_one, &other);
    buf_free(&true_one);
    buf_free(&other);
    return true;
}

/* An agency says of two checkpoints of one history that they are of two. */
static bool two_of_one_history(struct evidence *out, struct buf *storage)
{
    struct buf early = buf_of(LEDGER_CHECKPOINT_MAX), late = buf_of(LEDGER_CHECKPOINT_MAX);
    const bool two = take_two(history_ledger(-1), &early, &late);
    if (two)
        checkpoints(out, storage, &early, &late);
    buf_free(&early);
    buf_free(&late);
    return two;
}

static bool one_twice(struct evidence *out, struct buf *storage)
{
    struct buf one = buf_of(LEDGER_CHECKPOINT_MAX);
    must_do(ledger_checkpoint(history_ledger(-1), &one, ERR_IGNORED));
    checkpoints(out, storage, &one, &one);
    buf_free(&one);
    return true;
}

/* One byte of the root of the second, which is in base64: another root of one size, which the matcher did not sign. */
static bool a_changed_root(struct evidence *out, struct buf *storage)
{
    if (!one_twice(out, storage))
        return false;
    uint8_t *root = memchr(out->second.data, '\n', out->second.len);
    root = memchr(root + 1, '\n', 40);
    root[1 + history_any(40)] ^= 1;
    return true;
}

/* What a custodian signed of its own ledger, shown as the matcher's. */
static bool somebody_elses(struct evidence *out, struct buf *storage)
{
    struct buf one = buf_of(LEDGER_CHECKPOINT_MAX), other = buf_of(LEDGER_CHECKPOINT_MAX);
    if (!history_is_calm())
        return false;
    must_do(ledger_checkpoint(history_ledger(-1), &one, ERR_IGNORED));
    must_do(ledger_checkpoint(history_ledger(HISTORY_CULPRIT), &other, ERR_IGNORED));
    checkpoints(out, storage, &one, &other);
    buf_free(&one);
    buf_free(&other);
    return true;
}

const struct piece pieces[] = {
    {"evidence: two ledgers of one size", false, WEIGHT_CONVICTS, two_of_one_size},
    {"evidence: two checkpoints of one history", false, WEIGHT_CLAIM, two_of_one_history},
    {"evidence: one checkpoint twice", false, WEIGHT_NOTHING, one_twice},
    {"evidence: a root that was changed", true, WEIGHT_NOTHING, a_changed_root},
    {"evidence: another's checkpoint", true, WEIGHT_NOTHING, somebody_elses},
};
const unsigned piece_count = sizeof pieces / sizeof pieces[0];
