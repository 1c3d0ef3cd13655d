/* The paths of C2SP tlog-tiles. */
#ifndef PROTOCOL_LEDGER_TILE_H
#define PROTOCOL_LEDGER_TILE_H

#include <stddef.h>
#include <stdint.h>

#define TILE_WIDTH 256
#define TILE_PATH_MAX 96
#define TILE_ENTRIES (-1) /* the level of entry bundles */

/*
 * "tile/<level>/<index>" or "tile/entries/<index>", with ".p/<width>" behind a partial one (0 < width < 256; 256 is
 * full). The index is written in groups of three digits: 1234067 is x001/x234/067. Returns out.
 */
char *tile_path(char out[TILE_PATH_MAX], int level, uint64_t index, unsigned width);

/* Hashes that a tree of `size` leaves has at a tile level: size / 256^level. */
uint64_t tile_hashes(uint64_t size, int level);

#endif
