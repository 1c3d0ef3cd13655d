/*
 * In the store (numbers big-endian):
 *   E purpose2 epoch4 tag16 agency2             time u64 | excluded u16 | excluded agencies, u16 each | payload
 *   X purpose2 epoch4 agency2 time8 tag16       -                     the same by age
 *   W purpose2 low2 high2 leaf8 epoch4 tag16    -                     couples that wait, in their order
 *   V purpose2 low2 high2 epoch4 tag16          leaf u64              the same by tag
 *   D purpose2 agency2 tag16                    time u64              when it was added, for replay_state_used()
 *   Q purpose2 agency2 tag16                    time u64              when it was asked for, so too
 */
#include "protocol/audit/replay/replay_state.h"

#include "protocol/kv/kv.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_PREFIX 23
#define ENTRY_KEY 25
#define AGE_PREFIX 9
#define AGE_KEY 33
#define ORDER_PREFIX 7
#define ORDER_KEY 35
#define COUPLE_KEY 27
#define USED_KEY 21
#define ENTRY_HEAD 10
#define EXCEPT_MAX (2 * WIRE_PARTNERS_MAX)
#define VALUE_MAX (ENTRY_HEAD + EXCEPT_MAX + WIRE_PAYLOAD_MAX)

/* Members found by a number, which is never 0, in open addressing. */
struct table {
    struct slot {
        uint64_t key;
        void *member;
    } * slot;
    size_t slots;
    void **member; /* in the order in which they came */
    size_t count, room;
};

struct replay_state {
    struct kv *kv;
    struct kv_batch *batch;
    struct kv_cursor *cursor;   /* on what is committed; NULL: to be opened */
    struct replay_entry *entry; /* of the tag asked last */
    size_t *at;                 /* of their values in bytes */
    size_t room;
    struct buf bytes;
    struct table registers, pairs;
};

/* --- tables --- */

static struct slot *slot_of(struct slot *slots, size_t count, uint64_t key)
{
    size_t at = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) % count;
    while (slots[at].key != 0 && slots[at].key != key)
        at = (at + 1) % count;
    return &slots[at];
}

static void *table_find(const struct table *t, uint64_t key)
{
    return t->slots == 0 ? NULL : slot_of(t->slot, t->slots, key)->member;
}

static int table_grow(struct table *t, struct err *err)
{
    size_t room = t->room > 0 ? 2 * t->room : 256;
    void **member = realloc(t->member, room * sizeof *member);
    if (member != NULL)
        t->member = member;
    struct slot *slot = calloc(2 * room, sizeof *slot);
    if (member == NULL || slot == NULL) {
        free(slot);
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    }
    for (size_t i = 0; i < t->slots; i++)
        if (t->slot[i].key != 0)
            *slot_of(slot, 2 * room, t->slot[i].key) = t->slot[i];
    free(t->slot);
    t->slot = slot;
    t->slots = 2 * room;
    t->room = room;
    return 0;
}

/* Makes a member of this size, all zeros, under a key that there is none of. */
static void *table_add(struct table *t, uint64_t key, size_t size, struct err *err)
{
    if (t->count == t->room && table_grow(t, err) != 0)
        return NULL;
    void *member = calloc(1, size);
    if (member == NULL) {
        err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
        return NULL;
    }
    *slot_of(t->slot, t->slots, key) = (struct slot){key, member};
    t->member[t->count++] = member;
    return member;
}

static void table_free(struct table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->member[i]);
    free(t->member);
    free(t->slot);
}

/* --- beginning and end --- */

int replay_state_open(struct replay_state **out, const char *dir, struct err *err)
{
    struct replay_state *s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    s->bytes = buf_of((size_t)ROSTER_MAX * VALUE_MAX);
    int rc = kv_open(&s->kv, dir, 0, err);
    if (rc == 0)
        rc = kv_batch_new(&s->batch, err);
    if (rc != 0)
        replay_state_close(s);
    else
        *out = s;
    return rc;
}

void replay_state_close(struct replay_state *state)
{
    if (state == NULL)
        return;
    kv_cursor_free(state->cursor);
    kv_batch_free(state->batch);
    if (state->kv != NULL)
        kv_close(state->kv);
    table_free(&state->registers);
    table_free(&state->pairs);
    buf_free(&state->bytes);
    free(state->entry);
    free(state->at);
    free(state);
}

/* --- keys --- */

static void entry_key(uint8_t key[ENTRY_KEY], const struct tag_place *at, uint16_t agency)
{
    key[0] = 'E';
    bytes_put_u16be(key + 1, at->purpose);
    bytes_put_u32be(key + 3, at->epoch);
    memcpy(key + 7, at->tag, WIRE_TAG_SIZE);
    bytes_put_u16be(key + ENTRY_PREFIX, agency);
}

