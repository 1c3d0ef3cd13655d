/* Opening, and the frame of a write: begin, commit, abandon. What is written stands in entries.c, mailbox.c,
 * records.c. */
#include "matcher/store/rocksdb.h"

#include <sodium.h>
#include <stdlib.h>

#define FORMAT 3
#define BOX_SIZE (24 + WIRE_HASH_SIZE)
#define RECORD_SIZE_MAX 64
#define NAME_HEAD (1 + PARTY_DIGEST_SIZE)

static int damaged(const char *what, struct err *err)
{
    return err_set(err, ERR_VERIFY, "the matcher's store is damaged: %s; restore it from a backup", what);
}

/* --- opening --- */

static int load_names(struct store *s, struct kv_cursor *c, struct err *err)
{
    const struct key prefix = key_of('N');
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_NAME_SIZE); kv_cursor_next(c)) {
        const struct span value = kv_cursor_value(c);
        struct name *name = &s->name[s->names];
        uint16_t id = bytes_get_u16be(kv_cursor_key(c).data + 1);
        if (id != s->names + 1 || id > STORE_NAMES_MAX || value.len < NAME_HEAD + 1 ||
            value.len > NAME_HEAD + PARTY_NAME_MAX || value.data[0] > NAME_AGENCY)
            return damaged("names", err);
        name->kind = (enum name_kind)value.data[0];
        memcpy(name->digest, value.data + 1, PARTY_DIGEST_SIZE);
        name->text = strndup((const char *)value.data + NAME_HEAD, value.len - NAME_HEAD);
        if (name->text == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the store's names");
        s->names_pending = ++s->names;
    }
    return kv_cursor_error(c, err);
}

static int load_boxes(struct store *s, struct kv_cursor *c, struct err *err)
{
    const struct key prefix = key_of('B');
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_BOX_SIZE); kv_cursor_next(c)) {
        struct span value = kv_cursor_value(c);
        uint16_t id = bytes_get_u16be(kv_cursor_key(c).data + 1);
        if (id == 0 || id > s->names || value.len != BOX_SIZE)
            return damaged("mailboxes", err);
        struct box *box = &s->box[id - 1].committed;
        box->last = bytes_get_u64be(value.data);
        box->acknowledged = bytes_get_u64be(value.data + 8);
        box->erased = bytes_get_u64be(value.data + 16);
        memcpy(box->chain, value.data + 24, sizeof box->chain);
        s->box[id - 1].pending = *box;
    }
    return kv_cursor_error(c, err);
}

static int load_manifest(struct store *s, struct err *err)
{
    struct buf value = buf_of(RECORD_SIZE_MAX);
    int rc = kv_get(s->kv, "V", 1, &value, err);
    if (rc == ERR_NOT_FOUND) {
        rc = 0;
    } else if (rc == 0 && (value.len != 44 || bytes_get_u32be(value.data) != FORMAT)) {
        rc = err_set(
            err, ERR_VERIFY,
            "the matcher's store has another format than %d: it was written by another version of concord-matcher",
            FORMAT);
    } else if (rc == 0) {
        s->manifest.version = bytes_get_u64be(value.data + 4);
        memcpy(s->manifest.digest, value.data + 12, 32);
        s->manifest_pending = s->manifest;
    }
    buf_free(&value);
    return rc;
}

static int load(struct store *s, struct err *err)
{
    struct kv_cursor *c = NULL;
    int rc = load_manifest(s, err);
    if (rc == 0)
        rc = kv_cursor_open(&c, s->kv, err);
    if (rc == 0)
        rc = load_names(s, c, err);
    if (rc == 0)
        rc = load_boxes(s, c, err);
    if (rc == 0)
        rc = numbers_load(s, c, err);
    kv_cursor_free(c);
    return rc;
}

int store_open_archive(struct store *store, const char *dir, struct err *err)
{
    struct archive_end end = {0};
    struct buf value = buf_of(RECORD_SIZE_MAX);
    int rc = kv_get(store->kv, "Z", 1, &value, err);
    if (rc == 0 && value.len != 16)
        rc = damaged("the end of the archive", err);
    else if (rc == 0)
        end = (struct archive_end){bytes_get_u64be(value.data), bytes_get_u64be(value.data + 8)};
    if (rc == 0 || rc == ERR_NOT_FOUND)
        rc = archive_open(&store->archive, dir, &end, err);
    buf_free(&value);
    return rc;
}

