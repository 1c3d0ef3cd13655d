#include "client/mail/inbox.h"

#include "client/agency/matcher.h"
#include "protocol/wire/mailbox.h"

#include <sodium.h>
#include <stdio.h>
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

/* --- notices --- */

/* A partner's question about a tag of ours. */
struct asked {
    const struct agency *agency;
    const struct agency_purpose *purpose;
    const struct mailbox_message *message;
    const char *partner;
    struct buf *slots;
    uint64_t *unopened;
};

/* The question has one record of the partner's, and so one slot that is not random. */
static void recover_handle(const struct asked *a, const struct payload_context *context, unsigned key,
                           uint8_t handle[HANDLE_SIZE])
{
    struct record_secret secret;
    if (a->purpose->schema.key[key].weight != SCHEMA_WEIGHT_MAX)
        return;
    for (size_t at = 0; at < a->slots->len; at += SLOT_SIZE)
        if (slot_recover(&secret, &(struct slot){context, key, a->slots->data + at}))
            memcpy(handle, secret.handle, HANDLE_SIZE);
    sodium_memzero(&secret, sizeof secret);
}

static int note_asked(void *context, const struct vault_holder *holder, struct err *err)
{
    const struct asked *a = context;
    const struct mailbox_message *m = a->message;
    const struct payload_context place = {a->agency->region->name, m->purpose, m->partner, m->epoch, m->tag,
                                          holder->seal_key};
    struct vault_notice notice = {.leaf = m->leaf, .at = m->time};
    if (holder->key >= a->purpose->schema.keys)
        return err_set(err, ERR_VERIFY, "the vault has a key of %s that the schema does not have", m->purpose);
    buf_clear(a->slots);
    int rc = payload_open(a->slots, &a->purpose->schema, &place, m->payload, err);
    if (rc == ERR_VERIFY || rc == ERR_INPUT)
        ++*a->unopened;
    else if (rc != 0)
        return rc;
    recover_handle(a, &place, holder->key, notice.handle);
    notice.keys = UINT32_C(1) << holder->key;
    snprintf(notice.partner, sizeof notice.partner, "%s", a->partner);
    snprintf(notice.id, sizeof notice.id, "%s", holder->id);
    rc = vault_notice_put(a->agency->vault, a->purpose->domain, &notice, err);
    if (a->slots->len > 0)
        sodium_memzero(a->slots->data, a->slots->len);
    return rc;
}

static int take_in_notice(struct agency *a, const struct agency_purpose *p, int partner,
                          const struct mailbox_message *m, struct inbox_counts *counts, struct err *err)
{
    struct buf slots = buf_of(SCHEMA_SLOTS_MAX * SLOT_SIZE);
    struct asked asked = {a, p, m, a->region->agencies[partner].name, &slots, &counts->unopened[partner]};
    int rc = vault_tag_holders(a->vault, p->domain, m->tag, note_asked, &asked, err);
    buf_free(&slots);
    return rc;
}

/* --- taking in --- */

static int take_in_one(struct agency *a, const struct agency_purpose *p, int partner, const struct mailbox_message *m,
                       struct inbox_counts *counts, struct err *err)
{
    switch (m->kind) {
    case MAILBOX_MATCH:
    case MAILBOX_WITHDRAWN:
        counts->matches += m->kind == MAILBOX_MATCH;
        counts->withdrawn += m->kind == MAILBOX_WITHDRAWN;
        return vault_hit_put(a->vault, p->domain, a->region->agencies[partner].name, m->tag, m->payload, err);
    case MAILBOX_ASKED:
        counts->asked++;
        return take_in_notice(a, p, partner, m, counts, err);
    case MAILBOX_COUNT:
        counts->asked += m->count;
        return 0;
    case MAILBOX_LETTER:
        counts->letters++;
        return 0;
    }
    return err_set(err, ERR_VERIFY, "the matcher sends mail of a kind that this program does not know");
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
        rc = take_in_one(a, p, partner, m, counts, err);
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
