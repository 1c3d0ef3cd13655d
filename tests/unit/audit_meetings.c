/*
 * Meetings computed again: limits, waiting, releases, suspensions, first loads, exclusions, questions, epochs. What is
 * honest passes; each cheat is named, and nothing else is.
 */
#include "audit_joins.h"

static struct region_override loading;

/* Of a day two couples of a pair meet, and 32 tags may be asked. */
static int begin(void **state)
{
    world_begin(state);
    for (size_t i = 0; i < TEST_REGION_PURPOSES; i++) {
        world.region->purposes[i].limits.meets = 2;
        world.region->purposes[i].limits.asks = 32;
    }
    region_test_write(&world, TEST_COORDINATORS);
    return begin_book(state);
}

/* The same, and BBB loads until it closes. */
static int begin_loading(void **state)
{
    world_begin(state);
    loading = (struct region_override){.agency = BBB, .purpose = PERSONS, .limits = world.region->purposes[0].limits};
    loading.limits.load = 1024;
    loading.limits.meets = 2;
    world.region->overrides = calloc(1, sizeof loading);
    assert_non_null(world.region->overrides);
    world.region->overrides[0] = loading;
    world.region->override_count = 1;
    region_test_write(&world, TEST_COORDINATORS);
    return begin_book(state);
}

/* The same, and persons are documents that were issued. */
static int begin_issued(void **state)
{
    world_begin(state);
    world.region->purposes[PERSONS].kind = REGION_ISSUED;
    world.region->purposes[PERSONS].limits.asks = 32;
    region_test_write(&world, TEST_COORDINATORS);
    return begin_book(state);
}

static int end(void **state)
{
    end_book(state);
    return world_end(state);
}

static void replay_clean(void)
{
    replay_all();
    expect_no_finding(&audit.findings);
    assert_int_equal(counts.unchecked, 0);
}

/* Nothing but this finding, so often. */
static void expect_only(enum finding_code code, size_t times, const char *text)
{
    expect(code, text);
    for (size_t i = 0; i < audit.findings.count; i++)
        if (audit.findings.kept[i].code != code || audit.findings.total != times)
            fail_msg("%zu findings, among them %s: %s", (size_t)audit.findings.total,
                     finding_name(audit.findings.kept[i].code), audit.findings.kept[i].text);
}

static void next_day(void)
{
    book_publish(&book);
    book.time += DAY;
}

/* b and c meet, d and e wait. */
static void two_wait(void)
{
    put(AAA, "bcdef");
    put_waiting(BBB, "bcde", 2);
    deliver(AAA, BBB, "bc");
    wait_for(AAA, BBB, "de");
    deliver(BBB, AAA, "bc");
}

static void met(const char *letters)
{
    meet(letters);
    deliver(AAA, BBB, letters);
    deliver(BBB, AAA, letters);
}

static void put_replaced(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_PUT, agency, strlen(letters));
    e.added = 0;
    e.replaced = e.count;
    batch(&e, letters, 'b', agency, true);
}

/* --- honest --- */

static void couples_beyond_the_limit_wait_for_the_next_day(void **state)
{
    (void)state;
    two_wait();
    next_day();
    met("de");
    put_waiting(BBB, "f", 1);
    wait_for(AAA, BBB, "f");
    next_day();
    put_replaced(AAA, "f"); /* of a couple that waits nothing goes */
    meet("f");
    deliver(AAA, BBB, "f");
    deliver_version(BBB, AAA, "f", 'b');
    replay_clean();
    assert_int_equal(counts.waited, 3);
}

static void what_waits_ends_silently(void **state)
{
    (void)state;
    two_wait();
    take_away(BBB, "bd");
    withdraw(AAA, BBB, "b");
    next_day();
    met("e");
    replay_clean();
}

static void what_both_release_meets_at_once(void **state)
{
    (void)state;
    two_wait();
    meeting(EVENT_RELEASE, AAA, BBB, 5, "");
    meeting(EVENT_RELEASE, BBB, AAA, 1, "");
    met("d");
    next_day();
    met("e");
    replay_clean();
}

