/*
 * Keys in the store, all beginning with 'L'; numbers big-endian so that they sort:
 *
 *   Ln index8                length2 of the entry at that leaf, the entry, then the hashes of the complete
 *                            subtrees that end with that leaf, the leaf's own (level 0) first
 *   Ln index8 c              the signed checkpoint over the leaves up to that one, with cosignatures
 *   Lzm                      what the log is: public log key and origin
 *   Lzs                      committed size, u64
 *
 * All that a commit adds comes behind all that is there: the store only ever appends, and has nothing to sort again.
 */
#include "protocol/ledger/ledger.h"

#include "protocol/base/clock.h"
#include "protocol/ledger/ledger_store.h"
#include "protocol/ledger/note.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far back checkpoints are exported anew after a restart: cosignatures may have come since. */
#define RECOSIGNED_AT_START 1000

struct ledger {
    struct kv *kv;
    char origin[NOTE_NAME_MAX + 1];
    const uint8_t *log_secret;
    /* The writer's: what the tree will be once the batch is committed. */
    struct merkle_range staged;
    uint64_t staged_time; /* of its last event */
    struct buf staged_checkpoint;
    struct merkle_range saved; /* staged, and its time, at the mark */
    uint64_t saved_time;
    /* Everybody's, under the lock: what is committed. */
    pthread_mutex_t lock;
    struct merkle_range range;
    uint64_t time;
    struct buf checkpoint;
    uint64_t recosigned; /* the smallest checkpoint that got a cosignature since the last export */
    uint64_t mending;
};

#define LEAF_KEY 10
#define CHECKPOINT_KEY 11
#define LENGTH 2
#define LEAF_VALUE_MAX (LENGTH + EVENT_SIZE_MAX + MERKLE_LEVELS * MERKLE_HASH)

static void leaf_key(uint8_t key[LEAF_KEY], uint64_t index)
{
    key[0] = 'L';
    key[1] = 'n';
    bytes_put_u64be(key + 2, index);
}

static void checkpoint_key(uint8_t key[CHECKPOINT_KEY], uint64_t size)
{
    leaf_key(key, size - 1);
    key[LEAF_KEY] = 'c';
}

/* The record of a leaf, in *value, cut into entry and hashes. */
static int get_leaf(struct kv *kv, uint64_t index, struct buf *value, struct span *entry, struct span *hashes,
                    struct err *err)
{
    uint8_t key[LEAF_KEY];
    leaf_key(key, index);
    int rc = kv_get(kv, key, sizeof key, value, err);
    if (rc != 0)
        return rc;
    size_t len = value->len >= LENGTH ? bytes_get_u16be(value->data) : 0;
    if (value->len < LENGTH + len + MERKLE_HASH || (value->len - LENGTH - len) % MERKLE_HASH != 0)
        return err_set(err, ERR_VERIFY, "the ledger in the store is damaged: leaf %llu", (unsigned long long)index);
    *entry = span_of(value->data + LENGTH, len);
    *hashes = span_of(value->data + LENGTH + len, value->len - LENGTH - len);
    return 0;
}

int ledger_store_node(void *context, unsigned level, uint64_t index, struct hash *out, struct err *err)
{
    uint64_t last = ((index + 1) << level) - 1;
    struct span entry, hashes;
    struct buf value = buf_of(LEAF_VALUE_MAX);
    int rc = get_leaf(context, last, &value, &entry, &hashes, err);
    if (rc == 0 && hashes.len >= (level + 1) * MERKLE_HASH)
        memcpy(out->bytes, hashes.data + level * MERKLE_HASH, MERKLE_HASH);
    else if (rc == 0 || rc == ERR_NOT_FOUND)
        rc = err_set(err, ERR_VERIFY, "the ledger in the store is damaged: node %u/%llu is missing", level,
                     (unsigned long long)index);
    buf_free(&value);
    return rc;
}

/* The peaks are the stored nodes of the subtrees that the bits of size name. */
static int load_range(struct ledger *l, uint64_t size, struct err *err)
{
    uint64_t from = 0;
    l->range = (struct merkle_range){.size = size};
    for (int level = MERKLE_LEVELS - 1; level >= 0; level--) {
        if ((size >> level & 1) == 0)
            continue;
        int rc = ledger_store_node(l->kv, (unsigned)level, from >> level, &l->range.peak[l->range.count], err);
        if (rc != 0)
            return rc;
        l->range.count++;
        from += (uint64_t)1 << level;
    }
    return 0;
}

