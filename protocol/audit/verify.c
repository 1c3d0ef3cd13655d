#include "protocol/audit/verify.h"

#include "protocol/audit/tiles.h"
#include "protocol/base/file.h"
#include "protocol/ledger/witness.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINT_NAME_MAX 64 /* "checkpoints/" and a size */

/* One run over the entries. made_node() cannot fail, so what it meets is kept here. */
struct run {
    struct audit *audit;
    const char *dir;
    struct tiles tiles;
    struct merkle_range range;
    int rc;           /* a tile could not be read */
    struct err *err;
    bool differs;     /* a tile's hash is not that of the entries: the first is kept until a checkpoint says who is right */
    int level;        /* its tile level */
    uint64_t place;   /* and its place */
};

/* --- whose ledger it is --- */

static int add_witness(struct audit *audit, const struct region *region, const struct party *party, struct err *err)
{
    struct audit_witness *witness = &audit->witness[audit->witness_count++];
    witness->party = party;
    return witness_name(witness->name, region->name, party->name, err);
}

static int take_matcher(struct audit *audit, const struct region *region, struct err *err)
{
    int rc = 0;
    audit->party = &region->matcher;
    audit->witnesses_needed = region->witnesses;
    for (size_t i = 0; rc == 0 && i < region->custodian_count; i++)
        rc = add_witness(audit, region, &region->custodians[i].party, err);
    return rc;
}

/* Whether the checkpoint is from this party's log; fills audit->origin. */
static bool is_origin_of(struct audit *audit, const struct region *region, const struct party *party, const char *origin)
{
    return ledger_origin(audit->origin, region->name, party->name, NULL) == 0 && strcmp(audit->origin, origin) == 0;
}

static int find_party(struct audit *audit, const struct region *region, const char *origin, struct err *err)
{
    if (is_origin_of(audit, region, &region->matcher, origin))
        return take_matcher(audit, region, err);
    for (size_t i = 0; i < region->custodian_count; i++) {
        if (is_origin_of(audit, region, &region->custodians[i].party, origin)) {
            audit->party = &region->custodians[i].party;
            return add_witness(audit, region, &region->matcher, err);
        }
    }
    return err_set(err, ERR_VERIFY, "the manifest of %s knows neither matcher nor custodian with the ledger %s",
                   region->name, origin);
}

/* --- one checkpoint --- */

/* A cosignature line alone on the checkpoint: so that none hides behind another in the same name. */
static int verify_line(struct span body, struct span line, const struct audit_witness *witness, struct err *err)
{
    uint64_t time;
    struct buf note = buf_of(NOTE_MAX);
    int rc = buf_put(&note, body.data, body.len, err);
    if (rc == 0)
        rc = buf_put(&note, "\n", 1, err);
    if (rc == 0)
        rc = buf_put(&note, line.data, line.len, err);
    if (rc == 0 && cosignature_verify(buf_span(&note), witness->name, witness->party->witness, &time, NULL) != 0)
        rc = err_set(err, ERR_VERIFY, "the cosignature of %s does not verify with the manifest's key", witness->name);
    buf_free(&note);
    return rc;
}

/* Whether a signature line is in this name. */
static bool line_is_by(struct span line, const char *name)
{
    char start[NOTE_NAME_MAX + 8];
    size_t len = (size_t)snprintf(start, sizeof start, "\xe2\x80\x94 %s ", name);
    return line.len >= len && memcmp(line.data, start, len) == 0;
}

/* by[i] says whether witness i cosigned. */
static int verify_cosignatures(const struct audit *audit, struct span note, bool by[REGION_CUSTODIANS_MAX], struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, lines;
    int rc = checkpoint_parse(&checkpoint, note, &body, &lines, err);
    memset(by, 0, REGION_CUSTODIANS_MAX * sizeof *by);
    while (rc == 0 && lines.len > 0) {
        const uint8_t *end = memchr(lines.data, '\n', lines.len);
        if (end == NULL)
            return err_set(err, ERR_INPUT, "the last signature line does not end");
        struct span line = span_of(lines.data, (size_t)(end - lines.data) + 1);
        lines = span_of(end + 1, lines.len - line.len);
        for (size_t i = 0; rc == 0 && i < audit->witness_count; i++) {
            if (!line_is_by(line, audit->witness[i].name))
                continue;
            rc = verify_line(body, line, &audit->witness[i], err);
            by[i] = true;
        }
    }
    return rc;
}

