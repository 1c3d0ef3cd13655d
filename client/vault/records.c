/* Records and their tokens; which records a feed has not shown. */
#include "client/vault/told.h"
#include "protocol/base/clock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_HEAD (RECORD_DIGEST_SIZE + RECORD_SEED_SIZE + 5) /* lengths of id, except and elements behind these */
#define RECORD_MAX                                                                                                     \
    (RECORD_HEAD + VAULT_ID_MAX + EXCEPT_TEXT_MAX + VAULT_ELEMENTS_MAX + 1 + SCHEMA_TOKENS_MAX * TOKEN_SIZE)
#define QUESTION_SECONDS (INT64_C(365) * 86400)
#define REMOVED_PENDING_MAX (32u << 20)
#define SEEN_PENDING_MAX (16u << 20) /* bytes, then they go to a run */

static int missing(const char *what, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "the vault has no such %s", what);
}

/* The same for the same id in every domain. */
static void ref_of(const struct vault *v, struct vault_ref *out, const char *id)
{
    uint8_t hash[16];
    vault_hash(v, hash, id, strlen(id));
    memcpy(out->bytes, hash, sizeof out->bytes);
}

/* --- one record --- */

int record_parse(struct record_view *out, struct span value, struct err *err)
{
    if (value.len < RECORD_HEAD)
        return vault_damaged("record", err);
    out->digest = value.data;
    out->seed = value.data + RECORD_DIGEST_SIZE;
    const uint8_t *lengths = value.data + RECORD_HEAD - 5;
    out->id = span_of(value.data + RECORD_HEAD, bytes_get_u16be(lengths));
    out->except = span_of(out->id.data + out->id.len, lengths[2]);
    out->elements = span_of(out->except.data + out->except.len, bytes_get_u16be(lengths + 3));
    size_t rest = value.len - RECORD_HEAD, text = out->id.len + out->except.len + out->elements.len;
    if (out->id.len > VAULT_ID_MAX || text > rest || (rest - text) % TOKEN_SIZE != 0)
        return vault_damaged("record", err);
    out->tokens = out->elements.data + out->elements.len;
    out->count = (rest - text) / TOKEN_SIZE;
    return out->count <= SCHEMA_TOKENS_MAX ? 0 : vault_damaged("record", err);
}

uint8_t record_seal_key(uint8_t out[SEAL_KEY_SIZE], const struct record_view *view, size_t i)
{
    const uint8_t *stored = view->tokens + i * TOKEN_SIZE;
    memcpy(out, stored + 1, SEAL_KEY_SIZE);
    return stored[0] & TAG_KEY;
}

uint8_t record_token(struct token *out, const struct record_view *view, size_t i)
{
    const uint8_t key = record_seal_key(out->seal_key, view, i);
    token_tag(out->tag, out->seal_key);
    return key;
}

static int get_record(struct vault_domain *d, const struct vault_ref *ref, struct record_view *out, bool *found,
                      struct err *err)
{
    struct span value;
    int rc = shelf_get(&d->shelf[SHELF_RECORD], ref->bytes, &value, found, err);
    return rc != 0 || !*found ? rc : record_parse(out, value, err);
}

void vault_record_ref(const struct vault *vault, const char *id, struct vault_ref *out)
{
    ref_of(vault, out, id);
}

int vault_record_find(struct vault *vault, int64_t domain, const char *id, const uint8_t digest[32],
                      struct vault_ref *record, bool *same, struct err *err)
{
    struct vault_domain *d;
    struct record_view view;
    bool found = false;
    int rc = vault_shelves(vault, domain, &d, err);
    ref_of(vault, record, id);
    if (rc == 0)
        rc = get_record(d, record, &view, &found, err);
    if (rc == 0 && !found)
        return missing("record", err);
    if (rc == 0)
        *same = memcmp(view.digest, digest, RECORD_DIGEST_SIZE) == 0;
    return rc;
}

static void tagged_key(uint8_t out[TAGGED_SIZE], const uint8_t tag[WIRE_TAG_SIZE], const struct vault_ref *ref)
{
    memcpy(out, tag, WIRE_TAG_SIZE);
    memcpy(out + WIRE_TAG_SIZE, ref->bytes, VAULT_RECORD_SIZE);
}

