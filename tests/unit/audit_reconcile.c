/* Evaluations against use: who guesses is found, on whichever way, and who is honest is not. */
#include "protocol/audit/replay/reconcile.h"

#include "audit_test.h"

static struct audit audit;
static struct book matcher, custodian[TEST_CUSTODIANS];
static struct reconcile *reconcile;
static const struct reconcile_day *days;
static size_t day_count;
static unsigned number;
static uint64_t again, asked_again; /* tags of AAA that a replay says were added, asked for again */

/* What requests of AAA name, as a replay says. */
static struct {
    uint64_t index;
    struct event event;
    struct wire_spent_list spent;
} name[8];
static size_t names;

static int begin(void **state)
{
    char dir[32];
    (void)state;
    again = asked_again = 0;
    names = 0;
    snprintf(dir, sizeof dir, "m%u", number);
    book_open(&matcher, &world.matcher, dir);
    book_start(&matcher);
    for (int i = 0; i < TEST_CUSTODIANS; i++) {
        snprintf(dir, sizeof dir, "c%u-%d", number, i);
        book_open(&custodian[i], &world.custodian[i], dir);
        book_start(&custodian[i]);
    }
    number++;
    return 0;
}

static void forget(void)
{
    reconcile_free(reconcile);
    reconcile = NULL;
    audit_close(&audit);
}

static int end(void **state)
{
    (void)state;
    forget();
    book_close(&matcher);
    for (int i = 0; i < TEST_CUSTODIANS; i++)
        book_close(&custodian[i]);
    return 0;
}

static void pass_days(uint64_t count)
{
    book_publish(&matcher);
    matcher.time += count * DAY;
    for (int i = 0; i < TEST_CUSTODIANS; i++)
        custodian[i].time += count * DAY;
}

static uint64_t next_id; /* of an evaluated batch */

/* One custodian evaluates for a coalition, in messages as clients send them, each under an id of its own. */
static void evaluate(int at, const char *coalition, int agency, uint64_t count)
{
    for (uint64_t left = count; left > 0;) {
        uint64_t now = left < 4096 ? left : 4096;
        struct event e = event_of(&custodian[at], EVENT_EVALUATE, agency, now);
        bytes_put_u64be(e.id, ++next_id);
        strcpy(e.note, coalition);
        book_add(&custodian[at], &e);
        left -= now;
    }
}

/* Another evaluates the very same batches, those since `first`. */
static void evaluate_too(uint64_t first, int at, const char *coalition, int agency, uint64_t count)
{
    const uint64_t next = next_id;
    next_id = first;
    evaluate(at, coalition, agency, count);
    next_id = next_id > next ? next_id : next;
}

static void evaluate_both(int a, int b, int agency, uint64_t count)
{
    char coalition[24];
    const uint64_t first = next_id;
    snprintf(coalition, sizeof coalition, "%d,%d", a + 1, b + 1);
    evaluate(a, coalition, agency, count);
    evaluate_too(first, b, coalition, agency, count);
}

static void use(enum event_kind kind, int agency, uint64_t count)
{
    for (uint64_t left = count; left > 0;) {
        uint64_t now = left < 8192 ? left : 8192;
        book_put(&matcher, kind, agency, now);
        left -= now;
    }
}

/* without: a custodian whose ledger is not given; -1: none. */
static void run_all(int without)
{
    const struct reconcile_rule rule = {RECONCILE_LOST, RECONCILE_SHARED};
    char *dirs[1 + TEST_CUSTODIANS] = {matcher.export};
    size_t count = 1;
    struct verified v;
    book_publish(&matcher);
    for (int i = 0; i < TEST_CUSTODIANS; i++) {
        book_publish(&custodian[i]);
        if (i != without)
            dirs[count++] = custodian[i].export;
    }
    forget();
    open_audit(&audit, dirs, count);
    MUST(reconcile_new(&reconcile, &audit, why));
    for (size_t i = 0; i < audit.count; i++)
        MUST(verify_ledger(&audit, &audit.ledger[i], reconcile_handler(reconcile, &audit.ledger[i]), &v, why));
    const struct event put = event_of(&matcher, EVENT_PUT, AAA, again);
    const struct replay_watch *watch = reconcile_watch(reconcile);
    MUST(watch->again(watch->context, &put, "persons", again, why));
    const struct event query = event_of(&matcher, EVENT_QUERY, AAA, asked_again);
    MUST(watch->again(watch->context, &query, "persons", asked_again, why));
    for (size_t i = 0; i < names; i++)
        MUST(watch->named(watch->context, name[i].index, &name[i].event, &name[i].spent, why));
    expect_no_finding(&audit.findings); /* the ledgers themselves are in order */
    MUST(reconcile_finish(reconcile, &audit, &rule, &days, &day_count, why));
}

