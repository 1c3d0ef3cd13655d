/* The matcher at work, asked over the channel: what a request does once and only once, what it may not do, and a
 * crash. */
#include "matcher/service/service.h"
#include "protocol/ledger/receipt.h"
#include "protocol/wire/entry.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/status.h"
#include "tests/unit/service_test.h"

static struct service_test test;
static struct matcher matcher;
static const struct matcher_config no_archive = {.no_archive = true};

enum { AAA, BBB, CCC };

static void start(void)
{
    static struct daemon_service service;
    MUST(matcher_open(&matcher, &test.daemon, &no_archive, why));
    service = (struct daemon_service){.authorise = matcher_authorise, .handle = matcher_handle, .context = &matcher};
    service_test_serve(&test, test.region.region->matcher_url, &service);
}

static void stop(void)
{
    service_test_stop(&test);
    matcher_drained(&matcher);
    matcher_close(&matcher);
}

static void ask_as(int agency)
{
    service_test_ask_as(&test, &test.region.agency[agency], test.region.region->matcher_url);
}

static int setup(void **state)
{
    (void)state;
    memset(&test, 0, sizeof test);
    region_test_new(&test.region);
    service_test_new(&test, &test.region.matcher);
    start();
    ask_as(AAA);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stop();
    buf_free(&test.message);
    region_test_end(&test.region);
    return 0;
}

/* --- asking --- */

/* Tags are single letters, as many as text has, ascending; every payload is this one. A question is filled up with others. */
static int entries(enum wire_type type, uint64_t id, const char *purpose, uint32_t epoch, const char *letters,
                   const char *payload, struct wire_reply *reply, struct err *err)
{
    uint8_t tags[16][WIRE_TAG_SIZE] = {0}, payloads[1024];
    size_t count = type == WIRE_QUERY ? 16 : strlen(letters), size = strlen(payload);
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    for (size_t i = 0; i < count; i++) {
        tags[i][0] = i < strlen(letters) ? (uint8_t)letters[i] : (uint8_t)(0xf0 + i);
        memcpy(payloads + i * size, payload, size);
    }
    const struct wire_entries all = {span_of(tags, count * WIRE_TAG_SIZE), (uint32_t)size,
                                     span_of(payloads, count * size)};
    int rc = type == WIRE_PUT ? put_request_encode(&body, &(struct put_request){.entries = all}, err)
             : type == WIRE_REMOVE
                 ? remove_request_encode(&body, &(struct remove_request){all.tags}, err)
                 : query_request_encode(&body, &(struct query_request){.batch = {all}, .count = 1}, err);
    if (rc == 0)
        rc = service_test_call(&test, type, id, purpose, epoch, &body, reply, err);
    buf_free(&body);
    return rc;
}

static int put(uint64_t id, const char *letters, const char *payload, struct put_reply *out, struct err *err)
{
    struct wire_reply reply;
    int rc = entries(WIRE_PUT, id, "persons", 1, letters, payload, &reply, err);
    return rc != 0 ? rc : put_reply_decode(out, reply.body, err);
}

static struct put_reply must_put(uint64_t id, const char *letters, const char *payload)
{
    struct put_reply out;
    MUST(put(id, letters, payload, &out, why));
    return out;
}

static struct status_reply status(void)
{
    struct status_reply out;
    struct wire_reply reply;
    struct buf body = buf_of(100);
    MUST(status_request_encode(&body, why));
    MUST(service_test_call(&test, WIRE_STATUS, 999, NULL, 0, &body, &reply, why));
    MUST(status_reply_decode(&out, reply.body, why));
    buf_free(&body);
    return out;
}

/* The mail after a sequence number, as "+a" for a match and "-a" for a withdrawal. */
static const char *mail(uint64_t after, uint64_t *last)
{
    static char text[64];
    struct fetch_reply out;
    struct wire_reply reply;
    struct buf body = buf_of(100);
    size_t n = 0;
    MUST(fetch_request_encode(&body, &(struct fetch_request){after, 16}, why));
    MUST(service_test_call(&test, WIRE_FETCH, 1000, NULL, 0, &body, &reply, why));
    MUST(fetch_reply_decode(&out, reply.body, why));
    *last = after;
    for (size_t i = 0; i < out.count; i++) {
        text[n++] = out.message[i].kind == MAILBOX_MATCH ? '+' : '-';
        text[n++] = (char)out.message[i].tag[0];
        *last = out.message[i].sequence;
    }
    text[n] = '\0';
    fetch_reply_free(&out);
    buf_free(&body);
    return text;
}

