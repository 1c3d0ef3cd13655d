/* Crowds in the vault: of which crowd a tag is, what is sent with it, what became of that. */
#include "client/vault/crowd_map.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SPILL_BYTES (16u << 20) /* of a shelf's changes; then they go to a run */
#define RUNS_MAX 4096

/* --- deciding --- */

static uint64_t up_to_least(uint64_t n)
{
    return n > 0 && n < CROWD_LEAST ? CROWD_LEAST - n : 0;
}

/* So much cover that both it and what is left are none or enough. */
static uint64_t cover_of(uint64_t put, uint64_t rest)
{
    const uint64_t cover = put == 0 ? 0 : up_to_least(put);
    return cover >= rest || rest - cover < CROWD_LEAST ? (put == 0 ? 0 : rest) : cover;
}

static bool is_enough(uint64_t n)
{
    return n == 0 || n >= CROWD_LEAST;
}

struct crowd_decision crowd_decide(const struct crowd_change *change)
{
    const uint64_t rest = change->tags - change->put - change->lost;
    struct crowd_decision d = {.decoys = up_to_least(change->lost)};
    if (change->lost > 0 && rest == change->decoys)
        d.decoys = rest; /* nothing else would be left: it goes whole */
    if (change->lost > 0 && d.decoys <= change->decoys) {
        const uint64_t left = rest - d.decoys;
        d.cover = cover_of(change->put, left);
        if (is_enough(change->lost + d.decoys) && is_enough(change->put + d.cover) && is_enough(left - d.cover))
            return d;
    }
    d = (struct crowd_decision){.empties = change->lost > 0};
    d.cover = cover_of(change->put + change->lost, rest);
    return d;
}

uint64_t crowd_filling(uint64_t added)
{
    return added < CROWD_LARGE ? up_to_least(added) : added / CROWD_STOCK;
}

/* --- in the walk --- */

struct decoy_change {
    uint8_t tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE];
    uint32_t crowd; /* 0: it is none any more */
    char *except;
};

/* What is to go onto a shelf when the walk has ended: runs that no table names yet. */
struct outcome {
    struct shelf shelf;
    struct run_info run[RUNS_MAX];
    int64_t number[RUNS_MAX];
    size_t runs;
};

struct crowds {
    struct vault *vault;
    struct vault_domain *domain;
    struct extras extras;
    size_t next;
    struct births births;
    struct touched_map touched;
    struct decoy_change *decoy;
    size_t decoys, decoy_room;
    struct outcome place, member;
};

static int load_extras(struct crowds *c, struct err *err)
{
    char except[VAULT_EXCEPTS_MAX + 1];
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(c->vault, err, "SELECT tag, act, crowd, seal_key, not_for FROM plan WHERE domain = ? ORDER BY tag",
                   "i", c->domain->number);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(c->vault, s, &row, err)) == 0 && row) {
        struct crowd_extra extra = {.act = (enum crowd_act)sqlite3_column_int(s, 1),
                                    .crowd = (uint32_t)sqlite3_column_int64(s, 2)};
        rc = vault_column_bytes(extra.tag, WIRE_TAG_SIZE, s, 0, "plan", err);
        if (rc == 0)
            rc = vault_column_bytes(extra.seal_key, SEAL_KEY_SIZE, s, 3, "plan", err);
        if (rc == 0)
            rc = vault_column_text(except, VAULT_EXCEPTS_MAX, s, 4, "plan", err);
        if (rc == 0)
            rc = crowd_add_extra(&c->extras, &extra, except, err);
        sodium_memzero(&extra, sizeof extra);
    }
    sqlite3_reset(s);
    return rc;
}

static int load_crowds(struct crowds *c, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(c->vault, err, "SELECT crowd, next, empties FROM plan_crowd WHERE domain = ?", "i",
                                 c->domain->number);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(c->vault, s, &row, err)) == 0 && row) {
        struct touched *t = crowd_touch(&c->touched, (uint32_t)sqlite3_column_int64(s, 0), err);
        if (t == NULL) {
            rc = err_code(err);
            continue;
        }
        t->next = (uint32_t)sqlite3_column_int64(s, 1);
        t->empties = sqlite3_column_int(s, 2) != 0;
    }
    sqlite3_reset(s);
    return rc;
}

