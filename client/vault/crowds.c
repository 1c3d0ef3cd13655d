/* Crowds in the vault: of which crowd a tag is, what is sent with it, what became of that. */
#include "client/vault/crowd_map.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

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
    bool keyed;
    uint32_t crowd; /* 0: it is none any more */
    char *except;
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
    bool any_decoy; /* when the walk began */
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
            rc = crowd_column_key(&extra, s, 3, err);
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
    int rc = crowd_any_decoy(vault, domain->number, &c->any_decoy, err);
    if (rc == 0)
        rc = load_extras(c, err);
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

void crowds_close(struct crowds *crowds)
{
    if (crowds == NULL)
        return;
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

/* A tag goes from one crowd to another; 0: it is not at the matcher. */
static int move(struct crowds *c, uint32_t from, uint32_t to, struct err *err)
{
    struct touched *t;
    if (from == to)
        return 0;
    if (from != 0 && (t = crowd_touch(&c->touched, from, err)) == NULL)
        return err_code(err);
    else if (from != 0)
        t->tags--;
    if (to != 0 && (t = crowd_touch(&c->touched, to, err)) == NULL)
        return err_code(err);
    else if (to != 0)
        t->tags++;
    return 0;
}

/*
 * That a tag is a decoy of that crowd now; 0: that it is none. was: the crowd whose decoy it was. seal_key: NULL
 * without one.
 */
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
    *d = (struct decoy_change){.crowd = crowd, .keyed = seal_key != NULL, .except = strdup(except)};
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

int crowds_extra_done(struct crowds *crowds, uint32_t *crowd, struct err *err)
{
    const struct crowd_extra *x = &crowds->extras.at[crowds->next++];
    int rc = next_of(crowds, x->crowd, crowd, err);
    if (rc != 0)
        return rc;
    switch (x->act) {
    case CROWD_COVER:
        return move(crowds, x->crowd, *crowd, err);
    case CROWD_DECOY:
        rc = note_decoy(crowds, x->tag, x->keyed ? x->seal_key : NULL, x->crowd, *crowd, x->except, err);
        if (rc == 0)
            rc = move(crowds, x->crowd, *crowd, err);
        return rc;
    case CROWD_INVENTED:
        *crowd = x->crowd;
        rc = note_decoy(crowds, x->tag, NULL, 0, *crowd, x->except, err);
        if (rc == 0)
            rc = move(crowds, 0, *crowd, err);
        return rc;
    case CROWD_REMOVED:
        *crowd = 0;
        rc = note_decoy(crowds, x->tag, NULL, x->crowd, 0, "", err);
        if (rc == 0)
            rc = move(crowds, x->crowd, 0, err);
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
    out->crowd = b->crowd;
    if (rc == 0)
        rc = move(c, 0, b->crowd, err);
    return rc;
}

/*
 * A decoy still, although records with it came or went: put anew as it is. To leave it alone would tell it from those
 * of its crowd that all else is done to.
 */
static int take_decoy(struct crowds *c, struct vault_unsent *out, struct err *err)
{
    char except[VAULT_EXCEPTS_MAX + 1] = "";
    struct crowd_extra decoy = {.crowd = out->crowd};
    memcpy(decoy.tag, out->tag, WIRE_TAG_SIZE);
    int rc = crowd_read_decoy(c->vault, c->domain->number, &decoy, except, err);
    if (rc == 0)
        rc = next_of(c, decoy.crowd, &out->crowd, err);
    if (rc == 0)
        rc = note_decoy(c, decoy.tag, decoy.keyed ? decoy.seal_key : NULL, decoy.crowd, out->crowd, except, err);
    if (rc == 0)
        rc = move(c, decoy.crowd, out->crowd, err);
    out->put = out->cover = true;
    out->records = 0;
    snprintf(out->except, sizeof out->except, "%s", except);
    if (decoy.keyed)
        memcpy(out->seal_key, decoy.seal_key, SEAL_KEY_SIZE);
    else
        randombytes_buf(out->seal_key, SEAL_KEY_SIZE);
    sodium_memzero(&decoy, sizeof decoy);
    return rc;
}

/* One that the matcher has goes on: to the crowd of those that are put anew, out of all, or it stays a decoy. */
static int take_known(struct crowds *c, struct vault_unsent *out, bool was_decoy, struct err *err)
{
    const uint32_t crowd = out->crowd;
    const struct touched *t = crowd_touch(&c->touched, crowd, err);
    if (t == NULL)
        return err_code(err);
    const bool empties = !out->put && t->empties;
    int rc = 0;
    out->crowd = out->put || empties ? t->next : 0;
    if (empties) {
        out->put = out->emptied = true;
        out->records = 0;
        rc = note_decoy(c, out->tag, out->seal_key, 0, out->crowd, out->except, err);
    }
    if (rc == 0 && was_decoy)
        rc = note_decoy(c, out->tag, NULL, crowd, 0, "", err);
    if (rc == 0)
        rc = move(c, crowd, out->crowd, err);
    return rc;
}

int crowds_take(struct crowds *crowds, struct vault_unsent *out, struct err *err)
{
    bool was_decoy = false;
    int rc = out->sent_before || !crowds->any_decoy
                 ? 0
                 : crowd_of_decoy(crowds->vault, crowds->domain->number, out->tag, &out->crowd, &was_decoy, err);
    if (rc != 0 || (out->crowd == 0 && !out->put))
        return rc;
    if (out->crowd == 0)
        return take_added(crowds, out, err);
    return out->put || out->sent_before ? take_known(crowds, out, was_decoy, err) : take_decoy(crowds, out, err);
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
                            d->keyed ? (size_t)SEAL_KEY_SIZE : 0, d->except);
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
    if (rc == 0)
        rc = vault_do(c->vault, err, "DELETE FROM crowd WHERE domain = ? AND tags = 0", "i", c->domain->number);
    return rc;
}

int crowds_settle(struct crowds *crowds, struct err *err)
{
    const int64_t domain = crowds->domain->number;
    int rc = vault_do(crowds->vault, err, "DELETE FROM plan WHERE domain = ?", "i", domain);
    if (rc == 0)
        rc = vault_do(crowds->vault, err, "DELETE FROM plan_crowd WHERE domain = ?", "i", domain);
    if (rc == 0)
        rc = vault_do(crowds->vault, err, "DELETE FROM plan_birth WHERE domain = ?", "i", domain);
    if (rc == 0)
        rc = settle_decoys(crowds, err);
    if (rc == 0)
        rc = settle_sizes(crowds, err);
    return rc;
}
