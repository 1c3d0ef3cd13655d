#include "protocol/identity/identity.h"

#include "protocol/base/file.h"
#include "protocol/identity/passphrase.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECRET_FILE_MAX 4096
#define KDF_CONTEXT "concord2" /* crypto_kdf_CONTEXTBYTES */

_Static_assert(IDENTITY_SEED_SIZE == crypto_kdf_KEYBYTES, "the seed is libsodium's master key");
_Static_assert(IDENTITY_SEED_SIZE == PASSPHRASE_SECRET_SIZE, "the seed is what a passphrase seals");

enum key_role { ROLE_CHANNEL = 1, ROLE_SIGN, ROLE_LOG, ROLE_WITNESS, ROLE_STORAGE };

static void derive_signing(uint8_t public_key[static PARTY_KEY_SIZE], uint8_t secret[static IDENTITY_SIGNING_SIZE],
                           const uint8_t seed[static IDENTITY_SEED_SIZE], enum key_role role)
{
    uint8_t sub[crypto_sign_SEEDBYTES];
    crypto_kdf_derive_from_key(sub, sizeof sub, (uint64_t)role, KDF_CONTEXT, seed);
    crypto_sign_seed_keypair(public_key, secret, sub);
    sodium_memzero(sub, sizeof sub);
}

int identity_from_seed(struct identity *out, const char *name, const uint8_t seed[static IDENTITY_SEED_SIZE],
                       struct err *err)
{
    int rc = party_name_check(name, err);
    if (rc != 0)
        return rc;
    memset(out, 0, sizeof *out);
    snprintf(out->party.name, sizeof out->party.name, "%s", name);
    crypto_kdf_derive_from_key(out->channel_secret, sizeof out->channel_secret, ROLE_CHANNEL, KDF_CONTEXT, seed);
    crypto_scalarmult_base(out->party.channel, out->channel_secret);
    derive_signing(out->party.sign, out->sign_secret, seed, ROLE_SIGN);
    derive_signing(out->party.log, out->log_secret, seed, ROLE_LOG);
    derive_signing(out->party.witness, out->witness_secret, seed, ROLE_WITNESS);
    crypto_kdf_derive_from_key(out->storage_secret, sizeof out->storage_secret, ROLE_STORAGE, KDF_CONTEXT, seed);
    return 0;
}

void identity_wipe(struct identity *identity)
{
    sodium_memzero(identity, sizeof *identity);
}

/* The secret file: "concord-identity-v2 NAME", then "seed HEX" or "sealed " and what passphrase_seal() writes. */
static int put_seed(struct buf *out, const char *name, const uint8_t seed[static IDENTITY_SEED_SIZE],
                    const char *passphrase, struct err *err)
{
    char hex[2 * IDENTITY_SEED_SIZE + 1];
    int rc = buf_printf(out, err, "concord-identity-v2 %s\n", name);
    if (rc == 0 && passphrase == NULL)
        rc = buf_printf(out, err, "seed %s\n", bytes_to_hex(hex, seed, IDENTITY_SEED_SIZE));
    else if (rc == 0) {
        rc = buf_printf(out, err, "sealed ");
        if (rc == 0)
            rc = passphrase_seal(out, seed, name, passphrase, err);
        if (rc == 0)
            rc = buf_printf(out, err, "\n");
    }
    sodium_memzero(hex, sizeof hex);
    return rc;
}

static int save_public(const struct party *party, const char *secret_path, struct err *err)
{
    char path[PATH_LIMIT];
    if ((size_t)snprintf(path, sizeof path, "%s.pub", secret_path) >= sizeof path)
        return err_set(err, ERR_INPUT, "path too long: %s", secret_path);
    return party_save(party, path, err);
}

int identity_create(const char *path, const char *name, const char *passphrase, struct err *err)
{
    uint8_t seed[IDENTITY_SEED_SIZE];
    struct identity identity;
    struct buf text = buf_of(SECRET_FILE_MAX);
    randombytes_buf(seed, sizeof seed);
    int rc = identity_from_seed(&identity, name, seed, err);
    if (rc == 0)
        rc = put_seed(&text, name, seed, passphrase, err);
    if (rc == 0)
        rc = file_create(path, text.data, text.len, 0600, err);
    /* A secret file without its public half is of no use, and would be in the way of the next try. */
    if (rc == 0 && (rc = save_public(&identity.party, path, err)) != 0)
        unlink(path);
    sodium_memzero(seed, sizeof seed);
    identity_wipe(&identity);
    buf_free(&text);
    return rc;
}

/* Takes the text of a secret file apart, in place. */
static int get_seed(uint8_t seed[static IDENTITY_SEED_SIZE], char name[static PARTY_NAME_MAX + 1], char *text,
                    const char *path, const char *passphrase, struct err *err)
{
    char kind[8];
    int used = 0;
    if (sscanf(text, "concord-identity-v2 %63s %7s %n", name, kind, &used) != 2 || used == 0)
        return err_set(err, ERR_INPUT, "%s is no identity file (concord-keys init writes one)", path);
    char *value = text + used;
    value[strcspn(value, "\n")] = '\0';
    if (strcmp(kind, "seed") != 0)
        return passphrase_open(seed, value, name, path, passphrase, err);
    return bytes_from_hex(seed, IDENTITY_SEED_SIZE, value) ? 0 : err_set(err, ERR_INPUT, "%s is damaged", path);
}

/* Public halves are readable for everybody, and named almost alike. */
static int refuse_public(const char *path, struct err *err)
{
    struct party party;
    return party_load(&party, path, ERR_IGNORED) != 0
               ? 0
               : err_set(err, ERR_USAGE, "%s is the public half of %s's identity: name the secret file, without .pub",
                         path, party.name);
}

int identity_load(struct identity *out, const char *path, const char *passphrase, struct err *err)
{
    uint8_t seed[IDENTITY_SEED_SIZE] = {0};
    char name[PARTY_NAME_MAX + 1];
    struct buf text = buf_of(SECRET_FILE_MAX);
    int rc = refuse_public(path, err);
    if (rc == 0)
        rc = file_refuse_readable(path, err);
    if (rc == 0)
        rc = file_read(&text, path, err);
    if (rc == 0)
        rc = buf_put(&text, "", 1, err);
    if (rc == 0)
        rc = get_seed(seed, name, (char *)text.data, path, passphrase, err);
    if (rc == 0)
        rc = identity_from_seed(out, name, seed, err);
    sodium_memzero(seed, sizeof seed);
    buf_free(&text);
    return rc;
}