/* That the record has the tag no more: key, seal key and whom it was not for, since an entry may have to be emptied. */
static int note_lost(struct vault_domain *d, const struct vault_ref *ref, const struct record_view *view, size_t i,
                     struct err *err)
{
    struct token token;
    uint8_t key[TAGGED_SIZE], value[LOST_SIZE + EXCEPT_TEXT_MAX];
    struct span lost = span_of(value, LOST_SIZE + view->except.len);
    value[0] = record_token(&token, view, i);
    tagged_key(key, token.tag, ref);
    memcpy(value + 1, token.seal_key, SEAL_KEY_SIZE);
    if (view->except.len > 0)
        memcpy(value + LOST_SIZE, view->except.data, view->except.len);
    int rc = shelf_put(&d->shelf[SHELF_CHANGE], key, &lost, err);
    sodium_memzero(&token, sizeof token);
    sodium_memzero(value, sizeof value);
    return rc;
}

/* That it has it: key, seal key, seed and whom it is not for, which is all that sending it takes. */
static int note_gained(struct vault_domain *d, const struct vault_ref *ref, const struct vault_token *token,
                       const uint8_t seed[RECORD_SEED_SIZE], struct span except, struct err *err)
{
    uint8_t key[TAGGED_SIZE], value[GAINED_SIZE + EXCEPT_TEXT_MAX];
    struct span gained = span_of(value, GAINED_SIZE + except.len);
    if (except.len > 0)
        memcpy(value + GAINED_SIZE, except.data, except.len);
    tagged_key(key, token->token.tag, ref);
    value[0] = token->key | CHANGE_GAINED;
    memcpy(value + 1, token->token.seal_key, SEAL_KEY_SIZE);
    memcpy(value + LOST_SIZE, seed, RECORD_SEED_SIZE);
    int rc = shelf_put(&d->shelf[SHELF_CHANGE], key, &gained, err);
    sodium_memzero(value, sizeof value);
    return rc;
}

static int strip_record(struct vault_domain *d, const struct vault_ref *ref, bool *found, struct err *err)
{
    struct record_view view = {.count = 0};
    int rc = get_record(d, ref, &view, found, err);
    for (size_t i = 0; rc == 0 && *found && i < view.count; i++)
        rc = note_lost(d, ref, &view, i, err);
    return rc;
}

static struct span except_span(const char *except)
{
    return except == NULL ? span_of("", 0) : span_of(except, strnlen(except, EXCEPT_TEXT_MAX));
}

static int put_value(struct vault_domain *d, const struct vault_ref *ref, const struct vault_record *record,
                     const uint8_t seed[RECORD_SEED_SIZE], const struct vault_token *token, size_t count,
                     struct err *err)
{
    uint8_t value[RECORD_MAX], *at = value;
    struct span id = span_of(record->id, strnlen(record->id, VAULT_ID_MAX)), except = except_span(record->except);
    memcpy(at, record->digest, RECORD_DIGEST_SIZE);
    memcpy(at + RECORD_DIGEST_SIZE, seed, RECORD_SEED_SIZE);
    bytes_put_u16be(at + RECORD_HEAD - 5, (uint16_t)id.len);
    at[RECORD_HEAD - 3] = (uint8_t)except.len;
    bytes_put_u16be(at + RECORD_HEAD - 2, (uint16_t)record->elements.len);
    memcpy(at + RECORD_HEAD, id.data, id.len);
    at += RECORD_HEAD + id.len;
    memcpy(at, except.data, except.len);
    at += except.len;
    if (record->elements.len > 0)
        memcpy(at, record->elements.data, record->elements.len);
    at += record->elements.len;
    for (size_t i = 0; i < count; i++, at += TOKEN_SIZE) {
        at[0] = token[i].key;
        memcpy(at + 1, token[i].token.seal_key, SEAL_KEY_SIZE);
    }
    struct span whole = span_of(value, (size_t)(at - value));
    int rc = shelf_put(&d->shelf[SHELF_RECORD], ref->bytes, &whole, err);
    sodium_memzero(value, whole.len);
    return rc;
}

static int put_handle(struct vault_domain *d, const struct vault_ref *ref, const uint8_t seed[RECORD_SEED_SIZE],
                      struct err *err)
{
    uint8_t key[HANDLE_KEY_SIZE];
    uint8_t handle[HANDLE_SIZE];
    struct span nothing = {NULL, 0};
    record_handle(handle, seed);
    memcpy(key, handle, 8);
    memcpy(key + 8, ref->bytes, VAULT_RECORD_SIZE);
    return shelf_put(&d->shelf[SHELF_HANDLE], key, &nothing, err);
}

