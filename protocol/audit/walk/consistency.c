#include "protocol/audit/walk/consistency.h"

#include "protocol/ledger/tiles.h"

#include <inttypes.h>
#include <string.h>

/* Of the first `size` entries, and of all, by the entries alone. */
struct roots {
    uint64_t size;
    struct hash some, all;
};

static int find_roots(struct roots *roots, const struct walk *walk, struct err *err)
{
    struct merkle_range range = {.size = 0};
    struct tiles tiles;
    struct span entry;
    struct hash leaf;
    int rc = 0;
    tiles_open(&tiles, walk->dir, walk->newest.size);
    merkle_root(&roots->some, &range);
    while (rc == 0 && tiles.next < walk->newest.size) {
        rc = tiles_next_entry(&tiles, &entry, err);
        if (rc != 0)
            break;
        merkle_leaf(&leaf, entry);
        merkle_append(&range, &leaf, NULL, NULL);
        if (range.size == roots->size)
            merkle_root(&roots->some, &range);
    }
    merkle_root(&roots->all, &range);
    tiles_close(&tiles);
    return rc;
}

static bool is_root(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, MERKLE_HASH) == 0;
}

int consistency_is_whole(bool *out, const struct walk *walk, struct err *err)
{
    struct roots roots = {.size = 0};
    const int rc = find_roots(&roots, walk, err);
    *out = rc == 0 && is_root(&roots.all, &walk->newest.root);
    return rc;
}

/* Whether the tiles prove it. */
static bool is_proven(const struct walk *walk, const struct checkpoint *old)
{
    const struct checkpoint *now = &walk->newest;
    struct tiles tiles;
    const struct merkle_source source = {tiles_node, &tiles};
    struct buf proof = buf_of(MERKLE_LEVELS * 2 * MERKLE_HASH);
    tiles_open(&tiles, walk->dir, now->size);
    const bool proven =
        merkle_prove_consistency(&source, old->size, now->size, &proof, ERR_IGNORED) == 0 &&
        merkle_verify_consistency(old->size, &old->root, now->size, &now->root, buf_span(&proof), ERR_IGNORED) == 0;
    tiles_close(&tiles);
    buf_free(&proof);
    return proven;
}

int consistency_compare(enum consistency *out, const struct walk *walk, const struct checkpoint *old, struct err *err)
{
    struct roots roots = {.size = old->size};
    *out = CONSISTENCY_BEYOND;
    if (old->size > walk->newest.size)
        return 0;
    *out = CONSISTENT;
    if (is_proven(walk, old))
        return 0;
    const int rc = find_roots(&roots, walk, err);
    *out = !is_root(&roots.all, &walk->newest.root) ? CONSISTENCY_DAMAGED
           : !is_root(&roots.some, &old->root)      ? CONSISTENCY_FORKED
                                                    : CONSISTENCY_TILES;
    return rc;
}

struct finding_blame consistency_blame(const struct walk *walk, uint64_t size)
{
    struct finding_blame blame = finding_unexplained("%s", walk->party->name);
    blame.verdict = walk_is_covered(walk, size) ? FINDING_UNEXPLAINED : FINDING_GUILTY;
    return blame;
}

int consistency_check(struct audit *audit, const struct walk *walk, const struct checkpoint *old, const char *what,
                      struct err *err)
{
    struct findings *f = &audit->findings;
    const char *origin = walk->origin;
    const uint64_t size = walk->newest.size;
    const struct finding_blame forked = consistency_blame(walk, old->size);
    enum consistency found;
    int rc = consistency_compare(&found, walk, old, err);
    if (finding_is_error(rc)) {
        findings_add(f, FINDING_DAMAGED, origin, FINDING_NONE, "%s", err->text);
        return 0;
    }
    if (found == CONSISTENCY_BEYOND)
        findings_add(f, FINDING_ROLLED_BACK, origin, FINDING_NONE,
                     "%s has %" PRIu64 " entries, but %s shows %" PRIu64 ": it was rolled back, or is an older copy",
                     what, old->size, walk->dir, size);
    else if (found == CONSISTENCY_FORKED)
        findings_blame(f, FINDING_FORKED, &forked, origin, FINDING_NONE,
                       "%s (%" PRIu64 " entries) is not of the history that %s shows (%" PRIu64 " entries)", what,
                       old->size, walk->dir, size);
    else if (found == CONSISTENCY_DAMAGED)
        findings_add(f, FINDING_DAMAGED, origin, FINDING_NONE,
                     "%s/tile/entries does not lead to the root of %s/checkpoint: %s cannot be held against it",
                     walk->dir, walk->dir, what);
    else if (found == CONSISTENCY_TILES)
        findings_add(f, FINDING_DAMAGED, origin, FINDING_NONE, "%s/tile is not that of its entries, which lead to %s",
                     walk->dir, what);
    return rc;
}
