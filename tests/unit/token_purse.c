/* What was evaluated is kept, and named once; a vault that was put back names what is spent, and gets over it. */
#include "client/token/parcel.h"
#include "matcher/service/service.h"
#include "protocol/wire/entry.h"
#include "tests/unit/service_test.h"
#include "tests/unit/token_test.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD 200 /* of an entry with four slots */

static int64_t later; /* seconds by which the clock is ahead */

int clock_gettime(clockid_t clock, struct timespec *out)
{
    const int rc = (int)syscall(SYS_clock_gettime, clock, out);
    out->tv_sec += clock == CLOCK_REALTIME ? later : 0;
    return rc;
}

static struct service_test test;
static struct matcher matcher;
static struct agency_config config;
static struct agency agency;
static struct agency_purpose purpose;
static char path[160];

static void open_vault(void)
{
    const uint8_t secret[32] = {1};
    MUST(vault_open(&agency.vault, path, secret, why));
    MUST(vault_domain(agency.vault, "persons", 1, &purpose.domain, why));
}

static int setup(void **state)
{
    (void)state;
    later = 0;
    memset(&test, 0, sizeof test);
    region_test_new(&test.region);
    snprintf(path, sizeof path, "%s/vault.db", test.region.dir);
    struct region *r = test.region.region;
    agency = (struct agency){.config = &config, .identity = &test.region.agency[0], .region = r};
    purpose = (struct agency_purpose){.region = &r->purposes[0], .epoch = &r->purposes[0].epochs[0]};
    open_vault();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rpc_client_close(agency.matcher);
    vault_close(agency.vault);
    region_test_end(&test.region);
    return 0;
}

/* A batch of two custodians; its number is their leaf. */
static void evaluated(uint64_t leaf, uint32_t of, uint64_t time)
{
    struct vault_evaluation e = {
        .time = time, .of = of, .custodians = 2, .by = {{{2}, leaf}, {{1}, leaf}}, .receipts = span_of("one\0two", 8)};
    MUST(vault_evaluation_add(agency.vault, purpose.domain, &e, why));
}

static int count_tokens(void *context, const struct vault_evaluation *evaluation, struct err *err)
{
    (void)err;
    *(uint64_t *)context += evaluation->of - evaluation->taken;
    return 0;
}

static uint64_t tokens_left(void)
{
    uint64_t sum = 0;
    MUST(vault_evaluations(agency.vault, purpose.domain, 0, count_tokens, &sum, why));
    return sum;
}

static struct purse_taken take(size_t tokens)
{
    struct purse *purse = NULL;
    struct purse_taken taken;
    MUST(purse_load(&purse, agency.vault, purpose.domain, why));
    purse_take(purse, tokens, &taken);
    purse_free(purse);
    return taken;
}

static void store(const struct purse_taken *taken)
{
    MUST(vault_begin(agency.vault, why));
    MUST(purse_store(taken, agency.vault, why));
    MUST(vault_commit(agency.vault, why));
    vault_rollback(agency.vault);
}

static int count_receipts(void *context, int64_t number, struct span receipt, struct err *err)
{
    (void)number;
    (void)err;
    assert_int_equal(receipt.len, 3);
    ++*(unsigned *)context;
    return 0;
}

static void what_was_evaluated_is_named_once(void **state)
{
    (void)state;
    unsigned receipts = 0;
    evaluated(7, 40, clock_now());
    evaluated(8, 100, clock_now());
    evaluated(8, 100, clock_now()); /* a crash came, and it was asked for again */
    MUST(vault_settle(agency.vault, why));
    const struct purse_taken taken = take(120);
    assert_int_equal(taken.spent.count, 4);
    const struct wire_spent *item = taken.spent.item;
    assert_int_equal(item[0].custodian[0], 1);
    assert_int_equal(item[0].leaf, 7);
    assert_int_equal(item[0].of, 40);
    assert_int_equal(item[0].count, 20);
    assert_int_equal(item[1].leaf, 8);
    assert_int_equal(item[1].count, 100);
    assert_int_equal(item[2].custodian[0], 2);
    store(&taken);
    vault_close(agency.vault);
    open_vault();
    assert_int_equal(tokens_left(), 20);
    assert_int_equal(take(120).spent.item[0].count, 20);
    MUST(vault_evaluation_receipts(agency.vault, count_receipts, &receipts, why));
    assert_int_equal(receipts, 4);
}

static void what_is_not_committed_was_not_evaluated(void **state)
{
    (void)state;
    evaluated(7, 40, clock_now());
    vault_close(agency.vault);
    open_vault();
    MUST(vault_settle(agency.vault, why));
    assert_int_equal(tokens_left(), 0);
}

static void a_request_names_what_it_has_room_for(void **state)
{
    (void)state;
    for (uint64_t leaf = 1; leaf <= 40; leaf++)
        evaluated(leaf, leaf == 40 ? 5 : 1, clock_now());
    MUST(vault_settle(agency.vault, why));
    const struct purse_taken taken = take(1000);
    assert_int_equal(taken.spent.count, WIRE_SPENT_MAX);
    assert_int_equal(taken.spent.item[WIRE_SPENT_MAX - 1].count, 5);
}

