/*
 * Totals are the clear sums whichever custodians publish; what t - 1 custodians see fits any numbers of the agencies
 * equally well; and each cheat shows.
 */
#include "tests/unit/sum_test.h"

enum { AGENCIES = 4 };

static struct dealt agency[AGENCIES];

/* The sums of all agencies' shares and commitments. */
static void add_up(struct sum_share *sum, struct sum_commitments *all, const struct sum_shape *shape, size_t agencies)
{
    struct err err;
    check_ok(sum_commitments_decode(all, shape, buf_span(&agency[0].commitments), &err), &err);
    for (size_t a = 1; a < agencies; a++)
        sum_commitments_add(all, &agency[a].c);
    for (uint8_t i = 1; i <= shape->custodians; i++) {
        check_ok(sum_share_decode(&sum[i], shape, i, buf_span(&agency[0].share[i]), &err), &err);
        for (size_t a = 1; a < agencies; a++)
            sum_share_add(&sum[i], &agency[a].s[i]);
        check_ok(sum_share_verify(&sum[i], all, basis, &err), &err);
    }
}

static void expect_clear_sums(const struct sum_shape *shape, const int32_t *figure, const int32_t *mark)
{
    for (size_t k = 0; k < shape->cells; k++) {
        int32_t f = 0, m = 0;
        for (size_t a = 0; a < AGENCIES; a++) {
            f += agency[a].figure[k];
            m += agency[a].mark[k];
        }
        assert_int_equal(figure[k], f);
        assert_int_equal(mark[k], m);
    }
}

static void every_coalition(const struct sum_shape *shape, const struct sum_share *sum)
{
    static int32_t figure[CELLS], mark[CELLS];
    for (unsigned members = 1; members < 1u << shape->custodians; members++) {
        const struct sum_share *of[CUSTODIANS];
        struct err err;
        size_t n = 0;
        if ((unsigned)__builtin_popcount(members) != shape->threshold)
            continue;
        for (size_t i = 1; i <= shape->custodians; i++)
            if (members >> (i - 1) & 1)
                of[n++] = &sum[i];
        memset(figure, 0x55, sizeof figure);
        check_ok(sum_totals_vartime(figure, mark, of, &err), &err);
        expect_clear_sums(shape, figure, mark);
    }
}

static void every_coalition_gives_the_clear_sums(void **state)
{
    (void)state;
    static const uint32_t cells[] = {1, 2, SUM_CHUNK, CELLS};
    for (uint8_t t = 1; t <= CUSTODIANS; t++) {
        const struct sum_shape shape = {cells[t % 4], t, CUSTODIANS};
        struct sum_share sum[CUSTODIANS + 1] = {{.scalar = NULL}};
        struct sum_commitments all;
        for (size_t a = 0; a < AGENCIES; a++)
            deal_random(&agency[a], &shape);
        add_up(sum, &all, &shape, AGENCIES);
        every_coalition(&shape, sum);
        for (size_t i = 1; i <= CUSTODIANS; i++)
            sum_share_free(&sum[i]);
        sum_commitments_free(&all);
        for (size_t a = 0; a < AGENCIES; a++)
            dealt_free(&agency[a]);
    }
}

static void sizes_are_what_was_promised(void **state)
{
    (void)state;
    const struct sum_shape shape = {20000, 3, 5};
    assert_int_equal(sum_commitments_size(&shape), 9 + 40 * 3 * 32);
    assert_int_equal(sum_share_size(&shape), 9 + 40 * 32 + 2 * 20000 * 32);
    assert_true(sum_share_size(&shape) + sum_commitments_size(&shape) < 65 * 20000);
}

/* The same numbers from the same seed are the same dealing, on every engine; another seed hides them anew. */
static void a_seed_is_a_dealing(void **state)
{
    (void)state;
    static const uint8_t seed[2][SUM_SEED_SIZE] = {{1}, {2}};
    const struct sum_shape shape = {7, 2, 3};
    static struct dealt first, again;
    memset(first.figure, 1, sizeof first.figure);
    memset(first.mark, 0, sizeof first.mark);
    deal(&first, &shape, seed[0]);
    for (size_t e = 0; e < GROUP_ENGINES; e++) {
        if (!use_engine(group_engines[e]))
            continue;
        memcpy(again.figure, first.figure, sizeof first.figure);
        deal(&again, &shape, seed[0]);
        assert_memory_equal(first.commitments.data, again.commitments.data, first.commitments.len);
        assert_memory_equal(first.share[2].data, again.share[2].data, first.share[2].len);
        dealt_free(&again);
    }
    deal(&again, &shape, seed[1]);
    assert_memory_not_equal(first.commitments.data, again.commitments.data, first.commitments.len);
    dealt_free(&again);
    dealt_free(&first);
}

