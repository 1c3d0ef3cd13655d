/*
 * Letters between two vaults, with everything between them that a matcher could do: withhold, repeat, reorder, change,
 * pass to somebody else, show other prekeys; and with everything that happens to vaults: asleep for weeks, put back,
 * killed.
 */
#include "tests/unit/letters_test.h"

#include "client/vault/judging.h"
#include "protocol/base/clock.h"

#include <signal.h>
#include <sys/wait.h>

#define DAY 86400

static struct correspondent aaa, bbb;
static unsigned handed;
static size_t handed_bytes;

static int setup(void **state)
{
    (void)state;
    post_open(&aaa, &bbb);
    handed = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    post_close(&aaa, &bbb);
    return 0;
}

static int count_handed(void *context, struct agency *agency, const struct letter_read *letter, struct err *err)
{
    (void)context;
    (void)agency;
    (void)err;
    handed++;
    handed_bytes = letter->body.len;
    return 0;
}

static const struct letter_handler asks = {LETTER_ASK, count_handed, NULL};

static void ask(const char *text)
{
    party_queue(&aaa, &bbb, LETTER_ASK, span_of(text, strlen(text)));
}

/* Both publish their prekeys. */
static void meet(void)
{
    party_round(&aaa, NULL, 0);
    party_round(&bbb, NULL, 0);
}

/* --- what the lists say --- */

static int keep_thread(void *context, const struct vault_thread *thread, struct err *err)
{
    (void)err;
    *(struct vault_thread *)context = *thread;
    return 0;
}

static struct vault_thread thread_of(struct correspondent *c)
{
    struct vault_thread thread = {.kind = 0};
    MUST(vault_threads(c->agency.vault, keep_thread, &thread, why));
    return thread;
}

static int sum_refused(void *context, const struct vault_thread *thread, struct err *err)
{
    (void)err;
    *(uint64_t *)context += thread->refused;
    return 0;
}

static uint64_t refused_of(struct correspondent *c)
{
    uint64_t sum = 0;
    MUST(vault_threads(c->agency.vault, sum_refused, &sum, why));
    return sum;
}

static int sum_streams(void *context, const struct vault_stream *stream, struct err *err)
{
    struct vault_stream *sum = context;
    (void)err;
    memcpy(sum->stream, stream->stream, sizeof sum->stream);
    sum->came += stream->came;
    sum->last += stream->last;
    sum->broken += stream->broken;
    return 0;
}

static struct vault_stream streams_of(struct correspondent *c)
{
    struct vault_stream sum = {.came = 0};
    MUST(vault_streams(c->agency.vault, sum_streams, &sum, why));
    return sum;
}

static int count_evidence(void *context, const struct vault_evidence *evidence, struct err *err)
{
    (void)err;
    *(unsigned *)context += strcmp(evidence->kind, "prekeys") == 0 && strcmp(evidence->party, "BBB") == 0;
    return 0;
}

/* --- as it should be --- */

static void it_is_read_once_and_acknowledged(void **state)
{
    (void)state;
    ask("who is it?");
    assert_int_equal(party_round(&aaa, NULL, 0).waiting, 1);
    assert_non_null(strstr(thread_of(&aaa).why, "has not published a prekey"));
    party_round(&bbb, NULL, 0);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    assert_int_equal(party_round(&bbb, NULL, 0).opened, 1); /* kept: nobody reads that kind */
    assert_int_equal(thread_of(&bbb).kept, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 0);
    assert_int_equal(handed, 1);
    assert_int_equal(handed_bytes, 10);
    assert_int_equal(party_round(&aaa, NULL, 0).acknowledged, 1);
    assert_int_equal(thread_of(&aaa).acknowledged, 1);
    assert_int_equal(thread_of(&bbb).read, 1);
    assert_int_equal(party_round(&aaa, NULL, 0).sent + party_round(&bbb, &asks, 1).opened, 0);
}

