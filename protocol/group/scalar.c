#include "protocol/group/scalar.h"
#include "protocol/base/bytes.h"

#include <sodium.h>
#include <string.h>

/* l, little-endian. */
static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                  0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};

void scalar_random(struct scalar *out)
{
    crypto_core_ristretto255_scalar_random(out->bytes);
}

/* So many are drawn from the stream at a time. */
#define CHUNK 16
_Static_assert(CHUNK == SCALAR_SEED_STEP, "scalar.h tells of it");

void scalar_from_seed(struct scalar *out, uint64_t first, size_t n, const uint8_t seed[SCALAR_SEED_SIZE])
{
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES], stream[CHUNK][64];
    for (uint64_t chunk = first / CHUNK; n > 0; chunk++) {
        const size_t len = n < CHUNK ? n : CHUNK;
        bytes_put_u64le(nonce, chunk);
        crypto_stream_chacha20(stream[0], sizeof stream, nonce, seed);
        /* 512 bits modulo l are uniform but for 2^-259. */
        for (size_t i = 0; i < len; i++)
            scalar_reduce(out++, stream[i]);
        n -= len;
    }
    sodium_memzero(stream, sizeof stream);
}

void scalar_random_batch(struct scalar *out, size_t n)
{
    uint8_t seed[SCALAR_SEED_SIZE];
    randombytes_buf(seed, sizeof seed);
    scalar_from_seed(out, 0, n, seed);
    sodium_memzero(seed, sizeof seed);
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

void scalar_halve(struct scalar *out, const struct scalar *a)
{
    /* a or, if it is odd, a + l is even and below 2l. */
    const unsigned odd = -(unsigned)(a->bytes[0] & 1);
    unsigned sum[33] = {0};
    for (int i = 0; i < 32; i++) {
        sum[i] += a->bytes[i] + (order[i] & odd);
        sum[i + 1] = sum[i] >> 8;
    }
    for (int i = 0; i < 32; i++)
        out->bytes[i] = (uint8_t)((sum[i] & 0xff) >> 1 | sum[i + 1] << 7);
    sodium_memzero(sum, sizeof sum);
}

void scalar_invert(struct scalar *out, const struct scalar *a)
{
    /* libsodium refuses zero, and leaves the zero that the power a^(l-2) is. */
    (void)!crypto_core_ristretto255_scalar_invert(out->bytes, a->bytes);
}
