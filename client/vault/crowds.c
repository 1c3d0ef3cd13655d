/* Crowds in the vault: of which crowd a tag is, what is sent with it, what became of that. */
#include "client/vault/crowds.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SPILL_BYTES (16u << 20) /* of a shelf's changes; then they go to a run */
#define RUNS_MAX 4096
#define CROWD_KEY_SIZE (4 + WIRE_TAG_SIZE)

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

/* --- crowds by number --- */

/* A crowd that a walk changes: what is planned for it, and how many tags it gains or loses. */
struct touched {
    uint32_t number; /* 0: none */
    uint32_t next;   /* of which crowd those that are put anew are then */
    bool empties;
    struct crowd_change change; /* while planning */
    int64_t tags, decoys;       /* more, or fewer */
};

struct touched_map {
    struct touched *at;
    size_t count, room; /* room: a power of two */
};

static size_t place_in(const struct touched_map *map, uint32_t number)
{
    size_t i = (number * UINT32_C(2654435761)) & (map->room - 1);
    while (map->at[i].number != 0 && map->at[i].number != number)
        i = (i + 1) & (map->room - 1);
    return i;
}

static struct touched *touch(struct touched_map *map, uint32_t number, struct err *err)
{
    if (2 * (map->count + 1) > map->room) {
        struct touched_map grown = {.room = map->room > 0 ? 2 * map->room : 64, .count = map->count};
        grown.at = calloc(grown.room, sizeof *grown.at);
        if (grown.at == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for sending");
            return NULL;
        }
        for (size_t i = 0; i < map->room; i++)
            if (map->at[i].number != 0)
                grown.at[place_in(&grown, map->at[i].number)] = map->at[i];
        free(map->at);
        *map = grown;
    }
    struct touched *t = &map->at[place_in(map, number)];
    map->count += t->number == 0;
    if (t->number == 0)
        *t = (struct touched){.number = number, .next = number};
    return t;
}

/* The crowd of a tag; 0: the matcher does not have it. */
static int crowd_of(struct vault_domain *d, const uint8_t tag[WIRE_TAG_SIZE], uint32_t *out, struct err *err)
{
    struct span value;
    bool found = false;
    int rc = shelf_get(&d->shelf[SHELF_PLACE], tag, &value, &found, err);
    if (rc == 0 && found && value.len != 4)
        return vault_damaged("crowd", err);
    *out = rc == 0 && found ? bytes_get_u32be(value.data) : 0;
    return rc;
}

static void crowd_key(uint8_t out[CROWD_KEY_SIZE], uint32_t crowd, const uint8_t *tag)
{
    bytes_put_u32be(out, crowd);
    memcpy(out + 4, tag, WIRE_TAG_SIZE);
}

/* Whom the records of an entry are not for, all together: the names as they stand in its tokens. */
static const char *except_text(const struct vault_unsent *u, char out[SCHEMA_SLOTS_MAX * (EXCEPT_TEXT_MAX + 1)])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < u->records && i < SCHEMA_SLOTS_MAX; i++) {
        const size_t more = strlen(u->token[i].except);
        bool there = more == 0;
        for (size_t k = 0; k < i; k++)
            there = there || strcmp(u->token[k].except, u->token[i].except) == 0;
        if (there)
            continue;
        if (len > 0)
            out[len++] = ',';
        memcpy(out + len, u->token[i].except, more + 1);
        len += more;
    }
    return out;
}

/* What is added with the same exceptions is one crowd. */
struct birth {
    char *except;
    uint32_t crowd;
    uint64_t tags;
};

struct births {
    struct birth *at;
    size_t count;
};

static struct birth *birth_of(struct births *b, const char *except, struct err *err)
{
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->at[i].except, except) == 0)
            return &b->at[i];
    struct birth *more = realloc(b->at, (b->count + 1) * sizeof *more);
    char *copy = strdup(except);
    if (more != NULL)
        b->at = more;
    if (more == NULL || copy == NULL) {
        free(copy);
        err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        return NULL;
    }
    b->at[b->count] = (struct birth){.except = copy};
    return &b->at[b->count++];
}

