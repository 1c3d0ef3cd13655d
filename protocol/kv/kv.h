/*
 * An ordered map from bytes to bytes on disk with atomic, durable batches: what the daemons keep their state and
 * their ledger in, so that both change in one write. RocksDB stands behind it. A full disk fails the batch with
 * ERR_NO_MEMORY, keeps what is there, and the store goes on by itself once there is room again. After any other failure
 * to write, a disk's for instance, it writes no more until it is opened anew: kv_failed().
 *
 * Thread-safe, except that one batch or iterator belongs to one thread at a time.
 */
#ifndef PROTOCOL_KV_KV_H
#define PROTOCOL_KV_KV_H

#include "protocol/base/buf.h"

#include <stdbool.h>

#define KV_VALUE_MAX (4u << 20)

struct kv;
struct kv_batch;
struct kv_cursor;

/*
 * Opens or creates the store in directory dir. ERR_CONFLICT if another process has it open. prefix: so many bytes at
 * the beginning of a key are what kv_cursor_open_prefix() looks for, and filters are kept of them; 0: none.
 */
int kv_open(struct kv **out, const char *dir, size_t prefix, struct err *err);
void kv_close(struct kv *kv);

/* The same for a store that nobody else has open and that is not to be changed: writing into it fails. */
int kv_open_for_reading(struct kv **out, const char *dir, size_t prefix, struct err *err);

/*
 * Makes the new directory dir a store with what this one has at one point, while others read and write. Where both lie
 * in one file system that costs no space: the files are the same.
 */
int kv_checkpoint(struct kv *kv, const char *dir, struct err *err);

/* Reads every record with the checksum of its block. ERR_VERIFY names the file that is damaged. */
int kv_check(struct kv *kv, uint64_t *records, struct err *err);

/* Appends the value to *value. ERR_NOT_FOUND; ERR_VERIFY: it is longer than value->max lets it be. */
int kv_get(struct kv *kv, const void *key, size_t key_len, struct buf *value, struct err *err);

/* A list of puts and deletes, in order. Owned. Memory: what is put is copied. */
int kv_batch_new(struct kv_batch **out, struct err *err);
void kv_batch_put(struct kv_batch *batch, const void *key, size_t key_len, const void *value, size_t len);
void kv_batch_delete(struct kv_batch *batch, const void *key, size_t key_len);
size_t kv_batch_count(const struct kv_batch *batch);
void kv_batch_clear(struct kv_batch *batch);
void kv_batch_free(struct kv_batch *batch);

/* Marks how far the batch has come, in the place of an earlier mark; and takes back what was added since, once for a
 * mark. */
void kv_batch_save(struct kv_batch *batch);
int kv_batch_undo(struct kv_batch *batch, struct err *err);

/* Writes all of batch, or nothing; returns after fsync if durable. The batch keeps its contents. */
int kv_commit(struct kv *kv, struct kv_batch *batch, bool durable, struct err *err);

/* An error once a batch failed for good: what the first failure was. What was committed is there. */
int kv_failed(struct kv *kv, struct err *err);

/* Walks keys in byte order, on a snapshot taken at open. The spans live until the next call on the cursor. */
int kv_cursor_open(struct kv_cursor **out, struct kv *kv, struct err *err);

/*
 * The same, but it is sought with as many bytes as kv_open()'s prefix or more, and shows the keys that begin with the
 * prefix; what it shows behind those means nothing. Where there are none, filters say so without a look at the disk.
 * ERR_INTERNAL for a store without a prefix.
 */
int kv_cursor_open_prefix(struct kv_cursor **out, struct kv *kv, struct err *err);
void kv_cursor_seek(struct kv_cursor *cursor, const void *key, size_t key_len); /* to the first key >= key */
bool kv_cursor_valid(const struct kv_cursor *cursor);
struct span kv_cursor_key(const struct kv_cursor *cursor);
struct span kv_cursor_value(const struct kv_cursor *cursor);
void kv_cursor_next(struct kv_cursor *cursor);
int kv_cursor_error(const struct kv_cursor *cursor, struct err *err); /* 0, or why it ended early */
void kv_cursor_free(struct kv_cursor *cursor);

#endif
