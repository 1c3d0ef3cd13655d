#include "protocol/audit/rules/witness_rules.h"

#include "protocol/ledger/tiles.h"
#include "protocol/audit/walk/consistency.h"
#include "protocol/audit/walk/walk_checkpoints.h"
#include "protocol/base/file.h"
#include "protocol/ledger/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The ledger of this party, under the key that it has at the event; NULL if it is not among those given. */
static const struct walk *find_ledger(const struct witness_rules *r, const struct party *party)
{
    for (size_t i = 0; i < r->audit->count; i++) {
        const struct walk *walk = &r->audit->ledger[i];
        if (strcmp(walk->party->name, party->name) == 0 && memcmp(walk->party->log, party->log, PARTY_KEY_SIZE) == 0)
            return walk;
    }
    return NULL;
}

/*
 * Whether the tree that a ledger shows may have this root at this size: what is beyond it is not known, and what cannot
 * be read is a finding of that ledger's own.
 */
static bool has_root(const struct walk *walk, uint64_t size, const uint8_t root[MERKLE_HASH])
{
    struct tiles tiles;
    struct hash shown;
    const struct merkle_source source = {tiles_node, &tiles};
    if (size == 0 || size > walk->newest.size)
        return true;
    tiles_open(&tiles, walk->dir, walk->newest.size);
    bool has = merkle_root_at(&source, size, &shown, ERR_IGNORED) != 0 || memcmp(shown.bytes, root, MERKLE_HASH) == 0;
    tiles_close(&tiles);
    return has;
}

/*
 * The same, from the checkpoint's file if there is one, whose root has its place in the tree checked where it is
 * walked.
 */
static bool shows_root(const struct walk *walk, uint64_t size, const uint8_t root[MERKLE_HASH])
{
    char name[WALK_CHECKPOINT_NAME_MAX], path[PATH_LIMIT];
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX);
    bool same = path_join(path, sizeof path, walk->dir, walk_checkpoint_name(name, size), ERR_IGNORED) == 0 &&
                file_read(&note, path, ERR_IGNORED) == 0 &&
                checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, ERR_IGNORED) == 0 &&
                memcmp(checkpoint.root.bytes, root, MERKLE_HASH) == 0;
    buf_free(&note);
    return same || has_root(walk, size, root);
}

/* Whether the other ledger has another tree than its owner signed for this one's; of which size. */
static bool is_convicted(const struct witness_rules *r, const struct walk *other, uint64_t *size)
{
    struct checkpoint signed_once = {.size = 0};
    const bool convicted = walk_read_witnessed(r->walk, other->party, &signed_once) &&
                           !has_root(other, signed_once.size, signed_once.root.bytes);
    *size = signed_once.size;
    return convicted;
}

static const char *covered_text(const struct walk *other, uint64_t size)
{
    return walk_is_covered(other, size) ? " (its restored entry says that they were lost)" : "";
}

/* --- witnessed --- */

/* A root that is not the other's may be the other's doing or the witness's, unless there is what the other signed. */
static void check_witness(const struct witness_rules *r, const struct event *e, const struct party *peer)
{
    const struct walk *other = find_ledger(r, peer);
    const struct finding_blame both = finding_unexplained("%s, %s", peer->name, r->walk->party->name);
    uint64_t size;
    if (other == NULL)
        return;
    if (e->count > other->newest.size)
        findings_add(&r->audit->findings, FINDING_ROLLED_BACK, other->origin, FINDING_NONE,
                     "%s witnessed %" PRIu64 " entries (its entry %" PRIu64 "), but %" PRIu64
                     " are shown: entries are held back, or this copy is older than that of %s",
                     r->walk->party->name, e->count, r->index, other->newest.size, r->walk->party->name);
    else if (!shows_root(other, e->count, e->digest) && !is_convicted(r, other, &size))
        findings_blame(&r->audit->findings, FINDING_FORKED, &both, other->origin, FINDING_NONE,
                       "%s says that it witnessed another root of %" PRIu64 " entries (its entry %" PRIu64
                       ") than that of the tree shown: the checkpoint that it cosigned would settle it",
                       r->walk->party->name, e->count, r->index);
}

