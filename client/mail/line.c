#include "client/mail/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_OVERHEAD 288 /* of a message in a reply, beside its payload */
#define PRINT_BYTES (RPC_MESSAGE_MAX - (64u << 10))

void line_init(struct line *line)
{
    *line = (struct line){.payloads = buf_of((size_t)COVER_MESSAGES_MAX * WIRE_PAYLOAD_MAX),
                          .proof = buf_of(WIRE_EVENT_MAX + WIRE_PROOF_MAX * 32 + WIRE_CHECKPOINT_MAX)};
}

void line_free(struct line *line)
{
    free(line->message);
    buf_free(&line->payloads);
    buf_free(&line->proof);
    line_init(line);
}

/* --- beginning --- */

const struct wire_event *line_find_event(const struct wire_event_list *list, uint64_t leaf)
{
    for (size_t low = 0, high = list->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (list->item[middle].leaf == leaf)
            return &list->item[middle];
        if (list->item[middle].leaf < leaf)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int keep_proof(struct line *l, const struct wire_event *event, struct span checkpoint, struct err *err)
{
    buf_clear(&l->proof);
    l->event_len = event != NULL ? event->event.len : 0;
    l->proof_len = event != NULL ? event->proof.len : 0;
    int rc = 0;
    if (event != NULL)
        rc = buf_put(&l->proof, event->event.data, event->event.len, err);
    if (rc == 0 && event != NULL)
        rc = buf_put(&l->proof, event->proof.data, event->proof.len, err);
    if (rc == 0)
        rc = buf_put(&l->proof, checkpoint.data, checkpoint.len, err);
    return rc;
}

/* What is wrong with the event that is to cover the message. */
static int look_at(struct line *l, const struct agency *a, const struct mailbox_message *m,
                   const struct wire_event *event, const struct checkpoint *checkpoint, struct err *err)
{
    struct event line;
    struct cover_about about = {.party = a->identity->party.name,
                                .partner = l->partner,
                                .purpose = m->purpose,
                                .epoch = m->epoch,
                                .kind = cover_kind(m->kind)};
    if (event == NULL)
        return err_set(err, ERR_VERIFY, "mail names entry %" PRIu64 " of the ledger, which did not come with it",
                       m->leaf);
    int rc = cover_event(&line, checkpoint, event, err);
    if (rc == 0 && l->partner[0] == '\0') /* it left the region: only the ledger knows its name */
        memcpy(l->partner, line.partner, sizeof l->partner);
    if (rc == 0)
        rc = cover_begin(&l->cover, &line, m->leaf, &about, err);
    if (rc == 0 && line.count > COVER_MESSAGES_MAX && m->kind != MAILBOX_COUNT)
        rc = err_set(err, ERR_VERIFY, "entry %" PRIu64 " of the ledger is about more tags than one may be", m->leaf);
    return rc;
}

int line_begin(struct line *line, const struct agency *agency, const struct mailbox_message *message,
               const struct fetch_reply *reply, const struct checkpoint *checkpoint, uint64_t after, struct err *err)
{
    const struct wire_event *event = line_find_event(&reply->events, message->leaf);
    int at = region_find_agency_by_digest(agency->region, message->partner);
    struct err why = {.text = ""};
    line->open = true;
    line->leaf = message->leaf;
    line->count = 0;
    line->cover = (struct cover){.count = 0};
    line->why[0] = line->partner[0] = '\0';
    buf_clear(&line->payloads);
    if (at >= 0)
        memcpy(line->partner, agency->region->agencies[at].name, sizeof line->partner);
    int rc = keep_proof(line, event, reply->checkpoint, err);
    if (rc == 0 && message->leaf <= after)
        err_set(&why, ERR_VERIFY, "mail names entry %" PRIu64 " of the ledger again", message->leaf);
    else if (rc == 0)
        look_at(line, agency, message, event, checkpoint, &why);
    memcpy(line->why, why.text, sizeof line->why);
    return rc;
}

/* --- its messages --- */

static int make_room(struct line *l, struct err *err)
{
    size_t room = l->room > 0 ? 2 * l->room : 64;
    if (l->count < l->room)
        return 0;
    struct mailbox_message *more = realloc(l->message, room * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for mail");
    l->message = more;
    l->room = room;
    return 0;
}

static bool is_alike(const struct mailbox_message *a, const struct mailbox_message *b)
{
    return a->kind == b->kind && a->epoch == b->epoch && strcmp(a->purpose, b->purpose) == 0 &&
           memcmp(a->partner, b->partner, sizeof a->partner) == 0;
}

/* The day of a count is over when it is told. */
static bool is_timely(const struct mailbox_message *m, const struct event *line)
{
    return m->kind == MAILBOX_COUNT ? m->time < line->time : m->time == line->time;
}

static void check(struct line *l, const struct mailbox_message *m)
{
    struct err why = {.text = ""};
    if (l->why[0] != '\0')
        return;
    if (l->count > 0 && !is_alike(&l->message[0], m))
        err_set(&why, ERR_VERIFY, "mail for entry %" PRIu64 " of the ledger is about several things", l->leaf);
    else if (!is_timely(m, &l->cover.event))
        err_set(&why, ERR_VERIFY, "mail for entry %" PRIu64 " of the ledger has another time", l->leaf);
    else if (m->kind == MAILBOX_COUNT)
        cover_add_count(&l->cover, m->count, &why);
    else
        cover_add(&l->cover, m->tag, m->payload, &why);
    memcpy(l->why, why.text, sizeof l->why);
}

/* What is beyond the longest line is refused anyhow: it is not held. */
int line_add(struct line *line, const struct mailbox_message *message, struct err *err)
{
    line->last = message->sequence;
    check(line, message);
    if (line->count == COVER_MESSAGES_MAX)
        return 0;
    int rc = make_room(line, err);
    if (rc == 0)
        rc = buf_put(&line->payloads, message->payload.data, message->payload.len, err);
    if (rc == 0)
        line->message[line->count++] = *message;
    return rc;
}

bool line_is_whole(const struct line *line)
{
    return line->why[0] == '\0' && line->cover.count == line->cover.event.count;
}

void line_end(struct line *line)
{
    struct err why = {.text = ""};
    const uint8_t *at = line->payloads.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < line->count; i++) {
        line->message[i].payload.data = at;
        at += line->message[i].payload.len;
    }
    if (line->why[0] == '\0')
        cover_end(&line->cover, &why);
    if (line->why[0] == '\0')
        memcpy(line->why, why.text, sizeof line->why);
    line->open = false;
}

int line_print(struct buf *out, const struct line *line, struct err *err)
{
    struct wire_event event = {.leaf = line->leaf,
                               .event = span_of(line->proof.data, line->event_len),
                               .proof = span_of(line->proof.data + line->event_len, line->proof_len)};
    const size_t before = line->event_len + line->proof_len;
    struct fetch_reply reply = {.message = line->message,
                                .events = {&event, line->event_len > 0},
                                .checkpoint = line->event_len > 0
                                                  ? span_of(line->proof.data + before, line->proof.len - before)
                                                  : span_of(NULL, 0)};
    size_t bytes = 0;
    while (reply.count < line->count && reply.count < WIRE_BATCH_MAX &&
           (bytes += line->message[reply.count].payload.len + MESSAGE_OVERHEAD) <= PRINT_BYTES)
        reply.count++;
    reply.more = reply.count < line->count;
    return fetch_reply_encode(out, &reply, err);
}
