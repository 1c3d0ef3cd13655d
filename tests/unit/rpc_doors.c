/*
 * What can be done to server and client from outside, and what nanomsg's library says to them: it is on the other side
 * here. Each attack is also made on that library, where it works: so we know that it is one.
 */
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/rpc/rpc.h"
#include "protocol/rpc/sessions.h"
#include "protocol/sp/gate.h"
#include "tests/unit/sp_test.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

#define LONG_REPLY (256u << 10)
#define OUTSTANDING 40

static struct identity server_identity, client_identity;
static const uint8_t psk[32] = {7};
static uint16_t port;
static char url[64];

static int authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t out[32],
                     struct err *err)
{
    (void)context;
    if (memcmp(channel, client_identity.party.channel, 32) != 0)
        return err_set(err, ERR_DENIED, "not a peer");
    strcpy(name, "THA");
    memcpy(out, psk, 32);
    return 0;
}

/* "long" is answered at length, everything else by itself. */
static void answer(void *context, struct rpc_request *request)
{
    static const uint8_t reply[LONG_REPLY];
    const struct span body = rpc_request_body(request);
    (void)context;
    if (body.len == 4 && memcmp(body.data, "long", 4) == 0)
        rpc_reply(request, reply, sizeof reply);
    else
        rpc_reply(request, body.data, body.len);
}

static struct rpc_server *serve(void)
{
    struct err err;
    struct rpc_server *server = NULL;
    const struct rpc_server_options options = {
        .url = url, .identity = &server_identity, .authorise = authorise, .handle = answer, .workers = 2};
    if (rpc_server_start(&server, &options, &err) != 0)
        fail_msg("%s", err.text);
    return server;
}

static struct rpc_client *connect_client(unsigned attempts)
{
    struct rpc_client *client = NULL;
    struct rpc_client_options options = {
        .url = url, .identity = &client_identity, .peer_name = "matcher", .timeout_ms = 20000, .attempts = attempts};
    memcpy(options.peer_channel, server_identity.party.channel, 32);
    memcpy(options.psk, psk, 32);
    assert_int_equal(rpc_client_open(&client, &options, ERR_IGNORED), 0);
    return client;
}

static void expect_echo(struct rpc_client *client, size_t len)
{
    struct err err = {.text = ""};
    struct buf reply = buf_of(RPC_MESSAGE_MAX);
    uint8_t *request = calloc(1, len);
    memset(request, 'x', len);
    if (rpc_call(client, span_of(request, len), &reply, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(reply.len, len);
    assert_memory_equal(reply.data, request, len);
    free(request);
    buf_free(&reply);
}

/* --- a client of another make: by nanomsg's library, or on a plain socket --- */

static void first_frame(struct noise *noise, uint8_t frame[FRAME_HANDSHAKE1_SIZE])
{
    uint8_t hello[FRAME_HELLO1_SIZE];
    bytes_put_u64be(hello, clock_now());
    noise_initiator(noise, NOISE_IKPSK2, SESSION_PROLOGUE, strlen(SESSION_PROLOGUE), client_identity.channel_secret,
                    server_identity.party.channel, NULL);
    frame[0] = FRAME_HANDSHAKE1;
    assert_int_equal(noise_write1(noise, frame + 1, hello, sizeof hello, ERR_IGNORED), 0);
}

static void read_second(struct session *out, struct noise *noise, const uint8_t frame[FRAME_HANDSHAKE2_SIZE])
{
    uint8_t index[FRAME_HELLO2_SIZE], hash[NOISE_HASH];
    memset(out, 0, sizeof *out);
    assert_int_equal(noise_read2(noise, index, psk, frame + 1, FRAME_HANDSHAKE2_SIZE - 1, ERR_IGNORED), 0);
    noise_split(noise, out->send, out->receive, hash);
    out->index = bytes_get_u32be(index);
}

static int library_socket(int kind, int protocol)
{
    const int timeout = 30000, size = RPC_MESSAGE_MAX + 1024;
    int s = nn_socket(kind, protocol);
    assert_true(s >= 0);
    assert_int_equal(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof timeout), 0);
    assert_int_equal(nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVMAXSIZE, &size, sizeof size), 0);
    return s;
}

