/*
 * Entry bundles and hash tiles of an exported ledger: whatever is read is cut within its file, and what is whole is
 * read whole. The first byte is the number of members.
 */
#include "protocol/ledger/tiles.h"
#include "protocol/audit/replay/work.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static char dir[64];

static void remove_dir(void)
{
    work_remove(dir);
}

static void write_at(int level, unsigned width, const uint8_t *data, size_t size)
{
    char name[TILE_PATH_MAX], path[PATH_LIMIT], parent[PATH_LIMIT];
    snprintf(path, sizeof path, "%s/%s", dir, tile_path(name, level, 0, width));
    memcpy(parent, path, sizeof parent);
    *strrchr(parent, '/') = '\0';
    FUZZ_HOLDS(dir_make(parent, 0700, ERR_IGNORED) == 0);
    FILE *f = fopen(path, "wb");
    FUZZ_HOLDS(f != NULL && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static void remove_at(int level, unsigned width)
{
    char name[TILE_PATH_MAX], path[PATH_LIMIT];
    snprintf(path, sizeof path, "%s/%s", dir, tile_path(name, level, 0, width));
    unlink(path);
}

static void read_bundle(unsigned width, size_t size)
{
    struct tiles tiles;
    struct span entry;
    struct err err = {.text = ""};
    size_t sum = 0;
    int rc = 0;
    tiles_open(&tiles, dir, width);
    while (rc == 0 && tiles.next < width) {
        rc = tiles_next_entry(&tiles, &entry, &err);
        sum += rc == 0 ? 2 + entry.len : 0;
    }
    FUZZ_HOLDS(rc != 0 ? err.text[0] != '\0' : sum == size);
    tiles_close(&tiles);
}

static void read_tile(unsigned width, size_t size)
{
    struct tiles tiles;
    struct hash hash;
    struct err err = {.text = ""};
    tiles_open(&tiles, dir, width);
    int rc = tiles_hash(&tiles, 0, width - 1, &hash, &err);
    FUZZ_HOLDS((rc == 0) == (size == (size_t)width * MERKLE_HASH));
    tiles_close(&tiles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (dir[0] == '\0') {
        snprintf(dir, sizeof dir, "%s/concord-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        FUZZ_HOLDS(mkdtemp(dir) != NULL && atexit(remove_dir) == 0);
    }
    if (size == 0 || data[0] == 0 || size > TILE_WIDTH * 1026)
        return 0;
    unsigned width = data[0];
    write_at(TILE_ENTRIES, width, data + 1, size - 1);
    read_bundle(width, size - 1);
    write_at(0, width, data + 1, size - 1);
    read_tile(width, size - 1);
    remove_at(TILE_ENTRIES, width);
    remove_at(0, width);
    return 0;
}
