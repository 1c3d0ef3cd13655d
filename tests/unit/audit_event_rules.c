/* Ledgers that verify to the byte and whose events are wrong: each attack is found, what is honest is not. */
#include "protocol/audit/walk/consistency.h"
#include "protocol/audit/rules/event_rules.h"
#include "protocol/audit/rules/verify.h"

#include "audit_test.h"

#include <pthread.h>
#include <unistd.h>

static struct audit audit;
static struct book book;
static char name[16];
static unsigned number;

/* A matcher's ledger that has begun. */
static int begin_matcher(void **state)
{
    (void)state;
    snprintf(name, sizeof name, "m%u", number++);
    book_open(&book, &world.matcher, name);
    book_start(&book);
    return 0;
}

static int begin_custodian(void **state)
{
    (void)state;
    snprintf(name, sizeof name, "c%u", number++);
    book_open(&book, &world.custodian[0], name);
    book_start(&book);
    return 0;
}

static int end(void **state)
{
    (void)state;
    book_close(&book);
    audit_close(&audit);
    return 0;
}

static void verify_all(char *const *dirs, size_t count)
{
    struct verified v;
    audit_close(&audit);
    open_audit(&audit, dirs, count);
    for (size_t i = 0; i < audit.count; i++)
        MUST(verify_ledger(&audit, &audit.ledger[i], NULL, &v, why));
}

static void publish_and_verify(void)
{
    book_publish(&book);
    verify_all((char *[]){book.export}, 1);
}

static void deliver(enum event_kind kind, int party, int partner, uint64_t count)
{
    struct event e = event_of(&book, kind, party, count);
    strcpy(e.partner, world.agency[partner].party.name);
    book_add(&book, &e);
}

static void expect(enum finding_code code, const char *text)
{
    publish_and_verify();
    expect_finding(&audit.findings, code, text);
}

/* Some finding of this code says this of these. */
static void expect_blame(enum finding_code code, enum finding_verdict verdict, const char *who)
{
    for (size_t i = 0; i < audit.findings.count; i++) {
        const struct finding *f = &audit.findings.kept[i];
        if (f->code == code && f->verdict == verdict && strcmp(f->who, who) == 0)
            return;
        print_error("%s: %s: %s: %s\n", finding_name(f->code), finding_verdict_name(f->verdict), f->who, f->text);
    }
    fail_msg("nobody says %s of %s", finding_verdict_name(verdict), who);
}

/* --- honest --- */

static void an_honest_ledger_has_no_findings(void **state)
{
    (void)state;
    book_put(&book, EVENT_PUT, AAA, 3);
    book_put(&book, EVENT_PUT, BBB, 3);
    deliver(EVENT_DELIVER, AAA, BBB, 2);
    deliver(EVENT_DELIVER, BBB, AAA, 2);
    struct event query = event_of(&book, EVENT_QUERY, AAA, 2);
    query.hits = 1;
    book_add(&book, &query);
    deliver(EVENT_DELIVER, AAA, BBB, 1);
    deliver(EVENT_ASKED, BBB, AAA, 1);
    book_put(&book, EVENT_REMOVE, BBB, 1);
    deliver(EVENT_WITHDRAW, AAA, BBB, 1);
    book_put(&book, EVENT_ACKNOWLEDGE, AAA, 3);
    book.time += 31 * DAY;
    book_put(&book, EVENT_STOP, -1, 0);
    book_start(&book);
    book.time += 10;
    struct event expire = event_of(&book, EVENT_EXPIRE, AAA, 3);
    book_add(&book, &expire);
    deliver(EVENT_WITHDRAW, AAA, BBB, 1);
    deliver(EVENT_WITHDRAW, BBB, AAA, 1);
    book_publish(&book);
    verify_all((char *[]){book.export}, 1);
    /* The second start installs the manifest again, which a daemon does not: that alone is found. */
    assert_int_equal(audit.findings.total, 1);
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "manifest version 1 was put in force while 1 was");
}

/* --- prekeys and letters --- */

/* Its digest is a run of the letter; so is that of the one before. */
static struct event prekey_of(int agency, uint64_t place, char digest, char before)
{
    struct event e = event_of(&book, EVENT_PREKEY, agency, 0);
    e.purpose[0] = '\0';
    e.epoch = 0;
    e.sequence = place;
    e.until = e.time + 7 * DAY;
    memset(e.digest, digest, sizeof e.digest);
    memset(e.chain, before, sizeof e.chain);
    return e;
}

