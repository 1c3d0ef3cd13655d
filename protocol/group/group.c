/* The choice of the engine, and what stands in front of it. */
#include "protocol/group/lanes/base.h"
#include "protocol/group/lanes/field_portable.h"
#include "protocol/group/lanes/field.h"
#include "protocol/group/msm.h"

#include <sodium.h>
#include <stdlib.h>

/* Until group_init() has chosen: parsers that only check elements run without it. */
static const struct engine *engine = &engine_portable;
static struct group_base *generator;

static bool runs_always(void)
{
    return true;
}

#ifdef __x86_64__
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}

static bool runs_ifma(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2");
}
#endif

/* The best first. */
static const struct {
    const struct engine *engine;
    bool (*runs)(void);
    const char *needs;
} engines[] = {
#ifdef __x86_64__
    {&engine_ifma, runs_ifma, "AVX-512 with IFMA"},
    {&engine_avx2, runs_avx2, "AVX2"},
#endif
    {&engine_portable, runs_always, ""},
};

#define ENGINES (sizeof engines / sizeof *engines)

static int choose_engine(const struct engine **out, struct err *err)
{
    const char *name = getenv("CONCORD_GROUP");
    const bool named = name != NULL && name[0] != '\0';
    for (size_t i = 0; i < ENGINES; i++) {
        if (named && strcmp(name, engines[i].engine->name) != 0)
            continue;
        if (engines[i].runs()) {
            *out = engines[i].engine;
            return 0;
        }
        if (named)
            return err_set(err, ERR_USAGE, "CONCORD_GROUP=%s needs a processor with %s, which this one has not", name,
                           engines[i].needs);
    }
    return err_set(err, ERR_USAGE, "CONCORD_GROUP=%.20s names no engine: use portable, avx2 or ifma, or leave it out",
                   name);
}

/* RFC 9496's generator. */
static const struct element generator_encoded = {{
    0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
    0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76,
}};

int group_init(struct err *err)
{
    if (sodium_init() < 0)
        return err_set(err, ERR_INTERNAL, "libsodium does not start");
    const struct engine *chosen = NULL;
    int rc = choose_engine(&chosen, err);
    if (rc != 0)
        return rc;
    engine = chosen;
    group_base_free(generator);
    generator = group_base_new(&generator_encoded, err);
    return generator != NULL ? 0 : ERR_NO_MEMORY;
}

const struct engine *engine_chosen(void)
{
    return engine;
}

const char *group_engine(void)
{
    return engine->name;
}

int group_decode(struct point *out, const struct element *in, size_t n, size_t *bad, struct err *err)
{
    const size_t i = engine->decode(out, in, n);
    if (i == n)
        return 0;
    if (bad != NULL)
        *bad = i;
    return err_set(err, ERR_INPUT, "element %zu of %zu is not a valid ristretto255 encoding", i, n);
}

void group_encode(struct element *out, const struct point *in, size_t n)
{
    engine->encode(out, in, n);
}

void group_encode_doubled(struct element *out, const struct point *in, size_t n)
{
    engine->encode_doubled(out, in, n);
}

void group_from_uniform(struct point *out, const uint8_t (*in)[64], size_t n)
{
    engine->from_uniform(out, in, n);
}

void group_mul(struct point *out, const struct scalar *k, const struct point *in, size_t n)
{
    engine->mul(out, k, in, n);
}

const struct group_base *group_generator(void)
{
    return generator;
}

struct group_base *group_base_new(const struct element *base, struct err *err)
{
    struct point p;
    return group_decode(&p, base, 1, NULL, err) == 0 ? base_new(engine, &p, err) : NULL;
}

void group_base_mul(struct point *out, const struct group_base *base, const struct scalar *k, size_t n)
{
    engine->base_mul(out, base_table(base), k, n);
}

struct group_bases *group_bases_new(const struct point *base, size_t n, struct err *err)
{
    return bases_new(engine, base, n, err);
}

void group_bases_mul(struct point *out, const struct group_bases *bases, const struct scalar *k, size_t bits, size_t n)
{
    bases_mul(engine, out, bases, k, bits, n);
}

void group_add(struct point *out, const struct point *a, const struct point *b, size_t n)
{
    engine->add(out, a, b, n);
}

void group_sub(struct point *out, const struct point *a, const struct point *b, size_t n)
{
    engine->sub(out, a, b, n);
}

/* RFC 9496 section 4.5: equal if x1 y2 = y1 x2 or y1 y2 = x1 x2. */
bool group_equal(const struct point *a, const struct point *b)
{
    const fe ax = fe_const(a->x), ay = fe_const(a->y), bx = fe_const(b->x), by = fe_const(b->y);
    return (fe_is_zero(fe_sub(fe_mul(ax, by), fe_mul(ay, bx))) | fe_is_zero(fe_sub(fe_mul(ay, by), fe_mul(ax, bx)))) &
           1;
}

/* The coset of the identity is x = 0 or y = 0. */
bool group_is_identity(const struct point *a)
{
    return (fe_is_zero(fe_const(a->x)) | fe_is_zero(fe_const(a->y))) & 1;
}

int group_msm_vartime(struct point *out, const struct scalar *k, const struct point *in, size_t n, struct err *err)
{
    return msm_vartime(engine, out, k, &in, 1, n, err);
}

int group_msm_sets_vartime(struct point *out, const struct scalar *k, const struct point *const *in, size_t sets,
                           size_t n, struct err *err)
{
    return msm_vartime(engine, out, k, in, sets, n, err);
}

int group_msm_many_vartime(struct point *out, const struct scalar *k, const struct point *in, size_t sums, size_t n,
                           struct err *err)
{
    return msm_many_vartime(engine, out, k, in, sums, n, err);
}
