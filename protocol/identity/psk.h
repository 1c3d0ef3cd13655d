/*
 * Pre-shared keys: DIR/<peer name>.psk, 64 hexadecimal digits, mode 0600. Both ends hold the same: a session stays
 * secret as long as one of the pre-shared key and the X25519 keys does.
 *
 * Who serves many has one file in place of one for each, DIR/root, of the same form: a peer without a file of its own
 * has the key that psk_derive() makes of it. Whoever invites makes both of one secret (concord-keys invite).
 */
#ifndef PROTOCOL_IDENTITY_PSK_H
#define PROTOCOL_IDENTITY_PSK_H

#include "protocol/identity/party.h"

#include <stdbool.h>
#include <stdint.h>

#define PSK_SIZE 32
#define PSK_ROOT "root"

/* The key of a party under a root: BLAKE2b-256 of "concord psk v1" and party_digest(), keyed with the root. Secret. */
void psk_derive(uint8_t out[static PSK_SIZE], const uint8_t root[static PSK_SIZE], const struct party *party);

/* Reads one such file, whatever its name. Errors as psk_load(). */
int psk_read(uint8_t out[static PSK_SIZE], const char *path, struct err *err);

/*
 * dir "", or neither file: all zeros, as the handshake then is without that hedge; *found says which. Secret: the
 * caller wipes it. ERR_DENIED for a file that group or others can read, ERR_INPUT for one that is no such key.
 */
int psk_load(uint8_t out[static PSK_SIZE], bool *found, const char *dir, const struct party *peer, struct err *err);

#endif