static int library_ask(int s, struct span frame, uint8_t *reply, size_t max)
{
    assert_int_equal(nn_send(s, frame.data, frame.len, 0), frame.len);
    return nn_recv(s, reply, max, 0);
}

static void ask_by_library(int s, struct session *session, const void *body, size_t len)
{
    static uint8_t reply[RPC_MESSAGE_MAX + FRAME_OVERHEAD];
    struct buf frame = buf_of(RPC_MESSAGE_MAX + FRAME_OVERHEAD), plain = buf_of(RPC_MESSAGE_MAX);
    assert_int_equal(session_seal(session, session->next++, span_of(body, len), &frame, ERR_IGNORED), 0);
    int got = library_ask(s, buf_span(&frame), reply, sizeof reply);
    assert_int_equal(got, len + FRAME_OVERHEAD);
    assert_int_equal(session_open(session, span_of(reply, (size_t)got), &plain, ERR_IGNORED), 0);
    assert_int_equal(plain.len, len);
    buf_free(&frame);
    buf_free(&plain);
}

static void a_client_of_the_library_is_served(void **state)
{
    (void)state;
    static uint8_t large[RPC_MESSAGE_MAX + FRAME_OVERHEAD + 1];
    struct noise noise;
    struct session session;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], reply[FRAME_HANDSHAKE2_SIZE];
    struct rpc_server *server = serve();
    int s = library_socket(AF_SP, NN_REQ);
    assert_true(nn_connect(s, url) >= 0);
    first_frame(&noise, first);
    assert_int_equal(library_ask(s, span_of(first, sizeof first), reply, sizeof reply), sizeof reply);
    read_second(&session, &noise, reply);
    /* Before its key is shown, what is long is not taken, and the answer says so. */
    large[0] = FRAME_TRANSPORT;
    assert_int_equal(library_ask(s, span_of(large, 100000), reply, sizeof reply), 2);
    assert_int_equal(reply[0], FRAME_NOTICE);
    assert_int_equal(reply[1], NOTICE_TOO_LONG);
    ask_by_library(s, &session, NULL, 0);
    ask_by_library(s, &session, large, RPC_MESSAGE_MAX);
    /* Nor, of whoever it is, what is one byte longer than a message may be; the connection goes on. */
    assert_int_equal(library_ask(s, span_of(large, sizeof large), reply, sizeof reply), 2);
    assert_int_equal(reply[0], FRAME_NOTICE);
    assert_int_equal(reply[1], NOTICE_TOO_LONG);
    ask_by_library(s, &session, "small", 5);
    nn_close(s);
    rpc_server_stop(server);
}

static _Atomic bool stopping;

/* A server by the library, with our sessions. */
static void *library_server(void *context)
{
    static uint8_t frame[RPC_MESSAGE_MAX + FRAME_OVERHEAD];
    const struct sessions_options options = {server_identity.channel_secret, authorise, NULL};
    const int s = *(const int *)context, timeout = 100;
    struct sessions *sessions = NULL;
    nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof timeout);
    if (sessions_new(&sessions, &options, ERR_IGNORED) != 0)
        return NULL;
    while (!stopping) {
        struct reply_key key;
        uint8_t second[FRAME_HANDSHAKE2_SIZE];
        struct buf plain = buf_of(RPC_MESSAGE_MAX), sealed = buf_of(sizeof frame);
        int got = nn_recv(s, frame, sizeof frame, 0);
        const struct span in = span_of(frame, got < 0 ? 0 : (size_t)got);
        if (got > 0 && frame[0] == FRAME_HANDSHAKE1 && sessions_accept(sessions, in, second, ERR_IGNORED) == 0)
            nn_send(s, second, sizeof second, 0);
        if (got > 0 && frame[0] == FRAME_TRANSPORT && sessions_open(sessions, in, &plain, &key, ERR_IGNORED) == 0 &&
            session_seal(&key.session, key.counter, buf_span(&plain), &sealed, ERR_IGNORED) == 0)
            nn_send(s, sealed.data, sealed.len, 0);
        buf_free(&plain);
        buf_free(&sealed);
    }
    sessions_free(sessions);
    return NULL;
}

