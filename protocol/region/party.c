#include "protocol/region/party.h"

#include "protocol/base/file.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_FILE_MAX 4096
#define KDF_CONTEXT "concord1" /* crypto_kdf_CONTEXTBYTES */
#define SALT_SIZE crypto_pwhash_SALTBYTES
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEALED_SIZE (32 + crypto_aead_xchacha20poly1305_ietf_ABYTES)

enum key_role { ROLE_CHANNEL = 1, ROLE_SIGN, ROLE_LOG, ROLE_WITNESS, ROLE_STORAGE };

static const char *const key_names[] = {"channel", "sign", "log", "witness"};

int party_name_check(const char *name, struct err *err)
{
    size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    if (len == 0 || len > PARTY_NAME_MAX || name[len] != '\0' || name[0] == '.' || name[0] == '-')
        return err_set(err, ERR_INPUT,
                       "'%.80s' is no usable name: 1 to %d letters, digits, '.', '_', '-', beginning with none of '.-'",
                       name, PARTY_NAME_MAX);
    return 0;
}

static void derive_signing(uint8_t public_key[32], uint8_t secret[64], const uint8_t seed[32], enum key_role role)
{
    uint8_t sub[32];
    crypto_kdf_derive_from_key(sub, sizeof sub, (uint64_t)role, KDF_CONTEXT, seed);
    crypto_sign_seed_keypair(public_key, secret, sub);
    sodium_memzero(sub, sizeof sub);
}

int identity_from_seed(struct identity *out, const char *name, const uint8_t seed[32], struct err *err)
{
    int rc = party_name_check(name, err);
    if (rc != 0)
        return rc;
    memset(out, 0, sizeof *out);
    snprintf(out->party.name, sizeof out->party.name, "%s", name);
    crypto_kdf_derive_from_key(out->channel_secret, 32, ROLE_CHANNEL, KDF_CONTEXT, seed);
    crypto_scalarmult_base(out->party.channel, out->channel_secret);
    derive_signing(out->party.sign, out->sign_secret, seed, ROLE_SIGN);
    derive_signing(out->party.log, out->log_secret, seed, ROLE_LOG);
    derive_signing(out->party.witness, out->witness_secret, seed, ROLE_WITNESS);
    crypto_kdf_derive_from_key(out->storage_secret, 32, ROLE_STORAGE, KDF_CONTEXT, seed);
    return 0;
}

void identity_wipe(struct identity *identity)
{
    sodium_memzero(identity, sizeof *identity);
}

/* --- the public file --- */

static uint8_t *party_key(struct party *p, size_t i)
{
    uint8_t *const keys[] = {p->channel, p->sign, p->log, p->witness};
    return keys[i];
}

static int public_write(const struct party *party, const char *secret_path, struct err *err)
{
    char path[PATH_LIMIT], text[1024], hex[65];
    struct party p = *party;
    if ((size_t)snprintf(path, sizeof path, "%s.pub", secret_path) >= sizeof path)
        return err_set(err, ERR_INPUT, "path too long: %s", secret_path);
    int len = snprintf(text, sizeof text, "{\n  \"name\": \"%s\"", p.name);
    for (size_t i = 0; i < 4; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, ",\n  \"%s\": \"%s\"", key_names[i],
                        bytes_to_hex(hex, party_key(&p, i), 32));
    len += snprintf(text + len, sizeof text - (size_t)len, "\n}\n");
    return file_write(path, text, (size_t)len, 0644, err);
}

int identity_public_load(struct party *out, const char *path, struct err *err)
{
    json_error_t fault;
    struct buf text = buf_of(SECRET_FILE_MAX);
    json_t *json = NULL;
    int rc = file_read(&text, path, err);
    if (rc != 0)
        goto out;
    json = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &fault);
    const char *name = json_string_value(json_object_get(json, "name"));
    if (name == NULL || json_object_size(json) != 5) {
        rc = err_set(err, ERR_INPUT, "%s is no public identity file (concord-keys init writes one)", path);
        goto out;
    }
    if ((rc = party_name_check(name, err)) != 0)
        goto out;
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
    for (size_t i = 0; i < 4 && rc == 0; i++) {
        const char *hex = json_string_value(json_object_get(json, key_names[i]));
        if (hex == NULL || !bytes_from_hex(party_key(out, i), 32, hex))
            rc = err_set(err, ERR_INPUT, "%s: member '%s' is not 64 hexadecimal digits", path, key_names[i]);
    }
