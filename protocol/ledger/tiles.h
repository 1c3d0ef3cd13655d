/*
 * Reads the static files of an exported ledger (C2SP tlog-tiles), a run of entries in order. Memory: one bundle and one
 * tile a level, however long the ledger is. Everything read is untrusted; what is returned has only been cut into its
 * parts.
 */
#ifndef PROTOCOL_LEDGER_TILES_H
#define PROTOCOL_LEDGER_TILES_H

#include "protocol/ledger/merkle.h"
#include "protocol/ledger/tile.h"

#define TILES_LEVELS 8 /* tile levels, of 8 tree levels each: sizes are below 2^63 */

struct tiles {
    const char *dir; /* borrowed */
    uint64_t size;   /* of the tree that is read */
    uint64_t next;   /* the entry that tiles_next_entry() returns next */
    struct buf bundle;
    size_t offset; /* of `next` in the bundle */
    struct buf tile[TILES_LEVELS];
    uint64_t at[TILES_LEVELS]; /* which tile that is, + 1; 0: none yet */
};

/* Reads nothing yet. Release with tiles_close(). */
void tiles_open(struct tiles *out, const char *dir, uint64_t size);
void tiles_close(struct tiles *tiles);

/* Goes on at this entry, the first of a bundle. */
void tiles_seek(struct tiles *tiles, uint64_t entry);

/*
 * The next entry; the span lives until the next call. Not to be called beyond size. ERR_INPUT names the bundle that is
 * cut short or too long, ERR_NOT_FOUND the one that is missing.
 */
int tiles_next_entry(struct tiles *tiles, struct span *entry, struct err *err);

/*
 * The hash at a place of a tile level, counted over the level's tiles. Asking in ascending order reads each tile once.
 * Errors as above, for the tile.
 */
int tiles_hash(struct tiles *tiles, int level, uint64_t place, struct hash *out, struct err *err);

/* The path below dir of the tile or bundle (TILE_ENTRIES) that has this place. Returns out. */
char *tiles_path(const struct tiles *tiles, char out[TILE_PATH_MAX], int level, uint64_t place);

/*
 * Other partial tiles and bundles that an exporter left beside the last ones must begin as those do. ERR_VERIFY names
 * one that does not.
 */
int tiles_check_partials(struct tiles *tiles, struct err *err);

/*
 * The hash of a complete subtree, made of the tiles: for struct merkle_source, whose context is the struct tiles. So
 * proofs and roots of any size can be had from an exported ledger.
 */
int tiles_node(void *context, unsigned level, uint64_t index, struct hash *out, struct err *err);

#endif
