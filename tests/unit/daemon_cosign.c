/* The answering half of witnessing: what is cosigned, what is written down, and what is asked for once more first. */
#include "protocol/daemon/cosign.h"
#include "protocol/base/log.h"
#include "protocol/ledger/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MUST(call)                                                                                                     \
    do {                                                                                                               \
        struct err why = {.text = ""};                                                                                 \
        const bool good = (call) == 0;                                                                                 \
        if (!good)                                                                                                     \
            fail_msg("%s", why.text);                                                                                  \
    } while (0)

struct book {
    char dir[64];
    struct identity identity;
    struct kv *kv;
    struct ledger *ledger;
    struct kv_batch *batch;
};

static struct book owner, witness;
static struct cosign_subject subject;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static struct refusals *refusals;
static struct cosign cosign;

static void book_open(struct book *b, const char *name, uint8_t seed)
{
    char origin[NOTE_NAME_MAX + 1];
    const uint8_t secret[32] = {seed};
    strcpy(b->dir, "/tmp/concord-cosign-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    MUST(identity_from_seed(&b->identity, name, secret, &why));
    MUST(ledger_origin(origin, "test", name, &why));
    MUST(kv_open(&b->kv, b->dir, 0, &why));
    MUST(ledger_open(&b->ledger, b->kv, origin, b->identity.log_secret, &why));
    MUST(kv_batch_new(&b->batch, &why));
}

static void book_close(struct book *b)
{
    char command[128];
    kv_batch_free(b->batch);
    ledger_close(b->ledger);
    kv_close(b->kv);
    snprintf(command, sizeof command, "rm -rf '%s'", b->dir);
    assert_int_equal(system(command), 0);
}

static int commit(struct book *b, struct err *err)
{
    int rc = ledger_seal(b->ledger, b->batch, err);
    if (rc == 0)
        rc = kv_commit(b->kv, b->batch, true, err);
    if (rc == 0)
        ledger_committed(b->ledger);
    kv_batch_clear(b->batch);
    return rc;
}

static void grow(unsigned count)
{
    struct event event;
    for (unsigned i = 0; i < count; i++) {
        event_init(&event, EVENT_PUT);
        MUST(ledger_append(owner.ledger, owner.batch, &event, NULL, NULL, &why));
    }
    MUST(commit(&owner, &why));
}

/* --- the witness's daemon --- */

static int decide(void *context, const struct witnessed *log, const struct witness_request *ask,
                  struct witness_decision *out, struct err *err)
{
    (void)context;
    return witness_decide(witness.ledger, witness.batch, log, ask->old_size, ask->proof, ask->checkpoint, out, err);
}

static int end_change(void *context, bool keep, struct err *err)
{
    (void)context;
    if (keep)
        return commit(&witness, err);
    ledger_rollback(witness.ledger);
    kv_batch_clear(witness.batch);
    return 0;
}

static int write_event(void *context, const struct event *event, struct err *err)
{
    (void)context;
    int rc = ledger_append(witness.ledger, witness.batch, event, NULL, NULL, err);
    return rc == 0 ? commit(&witness, err) : rc;
}

static int begin(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    book_open(&owner, "matcher", 1);
    book_open(&witness, "custodian-1", 2);
    MUST(refusals_new(&refusals, &why));
    MUST(cosign_subject(&subject, "test", &owner.identity.party, "custodian-1", &why));
    cosign = (struct cosign){&witness.identity, &writing, refusals, decide, end_change, write_event, NULL};
    return 0;
}

static int end(void **state)
{
    (void)state;
    refusals_free(refusals);
    book_close(&owner);
    book_close(&witness);
    return 0;
}

/* --- what it is shown --- */

static void take_note(struct buf *note)
{
    buf_clear(note);
    MUST(ledger_checkpoint(owner.ledger, note, &why));
}

/* The checkpoint with the proof from there on, of which a bit may have flipped on the way; whether it is cosigned. */
static bool show(const struct buf *note, uint64_t old_size, uint64_t size, bool damaged, struct witness_reply *reply)
{
    static struct buf body, answer;
    struct buf proof = buf_of(4096);
    body = buf_of(1u << 14);
    buf_free(&answer);
    answer = buf_of(1u << 14);
    MUST(ledger_consistency(owner.ledger, old_size, size, &proof, &why));
    if (damaged)
        proof.data[7] ^= 1;
    MUST(witness_request_encode(&body, &(struct witness_request){old_size, buf_span(&proof), buf_span(note)}, &why));
    MUST(cosign_answer(&cosign, &subject, buf_span(&body), &answer, &why));
    MUST(witness_reply_decode(reply, buf_span(&answer), &why));
    buf_free(&proof);
    buf_free(&body);
    return reply->line.len > 0;
}

static struct event last_event(void)
{
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    MUST(ledger_entry(witness.ledger, ledger_size(witness.ledger) - 1, &text, &why));
    MUST(event_decode(&event, buf_span(&text), &why));
    buf_free(&text);
    return event;
}

/* --- tests --- */

static void a_proof_that_was_damaged_is_asked_for_again(void **state)
{
    struct witness_reply reply;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    (void)state;
    grow(3);
    take_note(&note);
    assert_true(show(&note, 0, 3, false, &reply));
    grow(2);
    take_note(&note);
    assert_false(show(&note, 3, 5, true, &reply));
    assert_int_equal(reply.size, 3); /* with what was seen: it is to prove from there */
    assert_true(reply.seen.len > 0);
    assert_int_equal(ledger_size(witness.ledger), 1); /* nothing is written down */
    assert_true(show(&note, 3, 5, false, &reply));
    assert_int_equal(last_event().kind, EVENT_WITNESS);
    assert_int_equal(last_event().count, 5);
    assert_int_equal(ledger_size(witness.ledger), 2);
    buf_free(&note);
}

static void a_proof_that_fails_again_is_a_split(void **state)
{
    struct witness_reply reply;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    (void)state;
    grow(3);
    take_note(&note);
    assert_true(show(&note, 0, 3, false, &reply));
    grow(2);
    take_note(&note);
    assert_false(show(&note, 3, 5, true, &reply));
    assert_false(show(&note, 3, 5, true, &reply));
    assert_int_equal(last_event().kind, EVENT_SPLIT);
    assert_string_equal(last_event().party, "matcher");
    assert_int_equal(last_event().count, 5);
    assert_int_equal(ledger_size(witness.ledger), 2);
    assert_false(show(&note, 3, 5, true, &reply)); /* over and over it is one event for each power of two */
    assert_int_equal(ledger_size(witness.ledger), 2);
    buf_free(&note);
}

/* Its owner may have been put back to an old state: it is told what was seen, and others read it in the ledger. */
static void a_checkpoint_of_fewer_entries_is_an_event(void **state)
{
    struct witness_reply reply;
    struct buf old = buf_of(LEDGER_CHECKPOINT_MAX), note = buf_of(LEDGER_CHECKPOINT_MAX);
    (void)state;
    grow(3);
    take_note(&old);
    grow(2);
    take_note(&note);
    assert_true(show(&note, 0, 5, false, &reply));
    for (unsigned times = 1; times <= 3; times++) {
        assert_false(show(&old, 5, 5, false, &reply));
        assert_int_equal(reply.size, 5);
        assert_true(reply.seen.len > 0);
    }
    assert_int_equal(ledger_size(witness.ledger), 3); /* the first time and the second */
    assert_int_equal(last_event().kind, EVENT_REFUSE);
    assert_string_equal(last_event().party, "matcher");
    assert_string_equal(last_event().note, "behind");
    assert_int_equal(last_event().count, 2);
    buf_free(&old);
    buf_free(&note);
}

/* --- */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_proof_that_was_damaged_is_asked_for_again, begin, end),
        cmocka_unit_test_setup_teardown(a_proof_that_fails_again_is_a_split, begin, end),
        cmocka_unit_test_setup_teardown(a_checkpoint_of_fewer_entries_is_an_event, begin, end),
    };
    return cmocka_run_group_tests_name("daemon_cosign", tests, NULL, NULL);
}
