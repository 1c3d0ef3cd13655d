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

/* The same with limits of AAA and BBB set, and grants among all. */
static struct region *limited(uint64_t version, uint64_t meets, uint64_t asks)
{
    struct region *r = test_region(version);
    test_grant_mutual(r, AAA, BBB, PERSONS);
    test_grant_mutual(r, AAA, CCC, PERSONS);
    test_grant_mutual(r, BBB, CCC, PERSONS);
    r->purposes[PERSONS].limits.meets = meets;
    r->purposes[PERSONS].limits.asks = asks;
    return r;
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
    assert_string_equal(test_mail(&t, AAA), "");
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]).count, 2);
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
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]).count, 1);
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
    assert_int_equal(join_put(&t.join, &r.request, NULL, &event, &err), 0);
    assert_true(join_must_wait(&t.join, test_request(&r, BBB, PERSONS, "c", "two")));
    assert_false(join_must_wait(&t.join, test_request(&r, BBB, PERSONS, "de", "two")));
    assert_false(join_must_wait(&t.join, test_request(&r, BBB, DOCUMENTS, "abc", "two")));
    store_abandon(t.join.write);
    test_begin(&t);
    assert_false(join_must_wait(&t.join, &r.request));
    store_abandon(t.join.write);
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]).count, 0);
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
        assert_int_equal(join_put(&t.join, test_request(&r, BBB, PERSONS, (const char *[]){"a", "bd", "c"}[i], "two"),
                                  NULL, &event, &err),
                         0);
        assert_int_equal(tally_write(&t.join.tally, t.join.write, &event, NULL, NULL, &err), 0);
        if (i == 1)
            assert_int_equal(store_undo(t.join.write, &err), 0);
    }
    test_commit(&t);
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[BBB]).count, 2);
    assert_int_equal(ledger_size(store_ledger(t.store)), size + 6); /* a cause and both who are told of it, twice */
    assert_string_equal(test_mail(&t, AAA), "+atwo<1 +ctwo<1");
    assert_string_equal(test_mail(&t, BBB), "+aone<0 +cone<0");
    test_put(&t, BBB, PERSONS, "d", "three");
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[BBB]).count, 3);
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
    test_put(&t, AAA, PERSONS, "ab", "one"); /* at TEST_NOW */
    test_put(&t, BBB, PERSONS, "bc", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    test_begin(&t);
    t.join.time = TEST_NOW + 50;
    struct event event;
    struct test_request q;
    event_init(&event, EVENT_PUT);
    assert_int_equal(join_put(&t.join, test_request(&q, BBB, PERSONS, "bc", "two"), NULL, &event, &err), 0);
    assert_int_equal(event.renewed, 2);
    test_commit_cause(&t, &event);
    test_begin(&t);
    t.join.time = TEST_NOW + 100;
    assert_int_equal(sweep_expired(&t.join, &more, &err), 0);
    assert_true(store_write_is_empty(t.join.write));
    test_commit(&t);
    test_begin(&t);
    t.join.time = TEST_NOW + 101;
    assert_int_equal(sweep_expired(&t.join, &more, &err), 0);
    assert_false(more);
    test_commit(&t);
    assert_string_equal(test_mail(&t, BBB), "-b<0");
    assert_string_equal(test_mail(&t, AAA), "-b<1");
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[AAA]).count, 0);
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, t.world->agency_id[BBB]).count, 2);
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
        t.join.time = TEST_NOW + 1000;
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
    assert_true(walk_is_busy(&t.walks, t.world->purpose_id[PERSONS]));
    assert_false(walk_is_busy(&t.walks, t.world->purpose_id[DOCUMENTS]));
    assert_int_equal(test_pair(&t, AAA, BBB).state, STORE_PAIR_JOINED); /* BBB has no entries: nothing to walk for */
    test_step(&t);
    assert_false(walk_is_running(&t.walks));
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
    assert_false(walk_is_running(&t.walks));
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
    assert_true(walk_is_running(&t.walks));
    struct err err = {0};
    struct store_write *write;
    assert_int_equal(store_begin(&write, t.store, &err), 0);
    assert_int_equal(world_new(&t.world, test_region(2), write, &err), 0);
    store_abandon(write);
    test_step(&t);
    assert_false(walk_is_running(&t.walks));
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

/* --- meetings that wait --- */

