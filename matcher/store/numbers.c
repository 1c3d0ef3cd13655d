/* The small numbers: what agencies hold, and what two of them are to each other. All are in memory. */
#include "matcher/store/rocksdb.h"

#include <stdlib.h>

#define HELD_VALUE 17 /* count u64, phase u8, complete u64 */
#define PAIR_NUMBERS 16
#define PAIR_VALUE (2 + 8 * PAIR_NUMBERS)
#define SLOTS_LEAST 64

/* --- finding --- */

static uint64_t held_key(uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    return (uint64_t)purpose << 48 | (uint64_t)epoch << 16 | agency;
}

static uint64_t pair_key(uint16_t purpose, uint16_t low, uint16_t high)
{
    return (uint64_t)purpose << 32 | (uint64_t)low << 16 | high;
}

/* The slot of a key, or the free one where it would be. */
static size_t find_slot(const struct numbers *n, uint64_t key)
{
    size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 24) & (n->slots - 1);
    while (n->key[i] != 0 && n->key[i] != key)
        i = (i + 1) & (n->slots - 1);
    return i;
}

/* NULL if it is not there. */
static struct number *find(const struct numbers *n, uint64_t key)
{
    if (n->count == 0)
        return NULL;
    size_t i = find_slot(n, key);
    return n->key[i] == key ? n->member[n->at[i]] : NULL;
}

static int grow_slots(struct numbers *n, struct err *err)
{
    struct numbers larger = {.slots = n->slots > 0 ? 2 * n->slots : SLOTS_LEAST};
    larger.key = calloc(larger.slots, sizeof *larger.key);
    larger.at = calloc(larger.slots, sizeof *larger.at);
    if (larger.key == NULL || larger.at == NULL) {
        free(larger.key);
        free(larger.at);
        return err_set(err, ERR_NO_MEMORY, "out of memory for the store's numbers");
    }
    for (size_t i = 0; i < n->slots; i++) {
        if (n->key[i] == 0)
            continue;
        size_t slot = find_slot(&larger, n->key[i]);
        larger.key[slot] = n->key[i];
        larger.at[slot] = n->at[i];
    }
    free(n->key);
    free(n->at);
    n->key = larger.key;
    n->at = larger.at;
    n->slots = larger.slots;
    return 0;
}

/* Room for one more in a list of `room` members. */
static int grow_list(struct number ***list, size_t room, struct err *err)
{
    struct number **larger = realloc(*list, room * sizeof(struct number *));
    if (larger == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the store's numbers");
    *list = larger;
    return 0;
}

static int grow_members(struct numbers *n, struct err *err)
{
    size_t room = n->room > 0 ? 2 * n->room : SLOTS_LEAST;
    int rc = grow_list(&n->member, room, err);
    if (rc == 0)
        rc = grow_list(&n->dirty, room, err);
    if (rc == 0)
        rc = grow_list(&n->touched, room, err);
    if (rc == 0)
        n->room = room;
    return rc;
}

static void *committed_of(const struct number *number)
{
    return (void *)number->copy;
}

static void *pending_of(const struct numbers *n, const struct number *number)
{
    return (void *)(number->copy + n->words);
}

static void copy_to(const struct numbers *n, struct number *number, size_t to, size_t from)
{
    memcpy(number->copy + to * n->words, number->copy + from * n->words, n->words * sizeof(uint64_t));
}

enum { COMMITTED, PENDING, MARKED };

/* Adds a member with this value, as committed as pending. */
static struct number *add(struct store *s, struct numbers *n, uint64_t key, const void *value, size_t size,
                          struct err *err)
{
    struct number *number = calloc(1, sizeof *number + 3 * n->words * sizeof(uint64_t));
    pthread_rwlock_wrlock(&s->lock);
    int rc = number == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the store's numbers") : 0;
    if (rc == 0 && 2 * n->count >= n->slots)
        rc = grow_slots(n, err);
    if (rc == 0 && n->count == n->room)
        rc = grow_members(n, err);
    if (rc == 0) {
        size_t slot = find_slot(n, key);
        memcpy(number->copy, value, size);
        copy_to(n, number, PENDING, COMMITTED);
        n->key[slot] = key;
        n->at[slot] = (uint32_t)n->count;
        n->member[n->count++] = number;
    }
    pthread_rwlock_unlock(&s->lock);
    if (rc != 0) {
        free(number);
        return NULL;
    }
    return number;
}

/* Before it is changed. */
static void touch(struct numbers *n, struct number *number)
{
    if (number->touched)
        return;
    copy_to(n, number, MARKED, PENDING);
    number->was_changed = number->changed;
    number->touched = true;
    n->touched[n->touched_count++] = number;
    if (!number->changed)
        n->dirty[n->dirty_count++] = number;
    number->changed = true;
}

static void save(struct numbers *n)
{
    for (size_t i = 0; i < n->touched_count; i++)
        n->touched[i]->touched = false;
    n->touched_count = 0;
}

static void undo(struct numbers *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->touched_count; i++) {
        copy_to(n, n->touched[i], PENDING, MARKED);
        n->touched[i]->changed = n->touched[i]->was_changed;
    }
    save(n);
    for (size_t i = 0; i < n->dirty_count; i++)
        if (n->dirty[i]->changed)
            n->dirty[kept++] = n->dirty[i];
    n->dirty_count = kept;
}

