#include "client/vault/shelf.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE (1u << 20)
#define LENGTH_SIZE 4
#define GONE UINT32_MAX

/* at: key, length u32be or GONE, value. */
struct pending_item {
    uint64_t prefix; /* of the key: most comparisons end here */
    const uint8_t *at;
    uint32_t number;
    bool skip;
};

struct pending_chunk {
    struct pending_chunk *next;
    size_t used, size;
    uint8_t bytes[];
};

/* --- pending --- */

static void free_chunks(struct pending *p, struct pending_chunk *keep)
{
    for (struct pending_chunk *c = p->chunk, *next; c != NULL; c = next) {
        next = c->next;
        sodium_memzero(c->bytes, c->used);
        c->used = 0;
        if (c != keep)
            free(c);
    }
    p->chunk = keep;
    if (keep != NULL)
        keep->next = NULL;
}

void pending_clear(struct pending *pending)
{
    free_chunks(pending, pending->chunk);
    pending->bytes = pending->count = 0;
    pending->sorted = false;
    if (pending->table != NULL)
        memset(pending->table, 0, pending->slots * sizeof *pending->table);
}

static void pending_free(struct pending *p)
{
    free_chunks(p, NULL);
    free(p->item);
    free(p->table);
    *p = (struct pending){.chunk = NULL};
}

/* Room for len bytes. */
static uint8_t *reserve(struct pending *p, size_t len, struct err *err)
{
    struct pending_chunk *c = p->chunk;
    if (c == NULL || c->size - c->used < len) {
        size_t size = len > CHUNK_SIZE ? len : CHUNK_SIZE;
        c = malloc(sizeof *c + size);
        if (c == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
            return NULL;
        }
        *c = (struct pending_chunk){.next = p->chunk, .size = size};
        p->chunk = c;
    }
    c->used += len;
    p->bytes += len;
    return c->bytes + c->used - len;
}

const uint8_t *pending_key(const struct pending *pending, size_t i)
{
    return pending->item[i].at;
}

struct span pending_value(const struct pending *pending, size_t i, size_t key_size, bool *gone)
{
    const uint8_t *at = pending_key(pending, i) + key_size;
    uint32_t len = bytes_get_u32be(at);
    *gone = len == GONE;
    return span_of(at + LENGTH_SIZE, *gone ? 0 : len);
}

void pending_skip(struct pending *pending, size_t i)
{
    pending->item[i].skip = true;
}

/* Where the key's item is, or would be. Items are counted from one. */
static size_t slot_of(const struct pending *p, const uint8_t *key, size_t size)
{
    size_t i = (size_t)bytes_get_u64le(key) & (p->slots - 1);
    while (p->table[i] != 0 && memcmp(pending_key(p, p->table[i] - 1), key, size) != 0)
        i = (i + 1) & (p->slots - 1);
    return i;
}

static int grow_table(struct pending *p, size_t size, struct err *err)
{
    if (2 * (p->count + 1) < p->slots)
        return 0;
    free(p->table);
    p->slots = p->slots > 0 ? 2 * p->slots : 1024;
    p->table = calloc(p->slots, sizeof *p->table);
    if (p->table == NULL) {
        p->slots = 0;
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    }
    for (size_t i = 0; i < p->count; i++)
        p->table[slot_of(p, pending_key(p, i), size)] = (uint32_t)i + 1;
    return 0;
}