int store_open(struct store **out, const struct store_options *options, struct err *err)
{
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the store");
    pthread_rwlock_init(&s->lock, NULL);
    numbers_init(s);
    int rc = kv_open(&s->kv, options->dir, KEY_ENTRY_PREFIX, err);
    if (rc == 0)
        rc = ledger_open(&s->ledger, s->kv, options->origin, options->log_secret, err);
    if (rc == 0)
        rc = load(s, err);
    if (rc == 0 && options->archive != NULL)
        rc = store_open_archive(s, options->archive, err);
    if (rc != 0)
        store_close(s);
    else
        *out = s;
    return rc;
}

static void free_name(struct name *name)
{
    free(name->text);
    free(name->former);
    *name = (struct name){.text = NULL};
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    archive_close(store->archive);
    ledger_close(store->ledger);
    kv_close(store->kv);
    for (size_t i = 0; i < store->names_pending; i++)
        free_name(&store->name[i]);
    numbers_free(store);
    pthread_rwlock_destroy(&store->lock);
    free(store);
}

struct ledger *store_ledger(struct store *store)
{
    return store->ledger;
}

int store_copy(struct store *store, const char *dir, struct err *err)
{
    return kv_checkpoint(store->kv, dir, err);
}

int store_prune_archive(struct store *store, uint64_t before, struct err *err)
{
    return store->archive != NULL ? archive_prune(store->archive, before, err) : 0;
}

/* --- a write --- */

int store_begin(struct store_write **out, struct store *store, struct err *err)
{
    struct store_write *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a write");
    w->store = store;
    randombytes_buf(w->changed.key, sizeof w->changed.key);
    int rc = kv_batch_new(&w->batch, err);
    if (rc != 0)
        free(w);
    else
        *out = w;
    return rc;
}

size_t store_write_bytes(const struct store_write *write)
{
    return write->bytes;
}

bool store_write_is_empty(const struct store_write *write)
{
    return kv_batch_count(write->batch) == 0 && !write->staged;
}

static void put_boxes(struct store_write *w)
{
    for (size_t i = 0; i < w->store->names_pending; i++) {
        const struct box_pair *pair = &w->store->box[i];
        uint8_t value[BOX_SIZE];
        if (!pair->changed)
            continue;
        struct key key = key_of('B');
        key_u16(&key, (uint16_t)(i + 1));
        bytes_put_u64be(value, pair->pending.last);
        bytes_put_u64be(value + 8, pair->pending.acknowledged);
        bytes_put_u64be(value + 16, pair->pending.erased);
        memcpy(value + 24, pair->pending.chain, sizeof pair->pending.chain);
        write_put(w, &key, value, sizeof value);
    }
}

static void put_manifest(struct store_write *w)
{
    const struct store_manifest *m = &w->store->manifest_pending;
    uint8_t value[44];
    const struct key key = key_of('V');
    if (m->version == w->store->manifest.version && memcmp(m->digest, w->store->manifest.digest, 32) == 0)
        return;
    bytes_put_u32be(value, FORMAT);
    bytes_put_u64be(value + 4, m->version);
    memcpy(value + 12, m->digest, 32);
    write_put(w, &key, value, sizeof value);
}

static void drop_names(struct store *s, size_t names)
{
    while (s->names_pending > names)
        free_name(&s->name[--s->names_pending]);
}

/* Makes the two copies of every small number agree: on the written state, or on the one before. */
static void settle(struct store *s, bool written)
{
    pthread_rwlock_wrlock(&s->lock);
    for (size_t i = 0; i < s->names_pending; i++) {
        struct box_pair *pair = &s->box[i];
        if (written && pair->changed)
            pair->committed = pair->pending;
        pair->pending = pair->committed;
        pair->changed = false;
    }
    numbers_settle(s, written);
    if (written) {
        s->manifest = s->manifest_pending;
        s->names = s->names_pending;
    }
    s->manifest_pending = s->manifest;
    drop_names(s, s->names);
    pthread_rwlock_unlock(&s->lock);
}

static void write_free(struct store_write *w)
{
    kv_cursor_free(w->lookup);
    kv_cursor_free(w->cursor);
    kv_batch_free(w->batch);
    free(w->changed.slot);
    free(w->mark.box);
    free(w);
}

