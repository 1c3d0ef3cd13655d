#include "client/border/news.h"

#include "client/border/body.h"
#include "client/desk/show.h"
#include "client/review/list.h"
#include "client/vault/office.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/base/wait.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS 250   /* how often the vault is looked at for whoever listens */
#define BEAT_MS 10000 /* a line that says nothing: that a reader has gone shows when something is written */
#define JOBS_MAX 64

struct job {
    struct post post;
    enum news_kind kind;
    int64_t after;
    size_t most;
    news_tell *tell;
    void *context;
};

struct listener {
    struct web_stream *stream; /* NULL: this place is free */
    struct post post;
    struct news_cursor at;
    bool from_now; /* the cursor is not set yet */
    uint64_t wrote_ms;
};

struct news {
    const struct agency_config *config;
    const struct identity *identity;
    pthread_mutex_t lock; /* guards what follows; of listeners the thread alone changes those that are there */
    pthread_cond_t came;
    struct job job[JOBS_MAX];
    size_t jobs, listeners;
    struct listener listener[NEWS_STREAMS_MAX];
    bool stop;
    pthread_t thread;
    bool runs;
    /* The thread's: */
    struct agency agency;
    bool open;
    struct stat manifest;
    int64_t version;
    char trouble[ERR_TEXT_MAX]; /* what was complained of last */
};

/* --- reading --- */

static int make_ready(struct news *n, struct err *err)
{
    if (!agency_manifest_changed(&n->manifest, n->config) && n->open)
        return 0;
    if (n->open)
        agency_close(&n->agency);
    int rc = agency_open(&n->agency, n->config, n->identity, err);
    n->open = rc == 0;
    n->version = -1;
    if (rc != 0)
        agency_close(&n->agency);
    return rc;
}

/* Members of an array, and up to where was read. */
struct reading {
    struct news *news;
    const struct post *post;
    json_t *array;
    int64_t at;
    size_t read; /* also what the post may not read */
    uint64_t now;
};

static int add(struct reading *r, const char *purpose, json_t *object, struct err *err)
{
    if (purpose == NULL || !post_may(r->post, purpose)) {
        json_decref(object);
        return 0;
    }
    return json_array_append_new(r->array, object) == 0 ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for a list");
}

static int read_matches(struct reading *r, size_t most, struct err *err)
{
    int64_t number[NEWS_PAGE_MAX];
    int rc = vault_reviews_after(r->news->agency.vault, r->at, number, most, &r->read, err);
    for (size_t i = 0; rc == 0 && i < r->read; i++) {
        json_t *object = NULL;
        rc = list_object(&r->news->agency, number[i], &object, err);
        r->at = number[i];
        if (rc == 0)
            rc = add(r, json_string_value(json_object_get(object, "purpose")), object, err);
        else if (rc == ERR_NOT_FOUND) /* of a purpose that is no more */
            rc = 0;
    }
    return rc;
}

static int read_letter(void *context, const struct vault_inquiry *inquiry, const struct vault_inquiry_letter *letter,
                       struct err *err)
{
    struct reading *r = context;
    r->at = letter->number;
    r->read++;
    return add(r, inquiry->purpose, show_object(&r->news->agency, inquiry, letter, r->now), err);
}

/* Appends those after *at to the array; *at: up to where it was read; *more: there may be others. */
static int read_some(struct news *n, const struct post *post, enum news_kind kind, int64_t *at, size_t most,
                     json_t *array, bool *more, struct err *err)
{
    struct reading r = {.news = n, .post = post, .array = array, .at = *at, .now = clock_now()};
    int rc = kind == NEWS_MATCHES ? read_matches(&r, most, err)
                                  : vault_inquiry_letters_after(n->agency.vault, *at, most, read_letter, &r, err);
    *at = r.at;
    *more = r.read == most;
    return rc;
}

/* --- lists --- */

static void answer(struct news *n, const struct job *job)
{
    static const char *const name[NEWS_KINDS] = {"matches", "letters"};
    struct err err;
    char next[24];
    int64_t at = job->after;
    bool more = false;
    json_t *array = json_array(), *body;
    int rc = make_ready(n, &err);
    if (rc == 0)
        rc = read_some(n, &job->post, job->kind, &at, job->most, array, &more, &err);
    snprintf(next, sizeof next, "%" PRId64, at);
    if (rc == 0) {
        body = json_pack("{s:O, s:s, s:b}", name[job->kind], array, "next", next, "more", (int)more);
    } else {
        log_event(LOG_ERROR, "news-failed", "reason=\"%.300s\"", err.text);
        body = body_problem(500, "it failed", "the agency's log says why");
    }
    job->tell(job->context, rc == 0 ? 200 : 500, body);
    json_decref(body);
    json_decref(array);
}

