#include "protocol/web/web.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TICK_MS 250
#define PEM_MAX (256u << 10)

/* A connection, as long as it is open. */
struct visitor {
    int fd;            /* -1: this place is free */
    uint64_t since_ms; /* 0: of a stream, which takes as long as it takes */
};

struct web {
    struct web_options options;
    bool tls;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    bool running;
    _Atomic bool stop;
    unsigned port;
    struct visitor visitor[WEB_CONNECTIONS]; /* the thread's */
};

/* One request. */
struct exchange {
    struct MHD_Connection *connection;
    const struct web_route *route;
    struct web_args args;
    struct buf body;
    bool too_long, waits, answered; /* by another thread */
    struct web_reply later;
};

struct web_head {
    struct exchange *exchange;
};

const char *web_header(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->head->exchange->connection, MHD_HEADER_KIND, name);
}

const char *web_query(const struct web_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->head->exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

void web_set_header(struct web_reply *reply, const char *name, const char *value)
{
    if (reply->headers == WEB_HEADERS_MAX)
        return;
    reply->header[reply->headers].name = name;
    reply->header[reply->headers++].value = value;
}

/* --- answers --- */

static const struct {
    const char *name, *value;
} usual[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
};

static bool has_header(const struct web_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->headers; i++)
        if (strcmp(reply->header[i].name, name) == 0)
            return true;
    return false;
}

static void add_headers(const struct web *w, struct MHD_Response *response, const struct web_reply *reply)
{
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (!has_header(reply, usual[i].name))
            (void)MHD_add_response_header(response, usual[i].name, usual[i].value);
    if (w->tls)
        (void)MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
    (void)MHD_add_response_header(response, "Content-Type",
                                  reply->type != NULL ? reply->type : "text/plain; charset=utf-8");
    for (size_t i = 0; i < reply->headers; i++)
        (void)MHD_add_response_header(response, reply->header[i].name, reply->header[i].value);
}

/* --- bodies that come bit by bit --- */

struct web_stream {
    pthread_mutex_t lock; /* guards what follows */
    struct MHD_Connection *connection;
    struct buf waiting;
    size_t taken; /* of its bytes */
    bool suspended, ended, gone;
};

struct web_stream *web_stream_new(const struct web_request *request)
{
    struct web_stream *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    s->connection = request->head->exchange->connection;
    s->waiting = buf_of(WEB_STREAM_MAX);
    return s;
}

static void stream_free(struct web_stream *s)
{
    pthread_mutex_destroy(&s->lock);
    buf_free(&s->waiting);
    free(s);
}

void web_stream_drop(struct web_stream *stream)
{
    stream_free(stream);
}

static void wake(struct web_stream *s)
{
    if (s->suspended)
        MHD_resume_connection(s->connection);
    s->suspended = false;
}

int web_stream_write(struct web_stream *stream, const void *data, size_t len, struct err *err)
{
    pthread_mutex_lock(&stream->lock);
    int rc = stream->gone                                 ? err_set(err, ERR_IO, "the reader has gone")
             : len > WEB_STREAM_MAX - stream->waiting.len ? err_set(err, ERR_BUSY, "the reader is too slow")
                                                          : buf_put(&stream->waiting, data, len, err);
    if (rc == 0)
        wake(stream);
    pthread_mutex_unlock(&stream->lock);
    return rc;
}

void web_stream_end(struct web_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    const bool last = stream->gone;
    stream->ended = true;
    if (!last)
        wake(stream);
    pthread_mutex_unlock(&stream->lock);
    if (last)
        stream_free(stream);
}

