/*
 * A party as the others know it: its name and its public keys, one for each role (identity.h holds the secret halves).
 *
 *   role      key       used for
 *   channel   X25519    Noise sessions, sealing shares in the ceremony
 *   sign      Ed25519   grants, ceremony contributions, the manifest (minisign)
 *   log       Ed25519   checkpoints of the party's own ledger
 *   witness   Ed25519   cosignatures on another's checkpoints
 */
#ifndef PROTOCOL_IDENTITY_PARTY_H
#define PROTOCOL_IDENTITY_PARTY_H

#include "protocol/base/buf.h"

#define PARTY_NAME_MAX 63
#define PARTY_KEY_SIZE 32
#define PARTY_FILE_MAX 4096

/* Names are 1..63 of A-Z a-z 0-9 . _ -, since they go into file names, ledgers and key names. */
struct party {
    char name[PARTY_NAME_MAX + 1];
    uint8_t channel[PARTY_KEY_SIZE];
    uint8_t sign[PARTY_KEY_SIZE];
    uint8_t log[PARTY_KEY_SIZE];
    uint8_t witness[PARTY_KEY_SIZE];
};

/*
 * Who a party is: BLAKE2b-256 over "concord identity v2" and its four keys in the order above. Wherever a party is
 * bound into a hash, a signature or a label, or named to another party, it is by this digest; names are for people.
 */
#define PARTY_DIGEST_SIZE 32
void party_digest(uint8_t out[PARTY_DIGEST_SIZE], const struct party *party);

/* ERR_INPUT unless the name is well-formed. */
int party_name_check(const char *name, struct err *err);

/* The public file, JSON: {"name", "channel", "sign", "log", "witness"}, keys in hexadecimal. ERR_INPUT, ERR_IO. */
int party_save(const struct party *party, const char *path, struct err *err);
int party_load(struct party *out, const char *path, struct err *err);

#endif
