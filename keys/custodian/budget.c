#include "keys/custodian/budget.h"

#include <sodium.h>
#include <string.h>

#define KEY_MAX (5 + 2 * (PARTY_NAME_MAX + 1) + WIRE_ID_SIZE)

#define RECORD_SIZE 40 /* digest, leaf */

struct key {
    uint8_t bytes[KEY_MAX];
    size_t len;
};

static struct key key_of(char kind, uint32_t day)
{
    struct key key = {.bytes = {(uint8_t)kind}, .len = 5};
    bytes_put_u32be(key.bytes + 1, day);
    return key;
}

static void add_name(struct key *key, const char *name)
{
    size_t len = strnlen(name, PARTY_NAME_MAX);
    key->bytes[key->len++] = (uint8_t)len;
    memcpy(key->bytes + key->len, name, len);
    key->len += len;
}

static struct key request_key(const struct budget_charge *charge, uint32_t day)
{
    struct key key = key_of('R', day);
    add_name(&key, charge->agency);
    memcpy(key.bytes + key.len, charge->id, WIRE_ID_SIZE);
    key.len += WIRE_ID_SIZE;
    return key;
}

static int was_charged(struct kv *kv, struct budget_charge *charge, bool *repeated, struct err *err)
{
    struct buf digest = buf_of(64);
    int rc = ERR_NOT_FOUND;
    *repeated = false;
    for (uint32_t back = 0; rc == ERR_NOT_FOUND && back < 2 && back <= charge->day; back++) {
        const struct key key = request_key(charge, charge->day - back);
        rc = kv_get(kv, key.bytes, key.len, &digest, err);
    }
    if (rc == 0) {
        *repeated = digest.len == RECORD_SIZE && sodium_memcmp(digest.data, charge->digest, 32) == 0;
        if (*repeated)
            charge->leaf = bytes_get_u64be(digest.data + 32);
        else
            rc = err_set(err, ERR_CONFLICT, "this request id was used for other elements");
    }
    buf_free(&digest);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int charged_today(struct kv *kv, const struct key *key, uint64_t *charged, struct err *err)
{
    struct buf value = buf_of(64);
    int rc = kv_get(kv, key->bytes, key->len, &value, err);
    *charged = 0;
    if (rc == 0 && value.len == 8)
        *charged = bytes_get_u64be(value.data);
    else if (rc == 0)
        rc = err_set(err, ERR_VERIFY, "the custodian's store is damaged: a budget");
    buf_free(&value);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int budget_charge(struct kv *kv, struct kv_batch *batch, struct budget_charge *charge, enum budget_verdict *verdict,
                  uint64_t *left, struct err *err)
{
    bool repeated;
    uint64_t charged = 0;
    uint8_t value[8], record[RECORD_SIZE];
    struct key key = key_of('B', charge->day);
    add_name(&key, charge->agency);
    add_name(&key, charge->purpose);
    int rc = was_charged(kv, charge, &repeated, err);
    if (rc == 0)
        rc = charged_today(kv, &key, &charged, err);
    if (rc != 0)
        return rc;
    uint64_t room = charged < charge->limit ? charge->limit - charged : 0;
    *left = room;
    *verdict = repeated ? BUDGET_REPEATED : charge->count > room ? BUDGET_EXCEEDED : BUDGET_CHARGED;
    if (*verdict != BUDGET_CHARGED)
        return 0;
    *left = room - charge->count;
    bytes_put_u64be(value, charged + charge->count);
    kv_batch_put(batch, key.bytes, key.len, value, sizeof value);
    key = request_key(charge, charge->day);
    memcpy(record, charge->digest, 32);
    bytes_put_u64be(record + 32, charge->leaf);
    kv_batch_put(batch, key.bytes, key.len, record, sizeof record);
    return 0;
}

int budget_clean(struct kv *kv, struct kv_batch *batch, uint32_t day, size_t max, size_t *count, struct err *err)
{
    static const char kinds[] = {'B', 'R'};
    struct kv_cursor *cursor = NULL;
    int rc = kv_cursor_open(&cursor, kv, err);
    *count = 0;
    for (size_t k = 0; rc == 0 && k < sizeof kinds; k++) {
        kv_cursor_seek(cursor, &kinds[k], 1);
        for (; *count < max && kv_cursor_valid(cursor); kv_cursor_next(cursor)) {
            struct span key = kv_cursor_key(cursor);
            if (key.len < 5 || key.data[0] != (uint8_t)kinds[k] || bytes_get_u32be(key.data + 1) + 1 >= day)
                break;
            kv_batch_delete(batch, key.data, key.len);
            ++*count;
        }
        rc = kv_cursor_error(cursor, err);
    }
    kv_cursor_free(cursor);
    return rc;
}
