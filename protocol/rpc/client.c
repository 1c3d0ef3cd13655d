#include "protocol/base/clock.h"
#include "protocol/channel/session.h"
#include "protocol/rpc/clocks.h"
#include "protocol/rpc/rpc.h"
#include "protocol/sp/dial.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT_MS 10000
#define ATTEMPTS_DEFAULT 4
#define CONNECT_MS 1500    /* without a connection for so long, the peer counts as unreachable */
#define REFUSALS_MAX 3     /* at a peer that never had a connection */
#define REFUSED_MS 100     /* between two of them */
#define STRANGE_ATTEMPTS 2 /* at a peer that refused connections and never had one: it is not running */
#define BACKOFF_MS 100     /* doubled each time, with jitter */
#define UNHEARD_MAX 2      /* in one call: connections on which a handshake was not answered */
#define BEGINNINGS_MAX 3   /* in one call: a peer that forgets every session is not worth more */

struct rpc_client {
    struct rpc_client_options options;
    char url[256], peer[PARTY_NAME_MAX + 1];
    struct dial dial;
    struct buf answer;
    bool has_session, was_connected;
    bool shown; /* on this connection, our key has been */
    unsigned unheard;
    struct session session;
};

int rpc_client_open(struct rpc_client **out, const struct rpc_client_options *options, struct err *err)
{
    struct rpc_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a connection");
    int rc = dial_init(&c->dial, err);
    if (rc != 0) {
        free(c);
        return rc;
    }
    c->options = *options;
    c->answer = buf_of(RPC_MESSAGE_MAX + FRAME_OVERHEAD);
    snprintf(c->url, sizeof c->url, "%s", options->url);
    snprintf(c->peer, sizeof c->peer, "%s", options->peer_name);
    if (c->options.timeout_ms == 0)
        c->options.timeout_ms = TIMEOUT_DEFAULT_MS;
    if (c->options.attempts == 0)
        c->options.attempts = ATTEMPTS_DEFAULT;
    *out = c;
    return 0;
}

static void forget_session(struct rpc_client *c)
{
    c->has_session = false;
    sodium_memzero(&c->session, sizeof c->session);
}

void rpc_client_close(struct rpc_client *client)
{
    if (client == NULL)
        return;
    dial_free(&client->dial);
    buf_free(&client->answer);
    sodium_memzero(client, sizeof *client);
    free(client);
}

void rpc_client_cancel(struct rpc_client *client)
{
    dial_cancel(&client->dial);
}

static int unreachable(const struct rpc_client *c, const char *why, struct err *err)
{
    return err_set(err, ERR_UNREACHABLE, "%s at %s %s", c->peer, c->url, why);
}

/*
 * A peer that was connected before may be starting anew and is waited for; one that refuses from the beginning is not
 * running, and nobody should have to wait to be told so.
 */
static int connect_peer(struct rpc_client *c, struct err *err)
{
    const uint64_t deadline = clock_monotonic_ms() + CONNECT_MS;
    struct err why;
    bool refused = false;
    if (c->dial.fd >= 0)
        return 0;
    forget_session(c);
    c->shown = false;
    for (int refusals = 1;; refusals++) {
        int rc = dial_connect(&c->dial, c->url, deadline, &refused, &why);
        if (rc == 0) {
            c->was_connected = true;
            return 0;
        }
        if (rc != ERR_UNREACHABLE)
            return err_set(err, (enum err_code)rc, "%s at %s: %s", c->peer, c->url, why.text);
        if (c->dial.cancelled || !refused || clock_monotonic_ms() + REFUSED_MS >= deadline ||
            (!c->was_connected && refusals >= REFUSALS_MAX))
            return unreachable(c, refused ? "cannot be reached: is it running?" : why.text, err);
        clock_sleep_ms(REFUSED_MS);
    }
}

/* One frame there and one back, into answer. ERR_NOT_FOUND: the connection ended meanwhile. */
static int exchange(struct rpc_client *c, struct span out, size_t limit, uint64_t timeout_ms, struct err *err)
{
    struct err why;
    int rc = connect_peer(c, err);
    if (rc != 0)
        return rc;
    rc = dial_exchange(&c->dial, out, limit, clock_monotonic_ms() + timeout_ms, &c->answer, &why);
    if (rc != 0)
        forget_session(c);
    return rc == 0 ? 0 : err_set(err, (enum err_code)rc, "%s at %s %s", c->peer, c->url, why.text);
}

static bool is_notice(const struct rpc_client *c, enum frame_notice notice)
{
    return c->answer.len == 2 && c->answer.data[0] == FRAME_NOTICE && c->answer.data[1] == notice;
}