out:
    json_decref(json);
    buf_free(&text);
    return rc;
}

/* --- the secret file: "concord-identity-v1 NAME", then "seed HEX" or "sealed HEX HEX HEX" (salt, nonce, ciphertext) --- */

static int stretch(uint8_t key[32], const char *passphrase, const uint8_t salt[SALT_SIZE], struct err *err)
{
    if (crypto_pwhash(key, 32, passphrase, strlen(passphrase), salt, crypto_pwhash_OPSLIMIT_MODERATE,
                      crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(err, ERR_NO_MEMORY, "out of memory: Argon2id needs %u MiB",
                       (unsigned)(crypto_pwhash_MEMLIMIT_MODERATE >> 20));
    return 0;
}

static int seal_seed(struct buf *out, const char *name, const uint8_t seed[32], const char *passphrase, struct err *err)
{
    uint8_t salt[SALT_SIZE], nonce[NONCE_SIZE], key[32], sealed[SEALED_SIZE];
    char a[2 * SALT_SIZE + 1], b[2 * NONCE_SIZE + 1], c[2 * SEALED_SIZE + 1];
    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    int rc = stretch(key, passphrase, salt, err);
    if (rc == 0) {
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, seed, 32, (const uint8_t *)name, strlen(name), NULL,
                                                   nonce, key);
        rc = buf_printf(out, err, "concord-identity-v1 %s\nsealed %s %s %s\n", name, bytes_to_hex(a, salt, sizeof salt),
                        bytes_to_hex(b, nonce, sizeof nonce), bytes_to_hex(c, sealed, sizeof sealed));
    }
    sodium_memzero(key, sizeof key);
    return rc;
}

int identity_create(const char *path, const char *name, const char *passphrase, struct err *err)
{
    uint8_t seed[32];
    char hex[65];
    struct identity identity;
    struct buf text = buf_of(SECRET_FILE_MAX);
    randombytes_buf(seed, sizeof seed);
    int rc = identity_from_seed(&identity, name, seed, err);
    if (rc == 0 && passphrase == NULL)
        rc = buf_printf(&text, err, "concord-identity-v1 %s\nseed %s\n", name, bytes_to_hex(hex, seed, sizeof seed));
    else if (rc == 0)
        rc = seal_seed(&text, name, seed, passphrase, err);
    if (rc == 0)
        rc = file_create(path, text.data, text.len, 0600, err);
    /* A secret file without its public half is of no use, and would be in the way of the next try. */
    if (rc == 0 && (rc = public_write(&identity.party, path, err)) != 0)
        unlink(path);
    sodium_memzero(seed, sizeof seed);
    sodium_memzero(hex, sizeof hex);
    identity_wipe(&identity);
    buf_free(&text);
    return rc;
}

/* Without echo from the terminal; ERR_USAGE where there is none. */
static int ask_passphrase(char out[PASSPHRASE_MAX], const char *path, struct err *err)
{
    struct termios old, quiet;
    FILE *tty = fopen("/dev/tty", "r+");
    if (tty == NULL)
        return err_set(err, ERR_USAGE, "%s needs a passphrase and there is no terminal: set CONCORD_PASSPHRASE_FILE",
                       path);
    fprintf(tty, "passphrase for %s: ", path);
    fflush(tty);
    bool hidden = tcgetattr(fileno(tty), &old) == 0;
    if (hidden) {
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fileno(tty), TCSAFLUSH, &quiet);
    }
    char *got = fgets(out, PASSPHRASE_MAX, tty);
    if (hidden)
        tcsetattr(fileno(tty), TCSAFLUSH, &old);
    fputc('\n', tty);
    fclose(tty);
    if (got == NULL)
        return err_set(err, ERR_USAGE, "no passphrase given for %s", path);
    out[strcspn(out, "\r\n")] = '\0';
    return 0;
}

