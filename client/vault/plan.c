/* What a walk is going to send, decided before it begins (crowds.h). */
#include "client/vault/crowd_map.h"
#include "client/vault/told.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* --- planning --- */

struct vault_plan {
    struct vault *vault;
    struct vault_domain *domain;
    const struct vault_sending_options *options;
    struct shelf_cursor changes, tags;
    int64_t last; /* run of changes */
    bool decoys;  /* there are any */
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
    uint32_t crowd = u->crowd;
    bool is_decoy = false;
    int rc =
        u->sent_before || !p->decoys ? 0 : crowd_of_decoy(p->vault, p->domain->number, u->tag, &crowd, &is_decoy, err);
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
    t->change.put += u->put || !u->sent_before; /* what stays a decoy, although records with it came or went, too */
    t->change.lost += !u->put && u->sent_before;
    t->change.decoys -= is_decoy; /* it is none any more, or put anew; what there are is added later */
    return 0;
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
    t->change.tags = (uint64_t)sqlite3_column_int64(s, 0);
    t->change.decoys += (uint64_t)sqlite3_column_int64(s, 1);
    sqlite3_reset(s);
    return t->change.put + t->change.lost <= t->change.tags ? 0 : vault_damaged("crowd", err);
}

/* --- choosing --- */

static int wants(struct sample *s, uint64_t count, struct err *err)
{
    s->wanted = count;
    s->at = count > 0 ? calloc(count, sizeof *s->at) : NULL;
    return count > 0 && s->at == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for sending") : 0;
}

/* Each set of so many of those that are offered is as likely as the others. */
static void offer(struct sample *s, const uint8_t *tag, bool decoy)
{
    uint64_t at = s->offered++;
    if (at >= s->wanted)
        at = randombytes_uniform((uint32_t)s->offered);
    if (at < s->wanted) {
        memcpy(s->at[at].tag, tag, WIRE_TAG_SIZE);
        s->at[at].decoy = decoy;
    }
}

static bool is_chosen(const struct sample *s, const uint8_t *tag)
{
    for (uint64_t i = 0; i < s->wanted && i < s->offered; i++)
        if (memcmp(s->at[i].tag, tag, WIRE_TAG_SIZE) == 0)
            return true;
    return false;
}

/* Of tags that come in ascending order: whether something changed of this one, so that it cannot be chosen. */
static int is_changed(struct vault_plan *p, const uint8_t *tag, bool *out, struct err *err)
{
    uint8_t from[TAGGED_SIZE] = {0};
    int rc = 0;
    if (p->changes.valid && memcmp(p->changes.key, tag, WIRE_TAG_SIZE) < 0) {
        memcpy(from, tag, WIRE_TAG_SIZE);
        rc = shelf_seek(&p->changes, from, err);
    }
    *out = p->changes.valid && memcmp(p->changes.key, tag, WIRE_TAG_SIZE) == 0;
    return rc;
}

/* Decoys that can be chosen: of crowds that want some, and nothing changed of them. */
struct decoys {
    struct decoy {
        uint8_t tag[WIRE_TAG_SIZE];
        struct touched *crowd;
    } * at;
    size_t count, room;
};

