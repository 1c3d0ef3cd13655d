/* What changed since it was sent, in the order of the tags; how far sending it has come. */
#include "client/vault/crowds.h"
#include "client/vault/told.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A walk over the changes, merged from their runs, beside the shelf that says what the matcher was told. Of each tag
 * that changed, that gives who had it, who has it now, and so what to tell; and what will have been told goes into a
 * new run of that shelf as the walk goes on. When all is stored, one transaction puts the new run on the shelf and
 * takes the changes off.
 *
 * After a crash the walk begins again with the same runs, and comes to the same decisions: what lies behind the last
 * request that was stored, of either kind, is told no second time. Changes that came after the crash wait for the next
 * walk.
 */
struct member {
    uint8_t ref[VAULT_RECORD_SIZE], key;
    bool old, now, gained;
    bool shown;       /* the entry has a slot of its own for it */
    struct told told; /* of one that is old */
};

struct through {
    bool any;
    uint8_t tag[WIRE_TAG_SIZE];
};

struct vault_sending {
    struct vault *vault;
    struct vault_domain *domain;
    const struct vault_sending_options *options;
    struct shelf_cursor changes, tags, hits;
    struct run_kind kind;
    struct run_writer *writer; /* NULL: only counting */
    struct crowds *crowds;     /* NULL: nothing is sent but what changed */
    size_t frozen;             /* runs of changes that the walk is over */
    int64_t last;              /* number of the last one */
    struct through put, removed;
    struct member *member; /* of the tag at hand */
    size_t members, room;
    int64_t tags_more;
    uint64_t done;
};

/* --- beginning --- */

static int read_through(struct through *out, sqlite3_stmt *s, int column, struct err *err)
{
    out->any = sqlite3_column_type(s, column) != SQLITE_NULL;
    return out->any ? vault_column_bytes(out->tag, sizeof out->tag, s, column, "sending", err) : 0;
}

/*
 * Where an earlier walk broke off. One under another schema decided otherwise: all is told again, which does no harm.
 */
