/*
 * What a custodian lets agencies have evaluated: before any work, a first load and then days, several purposes in one
 * request, none of it forgotten by a restart. This program counts evaluations, and can let them fail (--wrap).
 */
#include "keys/custodian/statement.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/status.h"
#include "tests/unit/custodian_test.h"

static _Atomic int evaluations;
static _Atomic bool breaks;

int __real_oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                         const struct element *public_key, const struct element *blinded, size_t n, struct err *err);
int __wrap_oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                         const struct element *public_key, const struct element *blinded, size_t n, struct err *err);

int __wrap_oprf_evaluate(struct element *evaluated, struct oprf_proof *proof, const struct scalar *k,
                         const struct element *public_key, const struct element *blinded, size_t n, struct err *err)
{
    if (breaks)
        return err_set(err, ERR_INTERNAL, "the power went");
    evaluations++;
    return __real_oprf_evaluate(evaluated, proof, k, public_key, blinded, n, err);
}

/* The manifest's next version; the custodian of before has ended. */
static void restart_with(const struct region_limits *limits)
{
    stop();
    region_test_next(&test.region);
    test.region.region->purposes[0].limits = *limits;
    region_test_write(&test.region, TEST_COORDINATORS);
    start();
}

static const struct region_limits loading = {
    .load = 1024, .daily = 300, .meets = 1, .asks = 1, .judgements = 1, .entries = 1, .mailbox = 1, .letters = 1};

/* Both purposes at once. */
static int ask_both(uint64_t id, const struct element *in, size_t documents, size_t persons, struct evaluate_reply *out,
                    struct err *err)
{
    struct evaluate_request ask = {
        .coalition = first_two,
        .batch = {{1, span_of(in, documents * sizeof *in)}, {1, span_of(in + documents, persons * sizeof *in)}},
        .count = 2};
    struct wire_reply reply;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    struct wire_ends ends = {.region = "test"};
    MUST(evaluate_request_encode(&body, &ask, why));
    struct wire_request request = service_test_request(&test, WIRE_EVALUATE, id, "documents", 1, &body);
    request.scope[1] = (struct wire_scope){"persons", 1};
    request.scope_count = 2;
    party_digest(ends.peer, &test.daemon.identity.party);
    party_digest(ends.sender, &test.asker->party);
    wire_request_sign(&request, &ends, test.asker->sign_secret);
    int rc = wire_call(test.client, "peer", &request, &test.message, &reply, err);
    if (rc == 0)
        rc = evaluate_reply_decode(out, reply.body, err);
    buf_free(&body);
    return rc;
}

static int close_load(uint64_t id, const char *purpose, uint32_t epoch, struct event *event, struct err *err)
{
    struct wire_reply reply;
    struct receipt_reply receipt;
    struct buf body = buf_of(64);
    MUST(close_request_encode(&body, why));
    int rc = service_test_call(&test, WIRE_CLOSE, id, purpose, epoch, &body, &reply, err);
    if (rc == 0)
        rc = receipt_reply_decode(&receipt, reply.body, err);
    if (rc == 0)
        rc = event_decode(event, receipt.receipt.event, err);
    buf_free(&body);
    return rc;
}

static void expect_last_event(const char *kind, const char *purpose, const char *note)
{
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    MUST(ledger_entry(custodian.ledger, ledger_size(custodian.ledger) - 1, &text, why));
    MUST(event_decode(&event, buf_span(&text), why));
    assert_string_equal(event_kind_name(event.kind), kind);
    assert_string_equal(event.purpose, purpose);
    assert_string_equal(event.note, note);
    buf_free(&text);
}

static void what_is_over_a_limit_is_not_evaluated(void **state)
{
    (void)state;
    static struct element in[1100];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    elements(in, 1100, 1);
    evaluations = 0;
    expect_refusal(ask(1, "persons", 1, &first_two, in, 1001, &reply, &err), ERR_DENIED, &err, "the day's limit");
    expect_last_event("refuse", "persons", "daily");
    expect_refusal(ask_both(2, in, 10, 1001, &reply, &err), ERR_DENIED, &err, "for persons has 1000 of 1000");
    assert_int_equal(evaluations, 0);
    MUST(ask(3, "documents", 1, &first_two, in, 10, &reply, why));
    assert_int_equal(evaluations, 1);
    assert_int_equal(reply.batch[0].left, 1485); /* nothing was charged for what was refused with persons */
}

