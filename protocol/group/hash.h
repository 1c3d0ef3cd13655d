/*
 * SHA-512 over many short messages at once, and expand_message_xmd (RFC 9380 section 5.3.1) on top of it.
 *
 * A message is a list of parts that follow one another, so that nothing has to be copied together first.
 * Only the lengths of the messages show in timing, never their contents.
 */
#ifndef PROTOCOL_GROUP_HASH_H
#define PROTOCOL_GROUP_HASH_H

#include "protocol/base/bytes.h"
#include "protocol/group/group.h"

#define HASH_SIZE 64
#define HASH_PARTS_MAX 4
#define HASH_DST_MAX 64

/* Unused parts have length 0. The parts are borrowed. */
struct hash_message {
    struct span part[HASH_PARTS_MAX];
};

/* out[i] = SHA-512(m[i]). */
void hash_sha512(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n);

/* out[i] = expand_message_xmd(m[i], dst, 64). dst holds at most HASH_DST_MAX bytes. */
void hash_expand(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n, struct span dst);

/*
 * out[i] = hash_to_ristretto255(m[i]) with dst (RFC 9380 appendix B). ERR_INPUT if one is the identity, which has been
 * seen by nobody.
 */
int hash_to_group(struct point *out, const struct hash_message *m, size_t n, struct span dst, struct err *err);

#endif
