#include "keys/custodian/statement.h"

#include "protocol/base/bytes.h"
#include "protocol/base/cursor.h"

#include <sodium.h>
#include <string.h>

#define KEY_SIZE 9
#define HEAD_SIZE (1 + 8 + WIRE_ID_SIZE + WIRE_HASH_SIZE + WIRE_SIGNATURE_SIZE + 1)
#define RECORD_MAX (HEAD_SIZE + WIRE_SCOPE_MAX * (1 + PARTY_NAME_MAX + 4))

static void leaf_key(uint8_t key[KEY_SIZE], uint64_t leaf)
{
    key[0] = 'S';
    bytes_put_u64be(key + 1, leaf);
}

static uint8_t *put(uint8_t *to, const void *from, size_t len)
{
    memcpy(to, from, len);
    return to + len;
}

void statement_keep(struct kv_batch *batch, uint64_t leaf, const struct wire_request *request)
{
    uint8_t key[KEY_SIZE], record[RECORD_MAX], hash[WIRE_HASH_SIZE], *at = record;
    *at++ = (uint8_t)request->type;
    bytes_put_u64be(at, request->time);
    at = put(at + 8, request->id, WIRE_ID_SIZE);
    crypto_hash_sha256(hash, request->body.data, request->body.len);
    at = put(at, hash, sizeof hash);
    at = put(at, request->signature, WIRE_SIGNATURE_SIZE);
    *at++ = (uint8_t)request->scope_count;
    for (size_t i = 0; i < request->scope_count; i++) {
        const size_t len = strlen(request->scope[i].purpose);
        *at++ = (uint8_t)len;
        at = put(at, request->scope[i].purpose, len);
        bytes_put_u32be(at, request->scope[i].epoch);
        at += 4;
    }
    leaf_key(key, leaf);
    kv_batch_put(batch, key, sizeof key, record, (size_t)(at - record));
}

static void read_scope(struct cursor *c, struct wire_scope *scope)
{
    const size_t len = cursor_u8(c);
    if (len > PARTY_NAME_MAX)
        c->cut = true;
    else
        cursor_copy(c, scope->purpose, len);
    scope->epoch = cursor_u32be(c);
}

static int read_statement(struct wire_request *request, uint8_t body_hash[WIRE_HASH_SIZE], struct span record,
                          struct err *err)
{
    struct cursor c = cursor_of(record);
    *request = (struct wire_request){.type = (enum wire_type)cursor_u8(&c)};
    request->time = cursor_u64be(&c);
    cursor_copy(&c, request->id, WIRE_ID_SIZE);
    cursor_copy(&c, body_hash, WIRE_HASH_SIZE);
    cursor_copy(&c, request->signature, WIRE_SIGNATURE_SIZE);
    request->scope_count = cursor_u8(&c);
    c.cut = c.cut || request->scope_count > WIRE_SCOPE_MAX;
    for (size_t i = 0; !c.cut && i < request->scope_count; i++)
        read_scope(&c, &request->scope[i]);
    return cursor_ends(&c) ? 0 : err_set(err, ERR_VERIFY, "the custodian's store is damaged: a statement");
}

int statement_find(struct kv *kv, uint64_t leaf, struct wire_request *request, uint8_t body_hash[WIRE_HASH_SIZE],
                   struct err *err)
{
    struct buf record = buf_of(RECORD_MAX);
    uint8_t key[KEY_SIZE];
    leaf_key(key, leaf);
    int rc = kv_get(kv, key, sizeof key, &record, err);
    if (rc == 0)
        rc = read_statement(request, body_hash, buf_span(&record), err);
    buf_free(&record);
    return rc;
}

int statement_clean(struct kv *kv, struct kv_batch *batch, uint64_t before, size_t max, size_t *count, struct err *err)
{
    struct kv_cursor *cursor = NULL;
    int rc = kv_cursor_open(&cursor, kv, err);
    if (rc != 0)
        return rc;
    kv_cursor_seek(cursor, "S", 1);
    for (size_t done = 0; done < max && kv_cursor_valid(cursor); done++, kv_cursor_next(cursor)) {
        const struct span key = kv_cursor_key(cursor), record = kv_cursor_value(cursor);
        if (key.len != KEY_SIZE || key.data[0] != 'S' || record.len < HEAD_SIZE ||
            bytes_get_u64be(record.data + 1) >= before)
            break;
        kv_batch_delete(batch, key.data, key.len);
        ++*count;
    }
    rc = kv_cursor_error(cursor, err);
    kv_cursor_free(cursor);
    return rc;
}
