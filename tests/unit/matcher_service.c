/* The matcher at work, asked over the channel: what a request does once and only once, what it may not do, and a
 * crash. */
#include "matcher/service/service.h"
#include "protocol/ledger/receipt.h"
#include "protocol/wire/entry.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/meeting.h"
#include "protocol/wire/status.h"
#include "tests/unit/service_test.h"

#include <pthread.h>

static struct service_test test;
static struct matcher matcher;
static const struct matcher_config no_archive = {.no_archive = true};

/* What requests exclude: digests of partners, of a PUT for its first entry. */
static struct span excluded;

/* What they name as spent. */
static struct wire_spent_list spent;

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
    excluded = span_of(NULL, 0);
    spent.count = 0;
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

/*
 * Each of these events is in the ledger that the checkpoint is of; there are some if, and only if, they cover
 * something.
 */
static void check_events(const struct wire_event_list *events, struct span checkpoint, size_t covered)
{
    assert_int_equal(events->count > 0, covered > 0);
    for (size_t i = 0; i < events->count; i++) {
        const struct receipt receipt = {events->item[i].event, events->item[i].leaf, events->item[i].proof, checkpoint};
        struct event event;
        struct checkpoint verified;
        MUST(receipt_verify(&receipt, "test/matcher", test.region.matcher.party.log, &event, &verified, why));
        assert_true(event_is_line(event.kind));
    }
}

/* --- asking --- */

#define PAYLOAD 200 /* of an entry with four slots */

/*
 * Tags are single letters, as many as text has, ascending; every payload is this text and zeros. A question is filled
 * up with others; the scope "both" is of both purposes, with the same letters in each.
 */
static int entries(enum wire_type type, uint64_t id, const char *purpose, uint32_t epoch, const char *letters,
                   const char *payload, struct wire_reply *reply, struct err *err)
{
    static const uint8_t all_entries[2] = {0, 0};
    const bool both = strcmp(purpose, "both") == 0;
    uint8_t tags[16][WIRE_TAG_SIZE] = {0}, payloads[16 * PAYLOAD] = {0};
    size_t count = type == WIRE_QUERY ? (both ? 8 : 16) : strlen(letters);
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    struct put_request put = {
        .except_count = excluded.len > 0, .except[0] = {excluded, span_of(all_entries, 2)}, .spent = spent};
    for (size_t i = 0; i < count; i++) {
        tags[i][0] = i < strlen(letters) ? (uint8_t)letters[i] : (uint8_t)(0xf0 + i);
        memcpy(payloads + i * PAYLOAD, payload, strlen(payload));
    }
    put.entries =
        (struct wire_entries){span_of(tags, count * WIRE_TAG_SIZE), PAYLOAD, span_of(payloads, count * PAYLOAD)};
    const struct query_request query = {
        .batch = {put.entries, put.entries}, .count = both ? 2 : 1, .except = excluded, .spent = spent};
    int rc = type == WIRE_PUT      ? put_request_encode(&body, &put, err)
             : type == WIRE_REMOVE ? remove_request_encode(&body, &(struct remove_request){put.entries.tags}, err)
                                   : query_request_encode(&body, &query, err);
    struct wire_request request = service_test_request(&test, type, id, both ? "documents" : purpose, epoch, &body);
    if (both) {
        request.scope_count = 2;
        request.scope[1] = (struct wire_scope){"persons", epoch};
        service_test_sign(&test, &request);
    }
    if (rc == 0)
        rc = wire_call(test.client, "peer", &request, &test.message, reply, err);
    buf_free(&body);
    return rc;
}

static int put(uint64_t id, const char *letters, const char *payload, struct put_reply *out, struct err *err)
{
    struct wire_reply reply;
    int rc = entries(WIRE_PUT, id, "persons", 1, letters, payload, &reply, err);
    if (rc == 0)
        rc = put_reply_decode(out, reply.body, err);
    return rc;
}

static struct put_reply must_put(uint64_t id, const char *letters, const char *payload)
{
    struct put_reply out;
    MUST(put(id, letters, payload, &out, why));
    return out;
}

static uint64_t must_remove(uint64_t id, const char *letters)
{
    struct wire_reply reply;
    struct remove_reply out;
    MUST(entries(WIRE_REMOVE, id, "persons", 1, letters, "", &reply, why));
    MUST(remove_reply_decode(&out, reply.body, why));
    return out.removed;
}

