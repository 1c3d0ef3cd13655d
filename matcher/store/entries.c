/* Entries: one record a tag and agency, the entries of a tag side by side, and the same by age. */
#include "matcher/store/rocksdb.h"

#include <sodium.h>
#include <stdlib.h>

#define ENTRIES_MAX STORE_NAMES_MAX
#define ENTRY_BYTES_MAX (64u << 20) /* payloads of all agencies for one tag */
#define ENTRY_HEAD 10               /* time, number of exceptions */
#define EXCEPT_MAX STORE_NAMES_MAX
#define SET_ROOM_LEAST 1024

/* --- tags changed by a write --- */

static uint64_t fingerprint(const struct tag_set *set, const struct tag_place *at)
{
    uint8_t in[WIRE_TAG_SIZE + 6], out[8];
    _Static_assert(sizeof set->key == crypto_shorthash_KEYBYTES, "the key of SipHash");
    memcpy(in, at->tag, WIRE_TAG_SIZE);
    bytes_put_u16be(in + WIRE_TAG_SIZE, at->purpose);
    bytes_put_u32be(in + WIRE_TAG_SIZE + 2, at->epoch);
    crypto_shorthash(out, in, sizeof in, set->key);
    return bytes_get_u64le(out) | 1; /* never the free slot's 0 */
}

static size_t find_slot(const uint64_t *slot, size_t room, uint64_t print)
{
    size_t i = (size_t)(print >> 8) & (room - 1);
    while (slot[i] != 0 && slot[i] != print)
        i = (i + 1) & (room - 1);
    return i;
}

static int grow_set(struct tag_set *set, struct err *err)
{
    size_t room = set->room > 0 ? 2 * set->room : SET_ROOM_LEAST;
    uint64_t *slot = calloc(room, sizeof *slot);
    if (slot == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a write");
    for (size_t i = 0; i < set->room; i++)
        if (set->slot[i] != 0)
            slot[find_slot(slot, room, set->slot[i])] = set->slot[i];
    free(set->slot);
    set->slot = slot;
    set->room = room;
    return 0;
}

int tag_set_add(struct tag_set *set, const struct tag_place *at, struct err *err)
{
    if (2 * set->count >= set->room) {
        int rc = grow_set(set, err);
        if (rc != 0)
            return rc;
    }
    uint64_t print = fingerprint(set, at);
    size_t i = find_slot(set->slot, set->room, print);
    set->count += set->slot[i] == 0;
    set->slot[i] = print;
    return 0;
}

bool tag_set_has(const struct tag_set *set, const struct tag_place *at)
{
    if (set->count == 0)
        return false;
    return set->slot[find_slot(set->slot, set->room, fingerprint(set, at))] != 0;
}

bool store_write_hides(const struct store_write *write, const struct tag_place *at)
{
    return tag_set_has(&write->changed, at);
}

/* --- reading --- */

void store_entries_init(struct store_entries *entries)
{
    *entries = (struct store_entries){.bytes = buf_of(ENTRY_BYTES_MAX)};
}

void store_entries_free(struct store_entries *entries)
{
    free(entries->entry);
    buf_free(&entries->bytes);
    *entries = (struct store_entries){0};
}

const struct store_entry *store_entries_own(const struct store_entries *entries, uint16_t agency)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->entry[i].agency == agency)
            return &entries->entry[i];
    return NULL;
}

