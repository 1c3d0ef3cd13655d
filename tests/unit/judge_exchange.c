/*
 * An exchange of judging: both sides come to the same verdict, bit for bit, and never one of them alone to one. What
 * only this layer can see is tried as a forgery, and tried again on a copy without the one check that stops it, where
 * it must succeed; the forgeries of elements, proofs and transcripts are in psi_judge.c.
 */
#include "client/judge/exchange.h"

enum check { CHECK_NONE, CHECK_TWICE, CHECK_SAME, CHECK_DOCUMENTS };
static enum check left_out;
#define JUDGE_CHECK(name, call) (left_out == CHECK_##name ? 0 : (call))
#include "client/judge/exchange.c" /* NOLINT(bugprone-suspicious-include): to leave a check out, see above */

#include "tests/unit/identity_test.h"

#include "protocol/group/group.h"

#include <stdio.h>

enum { PAIRS = 50, ROUNDS = 20 };
#define RECORDS 100000

static struct schema persons;
static uint8_t digest_b[32] = {1}, digest_e[32] = {2}, secret_b[32] = {3}, secret_e[32] = {4};
static const struct judge_terms terms_b = {
    &persons, {(const uint8_t *)"asia", 4}, {(const uint8_t *)"persons", 7}, 3, digest_b, digest_e, secret_b};
static const struct judge_terms terms_e = {
    &persons, {(const uint8_t *)"asia", 4}, {(const uint8_t *)"persons", 7}, 3, digest_e, digest_b, secret_e};

static int set_up(void **state)
{
    struct err err;
    int rc = set_up_normaliser(state);
    if (rc == 0)
        rc = group_init(&err);
    return rc == 0 ? schema_read(&persons, "client/schema/persons.json", &err) : rc;
}

static void check_ok(int rc, const struct err *err)
{
    if (rc != 0)
        fail_msg("unexpected error %d: %s", rc, err->text);
}

/* --- records --- */

struct who {
    char family[32], given[32], date[16], document[16];
    const char *sex, *nationality;
};

static const char *pick(const char *const *from, size_t n)
{
    return from[randombytes_uniform((uint32_t)n)];
}
#define PICK(from) pick((from), sizeof(from) / sizeof *(from))

static void invent(struct who *w)
{
    static const char *const family[] = {"NGUYEN", "RAHMAN", "SANTOS", "SHRESTHA", "WANG", "PERERA", "SUHARTO"};
    static const char *const given[] = {"THI LAN", "ABDUL KARIM", "MARIA CLARA", "SITA", "XIAOMING", "KUMARA", ""};
    static const char *const sex[] = {"F", "M", ""}, *const nationality[] = {"VNM", "BGD", "PHL", ""};
    snprintf(w->family, sizeof w->family, "%s", PICK(family));
    snprintf(w->given, sizeof w->given, "%s", PICK(given));
    snprintf(w->date, sizeof w->date, "%u-%02u-%02u", 1960 + randombytes_uniform(50), 1 + randombytes_uniform(12),
             1 + randombytes_uniform(28));
    snprintf(w->document, sizeof w->document, "B%07u", randombytes_uniform(10000000));
    w->sex = PICK(sex);
    w->nationality = PICK(nationality);
    if (randombytes_uniform(4) == 0)
        w->date[randombytes_uniform(2) == 0 ? 0 : 4] = '\0';
    if (randombytes_uniform(2) == 0)
        w->document[0] = '\0';
}

/* The same person, a person misspelt, a twin, somebody who uses the document, or anybody. */
static void vary(struct who *other, const struct who *w)
{
    const uint32_t how = randombytes_uniform(5);
    struct who stranger;
    invent(&stranger);
    *other = *w;
    if (how == 1)
        other->family[1 + randombytes_uniform(3)] = (char)('A' + randombytes_uniform(26));
    if (how == 2)
        snprintf(other->given, sizeof other->given, "%s", stranger.given);
    if (how == 3) {
        *other = stranger;
        memcpy(other->document, w->document, sizeof other->document);
    }
    if (how == 4)
        *other = stranger;
}