static void two_purposes_go_in_one_request(void **state)
{
    (void)state;
    struct element in[50], out[50], key;
    struct evaluate_reply reply;
    struct event event;
    const size_t n[2] = {20, 30}, purpose[2] = {1, 0};
    elements(in, 50, 1);
    MUST(ask_both(1, in, n[0], n[1], &reply, why));
    assert_int_equal(reply.count, 2);
    for (size_t i = 0, at = 0; i < 2; at += n[i++]) {
        assert_int_equal(reply.batch[i].evaluated.len, n[i] * sizeof *out);
        memcpy(out, reply.batch[i].evaluated.data, n[i] * sizeof *out);
        MUST(threshold_share_key(&key, &first_two, 1, &test.region.region->purposes[purpose[i]].epochs[0].share[0],
                                 why));
        MUST(oprf_verify_vartime(&reply.batch[i].proof, &key, in + at, out, n[i], why));
    }
    assert_int_equal(reply.batch[0].left, 1470);
    assert_int_equal(reply.batch[1].left, 1455);
    MUST(event_decode(&event, reply.receipt.event, why));
    assert_string_equal(event.scope, "documents/1:20,persons/1:30");
    assert_int_equal(event.count, 50);
    assert_int_equal(event.generation, 1);
    /* The same elements otherwise divided are another request. */
    struct err err = {.text = ""};
    expect_refusal(ask_both(1, in, 30, 20, &reply, &err), ERR_CONFLICT, &err, "id");
}

static void a_first_load_lasts_until_it_is_closed(void **state)
{
    (void)state;
    static struct element in[601];
    struct evaluate_reply reply;
    struct event event;
    struct err err = {.text = ""};
    elements(in, 601, 1);
    restart_with(&loading); /* of this custodian: 683 for the load, then 200 a day */
    MUST(ask(1, "persons", 1, &first_two, in, 600, &reply, why));
    assert_int_equal(reply.batch[0].left, 124);
    expect_refusal(ask(2, "persons", 1, &first_two, in, 84, &reply, &err), ERR_DENIED, &err,
                   "the limit of the first load for persons has 83 of 683 evaluations left; 84 were asked for");
    expect_last_event("refuse", "persons", "load");
    ahead = 86400; /* another day is the same load */
    expect_refusal(ask(2, "persons", 1, &first_two, in, 84, &reply, &err), ERR_DENIED, &err, "has 83 of 683");
    stop();
    start();
    expect_refusal(ask(3, "persons", 1, &first_two, in, 84, &reply, &err), ERR_DENIED, &err, "has 83 of 683");
    MUST(close_load(4, "persons", 1, &event, why));
    assert_int_equal(event.kind, EVENT_CLOSE);
    assert_string_equal(event.party, "AAA");
    assert_string_equal(event.note, "request");
    MUST(ask(5, "persons", 1, &first_two, in, 84, &reply, why));
    assert_int_equal(reply.batch[0].left, 174);
    stop();
    start(); /* closed for good */
    expect_refusal(ask(6, "persons", 1, &first_two, in, 117, &reply, &err), ERR_DENIED, &err,
                   "the day's limit for persons has 116 of 200");
    /* Of another agency it goes on. */
    service_test_ask_as(&test, &test.region.agency[1], test.region.region->custodians[0].url);
    MUST(ask(1, "persons", 1, &first_two, in, 601, &reply, why));
}

static void a_first_load_ends_at_its_date(void **state)
{
    (void)state;
    static struct element in[300];
    struct region_limits limits = loading;
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    elements(in, 300, 1);
    limits.load_until = clock_now() + 1000;
    restart_with(&limits);
    MUST(ask(1, "persons", 1, &first_two, in, 300, &reply, why));
    ahead = 1000;
    expect_refusal(ask(2, "persons", 1, &first_two, in, 201, &reply, &err), ERR_DENIED, &err,
                   "the day's limit for persons has 200 of 200");
    MUST(ask(3, "persons", 1, &first_two, in, 200, &reply, why));
}

static void closing_is_asked_for_by_those_who_may(void **state)
{
    (void)state;
    struct event first, again;
    struct err err = {.text = ""};
    struct element in[1];
    struct evaluate_reply reply;
    elements(in, 1, 1);
    expect_refusal(close_load(1, "weddings", 1, &first, &err), ERR_DENIED, &err, "no purpose weddings");
    expect_refusal(close_load(1, "persons", 2, &first, &err), ERR_DENIED, &err, "epoch 2 of persons");
    expect_last_event("refuse", "persons", "epoch");
    MUST(close_load(1, "persons", 1, &first, why));
    const uint64_t size = ledger_size(custodian.ledger);
    MUST(close_load(1, "persons", 1, &again, why));
    assert_memory_equal(first.salt, again.salt, sizeof first.salt); /* the same event */
    assert_int_equal(ledger_size(custodian.ledger), size);
    expect_refusal(ask(1, "persons", 1, &first_two, in, 1, &reply, &err), ERR_CONFLICT, &err, "id");
    service_test_ask_as(&test, &test.region.matcher, test.region.region->custodians[0].url);
    expect_refusal(close_load(2, "persons", 1, &first, &err), ERR_DENIED, &err, "matcher is no agency");
}

