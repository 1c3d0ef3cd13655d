/*
 * Keys in the store, all beginning with 'L'; numbers big-endian so that they sort:
 *
 *   Lm                       what the log is: origin and public log key
 *   Ls                       committed size, u64
 *   Lc                       newest signed checkpoint
 *   LC size                  every signed checkpoint, with cosignatures
 *   Le index                 an entry
 *   Lh level index           the hash of a complete subtree
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
    /* Everybody's, under the lock: what is committed. */
    pthread_mutex_t lock;
    struct merkle_range range;
    uint64_t time;
    struct buf checkpoint;
    uint64_t recosigned; /* the smallest checkpoint that got a cosignature since the last export */
};

static size_t key_of(uint8_t key[LEDGER_KEY_MAX], char kind, uint64_t number)
{
    key[0] = 'L';
    key[1] = (uint8_t)kind;
    bytes_put_u64be(key + 2, number);
    return 10;
}

static size_t node_key(uint8_t key[LEDGER_KEY_MAX], unsigned level, uint64_t index)
{
    key[0] = 'L';
    key[1] = 'h';
    key[2] = (uint8_t)level;
    bytes_put_u64be(key + 3, index);
    return 11;
}

int ledger_store_node(void *context, unsigned level, uint64_t index, struct hash *out, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX];
    struct buf value = buf_of(MERKLE_HASH);
    int rc = kv_get(context, key, node_key(key, level, index), &value, err);
    if (rc == 0 && value.len != MERKLE_HASH)
        rc = ERR_NOT_FOUND;
    if (rc == 0)
        memcpy(out->bytes, value.data, MERKLE_HASH);
    else if (rc == ERR_NOT_FOUND)
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
    rc = kv_get(l->kv, "Lm", 2, &known, err);
    if (rc == ERR_NOT_FOUND) {
        if ((rc = kv_batch_new(&batch, err)) == 0) {
            kv_batch_put(batch, "Lm", 2, mine.data, mine.len);
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
        rc = err_set(err, ERR_VERIFY, "the ledger in the store is damaged, or another version of Concord wrote it: its last "
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
        rc = kv_get(l->kv, "Ls", 2, &size, err);
    if (rc == ERR_NOT_FOUND)
        rc = 0;
    else if (rc == 0)
        rc = size.len == 8 ? load_range(l, bytes_get_u64be(size.data), err)
                           : err_set(err, ERR_VERIFY, "the ledger in the store is damaged: no size");
    if (rc == 0 && l->range.size > 0)
        rc = kv_get(l->kv, "Lc", 2, &l->checkpoint, err);
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

static void keep_node(void *context, unsigned level, uint64_t index, const struct hash *hash)
{
    uint8_t key[LEDGER_KEY_MAX];
    kv_batch_put(context, key, node_key(key, level, index), hash->bytes, MERKLE_HASH);
}

static int append(struct ledger *l, struct kv_batch *batch, const struct event *event, struct buf *encoded, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX];
    struct hash leaf;
    struct buf entry = buf_of(EVENT_SIZE_MAX);
    int rc = event_encode(&entry, event, err);
    if (rc == 0 && encoded != NULL)
        rc = buf_put(encoded, entry.data, entry.len, err);
    if (rc == 0) {
        merkle_leaf(&leaf, buf_span(&entry));
        kv_batch_put(batch, key, key_of(key, 'e', l->staged.size), entry.data, entry.len);
        merkle_append(&l->staged, &leaf, keep_node, batch);
        l->staged_time = event->time;
    }
    buf_free(&entry);
    return rc;
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
    return rc != 0 ? rc : append(ledger, batch, &dated, encoded, err);
}

int ledger_seal(struct ledger *ledger, struct kv_batch *batch, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX], size[8];
    struct checkpoint checkpoint = {.size = ledger->staged.size};
    buf_clear(&ledger->staged_checkpoint);
    memcpy(checkpoint.origin, ledger->origin, sizeof checkpoint.origin);
    merkle_root(&checkpoint.root, &ledger->staged);
    int rc = checkpoint_sign(&ledger->staged_checkpoint, &checkpoint, ledger->log_secret, err);
    if (rc != 0)
        return rc;
    const struct buf *note = &ledger->staged_checkpoint;
    bytes_put_u64be(size, checkpoint.size);
    kv_batch_put(batch, "Ls", 2, size, sizeof size);
    kv_batch_put(batch, "Lc", 2, note->data, note->len);
    kv_batch_put(batch, key, key_of(key, 'C', checkpoint.size), note->data, note->len);
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

int ledger_entry(struct ledger *ledger, uint64_t index, struct buf *out, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX];
    int rc = kv_get(ledger->kv, key, key_of(key, 'e', index), out, err);
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "the ledger has no entry %llu", (unsigned long long)index) : rc;
}

int ledger_checkpoint_at(struct ledger *ledger, uint64_t size, struct buf *out, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX];
    int rc = kv_get(ledger->kv, key, key_of(key, 'C', size), out, err);
    return rc == ERR_NOT_FOUND ? err_set(err, rc, "the ledger has no checkpoint of size %llu", (unsigned long long)size)
                               : rc;
}

int ledger_next_checkpoint(struct ledger *ledger, uint64_t after, uint64_t *size, struct buf *out, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX];
    struct kv_cursor *cursor = NULL;
    int rc = kv_cursor_open(&cursor, ledger->kv, err);
    if (rc != 0)
        return rc;
    size_t len = key_of(key, 'C', after + 1);
    kv_cursor_seek(cursor, key, len);
    if (kv_cursor_valid(cursor) && kv_cursor_key(cursor).len == len && memcmp(kv_cursor_key(cursor).data, "LC", 2) == 0) {
        *size = bytes_get_u64be(kv_cursor_key(cursor).data + 2);
        rc = buf_put(out, kv_cursor_value(cursor).data, kv_cursor_value(cursor).len, err);
    } else if ((rc = kv_cursor_error(cursor, err)) == 0) {
        rc = err_set(err, ERR_NOT_FOUND, "no further checkpoint");
    }
    kv_cursor_free(cursor);
    return rc;
}

int ledger_add_cosignature(struct ledger *ledger, uint64_t size, struct span lines, struct err *err)
{
    uint8_t key[LEDGER_KEY_MAX];
    struct kv_batch *batch = NULL;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    pthread_mutex_lock(&ledger->lock);
    int rc = ledger_checkpoint_at(ledger, size, &note, err);
    if (rc == 0)
        rc = buf_put(&note, lines.data, lines.len, err);
    if (rc == 0)
        rc = kv_batch_new(&batch, err);
    if (rc == 0) {
        kv_batch_put(batch, key, key_of(key, 'C', size), note.data, note.len);
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

struct kv *ledger_store(struct ledger *ledger)
{
    return ledger->kv;
}
