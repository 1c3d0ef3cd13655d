/* What partners' entries came in, and the records that are to be looked at anew for it. */
#include "client/vault/told.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define RESOLVE_RECORDS 8192      /* looked at together: the fewer walks over the tags */
#define RESOLVE_BYTES (64u << 20) /* of their hits; if there are more, fewer records */

/* --- taking in --- */

static void hit_key(struct vault *v, uint8_t out[HIT_KEY_SIZE], const uint8_t tag[WIRE_TAG_SIZE], const char *partner,
                    size_t len)
{
    if (len == 0 || len != strlen(v->partner.name) || memcmp(partner, v->partner.name, len) != 0) {
        memcpy(v->partner.name, partner, len);
        v->partner.name[len] = '\0';
        vault_hash(v, v->partner.hash, partner, len);
    }
    memcpy(out, tag, WIRE_TAG_SIZE);
    memcpy(out + WIRE_TAG_SIZE, v->partner.hash, HIT_KEY_SIZE - WIRE_TAG_SIZE);
}

int vault_hit_put(struct vault *vault, int64_t domain, const char *partner, const uint8_t tag[WIRE_TAG_SIZE],
                  struct span payload, struct err *err)
{
    struct vault_domain *d;
    uint8_t key[HIT_KEY_SIZE], value[1 + PARTY_NAME_MAX + WIRE_PAYLOAD_MAX];
    size_t len = strnlen(partner, PARTY_NAME_MAX);
    int rc = vault_shelves_locked(vault, domain, &d, err);
    if (rc != 0)
        return rc;
    if (payload.len > WIRE_PAYLOAD_MAX)
        return err_set(err, ERR_INPUT, "a payload of %zu bytes is too long", payload.len);
    hit_key(vault, key, tag, partner, len);
    value[0] = (uint8_t)len;
    memcpy(value + 1, partner, len);
    if (payload.len > 0)
        memcpy(value + 1 + len, payload.data, payload.len);
    struct span whole = span_of(value, 1 + len + payload.len);
    return shelf_put(&d->shelf[SHELF_HIT], key, payload.len > 0 ? &whole : NULL, err);
}

/* --- looking at records anew --- */

/* A token of a record that is looked at. */
struct wanted {
    struct token token; /* first: they are sorted by tag */
    uint8_t key;
    uint32_t record;
};

/* A hit of one of those; its partner and payload lie in the bytes. */
struct found {
    uint32_t record, wanted;
    size_t at, name_len, len;
};

/* A record that is looked at. */
struct looked {
    uint32_t keys; /* those that the matcher knows, or will */
    bool there;
    uint8_t seed[RECORD_SEED_SIZE];
    size_t id; /* where it begins in `ids` */
};

struct look {
    struct vault_domain *domain;
    struct vault_refs records;
    struct looked *record; /* for each of them */
    struct buf ids;        /* ended by NULs */
    struct wanted *wanted;
    size_t wanted_count, wanted_room, found_count, found_room;
    struct found *found;
    struct buf bytes;
};

static void look_free(struct look *l)
{
    if (l->record != NULL)
        sodium_memzero(l->record, l->records.count * sizeof *l->record);
    free(l->record);
    vault_refs_free(&l->records);
    buf_free(&l->ids);
    if (l->wanted != NULL)
        sodium_memzero(l->wanted, l->wanted_room * sizeof *l->wanted);
    free(l->wanted);
    free(l->found);
    buf_free(&l->bytes);
}

static int read_stale(struct vault *v, struct look *l, size_t limit, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT record FROM stale WHERE domain = ? ORDER BY record LIMIT ?", "ii",
                                 l->domain->number, (int64_t)limit);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        uint8_t ref[VAULT_RECORD_SIZE];
        rc = vault_column_bytes(ref, sizeof ref, s, 0, "stale", err);
        if (rc == 0)
            rc = vault_refs_add(&l->records, ref, err);
    }
    sqlite3_reset(s);
    l->record = calloc(l->records.count + 1, sizeof *l->record);
    if (rc == 0 && l->record == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for matches");
    return rc;
}

static void *grow(void *array, size_t count, size_t *room, size_t size, struct err *err)
{
    if (count < *room)
        return array;
    size_t more = *room > 0 ? 2 * *room : 4096;
    void *grown = malloc(more * size);
    if (grown == NULL) {
        err_set(err, ERR_NO_MEMORY, "out of memory for matches");
        return NULL;
    }
    if (count > 0) { /* seal keys among it: no copy is left behind */
        memcpy(grown, array, count * size);
        sodium_memzero(array, count * size);
    }
    free(array);
    *room = more;
    return grown;
}

