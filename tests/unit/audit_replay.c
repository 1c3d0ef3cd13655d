/* Joins computed again from the archive: what is honest passes, each lie about a match is named. */
#include "audit_joins.h"

/* --- honest --- */

static void an_honest_matcher_has_no_findings(void **state)
{
    (void)state;
    common_ground();
    put(CCC, "bcdexy"); /* granted to nobody mutually */
    query(AAA, "axy", 2);
    deliver(AAA, BBB, "xy");
    asked(BBB, AAA, "xy");
    struct event again = event_of(&book, EVENT_PUT, AAA, 2);
    again.added = 0;
    again.renewed = 2;
    batch(&again, "bc", 'a', AAA, true);
    struct event other = event_of(&book, EVENT_PUT, AAA, 1);
    other.added = 0;
    other.replaced = 1;
    batch(&other, "d", 'b', AAA, true);
    deliver_version(BBB, AAA, "d", 'b');
    take_away(BBB, "d");
    withdraw(AAA, BBB, "d");
    replay_all();
    expect_no_finding(&audit.findings);
    assert_int_equal(counts.batches, 7);
    assert_int_equal(counts.delivered, 4 + 2 + 1);
    assert_int_equal(counts.withdrawn, 1);
    assert_int_equal(counts.unchecked, 0);
}

static void expiry_goes_by_age(void **state)
{
    (void)state;
    common_ground();
    book_publish(&book);
    book.time += 10 * DAY;
    put(AAA, "fg");
    book_publish(&book);
    book.time += 20 * DAY + 5;
    expire(AAA, "bcde");
    withdraw(AAA, BBB, "cd");
    withdraw(BBB, AAA, "cd");
    expire(BBB, "cdxy");
    replay_all();
    expect_no_finding(&audit.findings);
    book.time += 1;
    expire(AAA, "fg");
    expect(FINDING_NOT_ALLOWED, "entries of AAA expired before the retention of persons had passed");
}

static void what_expires_in_its_turn_is_checked(void **state)
{
    (void)state;
    put(AAA, "b");
    book.time += 5;
    put(AAA, "c");
    book_publish(&book);
    book.time += 31 * DAY;
    expire(AAA, "c");
    expect(FINDING_NOT_CONSISTENT, "the entries that expired are not the 1 oldest of AAA");
}

/* --- lies --- */

static void an_omitted_match_is_named(void **state)
{
    (void)state;
    put(AAA, "bcde");
    put(BBB, "cdxy");
    expect(FINDING_MATCH_OMITTED, "2 matches of BBB for persons were due to AAA when BBB did this put; 0 were told");
    expect_finding(&audit.findings, FINDING_MATCH_OMITTED, "2 matches of AAA for persons were due to BBB");
    assert_int_equal(audit.findings.total, 2);
}

static void a_match_left_out_of_several_is_named(void **state)
{
    (void)state;
    put(AAA, "bcde");
    put(BBB, "cdxy");
    deliver(AAA, BBB, "c");
    deliver(BBB, AAA, "c");
    expect(FINDING_MATCH_OMITTED, "2 matches of BBB for persons were due to AAA when BBB did this put; 1 were told");
}

static void an_invented_match_is_named(void **state)
{
    (void)state;
    put(AAA, "bc");
    put(BBB, "xy");
    deliver(AAA, BBB, "x");
    deliver(BBB, AAA, "b");
    expect(FINDING_MATCH_INVENTED, "1 matches of BBB for persons went to AAA that there are not: 0 were due");
}

static void another_match_than_the_one_due_is_named(void **state)
{
    (void)state;
    put(AAA, "bcde");
    put(BBB, "cdxy");
    deliver(AAA, BBB, "cx");
    deliver(BBB, AAA, "cd");
    expect(FINDING_MATCH_OTHER, "2 matches of BBB for persons went to AAA, as many as were due, but not these");
    assert_int_equal(audit.findings.total, 1);
}

static void a_misdirected_match_is_named(void **state)
{
    (void)state;
    put(AAA, "bc");
    put(BBB, "cd");
    deliver(BBB, AAA, "c");
    deliver(CCC, BBB, "c");
    expect(FINDING_MATCH_MISDIRECTED, "1 matches of BBB for persons that were due to AAA went to CCC");
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "delivered to CCC from BBB");
}

static void a_late_match_is_named(void **state)
{
    (void)state;
    put(AAA, "bcde");
    put(BBB, "cdxy");
    put(BBB, "z");
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
    expect(FINDING_MATCH_LATE, "2 matches of BBB for persons went to AAA here that were due behind entry 3");
    expect_finding(&audit.findings, FINDING_MATCH_OMITTED, "due to AAA");
    expect_finding(&audit.findings, FINDING_MATCH_LATE, "went to BBB here");
}

static void an_omitted_withdrawal_is_named(void **state)
{
    (void)state;
    common_ground();
    take_away(BBB, "cx");
    expect(FINDING_MATCH_OMITTED, "1 withdrawals of BBB for persons were due to AAA when BBB did this remove");
}

static void an_omitted_hit_is_named(void **state)
{
    (void)state;
    common_ground();
    query(AAA, "xy", 1);
    deliver(AAA, BBB, "x");
    asked(BBB, AAA, "x");
    expect(FINDING_MATCH_OMITTED, "2 matches of BBB for persons were due to AAA when AAA did this query; 1 were told");
}

