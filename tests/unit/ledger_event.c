/* Events: one encoding each, and nothing else is taken for one. */
#include "protocol/ledger/event.h"
#include "protocol/ledger/refusal.h"

#include <sodium.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SALT "000102030405060708090a0b0c0d0e0f"
#define PUT                                                                                                            \
    "{\"kind\":\"put\",\"time\":1763985600,\"salt\":\"" SALT                                                           \
    "\",\"party\":\"THA\",\"purpose\":\"persons\",\"epoch\":1,"                                                        \
    "\"count\":3,\"added\":1,\"renewed\":2}"

static struct event a_put(void)
{
    struct event e;
    event_init(&e, EVENT_PUT);
    e.time = 1763985600;
    for (size_t i = 0; i < sizeof e.salt; i++)
        e.salt[i] = (uint8_t)i;
    strcpy(e.party, "THA");
    strcpy(e.purpose, "persons");
    e.epoch = 1;
    e.count = 3;
    e.added = 1;
    e.renewed = 2;
    return e;
}

static void writes_members_in_order(void **state)
{
    (void)state;
    struct err err;
    struct buf out = buf_of(EVENT_SIZE_MAX);
    const struct event e = a_put();
    assert_int_equal(event_encode(&out, &e, &err), 0);
    assert_int_equal(out.len, strlen(PUT));
    assert_memory_equal(out.data, PUT, out.len);
    buf_free(&out);
}

/* Every member at its largest, for every kind. */
static void reads_what_it_wrote(void **state)
{
    (void)state;
    struct err err;
    struct buf out = buf_of(EVENT_SIZE_MAX);
    for (int kind = EVENT_START; kind < EVENT_KINDS; kind++) {
        struct event e, again;
        event_init(&e, (enum event_kind)kind);
        memset(e.party, 'p', PARTY_NAME_MAX);
        memset(e.partner, 'q', PARTY_NAME_MAX);
        memset(e.purpose, 'r', PARTY_NAME_MAX);
        memset(e.note, ' ', EVENT_NOTE_MAX);
        memset(e.scope, 's', 200);
        memset(e.id, 0xff, sizeof e.id);
        memset(e.request, 0xff, sizeof e.request);
        memset(e.chain, 0xff, sizeof e.chain);
        memset(e.digest, 0xff, sizeof e.digest);
        e.epoch = UINT32_MAX;
        e.time = e.count = e.added = e.renewed = e.replaced = e.removed = e.hits = INT64_MAX;
        e.except = e.unasked = e.waiting = e.spent = e.generation = e.until = e.sequence = e.size = INT64_MAX;
        buf_clear(&out);
        assert_int_equal(event_encode(&out, &e, &err), 0);
        assert_int_equal(event_decode(&again, buf_span(&out), &err), 0);
        assert_memory_equal(&e, &again, sizeof e);
        assert_int_equal(event_kind_of(event_kind_name(e.kind)), kind);
    }
    assert_null(event_kind_name(EVENT_KINDS));
    assert_int_equal(event_kind_of("relay"), 0);
    buf_free(&out);
}

/* The longest scope, with all that stands beside it in a query or an evaluate. */
static struct event_scope longest_scope(void)
{
    struct event_scope scope = {.items = WIRE_SCOPE_MAX};
    for (size_t i = 0; i < WIRE_SCOPE_MAX; i++) {
        memset(scope.item[i].purpose, 'a' + (int)i, PARTY_NAME_MAX);
        scope.item[i].epoch = UINT32_MAX;
        scope.count[i] = 512;
    }
    return scope;
}

