/* A custodian at work: what it evaluates verifies; what it charges, once; what it refuses, and why. */
#include "tests/unit/custodian_test.h"

static void what_it_evaluates_verifies(void **state)
{
    (void)state;
    struct element in[50], key, out[50];
    struct evaluate_reply reply;
    elements(in, 50, 1);
    MUST(ask(1, "persons", 1, &first_and_third, in, 50, &reply, why));
    assert_int_equal(reply.batch[0].evaluated.len, sizeof out);
    memcpy(out, reply.batch[0].evaluated.data, sizeof out);
    MUST(threshold_share_key(&key, &first_and_third, 1, &test.region.region->purposes[0].epochs[0].share[0], why));
    MUST(oprf_verify_vartime(&reply.batch[0].proof, &key, in, out, 50, why));
    /* Of the other purpose's share nothing is seen here. */
    MUST(threshold_share_key(&key, &first_and_third, 1, &test.region.region->purposes[1].epochs[0].share[0], why));
    assert_int_equal(oprf_verify_vartime(&reply.batch[0].proof, &key, in, out, 50, ERR_IGNORED), ERR_VERIFY);
}

static void a_request_is_charged_once(void **state)
{
    (void)state;
    struct element in[100], other[100];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    elements(in, 100, 1);
    elements(other, 100, 2);
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    /* Again; of another coalition, since one of the first did not answer; after a restart. */
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    MUST(ask(1, "persons", 1, &first_and_third, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    stop();
    start();
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    /* The id does not open a second account. */
    expect_refusal(ask(1, "persons", 1, &first_two, other, 100, &reply, &err), ERR_CONFLICT, &err, "id");
    expect_refusal(ask(1, "persons", 1, &first_two, in, 99, &reply, &err), ERR_CONFLICT, &err, "id");
    expect_refusal(ask(1, "documents", 1, &first_two, in, 100, &reply, &err), ERR_CONFLICT, &err, "id");
    MUST(ask(2, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1200);
    /* Another purpose and another agency have limits of their own; and ids. */
    MUST(ask(3, "documents", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    service_test_ask_as(&test, &test.region.agency[1], test.region.region->custodians[0].url);
    MUST(ask(1, "persons", 1, &first_two, other, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
}

static void the_days_limit_ends(void **state)
{
    (void)state;
    static struct element in[1001];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    elements(in, 1001, 1);
    expect_refusal(ask(1, "persons", 1, &first_two, in, 1001, &reply, &err), ERR_DENIED, &err,
                   "the day's limit for persons has 1000 of 1000 evaluations left; 1001 were asked for");
    MUST(ask(2, "persons", 1, &first_two, in, 1000, &reply, why));
    assert_int_equal(reply.batch[0].left, 0);
    expect_refusal(ask(3, "persons", 1, &first_two, in, 1, &reply, &err), ERR_DENIED, &err, "has 0 of 1000");
    MUST(ask(2, "persons", 1, &first_two, in, 1000, &reply, why)); /* what was paid for is answered again */
    MUST(ask(4, "documents", 1, &first_two, in, 1, &reply, why));
}

/* A clock that steps back over midnight: its events stay on the new day, and so does what is charged. */
static void what_is_charged_and_its_event_are_of_one_day(void **state)
{
    (void)state;
    struct element in[100];
    struct evaluate_reply reply;
    elements(in, 100, 1);
    ahead = 0;
    ahead = (time_t)(86400 - clock_now() % 86400);
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    ahead -= 20;
    MUST(ask(2, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1200);
    ahead += 86400 + 20;
    MUST(ask(3, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    ahead = 0;
}

static void what_is_not_allowed_is_refused(void **state)
{
    (void)state;
    struct element in[3];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    elements(in, 3, 1);
    const struct coalition without = {{2, 3}, 2}, one = {{1}, 1}, three = {{1, 2, 3}, 3}, twice = {{1, 1}, 2},
                           falling = {{2, 1}, 2}, zero = {{0, 1}, 2}, beyond = {{1, 4}, 2};
    const struct {
        const char *purpose;
        uint32_t epoch;
        const struct coalition *coalition;
        int code;
        const char *said;
    } cases[] = {
        {"weddings", 1, &first_two, ERR_DENIED, "no purpose weddings"},
        {"persons", 2, &first_two, ERR_DENIED, "epoch 2 of persons is not in force"},
        {"persons", 1, &without, ERR_INPUT, "coalition"},
        {"persons", 1, &one, ERR_INPUT, "coalition"},
        {"persons", 1, &three, ERR_INPUT, "coalition"},
        {"persons", 1, &twice, ERR_INPUT, "coalition"},
        {"persons", 1, &falling, ERR_INPUT, "coalition"},
        {"persons", 1, &zero, ERR_INPUT, "coalition"},
        {"persons", 1, &beyond, ERR_INPUT, "custodian 4 in a coalition, where there are 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refusal(ask(i, cases[i].purpose, cases[i].epoch, cases[i].coalition, in, 3, &reply, &err), cases[i].code,
                       &err, cases[i].said);
    memset(in[1].bytes, 0xff, 32);
    expect_refusal(ask(20, "persons", 1, &first_two, in, 3, &reply, &err), ERR_INPUT, &err, "1");
    memset(in[1].bytes, 0, 32);
    expect_refusal(ask(21, "persons", 1, &first_two, in, 3, &reply, &err), ERR_INPUT, &err, "1");
    elements(in, 3, 1);
    MUST(ask(22, "persons", 1, &first_two, in, 3, &reply, why));
    assert_int_equal(reply.batch[0].left, 1486); /* of the above, only what were no elements was charged */
}

/* The others of the region are known, but are no agencies; and an agency asks a custodian for evaluations only. */
static void who_may_ask_what(void **state)
{
    (void)state;
    struct element in[1];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    struct wire_reply answer;
    struct buf body = buf_of(100);
    elements(in, 1, 1);
    MUST(buf_put(&body, "\x80", 1, why));
    expect_refusal(service_test_call(&test, WIRE_PREKEYS, 1, NULL, 0, &body, &answer, &err), ERR_DENIED, &err,
                   "PREKEYS");
    MUST(service_test_call(&test, WIRE_CHECKPOINT, 1, NULL, 0, &body, &answer, why));
    expect_refusal(service_test_call(&test, WIRE_EVALUATE, 1, "persons", 1, &body, &answer, &err), ERR_INPUT, &err,
                   "is missing");
    service_test_ask_as(&test, &test.region.matcher, test.region.region->custodians[0].url);
    expect_refusal(ask(1, "persons", 1, &first_two, in, 1, &reply, &err), ERR_DENIED, &err, "matcher is no agency");
    expect_refusal(service_test_call(&test, WIRE_STATUS, 2, NULL, 0, &body, &answer, &err), ERR_DENIED, &err,
                   "matcher is no agency");
    service_test_ask_as(&test, &test.region.coordinator[0], test.region.region->custodians[0].url);
    expect_refusal(ask(1, "persons", 1, &first_two, in, 1, &reply, &err), ERR_DENIED, &err,
                   "coordinator-1 is no agency");
    buf_free(&body);
}

/* The reply is the custodian's word: its log key signs it, and the receipt shows the event that names the request. */
static void an_answer_can_be_shown_to_others(void **state)
{
    (void)state;
    struct element in[3];
    struct evaluate_request ask = {.coalition = first_two, .batch = {{1, span_of(in, sizeof in)}}, .count = 1};
    struct evaluate_reply reply;
    struct wire_reply answer;
    struct event event;
    uint8_t hash[WIRE_HASH_SIZE];
    struct wire_ends ends = {.region = "test"};
    struct buf body = buf_of(1024);
    elements(in, 3, 1);
    MUST(evaluate_request_encode(&body, &ask, why));
    const struct wire_request request = service_test_request(&test, WIRE_EVALUATE, 9, "persons", 1, &body);
    MUST(wire_call(test.client, "peer", &request, &test.message, &answer, why));
    MUST(evaluate_reply_decode(&reply, answer.body, why));
    party_digest(ends.peer, &test.region.custodian[0].party);
    party_digest(ends.sender, &test.region.agency[0].party);
    wire_request_hash(hash, &request, &ends);
    MUST(evaluate_reply_verify(&reply, hash, test.region.custodian[0].party.log, why));
    MUST(event_decode(&event, reply.receipt.event, why));
    assert_memory_equal(event.request, hash, sizeof hash);
    assert_memory_equal(event.id, request.id, sizeof event.id);
    assert_int_equal(event.generation, 1);
    assert_int_equal(event.count, 3);
    buf_free(&body);
}

/* Nothing is served that the sender's key did not sign for this custodian, now. */
static void signatures_and_times_are_checked(void **state)
{
    (void)state;
    struct element in[3];
    struct evaluate_request ask = {.coalition = first_two, .batch = {{1, span_of(in, sizeof in)}}, .count = 1};
    struct wire_reply answer;
    struct err err = {.text = ""};
    struct buf body = buf_of(1024);
    struct wire_ends ends = {.region = "test"};
    elements(in, 3, 1);
    MUST(evaluate_request_encode(&body, &ask, why));
    struct wire_request request = service_test_request(&test, WIRE_EVALUATE, 9, "persons", 1, &body);
    request.signature[5] ^= 1;
    expect_refusal(wire_call(test.client, "peer", &request, &test.message, &answer, &err), ERR_INPUT, &err,
                   "signature");
    request = service_test_request(&test, WIRE_EVALUATE, 9, "persons", 1, &body);
    party_digest(ends.peer, &test.region.custodian[0].party);
    party_digest(ends.sender, &test.region.agency[0].party);
    request.time -= 8 * 86400;
    wire_request_sign(&request, &ends, test.asker->sign_secret);
    expect_refusal(wire_call(test.client, "peer", &request, &test.message, &answer, &err), ERR_CLOCK, &err,
                   "more than 7 days ago");
    buf_free(&body);
}

/* What is no request of this version is answered, too. */
static void what_cannot_be_read_is_answered(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    static const char old[] = "\x94\x01\x08\xc4\x10"
                              "0123456789abcdef\x80";
    buf_clear(&test.message);
    MUST(rpc_call(test.client, span_of(old, sizeof old - 1), &test.message, why));
    MUST(wire_reply_decode(&reply, buf_span(&test.message), why));
    assert_int_equal(reply.type, WIRE_UNKNOWN);
    expect_refusal(wire_status_error(&reply, "peer", &err), ERR_INPUT, &err, "protocol version 1");
}

static void wrong_shares_do_not_start(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    char other[160];
    snprintf(other, sizeof other, "%s-of-another", shares_dir);
    MUST(dir_make(other, 0700, why));
    custodian_test_shares(other, 1, 1);
    stop();
    int rc = custodian_open(&custodian, &test.daemon, other, &err);
    custodian_close(&custodian);
    expect_refusal(rc, ERR_VERIFY, &err, "persons");
    start();
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_it_evaluates_verifies),
        CASE(a_request_is_charged_once),
        CASE(the_days_limit_ends),
        CASE(what_is_not_allowed_is_refused),
        CASE(who_may_ask_what),
        CASE(wrong_shares_do_not_start),
        CASE(what_is_charged_and_its_event_are_of_one_day),
        CASE(an_answer_can_be_shown_to_others),
        CASE(signatures_and_times_are_checked),
        CASE(what_cannot_be_read_is_answered),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("custodian_evaluate", tests, NULL, NULL);
}