static void count_cosignatures(struct audit *audit, const bool by[REGION_CUSTODIANS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < audit->witness_count; i++) {
        audit->witness[i].cosigned += by[i];
        count += by[i];
    }
    audit->cosigned[count]++;
    audit->checkpoints++;
}

static int read_note(const char *dir, const char *name, struct buf *note, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof path, dir, name, err);
    buf_clear(note);
    return rc != 0 ? rc : file_read(note, path, err);
}

/* The tiles disagreed with the entries; the root that the party signed says which of them was changed. */
static int say_who_differs(const struct run *run, const char *name, bool root_is_right, struct err *err)
{
    char tile[TILE_PATH_MAX], bundle[TILE_PATH_MAX];
    uint64_t first = run->place << 8 * run->level;
    tiles_path(&run->tiles, tile, run->level, run->place);
    tiles_path(&run->tiles, bundle, TILE_ENTRIES, first);
    if (root_is_right)
        return err_set(err, ERR_VERIFY, "%s/%s: hash %" PRIu64 " is not that of its entries, which lead to the root of %s",
                       run->dir, tile, run->place % TILE_WIDTH, name);
    if (run->level == 0)
        return err_set(err, ERR_VERIFY, "%s/%s: entry %" PRIu64 " was changed: neither %s nor the root of %s is made of it",
                       run->dir, bundle, first, tile, name);
    return err_set(err, ERR_VERIFY, "%s/%s: an entry from %" PRIu64 " on was changed: neither %s nor the root of %s is made "
                   "of them", run->dir, bundle, first, tile, name);
}

/* Signature, origin, size and root of a checkpoint of the tree as it is now. */
static int verify_checkpoint(const struct run *run, const char *name, struct span note, struct err *err)
{
    struct checkpoint checkpoint;
    struct hash root;
    int rc = checkpoint_verify(&checkpoint, note, run->audit->party->log, err);
    if (rc == 0 && strcmp(checkpoint.origin, run->audit->origin) != 0)
        rc = err_set(err, ERR_VERIFY, "it is of the ledger %s", checkpoint.origin);
    if (rc == 0 && checkpoint.size != run->range.size)
        rc = err_set(err, ERR_VERIFY, "it is the checkpoint of size %" PRIu64, checkpoint.size);
    if (rc != 0) {
        err_wrap(err, "%s/%s", run->dir, name);
        return rc;
    }
    merkle_root(&root, &run->range);
    bool right = memcmp(root.bytes, checkpoint.root.bytes, MERKLE_HASH) == 0;
    if (run->differs)
        return say_who_differs(run, name, right, err);
    if (!right)
        return err_set(err, ERR_VERIFY, "%s/%s: its root is not that of the first %" PRIu64 " entries: the ledger was "
                       "rewritten or forked", run->dir, name, checkpoint.size);
    return 0;
}

static int verify_note(struct run *run, const char *name, struct span note, bool by[REGION_CUSTODIANS_MAX],
                       struct err *err)
{
    int rc = verify_checkpoint(run, name, note, err);
    if (rc == 0 && (rc = verify_cosignatures(run->audit, note, by, err)) != 0)
        err_wrap(err, "%s/%s", run->dir, name);
    return rc;
}

/* --- the run over the entries --- */

static void made_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    struct run *run = context;
    bool same = true;
    if (level % 8 != 0 || run->rc != 0)
        return;
    run->rc = tiles_compare(&run->tiles, (int)level / 8, index, hash, &same, run->err);
    if (run->rc == 0 && !same && !run->differs) {
        run->differs = true;
        run->level = (int)level / 8;
        run->place = index;
    }
}

