#include "protocol/base/clock.h"
#include "protocol/channel/session.h"
#include "protocol/rpc/rpc.h"

#include <errno.h>
#include <limits.h>
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT_MS 10000
#define ATTEMPTS_DEFAULT 4
#define CONNECT_MS 1500    /* without a connection for so long, the peer counts as unreachable */
#define REFUSALS_MAX 3     /* nanomsg tries to connect every 100 ms */
#define STRANGE_ATTEMPTS 2 /* at a peer that refused connections and never had one: it is not running */
#define POLL_MS 50
#define BACKOFF_MS 100   /* doubled each time, with jitter */
#define HANDSHAKES_MAX 3 /* in one call: a peer that forgets every session is not worth more */

struct rpc_client {
    struct rpc_client_options options;
    char url[256], peer[PARTY_NAME_MAX + 1];
    int socket;
    bool has_session, was_connected;
    struct session session;
    _Atomic bool cancelled;
};

int rpc_client_open(struct rpc_client **out, const struct rpc_client_options *options, struct err *err)
{
    struct rpc_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a connection");
    c->options = *options;
    c->socket = -1;
    snprintf(c->url, sizeof c->url, "%s", options->url);
    snprintf(c->peer, sizeof c->peer, "%s", options->peer_name);
    if (c->options.timeout_ms == 0)
        c->options.timeout_ms = TIMEOUT_DEFAULT_MS;
    if (c->options.attempts == 0)
        c->options.attempts = ATTEMPTS_DEFAULT;
    *out = c;
    return 0;
}

static void disconnect(struct rpc_client *c)
{
    if (c->socket >= 0)
        nn_close(c->socket);
    c->socket = -1;
    c->has_session = false;
    sodium_memzero(&c->session, sizeof c->session);
}

void rpc_client_close(struct rpc_client *client)
{
    if (client == NULL)
        return;
    disconnect(client);
    sodium_memzero(client, sizeof *client);
    free(client);
}

void rpc_client_cancel(struct rpc_client *client)
{
    client->cancelled = true;
}

static int unreachable(const struct rpc_client *c, const char *why, struct err *err)
{
    return err_set(err, ERR_UNREACHABLE, "%s at %s %s", c->peer, c->url, why);
}

static int connect_socket(struct rpc_client *c, struct err *err)
{
    int limit = RPC_RECEIVE_MAX, poll_ms = POLL_MS, send_ms = 1000, never = INT_MAX;
    if (c->socket >= 0)
        return 0;
    c->socket = nn_socket(AF_SP, NN_REQ);
    if (c->socket < 0)
        return err_set(err, ERR_IO, "cannot open a socket: %s", nn_strerror(nn_errno()));
    /* nanomsg's own timed resend is off: a resent frame would only be refused by the window of counters. */
    if (nn_setsockopt(c->socket, NN_SOL_SOCKET, NN_RCVMAXSIZE, &limit, sizeof limit) != 0 ||
        nn_setsockopt(c->socket, NN_SOL_SOCKET, NN_RCVTIMEO, &poll_ms, sizeof poll_ms) != 0 ||
        nn_setsockopt(c->socket, NN_SOL_SOCKET, NN_SNDTIMEO, &send_ms, sizeof send_ms) != 0 ||
        nn_setsockopt(c->socket, NN_REQ, NN_REQ_RESEND_IVL, &never, sizeof never) != 0 ||
        nn_connect(c->socket, c->url) < 0) {
        int rc =
            err_set(err, ERR_UNREACHABLE, "cannot connect to %s at %s: %s", c->peer, c->url, nn_strerror(nn_errno()));
        disconnect(c);
        return rc;
    }
    return 0;
}

/*
 * Whether a peer without a connection is given up. One that was connected before may be starting anew and is waited
 * for; one that refuses from the beginning is not running, and nobody should have to wait to be told so.
 */
static bool is_gone(const struct rpc_client *c, uint64_t waited_ms)
{
    return waited_ms >= CONNECT_MS ||
           (!c->was_connected && nn_get_statistic(c->socket, NN_STAT_CONNECT_ERRORS) >= REFUSALS_MAX);
}

/* One frame there and one back. *frame is nanomsg's memory: nn_freemsg(). */
static int exchange(struct rpc_client *c, struct span out, uint8_t **frame, size_t *len, struct err *err)
{
    int rc = connect_socket(c, err);
    if (rc != 0)
        return rc;
    if (nn_send(c->socket, out.data, out.len, 0) < 0) {
        disconnect(c);
        return unreachable(c, "does not take the request", err);
    }
    uint64_t start = clock_monotonic_ms(), connected = start;
    for (;;) {
        void *message = NULL;
        int got = nn_recv(c->socket, &message, NN_MSG, 0);
        uint64_t now = clock_monotonic_ms();
        if (got >= 0) {
            *frame = message;
            *len = (size_t)got;
            c->was_connected = true;
            return 0;
        }
        if (nn_errno() != ETIMEDOUT && nn_errno() != EAGAIN && nn_errno() != EINTR) {
            disconnect(c);
            return unreachable(c, "cannot be reached", err);
        }
        if (nn_get_statistic(c->socket, NN_STAT_CURRENT_CONNECTIONS) > 0) {
            connected = now;
            c->was_connected = true;
        }
        bool gone = is_gone(c, now - connected);
        if (c->cancelled || gone || now - start >= c->options.timeout_ms) {
            disconnect(c);
            return c->cancelled ? unreachable(c, "was not waited for", err)
                   : gone       ? unreachable(c, "cannot be reached: is it running?", err)
                                : unreachable(c, "does not answer", err);
        }
    }
}

