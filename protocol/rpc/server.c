#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/rpc/rpc.h"
#include "protocol/rpc/sessions.h"

#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_DEFAULT 256
#define QUEUE_MAX 65536
#define WORKERS_MAX 256
#define POLL_MS 100
#define IPC "ipc://"

/* A received message and the header that leads back to its sender; both belong to nanomsg's allocator. */
struct incoming {
    void *body, *control;
    size_t len;
};

struct rpc_server {
    struct rpc_server_options options;
    char url[256];
    int socket;
    struct sessions *sessions;
    pthread_t receiver, worker[WORKERS_MAX];
    unsigned workers;
    bool receiving, draining;
    _Atomic bool stop;
    _Atomic int failure;  /* nanomsg's error that ended the receiving thread; 0 while it receives */
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t filled;
    struct incoming *queue; /* a ring */
    size_t queue_size, head, count;
    bool closed;
};

struct rpc_request {
    struct rpc_server *server;
    void *control;
    struct reply_key key;
    struct buf body;
};

/* --- sending --- */

/* Takes control, whatever happens: nanomsg frees it when the message went out, we when it did not. */
static void send_frame(struct rpc_server *server, void *control, const void *frame, size_t len)
{
    void *body = nn_allocmsg(len, 0);
    if (body == NULL) {
        nn_freemsg(control);
        return;
    }
    memcpy(body, frame, len);
    struct nn_iovec iov = {.iov_base = &body, .iov_len = NN_MSG};
    struct nn_msghdr header = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = NN_MSG};
    if (nn_sendmsg(server->socket, &header, NN_DONTWAIT) < 0) {
        nn_freemsg(body);
        nn_freemsg(control);
    }
}

static void send_notice(struct rpc_server *server, void *control, enum frame_notice notice)
{
    const uint8_t frame[2] = {FRAME_NOTICE, (uint8_t)notice};
    send_frame(server, control, frame, sizeof frame);
}

/* --- requests --- */

const char *rpc_request_peer(const struct rpc_request *request)
{
    return request->key.peer;
}

const uint8_t *rpc_request_channel(const struct rpc_request *request)
{
    return request->key.channel;
}

struct span rpc_request_body(const struct rpc_request *request)
{
    return buf_span(&request->body);
}

static void end_request(struct rpc_request *request)
{
    sodium_memzero(&request->key, sizeof request->key);
    buf_free(&request->body);
    free(request);
}

void rpc_drop(struct rpc_request *request)
{
    nn_freemsg(request->control);
    end_request(request);
}

void rpc_reply(struct rpc_request *request, const void *body, size_t len)
{
    struct err err;
    struct buf frame = buf_of(RPC_MESSAGE_MAX + FRAME_OVERHEAD);
    if (session_seal(&request->key.session, request->key.counter, span_of(body, len), &frame, &err) == 0) {
        send_frame(request->server, request->control, frame.data, frame.len);
    } else {
        log_event(LOG_ERROR, "reply-dropped", "peer=%s reason=\"%s\"", request->key.peer, err.text);
        nn_freemsg(request->control);
    }
    buf_free(&frame);
    end_request(request);
}

static void handle_handshake(struct rpc_server *server, struct incoming *in)
{
    struct err err;
    uint8_t answer[FRAME_HANDSHAKE2_SIZE];
    if (sessions_accept(server->sessions, span_of(in->body, in->len), answer, &err) == 0) {
        send_frame(server, in->control, answer, sizeof answer);
    } else {
        log_event(LOG_WARN, "handshake-refused", "reason=\"%s\"", err.text);
        send_notice(server, in->control, NOTICE_DENIED);
    }
}

static void handle_transport(struct rpc_server *server, struct incoming *in)
{
    struct err err;
    struct rpc_request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        send_notice(server, in->control, NOTICE_BUSY);
        return;
    }
    request->server = server;
    request->control = in->control;
    request->body = buf_of(RPC_MESSAGE_MAX);
    int rc = sessions_open(server->sessions, span_of(in->body, in->len), &request->body, &request->key, &err);
    if (rc == 0) {
        server->options.handle(server->options.context, request);
        return;
    }
    send_notice(server, in->control, NOTICE_UNKNOWN_SESSION);
    end_request(request);
}

static void handle_frame(struct rpc_server *server, struct incoming *in)
{
    const uint8_t *frame = in->body;
    if (in->len > 0 && frame[0] == FRAME_HANDSHAKE1)
        handle_handshake(server, in);
    else if (in->len > 0 && frame[0] == FRAME_TRANSPORT)
        handle_transport(server, in);
    else
        nn_freemsg(in->control);
    nn_freemsg(in->body);
}

/* --- threads --- */

static void *work(void *context)
{
    struct rpc_server *server = context;
    for (;;) {
        pthread_mutex_lock(&server->lock);
        while (server->count == 0 && !server->closed)
            pthread_cond_wait(&server->filled, &server->lock);
        if (server->count == 0) {
            pthread_mutex_unlock(&server->lock);
            return NULL;
        }
        struct incoming in = server->queue[server->head];
        server->head = (server->head + 1) % server->queue_size;
        server->count--;
        pthread_mutex_unlock(&server->lock);
        handle_frame(server, &in);
    }
}

static bool enqueue(struct rpc_server *server, const struct incoming *in)
{
    pthread_mutex_lock(&server->lock);
    bool room = server->count < server->queue_size;
    if (room) {
        server->queue[(server->head + server->count) % server->queue_size] = *in;
        server->count++;
        pthread_cond_signal(&server->filled);
    }
    pthread_mutex_unlock(&server->lock);
    return room;
}

