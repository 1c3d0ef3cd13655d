#include "client/vault/pages.h"

#include "protocol/base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY (PAGES_SIZE - PAGES_RESERVE)
#define NONCE_SIZE 24
#define TAG_SIZE 16

struct pages {
    sqlite3_vfs vfs;
    sqlite3_vfs *below;
    char name[32];
    uint8_t key[32];
};

enum kind { KIND_MAIN = 1, KIND_JOURNAL, KIND_OTHER };

/* SQLite's file, followed by that of the VFS below. */
struct file {
    sqlite3_file base;
    const struct pages *pages;
    enum kind kind;
    /* Of the journal: where the last page ended, and its nonce. What follows it is a checksum of the plain page. */
    int64_t page_end;
    uint8_t nonce[NONCE_SIZE];
    sqlite3_file *below;
    uint8_t page[PAGES_SIZE];
};

static struct file *of(sqlite3_file *f)
{
    return (struct file *)f;
}

/* --- sealing --- */

static void place_of(uint8_t out[9], enum kind kind, int64_t offset)
{
    out[0] = (uint8_t)kind;
    bytes_put_u64be(out + 1, (uint64_t)offset);
}

static void seal_page(const struct pages *p, uint8_t out[PAGES_SIZE], const uint8_t *plain, enum kind kind,
                      int64_t offset)
{
    uint8_t place[9], *nonce = out + BODY;
    place_of(place, kind, offset);
    randombytes_buf(nonce, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt_detached(out, out + BODY + NONCE_SIZE, NULL, plain, BODY, place,
                                                        sizeof place, NULL, nonce, p->key);
}

/* In place; the reserved bytes stay as they are. */
static bool open_page(const struct pages *p, uint8_t page[PAGES_SIZE], enum kind kind, int64_t offset)
{
    uint8_t place[9];
    place_of(place, kind, offset);
    return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(page, NULL, page, BODY, page + BODY + NONCE_SIZE, place,
                                                               sizeof place, page + BODY, p->key) == 0;
}

static bool is_empty(const uint8_t page[PAGES_SIZE])
{
    return sodium_is_zero(page, PAGES_SIZE) == 1;
}

/* A journal's checksum under the page's nonce, on a stream that the page does not use: its key is another. */
static void turn_checksum(const struct file *f, uint8_t *out, const uint8_t *in)
{
    uint8_t key[32];
    crypto_kdf_derive_from_key(key, sizeof key, 1, "cc-check", f->pages->key);
    crypto_stream_xchacha20_xor(out, in, 4, f->nonce, key);
    sodium_memzero(key, sizeof key);
}

/* --- reading and writing --- */

static int read_page(struct file *f, uint8_t *out, int64_t offset)
{
    int rc = f->below->pMethods->xRead(f->below, out, PAGES_SIZE, offset);
    if (rc != SQLITE_OK)
        return rc;
    if (f->kind == KIND_JOURNAL) {
        f->page_end = offset + PAGES_SIZE;
        memcpy(f->nonce, out + BODY, NONCE_SIZE);
    }
    if (open_page(f->pages, out, f->kind, offset))
        return SQLITE_OK;
    return f->kind == KIND_MAIN && is_empty(out) ? SQLITE_OK : SQLITE_CORRUPT;
}

/*
 * Parts of the first page, which SQLite looks at before it takes a lock. A page torn by a power cut reads as zeroes:
 * SQLite then rolls the journal back, and reads the page whole before it believes anything.
 */
static int read_part(struct file *f, void *out, int amount, int64_t offset)
{
    if (offset + amount > PAGES_SIZE)
        return SQLITE_IOERR_READ;
    int rc = read_page(f, f->page, 0);
    if (rc == SQLITE_OK)
        memcpy(out, f->page + offset, (size_t)amount);
    else if (rc == SQLITE_CORRUPT || rc == SQLITE_IOERR_SHORT_READ)
        memset(out, 0, (size_t)amount);
    sodium_memzero(f->page, sizeof f->page);
    return rc == SQLITE_CORRUPT ? SQLITE_OK : rc;
}

static int file_read_at(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset)
{
    struct file *f = of(base);
    if (f->kind != KIND_OTHER && amount == PAGES_SIZE)
        return read_page(f, out, offset);
    if (f->kind == KIND_MAIN)
        return read_part(f, out, amount, offset);
    int rc = f->below->pMethods->xRead(f->below, out, amount, offset);
    if (rc == SQLITE_OK && f->kind == KIND_JOURNAL && amount == 4 && offset == f->page_end)
        turn_checksum(f, out, out);
    return rc;
}

static int file_write_at(sqlite3_file *base, const void *in, int amount, sqlite3_int64 offset)
{
    struct file *f = of(base);
    uint8_t sum[4];
    if (f->kind != KIND_OTHER && amount == PAGES_SIZE) {
        seal_page(f->pages, f->page, in, f->kind, offset);
        memcpy(f->nonce, f->page + BODY, NONCE_SIZE);
        f->page_end = offset + PAGES_SIZE;
        return f->below->pMethods->xWrite(f->below, f->page, PAGES_SIZE, offset);
    }
    if (f->kind == KIND_MAIN)
        return SQLITE_IOERR_WRITE; /* SQLite writes its file by whole pages */
    if (f->kind == KIND_JOURNAL && amount == 4 && offset == f->page_end) {
        turn_checksum(f, sum, in);
        return f->below->pMethods->xWrite(f->below, sum, 4, offset);
    }
    return f->below->pMethods->xWrite(f->below, in, amount, offset);
}

/* --- what is passed on --- */

static int file_close(sqlite3_file *base)
{
    struct file *f = of(base);
    sodium_memzero(f->page, sizeof f->page);
    return f->below->pMethods != NULL ? f->below->pMethods->xClose(f->below) : SQLITE_OK;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return of(f)->below->pMethods->xTruncate(of(f)->below, size);
}

static int file_sync(sqlite3_file *f, int flags)
{
    return of(f)->below->pMethods->xSync(of(f)->below, flags);
}

static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return of(f)->below->pMethods->xFileSize(of(f)->below, size);
}

