#include "protocol/base/sha256.h"

#include <sodium.h>
#include <string.h>

/* libsodium's state as its header has it: with no block begun, whole blocks go into `state` at once. */
void sha256_blocks_portable(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    crypto_hash_sha256_state s = {.count = 0};
    memcpy(s.state, h, sizeof s.state);
    crypto_hash_sha256_update(&s, data, blocks * SHA256_BLOCK);
    memcpy(h, s.state, sizeof s.state);
}

static void compress(uint32_t h[8], const uint8_t *data, size_t blocks)
{
    if (blocks > 0 && !sha256_blocks_shani(h, data, blocks))
        sha256_blocks_portable(h, data, blocks);
}

void sha256_start(struct sha256_state *state)
{
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(state->h, first, sizeof first);
    state->len = 0;
}

void sha256_add(struct sha256_state *state, struct span part)
{
    size_t used = state->len % SHA256_BLOCK;
    const size_t fill = SHA256_BLOCK - used;
    state->len += part.len;
    if (part.len >= fill) {
        if (used > 0) {
            memcpy(state->block + used, part.data, fill);
            compress(state->h, state->block, 1);
            part = span_of(part.data + fill, part.len - fill);
        }
        compress(state->h, part.data, part.len / SHA256_BLOCK);
        part = span_of(part.data + part.len / SHA256_BLOCK * SHA256_BLOCK, part.len % SHA256_BLOCK);
        used = 0;
    }
    if (part.len > 0)
        memcpy(state->block + used, part.data, part.len);
}

void sha256_end(struct sha256_state *state, uint8_t out[32])
{
    uint8_t last[2 * SHA256_BLOCK] = {0};
    const size_t used = state->len % SHA256_BLOCK, blocks = used + 9 > SHA256_BLOCK ? 2 : 1;
    memcpy(last, state->block, used);
    last[used] = 0x80;
    bytes_put_u64be(last + blocks * SHA256_BLOCK - 8, 8 * state->len);
    compress(state->h, last, blocks);
    for (int i = 0; i < 8; i++)
        bytes_put_u32be(out + 4 * i, state->h[i]);
}

void sha256_prefixed(uint8_t out[32], uint8_t prefix, struct span data)
{
    struct sha256_state state;
    sha256_start(&state);
    sha256_add(&state, span_of(&prefix, 1));
    sha256_add(&state, data);
    sha256_end(&state, out);
}

void sha256(uint8_t out[32], struct span data)
{
    struct sha256_state state;
    sha256_start(&state);
    sha256_add(&state, data);
    sha256_end(&state, out);
}
