#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/rpc/rpc.h"
#include "protocol/rpc/sessions.h"
#include "protocol/sp/gate.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUEUE_DEFAULT 256
#define QUEUE_MAX 65536
#define WORKERS_MAX 256
#define HANDSHAKES_WAITING 64
#define MIXED_MS 1000
#define FEW_WAITING 4     /* of a key; what it has beyond that waits apart */
#define SMALL (32u << 10) /* a request of some checks; an enrolment's are some times as long */
#define LARGE_WAITS_US 100000
#define HANDSHAKES_SECOND 100 /* of connections that showed no key; each costs up to a quarter of a millisecond */

struct ring {
    struct gate_message *message;
    size_t size, head, count;
};

struct rpc_server {
    struct rpc_server_options options;
    struct gate *gate;
    struct sessions *sessions;
    pthread_t worker[WORKERS_MAX];
    unsigned workers;
    bool draining;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t filled;
    struct ring requests, more, handshakes; /* more: of keys of which FEW_WAITING are in a ring already */
    bool handshake_next, more_next;         /* they take turns */
    unsigned waiting[GATE_KEYS + 1], working[GATE_KEYS + 1]; /* requests, threads, of each key */
    uint16_t last_key;
    uint64_t mixed_ms; /* when another key than the one before was last heard */
    uint64_t second;   /* of the clock; in it, so many handshakes of strangers came */
    unsigned in_second;
    bool closed;
};

struct rpc_request {
    struct rpc_server *server;
    struct gate_message message;
    struct reply_key key;
    struct buf body;
};

/* --- sending --- */

static void send_notice(struct rpc_server *server, struct gate_message *to, enum frame_notice notice)
{
    const uint8_t frame[2] = {FRAME_NOTICE, (uint8_t)notice};
    gate_answer(server->gate, to, span_of(frame, sizeof frame));
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

uint64_t rpc_request_age_us(const struct rpc_request *request)
{
    return clock_monotonic_us() - request->message.came_us;
}

static void end_request(struct rpc_request *request)
{
    sodium_memzero(&request->key, sizeof request->key);
    buf_free(&request->body);
    free(request);
}

void rpc_drop(struct rpc_request *request)
{
    gate_drop(request->server->gate, &request->message);
    end_request(request);
}

void rpc_reply(struct rpc_request *request, const void *body, size_t len)
{
    struct err err;
    struct buf frame = buf_of(RPC_MESSAGE_MAX + FRAME_OVERHEAD);
    if (session_seal(&request->key.session, request->key.counter, span_of(body, len), &frame, &err) == 0) {
        gate_answer(request->server->gate, &request->message, buf_span(&frame));
    } else {
        /* The peer sees that its connection ended, and asks again. */
        log_event(LOG_ERROR, "reply-dropped", "peer=%s reason=\"%s\"", request->key.peer, err.text);
        gate_dismiss(request->server->gate, &request->message, span_of(NULL, 0));
    }
    buf_free(&frame);
    end_request(request);
}

static void handle_handshake(struct rpc_server *server, struct gate_message *message)
{
    const uint8_t denied[2] = {FRAME_NOTICE, NOTICE_DENIED};
    struct err err;
    uint8_t answer[FRAME_HANDSHAKE2_SIZE];
    if (sessions_accept(server->sessions, gate_body(message), answer, &err) == 0) {
        gate_answer(server->gate, message, span_of(answer, sizeof answer));
        return;
    }
    if (log_stranger_may())
        log_event(LOG_WARN, "handshake-refused", "reason=\"%s\"", err.text);
    gate_dismiss(server->gate, message, span_of(denied, sizeof denied));
}

/* An empty request is answered by as little: it shows the peer's key before a long one comes. */
static void handle_transport(struct rpc_server *server, struct gate_message *message)
{
    struct err err;
    struct rpc_request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        send_notice(server, message, NOTICE_BUSY);
        return;
    }
    request->server = server;
    request->body = buf_of(RPC_MESSAGE_MAX);
    int rc = sessions_open(server->sessions, gate_body(message), &request->body, &request->key, &err);
    if (rc != 0) {
        send_notice(server, message, NOTICE_UNKNOWN_SESSION);
        end_request(request);
        return;
    }
    gate_know(server->gate, message, request->key.channel);
    buf_free(&message->bytes);
    request->message = *message;
    if (request->body.len == 0)
        rpc_reply(request, NULL, 0);
    else
        server->options.handle(server->options.context, request);
}