/* The worked example of docs/pictures.md, byte for byte. */
static void the_worked_example_holds(void **state)
{
    (void)state;
    static const uint8_t seed[SUM_SEED_SIZE] = {7};
    static struct dealt d;
    const struct sum_shape shape = {2, 2, 3};
    char hex[129];
    memset(&d, 0, sizeof d);
    d.figure[0] = 12;
    d.mark[0] = 1;
    deal(&d, &shape, seed);
    bytes_to_hex(hex, d.commitments.data, 41);
    assert_string_equal(hex, "016302030000000002dc5a8bcd0a85c7770960f142be460981ef253c0f4743f03985134bbde367ac45");
    bytes_to_hex(hex, d.share[2].data + 9 + 64, 32);
    assert_string_equal(hex, "82c38ba7be15eaf872109449c9673665360723c929683bdfc493a38ee4a3c003");
    dealt_free(&d);
}

/* --- what is not learnt --- */

/*
 * Bases whose relations to G are known: G_k = x_k G, H = G. With them a dealing of other numbers can be made that looks
 * the same to whoever has fewer than t shares; nobody can make it with the true bases, but as they look no different,
 * what can be learnt from one can be learnt from the other: nothing.
 */
static struct scalar known[SUM_BASES];

static struct sum_basis *make_known_basis(void)
{
    static struct point base[SUM_BASES];
    struct sum_basis *out;
    struct err err;
    scalar_random_batch(known, SUM_BASES);
    scalar_set(&known[0], 1);
    group_base_mul(base, group_generator(), known, SUM_BASES);
    check_ok(sum_basis_of(&out, base, &err), &err);
    return out;
}

/*
 * The polynomial with value `change` at 0 and zeros at custodians 1 .. t - 1, at custodian i:
 * change * product of (1 - i/j).
 */
static void masked(struct scalar *out, int32_t change, uint8_t t, uint8_t i)
{
    struct scalar factor, j, at;
    scalar_set(out, (uint64_t)change);
    scalar_set(&at, i);
    for (uint8_t m = 1; m < t; m++) {
        scalar_set(&j, m);
        scalar_sub(&factor, &j, &at);
        scalar_invert(&j, &j);
        scalar_mul(&factor, &factor, &j);
        scalar_mul(out, out, &factor);
    }
}

/* Changes cell k of custodian i's share as if the dealing had been of a number that is larger by `change`. */
static void retell(struct sum_share *share, size_t k, int32_t change, bool subtract)
{
    struct scalar delta, blinding;
    masked(&delta, change, share->shape.threshold, share->custodian);
    if (subtract)
        scalar_negate(&delta, &delta);
    struct scalar *cell = &share->scalar[sum_chunk_at(&share->shape, 0) + k];
    scalar_add(cell, cell, &delta);
    scalar_mul(&blinding, &delta, &known[1 + k]);
    scalar_sub(&share->scalar[0], &share->scalar[0], &blinding);
}

/*
 * Agency 0 might have had `change` more and agency 1 as much less: commitments, the shares of custodians 1 .. t - 1 and
 * every published sum are the same, byte for byte, and all shares of both tellings pass.
 */
static void fewer_than_t_custodians_and_all_but_two_agencies_learn_nothing(void **state)
{
    (void)state;
    struct sum_basis *true_basis = basis;
    basis = make_known_basis();
    for (uint8_t t = 2; t <= CUSTODIANS; t++) {
        const struct sum_shape shape = {9, t, CUSTODIANS};
        struct sum_share sum[CUSTODIANS + 1] = {{.scalar = NULL}}, told[CUSTODIANS + 1] = {{.scalar = NULL}};
        struct sum_commitments all;
        struct err err;
        for (size_t a = 0; a < AGENCIES; a++)
            deal_random(&agency[a], &shape);
        add_up(sum, &all, &shape, AGENCIES);
        for (uint8_t i = 1; i <= CUSTODIANS; i++) {
            retell(&agency[0].s[i], 4, 1234, false);
            retell(&agency[1].s[i], 4, 1234, true);
            check_ok(sum_share_verify(&agency[0].s[i], &agency[0].c, basis, &err), &err);
            check_ok(sum_share_verify(&agency[1].s[i], &agency[1].c, basis, &err), &err);
            struct buf encoded = buf_of(SUM_SHARE_MAX);
            check_ok(sum_share_encode(&encoded, &agency[0].s[i], &err), &err);
            assert_int_equal(memcmp(encoded.data, agency[0].share[i].data, encoded.len) == 0, i < t);
            buf_free(&encoded);
        }
        for (uint8_t i = 1; i <= CUSTODIANS; i++) {
            check_ok(sum_share_decode(&told[i], &shape, i, buf_span(&agency[2].share[i]), &err), &err);
            sum_share_add(&told[i], &agency[3].s[i]);
            sum_share_add(&told[i], &agency[0].s[i]);
            sum_share_add(&told[i], &agency[1].s[i]);
            assert_memory_equal(told[i].scalar, sum[i].scalar, sum_numbers(&shape) * sizeof *sum[i].scalar);
            sum_share_free(&told[i]);
            sum_share_free(&sum[i]);
        }
        sum_commitments_free(&all);
        for (size_t a = 0; a < AGENCIES; a++)
            dealt_free(&agency[a]);
    }
    sum_basis_free(basis);
    basis = true_basis;
}

