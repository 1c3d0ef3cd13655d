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
};

struct box_pair {
    struct box committed, pending;
    bool changed;
};

struct counter {
    uint16_t purpose, agency;
    uint32_t epoch;
    uint64_t committed, pending;
    bool changed;
};

struct store {
    struct kv *kv;
    struct ledger *ledger;
    struct archive *archive; /* NULL: none is kept */
    pthread_rwlock_t lock;
    char *name[STORE_NAMES_MAX]; /* name[id - 1] */
    size_t names, names_pending;
    struct box_pair box[STORE_NAMES_MAX];
    struct counter *counter;
    size_t counters, counter_room;
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
    struct counter *counter;
    size_t boxes, counters, bytes, events;
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

void write_put(struct store_write *write, const struct key *key, const void *value, size_t len);
void write_delete(struct store_write *write, const struct key *key);

/* The counter for writing; made when there is none. */
int counter_get(struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency, struct counter **out,
                struct err *err);

int tag_set_add(struct tag_set *set, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                struct err *err);
bool tag_set_has(const struct tag_set *set, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE]);

#endif
