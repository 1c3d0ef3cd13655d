#include "client/border/border.h"

#include "client/border/checker.h"
#include "client/border/openapi.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/web/web.h"

#include <jansson.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MANY_MAX 500 /* checks of one request */
#define MANY_BODY_MAX (1u << 20)
#define PEM_MAX (64u << 10)
#define BURST_SECONDS 2 /* of the rate, at once */

/* What a post may ask at this moment, in thousandths of a check. */
struct bucket {
    uint64_t level, at_ms;
};

struct border {
    const struct border_options *options;
    struct posts posts;
    struct timespec read; /* when the file was written that they come from */
    struct bucket bucket[POSTS_MAX];
    struct checker *checker;
    struct web *web;
    struct buf certificate, key;
};

/* --- answers --- */

static int problem(struct web_reply *reply, unsigned status, const char *title, const char *detail, struct err *err)
{
    json_t *body = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title", title, "status", (int)status,
                             "detail", detail);
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    reply->status = status;
    reply->type = "application/problem+json";
    int rc = text == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer")
                          : buf_put(&reply->body, text, strlen(text), err);
    free(text);
    json_decref(body);
    return rc;
}

static void set_header(struct web_reply *reply, const char *name, const char *value)
{
    reply->header[reply->headers].name = name;
    reply->header[reply->headers++].value = value;
}

static int refuse_busy(struct web_reply *reply, unsigned status, const char *detail, struct err *err)
{
    set_header(reply, "Retry-After", "1");
    return problem(reply, status, status == 429 ? "too many checks" : "not now", detail, err);
}

/* --- who asks --- */

/* A file that was changed holds from the next request on; one that cannot be read changes nothing. */
static void follow_posts(struct border *b)
{
    struct stat st;
    struct posts new;
    struct err err;
    if (stat(b->options->posts, &st) != 0 ||
        (st.st_mtim.tv_sec == b->read.tv_sec && st.st_mtim.tv_nsec == b->read.tv_nsec))
        return;
    b->read = st.st_mtim;
    if (posts_load(&new, b->options->posts, &err) != 0) {
        log_event(LOG_ERROR, "posts-not-read", "reason=\"%s\"", err.text);
        posts_free(&new);
        return;
    }
    posts_free(&b->posts);
    b->posts = new;
    memset(b->bucket, 0, sizeof b->bucket);
}

/* The post whose token the request shows; NULL: none, and the reply says so. */
static const struct post *find_post(struct border *b, const struct web_request *request, struct web_reply *reply,
                                    int *rc, struct err *err)
{
    static const char scheme[] = "Bearer ";
    const char *header = web_header(request, "Authorization");
    const bool fits = header != NULL && strncmp(header, scheme, sizeof scheme - 1) == 0;
    follow_posts(b);
    const int at = fits ? posts_find(&b->posts, header + sizeof scheme - 1) : -1;
    if (at >= 0)
        return &b->posts.post[at];
    set_header(reply, "WWW-Authenticate", "Bearer");
    *rc = problem(reply, 401, "no such post", "the token of a border post is needed", err);
    return NULL;
}

static bool take_from_bucket(struct border *b, const struct post *post, size_t checks)
{
    struct bucket *bucket = &b->bucket[post - b->posts.post];
    const uint64_t now = clock_monotonic_ms(), rate = b->options->rate, most = 1000 * BURST_SECONDS * rate;
    bucket->level = bucket->at_ms == 0 ? most : bucket->level + (now - bucket->at_ms) * rate;
    bucket->level = bucket->level < most ? bucket->level : most;
    bucket->at_ms = now;
    if (bucket->level < 1000 * checks)
        return false;
    bucket->level -= 1000 * checks;
    return true;
}

static const char *key_of(const struct web_request *request)
{
    const char *key = web_header(request, "Idempotency-Key");
    return key == NULL ? "" : key;
}

/* --- one check --- */

static void answer(void *context, unsigned status, struct span json)
{
    struct web_reply reply = {.status = status,
                              .type = status == 200 ? "application/json" : "application/problem+json"};
    reply.body = buf_of(WEB_REPLY_MAX);
    (void)buf_put(&reply.body, json.data, json.len, ERR_IGNORED);
    web_answer(context, &reply);
}

/*
 * The request waits before it is given away, since the answer may come at once; what is refused is answered the same
 * way.
 */
