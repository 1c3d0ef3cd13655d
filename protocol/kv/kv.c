#include "protocol/kv/kv.h"

#include <pthread.h>
#include <rocksdb/c.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_BUFFER_BYTES (64u << 20)
#define CACHE_BYTES (64u << 20)
#define OPEN_FILES_MAX 256
/*
 * RocksDB's own log of what it does lies beside the store, and its writer ends the process by a failed assertion when
 * the disk is full: nothing is written into it but what describes the options at opening.
 */
#define LOG_LEVEL_FATAL 4

struct kv {
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_block_based_table_options_t *table;
    rocksdb_cache_t *cache;
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *durable, *lazy;
    size_t prefix;
    bool reading; /* and nothing else */
    pthread_mutex_t lock;
    struct err failed; /* guarded by it; the text is "" at first */
};

/*
 * Inserting is fastest next to what was inserted last, and records of a kind come in the order of their keys: so a
 * batch keeps those apart that begin with different bytes, and strings them together when it is written. Order matters
 * within a key alone.
 */
#define SECTIONS 16

struct kv_batch {
    rocksdb_writebatch_t *section[SECTIONS]; /* NULL until there is something in it */
    bool saved[SECTIONS];                    /* it has a save point */
};

struct kv_cursor {
    struct kv *kv;
    const rocksdb_snapshot_t *snapshot;
    rocksdb_readoptions_t *read;
    rocksdb_iterator_t *iterator;
};

/* RocksDB reports by text alone; frees it. */
static int take_error(char *text, const char *what, struct err *err)
{
    enum err_code code = ERR_IO;
    if (strstr(text, "No space") != NULL || strstr(text, "space limit") != NULL)
        code = ERR_NO_MEMORY;
    else if (strstr(text, "lock") != NULL)
        code = ERR_CONFLICT;
    else if (strstr(text, "Corruption") != NULL)
        code = ERR_VERIFY;
    err_set(err, code, "%s%s: %s", what, code == ERR_CONFLICT ? " (is another process using it?)" : "", text);
    rocksdb_free(text);
    return (int)code;
}

static int configure(struct kv *kv)
{
    kv->options = rocksdb_options_create();
    kv->table = rocksdb_block_based_options_create();
    kv->cache = rocksdb_cache_create_lru(CACHE_BYTES);
    kv->read = rocksdb_readoptions_create();
    kv->durable = rocksdb_writeoptions_create();
    kv->lazy = rocksdb_writeoptions_create();
    if (kv->options == NULL || kv->table == NULL || kv->cache == NULL || kv->read == NULL || kv->durable == NULL ||
        kv->lazy == NULL)
        return -1;
    rocksdb_block_based_options_set_block_cache(kv->table, kv->cache);
    rocksdb_block_based_options_set_filter_policy(kv->table, rocksdb_filterpolicy_create_bloom_full(10));
    rocksdb_options_set_block_based_table_factory(kv->options, kv->table);
    if (kv->prefix > 0) {
        rocksdb_options_set_prefix_extractor(kv->options, rocksdb_slicetransform_create_fixed_prefix(kv->prefix));
        rocksdb_options_set_memtable_prefix_bloom_size_ratio(kv->options, 0.1);
    }
    rocksdb_options_set_create_if_missing(kv->options, 1);
    rocksdb_options_set_write_buffer_size(kv->options, WRITE_BUFFER_BYTES);
    rocksdb_options_set_max_write_buffer_number(kv->options, 2);
    rocksdb_options_set_max_open_files(kv->options, OPEN_FILES_MAX);
    rocksdb_options_set_keep_log_file_num(kv->options, 1);
    rocksdb_options_set_info_log_level(kv->options, LOG_LEVEL_FATAL);
    /* Tags, hashes and ciphertexts do not compress. */
    rocksdb_options_set_compression(kv->options, rocksdb_no_compression);
    rocksdb_options_increase_parallelism(kv->options, 2);
    rocksdb_writeoptions_set_sync(kv->durable, 1);
    return 0;
}

