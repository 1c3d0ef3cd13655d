/*
 * Pre-shared keys: DIR/<peer name>.psk, 64 hexadecimal digits, mode 0600. Both ends hold the same: a session stays
 * secret as long as one of the pre-shared key and the X25519 keys does.
 */
#ifndef PROTOCOL_IDENTITY_PSK_H
#define PROTOCOL_IDENTITY_PSK_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define PSK_SIZE 32

/*
 * dir "" or a missing file: all zeros, as the handshake then is without that hedge; *found says which. Secret: the
 * caller wipes it. ERR_DENIED for a file that group or others can read, ERR_INPUT for one that is no such key.
 */
int psk_load(uint8_t out[static PSK_SIZE], bool *found, const char *dir, const char *peer, struct err *err);

#endif
