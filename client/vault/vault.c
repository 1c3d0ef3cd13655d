/* Opening, statements, the lock, the runs that there are. */
#include "client/vault/vault_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000 /* how long to wait for another process' transaction */
#define LOAD_TRIES 20 /* another process may merge runs while they are being opened */

static const char schema_sql[] =
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS domain(number INTEGER PRIMARY KEY, purpose TEXT, epoch INTEGER, records INTEGER, tags INTEGER,"
    " agencies BLOB, schema BLOB,"
    " UNIQUE(purpose, epoch));"
    "CREATE TABLE IF NOT EXISTS run(number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER, domain INTEGER, level INTEGER,"
    " place INTEGER, name BLOB, entries INTEGER, blocks INTEGER, size INTEGER, index_at INTEGER);"
    "CREATE TABLE IF NOT EXISTS sending(domain INTEGER PRIMARY KEY, last INTEGER, schema BLOB, put BLOB, remove BLOB);"
    "CREATE TABLE IF NOT EXISTS crowd(domain INTEGER, number INTEGER, tags INTEGER, decoys INTEGER, PRIMARY KEY(domain, number))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS decoy(domain INTEGER, tag BLOB, crowd INTEGER, seal_key BLOB, not_for TEXT, PRIMARY KEY(domain, tag))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS plan(domain INTEGER, tag BLOB, act INTEGER, crowd INTEGER, seal_key BLOB, not_for TEXT,"
    " PRIMARY KEY(domain, tag)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS plan_crowd(domain INTEGER, crowd INTEGER, next INTEGER, empties INTEGER, PRIMARY KEY(domain, crowd))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS plan_birth(domain INTEGER, not_for TEXT, crowd INTEGER, PRIMARY KEY(domain, not_for)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS outbox(number INTEGER PRIMARY KEY, id BLOB UNIQUE, type INTEGER, count INTEGER, run INTEGER);"
    "CREATE TABLE IF NOT EXISTS receipt(number INTEGER PRIMARY KEY, at INTEGER, text BLOB);"
    "CREATE TABLE IF NOT EXISTS evaluation(number INTEGER PRIMARY KEY, domain INTEGER, at INTEGER, of INTEGER, taken INTEGER,"
    " named BLOB UNIQUE, receipts BLOB);"
    "CREATE TABLE IF NOT EXISTS ledger(origin TEXT, key BLOB, note BLOB, PRIMARY KEY(origin, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS evidence(number INTEGER PRIMARY KEY, kind TEXT, party TEXT, mark BLOB, text BLOB,"
    " UNIQUE(kind, party, mark));"
    "CREATE TABLE IF NOT EXISTS apart(purpose TEXT, partner BLOB, since INTEGER, PRIMARY KEY(purpose, partner)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS unopened(domain INTEGER, partner TEXT, tag BLOB, question INTEGER,"
    " PRIMARY KEY(domain, partner, tag, question)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS asked(leaf INTEGER PRIMARY KEY, purpose TEXT, partner TEXT, day INTEGER, count INTEGER);"
    "CREATE TABLE IF NOT EXISTS stale(domain INTEGER, record BLOB, PRIMARY KEY(domain, record)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS match(number INTEGER PRIMARY KEY AUTOINCREMENT, domain INTEGER, record BLOB, id TEXT, pair BLOB, partner TEXT,"
    " handle BLOB, keys INTEGER, score INTEGER, kind INTEGER, found INTEGER, withdrawn INTEGER, keep INTEGER, state INTEGER,"
    " UNIQUE(domain, record, partner, handle));"
    "CREATE INDEX IF NOT EXISTS match_surest ON match(domain, state, partner, score);"
    "CREATE INDEX IF NOT EXISTS match_newest ON match(domain, state, partner);"
    "CREATE INDEX IF NOT EXISTS match_handle ON match(handle);"
    "CREATE TABLE IF NOT EXISTS batch(digest BLOB PRIMARY KEY, nonce BLOB, at INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS withheld(record BLOB PRIMARY KEY, at INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS question(domain INTEGER, digest BLOB, seed BLOB, at INTEGER, PRIMARY KEY(domain, digest))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS notice(number INTEGER PRIMARY KEY, domain INTEGER, leaf INTEGER, at INTEGER, partner TEXT,"
    " id TEXT, handle BLOB, keys INTEGER, UNIQUE(domain, leaf, partner, id, handle));"
    "CREATE TABLE IF NOT EXISTS prekey_own(number INTEGER PRIMARY KEY, statement BLOB, until INTEGER, id BLOB, published INTEGER,"
    " time INTEGER);"
    "CREATE TABLE IF NOT EXISTS prekey_peer(peer BLOB PRIMARY KEY, statement BLOB) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS letter_stream(peer BLOB PRIMARY KEY, stream BLOB, last BLOB, place INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS letter_out(number INTEGER PRIMARY KEY AUTOINCREMENT, peer BLOB, purpose TEXT, kind INTEGER,"
    " thread BLOB, stream BLOB, place INTEGER, before BLOB, part INTEGER, parts INTEGER, body BLOB, queued INTEGER,"
    " tries INTEGER, until INTEGER, id BLOB, ephemeral BLOB, sealed BLOB, time INTEGER, epoch INTEGER, sent INTEGER, done INTEGER, why TEXT,"
    " UNIQUE(peer, stream, place));"
    "CREATE INDEX IF NOT EXISTS letter_out_done ON letter_out(done, sent);"
    "CREATE TABLE IF NOT EXISTS letter_arrived(number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB UNIQUE, peer BLOB,"
    " purpose TEXT, at INTEGER, leaf INTEGER, sealed BLOB, receipt BLOB);"
    "CREATE TABLE IF NOT EXISTS letter_receipt(number INTEGER PRIMARY KEY, peer BLOB, thread BLOB, at INTEGER, text BLOB);"
    "CREATE INDEX IF NOT EXISTS letter_receipt_of ON letter_receipt(peer, thread);"
    "CREATE TABLE IF NOT EXISTS letter_seen(ephemeral BLOB PRIMARY KEY, until INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS letter_place(peer BLOB, stream BLOB, place INTEGER, digest BLOB, before BLOB, broken INTEGER,"
    " at INTEGER, PRIMARY KEY(peer, stream, place)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS letter_place_at ON letter_place(at);"
    "CREATE TABLE IF NOT EXISTS letter_past(peer BLOB, stream BLOB, came INTEGER, PRIMARY KEY(peer, stream)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS letter_owed(peer BLOB, purpose TEXT, stream BLOB, place INTEGER, UNIQUE(peer, stream, place));"
    "CREATE TABLE IF NOT EXISTS letter_part(peer BLOB, stream BLOB, first INTEGER, part INTEGER, kind INTEGER, thread BLOB,"
    " body BLOB, PRIMARY KEY(peer, stream, first, part));"
    "CREATE TABLE IF NOT EXISTS letter_in(number INTEGER PRIMARY KEY AUTOINCREMENT, peer BLOB, purpose TEXT, kind INTEGER,"
    " thread BLOB, body BLOB, at INTEGER, state INTEGER, why TEXT);"
    "CREATE INDEX IF NOT EXISTS letter_in_state ON letter_in(state, kind);"
    "CREATE TABLE IF NOT EXISTS judging(number INTEGER PRIMARY KEY, domain INTEGER, record BLOB, partner TEXT, peer BLOB,"
    " own BLOB, other BLOB, keys INTEGER, shared INTEGER, begins INTEGER, state INTEGER, exchange INTEGER, place INTEGER,"
    " counted INTEGER, at INTEGER, live INTEGER DEFAULT 1, kind INTEGER, score INTEGER, class INTEGER, accepted INTEGER,"
    " presence INTEGER, agree BLOB, seen BLOB, asked INTEGER, elements BLOB, times INTEGER DEFAULT 0, anew INTEGER DEFAULT 0,"
    " UNIQUE(domain, own, peer, other));"
    "CREATE INDEX IF NOT EXISTS judging_record ON judging(record, domain);"
    "CREATE INDEX IF NOT EXISTS judging_waiting ON judging(domain, peer, state, exchange, shared);"
    "CREATE INDEX IF NOT EXISTS judging_anew ON judging(domain, peer) WHERE anew > 0;"
    "CREATE INDEX IF NOT EXISTS judging_exchange ON judging(exchange) WHERE exchange <> 0;"
    "CREATE TABLE IF NOT EXISTS exchange(number INTEGER PRIMARY KEY, domain INTEGER, peer BLOB, id BLOB, begins INTEGER,"
    " packed BLOB, at INTEGER, UNIQUE(peer, id, begins));"
    "CREATE TABLE IF NOT EXISTS judging_release(number INTEGER PRIMARY KEY, domain INTEGER, record BLOB, peer BLOB,"
    " count INTEGER, at INTEGER, by TEXT, statement BLOB, signature BLOB);"
    "CREATE TABLE IF NOT EXISTS judging_refusal(number INTEGER PRIMARY KEY, domain INTEGER, peer BLOB, at INTEGER, why TEXT);"
    "CREATE TABLE IF NOT EXISTS review(pair BLOB PRIMARY KEY, decision INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS review_event(number INTEGER PRIMARY KEY, pair BLOB, state INTEGER, at INTEGER, keys INTEGER,"
    " score INTEGER, by TEXT, note TEXT);"
    "CREATE INDEX IF NOT EXISTS review_event_pair ON review_event(pair);"
    "CREATE TABLE IF NOT EXISTS account(name TEXT PRIMARY KEY, role INTEGER, hash TEXT, totp BLOB, locked INTEGER, at INTEGER)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS activity(number INTEGER PRIMARY KEY, at INTEGER, by TEXT, role TEXT, act TEXT, about TEXT,"
    " detail TEXT, hash BLOB, signature BLOB);"
    "CREATE TABLE IF NOT EXISTS inquiry(number INTEGER PRIMARY KEY, peer BLOB, thread BLOB, purpose TEXT, domain INTEGER,"
    " id TEXT, own BLOB, other BLOB, subject INTEGER, UNIQUE(peer, thread));"
    "CREATE INDEX IF NOT EXISTS inquiry_id ON inquiry(id);"
    "CREATE TABLE IF NOT EXISTS inquiry_letter(number INTEGER PRIMARY KEY AUTOINCREMENT, inquiry INTEGER, ours INTEGER,"
    " kind INTEGER, ask INTEGER, at INTEGER, due INTEGER, code INTEGER, shown INTEGER, until INTEGER, state INTEGER,"
    " by TEXT, body BLOB);"
    "CREATE TABLE IF NOT EXISTS duty(letter INTEGER PRIMARY KEY, calls INTEGER, called INTEGER, reminded INTEGER, late INTEGER);"
    "CREATE INDEX IF NOT EXISTS inquiry_letter_waits ON inquiry_letter(number) WHERE " VAULT_INQUIRY_WAITS ";"
    "CREATE INDEX IF NOT EXISTS inquiry_letter_of ON inquiry_letter(inquiry);"
    "CREATE INDEX IF NOT EXISTS inquiry_letter_open ON inquiry_letter(due) WHERE state <= 1 AND due > 0;"
    "CREATE INDEX IF NOT EXISTS inquiry_letter_until ON inquiry_letter(until) WHERE body IS NOT NULL AND until > 0;";

/* --- statements --- */

int vault_failed(struct vault *vault, struct err *err)
{
    int code = sqlite3_errcode(vault->db);
    return err_set(err,
                   code == SQLITE_FULL                               ? ERR_NO_MEMORY
                   : code == SQLITE_BUSY                             ? ERR_CONFLICT
                   : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? ERR_VERIFY
                                                                     : ERR_IO,
                   "the vault's tables, %s/%s: %s%s", vault->dir, TABLES_NAME, sqlite3_errmsg(vault->db),
                   code == SQLITE_BUSY      ? " (another concord-client of this agency is at work: wait for it)"
                   : code == SQLITE_FULL    ? " (make room and do it again: what was done is kept)"
                   : code == SQLITE_CORRUPT ? " (it is damaged: restore it from a backup, or enrol anew)"
                                            : "");
}

int vault_execute(struct vault *vault, const char *sql, struct err *err)
{
    return sqlite3_exec(vault->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : vault_failed(vault, err);
}

sqlite3_stmt *vault_statement(struct vault *vault, const char *sql, struct err *err)
{
    for (size_t i = 0; i < vault->cached_count; i++)
        if (vault->cached[i].sql == sql)
            return vault->cached[i].statement;
    sqlite3_stmt *statement = NULL;
    if (vault->cached_count == STATEMENTS_MAX) {
        err_set(err, ERR_INTERNAL, "the vault has more statements than it has room for");
        return NULL;
    }
    if (sqlite3_prepare_v3(vault->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        vault_failed(vault, err);
        return NULL;
    }
    vault->cached[vault->cached_count].sql = sql;
    vault->cached[vault->cached_count++].statement = statement;
    return statement;
}

sqlite3_stmt *vault_bind(struct vault *vault, struct err *err, const char *sql, const char *types, ...)
{
    sqlite3_stmt *s = vault_statement(vault, sql, err);
    if (s == NULL)
        return NULL;
    va_list args;
    va_start(args, types);
    for (int i = 1; types[i - 1] != '\0'; i++) {
        if (types[i - 1] == 'i') {
            sqlite3_bind_int64(s, i, va_arg(args, int64_t));
        } else if (types[i - 1] == 't') {
            sqlite3_bind_text(s, i, va_arg(args, const char *), -1, SQLITE_STATIC);
        } else {
            const void *bytes = va_arg(args, const void *);
            sqlite3_bind_blob64(s, i, bytes != NULL ? bytes : "", va_arg(args, size_t), SQLITE_STATIC);
        }
    }
    va_end(args);
    return s;
}

int vault_step(struct vault *vault, sqlite3_stmt *statement, bool *row, struct err *err)
{
    *row = false;
    if (statement == NULL)
        return err_code(err);
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    if (*row)
        return 0;
    int rc = code == SQLITE_DONE ? 0 : vault_failed(vault, err);
    sqlite3_reset(statement);
    return rc;
}

int vault_run_statement(struct vault *vault, sqlite3_stmt *statement, struct err *err)
{
    bool row = false;
    int rc = vault_step(vault, statement, &row, err);
    sqlite3_reset(statement);
    return rc;
}

int vault_number(struct vault *vault, sqlite3_stmt *statement, int64_t *out, bool *found, struct err *err)
{
    *found = false;
    int rc = vault_step(vault, statement, found, err);
    if (rc != 0 || !*found)
        return rc;
    *out = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return 0;
}

int vault_meta_number(struct vault *vault, const char *name, uint64_t *out, struct err *err)
{
    int64_t number = 0;
    bool found;
    int rc = vault_number(vault, vault_bind(vault, err, "SELECT value FROM meta WHERE name = ?", "t", name), &number,
                          &found, err);
    *out = (uint64_t)number;
    return rc;
}

int(vault_damaged)(const char *what, struct err *err)
{
    return err_set(err, ERR_VERIFY, "the vault is damaged (%s): restore it from a backup, or enrol anew", what);
}

struct span vault_column(sqlite3_stmt *statement, int column)
{
    return span_of(sqlite3_column_blob(statement, column), (size_t)sqlite3_column_bytes(statement, column));
}

int vault_column_bytes(void *out, size_t len, sqlite3_stmt *statement, int column, const char *what, struct err *err)
{
    struct span bytes = vault_column(statement, column);
    if (bytes.len != len)
        return vault_damaged(what, err);
    memcpy(out, bytes.data, len);
    return 0;
}

int vault_column_text(char *out, size_t max, sqlite3_stmt *statement, int column, const char *what, struct err *err)
{
    struct span bytes = vault_column(statement, column);
    if (bytes.len > max)
        return vault_damaged(what, err);
    if (bytes.len > 0)
        memcpy(out, bytes.data, bytes.len);
    out[bytes.len] = '\0';
    return 0;
}

/* --- hashes --- */

void vault_hash(const struct vault *vault, uint8_t out[16], const void *data, size_t len)
{
    crypto_generichash(out, 16, data, len, vault->keys.hash, sizeof vault->keys.hash);
}

void vault_digest(const struct vault *vault, struct span row, uint8_t out[32])
{
    crypto_generichash(out, 32, row.data, row.len, vault->keys.hash, sizeof vault->keys.hash);
}

/* --- opening --- */

/* Whether an earlier start made the tables: then opening it writes nothing. */
static int is_made(struct vault *v, bool *made, struct err *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(v->db, "SELECT 1 FROM sqlite_schema WHERE name = 'duty'", -1, &s, NULL) != SQLITE_OK)
        return vault_failed(v, err);
    int code = sqlite3_step(s);
    int rc = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : vault_failed(v, err);
    *made = code == SQLITE_ROW;
    sqlite3_finalize(s);
    return rc;
}

static int make_tables(struct vault *v, struct err *err)
{
    int rc = vault_execute(v, "BEGIN IMMEDIATE", err);
    if (rc == 0)
        rc = vault_execute(v, schema_sql, err);
    if (rc == 0)
        rc = vault_execute(v, "COMMIT", err);
    return rc;
}

/* Where there are no tables there is nothing yet: a vault that has lost them would else lose the rest as left over. */
static int refuse_without_tables(struct vault *v, const char *name, void *context, struct err *err)
{
    (void)context;
    return vault_is_run_name(name, ".run") || strcmp(name, "life") == 0
               ? err_set(err, ERR_VERIFY,
                         "the vault is damaged: %s/" TABLES_NAME " is gone, and %s is there: restore it from a backup, "
                         "or enrol anew into an empty one",
                         v->dir, name)
               : 0;
}

static int open_tables(struct vault *v, struct err *err)
{
    char path[PATH_LIMIT];
    bool made = false;
    int reserve = PAGES_RESERVE, rc = path_join(path, sizeof path, v->dir, TABLES_NAME, err);
    if (rc != 0)
        return rc;
    /*
     * SQLite would make it readable to others. And no descriptor of it is closed but by SQLite: that would drop the
     * locks of every other connection of this process, and another process could write beside it.
     */
    if (mknod(path, S_IFREG | S_IRUSR | S_IWUSR, 0) != 0 && errno != EEXIST)
        return err_errno(err, "cannot make %s", path);
    if (sqlite3_open_v2(path, &v->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, pages_name(v->pages)) != SQLITE_OK)
        return err_set(err, ERR_IO, "cannot open the vault's tables, %s: %s", path, sqlite3_errmsg(v->db));
    sqlite3_busy_timeout(v->db, BUSY_MS);
    sqlite3_file_control(v->db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
    rc = vault_execute(v,
                       "PRAGMA page_size = 8192; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"
                       "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768; PRAGMA secure_delete = OFF;"
                       "PRAGMA mmap_size = 0",
                       err);
    if (rc == 0)
        rc = is_made(v, &made, err);
    if (rc == 0 && !made)
        rc = vault_each_file(v, refuse_without_tables, NULL, err);
    return rc != 0 || made ? rc : make_tables(v, err);
}

static int make_directory(struct vault *v, const char *path, struct err *err)
{
    struct stat st;
    if ((size_t)snprintf(v->dir, sizeof v->dir, "%s", path) >= sizeof v->dir)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        return err_set(err, ERR_INPUT,
                       "%s is a file: a vault is a directory. One of an earlier version is not read: enrol anew", path);
    return mkdir(path, 0700) == 0 || errno == EEXIST ? 0 : err_errno(err, "cannot make the vault %s", path);
}

int vault_open(struct vault **out, const char *path, const uint8_t storage_secret[32], struct err *err)
{
    struct vault *v = calloc(1, sizeof *v);
    if (v == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    v->lock = -1;
    int rc = make_directory(v, path, err);
    if (rc == 0)
        rc = head_open(&v->keys, v->dir, storage_secret, err);
    if (rc == 0)
        rc = pages_new(&v->pages, v->keys.pages, err);
    if (rc == 0)
        rc = open_tables(v, err);
    if (rc != 0)
        vault_close(v);
    else
        *out = v;
    return rc;
}

void vault_evaluations_forget(struct vault *vault)
{
    for (size_t i = 0; i < vault->evaluated_count; i++)
        buf_free(&vault->evaluated[i].receipts);
    vault->evaluated_count = 0;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL)
        return;
    vault_unload(vault);
    for (size_t i = 0; i < vault->domains; i++)
        free(vault->domain[i]);
    for (size_t i = 0; i < vault->cached_count; i++)
        sqlite3_finalize(vault->cached[i].statement);
    sqlite3_close(vault->db);
    pages_free(vault->pages);
    if (vault->lock >= 0)
        close(vault->lock);
    free(vault->doomed);
    free(vault->ended);
    vault_evaluations_forget(vault);
    free(vault->evaluated);
    sodium_memzero(vault, sizeof *vault);
    free(vault);
}

/* --- the lock --- */

bool vault_is_run_name(const char *file, const char *suffix)
{
    const size_t digits = (size_t)2 * RUN_NAME_SIZE;
    return strspn(file, "0123456789abcdef") == digits && strcmp(file + digits, suffix) == 0;
}

/* A run that no table names: a crash came between writing it and naming it. */
static int sweep_run(struct vault *v, const char *file, struct err *err)
{
    uint8_t name[RUN_NAME_SIZE];
    char hex[2 * RUN_NAME_SIZE + 1], path[PATH_LIMIT];
    int64_t number;
    bool found = false;
    if (!vault_is_run_name(file, ".run"))
        return 0;
    snprintf(hex, sizeof hex, "%.32s", file);
    if (!bytes_from_hex(name, sizeof name, hex))
        return 0;
    int rc = vault_number(v, vault_bind(v, err, "SELECT number FROM run WHERE name = ?", "b", name, sizeof name),
                          &number, &found, err);
    if (rc == 0 && !found && (rc = run_path(path, v->dir, name, err)) == 0)
        unlink(path);
    return rc;
}

int vault_each_file(struct vault *vault, vault_visit_file *visit, void *context, struct err *err)
{
    struct dirent *entry;
    int rc = 0;
    DIR *dir = opendir(vault->dir);
    if (dir == NULL)
        return err_errno(err, "cannot read the vault %s", vault->dir);
    while (rc == 0 && (entry = readdir(dir)) != NULL)
        rc = visit(vault, entry->d_name, context, err);
    closedir(dir);
    return rc;
}

int vault_files_lock(const struct vault *vault, bool wait)
{
    int fd = open(vault->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int sweep_file(struct vault *v, const char *name, void *context, struct err *err)
{
    char path[PATH_LIMIT];
    const bool copying = *(const bool *)context;
    const bool half = strncmp(name, "head.", 5) == 0; /* of a change of its identity */
    int rc = sweep_run(v, name, err);
    if (rc == 0 && (half || (!copying && vault_is_run_name(name, ".run.kept"))) &&
        path_join(path, sizeof path, v->dir, name, ERR_IGNORED) == 0)
        unlink(path);
    return rc;
}

/* Files that a crash left half made; nobody else can be writing now. */
static int sweep(struct vault *v, struct err *err)
{
    const int lock = vault_files_lock(v, false);
    bool copying = lock < 0;
    int rc = vault_each_file(v, sweep_file, &copying, err);
    if (lock >= 0)
        close(lock);
    return rc;
}

/* A file of its own: closing a descriptor of the database would drop the locks that SQLite holds on it. */
int vault_lock(struct vault *vault, struct err *err)
{
    char path[PATH_LIMIT];
    if (vault->lock >= 0)
        return 0;
    int rc = path_join(path, sizeof path, vault->dir, "lock", err);
    if (rc != 0)
        return rc;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        rc = errno == EWOULDBLOCK
                 ? err_set(err, ERR_CONFLICT, "another concord-client of this agency is at work with %s: wait for it",
                           vault->dir)
                 : err_errno(err, "cannot lock %s", path);
        close(fd);
        return rc;
    }
    vault_unload(vault);
    rc = sweep(vault, err);
    if (rc != 0)
        close(fd);
    else
        vault->lock = fd;
    return rc;
}

/* --- domains and their shelves --- */

static int find_domain(struct vault *v, const char *purpose, uint32_t epoch, int64_t *domain, bool *found,
                       struct err *err)
{
    return vault_number(
        v,
        vault_bind(v, err, "SELECT number FROM domain WHERE purpose = ? AND epoch = ?", "ti", purpose, (int64_t)epoch),
        domain, found, err);
}

int vault_domain(struct vault *vault, const char *purpose, uint32_t epoch, int64_t *domain, struct err *err)
{
    bool found = false;
    int rc = find_domain(vault, purpose, epoch, domain, &found, err);
    if (rc != 0 || found)
        return rc;
    rc = vault_do(vault, err, "INSERT OR IGNORE INTO domain(purpose, epoch, records, tags) VALUES(?, ?, 0, 0)", "ti",
                  purpose, (int64_t)epoch);
    if (rc == 0)
        rc = find_domain(vault, purpose, epoch, domain, &found, err);
    return rc;
}

/* Nearly always it is noted already: to look takes no lock. */
int vault_domain_schema(struct vault *vault, int64_t domain, const uint8_t schema[SCHEMA_DIGEST_SIZE], struct err *err)
{
    const size_t size = SCHEMA_DIGEST_SIZE;
    int64_t number;
    bool noted = false;
    int rc = vault_number(
        vault,
        vault_bind(vault, err, "SELECT number FROM domain WHERE number = ? AND schema = ?", "ib", domain, schema, size),
        &number, &noted, err);
    return rc != 0 || noted
               ? rc
               : vault_do(vault, err, "UPDATE domain SET schema = ? WHERE number = ?", "bi", schema, size, domain);
}

int vault_domain_before(struct vault *vault, const char *purpose, uint32_t epoch, struct vault_past *out, bool *found,
                        struct err *err)
{
    sqlite3_stmt *s = vault_bind(vault, err,
                                 "SELECT number, epoch, schema FROM domain WHERE purpose = ? AND epoch < ?"
                                 " AND schema IS NOT NULL ORDER BY epoch DESC LIMIT 1",
                                 "ti", purpose, (int64_t)epoch);
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    *out = (struct vault_past){.domain = sqlite3_column_int64(s, 0), .epoch = (uint32_t)sqlite3_column_int64(s, 1)};
    rc = vault_column_bytes(out->schema, SCHEMA_DIGEST_SIZE, s, 2, "purpose", err);
    sqlite3_reset(s);
    return rc;
}

void vault_run_kind(const struct vault *vault, struct run_kind *out, unsigned number, int64_t domain)
{
    static const struct {
        uint8_t key_size;
        uint16_t block;
        bool filtered;
    } kinds[SHELVES] = {
        [SHELF_RECORD] = {VAULT_RECORD_SIZE, 2048, true}, [SHELF_HANDLE] = {HANDLE_KEY_SIZE, 4096, false},
        [SHELF_TAG] = {TAGGED_SIZE, 4096, false},         [SHELF_CHANGE] = {TAGGED_SIZE, 32768, false},
        [SHELF_HIT] = {HIT_KEY_SIZE, 8192, false},        [SHELF_SEEN] = {VAULT_RECORD_SIZE, 32768, false},
    };
    *out = (struct run_kind){.dir = vault->dir, .key = vault->keys.runs, .kind = number, .domain = domain};
    out->key_size = number < SHELVES ? kinds[number].key_size : 4;
    out->block = number < SHELVES ? kinds[number].block : 1;
    out->filtered = number < SHELVES && kinds[number].filtered;
}

int vault_read_run(sqlite3_stmt *statement, int column, struct run_info *out, struct err *err)
{
    out->entries = (uint64_t)sqlite3_column_int64(statement, column + 1);
    out->blocks = (uint64_t)sqlite3_column_int64(statement, column + 2);
    out->size = (uint64_t)sqlite3_column_int64(statement, column + 3);
    out->index_at = (uint64_t)sqlite3_column_int64(statement, column + 4);
    return vault_column_bytes(out->name, sizeof out->name, statement, column, "run", err);
}

int vault_note_run(struct vault *vault, unsigned kind, int64_t domain, unsigned level, const struct run_info *info,
                   int64_t *number, struct err *err)
{
    int rc = vault_do(vault, err,
                      "INSERT INTO run(kind, domain, level, place, name, entries, blocks, size, index_at)"
                      " VALUES(?, ?, ?, (SELECT COALESCE(MAX(place), 0) + 1 FROM run), ?, ?, ?, ?, ?)",
                      "iiibiiii", (int64_t)kind, domain, (int64_t)level, info->name, sizeof info->name,
                      (int64_t)info->entries, (int64_t)info->blocks, (int64_t)info->size, (int64_t)info->index_at);
    *number = sqlite3_last_insert_rowid(vault->db);
    return rc;
}

static int load_purpose(struct vault *v, struct vault_domain *d, struct err *err)
{
    bool row = false;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT purpose FROM domain WHERE number = ?", "i", d->number);
    int rc = vault_step(v, s, &row, err);
    if (rc == 0 && !row)
        rc = err_set(err, ERR_NOT_FOUND, "the vault has no such purpose");
    if (rc == 0) {
        rc = vault_column_text(d->purpose, PARTY_NAME_MAX, s, 0, "purpose", err);
        sqlite3_reset(s);
    }
    return rc;
}

static int load_runs(struct vault *v, struct vault_domain *d, struct err *err)
{
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(v, err,
                                 "SELECT number, kind, level, name, entries, blocks, size, index_at FROM run"
                                 " WHERE domain = ? AND kind < ? ORDER BY place",
                                 "ii", d->number, (int64_t)SHELVES);
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        struct run_info info;
        unsigned kind = (unsigned)sqlite3_column_int(s, 1);
        rc = kind < SHELVES ? vault_read_run(s, 3, &info, err) : vault_damaged("run", err);
        if (rc == 0)
            rc = shelf_add(&d->shelf[kind], &info, sqlite3_column_int64(s, 0), (unsigned)sqlite3_column_int(s, 2), err);
    }
    sqlite3_reset(s);
    return rc;
}

static int load(struct vault *v, struct vault_domain *d, struct err *err)
{
    for (unsigned i = 0; i < SHELVES; i++) {
        shelf_clear(&d->shelf[i]);
        vault_run_kind(v, &d->shelf[i].kind, i, d->number);
    }
    int rc = load_purpose(v, d, err);
    if (rc == 0)
        rc = load_runs(v, d, err);
    d->loaded = rc == 0;
    return rc;
}

static void unload(struct vault_domain *d)
{
    for (unsigned i = 0; i < SHELVES; i++)
        shelf_clear(&d->shelf[i]);
    vault_refs_free(&d->stale);
    vault_refs_free(&d->removed);
    d->records = 0;
    d->loaded = false;
}

void vault_unload(struct vault *vault)
{
    for (size_t i = 0; i < vault->domains; i++)
        unload(vault->domain[i]);
}

/* Who has not the lock looks whether another process changed anything since. */
static int look_for_changes(struct vault *v, struct err *err)
{
    int64_t version = 0;
    bool found;
    if (v->lock >= 0)
        return 0;
    int rc = vault_number(v, vault_bind(v, err, "PRAGMA data_version", ""), &version, &found, err);
    if (rc == 0 && version != v->data_version)
        vault_unload(v);
    v->data_version = version;
    return rc;
}

int vault_run_missing(struct err *err)
{
    char what[ERR_TEXT_MAX];
    snprintf(what, sizeof what, "a run is missing: %.300s", err->text);
    return vault_damaged(what, err);
}

int vault_shelves(struct vault *vault, int64_t domain, struct vault_domain **out, struct err *err)
{
    struct vault_domain *d = NULL;
    int rc = look_for_changes(vault, err);
    for (size_t i = 0; i < vault->domains && d == NULL; i++)
        if (vault->domain[i]->number == domain)
            d = vault->domain[i];
    if (rc == 0 && d == NULL) {
        d = vault->domains < VAULT_DOMAINS_MAX ? calloc(1, sizeof *d) : NULL;
        if (d == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for another purpose's records");
        d->number = domain;
        vault->domain[vault->domains++] = d;
    }
    if (rc == 0 && !d->loaded) {
        rc = load(vault, d, err);
        for (int i = 0; rc == ERR_NOT_FOUND && i < LOAD_TRIES; i++)
            rc = load(vault, d, err);
        if (rc == ERR_NOT_FOUND)
            rc = vault_run_missing(err);
    }
    *out = d;
    return rc;
}

int vault_shelves_locked(struct vault *vault, int64_t domain, struct vault_domain **out, struct err *err)
{
    int rc = vault_lock(vault, err);
    if (rc == 0)
        rc = vault_shelves(vault, domain, out, err);
    return rc;
}

/* --- refs --- */

int vault_refs_add(struct vault_refs *refs, const uint8_t ref[VAULT_RECORD_SIZE], struct err *err)
{
    if (refs->count == refs->room) {
        size_t room = refs->room > 0 ? 2 * refs->room : 64;
        struct vault_ref *more = realloc(refs->ref, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
        refs->ref = more;
        refs->room = room;
    }
    memcpy(refs->ref[refs->count++].bytes, ref, VAULT_RECORD_SIZE);
    return 0;
}

static int by_ref(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct vault_ref));
}

void vault_refs_sort(struct vault_refs *refs)
{
    size_t kept = 0;
    if (refs->count > 1)
        qsort(refs->ref, refs->count, sizeof *refs->ref, by_ref);
    for (size_t i = 0; i < refs->count; i++)
        if (kept == 0 || by_ref(&refs->ref[kept - 1], &refs->ref[i]) != 0)
            refs->ref[kept++] = refs->ref[i];
    refs->count = kept;
}

void vault_refs_free(struct vault_refs *refs)
{
    free(refs->ref);
    *refs = (struct vault_refs){.ref = NULL};
}
