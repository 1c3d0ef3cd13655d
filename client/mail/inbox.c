#include "client/mail/inbox.h"

#include "client/agency/matcher.h"
#include "protocol/wire/mailbox.h"

#include <sodium.h>
#include <string.h>

#define FETCH_LIMIT WIRE_BATCH_MAX
#define SETTLE_BYTES (16u << 20) /* of mail that becomes durable at once */

static const struct agency_purpose *find_purpose(const struct agency *a, const struct mailbox_message *m)
{
    for (size_t i = 0; i < a->purposes; i++)
        if (strcmp(a->purpose[i].region->name, m->purpose) == 0 && a->purpose[i].epoch->epoch == m->epoch)
            return &a->purpose[i];
    return NULL;
}

/* A message of an epoch or a purpose that is over has nothing to say any more. */
static int take_in(struct agency *a, const struct fetch_reply *reply, struct inbox_counts *counts, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < reply->count; i++) {
        const struct mailbox_message *m = &reply->message[i];
        const struct agency_purpose *p = find_purpose(a, m);
        int partner = region_find_agency_by_digest(a->region, m->partner);
        if (p == NULL || partner < 0)
            continue;
        rc = vault_hit_put(a->vault, p->domain, a->region->agencies[partner].name, m->tag, m->payload, err);
        counts->matches += m->kind == MAILBOX_MATCH;
        counts->withdrawn += m->kind == MAILBOX_WITHDRAWN;
    }
    return rc;
}

/* What was taken in, and up to where: both or nothing. */
static int settle(struct agency *a, uint64_t through, struct err *err)
{
    int rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = vault_mail_set(a->vault, through, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    return rc;
}

static int acknowledge(struct agency *a, uint64_t through, struct err *err)
{
    struct wire_reply reply;
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = ack_request_encode(&body, &(struct ack_request){.through = through}, err);
    if (rc == 0)
        rc = agency_tell_matcher(a, WIRE_ACK, buf_span(&body), &message, &reply, err);
    if (rc == 0)
        rc = ack_reply_decode(reply.body, err);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

static int fetch_once(struct agency *a, uint64_t *after, bool *more, struct inbox_counts *counts, struct err *err)
{
    struct wire_reply answer;
    struct fetch_reply reply = {.count = 0};
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    int rc = fetch_request_encode(&body, &(struct fetch_request){*after, FETCH_LIMIT}, err);
    if (rc == 0)
        rc = agency_tell_matcher(a, WIRE_FETCH, buf_span(&body), &message, &answer, err);
    if (rc == 0)
        rc = fetch_reply_decode(&reply, answer.body, err);
    if (rc == 0 && reply.count > 0 && reply.message[0].sequence <= *after)
        rc = err_set(err, ERR_VERIFY, "the matcher sends mail that was acknowledged before");
    if (rc == 0 && reply.count > 0) {
        rc = take_in(a, &reply, counts, err);
        *after = reply.message[reply.count - 1].sequence;
    }
    *more = reply.count > 0 && reply.more;
    fetch_reply_free(&reply);
    buf_free(&body);
    buf_free(&message);
    return rc;
}

int inbox_fetch(struct agency *agency, struct inbox_counts *counts, struct err *err)
{
    uint64_t after, before, settled;
    bool more = true;
    int rc = vault_mail_get(agency->vault, &after, err);
    before = settled = after;
    while (rc == 0 && more) {
        rc = fetch_once(agency, &after, &more, counts, err);
        if (rc == 0 && after > settled && (!more || vault_pending(agency->vault) > SETTLE_BYTES)) {
            rc = settle(agency, after, err);
            settled = after;
        }
    }
    if (rc == 0 && after > 0 && (after > before || before > 0))
        rc = acknowledge(agency, after, err);
    return rc;
}
