#include "matcher/service/mailbox.h"

#include "matcher/service/proven.h"
#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/wire/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a reply takes beside payloads: a message's field names, numbers, tag, names; an event with its proof. */
#define MESSAGE_OVERHEAD 288
#define EVENT_OVERHEAD 2048
#define FETCH_BYTES_MAX (RPC_MESSAGE_MAX - (64u << 10))

struct gathering {
    struct matcher *matcher;
    struct fetch_reply *reply;
    struct proven events;
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

static void describe(struct mailbox_message *out, const struct store_message *in, struct store *store)
{
    const char *purpose = store_name(store, in->purpose);
    const uint8_t *partner = store_digest(store, in->partner);
    *out = (struct mailbox_message){.sequence = in->sequence,
                                    .kind = in->kind,
                                    .epoch = in->epoch,
                                    .time = in->time,
                                    .leaf = in->leaf,
                                    .count = in->count,
                                    .payload = {NULL, in->payload.len}};
    snprintf(out->purpose, sizeof out->purpose, "%s", purpose != NULL ? purpose : "");
    if (partner != NULL)
        memcpy(out->partner, partner, sizeof out->partner);
    memcpy(out->tag, in->tag, WIRE_TAG_SIZE);
}

static bool gather(void *context, const struct store_message *in)
{
    struct gathering *g = context;
    const size_t count = g->reply->count;
    size_t bytes = in->payload.len + MESSAGE_OVERHEAD;
    /* Where a letter lapsed the chain goes on without the reader: a reply ends there. */
    if (count > 0 && in->sequence != g->reply->message[count - 1].sequence + 1) {
        g->reply->more = true;
        return false;
    }
    if (g->events.count == 0 || g->events.item[g->events.count - 1].leaf != in->leaf)
        bytes += EVENT_OVERHEAD;
    if (count == g->limit || g->bytes + bytes > FETCH_BYTES_MAX) {
        g->reply->more = true;
        return false;
    }
    g->rc = make_room(g);
    if (g->rc == 0)
        g->rc = proven_add(&g->events, in->leaf, g->err);
    if (g->rc == 0)
        g->rc = buf_put(&g->payloads, in->payload.data, in->payload.len, g->err);
    if (g->rc != 0)
        return false;
    if (count == 0)
        memcpy(g->reply->chain, in->before, sizeof g->reply->chain);
    describe(&g->reply->message[g->reply->count++], in, g->matcher->store);
    g->bytes += bytes;
    return true;
}

/* The events that the messages name, proven to one checkpoint. */
static int prove(struct gathering *g, struct buf *checkpoint, struct err *err)
{
    struct ledger *ledger = store_ledger(g->matcher->store);
    uint64_t size;
    if (g->events.count == 0)
        return 0;
    int rc = ledger_checkpoint(ledger, checkpoint, err);
    if (rc == 0)
        rc = proven_size(&size, buf_span(checkpoint), err);
    if (rc == 0)
        rc = proven_fill(&g->events, ledger, size, &g->reply->events, err);
    g->reply->checkpoint = buf_span(checkpoint);
    return rc;
}

static void place_payloads(struct gathering *g)
{
    const uint8_t *at = g->payloads.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < g->reply->count; i++) {
        g->reply->message[i].payload.data = at;
        at += g->reply->message[i].payload.len;
    }
}

int matcher_fetch(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    struct fetch_request ask;
    struct fetch_reply reply = {.count = 0};
    struct gathering g = {.matcher = matcher, .reply = &reply, .payloads = buf_of(RPC_MESSAGE_MAX), .err = err};
    struct buf checkpoint = buf_of(LEDGER_CHECKPOINT_MAX);
    proven_init(&g.events);
    const struct store_mailbox box = store_mailbox(matcher->store, asked->agency_id);
    memcpy(reply.chain, box.chain, sizeof reply.chain);
    int rc = fetch_request_decode(&ask, asked->in->body, err);
    g.limit = rc == 0 ? ask.limit : 0;
    if (rc == 0)
        rc = store_mailbox_read(matcher->store, asked->agency_id, ask.after, gather, &g, err);
    if (rc == 0)
        rc = g.rc;
    place_payloads(&g);
    if (rc == 0)
        rc = prove(&g, &checkpoint, err);
    if (rc == 0)
        rc = fetch_reply_encode(body, &reply, err);
    if (rc == 0 && reply.count > 0)
        parked_handed(&matcher->parked, asked->agency_id, reply.message[reply.count - 1].sequence);
    if (rc == 0)
        log_event(LOG_INFO, "fetch", "agency=%s count=%zu again=%d", rpc_request_peer(asked->request), reply.count,
                  reply.count > 0 && ask.after < box.acknowledged);
    free(reply.message);
    proven_free(&g.events);
    buf_free(&g.payloads);
    buf_free(&checkpoint);
    return rc;
}

int matcher_wait(struct matcher *matcher, const struct asked *asked, struct buf *body, bool *held, struct err *err)
{
    struct wait_request ask;
    int rc = wait_request_decode(&ask, asked->in->body, err);
    if (rc != 0)
        return rc;
    if (parked_has_news(&matcher->parked, matcher->store, asked->agency_id, ask.after))
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