static int handshake(struct rpc_client *c, struct err *err)
{
    struct noise noise;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], index[4], hash[NOISE_HASH], *frame = NULL;
    size_t len = 0;
    noise_initiator(&noise, NOISE_IKPSK2, SESSION_PROLOGUE, strlen(SESSION_PROLOGUE),
                    c->options.identity->channel_secret, c->options.peer_channel, NULL);
    first[0] = FRAME_HANDSHAKE1;
    int rc = noise_write1(&noise, first + 1, NULL, 0, err);
    if (rc == 0)
        rc = exchange(c, span_of(first, sizeof first), &frame, &len, err);
    if (rc != 0)
        goto out;
    if (len == 2 && frame[0] == FRAME_NOTICE && frame[1] == NOTICE_BUSY) {
        rc = err_set(err, ERR_BUSY, "%s at %s is busy", c->peer, c->url);
    } else if (len == 2 && frame[0] == FRAME_NOTICE) {
        rc = err_set(err, ERR_DENIED,
                     "%s at %s does not accept our key: is this identity in its manifest, and is the "
                     "manifest's key of %s the right one?",
                     c->peer, c->url, c->peer);
    } else if (len != FRAME_HANDSHAKE2_SIZE || frame[0] != FRAME_HANDSHAKE2) {
        rc = err_set(err, ERR_VERIFY, "%s at %s does not speak Concord's protocol", c->peer, c->url);
    } else if ((rc = noise_read2(&noise, index, c->options.psk, frame + 1, len - 1, err)) != 0) {
        err_wrap(err, "%s at %s (do both have the same pre-shared key?)", c->peer, c->url);
    } else {
        memset(&c->session, 0, sizeof c->session);
        noise_split(&noise, c->session.send, c->session.receive, hash);
        c->session.index = bytes_get_u32be(index);
        c->session.born_ms = clock_monotonic_ms();
        c->has_session = true;
    }
out:
    if (frame != NULL)
        nn_freemsg(frame);
    sodium_memzero(&noise, sizeof noise);
    return rc;
}

static bool session_is_stale(const struct session *s)
{
    return s->next >= SESSION_REKEY_MESSAGES || clock_monotonic_ms() - s->born_ms > SESSION_REKEY_SECONDS * 1000u;
}

/* ERR_NOT_FOUND: the server does not know the session any more. */
static int read_answer(struct rpc_client *c, struct span frame, uint64_t counter, struct buf *reply, struct err *err)
{
    uint32_t index;
    uint64_t answered;
    if (frame.len == 2 && frame.data[0] == FRAME_NOTICE && frame.data[1] == NOTICE_BUSY)
        return err_set(err, ERR_BUSY, "%s at %s is busy", c->peer, c->url);
    if (frame.len == 2 && frame.data[0] == FRAME_NOTICE)
        return err_set(err, ERR_NOT_FOUND, "%s at %s forgot the session", c->peer, c->url);
    if (!frame_parse(frame, &index, &answered) || answered != counter)
        return err_set(err, ERR_VERIFY, "%s at %s answered with a frame that belongs to no request", c->peer, c->url);
    int rc = session_open(&c->session, frame, reply, err);
    return rc != 0 ? err_wrap(err, "%s at %s", c->peer, c->url) : 0;
}

static int try_once(struct rpc_client *c, struct span request, struct buf *reply, struct err *err)
{
    struct buf frame = buf_of(RPC_MESSAGE_MAX + FRAME_OVERHEAD);
    int rc = 0;
    for (int handshakes = 0;; handshakes++) {
        uint8_t *answer = NULL;
        size_t len = 0;
        if (c->has_session && session_is_stale(&c->session))
            c->has_session = false;
        if (!c->has_session && (rc = handshake(c, err)) != 0)
            break;
        uint64_t counter = c->session.next++;
        buf_clear(&frame);
        rc = session_seal(&c->session, counter, request, &frame, err);
        if (rc == 0)
            rc = exchange(c, buf_span(&frame), &answer, &len, err);
        if (rc != 0)
            break;
        rc = read_answer(c, span_of(answer, len), counter, reply, err);
        nn_freemsg(answer);
        if (rc != ERR_NOT_FOUND || handshakes == HANDSHAKES_MAX)
            break;
        c->has_session = false;
    }
    buf_free(&frame);
    return rc == ERR_NOT_FOUND ? err_set(err, ERR_UNREACHABLE, "%s at %s forgets every session", c->peer, c->url) : rc;
}

int rpc_call(struct rpc_client *client, struct span request, struct buf *reply, struct err *err)
{
    int rc = 0;
    if (request.len > RPC_MESSAGE_MAX)
        return err_set(err, ERR_INPUT, "a request of %zu bytes to %s is longer than %u", request.len, client->peer,
                       RPC_MESSAGE_MAX);
    for (unsigned attempt = 0; attempt < client->options.attempts && !client->cancelled; attempt++) {
        if (attempt > 0) {
            uint64_t pause = (uint64_t)BACKOFF_MS << (attempt < 7 ? attempt : 7);
            clock_sleep_ms(pause / 2 + randombytes_uniform((uint32_t)pause));
        }
        rc = try_once(client, request, reply, err);
        if ((rc != ERR_BUSY && rc != ERR_UNREACHABLE) || (!client->was_connected && attempt + 1 >= STRANGE_ATTEMPTS))
            return rc;
    }
    return client->cancelled ? unreachable(client, "was not waited for", err) : rc;
}