static bool has_token(const struct vault_token *token, size_t count, const uint8_t *stored)
{
    for (size_t i = 0; i < count; i++)
        if (token[i].key == (stored[0] & TAG_KEY) &&
            sodium_memcmp(token[i].token.seal_key, stored + 1, SEAL_KEY_SIZE) == 0)
            return true;
    return false;
}

/* Notes the old tokens that do not stay as lost; the seed is the old one if all of them stay, else a new one. */
static int replace_record(struct vault_domain *d, const struct vault_ref *ref, const struct vault_token *token,
                          size_t count, uint8_t seed[RECORD_SEED_SIZE], bool *known, bool *grows, struct err *err)
{
    struct record_view view = {.count = 0};
    int rc = get_record(d, ref, &view, known, err);
    *grows = rc == 0 && *known;
    for (size_t i = 0; rc == 0 && i < view.count; i++)
        if (!has_token(token, count, view.tokens + i * TOKEN_SIZE)) {
            *grows = false;
            rc = note_lost(d, ref, &view, i, err);
        }
    if (*grows)
        memcpy(seed, view.seed, RECORD_SEED_SIZE);
    else
        randombytes_buf(seed, RECORD_SEED_SIZE);
    return rc;
}

int vault_record_put(struct vault *vault, int64_t domain, const struct vault_record *record,
                     const struct vault_token *token, size_t count, struct vault_ref *ref, struct err *err)
{
    struct vault_domain *d;
    uint8_t seed[RECORD_SEED_SIZE];
    bool known = false, grows = false;
    int rc = vault_shelves_locked(vault, domain, &d, err);
    ref_of(vault, ref, record->id);
    if (rc == 0 && (count > SCHEMA_TOKENS_MAX || record->elements.len > VAULT_ELEMENTS_MAX))
        rc = err_set(err, ERR_INTERNAL, "a record has %d tokens and %d bytes of elements at most", SCHEMA_TOKENS_MAX,
                     VAULT_ELEMENTS_MAX);
    if (rc != 0)
        return rc;
    rc = replace_record(d, ref, token, count, seed, &known, &grows, err);
    if (rc == 0)
        rc = put_value(d, ref, record, seed, token, count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = note_gained(d, ref, &token[i], seed, except_span(record->except), err);
    if (rc == 0 && !grows)
        rc = put_handle(d, ref, seed, err);
    if (rc == 0 && known)
        rc = vault_refs_add(&d->stale, ref->bytes, err);
    sodium_memzero(seed, sizeof seed);
    d->records += rc == 0 && !known;
    return rc;
}

int vault_record_remove(struct vault *vault, int64_t domain, const struct vault_ref *record, struct err *err)
{
    struct vault_domain *d;
    bool known = false;
    int rc = vault_shelves_locked(vault, domain, &d, err);
    if (rc == 0)
        rc = strip_record(d, record, &known, err);
    if (rc != 0 || !known)
        return rc;
    rc = shelf_put(&d->shelf[SHELF_RECORD], record->bytes, NULL, err);
    if (rc == 0)
        rc = vault_refs_add(&d->removed, record->bytes, err);
    d->records -= rc == 0;
    return rc;
}

int vault_order_set(struct vault *vault, const uint8_t digest[32], struct err *err)
{
    return vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('order', ?)", "b", digest, (size_t)32);
}

int vault_order_is(struct vault *vault, const uint8_t digest[32], bool *same, struct err *err)
{
    int64_t one;
    sqlite3_stmt *s =
        vault_bind(vault, err, "SELECT 1 FROM meta WHERE name = 'order' AND value = ?", "b", digest, (size_t)32);
    return vault_number(vault, s, &one, same, err);
}

/* --- whom it is not for --- */

/* All its tags are to be sent again; shows its tokens. */
static int gain_all(struct vault_domain *d, const struct vault_ref *ref, const struct record_view *view,
                    struct span except, struct vault_token token[SCHEMA_TOKENS_MAX], struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < view->count; i++) {
        token[i].key = record_token(&token[i].token, view, i);
        rc = note_gained(d, ref, &token[i], view->seed, except, err);
    }
    return rc;
}