static int check_identity(struct ledger *l, struct err *err)
{
    struct buf known = buf_of(NOTE_NAME_MAX + 64);
    struct buf mine = buf_of(NOTE_NAME_MAX + 64);
    struct kv_batch *batch = NULL;
    int rc = buf_put(&mine, l->log_secret + 32, 32, err);
    if (rc == 0)
        rc = buf_put(&mine, l->origin, strlen(l->origin), err);
    if (rc != 0)
        goto out;
    rc = kv_get(l->kv, "Lzm", 3, &known, err);
    if (rc == ERR_NOT_FOUND) {
        rc = kv_batch_new(&batch, err);
        if (rc == 0) {
            kv_batch_put(batch, "Lzm", 3, mine.data, mine.len);
            rc = kv_commit(l->kv, batch, true, err);
        }
    } else if (rc == 0 && (known.len != mine.len || memcmp(known.data, mine.data, mine.len) != 0)) {
        rc = err_set(err, ERR_VERIFY, "the ledger in the store belongs to %.*s or to another key, not to %s",
                     (int)(known.len > 32 ? known.len - 32 : 0), (const char *)known.data + 32, l->origin);
    }
out:
    kv_batch_free(batch);
    buf_free(&known);
    buf_free(&mine);
    return rc;
}

static int load_time(struct ledger *l, struct err *err)
{
    struct event last;
    struct buf entry = buf_of(EVENT_SIZE_MAX);
    int rc = ledger_entry(l, l->range.size - 1, &entry, err);
    if (rc == 0 && (rc = event_decode(&last, buf_span(&entry), err)) != 0)
        rc = err_set(err, ERR_VERIFY,
                     "the ledger in the store is damaged, or another version of Concord wrote it: its last "
                     "entry cannot be read");
    if (rc == 0)
        l->time = l->staged_time = last.time;
    buf_free(&entry);
    return rc;
}

static int load(struct ledger *l, struct err *err)
{
    struct buf size = buf_of(8);
    int rc = check_identity(l, err);
    if (rc == 0)
        rc = kv_get(l->kv, "Lzs", 3, &size, err);
    if (rc == ERR_NOT_FOUND)
        rc = 0;
    else if (rc == 0)
        rc = size.len == 8 ? load_range(l, bytes_get_u64be(size.data), err)
                           : err_set(err, ERR_VERIFY, "the ledger in the store is damaged: no size");
    if (rc == 0 && l->range.size > 0)
        rc = ledger_checkpoint_at(l, l->range.size, &l->checkpoint, err);
    if (rc == 0 && l->range.size > 0)
        rc = load_time(l, err);
    l->staged = l->range;
    buf_free(&size);
    return rc;
}

int ledger_open(struct ledger **out, struct kv *kv, const char *origin, const uint8_t log_secret[64], struct err *err)
{
    struct ledger *l = calloc(1, sizeof *l);
    if (l == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the ledger");
    l->kv = kv;
    l->log_secret = log_secret;
    l->checkpoint = l->staged_checkpoint = buf_of(LEDGER_CHECKPOINT_MAX);
    snprintf(l->origin, sizeof l->origin, "%s", origin);
    pthread_mutex_init(&l->lock, NULL);
    int rc = load(l, err);
    l->recosigned = l->range.size > RECOSIGNED_AT_START ? l->range.size - RECOSIGNED_AT_START : 0;
    if (rc != 0)
        ledger_close(l);
    else
        *out = l;
    return rc;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    buf_free(&ledger->checkpoint);
    buf_free(&ledger->staged_checkpoint);
    pthread_mutex_destroy(&ledger->lock);
    free(ledger);
}

/* Hashes come in the order of their levels; there is room for all. */
static void keep_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    struct buf *value = context;
    (void)level;
    (void)index;
    memcpy(value->data + value->len, hash->bytes, MERKLE_HASH);
    value->len += MERKLE_HASH;
}

/* The record of the next leaf: the entry, and the hashes that end with it. */
static int put_leaf(struct ledger *l, struct kv_batch *batch, struct span entry, uint64_t time, struct err *err)
{
    uint8_t key[LEAF_KEY], len[LENGTH];
    struct hash leaf;
    struct buf value = buf_of(LEAF_VALUE_MAX);
    int rc = buf_reserve(&value, LEAF_VALUE_MAX, err) == NULL ? ERR_NO_MEMORY : 0;
    bytes_put_u16be(len, (uint16_t)entry.len);
    if (rc == 0)
        rc = buf_put(&value, len, sizeof len, err);
    if (rc == 0)
        rc = buf_put(&value, entry.data, entry.len, err);
    if (rc == 0) {
        leaf_key(key, l->staged.size);
        merkle_leaf(&leaf, entry);
        merkle_append(&l->staged, &leaf, keep_node, &value);
        kv_batch_put(batch, key, sizeof key, value.data, value.len);
        l->staged_time = time;
    }
    buf_free(&value);
    return rc;
}

