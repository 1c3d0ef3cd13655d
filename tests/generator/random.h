/* Reproducible random numbers (splitmix64): the same seed gives the same records on every machine. Not for secrets. */
#ifndef TESTS_GENERATOR_RANDOM_H
#define TESTS_GENERATOR_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* 0 .. n-1, n > 0. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
    return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

/* 0 .. n-1, small ones more often: the square of an even choice, as names are distributed among people. */
static inline uint32_t random_skewed(struct random *r, uint32_t n)
{
    uint64_t u = random_next(r) >> 48;

    return (uint32_t)((u * u >> 16) * n >> 16);
}

/* True in so many of a thousand cases. */
static inline bool random_permille(struct random *r, uint32_t permille)
{
    return random_below(r, 1000) < permille;
}

#endif