/* The batches first, so that no event is without its batch; the store's word decides which of them count. */
static int put_archive(struct store_write *w, struct err *err)
{
    struct archive_end end;
    uint8_t value[16];
    const struct key key = key_of('Z');
    if (!w->archived)
        return 0;
    int rc = archive_sync(w->store->archive, &end, err);
    bytes_put_u64be(value, end.segment);
    bytes_put_u64be(value + 8, end.bytes);
    write_put(w, &key, value, sizeof value);
    return rc;
}

static void settle_archive(struct store_write *w, bool written)
{
    if (w->archived && written)
        archive_committed(w->store->archive);
    else if (w->archived)
        archive_rollback(w->store->archive);
}

int store_commit(struct store_write *write, struct err *err)
{
    struct store *s = write->store;
    int rc = put_archive(write, err);
    put_boxes(write);
    numbers_put(write);
    put_manifest(write);
    if (rc == 0 && write->events > 0)
        rc = ledger_seal(s->ledger, write->batch, err);
    if (rc == 0 && kv_batch_count(write->batch) > 0)
        rc = kv_commit(s->kv, write->batch, true, err);
    if (write->events > 0 && rc == 0)
        ledger_committed(s->ledger);
    else if (rc != 0)
        ledger_rollback(s->ledger);
    settle(s, rc == 0);
    settle_archive(write, rc == 0);
    write_free(write);
    return rc;
}

void store_abandon(struct store_write *write)
{
    if (write == NULL)
        return;
    ledger_rollback(write->store->ledger);
    settle(write->store, false);
    settle_archive(write, false);
    write_free(write);
}

int store_save(struct store_write *write, struct err *err)
{
    const struct store *s = write->store;
    struct mark *m = &write->mark;
    struct box_pair *box = realloc(m->box, (s->names_pending + 1) * sizeof *box);
    if (box != NULL)
        m->box = box;
    if (box == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a write");
    memcpy(m->box, s->box, s->names_pending * sizeof *m->box);
    m->boxes = s->names_pending;
    numbers_save(write->store);
    m->bytes = write->bytes;
    m->events = write->events;
    m->manifest = s->manifest_pending;
    m->archived = write->archived;
    m->staged = write->staged;
    if (s->archive != NULL)
        m->end = archive_end(s->archive);
    kv_batch_save(write->batch);
    ledger_save(s->ledger);
    return 0;
}

int store_undo(struct store_write *write, struct err *err)
{
    struct store *s = write->store;
    const struct mark *m = &write->mark;
    for (size_t i = 0; i < s->names_pending; i++)
        s->box[i] = i < m->boxes ? m->box[i] : (struct box_pair){.changed = false};
    drop_names(s, m->boxes);
    numbers_undo(s);
    write->bytes = m->bytes;
    write->events = m->events;
    s->manifest_pending = m->manifest;
    write->archived = m->archived;
    write->staged = m->staged;
    ledger_undo(s->ledger);
    int rc = kv_batch_undo(write->batch, err);
    return rc != 0 || s->archive == NULL ? rc : archive_undo(s->archive, &m->end, err);
}

struct store *store_of(const struct store_write *write)
{
    return write->store;
}

uint64_t store_time(const struct store_write *write)
{
    return ledger_time(write->store->ledger);
}

int store_archive(struct store_write *write, const struct archive_record *record, struct err *err)
{
    if (write->store->archive == NULL)
        return 0;
    write->archived = true;
    return archive_append(write->store->archive, record, err);
}

int store_event(struct store_write *write, const struct event *event, uint64_t *index, struct buf *encoded,
                struct err *err)
{
    uint64_t leaf;
    int rc = ledger_append(write->store->ledger, write->batch, event, &leaf, encoded, err);
    if (rc == 0) {
        write->events++;
        write->bytes += EVENT_SIZE_MAX / 8;
        if (index != NULL)
            *index = leaf;
    }
    return rc;
}

int store_witness(struct store_write *write, const struct witnessed *log, uint64_t old_size, struct span proof,
                  struct span note, struct witness_decision *out, struct err *err)
{
    write->events++; /* if it stages none, there is nothing to commit */
    return witness_decide(write->store->ledger, write->batch, log, old_size, proof, note, out, err);
}
