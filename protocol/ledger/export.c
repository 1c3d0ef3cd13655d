#include "protocol/base/file.h"
#include "protocol/ledger/ledger_store.h"
#include "protocol/ledger/note.h"
#include "protocol/ledger/tile.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MENDED_AT_ONCE 4 /* tiles of leaves */
#define LEVELS 8         /* tile levels of 8 tree levels each */
#define BUNDLE_MAX (TILE_WIDTH * (2 + EVENT_SIZE_MAX))

/* Where every file is written before it is put in its place: a killed exporter leaves this one, and the next removes
 * it. */
#define UNFINISHED ".unfinished"

int ledger_publish(const char *dir, const char *name, struct span data, struct err *err)
{
    char path[PATH_LIMIT], parent[PATH_LIMIT], unfinished[PATH_LIMIT];
    int rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0)
        rc = path_join(unfinished, sizeof unfinished, dir, UNFINISHED, err);
    if (rc == 0)
        rc = path_dir(parent, sizeof parent, path, err);
    if (rc == 0)
        rc = dir_make(parent, 0755, err);
    if (rc == 0)
        rc = file_write_by(path, unfinished, data.data, data.len, 0644, err);
    return rc;
}

static void drop_unfinished(const char *dir)
{
    char path[PATH_LIMIT];
    if (path_join(path, sizeof path, dir, UNFINISHED, ERR_IGNORED) == 0)
        unlink(path);
}

/* A tile of `width` hashes, or a bundle of as many entries, into data. */
static int gather(struct ledger *ledger, int level, uint64_t index, unsigned width, struct buf *data, struct err *err)
{
    int rc = 0;
    struct buf entry = buf_of(EVENT_SIZE_MAX);
    for (unsigned i = 0; rc == 0 && i < width; i++) {
        uint64_t at = index * TILE_WIDTH + i;
        uint8_t len[2];
        struct hash hash;
        if (level == TILE_ENTRIES) {
            buf_clear(&entry);
            rc = ledger_entry(ledger, at, &entry, err);
            if (rc != 0)
                break;
            bytes_put_u16be(len, (uint16_t)entry.len);
            rc = buf_put(data, len, 2, err);
            if (rc == 0)
                rc = buf_put(data, entry.data, entry.len, err);
        } else if ((rc = ledger_store_node(ledger_store(ledger), (unsigned)level * 8, at, &hash, err)) == 0) {
            rc = buf_put(data, hash.bytes, MERKLE_HASH, err);
        }
    }
    buf_free(&entry);
    return rc;
}

static int export_level(struct ledger *ledger, const char *dir, int level, uint64_t old_count, uint64_t count,
                        struct err *err)
{
    char name[TILE_PATH_MAX];
    struct buf data = buf_of(BUNDLE_MAX);
    int rc = 0;
    if (count == old_count)
        return 0;
    for (uint64_t index = old_count / TILE_WIDTH; rc == 0 && index * TILE_WIDTH < count; index++) {
        uint64_t left = count - index * TILE_WIDTH;
        unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
        buf_clear(&data);
        rc = gather(ledger, level, index, width, &data, err);
        if (rc == 0)
            rc = ledger_publish(dir, tile_path(name, level, index, width), buf_span(&data), err);
    }
    buf_free(&data);
    return rc;
}

/* What dir covers already; of size 0 if it has no checkpoint that can be read. */
struct checkpoint ledger_exported(const char *dir)
{
    char path[PATH_LIMIT];
    struct checkpoint checkpoint = {.size = 0};
    struct span body, signatures;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    if (path_join(path, sizeof path, dir, "checkpoint", ERR_IGNORED) != 0 || file_read(&note, path, ERR_IGNORED) != 0 ||
        checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, ERR_IGNORED) != 0)
        checkpoint.size = 0;
    buf_free(&note);
    return checkpoint;
}

