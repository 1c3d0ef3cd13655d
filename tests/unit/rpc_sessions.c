/* The server's table of sessions: handshakes answered, frames opened once, and who gives way when it is full. */
#include "protocol/base/clock.h"
#include "protocol/identity/identity.h"
#include "protocol/rpc/clocks.h"
#include "protocol/rpc/sessions.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct identity server, client, other, stranger;
static const uint8_t psk[32] = {3};
static struct sessions *sessions;

static const char *known_as = "THA"; /* the client's name in the manifest in force; NULL: it is in it no more */

static int authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t out[32],
                     struct err *err)
{
    (void)context;
    const bool second = memcmp(channel, other.party.channel, 32) == 0;
    if (known_as == NULL || (!second && memcmp(channel, client.party.channel, 32) != 0))
        return err_set(err, ERR_DENIED, "not a peer");
    strcpy(name, second ? "IDN" : known_as);
    memcpy(out, psk, 32);
    return 0;
}

static int64_t clients_ahead; /* seconds */

static void first_frame(struct noise *noise, uint8_t frame[FRAME_HANDSHAKE1_SIZE], const struct identity *who)
{
    uint8_t hello[FRAME_HELLO1_SIZE];
    bytes_put_u64be(hello, clock_now() + (uint64_t)clients_ahead);
    noise_initiator(noise, NOISE_IKPSK2, SESSION_PROLOGUE, strlen(SESSION_PROLOGUE), who->channel_secret,
                    server.party.channel, NULL);
    frame[0] = FRAME_HANDSHAKE1;
    assert_int_equal(noise_write1(noise, frame + 1, hello, sizeof hello, ERR_IGNORED), 0);
}

/* A whole handshake; the session is that of who asked. */
static void shake_hands_as(struct session *out, const struct identity *who)
{
    struct noise noise;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], answer[FRAME_HANDSHAKE2_SIZE], index[FRAME_HELLO2_SIZE], hash[NOISE_HASH];
    memset(out, 0, sizeof *out);
    first_frame(&noise, first, who);
    assert_int_equal(sessions_accept(sessions, span_of(first, sizeof first), answer, ERR_IGNORED), 0);
    assert_int_equal(noise_read2(&noise, index, psk, answer + 1, sizeof answer - 1, ERR_IGNORED), 0);
    noise_split(&noise, out->send, out->receive, hash);
    out->index = bytes_get_u32be(index);
}

static void shake_hands(struct session *out)
{
    shake_hands_as(out, &client);
}

static int send_text(const struct session *session, uint64_t counter, const char *text)
{
    struct err err;
    struct reply_key key;
    struct buf frame = buf_of(1000), plain = buf_of(1000);
    assert_int_equal(session_seal(session, counter, span_of(text, strlen(text)), &frame, &err), 0);
    int rc = sessions_open(sessions, buf_span(&frame), &plain, &key, &err);
    if (rc == 0) {
        assert_int_equal(plain.len, strlen(text));
        assert_memory_equal(plain.data, text, plain.len);
        assert_string_equal(key.peer, memcmp(key.channel, other.party.channel, 32) == 0 ? "IDN" : "THA");
        assert_int_equal(key.counter, counter);
    } else {
        assert_int_equal(plain.len, 0);
    }
    buf_free(&frame);
    buf_free(&plain);
    return rc;
}

/* A transport that resends at will must not make sessions of its copies. */
static void the_same_handshake_gets_the_same_answer(void **state)
{
    (void)state;
    struct noise noise;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], one[FRAME_HANDSHAKE2_SIZE], two[FRAME_HANDSHAKE2_SIZE];
    first_frame(&noise, first, &client);
    assert_int_equal(sessions_accept(sessions, span_of(first, sizeof first), one, ERR_IGNORED), 0);
    assert_int_equal(sessions_accept(sessions, span_of(first, sizeof first), two, ERR_IGNORED), 0);
    assert_memory_equal(one, two, sizeof one);
}