static int read_state(struct vault_sending *w, bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(w->vault, err, "SELECT last, schema, put, remove FROM sending WHERE domain = ?", "i",
                                 w->domain->number);
    int rc = vault_step(w->vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    w->last = sqlite3_column_int64(s, 0);
    struct span schema = vault_column(s, 1);
    if (schema.len == SCHEMA_DIGEST_SIZE && memcmp(schema.data, w->options->schema, schema.len) == 0) {
        rc = read_through(&w->put, s, 2, err);
        if (rc == 0)
            rc = read_through(&w->removed, s, 3, err);
    }
    sqlite3_reset(s);
    return rc;
}

static int freeze(struct vault_sending *w, struct err *err)
{
    const struct shelf *changes = &w->domain->shelf[SHELF_CHANGE];
    bool found = false;
    int rc = read_state(w, &found, err);
    w->frozen = changes->count;
    while (rc == 0 && found && w->writer != NULL && w->frozen > 0 && changes->at[w->frozen - 1].number > w->last)
        w->frozen--;
    if (w->frozen > 0 && (!found || w->writer != NULL))
        w->last = changes->at[w->frozen - 1].number;
    return rc;
}

static int start(struct vault_sending *w, bool counting, struct err *err)
{
    struct shelf *shelf = w->domain->shelf;
    vault_run_kind(w->vault, &w->kind, SHELF_TAG, w->domain->number);
    int rc = counting ? 0 : run_create(&w->writer, &w->kind, 0, err);
    if (rc == 0)
        rc = freeze(w, err);
    if (rc == 0)
        rc = shelf_cursor_open(&w->changes, &shelf[SHELF_CHANGE], 0, w->frozen, err);
    if (rc == 0)
        rc = shelf_cursor_open(&w->tags, &shelf[SHELF_TAG], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&w->hits, &shelf[SHELF_HIT], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_first(&w->changes, err);
    if (rc == 0 && !counting && !w->options->alone)
        rc = crowds_open(&w->crowds, w->vault, w->domain, err);
    return rc;
}

static int sending_new(struct vault_sending **out, struct vault *vault, int64_t domain,
                       const struct vault_sending_options *options, bool counting, struct err *err)
{
    struct vault_sending *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    w->vault = vault;
    w->options = options;
    vault->walks++;
    int rc =
        counting ? vault_shelves(vault, domain, &w->domain, err) : vault_shelves_locked(vault, domain, &w->domain, err);
    if (rc == 0)
        rc = start(w, counting, err);
    if (rc != 0)
        vault_sending_close(w);
    else
        *out = w;
    return rc;
}

int vault_sending_open(struct vault_sending **out, struct vault *vault, int64_t domain,
                       const struct vault_sending_options *options, struct err *err)
{
    return sending_new(out, vault, domain, options, false, err);
}

int sending_count(struct vault_sending **out, struct vault *vault, int64_t domain,
                  const struct vault_sending_options *options, struct err *err)
{
    return sending_new(out, vault, domain, options, true, err);
}

void vault_sending_close(struct vault_sending *sending)
{
    if (sending == NULL)
        return;
    sending->vault->walks--;
    crowds_close(sending->crowds);
    run_abandon(sending->writer);
    shelf_cursor_close(&sending->changes);
    shelf_cursor_close(&sending->tags);
    shelf_cursor_close(&sending->hits);
    free(sending->member);
    free(sending);
}

int vault_changes(struct vault *vault, int64_t domain, uint64_t *out, struct err *err)
{
    struct vault_domain *d;
    int rc = vault_shelves(vault, domain, &d, err);
    *out = rc == 0 ? shelf_entries(&d->shelf[SHELF_CHANGE]) : 0;
    return rc;
}

uint64_t vault_sending_done(const struct vault_sending *sending)
{
    return sending->done;
}

uint64_t vault_sending_total(const struct vault_sending *sending)
{
    uint64_t n = 0;
    for (size_t i = 0; i < sending->frozen; i++)
        n += run_info(sending->domain->shelf[SHELF_CHANGE].at[i].run)->entries;
    return n;
}

/* --- who has a tag --- */

static int add_member(struct vault_sending *w, const struct member *m, struct err *err)
{
    if (w->members == w->room) {
        size_t room = w->room > 0 ? 2 * w->room : 16;
        struct member *more = realloc(w->member, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        w->member = more;
        w->room = room;
    }
    w->member[w->members++] = *m;
    return 0;
}

static void add_token(struct vault_unsent *out, size_t member, unsigned key, const uint8_t *seal_key,
                      const uint8_t *seed, struct span except)
{
    if (out->records < SCHEMA_CAP_MAX) {
        struct vault_unsent_token *token = &out->token[out->records];
        token->key = key;
        token->member = member;
        memcpy(token->seed, seed, RECORD_SEED_SIZE);
        memcpy(token->except, except.data, except.len);
        token->except[except.len] = '\0';
        memcpy(out->seal_key, seal_key, SEAL_KEY_SIZE);
    }
    out->records++;
}

static bool is_of(const struct shelf_cursor *c, const uint8_t *tag)
{
    return c->valid && memcmp(c->key, tag, WIRE_TAG_SIZE) == 0;
}

static int take_change(struct vault_sending *w, struct member *m, struct vault_unsent *out, struct err *err)
{
    struct span value = w->changes.value;
    const bool gained = value.len > 0 && (value.data[0] & CHANGE_GAINED) != 0;
    const size_t head = gained ? GAINED_SIZE : LOST_SIZE;
    if (value.len < head || value.len > head + EXCEPT_TEXT_MAX)
        return vault_damaged("change", err);
    const struct span except = span_of(value.data + head, value.len - head);
    m->key = value.data[0] & TAG_KEY;
    m->now = m->gained = gained;
    if (gained) {
        add_token(out, w->members, m->key, value.data + 1, value.data + LOST_SIZE, except);
    } else {
        memcpy(out->seal_key, value.data + 1, SEAL_KEY_SIZE);
        memcpy(out->except, except.data, except.len);
        out->except[except.len] = '\0';
    }
    w->done++;
    return shelf_next(&w->changes, err);
}

static int take_old(struct vault_sending *w, struct member *m, struct err *err)
{
    int rc = told_read(&m->told, w->tags.value, err);
    m->old = true;
    m->key = (uint8_t)m->told.key;
    if (rc == 0)
        rc = shelf_next(&w->tags, err);
    return rc;
}

/* Both shelves in step over one tag; tokens that were gained go to *out. */
static int gather(struct vault_sending *w, struct vault_unsent *out, struct err *err)
{
    uint8_t from[TAGGED_SIZE] = {0};
    memcpy(from, out->tag, WIRE_TAG_SIZE);
    w->members = out->records = out->gained = 0;
    out->emptied = out->cover = false;
    out->except[0] = '\0';
    int rc = shelf_seek(&w->tags, from, err);
    while (rc == 0) {
        bool changed = is_of(&w->changes, out->tag), old = is_of(&w->tags, out->tag);
        if (!changed && !old)
            break;
        int order = !old ? -1 : !changed ? 1 : memcmp(w->changes.key, w->tags.key, TAGGED_SIZE);
        struct member m = {.now = order > 0};
        memcpy(m.ref, (order <= 0 ? w->changes.key : w->tags.key) + WIRE_TAG_SIZE, VAULT_RECORD_SIZE);
        if (order >= 0)
            rc = take_old(w, &m, err);
        if (rc == 0 && order <= 0)
            rc = take_change(w, &m, out, err);
        if (rc == 0)
            rc = add_member(w, &m, err);
    }
    return rc;
}

/* --- who of them is shown --- */

/*
 * Does the record come before the other in this key's order? Which one does is chance, another one for each key, so
 * that nobody is always hidden; and the same in every epoch, so that a pair is found by the same keys again.
 */
static bool comes_before(unsigned key, const uint8_t *ref, const uint8_t *other)
{
    uint8_t turn = 0; /* which of the uppermost bits count the other way */
    for (unsigned bit = 0; bit < 8; bit++)
        turn |= (uint8_t)((key >> bit & 1) << (7 - bit));
    for (size_t i = 0; i < VAULT_RECORD_SIZE; i++)
        if (ref[i] != other[i])
            return (ref[i] ^ turn) < (other[i] ^ turn);
    return false;
}

/*
 * Of more records than the entry has slots the first ones in the key's order, whatever changed. Returns how many share
 * it.
 */
static size_t choose_shown(struct vault_sending *w)
{
    size_t now = 0;
    for (size_t i = 0; i < w->members; i++) {
        size_t before = 0;
        struct member *m = &w->member[i];
        now += m->now;
        for (size_t k = 0; m->now && k < w->members && before < w->options->slots; k++)
            before += w->member[k].now && comes_before(m->key, w->member[k].ref, m->ref);
        m->shown = m->now && before < w->options->slots;
    }
    return now;
}

/* The tokens that were gained, of those who are shown. */
static void keep_shown(const struct vault_sending *w, struct vault_unsent *out)
{
    const size_t gained = out->records < SCHEMA_CAP_MAX ? out->records : SCHEMA_CAP_MAX;
    out->records = 0;
    for (size_t i = 0; i < gained; i++)
        if (w->member[out->token[i].member].shown)
            out->token[out->records++] = out->token[i];
    out->gained = out->records;
}

/*
 * The tokens of those who had the tag before and did not change. A record that a later run changed has no such token
 * any more.
 */
static int add_others(struct vault_sending *w, struct vault_unsent *out, struct err *err)
{
    struct token token;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->members; i++) {
        struct record_view view = {.count = 0};
        struct span value;
        bool found;
        if (!w->member[i].shown || w->member[i].gained)
            continue;
        rc = shelf_get(&w->domain->shelf[SHELF_RECORD], w->member[i].ref, &value, &found, err);
        if (rc == 0 && found)
            rc = record_parse(&view, value, err);
        for (size_t k = 0; rc == 0 && k < view.count; k++) {
            const uint8_t key = record_token(&token, &view, k);
            if (memcmp(token.tag, out->tag, WIRE_TAG_SIZE) == 0)
                add_token(out, i, key, token.seal_key, view.seed, view.except);
        }
    }
    sodium_memzero(&token, sizeof token);
    return rc;
}

/* --- what follows from it --- */

/* sent: the matcher has the tag then, with the records that are shown; else without any, or not at all. */
static int write_members(struct vault_sending *w, const struct vault_unsent *out, bool sent, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->members; i++) {
        const struct member *m = &w->member[i];
        const bool told_of = sent && m->shown;
        const struct told told = {m->key, told_of, told_of ? out->crowd : 0};
        uint8_t key[TAGGED_SIZE], bytes[TOLD_SIZE_MAX];
        struct span value = span_of(bytes, told_write(bytes, &told));
        if (m->now ? m->old && m->told.sent == told_of && m->told.crowd == told.crowd : !m->old)
            continue;
        memcpy(key, out->tag, WIRE_TAG_SIZE);
        memcpy(key + WIRE_TAG_SIZE, m->ref, VAULT_RECORD_SIZE);
        rc = run_put(w->writer, key, m->now ? &value : NULL, err);
    }
    return rc;
}

/*
 * Who comes to a tag that brought hits has them, too; who keeps one that the matcher has no more, or not with this
 * record, has lost what it brought.
 */
static int note_hits(struct vault_sending *w, const struct vault_unsent *out, struct err *err)
{
    uint8_t from[HIT_KEY_SIZE] = {0};
    bool lost = out->sent_before && !out->put;
    memcpy(from, out->tag, WIRE_TAG_SIZE);
    if (w->hits.runs == 0)
        return 0;
    int rc = shelf_seek(&w->hits, from, err);
    if (rc != 0 || !is_of(&w->hits, out->tag))
        return rc;
    for (size_t i = 0; rc == 0 && i < w->members; i++)
        if (w->member[i].now && (lost || w->member[i].gained || w->member[i].told.sent != w->member[i].shown))
            rc = vault_refs_add(&w->domain->stale, w->member[i].ref, err);
    while (rc == 0 && lost && is_of(&w->hits, out->tag)) {
        rc = shelf_put(&w->domain->shelf[SHELF_HIT], w->hits.key, NULL, err);
        if (rc == 0)
            rc = shelf_next(&w->hits, err);
    }
    return rc;
}

static void decide(struct vault_sending *w, struct vault_unsent *out)
{
    const size_t now = choose_shown(w);
    size_t before = 0;
    unsigned key = 0;
    out->sent_before = false;
    out->crowd = 0;
    for (size_t i = 0; i < w->members; i++) {
        const struct member *m = &w->member[i];
        before += m->old;
        out->sent_before |= m->told.sent;
        out->crowd = m->told.sent ? m->told.crowd : out->crowd;
        key = m->key;
    }
    size_t cap = key < SCHEMA_KEYS_MAX ? w->options->cap[key] : 0;
    out->put = now > 0 && now <= cap;
    out->crowded = now > cap;
    w->tags_more += (now > 0) - (before > 0);
}

static bool is_through(const struct through *t, const uint8_t *tag)
{
    return t->any && memcmp(tag, t->tag, WIRE_TAG_SIZE) <= 0;
}

/* The next tag that changed. */
static int next_changed(struct vault_sending *w, struct vault_unsent *out, bool *told, struct err *err)
{
    memcpy(out->tag, w->changes.key, WIRE_TAG_SIZE);
    int rc = gather(w, out, err);
    if (rc != 0)
        return rc;
    decide(w, out);
    *told = false;
    const bool put = out->put;
    keep_shown(w, out);
    rc = put ? add_others(w, out, err) : 0;
    if (rc != 0 || w->writer == NULL)
        return rc;
    rc = note_hits(w, out, err);
    if (put && out->records == 0) /* a later change takes it away: the next walk is about that */
        randombytes_buf(out->seal_key, SEAL_KEY_SIZE);
    if (rc == 0 && w->crowds != NULL)
        rc = crowds_take(w->crowds, out, err);
    else
        out->crowd = TOLD_FIRST_CROWD;
    if (rc == 0)
        rc = write_members(w, out, put, err);
    *told = is_through(out->put ? &w->put : &w->removed, out->tag) || (!out->put && !out->sent_before);
    return rc;
}

/* The next tag that is sent beside what changed. */
static int next_extra(struct vault_sending *w, const struct crowd_extra *x, struct vault_unsent *out, bool *told,
                      struct err *err)
{
    memcpy(out->tag, x->tag, WIRE_TAG_SIZE);
    memcpy(out->seal_key, x->seal_key, SEAL_KEY_SIZE);
    int rc = gather(w, out, err); /* nothing changed of it: who has it */
    choose_shown(w);
    if (rc == 0 && x->act == CROWD_COVER)
        rc = add_others(w, out, err);
    if (rc == 0 && x->act == CROWD_COVER && out->records == 0)
        randombytes_buf(out->seal_key, SEAL_KEY_SIZE);
    out->put = x->act != CROWD_REMOVED;
    out->cover = out->sent_before = true;
    out->crowded = false;
    snprintf(out->except, sizeof out->except, "%s", x->except);
    *told = is_through(out->put ? &w->put : &w->removed, out->tag);
    if (rc == 0)
        rc = crowds_extra_done(w->crowds, &out->crowd, err);
    if (rc == 0 && x->act == CROWD_COVER)
        rc = write_members(w, out, true, err);
    return rc;
}

int vault_sending_next(struct vault_sending *sending, struct vault_unsent *out, bool *end, struct err *err)
{
    struct vault_sending *w = sending;
    bool told = true;
    int rc = 0;
    while (rc == 0 && told) {
        const struct crowd_extra *x = w->crowds != NULL ? crowds_extra(w->crowds) : NULL;
        if (x == NULL && !w->changes.valid)
            break;
        rc = x != NULL && (!w->changes.valid || memcmp(x->tag, w->changes.key, WIRE_TAG_SIZE) < 0)
                 ? next_extra(w, x, out, &told, err)
                 : next_changed(w, out, &told, err);
    }
    *end = told;
    return rc;
}

/* --- how far it has come --- */

int vault_sending_stored(struct vault_sending *sending, enum wire_type type, const uint8_t tag[WIRE_TAG_SIZE],
                         struct err *err)
{
    struct vault_sending *w = sending;
    struct through *t = type == WIRE_PUT ? &w->put : &w->removed;
    t->any = true;
    memcpy(t->tag, tag, WIRE_TAG_SIZE);
    int rc = vault_do(w->vault, err,
                      "INSERT INTO sending(domain, last, schema, put, remove) VALUES(?1, ?2, ?3, NULL, NULL)"
                      " ON CONFLICT(domain) DO UPDATE SET last = ?2, schema = ?3",
                      "iib", w->domain->number, w->last, w->options->schema, (size_t)SCHEMA_DIGEST_SIZE);
    if (rc == 0 && w->put.any)
        rc = vault_do(w->vault, err, "UPDATE sending SET put = ? WHERE domain = ?", "bi", w->put.tag, sizeof w->put.tag,
                      w->domain->number);
    if (rc == 0 && w->removed.any)
        rc = vault_do(w->vault, err, "UPDATE sending SET remove = ? WHERE domain = ?", "bi", w->removed.tag,
                      sizeof w->removed.tag, w->domain->number);
    return rc;
}

/* The changes that were sent leave the tables, and memory; their files go when that is committed. */
static int drop_changes(struct vault_sending *w, struct err *err)
{
    struct shelf *changes = &w->domain->shelf[SHELF_CHANGE];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < w->frozen; i++) {
        rc = vault_do(w->vault, err, "DELETE FROM run WHERE number = ?", "i", changes->at[i].number);
        if (rc == 0)
            rc = vault_remove_later(w->vault, run_info(changes->at[i].run)->name, err);
    }
    shelf_cursor_close(&w->changes);
    shelf_drop(changes, 0, w->frozen);
    w->frozen = 0;
    return rc;
}

