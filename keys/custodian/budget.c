#include "keys/custodian/budget.h"

#include "protocol/base/clock.h"
#include "protocol/kv/key.h"
#include "protocol/ledger/window.h"

#include <sodium.h>
#include <string.h>

#define REQUEST_SIZE 40 /* digest, leaf */
#define DAY_SIZE 8      /* charged */
#define LOAD_SIZE 9     /* charged, closed */

_Static_assert(1 + 4 + PARTY_DIGEST_SIZE + 1 + PARTY_NAME_MAX <= KEY_MAX, "every key below fits");

static void add_name(struct key *key, const char *name)
{
    size_t len = strnlen(name, PARTY_NAME_MAX);
    key->bytes[key->len++] = (uint8_t)len;
    key_bytes(key, (const uint8_t *)name, len);
}

static struct key request_key(const struct budget_charge *charge, uint32_t day)
{
    struct key key = key_of('R');
    key_u32(&key, day);
    key_bytes(&key, charge->agency, PARTY_DIGEST_SIZE);
    key_bytes(&key, charge->id, WIRE_ID_SIZE);
    return key;
}

static struct key day_key(const uint8_t agency[PARTY_DIGEST_SIZE], const char *purpose, uint32_t day)
{
    struct key key = key_of('B');
    key_u32(&key, day);
    key_bytes(&key, agency, PARTY_DIGEST_SIZE);
    add_name(&key, purpose);
    return key;
}

static struct key load_key(const uint8_t agency[PARTY_DIGEST_SIZE], const struct wire_scope *scope)
{
    struct key key = key_of('P');
    key_bytes(&key, agency, PARTY_DIGEST_SIZE);
    add_name(&key, scope->purpose);
    key_u32(&key, scope->epoch);
    return key;
}