static void what_is_over_the_limit_waits_in_order(void **state)
{
    (void)state;
    test_install(&t, limited(2, 3, 100));
    test_put(&t, AAA, PERSONS, "abcdefghi", "one");
    assert_int_equal(test_put(&t, BBB, PERSONS, "bcdefg", "two"), 3);
    assert_string_equal(test_mail(&t, AAA), "+btwo<1 +ctwo<1 +dtwo<1");
    assert_string_equal(test_mail(&t, BBB), "+bone<0 +cone<0 +done<0");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 3);
    assert_int_equal(test_put(&t, BBB, PERSONS, "a", "two"),
                     1); /* it stands behind those that wait, whatever its tag */
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "");
    t.now += JOIN_DAY;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+etwo<1 +ftwo<1 +gtwo<1");
    assert_string_equal(test_mail(&t, BBB), "+eone<0 +fone<0 +gone<0");
    assert_int_equal(test_put(&t, BBB, PERSONS, "h", "two"), 1);
    t.now += JOIN_DAY;
    assert_int_equal(test_put(&t, BBB, PERSONS, "i", "two"), 1); /* there is room again, but others came first */
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+atwo<1 +htwo<1 +itwo<1");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 0);
    assert_int_equal(test_pair(&t, AAA, BBB).met, 3);
}

/* Another pair's limit is its own; the smaller of both holds. */
static void limits_are_of_the_pair(void **state)
{
    (void)state;
    struct region *r = limited(2, 2, 100);
    r->overrides = calloc(1, sizeof *r->overrides);
    r->override_count = 1;
    r->overrides[0] = (struct region_override){.agency = CCC, .purpose = PERSONS, .limits = r->purposes[0].limits};
    r->overrides[0].limits.meets = 1;
    test_install(&t, r);
    test_put(&t, AAA, PERSONS, "abc", "one");
    assert_int_equal(test_put(&t, BBB, PERSONS, "abc", "two"), 1);
    assert_int_equal(test_put(&t, CCC, PERSONS, "abc", "three"), 4);
    assert_string_equal(test_mail(&t, AAA), "+atwo<1 +btwo<1 +athree<2");
    assert_string_equal(test_mail(&t, BBB), "+aone<0 +bone<0 +athree<2");
}

static void a_release_takes_both_sides(void **state)
{
    (void)state;
    test_install(&t, limited(2, 1, 100));
    test_put(&t, AAA, PERSONS, "abcdefgh", "one");
    test_put(&t, BBB, PERSONS, "abcdefgh", "two");
    assert_string_equal(test_mail(&t, AAA), "+atwo<1");
    test_release(&t, AAA, BBB, 100, t.now + 100);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "");
    test_release(&t, BBB, AAA, 2, t.now + 50);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+btwo<1 +ctwo<1");
    assert_int_equal(test_pair(&t, AAA, BBB).release[0].left, 98);
    assert_int_equal(test_pair(&t, AAA, BBB).release[1].left, 0);
    /* A new one replaces the old; the earlier date of both ends it. */
    test_release(&t, BBB, AAA, 3, t.now + 200);
    t.now += 100;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "");
    test_release(&t, AAA, BBB, 1, t.now + 100);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+dtwo<1");
}

static void a_waiting_couple_ends_silently_and_costs_anew(void **state)
{
    (void)state;
    test_install(&t, limited(2, 1, 100));
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "abc", "two");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    assert_int_equal(test_drop(&t, BBB, PERSONS, "b"), 1);
    assert_string_equal(test_mail(&t, AAA), "");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 1);
    /* What met is withdrawn, and a couple again only behind those that wait. */
    test_drop(&t, BBB, PERSONS, "a");
    assert_string_equal(test_mail(&t, AAA), "-a<1");
    assert_int_equal(test_put(&t, BBB, PERSONS, "a", "two"), 1);
    assert_string_equal(test_mail(&t, AAA), "");
    t.now += JOIN_DAY;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+ctwo<1");
    test_put(&t, BBB, PERSONS, "a", "new"); /* it still waits: nothing goes until it meets, and then the newest */
    assert_string_equal(test_mail(&t, AAA), "");
    t.now += JOIN_DAY;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+anew<1");
}

