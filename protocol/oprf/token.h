/*
 * A token: what the OPRF's output for a match key becomes. The tag stands for the value at the matcher; the seal key is
 * what the entry of that tag is sealed with, and never leaves the agency. They are cut from different bytes of the
 * output, so that the tag says nothing of the key. This is the one place where they are cut.
 */
#ifndef PROTOCOL_OPRF_TOKEN_H
#define PROTOCOL_OPRF_TOKEN_H

#include "protocol/oprf/oprf.h"

#include <string.h>

#define TAG_SIZE 16
#define SEAL_KEY_SIZE 32

struct token {
    uint8_t tag[TAG_SIZE];           /* the output's first bytes */
    uint8_t seal_key[SEAL_KEY_SIZE]; /* its last; secret: whoever holds a token wipes it */
};

_Static_assert(TAG_SIZE + SEAL_KEY_SIZE <= OPRF_OUTPUT_SIZE, "tag and seal key have no byte in common");

static inline void token_cut(struct token *out, const uint8_t output[static OPRF_OUTPUT_SIZE])
{
    memcpy(out->tag, output, TAG_SIZE);
    memcpy(out->seal_key, output + OPRF_OUTPUT_SIZE - SEAL_KEY_SIZE, SEAL_KEY_SIZE);
}

#endif
