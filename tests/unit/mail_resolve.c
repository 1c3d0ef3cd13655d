/*
 * From partners' slots to matches: padding passes for no slot, whatever is combined; the worst that a partner can send
 * for a record is bounded and the record in it is found; what is beyond the matches that are kept of a record is
 * counted with the partner's name; a payload that does not open is left and counted.
 */
#include "client/mail/resolve.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ENTRY_MAX 4096
#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", err.text);                                                                                  \
    } while (0)

static struct err err;
static struct region region = {.name = "test", .agency_count = 2};
static struct party parties[2] = {{.name = "IDN"}, {.name = "MYS"}};
static uint8_t digests[2][PARTY_DIGEST_SIZE] = {{1}, {2}};
static struct region_purpose purpose = {.name = "persons"};
static struct region_epoch epoch = {.epoch = 1};
static struct agency agency = {.region = &region};
static struct agency_purpose at;
static struct resolver resolver;
static struct vault_match match[MATCHES_MAX];

/* Keys 0 and 1 open alone, 2 and 3 together. */
static int setup(void **state)
{
    (void)state;
    region.agencies = parties;
    region.digests = digests;
    MUST(schema_read(&at.schema, "client/schema/persons.json", &err));
    at.schema.key[2].weight = at.schema.key[3].weight = 1;
    at.region = &purpose;
    at.epoch = &epoch;
    return 0;
}

static void begin(void)
{
    resolver_free(&resolver);
    resolver = (struct resolver){.agency = &agency, .purpose = &at, .slots = buf_of(64u << 20), .chance = 10};
}

/* Some record of a partner's. */
static struct record_secret some_record(void)
{
    struct record_secret record;
    uint8_t seed[RECORD_SEED_SIZE];
    randombytes_buf(seed, sizeof seed);
    record_secret_derive(&record, seed);
    return record;
}

/* Adds partner's entry for the tag of that number, with the slots of these records; the rest is padding. */
static void add(size_t partner, unsigned key, unsigned number, const struct record_secret *record, size_t records)
{
    uint8_t tag[WIRE_TAG_SIZE] = {1, (uint8_t)key}, seal_key[SEAL_KEY_SIZE] = {5}, slots[SCHEMA_SLOTS_MAX * SLOT_SIZE];
    struct buf payload = buf_of(ENTRY_MAX);
    bytes_put_u32be(tag + 2, number);
    const struct payload_context context = {"test", "persons", digests[partner], 1, tag, seal_key};
    for (size_t i = 0; i < records; i++)
        slot_make(slots + i * SLOT_SIZE, &at.schema, &context, &record[i], key);
    MUST(payload_seal(&payload, &at.schema, &context, slots, records, &err));
    MUST(resolver_add(&resolver, key, tag, seal_key, parties[partner].name, buf_span(&payload), &err));
    buf_free(&payload);
}

static void all_slots_of_a_record_are_one_match(void **state)
{
    (void)state;
    struct record_secret record = some_record();
    begin();
    for (unsigned key = 0; key < 4; key++)
        add(0, key, 0, &record, 1);
    assert_int_equal(resolver_matches(&resolver, 15, match), 1);
    assert_string_equal(match[0].partner, "IDN");
    assert_int_equal(match[0].keys, 15);
    assert_memory_equal(match[0].handle, record.handle, HANDLE_SIZE);
}

/* Two of weight 1 open together only if they are of one record of one partner. */
static void slots_of_others_open_nothing(void **state)
{
    (void)state;
    struct record_secret one = some_record(), two = some_record();
    begin();
    add(0, 2, 0, &one, 1);
    add(0, 3, 0, &two, 1);
    add(1, 3, 0, &one, 1);
    assert_int_equal(resolver_matches(&resolver, 15, match), 0);
    add(0, 3, 1, &one, 1);
    assert_int_equal(resolver_matches(&resolver, 15, match), 1);
    assert_int_equal(match[0].keys, 12);
}

/*
 * All tags that a record may have, all slots of them random but two: 32,640 pairs are below the bound of 65,536, and no
 * order of trying is needed.
 */
static void padding_passes_for_no_slot(void **state)
{
    (void)state;
    struct record_secret record = some_record();
    begin();
    for (unsigned i = 0; i < SCHEMA_TOKENS_MAX; i++)
        add(0, 2 + i % 2, i, &record, i >= SCHEMA_TOKENS_MAX - 2);
    assert_int_equal(resolver.entries, SCHEMA_TOKENS_MAX);
    assert_int_equal(resolver_matches(&resolver, 15, match), 1);
    assert_memory_equal(match[0].handle, record.handle, HANDLE_SIZE);
    for (int round = 0; round < 20; round++) {
        begin();
        for (unsigned i = 0; i < SCHEMA_TOKENS_MAX; i++)
            add(0, i % 4, i, NULL, 0);
        assert_int_equal(resolver_matches(&resolver, 15, match), 0);
    }
}

static void what_is_left_over_is_counted(void **state)
{
    (void)state;
    struct record_secret record[SCHEMA_SLOTS_MAX];
    begin();
    for (unsigned i = 0; i < MATCHES_MAX / SCHEMA_SLOTS_MAX + 1; i++) {
        for (size_t k = 0; k < at.schema.slots; k++)
            record[k] = some_record();
        add(i < SCHEMA_TOKENS_MAX ? 0 : 1, 0, i, record, at.schema.slots);
    }
    assert_int_equal(resolver_matches(&resolver, 15, match), MATCHES_MAX);
    assert_int_equal(resolver.left[0], 0);
    assert_int_equal(resolver.left[1], at.schema.slots);
}

static void what_does_not_open_is_counted(void **state)
{
    (void)state;
    const uint8_t tag[WIRE_TAG_SIZE] = {9}, seal_key[SEAL_KEY_SIZE] = {5}, junk[200] = {1};
    begin();
    MUST(resolver_add(&resolver, 0, tag, seal_key, "MYS", span_of(junk, payload_size(&at.schema)), &err));
    MUST(resolver_add(&resolver, 0, tag, seal_key, "MYS", span_of(junk, 17), &err));
    MUST(resolver_add(&resolver, 0, tag, seal_key, "XXX", span_of(junk, 17), &err));
    assert_int_equal(resolver.unopened[1], 2);
    assert_int_equal(resolver.closed, 2);
    assert_int_equal(resolver_matches(&resolver, 15, match), 0);
    begin();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_slots_of_a_record_are_one_match), cmocka_unit_test(slots_of_others_open_nothing),
        cmocka_unit_test(padding_passes_for_no_slot),          cmocka_unit_test(what_is_left_over_is_counted),
        cmocka_unit_test(what_does_not_open_is_counted),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("mail_resolve", tests, setup, NULL);
}