/* --- threads --- */

/* Where others ask, too, a thread is left for them, whatever one key asks for. */
static bool may_take(const struct rpc_server *server, const struct gate_message *message)
{
    const bool mixed = clock_monotonic_ms() - server->mixed_ms < MIXED_MS;
    const unsigned threads = server->options.workers - (mixed && server->options.workers > 1);
    return !message->known || server->working[message->key] < threads;
}

static struct gate_message *message_at(const struct ring *ring, size_t i)
{
    return &ring->message[(ring->head + i) % ring->size];
}

/* The first that may be taken, a small one before large ones that have not waited long; count: none. */
static size_t find_message(const struct rpc_server *server, const struct ring *ring)
{
    const uint64_t now = clock_monotonic_us();
    size_t large = ring->count;
    for (size_t i = 0; i < ring->count; i++) {
        const struct gate_message *message = message_at(ring, i);
        if (!may_take(server, message))
            continue;
        if (message->bytes.len > SMALL && large == ring->count)
            large = i;
        else if (message->bytes.len <= SMALL)
            return large < ring->count && now - message_at(ring, large)->came_us > LARGE_WAITS_US ? large : i;
    }
    return large;
}

static void take_at(struct ring *ring, size_t i, struct gate_message *out)
{
    *out = *message_at(ring, i);
    for (; i > 0; i--)
        *message_at(ring, i) = *message_at(ring, i - 1);
    ring->head = (ring->head + 1) % ring->size;
    ring->count--;
}

/* Who has much waiting holds up nobody else: the two rings of requests take turns. */
static bool take_message(struct rpc_server *server, struct gate_message *out)
{
    const size_t request = find_message(server, &server->requests), more = find_message(server, &server->more);
    const bool requests = request < server->requests.count, mores = more < server->more.count;
    const bool shake = server->handshakes.count > 0 && (server->handshake_next || !(requests || mores));
    if (!shake && !requests && !mores)
        return false;
    server->handshake_next = !shake;
    if (shake) {
        take_at(&server->handshakes, 0, out);
        return true;
    }
    const bool take_more = mores && (server->more_next || !requests);
    server->more_next = !take_more;
    take_at(take_more ? &server->more : &server->requests, take_more ? more : request, out);
    if (out->known) {
        server->waiting[out->key]--;
        server->working[out->key]++;
    }
    return true;
}

/* A thread has done what it took. */
static void end_work(struct rpc_server *server, bool request, uint16_t key)
{
    pthread_mutex_lock(&server->lock);
    if (request)
        server->working[key]--;
    if (server->requests.count + server->more.count > 0)
        pthread_cond_signal(&server->filled);
    pthread_mutex_unlock(&server->lock);
}

static void *work(void *context)
{
    struct rpc_server *server = context;
    for (;;) {
        struct gate_message message;
        pthread_mutex_lock(&server->lock);
        bool taken;
        while (!(taken = take_message(server, &message)) && !server->closed)
            pthread_cond_wait(&server->filled, &server->lock);
        const bool closed = server->closed;
        pthread_mutex_unlock(&server->lock);
        if (!taken)
            return NULL;
        const uint16_t key = message.key;
        const bool shake = gate_body(&message).data[0] == FRAME_HANDSHAKE1, request = !shake && message.known;
        if (closed) /* what has not begun is for the next process */
            send_notice(server, &message, NOTICE_BUSY);
        else if (shake)
            handle_handshake(server, &message);
        else
            handle_transport(server, &message);
        end_work(server, request, key);
    }
}

/* --- what comes through the gate --- */

/* Handshakes cost more than they prove: those of strangers are counted, not those from where a key was shown before. */
static bool may_shake(struct rpc_server *server, bool exempt)
{
    const uint64_t second = clock_monotonic_ms() / 1000;
    if (second != server->second)
        server->in_second = 0;
    server->second = second;
    return exempt || server->in_second++ < HANDSHAKES_SECOND;
}

