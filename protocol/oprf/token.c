#include "protocol/oprf/token.h"

#include <sodium.h>
#include <string.h>

void token_tag(uint8_t out[static TAG_SIZE], const uint8_t seal_key[static SEAL_KEY_SIZE])
{
    static const char label[] = "concord tag";
    crypto_generichash(out, TAG_SIZE, (const uint8_t *)label, sizeof label - 1, seal_key, SEAL_KEY_SIZE);
}

void token_cut(struct token *out, const uint8_t output[static OPRF_OUTPUT_SIZE])
{
    memcpy(out->seal_key, output + OPRF_OUTPUT_SIZE - SEAL_KEY_SIZE, SEAL_KEY_SIZE);
    token_tag(out->tag, out->seal_key);
}
