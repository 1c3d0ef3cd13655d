/*
 * Transactions: what is pending becomes runs, the tables name them, and that counts; merging runs where there are many.
 */
#include "client/vault/vault_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- transactions --- */

int vault_begin(struct vault *vault, struct err *err)
{
    return vault_execute(vault, "BEGIN IMMEDIATE", err);
}

int vault_remove_later(struct vault *vault, const uint8_t name[RUN_NAME_SIZE], struct err *err)
{
    void *more = realloc(vault->doomed, (vault->doomed_count + 1) * sizeof *vault->doomed);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    vault->doomed = more;
    memcpy(vault->doomed[vault->doomed_count++], name, RUN_NAME_SIZE);
    return 0;
}

static void remove_doomed(struct vault *v)
{
    const struct run_kind kind = {.dir = v->dir};
    for (size_t i = 0; i < v->doomed_count; i++)
        run_remove(&kind, v->doomed[i]);
    v->doomed_count = 0;
}

void vault_rollback(struct vault *vault)
{
    vault->doomed_count = 0;
    if (sqlite3_get_autocommit(vault->db))
        return;
    sqlite3_exec(vault->db, "ROLLBACK", NULL, NULL, NULL);
    vault->ended_count = 0;
    vault_evaluations_forget(vault);
    vault_unload(vault);
}

/* Those who have the tag; *any: there is one. */
static int add_stale(struct vault_domain *d, struct shelf_cursor *tags, const uint8_t *tag, bool *any, struct err *err)
{
    uint8_t from[TAGGED_SIZE] = {0};
    *any = false;
    memcpy(from, tag, WIRE_TAG_SIZE);
    int rc = shelf_seek(tags, from, err);
    while (rc == 0 && tags->valid && memcmp(tags->key, tag, WIRE_TAG_SIZE) == 0) {
        *any = true;
        rc = vault_refs_add(&d->stale, tags->key + WIRE_TAG_SIZE, err);
        if (rc == 0)
            rc = shelf_next(tags, err);
    }
    return rc;
}

/* Of pending hits, leaves out those whose tag no record has; the records of the others become stale. */
static int settle_hits(struct vault_domain *domain, struct err *err)
{
    struct pending *p = &domain->shelf[SHELF_HIT].pending;
    struct shelf_cursor tags = {.shelf = NULL};
    pending_sort(p, HIT_KEY_SIZE);
    int rc = shelf_cursor_open(&tags, &domain->shelf[SHELF_TAG], 0, SIZE_MAX, err);
    for (size_t i = 0; rc == 0 && i < p->count; i++) {
        bool any, gone;
        pending_value(p, i, HIT_KEY_SIZE, &gone);
        rc = add_stale(domain, &tags, pending_key(p, i), &any, err);
        if (!any && !gone)
            pending_skip(p, i);
    }
    shelf_cursor_close(&tags);
    return rc;
}

static int note_stale(struct vault *vault, struct vault_domain *domain, struct err *err)
{
    const size_t size = VAULT_RECORD_SIZE;
    int rc = 0;
    vault_refs_sort(&domain->stale);
    for (size_t i = 0; rc == 0 && i < domain->stale.count; i++)
        rc = vault_do(vault, err, "INSERT OR IGNORE INTO stale VALUES(?, ?)", "ib", domain->number,
                      domain->stale.ref[i].bytes, size);
    for (size_t i = 0; rc == 0 && i < domain->removed.count; i++) {
        const uint8_t *ref = domain->removed.ref[i].bytes;
        rc = vault_do(vault, err, "DELETE FROM match WHERE domain = ? AND record = ?", "ib", domain->number, ref, size);
        if (rc == 0)
            rc = vault_do(vault, err, "DELETE FROM stale WHERE domain = ? AND record = ?", "ib", domain->number, ref,
                          size);
    }
    return rc;
}

/* A run that the transaction at hand notes. */
struct fresh_run {
    struct shelf *shelf;
    struct run_info info;
    int64_t number;
};

struct commit {
    struct fresh_run run[VAULT_DOMAINS_MAX * SHELVES];
    size_t runs;
};

/*
 * The files first, durable under their names; the tables name them in the transaction, which is what makes them count.
 */
static int write_runs(struct vault *v, struct vault_domain *d, struct commit *c, struct err *err)
{
    int rc = d->shelf[SHELF_HIT].pending.count > 0 ? settle_hits(d, err) : 0;
    for (unsigned i = 0; rc == 0 && i < SHELVES; i++) {
        struct fresh_run *run = &c->run[c->runs];
        if (d->shelf[i].pending.count == 0)
            continue;
        run->shelf = &d->shelf[i];
        rc = shelf_write(run->shelf, &run->info, err);
        c->runs += rc == 0;
        if (rc == 0)
            rc = vault_note_run(v, i, d->number, 0, &run->info, &run->number, err);
    }
    if (rc == 0 && d->records != 0)
        rc = vault_do(v, err, "UPDATE domain SET records = records + ? WHERE number = ?", "ii", d->records, d->number);
    if (rc == 0)
        rc = note_stale(v, d, err);
    return rc;
}

