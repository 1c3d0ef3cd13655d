#include "client/border/checker.h"

#include "client/border/body.h"
#include "client/task/report.h"
#include "client/task/spared.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/base/mark.h"
#include "protocol/base/wait.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOGETHER_MS 3 /* checks that come within so many travel together, where another one is likely by then */
#define BATCH_MAX 64  /* of one request */
#define WAITING_MAX 1024
#define LOOK_MS 100     /* how often judging is looked at */
#define TIMEOUT_MS 3000 /* of one attempt to reach a custodian */

enum check_state { CHECK_FREE, CHECK_WAITING, CHECK_ASKING, CHECK_DONE };

struct check {
    enum check_state state;
    char ref[CHECK_REF_TEXT], post[PARTY_NAME_MAX + 1], key[CHECK_KEY_MAX + 1];
    uint8_t digest[32];            /* of the request */
    struct check_request *request; /* personal data; until it was asked */
    struct inquiry inquiry;
    uint8_t (*except)[PARTY_DIGEST_SIZE];
    struct post allowed;
    uint64_t deadline_ms, time;
    checker_tell *tell; /* NULL: it was answered */
    void *context;
    bool open; /* the inquiry's answer is there, and something of it is awaited */
    unsigned status;
    json_t *body; /* what is known of it; NULL: nothing yet */
};

struct checker {
    const struct agency_config *config;
    const struct identity *identity;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t came, due;
    struct check *check; /* CHECKS_MAX of them, a ring */
    size_t next, waiting, open;
    uint64_t came_ms, gap_ms; /* when the last one came, and how long behind the one before */
    uint64_t first_ms;        /* when the first of those that wait came */
    uint64_t due_ms;          /* the next deadline; WAIT_FOREVER: none */
    bool stop;
    pthread_t asking, watching;
    bool asks, watches;
    /* The asking thread's: */
    struct agency agency;
    struct asker *asker;
    struct stat manifest;
};

/* --- what is said --- */

static json_t *problems_of(const struct check_request *request)
{
    json_t *list = json_array();
    for (size_t i = 0; request != NULL && i < request->problems; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "field", record_field_name[request->told[i].field],
                                              "reason", request->told[i].reason));
    return list;
}

/* Nothing is known, or not in time: never clear. */
static json_t *open_answer(const char *reason)
{
    return json_pack("{s:s, s:s, s:b, s:s, s:[], s:[], s:[], s:[], s:b}", "answer", "open", "verdict",
                     verdict_word[VERDICT_OPEN], "full", 0, "reason", reason, "hits", "unasked", "registers", "skipped",
                     "cut", 0);
}

/* Takes the body. */
static void set_body(struct check *c, json_t *body, bool final)
{
    char time[CLOCK_TEXT_SIZE];
    json_object_set_new(body, "ref", json_string(c->ref));
    json_object_set_new(body, "time", json_string(clock_text(time, c->time)));
    json_object_set_new(body, "final", json_boolean(final));
    json_decref(c->body);
    c->body = body;
}

/* What is not awaited any more is let go. */
static void set_open(struct checker *k, struct check *c, bool open)
{
    k->open += (size_t)open - (size_t)c->open;
    c->open = open;
    if (!open)
        answer_free(&c->inquiry.answer);
}

/* Of the inquiry as it is now, under the lock. */
static void render(struct checker *k, struct check *c, const struct check_request *request)
{
    struct answer_verdict verdict;
    verdict_of(&verdict, &k->agency, &c->inquiry.answer, clock_now());
    json_t *body = report_answer(&k->agency, &c->inquiry.answer, &verdict);
    if (request != NULL && request->problems > 0)
        json_object_set_new(body, "problems", problems_of(request));
    c->status = 200;
    set_body(c, body, !answer_waits(&c->inquiry.answer));
    set_open(k, c, answer_waits(&c->inquiry.answer));
}

static void fail(struct check *c, int rc, const char *reason)
{
    c->status = rc == ERR_INPUT ? 422 : 200;
    if (rc != ERR_INPUT) {
        set_body(c, open_answer(reason), true);
        return;
    }
    json_decref(c->body);
    c->body = body_problem(422, "this cannot be asked", reason);
}