static void settle(struct numbers *n, bool written)
{
    save(n);
    for (size_t i = 0; i < n->dirty_count; i++) {
        copy_to(n, n->dirty[i], written ? COMMITTED : PENDING, written ? PENDING : COMMITTED);
        n->dirty[i]->changed = false;
    }
    n->dirty_count = 0;
}

static void free_all(struct numbers *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->member[i]);
    free(n->member);
    free(n->dirty);
    free(n->touched);
    free(n->key);
    free(n->at);
}

static struct number *find_held(const struct store *s, uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    return find(&s->held, held_key(purpose, epoch, agency));
}

static struct number *find_pair(const struct store *s, uint16_t purpose, uint16_t a, uint16_t b)
{
    return find(&s->pairs, pair_key(purpose, a < b ? a : b, a < b ? b : a));
}

int numbers_held(struct store *s, uint16_t purpose, uint32_t epoch, uint16_t agency, struct store_held **out,
                 struct err *err)
{
    const struct store_held new = {.purpose = purpose, .agency = agency, .epoch = epoch};
    struct number *number = find_held(s, purpose, epoch, agency);
    if (number == NULL)
        number = add(s, &s->held, held_key(purpose, epoch, agency), &new, sizeof new, err);
    if (number == NULL)
        return err_code(err);
    touch(&s->held, number);
    *out = pending_of(&s->held, number);
    return 0;
}

int numbers_pair(struct store *s, uint16_t purpose, uint16_t a, uint16_t b, struct store_pair **out, struct err *err)
{
    const struct store_pair new = {.purpose = purpose, .low = a < b ? a : b, .high = a < b ? b : a};
    if (a == b)
        return err_set(err, ERR_INTERNAL, "an agency is no pair");
    struct number *number = find_pair(s, purpose, a, b);
    if (number == NULL)
        number = add(s, &s->pairs, pair_key(purpose, new.low, new.high), &new, sizeof new, err);
    if (number == NULL)
        return err_code(err);
    touch(&s->pairs, number);
    *out = pending_of(&s->pairs, number);
    return 0;
}

void numbers_init(struct store *s)
{
    s->held.words = (sizeof(struct store_held) + 7) / 8;
    s->pairs.words = (sizeof(struct store_pair) + 7) / 8;
}

void numbers_save(struct store *s)
{
    save(&s->held);
    save(&s->pairs);
}

void numbers_undo(struct store *s)
{
    undo(&s->held);
    undo(&s->pairs);
}

void numbers_settle(struct store *s, bool written)
{
    settle(&s->held, written);
    settle(&s->pairs, written);
}

void numbers_free(struct store *s)
{
    free_all(&s->held);
    free_all(&s->pairs);
}

/* --- what readers see --- */

struct store_held store_held(struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    struct store_held out = {.purpose = purpose, .agency = agency, .epoch = epoch};
    pthread_rwlock_rdlock(&store->lock);
    const struct number *number = find_held(store, purpose, epoch, agency);
    if (number != NULL)
        memcpy(&out, committed_of(number), sizeof out);
    pthread_rwlock_unlock(&store->lock);
    return out;
}

