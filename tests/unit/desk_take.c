/*
 * Letters of disclosure from a partner that cheats: what answers nothing, tells what nobody asked for, changes what it
 * is about or recalls what never was is refused, and leaves nothing. What was disclosed goes when its time is over.
 */
#include "client/desk/desk.h"
#include "tests/unit/letters_test.h"

static struct correspondent aaa, bbb;
static struct desk_counts counts;
static const uint8_t thread[LETTER_THREAD_SIZE] = {7};

static void give_purpose(struct correspondent *c)
{
    struct agency_purpose *p = &c->agency.purpose[0];
    p->region = &post_region.region->purposes[0];
    p->epoch = region_current(p->region);
    c->agency.purposes = 1;
    MUST(vault_domain(c->agency.vault, "persons", p->epoch->epoch, &p->domain, why));
}

static int setup(void **state)
{
    (void)state;
    post_open(&aaa, &bbb);
    give_purpose(&aaa);
    give_purpose(&bbb);
    party_round(&aaa, NULL, 0);
    party_round(&bbb, NULL, 0);
    counts = (struct desk_counts){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    post_close(&aaa, &bbb);
    return 0;
}

/* What became of a letter that AAA sent and BBB looked at: how many of its round were refused. */
static uint64_t refused(enum letter_kind kind, const struct buf *body)
{
    struct letter_handler handler[DESK_HANDLERS];
    desk_handlers(handler, &counts);
    party_queue(&aaa, &bbb, kind, buf_span(body));
    party_round(&aaa, NULL, 0);
    return party_round(&bbb, handler, DESK_HANDLERS).refused;
}

static uint64_t ask(uint64_t number, uint8_t handle, const char *basis)
{
    struct disclosure_ask a = {.epoch = 1,
                               .about = {handle},
                               .own = {2},
                               .subject = ABOUT_MATCH,
                               .number = number,
                               .fields = 1u << DISCLOSE_SEX,
                               .urgency = REGION_URGENT,
                               .by = "malee",
                               .reason = "why"};
    struct buf body = buf_of(4096);
    snprintf(a.basis, sizeof a.basis, "%s", basis);
    MUST(disclosure_ask_encode(&body, &a, why));
    uint64_t n = refused(LETTER_ASK, &body);
    buf_free(&body);
    return n;
}

static uint64_t answer(uint64_t number, enum disclosure_field field)
{
    static struct disclosure_answer a;
    struct buf body = buf_of(4096);
    a = (struct disclosure_answer){
        .number = number,
        .code = ANSWER_ALL,
        .by = "malee",
        .count = 1,
        .value = {{.field = field, .source = SOURCE_TYPED, .handling = HANDLING_COURT, .bytes = span_of("F", 1)}}};
    MUST(disclosure_answer_encode(&body, &a, why));
    uint64_t n = refused(LETTER_ANSWER, &body);
    buf_free(&body);
    return n;
}

static uint64_t recall(uint64_t number, enum disclosure_recall_step step)
{
    const struct disclosure_recall r = {.number = number, .step = step, .why = RECALL_WRONG, .by = "malee"};
    struct buf body = buf_of(4096);
    MUST(disclosure_recall_encode(&body, &r, why));
    uint64_t n = refused(LETTER_RECALL, &body);
    buf_free(&body);
    return n;
}

/* BBB has asked AAA, in that thread, for the sex. */
static void bbb_asked(void)
{
    struct vault_inquiry q = {
        .domain = bbb.agency.purpose[0].domain, .purpose = "persons", .id = "B1", .subject = ABOUT_MATCH};
    const struct disclosure_ask a = {.subject = ABOUT_MATCH,
                                     .epoch = 1,
                                     .number = 1,
                                     .fields = 1u << DISCLOSE_SEX,
                                     .basis = "national-law",
                                     .by = "budi",
                                     .reason = "why"};
    struct vault_inquiry_letter l = {.ours = true, .kind = LETTER_ASK, .ask = 1, .state = INQUIRY_OPEN, .by = "budi"};
    struct buf body = buf_of(4096);
    memcpy(q.peer, aaa.digest, sizeof q.peer);
    memcpy(q.thread, thread, sizeof q.thread);
    MUST(disclosure_ask_encode(&body, &a, why));
    MUST(vault_inquiry_put(bbb.agency.vault, &q, why));
    l.inquiry = q.number;
    l.body = buf_span(&body);
    MUST(vault_inquiry_letter_put(bbb.agency.vault, &l, why));
    buf_free(&body);
}

struct sight {
    uint64_t letters, wiped, open, recalled;
};

static int count(void *context, const struct vault_inquiry *inquiry, const struct vault_inquiry_letter *l,
                 struct err *err)
{
    struct sight *s = context;
    (void)inquiry;
    (void)err;
    s->letters++;
    s->wiped += l->body.len == 0;
    s->open += l->state == INQUIRY_OPEN;
    s->recalled += l->state == INQUIRY_RECALLED;
    return 0;
}

static struct sight seen(void)
{
    struct sight s = {0};
    MUST(vault_inquiry_letters(bbb.agency.vault, 0, INQUIRY_BY_NEED, clock_now(), count, &s, why));
    return s;
}

/* --- the tests --- */

static void a_question_stays_about_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(ask(1, 1, "national-law"), 0);
    assert_int_equal(ask(1, 1, "national-law"), 1);
    assert_int_equal(ask(2, 9, "national-law"), 1);
    assert_int_equal(ask(2, 1, "whim"), 1);
    assert_int_equal(seen().letters, 1);
    assert_int_equal(ask(2, 1, "national-law"), 0);
    assert_int_equal(seen().open, 2);
    assert_int_equal(counts.asked, 2);
}