static void large_bodies_come_whole_in_any_order(void **state)
{
    (void)state;
    static const size_t sizes[] = {LETTER_BODY_MAX, LETTER_BODY_MAX + 1, 2 * LETTER_BODY_MAX + 12345};
    struct letters_counts counts;
    uint8_t *body = malloc(sizes[2]);
    assert_non_null(body);
    randombytes_buf(body, sizes[2]);
    meet();
    for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
        const size_t first = post->letters;
        party_queue(&aaa, &bbb, LETTER_ASK, span_of(body, sizes[i]));
        assert_int_equal(party_round(&aaa, NULL, 0).sent, letter_parts(sizes[i]));
        for (size_t n = post->letters; n-- > first;) { /* the last part first */
            if (memcmp(post->letter[n].to, bbb.digest, sizeof bbb.digest) != 0)
                continue;
            assert_int_equal(handed, i);
            MUST(party_receive(&bbb, n, why));
            post->letter[n].fetched = true;
            MUST(letters_round(&bbb.agency, &asks, 1, &counts, why));
        }
        assert_int_equal(handed, i + 1);
        assert_int_equal(handed_bytes, sizes[i]);
        party_round(&aaa, NULL, 0);
    }
    assert_int_equal(streams_of(&bbb).broken, 0);
    free(body);
}

static void who_sleeps_gets_it_late(void **state)
{
    (void)state;
    meet();
    post->later += 5 * DAY;
    ask("late");
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    post->later += 4 * DAY;
    ask("later");
    assert_int_equal(party_round(&aaa, NULL, 0).waiting, 1);
    assert_non_null(strstr(thread_of(&aaa).why, "it has not been here since"));
    post->later += 20 * DAY; /* the prekey is over, its secret is there */
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
}

static void what_came_too_late_is_sealed_anew(void **state)
{
    (void)state;
    meet();
    ask("too late");
    party_round(&aaa, NULL, 0);
    post->later += 36 * DAY;
    assert_int_equal(party_round(&bbb, &asks, 1).unopened, 1); /* which publishes a prekey, and says so */
    assert_int_equal(handed, 0);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(party_round(&aaa, NULL, 0).acknowledged, 1);
    assert_int_equal(streams_of(&bbb).last, 1);
}

static void what_nobody_can_open_any_more_is_sealed_anew(void **state)
{
    (void)state;
    meet();
    ask("lost");
    party_round(&aaa, NULL, 0);
    post->letter[0].withheld = true;
    post->later += 36 * DAY;
    party_round(&bbb, &asks, 1);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
}

/* --- a matcher that does what it should not --- */

static void what_is_withheld_shows_and_order_does_not_matter(void **state)
{
    (void)state;
    meet();
    for (int i = 0; i < 3; i++)
        ask("one of three");
    party_round(&aaa, NULL, 0);
    post->letter[1].withheld = true;
    MUST(party_receive(&bbb, 2, why));
    post->letter[2].fetched = true;
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 2); /* 3, then 1 */
    assert_int_equal(streams_of(&bbb).last - streams_of(&bbb).came, 1);
    post->letter[1].withheld = false;
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(streams_of(&bbb).last - streams_of(&bbb).came, 0);
    assert_int_equal(streams_of(&bbb).broken, 0);
    assert_int_equal(party_round(&aaa, NULL, 0).acknowledged, 3);
}

static void what_is_repeated_is_dropped(void **state)
{
    (void)state;
    meet();
    ask("once");
    party_round(&aaa, NULL, 0);
    MUST(party_receive(&bbb, 0, why));
    MUST(party_receive(&bbb, 0, why)); /* before it was opened */
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    for (int i = 0; i < 3; i++) {
        MUST(party_receive(&bbb, 0, why));
        const struct letters_counts counts = party_round(&bbb, &asks, 1);
        assert_int_equal(counts.handed + counts.opened + counts.refused + counts.unopened, 0);
    }
    assert_int_equal(handed, 1);
}

/* Long after its sender has given up, a place is forgotten: but for the last one, and in the count. */
static void old_places_are_forgotten(void **state)
{
    (void)state;
    meet();
    for (int i = 0; i < 3; i++)
        ask("one of three");
    party_round(&aaa, NULL, 0);
    post->letter[1].withheld = true;
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 2);
    MUST(vault_begin(bbb.agency.vault, why));
    MUST(vault_letters_age(bbb.agency.vault, clock_now() + LETTER_TRIES_MAX * LETTER_LIFE + DAY, why));
    assert_int_equal(streams_of(&bbb).came, 2);
    assert_int_equal(streams_of(&bbb).last, 3);
    enum letter_place place;
    bool broken;
    struct letter first = {.number = 1}, third = {.number = 3};
    memcpy(first.stream, streams_of(&bbb).stream, sizeof first.stream);
    memcpy(third.stream, first.stream, sizeof third.stream);
    MUST(vault_letter_place(bbb.agency.vault, aaa.digest, &third, &place, &broken, why));
    assert_int_equal(place, LETTER_PLACE_OTHER);
    MUST(vault_letter_place(bbb.agency.vault, aaa.digest, &first, &place, &broken, why));
    assert_int_equal(place, LETTER_PLACE_NEW);
    vault_rollback(bbb.agency.vault);
}