/* Hits as "<scope><tag><<partner>", partners not asked as "!<scope><partner>:<reason>". */
static const char *ask(uint64_t id, const char *purpose, const char *letters)
{
    static char text[256];
    struct wire_reply reply;
    struct query_reply out;
    size_t n = 0;
    text[0] = '\0';
    MUST(entries(WIRE_QUERY, id, purpose, 1, letters, "question", &reply, why));
    MUST(query_reply_decode(&out, reply.body, why));
    for (size_t i = 0; i < out.hits; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%u%c<%d", n > 0 ? " " : "", out.hit[i].scope,
                              out.hit[i].tag[0], region_find_agency_by_digest(test.region.region, out.hit[i].partner));
    for (size_t i = 0; i < out.unasked_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s!%u%d:%d", n > 0 ? " " : "", out.unasked[i].scope,
                              region_find_agency_by_digest(test.region.region, out.unasked[i].partner),
                              out.unasked[i].reason);
    check_events(&out.events, out.receipt.checkpoint, out.hits);
    query_reply_free(&out);
    return text;
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

static uint64_t entries_held(void)
{
    struct status_reply now = status();
    uint64_t count = now.purpose[0].entries;
    status_reply_free(&now);
    return count;
}

static struct status_partner partner_status(int partner)
{
    struct status_reply now = status();
    struct status_partner out = {.waiting = 99};
    for (size_t i = 0; i < now.purpose[0].partner_count; i++)
        if (memcmp(now.purpose[0].partner[i].partner, test.region.region->digests[partner], 32) == 0)
            out = now.purpose[0].partner[i];
    status_reply_free(&now);
    return out;
}

/* Checks each message against the event that covers it: a run of messages gives the event's digest. */
static void check_digests(const struct fetch_reply *in)
{
    size_t at = 0;
    for (size_t i = 0; i < in->events.count; i++) {
        struct event event;
        struct event_digest digest;
        uint8_t sum[32];
        uint64_t count = 0;
        MUST(event_decode(&event, in->events.item[i].event, why));
        event_digest_start(&digest, event.salt);
        for (; at < in->count && in->message[at].leaf == in->events.item[i].leaf; at++) {
            event_digest_add(&digest, span_of(in->message[at].tag, WIRE_TAG_SIZE));
            if (in->message[at].payload.len > 0)
                event_digest_add(&digest, in->message[at].payload);
            assert_int_equal(in->message[at].time, event.time);
            count++;
        }
        event_digest_end(&digest, sum);
        assert_int_equal(event.count, count);
        assert_memory_equal(event.digest, sum, 32);
    }
    assert_int_equal(at, in->count);
}

static uint8_t chain[WIRE_HASH_SIZE]; /* of the mailbox, with what was fetched last */

/* The mail after a sequence number, as "+a" for a match, "-a" for a withdrawal, "?a" for a question. */
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
        text[n++] = " +-?"[out.message[i].kind];
        text[n++] = (char)out.message[i].tag[0];
        *last = out.message[i].sequence;
        mailbox_chain(i == 0 ? memcpy(chain, out.chain, sizeof chain) : chain, &out.message[i], NULL);
    }
    text[n] = '\0';
    check_events(&out.events, out.checkpoint, out.count);
    check_digests(&out);
    fetch_reply_free(&out);
    buf_free(&body);
    return text;
}

/* With the chain that the store has. */
static struct ack_request acknowledgement(uint64_t through)
{
    struct ack_request request = {.through = through};
    uint8_t digest[PARTY_DIGEST_SIZE];
    party_digest(digest, &test.asker->party);
    const uint16_t id = store_agency(matcher.store, digest);
    const int rc = store_mailbox_chain(matcher.store, id, through, request.chain, ERR_IGNORED);
    assert_true(rc == 0 || rc == ERR_NOT_FOUND);
    return request;
}

static int send_acknowledgement(uint64_t id, const struct ack_request *request, struct err *err)
{
    struct wire_reply reply;
    struct buf body = buf_of(100);
    int rc = ack_request_encode(&body, request, err);
    if (rc == 0)
        rc = service_test_call(&test, WIRE_ACK, id, NULL, 0, &body, &reply, err);
    buf_free(&body);
    return rc;
}

static void acknowledge(uint64_t id, uint64_t through)
{
    const struct ack_request request = acknowledgement(through);
    MUST(send_acknowledgement(id, &request, why));
}

/* A daemon ticks each second; once is enough for a request that waits one. */
static void *tick_later(void *unused)
{
    clock_sleep_ms(1100);
    matcher_tick(&matcher, ERR_IGNORED);
    return unused;
}

