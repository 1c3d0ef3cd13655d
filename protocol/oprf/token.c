#include "protocol/oprf/token.h"

#include "protocol/group/blake2b.h"

#include <string.h>

void token_tags(uint8_t *const *out, const uint8_t *const *seal_key, size_t n)
{
    static const char label[] = "concord tag";
    blake2b_keyed(out, TAG_SIZE, span_of(label, sizeof label - 1), seal_key, SEAL_KEY_SIZE, n);
}

void token_tag(uint8_t out[static TAG_SIZE], const uint8_t seal_key[static SEAL_KEY_SIZE])
{
    token_tags(&out, &seal_key, 1);
}

void token_cut(struct token *out, const uint8_t output[static OPRF_OUTPUT_SIZE])
{
    memcpy(out->seal_key, output + OPRF_OUTPUT_SIZE - SEAL_KEY_SIZE, SEAL_KEY_SIZE);
    token_tag(out->tag, out->seal_key);
}
