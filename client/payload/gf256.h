/* GF(256) with the polynomial x^8 + x^4 + x^3 + x + 1 (FIPS 197). Constant time: no table, no branch on the values. */
#ifndef CLIENT_TOKEN_GF256_H
#define CLIENT_TOKEN_GF256_H

#include <stdint.h>

static inline uint8_t gf256_mul(uint8_t a, uint8_t b)
{
    unsigned product = 0, x = a;
    for (int i = 0; i < 8; i++) {
        product ^= x & (0u - (b >> i & 1u));
        x = x << 1 ^ (0x11bu & (0u - (x >> 7 & 1u)));
    }
    return (uint8_t)product;
}

/* a^254: the inverse; zero gives zero. */
static inline uint8_t gf256_invert(uint8_t a)
{
    uint8_t square = a, out = 1;
    for (int i = 0; i < 7; i++) {
        square = gf256_mul(square, square);
        out = gf256_mul(out, square);
    }
    return out;
}

/* Sixteen elements at once, such as a handle. */
typedef uint8_t gf256_sixteen __attribute__((vector_size(16)));

/* Each times x. */
static inline gf256_sixteen gf256_scale(gf256_sixteen a, uint8_t x)
{
    typedef int8_t signs __attribute__((vector_size(16)));
    gf256_sixteen product = a & (uint8_t)(0u - (x & 1u));
    for (int i = 1; i < 8; i++) {
        a = (a + a) ^ (0x1b & (gf256_sixteen)((signs)a < 0));
        product ^= a & (uint8_t)(0u - (x >> i & 1u));
    }
    return product;
}

#endif