static ssize_t stream_read(void *context, uint64_t position, char *out, size_t max)
{
    struct web_stream *s = context;
    (void)position;
    pthread_mutex_lock(&s->lock);
    const size_t left = s->waiting.len - s->taken, n = left < max ? left : max;
    if (n > 0)
        memcpy(out, s->waiting.data + s->taken, n);
    s->taken += n;
    if (s->taken == s->waiting.len) {
        buf_clear(&s->waiting);
        s->taken = 0;
    }
    const bool over = n == 0 && s->ended;
    s->suspended = n == 0 && !s->ended;
    if (s->suspended)
        MHD_suspend_connection(s->connection);
    pthread_mutex_unlock(&s->lock);
    return over ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

static void stream_gone(void *context)
{
    struct web_stream *s = context;
    pthread_mutex_lock(&s->lock);
    const bool last = s->ended;
    s->gone = true;
    pthread_mutex_unlock(&s->lock);
    if (last)
        stream_free(s);
}

static struct MHD_Response *response_of(const struct web_reply *reply)
{
    return reply->stream != NULL
               ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 16384, stream_read, reply->stream, stream_gone)
               : MHD_create_response_from_buffer(reply->body.len, reply->body.data, MHD_RESPMEM_MUST_COPY);
}

static int descriptor_of(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static void set_visitor(struct web *w, int from, int to, uint64_t since_ms)
{
    for (size_t i = 0; i < WEB_CONNECTIONS; i++)
        if (w->visitor[i].fd == from) {
            w->visitor[i] = (struct visitor){to, since_ms};
            return;
        }
}

static enum MHD_Result send_reply(struct web *w, struct MHD_Connection *c, const struct web_reply *reply)
{
    struct MHD_Response *response = response_of(reply);
    if (response == NULL)
        return MHD_NO;
    add_headers(w, response, reply);
    if (reply->stream != NULL) {
        set_visitor(w, descriptor_of(c), descriptor_of(c), 0);
        (void)MHD_set_connection_option(c, MHD_CONNECTION_OPTION_TIMEOUT, 0u);
    }
    const enum MHD_Result sent = MHD_queue_response(c, reply->status != 0 ? reply->status : 200, response);
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result send_plain(struct web *w, struct MHD_Connection *c, unsigned status, const char *text)
{
    struct web_reply reply = {.status = status, .body = buf_of(256)};
    enum MHD_Result sent = MHD_NO;
    if (buf_printf(&reply.body, ERR_IGNORED, "%s\n", text) == 0) {
        if (status == MHD_HTTP_CONTENT_TOO_LARGE)
            web_set_header(&reply, "Connection", "close");
        sent = send_reply(w, c, &reply);
    }
    buf_free(&reply.body);
    return sent;
}

/* --- a request --- */

static bool method_fits(const struct web_route *route, const char *method)
{
    return strcmp(route->method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

/* NULL: there is none; *other: there is one of another method. */
static const struct web_route *find_route(const struct web *w, const char *method, const char *path,
                                          struct web_args *args, bool *other)
{
    *other = false;
    for (size_t i = 0; strlen(path) < WEB_PATH_MAX && i < w->options.routes; i++) {
        if (!web_path_fits(w->options.route[i].pattern, path, args))
            continue;
        if (method_fits(&w->options.route[i], method))
            return &w->options.route[i];
        *other = true;
    }
    return NULL;
}

/* What is announced is not believed, and not read if it is too long. */
static bool announces_too_much(struct MHD_Connection *c, size_t max)
{
    const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
    return length != NULL && strtoull(length, NULL, 10) > max;
}

static enum MHD_Result begin(struct web *w, struct MHD_Connection *c, const char *method, const char *path,
                             struct exchange **out)
{
    struct exchange *e = calloc(1, sizeof *e);
    bool other;
    if (e == NULL)
        return MHD_NO;
    *out = e;
    e->connection = c;
    e->route = find_route(w, method, path, &e->args, &other);
    if (e->route == NULL)
        return other ? send_plain(w, c, MHD_HTTP_METHOD_NOT_ALLOWED, "this is not done here")
                     : send_plain(w, c, MHD_HTTP_NOT_FOUND, "there is nothing here");
    if (announces_too_much(c, e->route->body_max))
        return send_plain(w, c, MHD_HTTP_CONTENT_TOO_LARGE, "this is longer than may be");
    e->body = buf_of(e->route->body_max);
    return MHD_YES;
}

/* --- answers that come later --- */

struct web_later {
    struct exchange exchange; /* of which it is the head */
};

struct web_later *web_wait(const struct web_request *request)
{
    struct exchange *e = request->head->exchange;
    e->waits = true;
    MHD_suspend_connection(e->connection);
    return (struct web_later *)e;
}

void web_answer(struct web_later *later, struct web_reply *reply)
{
    struct exchange *e = &later->exchange;
    e->later = *reply;
    for (size_t i = 0; i < reply->headers; i++)
        for (size_t own = 0; own < sizeof reply->own_value / sizeof reply->own_value[0]; own++)
            if (reply->header[i].value == reply->own_value[own])
                e->later.header[i].value = e->later.own_value[own];
    e->answered = true;
    MHD_resume_connection(e->connection);
}

static enum MHD_Result end_later(struct web *w, struct MHD_Connection *c, struct exchange *e)
{
    if (!e->answered)
        return MHD_YES;
    const enum MHD_Result sent = send_reply(w, c, &e->later);
    buf_free(&e->later.body);
    return sent;
}

static enum MHD_Result end(struct web *w, struct MHD_Connection *c, const char *method, const char *path,
                           struct exchange *e)
{
    struct web_reply reply = {.body = buf_of(WEB_REPLY_MAX)};
    const struct web_head head = {e};
    const struct web_request request = {method, path, e->args, buf_span(&e->body), e->route->own, &head};
    struct err err;
    enum MHD_Result sent;
    if (e->too_long)
        return send_plain(w, c, MHD_HTTP_CONTENT_TOO_LARGE, "this is longer than may be");
    if (e->waits)
        return end_later(w, c, e);
    void *context = e->route->context != NULL ? e->route->context : w->options.context;
    const int rc = e->route->handle(context, &request, &reply, &err);
    if (e->waits) {
        sent = MHD_YES;
    } else if (rc == 0) {
        sent = send_reply(w, c, &reply);
    } else {
        log_event(LOG_ERROR, "web-failed", "route=%s reason=\"%s\"", e->route->pattern, err.text);
        sent = send_plain(w, c, MHD_HTTP_INTERNAL_SERVER_ERROR, "it failed; the log says why");
    }
    sodium_memzero(reply.own_value, sizeof reply.own_value);
    buf_free(&reply.body);
    return sent;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *c, const char *path, const char *method,
                                  const char *version, const char *data, size_t *len, void **state)
{
    struct web *w = context;
    struct exchange *e = *state;
    (void)version;
    if (e == NULL) {
        const enum MHD_Result begun = begin(w, c, method, path, &e);
        *state = e;
        return begun;
    }
    if (*len == 0)
        return end(w, c, method, path, e);
    if (!e->too_long)
        e->too_long = buf_put(&e->body, data, *len, ERR_IGNORED) != 0;
    *len = 0;
    return MHD_YES;
}

/* A request has WEB_REQUEST_MS from the end of the last one. */
static void on_completed(void *context, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode code)
{
    struct exchange *e = *state;
    const int fd = descriptor_of(c);
    (void)code;
    if (e != NULL)
        buf_free(&e->body);
    free(e);
    *state = NULL;
    if (fd >= 0)
        set_visitor(context, fd, fd, clock_monotonic_ms());
}

static void on_connection(void *context, struct MHD_Connection *c, void **state,
                          enum MHD_ConnectionNotificationCode code)
{
    const int fd = descriptor_of(c);
    (void)state;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        set_visitor(context, -1, fd, clock_monotonic_ms());
    else
        set_visitor(context, fd, -1, 0);
}

/* libmicrohttpd prints its complaints about strangers' requests unless somebody takes them. */
static void on_complaint(void *context, const char *format, va_list args)
{
    (void)context;
    (void)format;
    (void)args;
}

/* --- the thread --- */

static void end_slow(struct web *w)
{
    const uint64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < WEB_CONNECTIONS; i++)
        if (w->visitor[i].fd >= 0 && w->visitor[i].since_ms != 0 && now - w->visitor[i].since_ms > WEB_REQUEST_MS)
            (void)shutdown(w->visitor[i].fd, SHUT_RDWR);
}

static void *web_main(void *context)
{
    struct web *w = context;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd watched = {.fd = info->epoll_fd, .events = POLLIN};
    uint64_t next = 0;
    while (!w->stop) {
        MHD_UNSIGNED_LONG_LONG wait_ms;
        if (MHD_get_timeout(w->daemon, &wait_ms) != MHD_YES || wait_ms > TICK_MS)
            wait_ms = TICK_MS;
        (void)poll(&watched, 1, (int)wait_ms);
        (void)MHD_run(w->daemon);
        if (clock_monotonic_ms() >= next) {
            end_slow(w);
            next = clock_monotonic_ms() + TICK_MS;
        }
    }
    return NULL;
}

/* --- opening and closing --- */

static int parse_port(uint16_t *out, const char *text)
{
    char *end;
    const unsigned long port = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || port > 65535)
        return -1;
    *out = htons((uint16_t)port);
    return 0;
}

static int parse_listen(struct sockaddr_storage *out, const char *listen, struct err *err)
{
    char host[64] = "";
    const char *colon = strrchr(listen, ':');
    const bool six = listen[0] == '[';
    const size_t len = colon == NULL ? 0 : (size_t)(colon - listen);
    struct sockaddr_in *in = (struct sockaddr_in *)out;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    out->ss_family = six ? AF_INET6 : AF_INET;
    bool good = len > (six ? 2u : 0u) && len < sizeof host && (!six || listen[len - 1] == ']');
    if (good)
        memcpy(host, six ? listen + 1 : listen, six ? len - 2 : len);
    good = good && parse_port(six ? &in6->sin6_port : &in->sin_port, colon + 1) == 0;
    good = good && inet_pton(out->ss_family, host, six ? (void *)&in6->sin6_addr : (void *)&in->sin_addr) == 1;
    return good ? 0
                : err_set(
                      err, ERR_USAGE,
                      "%s is no place to listen: write ADDRESS:PORT, like 127.0.0.1:9464 or [::1]:9464, or unix:PATH",
                      listen);
}

#define UNIX "unix:"

static bool is_unix(const char *listen)
{
    return strncmp(listen, UNIX, strlen(UNIX)) == 0;
}

/* A socket that was left behind is in the way; one at which somebody listens is not ours to remove. */
static int remove_left(const struct sockaddr_un *at, struct err *err)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0)
        return 0;
    const int fd = S_ISSOCK(st.st_mode) ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    const bool used = fd < 0 || connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;
    if (fd >= 0)
        close(fd);
    if (used || unlink(at->sun_path) != 0)
        return err_set(err, ERR_IO, "cannot listen at %s: it is in use, or no socket", at->sun_path);
    return 0;
}