static int handshake(struct rpc_client *c, struct err *err)
{
    struct noise noise;
    uint8_t first[FRAME_HANDSHAKE1_SIZE], hello[FRAME_HELLO2_SIZE], hash[NOISE_HASH];
    const struct buf *answer = &c->answer;
    noise_initiator(&noise, NOISE_IKPSK2, SESSION_PROLOGUE, strlen(SESSION_PROLOGUE),
                    c->options.identity->channel_secret, c->options.peer_channel, NULL);
    first[0] = FRAME_HANDSHAKE1;
    bytes_put_u64be(hello, clock_now());
    int rc = noise_write1(&noise, first + 1, hello, FRAME_HELLO1_SIZE, err);
    if (rc == 0)
        rc = exchange(c, span_of(first, sizeof first), FRAME_HANDSHAKE2_SIZE,
                      c->options.timeout_ms < RPC_HANDSHAKE_MS ? c->options.timeout_ms : RPC_HANDSHAKE_MS, err);
    c->unheard += rc == ERR_UNREACHABLE;
    if (rc != 0)
        goto out;
    if (is_notice(c, NOTICE_BUSY)) {
        rc = err_set(err, ERR_BUSY, "%s at %s is busy", c->peer, c->url);
    } else if (is_notice(c, NOTICE_DENIED)) {
        rc = err_set(err, ERR_DENIED,
                     "%s at %s does not accept our key: is this identity in its manifest, and is the "
                     "manifest's key of %s the right one?",
                     c->peer, c->url, c->peer);
    } else if (answer->len != FRAME_HANDSHAKE2_SIZE || answer->data[0] != FRAME_HANDSHAKE2) {
        rc = err_set(err, ERR_VERIFY, "%s at %s does not speak Concord's protocol", c->peer, c->url);
    } else if ((rc = noise_read2(&noise, hello, c->options.psk, answer->data + 1, answer->len - 1, err)) != 0) {
        err_wrap(err, "%s at %s (do both have the same pre-shared key?)", c->peer, c->url);
    } else {
        memset(&c->session, 0, sizeof c->session);
        noise_split(&noise, c->session.send, c->session.receive, hash);
        c->session.index = bytes_get_u32be(hello);
        c->session.born_ms = clock_monotonic_ms();
        c->has_session = true;
        clocks_say(c->peer, clocks_ahead(bytes_get_u64be(hello + 4)));
    }
out:
    sodium_memzero(&noise, sizeof noise);
    return rc;
}

static bool session_is_stale(const struct session *s)
{
    return s->next >= SESSION_REKEY_MESSAGES || clock_monotonic_ms() - s->born_ms > SESSION_REKEY_SECONDS * 1000u;
}

/* ERR_NOT_FOUND: the server does not know the session any more. */
static int read_answer(struct rpc_client *c, uint64_t counter, struct buf *reply, struct err *err)
{
    uint32_t index;
    uint64_t answered;
    if (is_notice(c, NOTICE_BUSY))
        return err_set(err, ERR_BUSY, "%s at %s is busy", c->peer, c->url);
    if (is_notice(c, NOTICE_TOO_LONG))
        return err_set(err, ERR_INPUT, "%s at %s does not take so long a request", c->peer, c->url);
    if (c->answer.len == 2 && c->answer.data[0] == FRAME_NOTICE)
        return err_set(err, ERR_NOT_FOUND, "%s at %s forgot the session", c->peer, c->url);
    if (!frame_parse(buf_span(&c->answer), &index, &answered) || answered != counter)
        return err_set(err, ERR_VERIFY, "%s at %s answered with a frame that belongs to no request", c->peer, c->url);
    int rc = session_open(&c->session, buf_span(&c->answer), reply, err);
    if (rc != 0)
        return err_wrap(err, "%s at %s", c->peer, c->url);
    c->shown = true;
    return 0;
}

static int ask(struct rpc_client *c, struct span request, struct buf *reply, struct err *err)
{
    struct buf frame = buf_of(RPC_MESSAGE_MAX + FRAME_OVERHEAD);
    const uint64_t counter = c->session.next++;
    int rc = session_seal(&c->session, counter, request, &frame, err);
    if (rc == 0)
        rc = exchange(c, buf_span(&frame), RPC_MESSAGE_MAX + FRAME_OVERHEAD, c->options.timeout_ms, err);
    if (rc == 0)
        rc = read_answer(c, counter, reply, err);
    buf_free(&frame);
    return rc;
}

static int begin(struct rpc_client *c, size_t len, struct err *err)
{
    struct buf nothing = buf_of(1);
    if (c->has_session && session_is_stale(&c->session))
        forget_session(c);
    int rc = c->has_session && c->dial.fd >= 0 ? 0 : handshake(c, err);
    if (rc == 0 && !c->shown && len > RPC_FIRST_MAX)
        rc = ask(c, span_of(NULL, 0), &nothing, err);
    buf_free(&nothing);
    return rc;
}

static int try_once(struct rpc_client *c, struct span request, struct buf *reply, struct err *err)
{
    for (int beginnings = 0;; beginnings++) {
        int rc = begin(c, request.len, err);
        if (rc == 0)
            rc = ask(c, request, reply, err);
        if (rc != ERR_NOT_FOUND)
            return rc;
        if (beginnings == BEGINNINGS_MAX)
            return (int)(err->code = ERR_UNREACHABLE);
        forget_session(c);
    }
}

int rpc_call(struct rpc_client *client, struct span request, struct buf *reply, struct err *err)
{
    int rc = 0;
    if (request.len > RPC_MESSAGE_MAX)
        return err_set(err, ERR_INPUT, "a request of %zu bytes to %s is longer than %u", request.len, client->peer,
                       RPC_MESSAGE_MAX);
    client->unheard = 0;
    for (unsigned attempt = 0; attempt < client->options.attempts && !client->dial.cancelled; attempt++) {
        if (attempt > 0) {
            uint64_t pause = (uint64_t)BACKOFF_MS << (attempt < 7 ? attempt : 7);
            clock_sleep_ms(pause / 2 + randombytes_uniform((uint32_t)pause));
        }
        rc = try_once(client, request, reply, err);
        if ((rc != ERR_BUSY && rc != ERR_UNREACHABLE) || client->unheard >= UNHEARD_MAX ||
            (!client->was_connected && attempt + 1 >= STRANGE_ATTEMPTS))
            return rc;
    }
    return client->dial.cancelled ? unreachable(client, "was not waited for", err) : rc;
}