static int open_store(struct kv **out, const char *dir, size_t prefix, bool reading, struct err *err)
{
    char *text = NULL;
    struct kv *kv = calloc(1, sizeof *kv);
    if (kv != NULL) {
        kv->prefix = prefix;
        pthread_mutex_init(&kv->lock, NULL);
    }
    if (kv == NULL || configure(kv) != 0) {
        kv_close(kv);
        return err_set(err, ERR_NO_MEMORY, "out of memory for the store %s", dir);
    }
    kv->reading = reading;
    kv->db = reading ? rocksdb_open_for_read_only(kv->options, dir, 0, &text) : rocksdb_open(kv->options, dir, &text);
    if (text != NULL) {
        kv_close(kv);
        char what[ERR_TEXT_MAX];
        err_set(err, ERR_IO, "cannot open the store %s", dir);
        memcpy(what, err->text, sizeof what);
        int rc = take_error(text, what, err);
        return rc == ERR_VERIFY ? err_wrap(err, "damaged, put it back from a backup") : rc;
    }
    *out = kv;
    return 0;
}

int kv_open(struct kv **out, const char *dir, size_t prefix, struct err *err)
{
    return open_store(out, dir, prefix, false, err);
}

int kv_open_for_reading(struct kv **out, const char *dir, size_t prefix, struct err *err)
{
    return open_store(out, dir, prefix, true, err);
}

/* What lies in the log of writes alone is read again at the next start, which takes longer than writing it out now. */
static void flush(struct kv *kv)
{
    char *text = NULL;
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
    rocksdb_flush(kv->db, options, &text);
    rocksdb_flushoptions_destroy(options);
    if (text != NULL)
        rocksdb_free(text); /* nothing is lost: the log of writes is there */
}

void kv_close(struct kv *kv)
{
    if (kv == NULL)
        return;
    if (kv->db != NULL && !kv->reading)
        flush(kv);
    if (kv->db != NULL)
        rocksdb_close(kv->db);
    if (kv->lazy != NULL)
        rocksdb_writeoptions_destroy(kv->lazy);
    if (kv->durable != NULL)
        rocksdb_writeoptions_destroy(kv->durable);
    if (kv->read != NULL)
        rocksdb_readoptions_destroy(kv->read);
    if (kv->options != NULL)
        rocksdb_options_destroy(kv->options);
    if (kv->table != NULL)
        rocksdb_block_based_options_destroy(kv->table);
    if (kv->cache != NULL)
        rocksdb_cache_destroy(kv->cache);
    pthread_mutex_destroy(&kv->lock);
    free(kv);
}

int kv_get(struct kv *kv, const void *key, size_t key_len, struct buf *value, struct err *err)
{
    char *text = NULL;
    rocksdb_pinnableslice_t *slice = rocksdb_get_pinned(kv->db, kv->read, key, key_len, &text);
    if (text != NULL)
        return take_error(text, "cannot read from the store", err);
    if (slice == NULL)
        return err_set(err, ERR_NOT_FOUND, "not in the store");
    size_t len;
    const char *data = rocksdb_pinnableslice_value(slice, &len);
    int rc = len > value->max - value->len
                 ? err_set(err, ERR_VERIFY,
                           "the store is damaged: a record has %zu bytes, %zu are the most; restore it from a backup",
                           len, value->max - value->len)
                 : buf_put(value, data, len, err);
    rocksdb_pinnableslice_destroy(slice);
    return rc;
}

int kv_batch_new(struct kv_batch **out, struct err *err)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a batch") : 0;
}

static rocksdb_writebatch_t *section_of(struct kv_batch *batch, const void *key)
{
    rocksdb_writebatch_t **section = &batch->section[*(const uint8_t *)key % SECTIONS];
    if (*section == NULL)
        *section = rocksdb_writebatch_create();
    return *section;
}

void kv_batch_put(struct kv_batch *batch, const void *key, size_t key_len, const void *value, size_t len)
{
    rocksdb_writebatch_put(section_of(batch, key), key, key_len, len > 0 ? value : "", len);
}