static int add_decoy(struct decoys *d, const uint8_t *tag, struct touched *crowd, struct err *err)
{
    const size_t room = d->room > 0 ? 2 * d->room : 1024;
    if (d->count == d->room) {
        struct decoy *more = realloc(d->at, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        d->at = more;
        d->room = room;
    }
    memcpy(d->at[d->count].tag, tag, WIRE_TAG_SIZE);
    d->at[d->count++].crowd = crowd;
    return 0;
}

static int read_decoys(struct vault_plan *p, struct decoys *out, struct err *err)
{
    uint8_t tag[WIRE_TAG_SIZE];
    bool row = true, changed = false;
    sqlite3_stmt *s =
        vault_bind(p->vault, err, "SELECT tag, crowd FROM decoy WHERE domain = ? ORDER BY tag", "i", p->domain->number);
    int rc = shelf_first(&p->changes, err);
    while (rc == 0 && (rc = vault_step(p->vault, s, &row, err)) == 0 && row) {
        struct touched *t = crowd_find(&p->touched, (uint32_t)sqlite3_column_int64(s, 1));
        if (t == NULL || t->cover.wanted + t->removed.wanted == 0)
            continue;
        rc = vault_column_bytes(tag, sizeof tag, s, 0, "decoy", err);
        if (rc == 0)
            rc = is_changed(p, tag, &changed, err);
        if (rc == 0 && !changed)
            rc = add_decoy(out, tag, t, err);
    }
    sqlite3_reset(s);
    return rc;
}

/* To those that are to be removed and, of those that are left, to the cover. */
static int offer_decoys(struct vault_plan *p, struct err *err)
{
    struct decoys d = {.count = 0};
    int rc = read_decoys(p, &d, err);
    for (size_t i = 0; rc == 0 && i < d.count; i++)
        if (d.at[i].crowd->removed.wanted > 0)
            offer(&d.at[i].crowd->removed, d.at[i].tag, true);
    for (size_t i = 0; rc == 0 && i < d.count; i++)
        if (d.at[i].crowd->cover.wanted > 0 && !is_chosen(&d.at[i].crowd->removed, d.at[i].tag))
            offer(&d.at[i].crowd->cover, d.at[i].tag, true);
    free(d.at);
    return rc;
}

/* All that the matcher has of records, in one walk for all crowds. */
static int offer_tags(struct vault_plan *p, struct err *err)
{
    uint8_t last[WIRE_TAG_SIZE] = {0};
    bool changed = false;
    int rc = shelf_first(&p->changes, err);
    if (rc == 0)
        rc = shelf_first(&p->tags, err);
    while (rc == 0 && p->tags.valid) {
        struct told told;
        rc = told_read(&told, p->tags.value, err);
        struct touched *t = rc == 0 && told.sent ? crowd_find(&p->touched, told.crowd) : NULL;
        if (t != NULL && t->cover.wanted > 0 && memcmp(last, p->tags.key, sizeof last) != 0) {
            memcpy(last, p->tags.key, sizeof last);
            rc = is_changed(p, last, &changed, err);
            if (rc == 0 && !changed)
                offer(&t->cover, last, false);
        }
        if (rc == 0)
            rc = shelf_next(&p->tags, err);
    }
    return rc;
}

static int add_sample(struct vault_plan *p, const struct touched *t, const struct sample *s, bool removed,
                      struct err *err)
{
    int rc = s->offered < s->wanted ? vault_damaged("crowd", err) : 0;
    for (uint64_t i = 0; rc == 0 && i < s->wanted; i++) {
        const bool decoy = s->at[i].decoy && !removed;
        struct crowd_extra extra = {.crowd = t->number};
        char except[VAULT_EXCEPTS_MAX + 1] = "";
        extra.act = removed ? CROWD_REMOVED : decoy ? CROWD_DECOY : CROWD_COVER;
        memcpy(extra.tag, s->at[i].tag, WIRE_TAG_SIZE);
        if (decoy)
            rc = crowd_read_decoy(p->vault, p->domain->number, &extra, except, err);
        if (rc == 0)
            rc = crowd_add_extra(&p->extras, &extra, except, err);
        sodium_memzero(&extra, sizeof extra);
    }
    return rc;
}

/* --- deciding --- */

static int decide(struct vault_plan *p, struct touched *t, struct err *err)
{
    int rc = read_size(p, t, err);
    if (rc != 0)
        return rc;
    const struct crowd_decision d = crowd_decide(&t->change);
    const uint64_t put = t->change.put + d.cover + (d.empties ? t->change.lost : 0);
    const uint64_t removed = (d.empties ? 0 : t->change.lost) + d.decoys;
    t->empties = d.empties;
    if (put > 0 && put + removed < t->change.tags)
        t->next = p->number++;
    rc = wants(&t->removed, d.decoys, err);
    if (rc == 0)
        rc = wants(&t->cover, d.cover, err);
    return rc;
}

static int choose(struct vault_plan *p, struct err *err)
{
    int rc = shelf_cursor_open(&p->changes, &p->domain->shelf[SHELF_CHANGE], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&p->tags, &p->domain->shelf[SHELF_TAG], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = offer_decoys(p, err);
    if (rc == 0)
        rc = offer_tags(p, err);
    for (size_t i = 0; rc == 0 && i < p->touched.room; i++) {
        const struct touched *t = &p->touched.at[i];
        rc = add_sample(p, t, &t->removed, true, err);
        if (rc == 0)
            rc = add_sample(p, t, &t->cover, false, err);
    }
    shelf_cursor_close(&p->changes);
    shelf_cursor_close(&p->tags);
    return rc;
}

static int plan_all(struct vault_plan *p, struct err *err)
{
    bool wanted = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->touched.room; i++) {
        struct touched *t = &p->touched.at[i];
        rc = t->number != 0 ? decide(p, t, err) : 0;
        wanted = wanted || t->removed.wanted > 0 || t->cover.wanted > 0;
    }
    if (rc == 0 && wanted)
        rc = choose(p, err);
    for (size_t i = 0; rc == 0 && i < p->births.count; i++) {
        p->births.at[i].crowd = p->number++;
        p->invented += crowd_filling(p->births.at[i].tags);
    }
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
        rc = crowd_any_decoy(vault, domain, &p->decoys, err);
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
    for (size_t i = 0; i < plan->touched.room; i++) {
        free(plan->touched.at[i].removed.at);
        free(plan->touched.at[i].cover.at);
    }
    free(plan->touched.at);
    crowd_births_free(&plan->births);
    crowd_extras_free(&plan->extras);
    free(plan);
}

uint64_t vault_plan_invented(const struct vault_plan *plan)
{
    return plan->invented;
}

/* Of how many are invented and for what: a crash before they are stored plans as many again. */
static void digest_invented(const struct vault_plan *p, uint8_t out[VAULT_BATCH_DIGEST_SIZE])
{
    static const char label[] = "invented";
    uint8_t text[sizeof label + 16];
    memcpy(text, label, sizeof label);
    bytes_put_u64be(text + sizeof label, (uint64_t)p->domain->number);
    bytes_put_u64be(text + sizeof label + 8, p->invented);
    vault_digest(p->vault, span_of(text, sizeof text), out);
}

int vault_plan_nonce(const struct vault_plan *plan, uint8_t nonce[VAULT_NONCE_SIZE], struct err *err)
{
    uint8_t digest[VAULT_BATCH_DIGEST_SIZE];
    digest_invented(plan, digest);
    return vault_batch_begin(plan->vault, digest, nonce, err);
}

/* --- the plan in the tables --- */

static int store_extra(struct vault_plan *p, const struct crowd_extra *x, const char *except, struct err *err)
{
    return vault_do(p->vault, err,
                    "INSERT INTO plan(domain, tag, act, crowd, seal_key, not_for) VALUES(?, ?, ?, ?, ?, ?)", "ibiibt",
                    p->domain->number, x->tag, (size_t)WIRE_TAG_SIZE, (int64_t)x->act, (int64_t)x->crowd, x->seal_key,
                    x->keyed ? (size_t)SEAL_KEY_SIZE : 0, except);
}

static int store_birth(struct vault_plan *p, const struct birth *b, const uint8_t **invented, struct err *err)
{
    int rc = vault_do(p->vault, err, "INSERT INTO plan_birth(domain, not_for, crowd) VALUES(?, ?, ?)", "iti",
                      p->domain->number, b->except, (int64_t)b->crowd);
    for (uint64_t i = crowd_filling(b->tags); rc == 0 && i > 0; i--, *invented += WIRE_TAG_SIZE) {
        struct crowd_extra extra = {.act = CROWD_INVENTED, .crowd = b->crowd};
        memcpy(extra.tag, *invented, WIRE_TAG_SIZE);
        rc = store_extra(p, &extra, b->except, err);
    }
    return rc;
}

/* That a walk over these runs begins: what comes later is not in it, whatever happens. */
static int store_all(struct vault_plan *p, const uint8_t *invented, struct err *err)
{
    uint8_t digest[VAULT_BATCH_DIGEST_SIZE];
    digest_invented(p, digest);
    int rc =
        vault_do(p->vault, err, "INSERT INTO sending(domain, last, schema, put, remove) VALUES(?, ?, ?, NULL, NULL)",
                 "iib", p->domain->number, p->last, p->options->schema, (size_t)SCHEMA_DIGEST_SIZE);
    if (rc == 0)
        rc = vault_do(p->vault, err, "DELETE FROM batch WHERE digest = ?", "b", digest, sizeof digest);
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

int vault_plan_store(struct vault_plan *plan, const uint8_t *invented, struct err *err)
{
    int rc = vault_begin(plan->vault, err);
    if (rc == 0)
        rc = store_all(plan, invented, err);
    if (rc == 0)
        rc = vault_commit(plan->vault, err);
    vault_rollback(plan->vault);
    return rc;
}