static int file_lock(sqlite3_file *f, int level)
{
    return of(f)->below->pMethods->xLock(of(f)->below, level);
}

static int file_unlock(sqlite3_file *f, int level)
{
    return of(f)->below->pMethods->xUnlock(of(f)->below, level);
}

static int file_reserved(sqlite3_file *f, int *out)
{
    return of(f)->below->pMethods->xCheckReservedLock(of(f)->below, out);
}

static int file_control(sqlite3_file *f, int op, void *argument)
{
    return of(f)->below->pMethods->xFileControl(of(f)->below, op, argument);
}

/* Not the size of a page: the journal's head, one sector, must not look like one. */
static int file_sector(sqlite3_file *f)
{
    (void)f;
    return PAGES_SIZE / 2;
}

static int file_traits(sqlite3_file *f)
{
    return of(f)->below->pMethods->xDeviceCharacteristics(of(f)->below);
}

static const sqlite3_io_methods methods = {
    1,         file_close,  file_read_at,  file_write_at, file_truncate, file_sync,   file_size,
    file_lock, file_unlock, file_reserved, file_control,  file_sector,   file_traits, NULL,
    NULL,      NULL,        NULL,          NULL,          NULL,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out_flags)
{
    const struct pages *p = vfs->pAppData;
    struct file *f = of(base);
    memset(f, 0, sizeof *f);
    f->pages = p;
    f->kind = (flags & SQLITE_OPEN_MAIN_DB) != 0        ? KIND_MAIN
              : (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0 ? KIND_JOURNAL
                                                        : KIND_OTHER;
    f->page_end = -1;
    f->below = (sqlite3_file *)(f + 1);
    if (f->kind == KIND_OTHER) /* nothing may lie open on a disk */
        return SQLITE_CANTOPEN;
    int rc = p->below->xOpen(p->below, name, f->below, flags, out_flags);
    f->base.pMethods = rc == SQLITE_OK ? &methods : NULL;
    return rc;
}

int pages_new(struct pages **out, const uint8_t key[32], struct err *err)
{
    struct pages *p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the vault");
    sqlite3_initialize();
    p->below = sqlite3_vfs_find(NULL);
    p->vfs = *p->below;
    snprintf(p->name, sizeof p->name, "concord-%p", (void *)p);
    memcpy(p->key, key, sizeof p->key);
    p->vfs.zName = p->name;
    p->vfs.pNext = NULL;
    p->vfs.pAppData = p;
    p->vfs.szOsFile = (int)sizeof(struct file) + p->below->szOsFile;
    p->vfs.xOpen = open_file;
    if (sqlite3_vfs_register(&p->vfs, 0) != SQLITE_OK) {
        free(p);
        return err_set(err, ERR_INTERNAL, "SQLite does not take a file system");
    }
    *out = p;
    return 0;
}

const char *pages_name(const struct pages *pages)
{
    return pages->name;
}

void pages_free(struct pages *pages)
{
    if (pages == NULL)
        return;
    sqlite3_vfs_unregister(&pages->vfs);
    sodium_memzero(pages, sizeof *pages);
    free(pages);
}

/* --- the whole file --- */

static struct file *file_of(sqlite3 *db)
{
    sqlite3_file *f = NULL;
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &f) == SQLITE_OK && f->pMethods == &methods
               ? of(f)
               : NULL;
}