static void fill(struct judge_case *c, const struct who *w)
{
    struct person p;
    person_of(&p, (const char *const[FIELDS]){[FIELD_FAMILY_NAME] = w->family,
                                              [FIELD_GIVEN_NAMES] = w->given,
                                              [FIELD_SEX] = w->sex,
                                              [FIELD_DATE_OF_BIRTH] = w->date,
                                              [FIELD_NATIONALITY] = w->nationality,
                                              [FIELD_DOC_TYPE] = w->document[0] != '\0' ? "P" : NULL,
                                              [FIELD_DOC_NUMBER] = w->document});
    elements_of_person(&c->elements, &p, RECORDS);
    person_wipe(&p);
}

static struct judge_case case_b[PAIRS], case_e[PAIRS];

/* Pairs that opened: by some keys, by a document where both have it. */
static void fill_cases(void)
{
    const uint32_t documents = schema_keys_of(&persons, CLASS_DOCUMENT);
    memset(case_b, 0, sizeof case_b);
    memset(case_e, 0, sizeof case_e);
    for (size_t p = 0; p < PAIRS; p++) {
        struct who w, other;
        invent(&w);
        vary(&other, &w);
        fill(&case_b[p], &w);
        fill(&case_e[p], &other);
        randombytes_buf(case_b[p].own, PSI_HANDLE_SIZE);
        randombytes_buf(case_e[p].own, PSI_HANDLE_SIZE);
        memcpy(case_b[p].other, case_e[p].own, PSI_HANDLE_SIZE);
        memcpy(case_e[p].other, case_b[p].own, PSI_HANDLE_SIZE);
        case_b[p].keys = case_e[p].keys = ~documents & 3;
        if (w.document[0] != '\0' && strcmp(w.document, other.document) == 0)
            case_b[p].keys = case_e[p].keys = documents;
    }
}

/* --- an exchange, both sides --- */

struct both {
    struct exchange b, e;
    uint8_t status[PAIRS];
    struct buf letter3;
    struct judge_outcome outcome_b[PAIRS], outcome_e[PAIRS];
};

static void start(struct both *x)
{
    memset(x, 0, sizeof *x);
    exchange_init(&x->b);
    exchange_init(&x->e);
    x->letter3 = buf_of(PSI_LETTER_MAX);
    left_out = CHECK_NONE;
}

static void finish(struct both *x)
{
    exchange_free(&x->b);
    exchange_free(&x->e);
    buf_free(&x->letter3);
    left_out = CHECK_NONE;
}

static void begin(struct both *x)
{
    struct err err;
    uint8_t id[PSI_EXCHANGE_SIZE];
    randombytes_buf(id, sizeof id);
    check_ok(exchange_begin(&x->b, &terms_b, id, case_b, PAIRS, &err), &err);
}

static int answer(struct both *x, struct err *err)
{
    return exchange_answer(&x->e, &terms_e, buf_span(&x->b.letter1), case_e, x->status, err);
}

static int end(struct both *x, struct err *err)
{
    buf_clear(&x->letter3);
    return exchange_end(&x->b, &x->letter3, x->outcome_b, &terms_b, buf_span(&x->e.letter2), err);
}

static int conclude(struct both *x, struct err *err)
{
    return exchange_conclude(&x->e, x->outcome_e, &terms_e, buf_span(&x->letter3), err);
}

/* As a vault would: what lies between two letters goes through bytes. */
static void sleep_between(struct exchange *x)
{
    struct buf packed = buf_of(4 * PSI_LETTER_MAX);
    struct err err;
    check_ok(exchange_pack(&packed, x, &err), &err);
    exchange_free(x);
    check_ok(exchange_unpack(x, buf_span(&packed), &err), &err);
    assert_int_equal(exchange_unpack(&(struct exchange){.pairs = 0}, span_of(packed.data, packed.len - 1), &err),
                     ERR_INPUT);
    buf_free(&packed);
}

static void run(struct both *x)
{
    struct err err;
    begin(x);
    sleep_between(&x->b);
    check_ok(answer(x, &err), &err);
    sleep_between(&x->e);
    check_ok(end(x, &err), &err);
    check_ok(conclude(x, &err), &err);
}

/* --- what comes out --- */