static void the_longest_question_fits(void **state)
{
    (void)state;
    struct err err;
    struct buf out = buf_of(EVENT_SIZE_MAX);
    struct event e;
    const struct event_scope scope = longest_scope();
    event_init(&e, EVENT_QUERY);
    event_set_scope(&e, &scope);
    memset(e.party, 'p', PARTY_NAME_MAX);
    memset(e.id, 0xff, sizeof e.id);
    memset(e.request, 0xff, sizeof e.request);
    memset(e.digest, 0xff, sizeof e.digest);
    e.time = 9999999999;
    e.hits = e.spent = 8192;
    e.except = 256;
    e.unasked = 4096;
    e.generation = UINT32_MAX;
    strcpy(e.note, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16");
    assert_int_equal(event_encode(&out, &e, &err), 0);
    /* What never goes together is refused, not cut. */
    memset(e.note, 'n', EVENT_NOTE_MAX);
    memset(e.partner, 'q', PARTY_NAME_MAX);
    e.added = e.removed = e.replaced = e.renewed = e.waiting = INT64_MAX;
    assert_int_equal(event_encode(&out, &e, &err), ERR_INTERNAL);
    buf_free(&out);
}

static void scopes_are_written_one_way(void **state)
{
    (void)state;
    struct err err = {.text = ""};
    struct event e = a_put();
    struct event_scope read, scope = {.item = {{"documents", 3}, {"persons", 1}}, .count = {16, 48}, .items = 2};
    assert_int_equal(event_get_scope(&read, &e, &err), 0);
    assert_int_equal(read.items, 1);
    assert_string_equal(read.item[0].purpose, "persons");
    assert_int_equal(read.item[0].epoch, 1);
    assert_int_equal(read.count[0], 3);
    event_init(&e, EVENT_QUERY);
    event_set_scope(&e, &scope);
    assert_string_equal(e.scope, "documents/3:16,persons/1:48");
    assert_string_equal(e.purpose, "");
    assert_int_equal(e.count, 64);
    assert_int_equal(event_get_scope(&read, &e, &err), 0);
    assert_memory_equal(&read, &scope, sizeof scope);
    const struct event_scope longest = longest_scope();
    event_set_scope(&e, &longest);
    assert_int_equal(event_get_scope(&read, &e, &err), 0);
    assert_memory_equal(&read, &longest, sizeof longest);
    static const char *const bad[] = {"persons/1:64",
                                      "documents/3:16,persons/1:47",
                                      "persons/1:48,documents/3:16",
                                      "documents/3:16,documents/3:48",
                                      "documents/03:16,persons/1:48",
                                      "documents/3:+16,persons/1:48",
                                      "documents/3:16, persons/1:48",
                                      "documents/3:16,persons/1:48,",
                                      "documents/3:16,,persons/1:48",
                                      "documents/3:0,persons/1:64",
                                      "documents/4294967299:16,persons/1:48",
                                      "documents/3,persons/1:64",
                                      "x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        strcpy(e.scope, bad[i]);
        e.count = 64;
        if (event_get_scope(&read, &e, &err) != ERR_INPUT)
            fail_msg("taken: %s", bad[i]);
    }
    strcpy(e.scope, "documents/3:16,persons/1:48");
    strcpy(e.purpose, "persons");
    assert_int_equal(event_get_scope(&read, &e, &err), ERR_INPUT);
}

static void kinds_know_their_place(void **state)
{
    (void)state;
    size_t causes = 0, lines = 0, asked_for = 0;
    for (unsigned kind = 1; kind < EVENT_KINDS; kind++) {
        causes += event_is_cause((enum event_kind)kind);
        lines += event_is_line((enum event_kind)kind);
        asked_for += event_is_asked_for((enum event_kind)kind);
        assert_false(event_is_cause((enum event_kind)kind) && event_is_line((enum event_kind)kind));
    }
    assert_int_equal(causes, 8);
    assert_int_equal(lines, 4);
    assert_int_equal(asked_for, 10);
    /* The order of lines behind a cause. */
    assert_true(EVENT_DELIVER < EVENT_WITHDRAW && EVENT_WITHDRAW < EVENT_ASKED && EVENT_ASKED < EVENT_WAIT);
}

static void refuses_other_encodings(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "{\"kind\":\"put\"}",
        "[" PUT "]",
        PUT "\n",
        " " PUT,
        PUT PUT,
        "{\"kind\":\"\",\"time\":1,\"salt\":\"" SALT "\"}",
        "{\"kind\":\"seize\",\"time\":1,\"salt\":\"" SALT "\"}",
        "{\"time\":1,\"kind\":\"stop\",\"salt\":\"" SALT "\"}",
        "{\"kind\":\"stop\",\"time\":01,\"salt\":\"" SALT "\"}",
        "{\"kind\":\"stop\",\"time\":-1,\"salt\":\"" SALT "\"}",
        "{\"kind\":\"stop\",\"time\":1.0,\"salt\":\"" SALT "\"}",
        "{\"kind\":\"stop\",\"time\":9223372036854775808,\"salt\":\"" SALT "\"}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "0\"}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"000102030405060708090A0B0C0D0E0F\"}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"count\":0}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"note\":\"\"}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"note\":\"\\u0041\"}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"epoch\":4294967296}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"count\":1,\"epoch\":1}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"count\":1,\"count\":1}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT "\",\"name\":\"x\"}",
        "{\"kind\":\"stop\",\"time\":1,\"salt\":\"" SALT
        "\",\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\"}",
    };
    struct event e;
    struct err err;
    assert_int_equal(event_decode(&e, span_of(PUT, strlen(PUT)), &err), 0);
    for (size_t len = 0; len < strlen(PUT); len++)
        assert_int_equal(event_decode(&e, span_of(PUT, len), &err), ERR_INPUT);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (event_decode(&e, span_of(bad[i], strlen(bad[i])), &err) != ERR_INPUT)
            fail_msg("taken: %s", bad[i]);
}