void kv_batch_delete(struct kv_batch *batch, const void *key, size_t key_len)
{
    rocksdb_writebatch_delete(section_of(batch, key), key, key_len);
}

size_t kv_batch_count(const struct kv_batch *batch)
{
    size_t count = 0;
    for (size_t i = 0; i < SECTIONS; i++)
        if (batch->section[i] != NULL)
            count += (size_t)rocksdb_writebatch_count(batch->section[i]);
    return count;
}

void kv_batch_clear(struct kv_batch *batch)
{
    for (size_t i = 0; i < SECTIONS; i++) {
        if (batch->section[i] != NULL)
            rocksdb_writebatch_clear(batch->section[i]);
        batch->saved[i] = false;
    }
}

void kv_batch_free(struct kv_batch *batch)
{
    if (batch == NULL)
        return;
    for (size_t i = 0; i < SECTIONS; i++)
        if (batch->section[i] != NULL)
            rocksdb_writebatch_destroy(batch->section[i]);
    free(batch);
}

void kv_batch_save(struct kv_batch *batch)
{
    for (size_t i = 0; i < SECTIONS; i++) {
        char *text = NULL;
        if (batch->saved[i])
            rocksdb_writebatch_pop_save_point(batch->section[i], &text);
        if (text != NULL)
            rocksdb_free(text); /* there was none to forget */
        batch->saved[i] = batch->section[i] != NULL;
        if (batch->saved[i])
            rocksdb_writebatch_set_save_point(batch->section[i]);
    }
}

int kv_batch_undo(struct kv_batch *batch, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < SECTIONS; i++) {
        char *text = NULL;
        if (batch->saved[i])
            rocksdb_writebatch_rollback_to_save_point(batch->section[i], &text);
        else if (batch->section[i] != NULL)
            rocksdb_writebatch_clear(batch->section[i]);
        batch->saved[i] = false;
        if (text != NULL)
            rc = take_error(text, "cannot take back part of a batch", err);
    }
    return rc;
}

/* A batch is written as 8 bytes of sequence number, 4 of count (little-endian), and its records one behind the
 * other. */
#define BATCH_HEAD 12

static rocksdb_writebatch_t *join_sections(const struct kv_batch *batch)
{
    size_t len = BATCH_HEAD, size;
    uint32_t count = (uint32_t)kv_batch_count(batch);
    for (size_t i = 0; i < SECTIONS; i++)
        if (batch->section[i] != NULL && rocksdb_writebatch_data(batch->section[i], &size) != NULL)
            len += size - BATCH_HEAD;
    char *all = calloc(1, len), *at = all;
    if (all == NULL)
        return NULL;
    for (int i = 0; i < 4; i++)
        all[8 + i] = (char)(count >> 8 * i);
    at += BATCH_HEAD;
    for (size_t i = 0; i < SECTIONS; i++) {
        const char *data = batch->section[i] != NULL ? rocksdb_writebatch_data(batch->section[i], &size) : NULL;
        if (data == NULL)
            continue;
        memcpy(at, data + BATCH_HEAD, size - BATCH_HEAD);
        at += size - BATCH_HEAD;
    }
    rocksdb_writebatch_t *joined = rocksdb_writebatch_create_from(all, len);
    free(all);
    return joined;
}

static void note_failed(struct kv *kv, const struct err *err)
{
    pthread_mutex_lock(&kv->lock);
    if (kv->failed.text[0] == '\0')
        kv->failed = *err;
    pthread_mutex_unlock(&kv->lock);
}

