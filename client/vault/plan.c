/* What a walk is going to send, decided before it begins (crowds.h). */
#include "client/vault/crowd_map.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* --- planning --- */

struct vault_plan {
    struct vault *vault;
    struct vault_domain *domain;
    const struct vault_sending_options *options;
    struct shelf_cursor changes, members;
    int64_t last; /* run of changes */
    struct touched_map touched;
    struct births births;
    struct extras extras;
    uint32_t number; /* the next new crowd's */
    uint64_t invented;
};

/* One tag that changed: what it means for its crowd. */
static int count_change(struct vault_plan *p, const struct vault_unsent *u, struct err *err)
{
    char text[VAULT_EXCEPTS_MAX + 1];
    struct crowd_extra decoy;
    uint32_t crowd;
    bool is_decoy = false;
    int rc = crowd_of(p->domain, u->tag, &crowd, err);
    if (rc != 0 || (crowd == 0 && !u->put))
        return rc;
    if (crowd == 0) {
        struct birth *b = crowd_birth(&p->births, crowd_except(u, text), err);
        if (b != NULL)
            b->tags++;
        return b == NULL ? err_code(err) : 0;
    }
    struct touched *t = crowd_touch(&p->touched, crowd, err);
    if (t == NULL)
        return err_code(err);
    memcpy(decoy.tag, u->tag, WIRE_TAG_SIZE);
    if (!u->sent_before)
        rc = crowd_read_decoy(p->vault, p->domain->number, &decoy, text, &is_decoy, err);
    t->idle += !u->put && !u->sent_before;
    t->change.put += u->put;
    t->change.lost += !u->put && u->sent_before;
    t->change.decoys -= is_decoy; /* it is none any more, or idle; what there are is added later */
    return rc;
}

static int count_changes(struct vault_plan *p, struct err *err)
{
    struct vault_sending *w = NULL;
    struct vault_unsent *u = calloc(1, sizeof *u);
    bool end = false;
    int rc = u == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for sending")
                       : sending_count(&w, p->vault, p->domain->number, p->options, err);
    while (rc == 0 && (rc = vault_sending_next(w, u, &end, err)) == 0 && !end)
        rc = count_change(p, u, err);
    vault_sending_close(w);
    if (u != NULL)
        sodium_memzero(u, sizeof *u);
    free(u);
    return rc;
}

static int read_size(struct vault_plan *p, struct touched *t, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(p->vault, err, "SELECT tags, decoys FROM crowd WHERE domain = ? AND number = ?", "ii",
                                 p->domain->number, (int64_t)t->number);
    int rc = vault_step(p->vault, s, &row, err);
    if (rc == 0 && !row)
        rc = vault_damaged("crowd", err);
    if (rc != 0)
        return rc;
    t->change.tags = (uint64_t)sqlite3_column_int64(s, 0) - t->idle;
    t->change.decoys += (uint64_t)sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    return t->change.put + t->change.lost <= t->change.tags ? 0 : vault_damaged("crowd", err);
}

/* Whether the tag can be chosen: nothing changed of it, and it was not chosen yet (from `first` on). */
static int is_free(struct vault_plan *p, const uint8_t *tag, size_t first, bool *out, struct err *err)
{
    uint8_t from[TAGGED_SIZE] = {0};
    memcpy(from, tag, WIRE_TAG_SIZE);
    int rc = shelf_seek(&p->changes, from, err);
    *out = rc == 0 && !(p->changes.valid && memcmp(p->changes.key, tag, WIRE_TAG_SIZE) == 0);
    for (size_t i = first; *out && i < p->extras.count; i++)
        *out = memcmp(p->extras.at[i].tag, tag, WIRE_TAG_SIZE) != 0;
    return rc;
}

static int choose(struct vault_plan *p, uint32_t crowd, const uint8_t *tag, struct err *err)
{
    struct crowd_extra extra = {.crowd = crowd, .act = CROWD_COVER};
    char except[VAULT_EXCEPTS_MAX + 1] = "";
    bool is_decoy = false;
    memcpy(extra.tag, tag, WIRE_TAG_SIZE);
    int rc = crowd_read_decoy(p->vault, p->domain->number, &extra, except, &is_decoy, err);
    if (is_decoy)
        extra.act = CROWD_DECOY;
    if (rc == 0)
        rc = crowd_add_extra(&p->extras, &extra, except, err);
    sodium_memzero(&extra, sizeof extra);
    return rc;
}

static bool is_member(const struct shelf_cursor *c, uint32_t crowd)
{
    return c->valid && bytes_get_u32be(c->key) == crowd;
}

static int seek_member(struct vault_plan *p, uint32_t crowd, const uint8_t tag[WIRE_TAG_SIZE], struct err *err)
{
    uint8_t key[CROWD_KEY_SIZE];
    crowd_key(key, crowd, tag);
    return shelf_seek(&p->members, key, err);
}