static bool wait_for_mail(uint64_t after)
{
    pthread_t thread;
    struct wire_reply reply;
    struct wait_reply out;
    struct buf body = buf_of(100);
    MUST(wait_request_encode(&body, &(struct wait_request){after, 1}, why));
    assert_int_equal(pthread_create(&thread, NULL, tick_later, NULL), 0);
    MUST(service_test_call(&test, WIRE_WAIT, 1002, NULL, 0, &body, &reply, why));
    pthread_join(thread, NULL);
    MUST(wait_reply_decode(&out, reply.body, why));
    buf_free(&body);
    return out.available;
}

/* RELEASE, SUSPEND or CLOSE about persons; count says how many, or whether on. The event that came of it. */
static int regulate(enum wire_type type, uint64_t id, int partner, uint64_t count, uint64_t until, struct event *event,
                    struct err *err)
{
    struct wire_reply reply;
    struct receipt_reply out;
    struct release_request release = {.count = count, .until = until};
    struct suspend_request suspend = {.on = count != 0};
    struct buf body = buf_of(200);
    memcpy(release.partner, test.region.region->digests[partner], PARTY_DIGEST_SIZE);
    memcpy(suspend.partner, test.region.region->digests[partner], PARTY_DIGEST_SIZE);
    int rc = type == WIRE_RELEASE   ? release_request_encode(&body, &release, err)
             : type == WIRE_SUSPEND ? suspend_request_encode(&body, &suspend, err)
                                    : close_request_encode(&body, err);
    if (rc == 0)
        rc = service_test_call(&test, type, id, "persons", 1, &body, &reply, err);
    if (rc == 0)
        rc = receipt_reply_decode(&out, reply.body, err);
    if (rc == 0)
        rc = event_decode(event, out.receipt.event, err);
    buf_free(&body);
    return rc;
}

static void upkeep(void)
{
    MUST(matcher_tick(&matcher, why));
}

/* The next manifest, after what was changed in the region. */
static void next_manifest(void)
{
    region_test_next(&test.region);
    region_test_write(&test.region, TEST_COORDINATORS);
    MUST(matcher_reload(&matcher, why));
    upkeep();
}

/* --- once and only once --- */

static void name_spent(uint64_t leaf, uint32_t of, uint32_t count)
{
    spent = (struct wire_spent_list){{{{1}, leaf, of, count}, {{2}, leaf, of, count}}, 2};
}

static struct event last_event(void)
{
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    struct ledger *ledger = store_ledger(matcher.store);
    MUST(ledger_entry(ledger, ledger_size(ledger) - 1, &text, why));
    MUST(event_decode(&event, buf_span(&text), why));
    buf_free(&text);
    return event;
}

static void an_evaluation_is_spent_once(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct put_reply out;
    name_spent(7, 5, 3);
    must_put(1, "abc", "payload");
    assert_int_equal(last_event().spent, 6);
    must_put(1, "abc", "payload"); /* a repeated request is answered before receipts are looked at */
    name_spent(7, 5, 2);
    must_put(2, "de", "payload");
    name_spent(7, 5, 1);
    expect_refusal(put(3, "f", "payload", &out, &err), ERR_CONFLICT, &err, "5 are spent, the last by entry ");
    assert_string_equal(last_event().note, "spent");
    name_spent(7, 6, 1);
    expect_refusal(put(4, "f", "payload", &out, &err), ERR_CONFLICT, &err, "was your vault put back?");
    name_spent(8, 5, 2);
    expect_refusal(put(5, "f", "payload", &out, &err), ERR_INPUT, &err, "2 evaluations of one custodian");
    stop();
    start();
    ask_as(AAA);
    name_spent(7, 5, 1);
    expect_refusal(put(6, "f", "payload", &out, &err), ERR_CONFLICT, &err, "5 are spent");
    ask_as(BBB); /* what another has of the same number is its own */
    must_put(7, "f", "payload");
}

static void a_request_has_one_answer(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    struct put_reply again, first = must_put(1, "abc", "payload");
    assert_int_equal(first.added, 3);
    uint64_t index = first.receipt.leaf;
    must_put(2, "ab", "newer");
    uint64_t size = ledger_size(store_ledger(matcher.store));
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
    assert_int_equal(entries_held(), 3);
    assert_true(ledger_size(store_ledger(matcher.store)) >= size);
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
    assert_int_equal(entries_held(), 2);
    /* The other agency's entries of the same tags are its own. */
    ask_as(BBB);
    MUST(entries(WIRE_REMOVE, 3, "persons", 1, "ab", "", &reply, why));
    MUST(remove_reply_decode(&gone, reply.body, why));
    assert_int_equal(gone.removed, 0);
    ask_as(AAA);
    assert_int_equal(entries_held(), 2);
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
    acknowledge(1001, last);
    assert_string_equal(mail(last, &none), "");
    assert_string_equal(mail(0, &none), "+b+c"); /* once more, to a vault that was put back */
    ask_as(BBB);
    MUST(entries(WIRE_REMOVE, 2, "persons", 1, "b", "", &reply, why));
    ask_as(AAA);
    assert_string_equal(mail(last, &none), "-b");
    assert_true(none > last);
}