static void acknowledge(uint64_t through)
{
    struct wire_reply reply;
    struct buf body = buf_of(100);
    MUST(ack_request_encode(&body, &(struct ack_request){.through = through}, why));
    MUST(service_test_call(&test, WIRE_ACK, 1001, NULL, 0, &body, &reply, why));
    buf_free(&body);
}

/* --- once and only once --- */

static void a_request_has_one_answer(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    struct put_reply again, first = must_put(1, "abc", "payload");
    assert_int_equal(first.added, 3);
    uint64_t index = first.receipt.leaf;
    must_put(2, "ab", "newer");
    uint64_t size = status().ledger_size;
    again = must_put(1, "abc", "payload");
    assert_int_equal(again.added, 3);
    assert_int_equal(again.replaced, 0);
    assert_int_equal(again.receipt.leaf, index);
    stop();
    start();
    ask_as(AAA);
    again = must_put(1, "abc", "payload");
    assert_int_equal(again.added, 3);
    assert_int_equal(again.receipt.leaf, index);
    assert_int_equal(status().purpose[0].entries, 3);
    assert_true(status().ledger_size >= size);
    /* The newer payload stays: a request that comes late does not undo what came after it. */
    ask_as(BBB);
    must_put(1, "a", "of B");
    ask_as(AAA);
    uint64_t last;
    assert_string_equal(mail(0, &last), "+a");
    expect_refusal(put(1, "abc", "other", &again, &err), ERR_CONFLICT, &err,
                   "this request id was used for another request");
    expect_refusal(entries(WIRE_REMOVE, 1, "persons", 1, "abc", "", &reply, &err), ERR_CONFLICT, &err,
                   "was used for another");
    expect_refusal(entries(WIRE_PUT, 1, "documents", 1, "abc", "payload", &reply, &err), ERR_CONFLICT, &err,
                   "was used for another");
}

static void putting_replaces_and_removing_removes(void **state)
{
    (void)state;
    struct wire_reply reply;
    struct put_reply out;
    struct remove_reply gone;
    must_put(1, "abc", "one");
    out = must_put(2, "bcd", "two");
    assert_int_equal(out.added, 1);
    assert_int_equal(out.replaced, 2);
    MUST(entries(WIRE_REMOVE, 3, "persons", 1, "cdz", "", &reply, why));
    MUST(remove_reply_decode(&gone, reply.body, why));
    assert_int_equal(gone.removed, 2);
    assert_int_equal(status().purpose[0].entries, 2);
    /* The other agency's entries of the same tags are its own. */
    ask_as(BBB);
    MUST(entries(WIRE_REMOVE, 3, "persons", 1, "ab", "", &reply, why));
    MUST(remove_reply_decode(&gone, reply.body, why));
    assert_int_equal(gone.removed, 0);
    ask_as(AAA);
    assert_int_equal(status().purpose[0].entries, 2);
}

static void mail_waits_until_acknowledged(void **state)
{
    (void)state;
    uint64_t last, none;
    struct wire_reply reply;
    must_put(1, "abc", "of A");
    ask_as(BBB);
    must_put(1, "bcd", "of B");
    assert_string_equal(mail(0, &last), "+b+c");
    ask_as(AAA);
    assert_string_equal(mail(0, &last), "+b+c");
    assert_string_equal(mail(0, &last), "+b+c");
    stop();
    start();
    ask_as(AAA);
    assert_string_equal(mail(0, &last), "+b+c");
    acknowledge(last);
    assert_string_equal(mail(0, &none), "");
    ask_as(BBB);
    MUST(entries(WIRE_REMOVE, 2, "persons", 1, "b", "", &reply, why));
    ask_as(AAA);
    assert_string_equal(mail(last, &none), "-b");
    assert_true(none > last);
}