static void *receive(void *context)
{
    struct rpc_server *server = context;
    while (!server->stop) {
        struct incoming in = {0};
        struct nn_iovec iov = {.iov_base = &in.body, .iov_len = NN_MSG};
        struct nn_msghdr header = {
            .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &in.control, .msg_controllen = NN_MSG};
        int len = nn_recvmsg(server->socket, &header, 0);
        if (len < 0 && (nn_errno() == ETIMEDOUT || nn_errno() == EAGAIN || nn_errno() == EINTR))
            continue;
        if (len < 0) {
            server->failure = nn_errno();
            break;
        }
        in.len = (size_t)len;
        if (enqueue(server, &in))
            continue;
        nn_freemsg(in.body);
        send_notice(server, in.control, NOTICE_BUSY);
    }
    return NULL;
}

/* --- starting and stopping --- */

static int set_option(int socket, int level, int option, int value)
{
    return nn_setsockopt(socket, level, option, &value, sizeof value);
}

/* nanomsg would unlink any file of that name; only a socket left by a dead server may go. */
static int keep_file(const char *url, struct err *err)
{
    struct stat st;
    const char *path = url + strlen(IPC);
    if (strncmp(url, IPC, strlen(IPC)) == 0 && lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
        return err_set(err, ERR_IO, "cannot listen on %s: %s exists and is no socket", url, path);
    return 0;
}

static int bind_socket(struct rpc_server *server, struct err *err)
{
    const char *url = server->url;
    int rc = keep_file(url, err);
    if (rc != 0)
        return rc;
    server->socket = nn_socket(AF_SP_RAW, NN_REP);
    if (server->socket < 0)
        return err_set(err, ERR_IO, "cannot open a socket: %s", nn_strerror(nn_errno()));
    if (set_option(server->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, RPC_RECEIVE_MAX) != 0 ||
        set_option(server->socket, NN_SOL_SOCKET, NN_RCVTIMEO, POLL_MS) != 0)
        return err_set(err, ERR_IO, "cannot set up a socket: %s", nn_strerror(nn_errno()));
    if (nn_bind(server->socket, url) < 0)
        return err_set(err, ERR_IO, "cannot listen on %s: %s%s", url, nn_strerror(nn_errno()),
                       nn_errno() == EADDRINUSE ? " (another program has that port: choose another or stop it)"
                       : nn_errno() == ENODEV || nn_errno() == EINVAL
                           ? " (write tcp://ADDRESS:PORT with a literal IPv4 address of this machine or *)"
                           : "");
    return 0;
}

static int start_threads(struct rpc_server *server, struct err *err)
{
    if (pthread_create(&server->receiver, NULL, receive, server) != 0)
        return err_set(err, ERR_IO, "cannot start a thread");
    server->receiving = true;
    while (server->workers < server->options.workers) {
        if (pthread_create(&server->worker[server->workers], NULL, work, server) != 0)
            return err_set(err, ERR_IO, "cannot start a thread");
        server->workers++;
    }
    return 0;
}

int rpc_server_start(struct rpc_server **out, const struct rpc_server_options *options, struct err *err)
{
    struct rpc_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the server");
    server->options = *options;
    server->socket = -1;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->filled, NULL);
    snprintf(server->url, sizeof server->url, "%s", options->url);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (server->options.workers == 0)
        server->options.workers = processors > 0 ? (unsigned)processors : 1;
    if (server->options.workers > WORKERS_MAX)
        server->options.workers = WORKERS_MAX;
    server->queue_size = options->queue == 0 ? QUEUE_DEFAULT : options->queue < QUEUE_MAX ? options->queue : QUEUE_MAX;
    server->queue = calloc(server->queue_size, sizeof *server->queue);
    const struct sessions_options sessions = {options->identity->channel_secret, options->authorise, options->context};
    int rc = server->queue == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the queue")
                                   : sessions_new(&server->sessions, &sessions, err);
    if (rc == 0)
        rc = bind_socket(server, err);
    if (rc == 0)
        rc = start_threads(server, err);
    if (rc != 0)
        rpc_server_stop(server);
    else
        *out = server;
    return rc;
}

int rpc_server_check(const struct rpc_server *server, struct err *err)
{
    int failure = server->failure;
    return failure == 0 ? 0
                        : err_set(err, ERR_IO, "cannot receive on %s any more: %s", server->url, nn_strerror(failure));
}

void rpc_server_review(struct rpc_server *server)
{
    size_t ended = sessions_review(server->sessions);
    if (ended > 0)
        log_event(LOG_INFO, "sessions-ended", "count=%zu", ended);
}

void rpc_server_drain(struct rpc_server *server)
{
    if (server->draining)
        return;
    server->draining = true;
    server->stop = true;
    if (server->receiving)
        pthread_join(server->receiver, NULL);
    pthread_mutex_lock(&server->lock);
    server->closed = true;
    pthread_cond_broadcast(&server->filled);
    pthread_mutex_unlock(&server->lock);
    for (unsigned i = 0; i < server->workers; i++)
        pthread_join(server->worker[i], NULL);
}

void rpc_server_stop(struct rpc_server *server)
{
    if (server == NULL)
        return;
    rpc_server_drain(server);
    if (server->socket >= 0) {
        /* Let what was sent last leave the process before the socket closes. */
        clock_sleep_ms(POLL_MS);
        nn_close(server->socket);
    }
    sessions_free(server->sessions);
    free(server->queue);
    pthread_cond_destroy(&server->filled);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
