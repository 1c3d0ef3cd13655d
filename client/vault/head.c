#include "client/vault/head.h"

#include "protocol/base/file.h"

#include <sodium.h>
#include <string.h>

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define KEY_SIZE 32

static const char magic[16] = "concord-vault";

struct head {
    uint8_t magic[sizeof magic], version[4], salt[32], nonce[NONCE_SIZE], sealed[KEY_SIZE + SEAL_SIZE];
};

static void derive_wrap(uint8_t out[32], const struct head *h, const uint8_t storage_secret[32])
{
    static const char label[] = "concord vault head 2";
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, storage_secret, 32, 32);
    crypto_generichash_update(&hash, (const uint8_t *)label, sizeof label);
    crypto_generichash_update(&hash, h->salt, sizeof h->salt);
    crypto_generichash_final(&hash, out, 32);
    sodium_memzero(&hash, sizeof hash);
}

static void seal_head(struct head *out, const uint8_t key[KEY_SIZE], const uint8_t storage_secret[32])
{
    uint8_t wrap[32];
    memcpy(out->magic, magic, sizeof magic);
    bytes_put_u32be(out->version, VAULT_VERSION);
    randombytes_buf(out->salt, sizeof out->salt);
    randombytes_buf(out->nonce, sizeof out->nonce);
    derive_wrap(wrap, out, storage_secret);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out->sealed, NULL, key, KEY_SIZE, (const uint8_t *)out,
                                               offsetof(struct head, nonce), NULL, out->nonce, wrap);
    sodium_memzero(wrap, sizeof wrap);
}

static int unseal_head(uint8_t key[KEY_SIZE], struct span file, const uint8_t storage_secret[32], struct err *err)
{
    struct head h;
    uint8_t wrap[32];
    if (file.len < sizeof h.magic + sizeof h.version || memcmp(file.data, magic, sizeof magic) != 0)
        return err_set(err, ERR_VERIFY, "the vault is damaged (head): restore it from a backup, or enrol anew");
    uint32_t version = bytes_get_u32be(file.data + sizeof magic);
    if (version != VAULT_VERSION)
        return err_set(err, ERR_INPUT,
                       "the vault is of version %u, this program knows %d: use the program that wrote it", version,
                       VAULT_VERSION);
    if (file.len != sizeof h)
        return err_set(err, ERR_VERIFY, "the vault is damaged (head): restore it from a backup, or enrol anew");
    memcpy(&h, file.data, sizeof h);
    derive_wrap(wrap, &h, storage_secret);
    int bad = crypto_aead_xchacha20poly1305_ietf_decrypt(
        key, NULL, NULL, h.sealed, sizeof h.sealed, (const uint8_t *)&h, offsetof(struct head, nonce), h.nonce, wrap);
    sodium_memzero(wrap, sizeof wrap);
    return bad ? err_set(err, ERR_VERIFY,
                         "the vault belongs to another identity than the one configured, or its head is damaged")
               : 0;
}

static int read_head(uint8_t key[KEY_SIZE], const char *path, const uint8_t storage_secret[32], struct err *err)
{
    struct buf file = buf_of(4096);
    int rc = file_read(&file, path, err);
    if (rc == 0)
        rc = unseal_head(key, buf_span(&file), storage_secret, err);
    buf_free(&file);
    return rc;
}

/* Two processes may make it at once: the first one's stands. */
static int make_head(const char *path, const uint8_t storage_secret[32], struct err *err)
{
    uint8_t key[KEY_SIZE];
    struct head h;
    randombytes_buf(key, sizeof key);
    seal_head(&h, key, storage_secret);
    sodium_memzero(key, sizeof key);
    int rc = file_create(path, &h, sizeof h, 0600, err);
    return rc == ERR_CONFLICT ? 0 : rc;
}

int head_open(struct vault_keys *out, const char *dir, const uint8_t storage_secret[32], struct err *err)
{
    char path[PATH_LIMIT];
    uint8_t key[KEY_SIZE];
    int rc = path_join(path, sizeof path, dir, "head", err);
    if (rc == 0 && (rc = read_head(key, path, storage_secret, err)) == ERR_NOT_FOUND) {
        rc = make_head(path, storage_secret, err);
        if (rc == 0)
            rc = read_head(key, path, storage_secret, err);
    }
    if (rc == 0) {
        crypto_kdf_derive_from_key(out->pages, 32, 1, "cc-vault", key);
        crypto_kdf_derive_from_key(out->runs, 32, 2, "cc-vault", key);
        crypto_kdf_derive_from_key(out->hash, 32, 3, "cc-vault", key);
        crypto_kdf_derive_from_key(out->record, 32, 4, "cc-vault", key);
        crypto_kdf_derive_from_key(out->letters, 32, 5, "cc-vault", key);
    }
    sodium_memzero(key, sizeof key);
    return rc;
}

int head_rekey(const char *dir, const uint8_t from[32], const uint8_t to[32], struct err *err)
{
    char path[PATH_LIMIT];
    uint8_t key[KEY_SIZE];
    struct head h;
    int rc = path_join(path, sizeof path, dir, "head", err);
    if (rc == 0)
        rc = read_head(key, path, from, err);
    if (rc == 0) {
        seal_head(&h, key, to);
        rc = file_write(path, &h, sizeof h, 0600, err);
    }
    sodium_memzero(key, sizeof key);
    return rc;
}