static void a_receipt_proves_itself(void **state)
{
    (void)state;
    struct event event;
    struct checkpoint checkpoint;
    struct put_reply out = must_put(1, "abc", "payload");
    struct receipt receipt = {out.receipt.event, out.receipt.leaf, out.receipt.proof, out.receipt.checkpoint};
    MUST(receipt_verify(&receipt, "test/matcher", test.region.matcher.party.log, &event, &checkpoint, why));
    assert_int_equal(event.kind, EVENT_PUT);
    assert_string_equal(event.party, "AAA");
    assert_string_equal(event.purpose, "persons");
    assert_int_equal(event.count, 3);
    assert_int_equal(
        receipt_verify(&receipt, "test/other", test.region.matcher.party.log, &event, &checkpoint, ERR_IGNORED),
        ERR_VERIFY);
    receipt.index++;
    assert_int_equal(
        receipt_verify(&receipt, "test/matcher", test.region.matcher.party.log, &event, &checkpoint, ERR_IGNORED),
        ERR_VERIFY);
}

/* --- what is not allowed --- */

static void what_is_not_allowed_is_refused(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    struct buf body = buf_of(100);
    const char *url = test.region.region->matcher_url;
    expect_refusal(entries(WIRE_PUT, 1, "weddings", 1, "a", "x", &reply, &err), ERR_DENIED, &err,
                   "no purpose weddings");
    expect_refusal(entries(WIRE_PUT, 2, "persons", 7, "a", "x", &reply, &err), ERR_DENIED, &err,
                   "epoch 7 of persons is not in force");
    expect_refusal(entries(WIRE_QUERY, 3, "persons", 1, "a", "x", &reply, &err), ERR_DENIED, &err,
                   "enrol records first");
    MUST(buf_put(&body, "\x81\xa1x\x01", 4, why));
    expect_refusal(service_test_call(&test, WIRE_PUT, 4, "persons", 1, &body, &reply, &err), ERR_INPUT, &err,
                   "unknown field 'x'");
    expect_refusal(service_test_call(&test, WIRE_STATUS, 5, NULL, 0, &body, &reply, &err), ERR_INPUT, &err,
                   "unknown field 'x'");
    expect_refusal(service_test_call(&test, WIRE_EVALUATE, 6, "persons", 1, &body, &reply, &err), ERR_DENIED, &err,
                   "does not answer EVALUATE");
    expect_refusal(service_test_call(&test, WIRE_WITNESS, 7, NULL, 0, &body, &reply, &err), ERR_DENIED, &err,
                   "AAA is no custodian");
    service_test_ask_as(&test, &test.region.custodian[0], url);
    expect_refusal(entries(WIRE_PUT, 1, "persons", 1, "a", "x", &reply, &err), ERR_DENIED, &err,
                   "custodian-1 is no agency");
    service_test_ask_as(&test, &test.region.coordinator[0], url);
    expect_refusal(entries(WIRE_PUT, 1, "persons", 1, "a", "x", &reply, &err), ERR_DENIED, &err,
                   "does not accept our key");
    buf_free(&body);
}

/* Without the grant in both directions nothing is told: not by mail, not by a query. */
static void grants_are_mutual(void **state)
{
    (void)state;
    uint64_t last;
    struct wire_reply reply;
    struct query_reply hits;
    struct region *r = test.region.region;
    stop();
    size_t kept = 0;
    for (size_t i = 0; i < r->grant_count; i++)
        if (!(r->grants[i].from == CCC && r->grants[i].to == AAA))
            r->grants[kept++] = r->grants[i];
    r->grant_count = kept;
    region_test_next(&test.region);
    region_test_write(&test.region, TEST_COORDINATORS);
    start();
    ask_as(CCC);
    must_put(1, "ab", "of C");
    ask_as(BBB);
    must_put(1, "b", "of B");
    ask_as(AAA);
    must_put(1, "ab", "of A");
    assert_string_equal(mail(0, &last), "+b");
    MUST(entries(WIRE_QUERY, 2, "persons", 1, "ab", "x", &reply, why));
    MUST(query_reply_decode(&hits, reply.body, why));
    assert_int_equal(hits.hits, 1);
    assert_memory_equal(hits.hit[0].partner, r->digests[BBB], PARTY_DIGEST_SIZE);
    query_reply_free(&hits);
    ask_as(CCC);
    assert_string_equal(mail(0, &last), "+b");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_request_has_one_answer),       CASE(putting_replaces_and_removing_removes),
        CASE(mail_waits_until_acknowledged),  CASE(a_receipt_proves_itself),
        CASE(what_is_not_allowed_is_refused), CASE(grants_are_mutual),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("matcher_service", tests, NULL, NULL);
}