/* Whether what is shown is a prefix of the ledger. */
static int check_prefix(struct ledger *ledger, const struct checkpoint *shown, const char *dir, struct err *err)
{
    const uint64_t size = ledger_size(ledger);
    struct hash root = shown->root;
    if (shown->size > size)
        return err_set(err, ERR_CONFLICT, "%s shows %" PRIu64 " entries, the store has %" PRIu64, dir, shown->size,
                       size);
    int rc = shown->size > 0 ? ledger_root(ledger, shown->size, &root, err) : 0;
    if (rc == 0 && memcmp(root.bytes, shown->root.bytes, sizeof root.bytes) != 0)
        rc = err_set(err, ERR_CONFLICT, "%s shows other entries than the store has", dir);
    return rc;
}

int ledger_check_exported(struct ledger *ledger, const char *dir, struct err *err)
{
    const struct checkpoint shown = ledger_exported(dir);
    return check_prefix(ledger, &shown, dir, err);
}

/* Whether dir's checkpoint is this note, cosignatures and all. */
static bool is_exported(const char *dir, const struct buf *note)
{
    char path[PATH_LIMIT];
    struct buf there = buf_of(LEDGER_CHECKPOINT_MAX);
    bool same = path_join(path, sizeof path, dir, "checkpoint", ERR_IGNORED) == 0 &&
                file_read(&there, path, ERR_IGNORED) == 0 && there.len == note->len &&
                memcmp(there.data, note->data, note->len) == 0;
    buf_free(&there);
    return same;
}

/* Whether a note has a signature behind its owner's. */
static bool is_cosigned(const struct buf *note)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    if (checkpoint_parse(&checkpoint, buf_span(note), &body, &signatures, ERR_IGNORED) != 0)
        return false;
    const uint8_t *end = signatures.len > 0 ? memchr(signatures.data, '\n', signatures.len) : NULL;
    return end != NULL && end + 1 < signatures.data + signatures.len;
}

/*
 * From the last one exported on, or from the first that a cosignature has joined since. One is signed at every commit;
 * those that others have seen are the newest of an export and the cosigned ones, and a file each of these is enough of
 * them.
 */
static int export_checkpoints(struct ledger *ledger, const char *dir, uint64_t from, uint64_t to, struct err *err)
{
    char name[64];
    int rc = 0;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    uint64_t recosigned = ledger_take_recosigned(ledger), start = recosigned < from + 1 ? recosigned : from + 1;
    uint64_t size = start > 0 ? start - 1 : 0;
    for (;;) {
        buf_clear(&note);
        rc = ledger_next_checkpoint(ledger, size, &size, &note, err);
        if (rc == ERR_NOT_FOUND || (rc == 0 && size > to)) {
            rc = 0;
            break;
        }
        if (rc == 0 && size != to && !is_cosigned(&note))
            continue;
        snprintf(name, sizeof name, "checkpoints/%" PRIu64, size);
        if (rc == 0)
            rc = ledger_publish(dir, name, buf_span(&note), err);
        if (rc != 0)
            break;
    }
    if (rc != 0)
        ledger_mark_recosigned(ledger, recosigned);
    buf_free(&note);
    return rc;
}

/* Erases the partial tiles of one place but two: those that the newest and the last checkpoint exported are about. */
static void drop_partials(const char *dir, int level, uint64_t index, uint64_t old_count, uint64_t count)
{
    char name[TILE_PATH_MAX], path[PATH_LIMIT], keep[2][16];
    if (path_join(path, sizeof path, dir, tile_path(name, level, index, 1), ERR_IGNORED) != 0)
        return;
    *strrchr(path, '/') = '\0';
    snprintf(keep[0], sizeof keep[0], "%u", count / TILE_WIDTH == index ? (unsigned)(count % TILE_WIDTH) : 0);
    snprintf(keep[1], sizeof keep[1], "%u", old_count / TILE_WIDTH == index ? (unsigned)(old_count % TILE_WIDTH) : 0);
    DIR *d = opendir(path);
    if (d == NULL)
        return;
    for (struct dirent *file = readdir(d); file != NULL; file = readdir(d))
        if (file->d_name[0] != '.' && strcmp(file->d_name, keep[0]) != 0 && strcmp(file->d_name, keep[1]) != 0)
            unlinkat(dirfd(d), file->d_name, 0);
    closedir(d);
    rmdir(path); /* fails while something is in it */
}