int kv_commit(struct kv *kv, struct kv_batch *batch, bool durable, struct err *err)
{
    char *text = NULL;
    rocksdb_writebatch_t *joined = join_sections(batch);
    if (joined == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a batch");
    rocksdb_write(kv->db, durable ? kv->durable : kv->lazy, joined, &text);
    rocksdb_writebatch_destroy(joined);
    const int rc = text != NULL ? take_error(text, "cannot write to the store", err) : 0;
    if (rc == ERR_IO)
        note_failed(kv, err);
    return rc;
}

int kv_failed(struct kv *kv, struct err *err)
{
    pthread_mutex_lock(&kv->lock);
    const struct err failed = kv->failed;
    pthread_mutex_unlock(&kv->lock);
    return failed.text[0] != '\0' ? err_set(err, failed.code, "%s", failed.text) : 0;
}

static int open_cursor(struct kv_cursor **out, struct kv *kv, bool prefix, struct err *err)
{
    struct kv_cursor *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a cursor");
    c->kv = kv;
    c->snapshot = rocksdb_create_snapshot(kv->db);
    c->read = rocksdb_readoptions_create();
    rocksdb_readoptions_set_snapshot(c->read, c->snapshot);
    rocksdb_readoptions_set_total_order_seek(c->read, !prefix);
    c->iterator = rocksdb_create_iterator(kv->db, c->read);
    *out = c;
    return 0;
}

int kv_cursor_open(struct kv_cursor **out, struct kv *kv, struct err *err)
{
    return open_cursor(out, kv, false, err);
}

int kv_cursor_open_prefix(struct kv_cursor **out, struct kv *kv, struct err *err)
{
    if (kv->prefix == 0)
        return err_set(err, ERR_INTERNAL, "the store was opened without a prefix to look for");
    return open_cursor(out, kv, true, err);
}

void kv_cursor_seek(struct kv_cursor *cursor, const void *key, size_t key_len)
{
    rocksdb_iter_seek(cursor->iterator, key, key_len);
}

bool kv_cursor_valid(const struct kv_cursor *cursor)
{
    return rocksdb_iter_valid(cursor->iterator);
}

struct span kv_cursor_key(const struct kv_cursor *cursor)
{
    size_t len;
    const char *data = rocksdb_iter_key(cursor->iterator, &len);
    return span_of(data, len);
}

struct span kv_cursor_value(const struct kv_cursor *cursor)
{
    size_t len;
    const char *data = rocksdb_iter_value(cursor->iterator, &len);
    return span_of(data, len);
}

void kv_cursor_next(struct kv_cursor *cursor)
{
    rocksdb_iter_next(cursor->iterator);
}

int kv_cursor_error(const struct kv_cursor *cursor, struct err *err)
{
    char *text = NULL;
    rocksdb_iter_get_error(cursor->iterator, &text);
    return text != NULL ? take_error(text, "cannot read from the store", err) : 0;
}

void kv_cursor_free(struct kv_cursor *cursor)
{
    if (cursor == NULL)
        return;
    rocksdb_iter_destroy(cursor->iterator);
    rocksdb_readoptions_destroy(cursor->read);
    rocksdb_release_snapshot(cursor->kv->db, cursor->snapshot);
    free(cursor);
}

/* --- looking after it --- */

int kv_checkpoint(struct kv *kv, const char *dir, struct err *err)
{
    char *text = NULL;
    rocksdb_checkpoint_t *checkpoint = rocksdb_checkpoint_object_create(kv->db, &text);
    if (text == NULL)
        rocksdb_checkpoint_create(checkpoint, dir, 0, &text);
    if (checkpoint != NULL)
        rocksdb_checkpoint_object_destroy(checkpoint);
    return text != NULL ? take_error(text, "cannot copy the store", err) : 0;
}

int kv_check(struct kv *kv, uint64_t *records, struct err *err)
{
    char *text = NULL;
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    rocksdb_readoptions_set_verify_checksums(options, 1);
    rocksdb_readoptions_set_fill_cache(options, 0);
    rocksdb_readoptions_set_total_order_seek(options, 1);
    rocksdb_iterator_t *iterator = rocksdb_create_iterator(kv->db, options);
    *records = 0;
    for (rocksdb_iter_seek_to_first(iterator); rocksdb_iter_valid(iterator); rocksdb_iter_next(iterator))
        ++*records;
    rocksdb_iter_get_error(iterator, &text);
    rocksdb_iter_destroy(iterator);
    rocksdb_readoptions_destroy(options);
    return text != NULL ? take_error(text, "the store is damaged", err) : 0;
}