/* What is acknowledged is what was handed out, and the event says what that was. */
static void mail_is_a_chain(void **state)
{
    (void)state;
    uint64_t last, end;
    struct err err = {.text = ""};
    must_put(1, "abc", "of A");
    ask_as(BBB);
    must_put(1, "bcd", "of B");
    mail(0, &last);
    struct ack_request request = acknowledgement(last);
    assert_memory_equal(request.chain, chain, sizeof chain);
    request.chain[0] ^= 1;
    expect_refusal(send_acknowledgement(5, &request, &err), ERR_INPUT, &err, "was not handed out so");
    request.chain[0] ^= 1;
    MUST(send_acknowledgement(6, &request, why));
    assert_memory_equal(last_event().chain, chain, sizeof chain);
    ask_as(AAA);
    must_put(7, "d", "of A");
    ask_as(BBB);
    assert_string_equal(mail(last, &end), "+d"); /* it goes on where it was */
    mail(0, &end);
    request = acknowledgement(end);
    assert_memory_equal(request.chain, chain, sizeof chain);
}

static void acknowledged_mail_is_kept_for_a_while(void **state)
{
    (void)state;
    struct store_write *write;
    uint64_t last, none;
    bool more;
    must_put(1, "abc", "of A");
    ask_as(BBB);
    must_put(1, "abc", "of B");
    assert_string_equal(mail(0, &last), "+a+b+c");
    acknowledge(5, last);
    ask_as(AAA);
    must_put(6, "d", "of A");
    ask_as(BBB);
    must_put(7, "d", "of B");
    for (int later = 0; later < 2; later++) {
        assert_string_equal(mail(0, &none), "+a+b+c+d");
        pthread_mutex_lock(&matcher.writing);
        MUST(store_begin(&write, matcher.store, why));
        MUST(store_clean(write, &(struct store_clean_before){.mail = clock_now() + (later ? 1000 : -1000)}, 10, &more,
                         why));
        MUST(store_commit(write, why));
        pthread_mutex_unlock(&matcher.writing);
    }
    assert_string_equal(mail(0, &none), "+d");
    assert_memory_equal(chain, acknowledgement(none).chain, sizeof chain);
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
                   "coordinator-1 is no agency");
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

/* --- meetings, questions, releases --- */

static void set_limits(uint64_t meets, uint64_t asks)
{
    for (size_t p = 0; p < TEST_REGION_PURPOSES; p++) {
        test.region.region->purposes[p].limits.meets = meets;
        test.region.region->purposes[p].limits.asks = asks;
    }
    next_manifest();
}

static void couples_wait_and_are_released(void **state)
{
    (void)state;
    uint64_t last;
    struct event event;
    struct err err = {.text = ""};
    set_limits(1, 100);
    must_put(1, "abcd", "of A");
    ask_as(BBB);
    assert_int_equal(must_put(1, "abcd", "of B").waiting, 3);
    assert_int_equal(must_put(1, "abcd", "of B").waiting, 3);
    assert_string_equal(mail(0, &last), "+a");
    assert_int_equal(partner_status(AAA).waiting, 3);
    assert_int_equal(partner_status(AAA).met_today, 1);
    assert_int_equal(partner_status(AAA).meets, 1);
    MUST(regulate(WIRE_RELEASE, 2, AAA, 2, clock_now() + 1000, &event, why));
    assert_int_equal(event.kind, EVENT_RELEASE);
    assert_int_equal(event.count, 2);
    assert_string_equal(event.partner, "AAA");
    upkeep();
    assert_int_equal(partner_status(AAA).waiting, 3);
    assert_int_equal(partner_status(AAA).released, 2);
    ask_as(AAA);
    assert_int_equal(partner_status(BBB).released_by_partner, 2);
    MUST(regulate(WIRE_RELEASE, 2, BBB, 100, clock_now() + 1000, &event, why));
    stop();
    start();
    ask_as(AAA);
    upkeep();
    assert_string_equal(mail(0, &last), "+a+b+c");
    assert_int_equal(partner_status(BBB).waiting, 1);
    assert_int_equal(partner_status(BBB).released, 98);
    assert_int_equal(partner_status(BBB).released_by_partner, 0);
    expect_refusal(regulate(WIRE_RELEASE, 3, AAA, 1, 1, &event, &err), ERR_INPUT, &err, "names no other agency");
}