static void counts_that_are_not_those_of_the_entries_are_named(void **state)
{
    struct event e;
    (void)state;
    put(AAA, "bc");
    e = event_of(&book, EVENT_PUT, AAA, 2);
    batch(&e, "cd", 'a', AAA, true);
    e = event_of(&book, EVENT_REMOVE, AAA, 2);
    batch(&e, "xy", 'a', AAA, true);
    expect(FINDING_NOT_CONSISTENT, "it says 2 added, 0 renewed, 0 replaced; by what was there they are 1, 1 and 0");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "it says 2 removed; 0 were there");
}

/* --- the archive --- */

static void a_batch_that_is_missing_is_named(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, BBB, 2);
    (void)state;
    put(AAA, "bcde");
    batch(&e, "cd", 'a', BBB, false);
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
    put(AAA, "f");
    expect(FINDING_BATCH_MISSING, "the archive has no request for this put of BBB");
    assert_int_equal(audit.findings.total, 1);
}

static void a_batch_that_is_another_is_named(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, BBB, 2);
    (void)state;
    put(AAA, "bcde");
    batch(&e, "cd", 'a', BBB, true);
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
    book_publish(&book);
    struct archive_end done;
    MUST(archive_sync(archive, &done, why));
    archive_committed(archive);
    run("sed -i 's/1ca/1cb/' '%s'/*.batches", archive_dir); /* BBB's payload for c */
    replay_all();
    expect_finding(&audit.findings, FINDING_BATCH_MISSING, "is not the one that the ledger binds");
}

static void a_batch_that_the_ledger_does_not_have_is_named(void **state)
{
    (void)state;
    put(AAA, "bc");
    struct event e = event_of(&book, EVENT_PUT, AAA, 1);
    batch(&e, "d", 'a', AAA, true);
    /* The next event takes the leaf of a record that is archived for it and is no batch. */
    const struct archive_record record = {book.size, book.time, EVENT_PUT, span_of("x", 1)};
    MUST(archive_append(archive, &record, why));
    book_put(&book, EVENT_REFUSE, AAA, 1);
    expect(FINDING_BATCH_MISSING, "the archive has a request for it, the ledger another event");
}

/* Until the retention has passed behind the oldest batch, matches that show are demanded, and others not called
 * invented. */
static void an_archive_without_its_beginning_serves_in_part(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, AAA, 4);
    (void)state;
    batch(&e, "bcde", 'a', AAA, false);
    put(BBB, "cdxy");
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
    put(AAA, "x");
    deliver(AAA, BBB, "x");
    deliver(BBB, AAA, "x");
    replay_all();
    expect_no_finding(&audit.findings);
    assert_true(counts.unchecked > 0);
    put(AAA, "y");
    expect(FINDING_MATCH_OMITTED, "1 matches of BBB for persons were due to AAA");
}

/* --- changes of grants --- */

/* AAA grants CCC, then BBB takes its grant to AAA back. The older manifests lie beside the ledger. */
static void grants_that_begin_and_end_are_walked(void **state)
{
    char first[96], second[96];
    (void)state;
    strcpy(first, world.path);
    common_ground();
    put(CCC, "bdx");
    book_publish(&book);
    region_test_grant(&world, AAA, CCC, PERSONS);
    change_manifest();
    strcpy(second, world.path);
    walk(2, ""); /* b, c */
    deliver(AAA, CCC, "b");
    deliver(CCC, AAA, "b");
    walk(4, "done"); /* d, e, x, y */
    deliver(AAA, CCC, "d");
    deliver(CCC, AAA, "d");
    put(CCC, "e");
    deliver(AAA, CCC, "e");
    deliver(CCC, AAA, "e");
    world.region->grants[1] = world.region->grants[--world.region->grant_count];
    change_manifest();
    walk(6, "done");
    withdraw(AAA, BBB, "cd");
    withdraw(BBB, AAA, "cd");
    book_publish(&book);
    world_keep(book.export, first, 1);
    world_keep(book.export, second, 2);
    replay_all();
    expect_no_finding(&audit.findings);
    assert_int_equal(counts.withdrawn, 4);
    put(BBB, "be"); /* no longer granted: nothing follows */
    replay_all();
    expect_no_finding(&audit.findings);
}

static void grants_that_are_not_walked_are_named(void **state)
{
    char before[96];
    (void)state;
    strcpy(before, world.path);
    put(AAA, "bc");
    put(BBB, "cd");
    /* AAA and BBB are not granted any more by what the last test left behind. */
    book_publish(&book);
    region_test_grant(&world, BBB, AAA, PERSONS);
    change_manifest();
    put(BBB, "x");
    book_publish(&book);
    world_keep(book.export, before, world.region->version - 1);
    expect(FINDING_MATCH_OMITTED,
           "the partners of persons changed, but what both sides then had in common was not told");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin_book, end_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_honest_matcher_has_no_findings),
        TEST(expiry_goes_by_age),
        TEST(what_expires_in_its_turn_is_checked),
        TEST(an_omitted_match_is_named),
        TEST(a_match_left_out_of_several_is_named),
        TEST(an_invented_match_is_named),
        TEST(another_match_than_the_one_due_is_named),
        TEST(a_misdirected_match_is_named),
        TEST(a_late_match_is_named),
        TEST(an_omitted_withdrawal_is_named),
        TEST(an_omitted_hit_is_named),
        TEST(counts_that_are_not_those_of_the_entries_are_named),
        TEST(a_batch_that_is_missing_is_named),
        TEST(a_batch_that_is_another_is_named),
        TEST(a_batch_that_the_ledger_does_not_have_is_named),
        TEST(an_archive_without_its_beginning_serves_in_part),
        TEST(grants_that_begin_and_end_are_walked),
        TEST(grants_that_are_not_walked_are_named),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_replay", tests, world_begin, world_end);
}
