/*
 * A SQLite VFS that seals: whatever SQLite writes of the database and its journal is encrypted and authenticated page
 * by page, bound to the file's kind and the place in it. What lies open is the size of the files and, while a
 * transaction is under way, the numbers of the pages that it changes. XChaCha20-Poly1305, a random nonce for each
 * write; nonce and tag lie in the bytes at the end of a page that SQLite leaves to us (SQLITE_FCNTL_RESERVE_BYTES).
 *
 * For rollback journals (not WAL, whose shared memory holds checksums of plain pages), pages of PAGES_SIZE bytes, in
 * the main file and its journal alone: temporary tables must be kept in memory.
 */
#ifndef CLIENT_VAULT_PAGES_H
#define CLIENT_VAULT_PAGES_H

#include "protocol/base/err.h"

#include <sqlite3.h>
#include <stdint.h>

#define PAGES_SIZE 8192
#define PAGES_RESERVE 40 /* nonce 24, tag 16 */

struct pages;

/* A VFS of its own, registered under pages_name(). The key is copied. */
int pages_new(struct pages **out, const uint8_t key[32], struct err *err);
const char *pages_name(const struct pages *pages);
void pages_free(struct pages *pages); /* wipes; every database must be closed. NULL is fine */

/*
 * Reads every page of the database's file: each must open, or be empty, which is what SQLite never wrote. And copies it
 * as it is, sealed, into a new file of mode 0600, durable when this returns. Both within a transaction, so that nobody
 * changes it meanwhile. ERR_VERIFY names the first page that does not open.
 */
int pages_check(sqlite3 *db, uint64_t *pages, struct err *err);
int pages_copy(sqlite3 *db, const char *to, struct err *err);

#endif