static void a_suspension_is_obeyed_at_once(void **state)
{
    (void)state;
    uint64_t last;
    struct event event;
    must_put(1, "ab", "of A");
    ask_as(BBB);
    must_put(1, "ab", "of B");
    mail(0, &last);
    uint64_t size = ledger_size(store_ledger(matcher.store));
    MUST(regulate(WIRE_SUSPEND, 2, AAA, 1, 0, &event, why));
    assert_string_equal(event.note, "on");
    MUST(regulate(WIRE_SUSPEND, 2, AAA, 1, 0, &event, why)); /* the same request: one event */
    assert_int_equal(ledger_size(store_ledger(matcher.store)), size + 1);
    assert_string_equal(ask(3, "persons", "ab"), "!00:2");
    struct err err = {.text = ""};
    struct put_reply out;
    expect_refusal(put(4, "c", "of B", &out, &err), ERR_BUSY, &err, "joined anew");
    upkeep();
    assert_string_equal(mail(last, &last), "-a-b");
    assert_int_equal(partner_status(AAA).suspended, STATUS_SUSPENDED_BY_US);
    ask_as(AAA);
    assert_int_equal(partner_status(BBB).suspended, STATUS_SUSPENDED_BY_THEM);
    must_put(5, "ab", "again");
    ask_as(BBB);
    assert_string_equal(mail(last, &last), "");
    MUST(regulate(WIRE_SUSPEND, 6, AAA, 0, 0, &event, why));
    upkeep();
    assert_string_equal(mail(last, &last), "+a+b");
}

static void who_is_asked_is_told(void **state)
{
    (void)state;
    uint64_t last;
    struct err err = {.text = ""};
    struct wire_reply reply;
    must_put(1, "abc", "of A");
    ask_as(BBB);
    must_put(1, "b", "of B");
    MUST(entries(WIRE_PUT, 2, "documents", 1, "c", "of B", &reply, why));
    ask_as(AAA);
    MUST(entries(WIRE_PUT, 2, "documents", 1, "z", "of A", &reply, why));
    assert_string_equal(ask(3, "both", "bc"), "0c<1 1b<1");
    uint64_t size = ledger_size(store_ledger(matcher.store));
    assert_string_equal(ask(3, "both", "bc"), "0c<1 1b<1"); /* repeated: the first answer, and nobody is told again */
    stop();
    start();
    ask_as(AAA);
    assert_string_equal(ask(3, "both", "bc"), "0c<1 1b<1");
    assert_int_equal(ledger_size(store_ledger(matcher.store)), size + 2); /* stop and start */
    ask_as(BBB);
    assert_string_equal(mail(0, &last), "+b?c?b");
    /* The asker's exclusion, and the entry's, leave no trace. */
    ask_as(AAA);
    excluded = span_of(test.region.region->digests[BBB], 32);
    assert_string_equal(ask(4, "persons", "bc"), "!01:3");
    excluded = span_of(NULL, 0);
    ask_as(BBB);
    assert_string_equal(mail(last, &last), "");
    excluded = span_of(test.region.region->digests[AAA], 32);
    must_put(5, "d", "of B");
    excluded = span_of(NULL, 0);
    ask_as(AAA);
    assert_string_equal(ask(6, "persons", "d"), "");
    ask_as(BBB);
    assert_string_equal(mail(last, &last), "");
    expect_refusal(entries(WIRE_QUERY, 5, "persons", 1, "d", "of B", &reply, &err), ERR_CONFLICT, &err,
                   "was used for another");
}

static void who_is_asked_too_much_is_named(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct wire_reply reply;
    set_limits(100, 40);
    must_put(1, "a", "of A");
    ask_as(BBB);
    must_put(1, "a", "of B");
    ask_as(AAA);
    excluded = span_of(test.region.region->digests[CCC], 32);
    assert_string_equal(ask(2, "persons", "a"), "0a<1 !02:3");
    assert_string_equal(ask(3, "persons", "a"), "0a<1 !02:3");
    assert_int_equal(partner_status(BBB).asked_today, 32);
    assert_int_equal(partner_status(CCC).asked_today, 0);
    expect_refusal(entries(WIRE_QUERY, 4, "persons", 1, "a", "q", &reply, &err), ERR_DENIED, &err, "are used up");
    excluded = span_of(NULL, 0);
    assert_string_equal(ask(5, "persons", "a"), "!01:1");
}