static void a_server_of_the_library_is_understood(void **state)
{
    (void)state;
    pthread_t thread;
    int s = library_socket(AF_SP, NN_REP);
    assert_true(nn_bind(s, url) >= 0);
    stopping = false;
    assert_int_equal(pthread_create(&thread, NULL, library_server, &s), 0);
    struct rpc_client *client = connect_client(0);
    expect_echo(client, 10);
    expect_echo(client, 1000000);
    expect_echo(client, 1);
    rpc_client_close(client);
    stopping = true;
    pthread_join(thread, NULL);
    nn_close(s);
}

/* --- a reply, and another with a foreign id right behind it --- */

static void *answer_twice(void *context)
{
    const int listener = *(const int *)context;
    for (int i = 0; i < 4; i++) {
        uint8_t body[64] = {9}, asked[200], both[2 * (sizeof body + 12)], greeting[SP_GREETING_SIZE];
        uint32_t id = 0;
        int s = accept(listener, NULL, NULL);
        if (s < 0)
            return NULL;
        if (sp_test_greet(s, SP_REP) && sp_test_read(s, greeting, sizeof greeting) &&
            sp_test_receive(s, &id, asked, sizeof asked) >= 0) {
            size_t len = sp_test_message(both, id, body, sizeof body);
            len += sp_test_message(both + len, id + 1, body, sizeof body);
            sp_test_write(s, both, len);
            sp_test_read(s, greeting, 1); /* until it goes */
        }
        close(s);
    }
    return NULL;
}

/* Asks as Concord did before: a cooked socket of the library. */
static void ask_cooked(void)
{
    uint8_t frame[FRAME_HANDSHAKE1_SIZE] = {FRAME_HANDSHAKE1}, reply[100];
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(1);
    int s = nn_socket(AF_SP, NN_REQ);
    nn_connect(s, url);
    nn_send(s, frame, sizeof frame, 0);
    for (int i = 0; i < 50; i++) {
        clock_sleep_ms(200); /* both are there when it looks */
        nn_recv(s, reply, sizeof reply, NN_DONTWAIT);
    }
    _exit(0);
}

static void a_foreign_id_ends_no_client(void **state)
{
    (void)state;
    struct err err;
    pthread_t thread;
    int listener = sp_test_listen(port), status = 0;
    struct buf reply = buf_of(100);
    assert_int_equal(pthread_create(&thread, NULL, answer_twice, &listener), 0);
    pid_t child = fork();
    if (child == 0)
        ask_cooked();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0); /* the attack works on the library */
    struct rpc_client *client = connect_client(1);
    assert_int_equal(rpc_call(client, span_of("x", 1), &reply, &err), ERR_VERIFY);
    assert_non_null(strstr(err.text, "answered with more than"));
    rpc_client_close(client);
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
    buf_free(&reply);
}

/* --- somebody who lets connect and says nothing --- */

static void who_never_says_anything_is_not_waited_for_long(void **state)
{
    (void)state;
    struct err err;
    const int listener = sp_test_listen(port); /* the system connects to it */
    struct buf reply = buf_of(100);
    struct rpc_client *client = connect_client(1000);
    const uint64_t start = clock_monotonic_ms();
    assert_int_equal(rpc_call(client, span_of("x", 1), &reply, &err), ERR_UNREACHABLE);
    assert_non_null(strstr(err.text, "does not answer"));
    assert_in_range(clock_monotonic_ms() - start, RPC_HANDSHAKE_MS, 19999); /* one attempt would have been 20 s */
    rpc_client_close(client);
    close(listener);
    buf_free(&reply);
}

/* --- replies outstanding, and a reader that takes its time --- */