/* Past the check that its event covers it, so that it is the seal which refuses. */
static void arrive(struct correspondent *c, size_t i, const char *purpose, const uint8_t *from, size_t flip)
{
    struct vault_arrival arrival = {.at = clock_now(), .leaf = 1};
    uint8_t *bytes = malloc(post->letter[i].len);
    assert_non_null(bytes);
    memcpy(bytes, post->bytes + post->letter[i].at, post->letter[i].len);
    if (flip > 0)
        bytes[flip] ^= 1;
    memcpy(arrival.peer, from, sizeof arrival.peer);
    strcpy(arrival.purpose, purpose);
    arrival.sealed = span_of(bytes, post->letter[i].len);
    MUST(vault_letter_arrive(c->agency.vault, &arrival, why));
    free(bytes);
}

static void what_is_changed_or_passed_on_is_refused(void **state)
{
    (void)state;
    struct correspondent ccc;
    party_open(&ccc, &post_region.agency[2]);
    meet();
    party_round(&ccc, NULL, 0);
    ask("for BBB about persons");
    party_round(&aaa, NULL, 0);
    post->letter[0].withheld = true;
    arrive(&bbb, 0, "documents", aaa.digest, 0);     /* another purpose */
    arrive(&bbb, 0, "persons", ccc.digest, 0);       /* in another's name */
    arrive(&bbb, 0, "persons", aaa.digest, 200);     /* a changed bit */
    arrive(&bbb, 0, "", aaa.digest, 0);              /* about nothing */
    arrive(&bbb, 0, "persons", post->bytes + 99, 0); /* of a stranger */
    arrive(&ccc, 0, "persons", aaa.digest, 0);       /* to somebody else */
    const struct letters_counts counts = party_round(&bbb, &asks, 1);
    assert_int_equal(counts.refused, 5);
    assert_int_equal(counts.handed + counts.opened, 0);
    assert_int_equal(party_round(&ccc, &asks, 1).refused, 1);
    assert_int_equal(handed, 0);
    post->letter[0].withheld = false; /* and none of that stands in the letter's way */
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    party_close(&ccc);
}

static void what_no_event_covers_is_refused(void **state)
{
    (void)state;
    meet();
    ask("first");
    ask("second");
    party_round(&aaa, NULL, 0);
    const size_t right = post->letter[0].leaf;
    post->letter[0].leaf = post->letter[1].leaf; /* the event of another letter */
    party_fetch(&bbb);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(refused_of(&bbb), 1); /* and kept */
    post->letter[0].leaf = right;
    MUST(party_receive(&bbb, 0, why));
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
}

/* A second statement of the same number, signed as the first: by a party that cheats, or whose key is stolen. */
static void show_another(const struct identity *owner, int at, bool event)
{
    struct prekey prekey;
    struct event said = {.note = ""};
    const struct agency agency = {.identity = owner};
    const uint8_t id[WIRE_ID_SIZE] = {(uint8_t)post->events, 99};
    struct buf statement = buf_of(PREKEY_STATEMENT_MAX);
    uint8_t secret[32];
    MUST(prekey_decode(&prekey, span_of(post->prekey[at].statement, post->prekey[at].len), why));
    prekey_generate(secret, prekey.key);
    MUST(prekey_sign(&prekey, owner->sign_secret, why));
    MUST(prekey_encode(&statement, &prekey, why));
    memcpy(post->prekey[at].statement, statement.data, statement.len);
    MUST(letters_describe_prekey(&said, &prekey, why));
    if (event)
        post->prekey[at].leaf = post_event(EVENT_PREKEY, &agency, id, &said);
    buf_free(&statement);
}