uint64_t store_count_epochs(struct store *store, uint16_t purpose, uint16_t agency)
{
    uint64_t sum = 0;
    pthread_rwlock_rdlock(&store->lock);
    for (size_t i = 0; i < store->held.count; i++) {
        const struct store_held *h = committed_of(store->held.member[i]);
        sum += h->purpose == purpose && h->agency == agency ? h->count : 0;
    }
    pthread_rwlock_unlock(&store->lock);
    return sum;
}

struct store_pair store_pair(struct store *store, uint16_t purpose, uint16_t a, uint16_t b)
{
    struct store_pair out = {.purpose = purpose, .low = a < b ? a : b, .high = a < b ? b : a};
    pthread_rwlock_rdlock(&store->lock);
    const struct number *number = find_pair(store, purpose, a, b);
    if (number != NULL)
        memcpy(&out, committed_of(number), sizeof out);
    pthread_rwlock_unlock(&store->lock);
    return out;
}

/* --- what the writer sees and changes --- */

const struct store_held *store_held_at(const struct store *store, size_t i)
{
    return i < store->held.count ? pending_of(&store->held, store->held.member[i]) : NULL;
}

const struct store_held *store_held_now(const struct store *store, uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    const struct number *number = find_held(store, purpose, epoch, agency);
    return number != NULL ? pending_of(&store->held, number) : NULL;
}

int store_phase_put(struct store_write *write, uint16_t purpose, uint32_t epoch, uint16_t agency,
                    enum store_phase phase, struct err *err)
{
    struct store_held *held = NULL;
    int rc = numbers_held(write->store, purpose, epoch, agency, &held, err);
    if (rc == 0) {
        held->phase = phase;
        write->staged = true;
    }
    return rc;
}

int store_complete_put(struct store_write *write, uint16_t purpose, uint32_t epoch, uint16_t agency, uint64_t time,
                       struct err *err)
{
    struct store_held *held = NULL;
    int rc = numbers_held(write->store, purpose, epoch, agency, &held, err);
    if (rc == 0) {
        held->complete = time;
        write->staged = true;
    }
    return rc;
}

const struct store_pair *store_pair_at(const struct store *store, size_t i)
{
    return i < store->pairs.count ? pending_of(&store->pairs, store->pairs.member[i]) : NULL;
}

const struct store_pair *store_pair_now(const struct store *store, uint16_t purpose, uint16_t a, uint16_t b)
{
    const struct number *number = find_pair(store, purpose, a, b);
    return number != NULL ? pending_of(&store->pairs, number) : NULL;
}

int store_pair_change(struct store_write *write, uint16_t purpose, uint16_t a, uint16_t b, struct store_pair **out,
                      struct err *err)
{
    int rc = numbers_pair(write->store, purpose, a, b, out, err);
    write->staged = write->staged || rc == 0;
    return rc;
}

/* --- on disk --- */

static void encode_pair(uint8_t out[PAIR_VALUE], const struct store_pair *p)
{
    const uint64_t number[PAIR_NUMBERS] = {p->release[0].left,
                                           p->release[0].until,
                                           p->release[1].left,
                                           p->release[1].until,
                                           p->waiting,
                                           p->day,
                                           p->met,
                                           p->asked[0],
                                           p->asked[1],
                                           p->owed_day,
                                           p->owed[0],
                                           p->owed[1],
                                           p->resumed_day[0],
                                           p->resumed_day[1],
                                           p->resumed[0],
                                           p->resumed[1]};
    out[0] = (uint8_t)p->state;
    out[1] = (uint8_t)(p->suspended[0] | p->suspended[1] << 1);
    for (size_t i = 0; i < PAIR_NUMBERS; i++)
        bytes_put_u64be(out + 2 + 8 * i, number[i]);
}