/*
 * Shows the file page by page as it lies on the disk; through SQLite's descriptor, since closing another would drop its
 * locks.
 */
static int walk(sqlite3 *db, int (*visit)(void *context, struct file *f, int64_t at, struct err *err), void *context,
                struct err *err)
{
    struct file *f = file_of(db);
    sqlite3_int64 size = 0;
    int rc = f == NULL ? err_set(err, ERR_INTERNAL, "the vault's tables are not open") : 0;
    if (rc == 0 && (f->below->pMethods->xFileSize(f->below, &size) != SQLITE_OK || size % PAGES_SIZE != 0))
        rc = err_set(err, ERR_VERIFY, "the vault is damaged: its tables do not end with a page");
    for (int64_t at = 0; rc == 0 && at < size; at += PAGES_SIZE) {
        if (f->below->pMethods->xRead(f->below, f->page, PAGES_SIZE, at) != SQLITE_OK)
            rc = err_set(err, ERR_IO, "cannot read the vault's tables");
        else
            rc = visit(context, f, at, err);
    }
    return rc;
}

static int check_page(void *context, struct file *f, int64_t at, struct err *err)
{
    ++*(uint64_t *)context;
    return open_page(f->pages, f->page, KIND_MAIN, at) || is_empty(f->page)
               ? 0
               : err_set(err, ERR_VERIFY, "the vault is damaged: page %lld of its tables does not open",
                         (long long)(at / PAGES_SIZE + 1));
}

int pages_check(sqlite3 *db, uint64_t *pages, struct err *err)
{
    *pages = 0;
    return walk(db, check_page, pages, err);
}

static int copy_page(void *context, struct file *f, int64_t at, struct err *err)
{
    ssize_t put = pwrite(*(int *)context, f->page, PAGES_SIZE, at);
    return put == PAGES_SIZE ? 0 : err_errno(err, "cannot write the copy of the vault's tables");
}

int pages_copy(sqlite3 *db, const char *to, struct err *err)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(err, "cannot create %s", to);
    int rc = walk(db, copy_page, &fd, err);
    if (rc == 0 && fsync(fd) != 0)
        rc = err_errno(err, "cannot write %s", to);
    close(fd);
    return rc;
}
