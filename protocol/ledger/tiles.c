#include "protocol/ledger/tiles.h"

#include "protocol/base/file.h"
#include "protocol/ledger/event.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define BUNDLE_MAX (TILE_WIDTH * (2 + EVENT_SIZE_MAX))
#define READ_TRIES 8 /* of a tile whose larger ones are replaced meanwhile */

void tiles_open(struct tiles *out, const char *dir, uint64_t size)
{
    memset(out, 0, sizeof *out);
    out->dir = dir;
    out->size = size;
    out->bundle = buf_of(BUNDLE_MAX);
    for (int level = 0; level < TILES_LEVELS; level++)
        out->tile[level] = buf_of(TILE_WIDTH * MERKLE_HASH);
}

void tiles_close(struct tiles *tiles)
{
    buf_free(&tiles->bundle);
    for (int level = 0; level < TILES_LEVELS; level++)
        buf_free(&tiles->tile[level]);
}

void tiles_seek(struct tiles *tiles, uint64_t entry)
{
    tiles->next = entry;
}

/* How many members the tile or bundle with this place has in a tree of our size. */
static unsigned width_at(const struct tiles *tiles, int level, uint64_t place)
{
    uint64_t count = level == TILE_ENTRIES ? tiles->size : tile_hashes(tiles->size, level);
    uint64_t left = count - place / TILE_WIDTH * TILE_WIDTH;
    return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

char *tiles_path(const struct tiles *tiles, char out[TILE_PATH_MAX], int level, uint64_t place)
{
    return tile_path(out, level, place / TILE_WIDTH, width_at(tiles, level, place));
}

/* The tile of this width, read into out. */
static int read_width(const struct tiles *tiles, int level, uint64_t place, unsigned width, struct buf *out,
                      struct err *err)
{
    char name[TILE_PATH_MAX], path[PATH_LIMIT];
    buf_clear(out);
    int rc = path_join(path, sizeof path, tiles->dir, tile_path(name, level, place / TILE_WIDTH, width), err);
    return rc == 0 ? file_read(out, path, err) : rc;
}

/* The smallest partial tile of the place that is larger than `width`; 0: there is none. */
static unsigned find_larger(const struct tiles *tiles, int level, uint64_t place, unsigned width)
{
    char name[TILE_PATH_MAX], path[PATH_LIMIT];
    unsigned found = 0;
    if (path_join(path, sizeof path, tiles->dir, tile_path(name, level, place / TILE_WIDTH, width), ERR_IGNORED) != 0)
        return 0;
    *strrchr(path, '/') = '\0';
    DIR *dir = opendir(path);
    for (struct dirent *file; dir != NULL && (file = readdir(dir)) != NULL;) {
        const unsigned long other = strtoul(file->d_name, NULL, 10);
        if (file->d_name[strspn(file->d_name, "0123456789")] == '\0' && other > width && other < TILE_WIDTH &&
            (found == 0 || other < found))
            found = (unsigned)other;
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

/*
 * A partial tile goes when the ledger has grown, and a larger one, or at last the full one, begins with the same
 * members. *width: of the one that was read. While they are looked for the larger ones go, too.
 */
static int read_at(const struct tiles *tiles, int level, uint64_t place, struct buf *out, unsigned *width,
                   struct err *err)
{
    const unsigned own = width_at(tiles, level, place);
    *width = own;
    int rc = read_width(tiles, level, place, own, out, err);
    for (int tries = 0; rc == ERR_NOT_FOUND && own < TILE_WIDTH && tries < READ_TRIES; tries++) {
        const unsigned larger = find_larger(tiles, level, place, own);
        *width = larger > 0 ? larger : TILE_WIDTH;
        if (read_width(tiles, level, place, *width, out, ERR_IGNORED) == 0)
            rc = 0;
    }
    return rc;
}

/* Whether a bundle is `width` entries and no byte more, each behind its length as u16be. */
static bool bundle_is_whole(struct span bundle, unsigned width)
{
    size_t at = 0;
    for (unsigned i = 0; i < width; i++) {
        if (bundle.len - at < 2 || bundle.len - at - 2 < bytes_get_u16be(bundle.data + at))
            return false;
        at += 2 + (size_t)bytes_get_u16be(bundle.data + at);
    }
    return at == bundle.len;
}

static int load_bundle(struct tiles *tiles, struct err *err)
{
    char name[TILE_PATH_MAX];
    unsigned width;
    int rc = read_at(tiles, TILE_ENTRIES, tiles->next, &tiles->bundle, &width, err);
    tiles->offset = 0;
    if (rc == 0 && !bundle_is_whole(buf_span(&tiles->bundle), width))
        rc = err_set(err, ERR_INPUT, "%s/%s: not a bundle of %u entries", tiles->dir,
                     tile_path(name, TILE_ENTRIES, tiles->next / TILE_WIDTH, width), width);
    return rc;
}

int tiles_next_entry(struct tiles *tiles, struct span *entry, struct err *err)
{
    if (tiles->next % TILE_WIDTH == 0) {
        int rc = load_bundle(tiles, err);
        if (rc != 0)
            return rc;
    }
    const uint8_t *at = tiles->bundle.data + tiles->offset;
    *entry = span_of(at + 2, bytes_get_u16be(at));
    tiles->offset += 2 + entry->len;
    tiles->next++;
    return 0;
}

int tiles_hash(struct tiles *tiles, int level, uint64_t place, struct hash *out, struct err *err)
{
    char name[TILE_PATH_MAX];
    struct buf *tile = &tiles->tile[level];
    if (tiles->at[level] != place / TILE_WIDTH + 1) {
        unsigned width;
        tiles->at[level] = 0;
        int rc = read_at(tiles, level, place, tile, &width, err);
        if (rc != 0)
            return rc;
        if (tile->len != (size_t)width * MERKLE_HASH)
            return err_set(err, ERR_INPUT, "%s/%s: not a tile of %u hashes", tiles->dir,
                           tile_path(name, level, place / TILE_WIDTH, width), width);
        tiles->at[level] = place / TILE_WIDTH + 1;
    }
    memcpy(out->bytes, tile->data + place % TILE_WIDTH * MERKLE_HASH, MERKLE_HASH);
    return 0;
}

/* How long the first `width` entries of a bundle are. */
static size_t bundle_prefix(struct span bundle, unsigned width)
{
    size_t at = 0;
    for (unsigned i = 0; i < width; i++)
        at += 2 + (size_t)bytes_get_u16be(bundle.data + at);
    return at;
}

/* One that is longer than the newest checkpoint asks for was exported while somebody copied. */
static int check_partial(const char *path, unsigned other, unsigned width, int level, struct span now, struct err *err)
{
    struct buf file = buf_of(BUNDLE_MAX);
    unsigned less = other < width ? other : width;
    size_t len = level == TILE_ENTRIES ? bundle_prefix(now, less) : (size_t)less * MERKLE_HASH;
    int rc = file_read(&file, path, err);
    if (rc == ERR_NOT_FOUND) { /* replaced while we look */
        buf_free(&file);
        return 0;
    }
    if (rc == 0 && (file.len < len || (other < width && file.len > len) || memcmp(file.data, now.data, len) != 0))
        rc = err_set(err, ERR_VERIFY, "%s: it and the one of %u do not begin alike", path, width);
    buf_free(&file);
    return rc;
}

/* All files beside the partial tile that has this place. */
static int check_level(struct tiles *tiles, int level, uint64_t place, unsigned width, struct err *err)
{
    char name[TILE_PATH_MAX], dir_path[PATH_LIMIT], path[PATH_LIMIT];
    struct buf now = buf_of(BUNDLE_MAX);
    unsigned read = 0;
    int rc = path_join(dir_path, sizeof dir_path, tiles->dir, tile_path(name, level, place / TILE_WIDTH, width), err);
    if (rc == 0)
        rc = read_at(tiles, level, place, &now, &read, err);
    if (rc == 0)
        *strrchr(dir_path, '/') = '\0';
    DIR *dir = rc == 0 && read < TILE_WIDTH ? opendir(dir_path) : NULL;
    for (struct dirent *file; rc == 0 && dir != NULL && (file = readdir(dir)) != NULL;) {
        unsigned other = (unsigned)strtoul(file->d_name, NULL, 10);
        if (file->d_name[strspn(file->d_name, "0123456789")] != '\0' || other == width)
            continue;
        rc = path_join(path, sizeof path, dir_path, file->d_name, err);
        if (rc == 0)
            rc = check_partial(path, other, width, level, buf_span(&now), err);
    }
    if (dir != NULL)
        closedir(dir);
    buf_free(&now);
    return rc;
}

int tiles_check_partials(struct tiles *tiles, struct err *err)
{
    int rc = 0;
    for (int level = TILE_ENTRIES; rc == 0 && level < TILES_LEVELS; level++) {
        uint64_t count = level == TILE_ENTRIES ? tiles->size : tile_hashes(tiles->size, level);
        if (count % TILE_WIDTH != 0)
            rc = check_level(tiles, level, count - 1, (unsigned)(count % TILE_WIDTH), err);
    }
    return rc;
}

/* A tile holds every eighth level; what is between is computed from up to 128 of its hashes. */
int tiles_node(void *context, unsigned level, uint64_t index, struct hash *out, struct err *err)
{
    struct tiles *tiles = context;
    struct merkle_range range = {.size = 0};
    uint64_t width = (uint64_t)1 << level % 8;
    if (level / 8 >= TILES_LEVELS || (index + 1) << level > tiles->size)
        return err_set(err, ERR_INPUT, "the ledger in %s is shorter than that", tiles->dir);
    for (uint64_t i = 0; i < width; i++) {
        struct hash hash;
        int rc = tiles_hash(tiles, (int)level / 8, index * width + i, &hash, err);
        if (rc != 0)
            return rc;
        merkle_append(&range, &hash, NULL, NULL);
    }
    *out = range.peak[0];
    return 0;
}