static void a_suspension_ends_couples_and_its_end_begins_them_anew(void **state)
{
    (void)state;
    two_wait();
    meeting(EVENT_SUSPEND, BBB, AAA, 0, "on");
    query_unasked(AAA, "b", 0, 1);
    walk(5, "done");
    withdraw(AAA, BBB, "bc");
    withdraw(BBB, AAA, "bc");
    put(AAA, "g");
    next_day();
    meeting(EVENT_SUSPEND, BBB, AAA, 0, "off");
    walk(3, ""); /* b, c, d */
    deliver(AAA, BBB, "bc");
    wait_for(AAA, BBB, "d");
    deliver(BBB, AAA, "bc");
    walk(3, "done");
    wait_for(AAA, BBB, "e");
    next_day();
    met("de");
    replay_clean();
}

static void a_register_that_loads_is_asked_but_meets_nobody(void **state)
{
    (void)state;
    put(AAA, "bcd");
    put(BBB, "bcd");
    query(AAA, "b", 1);
    deliver(AAA, BBB, "b");
    asked(BBB, AAA, "b");
    meeting(EVENT_CLOSE, BBB, -1, 0, "request");
    walk(3, "done");
    deliver(AAA, BBB, "bc");
    wait_for(AAA, BBB, "d");
    deliver(BBB, AAA, "bc");
    put_waiting(BBB, "e", 0);
    replay_clean();
}

static void who_is_excluded_is_neither_met_nor_asked(void **state)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    (void)state;
    party_digest(digest, &world.agency[BBB].party);
    put(BBB, "bc");
    excepted = span_of(digest, sizeof digest);
    put(AAA, "bcd");
    query(AAA, "c", 0);
    excepted = span_of(NULL, 0);
    query(BBB, "b", 0); /* AAA's entries exclude BBB */
    struct event e = event_of(&book, EVENT_PUT, AAA, 1);
    e.added = 0;
    e.renewed = 1;
    batch(&e, "b", 'a', AAA, true); /* no longer */
    deliver(AAA, BBB, "b");
    deliver(BBB, AAA, "b");
    excepted = span_of(digest, sizeof digest);
    e = event_of(&book, EVENT_PUT, AAA, 1);
    e.added = 0;
    e.renewed = 1;
    batch(&e, "b", 'a', AAA, true); /* again */
    withdraw(AAA, BBB, "b");
    withdraw(BBB, AAA, "b");
    replay_clean();
}

static void questions_beyond_the_limit_ask_nobody(void **state)
{
    (void)state;
    put(AAA, "z");
    put(BBB, "b");
    for (int i = 0; i < 2; i++) {
        query(AAA, "b", 1);
        deliver(AAA, BBB, "b");
        asked(BBB, AAA, "b");
    }
    query_unasked(AAA, "b", 0, 1);
    next_day();
    query(AAA, "c", 0);
    replay_clean();
}

static void count_of_day(uint64_t tags)
{
    struct event e = event_of(&book, EVENT_COUNTS, -1, 1);
    strcpy(e.purpose, "persons");
    e.until = book.time / DAY * DAY;
    book_add(&book, &e);
    e = event_of(&book, EVENT_ASKED, BBB, tags);
    strcpy(e.partner, "AAA");
    e.epoch = 0;
    book_add(&book, &e);
}

static void owners_of_issued_documents_are_told_counts(void **state)
{
    (void)state;
    put(AAA, "z");
    put(BBB, "b");
    query(AAA, "b", 1);
    deliver(AAA, BBB, "b");
    query(AAA, "cd", 0);
    next_day();
    count_of_day(32);
    replay_clean();
    query(AAA, "c", 0);
    next_day();
    count_of_day(15);
    expect_only(FINDING_MATCH_OMITTED, 1, "16 questions of AAA for persons were due to BBB");
}