static void an_answer_is_kept_ten_minutes(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct store_write *write;
    struct wire_reply reply;
    bool more;
    must_put(1, "a", "of A");
    assert_string_equal(ask(2, "persons", "a"), "");
    pthread_mutex_lock(&matcher.writing);
    MUST(store_begin(&write, matcher.store, why));
    MUST(store_clean(write, &(struct store_clean_before){.hits = clock_now() + 1000}, 10, &more, why));
    MUST(store_commit(write, why));
    pthread_mutex_unlock(&matcher.writing);
    expect_refusal(entries(WIRE_QUERY, 2, "persons", 1, "a", "question", &reply, &err), ERR_CONFLICT, &err,
                   "is gone: ask anew");
}

static void a_load_is_closed_by_request(void **state)
{
    (void)state;
    uint64_t last;
    struct event event;
    struct err err = {.text = ""};
    struct wire_reply reply;
    test.region.region->purposes[0].limits.load = 1024;
    next_manifest();
    must_put(1, "a", "of A");
    ask_as(BBB);
    must_put(1, "a", "of B");
    expect_refusal(entries(WIRE_QUERY, 2, "persons", 1, "a", "q", &reply, &err), ERR_DENIED, &err, "goes on");
    MUST(regulate(WIRE_CLOSE, 3, AAA, 0, 0, &event, why));
    assert_string_equal(event.note, "request");
    upkeep();
    assert_string_equal(mail(0, &last), "");
    struct status_reply now = status();
    assert_false(now.purpose[0].loading);
    status_reply_free(&now);
    ask_as(AAA);
    now = status();
    assert_true(now.purpose[0].loading);
    status_reply_free(&now);
    MUST(regulate(WIRE_CLOSE, 3, AAA, 0, 0, &event, why));
    upkeep();
    assert_string_equal(mail(0, &last), "+a");
}

static void limits_are_refused_before_anything_is_done(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct put_reply out;
    uint64_t last;
    test.region.region->purposes[0].limits.entries = 3;
    test.region.region->purposes[0].limits.mailbox = 1;
    next_manifest();
    must_put(1, "abc", "of A");
    must_put(2, "abc", "newer");
    uint64_t size = ledger_size(store_ledger(matcher.store));
    expect_refusal(put(3, "cd", "of A", &out, &err), ERR_DENIED, &err, "the limit is 3");
    assert_int_equal(entries_held(), 3);
    assert_int_equal(ledger_size(store_ledger(matcher.store)), size + 1); /* the refusal */
    ask_as(BBB);
    must_put(1, "ab", "of B");
    expect_refusal(put(2, "c", "of B", &out, &err), ERR_DENIED, &err,
                   "2 messages wait in your mailbox, the limit is 1");
    mail(0, &last);
    acknowledge(1003, last);
    must_put(3, "c", "of B");
    expect_refusal(put(4, "d", "of B", &out, &err), ERR_DENIED, &err, "the limit is 3");
    expect_refusal(entries(WIRE_PUT, 5, "persons", 2, "d", "x", &(struct wire_reply){0}, &err), ERR_DENIED, &err,
                   "is not in force");
}

/* Other payloads under a tag that has met: so many in a day go to the partner. Without the limit all do. */
static uint64_t flood(uint64_t first, unsigned requests, struct err *err)
{
    struct put_reply out;
    char payload[32];
    uint64_t through = 0;
    ask_as(AAA);
    for (unsigned i = 0; i < requests; i++) {
        snprintf(payload, sizeof payload, "change %u", i);
        through += put(first + i, "ab", payload, &out, err) == 0;
    }
    return through;
}

/* --- many at once, faster than a write --- */

enum { FAST = 8, FAST_PUTS = 12, FAST_TAGS = 4 };

/* A connection of its own of the same agency; what is put has tags that no other has. */
struct fast {
    pthread_t thread;
    struct rpc_client *client;
    uint8_t number;
    unsigned through, refused, others;
};