static int greet_and_shake(struct session *session)
{
    struct noise noise;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], out[FRAME_HANDSHAKE1_SIZE + 12], in[FRAME_HANDSHAKE2_SIZE];
    uint8_t greeting[SP_GREETING_SIZE];
    uint32_t id = 0;
    int s = sp_test_connect(NULL, port);
    assert_true(s >= 0);
    first_frame(&noise, first);
    assert_true(sp_test_greet(s, SP_REQ) && sp_test_read(s, greeting, sizeof greeting));
    assert_true(sp_test_write(s, out, sp_test_message(out, 1, first, sizeof first)));
    assert_int_equal(sp_test_receive(s, &id, in, sizeof in), sizeof in);
    assert_int_equal(id, 1);
    read_second(session, &noise, in);
    return s;
}

static void every_reply_reaches_a_slow_reader(void **state)
{
    (void)state;
    static uint8_t in[LONG_REPLY + FRAME_OVERHEAD];
    struct session session;
    struct rpc_server *server = serve();
    const struct timeval timeout = {.tv_sec = 60};
    int s = greet_and_shake(&session);
    (void)setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    for (uint32_t i = 0; i < OUTSTANDING; i++) {
        uint8_t out[100];
        struct buf frame = buf_of(100);
        assert_int_equal(session_seal(&session, i, span_of("long", 4), &frame, ERR_IGNORED), 0);
        assert_true(sp_test_write(s, out, sp_test_message(out, 100 + i, frame.data, frame.len)));
        buf_free(&frame);
    }
    clock_sleep_ms(1000);
    bool seen[OUTSTANDING] = {false};
    for (uint32_t i = 0; i < OUTSTANDING; i++) {
        uint32_t id = 0;
        assert_int_equal(sp_test_receive(s, &id, in, sizeof in), sizeof in);
        assert_in_range(id, 100, 100 + OUTSTANDING - 1);
        assert_false(seen[id - 100]);
        seen[id - 100] = true;
    }
    close(s);
    rpc_server_stop(server);
}

/* --- who gives way --- */

static bool is_open(int s)
{
    uint8_t byte;
    ssize_t got;
    while ((got = recv(s, &byte, 1, MSG_DONTWAIT)) == 1)
        ; /* the greeting */
    return got < 0 && errno == EAGAIN;
}

static size_t count_open(const int *s, size_t count)
{
    size_t open = 0;
    for (size_t i = 0; i < count; i++)
        open += is_open(s[i]);
    return open;
}

static void close_all(const int *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(s[i]);
}

static void strangers_of_one_address_push_out_their_own(void **state)
{
    (void)state;
    static int many[3 * GATE_STRANGERS_ADDRESS];
    struct rpc_server *server = serve();
    struct rpc_client *client = connect_client(0);
    expect_echo(client, 10);
    const uint64_t start = clock_monotonic_ms();
    int elsewhere = sp_test_connect("127.9.9.9", port);
    assert_true(sp_test_greet(elsewhere, SP_REQ));
    for (size_t i = 0; i < ARRAY_LEN(many); i++) {
        many[i] = sp_test_connect(NULL, port);
        assert_true(many[i] >= 0 && sp_test_greet(many[i], SP_REQ));
    }
    size_t open = ARRAY_LEN(many);
    while (open > GATE_STRANGERS_ADDRESS && clock_monotonic_ms() - start < 10 * GATE_HELLO_MS) {
        clock_sleep_ms(50);
        open = count_open(many, ARRAY_LEN(many));
    }
    assert_true(open <= GATE_STRANGERS_ADDRESS);
    /* Unless this machine is so slow that their time was over meanwhile. */
    assert_true((open > 0 && is_open(elsewhere)) || clock_monotonic_ms() - start > GATE_HELLO_MS / 2);
    expect_echo(client, 10);
    struct rpc_client *later = connect_client(0);
    expect_echo(later, 10000);
    rpc_client_close(later);
    rpc_client_close(client);
    /* And time passes: who says nothing is not kept. */
    for (int i = 0; i < 100 && (count_open(many, ARRAY_LEN(many)) > 0 || is_open(elsewhere)); i++)
        clock_sleep_ms(GATE_HELLO_MS / 50);
    assert_int_equal(count_open(many, ARRAY_LEN(many)), 0);
    assert_false(is_open(elsewhere));
    close_all(many, ARRAY_LEN(many));
    close(elsewhere);
    rpc_server_stop(server);
}