static void two_prekeys_are_found(void **state)
{
    (void)state;
    unsigned evidence = 0;
    meet();
    ask("to the first");
    party_round(&aaa, NULL, 0);
    const int at = post_find_prekey(bbb.digest);
    show_another(&post_region.agency[1], at, false); /* which the ledger does not have */
    ask("to the second");
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1); /* sealed to the one that was shown before */
    show_another(&post_region.agency[1], at, true);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 0);
    ask("to the third");
    party_round(&aaa, NULL, 0);
    MUST(vault_evidence(aaa.agency.vault, count_evidence, &evidence, why));
    assert_int_equal(evidence, 1); /* both statements */
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 3);
}

static void a_prekey_without_its_event_is_none(void **state)
{
    (void)state;
    meet();
    const int at = post_find_prekey(bbb.digest);
    show_another(&post_region.agency[1], at, false);
    ask("to whom?");
    assert_int_equal(party_round(&aaa, NULL, 0).waiting, 1);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 0);
}

/* --- vaults that were put back --- */

static void put_back(struct correspondent *c, const struct identity *identity, const char *backup)
{
    char command[600];
    party_close(c);
    snprintf(command, sizeof command, "rm -rf '%s' && mv '%s' '%s'", c->vault, backup, c->vault);
    assert_int_equal(system(command), 0);
    party_open(c, identity);
}

static bool lost_judgings(const struct correspondent *c)
{
    uint64_t at;
    MUST(vault_judging_lost(c->agency.vault, &at, why));
    return at > 0;
}

static void a_vault_that_is_not_the_first_does_not_know_what_was_judged(void **state)
{
    (void)state;
    char backup[160], command[300];
    snprintf(backup, sizeof backup, "%s/backup", post_region.dir);
    meet();
    MUST(vault_backup(aaa.agency.vault, backup, why));
    post->later += 6 * DAY; /* its next prekey is no sign of another vault */
    meet();
    assert_false(lost_judgings(&aaa));
    put_back(&aaa, &post_region.agency[0], backup);
    party_round(&aaa, NULL, 0);
    assert_true(lost_judgings(&aaa));
    party_close(&bbb);
    snprintf(command, sizeof command, "rm -rf '%s'", bbb.vault);
    assert_int_equal(system(command), 0);
    party_open(&bbb, &post_region.agency[1]);
    party_round(&bbb, NULL, 0);
    assert_true(lost_judgings(&bbb));
}

static void a_sender_that_was_put_back_begins_a_stream(void **state)
{
    (void)state;
    char backup[160];
    snprintf(backup, sizeof backup, "%s/backup", post_region.dir);
    meet();
    ask("one");
    party_round(&aaa, NULL, 0);
    party_round(&bbb, &asks, 1);
    MUST(vault_backup(aaa.agency.vault, backup, why));
    ask("two, after the backup");
    party_round(&aaa, NULL, 0);
    party_round(&bbb, &asks, 1);
    put_back(&aaa, &post_region.agency[0], backup);
    ask("three");
    party_round(&aaa, NULL, 0);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    const struct vault_stream streams = streams_of(&bbb);
    assert_int_equal(streams.came, 3);
    assert_int_equal(streams.last, 2 + 1);
    assert_int_equal(handed, 3);
    party_round(&aaa, NULL, 0);
    assert_int_equal(thread_of(&aaa).acknowledged, 1);
    post->later += 36 * DAY; /* the receipt for the first went to the vault that is gone: it is sent again, and known */
    for (int i = 0; i < 2; i++) {
        party_round(&bbb, &asks, 1);
        party_round(&aaa, NULL, 0);
    }
    party_round(&bbb, &asks, 1);
    party_round(&aaa, NULL, 0);
    assert_int_equal(thread_of(&aaa).acknowledged, 2);
    assert_int_equal(handed, 3);
}