/* --- the table, under the lock --- */

static void drop(struct check *c)
{
    if (c->request != NULL)
        sodium_memzero(c->request, sizeof *c->request);
    free(c->request);
    free(c->except);
    answer_free(&c->inquiry.answer);
    json_decref(c->body);
    memset(c, 0, sizeof *c);
}

/* A place for one more: of the oldest that is over. NULL: none is. */
static struct check *make_room(struct checker *k)
{
    for (size_t i = 0; i < CHECKS_MAX; i++) {
        struct check *c = &k->check[k->next];
        k->next = (k->next + 1) % CHECKS_MAX;
        if (c->state != CHECK_FREE && c->state != CHECK_DONE)
            continue;
        set_open(k, c, false);
        drop(c);
        return c;
    }
    return NULL;
}

static struct check *find(struct checker *k, const char *post, const char *ref)
{
    for (size_t i = 0; i < CHECKS_MAX; i++)
        if (k->check[i].state != CHECK_FREE && strcmp(k->check[i].post, post) == 0 &&
            sodium_memcmp(k->check[i].ref, ref, CHECK_REF_TEXT - 1) == 0)
            return &k->check[i];
    return NULL;
}

static struct check *find_key(struct checker *k, const char *post, const char *key)
{
    for (size_t i = 0; key[0] != '\0' && i < CHECKS_MAX; i++)
        if (k->check[i].state != CHECK_FREE && strcmp(k->check[i].post, post) == 0 && strcmp(k->check[i].key, key) == 0)
            return &k->check[i];
    return NULL;
}

/* Takes the caller off the check, who is to be told by the caller of this, without the lock. */
struct telling {
    checker_tell *tell;
    void *context;
    unsigned status;
    json_t *body;
};

static struct telling telling_of(struct check *c)
{
    struct telling t = {c->tell, c->context, c->status, c->tell != NULL ? json_incref(c->body) : NULL};
    c->tell = NULL;
    return t;
}

static void tell(struct telling *t)
{
    if (t->tell != NULL)
        t->tell(t->context, t->status, t->body);
    json_decref(t->body);
}

/* --- the agency --- */

/* What was answered stays as it is: nothing of the former agency is looked at any more. */
static void let_go(struct checker *k)
{
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; k->open > 0 && i < CHECKS_MAX; i++)
        if (k->check[i].open)
            set_open(k, &k->check[i], false);
    pthread_mutex_unlock(&k->lock);
    asker_free(k->asker);
    k->asker = NULL;
    agency_close(&k->agency);
}

static int make_ready(struct checker *k, struct err *err)
{
    if (!agency_manifest_changed(&k->manifest, k->config) && k->asker != NULL)
        return 0;
    if (k->asker != NULL)
        let_go(k);
    int rc = agency_open(&k->agency, k->config, k->identity, err);
    if (rc == 0)
        rc = asker_new(&k->asker, &k->agency, TIMEOUT_MS, err);
    if (rc != 0)
        agency_close(&k->agency);
    return rc;
}

/* --- asking --- */

/* The purposes that are wanted of those that the post may ask about. */
static int choose_purposes(const struct checker *k, struct check *c, struct err *err)
{
    const struct check_request *r = c->request;
    uint32_t chosen = 0;
    size_t found = 0;
    for (size_t i = 0; i < k->agency.purposes; i++) {
        const char *name = k->agency.purpose[i].region->name;
        bool wanted = r->purposes == 0;
        for (size_t n = 0; n < r->purposes; n++)
            wanted = wanted || strcmp(r->purpose[n], name) == 0;
        found += wanted;
        if (wanted && post_may(&c->allowed, name))
            chosen |= 1u << i;
        else if (wanted && r->purposes > 0)
            return err_set(err, ERR_INPUT, "purposes: this post may not ask about %s", name);
    }
    if (found < r->purposes)
        return err_set(err, ERR_INPUT, "purposes: the manifest does not have all of them");
    if (chosen == 0)
        return err_set(err, ERR_INPUT, "purposes: this post may ask about none");
    c->inquiry.question.purposes = chosen;
    return 0;
}

