/*
 * Letters at the matcher, asked over the channel: chains of prekeys, who writes to whom, how much, and for how long it
 * lies there.
 */
#include "matcher/service/service.h"
#include "protocol/ledger/receipt.h"
#include "protocol/wire/letter.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/meeting.h"
#include "tests/unit/service_test.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SIZE 2048 /* of the smallest letter */
#define DAY 86400

enum { AAA, BBB, CCC };

static struct service_test test;
static struct matcher matcher;
static long later; /* seconds that the clock is ahead */
static struct prekey newest[3];

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, out);
    if (rc == 0 && clock == CLOCK_REALTIME)
        out->tv_sec += later;
    return rc;
}

static void ask_as(int agency)
{
    service_test_ask_as(&test, &test.region.agency[agency], test.region.region->matcher_url);
}

static int setup(void **state)
{
    static const struct matcher_config no_archive = {.no_archive = true};
    static struct daemon_service service;
    (void)state;
    later = 0;
    memset(&test, 0, sizeof test);
    memset(newest, 0, sizeof newest);
    region_test_new(&test.region);
    service_test_new(&test, &test.region.matcher);
    MUST(matcher_open(&matcher, &test.daemon, &no_archive, why));
    service = (struct daemon_service){.authorise = matcher_authorise, .handle = matcher_handle, .context = &matcher};
    service_test_serve(&test, test.region.region->matcher_url, &service);
    ask_as(AAA);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    service_test_stop(&test);
    matcher_drained(&matcher);
    matcher_close(&matcher);
    buf_free(&test.message);
    region_test_end(&test.region);
    return 0;
}

static void next_manifest(void)
{
    region_test_next(&test.region);
    region_test_write(&test.region, TEST_COORDINATORS);
    MUST(matcher_reload(&matcher, why));
    MUST(matcher_tick(&matcher, why));
}

/* --- asking --- */

/* The next prekey of an agency, which asks for itself; *number 0: it follows on the newest. */
static int publish(uint64_t id, int agency, uint64_t number, struct err *err)
{
    const struct identity *who = &test.region.agency[agency];
    struct prekey *n = &newest[agency], prekey = {.number = number != 0 ? number : n->number + 1};
    struct wire_reply reply;
    struct buf statement = buf_of(PREKEY_STATEMENT_MAX), body = buf_of(1024);
    uint8_t secret[32];
    snprintf(prekey.region, sizeof prekey.region, "%s", test.region.region->name);
    party_digest(prekey.identity, &who->party);
    prekey.valid_from = clock_now();
    prekey.valid_until = prekey.valid_from + PREKEY_VALID;
    if (prekey.number > 1)
        MUST(prekey_digest(prekey.previous, n, why));
    prekey_generate(secret, prekey.key);
    MUST(prekey_sign(&prekey, who->sign_secret, why));
    MUST(prekey_encode(&statement, &prekey, why));
    MUST(prekey_request_encode(&body, &(struct prekey_request){buf_span(&statement)}, why));
    ask_as(agency);
    int rc = service_test_call(&test, WIRE_PREKEY, id, NULL, 0, &body, &reply, err);
    if (rc == 0)
        *n = prekey;
    buf_free(&statement);
    buf_free(&body);
    return rc;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, PARTY_DIGEST_SIZE);
}

/* How many of these agencies' prekeys the matcher shows. */
static size_t shown(const int *agency, size_t count)
{
    uint8_t digest[3][PARTY_DIGEST_SIZE];
    struct prekeys_reply out;
    struct wire_reply reply;
    struct buf body = buf_of(1024);
    for (size_t i = 0; i < count; i++)
        memcpy(digest[i], test.region.region->digests[agency[i]], PARTY_DIGEST_SIZE);
    qsort(digest, count, sizeof digest[0], by_bytes);
    MUST(prekeys_request_encode(&body, &(struct prekeys_request){span_of(digest, count * PARTY_DIGEST_SIZE)}, why));
    MUST(service_test_call(&test, WIRE_PREKEYS, 900, NULL, 0, &body, &reply, why));
    MUST(prekeys_reply_decode(&out, reply.body, why));
    const size_t n = out.count;
    prekeys_reply_free(&out);
    buf_free(&body);
    return n;
}