/* Epoch 2 opens; epoch 1 lasts half a day. */
static void next_epoch(void)
{
    char first[96];
    struct region_purpose *p = &world.region->purposes[PERSONS];
    strcpy(first, world.path);
    p->epochs[1] = p->epochs[0];
    p->epochs[1].epoch = 2;
    p->epochs[0].until = book.time + DAY / 2;
    p->epoch_count = 2;
    change_manifest();
    world_keep(book.export, first, 1);
}

static void entries_end_with_their_epoch(void **state)
{
    (void)state;
    two_wait();
    book_publish(&book);
    next_epoch();
    next_day();
    end_entries(AAA, "bc");
    withdraw(AAA, BBB, "bc");
    withdraw(BBB, AAA, "bc");
    end_entries(AAA, "def");
    end_entries(BBB, "bcde");
    replay_clean();
}

static void what_expires_is_told_in_the_order_of_tags(void **state)
{
    (void)state;
    put(AAA, "d");
    book.time += 5;
    put(AAA, "c");
    put(BBB, "cd");
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
    book_publish(&book);
    book.time += 31 * DAY;
    expire(AAA, "dc");
    withdraw(AAA, BBB, "cd");
    withdraw(BBB, AAA, "cd");
    replay_clean();
}

static uint64_t counted;

static int count_again(void *context, const struct event *request, const char *purpose, uint64_t count, struct err *err)
{
    (void)context;
    (void)err;
    assert_string_equal(request->party, "AAA");
    assert_string_equal(purpose, "persons");
    counted += count;
    return 0;
}

/* b within four weeks, c after five. */
static void tags_added_again_are_counted(void **state)
{
    (void)state;
    again_window = 28 * DAY;
    again_counted = count_again;
    counted = 0;
    put(AAA, "bc");
    take_away(AAA, "bc");
    book_publish(&book);
    book.time += 20 * DAY;
    put(AAA, "b");
    book_publish(&book);
    book.time += 15 * DAY;
    expire(AAA, "b");
    put(AAA, "c");
    replay_all();
    again_counted = NULL;
    assert_int_equal(counted, 1);
}

/* Of 16 tags each: all of the second, none of the third, which comes after five weeks. */
static void tags_asked_for_again_are_counted(void **state)
{
    (void)state;
    again_window = 28 * DAY;
    again_counted = count_again;
    counted = 0;
    put(AAA, "d");
    query(AAA, "b", 0);
    query(AAA, "b", 0);
    book_publish(&book);
    book.time += 35 * DAY;
    query(AAA, "b", 0);
    replay_all();
    again_counted = NULL;
    assert_int_equal(counted, 16);
}

/* --- cheats --- */

static void meeting_beyond_the_limit_is_named(void **state)
{
    (void)state;
    put(AAA, "bcd");
    put(BBB, "bcd");
    deliver(AAA, BBB, "bcd");
    deliver(BBB, AAA, "bcd");
    expect_only(FINDING_MATCH_EARLY, 1, "1 matches of BBB for persons went to AAA that had to wait");
}

static void meeting_beyond_the_limit_by_a_cause_is_named(void **state)
{
    (void)state;
    two_wait();
    meeting(EVENT_RELEASE, AAA, BBB, 5, ""); /* of one side alone */
    met("d");
    expect_only(FINDING_MATCH_EARLY, 1, "1 couples of AAA and BBB for persons met beyond the day's limit");
}

static void meeting_out_of_turn_is_named(void **state)
{
    (void)state;
    two_wait();
    next_day();
    met("e");
    expect_only(FINDING_MATCH_OUT_OF_TURN, 1, "are not those that waited longest");
}

static void a_couple_that_waits_and_is_delivered_is_named(void **state)
{
    (void)state;
    two_wait();
    put_replaced(AAA, "d");
    deliver_version(BBB, AAA, "d", 'b');
    expect_only(FINDING_MATCH_EARLY, 1, "1 matches of AAA for persons went to BBB that had to wait");
}

static void a_wait_that_is_left_out_is_named(void **state)
{
    (void)state;
    put(AAA, "bcd");
    put(BBB, "bcd");
    deliver(AAA, BBB, "bc");
    deliver(BBB, AAA, "bc");
    expect_only(FINDING_MATCH_OMITTED, 1, "1 waiting couples of BBB for persons were due to AAA");
}