/* What broke off behind the charge is answered when it is asked again, for 8 days, and costs nothing. */
static void what_was_charged_is_owed(void **state)
{
    (void)state;
    struct element in[100];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    elements(in, 100, 1);
    breaks = true;
    assert_int_not_equal(ask(1, "persons", 1, &first_two, in, 100, &reply, &err), 0);
    breaks = false;
    stop();
    start();
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    ahead = 8 * 86400;
    MUST(custodian_tick(&custodian, why));
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1500);
    ahead = 9 * 86400;
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
}

/* The clock was days ahead, and was set right: it is the same request all the same. */
static void a_clock_that_is_set_back_charges_nothing_twice(void **state)
{
    (void)state;
    struct element in[100];
    struct evaluate_reply reply;
    elements(in, 100, 1);
    ahead = 2 * 86400;
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    ahead = 0;
    const uint64_t size = ledger_size(custodian.ledger);
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(ledger_size(custodian.ledger), size);
}

static void an_agency_can_have_limits_of_its_own(void **state)
{
    (void)state;
    struct element in[3];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    struct region *r = test.region.region;
    elements(in, 3, 1);
    stop();
    region_test_next(&test.region);
    r->overrides = calloc(1, sizeof *r->overrides);
    r->override_count = 1;
    r->overrides[0] = (struct region_override){.agency = 1, .purpose = 0, .limits = test_limits};
    r->overrides[0].limits.daily = 2; /* two thirds of it, rounded up */
    region_test_write(&test.region, TEST_COORDINATORS);
    start();
    MUST(ask(1, "persons", 1, &first_two, in, 3, &reply, why));
    service_test_ask_as(&test, &test.region.agency[1], r->custodians[0].url);
    expect_refusal(ask(2, "persons", 1, &first_two, in, 3, &reply, &err), ERR_DENIED, &err, "has 2 of 2");
    MUST(ask(3, "persons", 1, &first_two, in, 2, &reply, why));
}

