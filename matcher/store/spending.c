/* Receipts of evaluation that requests have spent. */
#include "matcher/store/rocksdb.h"

#define VALUE_SIZE 24

int store_spending_get(struct store *store, uint16_t agency, const uint8_t custodian[PARTY_DIGEST_SIZE], uint64_t leaf,
                       struct store_spending *out, struct err *err)
{
    const struct key key = key_spending(agency, custodian, leaf);
    struct buf value = buf_of(64);
    int rc = kv_get(store->kv, key.bytes, key.len, &value, err);
    if (rc == 0 && value.len != VALUE_SIZE)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: a receipt that was spent");
    if (rc == 0)
        *out = (struct store_spending){bytes_get_u64be(value.data), bytes_get_u64be(value.data + 8),
                                       bytes_get_u32be(value.data + 16), bytes_get_u32be(value.data + 20)};
    buf_free(&value);
    return rc;
}

void store_spending_put(struct store_write *write, uint16_t agency, const uint8_t custodian[PARTY_DIGEST_SIZE],
                        uint64_t leaf, const struct store_spending *spending)
{
    const struct key key = key_spending(agency, custodian, leaf), age = key_spending_age(spending->since, &key);
    uint8_t value[VALUE_SIZE];
    bytes_put_u64be(value, spending->since);
    bytes_put_u64be(value + 8, spending->last);
    bytes_put_u32be(value + 16, spending->of);
    bytes_put_u32be(value + 20, spending->taken);
    write_put(write, &key, value, sizeof value);
    write_put(write, &age, NULL, 0);
}

int store_spending_clean(struct store_write *write, uint64_t before, size_t max, bool *more, struct err *err)
{
    return store_clean_aged(write, (struct store_aged){'O', KEY_SPENDING_AGE_SIZE, 'S'}, before, max, more, err);
}