static void expect_honest(void)
{
    run_all(-1);
    expect_no_finding(&audit.findings);
}

/* --- honest --- */

static void an_agency_that_enrols_and_queries_is_honest(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 20000);
    use(EVENT_PUT, AAA, 20000);
    evaluate_both(1, 2, AAA, 300);
    use(EVENT_QUERY, AAA, 300);
    expect_honest();
    assert_int_equal(day_count, 1);
    assert_int_equal(days[0].tokens, 20300);
    assert_int_equal(days[0].complete, 20300);
    assert_int_equal(days[0].surplus, 0);
    assert_int_equal(days[0].verdict, RECONCILE_EVEN);
}

/* Records of one agency that share a tag cost an evaluation each and make one entry. */
static void records_that_share_tags_are_honest(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 53000);
    use(EVENT_PUT, AAA, 50000);
    expect_honest();
    assert_int_equal(days[0].surplus, 3000);
    assert_int_equal(days[0].verdict, RECONCILE_SHARING);
}

static void an_agency_that_crashes_and_tries_again_is_honest(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 50000 + 2000);
    evaluate_both(0, 1, AAA, 2 * 4096); /* lost, and evaluated again */
    evaluate(0, "1,2", AAA, 1000);      /* it crashed before the other was asked */
    use(EVENT_PUT, AAA, 50000);
    expect_honest();
    assert_int_equal(days[0].verdict, RECONCILE_SLACK);
}

/* Each batch was asked of 1 and 2; 2 was down, so 3 evaluated it and 1 knew it already. */
static void a_custodian_that_is_down_costs_nothing(void **state)
{
    (void)state;
    const uint64_t first = next_id;
    evaluate(0, "1,2", AAA, 30000);
    evaluate_too(first, 2, "1,3", AAA, 30000);
    use(EVENT_PUT, AAA, 30000);
    expect_honest();
    assert_int_equal(days[0].tokens, 30000);
    assert_int_equal(days[0].complete, 30000);
}

static void tags_that_are_put_days_later_are_explained(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 20000);
    pass_days(5);
    use(EVENT_PUT, AAA, 20000);
    expect_honest();
    assert_int_equal(day_count, 2);
    assert_int_equal(days[0].surplus, 0);
}

static void tags_removed_and_put_again_need_no_evaluation(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 10000);
    use(EVENT_PUT, AAA, 10000);
    use(EVENT_REMOVE, AAA, 4000);
    use(EVENT_PUT, AAA, 4000);
    expect_honest();
}

/* Of a request about several purposes each has its part; hits are what its lines say. */
static void several_purposes_are_counted_by_their_scope(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct event e = event_of(&custodian[i], EVENT_EVALUATE, AAA, 64);
        memset(e.purpose, 0, sizeof e.purpose);
        e.epoch = 0;
        strcpy(e.scope, "documents/1:16,persons/1:48");
        strcpy(e.note, "1,2");
        memset(e.id, 0x33, sizeof e.id);
        book_add(&custodian[i], &e);
    }
    struct event query = event_of(&matcher, EVENT_QUERY, AAA, 64);
    memset(query.purpose, 0, sizeof query.purpose);
    query.epoch = 0;
    query.hits = 3;
    strcpy(query.scope, "documents/1:16,persons/1:48");
    book_add(&matcher, &query);
    struct event hits = event_of(&matcher, EVENT_DELIVER, AAA, 3);
    strcpy(hits.partner, "BBB");
    book_add(&matcher, &hits);
    struct event notice = event_of(&matcher, EVENT_ASKED, BBB, 3);
    strcpy(notice.partner, "AAA");
    book_add(&matcher, &notice);
    expect_honest();
    assert_int_equal(day_count, 2);
    assert_int_equal(days[0].queried, 16);
    assert_int_equal(days[0].hits, 0);
    assert_int_equal(days[1].queried, 48);
    assert_int_equal(days[1].hits, 3);
    assert_int_equal(days[1].surplus, 0);
}

