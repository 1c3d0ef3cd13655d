/*
 * A passphrase, and a secret sealed under it: Argon2id (RFC 9106; libsodium's "moderate" cost, 256 MiB) makes the key,
 * XChaCha20-Poly1305 seals. Opening costs most of a second by intention: open once and keep what came out.
 */
#ifndef PROTOCOL_IDENTITY_PASSPHRASE_H
#define PROTOCOL_IDENTITY_PASSPHRASE_H

#include "protocol/base/buf.h"

#define PASSPHRASE_MAX 1024 /* with its NUL */
#define PASSPHRASE_SECRET_SIZE 32

/*
 * The passphrase for the file at path, NUL-terminated: from the file that CONCORD_PASSPHRASE_FILE names, else asked on
 * the terminal, without echo. Secret: the caller wipes it. ERR_USAGE where there is neither.
 */
int passphrase_read(char out[static PASSPHRASE_MAX], const char *path, struct err *err);

/*
 * Appends "SALT NONCE CIPHERTEXT" in hexadecimal. The seal covers name, so that a file cannot be passed off under
 * another one's.
 */
int passphrase_seal(struct buf *out, const uint8_t secret[static PASSPHRASE_SECRET_SIZE], const char *name,
                    const char *passphrase, struct err *err);

/*
 * Takes such text from the file at path apart and opens it; passphrase NULL: passphrase_read(). ERR_VERIFY: wrong
 * passphrase or damaged; ERR_INPUT: no such text; ERR_NO_MEMORY. secret is untouched on failure; text is cut up.
 */
int passphrase_open(uint8_t secret[static PASSPHRASE_SECRET_SIZE], char *text, const char *name, const char *path,
                    const char *passphrase, struct err *err);

#endif