static int submit(struct border *b, const struct post *post, const struct web_request *request,
                  const struct check_request *check, struct err *err)
{
    struct web_reply refusal = {.body = buf_of(WEB_REPLY_MAX)};
    struct web_later *later = web_wait(request);
    enum checker_taken taken = checker_submit(b->checker, NULL, post, key_of(request), check, answer, later);
    int rc = 0;
    if (taken == CHECKER_TAKEN)
        return 0;
    if (taken == CHECKER_FULL)
        rc = refuse_busy(&refusal, 503, "more checks wait than can be asked now", err);
    else
        rc = problem(&refusal, 409, "the key is in use",
                     "this Idempotency-Key was used for another check, or its check is still being asked", err);
    web_answer(later, &refusal);
    return rc;
}

static int post_check(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    struct border *b = context;
    int rc = 0;
    const struct post *post = find_post(b, request, reply, &rc, err);
    if (post == NULL)
        return rc;
    if (!take_from_bucket(b, post, 1))
        return refuse_busy(reply, 429, "this post has asked as much as it may in a second", err);
    if (strlen(key_of(request)) > CHECK_KEY_MAX)
        return problem(reply, 400, "the key is too long", "Idempotency-Key has at most 128 bytes", err);
    struct check_request *check = malloc(sizeof *check);
    if (check == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a check");
    struct err why;
    rc = request_parse(check, request->body, &why) != 0 ? problem(reply, 400, "this is no check", why.text, err)
                                                        : submit(b, post, request, check, err);
    sodium_memzero(check, sizeof *check);
    free(check);
    return rc;
}

static int get_check(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    struct border *b = context;
    int rc = 0;
    const struct post *post = find_post(b, request, reply, &rc, err);
    if (post == NULL)
        return rc;
    reply->type = "application/json";
    rc = checker_get(b->checker, post, request->args.text[0], &reply->body, err);
    return rc == ERR_NOT_FOUND
               ? problem(reply, 404, "no such check", "this post has none of that reference, or none any more", err)
               : rc;
}

static int get_openapi(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    (void)context;
    (void)request;
    reply->type = "application/openapi+json";
    return buf_put(&reply->body, openapi_text, strlen(openapi_text), err);
}

/* --- many at once: a line each, answered in the order in which they are known --- */

struct many {
    struct web_stream *stream;
    pthread_mutex_t lock;
    size_t left;
};

struct one {
    struct many *many;
    size_t line;
};

static void many_leave(struct many *m)
{
    pthread_mutex_lock(&m->lock);
    const bool last = --m->left == 0;
    pthread_mutex_unlock(&m->lock);
    if (!last)
        return;
    web_stream_end(m->stream);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

static void answer_line(void *context, unsigned status, struct span json)
{
    struct one *one = context;
    struct buf line = buf_of(WEB_STREAM_MAX);
    (void)status;
    if (buf_printf(&line, ERR_IGNORED, "{\"line\":%zu,\"answer\":%.*s}\n", one->line, (int)json.len,
                   (const char *)json.data) == 0)
        (void)web_stream_write(one->many->stream, line.data, line.len,
                               ERR_IGNORED); /* a reader that has gone asks again */
    buf_free(&line);
    many_leave(one->many);
    free(one);
}

static void fail_line(struct one *one, unsigned status, const char *title, const char *detail)
{
    struct web_reply reply = {.body = buf_of(WEB_REPLY_MAX)};
    (void)problem(&reply, status, title, detail, ERR_IGNORED);
    answer_line(one, status, buf_span(&reply.body));
    buf_free(&reply.body);
}

static void submit_line(struct border *b, const struct post *post, struct one *one, struct span line)
{
    struct check_request *check = malloc(sizeof *check);
    struct err why = {.text = "out of memory"};
    enum checker_taken taken = CHECKER_FULL;
    const bool good = check != NULL && request_parse(check, line, &why) == 0;
    if (good)
        taken = checker_submit(b->checker, NULL, post, "", check, answer_line, one);
    if (check != NULL)
        sodium_memzero(check, sizeof *check);
    free(check);
    if (!good)
        fail_line(one, 400, "this is no check", why.text);
    else if (taken != CHECKER_TAKEN)
        fail_line(one, 503, "not now", "more checks wait than can be asked now: send this line again");
}

static size_t count_lines(struct span body)
{
    size_t lines = 0;
    for (size_t at = 0; at < body.len; at++)
        lines += body.data[at] == '\n' || at + 1 == body.len;
    return lines;
}

static int start_many(struct border *b, const struct post *post, const struct web_request *request,
                      struct web_reply *reply, struct err *err)
{
    struct many *m = calloc(1, sizeof *m);
    struct web_stream *stream = m != NULL ? web_stream_new(request) : NULL;
    size_t line = 0;
    if (stream == NULL) {
        free(m);
        return err_set(err, ERR_NO_MEMORY, "out of memory for checks");
    }
    pthread_mutex_init(&m->lock, NULL);
    m->stream = reply->stream = stream;
    m->left = 1; /* this */
    reply->type = "application/x-ndjson";
    for (size_t from = 0, to; from < request->body.len; from = to + 1) {
        const uint8_t *end = memchr(request->body.data + from, '\n', request->body.len - from);
        struct one *one = malloc(sizeof *one);
        to = end != NULL ? (size_t)(end - request->body.data) : request->body.len;
        line++;
        if (one == NULL || to == from) {
            free(one);
            continue;
        }
        *one = (struct one){m, line};
        pthread_mutex_lock(&m->lock);
        m->left++;
        pthread_mutex_unlock(&m->lock);
        submit_line(b, post, one, span_of(request->body.data + from, to - from));
    }
    many_leave(m);
    return 0;
}

static int post_checks(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    struct border *b = context;
    int rc = 0;
    const struct post *post = find_post(b, request, reply, &rc, err);
    if (post == NULL)
        return rc;
    const size_t lines = count_lines(request->body);
    if (lines == 0 || lines > MANY_MAX)
        return problem(reply, 400, "no checks", "1 to 500 lines are needed, an object each", err);
    if (!take_from_bucket(b, post, (lines + 9) / 10))
        return refuse_busy(reply, 429, "this post has asked as much as it may in a second", err);
    return start_many(b, post, request, reply, err);
}

/* --- opening --- */

static const struct web_route routes[] = {
    {"POST", "/v1/check", REQUEST_BODY_MAX, post_check},
    {"POST", "/v1/checks", MANY_BODY_MAX, post_checks},
    {"GET", "/v1/checks/*", 0, get_check},
    {"GET", "/v1/openapi.json", 0, get_openapi},
};

static int read_pem(struct buf *out, const char *path, struct err *err)
{
    *out = buf_of(PEM_MAX);
    if (path[0] == '\0')
        return 0;
    int rc = file_read(out, path, err);
    return rc == 0 ? buf_put(out, "", 1, err) : rc;
}

static int open_web(struct border *b, struct err *err)
{
    struct web_options web = {
        .listen = b->options->listen, .route = routes, .routes = sizeof routes / sizeof routes[0], .context = b};
    int rc = read_pem(&b->certificate, b->options->certificate, err);
    if (rc == 0)
        rc = read_pem(&b->key, b->options->key, err);
    if (rc == 0 && b->certificate.len > 0) {
        web.certificate = (const char *)b->certificate.data;
        web.key = (const char *)b->key.data;
    }
    return rc == 0 ? web_open(&b->web, &web, err) : rc;
}

int border_open(struct border **out, const struct border_options *options, const struct agency_config *config,
                const struct identity *identity, struct err *err)
{
    struct border *b = calloc(1, sizeof *b);
    struct stat st;
    if (b == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the border interface");
    b->options = options;
    int rc = posts_load(&b->posts, options->posts, err);
    if (rc == 0 && stat(options->posts, &st) == 0)
        b->read = st.st_mtim;
    if (rc == 0)
        rc = checker_open(&b->checker, config, identity, err);
    if (rc == 0)
        rc = open_web(b, err);
    if (rc != 0)
        border_close(b);
    else
        *out = b;
    return rc;
}

/* What waits is answered first: a connection that waits cannot be closed. */
void border_close(struct border *border)
{
    if (border == NULL)
        return;
    checker_end(border->checker);
    web_close(border->web);
    checker_close(border->checker);
    posts_free(&border->posts);
    buf_free(&border->certificate);
    if (border->key.data != NULL)
        sodium_memzero(border->key.data, border->key.len);
    buf_free(&border->key);
    free(border);
}

unsigned border_port(const struct border *border)
{
    return web_port(border->web);
}
