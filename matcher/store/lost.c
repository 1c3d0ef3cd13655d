/* What a matcher's store remembers of entries that it lacks since it was put back. */
#include "matcher/store/rocksdb.h"

#include <string.h>

#define BOX_SIZE (24 + WIRE_HASH_SIZE)
#define NAME_HEAD (1 + PARTY_DIGEST_SIZE)

/* The number of the party; *is_new: there was none when the copy was made, and this is the next. */
static int find_party(struct kv *kv, const uint8_t digest[PARTY_DIGEST_SIZE], uint16_t *out, bool *is_new,
                      struct err *err)
{
    const struct key prefix = key_of('N');
    struct kv_cursor *c = NULL;
    int rc = kv_cursor_open(&c, kv, err);
    uint16_t names = 0;
    *is_new = true;
    if (rc != 0)
        return rc;
    for (kv_cursor_seek(c, prefix.bytes, prefix.len);
         *is_new && kv_cursor_valid(c) && key_begins(&prefix, kv_cursor_key(c), KEY_NAME_SIZE); kv_cursor_next(c)) {
        const struct span value = kv_cursor_value(c);
        names = bytes_get_u16be(kv_cursor_key(c).data + 1);
        *is_new = value.len <= NAME_HEAD || memcmp(value.data + 1, digest, PARTY_DIGEST_SIZE) != 0;
    }
    *out = (uint16_t)(names + *is_new);
    rc = kv_cursor_error(c, err);
    if (rc == 0 && *out > STORE_NAMES_MAX)
        rc = err_set(err, ERR_NO_MEMORY, "the store has %d names: no more fit", STORE_NAMES_MAX);
    kv_cursor_free(c);
    return rc;
}

static void put_name(struct kv_batch *batch, uint16_t number, const struct party *party,
                     const uint8_t digest[PARTY_DIGEST_SIZE])
{
    uint8_t value[NAME_HEAD + PARTY_NAME_MAX] = {NAME_AGENCY};
    const size_t len = strlen(party->name);
    struct key key = key_of('N');
    key_u16(&key, number);
    memcpy(value + 1, digest, PARTY_DIGEST_SIZE);
    memcpy(value + NAME_HEAD, party->name, len);
    kv_batch_put(batch, key.bytes, key.len, value, NAME_HEAD + len);
}

int store_skip_mail(struct kv *kv, struct kv_batch *batch, const struct party *party, uint64_t count, struct err *err)
{
    uint8_t digest[PARTY_DIGEST_SIZE], box[BOX_SIZE] = {0};
    uint16_t number;
    bool is_new;
    struct buf value = buf_of(BOX_SIZE);
    struct key key = key_of('B');
    party_digest(digest, party);
    int rc = find_party(kv, digest, &number, &is_new, err);
    if (rc != 0)
        return rc;
    if (is_new)
        put_name(batch, number, party, digest);
    key_u16(&key, number);
    rc = kv_get(kv, key.bytes, key.len, &value, err);
    if (rc == 0 && value.len == BOX_SIZE)
        memcpy(box, value.data, BOX_SIZE);
    rc = rc == ERR_NOT_FOUND ? 0 : rc;
    bytes_put_u64be(box, bytes_get_u64be(box) + count);
    if (rc == 0)
        kv_batch_put(batch, key.bytes, key.len, box, sizeof box);
    buf_free(&value);
    return rc;
}