static void publish_prekey(int agency, uint64_t place, char digest, char before)
{
    const struct event e = prekey_of(agency, place, digest, before);
    book_add(&book, &e);
}

static struct event letter_of(int from, int to, uint64_t prekey, uint64_t size)
{
    struct event e = event_of(&book, EVENT_LETTER, from, 0);
    strcpy(e.partner, world.agency[to].party.name);
    e.sequence = prekey;
    e.size = size;
    return e;
}

static void send_letter(int from, int to, uint64_t prekey, uint64_t size)
{
    const struct event e = letter_of(from, to, prekey, size);
    book_add(&book, &e);
}

static void honest_letters_have_no_findings(void **state)
{
    (void)state;
    publish_prekey(AAA, 1, 'a', 0);
    publish_prekey(BBB, 1, 'b', 0);
    send_letter(AAA, BBB, 1, 2048);
    publish_prekey(BBB, 2, 'c', 'b');
    publish_prekey(AAA, 1000, 'd', 0); /* its vault was put back */
    publish_prekey(AAA, 1001, 'e', 'd');
    send_letter(AAA, BBB, 1, 8192);
    send_letter(BBB, AAA, 1, 1048576);
    struct event lapse = event_of(&book, EVENT_LAPSE, BBB, 2);
    lapse.purpose[0] = '\0';
    lapse.epoch = 0;
    lapse.until = lapse.time;
    book.time += 36 * DAY;
    lapse.time = book.time;
    book_add(&book, &lapse);
    publish_and_verify();
    for (size_t i = 0; i < audit.findings.count; i++)
        if (audit.findings.kept[i].code != FINDING_NOT_FINAL) /* a month without a cosignature */
            fail_msg("%s", audit.findings.kept[i].text);
}

static void two_prekeys_of_one_number_are_found(void **state)
{
    (void)state;
    publish_prekey(AAA, 1, 'a', 0);
    publish_prekey(AAA, 1, 'x', 0);
    expect(FINDING_PREKEY, "two prekeys of AAA have the number 1");
}

static void a_prekey_beside_the_chain_is_found(void **state)
{
    (void)state;
    publish_prekey(AAA, 1, 'a', 0);
    publish_prekey(AAA, 2, 'b', 'x');
    expect(FINDING_PREKEY, "prekey 2 of AAA does not follow on prekey 1");
}

static void letters_that_must_not_be_are_found(void **state)
{
    (void)state;
    publish_prekey(BBB, 1, 'b', 0);
    publish_prekey(CCC, 1, 'c', 0);
    send_letter(AAA, CCC, 1, 2048);
    send_letter(AAA, BBB, 2, 2048);
    send_letter(AAA, BBB, 1, 3000);
    struct event lapse = event_of(&book, EVENT_LAPSE, BBB, 1);
    lapse.purpose[0] = '\0';
    lapse.epoch = 0;
    lapse.until = lapse.time;
    book_add(&book, &lapse);
    expect(FINDING_NOT_ALLOWED, "a letter of AAA to CCC: the two did not grant each other the purpose");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "a letter to prekey 2 of BBB, which has published 1");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "a letter of 3000 bytes");
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "letters to BBB lapsed while they could be opened");
}

/* --- who may do what --- */

static void a_stranger_who_puts_is_found(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, AAA, 1);
    (void)state;
    strcpy(e.party, "ZZZ");
    book_add(&book, &e);
    expect(FINDING_NOT_ALLOWED, "put of ZZZ, which is no agency");
}

static void a_purpose_or_epoch_not_in_force_is_found(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, AAA, 1);
    (void)state;
    e.epoch = 2;
    book_add(&book, &e);
    strcpy(e.purpose, "hobbies");
    book_add(&book, &e);
    expect(FINDING_NOT_ALLOWED, "put for persons in epoch 2 while 1 was in force");
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "put for hobbies, which is no purpose");
}

static void a_delivery_without_grant_is_found(void **state)
{
    (void)state;
    book_put(&book, EVENT_PUT, CCC, 3);
    deliver(EVENT_DELIVER, AAA, CCC, 1);
    deliver(EVENT_DELIVER, CCC, AAA, 1);
    expect(FINDING_NOT_ALLOWED, "delivered to CCC from AAA for persons, who did not grant each other that purpose");
}