/* A record of this size; zeros where there is none. */
static int read_record(struct kv *kv, const struct key *key, uint8_t *out, size_t size, struct err *err)
{
    struct buf value = buf_of(64);
    int rc = kv_get(kv, key->bytes, key->len, &value, err);
    memset(out, 0, size);
    if (rc == 0 && value.len == size)
        memcpy(out, value.data, size);
    else if (rc == 0)
        rc = err_set(err, ERR_VERIFY, "the custodian's store is damaged: a budget");
    buf_free(&value);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int was_charged(struct kv *kv, struct budget_charge *charge, bool *repeated, struct err *err)
{
    const uint32_t today = clock_day(charge->time);
    struct buf known = buf_of(64);
    int rc = ERR_NOT_FOUND;
    *repeated = false;
    for (int day = 0; rc == ERR_NOT_FOUND && day <= BUDGET_REPEAT_DAYS + WINDOW_CLOCK_DAYS; day++) {
        const int back = day <= BUDGET_REPEAT_DAYS ? day : BUDGET_REPEAT_DAYS - day; /* and the days to come */
        const struct key key = request_key(charge, today - (uint32_t)back);
        rc = kv_get(kv, key.bytes, key.len, &known, err);
    }
    if (rc == 0) {
        *repeated = known.len == REQUEST_SIZE && sodium_memcmp(known.data, charge->digest, 32) == 0;
        if (*repeated)
            charge->leaf = bytes_get_u64be(known.data + 32);
        else
            rc = err_set(err, ERR_CONFLICT, "this request id was used for something else");
    }
    buf_free(&known);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* The account that is in force, and what is charged to it. Its record's key and value are left for writing. */
static int open_account(struct kv *kv, const struct budget_charge *charge, struct budget_account *account,
                        struct key *key, uint8_t value[LOAD_SIZE], struct err *err)
{
    *key = load_key(charge->agency, account->scope);
    account->loading = account->load > 0 && (account->load_until == 0 || charge->time < account->load_until);
    int rc = account->loading ? read_record(kv, key, value, LOAD_SIZE, err) : 0;
    if (rc == 0 && account->loading)
        account->loading = value[DAY_SIZE] == 0;
    if (rc == 0 && !account->loading) {
        *key = day_key(charge->agency, account->scope->purpose, clock_day(charge->time));
        rc = read_record(kv, key, value, DAY_SIZE, err);
    }
    if (rc == 0) {
        const uint64_t charged = bytes_get_u64be(value), limit = account->loading ? account->load : account->daily;
        account->left = charged < limit ? limit - charged : 0;
    }
    return rc;
}

static int charge_account(struct kv *kv, struct kv_batch *batch, struct budget_charge *charge, size_t which,
                          enum budget_verdict *verdict, struct err *err)
{
    struct budget_account *account = &charge->account[which];
    struct key key;
    uint8_t value[LOAD_SIZE];
    int rc = open_account(kv, charge, account, &key, value, err);
    if (rc != 0 || *verdict != BUDGET_CHARGED)
        return rc;
    if (account->count > account->left) {
        *verdict = BUDGET_EXCEEDED;
        charge->exceeded = which;
        return 0;
    }
    account->left -= account->count;
    bytes_put_u64be(value, bytes_get_u64be(value) + account->count);
    kv_batch_put(batch, key.bytes, key.len, value, account->loading ? LOAD_SIZE : DAY_SIZE);
    return 0;
}

int budget_charge(struct kv *kv, struct kv_batch *batch, struct budget_charge *charge, enum budget_verdict *verdict,
                  struct err *err)
{
    bool repeated;
    int rc = was_charged(kv, charge, &repeated, err);
    *verdict = rc == 0 && repeated ? BUDGET_REPEATED : BUDGET_CHARGED;
    for (size_t i = 0; rc == 0 && i < charge->accounts; i++)
        rc = charge_account(kv, batch, charge, i, verdict, err);
    if (rc == 0 && *verdict == BUDGET_EXCEEDED)
        kv_batch_clear(batch);
    return rc;
}

int budget_charge_again(struct kv *kv, struct kv_batch *batch, const struct budget_charge *charge, struct err *err)
{
    struct budget_account account = charge->account[0];
    struct key key;
    uint8_t value[LOAD_SIZE];
    int rc = open_account(kv, charge, &account, &key, value, err);
    if (rc != 0)
        return rc;
    bytes_put_u64be(value, bytes_get_u64be(value) + account.count);
    kv_batch_put(batch, key.bytes, key.len, value, account.loading ? LOAD_SIZE : DAY_SIZE);
    return 0;
}

int budget_look(struct kv *kv, const uint8_t agency[PARTY_DIGEST_SIZE], uint64_t time, struct budget_account *account,
                struct err *err)
{
    struct budget_charge charge = {.time = time};
    struct key key;
    uint8_t value[LOAD_SIZE];
    memcpy(charge.agency, agency, sizeof charge.agency);
    return open_account(kv, &charge, account, &key, value, err);
}

void budget_remember(struct kv_batch *batch, const struct budget_charge *charge)
{
    uint8_t record[REQUEST_SIZE];
    const struct key key = request_key(charge, clock_day(charge->time));
    memcpy(record, charge->digest, 32);
    bytes_put_u64be(record + 32, charge->leaf);
    kv_batch_put(batch, key.bytes, key.len, record, sizeof record);
}

int budget_close(struct kv *kv, struct kv_batch *batch, const uint8_t agency[PARTY_DIGEST_SIZE],
                 const struct wire_scope *scope, struct err *err)
{
    const struct key key = load_key(agency, scope);
    uint8_t value[LOAD_SIZE];
    int rc = read_record(kv, &key, value, sizeof value, err);
    value[DAY_SIZE] = 1;
    if (rc == 0)
        kv_batch_put(batch, key.bytes, key.len, value, sizeof value);
    return rc;
}

/* Whether the record of this key is of a day that is long enough over. */
static bool is_over(struct span key, char kind, uint32_t day)
{
    const uint32_t kept = kind == 'R' ? BUDGET_REPEAT_DAYS : 1;
    return key.len >= 5 && key.data[0] == (uint8_t)kind && bytes_get_u32be(key.data + 1) + (uint64_t)kept < day;
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
            if (!is_over(key, kinds[k], day))
                break;
            kv_batch_delete(batch, key.data, key.len);
            ++*count;
        }
        rc = kv_cursor_error(cursor, err);
    }
    kv_cursor_free(cursor);
    return rc;
}
