#include "protocol/sum/noise.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PART_MAX 1000000
#define DRAWN_MAX (1 << 30) /* reached with a chance below e^-262144: drawn again */

int noise_law_check(const struct noise_law *law, struct err *err)
{
    if (law->epsilon == 0 || law->epsilon > PART_MAX || law->sensitivity == 0 || law->sensitivity > PART_MAX)
        return err_set(err, ERR_INPUT, "epsilon (in thousandths) and sensitivity must be 1 to %d", PART_MAX);
    if (law->parts == 0 || law->parts > SUM_CUSTODIANS_MAX)
        return err_set(err, ERR_INPUT, "noise of %u parts is outside 1..%d", (unsigned)law->parts, SUM_CUSTODIANS_MAX);
    if ((uint64_t)law->sensitivity * 1000 > (uint64_t)law->epsilon * NOISE_SCALE_MAX)
        return err_set(err, ERR_INPUT,
                       "an epsilon of %u thousandths for a sensitivity of %u is noise of more than %d: count less of "
                       "one incident, or allow more",
                       (unsigned)law->epsilon, (unsigned)law->sensitivity, NOISE_SCALE_MAX);
    return 0;
}

/* Random numbers: a seed's ChaCha20 key stream, in words of 64 bits. */
struct stream {
    const uint8_t *seed;
    uint64_t block;
    size_t at;
    uint8_t bytes[1024];
};

static uint64_t stream_word(struct stream *s)
{
    if (s->at == sizeof s->bytes) {
        uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
        bytes_put_u64le(nonce, s->block++);
        crypto_stream_chacha20(s->bytes, sizeof s->bytes, nonce, s->seed);
        s->at = 0;
    }
    s->at += 8;
    return bytes_get_u64le(s->bytes + s->at - 8);
}

/* Uniform below limit: as many bits as limit - 1 has, until they are below it. */
static uint64_t below(struct stream *s, uint64_t limit)
{
    const uint64_t bits = limit > 1 ? UINT64_MAX >> __builtin_clzll(limit - 1) : 0;
    uint64_t v = bits != 0 ? stream_word(s) & bits : 0;
    while (v >= limit)
        v = stream_word(s) & bits;
    return v;
}

/* True with the chance a / b. */
static bool chance(struct stream *s, uint64_t a, uint64_t b)
{
    return below(s, b) < a;
}

/*
 * True with the chance e^(-a/b), a <= b: the parity of how long chances of a / b, a / 2b, a / 3b ... are met in a row.
 */
static bool chance_exp(struct stream *s, uint64_t a, uint64_t b)
{
    uint64_t k = 1;
    while (chance(s, a, b * k))
        k++;
    return k & 1;
}

/* The law's q as e^(-a/b). */
struct rate {
    uint64_t a, b;
};

/* True with the chance q. */
static bool chance_q(struct stream *s, const struct rate *rate)
{
    uint64_t a = rate->a;
    for (; a > rate->b; a -= rate->b)
        if (!chance_exp(s, 1, 1))
            return false;
    return chance_exp(s, a, rate->b);
}

/* P(k) = (1 - q) q^k: x has e^(-x/b) in remainder and quotient by b, and k = x / a, rounded down. */
static uint64_t geometric(struct stream *s, const struct rate *rate)
{
    uint64_t x = below(s, rate->b);
    while (!chance_exp(s, x, rate->b))
        x = below(s, rate->b);
    while (chance_exp(s, 1, 1))
        x += rate->b;
    return x / rate->a;
}

/* The product over i <= k of (m (i - 1) + 1) / (m i), the first of which, 1 / m, was met. */
static bool kept(struct stream *s, uint64_t m, uint64_t k)
{
    for (uint64_t i = 2; m > 1 && i <= k; i++)
        if (!chance(s, m * (i - 1) + 1, m * i))
            return false;
    return true;
}

/* One Polya variate. What is above 0 is so with the chance q, and is mostly given up at once. */
static int32_t polya(struct stream *s, const struct rate *rate, uint32_t parts)
{
    while (chance_q(s, rate)) {
        if (!chance(s, 1, parts))
            continue;
        const uint64_t k = 1 + geometric(s, rate);
        if (k < DRAWN_MAX && kept(s, parts, k))
            return (int32_t)k;
    }
    return 0;
}

