#include "matcher/service/mailbox.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/wire/mailbox.h"
#include "protocol/wire/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a message takes in the reply beside its payload: field names, numbers, tag, names. */
#define MESSAGE_OVERHEAD 256
#define FETCH_BYTES_MAX (RPC_MESSAGE_MAX - (64u << 10))

struct gathering {
    struct matcher *matcher;
    const struct region *region;
    struct fetch_reply *reply;
    struct buf payloads;
    size_t limit, room, bytes;
    struct err *err;
    int rc;
};

static int make_room(struct gathering *g)
{
    if (g->reply->count < g->room)
        return 0;
    size_t room = g->room > 0 ? 2 * g->room : 64;
    struct mailbox_message *more = realloc(g->reply->message, room * sizeof *more);
    if (more == NULL)
        return err_set(g->err, ERR_NO_MEMORY, "out of memory for messages");
    g->reply->message = more;
    g->room = room;
    return 0;
}

static bool gather(void *context, const struct store_message *in)
{
    struct gathering *g = context;
    if (g->reply->count == g->limit || g->bytes + in->payload.len + MESSAGE_OVERHEAD > FETCH_BYTES_MAX) {
        g->reply->more = true;
        return false;
    }
    g->rc = make_room(g);
    if (g->rc == 0)
        g->rc = buf_put(&g->payloads, in->payload.data, in->payload.len, g->err);
    if (g->rc != 0)
        return false;
    struct mailbox_message *out = &g->reply->message[g->reply->count++];
    *out = (struct mailbox_message){
        .sequence = in->sequence, .kind = in->kind, .epoch = in->epoch, .payload = {NULL, in->payload.len}};
    snprintf(out->purpose, sizeof out->purpose, "%s", store_name(g->matcher->store, in->purpose));
    int partner = region_find_agency(g->region, store_name(g->matcher->store, in->partner));
    if (partner >= 0)
        memcpy(out->partner, g->region->digests[partner], sizeof out->partner);
    memcpy(out->tag, in->tag, WIRE_TAG_SIZE);
    g->bytes += in->payload.len + MESSAGE_OVERHEAD;
    return true;
}

int matcher_fetch(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    struct fetch_request ask;
    struct fetch_reply reply = {.count = 0};
    struct gathering g = {.matcher = matcher,
                          .region = asked->world->region,
                          .reply = &reply,
                          .payloads = buf_of(RPC_MESSAGE_MAX),
                          .err = err};
    int rc = fetch_request_decode(&ask, asked->in->body, err);
    g.limit = rc == 0 ? ask.limit : 0;
    if (rc == 0)
        rc = store_mailbox_read(matcher->store, asked->agency_id, ask.after, gather, &g, err);
    if (rc == 0)
        rc = g.rc;
    const uint8_t *at = g.payloads.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < reply.count; i++) {
        reply.message[i].payload.data = at;
        at += reply.message[i].payload.len;
    }
    if (rc == 0)
        rc = fetch_reply_encode(body, &reply, err);
    if (rc == 0)
        log_event(LOG_INFO, "fetch", "agency=%s count=%zu", rpc_request_peer(asked->request), reply.count);
    fetch_reply_free(&reply);
    buf_free(&g.payloads);
    return rc;
}

/* Messages that were acknowledged before are no change, and no event. */
static int acknowledge(struct store_write *write, const struct asked *asked, const struct ack_request *ask,
                       struct err *err)
{
    struct event event;
    const struct store_mailbox box = store_mailbox(store_of(write), asked->agency_id);
    int rc = store_mailbox_acknowledge(write, asked->agency_id, ask->through, err);
    if (rc != 0 || ask->through <= box.acknowledged)
        return rc;
    event_init(&event, EVENT_ACKNOWLEDGE);
    snprintf(event.party, sizeof event.party, "%s", rpc_request_peer(asked->request));
    event.count = ask->through - box.acknowledged;
    event.sequence = ask->through;
    memcpy(event.chain, ask->chain, sizeof event.chain);
    event_set_request(&event, asked->in, asked->from->statement);
    return store_event(write, &event, NULL, NULL, err);
}

int matcher_acknowledge(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    struct ack_request ask;
    struct store_write *write;
    int rc = ack_request_decode(&ask, asked->in->body, err);
    if (rc != 0)
        return rc;
    pthread_mutex_lock(&matcher->writing);
    rc = store_begin(&write, matcher->store, err);
    if (rc == 0) {
        rc = acknowledge(write, asked, &ask, err);
        if (rc == 0)
            rc = store_commit(write, err);
        else
            store_abandon(write);
    }
    pthread_mutex_unlock(&matcher->writing);
    if (rc == 0)
        rc = ack_reply_encode(body, err);
    return rc;
}

int matcher_wait(struct matcher *matcher, const struct asked *asked, struct buf *body, bool *held, struct err *err)
{
    struct wait_request ask;
    int rc = wait_request_decode(&ask, asked->in->body, err);
    if (rc != 0)
        return rc;
    if (store_mailbox(matcher->store, asked->agency_id).last > ask.after)
        return wait_reply_encode(body, &(struct wait_reply){true}, err);
    struct parked_request parked = {.request = asked->request,
                                    .agency = asked->agency_id,
                                    .after = ask.after,
                                    .deadline_ms = clock_monotonic_ms() + 1000ull * ask.seconds};
    memcpy(parked.id, asked->in->id, sizeof parked.id);
    *held = true;
    parked_add(&matcher->parked, &parked);
    parked_wake(&matcher->parked, matcher->store); /* for what came in between */
    return 0;
}

int matcher_status(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    const struct region *r = asked->world->region;
    struct store_mailbox box = store_mailbox(matcher->store, asked->agency_id);
    struct status_reply reply = {.manifest = r->version,
                                 .time = clock_now(),
                                 .mailbox = box.last - box.acknowledged,
                                 .last_sequence = box.last,
                                 .ledger_size = ledger_size(store_ledger(matcher->store))};
    int rc = status_request_decode(asked->in->body, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < r->purpose_count && i < STATUS_PURPOSES_MAX; i++) {
        struct status_purpose *p = &reply.purpose[reply.purpose_count++];
        snprintf(p->name, sizeof p->name, "%s", r->purposes[i].name);
        p->epoch = region_current(&r->purposes[i])->epoch;
        p->entries = store_count(matcher->store, asked->world->purpose_id[i], p->epoch, asked->agency_id);
    }
    return status_reply_encode(body, &reply, err);
}