/* Behind the checkpoint, so that one that was read just now, or that a crash leaves, finds its tiles. */
static void tidy_level(const char *dir, int level, uint64_t old_count, uint64_t count)
{
    uint64_t index = old_count / TILE_WIDTH;
    for (index -= index > 0; index * TILE_WIDTH < count; index++)
        drop_partials(dir, level, index, old_count, count);
}

static void tidy(const char *dir, uint64_t old_size, uint64_t size)
{
    tidy_level(dir, TILE_ENTRIES, old_size, size);
    for (int level = 0; level < LEVELS; level++)
        tidy_level(dir, level, tile_hashes(old_size, level), tile_hashes(size, level));
}

/* One of the two notes of a piece of evidence, unless it lies there already. */
static int export_note(const char *dir, uint64_t index, const char *suffix, struct span note, struct err *err)
{
    char name[64], path[PATH_LIMIT];
    snprintf(name, sizeof name, "evidence/%" PRIu64 ".%s", index, suffix);
    int rc = path_join(path, sizeof path, dir, name, err);
    return rc != 0 || access(path, F_OK) == 0 ? rc : ledger_publish(dir, name, note, err);
}

static int export_evidence(struct ledger *ledger, const char *dir, uint64_t size, struct err *err)
{
    uint8_t key[LEDGER_EVIDENCE_KEY];
    struct kv_cursor *c = NULL;
    int rc = kv_cursor_open(&c, ledger_store(ledger), err);
    if (rc != 0)
        return rc;
    ledger_evidence_key(key, 0);
    for (kv_cursor_seek(c, key, sizeof key); rc == 0 && kv_cursor_valid(c); kv_cursor_next(c)) {
        struct span at = kv_cursor_key(c), both = kv_cursor_value(c);
        if (at.len != sizeof key || memcmp(at.data, key, 2) != 0 || bytes_get_u64be(at.data + 2) >= size)
            break;
        uint32_t seen = both.len >= 4 ? bytes_get_u32be(both.data) : UINT32_MAX;
        if (both.len < 4 || seen > both.len - 4)
            rc = err_set(err, ERR_VERIFY, "the store is damaged: evidence");
        if (rc == 0)
            rc = export_note(dir, bytes_get_u64be(at.data + 2), "seen", span_of(both.data + 4, seen), err);
        if (rc == 0)
            rc = export_note(dir, bytes_get_u64be(at.data + 2), "shown",
                             span_of(both.data + 4 + seen, both.len - 4 - seen), err);
    }
    if (rc == 0)
        rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}

/* Puts a file there unless it is there already, byte for byte. */
static int publish_changed(const char *dir, const char *name, struct span data, struct err *err)
{
    char path[PATH_LIMIT];
    struct buf there = buf_of(BUNDLE_MAX);
    int rc = path_join(path, sizeof path, dir, name, err);
    bool same = rc == 0 && file_read(&there, path, ERR_IGNORED) == 0 && there.len == data.len &&
                memcmp(there.data, data.data, data.len) == 0;
    buf_free(&there);
    return rc != 0 || same ? rc : ledger_publish(dir, name, data, err);
}

/*
 * The newest checkpoint of each other ledger that was cosigned, by its owner's name: what it signed convicts it, if
 * anything does.
 */
static int export_witnessed(struct ledger *ledger, const char *dir, struct err *err)
{
    char name[NOTE_NAME_MAX + 16], origin[NOTE_NAME_MAX + 1];
    struct kv_cursor *c = NULL;
    int rc = kv_cursor_open(&c, ledger_store(ledger), err);
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, LEDGER_WITNESSED_KEY, 2); rc == 0 && kv_cursor_valid(c); kv_cursor_next(c)) {
        struct span key = kv_cursor_key(c);
        if (key.len <= 2 || key.len - 2 > NOTE_NAME_MAX || memcmp(key.data, LEDGER_WITNESSED_KEY, 2) != 0)
            break;
        snprintf(origin, sizeof origin, "%.*s", (int)(key.len - 2), (const char *)key.data + 2);
        const char *owner = strrchr(origin, '/');
        snprintf(name, sizeof name, "witnessed/%s", owner != NULL ? owner + 1 : origin);
        rc = publish_changed(dir, name, kv_cursor_value(c), err);
    }
    if (rc == 0)
        rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}

