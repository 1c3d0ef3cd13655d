/*
 * A small server of HTTP on libmicrohttpd: a table of routes, and limits on what a stranger may cost. It reads no file
 * and knows none: every byte of an answer is a handler's. One thread; handlers must not wait long.
 *
 *   connections  WEB_CONNECTIONS at most, WEB_CONNECTIONS_ADDRESS of one address; what is beyond is closed at once
 *   time         WEB_IDLE_SECONDS without a byte, WEB_REQUEST_MS for a whole request: closed
 *   memory       WEB_MEMORY a connection for its head; a body only where a route takes one, and no longer than it says
 *
 * So strangers have WEB_CONNECTIONS * (WEB_MEMORY + the longest body of a route) bytes between them. Answers carry what
 * tells browsers to trust nothing: no sniffing, no frames, no script but what a handler allows, nothing kept.
 */
#ifndef PROTOCOL_WEB_WEB_H
#define PROTOCOL_WEB_WEB_H

#include "protocol/base/buf.h"
#include "protocol/web/path.h"

#define WEB_CONNECTIONS 64
#define WEB_CONNECTIONS_ADDRESS 32
#define WEB_IDLE_SECONDS 5
#define WEB_REQUEST_MS 10000
#define WEB_MEMORY 16384u
#define WEB_HEADERS_MAX 8
#define WEB_REPLY_MAX (16u << 20) /* bytes */
#define WEB_OWN_VALUE_MAX 512     /* bytes of a header's value with its terminating NUL */

struct web;
struct web_head; /* of a request */

struct web_request {
    const char *method, *path;
    struct web_args args;        /* what stands for each "*" of the route's pattern */
    struct span body;            /* borrowed */
    const void *own;             /* the route's */
    const struct web_head *head; /* web_header(), web_query() */
};

/* The value of a header, or of a parameter behind the "?", or NULL; borrowed until the handler returns. */
const char *web_header(const struct web_request *request, const char *name);
const char *web_query(const struct web_request *request, const char *name);

struct web_reply {
    unsigned status;           /* 200 unless set */
    const char *type;          /* "text/plain; charset=utf-8" unless set */
    struct buf body;           /* buf_of(WEB_REPLY_MAX) */
    struct web_stream *stream; /* in place of the body; NULL: none */
    struct {
        const char *name, *value; /* literals, or as long-lived as the server; a name that is set already replaces it */
    } header[WEB_HEADERS_MAX];
    size_t headers;
    char own_value[2]
                  [WEB_OWN_VALUE_MAX]; /* room for values that only this reply has; secret ones are wiped behind it */
};

/* Adds a header; more than WEB_HEADERS_MAX are left out. */
void web_set_header(struct web_reply *reply, const char *name, const char *value);

/*
 * A handler that has to wait for something takes its request with it, and returns 0 without an answer; who has it
 * answers later, once, from any thread, and before web_close(). NULL: out of memory. The reply is copied, its body goes
 * over.
 */
struct web_later;
struct web_later *web_wait(const struct web_request *request);
void web_answer(struct web_later *later, struct web_reply *reply);

/*
 * A body that comes bit by bit: a handler puts it into its reply (reply->stream). What is written is kept until the
 * reader takes it, WEB_STREAM_MAX bytes at most. ERR_IO: the reader has gone; ERR_BUSY: it is too slow. Ended once, by
 * whoever writes, before web_close().
 */
#define WEB_STREAM_MAX (1u << 20)
struct web_stream;
struct web_stream *web_stream_new(const struct web_request *request);
int web_stream_write(struct web_stream *stream, const void *data, size_t len, struct err *err);
void web_stream_end(struct web_stream *stream);
void web_stream_drop(struct web_stream *stream); /* in place of all that: no reply has it */

/* Rows leave out the last members where they are NULL. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct web_route {
    const char *method;  /* "GET": answers HEAD, too */
    const char *pattern; /* web_path_fits() */
    size_t body_max;     /* bytes; 0: it takes none */
    /* Fills reply. A failure is logged and answered with 500, without its text. */
    int (*handle)(void *context, const struct web_request *request, struct web_reply *reply, struct err *err);
    const void *own; /* the handler finds it in the request */
    void *context;   /* in place of the server's; NULL: that */
};

struct web_options {
    /*
     * ADDRESS:PORT, ADDRESS a literal one, IPv6 in brackets, port 0: any that is free; or unix:PATH, a socket for its
     * owner and group, in the place of one that nobody listens at.
     */
    const char *listen;
    const struct web_route *route; /* borrowed */
    size_t routes;
    void *context;
    /* Paths of PEM files: TLS 1.2 or later; both or none ("" or NULL). Others may not read that of the key. */
    const char *certificate, *key;
};

/*
 * Binds and starts. ERR_USAGE: not such an address, or a certificate without a key; ERR_IO: it cannot listen there, or
 * the files are of no use; ERR_DENIED: others can read the key.
 */
int web_open(struct web **out, const struct web_options *options, struct err *err);
void web_close(struct web *web); /* NULL is fine */

/* A connection to a server that listens there; -1: it does not. */
int web_dial(const char *listen);

unsigned web_port(const struct web *web); /* 0 of a Unix socket */

#endif