static void age_key(uint8_t key[AGE_KEY], const struct tag_place *at, uint16_t agency, uint64_t time)
{
    key[0] = 'X';
    bytes_put_u16be(key + 1, at->purpose);
    bytes_put_u32be(key + 3, at->epoch);
    bytes_put_u16be(key + 7, agency);
    bytes_put_u64be(key + AGE_PREFIX, time);
    memcpy(key + AGE_PREFIX + 8, at->tag, WIRE_TAG_SIZE);
}

static void pair_key(uint8_t *key, char kind, const struct replay_pair *pair)
{
    key[0] = (uint8_t)kind;
    bytes_put_u16be(key + 1, pair->purpose);
    bytes_put_u16be(key + 3, pair->low);
    bytes_put_u16be(key + 5, pair->high);
}

static void order_key(uint8_t key[ORDER_KEY], const struct replay_pair *pair, const struct replay_waiting *waiting)
{
    pair_key(key, 'W', pair);
    bytes_put_u64be(key + ORDER_PREFIX, waiting->leaf);
    bytes_put_u32be(key + ORDER_PREFIX + 8, waiting->epoch);
    memcpy(key + ORDER_PREFIX + 12, waiting->tag, WIRE_TAG_SIZE);
}

static void couple_key(uint8_t key[COUPLE_KEY], const struct replay_pair *pair, const struct replay_waiting *waiting)
{
    pair_key(key, 'V', pair);
    bytes_put_u32be(key + ORDER_PREFIX, waiting->epoch);
    memcpy(key + ORDER_PREFIX + 4, waiting->tag, WIRE_TAG_SIZE);
}

static int open_cursor(struct replay_state *s, struct err *err)
{
    return s->cursor != NULL ? 0 : kv_cursor_open(&s->cursor, s->kv, err);
}

static bool at_key(const struct replay_state *s, const uint8_t *prefix, size_t prefix_len, size_t len)
{
    struct span key;
    if (!kv_cursor_valid(s->cursor))
        return false;
    key = kv_cursor_key(s->cursor);
    return key.len == len && memcmp(key.data, prefix, prefix_len) == 0;
}

/* --- entries --- */

