/* Joining: who is told what, when entries come, change and go, and when grants do. */
#include "tests/unit/matcher_test.h"

static struct test_store t;

static int begin(void **state)
{
    (void)state;
    test_new(&t);
    struct region *r = test_region(1);
    test_grant_mutual(r, AAA, BBB, PERSONS);
    test_grant(r, AAA, CCC, PERSONS); /* not returned */
    test_install(&t, r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    test_remove(&t);
    return 0;
}

static void both_sides_get_the_other(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "abc", "one");
    assert_string_equal(test_mail(&t, AAA), "");
    test_put(&t, BBB, PERSONS, "bcd", "two");
    assert_string_equal(test_mail(&t, AAA), "+btwo<1 +ctwo<1");
    assert_string_equal(test_mail(&t, BBB), "+bone<0 +cone<0");
}

static void no_join_without_a_mutual_grant_or_across_purposes(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "a", "one");
    test_put(&t, CCC, PERSONS, "a", "three");
    test_put(&t, BBB, DOCUMENTS, "a", "two");
    for (int i = AAA; i <= CCC; i++)
        assert_string_equal(test_mail(&t, i), "");
}

static void replacing_tells_and_repeating_is_silent(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "ab", "one");
    test_put(&t, BBB, PERSONS, "b", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    test_put(&t, AAA, PERSONS, "ab", "one");
    assert_string_equal(test_mail(&t, BBB), "");
    test_put(&t, AAA, PERSONS, "ab", "new");
    assert_string_equal(test_mail(&t, BBB), "+bnew<0");
    assert_string_equal(test_mail(&t, AAA), "+btwo<1");
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]), 2);
}

static void removing_withdraws_at_those_who_were_told(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "bc", "two");
    test_put(&t, CCC, PERSONS, "c", "three");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    assert_int_equal(test_drop(&t, AAA, PERSONS, "acz"), 2);
    assert_string_equal(test_mail(&t, BBB), "-c<0");
    assert_string_equal(test_mail(&t, CCC), "");
    assert_string_equal(test_mail(&t, AAA), "");
    assert_int_equal(test_drop(&t, AAA, PERSONS, "acz"), 0);
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]), 1);
}

static void a_query_finds_and_leaves_nothing(void **state)
{
    (void)state;
    struct test_request r;
    struct join_hits hits;
    struct err err = {0};
    test_put(&t, BBB, PERSONS, "bc", "two");
    test_put(&t, CCC, PERSONS, "b", "three");
    test_put(&t, AAA, PERSONS, "c", "one");
    test_mail(&t, BBB);
    struct event event;
    event_init(&event, EVENT_QUERY);
    test_begin(&t);
    assert_int_equal(join_query(&t.join, test_request(&r, AAA, PERSONS, "abc", ""), &hits, &event, &err), 0);
    assert_int_equal(event.hits, 2);
    assert_int_equal(hits.count, 2);
    assert_false(hits.cut);
    assert_int_equal(hits.hit[0].tag[0], 'b');
    assert_memory_equal(hits.hit[0].partner, t.world->region->digests[BBB], PARTY_DIGEST_SIZE);
    assert_memory_equal(hits.hit[1].payload.data, "two", 3);
    assert_true(store_write_is_empty(t.join.write));
    store_abandon(t.join.write);
    join_hits_free(&hits);
    assert_string_equal(test_mail(&t, BBB), "");
}

static void a_write_says_which_tags_it_hides(void **state)
{
    (void)state;
    struct test_request r;
    struct err err = {0};
    struct event event;
    event_init(&event, EVENT_PUT);
    test_begin(&t);
    assert_false(join_must_wait(&t.join, test_request(&r, AAA, PERSONS, "abc", "one")));
    assert_int_equal(join_put(&t.join, &r.request, &event, &err), 0);
    assert_true(join_must_wait(&t.join, test_request(&r, BBB, PERSONS, "c", "two")));
    assert_false(join_must_wait(&t.join, test_request(&r, BBB, PERSONS, "de", "two")));
    assert_false(join_must_wait(&t.join, test_request(&r, BBB, DOCUMENTS, "abc", "two")));
    store_abandon(t.join.write);
    test_begin(&t);
    assert_false(join_must_wait(&t.join, &r.request));
    store_abandon(t.join.write);
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]), 0);
}