static int load_births(struct crowds *c, struct err *err)
{
    char except[VAULT_EXCEPTS_MAX + 1];
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(c->vault, err, "SELECT not_for, crowd FROM plan_birth WHERE domain = ?", "i", c->domain->number);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(c->vault, s, &row, err)) == 0 && row) {
        rc = vault_column_text(except, VAULT_EXCEPTS_MAX, s, 0, "plan", err);
        struct birth *b = rc == 0 ? crowd_birth(&c->births, except, err) : NULL;
        if (b != NULL)
            b->crowd = (uint32_t)sqlite3_column_int64(s, 1);
        rc = b == NULL ? err_code(err) : rc;
    }
    sqlite3_reset(s);
    return rc;
}

int crowds_open(struct crowds **out, struct vault *vault, struct vault_domain *domain, struct err *err)
{
    struct crowds *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    c->vault = vault;
    c->domain = domain;
    vault_run_kind(vault, &c->place.shelf.kind, SHELF_PLACE, domain->number);
    vault_run_kind(vault, &c->member.shelf.kind, SHELF_CROWD, domain->number);
    int rc = load_extras(c, err);
    if (rc == 0)
        rc = load_crowds(c, err);
    if (rc == 0)
        rc = load_births(c, err);
    if (rc != 0)
        crowds_close(c);
    else
        *out = c;
    return rc;
}

static void outcome_free(struct outcome *o)
{
    for (size_t i = 0; i < o->runs; i++)
        if (o->number[i] == 0)
            run_remove(&o->shelf.kind, o->run[i].name);
    shelf_clear(&o->shelf);
}

void crowds_close(struct crowds *crowds)
{
    if (crowds == NULL)
        return;
    outcome_free(&crowds->place);
    outcome_free(&crowds->member);
    crowd_extras_free(&crowds->extras);
    crowd_births_free(&crowds->births);
    free(crowds->touched.at);
    for (size_t i = 0; i < crowds->decoys; i++)
        free(crowds->decoy[i].except);
    if (crowds->decoy != NULL)
        sodium_memzero(crowds->decoy, crowds->decoy_room * sizeof *crowds->decoy);
    free(crowds->decoy);
    free(crowds);
}

/* --- what becomes of a tag --- */

static int spill(struct outcome *o, struct err *err)
{
    if (o->shelf.pending.count == 0)
        return 0;
    if (o->runs == RUNS_MAX)
        return err_set(err, ERR_INTERNAL, "too many runs of crowds in a walk");
    int rc = shelf_write(&o->shelf, &o->run[o->runs], err);
    o->runs += rc == 0;
    pending_clear(&o->shelf.pending);
    return rc;
}

static int note(struct outcome *o, const uint8_t *key, const struct span *value, struct err *err)
{
    int rc = shelf_put(&o->shelf, key, value, err);
    return rc != 0 || o->shelf.pending.bytes < SPILL_BYTES ? rc : spill(o, err);
}

/* The tag goes from one crowd to another; 0: it is not at the matcher. */
static int move(struct crowds *c, const uint8_t *tag, uint32_t from, uint32_t to, struct err *err)
{
    uint8_t key[CROWD_KEY_SIZE], number[4];
    const struct span nothing = {NULL, 0}, crowd = span_of(number, sizeof number);
    struct touched *t;
    int rc = 0;
    if (from == to)
        return 0;
    bytes_put_u32be(number, to);
    rc = note(&c->place, tag, to != 0 ? &crowd : NULL, err);
    if (rc == 0 && from != 0) {
        crowd_key(key, from, tag);
        rc = note(&c->member, key, NULL, err);
        if (rc == 0 && (t = crowd_touch(&c->touched, from, err)) == NULL)
            rc = err_code(err);
        else if (rc == 0)
            t->tags--;
    }
    if (rc == 0 && to != 0) {
        crowd_key(key, to, tag);
        rc = note(&c->member, key, &nothing, err);
        if (rc == 0 && (t = crowd_touch(&c->touched, to, err)) == NULL)
            rc = err_code(err);
        else if (rc == 0)
            t->tags++;
    }
    return rc;
}

