/* The inside of the store on protocol/kv (RocksDB), shared by the files of this folder alone. */
#ifndef MATCHER_STORE_ROCKSDB_H
#define MATCHER_STORE_ROCKSDB_H

#include "matcher/store/keys.h"
#include "matcher/store/store.h"

#include <pthread.h>

/*
 * Small numbers are kept in memory twice: as committed, which everybody may read under the lock, and as the current
 * write will leave them, which is the writer's alone. Committing copies the second to the first, abandoning the first
 * to the second.
 */
struct box {
    uint64_t last, acknowledged, erased; /* messages up to `erased` are gone from the store */
    uint8_t chain[WIRE_HASH_SIZE];       /* with the last */
};

struct box_pair {
    struct box committed, pending;
    bool changed;
};

/*
 * Small numbers of one kind, found by a key of 64 bits in open addressing; keys are the store's own, never a peer's. A
 * member is kept as committed, as pending, and as it was at the write's mark; what is there stays where it is.
 */
struct number {
    bool changed;     /* by this write */
    bool touched;     /* since its mark */
    bool was_changed; /* at the mark */
    uint64_t copy[];  /* committed, pending, marked: each words long */
};

struct numbers {
    size_t words;  /* of a copy */
    uint64_t *key; /* 0 is free */
    uint32_t *at;  /* in member */
    size_t slots;
    struct number **member, **dirty,
        **touched; /* all; changed by this write; touched since its mark: room for all in each */
    size_t count, room, dirty_count, touched_count;
};

/* What a name stands for. */
enum name_kind { NAME_PURPOSE = 0, NAME_AGENCY = 1 };

struct name {
    enum name_kind kind;
    uint8_t digest[PARTY_DIGEST_SIZE];
    char *text;
    char *former; /* as it was when the store was opened, for who still has it; NULL mostly */
};

struct store {
    struct kv *kv;
    struct ledger *ledger;
    struct archive *archive; /* NULL: none is kept */
    pthread_rwlock_t lock;
    struct name name[STORE_NAMES_MAX]; /* name[id - 1] */
    size_t names, names_pending;
    struct box_pair box[STORE_NAMES_MAX];
    struct numbers held;  /* of struct store_held */
    struct numbers pairs; /* of struct store_pair */
    struct store_manifest manifest, manifest_pending;
};

/* Tags that a write has changed, as 64-bit fingerprints in open addressing; one too many only commits early. */
struct tag_set {
    uint64_t *slot; /* 0 is free */
    size_t room, count;
    uint8_t key[16]; /* a fresh one each, so that nobody can choose tags that collide */
};

/* The small numbers and sizes as they were when the write was marked. */
struct mark {
    struct box_pair *box;
    size_t boxes, bytes, events;
    struct store_manifest manifest;
    struct archive_end end;
    bool archived, staged;
};

struct store_write {
    struct store *store;
    struct kv_batch *batch;
    struct kv_cursor *lookup; /* for the entries of one tag; opened at first use */
    struct kv_cursor *cursor; /* for those of one tag after the other; so too */
    struct tag_set changed;
    size_t bytes, events;
    struct mark mark;
    bool archived;
    bool staged; /* something outside the batch's count is to be written */
};

static inline void write_put(struct store_write *write, const struct key *key, const void *value, size_t len)
{
    kv_batch_put(write->batch, key->bytes, key->len, value, len);
    write->bytes += key->len + len;
}

static inline void write_delete(struct store_write *write, const struct key *key)
{
    kv_batch_delete(write->batch, key->bytes, key->len);
    write->bytes += key->len;
}

/*
 * Erases what lies by age, under `kind` time8 ..., and is older than `before`; at most max. of: what lies under this
 * kind and the rest of the key goes, too; '\0': nothing. *more becomes true where there may be more.
 */
struct store_aged {
    char kind;
    size_t size; /* of the key */
    char of;
};
int store_clean_aged(struct store_write *write, struct store_aged aged, uint64_t before, size_t max, bool *more,
                     struct err *err);

/* Those for writing, as the write will leave them; made when there are none. */
int numbers_held(struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency, struct store_held **out,
                 struct err *err);
int numbers_pair(struct store *store, uint16_t purpose, uint16_t a, uint16_t b, struct store_pair **out,
                 struct err *err);

/*
 * Reads them all at opening; stages what a write changed; ends the write: what is pending is committed, or as it was.
 */
int numbers_load(struct store *store, struct kv_cursor *cursor, struct err *err);
void numbers_put(struct store_write *write);
void numbers_settle(struct store *store, bool written);

/* Marks what is pending; goes back to the mark. */
void numbers_save(struct store *store);
void numbers_undo(struct store *store);

void numbers_init(struct store *store);
void numbers_free(struct store *store);

int tag_set_add(struct tag_set *set, const struct tag_place *at, struct err *err);
bool tag_set_has(const struct tag_set *set, const struct tag_place *at);

#endif