/* The true bases have no relation that anybody chose: all differ, none is the identity or G. */
static void bases_are_hashed(void **state)
{
    (void)state;
    static struct element e[SUM_BASES], g;
    const struct scalar one = {{1}};
    struct point p;
    group_encode(e, basis->base, SUM_BASES);
    group_base_mul(&p, group_generator(), &one, 1);
    group_encode(&g, &p, 1);
    for (size_t i = 0; i < SUM_BASES; i++) {
        assert_memory_not_equal(&e[i], &g, sizeof g);
        assert_false(group_is_identity(&basis->base[i]));
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&e[i], &e[j], sizeof g);
    }
}

/* --- cheats --- */

static void each_bent_number_of_a_share_shows(void **state)
{
    (void)state;
    const struct sum_shape shape = {CELLS, 3, CUSTODIANS};
    const size_t places[] = {0, 3, 4, 4 + CELLS - 1, 4 + CELLS, 4 + 2 * CELLS - 1};
    struct scalar one = {{1}};
    struct err err;
    deal_random(&agency[0], &shape);
    struct sum_share *s = &agency[0].s[2];
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        scalar_add(&s->scalar[places[i]], &s->scalar[places[i]], &one);
        assert_int_equal(sum_share_verify(s, &agency[0].c, basis, &err), ERR_VERIFY);
        scalar_sub(&s->scalar[places[i]], &s->scalar[places[i]], &one);
    }
    check_ok(sum_share_verify(s, &agency[0].c, basis, &err), &err);
    /* Two that outweigh each other within a chunk, and between chunks. */
    for (size_t other = 5; other <= 4 + CELLS; other += CELLS - 1) {
        scalar_add(&s->scalar[4], &s->scalar[4], &one);
        scalar_sub(&s->scalar[other], &s->scalar[other], &one);
        assert_int_equal(sum_share_verify(s, &agency[0].c, basis, &err), ERR_VERIFY);
        scalar_sub(&s->scalar[4], &s->scalar[4], &one);
        scalar_add(&s->scalar[other], &s->scalar[other], &one);
    }
    dealt_free(&agency[0]);
}

static void shares_of_others_do_not_pass(void **state)
{
    (void)state;
    const struct sum_shape shape = {5, 2, 3};
    struct err err;
    struct sum_share s;
    deal_random(&agency[0], &shape);
    deal_random(&agency[1], &shape);
    /* Another agency's share; the commitments of another agency. */
    assert_int_equal(sum_share_verify(&agency[1].s[1], &agency[0].c, basis, &err), ERR_VERIFY);
    /* Another custodian's, with the number changed to the own one. */
    agency[0].share[1].data[4] = 2;
    check_ok(sum_share_decode(&s, &shape, 2, buf_span(&agency[0].share[1]), &err), &err);
    assert_int_equal(sum_share_verify(&s, &agency[0].c, basis, &err), ERR_VERIFY);
    sum_share_free(&s);
    dealt_free(&agency[0]);
    dealt_free(&agency[1]);
}

/* A sum that is bent, lacks an agency or has one twice is no sum of these commitments. */
static void a_bent_sum_shows(void **state)
{
    (void)state;
    const struct sum_shape shape = {5, 2, 3};
    struct sum_share sum[CUSTODIANS + 1] = {{.scalar = NULL}};
    struct sum_commitments all;
    struct err err;
    for (size_t a = 0; a < AGENCIES; a++)
        deal_random(&agency[a], &shape);
    add_up(sum, &all, &shape, AGENCIES - 1);
    sum_share_add(&sum[1], &agency[AGENCIES - 1].s[1]);
    assert_int_equal(sum_share_verify(&sum[1], &all, basis, &err), ERR_VERIFY);
    sum_share_add(&sum[2], &agency[0].s[2]);
    assert_int_equal(sum_share_verify(&sum[2], &all, basis, &err), ERR_VERIFY);
    sum[3].scalar[sum_chunk_at(&shape, 1)].bytes[0] ^= 1;
    assert_int_equal(sum_share_verify(&sum[3], &all, basis, &err), ERR_VERIFY);
    assert_non_null(strstr(err.text, "custodian 3"));
    for (size_t i = 1; i <= 3; i++)
        sum_share_free(&sum[i]);
    sum_commitments_free(&all);
    for (size_t a = 0; a < AGENCIES; a++)
        dealt_free(&agency[a]);
}

