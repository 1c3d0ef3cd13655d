/*
 * Judging: both sides find what clear intersection finds, and every forgery is refused. Each forgery is tried a second
 * time on a copy of the code without the one check that stops it, where it must succeed: so it is that check, and it is
 * needed.
 */
#include "protocol/group/group.h"

enum check { CHECK_NONE, CHECK_IDENTITY, CHECK_DISTINCT, CHECK_PROOF, CHECK_ANSWERED };
static enum check left_out;
#define PSI_CHECK(name, call) (left_out == CHECK_##name ? 0 : (call))
#include "protocol/psi/psi.c" /* NOLINT(bugprone-suspicious-include): to leave a check out, see above */

#include "tests/unit/group_test.h"

enum { PAIRS = 3, SLOTS = 12, ALL = PAIRS * SLOTS, VALUES = 8 };

/* One exchange, with everything that both sides have. */
struct judged {
    struct psi_context context;
    uint8_t secret_b[32], secret_e[32], exchange[16];
    struct psi_pair pair[PAIRS];
    struct psi_note note_b[PAIRS], note_e[PAIRS];
    struct psi_slot slot_b[ALL], slot_e[ALL];
    uint8_t status[PAIRS], final[PAIRS], agree_b[ALL], agree_e[ALL];
    struct buf letter[3];
};

static const char *const values[VALUES] = {"WANG", "HUANG", "NGUYEN", "1984", "03", "M", "THA", "A1234567"};

/* Half of the slots absent or so, few fields and few values, so that much agrees and some stands twice. */
static void fill_slots(struct psi_slot slot[ALL])
{
    for (size_t i = 0; i < ALL; i++) {
        const char *value = values[randombytes_uniform(VALUES)];
        slot[i] = (struct psi_slot){.field = (uint16_t)randombytes_uniform(3)};
        if (randombytes_uniform(3) > 0)
            slot[i].value = span_of(value, strlen(value));
    }
}

static void start(struct judged *j)
{
    memset(j, 0, sizeof *j);
    j->context = (struct psi_context){span_of("asia-pacific", 12), span_of("persons", 7), 3, {1}, {2}};
    randombytes_buf(j->secret_b, 32);
    randombytes_buf(j->secret_e, 32);
    randombytes_buf(j->exchange, 16);
    randombytes_buf(j->pair, sizeof j->pair);
    randombytes_buf(j->note_b, sizeof j->note_b);
    randombytes_buf(j->note_e, sizeof j->note_e);
    fill_slots(j->slot_b);
    fill_slots(j->slot_e);
    for (size_t i = 0; i < 3; i++)
        j->letter[i] = buf_of(PSI_LETTER_MAX);
    left_out = CHECK_NONE;
}

static void finish(struct judged *j)
{
    for (size_t i = 0; i < 3; i++)
        buf_free(&j->letter[i]);
    left_out = CHECK_NONE;
}

static int begin(struct judged *j, struct err *err)
{
    buf_clear(&j->letter[0]);
    return psi_begin(&j->letter[0], &j->context, j->secret_b, j->exchange, j->pair, j->note_b, j->slot_b, PAIRS, SLOTS,
                     err);
}

static int answer(struct judged *j, struct err *err)
{
    buf_clear(&j->letter[1]);
    return psi_answer(&j->letter[1], &j->context, j->secret_e, buf_span(&j->letter[0]), j->note_e, j->slot_e, SLOTS,
                      j->status, err);
}

static int end(struct judged *j, struct err *err)
{
    struct psi_comparison *c = NULL;
    buf_clear(&j->letter[2]);
    int rc =
        psi_compare(&c, j->agree_b, &j->context, j->secret_b, buf_span(&j->letter[0]), buf_span(&j->letter[1]), err);
    if (rc == 0)
        rc = psi_end(&j->letter[2], c, j->final, err);
    psi_comparison_free(c);
    return rc;
}

static int conclude(struct judged *j, struct err *err)
{
    return psi_conclude(j->agree_e, &j->context, buf_span(&j->letter[0]), buf_span(&j->letter[1]),
                        buf_span(&j->letter[2]), err);
}

