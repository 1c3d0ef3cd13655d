#include "protocol/group/scalar.h"

#include <sodium.h>
#include <string.h>

/* l, little-endian. */
static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                  0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};

void scalar_random(struct scalar *out)
{
    crypto_core_ristretto255_scalar_random(out->bytes);
}

void scalar_random_batch(struct scalar *out, size_t n)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    uint8_t key[crypto_stream_chacha20_KEYBYTES], stream[64];
    randombytes_buf(key, sizeof key);
    for (size_t i = 0; i < n; i++) {
        /* 512 bits modulo l are uniform but for 2^-259. */
        static const uint8_t zeroes[sizeof stream];
        crypto_stream_chacha20_xor_ic(stream, zeroes, sizeof stream, nonce, i, key);
        scalar_reduce(&out[i], stream);
    }
    sodium_memzero(key, sizeof key);
    sodium_memzero(stream, sizeof stream);
}

void scalar_reduce(struct scalar *out, const uint8_t in[64])
{
    crypto_core_ristretto255_scalar_reduce(out->bytes, in);
}

bool scalar_is_canonical(const struct scalar *in)
{
    /* in - l borrows exactly when in < l. */
    unsigned borrow = 0;
    for (int i = 0; i < 32; i++)
        borrow = ((unsigned)in->bytes[i] - order[i] - borrow) >> 31;
    return borrow == 1;
}

bool scalar_is_zero(const struct scalar *in)
{
    return sodium_is_zero(in->bytes, sizeof in->bytes);
}

void scalar_set(struct scalar *out, uint64_t value)
{
    memset(out->bytes, 0, sizeof out->bytes);
    for (int i = 0; i < 8; i++)
        out->bytes[i] = (uint8_t)(value >> (8 * i));
}

void scalar_add(struct scalar *out, const struct scalar *a, const struct scalar *b)
{
    crypto_core_ristretto255_scalar_add(out->bytes, a->bytes, b->bytes);
}

void scalar_sub(struct scalar *out, const struct scalar *a, const struct scalar *b)
{
    crypto_core_ristretto255_scalar_sub(out->bytes, a->bytes, b->bytes);
}

void scalar_mul(struct scalar *out, const struct scalar *a, const struct scalar *b)
{
    crypto_core_ristretto255_scalar_mul(out->bytes, a->bytes, b->bytes);
}

void scalar_negate(struct scalar *out, const struct scalar *a)
{
    crypto_core_ristretto255_scalar_negate(out->bytes, a->bytes);
}

void scalar_invert(struct scalar *out, const struct scalar *a)
{
    /* libsodium refuses zero, and leaves the zero that the power a^(l-2) is. */
    (void)!crypto_core_ristretto255_scalar_invert(out->bytes, a->bytes);
}