static int settle(struct vault_sending *w, const struct run_info *info, int64_t *number, struct err *err)
{
    int rc = vault_sync_directory(w->vault, err);
    if (rc == 0)
        rc = vault_begin(w->vault, err);
    if (rc == 0)
        rc = vault_note_run(w->vault, SHELF_TAG, w->domain->number, 0, info, number, err);
    if (rc == 0)
        rc = drop_changes(w, err);
    if (rc == 0 && w->crowds != NULL)
        rc = crowds_settle(w->crowds, err);
    if (rc == 0)
        rc = vault_do(w->vault, err, "UPDATE domain SET tags = tags + ? WHERE number = ?", "ii", w->tags_more,
                      w->domain->number);
    if (rc == 0)
        rc = vault_do(w->vault, err, "DELETE FROM sending WHERE domain = ?", "i", w->domain->number);
    if (rc == 0)
        rc = vault_commit(w->vault, err);
    vault_rollback(w->vault);
    return rc;
}

int vault_sending_finish(struct vault_sending *sending, struct err *err)
{
    struct vault_sending *w = sending;
    struct run_info info;
    int64_t number = 0;
    int rc = run_finish(w->writer, &info, err);
    w->writer = NULL;
    if (rc != 0)
        return rc;
    rc = settle(w, &info, &number, err);
    if (rc != 0)
        run_remove(&w->kind, info.name);
    if (rc == 0)
        rc = shelf_add(&w->domain->shelf[SHELF_TAG], &info, number, 0, err);
    shelf_cursor_close(&w->tags);
    shelf_cursor_close(&w->hits);
    w->vault->walks--;
    if (rc == 0)
        rc = vault_tidy(w->vault, w->domain, err);
    w->vault->walks++;
    return rc;
}

