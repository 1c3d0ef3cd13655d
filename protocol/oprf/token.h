/*
 * A token: what the OPRF's output for a match key becomes. The seal key is what the entry of its tag is sealed with,
 * and never leaves the agency; the tag stands for the value at the matcher. The tag follows from the seal key, so that
 * who keeps the seal key keeps both; back from the tag nothing leads, since keyed BLAKE2b is a pseudorandom function.
 */
#ifndef PROTOCOL_OPRF_TOKEN_H
#define PROTOCOL_OPRF_TOKEN_H

#include "protocol/oprf/oprf.h"

#define TAG_SIZE 16
#define SEAL_KEY_SIZE 32

struct token {
    uint8_t tag[TAG_SIZE];           /* token_tag() of the seal key */
    uint8_t seal_key[SEAL_KEY_SIZE]; /* secret: whoever holds a token wipes it */
};

/* The seal key is the output's last 32 bytes. Constant time. */
void token_cut(struct token *out, const uint8_t output[static OPRF_OUTPUT_SIZE]);

/* BLAKE2b-128("concord tag"), keyed with the seal key. Constant time. */
void token_tag(uint8_t out[static TAG_SIZE], const uint8_t seal_key[static SEAL_KEY_SIZE]);

/* out[i] = token_tag() of seal_key[i]: many at once take a fraction of the time. */
void token_tags(uint8_t *const *out, const uint8_t *const *seal_key, size_t n);

#endif