static int put_fast(struct fast *f, uint8_t i, struct err *err)
{
    static const uint8_t payloads[FAST_TAGS * PAYLOAD] = {1};
    uint8_t tags[FAST_TAGS][WIRE_TAG_SIZE] = {{0}};
    struct buf body = buf_of(65536), message = buf_of(65536);
    struct wire_reply reply;
    for (uint8_t k = 0; k < FAST_TAGS; k++)
        memcpy(tags[k], (const uint8_t[]){f->number, i, k}, 3);
    const struct put_request request = {
        .entries = {span_of(tags, sizeof tags), PAYLOAD, span_of(payloads, sizeof payloads)}};
    int rc = put_request_encode(&body, &request, err);
    const struct wire_request signed_one =
        service_test_request(&test, WIRE_PUT, 5000u + 100u * f->number + i, "persons", 1, &body);
    do {
        buf_clear(&message);
        rc = rc == 0 || rc == ERR_BUSY ? wire_call(f->client, "peer", &signed_one, &message, &reply, err) : rc;
    } while (rc == ERR_BUSY);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

static void *be_fast(void *context)
{
    struct fast *f = context;
    for (uint8_t i = 0; i < FAST_PUTS; i++) {
        struct err err;
        const int rc = put_fast(f, i, &err);
        f->through += rc == 0;
        f->refused += rc == ERR_DENIED;
        f->others += rc != 0 && rc != ERR_DENIED;
    }
    return NULL;
}

/*
 * How many requests of all went through; each other one was refused for a limit. The writer is held up until some wait,
 * so that they share a write.
 */
static unsigned rush_as(int who)
{
    struct rpc_client_options options = {.url = test.region.region->matcher_url,
                                         .identity = &test.region.agency[who],
                                         .peer_name = "peer",
                                         .timeout_ms = 60000};
    struct fast fast[FAST] = {{0}};
    unsigned through = 0;
    memcpy(options.peer_channel, test.daemon.identity.party.channel, 32);
    ask_as(who);
    pthread_mutex_lock(&matcher.writing);
    for (uint8_t i = 0; i < FAST; i++) {
        fast[i].number = i + 1;
        MUST(rpc_client_open(&fast[i].client, &options, why));
        assert_int_equal(pthread_create(&fast[i].thread, NULL, be_fast, &fast[i]), 0);
    }
    clock_sleep_ms(300);
    pthread_mutex_unlock(&matcher.writing);
    for (size_t i = 0; i < FAST; i++) {
        pthread_join(fast[i].thread, NULL);
        rpc_client_close(fast[i].client);
        assert_int_equal(fast[i].others, 0);
        assert_int_equal(fast[i].through + fast[i].refused, FAST_PUTS);
        through += fast[i].through;
    }
    return through;
}

static void quotas_hold_against_fast_writers(void **state)
{
    (void)state;
    test.region.region->purposes[0].limits.entries = 50;
    next_manifest();
    assert_int_equal(rush_as(AAA), 12);
    assert_int_equal(entries_held(), 48);
}

/* Its own puts fill its mailbox: one request goes beyond the limit, and no other behind it, in whichever write. */
static void a_mailbox_is_not_filled_by_fast_writers(void **state)
{
    (void)state;
    assert_int_equal(rush_as(BBB), FAST * FAST_PUTS);
    test.region.region->purposes[0].limits.mailbox = 10;
    next_manifest();
    assert_int_equal(rush_as(AAA), 3);
    const uint16_t a = store_agency(matcher.store, test.region.region->digests[AAA]);
    assert_int_equal(store_mailbox(matcher.store, a).last, 12);
}

/* What is put as it was fills the archive alone: so many times what is held, and as much again as may change. */
static void the_archive_is_not_flooded_with_renewals(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct put_reply out;
    test.region.region->purposes[0].limits.daily = 5;
    next_manifest();
    must_put(1, "ab", "of A");
    for (unsigned i = 0; i < 9; i++) /* 4 * 2 + 2 * 5 */
        must_put(10 + i, "ab", "of A");
    expect_refusal(put(30, "ab", "of A", &out, &err), ERR_DENIED, &err,
                   "would have put 20 today that were there already: the limit is 18");
    must_put(31, "cd", "of A"); /* which makes some more room */
    must_put(32, "ab", "of A");
    /* Nor with what is removed and put again. */
    must_remove(40, "abcd");
    must_put(41, "abcd", "of A");
    must_remove(42, "abcd");
    expect_refusal(put(43, "abcd", "of A", &out, &err), ERR_DENIED, &err,
                   "would have changed 12 today: the limit is 10");
}

static void a_partner_is_not_flooded_with_changes(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    const uint16_t b = store_agency(matcher.store, test.region.region->digests[BBB]);
    must_put(1, "ab", "of A");
    ask_as(BBB);
    must_put(1, "ab", "of B");
    const uint64_t before = store_mailbox(matcher.store, b).last;
    assert_int_equal(flood(10, 20, &err), 20);
    assert_int_equal(store_mailbox(matcher.store, b).last, before + 40);
    test.region.region->purposes[0].limits.daily = 25;
    next_manifest();
    assert_int_equal(flood(40, 20, &err), 4); /* the two that were new count, too */
    assert_int_equal(store_mailbox(matcher.store, b).last, before + 48);
    assert_int_equal(err.code, ERR_DENIED);
    assert_non_null(strstr(err.text, "would have changed 52 today: the limit is 50"));
    must_put(70, "ab", "change 3"); /* what is as it was is renewed */
}

/* One event, whatever is repeated, since two with one id would convict the matcher. */
static void an_acknowledgement_has_one_event(void **state)
{
    (void)state;
    uint64_t last;
    struct err err = {.text = ""};
    struct wire_reply reply;
    struct buf body = buf_of(100);
    must_put(1, "ab", "of A");
    ask_as(BBB);
    must_put(1, "ab", "of B");
    mail(0, &last);
    uint64_t size = ledger_size(store_ledger(matcher.store));
    acknowledge(5, last - 1);
    acknowledge(5, last - 1);
    acknowledge(6, last - 1);
    assert_int_equal(ledger_size(store_ledger(matcher.store)), size + 1);
    MUST(ack_request_encode(&body, &(struct ack_request){.through = last}, why));
    expect_refusal(service_test_call(&test, WIRE_ACK, 5, NULL, 0, &body, &reply, &err), ERR_CONFLICT, &err,
                   "was used for another");
    buf_free(&body);
}

static void waiting_is_silent_without_news(void **state)
{
    (void)state;
    uint64_t last;
    must_put(1, "ab", "of A");
    ask_as(BBB);
    must_put(1, "a", "of B");
    assert_true(wait_for_mail(0));
    mail(0, &last);
    assert_false(wait_for_mail(0)); /* it has been handed out */
    must_put(2, "b", "of B");
    assert_true(wait_for_mail(last));
    acknowledge(7, last + 1);
    assert_false(wait_for_mail(0));
}

static void an_epoch_that_ended_can_be_removed_from(void **state)
{
    (void)state;
    struct region *r = test.region.region;
    struct err err = {.text = ""};
    struct put_reply out;
    uint64_t last;
    must_put(1, "abc", "of A");
    ask_as(BBB);
    must_put(1, "abc", "of B");
    mail(0, &last);
    r->purposes[0].epochs[1] = r->purposes[0].epochs[0];
    r->purposes[0].epochs[1].epoch = 2;
    r->purposes[0].epochs[0].until = clock_now() + 100000;
    r->purposes[0].epoch_count = 2;
    next_manifest();
    expect_refusal(put(2, "d", "of B", &out, &err), ERR_DENIED, &err, "it is 2");
    assert_int_equal(must_remove(3, "c"), 1);
    r->purposes[0].epochs[0].until = 1;
    region_test_next(&test.region);
    region_test_write(&test.region, TEST_COORDINATORS);
    MUST(matcher_reload(&matcher, why));
    assert_int_equal(must_remove(4, "b"), 1);
    upkeep();
    assert_int_equal(entries_held(), 0);
    assert_string_equal(mail(last, &last), "-a");
    ask_as(AAA);
    assert_int_equal(entries_held(), 0);
    assert_string_equal(mail(0, &last), "+a+b+c-c-b-a");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(an_evaluation_is_spent_once),
        CASE(a_request_has_one_answer),
        CASE(putting_replaces_and_removing_removes),
        CASE(mail_waits_until_acknowledged),
        CASE(mail_is_a_chain),
        CASE(acknowledged_mail_is_kept_for_a_while),
        CASE(a_receipt_proves_itself),
        CASE(what_is_not_allowed_is_refused),
        CASE(grants_are_mutual),
        CASE(couples_wait_and_are_released),
        CASE(a_suspension_is_obeyed_at_once),
        CASE(who_is_asked_is_told),
        CASE(who_is_asked_too_much_is_named),
        CASE(an_answer_is_kept_ten_minutes),
        CASE(a_load_is_closed_by_request),
        CASE(limits_are_refused_before_anything_is_done),
        CASE(a_partner_is_not_flooded_with_changes),
        CASE(the_archive_is_not_flooded_with_renewals),
        CASE(quotas_hold_against_fast_writers),
        CASE(a_mailbox_is_not_filled_by_fast_writers),
        CASE(an_acknowledgement_has_one_event),
        CASE(waiting_is_silent_without_news),
        CASE(an_epoch_that_ended_can_be_removed_from),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("matcher_service", tests, NULL, NULL);
}