/* Members at random places: in a large crowd they are nearly always free. */
static int choose_anywhere(struct vault_plan *p, uint32_t crowd, uint64_t *count, size_t first, struct err *err)
{
    uint8_t tag[WIRE_TAG_SIZE];
    bool is = false;
    int rc = 0;
    for (uint64_t tries = 0; rc == 0 && *count > 0 && tries < 64 * CROWD_LEAST; tries++) {
        randombytes_buf(tag, sizeof tag);
        rc = seek_member(p, crowd, tag, err);
        if (rc != 0 || !is_member(&p->members, crowd))
            continue;
        rc = is_free(p, p->members.key + 4, first, &is, err);
        if (rc != 0 || !is)
            continue;
        rc = choose(p, crowd, p->members.key + 4, err);
        --*count;
    }
    return rc;
}

/* How many members can be chosen. */
static int count_free(struct vault_plan *p, uint32_t crowd, size_t first, uint64_t *out, struct err *err)
{
    static const uint8_t lowest[WIRE_TAG_SIZE];
    bool is = false;
    *out = 0;
    int rc = seek_member(p, crowd, lowest, err);
    while (rc == 0 && is_member(&p->members, crowd)) {
        rc = is_free(p, p->members.key + 4, first, &is, err);
        *out += rc == 0 && is;
        if (rc == 0)
            rc = shelf_next(&p->members, err);
    }
    return rc;
}

/* Each set of so many of those that are free is as likely as the others. */
static int choose_cover(struct vault_plan *p, const struct touched *t, uint64_t count, size_t first, struct err *err)
{
    static const uint8_t lowest[WIRE_TAG_SIZE];
    uint64_t left = 0;
    bool is = false;
    int rc = t->change.tags >= CROWD_LARGE ? choose_anywhere(p, t->number, &count, first, err) : 0;
    if (rc == 0 && count > 0)
        rc = count_free(p, t->number, first, &left, err);
    if (rc == 0 && left > 0)
        rc = seek_member(p, t->number, lowest, err);
    while (rc == 0 && count > 0 && left > 0) {
        rc = is_free(p, p->members.key + 4, first, &is, err);
        if (rc == 0 && is && randombytes_uniform((uint32_t)left--) < count) {
            rc = choose(p, t->number, p->members.key + 4, err);
            count--;
        }
        if (rc == 0)
            rc = shelf_next(&p->members, err);
    }
    return rc != 0 || count == 0 ? rc : vault_damaged("crowd", err);
}

static int choose_decoys(struct vault_plan *p, const struct touched *t, uint64_t count, size_t first, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(p->vault, err, "SELECT tag FROM decoy WHERE domain = ? AND crowd = ? ORDER BY random()", "ii",
                   p->domain->number, (int64_t)t->number);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && count > 0 && (rc = vault_step(p->vault, s, &row, err)) == 0 && row) {
        struct crowd_extra extra = {.crowd = t->number, .act = CROWD_REMOVED};
        bool is;
        rc = vault_column_bytes(extra.tag, WIRE_TAG_SIZE, s, 0, "decoy", err);
        if (rc == 0)
            rc = is_free(p, extra.tag, first, &is, err);
        if (rc == 0 && is)
            rc = crowd_add_extra(&p->extras, &extra, "", err);
        count -= rc == 0 && is;
    }
    sqlite3_reset(s);
    return rc != 0 || count == 0 ? rc : vault_damaged("decoys", err);
}

static int plan_crowd(struct vault_plan *p, struct touched *t, struct err *err)
{
    const size_t first = p->extras.count;
    int rc = read_size(p, t, err);
    if (rc != 0)
        return rc;
    const struct crowd_decision d = crowd_decide(&t->change);
    const uint64_t put = t->change.put + d.cover + (d.empties ? t->change.lost : 0);
    const uint64_t removed = (d.empties ? 0 : t->change.lost) + d.decoys;
    t->empties = d.empties;
    if (put > 0 && put + removed < t->change.tags)
        t->next = p->number++;
    rc = choose_decoys(p, t, d.decoys, first, err);
    if (rc == 0)
        rc = choose_cover(p, t, d.cover, first, err);
    return rc;
}

static int plan_all(struct vault_plan *p, struct err *err)
{
    int rc = shelf_cursor_open(&p->changes, &p->domain->shelf[SHELF_CHANGE], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&p->members, &p->domain->shelf[SHELF_CROWD], 0, SIZE_MAX, err);
    for (size_t i = 0; rc == 0 && i < p->touched.room; i++)
        if (p->touched.at[i].number != 0)
            rc = plan_crowd(p, &p->touched.at[i], err);
    for (size_t i = 0; rc == 0 && i < p->births.count; i++) {
        p->births.at[i].crowd = p->number++;
        p->invented += crowd_filling(p->births.at[i].tags);
    }
    shelf_cursor_close(&p->changes);
    shelf_cursor_close(&p->members);
    return rc;
}