static void waiting_survives_a_restart(void **state)
{
    (void)state;
    test_install(&t, limited(2, 2, 100));
    test_put(&t, AAA, PERSONS, "abcdef", "one");
    test_put(&t, BBB, PERSONS, "abcdef", "two");
    test_release(&t, AAA, BBB, 1, t.now + JOIN_DAY);
    test_release(&t, BBB, AAA, 1, t.now + JOIN_DAY);
    test_mail(&t, AAA);
    test_reopen(&t, limited(2, 2, 100));
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 4);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+ctwo<1");
    t.now += JOIN_DAY;
    t.join.steps.meetings = 1;
    assert_true(test_due(&t));
    assert_string_equal(test_mail(&t, AAA), "+dtwo<1");
    test_reopen(&t, limited(2, 2, 100));
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+etwo<1");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 1);
}

/* --- suspending --- */

static void a_suspension_ends_everything_and_its_end_begins_anew(void **state)
{
    (void)state;
    test_install(&t, limited(2, 2, 100));
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "abc", "two");
    test_put(&t, CCC, PERSONS, "a", "three");
    for (int i = AAA; i <= CCC; i++)
        test_mail(&t, i);
    test_suspend(&t, BBB, AAA, true);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "-a<1 -b<1");
    assert_string_equal(test_mail(&t, BBB), "-a<0 -b<0");
    assert_string_equal(test_mail(&t, CCC), "");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 0);
    test_put(&t, AAA, PERSONS, "ad", "new");
    test_put(&t, BBB, PERSONS, "d", "two");
    assert_string_equal(test_mail(&t, AAA), "");
    assert_string_equal(test_mail(&t, BBB), "");
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "b", "q", -1), "!1:2");
    assert_string_equal(test_mail(&t, BBB), "");
    /* The other side's is its own: both must end. */
    test_suspend(&t, AAA, BBB, true);
    test_suspend(&t, BBB, AAA, false);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "");
    test_suspend(&t, AAA, BBB, false);
    t.now += JOIN_DAY;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+atwo<1 +btwo<1");
    assert_string_equal(test_mail(&t, BBB), "+anew<0 +bone<0");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 2);
}

static void a_walk_goes_on_after_a_restart(void **state)
{
    (void)state;
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "abc", "two");
    test_mail(&t, AAA);
    t.join.steps.walked = 1;
    test_suspend(&t, AAA, BBB, true);
    assert_true(walk_is_busy(&t.walks, t.world->purpose_id[PERSONS]));
    assert_true(test_due(&t));
    struct region *r = test_region(1);
    test_grant_mutual(r, AAA, BBB, PERSONS);
    test_reopen(&t, r);
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "-a<1 -b<1 -c<1");
    assert_int_equal(test_pair(&t, AAA, BBB).state, STORE_PAIR_NONE);
}

/* --- exceptions --- */

static void an_entry_does_not_meet_whom_it_excludes(void **state)
{
    (void)state;
    test_install(&t, limited(2, 100, 100));
    test_put(&t, BBB, PERSONS, "a", "two");
    test_put(&t, CCC, PERSONS, "a", "three");
    test_put_except(&t, AAA, PERSONS, 1, "a", "one", 1u << BBB);
    assert_string_equal(test_mail(&t, AAA), "+athree<2");
    assert_string_equal(test_mail(&t, BBB), "+athree<2");
    /* The other way round: the one that is there excludes the one that comes. */
    test_put_except(&t, BBB, PERSONS, 1, "b", "two", 1u << AAA);
    test_put(&t, AAA, PERSONS, "b", "one");
    assert_string_equal(test_mail(&t, AAA), "");
    assert_string_equal(test_mail(&t, BBB), "");
    assert_string_equal(test_ask(&t, BBB, PERSONS, 1, "a", "q", -1), "athree<2");
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "b", "q", -1), "");
    assert_string_equal(test_mail(&t, AAA), "");
    assert_string_equal(test_mail(&t, BBB), "");
    test_drop(&t, AAA, PERSONS, "ab");
    assert_string_equal(test_mail(&t, BBB), "");
}

static void exceptions_can_change(void **state)
{
    (void)state;
    test_install(&t, limited(2, 100, 100));
    test_put(&t, BBB, PERSONS, "a", "two");
    test_put(&t, AAA, PERSONS, "a", "one");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    test_put_except(&t, AAA, PERSONS, 1, "a", "one", 1u << BBB);
    assert_string_equal(test_mail(&t, AAA), "-a<1");
    assert_string_equal(test_mail(&t, BBB), "-a<0");
    test_put(&t, AAA, PERSONS, "a", "one");
    assert_string_equal(test_mail(&t, AAA), "+atwo<1");
    assert_string_equal(test_mail(&t, BBB), "+aone<0");
    assert_int_equal(test_pair(&t, AAA, BBB).met, 2);
}

