/*
 * Every engine against libsodium: the same bytes for every input, random and adversarial. GROUP_SOAK=N tries N of each
 * (10,000 otherwise), new ones in each run of 10,000.
 */
#include "protocol/base/bytes.h"
#include "protocol/group/scalar.h"
#include "tests/unit/group_test.h"

#include <sodium.h>

#define CASES 10000
#define SUM_MAX 2000

/* One run of inputs, and what libsodium makes of them. */
static struct {
    uint8_t uniform[CASES][64];
    struct scalar k[CASES];
    struct element point[CASES]; /* valid: the map of uniform, but for some special ones */
    struct element claim[CASES]; /* valid and invalid encodings */
    bool claim_valid[CASES];
    struct element base, base_mul[CASES], generator_mul[CASES], mul[CASES], add[CASES], sub[CASES];
} run;

/* What differs from point to point in a call of group_mul(): the scalar changes with these lengths. */
static size_t length_of(size_t i)
{
    return 1 + i * 7 % 37;
}

static const char *const special_scalars[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0200000000000000000000000000000000000000000000000000000000000000",
    "0800000000000000000000000000000000000000000000000000000000000000",
    "ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", /* l - 1 */
    "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", /* l */
    "eed3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", /* l + 1 */
    "daa7ebb934c624b0ac39ef45bdf3bd2900000000000000000000000000000020", /* 2l */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff0f", /* 2^252 - 1 */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2^255 - 1 */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "8888888888888888888888888888888888888888888888888888888888888808", /* digits at the turn of their sign */
    "7777777777777777777777777777777777777777777777777777777777777707",
    "2008822008822008822008822008822008822008822008822008822008822000",
    "0000000000000000000000000000000000000000000000000000000000000080",
};