static void run(struct judged *j)
{
    struct err err = {.text = ""};
    check_ok(begin(j, &err), &err);
    check_ok(answer(j, &err), &err);
    check_ok(end(j, &err), &err);
    check_ok(conclude(j, &err), &err);
}

static bool same(const struct psi_slot *a, const struct psi_slot *b)
{
    return a->value.data != NULL && b->value.data != NULL && a->field == b->field && a->value.len == b->value.len &&
           memcmp(a->value.data, b->value.data, a->value.len) == 0;
}

/* Clear intersection: a repetition within a record counts once, where it stands first. */
static bool agrees(const struct psi_slot *mine, size_t i, const struct psi_slot *theirs)
{
    for (size_t j = 0; j < i; j++)
        if (same(&mine[j], &mine[i]))
            return false;
    for (size_t j = 0; j < SLOTS; j++)
        if (same(&mine[i], &theirs[j]))
            return true;
    return false;
}

static size_t expect(const uint8_t *agree, const struct psi_slot *mine, const struct psi_slot *theirs, size_t pair,
                     bool on)
{
    size_t count = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        const bool expected = on && agrees(mine + pair * SLOTS, i, theirs + pair * SLOTS);
        assert_int_equal(agree[pair * SLOTS + i], expected);
        count += expected;
    }
    return count;
}

static void agrees_with_clear_intersection(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t e = 0; e < GROUP_ENGINES; e++) {
        if (!use_engine(group_engines[e]))
            continue;
        for (int round = 0; round < 30; round++) {
            struct judged j;
            start(&j);
            for (size_t p = 0; p < PAIRS; p++) {
                j.status[p] = randombytes_uniform(4) == 0 ? PSI_LIMIT : PSI_ON;
                j.final[p] = randombytes_uniform(4) == 0 ? PSI_DIFFERENT : PSI_ON;
            }
            run(&j);
            for (size_t p = 0; p < PAIRS; p++) {
                found += expect(j.agree_b, j.slot_b, j.slot_e, p, j.status[p] == PSI_ON);
                found += expect(j.agree_e, j.slot_e, j.slot_b, p, j.status[p] == PSI_ON && j.final[p] == PSI_ON);
            }
            finish(&j);
        }
    }
    assert_true(found > 0);
}

static void all_statuses_have_one_length(void **state)
{
    (void)state;
    size_t len[3] = {0};
    for (int round = 0; round < 3; round++) {
        struct judged j;
        start(&j);
        memset(j.status, round == 1 ? PSI_UNKNOWN : PSI_ON, PAIRS);
        memset(j.final, round == 2 ? PSI_DIFFERENT : PSI_ON, PAIRS);
        run(&j);
        for (size_t i = 0; i < 3; i++) {
            assert_true(round == 0 || len[i] == j.letter[i].len);
            len[i] = j.letter[i].len;
        }
        finish(&j);
    }
}

/* All but the proof, which has fresh randomness. */
static void the_same_letter_gets_the_same_answer(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    struct buf first = buf_of(PSI_LETTER_MAX);
    start(&j);
    run(&j);
    check_ok(buf_put(&first, j.letter[1].data, j.letter[1].len, &err), &err);
    run(&j);
    assert_int_equal(first.len, j.letter[1].len);
    assert_memory_equal(first.data, j.letter[1].data, first.len - PROOF_SIZE(PAIRS));
    j.exchange[0] ^= 1;
    run(&j);
    struct psi_letter2 a, b;
    check_ok(psi_letter2_read(&a, buf_span(&first), &err), &err);
    check_ok(psi_letter2_read(&b, buf_span(&j.letter[1]), &err), &err);
    for (size_t i = 0; i < 2 * ALL; i++)
        assert_memory_not_equal(&a.list[i], &b.list[i], 32);
    buf_free(&first);
    finish(&j);
}

static void one_of_two_begins(void **state)
{
    (void)state;
    int first = 0;
    for (uint32_t epoch = 0; epoch < 200; epoch++) {
        uint8_t a[32] = {7}, b[32] = {9};
        const bool begins = psi_begins(a, b, span_of("persons", 7), epoch);
        assert_int_equal(begins, !psi_begins(b, a, span_of("persons", 7), epoch));
        first += begins;
    }
    assert_in_range(first, 50, 150);
}

