/*
 * Prekeys: statements in the tables, secrets in files that no backup holds. And the file `life`, which a vault that was
 * put back lacks or has of another: 16 random bytes, the same in the tables.
 *
 *   prekey-<number, 16 hexadecimal digits>   nonce 24 | XChaCha20-Poly1305(secret 32), AAD: number u64be
 */
#include "client/vault/judging.h"
#include "client/vault/letters.h"

#include "client/vault/vault_internal.h"
#include "protocol/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIFE_SIZE 16
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SECRET_FILE_SIZE (NONCE_SIZE + 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES)

/* --- secrets --- */

static int secret_path(char out[PATH_LIMIT], const struct vault *v, uint64_t number, struct err *err)
{
    char name[32];
    snprintf(name, sizeof name, "prekey-%016" PRIx64, number);
    return path_join(out, PATH_LIMIT, v->dir, name, err);
}

static int write_secret(const struct vault *v, uint64_t number, const uint8_t secret[32], struct err *err)
{
    char path[PATH_LIMIT];
    uint8_t file[SECRET_FILE_SIZE], aad[8];
    bytes_put_u64be(aad, number);
    randombytes_buf(file, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(file + NONCE_SIZE, NULL, secret, 32, aad, sizeof aad, NULL, file,
                                               v->keys.letters);
    int rc = secret_path(path, v, number, err);
    if (rc == 0)
        rc = file_write(path, file, sizeof file, 0600, err);
    return rc;
}

static int read_secret(const struct vault *v, uint64_t number, uint8_t secret[32], struct err *err)
{
    char path[PATH_LIMIT];
    uint8_t aad[8];
    struct buf file = buf_of(SECRET_FILE_SIZE);
    bytes_put_u64be(aad, number);
    int rc = secret_path(path, v, number, err);
    if (rc == 0)
        rc = file_read(&file, path, err);
    if (rc == 0 &&
        (file.len != SECRET_FILE_SIZE ||
         crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, file.data + NONCE_SIZE, file.len - NONCE_SIZE,
                                                    aad, sizeof aad, file.data, v->keys.letters) != 0))
        rc = vault_damaged("a prekey", err);
    buf_free(&file);
    return rc;
}

/* Overwritten in place before its name goes. Where the file system writes elsewhere, the vault's key still seals it. */
static int wipe_secret(const struct vault *v, uint64_t number, struct err *err)
{
    static const uint8_t zeros[SECRET_FILE_SIZE];
    char path[PATH_LIMIT];
    int rc = secret_path(path, v, number, err);
    if (rc != 0)
        return rc;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : err_errno(err, "cannot wipe %s", path);
    if (write(fd, zeros, sizeof zeros) != (ssize_t)sizeof zeros || fsync(fd) != 0 || unlink(path) != 0)
        rc = err_errno(err, "cannot wipe %s", path);
    close(fd);
    if (rc == 0)
        rc = vault_sync_directory(v, err);
    return rc;
}

/* --- one's own --- */

static int read_prekey(struct prekey *out, sqlite3_stmt *s, int column, struct err *err)
{
    return prekey_decode(out, vault_column(s, column), ERR_IGNORED) != 0 ? vault_damaged("a prekey", err) : 0;
}

int vault_prekey_newest(struct vault *vault, struct vault_prekey *out, bool *found, struct err *err)
{
    sqlite3_stmt *s = vault_bind(
        vault, err, "SELECT statement, id, published, time FROM prekey_own ORDER BY number DESC LIMIT 1", "");
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = read_prekey(&out->prekey, s, 0, err);
    if (rc == 0)
        rc = vault_column_bytes(out->id, sizeof out->id, s, 1, "a prekey", err);
    out->published = sqlite3_column_int(s, 2) != 0;
    out->time = (uint64_t)sqlite3_column_int64(s, 3);
    sqlite3_reset(s);
    return rc;
}