static void a_match_hidden_from_one_side_is_found(void **state)
{
    (void)state;
    book_put(&book, EVENT_PUT, BBB, 3);
    deliver(EVENT_DELIVER, AAA, BBB, 2);
    book_put(&book, EVENT_PUT, BBB, 3);
    deliver(EVENT_DELIVER, AAA, BBB, 2);
    deliver(EVENT_DELIVER, BBB, AAA, 1);
    expect(FINDING_ONE_SIDED, "AAA was told of 2 entries of BBB for persons, but BBB of 0 of AAA");
    expect_finding(&audit.findings, FINDING_ONE_SIDED, "but BBB of 1 of AAA");
    assert_int_equal(audit.findings.total, 2);
}

static void a_delivery_without_cause_is_found(void **state)
{
    (void)state;
    deliver(EVENT_DELIVER, AAA, BBB, 1);
    book_put(&book, EVENT_QUERY, AAA, 5);
    deliver(EVENT_DELIVER, BBB, AAA, 1);
    deliver(EVENT_DELIVER, AAA, BBB, 9);
    expect(FINDING_NOT_CONSISTENT, "deliver to AAA of BBB for persons has no cause before it");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "does not follow from the query of AAA");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "deliver of 9 entries behind a query of 5");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "is not in order");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "a query of AAA with 0 hits was followed by 10");
}

static void numbers_that_do_not_add_up_are_found(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, AAA, 5);
    (void)state;
    e.added = 3;
    book_add(&book, &e);
    expect(FINDING_NOT_CONSISTENT, "put of 5 entries, of which 3 are accounted for");
}

static struct event meeting_of(enum event_kind kind, int agency, int partner, uint64_t count)
{
    struct event e = event_of(&book, kind, agency, count);
    strcpy(e.partner, world.agency[partner].party.name);
    return e;
}

static void lines_behind_a_cause_that_cannot_have_them_are_found(void **state)
{
    struct event e = meeting_of(EVENT_MEET, AAA, BBB, 2);
    (void)state;
    book_add(&book, &e);
    deliver(EVENT_DELIVER, AAA, BBB, 2);
    deliver(EVENT_ASKED, AAA, BBB, 1);
    book_put(&book, EVENT_REMOVE, AAA, 2);
    deliver(EVENT_WAIT, BBB, AAA, 1);
    expect(FINDING_NOT_CONSISTENT, "a meet of AAA with 4 couples of two sides was followed by 2");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "asked to AAA of BBB for persons does not follow");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "wait to BBB of AAA for persons does not follow");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "the two of a wait do not stand in the order");
    expect_finding(&audit.findings, FINDING_ONE_SIDED, "AAA was told of 2 entries of BBB");
}

static void releases_suspensions_and_closes_are_held_against_the_manifest(void **state)
{
    struct event e = meeting_of(EVENT_RELEASE, AAA, BBB, 5);
    (void)state;
    e.until = book.time + DAY;
    book_add(&book, &e);
    e = meeting_of(EVENT_SUSPEND, AAA, BBB, 0);
    strcpy(e.note, "on");
    book_add(&book, &e);
    e = event_of(&book, EVENT_CLOSE, AAA, 0);
    strcpy(e.note, "request");
    book_add(&book, &e);
    publish_and_verify();
    expect_no_finding(&audit.findings);
    e = meeting_of(EVENT_SUSPEND, AAA, AAA, 0);
    strcpy(e.note, "perhaps");
    book_add(&book, &e);
    e = meeting_of(EVENT_RELEASE, BBB, AAA, 1);
    e.epoch = 7;
    book_add(&book, &e);
    expect(FINDING_NOT_ALLOWED, "suspend of AAA with AAA, which is no other agency");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "suspend with the note \"perhaps\"");
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "release for persons in epoch 7");
}

static void a_request_with_two_events_convicts(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, AAA, 1);
    (void)state;
    book_add(&book, &e);
    struct event other = event_of(&book, EVENT_PUT, BBB, 1);
    memcpy(other.id, e.id, sizeof e.id); /* of another party: that is another request */
    book_add(&book, &other);
    publish_and_verify();
    expect_no_finding(&audit.findings);
    e.kind = EVENT_REMOVE;
    e.added = 0;
    book_add(&book, &e);
    expect(FINDING_REPEATED, "remove of AAA for a request that an earlier event is about");
    assert_int_equal(audit.findings.total, 1);
}

static void a_request_without_id_is_found(void **state)
{
    struct event e = event_of(&book, EVENT_PUT, AAA, 1);
    (void)state;
    memset(e.id, 0, sizeof e.id);
    book_add(&book, &e);
    expect(FINDING_NOT_CONSISTENT, "put without the id and hash of a request");
}