/* --- forgeries --- */

/* Strangers: nothing agrees, so that what a forger makes agree is seen. */
static void make_strangers(struct judged *j)
{
    for (size_t i = 0; i < ALL; i++) {
        j->slot_b[i] = (struct psi_slot){(uint16_t)i, span_of("THA", 3)};
        j->slot_e[i] = (struct psi_slot){(uint16_t)i, span_of("IDN", 3)};
    }
}

static size_t count(const uint8_t agree[ALL])
{
    size_t n = 0;
    for (size_t i = 0; i < ALL; i++)
        n += agree[i];
    return n;
}

static struct element *list2(struct judged *j)
{
    struct psi_letter2 l2;
    struct err err;
    check_ok(psi_letter2_read(&l2, buf_span(&j->letter[1]), &err), &err);
    return (struct element *)(uintptr_t)l2.list;
}

static struct element *list1(struct judged *j, bool key)
{
    struct psi_letter1 l1;
    struct err err;
    check_ok(psi_letter1_read(&l1, buf_span(&j->letter[0]), &err), &err);
    return (struct element *)(uintptr_t)(key ? l1.key : l1.list);
}

static struct element *list3(struct judged *j)
{
    struct psi_letter3 l3;
    struct err err;
    check_ok(psi_letter3_read(&l3, buf_span(&j->letter[2]), &err), &err);
    return (struct element *)(uintptr_t)l3.returned;
}

/* k times an element; k small. */
static struct element times(const struct element *e, uint64_t k)
{
    struct point p;
    struct scalar s;
    struct element out;
    struct err err;
    scalar_set(&s, k);
    check_ok(group_decode(&p, e, 1, NULL, &err), &err);
    group_mul(&p, &s, &p, 1);
    group_encode(&out, &p, 1);
    return out;
}

static const struct element *generator(void)
{
    static struct element g;
    struct point p;
    struct scalar one;
    scalar_set(&one, 1);
    group_base_mul(&p, group_generator(), &one, 1);
    group_encode(&g, &p, 1);
    return &g;
}

/* Changes a letter that E made; B refuses it, and without the check takes it. Returns how much then agrees at B. */
static size_t forged_by_e(void (*forge)(struct judged *j), enum check check)
{
    struct judged j;
    struct err err = {.text = ""};
    start(&j);
    make_strangers(&j);
    check_ok(begin(&j, &err), &err);
    check_ok(answer(&j, &err), &err);
    check_ok(end(&j, &err), &err);
    assert_int_equal(count(j.agree_b), 0);
    forge(&j);
    assert_int_equal(end(&j, &err), ERR_VERIFY);
    left_out = check;
    check_ok(end(&j, &err), &err);
    const size_t agree = count(j.agree_b);
    finish(&j);
    return agree;
}

static size_t forged_by_b(void (*forge)(struct judged *j), enum check check)
{
    struct judged j;
    struct err err = {.text = ""};
    start(&j);
    make_strangers(&j);
    run(&j);
    assert_int_equal(count(j.agree_e), 0);
    forge(&j);
    assert_int_equal(conclude(&j, &err), ERR_VERIFY);
    left_out = check;
    check_ok(conclude(&j, &err), &err);
    const size_t agree = count(j.agree_e);
    finish(&j);
    return agree;
}

/* E knows A = aG alone: c A for what it returns and c G for its own list agree whatever B has. */
static void multiples_of_the_key(struct judged *j)
{
    for (size_t p = 0; p < PAIRS; p++)
        for (size_t i = 0; i < SLOTS; i++) {
            list2(j)[p * 2 * SLOTS + i] = times(&list1(j, true)[p], 2 + i);
            list2(j)[p * 2 * SLOTS + SLOTS + i] = times(generator(), 2 + i);
        }
}

static void multiples_of_the_key_need_a_proof(void **state)
{
    (void)state;
    assert_int_equal(forged_by_e(multiples_of_the_key, CHECK_PROOF), ALL);
}