static int append(struct ledger *l, struct kv_batch *batch, const struct event *event, struct buf *encoded,
                  struct err *err)
{
    struct buf entry = buf_of(EVENT_SIZE_MAX);
    int rc = event_encode(&entry, event, err);
    if (rc == 0 && encoded != NULL)
        rc = buf_put(encoded, entry.data, entry.len, err);
    if (rc == 0)
        rc = put_leaf(l, batch, buf_span(&entry), event->time, err);
    buf_free(&entry);
    return rc;
}

int ledger_take_back(struct ledger *ledger, struct kv_batch *batch, struct span entry, struct err *err)
{
    struct event event;
    int rc = event_decode(&event, entry, err);
    return rc == 0 ? put_leaf(ledger, batch, entry, event.time, err) : rc;
}

/* The time for an event that a clock dates to `time`. */
static uint64_t rule_time(const struct ledger *l, uint64_t time)
{
    return time < l->staged_time && l->staged_time - time <= EVENT_CLOCK_SLACK ? l->staged_time : time;
}

uint64_t ledger_time(struct ledger *ledger)
{
    return rule_time(ledger, clock_now());
}

static int append_clock(struct ledger *l, struct kv_batch *batch, uint64_t time, struct err *err)
{
    struct event event;
    event_init(&event, EVENT_CLOCK);
    event.time = time;
    event.count = l->staged_time - time;
    return append(l, batch, &event, NULL, err);
}

int ledger_append(struct ledger *ledger, struct kv_batch *batch, const struct event *event, uint64_t *index,
                  struct buf *encoded, struct err *err)
{
    struct event dated = *event;
    int rc = 0;
    dated.time = rule_time(ledger, event->time);
    if (dated.time < ledger->staged_time)
        rc = append_clock(ledger, batch, dated.time, err);
    if (rc == 0 && index != NULL)
        *index = ledger->staged.size;
    if (rc == 0)
        rc = append(ledger, batch, &dated, encoded, err);
    return rc;
}

int ledger_seal(struct ledger *ledger, struct kv_batch *batch, struct err *err)
{
    uint8_t key[CHECKPOINT_KEY], size[8];
    struct checkpoint checkpoint = {.size = ledger->staged.size};
    buf_clear(&ledger->staged_checkpoint);
    memcpy(checkpoint.origin, ledger->origin, sizeof checkpoint.origin);
    merkle_root(&checkpoint.root, &ledger->staged);
    int rc = checkpoint_sign(&ledger->staged_checkpoint, &checkpoint, ledger->log_secret, err);
    if (rc != 0)
        return rc;
    const struct buf *note = &ledger->staged_checkpoint;
    bytes_put_u64be(size, checkpoint.size);
    checkpoint_key(key, checkpoint.size);
    kv_batch_put(batch, key, sizeof key, note->data, note->len);
    kv_batch_put(batch, "Lzs", 3, size, sizeof size);
    return 0;
}

void ledger_committed(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    ledger->range = ledger->staged;
    ledger->time = ledger->staged_time;
    struct buf old = ledger->checkpoint;
    ledger->checkpoint = ledger->staged_checkpoint;
    ledger->staged_checkpoint = old;
    pthread_mutex_unlock(&ledger->lock);
}

void ledger_rollback(struct ledger *ledger)
{
    ledger->staged = ledger->range;
    ledger->staged_time = ledger->time;
    buf_clear(&ledger->staged_checkpoint);
}

void ledger_save(struct ledger *ledger)
{
    ledger->saved = ledger->staged;
    ledger->saved_time = ledger->staged_time;
}

void ledger_undo(struct ledger *ledger)
{
    ledger->staged = ledger->saved;
    ledger->staged_time = ledger->saved_time;
}

uint64_t ledger_size(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    uint64_t size = ledger->range.size;
    pthread_mutex_unlock(&ledger->lock);
    return size;
}

int ledger_checkpoint(struct ledger *ledger, struct buf *out, struct err *err)
{
    pthread_mutex_lock(&ledger->lock);
    int rc = ledger->range.size == 0 ? err_set(err, ERR_NOT_FOUND, "the ledger is empty")
                                     : buf_put(out, ledger->checkpoint.data, ledger->checkpoint.len, err);
    pthread_mutex_unlock(&ledger->lock);
    return rc;
}

int ledger_inclusion(struct ledger *ledger, uint64_t index, uint64_t size, struct buf *out, struct err *err)
{
    const struct merkle_source source = {ledger_store_node, ledger->kv};
    if (size > ledger_size(ledger))
        return err_set(err, ERR_INPUT, "the ledger has not grown to %llu yet", (unsigned long long)size);
    return merkle_prove_inclusion(&source, index, size, out, err);
}

int ledger_consistency(struct ledger *ledger, uint64_t old_size, uint64_t new_size, struct buf *out, struct err *err)
{
    const struct merkle_source source = {ledger_store_node, ledger->kv};
    if (new_size > ledger_size(ledger))
        return err_set(err, ERR_INPUT, "the ledger has not grown to %llu yet", (unsigned long long)new_size);
    return merkle_prove_consistency(&source, old_size, new_size, out, err);
}