/* A dealer whose numbers are no numbers can spoil a total, and is noticed by the cell. */
static void absurd_totals_are_named(void **state)
{
    (void)state;
    const struct sum_shape shape = {3, 1, 1};
    static const int32_t extreme[] = {INT32_MAX, INT32_MIN, 0, -1};
    static int32_t figure[CELLS], mark[CELLS];
    const struct sum_share *of = &agency[0].s[1];
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(extreme); i++) {
        static const uint8_t seed[SUM_SEED_SIZE] = {3};
        memset(agency[0].mark, 0, sizeof agency[0].mark);
        agency[0].figure[0] = agency[0].figure[1] = agency[0].figure[2] = extreme[i];
        deal(&agency[0], &shape, seed);
        check_ok(sum_totals_vartime(figure, mark, &of, &err), &err);
        assert_int_equal(figure[1], extreme[i]);
        sum_share_add(&agency[0].s[1], &agency[0].s[1]);
        const int rc = sum_totals_vartime(figure, mark, &of, &err);
        assert_int_equal(rc, i < 2 ? ERR_INPUT : 0);
        if (i < 2)
            assert_non_null(strstr(err.text, "cell 0"));
        dealt_free(&agency[0]);
    }
}

static void totals_need_a_coalition(void **state)
{
    (void)state;
    const struct sum_shape shape = {3, 2, 3};
    int32_t figure[3], mark[3];
    struct err err;
    deal_random(&agency[0], &shape);
    const struct sum_share *twice[] = {&agency[0].s[1], &agency[0].s[1]};
    const struct sum_share *descending[] = {&agency[0].s[2], &agency[0].s[1]};
    assert_int_equal(sum_totals_vartime(figure, mark, twice, &err), ERR_INPUT);
    assert_int_equal(sum_totals_vartime(figure, mark, descending, &err), ERR_INPUT);
    dealt_free(&agency[0]);
}

static void what_is_malformed_is_refused(void **state)
{
    (void)state;
    const struct sum_shape shape = {3, 2, 3}, bad[] = {{0, 1, 1}, {SUM_CELLS_MAX + 1, 1, 1},     {1, 0, 1}, {1, 3, 2},
                                                       {1, 1, 0}, {1, 1, SUM_CUSTODIANS_MAX + 1}};
    struct sum_commitments c;
    struct sum_share s;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(sum_shape_check(&bad[i], &err), ERR_INPUT);
    check_ok(sum_shape_check(&shape, &err), &err);
    deal_random(&agency[0], &shape);
    struct buf *commitments = &agency[0].commitments, *share = &agency[0].share[1];
    for (size_t i = 0; i < SUM_HEAD_SIZE; i++) {
        commitments->data[i] ^= 1;
        share->data[i] ^= 1;
        assert_int_equal(sum_commitments_decode(&c, &shape, buf_span(commitments), &err), ERR_INPUT);
        assert_int_equal(sum_share_decode(&s, &shape, 1, buf_span(share), &err), ERR_INPUT);
        assert_null(c.point);
        assert_null(s.scalar);
        commitments->data[i] ^= 1;
        share->data[i] ^= 1;
    }
    memset(commitments->data + SUM_HEAD_SIZE + 32, 0xff, 32);
    memset(share->data + SUM_HEAD_SIZE + 32, 0xff, 32);
    assert_int_equal(sum_commitments_decode(&c, &shape, buf_span(commitments), &err), ERR_INPUT);
    assert_int_equal(sum_share_decode(&s, &shape, 1, buf_span(share), &err), ERR_INPUT);
    assert_int_equal(sum_share_decode(&s, &shape, 1, span_of(share->data, share->len - 1), &err), ERR_INPUT);
    assert_null(c.point);
    assert_null(s.scalar);
    dealt_free(&agency[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_coalition_gives_the_clear_sums),
        cmocka_unit_test(sizes_are_what_was_promised),
        cmocka_unit_test(a_seed_is_a_dealing),
        cmocka_unit_test(the_worked_example_holds),
        cmocka_unit_test(fewer_than_t_custodians_and_all_but_two_agencies_learn_nothing),
        cmocka_unit_test(bases_are_hashed),
        cmocka_unit_test(each_bent_number_of_a_share_shows),
        cmocka_unit_test(shares_of_others_do_not_pass),
        cmocka_unit_test(a_bent_sum_shows),
        cmocka_unit_test(absurd_totals_are_named),
        cmocka_unit_test(totals_need_a_coalition),
        cmocka_unit_test(what_is_malformed_is_refused),
    };
    return cmocka_run_group_tests_name("sum_sum", tests, make_basis, free_basis);
}
