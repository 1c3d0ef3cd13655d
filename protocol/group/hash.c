#include "protocol/group/hash.h"

#include <sodium.h>

static void absorb(crypto_hash_sha512_state *state, const struct hash_message *m)
{
    for (int p = 0; p < HASH_PARTS_MAX; p++)
        if (m->part[p].len > 0)
            crypto_hash_sha512_update(state, m->part[p].data, m->part[p].len);
}

void hash_sha512(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crypto_hash_sha512_state state;
        crypto_hash_sha512_init(&state);
        absorb(&state, &m[i]);
        crypto_hash_sha512_final(&state, out[i]);
        sodium_memzero(&state, sizeof state);
    }
}

void hash_expand(uint8_t (*out)[HASH_SIZE], const struct hash_message *m, size_t n, struct span dst)
{
    static const uint8_t zeroes[128];
    static const uint8_t length[3] = {0, HASH_SIZE, 0};
    const uint8_t one = 1, dst_len = (uint8_t)dst.len;
    for (size_t i = 0; i < n; i++) {
        crypto_hash_sha512_state state;
        crypto_hash_sha512_init(&state);
        crypto_hash_sha512_update(&state, zeroes, sizeof zeroes);
        absorb(&state, &m[i]);
        crypto_hash_sha512_update(&state, length, sizeof length);
        crypto_hash_sha512_update(&state, dst.data, dst.len);
        crypto_hash_sha512_update(&state, &dst_len, 1);
        crypto_hash_sha512_final(&state, out[i]);
        crypto_hash_sha512_init(&state);
        crypto_hash_sha512_update(&state, out[i], HASH_SIZE);
        crypto_hash_sha512_update(&state, &one, 1);
        crypto_hash_sha512_update(&state, dst.data, dst.len);
        crypto_hash_sha512_update(&state, &dst_len, 1);
        crypto_hash_sha512_final(&state, out[i]);
        sodium_memzero(&state, sizeof state);
    }
}
