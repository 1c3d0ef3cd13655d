/*
 * Reads the static files of an exported ledger (C2SP tlog-tiles) from the first entry to the last. Memory: one bundle and
 * one tile a level, however long the ledger is. Everything read is untrusted; what is returned has only been cut into its
 * parts.
 */
#ifndef PROTOCOL_AUDIT_TILES_H
#define PROTOCOL_AUDIT_TILES_H

#include "protocol/ledger/merkle.h"
#include "protocol/ledger/tile.h"

#define TILES_LEVELS 8 /* tile levels, of 8 tree levels each: sizes are below 2^63 */

struct tiles {
    const char *dir; /* borrowed */
    uint64_t size;   /* of the tree that is read */
    uint64_t next;   /* the entry that tiles_next_entry() returns next */
    struct buf bundle;
    size_t offset;   /* of `next` in the bundle */
    struct buf tile[TILES_LEVELS];
};

/* Reads nothing yet. Release with tiles_close(). */
void tiles_open(struct tiles *out, const char *dir, uint64_t size);
void tiles_close(struct tiles *tiles);

/*
 * The next entry, `tiles->next` of them being behind; the span lives until the next call. Not to be called beyond size.
 * ERR_INPUT names the bundle that is cut short or too long, ERR_NOT_FOUND the one that is missing.
 */
int tiles_next_entry(struct tiles *tiles, struct span *entry, struct err *err);

/*
 * Sets *same: whether the hash at a place of a tile level, counted over the level's tiles, is the given one. Places of one
 * level are asked for in ascending order, from 0 and without gaps. Errors as above, for the tile.
 */
int tiles_compare(struct tiles *tiles, int level, uint64_t place, const struct hash *hash, bool *same, struct err *err);

/* The path below dir of the tile or bundle (TILE_ENTRIES) that has this place. Returns out. */
char *tiles_path(const struct tiles *tiles, char out[TILE_PATH_MAX], int level, uint64_t place);

#endif
