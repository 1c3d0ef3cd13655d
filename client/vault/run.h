/*
 * A run: keys of one length in ascending order, each with a value or the word that it is gone, in a sealed file that is
 * written once and never changed. What the vault has millions of lies in runs (shelf.h); the tables say which runs
 * there are.
 *
 *   file    block... | index
 *   block   ChaCha20-Poly1305 of entries, under the file's own key, the block's number as nonce
 *   index   the same, nonce of ones: of each block its first key and u64le offset; then the filter, if the shelf has
 *           one
 *   entry   bytes shared with the key before u8 | rest of the key | varint | value; varint: 0 gone, else 1 + length
 *
 * The file's key is a keyed hash of its random name, kind and domain: a run in the place of another does not open.
 * Size, count and place of the index are kept in the tables: the file begins with its first block, and no bit of it
 * means nothing.
 */
#ifndef CLIENT_VAULT_RUN_H
#define CLIENT_VAULT_RUN_H

#include "protocol/base/buf.h"
#include "protocol/base/file.h"

#define RUN_NAME_SIZE 16
#define RUN_KEY_MAX 40
#define RUN_VALUE_MAX (1u << 20)

/* What all runs of a shelf have in common. Borrowed by all that follows. */
struct run_kind {
    const char *dir;    /* where the files lie */
    const uint8_t *key; /* 32 bytes, secret: the vault's key for runs */
    unsigned kind;
    int64_t domain;
    size_t key_size; /* at most RUN_KEY_MAX */
    size_t block;    /* bytes of a block, about: what a look-up reads */
    bool filtered;   /* keys begin with eight bytes that look random: says without reading that one is not there */
};

struct run_info {
    uint8_t name[RUN_NAME_SIZE];
    uint64_t entries, blocks, size, index_at;
};

/* --- writing --- */

struct run_writer;

/* expected: how many keys there may be, for the filter's size. */
int run_create(struct run_writer **out, const struct run_kind *kind, uint64_t expected, struct err *err);

/* Keys in ascending order. value NULL: gone. */
int run_put(struct run_writer *writer, const uint8_t *key, const struct span *value, struct err *err);

/*
 * Ends the file; it is on the disk when this returns. The writer is gone either way, and so is the file after a
 * failure.
 */
int run_finish(struct run_writer *writer, struct run_info *info, struct err *err);
void run_abandon(struct run_writer *writer); /* NULL is fine */

/* Removes the file; one that is not there is fine. */
void run_remove(const struct run_kind *kind, const uint8_t name[RUN_NAME_SIZE]);
int run_path(char out[PATH_LIMIT], const char *dir, const uint8_t name[RUN_NAME_SIZE], struct err *err);

/* --- reading: any number of cursors, each of one thread --- */

struct run;

/* ERR_VERIFY: damaged. ERR_NOT_FOUND: there is no such file. */
int run_open(struct run **out, const struct run_kind *kind, const struct run_info *info, struct err *err);
void run_close(struct run *run); /* NULL is fine */
const struct run_info *run_info(const struct run *run);

/* False: the key is not in it. */
bool run_may_have(const struct run *run, const uint8_t *key);

struct run_cursor {
    const struct run *run;
    size_t block; /* that is in plain */
    struct buf plain;
    size_t at;  /* where the next entry begins */
    bool valid; /* there is an entry: */
    bool gone;
    uint8_t key[RUN_KEY_MAX];
    struct span value; /* until the cursor moves */
};

/* An unplaced cursor; run is borrowed. */
void run_cursor_open(struct run_cursor *cursor, const struct run *run);
void run_cursor_close(struct run_cursor *cursor); /* wipes */

/* To the first key, or the first that is not below `key`. A look-up near the last one reads nothing anew. */
int run_first(struct run_cursor *cursor, struct err *err);
int run_seek(struct run_cursor *cursor, const uint8_t *key, struct err *err);
int run_next(struct run_cursor *cursor, struct err *err);

/* Reads all of it: every block opens, keys ascend, the count is right, the index tells the truth. ERR_VERIFY. */
int run_check(const struct run *run, struct err *err);

#endif
