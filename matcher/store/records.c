/* The small records: names, counts, the manifest in force, pairs, and how far joining them has come. */
#include "matcher/store/rocksdb.h"

#include <stdlib.h>

/* --- names --- */

static uint16_t find_name(const struct store *s, size_t names, const char *name)
{
    for (size_t i = 0; i < names; i++)
        if (strcmp(s->name[i], name) == 0)
            return (uint16_t)(i + 1);
    return 0;
}

uint16_t store_id(struct store *store, const char *name)
{
    pthread_rwlock_rdlock(&store->lock);
    uint16_t id = find_name(store, store->names, name);
    pthread_rwlock_unlock(&store->lock);
    return id;
}

const char *store_name(struct store *store, uint16_t id)
{
    pthread_rwlock_rdlock(&store->lock);
    const char *name = id > 0 && id <= store->names ? store->name[id - 1] : NULL;
    pthread_rwlock_unlock(&store->lock);
    return name;
}

int store_name_add(struct store_write *write, const char *name, uint16_t *id, struct err *err)
{
    struct store *s = write->store;
    *id = find_name(s, s->names_pending, name);
    if (*id != 0)
        return 0;
    if (s->names_pending == STORE_NAMES_MAX)
        return err_set(err, ERR_DENIED, "the store knows %d names of agencies and purposes and can know no more",
                       STORE_NAMES_MAX);
    char *copy = strdup(name);
    if (copy == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a name");
    /* Not under the lock: readers look at committed names alone. */
    s->name[s->names_pending++] = copy;
    *id = (uint16_t)s->names_pending;
    struct key key = key_of('N');
    key_u16(&key, *id);
    write_put(write, &key, name, strlen(name));
    return 0;
}

/* --- counts --- */

/* epoch NULL: all of them. */
static uint64_t sum_counts(struct store *s, uint16_t purpose, const uint32_t *epoch, uint16_t agency)
{
    uint64_t sum = 0;
    pthread_rwlock_rdlock(&s->lock);
    for (size_t i = 0; i < s->counters; i++) {
        const struct counter *c = &s->counter[i];
        if (c->purpose == purpose && c->agency == agency && (epoch == NULL || c->epoch == *epoch))
            sum += c->committed;
    }
    pthread_rwlock_unlock(&s->lock);
    return sum;
}

uint64_t store_count(struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    return sum_counts(store, purpose, &epoch, agency);
}

uint64_t store_count_epochs(struct store *store, uint16_t purpose, uint16_t agency)
{
    return sum_counts(store, purpose, NULL, agency);
}

/* --- the manifest in force --- */

struct store_manifest store_manifest(struct store *store)
{
    pthread_rwlock_rdlock(&store->lock);
    struct store_manifest manifest = store->manifest;
    pthread_rwlock_unlock(&store->lock);
    return manifest;
}

void store_manifest_put(struct store_write *write, const struct store_manifest *manifest)
{
    write->store->manifest_pending = *manifest;
    write->staged = true;
}

/* --- pairs --- */

int store_pairs(struct store *store, struct store_pair **out, size_t *count, struct err *err)
{
    const struct key prefix = key_of('G');
    struct store_pair *pairs = NULL;
    size_t room = 0;
    struct kv_cursor *c = NULL;
    *count = 0;
    *out = NULL;
    int rc = kv_cursor_open(&c, store->kv, err);
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_PAIR_SIZE); kv_cursor_next(c)) {
        const uint8_t *key = kv_cursor_key(c).data;
        if (*count == room) {
            room = room > 0 ? 2 * room : 256;
            struct store_pair *more = realloc(pairs, room * sizeof *more);
            if (more == NULL) {
                rc = err_set(err, ERR_NO_MEMORY, "out of memory for pairs of agencies");
                goto out;
            }
            pairs = more;
        }
        uint8_t state = kv_cursor_value(c).len == 1 ? kv_cursor_value(c).data[0] : STORE_PAIR_JOINED;
        pairs[(*count)++] = (struct store_pair){bytes_get_u16be(key + 1), bytes_get_u16be(key + 3),
                                                bytes_get_u16be(key + 5), (enum store_pair_state)state};
    }
    rc = kv_cursor_error(c, err);
out:
    kv_cursor_free(c);
    if (rc != 0)
        free(pairs);
    else
        *out = pairs;
    return rc;
}

int store_pair_put(struct store_write *write, const struct store_pair *pair, struct err *err)
{
    uint8_t state = (uint8_t)pair->state;
    struct key key = key_of('G');
    if (pair->low >= pair->high)
        return err_set(err, ERR_INTERNAL, "a pair of agencies is out of order");
    key_u16(&key, pair->purpose);
    key_u16(&key, pair->low);
    key_u16(&key, pair->high);
    if (pair->state == STORE_PAIR_NONE)
        write_delete(write, &key);
    else
        write_put(write, &key, &state, 1);
    return 0;
}

/* --- how far joining has come --- */

static struct key progress_key(uint16_t purpose)
{
    struct key key = key_of('J');
    key_u16(&key, purpose);
    return key;
}

int store_progress_get(struct store *store, uint16_t purpose, struct store_position *out, struct err *err)
{
    const struct key key = progress_key(purpose);
    struct buf value = buf_of(32);
    int rc = kv_get(store->kv, key.bytes, key.len, &value, err);
    if (rc == 0 && value.len != 21)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: progress of a join");
    if (rc == 0) {
        out->started = value.data[0] != 0;
        out->epoch = bytes_get_u32be(value.data + 1);
        memcpy(out->tag, value.data + 5, WIRE_TAG_SIZE);
    }
    buf_free(&value);
    return rc;
}

void store_progress_put(struct store_write *write, uint16_t purpose, const struct store_position *position)
{
    const struct key key = progress_key(purpose);
    uint8_t value[21] = {position->started};
    bytes_put_u32be(value + 1, position->epoch);
    memcpy(value + 5, position->tag, WIRE_TAG_SIZE);
    write_put(write, &key, value, sizeof value);
}

void store_progress_end(struct store_write *write, uint16_t purpose)
{
    const struct key key = progress_key(purpose);
    write_delete(write, &key);
}