static int add_entry(struct store_entries *out, uint16_t agency, struct span value, struct err *err)
{
    size_t except = value.len >= ENTRY_HEAD ? 2 * (size_t)bytes_get_u16be(value.data + 8) : 0;
    if (out->count == ENTRIES_MAX || value.len < ENTRY_HEAD + except)
        return err_set(err, ERR_VERIFY, "the matcher's store is damaged: entries");
    if (out->count == out->room) {
        size_t room = out->room > 0 ? 2 * out->room : 16;
        struct store_entry *more = realloc(out->entry, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for entries");
        out->entry = more;
        out->room = room;
    }
    struct store_entry *e = &out->entry[out->count];
    e->agency = agency;
    e->time = bytes_get_u64be(value.data);
    e->except.len = except;
    e->payload.len = value.len - ENTRY_HEAD - except;
    int rc = buf_put(&out->bytes, value.data + ENTRY_HEAD, value.len - ENTRY_HEAD, err);
    out->count += rc == 0;
    return rc;
}

/* The buffer may have moved while it grew: what lies in it is found again from the lengths. */
static void place_spans(struct store_entries *out)
{
    const uint8_t *at = out->bytes.data;
    for (size_t i = 0; i < out->count; i++) {
        struct store_entry *e = &out->entry[i];
        e->except.data = at;
        e->payload.data = at + e->except.len;
        at += e->except.len + e->payload.len;
    }
}

bool store_entry_excludes(const struct store_entry *entry, uint16_t agency)
{
    for (size_t i = 0; i + 2 <= entry->except.len; i += 2)
        if (bytes_get_u16be(entry->except.data + i) == agency)
            return true;
    return false;
}

/* Gathers the entries whose keys begin with prefix, from where the cursor stands. */
static int gather(struct kv_cursor *cursor, const struct key *prefix, struct store_entries *out, struct err *err)
{
    int rc = 0;
    out->count = 0;
    buf_clear(&out->bytes);
    while (rc == 0 && kv_cursor_valid(cursor) && key_begins(prefix, kv_cursor_key(cursor), KEY_ENTRY_SIZE)) {
        uint16_t agency = bytes_get_u16be(kv_cursor_key(cursor).data + KEY_ENTRY_PREFIX);
        rc = add_entry(out, agency, kv_cursor_value(cursor), err);
        kv_cursor_next(cursor);
    }
    place_spans(out);
    if (rc == 0)
        rc = kv_cursor_error(cursor, err);
    return rc;
}

int store_entries_get(struct store_write *write, const struct tag_place *at, struct store_entries *out, struct err *err)
{
    const struct key prefix = key_entries(at);
    int rc = write->lookup == NULL ? kv_cursor_open_prefix(&write->lookup, write->store->kv, err) : 0;
    if (rc != 0)
        return rc;
    kv_cursor_seek(write->lookup, prefix.bytes, prefix.len);
    return gather(write->lookup, &prefix, out, err);
}

int store_entries_next(struct store_write *write, uint16_t purpose, struct store_position *position,
                       struct store_entries *out, bool *found, struct err *err)
{
    struct key prefix = key_of('E');
    struct key from = key_of('E');
    key_u16(&prefix, purpose);
    *found = false;
    if (position->started)
        from = key_entries(&(struct tag_place){purpose, position->epoch, position->tag});
    else
        key_u16(&from, purpose);
    if (position->started)
        key_u16(&from, UINT16_MAX); /* behind every agency's entry for that tag: numbers stay below STORE_NAMES_MAX */
    int rc = write->cursor == NULL ? kv_cursor_open(&write->cursor, write->store->kv, err) : 0;
    if (rc != 0)
        return rc;
    kv_cursor_seek(write->cursor, from.bytes, from.len);
    if (!kv_cursor_valid(write->cursor) || !key_begins(&prefix, kv_cursor_key(write->cursor), KEY_ENTRY_SIZE))
        return kv_cursor_error(write->cursor, err);
    const uint8_t *key = kv_cursor_key(write->cursor).data;
    position->started = true;
    position->epoch = bytes_get_u32be(key + 3);
    memcpy(position->tag, key + 7, WIRE_TAG_SIZE);
    prefix = key_entries(&(struct tag_place){purpose, position->epoch, position->tag});
    *found = true;
    return gather(write->cursor, &prefix, out, err);
}

int store_expired(struct store_write *write, uint16_t purpose, uint64_t before, struct store_expired *out, size_t max,
                  size_t *count, struct err *err)
{
    struct kv_cursor *c = NULL;
    struct key prefix = key_of('X');
    key_u16(&prefix, purpose);
    *count = 0;
    int rc = kv_cursor_open(&c, write->store->kv, err);
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         *count < max && kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_AGE_SIZE); kv_cursor_next(c)) {
        const uint8_t *key = kv_cursor_key(c).data;
        if (bytes_get_u64be(key + 3) >= before)
            break;
        struct store_expired *e = &out[(*count)++];
        e->epoch = bytes_get_u32be(key + 11);
        memcpy(e->tag, key + 15, WIRE_TAG_SIZE);
        e->agency = bytes_get_u16be(key + 31);
    }
    rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}

/* --- changing --- */

int store_entry_put(struct store_write *write, const struct tag_place *at, const struct store_entry *old,
                    const struct store_entry *entry, struct err *err)
{
    uint8_t value[ENTRY_HEAD + 2 * EXCEPT_MAX + WIRE_PAYLOAD_MAX];
    const size_t head = ENTRY_HEAD + entry->except.len;
    struct store_held *held;
    if (entry->payload.len > WIRE_PAYLOAD_MAX || entry->except.len > (size_t)2 * EXCEPT_MAX)
        return err_set(err, ERR_INPUT, "an entry with a payload of %zu bytes is too long", entry->payload.len);
    int rc = tag_set_add(&write->changed, at, err);
    if (rc == 0)
        rc = numbers_held(write->store, at->purpose, at->epoch, entry->agency, &held, err);
    if (rc != 0)
        return rc;
    struct key key = key_entries(at);
    key_u16(&key, entry->agency);
    bytes_put_u64be(value, entry->time);
    bytes_put_u16be(value + 8, (uint16_t)(entry->except.len / 2));
    if (entry->except.len > 0)
        memcpy(value + ENTRY_HEAD, entry->except.data, entry->except.len);
    memcpy(value + head, entry->payload.data, entry->payload.len);
    write_put(write, &key, value, head + entry->payload.len);
    if (old != NULL && old->time != entry->time) {
        key = key_age(at, old->time, entry->agency);
        write_delete(write, &key);
    }
    if (old == NULL || old->time != entry->time) {
        key = key_age(at, entry->time, entry->agency);
        write_put(write, &key, NULL, 0);
    }
    if (old == NULL)
        held->count++;
    return 0;
}

int store_entry_remove(struct store_write *write, const struct tag_place *at, const struct store_entry *old,
                       struct err *err)
{
    struct store_held *held;
    int rc = tag_set_add(&write->changed, at, err);
    if (rc == 0)
        rc = numbers_held(write->store, at->purpose, at->epoch, old->agency, &held, err);
    if (rc != 0)
        return rc;
    struct key key = key_entries(at);
    key_u16(&key, old->agency);
    write_delete(write, &key);
    key = key_age(at, old->time, old->agency);
    write_delete(write, &key);
    held->count -= held->count > 0;
    return 0;
}
