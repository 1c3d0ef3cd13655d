#include "protocol/base/sha256.h"

#include <sodium.h>

void sha256_prefixed_portable(uint8_t out[32], uint8_t prefix, struct span data)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, data.data, data.len);
    crypto_hash_sha256_final(&state, out);
}

void sha256_prefixed(uint8_t out[32], uint8_t prefix, struct span data)
{
    if (!sha256_prefixed_shani(out, prefix, data))
        sha256_prefixed_portable(out, prefix, data);
}

void sha256(uint8_t out[32], struct span data)
{
    if (data.len == 0)
        crypto_hash_sha256(out, NULL, 0);
    else
        sha256_prefixed(out, data.data[0], span_of(data.data + 1, data.len - 1));
}