/* --- what was exported once, and damaged or deleted since --- */

static int mend_tile(struct ledger *ledger, const char *dir, int level, uint64_t index, uint64_t count, struct err *err)
{
    char name[TILE_PATH_MAX];
    struct buf data = buf_of(BUNDLE_MAX);
    const uint64_t left = index * TILE_WIDTH < count ? count - index * TILE_WIDTH : 0;
    const unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
    int rc = width > 0 ? gather(ledger, level, index, width, &data, err) : 0;
    if (rc == 0 && width > 0)
        rc = publish_changed(dir, tile_path(name, level, index, width), buf_span(&data), err);
    buf_free(&data);
    return rc;
}

/* A tile of leaves, its entries, and, with the first of each run below it, the tiles above. */
static int mend_tiles(struct ledger *ledger, const char *dir, uint64_t index, uint64_t size, struct err *err)
{
    int rc = mend_tile(ledger, dir, TILE_ENTRIES, index, size, err);
    for (int level = 0; rc == 0 && level < LEVELS; level++) {
        rc = mend_tile(ledger, dir, level, index, tile_hashes(size, level), err);
        if (index % TILE_WIDTH != 0)
            break;
        index /= TILE_WIDTH;
    }
    return rc;
}

/* Cosigned ones have a file; the others may have one, and then it is right. */
static int mend_checkpoints(struct ledger *ledger, const char *dir, uint64_t index, uint64_t to, struct err *err)
{
    char name[64], path[PATH_LIMIT];
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    uint64_t size = index * TILE_WIDTH;
    int rc = 0;
    while (rc == 0) {
        buf_clear(&note);
        rc = ledger_next_checkpoint(ledger, size, &size, &note, err);
        if (rc == ERR_NOT_FOUND || (rc == 0 && (size > to || size > (index + 1) * TILE_WIDTH))) {
            rc = 0;
            break;
        }
        snprintf(name, sizeof name, "checkpoints/%" PRIu64, size);
        if (rc == 0)
            rc = path_join(path, sizeof path, dir, name, err);
        if (rc == 0 && (is_cosigned(&note) || access(path, F_OK) == 0))
            rc = publish_changed(dir, name, buf_span(&note), err);
    }
    buf_free(&note);
    return rc;
}

/* A few tiles at each export, round and round: all of a ledger of ten million entries in three hours. */
static int mend(struct ledger *ledger, const char *dir, uint64_t size, struct err *err)
{
    uint64_t *at = ledger_mending(ledger);
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i < MENDED_AT_ONCE && i * (uint64_t)TILE_WIDTH < size; i++) {
        if (*at * TILE_WIDTH >= size)
            *at = 0;
        rc = mend_tiles(ledger, dir, *at, size, err);
        if (rc == 0)
            rc = mend_checkpoints(ledger, dir, *at, size, err);
        *at += rc == 0;
    }
    return rc;
}

int ledger_export(struct ledger *ledger, const char *dir, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    const uint64_t old_size = ledger_exported(dir).size;
    drop_unfinished(dir);
    int rc = ledger_check_exported(ledger, dir, err);
    if (rc == 0)
        rc = ledger_checkpoint(ledger, &note, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, err);
    if (rc == 0)
        rc = export_level(ledger, dir, TILE_ENTRIES, old_size, checkpoint.size, err);
    for (int level = 0; rc == 0 && level < LEVELS; level++)
        rc = export_level(ledger, dir, level, tile_hashes(old_size, level), tile_hashes(checkpoint.size, level), err);
    if (rc == 0)
        rc = export_evidence(ledger, dir, checkpoint.size, err);
    if (rc == 0)
        rc = export_witnessed(ledger, dir, err);
    if (rc == 0)
        rc = export_checkpoints(ledger, dir, old_size, checkpoint.size, err);
    if (rc == 0 && !is_exported(dir, &note))
        rc = ledger_publish(dir, "checkpoint", buf_span(&note), err);
    if (rc == 0)
        tidy(dir, old_size, checkpoint.size);
    if (rc == 0)
        rc = mend(ledger, dir, checkpoint.size, err);
    buf_free(&note);
    return rc;
}

