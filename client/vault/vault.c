/* Opening, transactions, statements, sealing. */
#include "client/vault/vault_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FORMAT "concord-vault-1"
#define BUSY_MS 10000 /* how long to wait for another process' transaction */

static const char schema_sql[] =
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS domain(number INTEGER PRIMARY KEY, purpose TEXT, epoch INTEGER, UNIQUE(purpose, epoch));"
    "CREATE TABLE IF NOT EXISTS record(number INTEGER PRIMARY KEY, domain INTEGER, id_hash BLOB, id BLOB, digest BLOB,"
    " handle_hash BLOB, run INTEGER, UNIQUE(domain, id_hash));"
    "CREATE INDEX IF NOT EXISTS record_handle ON record(handle_hash);"
    "CREATE TABLE IF NOT EXISTS token(record INTEGER, key INTEGER, tag INTEGER, PRIMARY KEY(record, key, tag)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS token_tag ON token(tag);"
    "CREATE TABLE IF NOT EXISTS tag(number INTEGER PRIMARY KEY, domain INTEGER, tag BLOB, seal_key BLOB, sent INTEGER,"
    " unsent INTEGER, UNIQUE(domain, tag));"
    "CREATE INDEX IF NOT EXISTS tag_unsent ON tag(domain, tag) WHERE unsent = 1;"
    "CREATE TABLE IF NOT EXISTS outbox(number INTEGER PRIMARY KEY, id BLOB UNIQUE, type INTEGER, count INTEGER, body BLOB);"
    "CREATE TABLE IF NOT EXISTS receipt(number INTEGER PRIMARY KEY, text BLOB);"
    "CREATE TABLE IF NOT EXISTS log(origin TEXT, key BLOB, note BLOB, PRIMARY KEY(origin, key)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS evidence(number INTEGER PRIMARY KEY, seen BLOB, shown BLOB, UNIQUE(seen, shown));"
    "CREATE TABLE IF NOT EXISTS hit(tag INTEGER, partner TEXT, payload BLOB, PRIMARY KEY(tag, partner)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS stale(domain INTEGER, record INTEGER, PRIMARY KEY(domain, record)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS match(number INTEGER PRIMARY KEY, domain INTEGER, record INTEGER, pair BLOB, partner TEXT,"
    " pseudonym BLOB, handle BLOB, keys INTEGER, score INTEGER, kind INTEGER, found INTEGER, withdrawn INTEGER, keep INTEGER,"
    " UNIQUE(record, partner, pseudonym));"
    "CREATE INDEX IF NOT EXISTS match_domain ON match(domain, score);"
    "CREATE TABLE IF NOT EXISTS review(pair BLOB PRIMARY KEY, decision INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS review_event(number INTEGER PRIMARY KEY, pair BLOB, state INTEGER, at INTEGER, keys INTEGER,"
    " score INTEGER, by BLOB, note BLOB);"
    "CREATE INDEX IF NOT EXISTS review_event_pair ON review_event(pair);";

int vault_failed(struct vault *vault, struct err *err)
{
    int code = sqlite3_errcode(vault->db);
    return err_set(err,
                   code == SQLITE_FULL                               ? ERR_NO_MEMORY
                   : code == SQLITE_BUSY                             ? ERR_CONFLICT
                   : code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? ERR_VERIFY
                                                                     : ERR_IO,
                   "the vault: %s%s", sqlite3_errmsg(vault->db),
                   code == SQLITE_BUSY   ? " (another concord-client of this agency is at work: wait for it)"
                   : code == SQLITE_FULL ? " (make room and do it again: what was done is kept)"
                                         : "");
}

static int execute(struct vault *v, const char *sql, struct err *err)
{
    return sqlite3_exec(v->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : vault_failed(v, err);
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
    bool row;
    if (statement == NULL)
        return (int)err->code;
    int rc = vault_step(vault, statement, &row, err);
    sqlite3_reset(statement);
    return rc;
}

/* --- sealing --- */

void vault_seal(const struct vault *vault, uint8_t *out, const void *plain, size_t len, const char *what)
{
    randombytes_buf(out, 24);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + 24, NULL, plain, len, (const uint8_t *)what, strlen(what), NULL,
                                               out, vault->seal_key);
}

int vault_damaged(const char *what, struct err *err)
{
    return err_set(err, ERR_VERIFY, "the vault is damaged (%s): restore it from a backup, or enrol anew", what);
}