/* B sends E's answers back as a times E's list: all of them are in E's set. */
static void echo(struct judged *j)
{
    for (size_t p = 0; p < PAIRS; p++)
        memcpy(list3(j) + p * SLOTS, list2(j) + p * 2 * SLOTS, SLOTS * 32);
}

static void sending_points_back_is_refused(void **state)
{
    (void)state;
    assert_int_equal(forged_by_b(echo, CHECK_PROOF), ALL);
}

/* E sends what it got as its own list. It agrees with nothing, but is no record of anybody's. */
static void own_list_from_theirs(struct judged *j)
{
    memcpy(list2(j) + SLOTS, list1(j, false), SLOTS * 32);
}

/* E's list is not what its proof was made over, so that is left out, too, by making it anew. */
static void prove_anew(struct judged *j, size_t pairs_of_other_keys)
{
    struct names names;
    struct exchange_secret own;
    struct err err;
    uint8_t t1[32], t2[32];
    struct point p[ALL];
    const struct span letter = buf_span(&j->letter[1]);
    check_ok(names_write(&names, &j->context, &err), &err);
    digest1(t1, &names, buf_span(&j->letter[0]));
    exchange_derive(&own, j->secret_e, 'b', t1, sizeof t1, PAIRS);
    digest_proven(t2, letter, PAIRS);
    check_ok(group_decode(p, list1(j, false), ALL, NULL, &err), &err);
    for (size_t i = 0; i < pairs_of_other_keys; i++)
        scalar_random(&own.exponent[i]);
    check_ok(proof_make(j->letter[1].data + letter.len - PROOF_SIZE(PAIRS), t2, own.exponent, p, PAIRS, SLOTS, &err),
             &err);
}

static void own_list_from_theirs_proven(struct judged *j)
{
    own_list_from_theirs(j);
    prove_anew(j, 0);
}

static void an_own_list_made_of_theirs_is_refused(void **state)
{
    (void)state;
    assert_int_equal(forged_by_e(own_list_from_theirs_proven, CHECK_DISTINCT), 0);
}

static void doubled(struct judged *j)
{
    list2(j)[SLOTS + 1] = list2(j)[SLOTS];
    prove_anew(j, 0);
}

static void doubled_points_are_refused(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    (void)forged_by_e(doubled, CHECK_DISTINCT);
    start(&j);
    check_ok(begin(&j, &err), &err);
    list1(&j, false)[1] = list1(&j, false)[0];
    assert_int_equal(answer(&j, &err), ERR_VERIFY);
    left_out = CHECK_DISTINCT;
    check_ok(answer(&j, &err), &err);
    finish(&j);
}

static void identity_in_own_list(struct judged *j)
{
    memset(&list2(j)[SLOTS], 0, 32);
    prove_anew(j, 0);
}

/* The identity in list 1 comes back as the identity, whatever the exponent, and as E's own agrees with that. */
static void identities_are_refused(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    (void)forged_by_e(identity_in_own_list, CHECK_IDENTITY);
    start(&j);
    check_ok(begin(&j, &err), &err);
    memset(&list1(&j, false)[5], 0, 32);
    assert_int_equal(answer(&j, &err), ERR_VERIFY);
    left_out = CHECK_IDENTITY;
    check_ok(answer(&j, &err), &err);
    left_out = CHECK_NONE;
    check_ok(begin(&j, &err), &err);
    memset(&list1(&j, true)[0], 0, 32);
    assert_int_equal(answer(&j, &err), ERR_VERIFY);
    finish(&j);
}

/* Each returned element times another number would tell which of them agreed, however they were shuffled. */
static void exponents_of_their_own(struct judged *j)
{
    for (size_t i = 0; i < SLOTS; i++)
        list2(j)[i] = times(&list2(j)[i], 2 + i);
    prove_anew(j, 0);
}

static void different_exponents_are_refused(void **state)
{
    (void)state;
    (void)forged_by_e(exponents_of_their_own, CHECK_PROOF);
}

/* A permuted list agrees with the same elements, but tells B that others of its own do. */
static void permute(struct judged *j)
{
    const struct element first = list2(j)[0];
    list2(j)[0] = list2(j)[1];
    list2(j)[1] = first;
    prove_anew(j, 0);
}