static void old_ones_are_not_named(void **state)
{
    (void)state;
    evaluated(7, 40, clock_now() - PURSE_SECONDS - 60);
    evaluated(8, 30, clock_now() - PURSE_SECONDS + 60);
    MUST(vault_settle(agency.vault, why));
    assert_int_equal(tokens_left(), 70);
    assert_int_equal(take(100).spent.item[0].count, 30);
}

static int count_all(void *context, int64_t number, struct span receipt, struct err *err)
{
    (void)number;
    (void)receipt;
    (void)err;
    ++*(unsigned *)context;
    return 0;
}

static unsigned receipts_kept(void)
{
    unsigned count = 0;
    MUST(vault_receipts(agency.vault, count_all, &count, why));
    MUST(vault_evaluation_receipts(agency.vault, count_all, &count, why));
    return count;
}

static void receipts_are_kept_as_far_as_an_audit_reaches(void **state)
{
    (void)state;
    evaluated(7, 40, clock_now());
    MUST(vault_settle(agency.vault, why));
    MUST(vault_receipt_put(agency.vault, span_of("receipt", 7), why));
    later = RECEIPT_KEPT_SECONDS - 60;
    evaluated(8, 40, clock_now());
    MUST(vault_settle(agency.vault, why));
    MUST(vault_receipt_put(agency.vault, span_of("receipt", 7), why));
    assert_int_equal(receipts_kept(), 2 * 2 + 2);
    later = RECEIPT_KEPT_SECONDS + 60;
    evaluated(9, 40, clock_now());
    MUST(vault_settle(agency.vault, why));
    MUST(vault_receipt_put(agency.vault, span_of("receipt", 7), why));
    assert_int_equal(receipts_kept(), 2 * 2 + 2);
}

/* --- at the matcher --- */

static void start_matcher(void)
{
    static const struct matcher_config no_archive = {.no_archive = true};
    static struct daemon_service service;
    service_test_new(&test, &test.region.matcher);
    MUST(matcher_open(&matcher, &test.daemon, &no_archive, why));
    service = (struct daemon_service){.authorise = matcher_authorise, .handle = matcher_handle, .context = &matcher};
    service_test_serve(&test, test.region.region->matcher_url, &service);
}

static void stop_matcher(void)
{
    service_test_stop(&test);
    matcher_drained(&matcher);
    matcher_close(&matcher);
    buf_free(&test.message);
}

/* In the outbox: a put of four tags that spends all of leaf 7. */
static void leave(uint8_t first)
{
    uint8_t tags[4][WIRE_TAG_SIZE] = {{first}, {first + 1}, {first + 2}, {first + 3}}, payloads[4 * PAYLOAD] = {0};
    struct put_request put = {.entries = {span_of(tags, sizeof tags), PAYLOAD, span_of(payloads, sizeof payloads)},
                              .spent = {{{{1}, 7, 4, 4}, {{2}, 7, 4, 4}}, 2}};
    struct wire_request message = {.type = WIRE_PUT, .id = {first}, .scope_count = 1};
    struct vault_request request = {.id = {first}, .type = WIRE_PUT, .count = 4, .body = buf_of(RPC_MESSAGE_MAX)};
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    snprintf(message.scope[0].purpose, sizeof message.scope[0].purpose, "persons");
    message.scope[0].epoch = 1;
    MUST(put_request_encode(&body, &put, why));
    message.body = buf_span(&body);
    leave_in_outbox(&agency, &request, &message);
    buf_free(&body);
}

static enum parcel_stage send_left(struct parcel *parcel, uint64_t *put)
{
    bool found = false;
    uint64_t removed = 0;
    MUST(parcel_send_left(parcel, &found, why));
    assert_true(found);
    MUST(parcel_finish(parcel, put, &removed, why));
    return parcel_stage(parcel);
}

/* The backup was of before the first request. */
static void a_vault_that_was_put_back_gets_over_it(void **state)
{
    (void)state;
    struct parcel *parcel;
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    uint64_t put = 0;
    bool found = true;
    start_matcher();
    MUST(parcel_new(&parcel, &agency, &purpose, why));
    evaluated(7, 4, clock_now());
    MUST(vault_settle(agency.vault, why));
    leave(0x10);
    assert_int_equal(send_left(parcel, &put), PARCEL_DONE);
    leave(0x20);
    assert_int_equal(send_left(parcel, &put), PARCEL_SENDING);
    assert_int_equal(put, 4);
    assert_int_equal(tokens_left(), 0);
    assert_int_equal(send_left(parcel, &put), PARCEL_DONE);
    assert_int_equal(put, 8);
    MUST(parcel_send_left(parcel, &found, why));
    assert_false(found);
    struct ledger *ledger = store_ledger(matcher.store);
    MUST(ledger_entry(ledger, ledger_size(ledger) - 1, &text, why));
    MUST(event_decode(&event, buf_span(&text), why));
    assert_int_equal(event.kind, EVENT_PUT);
    assert_int_equal(event.added, 4);
    assert_int_equal(event.spent, 0);
    buf_free(&text);
    parcel_free(parcel);
    stop_matcher();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_evaluated_is_named_once),
        TEST(what_is_not_committed_was_not_evaluated),
        TEST(a_request_names_what_it_has_room_for),
        TEST(old_ones_are_not_named),
        TEST(receipts_are_kept_as_far_as_an_audit_reaches),
        TEST(a_vault_that_was_put_back_gets_over_it),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("token_purse", tests, NULL, NULL);
}