/* --- first loads --- */

static struct region *loading(uint64_t version, uint64_t until)
{
    struct region *r = limited(version, 2, 100);
    r->purposes[PERSONS].limits.load = 1024;
    r->purposes[PERSONS].limits.load_until = until;
    return r;
}

static void a_register_that_loads_meets_nobody_until_it_is_closed(void **state)
{
    (void)state;
    test_put(&t, BBB, PERSONS, "abcd", "two");
    test_install(&t, loading(2, 0));
    test_put(&t, AAA, PERSONS, "abcd", "one");
    test_put(&t, BBB, PERSONS, "a", "new");
    assert_string_equal(test_mail(&t, AAA), "");
    assert_string_equal(test_mail(&t, BBB), "");
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, AAA)).phase,
                     STORE_PHASE_LOADING);
    assert_string_equal(test_ask(&t, BBB, PERSONS, 1, "b", "q", -1), "bone<0");
    assert_string_equal(test_mail(&t, AAA), "?bq<1");
    test_close_load(&t, AAA, PERSONS);
    t.join.steps.walked = 1;
    assert_true(test_due(&t));
    test_reopen(&t, loading(2, 0));
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+anew<1 +btwo<1");
    assert_string_equal(test_mail(&t, BBB), "+aone<0 +bone<0");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 2);
    test_drop(&t, AAA, PERSONS, "abcd");
    test_put(&t, AAA, PERSONS, "e", "one"); /* the load is over for this epoch */
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, AAA)).phase,
                     STORE_PHASE_OPEN);
}

static void a_load_closes_at_its_date(void **state)
{
    (void)state;
    test_install(&t, loading(2, TEST_NOW + 100));
    test_put(&t, AAA, PERSONS, "a", "one");
    test_put(&t, BBB, PERSONS, "a", "two");
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "");
    t.now += 100;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+atwo<1");
    assert_string_equal(test_mail(&t, BBB), "+aone<0");
    test_put(&t, CCC, PERSONS, "a", "three");
    assert_string_equal(test_mail(&t, AAA), "+athree<2");
}

/* --- asking --- */

static void a_query_finds_and_tells_who_was_asked(void **state)
{
    (void)state;
    test_put(&t, BBB, PERSONS, "bc", "two");
    test_put(&t, CCC, PERSONS, "b", "three");
    test_put(&t, AAA, PERSONS, "c", "one");
    test_mail(&t, BBB);
    test_mail(&t, AAA);
    uint64_t before = store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, AAA)).count;
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "abc", "q", -1), "btwo<1 ctwo<1");
    assert_string_equal(test_mail(&t, BBB), "?bq<0 ?cq<0");
    assert_string_equal(test_mail(&t, CCC), "");
    assert_string_equal(test_mail(&t, AAA), "");
    assert_int_equal(test_pair(&t, AAA, BBB).asked[0], 3);
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, AAA)).count, before);
}

static void who_is_asked_too_much_is_not_asked_at_all(void **state)
{
    (void)state;
    struct test_request r;
    struct err err = {0};
    test_install(&t, limited(2, 100, 5));
    test_put(&t, BBB, PERSONS, "abc", "two");
    test_put(&t, CCC, PERSONS, "abc", "three");
    test_mail(&t, BBB);
    test_mail(&t, CCC);
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "abc", "q", BBB), "athree<2 bthree<2 cthree<2 !1:3");
    assert_string_equal(test_mail(&t, BBB), "");
    assert_string_equal(test_mail(&t, CCC), "?aq<0 ?bq<0 ?cq<0");
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "abc", "q", -1), "atwo<1 btwo<1 ctwo<1 !2:1");
    assert_string_equal(test_mail(&t, CCC), "");
    test_begin(&t);
    test_request(&r, AAA, PERSONS, "abc", "q");
    assert_int_equal(join_query_check(&t.join, &r.request, 1, span_of(NULL, 0), &err), ERR_DENIED);
    store_abandon(t.join.write);
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "ab", "q", -1), "atwo<1 athree<2 btwo<1 bthree<2");
    assert_string_equal(test_ask(&t, CCC, PERSONS, 1, "a", "q", -1), "atwo<1"); /* its own limit */
    t.now += JOIN_DAY;
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "a", "q", -1), "atwo<1 athree<2");
}