static int prepare(const struct checker *k, struct check *c, struct record *record, struct err *err)
{
    const char *name[REQUEST_NAMES_MAX];
    struct question *q = &c->inquiry.question;
    *record = request_record(c->request);
    *q = (struct question){.record = record};
    for (size_t i = 0; i < c->request->not_fors; i++)
        name[i] = c->request->not_for[i];
    c->except = calloc(REGION_AGENCIES_MAX, sizeof *c->except);
    int rc = c->except == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a check") : choose_purposes(k, c, err);
    if (rc == 0)
        rc = spared_find(&k->agency, q, name, c->request->not_fors, c->except, &q->except_count, err);
    q->except = c->except != NULL ? c->except[0] : NULL;
    return rc;
}

/* The answer goes to whoever waits for it, and stays under the reference. */
static void finish(struct checker *k, struct check *c, int rc, const struct err *err)
{
    struct check_request *request = c->request;
    pthread_mutex_lock(&k->lock);
    if (rc == 0) {
        render(k, c, request);
    } else {
        fail(c, rc, err->text);
        set_open(k, c, false);
    }
    c->request = NULL;
    c->state = CHECK_DONE;
    k->waiting--;
    struct telling told = telling_of(c);
    pthread_mutex_unlock(&k->lock);
    sodium_memzero(request, sizeof *request);
    free(request);
    if (rc != 0 && rc != ERR_INPUT)
        log_event(LOG_WARN, "check-failed", "reason=\"%.300s\"", err->text);
    tell(&told);
}

static void ask(struct checker *k, struct check **check, size_t count)
{
    struct record record[BATCH_MAX];
    struct inquiry *inquiry[BATCH_MAX];
    struct check *asked[BATCH_MAX];
    size_t n = 0;
    struct err err;
    const int ready = make_ready(k, &err);
    for (size_t i = 0; i < count; i++) {
        int rc = ready == 0 ? prepare(k, check[i], &record[i], &err) : ready;
        if (rc != 0) {
            finish(k, check[i], rc, &err);
            continue;
        }
        asked[n] = check[i];
        inquiry[n++] = &check[i]->inquiry;
    }
    if (n > 0)
        asker_ask(k->asker, inquiry, n);
    for (size_t i = 0; i < n; i++)
        finish(k, asked[i], inquiry[i]->rc, &inquiry[i]->err);
}

/* Looks at what is judged by now; writes down what questions that met nobody left to be kept. */
static void look(struct checker *k)
{
    struct err err;
    if (k->asker == NULL)
        return;
    if (asker_settle(k->asker, &err) != 0)
        log_event(LOG_WARN, "receipts-wait", "reason=\"%.300s\"", err.text);
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; k->open > 0 && i < CHECKS_MAX; i++) {
        struct check *c = &k->check[i];
        if (c->open && answer_refresh(&c->inquiry.answer, &k->agency, &err) == 0)
            render(k, c, NULL);
    }
    pthread_mutex_unlock(&k->lock);
}

/* --- the threads --- */

static size_t take(struct checker *k, struct check *out[BATCH_MAX])
{
    size_t n = 0;
    for (size_t i = 0; n < BATCH_MAX && i < CHECKS_MAX; i++) {
        struct check *c = &k->check[(k->next + i) % CHECKS_MAX];
        if (c->state != CHECK_WAITING)
            continue;
        c->state = CHECK_ASKING;
        out[n++] = c;
    }
    return n;
}

/* Whether something is to be looked at though nobody asks. */
static bool has_left(const struct checker *k)
{
    return k->open > 0 || (k->asker != NULL && asker_unsettled(k->asker) > 0);
}

/* With the lock, which it lets go of meanwhile: what can be done before somebody asks. */
static void prepare_idly(struct checker *k)
{
    bool more = k->asker != NULL;
    while (more && k->waiting == 0 && !k->stop) {
        pthread_mutex_unlock(&k->lock);
        more = asker_prepare(k->asker);
        pthread_mutex_lock(&k->lock);
    }
}