static int listen_unix(int *out, const char *path, struct err *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (path[0] == '\0' || strlen(path) >= sizeof at.sun_path)
        return err_set(err, ERR_USAGE, "%s is no place for a socket: its path has 1 to %zu bytes", path,
                       sizeof at.sun_path - 1);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    int rc = remove_left(&at, err);
    if (rc != 0)
        return rc;
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const mode_t before = umask(0117);
    const bool bound = *out >= 0 && bind(*out, (const struct sockaddr *)&at, sizeof at) == 0;
    umask(before);
    if (bound && listen(*out, WEB_CONNECTIONS) == 0)
        return 0;
    rc = err_errno(err, "cannot listen at %s", path);
    if (*out >= 0)
        close(*out);
    return rc;
}

/* PEM, as text; "" for a path: none. */
struct pems {
    struct buf certificate, key;
};

static int start_daemon(struct web *w, const struct sockaddr_storage *at, int listening, const struct pems *pems,
                        struct err *err)
{
    const struct web_options *o = &w->options;
    const bool tls = w->tls;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_CONNECTION_LIMIT, WEB_CONNECTIONS, NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, WEB_CONNECTIONS_ADDRESS, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, WEB_IDLE_SECONDS, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, WEB_MEMORY, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, w},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, w},
        {listening >= 0 ? MHD_OPTION_LISTEN_SOCKET : MHD_OPTION_SOCK_ADDR, listening,
         listening >= 0 ? NULL : (void *)(uintptr_t)at},
        {tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, pems->certificate.data},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, pems->key.data},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t) "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    errno = 0;
    w->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                                     (at->ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u) | (tls ? MHD_USE_TLS : 0u),
                                 0, NULL, NULL, on_request, w, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, NULL,
                                 MHD_OPTION_ARRAY, items, MHD_OPTION_END);
    if (w->daemon == NULL)
        return err_set(err, ERR_IO, "cannot serve HTTP%s on %s: %s", tls ? "S" : "", o->listen,
                       errno != 0 ? strerror(errno) : "certificate and key are of no use");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_BIND_PORT);
    w->port = listening < 0 && info != NULL ? info->port : 0;
    return 0;
}

