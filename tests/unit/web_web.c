/* The server of HTTP: routes, what a stranger may send, how long and how much; TLS. */
#include "protocol/base/clock.h"
#include "protocol/web/web.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BODY_MAX 100

static struct web *web;

static int hello(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    const char *name = web_query(request, "name"), *host = web_header(request, "Host");
    return buf_printf(&reply->body, err, "%s %s %s", (const char *)context, name != NULL ? name : "-",
                      host != NULL ? host : "-");
}

static int item(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    (void)context;
    reply->status = 201;
    reply->type = "application/json";
    reply->header[reply->headers].name = "Cache-Control";
    reply->header[reply->headers++].value = "max-age=1";
    return buf_printf(&reply->body, err, "%s|%s|%zu", request->args.text[0], request->args.text[1], request->body.len);
}

static int broken(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    (void)context;
    (void)request;
    (void)reply;
    return err_set(err, ERR_IO, "the secret reason");
}

/* Another thread answers, soon or at once. */
static pthread_t answerer;
static useconds_t pause_us;

static void *answer_later(void *context)
{
    struct web_reply reply = {.status = 202, .body = buf_of(64)};
    usleep(pause_us);
    (void)buf_put(&reply.body, "later", 5, ERR_IGNORED);
    snprintf(reply.own_value[1], sizeof reply.own_value[1], "of-its-own");
    web_set_header(&reply, "X-Own", reply.own_value[1]);
    web_answer(context, &reply);
    memset(&reply, 0x5a, sizeof reply); /* the caller's, again */
    return NULL;
}

static int later(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    (void)context;
    (void)reply;
    struct web_later *taken = web_wait(request);
    return pthread_create(&answerer, NULL, answer_later, taken) == 0 ? 0 : err_set(err, ERR_IO, "no thread");
}

/* Three lines, with time between them; what is too much is refused. */
static int refused, gone;

static void *write_lines(void *context)
{
    static char much[WEB_STREAM_MAX + 1];
    for (int i = 0; i < 3; i++) {
        usleep(20000);
        gone = web_stream_write(context, "line\n", 5, ERR_IGNORED);
    }
    refused = web_stream_write(context, much, sizeof much, ERR_IGNORED);
    web_stream_end(context);
    return NULL;
}

static int lines(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    (void)context;
    reply->stream = web_stream_new(request);
    reply->type = "application/x-ndjson";
    return pthread_create(&answerer, NULL, write_lines, reply->stream) == 0 ? 0 : err_set(err, ERR_IO, "no thread");
}

static const struct web_route routes[] = {
    {"GET", "/hello", 0, hello},   {"POST", "/items/*/parts/*", BODY_MAX, item},
    {"GET", "/broken", 0, broken}, {"POST", "/later", BODY_MAX, later},
    {"GET", "/lines", 0, lines},
};

static int dial(void)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)web_port(web)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* What comes until the server closes, or nothing more fits. */
static const char *read_all(int fd)
{
    static char text[1 << 16];
    size_t len = 0;
    ssize_t got;
    while (len < sizeof text - 1 && (got = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0)
        len += (size_t)got;
    text[len] = '\0';
    return text;
}

static const char *ask(const char *request)
{
    int fd = dial();
    (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
    const char *text = read_all(fd);
    close(fd);
    return text;
}

static int status_of(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 || strncmp(answer, "HTTP/1.0 ", 9) == 0 ? atoi(answer + 9) : 0;
}

#define HEAD " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"

static void test_later(void **state)
{
    (void)state;
    for (pause_us = 0; pause_us <= 50000; pause_us += 50000) {
        const char *a = ask("POST /later" HEAD "Content-Length: 3\r\n\r\nabc");
        pthread_join(answerer, NULL);
        assert_int_equal(status_of(a), 202);
        assert_non_null(strstr(a, "\r\n\r\nlater"));
        assert_non_null(strstr(a, "X-Own: of-its-own\r\n"));
    }
    int fd = dial(); /* who does not wait for it harms nobody */
    (void)send(fd, "POST /later" HEAD "Content-Length: 0\r\n\r\n", 61, MSG_NOSIGNAL);
    usleep(20000);
    close(fd);
    pthread_join(answerer, NULL);
    assert_int_equal(status_of(ask("GET /hello" HEAD "\r\n")), 200);
}

static void test_stream(void **state)
{
    (void)state;
    const char *a = ask("GET /lines HTTP/1.0\r\nHost: h\r\n\r\n");
    pthread_join(answerer, NULL);
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "application/x-ndjson"));
    assert_non_null(strstr(a, "\r\n\r\nline\nline\nline\n"));
    assert_int_equal(refused, ERR_BUSY);
    a = ask("GET /lines" HEAD "\r\n");
    pthread_join(answerer, NULL);
    assert_non_null(strstr(a, "line\n"));
    assert_non_null(strstr(a, "\r\n0\r\n")); /* the last chunk */
}