static void a_permuted_list_is_refused(void **state)
{
    (void)state;
    (void)forged_by_e(permute, CHECK_PROOF);
}

static void permute_3(struct judged *j)
{
    const struct element first = list3(j)[0];
    list3(j)[0] = list3(j)[1];
    list3(j)[1] = first;
}

static void other_exponent_3(struct judged *j)
{
    for (size_t i = 0; i < ALL; i++)
        list3(j)[i] = times(&list3(j)[i], 3);
}

static void letter_3_is_proven_in_order(void **state)
{
    (void)state;
    (void)forged_by_b(permute_3, CHECK_PROOF);
    (void)forged_by_b(other_exponent_3, CHECK_PROOF);
}

/* A pair's key is not another's: the secrets of the proof must be those of the keys, one by one. */
static void wrong_secrets(struct judged *j)
{
    prove_anew(j, 1);
}

static void a_proof_for_other_keys_is_refused(void **state)
{
    (void)state;
    (void)forged_by_e(wrong_secrets, CHECK_PROOF);
}

/* The answer to another letter 1 with the same elements: another exchange, or a handle changed on the way. */
static void a_replayed_answer_is_refused(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    start(&j);
    run(&j);
    j.letter[0].data[0] ^= 1; /* the exchange */
    assert_int_equal(end(&j, &err), ERR_VERIFY);
    left_out = CHECK_ANSWERED;
    check_ok(end(&j, &err), &err);
    left_out = CHECK_NONE;
    j.letter[0].data[0] ^= 1;
    j.letter[0].data[PSI_EXCHANGE_SIZE + 3] ^= 1; /* a handle */
    assert_int_equal(end(&j, &err), ERR_VERIFY);
    left_out = CHECK_ANSWERED;
    check_ok(end(&j, &err), &err);
    finish(&j);
}

static void a_letter_3_for_another_letter_2_is_refused(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    start(&j);
    run(&j);
    check_ok(answer(&j, &err), &err); /* the same elements under a fresh proof */
    assert_int_equal(conclude(&j, &err), ERR_VERIFY);
    left_out = CHECK_ANSWERED;
    check_ok(conclude(&j, &err), &err);
    finish(&j);
}

/* E hashed with a handle that was changed, or for another purpose, epoch or partner: nothing agrees, and B refuses. */
static void what_is_bound_is_the_same_on_both_sides(void **state)
{
    (void)state;
    for (int what = 0; what < 6; what++) {
        struct judged j;
        struct err err;
        start(&j);
        check_ok(begin(&j, &err), &err);
        const struct psi_context before = j.context;
        if (what == 0)
            j.context.region = span_of("africa", 6);
        if (what == 1)
            j.context.purpose = span_of("documents", 9);
        if (what == 2)
            j.context.epoch++;
        if (what == 3)
            j.context.identity_b[31] ^= 1;
        if (what == 4)
            j.context.identity_e[31] ^= 1;
        if (what == 5)
            j.letter[0].data[PSI_EXCHANGE_SIZE + 3 + 20] ^= 1;
        check_ok(answer(&j, &err), &err);
        j.context = before;
        if (what == 5)
            j.letter[0].data[PSI_EXCHANGE_SIZE + 3 + 20] ^= 1;
        assert_int_equal(end(&j, &err), ERR_VERIFY);
        left_out = CHECK_ANSWERED;
        check_ok(end(&j, &err), &err);
        for (size_t i = 0; i < (what == 5 ? SLOTS : ALL); i++)
            assert_int_equal(j.agree_b[i], 0);
        finish(&j);
    }
}

/*
 * E spends the slots of pair 1 on guesses at pair 0: it sends H(guess about pair 0) there. B's answer is of no use,
 * since pair 1 has another exponent. With one exponent for both it would be: the control multiplies by pair 0's.
 */