static const char *const special_claims[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p - 1 */
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p: zero, not canonical */
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 1 */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* 2^255 - 1 */
    "0000000000000000000000000000000000000000000000000000000000000080", /* the bit that no encoding has */
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    /* The Edwards encodings of points of small order, none of them ristretto255's. */
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "b0a00e4a271beec478e42fad0618432fa7d7fb3d99004d2b0bdfc14f8024832b", /* sqrt(-1) */
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void make_claim(struct element *out, size_t i)
{
    *out = run.point[i];
    switch (i % 6) {
    case 0: /* as it is */
        break;
    case 1: /* one bit wrong */
        out->bytes[randombytes_uniform(32)] ^= (uint8_t)(1u << randombytes_uniform(8));
        break;
    case 2: { /* the negative: p - s */
        unsigned borrow = 0;
        for (size_t b = 0; b < 32; b++) {
            const unsigned p = b == 0 ? 0xed : b == 31 ? 0x7f : 0xff, d = p - out->bytes[b] - borrow;
            out->bytes[b] = (uint8_t)d;
            borrow = d >> 31;
        }
        break;
    }
    case 3:
        bytes_from_hex(out->bytes, 32, special_claims[i / 6 % COUNT(special_claims)]);
        break;
    default:
        randombytes_buf(out, sizeof *out);
        out->bytes[0] &= 0xfe;
        out->bytes[31] &= 0x7f;
    }
}

static void make_inputs(void)
{
    randombytes_buf(run.uniform, sizeof run.uniform);
    randombytes_buf(run.k, sizeof run.k);
    for (size_t i = 0; i < CASES; i++) {
        if (i % 3 == 0) /* the same half twice, and halves that mean zero */
            memcpy(run.uniform[i] + 32, run.uniform[i], 32);
        if (i % 97 == 0)
            bytes_from_hex(run.uniform[i], 32, special_claims[i / 97 % COUNT(special_claims)]);
        if (i % 5 != 0)
            scalar_reduce(&run.k[i], run.uniform[i]);
        if (i % 11 == 0)
            bytes_from_hex(run.k[i].bytes, 32, special_scalars[i / 11 % COUNT(special_scalars)]);
    }
}

static void ask_libsodium(void)
{
    make_inputs();
    for (size_t i = 0; i < CASES; i++)
        crypto_core_ristretto255_from_hash(run.point[i].bytes, run.uniform[i]);
    run.base = run.point[1];
    for (size_t i = 0; i < CASES; i += 101) /* the identity and the generator among the others */
        memset(&run.point[i], 0, sizeof run.point[i]);
    for (size_t i = 0, len = 0, first = 0; i < CASES; i++, len--) {
        const struct element *other = &run.point[i % 13 == 0 ? i : CASES - 1 - i];
        if (len == 0) {
            first = i;
            len = length_of(i);
        }
        /* libsodium reports the identity, and writes it. */
        (void)!crypto_scalarmult_ristretto255(run.mul[i].bytes, run.k[first].bytes, run.point[i].bytes);
        (void)!crypto_scalarmult_ristretto255(run.base_mul[i].bytes, run.k[i].bytes, run.base.bytes);
        (void)!crypto_scalarmult_ristretto255_base(run.generator_mul[i].bytes, run.k[i].bytes);
        crypto_core_ristretto255_add(run.add[i].bytes, run.point[i].bytes, other->bytes);
        crypto_core_ristretto255_sub(run.sub[i].bytes, run.point[i].bytes, other->bytes);
        make_claim(&run.claim[i], i);
        /* libsodium 1.0.18 ignores the uppermost bit; RFC 9496 refuses what is not below p. */
        run.claim_valid[i] =
            crypto_core_ristretto255_is_valid_point(run.claim[i].bytes) && run.claim[i].bytes[31] < 128;
    }
}

static void same(const char *what, size_t i, const struct element *ours, const struct element *theirs)
{
    if (memcmp(ours, theirs, sizeof *ours) == 0)
        return;
    char hex[5][65];
    fail_msg("%s, %s %zu: %s, libsodium has %s; point %s, scalar %s, uniform %s...", group_engine(), what, i,
             bytes_to_hex(hex[0], ours->bytes, 32), bytes_to_hex(hex[1], theirs->bytes, 32),
             bytes_to_hex(hex[2], run.point[i].bytes, 32), bytes_to_hex(hex[3], run.k[i].bytes, 32),
             bytes_to_hex(hex[4], run.uniform[i], 32));
}

static void all_same(const char *what, const struct point *ours, const struct element *theirs)
{
    static struct element e[CASES];
    group_encode(e, ours, CASES);
    for (size_t i = 0; i < CASES; i++)
        same(what, i, &e[i], &theirs[i]);
}

static struct point point[CASES], other[CASES], p[CASES];

/* Which claims are valid, and the valid ones' way back. */
static void check_decode(void)
{
    static struct element e[CASES];
    for (size_t i = 0, bad; i < CASES; i = bad + 1) {
        const size_t n = CASES - i < 50 ? CASES - i : 50;
        bad = n;
        const int rc = group_decode(p + i, run.claim + i, n, &bad, ERR_IGNORED);
        group_encode(e + i, p + i, bad);
        bad += i;
        for (size_t j = i; j < bad; j++) {
            if (!run.claim_valid[j])
                fail_msg("%s accepts claim %zu", group_engine(), j);
            same("decoded and encoded", j, &e[j], &run.claim[j]);
        }
        if (rc != 0 && run.claim_valid[bad])
            fail_msg("%s refuses claim %zu", group_engine(), bad);
        bad -= rc == 0;
    }
}

static void check_multiplications(void)
{
    struct err err;
    struct group_base *base = group_base_new(&run.base, &err);
    assert_non_null(base);
    for (size_t i = 0, len; i < CASES; i += len) {
        len = length_of(i) < CASES - i ? length_of(i) : CASES - i;
        group_mul(p + i, &run.k[i], point + i, len);
    }
    all_same("mul", p, run.mul);
    for (size_t i = 0, len; i < CASES; i += len) {
        len = length_of(i) < CASES - i ? length_of(i) : CASES - i;
        group_base_mul(p + i, base, run.k + i, len);
    }
    all_same("base_mul", p, run.base_mul);
    group_base_mul(p, group_generator(), run.k, CASES);
    all_same("base_mul of the generator", p, run.generator_mul);
    group_base_free(base);
}

static void check_additions(void)
{
    static struct element e[CASES];
    for (size_t i = 0; i < CASES; i++)
        other[i] = point[i % 13 == 0 ? i : CASES - 1 - i];
    group_add(p, point, other, CASES);
    all_same("add", p, run.add);
    group_sub(p, point, other, CASES);
    all_same("sub", p, run.sub);
    for (size_t i = 0; i < CASES; i++)
        if (group_is_identity(&p[i]) != sodium_is_zero(run.sub[i].bytes, 32))
            fail_msg("%s, is_identity %zu", group_engine(), i);

    /* Encoding doubles is encoding what adding to itself gives. */
    group_add(p, point, other, CASES);
    for (size_t i = 0, len; i < CASES; i += len) {
        len = 9 * length_of(i) < CASES - i ? 9 * length_of(i) : CASES - i;
        group_encode_doubled(e + i, p + i, len);
    }
    group_add(p, p, p, CASES);
    all_same("encode_doubled", p, e);
}

static void check_engine(const char *name)
{
    struct err err;
    if (!use_engine(name))
        return;
    group_from_uniform(point, (const uint8_t(*)[64])run.uniform, CASES);
    for (size_t i = 0; i < CASES; i += 101) {
        const struct element identity = {{0}};
        check_ok(group_decode(&point[i], &identity, 1, NULL, &err), &err);
    }
    all_same("from_uniform", point, run.point);
    /* Decoded ones from here on, half of them: another Z. */
    check_ok(group_decode(point, run.point, CASES / 2, NULL, &err), &err);
    all_same("decode", point, run.point);
    check_decode();
    check_multiplications();
    check_additions();
}

static void engines_agree_with_libsodium(void **state)
{
    (void)state;
    const char *soak = getenv("GROUP_SOAK");
    const long wanted = soak != NULL ? atol(soak) : CASES;
    for (long done = 0; done < wanted; done += CASES) {
        ask_libsodium();
        for (size_t i = 0; i < GROUP_ENGINES; i++)
            check_engine(group_engines[i]);
    }
    printf("# %ld of each operation\n", wanted < CASES ? CASES : wanted);
}

static void sum_with_libsodium(struct element *out, const struct scalar *k, const struct element *in, size_t n)
{
    struct element product;
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        (void)!crypto_scalarmult_ristretto255(product.bytes, k[i].bytes, in[i].bytes);
        crypto_core_ristretto255_add(out->bytes, out->bytes, product.bytes);
    }
}