int vault_prekey_put(struct vault *vault, const struct vault_prekey *prekey, const uint8_t secret[32], struct err *err)
{
    struct buf statement = buf_of(PREKEY_STATEMENT_MAX);
    int rc = prekey_encode(&statement, &prekey->prekey, err);
    if (rc == 0)
        rc = write_secret(vault, prekey->prekey.number, secret, err);
    if (rc == 0)
        rc = vault_do(
            vault, err,
            "INSERT OR REPLACE INTO prekey_own(number, statement, until, id, published, time) VALUES(?, ?, ?, ?, ?, ?)",
            "ibibii", (int64_t)prekey->prekey.number, statement.data, statement.len,
            (int64_t)prekey->prekey.valid_until, prekey->id, (size_t)WIRE_ID_SIZE, (int64_t)prekey->published,
            (int64_t)prekey->time);
    buf_free(&statement);
    return rc;
}

int vault_prekey_published(struct vault *vault, uint64_t number, struct err *err)
{
    return vault_do(vault, err, "UPDATE prekey_own SET published = 1 WHERE number = ?", "i", (int64_t)number);
}

/* The secret first: a crash between the two leaves a row that the next call finds again. */
int vault_prekey_drop(struct vault *vault, uint64_t number, struct err *err)
{
    int rc = wipe_secret(vault, number, err);
    if (rc == 0)
        rc = vault_do(vault, err, "DELETE FROM prekey_own WHERE number = ?", "i", (int64_t)number);
    return rc;
}

int vault_prekeys_age(struct vault *vault, uint64_t now, struct err *err)
{
    int64_t number = 0;
    bool found = true;
    int rc = 0;
    while (rc == 0 && found) {
        rc = vault_number(vault,
                          vault_bind(vault, err, "SELECT number FROM prekey_own WHERE until + ? < ? LIMIT 1", "ii",
                                     (int64_t)PREKEY_KEPT, (int64_t)now),
                          &number, &found, err);
        if (rc == 0 && found)
            rc = vault_prekey_drop(vault, (uint64_t)number, err);
    }
    return rc;
}

int vault_prekey_secret(struct vault *vault, uint64_t number, uint8_t secret[32], uint64_t *until, struct err *err)
{
    int64_t end = 0;
    bool found = false;
    int rc = number > INT64_MAX ? 0
                                : vault_number(vault,
                                               vault_bind(vault, err, "SELECT until FROM prekey_own WHERE number = ?",
                                                          "i", (int64_t)number),
                                               &end, &found, err);
    if (rc == 0 && !found)
        rc = err_set(err, ERR_NOT_FOUND, "there is no prekey %" PRIu64 " any more", number);
    if (rc == 0)
        rc = read_secret(vault, number, secret, err);
    *until = (uint64_t)end + PREKEY_KEPT;
    return rc;
}

int vault_prekeys_check(struct vault *v, struct err *err)
{
    uint8_t secret[32];
    char path[PATH_LIMIT];
    bool row = true;
    int rc = 0;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT number FROM prekey_own", "");
    if (s == NULL)
        return err_code(err);
    while (rc == 0 && (rc = vault_step(v, s, &row, err)) == 0 && row) {
        const uint64_t number = (uint64_t)sqlite3_column_int64(s, 0);
        rc = secret_path(path, v, number, err);
        if (rc == 0 && access(path, F_OK) == 0)
            rc = read_secret(v, number, secret, err);
    }
    sqlite3_reset(s);
    sodium_memzero(secret, sizeof secret);
    return rc;
}

/* --- of others --- */

int vault_prekey_of(struct vault *vault, const uint8_t peer[PARTY_DIGEST_SIZE], struct prekey *out, bool *found,
                    struct err *err)
{
    sqlite3_stmt *s = vault_bind(vault, err, "SELECT statement FROM prekey_peer WHERE peer = ?", "b", peer,
                                 (size_t)PARTY_DIGEST_SIZE);
    int rc = vault_step(vault, s, found, err);
    if (rc != 0 || !*found)
        return rc;
    rc = read_prekey(out, s, 0, err);
    sqlite3_reset(s);
    return rc;
}