/* --- counting --- */

static int count_unsent(struct vault *v, int64_t domain, int64_t *tags, uint64_t *unsent, struct err *err)
{
    static const struct vault_sending_options options = {.cap = {0}};
    struct vault_unsent *one = calloc(1, sizeof *one);
    struct vault_sending *w = NULL;
    bool end = false;
    int rc = one == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the vault")
                         : sending_new(&w, v, domain, &options, true, err);
    while (rc == 0 && (rc = vault_sending_next(w, one, &end, err)) == 0 && !end)
        *unsent += 1;
    *tags += w != NULL ? w->tags_more : 0;
    vault_sending_close(w);
    if (one != NULL)
        sodium_memzero(one, sizeof *one);
    free(one);
    return rc;
}

int vault_count(struct vault *vault, int64_t domain, struct vault_counts *out, struct err *err)
{
    int64_t records = 0, tags = 0, matches = 0, notices = 0, receipts = 0, decoys = 0;
    uint64_t changes = 0;
    bool found;
    *out = (struct vault_counts){0};
    int rc = vault_changes(vault, domain, &changes, err);
    if (rc == 0)
        rc = vault_number(vault, vault_bind(vault, err, "SELECT records FROM domain WHERE number = ?", "i", domain),
                          &records, &found, err);
    if (rc == 0)
        rc = vault_number(vault, vault_bind(vault, err, "SELECT tags FROM domain WHERE number = ?", "i", domain), &tags,
                          &found, err);
    if (rc == 0)
        rc = vault_number(
            vault,
            vault_bind(
                vault, err,
                "SELECT COUNT(*) FROM match m WHERE m.domain = ? AND m.withdrawn = 0 AND NOT EXISTS " VAULT_LATER("m"),
                "i", domain),
            &matches, &found, err);
    if (rc == 0)
        rc = vault_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM notice WHERE domain = ?", "i", domain),
                          &notices, &found, err);
    if (rc == 0)
        rc = vault_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM receipt", ""), &receipts, &found, err);
    if (rc == 0)
        rc = vault_number(vault, vault_bind(vault, err, "SELECT COUNT(*) FROM decoy WHERE domain = ?", "i", domain),
                          &decoys, &found, err);
    if (rc == 0 && changes > 0)
        rc = count_unsent(vault, domain, &tags, &out->unsent, err);
    out->records = (uint64_t)records;
    out->tags = (uint64_t)tags;
    out->matches = (uint64_t)matches;
    out->notices = (uint64_t)notices;
    out->receipts = (uint64_t)receipts;
    out->decoys = (uint64_t)decoys;
    return rc;
}

int vault_count_put(struct vault *vault, int64_t domain, uint64_t *out, struct err *err)
{
    struct vault_domain *d;
    struct shelf_cursor tags = {.shelf = NULL};
    uint8_t last[WIRE_TAG_SIZE] = {0};
    struct told told;
    *out = 0;
    vault->walks++;
    int rc = vault_shelves(vault, domain, &d, err);
    if (rc == 0)
        rc = shelf_cursor_open(&tags, &d->shelf[SHELF_TAG], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_first(&tags, err);
    while (rc == 0 && tags.valid) {
        rc = told_read(&told, tags.value, err);
        if (rc == 0 && told.sent && (*out == 0 || memcmp(last, tags.key, sizeof last) != 0)) {
            memcpy(last, tags.key, sizeof last);
            ++*out;
        }
        if (rc == 0)
            rc = shelf_next(&tags, err);
    }
    shelf_cursor_close(&tags);
    vault->walks--;
    return rc;
}
