/*
 * The matcher's records as they would lie in a store that was damaged: the first byte says whose place the input takes.
 * It is read within itself or refused, never believed to be longer. Those that are read when a store is opened have
 * their turn now and then: that takes long.
 */
#include "matcher/service/hits.h"
#include "matcher/store/rocksdb.h"
#include "protocol/base/tree.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { AGENCY = 1, PARTNER = 2, PURPOSE = 3, EPOCH = 1 };
enum { OPENED_OF = 2048 }; /* of so many inputs one is of those */

static const uint8_t bytes32[32] = {7}, other32[32] = {8};
static char dir[] = "/dev/shm/concord-fuzz-XXXXXX";
static struct identity matcher;
static struct store *store;
static struct kv_batch *batch;

static int open_store(struct err *err)
{
    const struct store_options options = {dir, "fuzz/matcher", matcher.log_secret, NULL};
    return store_open(&store, &options, err);
}

static void close_store(void)
{
    struct err err;
    store_close(store);
    kv_batch_free(batch);
    (void)tree_remove(dir, &err);
}

/* Two agencies, a purpose, a message, an entry, a pair: one record of each kind that is read at opening. */
static void make_store(void)
{
    struct store_message message = {
        .kind = MAILBOX_MATCH, .purpose = PURPOSE, .partner = PARTNER, .payload = {bytes32, 32}};
    struct store_entry entry = {.agency = AGENCY, .payload = {bytes32, 32}};
    const struct tag_place at = {PURPOSE, EPOCH, bytes32};
    struct store_write *write;
    struct store_pair *pair;
    struct err err;
    uint16_t id[3];
    fuzz_identity(&matcher, "matcher", 1);
    FUZZ_HOLDS(mkdtemp(dir) != NULL && open_store(&err) == 0 && kv_batch_new(&batch, &err) == 0);
    FUZZ_HOLDS(store_begin(&write, store, &err) == 0);
    FUZZ_HOLDS(store_agency_add(write, bytes32, "THA", &id[0], &err) == 0);
    FUZZ_HOLDS(store_agency_add(write, other32, "IDN", &id[1], &err) == 0);
    FUZZ_HOLDS(store_purpose_add(write, "persons", &id[2], &err) == 0);
    FUZZ_HOLDS(id[0] == AGENCY && id[1] == PARTNER && id[2] == PURPOSE);
    FUZZ_HOLDS(store_mailbox_append(write, AGENCY, &message, NULL, &err) == 0);
    FUZZ_HOLDS(store_entry_put(write, &at, NULL, &entry, &err) == 0);
    FUZZ_HOLDS(store_pair_change(write, PURPOSE, AGENCY, PARTNER, &pair, &err) == 0);
    pair->waiting = 1;
    FUZZ_HOLDS(store_commit(write, &err) == 0);
    atexit(close_store);
}

/* --- one record --- */

static void put(struct kv *kv, const struct key *key, const uint8_t *value, size_t len)
{
    struct err err;
    kv_batch_clear(batch);
    kv_batch_put(batch, key->bytes, key->len, value, len);
    FUZZ_HOLDS(kv_commit(kv, batch, false, &err) == 0);
}

static bool touch(void *context, const struct store_message *message)
{
    FUZZ_HOLDS(message->payload.len <= *(const size_t *)context);
    return true;
}

static int read_entry(const uint8_t *value, size_t len, struct err *err)
{
    const struct tag_place at = {PURPOSE, EPOCH, bytes32};
    struct key key = key_entries(&at);
    struct store_entries entries;
    struct store_write *write;
    key_u16(&key, AGENCY);
    put(store->kv, &key, value, len);
    FUZZ_HOLDS(store_begin(&write, store, err) == 0);
    store_entries_init(&entries);
    int rc = store_entries_get(write, &at, &entries, err);
    for (size_t i = 0; rc == 0 && i < entries.count; i++) {
        FUZZ_HOLDS(entries.entry[i].except.len + entries.entry[i].payload.len <= len);
        (void)store_entry_excludes(&entries.entry[i], PARTNER);
    }
    store_entries_free(&entries);
    store_abandon(write);
    return rc;
}

static int read_message(const uint8_t *value, size_t len, struct err *err)
{
    const struct key key = key_message(AGENCY, 1);
    uint8_t chain[WIRE_HASH_SIZE];
    put(store->kv, &key, value, len);
    int rc = store_mailbox_read(store, AGENCY, 0, touch, &len, err);
    FUZZ_HOLDS((store_mailbox_chain(store, AGENCY, 1, chain, err) == 0) == (rc == 0));
    return rc;
}

