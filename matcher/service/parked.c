#include "matcher/service/parked.h"

#include "protocol/base/clock.h"
#include "protocol/daemon/answer.h"
#include "protocol/wire/mailbox.h"

#include <string.h>

static void end(const struct parked_request *parked, bool available)
{
    struct err err;
    struct buf body = buf_of(256);
    struct wire_request in = {.type = WIRE_WAIT};
    memcpy(in.id, parked->id, sizeof in.id);
    if (wait_reply_encode(&body, &(struct wait_reply){available}, &err) == 0)
        answer_ok(parked->request, &in, buf_span(&body));
    else
        answer_failure(parked->request, &in, &err);
    buf_free(&body);
}

void parked_init(struct parked *parked)
{
    pthread_mutex_init(&parked->lock, NULL);
    parked->count = 0;
    parked->closed = false;
    memset(parked->handed, 0, sizeof parked->handed);
}

void parked_handed(struct parked *parked, uint16_t agency, uint64_t through)
{
    pthread_mutex_lock(&parked->lock);
    if (through > parked->handed[agency])
        parked->handed[agency] = through;
    pthread_mutex_unlock(&parked->lock);
}

static bool has_news(const struct parked *parked, struct store *store, uint16_t agency, uint64_t after)
{
    const struct store_mailbox box = store_mailbox(store, agency);
    return box.last > after && box.last > box.acknowledged && box.last > parked->handed[agency];
}

bool parked_has_news(struct parked *parked, struct store *store, uint16_t agency, uint64_t after)
{
    pthread_mutex_lock(&parked->lock);
    bool news = has_news(parked, store, agency, after);
    pthread_mutex_unlock(&parked->lock);
    return news;
}

void parked_add(struct parked *parked, const struct parked_request *request)
{
    struct parked_request out = *request;
    bool full;
    pthread_mutex_lock(&parked->lock);
    size_t i = 0;
    while (i < parked->count && parked->waiting[i].agency != request->agency)
        i++;
    full = parked->closed || i == PARKED_MAX;
    if (!full && i < parked->count) {
        out = parked->waiting[i];
        parked->waiting[i] = *request;
        full = true;
    } else if (!full) {
        parked->waiting[parked->count++] = *request;
    }
    pthread_mutex_unlock(&parked->lock);
    if (full)
        end(&out, false);
}

void parked_wake(struct parked *parked, struct store *store)
{
    uint64_t now = clock_monotonic_ms();
    pthread_mutex_lock(&parked->lock);
    for (size_t i = 0; i < parked->count;) {
        const struct parked_request *p = &parked->waiting[i];
        bool available = has_news(parked, store, p->agency, p->after);
        if (!available && now < p->deadline_ms) {
            i++;
            continue;
        }
        end(p, available);
        parked->waiting[i] = parked->waiting[--parked->count];
    }
    pthread_mutex_unlock(&parked->lock);
}

void parked_close(struct parked *parked)
{
    pthread_mutex_lock(&parked->lock);
    parked->closed = true;
    while (parked->count > 0)
        end(&parked->waiting[--parked->count], false);
    pthread_mutex_unlock(&parked->lock);
}