/* A letter as the matcher sees it: version, number of the prekey, bytes. */
static int letter_to(uint64_t id, const uint8_t to[PARTY_DIGEST_SIZE], const char *purpose, uint64_t prekey,
                     size_t size, struct err *err)
{
    static uint8_t sealed[LETTER_SIZE_MAX] = {1};
    struct letter_request request = {.letter = span_of(sealed, size)};
    struct wire_reply reply;
    struct buf body = buf_of(LETTER_SIZE_MAX + 256);
    bytes_put_u64be(sealed + 1, prekey);
    bytes_put_u64be(sealed + 16, id);
    memcpy(request.recipient, to, sizeof request.recipient);
    MUST(letter_request_encode(&body, &request, why));
    int rc = service_test_call(&test, WIRE_LETTER, id, purpose, 1, &body, &reply, err);
    buf_free(&body);
    return rc;
}

static int write_to(uint64_t id, int to, struct err *err)
{
    return letter_to(id, test.region.region->digests[to], "persons", 1, SIZE, err);
}

static size_t letters_of(int agency, uint64_t *last)
{
    struct fetch_reply out;
    struct wire_reply reply;
    struct buf body = buf_of(100);
    size_t n = 0;
    ask_as(agency);
    MUST(fetch_request_encode(&body, &(struct fetch_request){0, 64}, why));
    MUST(service_test_call(&test, WIRE_FETCH, 901, NULL, 0, &body, &reply, why));
    MUST(fetch_reply_decode(&out, reply.body, why));
    for (size_t i = 0; i < out.count; i++) {
        n += out.message[i].kind == MAILBOX_LETTER;
        *last = out.message[i].sequence;
    }
    fetch_reply_free(&out);
    buf_free(&body);
    return n;
}

static struct event last_event(void)
{
    struct ledger *ledger = store_ledger(matcher.store);
    struct event event;
    struct buf bytes = buf_of(WIRE_EVENT_MAX);
    MUST(ledger_entry(ledger, ledger_size(ledger) - 1, &bytes, why));
    MUST(event_decode(&event, buf_span(&bytes), why));
    buf_free(&bytes);
    return event;
}

/* --- the tests --- */

static void prekeys_follow_on_each_other(void **state)
{
    (void)state;
    const int all[] = {AAA, BBB, CCC};
    struct err err = {.text = ""};
    expect_refusal(publish(1, BBB, 2, &err), ERR_CONFLICT, &err, "does not follow on your newest one, 0");
    assert_int_equal(shown(all, 3), 0);
    MUST(publish(2, BBB, 0, why));
    expect_refusal(publish(3, BBB, 1, &err), ERR_CONFLICT, &err, "does not follow on your newest one, 1");
    MUST(publish(4, BBB, 0, why));
    assert_int_equal(last_event().kind, EVENT_PREKEY);
    assert_int_equal(last_event().sequence, 2);
    assert_int_equal(shown(all, 3), 1);
}

static void letters_go_where_they_may(void **state)
{
    (void)state;
    static const uint8_t nobody[PARTY_DIGEST_SIZE] = {7};
    struct err err = {.text = ""};
    uint64_t last;
    expect_refusal(write_to(1, BBB, &err), ERR_CONFLICT, &err, "has published no prekey 1");
    MUST(publish(2, BBB, 0, why));
    ask_as(AAA);
    const uint64_t size = ledger_size(store_ledger(matcher.store));
    MUST(write_to(3, BBB, why));
    MUST(write_to(3, BBB, why)); /* the same request: one letter */
    assert_int_equal(ledger_size(store_ledger(matcher.store)), size + 1);
    assert_int_equal(last_event().kind, EVENT_LETTER);
    expect_refusal(letter_to(4, nobody, "persons", 1, SIZE, &err), ERR_DENIED, &err, "is no party of the manifest");
    expect_refusal(letter_to(5, test.region.region->digests[BBB], NULL, 1, SIZE, &err), ERR_DENIED, &err, "purpose");
    expect_refusal(letter_to(6, test.region.region->digests[BBB], "persons", 1, SIZE - 1, &err), ERR_INPUT, &err, "");
    expect_refusal(letter_to(7, test.region.region->digests[BBB], "persons", 2, SIZE, &err), ERR_CONFLICT, &err,
                   "has published no prekey 2");
    assert_int_equal(letters_of(BBB, &last), 1);
    assert_int_equal(letters_of(CCC, &last), 0);
}