/* --- streams --- */

static void let_go(struct news *n, struct listener *l)
{
    web_stream_end(l->stream);
    pthread_mutex_lock(&n->lock);
    l->stream = NULL;
    n->listeners--;
    pthread_mutex_unlock(&n->lock);
}

static int write_text(struct listener *l, const char *text, size_t len, struct err *err)
{
    l->wrote_ms = clock_monotonic_ms();
    return web_stream_write(l->stream, text, len, err);
}

static int write_event(struct listener *l, enum news_kind kind, const json_t *object, struct err *err)
{
    static const char *const name[NEWS_KINDS] = {"match", "letter"}; /* of the event, and of the object's number */
    struct buf text = buf_of(WEB_STREAM_MAX);
    l->at.after[kind] = json_integer_value(json_object_get(object, name[kind]));
    int rc = buf_printf(&text, err, "event: %s\nid: %" PRId64 "-%" PRId64 "\ndata: ", name[kind],
                        l->at.after[NEWS_MATCHES], l->at.after[NEWS_LETTERS]);
    if (rc == 0)
        rc = body_put(&text, json_incref((json_t *)object), err);
    if (rc == 0)
        rc = buf_put(&text, "\n\n", 2, err);
    if (rc == 0)
        rc = write_text(l, (const char *)text.data, text.len, err);
    buf_free(&text);
    return rc;
}

/* All that is there of a kind after the listener's cursor. */
static int write_kind(struct news *n, struct listener *l, enum news_kind kind, struct err *err)
{
    bool more = true;
    int rc = 0;
    while (rc == 0 && more) {
        json_t *array = json_array(), *object;
        int64_t at = l->at.after[kind];
        size_t i;
        rc = read_some(n, &l->post, kind, &at, NEWS_PAGE_MAX, array, &more, err);
        json_array_foreach(array, i, object)
        {
            if (rc == 0)
                rc = write_event(l, kind, object, err);
        }
        if (rc == 0)
            l->at.after[kind] = at;
        json_decref(array);
    }
    return rc;
}

/* Says from where on events come, so that whoever is cut off at once goes on from there. */
static int greet(struct news *n, struct listener *l, struct err *err)
{
    char text[80];
    int rc =
        l->from_now ? vault_newest(n->agency.vault, &l->at.after[NEWS_MATCHES], &l->at.after[NEWS_LETTERS], err) : 0;
    const int len = snprintf(text, sizeof text, "retry: 2000\nid: %" PRId64 "-%" PRId64 "\n\n",
                             l->at.after[NEWS_MATCHES], l->at.after[NEWS_LETTERS]);
    l->from_now = false;
    return rc == 0 ? write_text(l, text, (size_t)len, err) : rc;
}

static int write_news(struct news *n, struct listener *l, bool changed, struct err *err)
{
    const bool begins = l->wrote_ms == 0;
    int rc = begins ? greet(n, l, err) : 0;
    for (int kind = 0; rc == 0 && (changed || begins) && kind < NEWS_KINDS; kind++)
        rc = write_kind(n, l, (enum news_kind)kind, err);
    if (rc == 0 && clock_monotonic_ms() - l->wrote_ms >= BEAT_MS)
        rc = write_text(l, ":\n\n", 3, err);
    return rc;
}

static void complain(struct news *n, const struct err *err)
{
    if (strcmp(n->trouble, err->text) != 0)
        log_event(LOG_ERROR, "news-failed", "reason=\"%.300s\"", err->text);
    snprintf(n->trouble, sizeof n->trouble, "%s", err->text);
}

static void look(struct news *n)
{
    struct err err;
    int64_t version = 0;
    int rc = make_ready(n, &err);
    if (rc == 0)
        rc = vault_version(n->agency.vault, &version, &err);
    if (rc != 0)
        complain(n, &err);
    for (size_t i = 0; rc == 0 && i < NEWS_STREAMS_MAX; i++) {
        struct listener *l = &n->listener[i];
        pthread_mutex_lock(&n->lock);
        const bool there = l->stream != NULL;
        pthread_mutex_unlock(&n->lock);
        if (there && write_news(n, l, version != n->version, &err) != 0)
            let_go(n, l);
    }
    n->version = version;
}