/* Sums of many lengths, with all kinds of scalars; and of one scalar for all, which puts all into one bucket. */
static void sums_agree_with_libsodium(void **state)
{
    (void)state;
    static const size_t length[] = {0, 1, 2, 3, 7, 8, 9, 31, 64, 257, 700, SUM_MAX};
    struct element expected[COUNT(length) + 1], e[2];
    struct scalar one_for_all[100];
    struct point sum[2];
    struct err err;
    ask_libsodium();
    for (size_t i = 0; i < 100; i++)
        one_for_all[i] = run.k[17];
    for (size_t i = 0; i < COUNT(length); i++)
        sum_with_libsodium(&expected[i], run.k, run.point, length[i]);
    sum_with_libsodium(&expected[COUNT(length)], one_for_all, run.point, 100);

    for (size_t g = 0; g < GROUP_ENGINES; g++) {
        if (!use_engine(group_engines[g]))
            continue;
        check_ok(group_decode(point, run.point, SUM_MAX, NULL, &err), &err);
        group_from_uniform(other, (const uint8_t(*)[64])run.uniform, SUM_MAX);
        for (size_t i = 0; i < SUM_MAX; i += 101)
            other[i] = point[i];
        const struct point *const sets[2] = {point, other};
        for (size_t i = 0; i < COUNT(length); i++) {
            check_ok(group_msm_sets_vartime(sum, run.k, sets, 2, length[i], &err), &err);
            group_encode(e, sum, 2);
            same("sum of decoded points, length", i, &e[0], &expected[i]);
            same("sum of mapped points, length", i, &e[1], &expected[i]);
        }
        check_ok(group_msm_vartime(sum, one_for_all, point, 100, &err), &err);
        group_encode(e, sum, 1);
        same("sum with one scalar for all", COUNT(length), &e[0], &expected[COUNT(length)]);
    }
}

static void engines_are_chosen_by_name(void **state)
{
    (void)state;
    struct err err;
    setenv("CONCORD_GROUP", "quantum", 1);
    assert_int_equal(group_init(&err), ERR_USAGE);
    assert_non_null(strstr(err.text, "CONCORD_GROUP=quantum"));
    assert_true(use_engine("portable"));
    assert_string_equal(group_engine(), "portable");
    unsetenv("CONCORD_GROUP");
    check_ok(group_init(&err), &err);
    printf("# this processor runs %s\n", group_engine());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engines_agree_with_libsodium),
        cmocka_unit_test(sums_agree_with_libsodium),
        cmocka_unit_test(engines_are_chosen_by_name),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