static int read_answer(const uint8_t *value, size_t len, struct err *err)
{
    const struct key key = key_answer(AGENCY, bytes32);
    struct buf bytes = buf_of(65536);
    struct store_answer answer;
    put(store->kv, &key, value, len);
    int rc = store_answer_get(store, AGENCY, bytes32, &answer, &bytes, err);
    FUZZ_HOLDS(rc != 0 || answer.result.len <= len);
    buf_free(&bytes);
    return rc;
}

static int read_hits(const uint8_t *value, size_t len, struct err *err)
{
    struct join_hits hits;
    int rc = hits_decode(&hits, span_of(value, len), err);
    if (rc == 0)
        join_hits_free(&hits);
    return rc;
}

static int read_prekey(const uint8_t *value, size_t len, struct err *err)
{
    struct key key = key_of('P');
    struct buf bytes = buf_of(65536);
    struct store_prekey prekey;
    key_u16(&key, AGENCY);
    put(store->kv, &key, value, len);
    int rc = store_prekey_get(store, AGENCY, &prekey, &bytes, err);
    FUZZ_HOLDS(rc != 0 || prekey.statement.len <= len);
    buf_free(&bytes);
    return rc;
}

/* Those of a fixed length: letters sent, what was spent, a couple that waits, how far joining has come. */
static int read_fixed(const uint8_t *value, size_t len, struct err *err)
{
    const struct key spending = key_spending(AGENCY, bytes32, 1);
    struct key sent = key_of('U'), progress = key_of('J');
    struct store_spending spent;
    struct store_position position;
    struct store_sent letters;
    key_u16(&sent, AGENCY);
    key_u16(&sent, PURPOSE);
    key_u16(&progress, PURPOSE);
    put(store->kv, &spending, value, len);
    put(store->kv, &sent, value, len);
    put(store->kv, &progress, value, len);
    int rc = store_spending_get(store, AGENCY, bytes32, 1, &spent, err);
    FUZZ_HOLDS((store_sent_get(store, AGENCY, PURPOSE, &letters, err) == 0) == (len == 16));
    FUZZ_HOLDS((store_progress_get(store, PURPOSE, &position, err) == 0) == (len == 21));
    return rc;
}

/* --- what is read at opening --- */

static void read_at_opening(uint8_t kind, const uint8_t *value, size_t len)
{
    struct key key[5] = {key_of('V'), key_of('N'), key_of('B'), key_of('C'), key_pair('G', PURPOSE, AGENCY, PARTNER)};
    const struct key *at = &key[kind % 5];
    struct buf before = buf_of(65536);
    struct err err;
    struct kv *kv;
    key_u16(&key[1], PARTNER);
    key_u16(&key[2], AGENCY);
    key_u16(&key[3], PURPOSE);
    key_u32(&key[3], EPOCH);
    key_u16(&key[3], AGENCY);
    FUZZ_HOLDS(kv_get(store->kv, at->bytes, at->len, &before, &err) == 0 || kind % 5 == 0);
    put(store->kv, at, value, len);
    store_close(store);
    store = NULL;
    const int rc = open_store(&err);
    FUZZ_HOLDS(rc == 0 || (rc == ERR_VERIFY && err.text[0] != '\0'));
    store_close(store);
    store = NULL;
    FUZZ_HOLDS(kv_open(&kv, dir, KEY_ENTRY_PREFIX, &err) == 0);
    kv_batch_clear(batch);
    kv_batch_put(batch, at->bytes, at->len, before.data, before.len);
    if (before.len == 0)
        kv_batch_delete(batch, at->bytes, at->len);
    FUZZ_HOLDS(kv_commit(kv, batch, false, &err) == 0);
    kv_close(kv);
    FUZZ_HOLDS(open_store(&err) == 0);
    buf_free(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int (*const read[])(const uint8_t *value, size_t len, struct err *err) = {
        read_entry, read_message, read_answer, read_hits, read_prekey, read_fixed};
    static unsigned inputs;
    struct err err = {.text = ""};
    if (store == NULL)
        make_store();
    if (size == 0)
        return 0;
    if (inputs++ % OPENED_OF == 0)
        read_at_opening(data[0], data + 1, size - 1);
    const int rc = read[data[0] % (sizeof read / sizeof read[0])](data + 1, size - 1, &err);
    FUZZ_HOLDS(rc == 0 || err.text[0] != '\0');
    return 0;
}
