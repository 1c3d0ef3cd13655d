#include "client/border/border_internal.h"

#include "client/border/body.h"
#include "client/border/checker.h"
#include "client/border/openapi.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY_MAX 500 /* checks of one request */
#define MANY_BODY_MAX (1u << 20)

static const char *key_of(const struct web_request *request)
{
    const char *key = web_header(request, "Idempotency-Key");
    return key == NULL ? "" : key;
}

/* --- one check --- */

/*
 * The request waits before it is given away, since the answer may come at once; what is refused is answered the same
 * way.
 */
static int submit(struct border *b, const struct post *post, const struct web_request *request,
                  const struct check_request *check, struct err *err)
{
    struct web_reply refusal = {.body = buf_of(WEB_REPLY_MAX)};
    struct web_later *later = web_wait(request);
    enum checker_taken taken = checker_submit(b->checker, NULL, post, key_of(request), check, border_answer, later);
    int rc = 0;
    if (taken == CHECKER_TAKEN)
        return 0;
    if (taken == CHECKER_FULL)
        rc = body_refuse_busy(&refusal, 503, "more checks wait than can be asked now", err);
    else
        rc = body_refuse(&refusal, 409, "the key is in use",
                         "this Idempotency-Key was used for another check, or its check is still being asked", err);
    web_answer(later, &refusal);
    return rc;
}

static int post_check(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    struct border *b = context;
    int rc = 0;
    const struct post *post = border_post(b, request, false, 1, reply, &rc, err);
    if (post == NULL)
        return rc;
    if (strlen(key_of(request)) > CHECK_KEY_MAX)
        return body_refuse(reply, 400, "the key is too long", "Idempotency-Key has at most 128 bytes", err);
    struct check_request *check = malloc(sizeof *check);
    if (check == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a check");
    struct err why;
    rc = request_parse(check, request->body, &why) != 0 ? body_refuse(reply, 400, "this is no check", why.text, err)
                                                        : submit(b, post, request, check, err);
    sodium_memzero(check, sizeof *check);
    free(check);
    return rc;
}

static int get_check(void *context, const struct web_request *request, struct web_reply *reply, struct err *err)
{
    struct border *b = context;
    int rc = 0;
    const struct post *post = border_post(b, request, false, 0, reply, &rc, err);
    if (post == NULL)
        return rc;
    json_t *body;
    reply->type = "application/json";
    if (checker_get(b->checker, post, request->args.text[0], &body, ERR_IGNORED) != 0)
        return body_refuse(reply, 404, "no such check", "this post has none of that reference, or none any more", err);
    return body_put(&reply->body, body, err);
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

static void answer_line(void *context, unsigned status, json_t *body)
{
    struct one *one = context;
    struct buf line = buf_of(WEB_STREAM_MAX);
    (void)status;
    int rc = body_put(&line, json_pack("{s:I, s:O}", "line", (json_int_t)one->line, "answer", body), ERR_IGNORED);
    if (rc == 0)
        rc = buf_put(&line, "\n", 1, ERR_IGNORED);
    if (rc == 0)
        (void)web_stream_write(one->many->stream, line.data, line.len,
                               ERR_IGNORED); /* a reader that has gone asks again */
    buf_free(&line);
    many_leave(one->many);
    free(one);
}

static void fail_line(struct one *one, unsigned status, const char *title, const char *detail)
{
    json_t *problem = body_problem(status, title, detail);
    answer_line(one, status, problem);
    json_decref(problem);
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
    const size_t lines = count_lines(request->body);
    const struct post *post = border_post(b, request, false, (lines + 9) / 10, reply, &rc, err);
    if (post == NULL)
        return rc;
    if (lines == 0 || lines > MANY_MAX)
        return body_refuse(reply, 400, "no checks", "1 to 500 lines are needed, an object each", err);
    return start_many(b, post, request, reply, err);
}

/* --- opening --- */

static const struct web_route routes[BORDER_ROUTES] = {
    {"POST", "/v1/check", REQUEST_BODY_MAX, post_check},
    {"POST", "/v1/checks", MANY_BODY_MAX, post_checks},
    {"GET", "/v1/checks/*", 0, get_check},
    {"GET", "/v1/matches", 0, border_get_matches},
    {"GET", "/v1/letters", 0, border_get_letters},
    {"GET", "/v1/events", 0, border_get_events},
    {"GET", "/v1/openapi.json", 0, get_openapi},
};

size_t border_routes(struct border *border, struct web_route *out, size_t most)
{
    size_t n = 0;
    for (; n < BORDER_ROUTES && n < most; n++) {
        out[n] = routes[n];
        out[n].context = border;
    }
    return n;
}

static int open_web(struct border *b, struct err *err)
{
    const struct web_options web = {.listen = b->options->listen,
                                    .route = b->route,
                                    .routes = border_routes(b, b->route, BORDER_ROUTES),
                                    .certificate = b->options->certificate,
                                    .key = b->options->key};
    return web_open(&b->web, &web, err);
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
        rc = news_open(&b->news, config, identity, err);
    if (rc == 0 && options->listen[0] != '\0')
        rc = open_web(b, err);
    if (rc != 0)
        border_close(b);
    else
        *out = b;
    return rc;
}

/* A connection that waits cannot be closed. */
void border_end(struct border *border)
{
    if (border == NULL)
        return;
    checker_end(border->checker);
    news_end(border->news);
}

void border_close(struct border *border)
{
    if (border == NULL)
        return;
    border_end(border);
    web_close(border->web);
    checker_close(border->checker);
    news_close(border->news);
    posts_free(&border->posts);
    free(border);
}

unsigned border_port(const struct border *border)
{
    return web_port(border->web);
}