/* It shows without the archive, too. */
static void a_notice_that_is_left_out_is_named(void **state)
{
    (void)state;
    put(AAA, "z");
    put(BBB, "b");
    query(AAA, "b", 1);
    deliver(AAA, BBB, "b");
    expect(FINDING_MATCH_OMITTED,
           "1 questions of AAA for persons were due to BBB when AAA did this query; 0 were told");
    expect_finding(&audit.findings, FINDING_ONE_SIDED, "AAA was told of 1 entries of BBB");
    assert_int_equal(audit.findings.total, 2);
}

static void an_excluded_entry_that_is_delivered_is_named(void **state)
{
    uint8_t digest[PARTY_DIGEST_SIZE];
    (void)state;
    party_digest(digest, &world.agency[BBB].party);
    put(BBB, "b");
    excepted = span_of(digest, sizeof digest);
    put(AAA, "b");
    deliver(AAA, BBB, "b");
    deliver(BBB, AAA, "b");
    expect_only(FINDING_MATCH_INVENTED, 2, "1 matches of AAA for persons went to BBB that there are not");
}

static void asking_beyond_the_limit_is_named(void **state)
{
    (void)state;
    put(AAA, "z");
    put(BBB, "b");
    query(AAA, "c", 0);
    query(AAA, "c", 0);
    query(AAA, "c", 0);
    expect_only(FINDING_ASKED_BEYOND, 1, "it says that 0 partners were not asked; by limits, suspensions and grants");
}

static void asking_who_suspended_is_named(void **state)
{
    (void)state;
    put(AAA, "z");
    meeting(EVENT_SUSPEND, BBB, AAA, 0, "on");
    put(BBB, "b");
    query(AAA, "b", 1);
    deliver(AAA, BBB, "b");
    asked(BBB, AAA, "b");
    expect(FINDING_ASKED_BEYOND, "it says that 0 partners were not asked");
    expect_finding(&audit.findings, FINDING_MATCH_INVENTED, "1 matches of BBB for persons went to AAA");
    expect_finding(&audit.findings, FINDING_MATCH_INVENTED, "1 questions of AAA for persons went to BBB");
    assert_int_equal(audit.findings.total, 3);
}

static void meeting_in_an_ended_epoch_is_named(void **state)
{
    (void)state;
    two_wait();
    book_publish(&book);
    next_epoch();
    next_day();
    met("de");
    expect_only(FINDING_NOT_ALLOWED, 2, "delivered to AAA from BBB for persons in epoch 1, which has ended");
}

static void ending_what_is_not_over_is_named(void **state)
{
    (void)state;
    put(AAA, "b");
    end_entries(AAA, "b");
    expect_only(FINDING_NOT_ALLOWED, 2, "entries of AAA");
}

static void meeting_while_it_loads_is_named(void **state)
{
    (void)state;
    put(AAA, "b");
    put(BBB, "b");
    deliver(AAA, BBB, "b");
    deliver(BBB, AAA, "b");
    expect_only(FINDING_MATCH_INVENTED, 2, "went to AAA that there are not");
}

static void one_request_with_two_events_is_named(void **state)
{
    (void)state;
    put(AAA, "b");
    struct event e = event_of(&book, EVENT_ACKNOWLEDGE, AAA, 1);
    bytes_put_u64be(e.id, book.size); /* the put's */
    book_add(&book, &e);
    expect(FINDING_REPEATED, "acknowledge of AAA for a request that an earlier event is about");
}

static void a_request_that_somebody_else_signed_is_named(void **state)
{
    (void)state;
    forged = true;
    put(AAA, "b");
    forged = false;
    put(BBB, "b");
    deliver(AAA, BBB, "b");
    deliver(BBB, AAA, "b");
    expect_only(FINDING_SIGNATURE, 1, "AAA did not sign the put");
    assert_int_equal(audit.findings.kept[0].verdict, FINDING_UNEXPLAINED); /* the event does not bind the signature */
}