static void evaluations_of_several_purposes_count_for_each(void **state)
{
    (void)state;
    for (int i = 0; i < 14; i++) {
        struct event e = event_of(&book, EVENT_EVALUATE, AAA, 8192);
        e.purpose[0] = '\0';
        memset(e.purpose, 0, sizeof e.purpose);
        e.epoch = 0;
        strcpy(e.scope, "documents/1:10,persons/1:8182");
        strcpy(e.note, "1,2");
        book_add(&book, &e);
    }
    expect(FINDING_NOT_ALLOWED, "elements evaluated for persons on one day, the limit is 100000");
    assert_int_equal(audit.findings.total, 1);
}

static void events_of_another_party_are_found(void **state)
{
    (void)state;
    book_put(&book, EVENT_EVALUATE, AAA, 5);
    book_put(&book, EVENT_STOP, -1, 0);
    book_put(&book, EVENT_PUT, AAA, 1);
    expect(FINDING_NOT_ALLOWED, "evaluate is no event of a matcher");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "put behind a stop");
}

/* --- custodians --- */

static void evaluate(const char *coalition, uint64_t count)
{
    struct event e = event_of(&book, EVENT_EVALUATE, AAA, count);
    strcpy(e.note, coalition);
    book_add(&book, &e);
}

static void evaluations_beyond_the_limit_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++)
        evaluate("1,2", 8000);
    publish_and_verify();
    expect_no_finding(&audit.findings);
    evaluate("1,2", 8000);
    expect(FINDING_NOT_ALLOWED, "AAA had 104000 elements evaluated for persons on one day, the limit is 100000");
    book.time += DAY;
    for (int i = 0; i < 12; i++)
        evaluate("1,2", 8000);
    publish_and_verify();
    assert_int_equal(audit.findings.total, 1);
}

static void coalitions_that_cannot_be_are_found(void **state)
{
    (void)state;
    evaluate("1", 1);
    evaluate("2,3", 1);
    evaluate("1,9", 1);
    evaluate("2,1", 1);
    expect(FINDING_NOT_CONSISTENT, "the coalition \"1\", which is none of 2 of 3");
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "the coalition 2,3, to which this custodian does not belong");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "\"1,9\"");
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "\"2,1\"");
}

/* --- manifests --- */

static void install(uint64_t version, const uint8_t digest[32])
{
    struct event e = event_of(&book, EVENT_MANIFEST, -1, version);
    memcpy(e.digest, digest, 32);
    book_add(&book, &e);
}

static void a_manifest_that_nobody_has_is_said(void **state)
{
    const uint8_t unknown[32] = {7};
    (void)state;
    install(2, unknown);
    book_put(&book, EVENT_PUT, CCC, 1);
    expect(FINDING_MANIFEST_MISSING, "not checked against manifest version 2");
    assert_int_equal(audit.findings.total, 1);
    assert_int_equal(findings_exit_status(&audit.findings), 2);
}

static void a_forged_or_older_manifest_is_found(void **state)
{
    const uint8_t unknown[32] = {7};
    (void)state;
    install(1, unknown);
    expect(FINDING_FORKED, "manifest version 1 with the digest 0700000000000000");
    expect_finding(&audit.findings, FINDING_NOT_ALLOWED, "manifest version 1 was put in force while 1 was");
}

/* Under version 2, BBB takes its grant back; version 1 is found beside the ledger, and vouched for by version 2. */
static void each_event_is_held_against_the_manifest_of_its_time(void **state)
{
    char first[96];
    struct region_grant grants[2];
    (void)state;
    strcpy(first, world.path);
    book_put(&book, EVENT_PUT, BBB, 3);
    deliver(EVENT_DELIVER, AAA, BBB, 1);
    deliver(EVENT_DELIVER, BBB, AAA, 1);
    memcpy(grants, world.region->grants, sizeof grants);
    world.region->grants[1] = world.region->grants[2];
    world.region->grant_count = 2;
    world_next();
    install(2, world.region->digest);
    struct event rejoin = event_of(&book, EVENT_REJOIN, -1, 3);
    strcpy(rejoin.purpose, "persons");
    strcpy(rejoin.note, "done");
    book_add(&book, &rejoin);
    deliver(EVENT_WITHDRAW, AAA, BBB, 1);
    deliver(EVENT_WITHDRAW, BBB, AAA, 1);
    book_publish(&book);
    world_keep(book.export, first, 1);
    verify_all((char *[]){book.export}, 1);
    expect_no_finding(&audit.findings);
    assert_int_equal(audit.manifests.count, 2);
    book_put(&book, EVENT_PUT, BBB, 3);
    deliver(EVENT_DELIVER, AAA, BBB, 1);
    deliver(EVENT_DELIVER, BBB, AAA, 1);
    expect(FINDING_NOT_ALLOWED, "delivered to AAA from BBB for persons");
    run("printf x >> '%s/manifests/1.json'", book.export);
    verify_all((char *[]){book.export}, 1);
    expect_finding(&audit.findings, FINDING_MANIFEST_MISSING, "manifest version 1");
    memcpy(world.region->grants, grants, sizeof grants);
    world.region->grant_count = 2;
    region_test_grant(&world, CCC, AAA, PERSONS);
    world.region->version = 1;
    world.region->history_count = 0;
    strcpy(world.path, first);
    region_test_write(&world, TEST_COORDINATORS);
}

