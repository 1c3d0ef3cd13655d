#include "keys/ceremony/share.h"

#include "protocol/base/file.h"
#include "protocol/group/scalar.h"
#include "protocol/identity/identity.h"

#include <dirent.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

/* The file: "concord-share-v2\n", nonce, ciphertext of records: name padded with zeros to 64, epoch u32be, scalar. */
#define MAGIC "concord-share-v2\n"
#define MAGIC_SIZE (sizeof MAGIC - 1)
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define RECORD_SIZE (PARTY_NAME_MAX + 1 + 4 + 32)
#define FILE_MAX (MAGIC_SIZE + NONCE_SIZE + SHARES_MAX * RECORD_SIZE + TAG_SIZE)

void shares_wipe(struct shares *shares)
{
    sodium_memzero(shares, sizeof *shares);
}

const struct scalar *shares_find(const struct shares *shares, const char *purpose, uint32_t epoch)
{
    for (size_t i = 0; i < shares->count; i++)
        if (shares->share[i].epoch == epoch && strcmp(shares->share[i].purpose, purpose) == 0)
            return &shares->share[i].scalar;
    return NULL;
}

static void file_key(uint8_t key[32], const struct identity *identity)
{
    static const char context[] = "concord share file v2";
    crypto_generichash(key, 32, (const uint8_t *)context, sizeof context, identity->storage_secret, 32);
}

int shares_write(const char *path, const struct shares *shares, const struct identity *identity, struct err *err)
{
    uint8_t key[32], nonce[NONCE_SIZE], *to;
    struct buf plain = buf_of(SHARES_MAX * RECORD_SIZE), file = buf_of(FILE_MAX);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < shares->count; i++) {
        uint8_t record[RECORD_SIZE] = {0};
        memcpy(record, shares->share[i].purpose, strlen(shares->share[i].purpose));
        bytes_put_u32be(record + PARTY_NAME_MAX + 1, shares->share[i].epoch);
        memcpy(record + PARTY_NAME_MAX + 5, shares->share[i].scalar.bytes, 32);
        rc = buf_put(&plain, record, sizeof record, err);
        sodium_memzero(record, sizeof record);
    }
    if (rc == 0)
        rc = buf_put(&file, MAGIC, MAGIC_SIZE, err);
    if (rc != 0)
        goto out;
    randombytes_buf(nonce, sizeof nonce);
    rc = buf_put(&file, nonce, sizeof nonce, err);
    if (rc != 0)
        goto out;
    if ((to = buf_reserve(&file, plain.len + TAG_SIZE, err)) == NULL) {
        rc = ERR_NO_MEMORY;
        goto out;
    }
    file_key(key, identity);
    crypto_aead_xchacha20poly1305_ietf_encrypt(to, NULL, plain.data, plain.len, (const uint8_t *)MAGIC, MAGIC_SIZE,
                                               NULL, nonce, key);
    file.len += plain.len + TAG_SIZE;
    rc = file_create(path, file.data, file.len, 0600, err);
out:
    sodium_memzero(key, sizeof key);
    buf_free(&plain);
    buf_free(&file);
    return rc;
}

static int read_records(struct shares *shares, const uint8_t *plain, size_t len, const char *path, struct err *err)
{
    for (size_t at = 0; at < len; at += RECORD_SIZE) {
        struct share *s = &shares->share[shares->count];
        const uint8_t *record = plain + at;
        if (shares->count == SHARES_MAX)
            return err_set(err, ERR_INPUT, "%s: more than %d shares", path, SHARES_MAX);
        memcpy(s->purpose, record, PARTY_NAME_MAX);
        s->purpose[PARTY_NAME_MAX] = '\0';
        s->epoch = bytes_get_u32be(record + PARTY_NAME_MAX + 1);
        memcpy(s->scalar.bytes, record + PARTY_NAME_MAX + 5, 32);
        if (!scalar_is_canonical(&s->scalar))
            return err_set(err, ERR_VERIFY, "%s is damaged", path);
        if (shares_find(shares, s->purpose, s->epoch) != NULL)
            return err_set(err, ERR_CONFLICT, "%s: there is another share of %s, epoch %u: remove one of the files",
                           path, s->purpose, (unsigned)s->epoch);
        shares->count++;
    }
    return 0;
}

int shares_load(struct shares *shares, const char *path, const struct identity *identity, struct err *err)
{
    uint8_t key[32], plain[SHARES_MAX * RECORD_SIZE];
    struct buf file = buf_of(FILE_MAX);
    int rc = file_read(&file, path, err);
    if (rc != 0)
        goto out;
    size_t head = MAGIC_SIZE + NONCE_SIZE;
    if (file.len < head + TAG_SIZE || memcmp(file.data, MAGIC, MAGIC_SIZE) != 0 ||
        (file.len - head - TAG_SIZE) % RECORD_SIZE != 0) {
        rc = err_set(err, ERR_INPUT, "%s is no share file (concord-keys ceremony finish writes one)", path);
        goto out;
    }
    file_key(key, identity);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, file.data + head, file.len - head,
                                                   (const uint8_t *)MAGIC, MAGIC_SIZE, file.data + MAGIC_SIZE,
                                                   key) != 0)
        rc = err_set(err, ERR_VERIFY, "%s is not sealed under the identity of %s, or is damaged", path,
                     identity->party.name);
    else
        rc = read_records(shares, plain, file.len - head - TAG_SIZE, path, err);
out:
    sodium_memzero(key, sizeof key);
    sodium_memzero(plain, sizeof plain);
    buf_free(&file);
    return rc;
}

int shares_load_directory(struct shares *shares, const char *dir, const struct identity *identity, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = 0;
    DIR *d = opendir(dir);
    if (d == NULL)
        return err_errno(err, "cannot open the directory of shares %s", dir);
    for (struct dirent *e; rc == 0 && (e = readdir(d)) != NULL;) {
        size_t len = strlen(e->d_name);
        if (len < 7 || strcmp(e->d_name + len - 6, ".share") != 0)
            continue;
        rc = path_join(path, sizeof path, dir, e->d_name, err);
        if (rc == 0)
            rc = shares_load(shares, path, identity, err);
    }
    closedir(d);
    if (rc == 0 && shares->count == 0)
        rc = err_set(err, ERR_NOT_FOUND, "%s holds no share (files *.share from concord-keys ceremony finish)", dir);
    return rc;
}