int vault_record_except(struct vault *vault, int64_t domain, const struct vault_ref *record, const char *except,
                        bool *changed, struct err *err)
{
    struct vault_domain *d;
    struct record_view view = {.count = 0};
    struct vault_token token[SCHEMA_TOKENS_MAX];
    struct vault_record values = {.except = except};
    const struct span text = except_span(except);
    char id[VAULT_ID_MAX + 1] = "";
    uint8_t seed[RECORD_SEED_SIZE];
    bool found = false;
    int rc = vault_shelves_locked(vault, domain, &d, err);
    if (rc == 0)
        rc = get_record(d, record, &view, &found, err);
    if (rc == 0 && !found)
        return missing("record", err);
    *changed = rc == 0 && (view.except.len != text.len || memcmp(view.except.data, text.data, text.len) != 0);
    if (!*changed)
        return rc;
    rc = gain_all(d, record, &view, text, token, err);
    memcpy(id, view.id.data, view.id.len);
    memcpy(seed, view.seed, sizeof seed);
    memcpy(values.digest, view.digest, RECORD_DIGEST_SIZE);
    values.id = id;
    if (rc == 0)
        rc = put_value(d, record, &values, seed, token, view.count, err);
    sodium_memzero(token, sizeof token);
    sodium_memzero(seed, sizeof seed);
    return rc;
}

/* From `from` on, until what is pending takes too much memory. */
static int follow_some(struct vault *v, struct vault_domain *d, struct vault_ref *from, bool *more, struct err *err)
{
    struct shelf_cursor c = {.shelf = NULL};
    struct record_view view;
    struct vault_token token[SCHEMA_TOKENS_MAX];
    int rc = shelf_cursor_open(&c, &d->shelf[SHELF_RECORD], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_seek(&c, from->bytes, err);
    while (rc == 0 && c.valid && vault_pending(v) < REMOVED_PENDING_MAX) {
        memcpy(from->bytes, c.key, sizeof from->bytes);
        rc = record_parse(&view, c.value, err);
        if (rc == 0 && view.except.len > 0)
            rc = gain_all(d, from, &view, view.except, token, err);
        if (rc == 0)
            rc = shelf_next(&c, err);
    }
    *more = rc == 0 && c.valid;
    shelf_cursor_close(&c);
    sodium_memzero(token, sizeof token);
    if (rc == 0)
        rc = vault_settle(v, err);
    return rc;
}

int vault_except_follow(struct vault *vault, int64_t domain, const uint8_t agencies[32], struct err *err)
{
    struct vault_domain *d;
    struct vault_ref from = {{0}};
    bool row = false, same = false, more = true;
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT agencies FROM domain WHERE number = ?", "i", domain);
    int rc = vault_step(vault, s, &row, err);
    if (rc == 0 && row) {
        const struct span known = vault_column(s, 0);
        same = known.len == 32 && memcmp(known.data, agencies, 32) == 0;
        sqlite3_reset(s);
    }
    if (rc != 0 || same)
        return rc;
    rc = vault_settle(vault, err);
    while (rc == 0 && more && (rc = vault_shelves_locked(vault, domain, &d, err)) == 0)
        rc = follow_some(vault, d, &from, &more, err);
    return rc != 0 ? rc
                   : vault_do(vault, err, "UPDATE domain SET agencies = ? WHERE number = ?", "bi", agencies, (size_t)32,
                              domain);
}

int vault_record_id(struct vault *vault, int64_t domain, const struct vault_ref *record, char *out, struct err *err)
{
    struct vault_domain *d;
    struct record_view view;
    bool found = false;
    int rc = vault_shelves(vault, domain, &d, err);
    if (rc == 0)
        rc = get_record(d, record, &view, &found, err);
    if (rc == 0 && !found)
        return missing("record", err);
    if (rc == 0) {
        memcpy(out, view.id.data, view.id.len);
        out[view.id.len] = '\0';
    }
    return rc;
}

/* A handle of a record that is gone stays on its shelf; the record itself says whether it is there. */
int vault_handle_find(struct vault *vault, int64_t domain, const uint8_t handle[HANDLE_SIZE], char *out,
                      struct err *err)
{
    struct vault_domain *d;
    struct shelf_cursor c = {.shelf = NULL};
    uint8_t key[HANDLE_KEY_SIZE] = {0};
    struct vault_ref ref;
    bool found = false;
    memcpy(key, handle, 8);
    int rc = vault_shelves(vault, domain, &d, err);
    if (rc == 0)
        rc = shelf_cursor_open(&c, &d->shelf[SHELF_HANDLE], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_seek(&c, key, err);
    if (rc == 0 && c.valid && memcmp(c.key, handle, 8) == 0) {
        memcpy(ref.bytes, c.key + 8, sizeof ref.bytes);
        found = true;
    }
    shelf_cursor_close(&c);
    if (rc == 0 && !found)
        return missing("record", err);
    if (rc == 0)
        rc = vault_record_id(vault, domain, &ref, out, err);
    return rc;
}

int vault_question_seed(struct vault *vault, int64_t domain, const uint8_t digest[32], uint8_t seed[RECORD_SEED_SIZE],
                        bool *kept, struct err *err)
{
    bool row = false;
    randombytes_buf(seed, RECORD_SEED_SIZE);
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT seed FROM question WHERE domain = ? AND digest = ? AND at >= ?",
                                 "ibi", domain, digest, (size_t)32, (int64_t)clock_now() - QUESTION_SECONDS);
    int rc = s == NULL ? err_code(err) : vault_step(vault, s, &row, err);
    if (rc == 0 && row) {
        rc = vault_column_bytes(seed, RECORD_SEED_SIZE, s, 0, "question", err);
        sqlite3_reset(s);
    }
    *kept = rc == 0 && row;
    return rc;
}

int vault_question_keep(struct vault *vault, int64_t domain, const uint8_t digest[32],
                        const uint8_t seed[RECORD_SEED_SIZE], struct err *err)
{
    const int64_t now = (int64_t)clock_now();
    int rc = vault_do(vault, err, "DELETE FROM question WHERE at < ?", "i", now - QUESTION_SECONDS);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT OR IGNORE INTO question VALUES(?, ?, ?, ?)", "ibbi", domain, digest,
                      (size_t)32, seed, (size_t)RECORD_SEED_SIZE, now);
    return rc;
}