int vault_open_sealed(const struct vault *vault, void *plain, struct span sealed, const char *what, struct err *err)
{
    if (sealed.len < SEALED_OVERHEAD || crypto_aead_xchacha20poly1305_ietf_decrypt(
                                            plain, NULL, NULL, sealed.data + 24, sealed.len - 24, (const uint8_t *)what,
                                            strlen(what), sealed.data, vault->seal_key) != 0)
        return vault_damaged(what, err);
    return 0;
}

int vault_open_sealed_text(const struct vault *vault, char *out, size_t max, struct span sealed, const char *what,
                           struct err *err)
{
    if (sealed.len < SEALED_OVERHEAD || sealed.len - SEALED_OVERHEAD > max)
        return vault_damaged(what, err);
    int rc = vault_open_sealed(vault, out, sealed, what, err);
    out[rc == 0 ? sealed.len - SEALED_OVERHEAD : 0] = '\0';
    return rc;
}

struct span vault_column(sqlite3_stmt *statement, int column)
{
    return span_of(sqlite3_column_blob(statement, column), (size_t)sqlite3_column_bytes(statement, column));
}

int vault_unseal(const struct vault *vault, void *plain, size_t len, sqlite3_stmt *statement, int column,
                 const char *what, struct err *err)
{
    struct span sealed = vault_column(statement, column);
    return sealed.len == len + SEALED_OVERHEAD ? vault_open_sealed(vault, plain, sealed, what, err)
                                               : vault_damaged(what, err);
}

int vault_unseal_text(const struct vault *vault, char *out, size_t max, sqlite3_stmt *statement, int column,
                      const char *what, struct err *err)
{
    return vault_open_sealed_text(vault, out, max, vault_column(statement, column), what, err);
}

int vault_column_bytes(void *out, size_t len, sqlite3_stmt *statement, int column, const char *what, struct err *err)
{
    struct span bytes = vault_column(statement, column);
    if (bytes.len != len)
        return vault_damaged(what, err);
    memcpy(out, bytes.data, len);
    return 0;
}

void vault_hash(const struct vault *vault, uint8_t out[16], const void *data, size_t len)
{
    crypto_generichash(out, 16, data, len, vault->hash_key, sizeof vault->hash_key);
}

void vault_digest(const struct vault *vault, struct span inputs, uint8_t out[32])
{
    crypto_generichash(out, 32, inputs.data, inputs.len, vault->hash_key, sizeof vault->hash_key);
}

const uint8_t *vault_record_key(const struct vault *vault)
{
    return vault->record_key;
}

/* --- opening --- */

/* A sealed word under the identity's key tells whose vault it is. */
static int check_owner(struct vault *v, struct err *err)
{
    char word[sizeof FORMAT];
    uint8_t sealed[sizeof FORMAT + SEALED_OVERHEAD];
    bool row = false;
    sqlite3_stmt *s = vault_statement(v, "SELECT value FROM meta WHERE name = 'format'", err);
    int rc = s == NULL ? (int)err->code : vault_step(v, s, &row, err);
    if (rc != 0)
        return rc;
    if (row) {
        rc = vault_unseal(v, word, sizeof word, s, 0, "format", ERR_IGNORED);
        sqlite3_reset(s);
        return rc == 0 ? 0 : err_set(err, ERR_VERIFY, "the vault belongs to another identity than the one configured");
    }
    vault_seal(v, sealed, FORMAT, sizeof FORMAT, "format");
    return vault_do(v, err, "INSERT INTO meta VALUES('format', ?)", "b", sealed, sizeof sealed);
}

/* Whether an earlier start made the tables and wrote whose vault it is: then opening it writes nothing. */
static int is_made(struct vault *v, bool *made, struct err *err)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(v->db, "SELECT 1 FROM sqlite_schema WHERE name = 'meta'", -1, &s, NULL) != SQLITE_OK)
        return vault_failed(v, err);
    int code = sqlite3_step(s);
    int rc = code == SQLITE_ROW || code == SQLITE_DONE ? 0 : vault_failed(v, err);
    *made = code == SQLITE_ROW;
    sqlite3_finalize(s);
    return rc;
}