static void owners_of_issued_documents_are_told_counts(void **state)
{
    (void)state;
    struct region *r = limited(2, 100, 100);
    r->purposes[PERSONS].kind = REGION_ISSUED;
    test_install(&t, r);
    test_put(&t, BBB, PERSONS, "abc", "two");
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "ax", "q", -1), "atwo<1");
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "b", "q", -1), "btwo<1");
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, BBB), "");
    t.now += JOIN_DAY;
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "c", "q", -1), "ctwo<1"); /* before the counts are made up */
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, BBB), "#3<0");
    assert_string_equal(test_mail(&t, CCC), "#3<0"); /* it was asked, too, and has nothing */
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, BBB), "");
    t.now += 2 * JOIN_DAY;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, BBB), "#1<0");
}

/* Of whom was asked, and only of registers of valid documents. */
static void answers_say_when_registers_were_complete(void **state)
{
    (void)state;
    char expected[64];
    struct region *r = limited(2, 100, 100);
    r->purposes[PERSONS].kind = REGION_ISSUED;
    test_install(&t, r);
    test_close_load(&t, BBB, PERSONS); /* it has none */
    test_put(&t, CCC, PERSONS, "ab", "two");
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "xy", "q", -1), "");
    test_close_load(&t, CCC, PERSONS);
    snprintf(expected, sizeof expected, "@2:%llu", (unsigned long long)t.now);
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "xy", "q", -1), expected);
    t.now += 100;
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "xy", "q", -1), expected);
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "xy", "q", CCC), "!2:3");
    test_close_load(&t, CCC, PERSONS);
    snprintf(expected, sizeof expected, "@2:%llu", (unsigned long long)t.now);
    assert_string_equal(test_ask(&t, AAA, PERSONS, 1, "xy", "q", -1), expected);
    test_put(&t, CCC, DOCUMENTS, "a", "two");
    test_close_load(&t, CCC, DOCUMENTS);
    assert_string_equal(test_ask(&t, AAA, DOCUMENTS, 1, "xy", "q", -1), "");
}

/* --- what ends --- */

static struct region *two_epochs(uint64_t version, uint64_t until)
{
    struct region *r = limited(version, 2, 100);
    r->purposes[PERSONS].epoch_count = 2;
    r->purposes[PERSONS].epochs[0].until = until;
    r->purposes[PERSONS].epochs[1].epoch = 2;
    return r;
}

static void an_epoch_ends_at_its_date(void **state)
{
    (void)state;
    test_install(&t, limited(2, 2, 100));
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_put(&t, BBB, PERSONS, "abcd", "two");
    test_put(&t, CCC, PERSONS, "z", "three");
    test_mail(&t, AAA);
    test_mail(&t, BBB);
    test_install(&t, two_epochs(3, TEST_NOW + 100));
    test_put_except(&t, AAA, PERSONS, 2, "x", "one", 0);
    test_put_except(&t, BBB, PERSONS, 2, "x", "two", 0); /* it waits behind the one of epoch 1 */
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 2);
    t.now += 100;
    t.join.steps.ended = 1;
    assert_true(test_due(&t));
    assert_string_equal(test_mail(&t, AAA), "-a<1");
    assert_string_equal(test_mail(&t, BBB), "-a<0");
    test_reopen(&t, two_epochs(3, TEST_NOW + 100));
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "-b<1");
    assert_string_equal(test_mail(&t, BBB), "-b<0");
    assert_int_equal(test_pair(&t, AAA, BBB).waiting, 1);
    for (int i = AAA; i <= CCC; i++)
        assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, i)).count, 0);
    t.now += JOIN_DAY;
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, AAA), "+xtwo<1");
}

/*
 * CCC leaves, and while what it had is being taken away, the epoch's date passes: the next to go are the first by tag
 * of all that is over now, as the rules say, and not those behind the place where CCC's were looked for.
 */