/* --- keys that count --- */

static int is_crowded(struct vault_domain *d, const struct vault_ref *ref, const uint8_t *tag, bool *crowded,
                      struct err *err)
{
    uint8_t key[TAGGED_SIZE];
    struct told told = {.sent = false};
    struct span value;
    bool found;
    tagged_key(key, tag, ref);
    int rc = shelf_get(&d->shelf[SHELF_TAG], key, &value, &found, err);
    if (rc == 0 && found)
        rc = told_read(&told, value, err);
    *crowded = rc == 0 && found && !told.sent;
    return rc;
}

int vault_keys(struct vault *vault, int64_t domain, const struct vault_ref *record, uint32_t *keys, struct err *err)
{
    struct vault_domain *d;
    struct record_view view = {.count = 0};
    struct token token;
    bool found, crowded;
    *keys = 0;
    int rc = vault_shelves(vault, domain, &d, err);
    if (rc == 0)
        rc = get_record(d, record, &view, &found, err);
    for (size_t i = 0; rc == 0 && found && i < view.count; i++) {
        const uint8_t key = record_token(&token, &view, i);
        rc = is_crowded(d, record, token.tag, &crowded, err);
        if (!crowded)
            *keys |= 1u << key;
    }
    sodium_memzero(&token, sizeof token);
    return rc;
}

/* --- what a feed has not shown --- */

struct vault_seen {
    struct vault *vault;
    struct shelf shelf;
};

/* The walk that finds them, in one domain. */
struct removing {
    struct vault_seen *seen;
    int64_t domain;
    struct vault_ref from; /* where to go on */
    uint64_t *removed;
    bool more;
};

int vault_seen_new(struct vault_seen **out, struct vault *vault, int64_t domain, struct err *err)
{
    struct vault_seen *s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    s->vault = vault;
    vault_run_kind(vault, &s->shelf.kind, SHELF_SEEN, domain);
    shelf_clear(&s->shelf);
    *out = s;
    return 0;
}