static void refuses_to_write_what_json_would_escape(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\"b", "a\\b", "a\nb", "\xc3\xa4", "\x7f"};
    struct err err;
    struct buf out = buf_of(EVENT_SIZE_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct event e = a_put();
        strcpy(e.note, bad[i]);
        assert_int_equal(event_encode(&out, &e, &err), ERR_INTERNAL);
        assert_int_equal(out.len, 0);
    }
    buf_free(&out);
}

/* SHA-256(salt || 00000002 "ab" || 00000000 ""), as openssl dgst gives it. */
static void digests_salt_and_lengths(void **state)
{
    (void)state;
    const struct event e = a_put();
    struct event_digest digest;
    uint8_t out[EVENT_DIGEST_SIZE], expected[32];
    static const uint8_t text[] = {0,  1,  2,  3, 4, 5, 6, 7,   8,   9, 10, 11, 12,
                                   13, 14, 15, 0, 0, 0, 2, 'a', 'b', 0, 0,  0,  0};
    event_digest_start(&digest, e.salt);
    event_digest_add(&digest, span_of("ab", 2));
    event_digest_add(&digest, span_of(NULL, 0));
    event_digest_end(&digest, out);
    crypto_hash_sha256(expected, text, sizeof text);
    assert_memory_equal(out, expected, sizeof out);
}

static void counts_refusals_by_powers_of_two(void **state)
{
    (void)state;
    struct refusals *refusals;
    struct event e;
    struct err err;
    size_t events = 0;
    assert_int_equal(refusals_new(&refusals, &err), 0);
    for (uint64_t n = 1; n <= 100000; n++) {
        bool due = refusals_count(refusals, REFUSAL_DAILY, "THA", "persons", &e);
        if (e.count == 1 && n > 1)
            n = 1; /* midnight passed */
        assert_int_equal(e.count, n);
        events += due;
    }
    assert_true(events >= 1 && events <= 34);
    assert_string_equal(e.party, "THA");
    assert_string_equal(e.note, "daily");
    assert_true(refusals_count(refusals, REFUSAL_GRANT, "THA", "persons", &e));
    assert_true(refusals_count(refusals, REFUSAL_DAILY, "THA", "documents", &e));
    assert_true(refusals_count(refusals, REFUSAL_DAILY, "IDN", "persons", &e));
    refusals_free(refusals);
}

static void forgets_no_refusal_but_tells_only_so_many(void **state)
{
    (void)state;
    struct refusals *refusals;
    struct event e;
    struct err err;
    char name[16];
    size_t events = 0;
    assert_int_equal(refusals_new(&refusals, &err), 0);
    for (int i = 0; i < REFUSALS_MAX + 100; i++) {
        snprintf(name, sizeof name, "A%d", i);
        events += refusals_count(refusals, REFUSAL_EPOCH, name, "persons", &e);
    }
    assert_true(events >= REFUSALS_MAX);
    assert_true(events < REFUSALS_MAX + 100 || e.time % 86400 < 60);
    refusals_free(refusals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_members_in_order),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(the_longest_question_fits),
        cmocka_unit_test(scopes_are_written_one_way),
        cmocka_unit_test(kinds_know_their_place),
        cmocka_unit_test(refuses_other_encodings),
        cmocka_unit_test(refuses_to_write_what_json_would_escape),
        cmocka_unit_test(digests_salt_and_lengths),
        cmocka_unit_test(counts_refusals_by_powers_of_two),
        cmocka_unit_test(forgets_no_refusal_but_tells_only_so_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
