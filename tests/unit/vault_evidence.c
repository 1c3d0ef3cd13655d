/*
 * What others should not have done: evidence is kept once and not without end, whose it may be; since when a party is
 * without a grant; what does not open is counted by partner while the agency has the tag; questions told by the day.
 */
#include "client/vault/vault.h"
#include "protocol/base/clock.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vault_test.h"

static int64_t domain;

static void open_vault(void)
{
    MUST(vault_open(&vault, path, secret, why));
    MUST(vault_domain(vault, "persons", 1, &domain, why));
}

/* --- evidence --- */

static void keep(const char *kind, const char *party, const char *mark)
{
    const struct vault_evidence evidence = {
        .kind = kind, .party = party, .mark = span_of(mark, strlen(mark)), .text = span_of("text", 4)};
    MUST(vault_evidence_put(vault, &evidence, why));
}

struct kept {
    unsigned all, matcher;
};

static int count(void *context, const struct vault_evidence *evidence, struct err *err)
{
    struct kept *kept = context;
    (void)err;
    assert_int_equal(evidence->text.len, 4);
    kept->all++;
    kept->matcher += strcmp(evidence->party, "matcher") == 0;
    return 0;
}

static void evidence_is_kept_once_and_not_without_end(void **state)
{
    (void)state;
    struct kept kept = {0};
    char mark[16];
    keep("mail", "matcher", "one");
    keep("mail", "matcher", "one");
    MUST(vault_evidence(vault, count, &kept, why));
    assert_int_equal(kept.all, 1);
    for (int i = 0; i < 1000; i++) {
        snprintf(mark, sizeof mark, "%d", i);
        keep("mail", "matcher", mark);
    }
    keep("evaluation", "custodian-1", "one");
    keep("hits", "matcher", "one");
    kept = (struct kept){0};
    vault_close(vault);
    open_vault();
    MUST(vault_evidence(vault, count, &kept, why));
    assert_int_equal(kept.matcher, 21);
    assert_int_equal(kept.all, 22);
}

/* --- parties without a grant --- */

static void since_when_a_party_is_apart(void **state)
{
    (void)state;
    const uint8_t partner[PARTY_DIGEST_SIZE] = {4};
    uint64_t since, again;
    MUST(vault_apart_since(vault, "persons", partner, &since, why));
    assert_int_equal(since, 0);
    MUST(vault_apart_note(vault, "persons", partner, true, why));
    MUST(vault_apart_since(vault, "persons", partner, &since, why));
    assert_true(since > 0);
    MUST(vault_apart_note(vault, "persons", partner, true, why));
    MUST(vault_apart_since(vault, "persons", partner, &again, why));
    assert_int_equal(again, since);
    MUST(vault_apart_since(vault, "documents", partner, &again, why));
    assert_int_equal(again, 0);
    MUST(vault_apart_note(vault, "persons", partner, false, why));
    MUST(vault_apart_since(vault, "persons", partner, &again, why));
    assert_int_equal(again, 0);
}

/* --- what does not open --- */

/* What changed is told to the matcher: only then do partners' entries come for it. */
static void send_all(void)
{
    static struct vault_unsent unsent;
    struct vault_sending_options options = {.cap = {0}};
    struct vault_sending *walk;
    bool end = false;
    for (size_t i = 0; i < SCHEMA_KEYS_MAX; i++)
        options.cap[i] = 4;
    options.slots = 4;
    MUST(vault_sending_open(&walk, vault, domain, &options, why));
    while (!end)
        MUST(vault_sending_next(walk, &unsent, &end, why));
    MUST(vault_sending_finish(walk, why));
    vault_sending_close(walk);
}

struct unopened {
    uint64_t partners, entries, questions;
};

static int add_unopened(void *context, const struct vault_unopened *u, struct err *err)
{
    struct unopened *sum = context;
    (void)err;
    sum->partners++;
    sum->entries += u->entries;
    sum->questions += u->questions;
    return 0;
}

static void unopened(uint64_t partners, uint64_t entries, uint64_t questions)
{
    struct unopened sum = {0};
    MUST(vault_unopened(vault, domain, add_unopened, &sum, why));
    assert_int_equal(sum.partners, partners);
    assert_int_equal(sum.entries, entries);
    assert_int_equal(sum.questions, questions);
}

static void what_does_not_open_is_counted_by_partner(void **state)
{
    (void)state;
    uint8_t a[WIRE_TAG_SIZE], b[WIRE_TAG_SIZE], x[WIRE_TAG_SIZE];
    bool any;
    vault_test_tag(a, 'a');
    vault_test_tag(b, 'b');
    vault_test_tag(x, 'x');
    MUST(vault_unopened_any(vault, &any, why));
    assert_false(any);
    vault_test_record(domain, "R1", "ab");
    MUST(vault_settle(vault, why));
    send_all();
    for (int again = 0; again < 2; again++) {
        MUST(vault_unopened_put(vault, domain, "IDN", a, false, why));
        MUST(vault_unopened_put(vault, domain, "IDN", b, false, why));
        MUST(vault_unopened_put(vault, domain, "IDN", a, true, why));
        MUST(vault_unopened_put(vault, domain, "MYS", b, false, why));
        MUST(vault_unopened_put(vault, domain, "MYS", x, false, why)); /* a tag that no record has */
    }
    MUST(vault_unopened_any(vault, &any, why));
    assert_true(any);
    unopened(2, 3, 1);
    MUST(vault_unopened_forget(vault, domain, "IDN", a, why));
    unopened(2, 2, 1);
}

/* --- questions by the day --- */

static uint64_t today;

static int add_asked(void *context, const struct vault_asked *asked, struct err *err)
{
    uint64_t *days = context;
    (void)err;
    assert_string_equal(asked->partner, "IDN");
    assert_int_equal(asked->day, today - 86400 * *days);
    assert_int_equal(asked->count, 48 + *days);
    ++*days;
    return 0;
}

static void questions_by_the_day_are_kept_once(void **state)
{
    (void)state;
    uint64_t days = 0;
    today = clock_now() / 86400 * 86400;
    struct vault_asked asked[] = {{"IDN", 9, today, 48}, {"IDN", 5, today - 86400, 49}};
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < ARRAY_LEN(asked); i++)
            MUST(vault_asked_put(vault, "issued", &asked[i], why));
    MUST(vault_asked(vault, "persons", add_asked, &days, why));
    assert_int_equal(days, 0);
    MUST(vault_asked(vault, "issued", add_asked, &days, why));
    assert_int_equal(days, 2);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(evidence_is_kept_once_and_not_without_end),
        CASE(since_when_a_party_is_apart),
        CASE(what_does_not_open_is_counted_by_partner),
        CASE(questions_by_the_day_are_kept_once),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("vault_evidence", tests, NULL, NULL);
}