/* One request of several in a write is taken back: as if it had never come, and the others as if alone. */
static void what_is_taken_back_leaves_nothing(void **state)
{
    (void)state;
    struct test_request r;
    struct err err = {0};
    struct event event;
    test_put(&t, AAA, PERSONS, "abc", "one");
    assert_string_equal(test_mail(&t, AAA), "");
    const uint64_t size = ledger_size(store_ledger(t.store));
    test_begin(&t);
    for (int i = 0; i < 3; i++) {
        event_init(&event, EVENT_PUT);
        event.time = t.join.time;
        assert_int_equal(store_save(t.join.write, &err), 0);
        assert_int_equal(
            join_put(&t.join, test_request(&r, BBB, PERSONS, (const char *[]){"a", "bd", "c"}[i], "two"), &event, &err),
            0);
        assert_int_equal(tally_write(&t.join.tally, t.join.write, &event, NULL, NULL, &err), 0);
        if (i == 1)
            assert_int_equal(store_undo(t.join.write, &err), 0);
    }
    test_commit(&t);
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[BBB]), 2);
    assert_int_equal(ledger_size(store_ledger(t.store)), size + 6); /* a cause and both who are told of it, twice */
    assert_string_equal(test_mail(&t, AAA), "+atwo<1 +ctwo<1");
    assert_string_equal(test_mail(&t, BBB), "+aone<0 +cone<0");
    test_put(&t, BBB, PERSONS, "d", "three");
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[BBB]), 3);
}

static void old_entries_expire_and_both_sides_learn(void **state)
{
    (void)state;
    struct err err = {0};
    bool more;
    struct region *r = test_region(2);
    test_grant_mutual(r, AAA, BBB, PERSONS);
    r->purposes[PERSONS].retention = 100;
    test_install(&t, r);
    test_put(&t, AAA, PERSONS, "ab", "one"); /* at time 1000 */
    test_put(&t, BBB, PERSONS, "bc", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    test_begin(&t);
    t.join.time = 1050;
    struct event event;
    struct test_request q;
    event_init(&event, EVENT_PUT);
    assert_int_equal(join_put(&t.join, test_request(&q, BBB, PERSONS, "bc", "two"), &event, &err), 0);
    assert_int_equal(event.renewed, 2);
    test_commit_cause(&t, &event);
    test_begin(&t);
    t.join.time = 1100;
    assert_int_equal(sweep_expired(&t.join, &more, &err), 0);
    assert_true(store_write_is_empty(t.join.write));
    test_commit(&t);
    test_begin(&t);
    t.join.time = 1101;
    assert_int_equal(sweep_expired(&t.join, &more, &err), 0);
    assert_false(more);
    test_commit(&t);
    assert_string_equal(test_mail(&t, BBB), "-b<0");
    assert_string_equal(test_mail(&t, AAA), "-b<1");
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]), 0);
    assert_int_equal(store_count(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[BBB]), 2);
}

static void both_of_a_match_expire_at_once_and_are_told_once(void **state)
{
    (void)state;
    struct err err = {0};
    bool more = true;
    struct region *r = test_region(2);
    test_grant_mutual(r, AAA, BBB, PERSONS);
    r->purposes[PERSONS].retention = 100;
    test_install(&t, r);
    test_put(&t, AAA, PERSONS, "b", "one");
    test_put(&t, BBB, PERSONS, "b", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    for (int i = 0; i < 4 && more; i++) {
        test_begin(&t);
        t.join.time = 2000;
        assert_int_equal(sweep_expired(&t.join, &more, &err), 0);
        test_commit(&t);
    }
    assert_false(more);
    assert_string_equal(test_mail(&t, AAA), "-b<1");
    assert_string_equal(test_mail(&t, BBB), "-b<0");
}

static void a_new_grant_joins_what_is_there(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, CCC, PERSONS, "bcd", "three");
    struct region *r = test_region(2);
    test_grant_mutual(r, AAA, BBB, PERSONS);
    test_grant_mutual(r, AAA, CCC, PERSONS);
    test_grant_mutual(r, BBB, CCC, PERSONS);
    test_install(&t, r);
    assert_true(change_is_busy(&t.change, t.world->purpose_id[PERSONS]));
    assert_false(change_is_busy(&t.change, t.world->purpose_id[DOCUMENTS]));
    assert_int_equal(t.change.count, 1); /* BBB has no entries: nothing to walk for */
    test_step(&t);
    assert_false(change_is_running(&t.change));
    assert_string_equal(test_mail(&t, AAA), "+bthree<2 +cthree<2");
    assert_string_equal(test_mail(&t, CCC), "+bone<0 +cone<0");
    assert_string_equal(test_mail(&t, BBB), "");
    test_put(&t, BBB, PERSONS, "c", "two");
    assert_string_equal(test_mail(&t, CCC), "+ctwo<1");
}