/* --- checking --- */

/* Every entry hashes to its leaf, and all of them to the root of the newest checkpoint. */
static int check_tree(struct ledger *ledger, const struct checkpoint *checkpoint, struct err *err)
{
    struct merkle_range range = {.size = 0};
    struct hash leaf, node, root;
    struct buf entry = buf_of(EVENT_SIZE_MAX);
    int rc = 0;
    for (uint64_t at = 0; rc == 0 && at < checkpoint->size; at++) {
        buf_clear(&entry);
        rc = ledger_entry(ledger, at, &entry, err);
        if (rc == 0)
            rc = ledger_store_node(ledger_store(ledger), 0, at, &node, err);
        if (rc != 0)
            break;
        merkle_leaf(&leaf, buf_span(&entry));
        if (memcmp(leaf.bytes, node.bytes, sizeof node.bytes) != 0)
            rc = err_set(err, ERR_VERIFY, "the store is damaged: entry %" PRIu64 " of the ledger is not its leaf", at);
        merkle_append(&range, &leaf, NULL, NULL);
    }
    merkle_root(&root, &range);
    if (rc == 0 && memcmp(root.bytes, checkpoint->root.bytes, sizeof root.bytes) != 0)
        rc = err_set(err, ERR_VERIFY, "the store is damaged: the entries of the ledger are not what it signed");
    buf_free(&entry);
    return rc;
}

/* What is compared: all that was shown at one moment. Meanwhile more may be exported, and partial tiles go. */
struct comparing {
    struct ledger *ledger;
    const char *dir;
    uint64_t shown;
};

static int check_tile(const struct comparing *c, int level, uint64_t index, unsigned width, struct err *err)
{
    char name[TILE_PATH_MAX], path[PATH_LIMIT];
    struct buf data = buf_of(BUNDLE_MAX), there = buf_of(BUNDLE_MAX);
    int rc = gather(c->ledger, level, index, width, &data, err);
    if (rc == 0)
        rc = path_join(path, sizeof path, c->dir, tile_path(name, level, index, width), err);
    if (rc == 0)
        rc = file_read(&there, path, err);
    if (rc == 0 && (there.len != data.len || memcmp(there.data, data.data, data.len) != 0))
        rc = err_set(err, ERR_VERIFY, "%s is damaged: it is not what the store has", path);
    if (rc == ERR_NOT_FOUND)
        rc = width < TILE_WIDTH && ledger_exported(c->dir).size > c->shown
                 ? 0
                 : err_set(err, ERR_VERIFY, "%s is gone", path);
    buf_free(&data);
    buf_free(&there);
    return rc;
}

static int check_level(const struct comparing *c, int level, uint64_t count, struct err *err)
{
    int rc = 0;
    for (uint64_t index = 0; rc == 0 && index * TILE_WIDTH < count; index++) {
        const uint64_t left = count - index * TILE_WIDTH;
        rc = check_tile(c, level, index, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH, err);
    }
    return rc;
}

int ledger_check(struct ledger *ledger, const char *dir, const struct checkpoint *shown, const uint8_t log_key[32],
                 uint64_t *entries, struct err *err)
{
    const struct comparing c = {ledger, dir, shown->size};
    struct checkpoint checkpoint = {.size = 0};
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    int rc = ledger_checkpoint(ledger, &note, err);
    if (rc == 0)
        rc = checkpoint_verify(&checkpoint, buf_span(&note), log_key, err);
    if (rc == 0)
        rc = check_tree(ledger, &checkpoint, err);
    if (rc == 0 && shown->size == 0)
        rc = err_set(err, ERR_VERIFY, "%s has no checkpoint that can be read", dir);
    if (rc == 0)
        rc = check_prefix(ledger, shown, dir, err);
    if (rc == 0)
        rc = check_level(&c, TILE_ENTRIES, shown->size, err);
    for (int level = 0; rc == 0 && level < LEVELS; level++)
        rc = check_level(&c, level, tile_hashes(shown->size, level), err);
    *entries = rc == 0 ? checkpoint.size : 0;
    buf_free(&note);
    return rc;
}
