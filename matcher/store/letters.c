/* Prekeys, what was sent today, and the age of letters that lie in mailboxes. */
#include "matcher/store/rocksdb.h"

#include <stdlib.h>

static int damaged(struct err *err)
{
    return err_set(err, ERR_VERIFY, "the matcher's store is damaged: letters");
}

/* --- prekeys --- */

static struct key prekey_key(uint16_t party)
{
    struct key key = key_of('P');
    key_u16(&key, party);
    return key;
}

int store_prekey_get(struct store *store, uint16_t party, struct store_prekey *out, struct buf *bytes, struct err *err)
{
    const struct key key = prekey_key(party);
    buf_clear(bytes);
    int rc = kv_get(store->kv, key.bytes, key.len, bytes, err);
    if (rc == 0 && bytes->len < 8)
        rc = damaged(err);
    if (rc != 0)
        return rc;
    out->leaf = bytes_get_u64be(bytes->data);
    out->statement = span_of(bytes->data + 8, bytes->len - 8);
    return 0;
}

int store_prekey_put(struct store_write *write, uint16_t party, const struct store_prekey *prekey, struct err *err)
{
    const struct key key = prekey_key(party);
    uint8_t value[8 + STORE_PREKEY_MAX];
    if (prekey->statement.len > STORE_PREKEY_MAX)
        return err_set(err, ERR_INTERNAL, "a prekey does not fit the store");
    bytes_put_u64be(value, prekey->leaf);
    memcpy(value + 8, prekey->statement.data, prekey->statement.len);
    write_put(write, &key, value, 8 + prekey->statement.len);
    return 0;
}

/* --- what was sent --- */

static struct key sent_key(uint16_t party, uint16_t purpose)
{
    struct key key = key_of('U');
    key_u16(&key, party);
    key_u16(&key, purpose);
    return key;
}

int store_sent_get(struct store *store, uint16_t party, uint16_t purpose, struct store_sent *out, struct err *err)
{
    const struct key key = sent_key(party, purpose);
    struct buf value = buf_of(16);
    *out = (struct store_sent){0};
    int rc = kv_get(store->kv, key.bytes, key.len, &value, err);
    if (rc == 0 && value.len != 16)
        rc = damaged(err);
    if (rc == 0)
        *out = (struct store_sent){bytes_get_u64be(value.data), bytes_get_u64be(value.data + 8)};
    buf_free(&value);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

void store_sent_put(struct store_write *write, uint16_t party, uint16_t purpose, const struct store_sent *sent)
{
    const struct key key = sent_key(party, purpose);
    uint8_t value[16];
    bytes_put_u64be(value, sent->day);
    bytes_put_u64be(value + 8, sent->units);
    write_put(write, &key, value, sizeof value);
}

/* --- their age --- */

static struct key lying_key(const struct store_lying *lying)
{
    struct key key = key_of('I');
    key_u64(&key, lying->time);
    key_u16(&key, lying->party);
    key_u64(&key, lying->sequence);
    return key;
}

void store_lying_put(struct store_write *write, const struct store_lying *lying)
{
    const struct key key = lying_key(lying);
    write_put(write, &key, NULL, 0);
}

int store_lying(struct store_write *write, uint64_t before, struct store_lying *out, size_t max, size_t *count,
                struct err *err)
{
    const struct key prefix = key_of('I');
    struct kv_cursor *c = NULL;
    int rc = kv_cursor_open(&c, write->store->kv, err);
    *count = 0;
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         *count < max && kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_LYING_SIZE);
         kv_cursor_next(c)) {
        const uint8_t *at = kv_cursor_key(c).data;
        if (bytes_get_u64be(at + 1) >= before)
            break;
        out[(*count)++] =
            (struct store_lying){bytes_get_u64be(at + 1), bytes_get_u64be(at + 11), bytes_get_u16be(at + 9)};
    }
    rc = kv_cursor_error(c, err);
    kv_cursor_free(c);
    return rc;
}

bool store_lying_end(struct store_write *write, const struct store_lying *lying)
{
    const struct key age = lying_key(lying), message = key_message(lying->party, lying->sequence);
    const struct box_pair *pair = &write->store->box[lying->party - 1];
    write_delete(write, &age);
    if (lying->sequence <= pair->pending.acknowledged)
        return false;
    write_delete(write, &message);
    return true;
}