/* --- the thread --- */

static void wait_for_work(struct news *n, uint64_t look_ms)
{
    if (!n->stop && n->jobs == 0)
        wait_until(&n->came, &n->lock, n->listeners > 0 ? look_ms : WAIT_FOREVER);
}

static void *news_main(void *context)
{
    struct news *n = context;
    uint64_t look_ms = 0;
    pthread_mutex_lock(&n->lock);
    while (!n->stop || n->jobs > 0) {
        wait_for_work(n, look_ms);
        struct job job = {.tell = NULL};
        if (n->jobs > 0) {
            job = n->job[0];
            memmove(&n->job[0], &n->job[1], --n->jobs * sizeof n->job[0]);
        }
        const bool listened = n->listeners > 0 && !n->stop;
        pthread_mutex_unlock(&n->lock);
        if (job.tell != NULL)
            answer(n, &job);
        if (listened && clock_monotonic_ms() >= look_ms) {
            look(n);
            look_ms = clock_monotonic_ms() + LOOK_MS;
        }
        pthread_mutex_lock(&n->lock);
    }
    pthread_mutex_unlock(&n->lock);
    for (size_t i = 0; i < NEWS_STREAMS_MAX; i++)
        if (n->listener[i].stream != NULL)
            let_go(n, &n->listener[i]);
    return NULL;
}

/* --- for others --- */

int news_open(struct news **out, const struct agency_config *config, const struct identity *identity, struct err *err)
{
    struct news *n = calloc(1, sizeof *n);
    if (n == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the border interface");
    n->config = config;
    n->identity = identity;
    pthread_mutex_init(&n->lock, NULL);
    pthread_cond_init(&n->came, NULL);
    n->runs = pthread_create(&n->thread, NULL, news_main, n) == 0;
    if (!n->runs) {
        news_close(n);
        return err_set(err, ERR_IO, "cannot start a thread");
    }
    *out = n;
    return 0;
}

void news_end(struct news *news)
{
    if (news == NULL || !news->runs)
        return;
    pthread_mutex_lock(&news->lock);
    news->stop = true;
    pthread_cond_signal(&news->came);
    pthread_mutex_unlock(&news->lock);
    pthread_join(news->thread, NULL);
    news->runs = false;
}

void news_close(struct news *news)
{
    if (news == NULL)
        return;
    news_end(news);
    if (news->open)
        agency_close(&news->agency);
    pthread_cond_destroy(&news->came);
    pthread_mutex_destroy(&news->lock);
    free(news);
}

bool news_list(struct news *news, const struct post *post, enum news_kind kind, int64_t after, size_t most,
               news_tell *tell, void *context)
{
    pthread_mutex_lock(&news->lock);
    const bool taken = !news->stop && news->jobs < JOBS_MAX;
    if (taken)
        news->job[news->jobs++] = (struct job){*post, kind, after, most, tell, context};
    pthread_cond_signal(&news->came);
    pthread_mutex_unlock(&news->lock);
    return taken;
}

bool news_listen(struct news *news, const struct post *post, const struct news_cursor *from, struct web_stream *stream)
{
    struct listener *place = NULL;
    size_t own = 0;
    pthread_mutex_lock(&news->lock);
    for (size_t i = 0; i < NEWS_STREAMS_MAX; i++) {
        struct listener *l = &news->listener[i];
        own += l->stream != NULL && strcmp(l->post.name, post->name) == 0;
        place = l->stream == NULL ? l : place;
    }
    const bool taken = !news->stop && own < NEWS_POST_MAX && place != NULL;
    if (taken) {
        *place = (struct listener){.stream = stream, .post = *post, .from_now = from == NULL};
        if (from != NULL)
            place->at = *from;
        news->listeners++;
        pthread_cond_signal(&news->came);
    }
    pthread_mutex_unlock(&news->lock);
    return taken;
}

bool news_cursor_parse(struct news_cursor *out, const char *text)
{
    char *end;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 39)
        return false;
    out->after[NEWS_MATCHES] = strtoll(text, &end, 10);
    if (*end != '-' || end[1] < '0' || end[1] > '9')
        return false;
    out->after[NEWS_LETTERS] = strtoll(end + 1, &end, 10);
    return *end == '\0';
}