static void a_date_that_passes_while_entries_end_begins_anew(void **state)
{
    struct region *left = two_epochs(3, TEST_NOW + 100);
    struct err err = {0};
    size_t kept = 0;
    (void)state;
    test_install(&t, limited(2, 2, 100));
    test_put(&t, AAA, PERSONS, "az", "one");
    test_put(&t, CCC, PERSONS, "bcdz", "three");
    left->agency_count = 2;
    for (size_t i = 0; i < left->grant_count; i++)
        if (left->grants[i].from != CCC && left->grants[i].to != CCC)
            left->grants[kept++] = left->grants[i];
    left->grant_count = kept;
    test_install(&t, left);
    t.join.steps.ended = 2;
    while (store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, CCC)).count == 4)
        assert_true(test_due(&t));
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, CCC)).count, 2);
    t.now += 100;
    assert_true(test_due(&t));
    const uint8_t tag[WIRE_TAG_SIZE] = {'a'};
    struct tag_place first = {.purpose = t.world->purpose_id[PERSONS], .epoch = 1, .tag = tag};
    test_begin(&t);
    assert_int_equal(store_entries_get(t.join.write, &first, &t.join.entries, &err), 0);
    assert_int_equal(t.join.entries.count, 0);
    test_commit(&t);
    test_upkeep(&t);
    for (int i = AAA; i <= CCC; i++)
        assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, test_number(&t, i)).count, 0);
}

static void suspensions_end_so_often_in_a_day(void **state)
{
    struct err err = {0};
    (void)state;
    test_install(&t, limited(2, 2, 100));
    const uint16_t purpose = t.world->purpose_id[PERSONS], a = t.world->agency_id[AAA], b = t.world->agency_id[BBB];
    for (int i = 0; i < JOIN_RESUMES; i++) {
        test_suspend(&t, AAA, BBB, true);
        assert_int_equal(change_suspend_check(&t.join, purpose, a, b, false, &err), 0);
        test_suspend(&t, AAA, BBB, false);
    }
    assert_int_equal(change_suspend_check(&t.join, purpose, a, b, true, &err), 0);
    test_suspend(&t, AAA, BBB, true);
    assert_int_equal(change_suspend_check(&t.join, purpose, a, b, false, &err), ERR_DENIED);
    assert_int_equal(change_suspend_check(&t.join, purpose, b, a, false, &err), 0);
    test_reopen(&t, limited(2, 2, 100));
    test_begin(&t);
    assert_int_equal(change_suspend_check(&t.join, purpose, a, b, false, &err), ERR_DENIED);
    test_commit(&t);
    t.now += JOIN_DAY;
    test_suspend(&t, AAA, BBB, false);
    test_upkeep(&t);
}

static void a_successor_under_a_known_name_has_nothing(void **state)
{
    (void)state;
    test_install(&t, limited(2, 100, 100));
    test_put(&t, AAA, PERSONS, "ab", "one");
    test_put(&t, BBB, PERSONS, "ab", "two");
    test_put(&t, CCC, PERSONS, "a", "three");
    for (int i = AAA; i <= CCC; i++)
        test_mail(&t, i);
    test_release(&t, BBB, AAA, 5, t.now + JOIN_DAY);
    struct region *r = limited(3, 100, 100);
    r->digests[AAA][0] = 77;
    test_install(&t, r);
    const uint16_t old = test_number(&t, AAA), new = t.world->agency_id[AAA];
    assert_int_not_equal(old, new);
    assert_string_equal(store_name(t.store, old), "AAA");
    assert_string_equal(store_name(t.store, new), "AAA");
    test_upkeep(&t);
    assert_string_equal(test_mail(&t, BBB), "-a<0 -b<0");
    assert_string_equal(test_mail(&t, CCC), "-a<0");
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, old).count, 0);
    assert_int_equal(store_held(t.store, t.world->purpose_id[PERSONS], 1, new).count, 0);
    assert_int_equal(store_mailbox(t.store, new).last, 0);
    assert_int_equal(store_pair(t.store, t.world->purpose_id[PERSONS], new, test_number(&t, BBB)).release[1].left, 0);
    test_put(&t, AAA, PERSONS, "b", "new");
    char expected[32];
    snprintf(expected, sizeof expected, "+bnew<%d", new - 1);
    assert_string_equal(test_mail(&t, BBB), expected);
}