/* So many tags, with so many hits at BBB, and evaluated for it. */
static void ask(uint64_t count, uint64_t hits)
{
    evaluate_both(0, 1, AAA, count);
    for (uint64_t left = count; left > 0;) {
        struct event query = event_of(&matcher, EVENT_QUERY, AAA, left < 8192 ? left : 8192);
        query.hits = hits < query.count ? hits : query.count;
        book_add(&matcher, &query);
        struct event line = event_of(&matcher, EVENT_DELIVER, AAA, query.hits);
        strcpy(line.partner, "BBB");
        if (query.hits > 0)
            book_add(&matcher, &line);
        line = event_of(&matcher, EVENT_ASKED, BBB, query.hits);
        memset(line.digest, 0x11, sizeof line.digest);
        strcpy(line.partner, "AAA");
        if (query.hits > 0)
            book_add(&matcher, &line);
        left -= query.count;
        hits -= query.hits;
    }
}

static void expect_asking(enum reconcile_asking asking)
{
    expect_honest(); /* whatever it is, it accuses nobody */
    assert_int_equal(days[day_count - 1].asking, asking);
    assert_int_equal(days[day_count - 1].verdict, RECONCILE_EVEN);
}

static void questions_have_a_verdict_of_their_own(void **state)
{
    (void)state;
    ask(8192, 0);
    expect_asking(RECONCILE_ASKED_FEW);
    ask(1808, 9);
    expect_asking(RECONCILE_ASKED_SELDOM); /* 9 of 10,000 */
    ask(16, 1);
    expect_asking(RECONCILE_ASKED_USUAL);
    asked_again = 5009;
    expect_asking(RECONCILE_ASKED_AGAIN);
    asked_again = 0;
    ask(10000, 9998);
    expect_asking(RECONCILE_ASKED_USUAL); /* 10,008 of 20,016 */
    ask(16, 16);
    expect_asking(RECONCILE_ASKED_OFTEN);
    pass_days(27);
    ask(16, 0);
    expect_asking(RECONCILE_ASKED_USUAL); /* the window has them all */
    pass_days(1);
    ask(16, 0);
    expect_asking(RECONCILE_ASKED_FEW);
}

static void a_ledger_that_is_not_given_is_no_finding(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 10000);
    use(EVENT_PUT, AAA, 10000);
    run_all(1);
    expect_no_finding(&audit.findings);
    assert_int_equal(days[0].tokens, 10000);
}

/* Custodians' clocks are two days off, one ahead, one behind. */
static void custodians_whose_clocks_differ_cost_nothing(void **state)
{
    (void)state;
    pass_days(4);
    custodian[0].time += 2 * DAY;
    custodian[1].time -= 2 * DAY;
    evaluate_both(0, 1, AAA, 40000);
    const uint64_t first = next_id;
    evaluate(0, "1,3", AAA, 40000); /* both ahead: used before it was evaluated */
    custodian[2].time += 2 * DAY;
    evaluate_too(first, 2, "1,3", AAA, 40000);
    use(EVENT_PUT, AAA, 80000);
    expect_honest();
    assert_int_equal(day_count, 3);
    for (size_t i = 0; i < day_count; i++)
        assert_int_equal(days[i].surplus, 0);
}

/* A batch is one, and of the earlier day, though one custodian has it before midnight and the other behind. */
static void several_batches_at_midnight_are_honest(void **state)
{
    (void)state;
    custodian[0].time += DAY / 2 - 10;
    custodian[1].time += DAY / 2 + 10;
    matcher.time += DAY / 2 + 20;
    evaluate_both(0, 1, AAA, 10 * 4096);
    use(EVENT_PUT, AAA, 10 * 4096);
    expect_honest();
    assert_int_equal(day_count, 2);
    assert_int_equal(days[0].tokens, 10 * 4096);
    assert_int_equal(days[0].surplus, 0);
    assert_int_equal(days[0].verdict, RECONCILE_EVEN);
    assert_int_equal(days[1].tokens, 0);
    assert_int_equal(days[1].added, 10 * 4096);
}

/* --- guessing --- */

static void expect_guessing(const char *text)
{
    run_all(-1);
    expect_finding(&audit.findings, FINDING_GUESSING, text);
    assert_int_equal(audit.findings.total, 1);
}

static void a_dictionary_is_found(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 15000);
    use(EVENT_PUT, AAA, 15000);
    evaluate_both(0, 1, AAA, 10000);
    evaluate_both(0, 1, BBB, 15000);
    use(EVENT_PUT, BBB, 15000);
    expect_guessing(
        "AAA had 25000 tokens evaluated for persons from 2027-01-15 to 2027-01-15, of which 15000 were added or "
        "queried: 10000 are explained by nothing");
}

/* The second custodian writes nothing down. */
static void a_dictionary_past_one_custodian_is_found(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 15000);
    use(EVENT_PUT, AAA, 15000);
    evaluate(0, "1,2", AAA, 10000);
    expect_guessing(
        "10000 are explained by nothing; the ledger of custodian-2 lacks 10000 that others of the coalition have");
}