static void an_answer_is_to_a_question(void **state)
{
    (void)state;
    assert_int_equal(answer(1, DISCLOSE_SEX), 1);
    bbb_asked();
    assert_int_equal(answer(2, DISCLOSE_SEX), 1);
    assert_int_equal(answer(1, DISCLOSE_FAMILY_NAME), 1);
    assert_int_equal(seen().letters, 1);
    assert_int_equal(answer(1, DISCLOSE_SEX), 0);
    assert_int_equal(answer(1, DISCLOSE_SEX), 1);
    assert_int_equal(seen().letters, 2);
    assert_int_equal(seen().open, 0);
}

static void a_recall_is_of_an_answer(void **state)
{
    (void)state;
    bbb_asked();
    assert_int_equal(recall(1, RECALL_ORDERED), 1);
    assert_int_equal(recall(1, RECALL_DONE), 1);
    assert_int_equal(answer(1, DISCLOSE_SEX), 0);
    assert_int_equal(recall(1, RECALL_ORDERED), 0);
    assert_int_equal(seen().recalled, 1);
    assert_int_equal(seen().wiped, 1);
    assert_int_equal(seen().open, 0); /* nobody had looked at it: acknowledged */
}

static void garbage_is_refused(void **state)
{
    (void)state;
    static const enum letter_kind kinds[] = {LETTER_ASK, LETTER_ANSWER, LETTER_OUTCOME, LETTER_RECALL};
    struct buf body = buf_of(64);
    MUST(buf_put(&body, "\x81\xa3", 2, why));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_int_equal(refused(kinds[i], &body), 1);
    assert_int_equal(seen().letters, 0);
    buf_free(&body);
}

static void time_wipes_and_makes_late(void **state)
{
    (void)state;
    assert_int_equal(ask(1, 1, "national-law"), 0);
    MUST(desk_age(&bbb.agency, &counts, why));
    assert_int_equal(counts.late, 0);
    post->later += 86400 + 60;
    MUST(desk_age(&bbb.agency, &counts, why));
    assert_int_equal(counts.late, 1);
    assert_int_equal(counts.late_theirs, 0);
    assert_int_equal(seen().wiped, 0);
    post->later += 31536000;
    MUST(desk_age(&bbb.agency, &counts, why));
    assert_int_equal(counts.wiped, 1);
    assert_int_equal(seen().wiped, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_question_stays_about_what_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_is_to_a_question, setup, teardown),
        cmocka_unit_test_setup_teardown(a_recall_is_of_an_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(garbage_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(time_wipes_and_makes_late, setup, teardown),
    };
    return sodium_init() < 0 || group_init(ERR_IGNORED) != 0
               ? 1
               : cmocka_run_group_tests_name("desk_take", tests, NULL, NULL);
}