static void a_suspension_that_nobody_asked_for_is_named(void **state)
{
    (void)state;
    forged = true;
    meeting(EVENT_SUSPEND, BBB, AAA, 0, "on");
    expect_only(FINDING_SIGNATURE, 1, "BBB did not sign the suspend");
}

/* A letter; of its request the archive has the hash of the body alone. */
static void letter(int from, int to)
{
    static const uint8_t sealed[2048];
    struct event e = event_of(&book, EVENT_LETTER, from, 0);
    struct wire_request request = {.type = WIRE_LETTER, .time = e.time, .scope = {{"persons", 1}}, .scope_count = 1};
    const struct wire_ends ends = ends_of(from);
    struct buf message = buf_of(4096);
    uint8_t hash[WIRE_HASH_SIZE];
    bytes_put_u64be(request.id, book.size + 1);
    request.body = span_of(sealed, sizeof sealed);
    wire_request_sign(&request, &ends, forged ? stranger.sign_secret : world.agency[from].sign_secret);
    wire_request_hash(e.request, &request, &ends);
    memcpy(e.id, request.id, sizeof e.id);
    strcpy(e.partner, world.agency[to].party.name);
    e.sequence = 1;
    e.size = sizeof sealed;
    crypto_hash_sha256(hash, sealed, sizeof sealed);
    request.body = span_of(hash, sizeof hash);
    MUST(wire_request_encode(&message, &request, why));
    const struct archive_record record = {book.size, e.time, e.kind, buf_span(&message)};
    MUST(archive_append(archive, &record, why));
    book_add(&book, &e);
    buf_free(&message);
}

static void a_letter_that_somebody_else_signed_is_named(void **state)
{
    (void)state;
    letter(AAA, BBB);
    replay_all();
    for (size_t i = 0; i < audit.findings.count; i++)
        assert_false(audit.findings.kept[i].code == FINDING_SIGNATURE ||
                     audit.findings.kept[i].code == FINDING_BATCH_MISSING);
    forged = true;
    letter(AAA, BBB);
    forged = false;
    expect(FINDING_SIGNATURE, "AAA did not sign the letter");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(couples_beyond_the_limit_wait_for_the_next_day),
        TEST(what_waits_ends_silently),
        TEST(what_both_release_meets_at_once),
        TEST(a_suspension_ends_couples_and_its_end_begins_them_anew),
        cmocka_unit_test_setup_teardown(a_register_that_loads_is_asked_but_meets_nobody, begin_loading, end),
        TEST(who_is_excluded_is_neither_met_nor_asked),
        TEST(questions_beyond_the_limit_ask_nobody),
        cmocka_unit_test_setup_teardown(owners_of_issued_documents_are_told_counts, begin_issued, end),
        TEST(entries_end_with_their_epoch),
        TEST(what_expires_is_told_in_the_order_of_tags),
        TEST(tags_added_again_are_counted),
        TEST(tags_asked_for_again_are_counted),
        TEST(meeting_beyond_the_limit_is_named),
        TEST(meeting_beyond_the_limit_by_a_cause_is_named),
        TEST(meeting_out_of_turn_is_named),
        TEST(a_couple_that_waits_and_is_delivered_is_named),
        TEST(a_wait_that_is_left_out_is_named),
        TEST(a_notice_that_is_left_out_is_named),
        TEST(an_excluded_entry_that_is_delivered_is_named),
        TEST(asking_beyond_the_limit_is_named),
        TEST(asking_who_suspended_is_named),
        TEST(meeting_in_an_ended_epoch_is_named),
        TEST(ending_what_is_not_over_is_named),
        cmocka_unit_test_setup_teardown(meeting_while_it_loads_is_named, begin_loading, end),
        TEST(one_request_with_two_events_is_named),
        TEST(a_request_that_somebody_else_signed_is_named),
        TEST(a_suspension_that_nobody_asked_for_is_named),
        TEST(a_letter_that_somebody_else_signed_is_named),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_meetings", tests, NULL, NULL);
}