/* That a tag is a decoy of that crowd now; 0: that it is none. was: the crowd whose decoy it was. */
static int note_decoy(struct crowds *c, const uint8_t *tag, const uint8_t *seal_key, uint32_t was, uint32_t crowd,
                      const char *except, struct err *err)
{
    if (c->decoys == c->decoy_room) {
        const size_t room = c->decoy_room > 0 ? 2 * c->decoy_room : 256;
        struct decoy_change *more = realloc(c->decoy, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        c->decoy = more;
        c->decoy_room = room;
    }
    struct decoy_change *d = &c->decoy[c->decoys];
    *d = (struct decoy_change){.crowd = crowd, .except = strdup(except)};
    struct touched *from = was != 0 ? crowd_touch(&c->touched, was, err) : NULL;
    if (from != NULL)
        from->decoys--;
    struct touched *to = crowd != 0 ? crowd_touch(&c->touched, crowd, err) : NULL;
    if (to != NULL)
        to->decoys++;
    if (d->except == NULL || (was != 0 && from == NULL) || (crowd != 0 && to == NULL)) {
        free(d->except);
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    }
    memcpy(d->tag, tag, WIRE_TAG_SIZE);
    if (seal_key != NULL)
        memcpy(d->seal_key, seal_key, SEAL_KEY_SIZE);
    c->decoys++;
    return 0;
}

const struct crowd_extra *crowds_extra(const struct crowds *crowds)
{
    return crowds->next < crowds->extras.count ? &crowds->extras.at[crowds->next] : NULL;
}

static int next_of(struct crowds *c, uint32_t crowd, uint32_t *next, struct err *err)
{
    const struct touched *t = crowd_touch(&c->touched, crowd, err);
    *next = t != NULL ? t->next : 0;
    return t != NULL ? 0 : err_code(err);
}

int crowds_extra_done(struct crowds *crowds, struct err *err)
{
    const struct crowd_extra *x = &crowds->extras.at[crowds->next++];
    uint32_t next = 0;
    int rc = next_of(crowds, x->crowd, &next, err);
    if (rc != 0)
        return rc;
    switch (x->act) {
    case CROWD_COVER:
        return move(crowds, x->tag, x->crowd, next, err);
    case CROWD_DECOY:
        rc = note_decoy(crowds, x->tag, x->seal_key, x->crowd, next, x->except, err);
        if (rc == 0)
            rc = move(crowds, x->tag, x->crowd, next, err);
        return rc;
    case CROWD_INVENTED:
        rc = note_decoy(crowds, x->tag, x->seal_key, 0, x->crowd, x->except, err);
        if (rc == 0)
            rc = move(crowds, x->tag, 0, x->crowd, err);
        return rc;
    case CROWD_REMOVED:
        rc = note_decoy(crowds, x->tag, NULL, x->crowd, 0, "", err);
        if (rc == 0)
            rc = move(crowds, x->tag, x->crowd, 0, err);
        return rc;
    }
    return vault_damaged("plan", err);
}

static int take_added(struct crowds *c, struct vault_unsent *out, struct err *err)
{
    char text[VAULT_EXCEPTS_MAX + 1];
    struct birth *b = crowd_birth(&c->births, crowd_except(out, text), err);
    if (b == NULL)
        return err_code(err);
    int rc = 0;
    for (size_t i = 0; b->crowd == 0 && i < c->births.count; i++) /* with exceptions that were not planned */
        if (c->births.at[i].crowd != 0)
            b->crowd = c->births.at[i].crowd;
    if (b->crowd == 0)
        rc = crowd_next_number(c->vault, c->domain->number, &b->crowd, err);
    if (rc == 0)
        rc = move(c, out->tag, 0, b->crowd, err);
    return rc;
}

int crowds_take(struct crowds *crowds, struct vault_unsent *out, struct err *err)
{
    struct crowd_extra decoy;
    char text[VAULT_EXCEPTS_MAX + 1] = "";
    uint32_t crowd = 0, next = 0;
    bool was_decoy = false, lost = !out->put && out->sent_before;
    int rc = crowd_of(crowds->domain, out->tag, &crowd, err);
    if (rc != 0 || (!out->put && !lost))
        return rc;
    if (crowd == 0)
        return out->put ? take_added(crowds, out, err) : 0;
    const struct touched *t = crowd_touch(&crowds->touched, crowd, err);
    if (t == NULL)
        return err_code(err);
    next = out->put || t->empties ? t->next : 0;
    if (lost && t->empties) {
        out->put = out->emptied = true;
        out->records = 0;
        rc = note_decoy(crowds, out->tag, out->seal_key, 0, next, out->except, err);
    }
    memcpy(decoy.tag, out->tag, WIRE_TAG_SIZE);
    if (rc == 0 && !out->sent_before)
        rc = crowd_read_decoy(crowds->vault, crowds->domain->number, &decoy, text, &was_decoy, err);
    if (rc == 0 && was_decoy)
        rc = note_decoy(crowds, out->tag, NULL, crowd, 0, "", err);
    sodium_memzero(&decoy, sizeof decoy);
    if (rc == 0)
        rc = move(crowds, out->tag, crowd, next, err);
    return rc;
}

/* --- the end --- */

static int settle_decoys(struct crowds *c, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->decoys; i++) {
        const struct decoy_change *d = &c->decoy[i];
        rc = d->crowd == 0
                 ? vault_do(c->vault, err, "DELETE FROM decoy WHERE domain = ? AND tag = ?", "ib", c->domain->number,
                            d->tag, (size_t)WIRE_TAG_SIZE)
                 : vault_do(c->vault, err,
                            "INSERT OR REPLACE INTO decoy(domain, tag, crowd, seal_key, not_for) VALUES(?, ?, ?, ?, ?)",
                            "ibibt", c->domain->number, d->tag, (size_t)WIRE_TAG_SIZE, (int64_t)d->crowd, d->seal_key,
                            (size_t)SEAL_KEY_SIZE, d->except);
    }
    return rc;
}