static int grow_items(struct pending *p, struct err *err)
{
    if (p->count < p->room)
        return 0;
    size_t room = p->room > 0 ? 2 * p->room : 1024;
    struct pending_item *more = realloc(p->item, room * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    p->item = more;
    p->room = room;
    return 0;
}

int shelf_put(struct shelf *shelf, const uint8_t *key, const struct span *value, struct err *err)
{
    struct pending *p = &shelf->pending;
    size_t size = shelf->kind.key_size, len = value != NULL ? value->len : 0;
    int rc = grow_items(p, err);
    if (rc == 0 && shelf->kind.filtered)
        rc = grow_table(p, size, err);
    uint8_t *to = rc == 0 ? reserve(p, size + LENGTH_SIZE + len, err) : NULL;
    if (to == NULL)
        return err_code(err);
    p->item[p->count] = (struct pending_item){bytes_get_u64be(key), to, (uint32_t)p->count, false};
    memcpy(to, key, size);
    bytes_put_u32be(to + size, value != NULL ? (uint32_t)len : GONE);
    if (len > 0)
        memcpy(to + size + LENGTH_SIZE, value->data, len);
    p->count++;
    p->sorted = false;
    if (shelf->kind.filtered)
        p->table[slot_of(p, key, size)] = (uint32_t)p->count;
    return 0;
}

static int by_key(const void *a, const void *b, void *context)
{
    const struct pending_item *x = a, *y = b;
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    int differs = memcmp(x->at, y->at, *(const size_t *)context);
    return differs != 0 ? differs : x->number < y->number ? -1 : 1;
}

void pending_sort(struct pending *pending, size_t key_size)
{
    size_t kept = 0;
    if (pending->sorted || pending->count == 0)
        return;
    qsort_r(pending->item, pending->count, sizeof *pending->item, by_key, &key_size);
    for (size_t i = 0; i < pending->count; i++) {
        if (i + 1 < pending->count && memcmp(pending_key(pending, i), pending_key(pending, i + 1), key_size) == 0)
            continue;
        pending->item[kept++] = pending->item[i];
    }
    pending->count = kept;
    pending->sorted = true;
}

int shelf_write(struct shelf *shelf, struct run_info *info, struct err *err)
{
    struct pending *p = &shelf->pending;
    struct run_writer *writer = NULL;
    pending_sort(p, shelf->kind.key_size);
    int rc = run_create(&writer, &shelf->kind, p->count, err);
    for (size_t i = 0; rc == 0 && i < p->count; i++) {
        bool gone;
        struct span value = pending_value(p, i, shelf->kind.key_size, &gone);
        if (!p->item[i].skip)
            rc = run_put(writer, pending_key(p, i), gone ? NULL : &value, err);
    }
    if (rc == 0)
        return run_finish(writer, info, err);
    run_abandon(writer);
    return rc;
}

/* --- runs --- */

void shelf_drop(struct shelf *shelf, size_t from, size_t count)
{
    if (count == 0)
        return;
    for (size_t i = from; i < from + count; i++) {
        run_cursor_close(&shelf->at[i].look);
        run_close(shelf->at[i].run);
    }
    memmove(shelf->at + from, shelf->at + from + count, (shelf->count - from - count) * sizeof *shelf->at);
    shelf->count -= count;
}

void shelf_clear(struct shelf *shelf)
{
    shelf_drop(shelf, 0, shelf->count);
    free(shelf->at);
    shelf->at = NULL;
    shelf->room = 0;
    pending_free(&shelf->pending);
}

int shelf_add(struct shelf *shelf, const struct run_info *info, int64_t number, unsigned level, struct err *err)
{
    if (shelf->count == shelf->room) {
        size_t room = shelf->room > 0 ? 2 * shelf->room : 8;
        struct shelved *more = realloc(shelf->at, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
        shelf->at = more;
        shelf->room = room;
    }
    struct shelved *s = &shelf->at[shelf->count];
    *s = (struct shelved){.number = number, .level = level};
    int rc = run_open(&s->run, &shelf->kind, info, err);
    if (rc == 0) {
        run_cursor_open(&s->look, s->run);
        shelf->count++;
    }
    return rc;
}

uint64_t shelf_entries(const struct shelf *shelf)
{
    uint64_t n = 0;
    for (size_t i = 0; i < shelf->count; i++)
        n += run_info(shelf->at[i].run)->entries;
    return n;
}

/* --- looking --- */

int shelf_get(struct shelf *shelf, const uint8_t *key, struct span *value, bool *found, struct err *err)
{
    struct pending *p = &shelf->pending;
    bool gone = true;
    size_t size = shelf->kind.key_size;
    uint32_t item = p->count > 0 && shelf->kind.filtered ? p->table[slot_of(p, key, size)] : 0;
    *found = false;
    if (item != 0) {
        *value = pending_value(p, item - 1, size, &gone);
        *found = !gone;
        return 0;
    }
    for (size_t i = shelf->count; i > 0; i--) {
        struct run_cursor *look = &shelf->at[i - 1].look;
        if (!run_may_have(shelf->at[i - 1].run, key))
            continue;
        int rc = run_seek(look, key, err);
        if (rc != 0)
            return rc;
        if (!look->valid || memcmp(look->key, key, size) != 0)
            continue;
        *value = look->value;
        *found = !look->gone;
        return 0;
    }
    return 0;
}

int shelf_cursor_open(struct shelf_cursor *cursor, const struct shelf *shelf, size_t from, size_t runs, struct err *err)
{
    struct shelf_cursor *c = cursor;
    size_t n = runs < shelf->count - from ? runs : shelf->count - from;
    *c = (struct shelf_cursor){.shelf = shelf};
    c->cursor = calloc(n + 1, sizeof *c->cursor);
    c->heap = calloc(n + 1, sizeof *c->heap);
    if (c->cursor == NULL || c->heap == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    for (; c->runs < n; c->runs++)
        run_cursor_open(&c->cursor[c->runs], shelf->at[from + c->runs].run);
    return 0;
}

void shelf_cursor_close(struct shelf_cursor *cursor)
{
    for (size_t i = 0; i < cursor->runs; i++)
        run_cursor_close(&cursor->cursor[i]);
    free(cursor->cursor);
    free(cursor->heap);
    *cursor = (struct shelf_cursor){.shelf = NULL};
}

/* By key; of equal keys the newer run first. */
static bool before(const struct shelf_cursor *c, size_t a, size_t b)
{
    int differs = memcmp(c->cursor[a].key, c->cursor[b].key, c->shelf->kind.key_size);
    return differs != 0 ? differs < 0 : a > b;
}

static void sift_down(struct shelf_cursor *c, size_t i)
{
    for (;;) {
        size_t least = i, left = 2 * i + 1;
        for (size_t k = left; k < left + 2 && k < c->live; k++)
            if (before(c, c->heap[k], c->heap[least]))
                least = k;
        if (least == i)
            return;
        size_t swap = c->heap[i];
        c->heap[i] = c->heap[least];
        c->heap[least] = swap;
        i = least;
    }
}

static void make_heap(struct shelf_cursor *c)
{
    c->live = 0;
    for (size_t i = 0; i < c->runs; i++)
        if (c->cursor[i].valid)
            c->heap[c->live++] = i;
    for (size_t i = c->live / 2; i > 0; i--)
        sift_down(c, i - 1);
}

/* Moves the run on top past its key. */
static int step_top(struct shelf_cursor *c, struct err *err)
{
    struct run_cursor *top = &c->cursor[c->heap[0]];
    int rc = run_next(top, err);
    if (!top->valid)
        c->heap[0] = c->heap[--c->live];
    sift_down(c, 0);
    return rc;
}

/* Older entries of the key that `of` shows. */
static int pass_older(struct shelf_cursor *c, struct run_cursor *of, struct err *err)
{
    size_t size = c->shelf->kind.key_size;
    int rc = 0;
    memcpy(c->passed, of->key, size);
    while (rc == 0 && c->live > 0 && memcmp(c->cursor[c->heap[0]].key, c->passed, size) == 0)
        rc = step_top(c, err);
    return rc;
}

/* Shows what is on top, or the first behind it that is not gone. */
static int show(struct shelf_cursor *c, struct err *err)
{
    int rc = 0;
    while (rc == 0 && !c->keep_gone && c->live > 0 && c->cursor[c->heap[0]].gone)
        rc = pass_older(c, &c->cursor[c->heap[0]], err);
    c->valid = rc == 0 && c->live > 0;
    if (c->valid) {
        const struct run_cursor *top = &c->cursor[c->heap[0]];
        c->key = top->key;
        c->value = top->value;
        c->gone = top->gone;
    }
    return rc;
}

int shelf_first(struct shelf_cursor *cursor, struct err *err)
{
    int rc = 0;
    cursor->placed = false;
    for (size_t i = 0; rc == 0 && i < cursor->runs; i++)
        rc = run_first(&cursor->cursor[i], err);
    make_heap(cursor);
    if (rc == 0)
        rc = show(cursor, err);
    return rc;
}

int shelf_seek(struct shelf_cursor *cursor, const uint8_t *key, struct err *err)
{
    struct shelf_cursor *c = cursor;
    const size_t size = c->shelf->kind.key_size;
    const bool onwards = c->placed && memcmp(key, c->passed, size) > 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->runs; i++)
        if (!onwards || (c->cursor[i].valid && memcmp(c->cursor[i].key, key, size) < 0))
            rc = run_seek(&c->cursor[i], key, err);
    make_heap(c);
    c->placed = rc == 0;
    memcpy(c->passed, key, size);
    return rc == 0 ? show(c, err) : rc;
}

int shelf_next(struct shelf_cursor *cursor, struct err *err)
{
    int rc = pass_older(cursor, &cursor->cursor[cursor->heap[0]], err);
    if (rc == 0)
        rc = show(cursor, err);
    return rc;
}

/* --- merging --- */

size_t shelf_crowded(const struct shelf *shelf, size_t width, size_t *from)
{
    for (size_t end = shelf->count; end > 0;) {
        size_t begin = end;
        while (begin > 0 && shelf->at[begin - 1].level == shelf->at[end - 1].level)
            begin--;
        *from = begin;
        if (end - begin >= width)
            return end - begin;
        end = begin;
    }
    return 0;
}

int shelf_merge(const struct shelf *shelf, size_t from, size_t count, struct run_info *info, struct err *err)
{
    struct shelf_cursor c;
    struct run_writer *writer = NULL;
    uint64_t entries = 0;
    for (size_t i = from; i < from + count; i++)
        entries += run_info(shelf->at[i].run)->entries;
    int rc = shelf_cursor_open(&c, shelf, from, count, err);
    c.keep_gone = from > 0;
    if (rc == 0)
        rc = run_create(&writer, &shelf->kind, entries, err);
    if (rc == 0)
        rc = shelf_first(&c, err);
    while (rc == 0 && c.valid) {
        rc = run_put(writer, c.key, c.gone ? NULL : &c.value, err);
        if (rc == 0)
            rc = shelf_next(&c, err);
    }
    shelf_cursor_close(&c);
    if (rc == 0)
        return run_finish(writer, info, err);
    run_abandon(writer);
    return rc;
}