/* A successor under a known name has other keys, and so an account of its own. */
static void a_successor_begins_anew(void **state)
{
    (void)state;
    struct element in[100];
    struct evaluate_reply reply;
    struct region *r = test.region.region;
    elements(in, 100, 1);
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    stop();
    region_test_next(&test.region);
    region_test_party(&test.region.agency[0], "AAA", 99);
    r->agencies[0] = test.region.agency[0].party;
    r->grant_count = 0; /* the old keys signed some */
    region_test_write(&test.region, TEST_COORDINATORS);
    start();
    MUST(ask(1, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1350);
    MUST(ask(2, "persons", 1, &first_two, in, 100, &reply, why));
    assert_int_equal(reply.batch[0].left, 1200);
}

/* What the agency signed is kept, and can be shown. */
static void statements_are_kept(void **state)
{
    (void)state;
    struct element in[5];
    struct evaluate_reply reply;
    struct wire_request kept;
    uint8_t body_hash[WIRE_HASH_SIZE];
    struct wire_ends ends = {.region = "test"};
    elements(in, 5, 1);
    MUST(ask_both(7, in, 2, 3, &reply, why));
    const uint64_t leaf = ledger_size(custodian.ledger) - 1;
    MUST(statement_find(custodian.kv, leaf, &kept, body_hash, why));
    assert_int_equal(kept.type, WIRE_EVALUATE);
    assert_int_equal(kept.scope_count, 2);
    party_digest(ends.peer, &test.daemon.identity.party);
    party_digest(ends.sender, &test.asker->party);
    MUST(wire_statement_verify(&kept, body_hash, &ends, test.asker->party.sign, why));
    body_hash[0] ^= 1;
    assert_int_equal(wire_statement_verify(&kept, body_hash, &ends, test.asker->party.sign, ERR_IGNORED), ERR_VERIFY);
    assert_int_equal(statement_find(custodian.kv, leaf + 1, &kept, body_hash, ERR_IGNORED), ERR_NOT_FOUND);
    for (int after = 0; after < 2; after++) { /* and goes when it is old */
        struct kv_batch *batch = NULL;
        size_t count = 0;
        MUST(kv_batch_new(&batch, why));
        MUST(statement_clean(custodian.kv, batch, kept.time + (uint64_t)after, 10, &count, why));
        assert_int_equal(count, after);
        MUST(kv_commit(custodian.kv, batch, false, why));
        kv_batch_free(batch);
    }
    assert_int_equal(statement_find(custodian.kv, leaf, &kept, body_hash, ERR_IGNORED), ERR_NOT_FOUND);
}

/* A new epoch: its share is put beside the old one, then manifest and shares are read anew, together. */
static void manifest_and_shares_are_read_anew(void **state)
{
    (void)state;
    struct element in[1];
    struct evaluate_reply reply;
    struct err err = {.text = ""};
    struct region_purpose *p = &test.region.region->purposes[0];
    elements(in, 1, 1);
    region_test_next(&test.region);
    p->epochs[1] = p->epochs[0];
    p->epochs[1].epoch = 2;
    p->epochs[0].until = clock_now() + 86400;
    p->epoch_count = 2;
    region_test_write(&test.region, TEST_COORDINATORS);
    expect_refusal(custodian_reload(&custodian, &err), ERR_NOT_FOUND, &err, "no share for persons, epoch 2");
    MUST(ask(1, "persons", 1, &first_two, in, 1, &reply, why));
    custodian_test_shares(shares_dir, 2, 0);
    MUST(custodian_reload(&custodian, why));
    MUST(ask(2, "persons", 2, &first_two, in, 1, &reply, why));
    expect_refusal(ask(3, "persons", 1, &first_two, in, 1, &reply, &err), ERR_DENIED, &err,
                   "epoch 1 of persons is not in force here: it is 2");
    expect_last_event("refuse", "persons", "epoch");
    region_test_next(&test.region);
    p->epochs[1].generation = 2;
    region_test_write(&test.region, TEST_COORDINATORS);
    MUST(custodian_reload(&custodian, why));
    expect_refusal(ask(4, "persons", 2, &first_two, in, 1, &reply, &err), ERR_DENIED, &err,
                   "generation 1 of the key of persons was asked for, this custodian has 2");
    expect_last_event("refuse", "persons", "generation");
}

static void expect_budget(const struct budget_purpose *p, const char *name, bool loads, uint64_t limit, uint64_t left)
{
    assert_string_equal(p->name, name);
    assert_int_equal(p->epoch, 1);
    assert_int_equal(p->loading, loads);
    assert_int_equal(p->limit, limit);
    assert_int_equal(p->left, left);
}

static struct budget_reply what_is_left(uint64_t id)
{
    struct budget_reply out;
    struct wire_reply reply;
    struct buf body = buf_of(64);
    MUST(status_request_encode(&body, why));
    MUST(service_test_call(&test, WIRE_STATUS, id, NULL, 0, &body, &reply, why));
    MUST(budget_reply_decode(&out, reply.body, why));
    assert_int_equal(out.manifest, test.region.region->version);
    assert_int_equal(out.purpose_count, 2);
    buf_free(&body);
    return out;
}

/* In tokens of the region, of the account that is in force; nothing is charged for asking. */
static void an_agency_is_told_what_is_left(void **state)
{
    (void)state;
    static struct element in[600];
    struct evaluate_reply reply;
    struct event event;
    elements(in, 600, 1);
    restart_with(&loading);
    MUST(ask(1, "persons", 1, &first_two, in, 600, &reply, why));
    MUST(ask(2, "documents", 1, &first_two, in, 10, &reply, why));
    struct budget_reply left = what_is_left(3);
    expect_budget(&left.purpose[0], "persons", true, 1024, 124);
    expect_budget(&left.purpose[1], "documents", false, 1500, 1485);
    MUST(close_load(4, "persons", 1, &event, why));
    left = what_is_left(5);
    expect_budget(&left.purpose[0], "persons", false, 300, 300);
    MUST(ask(6, "persons", 1, &first_two, in, 200, &reply, why));
    left = what_is_left(7);
    expect_budget(&left.purpose[0], "persons", false, 300, 0);
    ahead = 86400;
    left = what_is_left(8);
    expect_budget(&left.purpose[0], "persons", false, 300, 300);
    service_test_ask_as(&test, &test.region.agency[1], test.region.region->custodians[0].url);
    left = what_is_left(9);
    expect_budget(&left.purpose[0], "persons", true, 1024, 1024);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(what_is_over_a_limit_is_not_evaluated),
        CASE(two_purposes_go_in_one_request),
        CASE(a_first_load_lasts_until_it_is_closed),
        CASE(a_first_load_ends_at_its_date),
        CASE(an_agency_is_told_what_is_left),
        CASE(closing_is_asked_for_by_those_who_may),
        CASE(what_was_charged_is_owed),
        CASE(a_clock_that_is_set_back_charges_nothing_twice),
        CASE(an_agency_can_have_limits_of_its_own),
        CASE(a_successor_begins_anew),
        CASE(statements_are_kept),
        CASE(manifest_and_shares_are_read_anew),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("custodian_limits", tests, NULL, NULL);
}