static void check_pair(const struct both *x, size_t p)
{
    const struct judge_outcome *b = &x->outcome_b[p], *e = &x->outcome_e[p];
    uint8_t agree_b[ELEMENT_SLOTS], agree_e[ELEMENT_SLOTS];
    assert_int_equal(b->state, e->state);
    assert_int_equal(b->judgement.kind, e->judgement.kind);
    assert_int_equal(b->judgement.score, e->judgement.score);
    assert_memory_equal(&b->judgement, &e->judgement, sizeof b->judgement);
    elements_agree(agree_b, &case_b[p].elements, &case_e[p].elements);
    elements_agree(agree_e, &case_e[p].elements, &case_b[p].elements);
    if (b->state == JUDGE_JUDGED) {
        assert_memory_equal(b->agree, agree_b, sizeof agree_b);
        assert_memory_equal(e->agree, agree_e, sizeof agree_e);
    } else
        assert_true(sodium_is_zero(e->agree, sizeof e->agree));
    if ((case_b[p].keys & schema_keys_of(&persons, CLASS_DOCUMENT)) != 0)
        assert_int_equal(b->state, JUDGE_JUDGED);
}

static void both_sides_come_to_one_verdict(void **state)
{
    (void)state;
    size_t met[JUDGE_STATES] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        struct both x;
        fill_cases();
        start(&x);
        run(&x);
        for (size_t p = 0; p < PAIRS; p++) {
            check_pair(&x, p);
            met[x.outcome_b[p].state]++;
        }
        finish(&x);
    }
    printf("# %d pairs: %zu judged, %zu different, none on one side alone\n", PAIRS * ROUNDS, met[JUDGE_JUDGED],
           met[JUDGE_DIFFERENT]);
    assert_in_range(met[JUDGE_JUDGED], PAIRS, PAIRS * ROUNDS);
    assert_in_range(met[JUDGE_DIFFERENT], PAIRS, PAIRS * ROUNDS);
    assert_int_equal(met[JUDGE_JUDGED] + met[JUDGE_DIFFERENT], PAIRS * ROUNDS);
}

static void pairs_that_the_other_does_not_judge_are_told_so(void **state)
{
    (void)state;
    struct both x;
    fill_cases();
    start(&x);
    x.status[0] = PSI_UNKNOWN;
    x.status[1] = PSI_LIMIT;
    run(&x);
    assert_int_equal(x.outcome_b[0].state, JUDGE_UNKNOWN);
    assert_int_equal(x.outcome_b[1].state, JUDGE_LIMIT);
    for (size_t p = 0; p < PAIRS; p++) {
        assert_int_equal(x.outcome_b[p].state, x.outcome_e[p].state);
        assert_true(p > 1 || sodium_is_zero(x.outcome_b[p].agree, ELEMENT_SLOTS));
    }
    finish(&x);
}

static void letter_3_tells_nothing_by_its_length(void **state)
{
    (void)state;
    size_t len[2];
    for (int all_strangers = 0; all_strangers < 2; all_strangers++) {
        struct both x;
        fill_cases();
        for (size_t p = 0; p < PAIRS; p++) {
            case_b[p].keys = case_e[p].keys = ~schema_keys_of(&persons, CLASS_DOCUMENT) & 3;
            if (all_strangers)
                memset(&case_e[p].elements, 0, sizeof case_e[p].elements);
        }
        start(&x);
        run(&x);
        assert_true(!all_strangers || x.outcome_e[0].state == JUDGE_DIFFERENT);
        len[all_strangers] = x.letter3.len;
        finish(&x);
    }
    assert_int_equal(len[0], len[1]);
}

/* --- forgeries --- */

/* Two pairs of the same handles would be guesses with the slots of two at one record. */
static void a_pair_stands_once(void **state)
{
    (void)state;
    struct both x;
    struct err err = {.text = ""};
    fill_cases();
    memcpy(case_b[7].own, case_b[3].own, PSI_HANDLE_SIZE);
    memcpy(case_b[7].other, case_b[3].other, PSI_HANDLE_SIZE);
    start(&x);
    begin(&x);
    assert_int_equal(answer(&x, &err), ERR_VERIFY);
    assert_int_equal(x.e.state, EXCHANGE_NEW);
    left_out = CHECK_TWICE;
    check_ok(answer(&x, &err), &err);
    finish(&x);
}