static int want_tokens(struct look *l, uint32_t record, const struct record_view *view, struct err *err)
{
    uint8_t *tag[SCHEMA_TOKENS_MAX] = {NULL};
    const uint8_t *seal_key[SCHEMA_TOKENS_MAX] = {NULL};
    const size_t first = l->wanted_count;
    for (size_t i = 0; i < view->count; i++) {
        struct wanted *more = grow(l->wanted, l->wanted_count, &l->wanted_room, sizeof *more, err);
        if (more == NULL)
            return err_code(err);
        l->wanted = more;
        struct wanted *w = &l->wanted[l->wanted_count++];
        w->key = record_seal_key(w->token.seal_key, view, i);
        w->record = record;
    }
    for (size_t i = 0; i < view->count; i++) {
        tag[i] = l->wanted[first + i].token.tag;
        seal_key[i] = l->wanted[first + i].token.seal_key;
    }
    token_tags(tag, seal_key, view->count);
    return 0;
}

static int read_record(struct look *l, uint32_t i, struct err *err)
{
    struct record_view view;
    struct span value;
    struct looked *record = &l->record[i];
    int rc = shelf_get(&l->domain->shelf[SHELF_RECORD], l->records.ref[i].bytes, &value, &record->there, err);
    if (rc != 0 || !record->there)
        return rc;
    record->id = l->ids.len;
    rc = record_parse(&view, value, err);
    if (rc == 0)
        memcpy(record->seed, view.seed, sizeof record->seed);
    if (rc == 0)
        rc = buf_put(&l->ids, view.id.data, view.id.len, err);
    if (rc == 0)
        rc = buf_put(&l->ids, "", 1, err);
    if (rc == 0)
        rc = want_tokens(l, i, &view, err);
    return rc;
}

static int read_records(struct look *l, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < l->records.count; i++)
        rc = read_record(l, (uint32_t)i, err);
    return rc;
}

/* As the shelves are. Nearly all tags differ in their first bytes; records are in the order of their refs. */
static int by_tag(const void *a, const void *b)
{
    const uint64_t x = bytes_get_u64be(a), y = bytes_get_u64be(b);
    if (x != y)
        return x < y ? -1 : 1;
    const int differs = memcmp(a, b, WIRE_TAG_SIZE);
    const uint32_t one = ((const struct wanted *)a)->record, other = ((const struct wanted *)b)->record;
    return differs != 0 ? differs : one < other ? -1 : one > other;
}

/* A tag that too many share is not at the matcher: its key says nothing, and old hits of it mean nothing. */
static int look_up_tag(struct look *l, struct shelf_cursor *tags, const struct wanted *w, bool *counts, struct err *err)
{
    uint8_t key[TAGGED_SIZE];
    struct told told = {.sent = true};
    memcpy(key, w->token.tag, WIRE_TAG_SIZE);
    memcpy(key + WIRE_TAG_SIZE, l->records.ref[w->record].bytes, VAULT_RECORD_SIZE);
    int rc = shelf_seek(tags, key, err);
    bool known = rc == 0 && tags->valid && memcmp(tags->key, key, sizeof key) == 0;
    if (known)
        rc = told_read(&told, tags->value, err);
    *counts = told.sent;
    if (*counts)
        l->record[w->record].keys |= 1u << w->key;
    return rc;
}

static int take_hits(struct look *l, struct shelf_cursor *hits, uint32_t wanted, struct err *err)
{
    const struct wanted *w = &l->wanted[wanted];
    uint8_t from[HIT_KEY_SIZE] = {0};
    memcpy(from, w->token.tag, WIRE_TAG_SIZE);
    int rc = shelf_seek(hits, from, err);
    while (rc == 0 && hits->valid && memcmp(hits->key, w->token.tag, WIRE_TAG_SIZE) == 0) {
        struct found *more = grow(l->found, l->found_count, &l->found_room, sizeof *more, err);
        struct span value = hits->value;
        if (more == NULL)
            return err_code(err);
        l->found = more;
        if (value.len < 2 || value.data[0] > PARTY_NAME_MAX || value.len < 2u + value.data[0])
            return vault_damaged("hit", err);
        l->found[l->found_count++] =
            (struct found){w->record, wanted, l->bytes.len, value.data[0], value.len - 1 - value.data[0]};
        rc = buf_put(&l->bytes, value.data + 1, value.len - 1, err);
        if (rc == 0)
            rc = shelf_next(hits, err);
    }
    return rc;
}