static void letters_have_a_limit_a_day(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    uint64_t last;
    test.region.region->purposes[0].limits.letters = 3;
    next_manifest();
    MUST(publish(1, BBB, 0, why));
    ask_as(AAA);
    MUST(write_to(2, BBB, why));
    expect_refusal(letter_to(3, test.region.region->digests[BBB], "persons", 1, 128 << 10, &err), ERR_DENIED, &err,
                   "used up");                                                         /* four units */
    MUST(letter_to(4, test.region.region->digests[BBB], "persons", 1, 32 << 10, why)); /* one */
    MUST(write_to(5, BBB, why));
    expect_refusal(write_to(6, BBB, &err), ERR_DENIED, &err, "the limit is 3");
    assert_int_equal(last_event().kind, EVENT_REFUSE);
    later = DAY;
    MUST(write_to(7, BBB, why));
    assert_int_equal(letters_of(BBB, &last), 4);
}

static void a_full_mailbox_gets_no_letters(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    uint64_t last;
    uint8_t digest[PARTY_DIGEST_SIZE];
    struct buf body = buf_of(100);
    test.region.region->purposes[0].limits.mailbox = 1;
    next_manifest();
    MUST(publish(1, BBB, 0, why));
    ask_as(AAA);
    MUST(write_to(2, BBB, why));
    MUST(write_to(3, BBB, why));
    expect_refusal(write_to(4, BBB, &err), ERR_DENIED, &err, "has 2 messages waiting, the limit is 1");
    assert_int_equal(letters_of(BBB, &last), 2);
    struct ack_request request = {.through = last};
    party_digest(digest, &test.region.agency[BBB].party);
    MUST(store_mailbox_chain(matcher.store, store_agency(matcher.store, digest), last, request.chain, why));
    MUST(ack_request_encode(&body, &request, why));
    MUST(service_test_call(&test, WIRE_ACK, 902, NULL, 0, &body, &reply, why));
    buf_free(&body);
    ask_as(AAA);
    MUST(write_to(5, BBB, why));
    assert_int_equal(letters_of(BBB, &last), 3); /* what was acknowledged is kept for a while */
}

static void what_nobody_fetches_lapses(void **state)
{
    (void)state;
    uint64_t last;
    MUST(publish(1, BBB, 0, why));
    ask_as(AAA);
    MUST(write_to(2, BBB, why));
    MUST(write_to(3, BBB, why));
    later = 34 * DAY;
    MUST(matcher_tick(&matcher, why));
    assert_int_equal(letters_of(BBB, &last), 2);
    later = 36 * DAY;
    for (int i = 0; i < 4; i++) {
        matcher.next_sweep = 0;
        MUST(matcher_tick(&matcher, why));
    }
    assert_int_equal(last_event().kind, EVENT_LAPSE);
    assert_int_equal(last_event().count, 2);
    assert_int_equal(letters_of(BBB, &last), 0);
}

/* CCC, with its grants. */
static void leave(void)
{
    struct region *r = test.region.region;
    size_t kept = 0;
    for (size_t i = 0; i < r->grant_count; i++)
        if (r->grants[i].from != CCC && r->grants[i].to != CCC)
            r->grants[kept++] = r->grants[i];
    r->grant_count = kept;
    r->agency_count--;
}

/* Who left the manifest is written to no more, and its prekey is not shown. */
static void who_left_gets_nothing(void **state)
{
    (void)state;
    const int all[] = {AAA, BBB, CCC};
    struct err err = {.text = ""};
    uint8_t gone[PARTY_DIGEST_SIZE];
    MUST(publish(1, CCC, 0, why));
    memcpy(gone, test.region.region->digests[CCC], sizeof gone);
    ask_as(AAA);
    assert_int_equal(shown(all, 3), 1);
    leave();
    next_manifest();
    assert_int_equal(shown(all, 3), 0);
    expect_refusal(letter_to(2, gone, "persons", 1, SIZE, &err), ERR_DENIED, &err, "is no party of the manifest");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(prekeys_follow_on_each_other),   CASE(letters_go_where_they_may),  CASE(letters_have_a_limit_a_day),
        CASE(a_full_mailbox_gets_no_letters), CASE(what_nobody_fetches_lapses), CASE(who_left_gets_nothing),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("matcher_letters", tests, NULL, NULL);
}
