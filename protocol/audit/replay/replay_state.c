/*
 * In the store (numbers big-endian):
 *   E purpose2 epoch4 tag16 agency2           time u64 | payload
 *   X purpose2 epoch4 agency2 time8 tag16     -                     the same by age
 */
#include "protocol/audit/replay/replay_state.h"

#include "protocol/kv/kv.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_PREFIX 23
#define ENTRY_KEY 25
#define AGE_PREFIX 9
#define AGE_KEY 33
#define VALUE_MAX (8 + WIRE_PAYLOAD_MAX)

struct replay_state {
    const struct manifests *manifests;
    const struct manifest *wanted; /* its grants are to be compared once no walk is under way */
    struct kv *kv;
    struct kv_batch *batch;
    struct kv_cursor *cursor;   /* on what is committed; NULL: to be opened */
    struct replay_entry *entry; /* of the tag asked last; room for every agency */
    uint8_t *payloads;
    struct replay_pair *pair; /* sorted */
    size_t pairs;
    uint64_t *count;             /* of entries: [purpose * names + agency] */
    struct replay_place *walked; /* by purpose */
};

int replay_state_open(struct replay_state **out, const char *dir, const struct manifests *manifests, struct err *err)
{
    struct replay_state *s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    s->manifests = manifests;
    s->entry = calloc(manifests->names + 1, sizeof *s->entry);
    s->payloads = calloc(manifests->names + 1, WIRE_PAYLOAD_MAX);
    s->count = calloc((manifests->names + 1) * (manifests->names + 1), sizeof *s->count);
    s->walked = calloc(manifests->names + 1, sizeof *s->walked);
    int rc = s->entry == NULL || s->payloads == NULL || s->count == NULL || s->walked == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for replaying")
                 : kv_open(&s->kv, dir, 0, err);
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
    free(state->entry);
    free(state->payloads);
    free(state->count);
    free(state->walked);
    free(state->pair);
    free(state);
}

/* --- keys --- */

static void entry_key(uint8_t key[ENTRY_KEY], uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                      uint16_t agency)
{
    key[0] = 'E';
    bytes_put_u16be(key + 1, purpose);
    bytes_put_u32be(key + 3, epoch);
    memcpy(key + 7, tag, WIRE_TAG_SIZE);
    bytes_put_u16be(key + ENTRY_PREFIX, agency);
}

static void age_key(uint8_t key[AGE_KEY], uint16_t purpose, uint32_t epoch, uint16_t agency, uint64_t time,
                    const uint8_t tag[WIRE_TAG_SIZE])
{
    key[0] = 'X';
    bytes_put_u16be(key + 1, purpose);
    bytes_put_u32be(key + 3, epoch);
    bytes_put_u16be(key + 7, agency);
    bytes_put_u64be(key + AGE_PREFIX, time);
    memcpy(key + AGE_PREFIX + 8, tag, WIRE_TAG_SIZE);
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

int replay_state_tag(struct replay_state *state, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                     struct replay_tag *out, struct err *err)
{
    struct replay_state *s = state;
    uint8_t key[ENTRY_KEY];
    *out = (struct replay_tag){s->entry, 0};
    int rc = open_cursor(s, err);
    if (rc != 0)
        return rc;
    entry_key(key, purpose, epoch, tag, 0);
    for (kv_cursor_seek(s->cursor, key, ENTRY_KEY);
         at_key(s, key, ENTRY_PREFIX, ENTRY_KEY) && out->count < s->manifests->names; kv_cursor_next(s->cursor)) {
        struct span value = kv_cursor_value(s->cursor);
        uint8_t *copy = s->payloads + out->count * WIRE_PAYLOAD_MAX;
        if (value.len < 8 || value.len > VALUE_MAX)
            return err_set(err, ERR_INTERNAL, "the replay's store is damaged");
        memcpy(copy, value.data + 8, value.len - 8);
        s->entry[out->count++] = (struct replay_entry){bytes_get_u16be(kv_cursor_key(s->cursor).data + ENTRY_PREFIX),
                                                       bytes_get_u64be(value.data), span_of(copy, value.len - 8)};
    }
    return kv_cursor_error(s->cursor, err);
}

static uint64_t *count_of(struct replay_state *s, uint16_t purpose, uint16_t agency)
{
    return &s->count[(size_t)purpose * s->manifests->names + agency];
}

static void forget_age(struct replay_state *s, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                       const struct replay_entry *old)
{
    uint8_t key[AGE_KEY];
    age_key(key, purpose, epoch, old->agency, old->time, tag);
    kv_batch_delete(s->batch, key, sizeof key);
}

void replay_state_put(struct replay_state *state, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                      const struct replay_entry *old, const struct replay_entry *entry)
{
    uint8_t key[ENTRY_KEY], age[AGE_KEY], value[VALUE_MAX];
    if (old != NULL)
        forget_age(state, purpose, epoch, tag, old);
    else
        ++*count_of(state, purpose, entry->agency);
    entry_key(key, purpose, epoch, tag, entry->agency);
    bytes_put_u64be(value, entry->time);
    memcpy(value + 8, entry->payload.data, entry->payload.len);
    kv_batch_put(state->batch, key, sizeof key, value, 8 + entry->payload.len);
    age_key(age, purpose, epoch, entry->agency, entry->time, tag);
    kv_batch_put(state->batch, age, sizeof age, NULL, 0);
}

void replay_state_remove(struct replay_state *state, uint16_t purpose, uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE],
                         const struct replay_entry *old)
{
    uint8_t key[ENTRY_KEY];
    forget_age(state, purpose, epoch, tag, old);
    entry_key(key, purpose, epoch, tag, old->agency);
    kv_batch_delete(state->batch, key, sizeof key);
    --*count_of(state, purpose, old->agency);
}

