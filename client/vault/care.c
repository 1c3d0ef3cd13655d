/* Looking after a vault: checking, copying, giving it to another key. */
#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- every file --- */

static int check_tables(struct vault *v, struct vault_report *out, struct err *err)
{
    char path[PATH_LIMIT];
    struct stat st;
    bool row = false, fine = false;
    int rc = pages_check(v->db, &out->pages, err);
    if (rc == 0 && (rc = path_join(path, sizeof path, v->dir, JOURNAL_NAME, err)) == 0 && stat(path, &st) == 0 &&
        st.st_size > 0)
        rc = vault_damaged("a journal that nobody wrote", err);
    sqlite3_stmt *s = rc == 0 ? vault_bind(v, err, "PRAGMA integrity_check(1)", "") : NULL;
    if (rc == 0)
        rc = vault_step(v, s, &row, err);
    if (rc != 0)
        return rc;
    fine = row && strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
    sqlite3_reset(s);
    return fine ? 0 : vault_damaged("tables", err);
}

static int check_run(struct vault *v, sqlite3_stmt *s, struct vault_report *out, struct err *err)
{
    struct run_kind kind;
    struct run_info info;
    struct run *run = NULL;
    vault_run_kind(v, &kind, (unsigned)sqlite3_column_int(s, 0), sqlite3_column_int64(s, 1));
    int rc = vault_read_run(s, 2, &info, err);
    if (rc == 0)
        rc = run_open(&run, &kind, &info, err);
    if (rc == 0)
        rc = run_check(run, err);
    run_close(run);
    out->runs++;
    out->bytes += info.size;
    return rc == ERR_NOT_FOUND ? vault_run_missing(err) : rc;
}

typedef int visit_run(struct vault *vault, sqlite3_stmt *s, struct vault_report *out, struct err *err);

static int each_run(struct vault *v, visit_run *visit, struct vault_report *out, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s =
        vault_bind(v, err, "SELECT kind, domain, name, entries, blocks, size, index_at FROM run ORDER BY number", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row)
        rc = visit(v, s, out, err);
    sqlite3_reset(s);
    return rc;
}

/* --- that they agree --- */