/* A third of it asked of each coalition, so that no custodian sees much. */
static void a_dictionary_across_coalitions_is_found(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 3400);
    evaluate_both(1, 2, AAA, 3300);
    evaluate_both(0, 2, AAA, 3300);
    expect_guessing("AAA had 10000 tokens evaluated");
}

/* Across coalitions, each time past a custodian that writes nothing down: 2 colludes. */
static void a_dictionary_across_coalitions_past_one_custodian_is_found(void **state)
{
    (void)state;
    evaluate(0, "1,2", AAA, 5000);
    evaluate(2, "2,3", AAA, 5000);
    expect_guessing("10000 are explained by nothing; the ledger of custodian-2 lacks 10000");
}

/* What was there needs no evaluation: to renew it explains none. */
static void renewals_explain_no_guesses(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 20000);
    use(EVENT_PUT, AAA, 10000);
    for (int i = 0; i < 2; i++) {
        struct event e = event_of(&matcher, EVENT_PUT, AAA, 8192);
        e.added = 0;
        e.renewed = 8192;
        book_add(&matcher, &e);
    }
    expect_guessing("of which 10000 were added or queried: 10000 are explained by nothing");
}

/* The archive tells that they are the same. */
static void tags_added_again_explain_no_guesses(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 20000);
    use(EVENT_PUT, AAA, 8000);
    use(EVENT_REMOVE, AAA, 8000);
    use(EVENT_PUT, AAA, 8000);
    again = 8000;
    expect_guessing("of which 8000 were added or queried: 12000 are explained by nothing");
    assert_int_equal(days[0].again, 8000);
    assert_int_equal(reconcile_used(&days[0]), 8000);
}

static void a_slow_dictionary_is_found(void **state)
{
    (void)state;
    for (int day = 0; day < 20; day++) {
        evaluate_both(0, 1, AAA, 1100);
        use(EVENT_QUERY, AAA, 500);
        pass_days(1);
    }
    run_all(-1);
    expect_finding(&audit.findings, FINDING_GUESSING, "explained by nothing");
    assert_int_equal(audit.findings.total, 1);
}

/* --- leaving out, making up --- */

static void a_custodian_that_omits_evaluations_is_found(void **state)
{
    (void)state;
    evaluate(0, "1,2", AAA, 500);
    use(EVENT_PUT, AAA, 500);
    run_all(-1);
    expect_finding(
        &audit.findings, FINDING_EVALUATION_OMITTED,
        "AAA added and queried 500 tags for persons that cannot have been there before, and its requests name 0 "
        "tokens as spent, but coalitions evaluated 0: a custodian leaves evaluations out");
    expect_finding(&audit.findings, FINDING_EVALUATION_OMITTED, "the ledger of custodian-2 lacks 500");
}

/* The matcher covers a dictionary with queries that were never sent, a custodian leaves its part out. */
static void a_matcher_and_a_custodian_that_collude_are_found(void **state)
{
    (void)state;
    evaluate(0, "1,2", AAA, 10000);
    use(EVENT_QUERY, AAA, 10000);
    run_all(-1);
    expect_finding(&audit.findings, FINDING_EVALUATION_OMITTED,
                   "coalitions evaluated 0: a custodian leaves evaluations out");
}

static void batches_that_the_matcher_made_up_are_found(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 100);
    use(EVENT_PUT, AAA, 200);
    run_all(-1);
    expect_finding(&audit.findings, FINDING_EVALUATION_OMITTED, "the matcher wrote down what was never sent");
}

static void an_agency_that_names_too_few_is_found_without_its_custodians(void **state)
{
    (void)state;
    evaluate_both(0, 1, AAA, 100);
    struct event put = event_of(&matcher, EVENT_PUT, AAA, 200);
    put.added = 200;
    put.spent = 200; /* of two custodians: 100 tokens */
    book_add(&matcher, &put);
    run_all(-1);
    expect_finding(&audit.findings, FINDING_EVALUATION_OMITTED,
                   "name 100 tokens as spent, but coalitions evaluated 100");
    assert_string_equal(audit.findings.kept[0].who, "AAA, matcher");
}

/* --- what requests name --- */

static const struct finding *the_finding(void)
{
    assert_int_equal(audit.findings.total, 1);
    return &audit.findings.kept[0];
}