/* Whether a walk began already: then it was planned. */
static int is_planned(struct vault *v, int64_t domain, bool *planned, struct err *err)
{
    int64_t number;
    return vault_number(v, vault_bind(v, err, "SELECT domain FROM sending WHERE domain = ?", "i", domain), &number,
                        planned, err);
}

int vault_plan_new(struct vault_plan **out, struct vault *vault, int64_t domain,
                   const struct vault_sending_options *options, struct err *err)
{
    struct vault_domain *d;
    bool planned = false;
    *out = NULL;
    int rc = vault_shelves_locked(vault, domain, &d, err);
    if (rc == 0)
        rc = is_planned(vault, domain, &planned, err);
    if (rc != 0 || planned || d->shelf[SHELF_CHANGE].count == 0)
        return rc;
    struct vault_plan *p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    p->vault = vault;
    p->domain = d;
    p->options = options;
    p->last = d->shelf[SHELF_CHANGE].at[d->shelf[SHELF_CHANGE].count - 1].number;
    rc = crowd_next_number(vault, domain, &p->number, err);
    if (rc == 0)
        rc = count_changes(p, err);
    if (rc == 0)
        rc = plan_all(p, err);
    if (rc != 0)
        vault_plan_free(p);
    else
        *out = p;
    return rc;
}

void vault_plan_free(struct vault_plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->touched.at);
    crowd_births_free(&plan->births);
    crowd_extras_free(&plan->extras);
    free(plan);
}

uint64_t vault_plan_invented(const struct vault_plan *plan)
{
    return plan->invented;
}

/* --- the plan in the tables --- */

static int store_extra(struct vault_plan *p, const struct crowd_extra *x, const char *except, struct err *err)
{
    return vault_do(p->vault, err,
                    "INSERT INTO plan(domain, tag, act, crowd, seal_key, not_for) VALUES(?, ?, ?, ?, ?, ?)", "ibiibt",
                    p->domain->number, x->tag, (size_t)WIRE_TAG_SIZE, (int64_t)x->act, (int64_t)x->crowd, x->seal_key,
                    (size_t)SEAL_KEY_SIZE, except);
}

static int store_birth(struct vault_plan *p, const struct birth *b, const struct token **invented, struct err *err)
{
    int rc = vault_do(p->vault, err, "INSERT INTO plan_birth(domain, not_for, crowd) VALUES(?, ?, ?)", "iti",
                      p->domain->number, b->except, (int64_t)b->crowd);
    for (uint64_t i = crowd_filling(b->tags); rc == 0 && i > 0; i--, ++*invented) {
        struct crowd_extra extra = {.act = CROWD_INVENTED, .crowd = b->crowd};
        memcpy(extra.tag, (*invented)->tag, WIRE_TAG_SIZE);
        memcpy(extra.seal_key, (*invented)->seal_key, SEAL_KEY_SIZE);
        rc = store_extra(p, &extra, b->except, err);
        sodium_memzero(&extra, sizeof extra);
    }
    return rc;
}

/* That a walk over these runs begins: what comes later is not in it, whatever happens. */
static int store_all(struct vault_plan *p, const struct token *invented, struct err *err)
{
    int rc =
        vault_do(p->vault, err, "INSERT INTO sending(domain, last, schema, put, remove) VALUES(?, ?, ?, NULL, NULL)",
                 "iib", p->domain->number, p->last, p->options->schema, (size_t)SCHEMA_DIGEST_SIZE);
    for (size_t i = 0; rc == 0 && i < p->touched.room; i++) {
        const struct touched *t = &p->touched.at[i];
        if (t->number != 0)
            rc = vault_do(p->vault, err, "INSERT INTO plan_crowd(domain, crowd, next, empties) VALUES(?, ?, ?, ?)",
                          "iiii", p->domain->number, (int64_t)t->number, (int64_t)t->next, (int64_t)t->empties);
    }
    for (size_t i = 0; rc == 0 && i < p->births.count; i++)
        rc = store_birth(p, &p->births.at[i], &invented, err);
    for (size_t i = 0; rc == 0 && i < p->extras.count; i++)
        rc = store_extra(p, &p->extras.at[i], p->extras.at[i].except, err);
    return rc;
}

int vault_plan_store(struct vault_plan *plan, const struct token *invented, struct err *err)
{
    int rc = vault_begin(plan->vault, err);
    if (rc == 0)
        rc = store_all(plan, invented, err);
    if (rc == 0)
        rc = vault_commit(plan->vault, err);
    vault_rollback(plan->vault);
    return rc;
}