/* Connects, not waiting longer than that; -1: it did not get in. */
static int try_connect(const char *source, int wait_ms)
{
    const struct sockaddr_in to = sp_test_address("127.0.0.1", port), from = sp_test_address(source, 0);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct pollfd ready = {.fd = s, .events = POLLOUT};
    assert_int_equal(bind(s, (const struct sockaddr *)&from, sizeof from), 0);
    (void)connect(s, (const struct sockaddr *)&to, sizeof to);
    if (poll(&ready, 1, wait_ms) == 1 && (ready.revents & POLLERR) == 0)
        return s;
    close(s);
    return -1;
}

/* One who comes too often gets no further than the kernel; others do, and so does he some seconds later. */
static void who_comes_too_often_is_kept_out(void **state)
{
    (void)state;
    struct rpc_server *server = serve();
    struct rpc_client *client = connect_client(0);
    expect_echo(client, 10);
    int s = 0;
    for (int i = 0; i < 20 * GATE_SECOND_ADDRESS && s >= 0; i++) {
        s = try_connect("127.8.8.8", 200);
        if (s >= 0)
            close(s);
        clock_sleep_ms(1);
    }
    assert_int_equal(s, -1);
    int other = try_connect("127.9.9.9", 5000);
    assert_true(other >= 0);
    close(other);
    struct rpc_client *later = connect_client(0);
    expect_echo(later, 10);
    rpc_client_close(later);
    rpc_client_close(client);
    s = try_connect("127.8.8.8", 20000);
    assert_true(s >= 0);
    close(s);
    rpc_server_stop(server);
}

static void what_is_not_the_protocol_ends_the_connection(void **state)
{
    (void)state;
    static const uint8_t huge[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
                         other[] = {0, 'S', 'P', 0, 0, 0x10, 0, 0}, web[] = "GET / HTTP/1.1\r\n\r\n",
                         no_id[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1},
                         type[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0x80, 0, 0, 1, 77};
    const struct span sent[] = {
        {huge, sizeof huge}, {other, sizeof other}, {web, sizeof web}, {no_id, sizeof no_id}, {type, sizeof type}};
    struct rpc_server *server = serve();
    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        int s = sp_test_connect(NULL, port);
        assert_true(sp_test_write(s, sent[i].data, sent[i].len));
        for (int wait = 0; wait < 90 && is_open(s); wait++)
            clock_sleep_ms(50);
        assert_false(is_open(s));
        close(s);
    }
    rpc_server_stop(server);
}

static void lines_of_strangers_are_few(void **state)
{
    (void)state;
    unsigned written = 0;
    for (int i = 0; i < 10000; i++)
        written += log_stranger_may();
    assert_in_range(written, 1, 2 * LOG_STRANGERS_MAX);
}

static int choose_port(void **state)
{
    (void)state;
    port = sp_test_port();
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", port);
    return 0;
}

int main(void)
{
    static const uint8_t seeds[2][32] = {{1}, {2}};
    if (sodium_init() < 0 || identity_from_seed(&server_identity, "matcher", seeds[0], ERR_IGNORED) != 0 ||
        identity_from_seed(&client_identity, "THA", seeds[1], ERR_IGNORED) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_client_of_the_library_is_served, choose_port),
        cmocka_unit_test_setup(a_server_of_the_library_is_understood, choose_port),
        cmocka_unit_test_setup(a_foreign_id_ends_no_client, choose_port),
        cmocka_unit_test_setup(who_never_says_anything_is_not_waited_for_long, choose_port),
        cmocka_unit_test_setup(every_reply_reaches_a_slow_reader, choose_port),
        cmocka_unit_test_setup(strangers_of_one_address_push_out_their_own, choose_port),
        cmocka_unit_test_setup(who_comes_too_often_is_kept_out, choose_port),
        cmocka_unit_test_setup(what_is_not_the_protocol_ends_the_connection, choose_port),
        cmocka_unit_test(lines_of_strangers_are_few),
    };
    return cmocka_run_group_tests_name("rpc_doors", tests, NULL, NULL);
}