/* A put of so many tags, evaluated by custodians 1 and 2, that names what custodian 1 has at the leaf. */
static void put_naming(uint64_t leaf, uint32_t of, uint32_t count)
{
    evaluate_both(0, 1, AAA, count);
    book_put(&matcher, EVENT_PUT, AAA, count);
    name[names].index = matcher.size - 1;
    name[names].event = event_of(&matcher, EVENT_PUT, AAA, count);
    name[names].spent = (struct wire_spent_list){{{{0}, leaf, of, count}}, 1};
    party_digest(name[names++].spent.item[0].custodian, &world.custodian[0].party);
}

static void what_was_evaluated_may_be_spent(void **state)
{
    (void)state;
    put_naming(custodian[0].size, 50, 50);
    put_naming(custodian[0].size, 50, 50);
    expect_honest();
}

static void an_event_of_another_kind_was_no_evaluation(void **state)
{
    (void)state;
    put_naming(0, 50, 50);
    run_all(-1);
    assert_int_equal(the_finding()->code, FINDING_NOT_EVALUATED);
    assert_string_equal(the_finding()->who, "AAA, custodian-1");
    expect_finding(&audit.findings, FINDING_NOT_EVALUATED, "is none of evaluating for it");
}

static void more_than_the_event_is_about_was_not_evaluated(void **state)
{
    (void)state;
    put_naming(custodian[0].size, 60, 50);
    run_all(-1);
    expect_finding(&audit.findings, FINDING_NOT_EVALUATED, "as 60 evaluations, but that is about fewer");
    assert_int_equal(the_finding()->verdict, FINDING_UNEXPLAINED);
}

static void an_old_evaluation_is_none(void **state)
{
    (void)state;
    put_naming(custodian[0].size, 50, 50);
    name[0].event.time += 40 * DAY;
    run_all(-1);
    expect_finding(&audit.findings, FINDING_NOT_EVALUATED, "is too old");
}

static void a_matcher_that_lets_it_be_spent_twice_is_found(void **state)
{
    (void)state;
    const uint64_t leaf = custodian[0].size;
    put_naming(leaf, 50, 50);
    put_naming(leaf, 50, 10);
    run_all(-1);
    assert_int_equal(the_finding()->code, FINDING_SPENT_TWICE);
    assert_int_equal(the_finding()->verdict, FINDING_GUILTY);
    assert_string_equal(the_finding()->who, "matcher");
    expect_finding(&audit.findings, FINDING_SPENT_TWICE, "AAA has spent 60 with this");
}

static void one_request_is_of_one_size(void **state)
{
    (void)state;
    const uint64_t first = next_id;
    evaluate(0, "1,2", AAA, 100);
    evaluate_too(first, 1, "1,2", AAA, 60);
    use(EVENT_PUT, AAA, 100);
    run_all(-1);
    assert_string_equal(the_finding()->who, "AAA, custodian-1, custodian-2");
    expect_finding(&audit.findings, FINDING_NOT_EVALUATED, "one custodian wrote down 60 elements, another 100");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_agency_that_enrols_and_queries_is_honest),
        TEST(records_that_share_tags_are_honest),
        TEST(an_agency_that_crashes_and_tries_again_is_honest),
        TEST(a_custodian_that_is_down_costs_nothing),
        TEST(tags_that_are_put_days_later_are_explained),
        TEST(tags_removed_and_put_again_need_no_evaluation),
        TEST(several_purposes_are_counted_by_their_scope),
        TEST(questions_have_a_verdict_of_their_own),
        TEST(a_ledger_that_is_not_given_is_no_finding),
        TEST(custodians_whose_clocks_differ_cost_nothing),
        TEST(several_batches_at_midnight_are_honest),
        TEST(a_dictionary_is_found),
        TEST(a_dictionary_past_one_custodian_is_found),
        TEST(a_dictionary_across_coalitions_is_found),
        TEST(a_dictionary_across_coalitions_past_one_custodian_is_found),
        TEST(renewals_explain_no_guesses),
        TEST(tags_added_again_explain_no_guesses),
        TEST(a_slow_dictionary_is_found),
        TEST(a_custodian_that_omits_evaluations_is_found),
        TEST(a_matcher_and_a_custodian_that_collude_are_found),
        TEST(batches_that_the_matcher_made_up_are_found),
        TEST(an_agency_that_names_too_few_is_found_without_its_custodians),
        TEST(what_was_evaluated_may_be_spent),
        TEST(an_event_of_another_kind_was_no_evaluation),
        TEST(more_than_the_event_is_about_was_not_evaluated),
        TEST(an_old_evaluation_is_none),
        TEST(a_matcher_that_lets_it_be_spent_twice_is_found),
        TEST(one_request_is_of_one_size),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_reconcile", tests, world_begin, world_end);
}
