/*
 * A party's secret half: a 32-byte seed from which its keys for distinct roles are derived (BLAKE2b, crypto_kdf), and
 * the file that holds the seed. party.h says what each role is for.
 */
#ifndef PROTOCOL_IDENTITY_IDENTITY_H
#define PROTOCOL_IDENTITY_IDENTITY_H

#include "protocol/identity/party.h"

#define IDENTITY_SEED_SIZE 32
#define IDENTITY_SIGNING_SIZE 64 /* libsodium's form of an Ed25519 secret key: the seed, then the public key */

/* Secret; wipe with identity_wipe(). */
struct identity {
    struct party party;
    uint8_t channel_secret[PARTY_KEY_SIZE];
    uint8_t sign_secret[IDENTITY_SIGNING_SIZE];
    uint8_t log_secret[IDENTITY_SIGNING_SIZE];
    uint8_t witness_secret[IDENTITY_SIGNING_SIZE];
    uint8_t storage_secret[32]; /* key for what the party stores for itself alone */
};

/* Derives everything from a seed. */
int identity_from_seed(struct identity *out, const char *name, const uint8_t seed[static IDENTITY_SEED_SIZE],
                       struct err *err);

/*
 * The secret file: text, mode 0600, seed in the clear or sealed under a passphrase (passphrase.h). identity_create()
 * never overwrites and also writes path + ".pub", which party_load() reads. passphrase NULL: in the clear (create);
 * passphrase_read(), if one is needed (load). ERR_VERIFY: wrong passphrase or damaged file. Refuses a file that group
 * or others can read.
 */
int identity_create(const char *path, const char *name, const char *passphrase, struct err *err);
int identity_load(struct identity *out, const char *path, const char *passphrase, struct err *err);
void identity_wipe(struct identity *identity);

#endif