int identity_passphrase(char out[PASSPHRASE_MAX], const char *path, struct err *err)
{
    const char *file = getenv("CONCORD_PASSPHRASE_FILE");
    if (file == NULL)
        return ask_passphrase(out, path, err);
    struct buf text = buf_of(PASSPHRASE_MAX - 1);
    int rc = file_read(&text, file, err);
    if (rc == 0) {
        memcpy(out, text.data, text.len);
        out[text.len] = '\0';
        out[strcspn(out, "\r\n")] = '\0';
    }
    buf_free(&text);
    return rc;
}

static int open_seed(uint8_t seed[32], const char *path, const char *name, char *fields, const char *passphrase,
                     struct err *err)
{
    uint8_t salt[SALT_SIZE], nonce[NONCE_SIZE], sealed[SEALED_SIZE], key[32];
    char asked[PASSPHRASE_MAX] = "", *rest = NULL;
    int rc = 0;
    const char *a = strtok_r(fields, " ", &rest), *b = strtok_r(NULL, " ", &rest), *c = strtok_r(NULL, " ", &rest);
    if (a == NULL || b == NULL || c == NULL || !bytes_from_hex(salt, sizeof salt, a) ||
        !bytes_from_hex(nonce, sizeof nonce, b) || !bytes_from_hex(sealed, sizeof sealed, c))
        return err_set(err, ERR_INPUT, "%s is damaged", path);
    if (passphrase == NULL) {
        if ((rc = identity_passphrase(asked, path, err)) != 0)
            goto out;
        passphrase = asked;
    }
    if ((rc = stretch(key, passphrase, salt, err)) != 0)
        goto out;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(seed, NULL, NULL, sealed, sizeof sealed, (const uint8_t *)name,
                                                   strlen(name), nonce, key) != 0)
        rc = err_set(err, ERR_VERIFY, "%s: wrong passphrase, or the file is damaged", path);
out:
    sodium_memzero(key, sizeof key);
    sodium_memzero(asked, sizeof asked);
    return rc;
}

static int refuse_readable(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_errno(err, "cannot open %s", path);
    if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        return err_set(err, ERR_DENIED, "%s is a secret but others can read it: chmod 600 %s", path, path);
    return 0;
}

int identity_load(struct identity *out, const char *path, const char *passphrase, struct err *err)
{
    uint8_t seed[32] = {0};
    char name[PARTY_NAME_MAX + 1], kind[8];
    int used = 0;
    struct buf text = buf_of(SECRET_FILE_MAX);
    int rc = refuse_readable(path, err);
    if (rc == 0)
        rc = file_read(&text, path, err);
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc != 0)
        goto out;
    char *body = (char *)text.data;
    if (sscanf(body, "concord-identity-v1 %63s %7s %n", name, kind, &used) != 2 || used == 0) {
        rc = err_set(err, ERR_INPUT, "%s is no identity file (concord-keys init writes one)", path);
        goto out;
    }
    body[used + (int)strcspn(body + used, "\n")] = '\0';
    if (strcmp(kind, "seed") == 0)
        rc = bytes_from_hex(seed, sizeof seed, body + used) ? 0 : err_set(err, ERR_INPUT, "%s is damaged", path);
    else
        rc = open_seed(seed, path, name, body + used, passphrase, err);
    if (rc == 0)
        rc = identity_from_seed(out, name, seed, err);
out:
    sodium_memzero(seed, sizeof seed);
    buf_free(&text);
    return rc;
}

int psk_load(uint8_t out[32], bool *found, const char *dir, const char *peer, struct err *err)
{
    char name[PARTY_NAME_MAX + 8], path[PATH_LIMIT];
    struct buf text = buf_of(80);
    memset(out, 0, 32);
    *found = false;
    if (dir[0] == '\0')
        return 0;
    snprintf(name, sizeof name, "%s.psk", peer);
    int rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0 && access(path, F_OK) != 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : err_errno(err, "cannot open %s", path);
    if (rc == 0)
        rc = refuse_readable(path, err);
    if (rc == 0)
        rc = file_read(&text, path, err);
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc != 0)
        goto out;
    char *hex = (char *)text.data;
    hex[strcspn(hex, "\r\n")] = '\0';
    if (bytes_from_hex(out, 32, hex))
        *found = true;
    else
        rc = err_set(err, ERR_INPUT, "%s is not 64 hexadecimal digits (concord-keys psk writes one)", path);
out:
    buf_free(&text);
    return rc;
}