static int make_tables(struct vault *v, struct err *err)
{
    int rc = execute(v, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", err);
    if (rc == 0)
        rc = execute(v, schema_sql, err);
    if (rc == 0)
        rc = check_owner(v, err);
    if (rc == 0)
        rc = execute(v, "COMMIT", err);
    return rc;
}

static int open_file(struct vault *v, const char *path, struct err *err)
{
    bool made = false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "cannot open the vault %s", path);
    close(fd);
    if (sqlite3_open_v2(path, &v->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return err_set(err, ERR_IO, "cannot open the vault %s: %s", path, sqlite3_errmsg(v->db));
    sqlite3_busy_timeout(v->db, BUSY_MS);
    int rc = execute(v,
                     "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
                     "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000",
                     err);
    if (rc == 0)
        rc = is_made(v, &made, err);
    if (rc != 0)
        return rc;
    return made ? check_owner(v, err) : make_tables(v, err);
}

static int remember_path(struct vault *v, const char *path, struct err *err)
{
    if ((size_t)snprintf(v->path, sizeof v->path, "%s", path) >= sizeof v->path)
        return err_set(err, ERR_INPUT, "path too long: %s", path);
    return 0;
}

int vault_open(struct vault **out, const char *path, const uint8_t storage_secret[32], struct err *err)
{
    struct vault *v = calloc(1, sizeof *v);
    if (v == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    crypto_kdf_derive_from_key(v->seal_key, 32, 1, "cc-vault", storage_secret);
    crypto_kdf_derive_from_key(v->hash_key, 32, 2, "cc-vault", storage_secret);
    crypto_kdf_derive_from_key(v->record_key, 32, 3, "cc-vault", storage_secret);
    v->lock = -1;
    int rc = remember_path(v, path, err);
    if (rc == 0)
        rc = open_file(v, path, err);
    if (rc != 0)
        vault_close(v);
    else
        *out = v;
    return rc;
}

/* A file of its own: closing a descriptor of the database would drop the locks that SQLite holds on it. */
int vault_lock(struct vault *vault, struct err *err)
{
    char path[PATH_LIMIT + 8];
    if (vault->lock >= 0)
        return 0;
    snprintf(path, sizeof path, "%s.lock", vault->path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "cannot open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int rc = errno == EWOULDBLOCK ? err_set(err, ERR_CONFLICT,
                                                "another concord-client of this agency is at work with %s: "
                                                "wait for it",
                                                vault->path)
                                      : err_errno(err, "cannot lock %s", path);
        close(fd);
        return rc;
    }
    vault->lock = fd;
    return 0;
}

void vault_close(struct vault *vault)
{
    if (vault == NULL)
        return;
    for (size_t i = 0; i < vault->cached_count; i++)
        sqlite3_finalize(vault->cached[i].statement);
    sqlite3_close(vault->db);
    if (vault->lock >= 0)
        close(vault->lock);
    sodium_memzero(vault, sizeof *vault);
    free(vault);
}

int vault_begin(struct vault *vault, struct err *err)
{
    return execute(vault, "BEGIN IMMEDIATE", err);
}

int vault_commit(struct vault *vault, struct err *err)
{
    return execute(vault, "COMMIT", err);
}

void vault_rollback(struct vault *vault)
{
    if (!sqlite3_get_autocommit(vault->db))
        sqlite3_exec(vault->db, "ROLLBACK", NULL, NULL, NULL);
}

static int find_domain(struct vault *v, const char *purpose, uint32_t epoch, int64_t *domain, bool *found,
                       struct err *err)
{
    sqlite3_stmt *s =
        vault_bind(v, err, "SELECT number FROM domain WHERE purpose = ? AND epoch = ?", "ti", purpose, (int64_t)epoch);
    int rc = s == NULL ? (int)err->code : vault_step(v, s, found, err);
    if (rc == 0 && *found) {
        *domain = sqlite3_column_int64(s, 0);
        sqlite3_reset(s);
    }
    return rc;
}

int vault_domain(struct vault *vault, const char *purpose, uint32_t epoch, int64_t *domain, struct err *err)
{
    bool found = false;
    int rc = find_domain(vault, purpose, epoch, domain, &found, err);
    if (rc != 0 || found)
        return rc;
    rc = vault_do(vault, err, "INSERT OR IGNORE INTO domain(purpose, epoch) VALUES(?, ?)", "ti", purpose,
                  (int64_t)epoch);
    if (rc == 0)
        rc = find_domain(vault, purpose, epoch, domain, &found, err);
    return rc;
}