int vault_prekey_of_put(struct vault *vault, const struct prekey *prekey, struct err *err)
{
    struct buf statement = buf_of(PREKEY_STATEMENT_MAX);
    int rc = prekey_encode(&statement, prekey, err);
    if (rc == 0)
        rc = vault_do(vault, err, "INSERT OR REPLACE INTO prekey_peer(peer, statement) VALUES(?, ?)", "bb",
                      prekey->identity, sizeof prekey->identity, statement.data, statement.len);
    buf_free(&statement);
    return rc;
}

/* --- whether this is the vault that it was --- */

static int read_life(struct vault *v, uint8_t file[LIFE_SIZE], uint8_t table[LIFE_SIZE], bool *in_file, bool *in_table,
                     struct err *err)
{
    char path[PATH_LIMIT];
    struct buf bytes = buf_of(LIFE_SIZE);
    int rc = path_join(path, sizeof path, v->dir, "life", err);
    if (rc == 0 && (rc = file_read(&bytes, path, err)) == ERR_NOT_FOUND)
        rc = 0;
    *in_file = rc == 0 && bytes.len == LIFE_SIZE;
    if (*in_file)
        memcpy(file, bytes.data, LIFE_SIZE);
    buf_free(&bytes);
    sqlite3_stmt *s = rc == 0 ? vault_bind(v, err, "SELECT value FROM meta WHERE name = 'life'", "") : NULL;
    if (rc == 0)
        rc = vault_step(v, s, in_table, err);
    if (rc == 0 && *in_table) {
        rc = vault_column_bytes(table, LIFE_SIZE, s, 0, "life", err);
        sqlite3_reset(s);
    }
    return rc;
}

static int renew_streams(struct vault *v, struct err *err)
{
    uint8_t peer[PARTY_DIGEST_SIZE] = {0};
    bool row = true;
    int rc = 0;
    while (rc == 0) {
        sqlite3_stmt *s = vault_bind(v, err, "SELECT peer FROM letter_stream WHERE peer > ? ORDER BY peer LIMIT 1", "b",
                                     peer, sizeof peer);
        rc = vault_step(v, s, &row, err);
        if (rc != 0 || !row)
            break;
        rc = vault_column_bytes(peer, sizeof peer, s, 0, "stream", err);
        sqlite3_reset(s);
        if (rc == 0)
            rc = vault_stream_renew(v, peer, err);
    }
    return rc;
}

/* The file first: a crash between the two makes the next start find another life again. */
static int begin_life(struct vault *v, struct err *err)
{
    char path[PATH_LIMIT];
    uint8_t life[LIFE_SIZE];
    randombytes_buf(life, sizeof life);
    int rc = path_join(path, sizeof path, v->dir, "life", err);
    if (rc == 0)
        rc = file_write(path, life, sizeof life, 0600, err);
    if (rc == 0)
        rc = vault_do(v, err, "INSERT OR REPLACE INTO meta VALUES('life', ?)", "b", life, sizeof life);
    return rc;
}

int vault_life_check(struct vault *v, struct err *err)
{
    uint8_t file[LIFE_SIZE], table[LIFE_SIZE];
    bool in_file = false, in_table = false;
    int rc = read_life(v, file, table, &in_file, &in_table, err);
    if (rc != 0 || !in_file || (in_table && memcmp(file, table, LIFE_SIZE) == 0))
        return rc;
    return err_set(err, ERR_VERIFY,
                   "%s/life is not what its tables say: the vault was put back in part, or that file is damaged. The"
                   " next sync takes it for a vault that was put back (see docs/letters.md)",
                   v->dir);
}

int vault_letters_begin(struct vault *vault, bool *restored, struct err *err)
{
    uint8_t file[LIFE_SIZE], table[LIFE_SIZE];
    bool in_file = false, in_table = false;
    *restored = false;
    int rc = read_life(vault, file, table, &in_file, &in_table, err);
    if (rc != 0 || (in_file && in_table && memcmp(file, table, LIFE_SIZE) == 0))
        return rc;
    *restored = in_table;
    if (in_table)
        rc = renew_streams(vault, err);
    if (rc == 0 && in_table)
        rc = vault_do(vault, err, "DELETE FROM prekey_own", "");
    if (rc == 0 && in_table)
        rc = vault_judging_lose(vault, err);
    if (rc == 0)
        rc = begin_life(vault, err);
    return rc;
}
