/*
 * Couples that wait: in order for who lets them meet, by tag for who changes an entry. There are records only where
 * they are.
 */
#include "matcher/store/rocksdb.h"

#define LEAF_SIZE 8

static struct key order_key(const struct store_pair *pair, const struct store_waiting *waiting)
{
    struct key key = key_pair('Q', pair->purpose, pair->low, pair->high);
    key_u64(&key, waiting->leaf);
    key_u32(&key, waiting->epoch);
    key_bytes(&key, waiting->tag, WIRE_TAG_SIZE);
    return key;
}

static struct key tag_key(const struct store_pair *pair, const struct store_waiting *waiting)
{
    struct key key = key_of('T');
    key_u16(&key, pair->purpose);
    key_u32(&key, waiting->epoch);
    key_bytes(&key, waiting->tag, WIRE_TAG_SIZE);
    key_u16(&key, pair->low);
    key_u16(&key, pair->high);
    return key;
}

void store_waiting_put(struct store_write *write, const struct store_pair *pair, const struct store_waiting *waiting)
{
    const struct key order = order_key(pair, waiting), tag = tag_key(pair, waiting);
    uint8_t leaf[LEAF_SIZE];
    bytes_put_u64be(leaf, waiting->leaf);
    write_put(write, &order, NULL, 0);
    write_put(write, &tag, leaf, sizeof leaf);
}

void store_waiting_remove(struct store_write *write, const struct store_pair *pair, const struct store_waiting *waiting)
{
    const struct key order = order_key(pair, waiting), tag = tag_key(pair, waiting);
    write_delete(write, &order);
    write_delete(write, &tag);
}

int store_waiting_get(struct store_write *write, const struct store_pair *pair, struct store_waiting *waiting,
                      struct err *err)
{
    const struct key key = tag_key(pair, waiting);
    struct buf value = buf_of(2 * LEAF_SIZE);
    int rc = kv_get(write->store->kv, key.bytes, key.len, &value, err);
    if (rc == 0 && value.len != LEAF_SIZE)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: a couple that waits");
    if (rc == 0)
        waiting->leaf = bytes_get_u64be(value.data);
    buf_free(&value);
    return rc;
}

int store_waiting_first(struct store_write *write, const struct store_pair *pair, struct store_waiting *out, size_t max,
                        size_t *count, struct err *err)
{
    const struct key prefix = key_pair('Q', pair->purpose, pair->low, pair->high);
    struct kv_cursor *c = NULL;
    *count = 0;
    int rc = kv_cursor_open(&c, write->store->kv, err);
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         *count < max && kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_WAITING_SIZE);
         kv_cursor_next(c)) {
        const uint8_t *key = kv_cursor_key(c).data;
        struct store_waiting *waiting = &out[(*count)++];
        waiting->leaf = bytes_get_u64be(key + 7);
        waiting->epoch = bytes_get_u32be(key + 15);
        memcpy(waiting->tag, key + 19, WIRE_TAG_SIZE);
    }
    rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}