static int add_entry(struct run *run, struct err *err)
{
    char bundle[TILE_PATH_MAX];
    struct event event;
    struct span entry;
    struct hash leaf;
    uint64_t index = run->tiles.next;
    int rc = tiles_next_entry(&run->tiles, &entry, err);
    if (rc != 0)
        return rc;
    if ((rc = event_decode(&event, entry, err)) != 0) {
        err_wrap(err, "%s/%s: entry %" PRIu64, run->dir, tiles_path(&run->tiles, bundle, TILE_ENTRIES, index), index);
        return rc;
    }
    run->audit->kind[event.kind]++;
    merkle_leaf(&leaf, entry);
    merkle_append(&run->range, &leaf, made_node, run);
    return run->rc;
}

/* Not every size has a checkpoint: trying each finds them in order without listing them in memory. */
static int verify_checkpoint_here(struct run *run, struct buf *note, bool *found, struct err *err)
{
    char name[CHECKPOINT_NAME_MAX];
    bool by[REGION_CUSTODIANS_MAX];
    snprintf(name, sizeof name, "checkpoints/%" PRIu64, run->range.size);
    int rc = read_note(run->dir, name, note, err);
    *found = rc != ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc == 0)
        rc = verify_note(run, name, buf_span(note), by, err);
    if (rc == 0)
        count_cosignatures(run->audit, by);
    return rc;
}

/* A file named by a number that was not met on the way is a checkpoint that these entries do not reach. */
static int find_stray(const struct run *run, struct err *err)
{
    char path[PATH_LIMIT], canonical[CHECKPOINT_NAME_MAX];
    int rc = path_join(path, sizeof path, run->dir, "checkpoints", err);
    if (rc != 0)
        return rc;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return err_errno(err, "cannot list %s", path);
    for (struct dirent *file = readdir(dir); rc == 0 && file != NULL; file = readdir(dir)) {
        const char *name = file->d_name;
        if (name[strspn(name, "0123456789")] != '\0')
            continue; /* what a writer that died left behind */
        uint64_t size = strtoull(name, NULL, 10);
        snprintf(canonical, sizeof canonical, "%" PRIu64, size);
        if (size == 0 || size > run->tiles.size || strcmp(name, canonical) != 0)
            rc = err_set(err, ERR_VERIFY, "%s/%s: not the size of a checkpoint up to %" PRIu64 ", the newest: entries are "
                         "missing, or the export was interrupted and is to be repeated", path, name, run->tiles.size);
    }
    closedir(dir);
    return rc;
}

static int run_over(struct run *run, struct span newest, struct err *err)
{
    struct buf note = buf_of(NOTE_MAX);
    bool by[REGION_CUSTODIANS_MAX], found = false;
    int rc = 0;
    while (rc == 0 && run->tiles.next < run->tiles.size) {
        rc = add_entry(run, err);
        if (rc == 0)
            rc = verify_checkpoint_here(run, &note, &found, err);
    }
    if (rc == 0)
        rc = verify_note(run, "checkpoint", newest, by, err);
    if (rc == 0 && !found)
        rc = err_set(err, ERR_NOT_FOUND, "%s/checkpoints/%" PRIu64 " is missing", run->dir, run->tiles.size);
    if (rc == 0)
        rc = find_stray(run, err);
    buf_free(&note);
    return rc;
}

int audit_verify(struct audit *out, const struct region *region, const char *dir, struct err *err)
{
    struct run run = {.audit = out, .dir = dir, .err = err};
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX);
    memset(out, 0, sizeof *out);
    int rc = read_note(dir, "checkpoint", &note, err);
    if (rc != 0)
        goto out;
    rc = checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, err);
    if (rc == 0)
        rc = find_party(out, region, checkpoint.origin, err);
    if (rc == 0)
        rc = checkpoint_verify(&checkpoint, buf_span(&note), out->party->log, err);
    if (rc != 0) {
        err_wrap(err, "%s/checkpoint", dir);
        goto out;
    }
    out->entries = checkpoint.size;
    out->root = checkpoint.root;
    tiles_open(&run.tiles, dir, checkpoint.size);
    rc = run_over(&run, buf_span(&note), err);
    tiles_close(&run.tiles);
out:
    buf_free(&note);
    return rc;
}
