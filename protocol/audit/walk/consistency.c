#include "protocol/audit/walk/consistency.h"

#include "protocol/ledger/tiles.h"

#include <inttypes.h>

int consistency_check(struct audit *audit, const struct walk *walk, const struct checkpoint *old, const char *what,
                      struct err *err)
{
    struct tiles tiles;
    const struct merkle_source source = {tiles_node, &tiles};
    const struct checkpoint *now = &walk->newest;
    struct buf proof = buf_of(MERKLE_LEVELS * 2 * MERKLE_HASH);
    if (old->size > now->size) {
        findings_add(&audit->findings, FINDING_ROLLED_BACK, walk->origin, FINDING_NONE,
                     "%s has %" PRIu64 " entries, but %s shows %" PRIu64 ": it was rolled back, or is an older copy",
                     what, old->size, walk->dir, now->size);
        return 0;
    }
    tiles_open(&tiles, walk->dir, now->size);
    int rc = merkle_prove_consistency(&source, old->size, now->size, &proof, err);
    if (rc == 0 && merkle_verify_consistency(old->size, &old->root, now->size, &now->root, buf_span(&proof), err) != 0)
        findings_add(&audit->findings, FINDING_FORKED, walk->origin, FINDING_NONE,
                     "%s (%" PRIu64 " entries) is not of the history that %s shows (%" PRIu64 " entries): %s", what,
                     old->size, walk->dir, now->size, err->text);
    else if (finding_is_error(rc)) {
        findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, FINDING_NONE, "%s", err->text);
        rc = 0;
    }
    tiles_close(&tiles);
    buf_free(&proof);
    return rc;
}
