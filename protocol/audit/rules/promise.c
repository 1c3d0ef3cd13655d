#include "protocol/audit/rules/promise.h"

#include "protocol/audit/walk/consistency.h"
#include "protocol/ledger/tiles.h"

#include <inttypes.h>
#include <string.h>

/* Whether the entry that is shown at its place is the receipt's. */
static int is_shown(bool *out, const struct walk *walk, const struct receipt *receipt, struct err *err)
{
    struct tiles tiles;
    struct span entry = {NULL, 0};
    int rc = 0;
    tiles_open(&tiles, walk->dir, walk->newest.size);
    tiles_seek(&tiles, receipt->index / TILE_WIDTH * TILE_WIDTH);
    while (rc == 0 && tiles.next <= receipt->index)
        rc = tiles_next_entry(&tiles, &entry, err);
    *out = rc == 0 && entry.len == receipt->event.len && memcmp(entry.data, receipt->event.data, entry.len) == 0;
    tiles_close(&tiles);
    return rc;
}

static int check_entry(struct audit *audit, const struct walk *walk, const struct receipt *receipt,
                       const struct checkpoint *checkpoint, const char *what, struct err *err)
{
    enum consistency found = CONSISTENCY_BEYOND;
    bool shown = true;
    int rc = consistency_compare(&found, walk, checkpoint, err);
    if (rc == 0 && found != CONSISTENCY_BEYOND)
        rc = is_shown(&shown, walk, receipt, err);
    if (finding_is_error(rc)) {
        findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, receipt->index, "%s", err->text);
        return 0;
    }
    if (rc != 0)
        return rc;
    if (found == CONSISTENCY_FORKED && !shown) {
        const struct finding_blame blame = consistency_blame(walk, checkpoint->size);
        findings_blame(&audit->findings, FINDING_PROMISE, &blame, walk->origin, receipt->index,
                       "%s promises another event than the one that stands there", what);
    }
    if (found == CONSISTENT && !shown)
        findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, receipt->index,
                     "%s/tile/entries has another entry there than %s, which the tree has", walk->dir, what);
    else if (found != CONSISTENT && (found != CONSISTENCY_FORKED || shown))
        return consistency_check(audit, walk, checkpoint, what, err);
    return 0;
}

int promise_check(struct promise *out, struct audit *audit, const struct walk *walk, struct span text, const char *what,
                  struct err *err)
{
    const struct finding_blame forged = finding_unexplained("whoever wrote %s", what);
    const uint64_t before = audit->findings.total;
    struct receipt receipt;
    struct checkpoint checkpoint;
    struct buf storage = buf_of(PROMISE_TEXT_MAX);
    int rc = receipt_parse(&receipt, text, &storage, err);
    if (rc == 0)
        rc = receipt_verify(&receipt, walk->origin, walk->party->log, &out->event, &checkpoint, err);
    if (finding_is_error(rc)) {
        findings_blame(&audit->findings, FINDING_DAMAGED, &forged, walk->origin, FINDING_NONE,
                       "%s is no receipt that this ledger's owner is bound by: %s", what, err->text);
        rc = 0;
    } else if (rc == 0) {
        out->index = receipt.index;
        rc = check_entry(audit, walk, &receipt, &checkpoint, what, err);
    }
    out->kept = rc == 0 && audit->findings.total == before;
    buf_free(&storage);
    return rc;
}
