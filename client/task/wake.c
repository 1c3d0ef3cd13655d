#include "client/task/wake.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/base/wait.h"
#include "protocol/wire/mailbox.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define WAIT_SECONDS MAILBOX_WAIT_MAX
#define TIMEOUT_MS ((WAIT_SECONDS + 30) * 1000u)
#define PAUSE_LEAST 2 /* seconds after a failure; doubled up to the most */
#define PAUSE_MOST 60

struct wake {
    const struct agency_config *config;
    const struct identity *identity;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct rpc_client *client; /* of the call in progress, for cancelling it */
    bool mail, stopping;
};

/* --- the thread --- */

/* Until the end, or for so many seconds. Holds the lock. */
static void pause_for(struct wake *w, unsigned seconds)
{
    uint64_t until = clock_monotonic_ms() + 1000 * (uint64_t)seconds;
    while (!w->stopping && wait_until(&w->changed, &w->lock, until))
        ;
}

static int ask(const struct agency *a, struct rpc_client *client, bool *available, struct err *err)
{
    struct wire_reply answer;
    struct wait_reply reply = {false};
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = wait_request_encode(&body, &(struct wait_request){0, WAIT_SECONDS}, err);
    if (rc == 0)
        rc = wire_ask(client, a->region->matcher.name, WIRE_WAIT, buf_span(&body), &message, &answer, err);
    if (rc == 0)
        rc = wait_reply_decode(&reply, answer.body, err);
    *available = reply.available;
    buf_free(&body);
    buf_free(&message);
    return rc;
}

/* Asks until there is mail, a failure, or the end. */
static int wait_for_mail(struct wake *w, struct err *err)
{
    struct agency agency;
    struct rpc_client *client = NULL;
    bool available = false;
    int rc = agency_load(&agency, w->config, w->identity, err);
    if (rc == 0)
        rc = agency_connect(&agency, &agency.region->matcher, agency.region->matcher_url, TIMEOUT_MS, &client, err);
    pthread_mutex_lock(&w->lock);
    w->client = client;
    while (rc == 0 && !w->stopping && !available) {
        pthread_mutex_unlock(&w->lock);
        rc = ask(&agency, client, &available, err);
        pthread_mutex_lock(&w->lock);
    }
    w->client = NULL;
    w->mail = w->mail || available;
    pthread_mutex_unlock(&w->lock);
    if (available)
        wait_wake();
    rpc_client_close(client);
    agency_close(&agency);
    return rc;
}

static void *run(void *context)
{
    struct wake *w = context;
    unsigned pause = PAUSE_LEAST;
    pthread_mutex_lock(&w->lock);
    while (!w->stopping) {
        struct err err;
        pthread_mutex_unlock(&w->lock);
        int rc = wait_for_mail(w, &err);
        pthread_mutex_lock(&w->lock);
        if (rc != 0 && !w->stopping) {
            log_event(pause == PAUSE_LEAST ? LOG_WARN : LOG_DEBUG, "wake-up-failed", "reason=\"%s\"", err.text);
            pause_for(w, pause);
            pause = pause * 2 > PAUSE_MOST ? PAUSE_MOST : pause * 2;
            continue;
        }
        pause = PAUSE_LEAST;
        while (w->mail && !w->stopping)
            pthread_cond_wait(&w->changed, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* --- the main thread's side --- */

int wake_start(struct wake **out, const struct agency_config *config, const struct identity *identity, struct err *err)
{
    struct wake *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the wake-up");
    w->config = config;
    w->identity = identity;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    if (pthread_create(&w->thread, NULL, run, w) != 0) {
        pthread_cond_destroy(&w->changed);
        pthread_mutex_destroy(&w->lock);
        free(w);
        return err_set(err, ERR_NO_MEMORY, "cannot start the thread that waits for mail");
    }
    *out = w;
    return 0;
}

bool wake_mail(struct wake *wake)
{
    pthread_mutex_lock(&wake->lock);
    bool mail = wake->mail;
    pthread_mutex_unlock(&wake->lock);
    return mail;
}

void wake_done(struct wake *wake)
{
    pthread_mutex_lock(&wake->lock);
    wake->mail = false;
    pthread_cond_broadcast(&wake->changed);
    pthread_mutex_unlock(&wake->lock);
}

void wake_stop(struct wake *wake)
{
    if (wake == NULL)
        return;
    pthread_mutex_lock(&wake->lock);
    wake->stopping = true;
    if (wake->client != NULL)
        rpc_client_cancel(wake->client);
    pthread_cond_broadcast(&wake->changed);
    pthread_mutex_unlock(&wake->lock);
    pthread_join(wake->thread, NULL);
    pthread_cond_destroy(&wake->changed);
    pthread_mutex_destroy(&wake->lock);
    free(wake);
}