static void an_ended_grant_withdraws_on_both_sides(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "bcd", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    struct region *r = test_region(2);
    test_grant(r, AAA, BBB, PERSONS);
    test_install(&t, r);
    test_step(&t);
    assert_false(change_is_running(&t.change));
    assert_string_equal(test_mail(&t, AAA), "-b<1 -c<1");
    assert_string_equal(test_mail(&t, BBB), "-b<0 -c<0");
    test_drop(&t, AAA, PERSONS, "b");
    assert_string_equal(test_mail(&t, BBB), "");
}

static void a_change_goes_on_after_a_restart(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "bcd", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    test_install(&t, test_region(2)); /* nobody grants anything */
    test_close(&t);
    test_open(&t);
    assert_true(change_is_running(&t.change));
    struct err err = {0};
    struct store_write *write;
    assert_int_equal(store_begin(&write, t.store, &err), 0);
    assert_int_equal(world_new(&t.world, test_region(2), write, &err), 0);
    store_abandon(write);
    test_step(&t);
    assert_false(change_is_running(&t.change));
    assert_string_equal(test_mail(&t, AAA), "-b<1 -c<1");
    assert_string_equal(test_mail(&t, BBB), "-b<0 -c<0");
}

static void deliveries_are_counted_in_the_ledger(void **state)
{
    (void)state;
    struct err err = {0};
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    test_put(&t, AAA, PERSONS, "abc", "one");
    uint64_t before = ledger_size(store_ledger(t.store));
    test_put(&t, BBB, PERSONS, "bcd", "two");
    assert_int_equal(ledger_size(store_ledger(t.store)), before + 3);
    assert_int_equal(ledger_entry(store_ledger(t.store), before + 1, &text, &err), 0);
    assert_int_equal(event_decode(&event, buf_span(&text), &err), 0);
    assert_int_equal(event.kind, EVENT_DELIVER);
    assert_string_equal(event.party, "AAA");
    assert_string_equal(event.partner, "BBB");
    assert_string_equal(event.purpose, "persons");
    assert_int_equal(event.count, 2);
    struct event_digest digest;
    uint8_t sum[32], tag[WIRE_TAG_SIZE] = {0};
    event_digest_start(&digest, event.salt);
    for (int c = 'b'; c <= 'c'; c++) {
        tag[0] = (uint8_t)c;
        event_digest_add(&digest, span_of(tag, sizeof tag));
        event_digest_add(&digest, span_of("two", 3));
    }
    event_digest_end(&digest, sum);
    assert_memory_equal(event.digest, sum, 32);
    buf_free(&text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_sides_get_the_other),
        TEST(no_join_without_a_mutual_grant_or_across_purposes),
        TEST(replacing_tells_and_repeating_is_silent),
        TEST(removing_withdraws_at_those_who_were_told),
        TEST(a_query_finds_and_leaves_nothing),
        TEST(a_write_says_which_tags_it_hides),
        TEST(what_is_taken_back_leaves_nothing),
        TEST(old_entries_expire_and_both_sides_learn),
        TEST(both_of_a_match_expire_at_once_and_are_told_once),
        TEST(a_new_grant_joins_what_is_there),
        TEST(an_ended_grant_withdraws_on_both_sides),
        TEST(a_change_goes_on_after_a_restart),
        TEST(deliveries_are_counted_in_the_ledger),
    };
    return cmocka_run_group_tests_name("matcher_join", tests, NULL, NULL);
}