static void strangers_and_misshapen_handshakes_are_refused(void **state)
{
    (void)state;
    struct err err;
    struct noise noise;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], answer[FRAME_HANDSHAKE2_SIZE];
    first_frame(&noise, first, &stranger);
    assert_int_equal(sessions_accept(sessions, span_of(first, sizeof first), answer, &err), ERR_DENIED);
    first_frame(&noise, first, &client);
    assert_int_equal(sessions_accept(sessions, span_of(first, sizeof first - 1), answer, &err), ERR_INPUT);
    for (size_t i = 1; i < sizeof first; i++) {
        first[i] ^= 0x40;
        assert_int_equal(sessions_accept(sessions, span_of(first, sizeof first), answer, &err), ERR_VERIFY);
        first[i] ^= 0x40;
    }
}

static void a_frame_opens_once(void **state)
{
    (void)state;
    struct session session, second;
    shake_hands(&session);
    shake_hands(&second);
    assert_int_equal(send_text(&session, 0, "one"), 0);
    assert_int_equal(send_text(&session, 0, "one"), ERR_NOT_FOUND);
    assert_int_equal(send_text(&session, 2, "three"), 0);
    assert_int_equal(send_text(&session, 1, "two"), 0);
    assert_int_equal(send_text(&session, 5000, "far"), 0);
    assert_int_equal(send_text(&session, 3, "too late"), ERR_NOT_FOUND);
    assert_int_equal(send_text(&second, 0, "one"), 0);
}

/* Only what authenticates moves the window: a forged counter cannot shut a session out. */
static void a_forged_frame_changes_nothing(void **state)
{
    (void)state;
    struct session session, forger;
    shake_hands(&session);
    forger = session;
    randombytes_buf(forger.send, sizeof forger.send);
    assert_int_equal(send_text(&forger, UINT64_MAX, "x"), ERR_VERIFY);
    assert_int_equal(send_text(&session, 0, "one"), 0);
    forger.index ^= SESSIONS_MAX;
    assert_int_equal(send_text(&forger, 1, "x"), ERR_NOT_FOUND);
}

/* Whoever replays handshakes pushes out others of them, but sessions that carried a request stay. */
static void sessions_in_use_outlast_a_flood(void **state)
{
    (void)state;
    struct session used, idle, last;
    shake_hands(&used);
    assert_int_equal(send_text(&used, 0, "one"), 0);
    shake_hands(&idle);
    for (int i = 0; i < 20 * SESSIONS_PEER_FRESH; i++)
        shake_hands(&last);
    assert_int_equal(send_text(&used, 1, "two"), 0);
    assert_int_equal(send_text(&last, 0, "one"), 0);
    assert_int_equal(send_text(&idle, 0, "one"), ERR_NOT_FOUND);
}

/* One agency opens as many sessions as it likes, and uses them: it ends none but its own. */
static void one_peer_does_not_end_the_sessions_of_another(void **state)
{
    (void)state;
    static struct session many[1500]; /* that is what pushed all others out of a table of 1,024 for all */
    struct session used, fresh;
    shake_hands_as(&used, &other);
    assert_int_equal(send_text(&used, 0, "one"), 0);
    shake_hands_as(&fresh, &other);
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        shake_hands(&many[i]);
        assert_int_equal(send_text(&many[i], 0, "one"), 0);
    }
    assert_int_equal(send_text(&used, 1, "two"), 0);
    assert_int_equal(send_text(&fresh, 0, "one"), 0);
    size_t alive = 0;
    for (size_t i = 0; i < ARRAY_LEN(many); i++)
        alive += send_text(&many[i], 1, "two") == 0;
    assert_int_equal(alive, SESSIONS_PEER);
    assert_int_equal(send_text(&many[ARRAY_LEN(many) - 1], 2, "three"), 0);
}

/* Another manifest came into force: who is in it goes on, who is not, or is another now, begins anew or not at all. */
static void sessions_end_with_their_peer(void **state)
{
    (void)state;
    struct session one, two;
    shake_hands(&one);
    shake_hands(&two);
    assert_int_equal(sessions_review(sessions), 0);
    assert_int_equal(send_text(&one, 0, "still here"), 0);
    known_as = NULL;
    assert_int_equal(sessions_review(sessions), 2);
    assert_int_equal(send_text(&one, 1, "gone"), ERR_NOT_FOUND);
    assert_int_equal(send_text(&two, 0, "gone"), ERR_NOT_FOUND);
    assert_int_equal(sessions_review(sessions), 0);
    known_as = "THA";
    shake_hands(&one);
    known_as = "MMR";
    assert_int_equal(sessions_review(sessions), 1);
    assert_int_equal(send_text(&one, 0, "gone"), ERR_NOT_FOUND);
    known_as = "THA";
}