/* The next ones to be asked, with the lock; none: it is time to look, or to end. */
static size_t wait_for_checks(struct checker *k, struct check *out[BATCH_MAX], uint64_t looked_ms)
{
    prepare_idly(k);
    if (k->waiting == 0 && !k->stop)
        wait_until(&k->came, &k->lock, has_left(k) ? looked_ms + LOOK_MS : WAIT_FOREVER);
    while (k->waiting > 0 && !k->stop && k->gap_ms <= 2 * TOGETHER_MS &&
           clock_monotonic_ms() < k->first_ms + TOGETHER_MS)
        wait_until(&k->came, &k->lock, k->first_ms + TOGETHER_MS);
    return k->stop ? 0 : take(k, out);
}

static void *asking_main(void *context)
{
    struct checker *k = context;
    struct check *check[BATCH_MAX];
    uint64_t looked_ms = 0;
    pthread_mutex_lock(&k->lock);
    while (!k->stop) {
        const size_t n = wait_for_checks(k, check, looked_ms);
        pthread_mutex_unlock(&k->lock);
        if (n > 0)
            ask(k, check, n);
        if (clock_monotonic_ms() - looked_ms >= LOOK_MS) {
            look(k);
            looked_ms = clock_monotonic_ms();
        }
        pthread_mutex_lock(&k->lock);
    }
    pthread_mutex_unlock(&k->lock);
    look(k);
    return NULL;
}

/* Answers those whose deadline has come, or all, with the lock; the others say when the next one comes. */
static void answer_late(struct checker *k, bool all)
{
    const uint64_t now = clock_monotonic_ms();
    k->due_ms = WAIT_FOREVER;
    for (size_t i = 0; i < CHECKS_MAX; i++) {
        struct check *c = &k->check[i];
        if (c->tell == NULL || (c->state != CHECK_WAITING && c->state != CHECK_ASKING))
            continue;
        if (!all && now < c->deadline_ms) {
            k->due_ms = c->deadline_ms < k->due_ms ? c->deadline_ms : k->due_ms;
            continue;
        }
        c->status = 200;
        set_body(c, open_answer(N_("not all is known by the deadline: ask again with the reference")), false);
        struct telling told = telling_of(c);
        pthread_mutex_unlock(&k->lock);
        tell(&told);
        pthread_mutex_lock(&k->lock);
    }
}

static void *watching_main(void *context)
{
    struct checker *k = context;
    pthread_mutex_lock(&k->lock);
    while (!k->stop) {
        wait_until(&k->due, &k->lock, k->due_ms);
        if (!k->stop && clock_monotonic_ms() >= k->due_ms)
            answer_late(k, false);
    }
    answer_late(k, true);
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

/* --- for others --- */

int checker_open(struct checker **out, const struct agency_config *config, const struct identity *identity,
                 struct err *err)
{
    struct checker *k = calloc(1, sizeof *k);
    if (k != NULL)
        k->check = calloc(CHECKS_MAX, sizeof *k->check);
    if (k == NULL || k->check == NULL) {
        free(k);
        return err_set(err, ERR_NO_MEMORY, "out of memory for checks");
    }
    k->config = config;
    k->identity = identity;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->came, NULL);
    pthread_cond_init(&k->due, NULL);
    k->due_ms = WAIT_FOREVER;
    k->asks = pthread_create(&k->asking, NULL, asking_main, k) == 0;
    k->watches = k->asks && pthread_create(&k->watching, NULL, watching_main, k) == 0;
    if (!k->watches) {
        checker_close(k);
        return err_set(err, ERR_IO, "cannot start a thread");
    }
    *out = k;
    return 0;
}

void checker_end(struct checker *checker)
{
    if (checker == NULL)
        return;
    pthread_mutex_lock(&checker->lock);
    checker->stop = true;
    pthread_cond_broadcast(&checker->came);
    pthread_cond_broadcast(&checker->due);
    pthread_mutex_unlock(&checker->lock);
    if (checker->watches)
        pthread_join(checker->watching, NULL);
    if (checker->asks)
        pthread_join(checker->asking, NULL);
    checker->watches = checker->asks = false;
}

