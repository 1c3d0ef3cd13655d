/*
 * Signature files of minisign, prehashed form ("ED": Ed25519 over BLAKE2b-512 of the file), as `minisign -V` of
 * Debian verifies them. Key id: first 8 bytes of BLAKE2b of the public key, so that it needs no storage.
 */
#ifndef PROTOCOL_REGION_MINISIGN_H
#define PROTOCOL_REGION_MINISIGN_H

#include "protocol/base/buf.h"

/* Appends the four lines of a .minisig file for data. secret: libsodium's 64-byte Ed25519 key. */
int minisign_sign(struct buf *out, const void *data, size_t len, const uint8_t secret[64], const char *trusted_comment,
                  struct err *err);

/* Checks text (a .minisig file) over data with the 32-byte public key: signature and trusted comment. ERR_VERIFY. */
int minisign_verify(const void *data, size_t len, const char *text, size_t text_len, const uint8_t public_key[32],
                    struct err *err);

/* Appends the two lines of a minisign public key file. */
int minisign_public_key(struct buf *out, const uint8_t public_key[32], const char *comment, struct err *err);

#endif