static void a_recipient_that_was_put_back_gets_it_sealed_anew(void **state)
{
    (void)state;
    char backup[160];
    uint8_t secret[32];
    uint64_t until;
    struct err err;
    snprintf(backup, sizeof backup, "%s/backup", post_region.dir);
    meet();
    MUST(vault_backup(bbb.agency.vault, backup, why));
    ask("sealed to a prekey that no backup has");
    party_round(&aaa, NULL, 0);
    MUST(vault_prekey_secret(bbb.agency.vault, 1, secret, &until, why));
    put_back(&bbb, &post_region.agency[1], backup);
    assert_int_not_equal(vault_prekey_secret(bbb.agency.vault, 1, secret, &until, &err), 0);
    assert_int_equal(party_round(&bbb, &asks, 1).unopened, 1);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(post->event[post->prekey[post_find_prekey(bbb.digest)].leaf].len > 0, 1);
    struct vault_prekey newest;
    bool found = false;
    MUST(vault_prekey_newest(bbb.agency.vault, &newest, &found, why));
    assert_true(found && newest.published &&
                newest.prekey.number > 1000000000); /* a beginning, not a second number 1 */
}

/* Its vault was put back, and the matcher's store with it: nobody knows which prekeys there were but their reader. */
static void all_is_put_back_but_one(void **state)
{
    (void)state;
    char backup[160];
    snprintf(backup, sizeof backup, "%s/backup", post_region.dir);
    MUST(vault_backup(bbb.agency.vault, backup, why)); /* before there were any letters */
    meet();
    ask("one");
    party_round(&aaa, NULL, 0);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    put_back(&bbb, &post_region.agency[1], backup);
    MUST(vault_begin(bbb.agency.vault, why)); /* as the verb does that puts it there */
    MUST(vault_judging_lose(bbb.agency.vault, why));
    MUST(vault_commit(bbb.agency.vault, why));
    post->prekeys = 0;
    post->later += 3600;
    ask("two");
    for (int i = 0; i < 3; i++) {
        party_round(&aaa, NULL, 0);
        party_round(&bbb, &asks, 1);
    }
    assert_int_equal(handed, 2);
    assert_int_equal(post->prekeys, 2); /* also of the one whose vault is as it was */
}

/* Its disk was put back and its own file with it: it does not know, and uses a number again. */
static void a_number_that_is_taken_opens_a_stream(void **state)
{
    (void)state;
    char backup[160], command[600];
    snprintf(backup, sizeof backup, "%s/backup", post_region.dir);
    meet();
    ask("number 1");
    party_round(&aaa, NULL, 0);
    party_round(&bbb, &asks, 1);
    party_close(&aaa);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", aaa.vault, backup);
    assert_int_equal(system(command), 0);
    party_open(&aaa, &post_region.agency[0]);
    ask("number 2");
    party_round(&aaa, NULL, 0);
    party_round(&bbb, &asks, 1);
    put_back(&aaa, &post_region.agency[0], backup);
    for (size_t i = 0; i < post->letters; i++)
        post->letter[i].fetched = true;
    ask("number 2 again, another letter");
    party_round(&aaa, NULL, 0);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 0);
    assert_int_equal(party_round(&aaa, NULL, 0).sent, 1);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(handed, 3);
}

/* --- handlers --- */

static int refuse_it(void *context, struct agency *agency, const struct letter_read *letter, struct err *err)
{
    (void)letter;
    MUST(vault_receipt_put(agency->vault, span_of("not to stay", 11), why));
    handed++;
    return err_set(err, *(enum err_code *)context, "not like this");
}

static int see_receipt(void *context, int64_t number, struct span receipt, struct err *err)
{
    (void)number;
    (void)err;
    *(unsigned *)context += receipt.len == 11;
    return 0;
}

static void a_handler_refuses_for_good_or_for_now(void **state)
{
    (void)state;
    enum err_code code = ERR_INPUT;
    const struct letter_handler refusing = {LETTER_ASK, refuse_it, &code};
    struct letters_counts counts;
    struct err err;
    unsigned stayed = 0;
    meet();
    ask("malformed");
    party_round(&aaa, NULL, 0);
    assert_int_equal(party_round(&bbb, &refusing, 1).refused, 1);
    assert_int_equal(party_round(&bbb, &refusing, 1).refused, 0);
    assert_string_equal(thread_of(&bbb).why, "not like this");
    ask("not now");
    party_round(&aaa, NULL, 0);
    party_fetch(&bbb);
    code = ERR_IO;
    assert_int_equal(letters_round(&bbb.agency, &refusing, 1, &counts, &err), ERR_IO);
    MUST(vault_receipts(bbb.agency.vault, see_receipt, &stayed, why));
    assert_int_equal(stayed, 0);
    assert_int_equal(party_round(&bbb, &asks, 1).handed, 1);
    assert_int_equal(handed, 3);
}