/* --- clocks --- */

/* What is logged meanwhile, instead of on stderr. */
static int log_file, own_stderr;

static void log_begin(void)
{
    char path[] = "/tmp/concord-log-XXXXXX";
    log_file = mkstemp(path);
    own_stderr = dup(STDERR_FILENO);
    assert_true(log_file >= 0 && own_stderr >= 0 && unlink(path) == 0);
    assert_true(dup2(log_file, STDERR_FILENO) >= 0);
}

/* How often it says this. */
static size_t log_end(const char *what)
{
    static char text[4096];
    size_t times = 0;
    dup2(own_stderr, STDERR_FILENO);
    close(own_stderr);
    const ssize_t len = pread(log_file, text, sizeof text - 1, 0);
    close(log_file);
    assert_in_range(len, 0, sizeof text - 1);
    text[len] = '\0';
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        times++;
    return times;
}

/* Once a peer's clock is known to be its own, and not at each session. */
static void a_wrong_clock_is_said(void **state)
{
    (void)state;
    struct session session;
    log_begin();
    clients_ahead = CLOCKS_APART - 10;
    shake_hands(&session);
    assert_int_equal(send_text(&session, 0, "near enough"), 0);
    assert_int_equal(log_end("event=clock"), 0);
    log_begin();
    clients_ahead = 2 * 86400;
    shake_hands(&session);
    assert_int_equal(log_end("event=clock"), 0); /* anybody can have repeated that message */
    log_begin();
    assert_int_equal(send_text(&session, 0, "two days"), 0);
    shake_hands(&session);
    assert_int_equal(send_text(&session, 0, "still"), 0);
    assert_int_equal(log_end("event=clock peer=THA ahead_s="), 1);
    log_begin();
    clients_ahead = -2 * 86400;
    shake_hands(&session);
    assert_int_equal(send_text(&session, 0, "it was set"), 0);
    assert_int_equal(log_end("event=clock peer=THA behind_s="), 1);
    log_begin();
    shake_hands_as(&session, &other);
    assert_int_equal(send_text(&session, 0, "the other way"), 0);
    assert_int_equal(log_end("event=clock peer=IDN behind_s="), 1);
    clients_ahead = 0;
}

static int open_table(void **state)
{
    (void)state;
    const struct sessions_options options = {server.channel_secret, authorise, NULL};
    return sessions_new(&sessions, &options, ERR_IGNORED);
}

static int close_table(void **state)
{
    (void)state;
    sessions_free(sessions);
    return 0;
}

int main(void)
{
    static const uint8_t seeds[4][32] = {{1}, {2}, {3}, {4}};
    if (sodium_init() < 0 || identity_from_seed(&server, "matcher", seeds[0], ERR_IGNORED) != 0 ||
        identity_from_seed(&client, "THA", seeds[1], ERR_IGNORED) != 0 ||
        identity_from_seed(&stranger, "XXX", seeds[2], ERR_IGNORED) != 0 ||
        identity_from_seed(&other, "IDN", seeds[3], ERR_IGNORED) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_handshake_gets_the_same_answer, open_table, close_table),
        cmocka_unit_test_setup_teardown(strangers_and_misshapen_handshakes_are_refused, open_table, close_table),
        cmocka_unit_test_setup_teardown(a_frame_opens_once, open_table, close_table),
        cmocka_unit_test_setup_teardown(a_forged_frame_changes_nothing, open_table, close_table),
        cmocka_unit_test_setup_teardown(sessions_in_use_outlast_a_flood, open_table, close_table),
        cmocka_unit_test_setup_teardown(one_peer_does_not_end_the_sessions_of_another, open_table, close_table),
        cmocka_unit_test_setup_teardown(sessions_end_with_their_peer, open_table, close_table),
        cmocka_unit_test_setup_teardown(a_wrong_clock_is_said, open_table, close_table),
    };
    return cmocka_run_group_tests_name("rpc_sessions", tests, NULL, NULL);
}
