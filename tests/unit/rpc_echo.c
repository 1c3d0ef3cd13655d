/* A server and clients over tcp and ipc: round trips, strangers, wrong keys, restarts, a full queue, hostile frames. */
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/rpc/rpc.h"

#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static struct identity server_identity, client_identity, stranger;
static uint8_t psk[32] = {7};
static char url[128];
static _Atomic int handled;

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

/* Answers with the peer's name and the request, backwards to show that it was read. */
static void echo(void *context, struct rpc_request *request)
{
    (void)context;
    struct span body = rpc_request_body(request);
    size_t name = strlen(rpc_request_peer(request));
    uint8_t *reply = malloc(name + body.len);
    memcpy(reply, rpc_request_peer(request), name);
    for (size_t i = 0; i < body.len; i++)
        reply[name + i] = body.data[body.len - 1 - i];
    handled++;
    rpc_reply(request, reply, name + body.len);
    free(reply);
}

static void slow(void *context, struct rpc_request *request)
{
    clock_sleep_ms(300);
    echo(context, request);
}

static struct rpc_server *serve(void (*handle)(void *, struct rpc_request *), unsigned workers, unsigned queue)
{
    struct err err;
    struct rpc_server *server = NULL;
    struct rpc_server_options options = {.url = url,
                                         .identity = &server_identity,
                                         .authorise = authorise,
                                         .handle = handle,
                                         .workers = workers,
                                         .queue = queue};
    if (rpc_server_start(&server, &options, &err) != 0)
        fail_msg("%s", err.text);
    return server;
}

static struct rpc_client *connect_as(const struct identity *who, const uint8_t key[32], unsigned attempts)
{
    struct err err;
    struct rpc_client *client = NULL;
    struct rpc_client_options options = {
        .url = url, .identity = who, .peer_name = "matcher", .timeout_ms = 5000, .attempts = attempts};
    memcpy(options.peer_channel, server_identity.party.channel, 32);
    memcpy(options.psk, key, 32);
    assert_int_equal(rpc_client_open(&client, &options, &err), 0);
    return client;
}

static void expect_echo(struct rpc_client *client, size_t len)
{
    struct err err = {0};
    struct buf reply = buf_of(RPC_MESSAGE_MAX);
    uint8_t *request = malloc(len + 1);
    for (size_t i = 0; i < len; i++)
        request[i] = (uint8_t)(i * 7);
    if (rpc_call(client, span_of(request, len), &reply, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(reply.len, len + 3);
    assert_memory_equal(reply.data, "THA", 3);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(reply.data[3 + i], request[len - 1 - i]);
    free(request);
    buf_free(&reply);
}

static void round_trips(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,     100,   RPC_FIRST_MAX, RPC_FIRST_MAX + 1,
                                   65535, 65536, 1000000,       RPC_MESSAGE_MAX - 3};
    struct rpc_server *server = serve(echo, 2, 0);
    struct rpc_client *client = connect_as(&client_identity, psk, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        expect_echo(client, sizes[i]);
    struct err err;
    struct buf reply = buf_of(100);
    static uint8_t large[RPC_MESSAGE_MAX + 1];
    assert_int_equal(rpc_call(client, span_of(large, sizeof large), &reply, &err), ERR_INPUT);
    rpc_client_close(client);
    rpc_server_stop(server);
}

static void strangers_and_wrong_keys_are_told(void **state)
{
    (void)state;
    struct err err;
    struct buf reply = buf_of(100);
    const uint8_t wrong[32] = {9};
    struct rpc_server *server = serve(echo, 1, 0);
    struct rpc_client *client = connect_as(&stranger, psk, 1);
    assert_int_equal(rpc_call(client, span_of("x", 1), &reply, &err), ERR_DENIED);
    assert_non_null(strstr(err.text, "does not accept our key"));
    rpc_client_close(client);
    client = connect_as(&client_identity, wrong, 1);
    assert_int_equal(rpc_call(client, span_of("x", 1), &reply, &err), ERR_VERIFY);
    assert_non_null(strstr(err.text, "same pre-shared key"));
    rpc_client_close(client);
    rpc_server_stop(server);
    client = connect_as(&client_identity, psk, 1);
    assert_int_equal(rpc_call(client, span_of("x", 1), &reply, &err), ERR_UNREACHABLE);
    assert_non_null(strstr(err.text, "is it running?"));
    rpc_client_close(client);
    buf_free(&reply);
}

static void a_restarted_server_is_found_again(void **state)
{
    (void)state;
    struct rpc_server *server = serve(echo, 1, 0);
    struct rpc_client *client = connect_as(&client_identity, psk, 0);
    expect_echo(client, 10);
    rpc_server_stop(server);
    server = serve(echo, 1, 0);
    expect_echo(client, 10);
    rpc_client_close(client);
    rpc_server_stop(server);
}

static void *call_in_thread(void *context)
{
    (void)context;
    struct rpc_client *client = connect_as(&client_identity, psk, 12);
    expect_echo(client, 1000);
    rpc_client_close(client);
    return NULL;
}

/* One worker, a queue of one, six clients: some are told "busy" and come again. */
static void a_full_queue_makes_clients_wait(void **state)
{
    (void)state;
    pthread_t thread[6];
    struct rpc_server *server = serve(slow, 1, 1);
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, call_in_thread, NULL), 0);
    for (int i = 0; i < 6; i++)
        pthread_join(thread[i], NULL);
    rpc_server_stop(server);
}

