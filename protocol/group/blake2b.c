#include "protocol/group/blake2b.h"

#include "protocol/group/engine.h"

#include <sodium.h>
#include <string.h>

/* A message in each lane: the key, padded to a block, and the text. */
struct keyed {
    uint64_t state[8 * BLAKE2B_LANES_MAX], key[16 * BLAKE2B_LANES_MAX], text[16 * BLAKE2B_LANES_MAX];
};

static void begin(struct keyed *k, size_t width, size_t out_len, struct span text, size_t key_len)
{
    uint8_t padded[BLAKE2B_BLOCK] = {0};
    memcpy(padded, text.data, text.len);
    memset(k->key, 0, sizeof k->key);
    for (size_t l = 0; l < width; l++) {
        for (size_t i = 0; i < 16; i++)
            k->text[i * width + l] = bytes_get_u64le(padded + 8 * i);
        for (size_t i = 0; i < 8; i++)
            k->state[i * width + l] = blake2b_start[i];
        k->state[l] ^= 0x01010000 ^ (uint64_t)key_len << 8 ^ out_len; /* section 2.5 */
    }
}

static void take_out(const struct keyed *k, size_t width, size_t lane, uint8_t *out, size_t out_len)
{
    uint8_t whole[64];
    for (size_t i = 0; i < 8; i++)
        bytes_put_u64le(whole + 8 * i, k->state[i * width + lane]);
    memcpy(out, whole, out_len);
    sodium_memzero(whole, sizeof whole);
}

void blake2b_keyed(uint8_t *const *out, size_t out_len, struct span text, const uint8_t *const *key, size_t key_len,
                   size_t n)
{
    struct keyed k;
    const struct engine *engine = engine_chosen();
    const size_t width = engine->hash_lanes;
    size_t done = 0;
    while (width > 0 && n - done > 1) {
        const size_t count = n - done < width ? n - done : width;
        begin(&k, width, out_len, text, key_len);
        for (size_t l = 0; l < count; l++)
            for (size_t i = 0; i < key_len / 8; i++)
                k.key[i * width + l] = bytes_get_u64le(key[done + l] + 8 * i);
        engine->keyed_compress(k.state, k.key, BLAKE2B_BLOCK, false);
        engine->keyed_compress(k.state, k.text, BLAKE2B_BLOCK + text.len, true);
        for (size_t l = 0; l < count; l++)
            take_out(&k, width, l, out[done + l], out_len);
        done += count;
    }
    if (done > 0)
        sodium_memzero(&k, sizeof k);
    for (; done < n; done++)
        crypto_generichash(out[done], out_len, text.data, text.len, key[done], key_len);
}