static int make_room(struct replay_state *s, struct err *err)
{
    size_t room = s->room > 0 ? 2 * s->room : 16;
    struct replay_entry *entry = realloc(s->entry, room * sizeof *entry);
    if (entry != NULL)
        s->entry = entry;
    size_t *at = realloc(s->at, room * sizeof *at);
    if (at != NULL)
        s->at = at;
    if (entry == NULL || at == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    s->room = room;
    return 0;
}

/* The spans get their addresses when all are there. */
static int read_entry(struct replay_state *s, size_t i, struct err *err)
{
    const struct span value = kv_cursor_value(s->cursor);
    if (value.len < ENTRY_HEAD || value.len > VALUE_MAX)
        return err_set(err, ERR_INTERNAL, "the replay's store is damaged");
    size_t except = bytes_get_u16be(value.data + 8);
    if (except > value.len - ENTRY_HEAD)
        return err_set(err, ERR_INTERNAL, "the replay's store is damaged");
    int rc = i == s->room ? make_room(s, err) : 0;
    if (rc != 0)
        return rc;
    s->at[i] = s->bytes.len;
    s->entry[i] = (struct replay_entry){.agency = bytes_get_u16be(kv_cursor_key(s->cursor).data + ENTRY_PREFIX),
                                        .time = bytes_get_u64be(value.data),
                                        .payload = {NULL, value.len - ENTRY_HEAD - except},
                                        .except = {NULL, except}};
    return buf_put(&s->bytes, value.data + ENTRY_HEAD, value.len - ENTRY_HEAD, err);
}

int replay_state_tag(struct replay_state *state, const struct tag_place *at, struct replay_tag *out, struct err *err)
{
    struct replay_state *s = state;
    uint8_t key[ENTRY_KEY];
    int rc = open_cursor(s, err);
    *out = (struct replay_tag){NULL, 0};
    if (rc != 0)
        return rc;
    buf_clear(&s->bytes);
    entry_key(key, at, 0);
    for (kv_cursor_seek(s->cursor, key, ENTRY_KEY); rc == 0 && at_key(s, key, ENTRY_PREFIX, ENTRY_KEY);
         kv_cursor_next(s->cursor))
        rc = read_entry(s, out->count++, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < out->count; i++) {
        s->entry[i].except.data = s->bytes.data + s->at[i];
        s->entry[i].payload.data = s->entry[i].except.data + s->entry[i].except.len;
    }
    out->entry = s->entry;
    return kv_cursor_error(s->cursor, err);
}

static void forget_age(struct replay_state *s, const struct tag_place *at, const struct replay_entry *old)
{
    uint8_t key[AGE_KEY];
    age_key(key, at, old->agency, old->time);
    kv_batch_delete(s->batch, key, sizeof key);
}

void replay_state_put(struct replay_state *state, const struct tag_place *at, const struct replay_entry *old,
                      const struct replay_entry *entry)
{
    uint8_t key[ENTRY_KEY], age[AGE_KEY], value[VALUE_MAX];
    if (old != NULL)
        forget_age(state, at, old);
    entry_key(key, at, entry->agency);
    bytes_put_u64be(value, entry->time);
    bytes_put_u16be(value + 8, (uint16_t)entry->except.len);
    if (entry->except.len > 0)
        memcpy(value + ENTRY_HEAD, entry->except.data, entry->except.len);
    memcpy(value + ENTRY_HEAD + entry->except.len, entry->payload.data, entry->payload.len);
    kv_batch_put(state->batch, key, sizeof key, value, ENTRY_HEAD + entry->except.len + entry->payload.len);
    age_key(age, at, entry->agency, entry->time);
    kv_batch_put(state->batch, age, sizeof age, NULL, 0);
}

void replay_state_remove(struct replay_state *state, const struct tag_place *at, const struct replay_entry *old)
{
    uint8_t key[ENTRY_KEY];
    forget_age(state, at, old);
    entry_key(key, at, old->agency);
    kv_batch_delete(state->batch, key, sizeof key);
}

int replay_state_commit(struct replay_state *state, struct err *err)
{
    int rc = kv_batch_count(state->batch) > 0 ? kv_commit(state->kv, state->batch, false, err) : 0;
    kv_batch_clear(state->batch);
    kv_cursor_free(state->cursor);
    state->cursor = NULL;
    return rc;
}

int replay_state_used(struct replay_state *state, enum replay_use use, uint16_t purpose, uint16_t agency,
                      const uint8_t tag[WIRE_TAG_SIZE], uint64_t now, uint64_t window, bool *again, struct err *err)
{
    uint8_t key[USED_KEY] = {(uint8_t)use}, time[8];
    int rc = open_cursor(state, err);
    if (rc != 0)
        return rc;
    bytes_put_u16be(key + 1, purpose);
    bytes_put_u16be(key + 3, agency);
    memcpy(key + 5, tag, WIRE_TAG_SIZE);
    kv_cursor_seek(state->cursor, key, sizeof key);
    *again = at_key(state, key, sizeof key, sizeof key) && kv_cursor_value(state->cursor).len == sizeof time &&
             bytes_get_u64be(kv_cursor_value(state->cursor).data) + window >= now;
    bytes_put_u64be(time, now);
    if (!*again)
        kv_batch_put(state->batch, key, sizeof key, time, sizeof time);
    return kv_cursor_error(state->cursor, err);
}

int replay_state_oldest(struct replay_state *state, uint16_t purpose, uint32_t epoch, uint16_t agency,
                        struct replay_aged *out, size_t max, size_t *count, struct err *err)
{
    static const uint8_t none[WIRE_TAG_SIZE];
    uint8_t key[AGE_KEY];
    *count = 0;
    int rc = open_cursor(state, err);
    if (rc != 0)
        return rc;
    age_key(key, &(struct tag_place){purpose, epoch, none}, agency, 0);
    for (kv_cursor_seek(state->cursor, key, sizeof key); *count < max && at_key(state, key, AGE_PREFIX, AGE_KEY);
         kv_cursor_next(state->cursor)) {
        const uint8_t *found = kv_cursor_key(state->cursor).data;
        struct replay_aged *aged = &out[(*count)++];
        aged->time = bytes_get_u64be(found + AGE_PREFIX);
        memcpy(aged->tag, found + AGE_PREFIX + 8, WIRE_TAG_SIZE);
    }
    return kv_cursor_error(state->cursor, err);
}

int replay_state_next_tag(struct replay_state *state, uint16_t purpose, struct replay_place *place, bool *found,
                          struct err *err)
{
    uint8_t key[ENTRY_KEY];
    *found = false;
    int rc = open_cursor(state, err);
    if (rc != 0)
        return rc;
    entry_key(key, &(struct tag_place){purpose, place->epoch, place->tag}, place->any ? UINT16_MAX : 0);
    kv_cursor_seek(state->cursor, key, sizeof key);
    if (at_key(state, key, 3, ENTRY_KEY)) {
        const uint8_t *at = kv_cursor_key(state->cursor).data;
        *found = true;
        place->any = true;
        place->epoch = bytes_get_u32be(at + 3);
        memcpy(place->tag, at + 7, WIRE_TAG_SIZE);
    }
    return kv_cursor_error(state->cursor, err);
}

/* --- registers and pairs --- */

static uint64_t register_number(uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    return ((uint64_t)purpose << 48 | (uint64_t)agency << 32 | epoch) + 1;
}

struct replay_register *replay_state_register(const struct replay_state *state, uint16_t purpose, uint32_t epoch,
                                              uint16_t agency)
{
    return table_find(&state->registers, register_number(purpose, epoch, agency));
}

int replay_state_register_make(struct replay_state *state, uint16_t purpose, uint32_t epoch, uint16_t agency,
                               struct replay_register **out, struct err *err)
{
    const uint64_t number = register_number(purpose, epoch, agency);
    *out = table_find(&state->registers, number);
    if (*out != NULL)
        return 0;
    *out = table_add(&state->registers, number, sizeof **out, err);
    if (*out == NULL)
        return err_code(err);
    **out = (struct replay_register){.purpose = purpose, .agency = agency, .epoch = epoch};
    return 0;
}

struct replay_register *replay_state_register_at(const struct replay_state *state, size_t i)
{
    return i < state->registers.count ? state->registers.member[i] : NULL;
}

static uint64_t pair_number(uint16_t purpose, uint16_t a, uint16_t b)
{
    return ((uint64_t)purpose << 32 | (uint64_t)(a < b ? a : b) << 16 | (a < b ? b : a)) + 1;
}

struct replay_pair *replay_state_pair(const struct replay_state *state, uint16_t purpose, uint16_t a, uint16_t b)
{
    return table_find(&state->pairs, pair_number(purpose, a, b));
}

int replay_state_pair_make(struct replay_state *state, uint16_t purpose, uint16_t a, uint16_t b,
                           struct replay_pair **out, struct err *err)
{
    *out = replay_state_pair(state, purpose, a, b);
    if (*out != NULL)
        return 0;
    *out = table_add(&state->pairs, pair_number(purpose, a, b), sizeof **out, err);
    if (*out == NULL)
        return err_code(err);
    **out = (struct replay_pair){.purpose = purpose, .low = a < b ? a : b, .high = a < b ? b : a};
    return 0;
}

struct replay_pair *replay_state_pair_at(const struct replay_state *state, size_t i)
{
    return i < state->pairs.count ? state->pairs.member[i] : NULL;
}

/* --- couples that wait --- */

void replay_state_wait(struct replay_state *state, struct replay_pair *pair, const struct replay_waiting *waiting)
{
    uint8_t order[ORDER_KEY], couple[COUPLE_KEY], leaf[8];
    order_key(order, pair, waiting);
    couple_key(couple, pair, waiting);
    bytes_put_u64be(leaf, waiting->leaf);
    kv_batch_put(state->batch, order, sizeof order, NULL, 0);
    kv_batch_put(state->batch, couple, sizeof couple, leaf, sizeof leaf);
    pair->waiting++;
}

void replay_state_wait_end(struct replay_state *state, struct replay_pair *pair, const struct replay_waiting *waiting)
{
    uint8_t order[ORDER_KEY], couple[COUPLE_KEY];
    order_key(order, pair, waiting);
    couple_key(couple, pair, waiting);
    kv_batch_delete(state->batch, order, sizeof order);
    kv_batch_delete(state->batch, couple, sizeof couple);
    pair->waiting--;
}

int replay_state_wait_find(struct replay_state *state, const struct replay_pair *pair, struct replay_waiting *waiting,
                           bool *found, struct err *err)
{
    uint8_t key[COUPLE_KEY];
    *found = false;
    if (pair->waiting == 0)
        return 0;
    int rc = open_cursor(state, err);
    if (rc != 0)
        return rc;
    couple_key(key, pair, waiting);
    kv_cursor_seek(state->cursor, key, sizeof key);
    if (at_key(state, key, sizeof key, sizeof key) && kv_cursor_value(state->cursor).len == 8) {
        *found = true;
        waiting->leaf = bytes_get_u64be(kv_cursor_value(state->cursor).data);
    }
    return kv_cursor_error(state->cursor, err);
}

int replay_state_wait_first(struct replay_state *state, const struct replay_pair *pair, struct replay_waiting *out,
                            size_t max, size_t *count, struct err *err)
{
    uint8_t key[ORDER_KEY];
    *count = 0;
    int rc = open_cursor(state, err);
    if (rc != 0)
        return rc;
    order_key(key, pair, &(struct replay_waiting){.leaf = 0});
    for (kv_cursor_seek(state->cursor, key, sizeof key); *count < max && at_key(state, key, ORDER_PREFIX, ORDER_KEY);
         kv_cursor_next(state->cursor)) {
        const uint8_t *found = kv_cursor_key(state->cursor).data + ORDER_PREFIX;
        struct replay_waiting *waiting = &out[(*count)++];
        waiting->leaf = bytes_get_u64be(found);
        waiting->epoch = bytes_get_u32be(found + 8);
        memcpy(waiting->tag, found + 12, WIRE_TAG_SIZE);
    }
    return kv_cursor_error(state->cursor, err);
}