static int count_records(struct vault_domain *d, uint64_t *records, uint64_t *tokens, struct err *err)
{
    struct shelf_cursor c = {.shelf = NULL};
    struct record_view view;
    int rc = shelf_cursor_open(&c, &d->shelf[SHELF_RECORD], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_first(&c, err);
    for (; rc == 0 && c.valid; ++*records) {
        rc = record_parse(&view, c.value, err);
        *tokens += rc == 0 ? view.count : 0;
        if (rc == 0)
            rc = shelf_next(&c, err);
    }
    shelf_cursor_close(&c);
    return rc;
}

/* What was sent, with what changed since laid over it: as many as the records have tokens. */
static int count_tagged(struct vault_domain *d, uint64_t *out, struct err *err)
{
    struct shelf_cursor old = {.shelf = NULL}, new = {.shelf = NULL};
    int rc = shelf_cursor_open(&old, &d->shelf[SHELF_TAG], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_cursor_open(&new, &d->shelf[SHELF_CHANGE], 0, SIZE_MAX, err);
    if (rc == 0)
        rc = shelf_first(&old, err);
    if (rc == 0)
        rc = shelf_first(&new, err);
    while (rc == 0 && (old.valid || new.valid)) {
        int order = !old.valid ? 1 : !new.valid ? -1 : memcmp(old.key, new.key, TAGGED_SIZE);
        *out += order < 0 || (new.value.len > 0 && (new.value.data[0] & CHANGE_GAINED) != 0);
        if (order <= 0)
            rc = shelf_next(&old, err);
        if (rc == 0 && order >= 0)
            rc = shelf_next(&new, err);
    }
    shelf_cursor_close(&old);
    shelf_cursor_close(&new);
    return rc;
}

static int check_domain(struct vault *v, int64_t domain, int64_t records, struct vault_report *out, struct err *err)
{
    struct vault_domain *d;
    uint64_t there = 0, tokens = 0, tagged = 0;
    int rc = vault_shelves(v, domain, &d, err);
    if (rc == 0)
        rc = count_records(d, &there, &tokens, err);
    if (rc == 0)
        rc = count_tagged(d, &tagged, err);
    if (rc == 0 && (there != (uint64_t)records || tokens != tagged))
        rc = vault_damaged("records and tags do not agree", err);
    out->records += there;
    out->tokens += tokens;
    return rc;
}

static int check_domains(struct vault *v, struct vault_report *out, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT number, records FROM domain", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row)
        rc = check_domain(v, sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1), out, err);
    sqlite3_reset(s);
    return rc;
}

/* A run, or its second name while it is being copied. Which runs there are, sweeping saw to when the lock was taken. */
/* A prekey's secret, or its new content while it is being written. */
static bool is_prekey_name(const char *name)
{
    static const char prefix[] = "prekey-";
    const size_t digits = 2 * sizeof(uint64_t);
    return strncmp(name, prefix, strlen(prefix)) == 0 && strspn(name + strlen(prefix), "0123456789abcdef") == digits &&
           strchr(".", name[strlen(prefix) + digits]) != NULL;
}

/* Nothing that the vault did not write. */
static int check_file(struct vault *v, const char *name, void *context, struct err *err)
{
    static const char *const known[] = {".", "..", "head", "lock", "life", TABLES_NAME, JOURNAL_NAME};
    bool ours = vault_is_run_name(name, ".run") || vault_is_run_name(name, ".run.kept") || is_prekey_name(name);
    (void)context;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        ours = ours || strcmp(name, known[i]) == 0;
    return ours ? 0
                : err_set(err, ERR_VERIFY, "%s/%s is no file of the vault: find out who put it there, and remove it",
                          v->dir, name);
}

int vault_check(struct vault *vault, struct vault_report *out, struct err *err)
{
    *out = (struct vault_report){0};
    int rc = vault_lock(vault, err);
    if (rc == 0)
        rc = vault_each_file(vault, check_file, NULL, err);
    if (rc == 0)
        rc = vault_begin(vault, err);
    if (rc == 0)
        rc = check_tables(vault, out, err);
    if (rc == 0)
        rc = each_run(vault, check_run, out, err);
    if (rc == 0)
        rc = check_domains(vault, out, err);
    if (rc == 0)
        rc = vault_prekeys_check(vault, err);
    if (rc == 0)
        rc = vault_life_check(vault, err);
    out->bytes += out->pages * PAGES_SIZE;
    vault_rollback(vault);
    return rc;
}

/* --- copying --- */

#define CHUNK (1u << 20)

static int copy_bytes(int from, int to, const char *path, struct err *err)
{
    uint8_t *chunk = malloc(CHUNK);
    ssize_t got = -1;
    int rc = chunk == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for copying") : 0;
    while (rc == 0 && (got = read(from, chunk, CHUNK)) > 0)
        for (ssize_t at = 0, put; rc == 0 && at < got; at += put)
            if ((put = write(to, chunk + at, (size_t)(got - at))) <= 0)
                rc = err_errno(err, "cannot write %s", path);
    if (rc == 0 && (got < 0 || fsync(to) != 0))
        rc = err_errno(err, "cannot copy to %s", path);
    free(chunk);
    return rc;
}

static int copy_file(const char *from_dir, const char *to_dir, const char *name, struct err *err)
{
    char from[PATH_LIMIT] = "", to[PATH_LIMIT] = "";
    int in = -1, out = -1, rc = path_join(from, sizeof from, from_dir, name, err);
    if (rc == 0)
        rc = path_join(to, sizeof to, to_dir, name, err);
    if (rc == 0 && (in = open(from, O_RDONLY | O_CLOEXEC)) < 0)
        rc = err_errno(err, "cannot open %s", from);
    if (rc == 0 && (out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        rc = err_errno(err, "cannot create %s", to);
    if (rc == 0)
        rc = copy_bytes(in, out, to, err);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return rc;
}

/* Files of runs, by a second name, so that they stay while they are copied. */
struct copy {
    const char *to;
    char (*name)[2 * RUN_NAME_SIZE + sizeof ".run"];
    size_t count, room;
};

static int keep_run(struct vault *v, struct copy *c, const struct run_info *info, struct err *err)
{
    char from[PATH_LIMIT], kept[PATH_LIMIT + 8], hex[2 * RUN_NAME_SIZE + 1];
    if (c->count == c->room) {
        size_t room = c->room > 0 ? 2 * c->room : 64;
        void *more = realloc(c->name, room * sizeof *c->name);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for copying");
        c->name = more;
        c->room = room;
    }
    int rc = run_path(from, v->dir, info->name, err);
    if (rc != 0)
        return rc;
    snprintf(kept, sizeof kept, "%s.kept", from);
    if (link(from, kept) != 0 && errno != EEXIST)
        return err_errno(err, "cannot keep %s", from);
    snprintf(c->name[c->count++], sizeof *c->name, "%s.run", bytes_to_hex(hex, info->name, RUN_NAME_SIZE));
    return 0;
}

static int keep_runs(struct vault *v, struct copy *c, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT name, entries, blocks, size, index_at FROM run", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        struct run_info info;
        rc = vault_read_run(s, 0, &info, err);
        if (rc == 0)
            rc = keep_run(v, c, &info, err);
    }
    sqlite3_reset(s);
    return rc;
}

/* One point in time: while the transaction reads, nobody commits; that takes as long as copying the tables. */
static int take_tables(struct vault *v, struct copy *c, struct err *err)
{
    char path[PATH_LIMIT];
    int64_t n;
    bool found;
    int rc = path_join(path, sizeof path, c->to, TABLES_NAME, err);
    if (rc == 0)
        rc = vault_execute(v, "BEGIN", err);
    if (rc != 0)
        return rc;
    rc = vault_number(v, vault_bind(v, err, "SELECT COUNT(*) FROM run", ""), &n, &found, err);
    if (rc == 0)
        rc = keep_runs(v, c, err);
    if (rc == 0)
        rc = pages_copy(v->db, path, err);
    sqlite3_exec(v->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

static int take_run(struct vault *v, struct copy *c, size_t i, struct err *err)
{
    char kept[sizeof *c->name + 8], from[PATH_LIMIT] = "", to[PATH_LIMIT] = "";
    snprintf(kept, sizeof kept, "%s.kept", c->name[i]);
    int rc = copy_file(v->dir, c->to, kept, err);
    if (rc == 0)
        rc = path_join(from, sizeof from, c->to, kept, err);
    if (rc == 0)
        rc = path_join(to, sizeof to, c->to, c->name[i], err);
    return rc == 0 && rename(from, to) != 0 ? err_errno(err, "cannot rename %s", from) : rc;
}

static void let_go(struct vault *v, const struct copy *c)
{
    char kept[PATH_LIMIT];
    for (size_t i = 0; i < c->count; i++)
        if (snprintf(kept, sizeof kept, "%s/%s.kept", v->dir, c->name[i]) < (int)sizeof kept)
            unlink(kept);
}

static int sync_copy(const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        rc = err_errno(err, "cannot write %s", path);
    if (fd >= 0)
        close(fd);
    return rc;
}

/* The head comes last: a copy that broke off is no vault. */
int vault_copy(struct vault *vault, const char *to, struct err *err)
{
    struct copy c = {.to = to};
    if (mkdir(to, 0700) != 0)
        return err_errno(err, "cannot make %s (a copy goes into a new directory)", to);
    const int lock = vault_files_lock(vault, true);
    int rc = lock >= 0 ? take_tables(vault, &c, err) : err_errno(err, "cannot lock %s", vault->dir);
    for (size_t i = 0; rc == 0 && i < c.count; i++)
        rc = take_run(vault, &c, i, err);
    let_go(vault, &c);
    free(c.name);
    if (lock >= 0)
        close(lock);
    if (rc == 0)
        rc = copy_file(vault->dir, to, "head", err);
    if (rc == 0)
        rc = sync_copy(to, err);
    return rc;
}

int vault_backup(struct vault *vault, const char *to, struct err *err)
{
    int rc = vault_do(vault, err, "INSERT OR REPLACE INTO meta VALUES('backup', ?)", "i", (int64_t)clock_now());
    if (rc == 0)
        rc = vault_copy(vault, to, err);
    return rc;
}

int vault_backup_time(struct vault *vault, uint64_t *at, struct err *err)
{
    return vault_meta_number(vault, "backup", at, err);
}

/* --- another key --- */

int vault_rekey(const char *path, const uint8_t from[32], const uint8_t to[32], struct err *err)
{
    struct vault *vault;
    int rc = vault_open(&vault, path, from, err);
    if (rc != 0)
        return rc;
    rc = vault_lock(vault, err);
    if (rc == 0)
        rc = head_rekey(path, from, to, err);
    vault_close(vault);
    return rc;
}
