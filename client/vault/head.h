/*
 * The vault's own key, and how it is kept: a random key, from which all others derive, sealed under a key made of the
 * identity's storage secret and a random salt. So two vaults have nothing in common, not even those of one identity,
 * and a new identity takes a vault over by sealing that one key anew.
 *
 *   head   "concord-vault" NUL*3 | version u32be | salt 32 | nonce 24 | XChaCha20-Poly1305(key 32), AAD: all before the
 *          nonce
 */
#ifndef CLIENT_VAULT_HEAD_H
#define CLIENT_VAULT_HEAD_H

#include "protocol/base/err.h"

#include <stdint.h>

#define VAULT_VERSION 6

/* Secret. */
struct vault_keys {
    uint8_t pages[32], runs[32], hash[32], record[32], letters[32];
};

/*
 * Opens the head of the vault in directory dir, or makes one if there is none. ERR_VERIFY: damaged, or of another
 * identity. ERR_INPUT: of a version that this program does not know.
 */
int head_open(struct vault_keys *out, const char *dir, const uint8_t storage_secret[32], struct err *err);

/* Seals the vault's key for another storage secret; whole or not at all. The old secret does not open it any more. */
int head_rekey(const char *dir, const uint8_t from[32], const uint8_t to[32], struct err *err);

#endif