static void decode_pair(struct store_pair *p, const uint8_t in[PAIR_VALUE])
{
    uint64_t *const number[PAIR_NUMBERS] = {&p->release[0].left,
                                            &p->release[0].until,
                                            &p->release[1].left,
                                            &p->release[1].until,
                                            &p->waiting,
                                            &p->day,
                                            &p->met,
                                            &p->asked[0],
                                            &p->asked[1],
                                            &p->owed_day,
                                            &p->owed[0],
                                            &p->owed[1],
                                            &p->resumed_day[0],
                                            &p->resumed_day[1],
                                            &p->resumed[0],
                                            &p->resumed[1]};
    p->state = (enum store_pair_state)in[0];
    p->suspended[0] = (in[1] & 1) != 0;
    p->suspended[1] = (in[1] & 2) != 0;
    for (size_t i = 0; i < PAIR_NUMBERS; i++)
        *number[i] = bytes_get_u64be(in + 2 + 8 * i);
}

static int load_held(struct store *s, struct span key, struct span value, struct err *err)
{
    struct store_held *held;
    if (value.len != HELD_VALUE || value.data[8] > STORE_PHASE_OPEN)
        return err_set(err, ERR_VERIFY, "the matcher's store is damaged: counts");
    int rc = numbers_held(s, bytes_get_u16be(key.data + 1), bytes_get_u32be(key.data + 3),
                          bytes_get_u16be(key.data + 7), &held, err);
    if (rc == 0) {
        held->count = bytes_get_u64be(value.data);
        held->phase = (enum store_phase)value.data[8];
        held->complete = bytes_get_u64be(value.data + 9);
    }
    return rc;
}

static int load_pair(struct store *s, struct span key, struct span value, struct err *err)
{
    struct store_pair *pair;
    if (value.len != PAIR_VALUE || value.data[0] > STORE_PAIR_ENDS)
        return err_set(err, ERR_VERIFY, "the matcher's store is damaged: pairs of agencies");
    int rc = numbers_pair(s, bytes_get_u16be(key.data + 1), bytes_get_u16be(key.data + 3),
                          bytes_get_u16be(key.data + 5), &pair, err);
    if (rc == 0)
        decode_pair(pair, value.data);
    return rc;
}

int numbers_load(struct store *s, struct kv_cursor *c, struct err *err)
{
    const struct key helds = key_of('C'), pairs = key_of('G');
    int rc = 0;
    for (kv_cursor_seek(c, helds.bytes, helds.len);
         rc == 0 && kv_cursor_valid(c) && key_begins(&helds, kv_cursor_key(c), KEY_COUNT_SIZE); kv_cursor_next(c))
        rc = load_held(s, kv_cursor_key(c), kv_cursor_value(c), err);
    for (kv_cursor_seek(c, pairs.bytes, pairs.len);
         rc == 0 && kv_cursor_valid(c) && key_begins(&pairs, kv_cursor_key(c), KEY_PAIR_SIZE); kv_cursor_next(c))
        rc = load_pair(s, kv_cursor_key(c), kv_cursor_value(c), err);
    numbers_settle(s, true);
    if (rc == 0)
        rc = kv_cursor_error(c, err);
    return rc;
}

static void put_held(struct store_write *w, const struct store_held *held)
{
    uint8_t value[HELD_VALUE];
    struct key key = key_of('C');
    key_u16(&key, held->purpose);
    key_u32(&key, held->epoch);
    key_u16(&key, held->agency);
    bytes_put_u64be(value, held->count);
    value[8] = (uint8_t)held->phase;
    bytes_put_u64be(value + 9, held->complete);
    write_put(w, &key, value, sizeof value);
}

static void put_pair(struct store_write *w, const struct store_pair *pair)
{
    uint8_t value[PAIR_VALUE];
    const struct key key = key_pair('G', pair->purpose, pair->low, pair->high);
    encode_pair(value, pair);
    write_put(w, &key, value, sizeof value);
}

void numbers_put(struct store_write *w)
{
    const struct numbers *held = &w->store->held, *pairs = &w->store->pairs;
    for (size_t i = 0; i < held->dirty_count; i++)
        put_held(w, pending_of(held, held->dirty[i]));
    for (size_t i = 0; i < pairs->dirty_count; i++)
        put_pair(w, pending_of(pairs, pairs->dirty[i]));
}
