/*
 * A shelf: what of one kind a domain has, as sorted runs, newer ones over older ones, and what is pending in memory.
 * Pending entries become a run of their own when the vault commits; runs of about a size are merged into one, so that
 * there are few.
 *
 * A shelf does not know the tables: commit.c notes there which runs there are, after the files are on the disk.
 */
#ifndef CLIENT_VAULT_SHELF_H
#define CLIENT_VAULT_SHELF_H

#include "client/vault/run.h"

/* Entries that are not in a run yet; of equal keys the last one counts. Wiped when cleared. */
struct pending {
    struct pending_chunk *chunk; /* the newest first: memory that never moves */
    size_t bytes;
    struct pending_item *item;
    size_t count, room;
    uint32_t *table; /* finds items by key, where the shelf is filtered */
    size_t slots;
    bool sorted;
};

struct shelved {
    struct run *run;
    int64_t number;         /* in the tables */
    unsigned level;         /* how often it was merged */
    struct run_cursor look; /* for single look-ups */
};

struct shelf {
    struct run_kind kind;
    struct shelved *at; /* the oldest first */
    size_t count, room;
    struct pending pending;
};

void shelf_clear(struct shelf *shelf); /* closes all; the kind stays */

/* Opens a run on top of the others. */
int shelf_add(struct shelf *shelf, const struct run_info *info, int64_t number, unsigned level, struct err *err);

/* Takes the runs [from, from + count) off; their files stay. */
void shelf_drop(struct shelf *shelf, size_t from, size_t count);

uint64_t shelf_entries(const struct shelf *shelf);

/* --- pending --- */

int shelf_put(struct shelf *shelf, const uint8_t *key, const struct span *value, struct err *err); /* NULL: gone */
void pending_clear(struct pending *pending);

/* Sorts, leaves of equal keys the last. Then there are item 0..count - 1. */
void pending_sort(struct pending *pending, size_t key_size);
const uint8_t *pending_key(const struct pending *pending, size_t i);
struct span pending_value(const struct pending *pending, size_t i, size_t key_size, bool *gone);
void pending_skip(struct pending *pending, size_t i); /* leaves item i out of the run */

/* Writes what is pending into a run. */
int shelf_write(struct shelf *shelf, struct run_info *info, struct err *err);

/* --- looking --- */

/*
 * The newest value of a key, in a pending entry or a run; *found false also if it is gone. It lives until the shelf is
 * used again.
 */
int shelf_get(struct shelf *shelf, const uint8_t *key, struct span *value, bool *found, struct err *err);

/* A walk over the runs, not over what is pending, in the order of the keys; of equal keys the newest. */
struct shelf_cursor {
    const struct shelf *shelf;
    struct run_cursor *cursor;
    size_t *heap, runs, live;
    bool keep_gone; /* show keys that are gone, too */
    bool placed;    /* every run stands at its first key behind: */
    uint8_t passed[RUN_KEY_MAX];
    bool valid, gone;
    const uint8_t *key;
    struct span value;
};

/* Over the `runs` oldest runs from `from` on (SIZE_MAX: all). shelf_cursor_close() is harmless after a failure. */
int shelf_cursor_open(struct shelf_cursor *cursor, const struct shelf *shelf, size_t from, size_t runs,
                      struct err *err);
void shelf_cursor_close(struct shelf_cursor *cursor);
int shelf_first(struct shelf_cursor *cursor, struct err *err);
/* To the first key that is not below. Keys in ascending order read each block once. */
int shelf_seek(struct shelf_cursor *cursor, const uint8_t *key, struct err *err);
int shelf_next(struct shelf_cursor *cursor, struct err *err);

/* Which runs to merge next: `count` from `from` on; 0: none. width: so many of a level are too many. */
size_t shelf_crowded(const struct shelf *shelf, size_t width, size_t *from);

/* Merges these runs into a new one; keys that are gone are forgotten if nothing older could have them. */
int shelf_merge(const struct shelf *shelf, size_t from, size_t count, struct run_info *info, struct err *err);

#endif
