#include "client/office/parties.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parties {
    const struct agency_config *config;
    const struct identity *identity;
    pthread_t thread;
    bool started;         /* there is a thread to be joined */
    pthread_mutex_t lock; /* guards what follows */
    bool asking;
    uint64_t at;
    struct party_said said[REGION_CUSTODIANS_MAX];
    size_t count;
};

static void ask_one(const struct agency *a, const struct region_custodian *custodian, struct party_said *out)
{
    struct err err;
    *out = (struct party_said){.answered = false};
    out->answered = agency_custodian_budget(a, custodian, &out->said, &err) == 0;
    snprintf(out->name, sizeof out->name, "%s", custodian->party.name);
    out->ahead = out->answered ? (int64_t)(out->said.time - clock_now()) : 0;
}

static void *ask_main(void *context)
{
    struct parties *p = context;
    struct agency *a = calloc(1, sizeof *a);
    struct party_said *said = calloc(REGION_CUSTODIANS_MAX, sizeof *said);
    struct err err = {.text = "out of memory"};
    size_t count = 0;
    int rc = a == NULL || said == NULL ? ERR_NO_MEMORY : agency_open(a, p->config, p->identity, &err);
    for (; rc == 0 && count < a->region->custodian_count; count++)
        ask_one(a, &a->region->custodians[count], &said[count]);
    if (rc != 0)
        log_event(LOG_WARN, "custodians-not-asked", "reason=\"%.300s\"", err.text);
    pthread_mutex_lock(&p->lock);
    p->asking = false;
    p->at = clock_now();
    p->count = count;
    if (count > 0)
        memcpy(p->said, said, count * sizeof *said);
    pthread_mutex_unlock(&p->lock);
    if (a != NULL)
        agency_close(a);
    free(a);
    free(said);
    return NULL;
}

int parties_new(struct parties **out, const struct agency_config *config, const struct identity *identity,
                struct err *err)
{
    struct parties *p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the status");
    p->config = config;
    p->identity = identity;
    pthread_mutex_init(&p->lock, NULL);
    *out = p;
    return 0;
}

void parties_free(struct parties *parties)
{
    if (parties == NULL)
        return;
    if (parties->started)
        pthread_join(parties->thread, NULL);
    pthread_mutex_destroy(&parties->lock);
    free(parties);
}

/* By one thread alone. */
static void begin_asking(struct parties *p)
{
    if (p->started)
        pthread_join(p->thread, NULL);
    p->asking = true;
    p->started = pthread_create(&p->thread, NULL, ask_main, p) == 0;
    p->asking = p->started;
}

uint64_t parties_look(struct parties *parties, struct party_said out[REGION_CUSTODIANS_MAX], size_t *count,
                      bool *asking)
{
    struct parties *p = parties;
    pthread_mutex_lock(&p->lock);
    const bool old = clock_now() - p->at >= PARTIES_FRESH_SECONDS && !p->asking;
    pthread_mutex_unlock(&p->lock);
    if (old)
        begin_asking(p);
    pthread_mutex_lock(&p->lock);
    memcpy(out, p->said, sizeof p->said);
    *count = p->count;
    *asking = p->asking;
    const uint64_t at = p->at;
    pthread_mutex_unlock(&p->lock);
    return at;
}