/* --- killed --- */

/* What the vault does to its files is a step, too: a commit is seen by the next process from one of them on. */
int fsync(int fd)
{
    (void)fd;
    post_step();
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    post_step();
    return 0;
}

/* Answers, and notes in its vault that it did. */
static int answer_it(void *context, struct agency *agency, const struct letter_read *letter, struct err *err)
{
    (void)context;
    int rc = vault_receipt_put(agency->vault, span_of("handled it.", 11), err);
    if (rc == 0 && letter->kind == LETTER_ASK)
        rc = letters_queue(agency->vault, letter->digest, letter->purpose, LETTER_ANSWER, letter->thread,
                           span_of("IDN", 3), err);
    return rc;
}

static const struct letter_handler handlers[] = {{LETTER_ASK, answer_it, NULL}, {LETTER_ANSWER, answer_it, NULL}};

static void live(void)
{
    party_open(&aaa, &post_region.agency[0]);
    party_open(&bbb, &post_region.agency[1]);
    for (int i = 0; i < 4; i++) {
        party_round(&aaa, handlers, 2);
        party_round(&bbb, handlers, 2);
    }
    party_close(&aaa);
    party_close(&bbb);
}

/* In a process of its own, which may be killed: true if it was. */
static bool is_killed(long limit)
{
    int status = 0;
    post->steps = 0;
    post->limit = limit;
    pid_t child = fork();
    if (child == 0) {
        live();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    post->limit = 0;
    if (WIFSIGNALED(status))
        return true;
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return false;
}

static unsigned handled_by(struct correspondent *c, const struct identity *identity)
{
    unsigned count = 0;
    party_open(c, identity);
    MUST(vault_receipts(c->agency.vault, see_receipt, &count, why));
    party_close(c);
    return count;
}

static void killed_at_every_step_nothing_is_lost_or_doubled(void **state)
{
    (void)state;
    char command[600];
    bool killed = true;
    long limit = 0;
    party_close(&aaa);
    party_close(&bbb);
    for (limit = 1; killed; limit++) {
        snprintf(command, sizeof command, "rm -rf '%s' '%s'", aaa.vault, bbb.vault);
        assert_int_equal(system(command), 0);
        memset(post, 0, offsetof(struct post, bytes));
        party_open(&aaa, &post_region.agency[0]);
        ask("to be asked once");
        party_close(&aaa);
        killed = is_killed(limit);
        assert_false(is_killed(0));
        if (handled_by(&aaa, &post_region.agency[0]) != 1 || handled_by(&bbb, &post_region.agency[1]) != 1)
            fail_msg("killed at step %ld: AAA handled %u, BBB %u", limit, handled_by(&aaa, &post_region.agency[0]),
                     handled_by(&bbb, &post_region.agency[1]));
    }
    print_message("# killed at each of %ld steps\n", limit - 2);
    assert_true(limit > 100);
    party_open(&aaa, &post_region.agency[0]);
    party_open(&bbb, &post_region.agency[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_read_once_and_acknowledged, setup, teardown),
        cmocka_unit_test_setup_teardown(large_bodies_come_whole_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(who_sleeps_gets_it_late, setup, teardown),
        cmocka_unit_test_setup_teardown(what_came_too_late_is_sealed_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_can_open_any_more_is_sealed_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_withheld_shows_and_order_does_not_matter, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_repeated_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(old_places_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_changed_or_passed_on_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_no_event_covers_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(two_prekeys_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_prekey_without_its_event_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_vault_that_is_not_the_first_does_not_know_what_was_judged, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sender_that_was_put_back_begins_a_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(a_recipient_that_was_put_back_gets_it_sealed_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(all_is_put_back_but_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_number_that_is_taken_opens_a_stream, setup, teardown),
        cmocka_unit_test_setup_teardown(a_handler_refuses_for_good_or_for_now, setup, teardown),
        cmocka_unit_test_setup_teardown(killed_at_every_step_nothing_is_lost_or_doubled, setup, teardown),
    };
    return sodium_init() < 0 || group_init(ERR_IGNORED) != 0
               ? 1
               : cmocka_run_group_tests_name("client_letters", tests, NULL, NULL);
}