static void births_free(struct births *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->at[i].except);
    free(b->at);
}

/* Numbers of crowds are given once more only when nothing is left of them. */
static int next_number(struct vault *v, int64_t domain, uint32_t *out, struct err *err)
{
    int64_t most = 0, planned = 0;
    bool found;
    int rc =
        vault_number(v, vault_bind(v, err, "SELECT COALESCE(MAX(number), 0) FROM crowd WHERE domain = ?", "i", domain),
                     &most, &found, err);
    if (rc == 0)
        rc = vault_number(
            v, vault_bind(v, err, "SELECT COALESCE(MAX(next), 0) FROM plan_crowd WHERE domain = ?", "i", domain),
            &planned, &found, err);
    *out = (uint32_t)(most > planned ? most : planned) + 1;
    return rc;
}

/* --- the extras of a plan --- */

struct extras {
    struct crowd_extra *at;
    size_t count, room;
};

static int add_extra(struct extras *x, const struct crowd_extra *extra, const char *except, struct err *err)
{
    if (x->count == x->room) {
        const size_t room = x->room > 0 ? 2 * x->room : 256;
        struct crowd_extra *more = realloc(x->at, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        x->at = more;
        x->room = room;
    }
    x->at[x->count] = *extra;
    x->at[x->count].except = strdup(except);
    if (x->at[x->count].except == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    x->count++;
    return 0;
}

static void extras_free(struct extras *x)
{
    for (size_t i = 0; i < x->count; i++)
        free(x->at[i].except);
    if (x->at != NULL)
        sodium_memzero(x->at, x->room * sizeof *x->at);
    free(x->at);
}

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

static int read_decoy(struct vault *v, int64_t domain, struct crowd_extra *out, char *except, bool *found,
                      struct err *err)
{
    sqlite3_stmt *s = vault_bind(v, err, "SELECT seal_key, not_for FROM decoy WHERE domain = ? AND tag = ?", "ib",
                                 domain, out->tag, (size_t)WIRE_TAG_SIZE);
    int rc = s == NULL ? (int)err->code : vault_step(v, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = vault_column_bytes(out->seal_key, SEAL_KEY_SIZE, s, 0, "decoy", err);
    if (rc == 0)
        rc = vault_column_text(except, VAULT_EXCEPTS_MAX, s, 1, "decoy", err);
    sqlite3_reset(s);
    return rc;
}

/* One tag that changed: what it means for its crowd. */
static int count_change(struct vault_plan *p, const struct vault_unsent *u, struct err *err)
{
    char text[VAULT_EXCEPTS_MAX + 1];
    struct crowd_extra decoy;
    uint32_t crowd;
    bool is_decoy = false;
    int rc = crowd_of(p->domain, u->tag, &crowd, err);
    if (rc != 0 || (!u->put && !u->sent_before))
        return rc;
    if (crowd == 0) {
        struct birth *b = u->put ? birth_of(&p->births, except_text(u, text), err) : NULL;
        if (b != NULL)
            b->tags++;
        return u->put && b == NULL ? (int)err->code : 0;
    }
    struct touched *t = touch(&p->touched, crowd, err);
    if (t == NULL)
        return (int)err->code;
    memcpy(decoy.tag, u->tag, WIRE_TAG_SIZE);
    if (!u->sent_before)
        rc = read_decoy(p->vault, p->domain->number, &decoy, text, &is_decoy, err);
    t->change.put += u->put;
    t->change.lost += !u->put;
    t->change.decoys -= is_decoy; /* it is none any more; what there are is added later */
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
    int rc = s == NULL ? (int)err->code : vault_step(p->vault, s, &row, err);
    if (rc != 0 || !row)
        return rc != 0 ? rc : vault_damaged("crowd", err);
    t->change.tags = (uint64_t)sqlite3_column_int64(s, 0);
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

static int choose(struct vault_plan *p, uint32_t crowd, const uint8_t *tag, size_t first, bool *chosen, struct err *err)
{
    struct crowd_extra extra = {.crowd = crowd, .act = CROWD_COVER};
    char except[VAULT_EXCEPTS_MAX + 1] = "";
    bool is_decoy = false;
    memcpy(extra.tag, tag, WIRE_TAG_SIZE);
    int rc = is_free(p, extra.tag, first, chosen, err);
    if (rc != 0 || !*chosen)
        return rc;
    rc = read_decoy(p->vault, p->domain->number, &extra, except, &is_decoy, err);
    if (is_decoy)
        extra.act = CROWD_DECOY;
    if (rc == 0)
        rc = add_extra(&p->extras, &extra, except, err);
    sodium_memzero(&extra, sizeof extra);
    return rc;
}

static bool is_member(const struct shelf_cursor *c, uint32_t crowd)
{
    return c->valid && bytes_get_u32be(c->key) == crowd;
}

/* Random places in a large crowd: nearly always free. Else, and after some failures, from its beginning on. */
static int choose_cover(struct vault_plan *p, const struct touched *t, uint64_t count, size_t first, struct err *err)
{
    const bool large = t->change.tags >= CROWD_LARGE;
    uint8_t key[CROWD_KEY_SIZE], tag[WIRE_TAG_SIZE] = {0};
    bool chosen = false;
    int rc = 0;
    for (uint64_t tries = 0; rc == 0 && large && count > 0 && tries < 64 * CROWD_LEAST; tries++) {
        randombytes_buf(tag, sizeof tag);
        crowd_key(key, t->number, tag);
        rc = shelf_seek(&p->members, key, err);
        if (rc == 0 && is_member(&p->members, t->number))
            rc = choose(p, t->number, p->members.key + 4, first, &chosen, err);
        count -= rc == 0 && is_member(&p->members, t->number) && chosen;
    }
    if (rc != 0 || count == 0)
        return rc;
    uint64_t left = t->change.tags - t->change.put - t->change.lost;
    for (size_t i = first; i < p->extras.count; i++)
        left -= left > 0;
    memset(tag, 0, sizeof tag);
    crowd_key(key, t->number, tag);
    rc = shelf_seek(&p->members, key, err);
    for (; rc == 0 && count > 0 && is_member(&p->members, t->number);
         rc = rc == 0 ? shelf_next(&p->members, err) : rc) {
        bool is;
        rc = is_free(p, p->members.key + 4, first, &is, err);
        if (rc != 0 || !is)
            continue;
        if (randombytes_uniform((uint32_t)(left > 0 ? left : 1)) <
            count) { /* each of those left as likely as the others */
            rc = choose(p, t->number, p->members.key + 4, first, &chosen, err);
            count--;
        }
        left -= left > 0;
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
        return (int)err->code;
    while (rc == 0 && count > 0 && (rc = vault_step(p->vault, s, &row, err)) == 0 && row) {
        struct crowd_extra extra = {.crowd = t->number, .act = CROWD_REMOVED};
        bool is;
        rc = vault_column_bytes(extra.tag, WIRE_TAG_SIZE, s, 0, "decoy", err);
        if (rc == 0)
            rc = is_free(p, extra.tag, first, &is, err);
        if (rc == 0 && is)
            rc = add_extra(&p->extras, &extra, "", err);
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
    return rc != 0 ? rc : choose_cover(p, t, d.cover, first, err);
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
    rc = next_number(vault, domain, &p->number, err);
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
    births_free(&plan->births);
    extras_free(&plan->extras);
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
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(c->vault, s, &row, err)) == 0 && row) {
        struct crowd_extra extra = {.act = (enum crowd_act)sqlite3_column_int(s, 1),
                                    .crowd = (uint32_t)sqlite3_column_int64(s, 2)};
        rc = vault_column_bytes(extra.tag, WIRE_TAG_SIZE, s, 0, "plan", err);
        if (rc == 0)
            rc = vault_column_bytes(extra.seal_key, SEAL_KEY_SIZE, s, 3, "plan", err);
        if (rc == 0)
            rc = vault_column_text(except, VAULT_EXCEPTS_MAX, s, 4, "plan", err);
        if (rc == 0)
            rc = add_extra(&c->extras, &extra, except, err);
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
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(c->vault, s, &row, err)) == 0 && row) {
        struct touched *t = touch(&c->touched, (uint32_t)sqlite3_column_int64(s, 0), err);
        if (t == NULL) {
            rc = (int)err->code;
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
        return (int)err->code;
    while (rc == 0 && (rc = vault_step(c->vault, s, &row, err)) == 0 && row) {
        rc = vault_column_text(except, VAULT_EXCEPTS_MAX, s, 0, "plan", err);
        struct birth *b = rc == 0 ? birth_of(&c->births, except, err) : NULL;
        if (b != NULL)
            b->crowd = (uint32_t)sqlite3_column_int64(s, 1);
        rc = b == NULL ? (int)err->code : rc;
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
    extras_free(&crowds->extras);
    births_free(&crowds->births);
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
        if (rc == 0 && (t = touch(&c->touched, from, err)) == NULL)
            rc = (int)err->code;
        else if (rc == 0)
            t->tags--;
    }
    if (rc == 0 && to != 0) {
        crowd_key(key, to, tag);
        rc = note(&c->member, key, &nothing, err);
        if (rc == 0 && (t = touch(&c->touched, to, err)) == NULL)
            rc = (int)err->code;
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
    struct touched *from = was != 0 ? touch(&c->touched, was, err) : NULL;
    if (from != NULL)
        from->decoys--;
    struct touched *to = crowd != 0 ? touch(&c->touched, crowd, err) : NULL;
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
    const struct touched *t = touch(&c->touched, crowd, err);
    *next = t != NULL ? t->next : 0;
    return t != NULL ? 0 : (int)err->code;
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
        return rc != 0 ? rc : move(crowds, x->tag, x->crowd, next, err);
    case CROWD_INVENTED:
        rc = note_decoy(crowds, x->tag, x->seal_key, 0, x->crowd, x->except, err);
        return rc != 0 ? rc : move(crowds, x->tag, 0, x->crowd, err);
    case CROWD_REMOVED:
        rc = note_decoy(crowds, x->tag, NULL, x->crowd, 0, "", err);
        return rc != 0 ? rc : move(crowds, x->tag, x->crowd, 0, err);
    }
    return vault_damaged("plan", err);
}

static int take_added(struct crowds *c, struct vault_unsent *out, struct err *err)
{
    char text[VAULT_EXCEPTS_MAX + 1];
    struct birth *b = birth_of(&c->births, except_text(out, text), err);
    if (b == NULL)
        return (int)err->code;
    int rc = 0;
    for (size_t i = 0; b->crowd == 0 && i < c->births.count; i++) /* with exceptions that were not planned */
        if (c->births.at[i].crowd != 0)
            b->crowd = c->births.at[i].crowd;
    if (b->crowd == 0)
        rc = next_number(c->vault, c->domain->number, &b->crowd, err);
    return rc != 0 ? rc : move(c, out->tag, 0, b->crowd, err);
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
    const struct touched *t = touch(&crowds->touched, crowd, err);
    if (t == NULL)
        return (int)err->code;
    next = out->put || t->empties ? t->next : 0;
    if (lost && t->empties) {
        out->put = out->emptied = true;
        out->records = 0;
        rc = note_decoy(crowds, out->tag, out->seal_key, 0, next, out->except, err);
    }
    memcpy(decoy.tag, out->tag, WIRE_TAG_SIZE);
    if (rc == 0 && !out->sent_before)
        rc = read_decoy(crowds->vault, crowds->domain->number, &decoy, text, &was_decoy, err);
    if (rc == 0 && was_decoy)
        rc = note_decoy(crowds, out->tag, NULL, crowd, 0, "", err);
    sodium_memzero(&decoy, sizeof decoy);
    return rc != 0 ? rc : move(crowds, out->tag, crowd, next, err);
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
    return rc != 0 ? rc : adopt(crowds, &crowds->member, err);
}