static int settle_sizes(struct crowds *c, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->touched.room; i++) {
        const struct touched *t = &c->touched.at[i];
        if (t->number != 0 && (t->tags != 0 || t->decoys != 0))
            rc = vault_do(c->vault, err,
                          "INSERT INTO crowd(domain, number, tags, decoys) VALUES(?1, ?2, ?3, ?4)"
                          " ON CONFLICT(domain, number) DO UPDATE SET tags = tags + ?3, decoys = decoys + ?4",
                          "iiii", c->domain->number, (int64_t)t->number, t->tags, t->decoys);
    }
    return rc != 0 ? rc
                   : vault_do(c->vault, err, "DELETE FROM crowd WHERE domain = ? AND tags = 0", "i", c->domain->number);
}

static int settle_runs(struct crowds *c, struct outcome *o, struct err *err)
{
    int rc = spill(o, err);
    for (size_t i = 0; rc == 0 && i < o->runs; i++)
        rc = vault_note_run(c->vault, o->shelf.kind.kind, c->domain->number, 0, &o->run[i], &o->number[i], err);
    return rc;
}

int crowds_settle(struct crowds *crowds, struct err *err)
{
    const int64_t domain = crowds->domain->number;
    int rc = settle_runs(crowds, &crowds->place, err);
    if (rc == 0)
        rc = settle_runs(crowds, &crowds->member, err);
    if (rc == 0)
        rc = vault_sync_directory(crowds->vault, err);
    if (rc == 0)
        rc = settle_decoys(crowds, err);
    if (rc == 0)
        rc = settle_sizes(crowds, err);
    if (rc == 0)
        rc = vault_do(crowds->vault, err, "DELETE FROM plan WHERE domain = ?", "i", domain);
    if (rc == 0)
        rc = vault_do(crowds->vault, err, "DELETE FROM plan_crowd WHERE domain = ?", "i", domain);
    if (rc == 0)
        rc = vault_do(crowds->vault, err, "DELETE FROM plan_birth WHERE domain = ?", "i", domain);
    return rc;
}

static int adopt(struct crowds *c, struct outcome *o, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->runs; i++)
        rc = shelf_add(&c->domain->shelf[o->shelf.kind.kind], &o->run[i], o->number[i], 0, err);
    return rc;
}

int crowds_adopt(struct crowds *crowds, struct err *err)
{
    int rc = adopt(crowds, &crowds->place, err);
    if (rc == 0)
        rc = adopt(crowds, &crowds->member, err);
    return rc;
}