int ledger_root(struct ledger *ledger, uint64_t size, struct hash *out, struct err *err)
{
    const struct merkle_source source = {ledger_store_node, ledger->kv};
    if (size > ledger_size(ledger))
        return err_set(err, ERR_INPUT, "the ledger has not grown to %llu yet", (unsigned long long)size);
    return merkle_root_at(&source, size, out, err);
}

int ledger_entry(struct ledger *ledger, uint64_t index, struct buf *out, struct err *err)
{
    struct span entry, hashes;
    struct buf value = buf_of(LEAF_VALUE_MAX);
    int rc = get_leaf(ledger->kv, index, &value, &entry, &hashes, err);
    if (rc == 0)
        rc = buf_put(out, entry.data, entry.len, err);
    else if (rc == ERR_NOT_FOUND)
        rc = err_set(err, rc, "the ledger has no entry %llu", (unsigned long long)index);
    buf_free(&value);
    return rc;
}

int ledger_checkpoint_at(struct ledger *ledger, uint64_t size, struct buf *out, struct err *err)
{
    uint8_t key[CHECKPOINT_KEY];
    checkpoint_key(key, size);
    int rc = size == 0 ? ERR_NOT_FOUND : kv_get(ledger->kv, key, sizeof key, out, err);
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "the ledger has no checkpoint of size %llu", (unsigned long long)size)
                               : rc;
}

/* Between one checkpoint and the next lie the leaves of one commit. */
int ledger_next_checkpoint(struct ledger *ledger, uint64_t after, uint64_t *size, struct buf *out, struct err *err)
{
    uint8_t key[LEAF_KEY];
    struct kv_cursor *c = NULL;
    int rc = kv_cursor_open(&c, ledger->kv, err);
    if (rc != 0)
        return rc;
    leaf_key(key, after);
    kv_cursor_seek(c, key, sizeof key);
    while (kv_cursor_valid(c) && kv_cursor_key(c).len == LEAF_KEY && memcmp(kv_cursor_key(c).data, key, 2) == 0)
        kv_cursor_next(c);
    if (kv_cursor_valid(c) && kv_cursor_key(c).len == CHECKPOINT_KEY && memcmp(kv_cursor_key(c).data, key, 2) == 0) {
        *size = bytes_get_u64be(kv_cursor_key(c).data + 2) + 1;
        rc = buf_put(out, kv_cursor_value(c).data, kv_cursor_value(c).len, err);
    } else if ((rc = kv_cursor_error(c, err)) == 0) {
        rc = err_set(err, ERR_NOT_FOUND, "no further checkpoint");
    }
    kv_cursor_free(c);
    return rc;
}

int ledger_add_cosignature(struct ledger *ledger, uint64_t size, struct span lines, struct err *err)
{
    uint8_t key[CHECKPOINT_KEY];
    struct kv_batch *batch = NULL;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    checkpoint_key(key, size);
    pthread_mutex_lock(&ledger->lock);
    int rc = ledger_checkpoint_at(ledger, size, &note, err);
    if (rc == 0)
        rc = buf_put(&note, lines.data, lines.len, err);
    if (rc == 0)
        rc = kv_batch_new(&batch, err);
    if (rc == 0) {
        kv_batch_put(batch, key, sizeof key, note.data, note.len);
        rc = kv_commit(ledger->kv, batch, false, err);
    }
    if (rc == 0 && size < ledger->recosigned)
        ledger->recosigned = size;
    if (rc == 0 && size == ledger->range.size) {
        struct buf old = ledger->checkpoint;
        ledger->checkpoint = note;
        note = old;
    }
    pthread_mutex_unlock(&ledger->lock);
    kv_batch_free(batch);
    buf_free(&note);
    return rc;
}

uint64_t ledger_take_recosigned(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->lock);
    uint64_t size = ledger->recosigned;
    ledger->recosigned = UINT64_MAX;
    pthread_mutex_unlock(&ledger->lock);
    return size;
}

void ledger_mark_recosigned(struct ledger *ledger, uint64_t size)
{
    pthread_mutex_lock(&ledger->lock);
    if (size < ledger->recosigned)
        ledger->recosigned = size;
    pthread_mutex_unlock(&ledger->lock);
}

uint64_t *ledger_mending(struct ledger *ledger)
{
    return &ledger->mending;
}

void ledger_range(struct ledger *ledger, struct merkle_range *out)
{
    pthread_mutex_lock(&ledger->lock);
    *out = ledger->range;
    pthread_mutex_unlock(&ledger->lock);
}

struct kv *ledger_store(struct ledger *ledger)
{
    return ledger->kv;
}