static int look_up(struct look *l, struct err *err)
{
    struct shelf_cursor tags = {.shelf = NULL}, hits = {.shelf = NULL};
    bool counts;
    if (l->wanted_count > 0)
        qsort(l->wanted, l->wanted_count, sizeof *l->wanted, by_tag);
    int rc = shelf_cursor_open(&tags, &l->domain->shelf[SHELF_TAG], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&hits, &l->domain->shelf[SHELF_HIT], 0, SIZE_MAX, err);
    for (size_t i = 0; rc == 0 && i < l->wanted_count && l->bytes.len <= RESOLVE_BYTES; i++) {
        rc = look_up_tag(l, &tags, &l->wanted[i], &counts, err);
        if (rc == 0 && counts)
            rc = take_hits(l, &hits, (uint32_t)i, err);
    }
    shelf_cursor_close(&tags);
    shelf_cursor_close(&hits);
    return rc;
}

static int by_record(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return x->record != y->record ? (x->record < y->record ? -1 : 1) : x->at < y->at ? -1 : x->at > y->at;
}

static int show_hit(struct look *l, const struct found *f, const struct vault_resolving *r, struct err *err)
{
    const struct wanted *w = &l->wanted[f->wanted];
    struct vault_hit hit = {.key = w->key, .payload = span_of(l->bytes.data + f->at + f->name_len, f->len)};
    memcpy(hit.tag, w->token.tag, sizeof hit.tag);
    memcpy(hit.seal_key, w->token.seal_key, sizeof hit.seal_key);
    memcpy(hit.partner, l->bytes.data + f->at, f->name_len);
    int rc = r->hit(r->context, &hit, err);
    sodium_memzero(&hit, sizeof hit);
    return rc;
}

static int show(struct look *l, const struct vault_resolving *r, struct err *err)
{
    size_t at = 0;
    int rc = 0;
    if (l->found_count > 0)
        qsort(l->found, l->found_count, sizeof *l->found, by_record);
    for (size_t i = 0; rc == 0 && i < l->records.count; i++) {
        const struct looked *looked = &l->record[i];
        if (!looked->there)
            continue;
        r->begin(r->context);
        for (; rc == 0 && at < l->found_count && l->found[at].record == i; at++)
            rc = show_hit(l, &l->found[at], r, err);
        const struct vault_resolved record = {l->records.ref[i], (const char *)l->ids.data + looked->id, looked->seed,
                                              looked->keys};
        if (rc == 0)
            rc = r->end(r->context, &record, err);
    }
    if (r->flush == NULL)
        return rc;
    const int flushed = r->flush(r->context, rc == 0, err);
    return rc != 0 ? rc : flushed;
}

/* At most so many records in a transaction. *records 0: there is no more. */
static int resolve_some(struct vault *v, struct vault_domain *d, size_t limit, const struct vault_resolving *r,
                        size_t *records, bool *fits, struct err *err)
{
    struct look l = {
        .domain = d, .ids = buf_of(RESOLVE_RECORDS * (VAULT_ID_MAX + 1)), .bytes = buf_of(4 * RESOLVE_BYTES)};
    int rc = read_stale(v, &l, limit, err);
    if (rc == 0)
        rc = read_records(&l, err);
    if (rc == 0)
        rc = look_up(&l, err);
    *records = l.records.count;
    *fits = l.bytes.len <= RESOLVE_BYTES || limit == 1;
    if (rc == 0 && *fits && l.records.count > 0) {
        rc = show(&l, r, err);
        if (rc == 0)
            rc = vault_do(v, err, "DELETE FROM stale WHERE domain = ? AND record <= ?", "ib", d->number,
                          l.records.ref[l.records.count - 1].bytes, (size_t)VAULT_RECORD_SIZE);
    }
    look_free(&l);
    return rc;
}

int vault_resolve(struct vault *vault, int64_t domain, const struct vault_resolving *resolving, uint64_t *records,
                  struct err *err)
{
    struct vault_domain *d;
    size_t limit = RESOLVE_RECORDS, n = 1;
    int rc = vault_shelves_locked(vault, domain, &d, err);
    while (rc == 0 && n > 0) {
        bool fits = true;
        rc = vault_begin(vault, err);
        if (rc == 0)
            rc = resolve_some(vault, d, limit, resolving, &n, &fits, err);
        if (rc == 0)
            rc = vault_commit(vault, err);
        vault_rollback(vault);
        *records += rc == 0 && fits ? n : 0;
        limit = fits ? limit : (limit + 7) / 8;
    }
    return rc;
}
