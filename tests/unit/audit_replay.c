/* Joins computed again from the archive: what is honest passes, each lie about a match is named. */
#include "protocol/audit/replay/replay.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/batch.h"

#include "audit_test.h"

static struct audit audit;
static struct book book;
static struct archive *archive;
static char archive_dir[96];
static unsigned number;
static struct replay_counts counts;

static int begin(void **state)
{
    char name[16];
    const struct archive_end none = {0, 0};
    (void)state;
    snprintf(name, sizeof name, "m%u", number);
    snprintf(archive_dir, sizeof archive_dir, "%s/a%u", world.dir, number++);
    book_open(&book, &world.matcher, name);
    book_start(&book);
    MUST(archive_open(&archive, archive_dir, &none, why));
    return 0;
}

static int end(void **state)
{
    (void)state;
    archive_close(archive);
    book_close(&book);
    audit_close(&audit);
    return 0;
}

/* --- the matcher's side --- */

#define PAYLOAD 3

/* A tag is a letter; an agency's sealed payload for it names both and how often it was replaced. */
struct letter {
    uint8_t tag[WIRE_TAG_SIZE], payload[PAYLOAD];
};

static struct letter letter_of(int agency, char letter, char version)
{
    struct letter l = {.payload = {(uint8_t)('0' + agency), (uint8_t)letter, (uint8_t)version}};
    memset(l.tag, letter, sizeof l.tag);
    return l;
}

static enum wire_type type_of(enum event_kind kind)
{
    return kind == EVENT_PUT ? WIRE_PUT : kind == EVENT_REMOVE ? WIRE_REMOVE : WIRE_QUERY;
}

/* The request with these letters, filled up if it is a question, as the agency would have sent it. */
static struct wire_request request_of(const struct event *e, const char *letters, char version, int agency,
                                      struct buf *body)
{
    static uint8_t tags[64][WIRE_TAG_SIZE], payloads[64][PAYLOAD];
    size_t given = strlen(letters), count = e->kind == EVENT_QUERY ? 16 : given;
    struct wire_request request = {.type = type_of(e->kind), .time = e->time, .scope_count = 1};
    bytes_put_u64be(request.id, book.size);
    request.scope[0].epoch = (uint32_t)e->epoch;
    strcpy(request.scope[0].purpose, e->purpose);
    for (size_t i = 0; i < count; i++) {
        const struct letter l = letter_of(agency, i < given ? letters[i] : (char)(0xe0 + i), version);
        memcpy(tags[i], l.tag, sizeof l.tag);
        memcpy(payloads[i], l.payload, sizeof l.payload);
    }
    const struct wire_entries all = {span_of(tags, count * WIRE_TAG_SIZE), PAYLOAD, span_of(payloads, count * PAYLOAD)};
    if (e->kind == EVENT_PUT)
        MUST(put_request_encode(body, &(struct put_request){.entries = all}, why));
    else if (e->kind == EVENT_REMOVE)
        MUST(remove_request_encode(body, &(struct remove_request){all.tags}, why));
    else
        MUST(query_request_encode(body, &(struct query_request){.batch = {all}, .count = 1}, why));
    request.body = buf_span(body);
    return request;
}

/* A put, remove or query with its request in the archive (unless archived is false). letters ascend. */
static void batch(struct event *e, const char *letters, char version, int agency, bool archived)
{
    static const uint8_t hash[WIRE_HASH_SIZE] = {9};
    struct batch parts;
    struct buf body = buf_of(1u << 16), message = buf_of(1u << 16);
    const struct wire_request request = request_of(e, letters, version, agency, &body);
    MUST(batch_decode(&parts, &request, why));
    uint64_t said = e->count;
    batch_describe(e, &parts, world.agency[agency].party.name, &request, hash);
    if (e->kind != EVENT_QUERY)
        e->count = said; /* a test may lie */
    MUST(wire_request_encode(&message, &request, why));
    const struct archive_record record = {book.size, e->time, e->kind, buf_span(&message)};
    if (archived)
        MUST(archive_append(archive, &record, why));
    book_add(&book, e);
    buf_free(&body);
    buf_free(&message);
}

static void put(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_PUT, agency, strlen(letters));
    batch(&e, letters, 'a', agency, true);
}

static void query(int agency, const char *letters, uint64_t hits)
{
    struct event e = event_of(&book, EVENT_QUERY, agency, strlen(letters));
    e.hits = hits;
    batch(&e, letters, 'a', agency, true);
}

static void take_away(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_REMOVE, agency, strlen(letters));
    batch(&e, letters, 'a', agency, true);
}

