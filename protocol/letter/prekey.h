/*
 * Prekeys: the X25519 keys that letters to a party are sealed to. Each is good for a week at most and its secret is
 * wiped PREKEY_KEPT seconds after that, so that who later takes the party's keys, or a backup, reads no letter of
 * before.
 *
 * A prekey travels in a statement signed by the party's identity. Statements are numbered without gaps and each names
 * the digest of the one before: a party that is shown two different ones for a number holds the proof in its hands.
 * A party whose vault was put back, or whose matcher's store was, does not know which numbers are taken: it begins anew
 * with a number that none can have, the second in which it does so, and zeros for a digest.
 * Everything in a statement is public. The layout is in docs/letters.md.
 */
#ifndef PROTOCOL_LETTER_PREKEY_H
#define PROTOCOL_LETTER_PREKEY_H

#include "protocol/base/buf.h"
#include "protocol/identity/party.h"
#include "protocol/region/region.h"

#define PREKEY_VALID (7 * 86400u) /* the most seconds between valid_from and valid_until */
#define PREKEY_KEPT (28 * 86400u) /* how long after valid_until late letters are still opened */
#define PREKEY_CLOCK_AHEAD 300u   /* a statement may begin so many seconds from now */
#define PREKEY_STATEMENT_MAX (186 + REGION_NAME_MAX)

struct prekey {
    char region[REGION_NAME_MAX + 1];
    uint8_t identity[32]; /* the party's identity digest */
    uint64_t number;      /* 1, 2, ...; or of a second, and on from there */
    uint8_t key[32];
    uint64_t valid_from, valid_until; /* seconds since 1970 */
    uint8_t previous[32];             /* digest of number - 1; zeros where it begins */
    uint8_t signature[64];
};

/* A new pair. secret is wiped by the caller, PREKEY_KEPT after the statement's valid_until. */
void prekey_generate(uint8_t secret[32], uint8_t key[32]);

/* Signs all other members with the party's Ed25519 secret. ERR_INPUT for members that prekey_verify() would refuse. */
int prekey_sign(struct prekey *prekey, const uint8_t sign_secret[64], struct err *err);

/* Appends the statement. */
int prekey_encode(struct buf *out, const struct prekey *prekey, struct err *err);

/* Takes a statement apart: one encoding only for each. ERR_INPUT. Nothing is verified. */
int prekey_decode(struct prekey *out, struct span statement, struct err *err);

/*
 * ERR_VERIFY unless the statement is of this region and identity, and signed by sign, the identity's Ed25519 key;
 * ERR_INPUT where it is longer valid than it may be or numbered 0. Variable time: all is public.
 */
int prekey_verify(const struct prekey *prekey, const char *region, const uint8_t identity[32], const uint8_t sign[32],
                  struct err *err);

/* The digest that the next statement names: over everything that is signed. */
int prekey_digest(uint8_t out[32], const struct prekey *prekey, struct err *err);

/*
 * ERR_VERIFY unless next follows on previous: same region and identity, the next number, the digest, not valid from
 * before; or begins anew, above the next number. previous NULL: it must begin. Both have passed prekey_verify().
 */
int prekey_follows(const struct prekey *next, const struct prekey *previous, struct err *err);

/* ERR_DENIED, saying which, if letters may not yet or no longer be sealed to it at the time now. */
int prekey_usable(const struct prekey *prekey, uint64_t now, struct err *err);

#endif