static void hostile_frames_do_no_harm(void **state)
{
    (void)state;
    struct rpc_server *server = serve(echo, 2, 0);
    struct rpc_client *client = connect_as(&client_identity, psk, 0);
    expect_echo(client, 5);
    int before = handled, timeout = 100;
    int s = nn_socket(AF_SP, NN_REQ);
    nn_setsockopt(s, NN_SOL_SOCKET, NN_RCVTIMEO, &timeout, sizeof timeout);
    assert_true(nn_connect(s, url) >= 0);
    for (int i = 0; i < 200; i++) {
        uint8_t frame[200] = {0}, answer[200];
        size_t len = randombytes_uniform(sizeof frame);
        randombytes_buf(frame, len);
        if (len > 0)
            frame[0] = (uint8_t)(i % 6);
        nn_send(s, frame, len, 0);
        if (frame[0] == 3 || frame[0] == 1)
            nn_recv(s, answer, sizeof answer, 0);
    }
    nn_close(s);
    assert_int_equal(handled, before);
    expect_echo(client, 5);
    rpc_client_close(client);
    rpc_server_stop(server);
}

static void a_taken_port_is_named(void **state)
{
    (void)state;
    struct err err;
    struct rpc_server *server = serve(echo, 1, 0), *second = NULL;
    struct rpc_server_options options = {
        .url = url, .identity = &server_identity, .authorise = authorise, .handle = echo};
    assert_int_equal(rpc_server_start(&second, &options, &err), ERR_IO);
    assert_non_null(strstr(err.text, url));
    rpc_server_stop(server);
}

/* A port that the system has just called free: a guessed one may be taken. */
static int use_tcp(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    if (s < 0 || bind(s, (struct sockaddr *)&address, len) != 0 ||
        getsockname(s, (struct sockaddr *)&address, &len) != 0)
        return -1;
    close(s);
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    return 0;
}

/* nanomsg itself would unlink it. */
static void a_file_in_the_place_of_a_socket_is_kept(void **state)
{
    (void)state;
    struct err err;
    struct rpc_server *server = NULL;
    const char *path = url + strlen("ipc://");
    assert_int_equal(file_create(path, "mine", 4, 0600, &err), 0);
    struct rpc_server_options options = {
        .url = url, .identity = &server_identity, .authorise = authorise, .handle = echo};
    assert_int_equal(rpc_server_start(&server, &options, &err), ERR_IO);
    assert_non_null(strstr(err.text, "is no socket"));
    struct buf kept = buf_of(16);
    assert_int_equal(file_read(&kept, path, &err), 0);
    assert_int_equal(kept.len, 4);
    buf_free(&kept);
    unlink(path);
}

/* What a server that was killed left behind is no obstacle. */
static void a_socket_of_a_dead_server_gives_way(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%.100s", url + strlen("ipc://"));
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    close(s);
    struct rpc_server *server = serve(echo, 1, 0);
    struct rpc_client *client = connect_as(&client_identity, psk, 0);
    expect_echo(client, 10);
    rpc_client_close(client);
    rpc_server_stop(server);
}

/* The system hands out the lowest number that is free: so the test knows the server's socket, and can take it away. */
static void a_server_that_cannot_receive_says_so(void **state)
{
    (void)state;
    struct err err;
    int next = dup(STDIN_FILENO);
    close(next);
    struct rpc_server *server = serve(echo, 1, 0);
    struct rpc_client *client = connect_as(&client_identity, psk, 0);
    expect_echo(client, 10);
    assert_int_equal(rpc_server_check(server, &err), 0);
    rpc_client_close(client);
    assert_int_equal(close(next), 0);
    int rc = 0;
    for (int i = 0; rc == 0 && i < 500; i++, clock_sleep_ms(10))
        rc = rpc_server_check(server, &err);
    assert_int_equal(rc, ERR_IO);
    assert_non_null(strstr(err.text, "cannot receive on "));
    assert_non_null(strstr(err.text, url));
    rpc_server_stop(server);
}

static int use_ipc(void **state)
{
    (void)state;
    snprintf(url, sizeof url, "ipc:///tmp/concord-rpc-%d.sock", getpid());
    return 0;
}

int main(void)
{
    uint8_t seed[32];
    struct err err;
    if (sodium_init() < 0)
        return 1;
    randombytes_buf(seed, 32);
    identity_from_seed(&server_identity, "matcher", seed, &err);
    randombytes_buf(seed, 32);
    identity_from_seed(&client_identity, "THA", seed, &err);
    randombytes_buf(seed, 32);
    identity_from_seed(&stranger, "XXX", seed, &err);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(round_trips, use_tcp),
        cmocka_unit_test_setup(round_trips, use_ipc),
        cmocka_unit_test_setup(strangers_and_wrong_keys_are_told, use_tcp),
        cmocka_unit_test_setup(a_restarted_server_is_found_again, use_tcp),
        cmocka_unit_test_setup(a_full_queue_makes_clients_wait, use_tcp),
        cmocka_unit_test_setup(hostile_frames_do_no_harm, use_tcp),
        cmocka_unit_test_setup(a_taken_port_is_named, use_tcp),
        cmocka_unit_test_setup(a_server_that_cannot_receive_says_so, use_tcp),
        cmocka_unit_test_setup(a_file_in_the_place_of_a_socket_is_kept, use_ipc),
        cmocka_unit_test_setup(a_socket_of_a_dead_server_gives_way, use_ipc),
    };
    int failed = cmocka_run_group_tests_name("rpc_echo", tests, NULL, NULL);
    return failed;
}