void checker_close(struct checker *checker)
{
    if (checker == NULL)
        return;
    checker_end(checker);
    for (size_t i = 0; i < CHECKS_MAX; i++)
        drop(&checker->check[i]);
    asker_free(checker->asker);
    agency_close(&checker->agency);
    pthread_cond_destroy(&checker->came);
    pthread_cond_destroy(&checker->due);
    pthread_mutex_destroy(&checker->lock);
    free(checker->check);
    free(checker);
}

static void fill(struct check *c, const struct post *post, const char *key, const struct check_request *request)
{
    uint8_t ref[(CHECK_REF_TEXT - 1) / 2];
    randombytes_buf(ref, sizeof ref);
    bytes_to_hex(c->ref, ref, sizeof ref);
    snprintf(c->post, sizeof c->post, "%s", post->name);
    snprintf(c->key, sizeof c->key, "%s", key);
    c->allowed = *post;
    *c->request = *request;
    c->time = clock_now();
    c->deadline_ms = clock_monotonic_ms() + request->deadline_ms;
    c->state = CHECK_WAITING;
}

/* With the lock. */
static void note_coming(struct checker *k)
{
    const uint64_t now = clock_monotonic_ms();
    k->gap_ms = now - k->came_ms;
    k->came_ms = now;
    k->first_ms = k->waiting == 0 ? now : k->first_ms;
    k->waiting++;
    pthread_cond_signal(&k->came);
}

enum checker_taken checker_submit(struct checker *checker, char ref[CHECK_REF_TEXT], const struct post *post,
                                  const char *key, const struct check_request *request, checker_tell *tell_by,
                                  void *context)
{
    struct checker *k = checker;
    struct telling told = {.tell = NULL};
    uint8_t digest[32];
    enum checker_taken taken = CHECKER_TAKEN;
    crypto_generichash(digest, sizeof digest, (const uint8_t *)request, sizeof *request, NULL, 0);
    pthread_mutex_lock(&k->lock);
    struct check *c = find_key(k, post->name, key);
    if (c != NULL && (memcmp(c->digest, digest, sizeof digest) != 0 || c->state != CHECK_DONE)) {
        taken = CHECKER_CONFLICT;
    } else if (c != NULL) {
        c->tell = tell_by;
        c->context = context;
        told = telling_of(c);
    } else {
        c = k->waiting < WAITING_MAX && !k->stop ? make_room(k) : NULL;
        if (c != NULL)
            c->request = malloc(sizeof *c->request);
        taken = c == NULL || c->request == NULL ? CHECKER_FULL : CHECKER_TAKEN;
    }
    if (taken == CHECKER_TAKEN && c->state == CHECK_FREE) {
        fill(c, post, key, request);
        memcpy(c->digest, digest, sizeof digest);
        c->tell = tell_by;
        c->context = context;
        note_coming(k);
        if (c->deadline_ms < k->due_ms) {
            k->due_ms = c->deadline_ms;
            pthread_cond_signal(&k->due);
        }
    }
    if (taken == CHECKER_TAKEN && ref != NULL)
        memcpy(ref, c->ref, CHECK_REF_TEXT);
    pthread_mutex_unlock(&k->lock);
    tell(&told);
    return taken;
}

int checker_get(struct checker *checker, const struct post *post, const char *ref, json_t **out, struct err *err)
{
    int rc = 0;
    pthread_mutex_lock(&checker->lock);
    struct check *c = strlen(ref) == CHECK_REF_TEXT - 1 ? find(checker, post->name, ref) : NULL;
    if (c == NULL)
        rc = err_set(err, ERR_NOT_FOUND, N_("there is no such check"));
    else if (c->body == NULL)
        set_body(c, open_answer(N_("it is being asked")), false);
    *out = c != NULL ? json_incref(c->body) : NULL;
    pthread_mutex_unlock(&checker->lock);
    return rc;
}
