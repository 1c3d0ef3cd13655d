/*
 * All records that changed are resolved, whatever chunks they fall into and whoever resolves them: each finds its own
 * partner's record; payloads that do not open are counted, and noted with their tags.
 */
#include "client/mail/stale.h"

#include "tests/unit/vault_test.h"

#define RECORDS 500 /* several chunks for each thread, and a part of one */
#define DAMAGED(i) ((i) % 50 == 7)
#define DAMAGED_ALL (RECORDS / 50)

static int64_t domain;
static struct region region = {.name = "test", .agency_count = 1};
static struct party parties[1] = {{.name = "IDN"}};
static uint8_t digests[1][PARTY_DIGEST_SIZE] = {{1}};
static struct region_purpose purpose = {.name = "persons", .kind = REGION_ISSUED}; /* no pairs to judge */
static struct region_epoch epoch = {.epoch = 1};
static struct agency agency = {.region = &region};
static struct agency_purpose at;
static uint8_t handle[RECORDS][HANDLE_SIZE]; /* of the partner's */

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
    MUST(schema_read(&at.schema, "client/schema/persons.json", why));
    region.agencies = parties;
    region.digests = digests;
    agency.vault = vault;
    at.region = &purpose;
    at.epoch = &epoch;
    at.domain = domain;
}

static struct token token_of(unsigned i)
{
    struct token token = {.seal_key = {3}};
    bytes_put_u32be(token.seal_key + 1, i);
    token_tag(token.tag, token.seal_key);
    return token;
}

static void put_record(unsigned i)
{
    char id[16];
    struct vault_ref ref;
    struct vault_token token = {.key = 0, .token = token_of(i)};
    snprintf(id, sizeof id, "T%u", i);
    const struct vault_record values = {.id = id};
    MUST(vault_record_put(vault, domain, &values, &token, 1, &ref, why));
}

static void send_all(void)
{
    static struct vault_unsent u;
    struct vault_sending_options options = {.alone = true, .slots = 4};
    struct vault_sending *w;
    bool end = false;
    options.cap[0] = 4;
    MUST(vault_sending_open(&w, vault, domain, &options, why));
    while (!end)
        MUST(vault_sending_next(w, &u, &end, why));
    MUST(vault_sending_finish(w, why));
    vault_sending_close(w);
}

/* The partner has one record for each of ours. */
static void hit_record(unsigned i)
{
    const struct token token = token_of(i);
    const struct payload_context context = {"test", "persons", digests[0], 1, token.tag, token.seal_key};
    uint8_t seed[RECORD_SEED_SIZE] = {7}, slot[SLOT_SIZE];
    struct record_secret record;
    struct buf payload = buf_of(4096);
    bytes_put_u32be(seed + 1, i);
    record_secret_derive(&record, seed);
    memcpy(handle[i], record.handle, HANDLE_SIZE);
    slot_make(slot, &at.schema, &context, &record, 0);
    MUST(payload_seal(&payload, &at.schema, &context, slot, 1, why));
    if (DAMAGED(i))
        payload.data[payload.len / 2] ^= 1;
    MUST(vault_hit_put(vault, domain, "IDN", token.tag, buf_span(&payload), why));
    buf_free(&payload);
}

static int check_match(void *context, const struct vault_review *review, struct err *err)
{
    size_t *matches = context;
    const unsigned long i = strtoul(review->id + 1, NULL, 10);
    (void)err;
    assert_true(i < RECORDS && !DAMAGED(i));
    assert_memory_equal(review->match.handle, handle[i], HANDLE_SIZE);
    assert_int_equal(review->match.keys, 1);
    ++*matches;
    return 0;
}

static void each_record_finds_its_own(void **state)
{
    (void)state;
    struct resolver resolver;
    uint64_t records = 0;
    size_t matches = 0;
    bool any = false;
    for (unsigned i = 0; i < RECORDS; i++)
        put_record(i);
    MUST(vault_settle(vault, why));
    send_all();
    for (unsigned i = 0; i < RECORDS; i++)
        hit_record(i);
    MUST(vault_settle(vault, why));
    MUST(resolver_init(&resolver, &agency, &at, why));
    MUST(resolve_stale(&resolver, &records, why));
    assert_int_equal(records, RECORDS);
    assert_int_equal(resolver.closed, DAMAGED_ALL);
    assert_int_equal(resolver.unopened[0], DAMAGED_ALL);
    resolver_free(&resolver);
    MUST(vault_reviews(vault, domain, check_match, &matches, why));
    assert_int_equal(matches, RECORDS - DAMAGED_ALL);
    MUST(vault_unopened_any(vault, &any, why));
    assert_true(any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(each_record_finds_its_own, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
