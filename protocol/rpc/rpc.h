/*
 * Requests and replies between two named parties over nanomsg's wire (sp/), every frame inside a Noise session
 * (channel/).
 *
 * Server: the gate's thread, a bounded queue of requests and one of handshakes, a pool of workers that call the
 * handler. A full queue answers "busy"; of it no key has more than a quarter, and beyond four it waits apart. A reply
 * may be given later, from any thread. Client: one connection and one request in flight; open several for parallel
 * batches. A request may arrive twice, since the client retries, in a new session if need be: handlers are idempotent
 * by the request id inside the message (wire/). The first request on a connection is at most RPC_FIRST_MAX bytes;
 * before a longer one the client sends an empty one, which the server answers itself, so that nobody who has shown no
 * key can make it keep more.
 */
#ifndef PROTOCOL_RPC_RPC_H
#define PROTOCOL_RPC_RPC_H

#include "protocol/base/buf.h"
#include "protocol/identity/identity.h"

#include <stdbool.h>

#define RPC_MESSAGE_MAX (3u << 20) /* plaintext of a request or reply, bytes */
#define RPC_FIRST_MAX 4000u        /* of the first request on a connection */
#define RPC_HANDSHAKE_MS 5000u     /* a server answers a handshake at once; a client waits no longer for that, twice */

/* --- server --- */

struct rpc_server;
struct rpc_request; /* one request being answered; ends with rpc_reply() or rpc_drop() */

struct rpc_server_options {
    const char *url;                 /* tcp://127.0.0.1:7000: a literal address or *; or ipc://PATH */
    const struct identity *identity; /* borrowed for the life of the server */
    /*
     * Is this channel key a peer? Fills name (its party name) and psk. Called by several threads at once.
     * ERR_DENIED for a stranger.
     */
    int (*authorise)(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                     struct err *err);
    /* Called by the workers. Must end the request, now or later. */
    void (*handle)(void *context, struct rpc_request *request);
    void *context;
    unsigned workers; /* 0: one per processor */
    unsigned queue;   /* requests waiting at most; 0: 256 */
};

/* Binds and starts. ERR_IO names the url and the reason (port taken, ...). */
int rpc_server_start(struct rpc_server **out, const struct rpc_server_options *options, struct err *err);

/* ERR_IO once the server cannot accept any more: it will not recover, and whoever runs it must end. */
int rpc_server_check(const struct rpc_server *server, struct err *err);

/* Requests that wait for a worker, and how many may. */
void rpc_server_queue(struct rpc_server *server, size_t *waiting, size_t *most);

/*
 * Asks authorise() again about every session and ends those of keys that are no peer's any more: after another manifest
 * came into force.
 */
void rpc_server_review(struct rpc_server *server);

/*
 * Takes no new requests, answers "busy" to those that wait, lets the handlers end, joins the threads. Requests that are
 * still held can be answered after.
 */
void rpc_server_drain(struct rpc_server *server);

/* Drains, closes the socket, frees. Every request must have been ended by then. */
void rpc_server_stop(struct rpc_server *server);

const char *rpc_request_peer(const struct rpc_request *request);           /* the authenticated party's name */
const uint8_t *rpc_request_channel(const struct rpc_request *request);     /* its channel key, 32 bytes */
struct span rpc_request_body(const struct rpc_request *request);           /* valid until the request ends */
uint64_t rpc_request_age_us(const struct rpc_request *request);            /* since it came */
void rpc_reply(struct rpc_request *request, const void *body, size_t len); /* ends the request */
void rpc_drop(struct rpc_request *request);                                /* ends it without an answer */

/* --- client --- */

struct rpc_client;

struct rpc_client_options {
    const char *url;
    const struct identity *identity; /* borrowed */
    const char *peer_name;           /* for error messages */
    uint8_t peer_channel[32];        /* pinned in the manifest */
    uint8_t psk[32];
    uint64_t timeout_ms; /* for one attempt; 0: 10,000 */
    unsigned attempts;   /* 0: 4; back-off with jitter between them */
};

/* Allocates; connects at the first call, so a peer that is down is no error here. */
int rpc_client_open(struct rpc_client **out, const struct rpc_client_options *options, struct err *err);
void rpc_client_close(struct rpc_client *client);

/*
 * Sends request, appends the reply to *reply. Handshakes, rekeys, retries and backs off as needed.
 * ERR_UNREACHABLE names peer and url; ERR_BUSY if the peer stayed busy; ERR_DENIED if it does not know us.
 * Not thread-safe: one client, one thread at a time; rpc_client_cancel() may be called from another.
 */
int rpc_call(struct rpc_client *client, struct span request, struct buf *reply, struct err *err);

/* Makes a call in progress, and every later one, end with ERR_UNREACHABLE soon. For shutting down. */
void rpc_client_cancel(struct rpc_client *client);

#endif