static int read_pem(struct buf *out, const char *path, struct err *err)
{
    int rc = file_read(out, path, err);
    return rc == 0 ? buf_put(out, "", 1, err) : rc;
}

static int read_pems(struct pems *out, struct web *w, struct err *err)
{
    const char *certificate = w->options.certificate, *key = w->options.key;
    *out = (struct pems){buf_of(PEM_MAX), buf_of(PEM_MAX)};
    w->tls = certificate != NULL && certificate[0] != '\0';
    if (w->tls != (key != NULL && key[0] != '\0'))
        return err_set(err, ERR_USAGE, "a certificate and its key go together");
    int rc = w->tls ? file_refuse_readable(key, err) : 0;
    if (rc == 0 && w->tls)
        rc = read_pem(&out->certificate, certificate, err);
    if (rc == 0 && w->tls)
        rc = read_pem(&out->key, key, err);
    return rc;
}

/* The server keeps what it needs of them. */
static void free_pems(struct pems *pems)
{
    if (pems->key.data != NULL)
        sodium_memzero(pems->key.data, pems->key.len);
    buf_free(&pems->certificate);
    buf_free(&pems->key);
}

int web_open(struct web **out, const struct web_options *options, struct err *err)
{
    struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
    int listening = -1, rc = is_unix(options->listen) ? listen_unix(&listening, options->listen + strlen(UNIX), err)
                                                      : parse_listen(&at, options->listen, err);
    struct web *w = rc == 0 ? calloc(1, sizeof *w) : NULL;
    if (rc == 0 && w == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for a web server");
    if (rc != 0) {
        if (listening >= 0)
            close(listening);
        return rc;
    }
    w->options = *options;
    for (size_t i = 0; i < WEB_CONNECTIONS; i++)
        w->visitor[i].fd = -1;
    struct pems pems;
    rc = read_pems(&pems, w, err);
    if (rc == 0)
        rc = start_daemon(w, &at, listening, &pems, err);
    free_pems(&pems);
    if (rc != 0 && listening >= 0)
        close(listening);
    if (rc == 0 && pthread_create(&w->thread, NULL, web_main, w) != 0)
        rc = err_set(err, ERR_IO, "cannot start a thread");
    w->running = rc == 0;
    if (rc != 0)
        web_close(w);
    else
        *out = w;
    return rc;
}

void web_close(struct web *web)
{
    if (web == NULL)
        return;
    web->stop = true;
    if (web->running)
        pthread_join(web->thread, NULL);
    if (web->daemon != NULL)
        MHD_stop_daemon(web->daemon);
    free(web);
}

int web_dial(const char *listen)
{
    struct sockaddr_storage at;
    if (parse_listen(&at, listen, ERR_IGNORED) != 0)
        return -1;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const socklen_t len = at.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&at, len) == 0)
        return fd;
    close(fd);
    return -1;
}

unsigned web_port(const struct web *web)
{
    return web->port;
}
