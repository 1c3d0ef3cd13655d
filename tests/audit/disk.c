#include "tests/audit/disk.h"

#include "protocol/kv/kv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STORES_MAX = 64, PATH_MAX_HERE = 256 };
#define FOREVER UINT64_MAX

/* A value under a key, which commits from `born` on see, before `died`. */
struct record {
    uint64_t born, died;
    size_t key_len, len;
    uint8_t bytes[]; /* the key, then the value */
};

struct kv {
    char dir[PATH_MAX_HERE];
    struct record **record; /* by key, of one key by age */
    size_t count, room, dead;
    uint64_t commits;
    unsigned cursors;
    bool open;
};

/* A put, or a delete: then died is 0. */
struct kv_batch {
    struct record **change;
    size_t count, room, mark;
};

struct kv_cursor {
    struct kv *kv;
    uint64_t as_of;
    const struct record *at; /* NULL: at the end */
};

static struct kv *stores[STORES_MAX];

/* --- memory: without it there is no test --- */

static void *must_have(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static struct record *record_new(const void *key, size_t key_len, const void *value, size_t len, uint64_t died)
{
    struct record *r = must_have(malloc(sizeof *r + key_len + len));
    *r = (struct record){.died = died, .key_len = key_len, .len = len};
    memcpy(r->bytes, key, key_len);
    if (len > 0)
        memcpy(r->bytes + key_len, value, len);
    return r;
}

static void make_room(struct record ***list, size_t count, size_t *room)
{
    if (count < *room)
        return;
    *room = *room == 0 ? 64 : *room * 2;
    *list = must_have(realloc(*list, *room * sizeof **list));
}

/* --- records --- */

static int compare(const struct record *r, const void *key, size_t key_len)
{
    const size_t shorter = r->key_len < key_len ? r->key_len : key_len;
    const int order = memcmp(r->bytes, key, shorter);
    return order != 0 ? order : (r->key_len > key_len) - (r->key_len < key_len);
}

/* The first record behind all whose keys are less, or, with their equals, no more. */
static size_t bound(const struct kv *kv, const void *key, size_t key_len, bool equals)
{
    size_t low = 0, high = kv->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare(kv->record[middle], key, key_len);
        if (order < 0 || (equals && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_seen(const struct record *r, uint64_t as_of)
{
    return r->born <= as_of && as_of < r->died;
}

/* What nobody sees any more goes, once no cursor stands on it. */
static void sweep(struct kv *kv)
{
    size_t kept = 0;
    if (kv->cursors > 0 || kv->dead < 64 + kv->count / 2)
        return;
    for (size_t i = 0; i < kv->count; i++) {
        if (kv->record[i]->died == FOREVER)
            kv->record[kept++] = kv->record[i];
        else
            free(kv->record[i]);
    }
    kv->count = kept;
    kv->dead = 0;
}

static void apply(struct kv *kv, const struct record *change)
{
    const size_t at = bound(kv, change->bytes, change->key_len, true);
    struct record *before = at > 0 ? kv->record[at - 1] : NULL;
    if (before != NULL && before->died == FOREVER && compare(before, change->bytes, change->key_len) == 0) {
        before->died = kv->commits;
        kv->dead++;
    }
    if (change->died == 0)
        return;
    struct record *r =
        record_new(change->bytes, change->key_len, change->bytes + change->key_len, change->len, FOREVER);
    r->born = kv->commits;
    make_room(&kv->record, kv->count, &kv->room);
    memmove(kv->record + at + 1, kv->record + at, (kv->count - at) * sizeof *kv->record);
    kv->record[at] = r;
    kv->count++;
}

/* --- stores --- */

static struct kv **place_of(const char *dir)
{
    for (size_t i = 0; i < STORES_MAX; i++)
        if (stores[i] == NULL || strcmp(stores[i]->dir, dir) == 0)
            return &stores[i];
    abort();
}

static void empty(struct kv *kv)
{
    for (size_t i = 0; i < kv->count; i++)
        free(kv->record[i]);
    free(kv->record);
    kv->record = NULL;
    kv->count = kv->room = kv->dead = 0;
}

static struct kv *store_at(const char *dir)
{
    struct kv **place = place_of(dir);
    if (*place == NULL) {
        *place = must_have(calloc(1, sizeof **place));
        snprintf((*place)->dir, sizeof(*place)->dir, "%s", dir);
    }
    return *place;
}

bool disk_has(const char *dir)
{
    return *place_of(dir) != NULL;
}

void disk_copy(const char *from, const char *to)
{
    const struct kv *old = store_at(from);
    struct kv *new = store_at(to);
    empty(new);
    new->commits = old->commits;
    for (size_t i = 0; i < old->count; i++) {
        const struct record *r = old->record[i];
        if (r->died != FOREVER)
            continue;
        make_room(&new->record, new->count, &new->room);
        new->record[new->count] = record_new(r->bytes, r->key_len, r->bytes + r->key_len, r->len, FOREVER);
        new->record[new->count++]->born = r->born;
    }
}

void disk_clear(void)
{
    for (size_t i = 0; i < STORES_MAX && stores[i] != NULL; i++) {
        empty(stores[i]);
        free(stores[i]);
        stores[i] = NULL;
    }
}

/* --- as kv.h has it --- */

int kv_open(struct kv **out, const char *dir, size_t prefix, struct err *err)
{
    (void)prefix;
    struct kv *kv = store_at(dir);
    if (kv->open)
        return err_set(err, ERR_CONFLICT, "the store %s is open", dir);
    kv->open = true;
    *out = kv;
    return 0;
}

int kv_open_for_reading(struct kv **out, const char *dir, size_t prefix, struct err *err)
{
    return kv_open(out, dir, prefix, err);
}

void kv_close(struct kv *kv)
{
    if (kv != NULL)
        kv->open = false;
}

int kv_checkpoint(struct kv *kv, const char *dir, struct err *err)
{
    (void)err;
    disk_copy(kv->dir, dir);
    return 0;
}

int kv_check(struct kv *kv, uint64_t *records, struct err *err)
{
    (void)err;
    *records = kv->count - kv->dead;
    return 0;
}

int kv_failed(struct kv *kv, struct err *err)
{
    (void)kv;
    (void)err;
    return 0;
}

int kv_get(struct kv *kv, const void *key, size_t key_len, struct buf *value, struct err *err)
{
    const size_t at = bound(kv, key, key_len, true);
    const struct record *r = at > 0 ? kv->record[at - 1] : NULL;
    if (r == NULL || r->died != FOREVER || compare(r, key, key_len) != 0)
        return err_set(err, ERR_NOT_FOUND, "not in the store");
    return buf_put(value, r->bytes + r->key_len, r->len, err);
}

/* --- batches --- */

int kv_batch_new(struct kv_batch **out, struct err *err)
{
    (void)err;
    *out = must_have(calloc(1, sizeof **out));
    return 0;
}

static void change_add(struct kv_batch *batch, struct record *change)
{
    make_room(&batch->change, batch->count, &batch->room);
    batch->change[batch->count++] = change;
}

void kv_batch_put(struct kv_batch *batch, const void *key, size_t key_len, const void *value, size_t len)
{
    change_add(batch, record_new(key, key_len, value, len, FOREVER));
}

void kv_batch_delete(struct kv_batch *batch, const void *key, size_t key_len)
{
    change_add(batch, record_new(key, key_len, NULL, 0, 0));
}

size_t kv_batch_count(const struct kv_batch *batch)
{
    return batch->count;
}

static void shorten(struct kv_batch *batch, size_t count)
{
    while (batch->count > count)
        free(batch->change[--batch->count]);
    batch->mark = 0;
}

void kv_batch_clear(struct kv_batch *batch)
{
    shorten(batch, 0);
}

void kv_batch_free(struct kv_batch *batch)
{
    if (batch == NULL)
        return;
    shorten(batch, 0);
    free(batch->change);
    free(batch);
}

void kv_batch_save(struct kv_batch *batch)
{
    batch->mark = batch->count;
}

int kv_batch_undo(struct kv_batch *batch, struct err *err)
{
    (void)err;
    shorten(batch, batch->mark);
    return 0;
}

int kv_commit(struct kv *kv, struct kv_batch *batch, bool durable, struct err *err)
{
    (void)durable;
    (void)err;
    kv->commits++;
    for (size_t i = 0; i < batch->count; i++)
        apply(kv, batch->change[i]);
    sweep(kv);
    return 0;
}

/* --- cursors --- */

int kv_cursor_open(struct kv_cursor **out, struct kv *kv, struct err *err)
{
    (void)err;
    struct kv_cursor *c = must_have(calloc(1, sizeof *c));
    *c = (struct kv_cursor){.kv = kv, .as_of = kv->commits};
    kv->cursors++;
    *out = c;
    return 0;
}

int kv_cursor_open_prefix(struct kv_cursor **out, struct kv *kv, struct err *err)
{
    return kv_cursor_open(out, kv, err);
}

static void stand(struct kv_cursor *c, size_t at)
{
    while (at < c->kv->count && !is_seen(c->kv->record[at], c->as_of))
        at++;
    c->at = at < c->kv->count ? c->kv->record[at] : NULL;
}

void kv_cursor_seek(struct kv_cursor *cursor, const void *key, size_t key_len)
{
    stand(cursor, bound(cursor->kv, key, key_len, false));
}

bool kv_cursor_valid(const struct kv_cursor *cursor)
{
    return cursor->at != NULL;
}

struct span kv_cursor_key(const struct kv_cursor *cursor)
{
    return span_of(cursor->at->bytes, cursor->at->key_len);
}

struct span kv_cursor_value(const struct kv_cursor *cursor)
{
    return span_of(cursor->at->bytes + cursor->at->key_len, cursor->at->len);
}

void kv_cursor_next(struct kv_cursor *cursor)
{
    stand(cursor, bound(cursor->kv, cursor->at->bytes, cursor->at->key_len, true));
}

int kv_cursor_error(const struct kv_cursor *cursor, struct err *err)
{
    (void)cursor;
    (void)err;
    return 0;
}

void kv_cursor_free(struct kv_cursor *cursor)
{
    if (cursor == NULL)
        return;
    cursor->kv->cursors--;
    sweep(cursor->kv);
    free(cursor);
}