int vault_sync_directory(const struct vault *v, struct err *err)
{
    int fd = open(v->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        rc = err_errno(err, "cannot write the vault %s", v->dir);
    if (fd >= 0)
        close(fd);
    return rc;
}

static bool has_pending(const struct vault_domain *d)
{
    size_t n = d->stale.count + d->removed.count + (d->records != 0);
    for (unsigned i = 0; i < SHELVES; i++)
        n += d->shelf[i].pending.count;
    return n > 0;
}

/* What is in runs now is pending no more. */
static int adopt(struct vault *v, struct commit *c, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; i < c->runs; i++) {
        pending_clear(&c->run[i].shelf->pending);
        if (rc == 0)
            rc = shelf_add(c->run[i].shelf, &c->run[i].info, c->run[i].number, 0, err);
    }
    for (size_t i = 0; i < v->domains; i++) {
        v->domain[i]->stale.count = v->domain[i]->removed.count = 0;
        v->domain[i]->records = 0;
    }
    if (rc != 0)
        vault_unload(v);
    return rc;
}

int vault_commit(struct vault *vault, struct err *err)
{
    struct commit *c = calloc(1, sizeof *c);
    int rc = c == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the vault") : 0;
    for (size_t i = 0; rc == 0 && i < vault->domains; i++)
        if (has_pending(vault->domain[i]))
            rc = write_runs(vault, vault->domain[i], c, err);
    for (size_t i = 0; rc == 0 && i < vault->ended_count; i++)
        rc = vault_do(vault, err, "DELETE FROM batch WHERE digest = ?", "b", vault->ended[i], sizeof vault->ended[i]);
    if (rc == 0)
        rc = vault_evaluations_store(vault, err);
    if (rc == 0 && c->runs > 0)
        rc = vault_sync_directory(vault, err);
    if (rc == 0)
        rc = vault_execute(vault, "COMMIT", err);
    if (rc == 0) {
        vault->ended_count = 0;
        vault_evaluations_forget(vault);
        remove_doomed(vault);
        rc = adopt(vault, c, err);
    } else {
        for (size_t i = 0; c != NULL && i < c->runs; i++)
            run_remove(&c->run[i].shelf->kind, c->run[i].info.name);
    }
    for (size_t i = 0; rc == 0 && c->runs > 0 && i < vault->domains; i++)
        rc = vault_tidy(vault, vault->domain[i], err);
    free(c);
    return rc;
}

int vault_settle(struct vault *vault, struct err *err)
{
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    return rc;
}

uint64_t vault_pending(const struct vault *vault)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < vault->domains; i++)
        for (unsigned k = 0; k < SHELVES; k++)
            bytes += vault->domain[i]->shelf[k].pending.bytes;
    return bytes;
}

/* --- tidying --- */

static int replace(struct vault *v, struct shelf *shelf, size_t from, size_t count, const struct run_info *info,
                   int64_t *out, struct err *err)
{
    unsigned level = shelf->at[from].level + 1;
    int64_t number = 0;
    int rc = vault_begin(v, err);
    if (rc == 0)
        rc = vault_note_run(v, shelf->kind.kind, shelf->kind.domain, level, info, &number, err);
    if (rc == 0)
        rc = vault_do(v, err, "UPDATE run SET place = (SELECT place FROM run WHERE number = ?) WHERE number = ?", "ii",
                      shelf->at[from + count - 1].number, number);
    for (size_t i = from; rc == 0 && i < from + count; i++)
        rc = vault_do(v, err, "DELETE FROM run WHERE number = ?", "i", shelf->at[i].number);
    if (rc == 0)
        rc = vault_execute(v, "COMMIT", err);
    if (rc != 0 && !sqlite3_get_autocommit(v->db))
        sqlite3_exec(v->db, "ROLLBACK", NULL, NULL, NULL);
    *out = number;
    return rc;
}

static int merge_some(struct vault *v, struct shelf *shelf, size_t from, size_t count, struct err *err)
{
    struct run_info info;
    int64_t number = 0;
    unsigned level = shelf->at[from].level + 1;
    int rc = shelf_merge(shelf, from, count, &info, err);
    if (rc != 0)
        return rc;
    rc = vault_sync_directory(v, err);
    if (rc == 0)
        rc = replace(v, shelf, from, count, &info, &number, err);
    if (rc != 0) {
        run_remove(&shelf->kind, info.name);
        return rc;
    }
    for (size_t i = from; i < from + count; i++)
        run_remove(&shelf->kind, run_info(shelf->at[i].run)->name);
    rc = shelf_add(shelf, &info, number, level, err);
    if (rc != 0)
        return rc;
    struct shelved made = shelf->at[shelf->count - 1];
    memmove(shelf->at + from + count + 1, shelf->at + from + count,
            (shelf->count - 1 - from - count) * sizeof *shelf->at);
    shelf->at[from + count] = made;
    shelf_drop(shelf, from, count);
    return 0;
}

static int is_sending(struct vault *v, int64_t domain, bool *sending, struct err *err)
{
    int64_t number;
    return vault_number(v, vault_bind(v, err, "SELECT domain FROM sending WHERE domain = ?", "i", domain), &number,
                        sending, err);
}

/*
 * Changes are read once, when they are sent: merging them before would be in vain, but for the number of files. Those
 * that are being sent stay as they are, since a crash makes that begin again with the same runs.
 */
int vault_tidy(struct vault *vault, struct vault_domain *domain, struct err *err)
{
    bool sending = false;
    if (vault->walks > 0 || !domain->loaded)
        return 0;
    int rc = is_sending(vault, domain->number, &sending, err);
    for (unsigned i = 0; i < SHELF_SEEN; i++) {
        size_t from, count, width = i == SHELF_CHANGE ? 64 : 8;
        while (rc == 0 && !(i == SHELF_CHANGE && sending) &&
               (count = shelf_crowded(&domain->shelf[i], width, &from)) > 0)
            rc = merge_some(vault, &domain->shelf[i], from, count, err);
    }
    if (rc != 0)
        vault_unload(vault);
    return rc;
}