/* partner's entries for these letters go to party. */
static void deliver_version(int party, int partner, const char *letters, char version)
{
    struct event e = event_of(&book, EVENT_DELIVER, party, strlen(letters));
    struct event_digest digest;
    strcpy(e.partner, world.agency[partner].party.name);
    event_digest_start(&digest, e.salt);
    for (; *letters != '\0'; letters++) {
        const struct letter entry = letter_of(partner, *letters, version);
        event_digest_add(&digest, span_of(entry.tag, sizeof entry.tag));
        event_digest_add(&digest, span_of(entry.payload, sizeof entry.payload));
    }
    event_digest_end(&digest, e.digest);
    book_add(&book, &e);
}

static void deliver(int party, int partner, const char *letters)
{
    deliver_version(party, partner, letters, 'a');
}

static void digest_tags(struct event *e, const char *letters)
{
    struct event_digest digest;
    event_digest_start(&digest, e->salt);
    for (; *letters != '\0'; letters++) {
        const struct letter entry = letter_of(0, *letters, 'a');
        event_digest_add(&digest, span_of(entry.tag, sizeof entry.tag));
    }
    event_digest_end(&digest, e->digest);
}

static void withdraw(int party, int partner, const char *letters)
{
    struct event e = event_of(&book, EVENT_WITHDRAW, party, strlen(letters));
    strcpy(e.partner, world.agency[partner].party.name);
    digest_tags(&e, letters);
    book_add(&book, &e);
}

static void expire(int agency, const char *letters)
{
    struct event e = event_of(&book, EVENT_EXPIRE, agency, strlen(letters));
    digest_tags(&e, letters);
    book_add(&book, &e);
}

/* --- the auditor's --- */

static void replay_all(void)
{
    char work[96];
    struct archive_end done;
    struct replay *replay;
    struct verified v;
    book_publish(&book);
    MUST(archive_sync(archive, &done, why));
    archive_committed(archive);
    snprintf(work, sizeof work, "%s/work", world.dir);
    run("rm -rf '%s'", work);
    audit_close(&audit);
    open_audit(&audit, (char *[]){book.export}, 1);
    MUST(replay_new(&replay, &audit, &audit.ledger[0], archive_dir, work, why));
    MUST(verify_ledger(&audit, &audit.ledger[0], replay_handler(replay), &v, why));
    MUST(replay_finish(replay, &counts, why));
    replay_free(replay);
}

static void expect(enum finding_code code, const char *text)
{
    replay_all();
    expect_finding(&audit.findings, code, text);
}

/* What AAA and BBB have in common so far, honestly told. */
static void common_ground(void)
{
    put(AAA, "bcde");
    put(BBB, "cdxy");
    deliver(AAA, BBB, "cd");
    deliver(BBB, AAA, "cd");
}

/* --- honest --- */

static void an_honest_matcher_has_no_findings(void **state)
{
    (void)state;
    common_ground();
    put(CCC, "bcdexy"); /* granted to nobody mutually */
    query(AAA, "axy", 2);
    deliver(AAA, BBB, "xy");
    struct event again = event_of(&book, EVENT_PUT, AAA, 2);
    again.added = 0;
    again.renewed = 2;
    batch(&again, "bc", 'a', AAA, true);
    struct event other = event_of(&book, EVENT_PUT, AAA, 1);
    other.added = 0;
    other.replaced = 1;
    batch(&other, "d", 'b', AAA, true);
    deliver(AAA, BBB, "d");
    deliver_version(BBB, AAA, "d", 'b');
    take_away(BBB, "d");
    withdraw(AAA, BBB, "d");
    replay_all();
    expect_no_finding(&audit.findings);
    assert_int_equal(counts.batches, 7);
    assert_int_equal(counts.delivered, 4 + 2 + 2);
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
    expect(FINDING_BATCH_MISSING, "the archive has no batch for this put of BBB");
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
    book_put(&book, EVENT_ACKNOWLEDGE, AAA, 1);
    expect(FINDING_BATCH_MISSING, "the archive has a batch for it, the ledger another event");
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

static void change_manifest(void)
{
    world_next();
    struct event e = event_of(&book, EVENT_MANIFEST, -1, world.region->version);
    memcpy(e.digest, world.region->digest, 32);
    book_add(&book, &e);
}

static void walk(uint64_t tags, const char *note)
{
    struct event e = event_of(&book, EVENT_REJOIN, -1, tags);
    strcpy(e.purpose, "persons");
    strcpy(e.note, note);
    book_add(&book, &e);
}

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
    run("mkdir '%s/manifests' && cp '%s' '%s' '%s/manifests/'", book.export, first, second, book.export);
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
    run("mkdir '%s/manifests' && cp '%s' '%s/manifests/'", book.export, before, book.export);
    expect(FINDING_MATCH_OMITTED, "the grants of persons changed, but what both sides then had in common was not told");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

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
