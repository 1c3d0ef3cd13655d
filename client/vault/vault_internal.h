/* What the files of the vault share: statements, sealing. */
#ifndef CLIENT_VAULT_VAULT_INTERNAL_H
#define CLIENT_VAULT_VAULT_INTERNAL_H

#include "client/vault/vault.h"
#include "protocol/base/file.h"

#include <sqlite3.h>

#define SEALED_OVERHEAD (24 + 16)
#define VAULT_PAIR_SIZE 16
#define STATEMENTS_MAX 96

struct vault {
    sqlite3 *db;
    char path[PATH_LIMIT];
    int lock; /* descriptor, or -1 */
    uint8_t seal_key[32], hash_key[32], record_key[32];
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } cached[STATEMENTS_MAX];
    size_t cached_count;
};

/* A statement ready to be bound, prepared once for each text (by address). NULL with err set. */
sqlite3_stmt *vault_statement(struct vault *vault, const char *sql, struct err *err);

/*
 * The same with its parameters bound: a letter each in types: i int64_t, t text, b bytes and size_t len. Text and bytes
 * must live until the statement was run.
 */
sqlite3_stmt *vault_bind(struct vault *vault, struct err *err, const char *sql, const char *types, ...);

/* Binds and runs a statement that returns no row. */
#define vault_do(vault, err, ...) vault_run_statement((vault), vault_bind((vault), (err), __VA_ARGS__), (err))

/* Runs a bound statement that returns no row, and resets it. NULL: vault_bind() failed. */
int vault_run_statement(struct vault *vault, sqlite3_stmt *statement, struct err *err);

/* Steps to a row: *row says whether there is one. Without one the statement is reset. */
int vault_step(struct vault *vault, sqlite3_stmt *statement, bool *row, struct err *err);
int vault_failed(struct vault *vault, struct err *err);

/* Seals into out (len + SEALED_OVERHEAD bytes). `what` binds it to its place. Any thread. */
void vault_seal(const struct vault *vault, uint8_t *out, const void *plain, size_t len, const char *what);

/* Opens what is sealed.len - SEALED_OVERHEAD bytes, or a text of at most max bytes. ERR_VERIFY. Any thread. */
int vault_open_sealed(const struct vault *vault, void *plain, struct span sealed, const char *what, struct err *err);
int vault_open_sealed_text(const struct vault *vault, char *out, size_t max, struct span sealed, const char *what,
                           struct err *err);

/* The same for a column, of len bytes when opened. */
int vault_unseal(const struct vault *vault, void *plain, size_t len, sqlite3_stmt *statement, int column,
                 const char *what, struct err *err);
int vault_unseal_text(const struct vault *vault, char *out, size_t max, sqlite3_stmt *statement, int column,
                      const char *what, struct err *err);

struct span vault_column(sqlite3_stmt *statement, int column);
int vault_damaged(const char *what, struct err *err); /* ERR_VERIFY */

/* Copies a column of exactly len bytes. ERR_VERIFY: it is damaged. */
int vault_column_bytes(void *out, size_t len, sqlite3_stmt *statement, int column, const char *what, struct err *err);

/* Keyed hash: finds a value without storing it. */
void vault_hash(const struct vault *vault, uint8_t out[16], const void *data, size_t len);

#endif