/* --- times --- */

/* The ledger's own code writes a clock event when the clock goes back; up to two days an honest one does. */
static void a_time_that_jumps_far_is_found(void **state)
{
    (void)state;
    book_put(&book, EVENT_PUT, AAA, 1);
    book.time -= 2 * DAY;
    book_put(&book, EVENT_PUT, AAA, 1);
    publish_and_verify();
    expect_no_finding(&audit.findings);
    book.time -= 5 * DAY;
    book_put(&book, EVENT_PUT, AAA, 1);
    expect(FINDING_CLOCK, "the party's clock went back by 432000 s");
}

/* The ledger's own code cannot be made to write this: the rules alone see it. */
static void a_time_that_goes_back_silently_is_found(void **state)
{
    struct event_rules *rules;
    struct event e;
    (void)state;
    book_publish(&book);
    open_audit(&audit, (char *[]){book.export}, 1);
    MUST(event_rules_new(&rules, &audit, &audit.ledger[0], why));
    e = event_of(&book, EVENT_START, -1, 0);
    MUST(event_rules_event(rules, 0, &e, why));
    e.time -= 1;
    e.kind = EVENT_STOP;
    MUST(event_rules_event(rules, 1, &e, why));
    expect_finding(&audit.findings, FINDING_CLOCK,
                   "its time is 2027-01-15T11:59:59Z, but 2027-01-15T12:00:00Z was written down before it");
    event_rules_free(rules);
}

static void an_event_from_the_future_is_found(void **state)
{
    (void)state;
    book.time += 5 * DAY;
    book_put(&book, EVENT_PUT, AAA, 1);
    book_seal(&book);
    book.time -= 5 * DAY;
    book_witness(&book);
    book_export(&book);
    verify_all((char *[]){book.export}, 1);
    expect_finding(&audit.findings, FINDING_CLOCK,
                   "a witness cosigned the entry 432000 s before the time that it states");
}

static void events_that_nobody_witnesses_in_time_are_found(void **state)
{
    (void)state;
    book_publish(&book);
    book_put(&book, EVENT_PUT, AAA, 1);
    book_seal(&book);
    book.time += 400000;
    book_put(&book, EVENT_PUT, AAA, 1);
    publish_and_verify();
    expect_no_finding(&audit.findings);
    book_put(&book, EVENT_PUT, AAA, 1);
    book_seal(&book);
    book.time += 440000;
    book_put(&book, EVENT_PUT, AAA, 1);
    expect(FINDING_NOT_FINAL, "no checkpoint with 2 cosignatures covers the events since");
}

static void too_few_witnesses_are_found(void **state)
{
    (void)state;
    book_seal(&book);
    book_cosign(&book, &world.custodian[2], "custodian-3");
    book_export(&book);
    verify_all((char *[]){book.export}, 1);
    expect_finding(&audit.findings, FINDING_NOT_FINAL, "no checkpoint has the 2 cosignatures");
}

/* --- ledgers against each other --- */

/* A custodian that witnessed what the matcher's ledger is at this moment. */
static void witness_now(struct book *custodian, const char *of)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX);
    MUST(ledger_checkpoint(book.ledger, &note, why));
    MUST(checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, why));
    book_open(custodian, &world.custodian[0], of);
    book_start(custodian);
    struct event e = event_of(custodian, EVENT_WITNESS, -1, checkpoint.size);
    strcpy(e.party, "matcher");
    memcpy(e.digest, checkpoint.root.bytes, sizeof e.digest);
    book_add(custodian, &e);
    book_publish(custodian);
    buf_free(&note);
}