/* The same exponents over other elements would tell where they differ: without the check it gets the old answer. */
static void an_exchange_is_begun_once(void **state)
{
    (void)state;
    struct both x;
    struct err err = {.text = ""};
    fill_cases();
    start(&x);
    begin(&x);
    check_ok(answer(&x, &err), &err);
    const size_t len = x.e.letter2.len;
    check_ok(answer(&x, &err), &err);
    assert_int_equal(x.e.letter2.len, len);
    x.b.letter1.data[x.b.letter1.len - 1] ^= 1;
    assert_int_equal(answer(&x, &err), ERR_VERIFY);
    left_out = CHECK_SAME;
    check_ok(answer(&x, &err), &err);
    finish(&x);
}

/* B knows what agrees and would keep it from E: the schema that B has here knows no documents, so it ends the pairs. */
static void a_shared_document_is_never_different(void **state)
{
    (void)state;
    struct schema other = persons;
    struct judge_terms terms = terms_b;
    struct both x;
    struct err err = {.text = ""};
    fill_cases();
    for (size_t p = 0; p < PAIRS; p++) {
        case_b[p].keys = case_e[p].keys = schema_keys_of(&persons, CLASS_DOCUMENT);
        memset(&case_e[p].elements, 0, sizeof case_e[p].elements);
    }
    for (size_t k = 0; k < other.keys; k++)
        other.key[k].class = CLASS_PERSON;
    terms.schema = &other;
    start(&x);
    begin(&x);
    check_ok(answer(&x, &err), &err);
    check_ok(exchange_end(&x.b, &x.letter3, x.outcome_b, &terms, buf_span(&x.e.letter2), &err), &err);
    assert_int_equal(x.outcome_b[0].state, JUDGE_DIFFERENT);
    assert_int_equal(conclude(&x, &err), ERR_VERIFY);
    left_out = CHECK_DOCUMENTS;
    check_ok(conclude(&x, &err), &err);
    assert_int_equal(x.outcome_e[0].state, JUDGE_DIFFERENT);
    finish(&x);
}

/* B says that it sees no document shared where E sees one: it would be free to end the pair. */
static void who_hides_a_shared_document_is_not_answered(void **state)
{
    (void)state;
    struct both x;
    fill_cases();
    case_e[0].keys = schema_keys_of(&persons, CLASS_DOCUMENT);
    case_b[0].keys = ~schema_keys_of(&persons, CLASS_DOCUMENT) & 3;
    start(&x);
    run(&x);
    assert_int_equal(x.outcome_b[0].state, JUDGE_UNKNOWN);
    assert_int_equal(x.outcome_e[0].state, JUDGE_UNKNOWN);
    finish(&x);
}

/* Letters out of turn, and those of another exchange, change nothing. */
static void letters_come_in_their_turn(void **state)
{
    (void)state;
    struct both x, other;
    struct err err = {.text = ""};
    fill_cases();
    start(&x);
    start(&other);
    begin(&x);
    begin(&other);
    assert_int_equal(conclude(&x, &err), ERR_VERIFY);
    check_ok(answer(&x, &err), &err);
    check_ok(answer(&other, &err), &err);
    assert_int_equal(exchange_end(&x.b, &x.letter3, x.outcome_b, &terms_b, buf_span(&other.e.letter2), &err),
                     ERR_VERIFY);
    assert_int_equal(x.b.state, EXCHANGE_BEGUN);
    check_ok(end(&x, &err), &err);
    check_ok(end(&other, &err), &err);
    assert_int_equal(exchange_conclude(&x.e, x.outcome_e, &terms_e, buf_span(&other.letter3), &err), ERR_VERIFY);
    check_ok(conclude(&x, &err), &err);
    assert_int_equal(conclude(&x, &err), ERR_VERIFY);
    assert_int_equal(end(&x, &err), ERR_VERIFY);
    finish(&x);
    finish(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_stands_once),
        cmocka_unit_test(an_exchange_is_begun_once),
        cmocka_unit_test(a_shared_document_is_never_different),
        cmocka_unit_test(who_hides_a_shared_document_is_not_answered),
        cmocka_unit_test(letters_come_in_their_turn),
        cmocka_unit_test(letter_3_tells_nothing_by_its_length),
        cmocka_unit_test(pairs_that_the_other_does_not_judge_are_told_so),
        cmocka_unit_test(both_sides_come_to_one_verdict),
    };
    return cmocka_run_group_tests_name("judge_exchange", tests, set_up, tear_down_normaliser);
}