void noise_draw(int32_t *out, size_t n, const struct noise_law *law, const uint8_t seed[SUM_SEED_SIZE])
{
    const struct rate rate = {law->epsilon, (uint64_t)law->sensitivity * 1000};
    struct stream s = {.seed = seed, .at = sizeof s.bytes};
    for (size_t i = 0; i < n; i++) {
        const int32_t plus = polya(&s, &rate, law->parts), minus = polya(&s, &rate, law->parts);
        out[i] = plus - minus;
    }
    sodium_memzero(&s, sizeof s);
}

/* A geometric variate has the variance q / (1 - q)^2, and its parts have their parts of it. */
double noise_deviation(const struct noise_law *law, uint32_t dealt)
{
    const double q = exp(-(double)law->epsilon / (1000.0 * law->sensitivity));
    return sqrt(2 * q * dealt / law->parts) / (1 - q);
}

/* The seeds that one stands for. */
enum { SEED_FIGURES = 1, SEED_MARKS, SEED_SHARING, SEEDS };

static void derive(uint8_t out[SEEDS][SUM_SEED_SIZE], const uint8_t seed[SUM_SEED_SIZE])
{
    static const char context[] = "sumnoise";
    for (uint64_t i = SEED_FIGURES; i < SEEDS; i++)
        crypto_kdf_derive_from_key(out[i], SUM_SEED_SIZE, i, context, seed);
}

int noise_deal(struct sum_dealing **out, const struct sum_shape *shape, const struct noise_law *figures,
               const struct noise_law *marks, const uint8_t seed[SUM_SEED_SIZE], struct err *err)
{
    uint8_t part[SEEDS][SUM_SEED_SIZE];
    int32_t *number = calloc(2 * (size_t)shape->cells, sizeof *number);
    *out = NULL;
    if (number == NULL)
        return err_set(err, ERR_NO_MEMORY, "no memory for noise on %u cells", (unsigned)shape->cells);
    derive(part, seed);
    if (figures != NULL)
        noise_draw(number, shape->cells, figures, part[SEED_FIGURES]);
    if (marks != NULL)
        noise_draw(number + shape->cells, shape->cells, marks, part[SEED_MARKS]);
    int rc = sum_deal(out, shape, number, number + shape->cells, part[SEED_SHARING], err);
    sodium_memzero(part, sizeof part);
    sodium_memzero(number, 2 * (size_t)shape->cells * sizeof *number);
    free(number);
    return rc;
}

int noise_check(struct span commitments, const struct sum_shape *shape, const struct noise_law *figures,
                const struct noise_law *marks, const uint8_t seed[SUM_SEED_SIZE], const struct sum_basis *basis,
                struct err *err)
{
    struct sum_dealing *dealing = NULL;
    struct buf again = buf_of(SUM_COMMITMENTS_MAX);
    int rc = noise_deal(&dealing, shape, figures, marks, seed, err);
    if (rc == 0)
        rc = sum_dealing_commit(&again, dealing, basis, err);
    if (rc == 0 && (again.len != commitments.len || memcmp(again.data, commitments.data, again.len) != 0))
        rc = err_set(err, ERR_VERIFY, "the seed that was opened has other commitments: the noise was not drawn by it");
    buf_free(&again);
    sum_dealing_free(dealing);
    return rc;
}

/* BLAKE2b-256 of a label with its NUL, the context, a custodian's number, and what follows. */
static void digest(uint8_t out[NOISE_COIN_SIZE], const char *label, const uint8_t context[32], uint8_t custodian,
                   struct span follows)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, NOISE_COIN_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)label, strlen(label) + 1);
    crypto_generichash_update(&state, context, 32);
    crypto_generichash_update(&state, &custodian, 1);
    crypto_generichash_update(&state, follows.data, follows.len);
    crypto_generichash_final(&state, out, NOISE_COIN_SIZE);
    sodium_memzero(&state, sizeof state);
}

void noise_coin_commit(uint8_t out[NOISE_COIN_SIZE], const uint8_t context[32], uint8_t custodian,
                       const uint8_t coin[NOISE_COIN_SIZE])
{
    digest(out, "concord picture coin v1", context, custodian, span_of(coin, NOISE_COIN_SIZE));
}

size_t noise_pick(const uint8_t context[32], const uint8_t (*coin)[NOISE_COIN_SIZE], size_t coins, uint8_t custodian)
{
    uint8_t hash[NOISE_COIN_SIZE];
    digest(hash, "concord picture pick v1", context, custodian, span_of(coin, coins * sizeof *coin));
    return hash[0] % NOISE_SEEDS;
}