static void a_ledger_rolled_back_is_found(void **state)
{
    struct book custodian;
    char old[96];
    (void)state;
    book_publish(&book);
    snprintf(old, sizeof old, "%s/old", world.dir);
    run("rm -rf '%s' && cp -r '%s' '%s'", old, book.export, old);
    book_put(&book, EVENT_PUT, AAA, 1);
    book_publish(&book);
    witness_now(&custodian, "rolled-witness");
    verify_all((char *[]){book.export, custodian.export}, 2);
    expect_no_finding(&audit.findings);
    verify_all((char *[]){old, custodian.export}, 2);
    expect_finding(&audit.findings, FINDING_ROLLED_BACK, "custodian-1 witnessed 3 entries");
    /* Without the witness, whoever holds the later checkpoint finds it. */
    struct checkpoint later = {.size = 3};
    audit_close(&audit);
    open_audit(&audit, (char *[]){old}, 1);
    MUST(consistency_check(&audit, &audit.ledger[0], &later, "receipt", why));
    expect_finding(&audit.findings, FINDING_ROLLED_BACK, "receipt has 3 entries");
    book_close(&custodian);
}

/* What it cosigned, as its daemon keeps it beside its ledger. */
static void keep_witnessed(const struct book *custodian, const struct book *of)
{
    char path[160];
    struct buf note = buf_of(NOTE_MAX);
    MUST(ledger_checkpoint(of->ledger, &note, why));
    run("mkdir -p '%s/witnessed'", custodian->export);
    snprintf(path, sizeof path, "%s/witnessed/matcher", custodian->export);
    MUST(file_write(path, note.data, note.len, 0644, why));
    buf_free(&note);
}

static void *export_later(void *context)
{
    usleep(300000);
    book_export(context);
    return NULL;
}

/* Daemons at work export each for itself: what a witness shows to have cosigned is waited for, where it is behind. */
static void a_ledger_that_is_exported_a_moment_later_is_waited_for(void **state)
{
    struct book custodian;
    pthread_t exporter;
    (void)state;
    book_publish(&book);
    book_put(&book, EVENT_PUT, AAA, 1);
    book_seal(&book);
    book_witness(&book);
    witness_now(&custodian, "early-witness");
    keep_witnessed(&custodian, &book);
    assert_int_equal(pthread_create(&exporter, NULL, export_later, &book), 0);
    verify_all((char *[]){book.export, custodian.export}, 2);
    pthread_join(exporter, NULL);
    expect_no_finding(&audit.findings);
    book_close(&custodian);
}

/* Cosigned, and killed before it was exported: there is no file of it, but the tree has its root. */
static void a_witnessed_checkpoint_without_a_file_is_honest(void **state)
{
    struct book custodian;
    (void)state;
    book_publish(&book);
    book_put(&book, EVENT_PUT, AAA, 1);
    book_seal(&book);
    witness_now(&custodian, "killed-witness");
    book_put(&book, EVENT_PUT, AAA, 1);
    book_publish(&book);
    run("test ! -e '%s/checkpoints/3'", book.export);
    verify_all((char *[]){book.export, custodian.export}, 2);
    expect_no_finding(&audit.findings);
    book_close(&custodian);
}

static void a_forked_ledger_is_found(void **state)
{
    struct book fork, custodian;
    struct checkpoint seen;
    struct span body, signatures;
    struct buf note = buf_of(NOTE_MAX);
    (void)state;
    book_put(&book, EVENT_PUT, AAA, 1);
    book_publish(&book);
    witness_now(&custodian, "fork-witness");
    book_open(&fork, &world.matcher, "fork");
    book_start(&fork);
    book_put(&fork, EVENT_PUT, BBB, 1);
    book_publish(&fork);
    verify_all((char *[]){fork.export}, 1);
    expect_no_finding(&audit.findings); /* by itself it is as good as the other */
    verify_all((char *[]){fork.export, custodian.export}, 2);
    expect_finding(&audit.findings, FINDING_FORKED, "custodian-1 says that it witnessed another root of 3 entries");
    expect_blame(FINDING_FORKED, FINDING_UNEXPLAINED, "matcher, custodian-1"); /* it may say so falsely */
    /* With what the matcher signed for it, it proves it. */
    run("mkdir '%s/witnessed' && cp '%s/checkpoint' '%s/witnessed/matcher'", custodian.export, book.export,
        custodian.export);
    verify_all((char *[]){fork.export, custodian.export}, 2);
    expect_finding(&audit.findings, FINDING_FORKED, "matcher signed a checkpoint that is not of the tree shown");
    expect_blame(FINDING_FORKED, FINDING_GUILTY, "matcher");
    assert_int_equal(audit.findings.total, 1);
    MUST(ledger_checkpoint(book.ledger, &note, why));
    MUST(checkpoint_parse(&seen, buf_span(&note), &body, &signatures, why));
    audit_close(&audit);
    open_audit(&audit, (char *[]){fork.export}, 1);
    MUST(consistency_check(&audit, &audit.ledger[0], &seen, "seen", why));
    expect_finding(&audit.findings, FINDING_FORKED, "seen (3 entries) is not of the history");
    buf_free(&note);
    book_close(&fork);
    book_close(&custodian);
}