/* A run that the tables do not know: a crash leaves it to the next start to remove. */
static int spill_seen(struct vault_seen *s, struct err *err)
{
    struct run_info info;
    int rc = shelf_write(&s->shelf, &info, err);
    if (rc != 0)
        return rc;
    pending_clear(&s->shelf.pending);
    rc = shelf_add(&s->shelf, &info, 0, 0, err);
    run_remove(&s->shelf.kind, info.name); /* it is open: that is enough */
    return rc;
}

int vault_seen_add(struct vault_seen *seen, const struct vault_ref *record, struct err *err)
{
    struct span nothing = {NULL, 0};
    int rc = shelf_put(&seen->shelf, record->bytes, &nothing, err);
    return rc != 0 || seen->shelf.pending.bytes < SEEN_PENDING_MAX ? rc : spill_seen(seen, err);
}

/*
 * Both walks in step: what the second one does not show is removed. Stops before what is pending takes too much memory;
 * then there is more.
 */
static int remove_unseen(struct removing *r, struct shelf_cursor *all, struct shelf_cursor *seen, struct err *err)
{
    struct vault *v = r->seen->vault;
    int rc = shelf_seek(all, r->from.bytes, err);
    if (rc == 0)
        rc = shelf_seek(seen, r->from.bytes, err);
    while (rc == 0 && all->valid && vault_pending(v) < REMOVED_PENDING_MAX) {
        int order = seen->valid ? memcmp(all->key, seen->key, VAULT_RECORD_SIZE) : -1;
        memcpy(r->from.bytes, all->key, sizeof r->from.bytes);
        if (order < 0) {
            rc = vault_record_remove(v, r->domain, &r->from, err);
            ++*r->removed;
        }
        if (rc == 0 && order <= 0)
            rc = shelf_next(all, err);
        if (rc == 0 && order >= 0)
            rc = shelf_next(seen, err);
    }
    r->more = rc == 0 && all->valid;
    return rc;
}

/* A record that is pending as removed is still on the shelf: what is settled is not met again. */
static int remove_some(struct removing *r, struct err *err)
{
    struct vault_seen *s = r->seen;
    struct vault_domain *d;
    struct shelf_cursor all = {.shelf = NULL}, shown = {.shelf = NULL};
    int rc = vault_shelves_locked(s->vault, r->domain, &d, err);
    if (rc == 0)
        rc = shelf_cursor_open(&all, &d->shelf[SHELF_RECORD], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&shown, &s->shelf, 0, SIZE_MAX, err);
    if (rc == 0)
        rc = remove_unseen(r, &all, &shown, err);
    shelf_cursor_close(&all);
    shelf_cursor_close(&shown);
    if (rc == 0)
        rc = vault_settle(s->vault, err);
    return rc;
}

int vault_seen_count_rest(struct vault_seen *seen, int64_t domain, uint64_t *count, struct err *err)
{
    struct vault_domain *d;
    struct shelf_cursor all = {.shelf = NULL}, shown = {.shelf = NULL};
    static const struct vault_ref first;
    *count = 0;
    int rc = vault_settle(seen->vault, err);
    if (rc == 0)
        rc = spill_seen(seen, err);
    if (rc == 0)
        rc = vault_shelves(seen->vault, domain, &d, err);
    if (rc == 0)
        rc = shelf_cursor_open(&all, &d->shelf[SHELF_RECORD], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&shown, &seen->shelf, 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_seek(&all, first.bytes, err);
    if (rc == 0)
        rc = shelf_seek(&shown, first.bytes, err);
    while (rc == 0 && all.valid) {
        const int order = shown.valid ? memcmp(all.key, shown.key, VAULT_RECORD_SIZE) : -1;
        *count += order < 0;
        if (order <= 0)
            rc = shelf_next(&all, err);
        if (rc == 0 && order >= 0)
            rc = shelf_next(&shown, err);
    }
    shelf_cursor_close(&all);
    shelf_cursor_close(&shown);
    return rc;
}

int vault_seen_remove_rest(struct vault_seen *seen, int64_t domain, uint64_t *removed, struct err *err)
{
    struct removing r = {.seen = seen, .domain = domain, .removed = removed, .more = true};
    int rc = vault_settle(seen->vault, err);
    if (rc == 0)
        rc = spill_seen(seen, err);
    while (rc == 0 && r.more)
        rc = remove_some(&r, err);
    return rc;
}

void vault_seen_free(struct vault_seen *seen)
{
    if (seen == NULL)
        return;
    shelf_clear(&seen->shelf);
    free(seen);
}
