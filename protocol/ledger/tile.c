#include "protocol/ledger/tile.h"

#include <stdio.h>

char *tile_path(char out[TILE_PATH_MAX], int level, uint64_t index, unsigned width)
{
    char groups[40];
    size_t len = 0;
    uint64_t power = 1;
    while (index / power >= 1000)
        power *= 1000;
    for (; power > 1; power /= 1000)
        len += (size_t)snprintf(groups + len, sizeof groups - len, "x%03u/", (unsigned)(index / power % 1000));
    snprintf(groups + len, sizeof groups - len, "%03u", (unsigned)(index % 1000));
    int used = level == TILE_ENTRIES ? snprintf(out, TILE_PATH_MAX, "tile/entries/%s", groups)
                                     : snprintf(out, TILE_PATH_MAX, "tile/%d/%s", level, groups);
    if (width < TILE_WIDTH)
        snprintf(out + used, TILE_PATH_MAX - (size_t)used, ".p/%u", width);
    return out;
}

uint64_t tile_hashes(uint64_t size, int level)
{
    return level * 8 >= 64 ? 0 : size >> (level * 8);
}