/* A custodian that says it was shown a split view, with these two notes of the matcher's. */
static void accuse(struct book *custodian, const char *of, const char *seen, const char *shown)
{
    struct event e;
    book_open(custodian, &world.custodian[0], of);
    book_start(custodian);
    e = event_of(custodian, EVENT_SPLIT, -1, 5);
    strcpy(e.party, "matcher");
    memset(e.digest, 0x22, sizeof e.digest);
    book_add(custodian, &e);
    book_publish(custodian);
    run("mkdir '%s/evidence' && cp '%s' '%s/evidence/2.seen' && cp '%s' '%s/evidence/2.shown'", custodian->export, seen,
        custodian->export, shown, custodian->export);
}

/* A proof that did not hold, or was never looked at: the matcher's ledger has both. */
static void two_genuine_checkpoints_convict_nobody(void **state)
{
    struct book custodian;
    char early[128], late[128];
    (void)state;
    book_publish(&book);
    book_put(&book, EVENT_PUT, AAA, 1);
    book_publish(&book);
    snprintf(early, sizeof early, "%s/checkpoints/2", book.export);
    snprintf(late, sizeof late, "%s/checkpoints/3", book.export);
    accuse(&custodian, "accuser", early, late);
    verify_all((char *[]){book.export, custodian.export}, 2);
    expect_finding(&audit.findings, FINDING_NOT_CONSISTENT, "the ledger of matcher has both: nothing is split");
    expect_blame(FINDING_NOT_CONSISTENT, FINDING_UNEXPLAINED, "matcher, custodian-1");
    assert_int_equal(audit.findings.total, 1);
    verify_all((char *[]){custodian.export}, 1);
    expect_blame(FINDING_FORKED, FINDING_UNEXPLAINED, "matcher, custodian-1");
    assert_int_equal(audit.findings.total, 1);
    book_close(&custodian);
}

/* Of different sizes, and the ledger that is shown has but one of them. */
static void two_checkpoints_of_two_branches_convict(void **state)
{
    struct book custodian, fork;
    char early[128], late[128];
    (void)state;
    book_put(&book, EVENT_PUT, AAA, 1);
    book_publish(&book);
    book_open(&fork, &world.matcher, "branch");
    book_start(&fork);
    book_put(&fork, EVENT_PUT, BBB, 1);
    book_put(&fork, EVENT_PUT, BBB, 1);
    book_publish(&fork);
    snprintf(early, sizeof early, "%s/checkpoint", book.export);
    snprintf(late, sizeof late, "%s/checkpoint", fork.export);
    accuse(&custodian, "rightly", early, late);
    verify_all((char *[]){fork.export, custodian.export}, 2);
    expect_finding(&audit.findings, FINDING_FORKED, "that contradicts it");
    expect_blame(FINDING_FORKED, FINDING_GUILTY, "matcher");
    assert_int_equal(audit.findings.total, 1);
    book_close(&fork);
    book_close(&custodian);
}

/* The matcher's signature under a root that is all of one byte. */
static void write_evidence(const char *suffix, uint8_t root)
{
    char path[160];
    struct checkpoint checkpoint = {.origin = "test/matcher", .size = 7};
    struct buf note = buf_of(NOTE_MAX);
    memset(checkpoint.root.bytes, root, MERKLE_HASH);
    MUST(checkpoint_sign(&note, &checkpoint, world.matcher.log_secret, why));
    run("mkdir -p '%s/evidence'", book.export);
    snprintf(path, sizeof path, "%s/evidence/2.%s", book.export, suffix);
    MUST(file_write(path, note.data, note.len, 0644, why));
    buf_free(&note);
}

static void a_split_view_is_found_and_one_that_is_only_claimed_too(void **state)
{
    struct event e = event_of(&book, EVENT_SPLIT, -1, 7);
    (void)state;
    strcpy(e.party, "matcher");
    memset(e.digest, 0x22, sizeof e.digest);
    book_add(&book, &e);
    write_evidence("seen", 0x11);
    write_evidence("shown", 0x22);
    expect(FINDING_FORKED, "matcher signed a checkpoint of 7 entries and one of 7 that contradicts it");
    write_evidence("shown", 0x11);
    expect(FINDING_NOT_CONSISTENT, "it accuses matcher of a split view, but");
    run("rm -r '%s/evidence'", book.export);
    expect(FINDING_NOT_CONSISTENT, "it accuses matcher of a split view, but");
}

