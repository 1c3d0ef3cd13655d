/*
 * Two patterns of The Noise Protocol Framework, revision 34, with 25519, ChaChaPoly and BLAKE2b. In both the
 * responder's static key is known beforehand and the initiator's travels encrypted.
 *   IKpsk2  two messages, the handshake of a session; the pre-shared key enters at the end of message 2. Message 1
 *           can be replayed: it carries no action.
 *   X       message 1 alone, for letters: the same tokens, but no pre-shared key.
 * Whoever has the responder's static secret can make message 1 from anybody (section 7.7, authentication 1).
 */
#ifndef PROTOCOL_CHANNEL_NOISE_H
#define PROTOCOL_CHANNEL_NOISE_H

#include "protocol/base/err.h"

#include <stddef.h>
#include <stdint.h>

#define NOISE_KEY 32
#define NOISE_HASH 64
#define NOISE_TAG 16
#define NOISE_NONCE 12
#define NOISE_MESSAGE1_OVERHEAD (32 + 48 + 16) /* e, encrypted s, tag of the payload */
#define NOISE_MESSAGE2_OVERHEAD (32 + 16)

enum noise_pattern { NOISE_IKPSK2, NOISE_X };
/* The nonce of ChaChaPoly for a counter (section 12.3): four zero bytes, then the counter, little-endian. */
void noise_nonce(uint8_t out[static NOISE_NONCE], uint64_t counter);

/* State between the messages; secret; wiped by noise_split() and by every failure. Open so that callers allocate it. */
struct noise {
    uint8_t h[NOISE_HASH], ck[NOISE_HASH], k[NOISE_KEY];
    uint64_t n;
    int has_psk; /* the pattern's, whether or not it was mixed in yet */
    uint8_t e_secret[NOISE_KEY], e[NOISE_KEY];
    uint8_t s_secret[NOISE_KEY], s[NOISE_KEY];
    uint8_t remote_e[NOISE_KEY], remote_s[NOISE_KEY];
};

/* secret/public: own static key. peer: the responder's static key (initiator). ephemeral: NULL except in vector
 * tests. */
void noise_initiator(struct noise *n, enum noise_pattern pattern, const void *prologue, size_t prologue_len,
                     const uint8_t secret[NOISE_KEY], const uint8_t peer[NOISE_KEY], const uint8_t *ephemeral);
void noise_responder(struct noise *n, enum noise_pattern pattern, const void *prologue, size_t prologue_len,
                     const uint8_t secret[NOISE_KEY], const uint8_t *ephemeral);

/* out holds len + NOISE_MESSAGE1_OVERHEAD bytes. ERR_VERIFY on a low-order key. */
int noise_write1(struct noise *n, uint8_t *out, const uint8_t *payload, size_t len, struct err *err);
/* payload holds len - NOISE_MESSAGE1_OVERHEAD bytes. Afterwards n->remote_s is the initiator's key, not yet proven. */
int noise_read1(struct noise *n, uint8_t *payload, const uint8_t *message, size_t len, struct err *err);
int noise_write2(struct noise *n, uint8_t *out, const uint8_t psk[NOISE_KEY], const uint8_t *payload, size_t len,
                 struct err *err);
int noise_read2(struct noise *n, uint8_t *payload, const uint8_t psk[NOISE_KEY], const uint8_t *message, size_t len,
                struct err *err);

/* The two transport keys, initiator-to-responder first, and the handshake hash; wipes n. */
void noise_split(struct noise *n, uint8_t to_responder[NOISE_KEY], uint8_t to_initiator[NOISE_KEY],
                 uint8_t handshake_hash[NOISE_HASH]);

#endif
