/*
 * Reproducible random numbers (splitmix64): the same seed gives the same records on every machine. Each thing of the
 * world has a stream of its own, found by its number, so that any record can be made without those before it. Not for
 * secrets.
 */
#ifndef TESTS_GENERATOR_RANDOM_H
#define TESTS_GENERATOR_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static inline uint64_t random_next(struct random *r)
{
    return random_mix(r->state += 0x9e3779b97f4a7c15);
}

/* The stream of thing `number` of its kind. */
static inline struct random random_stream(uint64_t seed, uint64_t kind, uint64_t number)
{
    return (struct random){
        random_mix(random_mix(seed + 0x632be59bd9b4e019 * (kind + 1)) + 0xd1342543de82ef95 * (number + 1))};
}

/* 0 .. n-1, n > 0. */
static inline uint32_t random_below(struct random *r, uint32_t n)
{
    return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

/* True in so many of a thousand cases. */
static inline bool random_permille(struct random *r, uint32_t permille)
{
    return random_below(r, 1000) < permille;
}

#endif