/* Every prefix of a ledger is consistent with it, whatever the sizes. */
static void every_earlier_checkpoint_is_consistent(void **state)
{
    struct checkpoint early[40];
    struct span body, signatures;
    (void)state;
    for (size_t i = 0; i < COUNT(early); i++) {
        struct buf note = buf_of(NOTE_MAX);
        for (size_t k = 0; k < 1 + 7 * i; k++)
            book_put(&book, EVENT_PUT, AAA, 1);
        book_seal(&book);
        MUST(ledger_checkpoint(book.ledger, &note, why));
        MUST(checkpoint_parse(&early[i], buf_span(&note), &body, &signatures, why));
        buf_free(&note);
    }
    book_witness(&book);
    book_export(&book);
    audit_close(&audit);
    open_audit(&audit, (char *[]){book.export}, 1);
    for (size_t i = 0; i < COUNT(early); i++)
        MUST(consistency_check(&audit, &audit.ledger[0], &early[i], "early", why));
    expect_no_finding(&audit.findings);
    early[20].root.bytes[5] ^= 1;
    MUST(consistency_check(&audit, &audit.ledger[0], &early[20], "early", why));
    expect_finding(&audit.findings, FINDING_FORKED, "early");
}

#define MATCHER_TEST(f) cmocka_unit_test_setup_teardown(f, begin_matcher, end)
#define CUSTODIAN_TEST(f) cmocka_unit_test_setup_teardown(f, begin_custodian, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MATCHER_TEST(an_honest_ledger_has_no_findings),
        MATCHER_TEST(honest_letters_have_no_findings),
        MATCHER_TEST(two_prekeys_of_one_number_are_found),
        MATCHER_TEST(a_prekey_beside_the_chain_is_found),
        MATCHER_TEST(letters_that_must_not_be_are_found),
        MATCHER_TEST(a_stranger_who_puts_is_found),
        MATCHER_TEST(a_purpose_or_epoch_not_in_force_is_found),
        MATCHER_TEST(a_delivery_without_grant_is_found),
        MATCHER_TEST(a_match_hidden_from_one_side_is_found),
        MATCHER_TEST(a_delivery_without_cause_is_found),
        MATCHER_TEST(numbers_that_do_not_add_up_are_found),
        MATCHER_TEST(lines_behind_a_cause_that_cannot_have_them_are_found),
        MATCHER_TEST(releases_suspensions_and_closes_are_held_against_the_manifest),
        MATCHER_TEST(a_request_with_two_events_convicts),
        MATCHER_TEST(a_request_without_id_is_found),
        CUSTODIAN_TEST(evaluations_of_several_purposes_count_for_each),
        MATCHER_TEST(events_of_another_party_are_found),
        CUSTODIAN_TEST(evaluations_beyond_the_limit_are_found),
        CUSTODIAN_TEST(coalitions_that_cannot_be_are_found),
        MATCHER_TEST(a_manifest_that_nobody_has_is_said),
        MATCHER_TEST(a_forged_or_older_manifest_is_found),
        MATCHER_TEST(each_event_is_held_against_the_manifest_of_its_time),
        MATCHER_TEST(a_time_that_jumps_far_is_found),
        MATCHER_TEST(a_time_that_goes_back_silently_is_found),
        MATCHER_TEST(an_event_from_the_future_is_found),
        MATCHER_TEST(events_that_nobody_witnesses_in_time_are_found),
        MATCHER_TEST(too_few_witnesses_are_found),
        MATCHER_TEST(a_ledger_rolled_back_is_found),
        MATCHER_TEST(a_ledger_that_is_exported_a_moment_later_is_waited_for),
        MATCHER_TEST(a_forked_ledger_is_found),
        MATCHER_TEST(a_witnessed_checkpoint_without_a_file_is_honest),
        MATCHER_TEST(two_genuine_checkpoints_convict_nobody),
        MATCHER_TEST(two_checkpoints_of_two_branches_convict),
        CUSTODIAN_TEST(a_split_view_is_found_and_one_that_is_only_claimed_too),
        MATCHER_TEST(every_earlier_checkpoint_is_consistent),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_event_rules", tests, world_begin, world_end);
}