static void entries_have_a_limit(void **state)
{
    (void)state;
    struct test_request r;
    struct err err = {0};
    struct region *region = limited(2, 100, 100);
    region->purposes[PERSONS].limits.entries = 3;
    test_install(&t, region);
    test_put(&t, AAA, PERSONS, "abc", "one");
    test_begin(&t);
    assert_int_equal(join_put_check(&t.join, test_request(&r, AAA, PERSONS, "abc", "two"), &err), 0);
    assert_int_equal(join_put_check(&t.join, test_request(&r, AAA, PERSONS, "cd", "two"), &err), ERR_DENIED);
    assert_non_null(strstr(err.text, "there would be 4 of this agency and epoch: the limit is 3"));
    assert_int_equal(join_put_check(&t.join, test_request(&r, BBB, PERSONS, "xyz", "two"), &err), 0);
    store_abandon(t.join.write);
}

/* Mail lies as the lines do: by partner, kind, epoch, tags ascending, each with the leaf of its line. */
struct order {
    uint64_t leaf;
    size_t count;
};

static bool check_order(void *context, const struct store_message *m)
{
    struct order *order = context;
    assert_true(m->leaf >= order->leaf);
    order->leaf = m->leaf;
    order->count++;
    struct event event;
    struct err err = {0};
    struct buf text = buf_of(EVENT_SIZE_MAX);
    assert_int_equal(ledger_entry(store_ledger(t.store), m->leaf, &text, &err), 0);
    assert_int_equal(event_decode(&event, buf_span(&text), &err), 0);
    assert_int_equal(event.kind, EVENT_DELIVER);
    assert_string_equal(event.partner, store_name(t.store, m->partner));
    assert_int_equal(event.time, m->time);
    buf_free(&text);
    return true;
}

static void mail_lies_as_its_events_do(void **state)
{
    (void)state;
    struct err err = {0};
    struct order order = {0};
    test_install(&t, limited(2, 100, 100));
    test_put(&t, BBB, PERSONS, "bd", "two");
    test_put(&t, CCC, PERSONS, "abcd", "three");
    test_mail(&t, BBB);
    test_mail(&t, CCC);
    test_put(&t, AAA, PERSONS, "abcd", "one");
    assert_int_equal(store_mailbox_read(t.store, test_number(&t, AAA), 0, check_order, &order, &err), 0);
    assert_int_equal(order.count, 6);
    assert_string_equal(test_mail(&t, AAA), "+btwo<1 +dtwo<1 +athree<2 +bthree<2 +cthree<2 +dthree<2");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_sides_get_the_other),
        TEST(no_join_without_a_mutual_grant_or_across_purposes),
        TEST(replacing_tells_and_repeating_is_silent),
        TEST(removing_withdraws_at_those_who_were_told),
        TEST(a_write_says_which_tags_it_hides),
        TEST(what_is_taken_back_leaves_nothing),
        TEST(old_entries_expire_and_both_sides_learn),
        TEST(both_of_a_match_expire_at_once_and_are_told_once),
        TEST(a_new_grant_joins_what_is_there),
        TEST(an_ended_grant_withdraws_on_both_sides),
        TEST(a_change_goes_on_after_a_restart),
        TEST(deliveries_are_counted_in_the_ledger),
        TEST(what_is_over_the_limit_waits_in_order),
        TEST(limits_are_of_the_pair),
        TEST(a_release_takes_both_sides),
        TEST(a_waiting_couple_ends_silently_and_costs_anew),
        TEST(waiting_survives_a_restart),
        TEST(a_suspension_ends_everything_and_its_end_begins_anew),
        TEST(a_walk_goes_on_after_a_restart),
        TEST(an_entry_does_not_meet_whom_it_excludes),
        TEST(exceptions_can_change),
        TEST(a_register_that_loads_meets_nobody_until_it_is_closed),
        TEST(a_load_closes_at_its_date),
        TEST(a_query_finds_and_tells_who_was_asked),
        TEST(who_is_asked_too_much_is_not_asked_at_all),
        TEST(owners_of_issued_documents_are_told_counts),
        TEST(answers_say_when_registers_were_complete),
        TEST(an_epoch_ends_at_its_date),
        TEST(a_date_that_passes_while_entries_end_begins_anew),
        TEST(suspensions_end_so_often_in_a_day),
        TEST(a_successor_under_a_known_name_has_nothing),
        TEST(entries_have_a_limit),
        TEST(mail_lies_as_its_events_do),
    };
    return cmocka_run_group_tests_name("matcher_join", tests, NULL, NULL);
}