int replay_state_commit(struct replay_state *state, struct err *err)
{
    int rc = kv_batch_count(state->batch) > 0 ? kv_commit(state->kv, state->batch, false, err) : 0;
    kv_batch_clear(state->batch);
    kv_cursor_free(state->cursor);
    state->cursor = NULL;
    return rc;
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
    age_key(key, purpose, epoch, agency, 0, none);
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
    entry_key(key, purpose, place->epoch, place->tag, place->any ? UINT16_MAX : 0);
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

/* --- pairs --- */

static int compare_pairs(const void *left, const void *right)
{
    const struct replay_pair *a = left, *b = right;
    if (a->purpose != b->purpose)
        return a->purpose < b->purpose ? -1 : 1;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return (a->high > b->high) - (a->high < b->high);
}

static struct replay_pair *find_pair(const struct replay_state *s, uint16_t purpose, uint16_t a, uint16_t b)
{
    const struct replay_pair key = {purpose, a < b ? a : b, a < b ? b : a, PAIR_JOINED};
    return s->pairs == 0 ? NULL : bsearch(&key, s->pair, s->pairs, sizeof key, compare_pairs);
}

bool replay_state_walks(const struct replay_state *state, uint16_t purpose)
{
    for (size_t i = 0; i < state->pairs; i++)
        if (state->pair[i].purpose == purpose && state->pair[i].state != PAIR_JOINED)
            return true;
    return false;
}

bool replay_state_pair(const struct replay_state *state, uint16_t purpose, uint16_t a, uint16_t b,
                       enum replay_pair_state *out)
{
    const struct replay_pair *pair = find_pair(state, purpose, a, b);
    if (pair != NULL)
        *out = pair->state;
    return pair != NULL;
}

/* A pair of which one side has no entries has nothing to be told: no walk is needed. */
static bool needs_walk(struct replay_state *s, const struct replay_pair *pair)
{
    return *count_of(s, pair->purpose, pair->low) > 0 && *count_of(s, pair->purpose, pair->high) > 0;
}

static bool is_mutual(const struct manifest *m, const struct replay_pair *pair)
{
    return manifest_mutual(m, pair->purpose, pair->low, pair->high);
}

/* Pairs that are joined and no longer granted end; those that end at once are dropped. */
static void begin_ends(struct replay_state *s)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->pairs; i++) {
        struct replay_pair pair = s->pair[i];
        bool ends = !is_mutual(s->wanted, &pair);
        if (ends && !needs_walk(s, &pair))
            continue;
        pair.state = ends ? PAIR_ENDS : PAIR_JOINED;
        s->pair[kept++] = pair;
    }
    s->pairs = kept;
}

static int add_pair(struct replay_state *s, struct replay_pair pair, size_t *room, struct err *err)
{
    if (s->pairs >= *room) {
        *room = *room > 0 ? 2 * *room + 64 : s->pairs + 64;
        struct replay_pair *more = realloc(s->pair, *room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the grants");
        s->pair = more;
    }
    pair.state = needs_walk(s, &pair) ? PAIR_BEGINS : PAIR_JOINED;
    s->pair[s->pairs++] = pair;
    return 0;
}

/* The list is sorted up to `known` while it is searched and longer ones are appended. */
static int begin_beginnings(struct replay_state *s, struct err *err)
{
    size_t room = 0, known = s->pairs, all = 0;
    int rc = 0;
    for (size_t p = 0; rc == 0 && p < s->manifests->names; p++)
        for (size_t a = 0; manifest_purpose(s->wanted, (int)p) != NULL && rc == 0 && a < s->manifests->names; a++)
            for (size_t b = 0; rc == 0 && b < a; b++) {
                if (!manifest_mutual(s->wanted, (int)p, (int)a, (int)b))
                    continue;
                all = s->pairs;
                s->pairs = known;
                bool is_known = find_pair(s, (uint16_t)p, (uint16_t)a, (uint16_t)b) != NULL;
                s->pairs = all;
                if (!is_known)
                    rc = add_pair(s, (struct replay_pair){(uint16_t)p, (uint16_t)b, (uint16_t)a, PAIR_BEGINS}, &room,
                                  err);
            }
    if (s->pairs > 1)
        qsort(s->pair, s->pairs, sizeof *s->pair, compare_pairs);
    return rc;
}

static int compare_grants(struct replay_state *s, struct err *err)
{
    for (size_t i = 0; i < s->pairs; i++)
        if (s->pair[i].state != PAIR_JOINED)
            return 0; /* first what is under way */
    if (s->wanted == NULL)
        return 0;
    begin_ends(s);
    int rc = begin_beginnings(s, err);
    s->wanted = NULL;
    return rc;
}

int replay_state_manifest(struct replay_state *state, const struct manifest *manifest, struct err *err)
{
    state->wanted = manifest;
    return compare_grants(state, err);
}

struct replay_place *replay_state_walked(struct replay_state *state, uint16_t purpose)
{
    return &state->walked[purpose];
}

int replay_state_settle(struct replay_state *state, uint16_t purpose, struct err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < state->pairs; i++) {
        struct replay_pair pair = state->pair[i];
        if (pair.purpose == purpose && pair.state == PAIR_ENDS)
            continue;
        if (pair.purpose == purpose)
            pair.state = PAIR_JOINED;
        state->pair[kept++] = pair;
    }
    state->pairs = kept;
    state->walked[purpose] = (struct replay_place){.any = false};
    return compare_grants(state, err);
}