static void slots_of_one_pair_do_not_test_another(void **state)
{
    (void)state;
    struct judged j;
    struct names names;
    struct exchange_secret a;
    struct point guess[SLOTS], with_own[SLOTS], with_first[SLOTS];
    struct element own[SLOTS], first[SLOTS];
    struct err err;
    start(&j);
    make_strangers(&j);
    check_ok(begin(&j, &err), &err);
    check_ok(names_write(&names, &j.context, &err), &err);
    derive_a(&a, j.secret_b, j.exchange, &names, j.pair, PAIRS);
    check_ok(elements_hash(guess, &names, &j.pair[0], &a, 0, j.slot_b, SLOTS, &err), &err);
    group_mul(with_own, &a.exponent[1], guess, SLOTS);
    group_mul(with_first, &a.exponent[0], guess, SLOTS);
    group_encode(own, with_own, SLOTS);
    group_encode(first, with_first, SLOTS);
    for (size_t i = 0; i < SLOTS; i++) {
        assert_memory_not_equal(&own[i], &list1(&j, false)[i], 32);
        assert_memory_equal(&first[i], &list1(&j, false)[i], 32);
    }
    finish(&j);
}

/* --- form --- */

static void every_changed_byte_is_refused(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    start(&j);
    j.status[1] = PSI_UNKNOWN;
    run(&j);
    for (size_t i = 0; i < j.letter[1].len; i += 1 + randombytes_uniform(40)) {
        j.letter[1].data[i] ^= 1;
        assert_int_not_equal(end(&j, &err), 0);
        j.letter[1].data[i] ^= 1;
    }
    check_ok(end(&j, &err), &err);
    for (size_t i = 0; i < j.letter[2].len; i += 1 + randombytes_uniform(40)) {
        j.letter[2].data[i] ^= 1;
        assert_int_not_equal(conclude(&j, &err), 0);
        j.letter[2].data[i] ^= 1;
    }
    check_ok(conclude(&j, &err), &err);
    finish(&j);
}

static void wrong_lengths_are_refused(void **state)
{
    (void)state;
    struct judged j;
    struct err err;
    struct psi_letter1 l1;
    struct psi_letter2 l2;
    struct psi_letter3 l3;
    start(&j);
    run(&j);
    for (size_t cut = 1; cut < 40; cut++) {
        assert_int_equal(psi_letter1_read(&l1, span_of(j.letter[0].data, j.letter[0].len - cut), &err), ERR_INPUT);
        assert_int_equal(psi_letter2_read(&l2, span_of(j.letter[1].data, j.letter[1].len - cut), &err), ERR_INPUT);
        assert_int_equal(psi_letter3_read(&l3, span_of(j.letter[2].data, j.letter[2].len - cut), &err), ERR_INPUT);
    }
    assert_int_equal(psi_answer(&j.letter[1], &j.context, j.secret_e, buf_span(&j.letter[0]), j.note_e, j.slot_e,
                                SLOTS - 1, j.status, &err),
                     ERR_INPUT);
    static const uint8_t too_long[PSI_VALUE_MAX + 1];
    j.slot_b[3].value = span_of(too_long, sizeof too_long);
    assert_int_equal(begin(&j, &err), ERR_INPUT);
    finish(&j);
}

int main(void)
{
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiples_of_the_key_need_a_proof),
        cmocka_unit_test(sending_points_back_is_refused),
        cmocka_unit_test(an_own_list_made_of_theirs_is_refused),
        cmocka_unit_test(doubled_points_are_refused),
        cmocka_unit_test(identities_are_refused),
        cmocka_unit_test(different_exponents_are_refused),
        cmocka_unit_test(a_permuted_list_is_refused),
        cmocka_unit_test(letter_3_is_proven_in_order),
        cmocka_unit_test(a_proof_for_other_keys_is_refused),
        cmocka_unit_test(a_replayed_answer_is_refused),
        cmocka_unit_test(a_letter_3_for_another_letter_2_is_refused),
        cmocka_unit_test(what_is_bound_is_the_same_on_both_sides),
        cmocka_unit_test(slots_of_one_pair_do_not_test_another),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(wrong_lengths_are_refused),
        cmocka_unit_test(all_statuses_have_one_length),
        cmocka_unit_test(the_same_letter_gets_the_same_answer),
        cmocka_unit_test(one_of_two_begins),
        cmocka_unit_test(agrees_with_clear_intersection),
    };
    return cmocka_run_group_tests_name("psi_judge", tests, NULL, NULL);
}