/* No key has more than a quarter of the queue. */
static bool may_wait(struct rpc_server *server, const struct gate_message *message)
{
    if (!message->known)
        return true;
    if (message->key != server->last_key)
        server->mixed_ms = clock_monotonic_ms();
    server->last_key = message->key;
    if (server->waiting[message->key] >= (server->requests.size + 3) / 4)
        return false;
    server->waiting[message->key]++;
    return true;
}

static struct ring *ring_for(struct rpc_server *server, const struct gate_message *message, bool shake)
{
    if (shake)
        return &server->handshakes;
    return message->known && server->waiting[message->key] >= FEW_WAITING ? &server->more : &server->requests;
}

static bool enqueue(struct rpc_server *server, const struct gate_message *message, bool shake)
{
    pthread_mutex_lock(&server->lock);
    struct ring *to = ring_for(server, message, shake);
    bool room = to->count < to->size &&
                (shake ? may_shake(server, message->known || message->familiar) : may_wait(server, message));
    if (room) {
        to->message[(to->head + to->count) % to->size] = *message;
        to->count++;
        pthread_cond_signal(&server->filled);
    }
    pthread_mutex_unlock(&server->lock);
    return room;
}

static void take(void *context, struct gate_message *message)
{
    struct rpc_server *server = context;
    const struct span frame = gate_body(message);
    const uint8_t type = frame.len > 0 ? frame.data[0] : 0;
    message->came_us = clock_monotonic_us();
    const bool shake = type == FRAME_HANDSHAKE1 && frame.len == FRAME_HANDSHAKE1_SIZE && !message->cut;
    if (message->cut || frame.len > RPC_MESSAGE_MAX + FRAME_OVERHEAD) /* the gate leaves room for hops */
        send_notice(server, message, NOTICE_TOO_LONG);
    else if (!shake && (type != FRAME_TRANSPORT || frame.len < FRAME_OVERHEAD))
        gate_dismiss(server->gate, message, span_of(NULL, 0));
    else if (!enqueue(server, message, shake))
        send_notice(server, message, NOTICE_BUSY);
}

/* --- starting and stopping --- */

static int make_ring(struct ring *out, size_t size, struct err *err)
{
    out->size = size;
    out->message = calloc(size, sizeof *out->message);
    return out->message != NULL ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for the queue");
}

static int start_workers(struct rpc_server *server, struct err *err)
{
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
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->filled, NULL);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (server->options.workers == 0)
        server->options.workers = processors > 0 ? (unsigned)processors : 1;
    if (server->options.workers > WORKERS_MAX)
        server->options.workers = WORKERS_MAX;
    const struct sessions_options sessions = {options->identity->channel_secret, options->authorise, options->context};
    const struct gate_options gate = {options->url, RPC_MESSAGE_MAX + FRAME_OVERHEAD, take, server};
    const size_t queue = options->queue == 0 ? QUEUE_DEFAULT : options->queue < QUEUE_MAX ? options->queue : QUEUE_MAX;
    int rc = make_ring(&server->requests, queue, err);
    if (rc == 0)
        rc = make_ring(&server->more, queue, err);
    if (rc == 0)
        rc = make_ring(&server->handshakes, HANDSHAKES_WAITING, err);
    if (rc == 0)
        rc = sessions_new(&server->sessions, &sessions, err);
    if (rc == 0)
        rc = gate_open(&server->gate, &gate, err);
    if (rc == 0)
        rc = start_workers(server, err);
    if (rc != 0)
        rpc_server_stop(server);
    else
        *out = server;
    return rc;
}

int rpc_server_check(const struct rpc_server *server, struct err *err)
{
    return gate_check(server->gate, err);
}

void rpc_server_queue(struct rpc_server *server, size_t *waiting, size_t *most)
{
    pthread_mutex_lock(&server->lock);
    *waiting = server->requests.count;
    *most = server->requests.size;
    pthread_mutex_unlock(&server->lock);
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
    if (server->gate != NULL)
        gate_drain(server->gate);
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
    gate_close(server->gate);
    sessions_free(server->sessions);
    free(server->requests.message);
    free(server->more.message);
    free(server->handshakes.message);
    pthread_cond_destroy(&server->filled);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