static void test_routes(void **state)
{
    (void)state;
    const char *a = ask("GET /hello?name=a%20b" HEAD "\r\n");
    assert_int_equal(status_of(a), 200);
    assert_non_null(strstr(a, "\r\n\r\ncontext a b h"));
    assert_non_null(strstr(a, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strstr(a, "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(a, "Cache-Control: no-store\r\n"));
    assert_null(strstr(a, "Strict-Transport-Security"));
    a = ask("POST /items/7/parts/x%2f.y" HEAD "Content-Length: 3\r\n\r\nabc");
    assert_int_equal(status_of(a), 404); /* a slash stays one, however it is written */
    a = ask("POST /items/7/parts/x.y" HEAD "Content-Length: 3\r\n\r\nabc");
    assert_int_equal(status_of(a), 201);
    assert_non_null(strstr(a, "\r\n\r\n7|x.y|3"));
    assert_non_null(strstr(a, "Cache-Control: max-age=1\r\n"));
    assert_null(strstr(a, "no-store"));
    a = ask("HEAD /hello" HEAD "\r\n");
    assert_int_equal(status_of(a), 200);
    assert_null(strstr(a, "context"));
    assert_int_equal(status_of(ask("POST /hello" HEAD "Content-Length: 0\r\n\r\n")), 405);
    assert_int_equal(status_of(ask("GET /items/7/parts/x" HEAD "\r\n")), 405);
    assert_int_equal(status_of(ask("GET /nothing" HEAD "\r\n")), 404);
    assert_int_equal(status_of(ask("GET /hello/../broken" HEAD "\r\n")), 404);
    a = ask("GET /broken" HEAD "\r\n");
    assert_int_equal(status_of(a), 500);
    assert_null(strstr(a, "secret"));
}

static void test_too_long(void **state)
{
    static char text[1 << 20];
    (void)state;
    assert_int_equal(status_of(ask("POST /items/7/parts/x" HEAD "Content-Length: 101\r\n\r\n")), 413);
    assert_int_equal(status_of(ask("POST /items/7/parts/x" HEAD "Content-Length: 99999999999999999999\r\n\r\n")) / 100,
                     4);
    assert_int_equal(status_of(ask("GET /hello" HEAD "Content-Length: 1\r\n\r\nx")), 413);
    size_t len = (size_t)sprintf(text, "POST /items/7/parts/x" HEAD "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 30; i++)
        len += (size_t)sprintf(text + len, "5\r\nabcde\r\n");
    sprintf(text + len, "0\r\n\r\n");
    assert_int_equal(status_of(ask(text)), 413);
    len = (size_t)sprintf(text, "GET /hello HTTP/1.1\r\nHost: h\r\nX: ");
    memset(text + len, 'x', 100000);
    sprintf(text + len + 100000, "\r\n\r\n");
    assert_int_not_equal(status_of(ask(text)), 200);
    len = (size_t)sprintf(text, "GET /");
    memset(text + len, 'x', 100000);
    sprintf(text + len + 100000, HEAD "\r\n");
    assert_int_not_equal(status_of(ask(text)), 200);
}

static void test_garbage(void **state)
{
    static const char *const garbage[] = {"\r\n\r\n\r\n",
                                          "GET\r\n\r\n",
                                          "\x16\x03\x01\x02\x00\x01\x00\x01",
                                          "GET  HTTP/1.1\r\n\r\n",
                                          "GET /hello HTTP/9.9\r\nHost: h\r\n\r\n",
                                          "GET http:// HTTP/1.1\r\nHost: h\r\n\r\n",
                                          "GET /hello" HEAD "Content-Length: -1\r\n\r\n",
                                          "GET /%00%ff%" HEAD "\r\n"};
    char noise[4000];
    (void)state;
    srand(1);
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        assert_int_not_equal(status_of(ask(garbage[i])), 200);
    for (int round = 0; round < 50; round++) {
        int fd = dial();
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (char)rand();
        (void)send(fd, noise, sizeof noise, MSG_NOSIGNAL);
        close(fd);
    }
    assert_int_equal(status_of(ask("GET /hello" HEAD "\r\n")), 200);
}

/* As many as may be say nothing; others are sent away, and served again when the silent ones are over. */
static void test_silent(void **state)
{
    int fd[WEB_CONNECTIONS_ADDRESS];
    const uint64_t began = clock_monotonic_ms();
    (void)state;
    for (size_t i = 0; i < WEB_CONNECTIONS_ADDRESS; i++)
        fd[i] = dial();
    clock_sleep_ms(300);
    assert_int_equal(status_of(ask("GET /hello" HEAD "\r\n")), 0);
    for (size_t i = 0; i < WEB_CONNECTIONS_ADDRESS; i++)
        assert_string_equal(read_all(fd[i]), "");
    assert_true(clock_monotonic_ms() - began < WEB_IDLE_SECONDS * 1000 + 3000);
    for (size_t i = 0; i < WEB_CONNECTIONS_ADDRESS; i++)
        close(fd[i]);
    clock_sleep_ms(300);
    assert_int_equal(status_of(ask("GET /hello" HEAD "\r\n")), 200);
}

/* Who sends a byte now and then is not idle, and ends all the same. */
static void test_slow(void **state)
{
    static const char request[] =
        "GET /hello HTTP/1.1\r\nHost: hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh";
    int fd = dial();
    const uint64_t began = clock_monotonic_ms();
    size_t sent = 0;
    (void)state;
    while (sent < sizeof request - 1 && send(fd, request + sent, 1, MSG_NOSIGNAL) == 1) {
        sent++;
        clock_sleep_ms(400);
    }
    assert_true(sent < sizeof request - 1);
    assert_true(clock_monotonic_ms() - began < WEB_REQUEST_MS + 2500);
    close(fd);
}

static void test_addresses(void **state)
{
    static const char *const wrong[] = {"",          "9464",       ":9464",       "localhost:9464",
                                        "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                                        "[::1:1",    "::1:1",      "[]:1",        "127.0.0.1:-1"};
    struct web *other = NULL;
    struct web_options options = {.route = routes, .routes = 1};
    char taken[32];
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        options.listen = wrong[i];
        assert_int_equal(web_open(&other, &options, &err), ERR_USAGE);
    }
    snprintf(taken, sizeof taken, "127.0.0.1:%u", web_port(web));
    options.listen = taken;
    assert_int_equal(web_open(&other, &options, &err), ERR_IO);
}

static void test_tls(void **state)
{
    char directory[] = "web-XXXXXX", command[512], line[4096] = "", certificate[32], key[32];
    struct web *secure = NULL;
    struct err err;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(command, sizeof command,
             "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost "
             "-keyout key -out cert -days 1 2>/dev/null",
             directory);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c) */
    snprintf(certificate, sizeof certificate, "%s/cert", directory);
    snprintf(key, sizeof key, "%s/key", directory);
    struct web_options options = {.listen = "127.0.0.1:0",
                                  .route = routes,
                                  .routes = sizeof routes / sizeof routes[0],
                                  .context = "context",
                                  .certificate = certificate};
    assert_int_equal(web_open(&secure, &options, &err), ERR_USAGE);
    options.key = key;
    assert_int_equal(chmod(key, 0640), 0);
    assert_int_equal(web_open(&secure, &options, &err), ERR_DENIED);
    assert_int_equal(chmod(key, 0600), 0);
    assert_int_equal(web_open(&secure, &options, &err), 0);
    snprintf(
        command, sizeof command,
        "cd %s && (printf 'GET /hello"
        "' && printf ' HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n') | "
        "timeout 10 openssl s_client -quiet -CAfile cert -verify_return_error -connect 127.0.0.1:%u 2>/dev/null; rm -r ../%s",
        directory, web_port(secure), directory);
    FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c) */
    assert_non_null(f);
    assert_true(fread(line, 1, sizeof line - 1, f) > 0);
    pclose(f);
    assert_int_equal(status_of(line), 200);
    assert_non_null(strstr(line, "Strict-Transport-Security"));
    web_close(secure);
}

static int open_web(void **state)
{
    const struct web_options options = {
        .listen = "127.0.0.1:0", .route = routes, .routes = sizeof routes / sizeof routes[0], .context = "context"};
    struct err err;
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    return web_open(&web, &options, &err);
}

static int close_web(void **state)
{
    (void)state;
    web_close(web);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes), cmocka_unit_test(test_too_long), cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_silent), cmocka_unit_test(test_slow),     cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_tls),    cmocka_unit_test(test_later),    cmocka_unit_test(test_stream),
    };
    return cmocka_run_group_tests(tests, open_web, close_web);
}
