/*
 * A party's identity: a 32-byte seed from which its keys for distinct roles are derived (BLAKE2b, crypto_kdf), and
 * the public half that goes into the manifest.
 *
 *   role      key       used for
 *   channel   X25519    Noise sessions, sealing shares in the ceremony
 *   sign      Ed25519   grants, ceremony contributions, the manifest (minisign)
 *   log       Ed25519   checkpoints of the party's own ledger
 *   witness   Ed25519   cosignatures on another's checkpoints
 */
#ifndef PROTOCOL_REGION_PARTY_H
#define PROTOCOL_REGION_PARTY_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define PARTY_NAME_MAX 63
#define PARTY_KEY_SIZE 32

/* Names are 1..63 of A-Z a-z 0-9 . _ -, since they go into file names, ledgers and key names. */
struct party {
    char name[PARTY_NAME_MAX + 1];
    uint8_t channel[PARTY_KEY_SIZE];
    uint8_t sign[PARTY_KEY_SIZE];
    uint8_t log[PARTY_KEY_SIZE];
    uint8_t witness[PARTY_KEY_SIZE];
};

/* Ed25519 secret keys in libsodium's 64-byte form. Secret; wipe with identity_wipe(). */
struct identity {
    struct party party;
    uint8_t channel_secret[32];
    uint8_t sign_secret[64];
    uint8_t log_secret[64];
    uint8_t witness_secret[64];
    uint8_t storage_secret[32]; /* key for what the party stores for itself alone */
};

/* ERR_INPUT unless the name is well-formed. */
int party_name_check(const char *name, struct err *err);

/* Derives everything from a seed. */
int identity_from_seed(struct identity *out, const char *name, const uint8_t seed[32], struct err *err);

/*
 * The secret file: text, mode 0600, seed in the clear or under Argon2id + XChaCha20-Poly1305 with a passphrase.
 * identity_create() never overwrites and also writes path + ".pub" (JSON: what identity_public_load() reads).
 * passphrase NULL: in the clear (create); or ask on the terminal, or read the file named by CONCORD_PASSPHRASE_FILE, if
 * one is needed (load). ERR_VERIFY: wrong passphrase or damaged file. Refuses a file that group or others can read.
 */
int identity_create(const char *path, const char *name, const char *passphrase, struct err *err);
int identity_load(struct identity *out, const char *path, const char *passphrase, struct err *err);
int identity_public_load(struct party *out, const char *path, struct err *err);
void identity_wipe(struct identity *identity);

/*
 * The passphrase for the file at path, NUL-terminated: from the file that CONCORD_PASSPHRASE_FILE names, else asked on
 * the terminal. Secret: the caller wipes it.
 */
#define PASSPHRASE_MAX 1024
int identity_passphrase(char out[PASSPHRASE_MAX], const char *path, struct err *err);

/*
 * Pre-shared keys: DIR/<peer name>.psk, 64 hexadecimal digits, mode 0600. Both ends hold the same. dir "" or a missing
 * file: all zeros, as the handshake then is without that hedge; *found says which.
 */
int psk_load(uint8_t out[32], bool *found, const char *dir, const char *peer, struct err *err);

#endif