void witness_rules_end(const struct witness_rules *rules)
{
    for (size_t i = 0; i < rules->audit->count; i++) {
        const struct walk *other = &rules->audit->ledger[i];
        uint64_t size;
        if (other == rules->walk || !is_convicted(rules, other, &size))
            continue;
        const struct finding_blame blame = consistency_blame(other, size);
        findings_blame(&rules->audit->findings, FINDING_FORKED, &blame, other->origin, FINDING_NONE,
                       "%s signed a checkpoint that is not of the tree shown%s: it lies in %s/witnessed/%s",
                       other->party->name, covered_text(other, size), rules->walk->dir, other->party->name);
    }
}

/* --- split --- */

/* One of the two notes that a split event stands for, signed by the ledger that it accuses. */
static bool read_evidence(const struct witness_rules *r, const char *suffix, const struct party *accused,
                          struct checkpoint *out)
{
    char name[64];
    snprintf(name, sizeof name, "evidence/%" PRIu64 ".%s", r->index, suffix);
    return walk_read_note(r->walk, name, accused, out);
}

/*
 * The one that the tree does not have is what was lost, if anything was. Where only the tree convicts it is a finding
 * of the accused's ledger, whose copy may be in doubt.
 */
static void convict(const struct witness_rules *r, const struct walk *other, const struct party *accused,
                    const struct checkpoint *seen, const struct checkpoint *shown)
{
    struct finding_blame blame = {FINDING_GUILTY, ""};
    const bool open = other != NULL && has_root(other, shown->size, shown->root.bytes);
    memcpy(blame.who, accused->name, sizeof accused->name);
    if (open)
        blame = consistency_blame(other, seen->size);
    findings_blame(&r->audit->findings, FINDING_FORKED, &blame,
                   seen->size == shown->size ? r->walk->origin : other->origin,
                   seen->size == shown->size ? r->index : FINDING_NONE,
                   "%s signed a checkpoint of %" PRIu64 " entries and one of %" PRIu64
                   " that contradicts it%s: both lie in %s/evidence",
                   accused->name, seen->size, shown->size, open ? covered_text(other, seen->size) : "", r->walk->dir);
}

/*
 * Two roots of one size prove it. Of two sizes the accused's tree has at most one, if it is a fork; if it has both, a
 * proof was wrong or the witness says so. Without the accused's ledger that stays open.
 */
static void check_split(const struct witness_rules *r, const struct event *e, const struct party *accused)
{
    const struct walk *other = find_ledger(r, accused);
    const struct finding_blame both = finding_unexplained("%s, %s", accused->name, r->walk->party->name);
    struct checkpoint seen = {.size = 0}, shown = {.size = 0};
    bool good = read_evidence(r, "seen", accused, &seen) && read_evidence(r, "shown", accused, &shown);
    bool same = seen.size == shown.size && memcmp(seen.root.bytes, shown.root.bytes, MERKLE_HASH) == 0;
    bool known = other != NULL && seen.size <= other->newest.size && shown.size <= other->newest.size;
    if (!good || same)
        findings_add(&r->audit->findings, FINDING_NOT_CONSISTENT, r->walk->origin, r->index,
                     "it accuses %s of a split view, but %s/evidence does not show one", e->party, r->walk->dir);
    else if (seen.size == shown.size || (other != NULL && (!has_root(other, seen.size, seen.root.bytes) ||
                                                           !has_root(other, shown.size, shown.root.bytes))))
        convict(r, other, accused, &seen, &shown);
    else if (known)
        findings_blame(&r->audit->findings, FINDING_NOT_CONSISTENT, &both, r->walk->origin, r->index,
                       "it says that %s did not prove that %" PRIu64 " entries continue %" PRIu64
                       ", but the ledger of %s has both: nothing is split",
                       e->party, shown.size, seen.size, e->party);
    else
        findings_blame(&r->audit->findings, FINDING_FORKED, &both, r->walk->origin, r->index,
                       "%s signed a checkpoint of %" PRIu64 " entries and one of %" PRIu64
                       " that was not proven to continue it: hold both, in %s/evidence, against its ledger",
                       e->party, seen.size, shown.size, r->walk->dir);
}

void witness_rules_event(const struct witness_rules *rules, const struct event *event, const struct party *peer)
{
    if (event->kind == EVENT_WITNESS)
        check_witness(rules, event, peer);
    else
        check_split(rules, event, peer);
}
