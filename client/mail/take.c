#include "client/mail/take.h"

#include "client/mail/opened.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

const struct agency_purpose *take_purpose(const struct agency *agency, const char *purpose, uint32_t epoch)
{
    for (size_t i = 0; i < agency->purposes; i++)
        if (strcmp(agency->purpose[i].region->name, purpose) == 0 &&
            (epoch == 0 || agency->purpose[i].epoch->epoch == epoch))
            return &agency->purpose[i];
    for (size_t i = 0; i < agency->endings; i++)
        if (strcmp(agency->ending[i].region->name, purpose) == 0 && agency->ending[i].epoch->epoch == epoch)
            return &agency->ending[i];
    return NULL;
}

/* --- questions --- */

/* A partner's question about a tag of ours. */
struct asked {
    const struct agency *agency;
    const struct agency_purpose *purpose;
    const struct mailbox_message *message;
    const char *partner;
    struct buf *slots;
    bool unopened;
};

/* The question has one record of the partner's, and so one slot that is not random. */
static bool recover_handle(const struct asked *a, const struct payload_context *context, unsigned key,
                           uint8_t handle[HANDLE_SIZE])
{
    struct record_secret secret;
    bool opened = false;
    if (a->purpose->schema.key[key].weight != SCHEMA_WEIGHT_MAX)
        return false;
    for (size_t at = 0; at < a->slots->len; at += SLOT_SIZE)
        if (slot_recover(&secret, &(struct slot){context, key, a->slots->data + at})) {
            memcpy(handle, secret.handle, HANDLE_SIZE);
            opened = true;
        }
    sodium_memzero(&secret, sizeof secret);
    return opened;
}

/* The notice is what judging begins with: the asked side's. */
static int note_pair(const struct asked *a, const struct vault_holder *holder, const struct vault_notice *notice,
                     struct err *err)
{
    struct vault_match match = {.record = holder->record, .keys = notice->keys};
    if (a->purpose->region->kind != REGION_MATCH ||
        agency_partner(a->agency, a->message->partner, a->message->purpose) < 0)
        return 0;
    memcpy(match.handle, notice->handle, sizeof match.handle);
    snprintf(match.partner, sizeof match.partner, "%s", a->partner);
    return opened_asked(a->agency, a->purpose, &match, err);
}

static int note_asked(void *context, const struct vault_holder *holder, struct err *err)
{
    struct asked *a = context;
    const struct mailbox_message *m = a->message;
    const struct payload_context place = {a->agency->region->name, m->purpose, m->partner, m->epoch, m->tag,
                                          holder->seal_key};
    struct vault_notice notice = {.leaf = m->leaf, .at = m->time};
    if (holder->key >= a->purpose->schema.keys)
        return err_set(err, ERR_VERIFY, "the vault has a key of %s that the schema does not have", m->purpose);
    buf_clear(a->slots);
    int rc = payload_open(a->slots, &a->purpose->schema, &place, m->payload, err);
    if (rc == ERR_VERIFY || rc == ERR_INPUT)
        a->unopened = true;
    else if (rc != 0)
        return rc;
    const bool opened = recover_handle(a, &place, holder->key, notice.handle);
    notice.keys = UINT32_C(1) << holder->key;
    snprintf(notice.partner, sizeof notice.partner, "%s", a->partner);
    snprintf(notice.id, sizeof notice.id, "%s", holder->id);
    rc = vault_notice_put(a->agency->vault, a->purpose->domain, &notice, err);
    if (rc == 0 && opened)
        rc = note_pair(a, holder, &notice, err);
    if (a->slots->len > 0)
        sodium_memzero(a->slots->data, a->slots->len);
    return rc;
}

static int take_question(struct agency *a, const struct agency_purpose *p, const char *partner,
                         const struct mailbox_message *m, struct inbox_counts *counts, struct err *err)
{
    struct buf slots = buf_of(SCHEMA_SLOTS_MAX * SLOT_SIZE);
    struct asked asked = {a, p, m, partner, &slots, false};
    int at = region_find_agency_by_digest(a->region, m->partner);
    int rc = vault_tag_holders(a->vault, p->domain, m->tag, note_asked, &asked, err);
    if (rc == 0 && asked.unopened)
        rc = vault_unopened_put(a->vault, p->domain, partner, m->tag, true, err);
    if (at >= 0)
        counts->unopened[at] += asked.unopened;
    buf_free(&slots);
    return rc;
}

static int take_count(struct agency *a, const struct agency_purpose *p, const char *partner,
                      const struct mailbox_message *m, struct err *err)
{
    struct vault_asked asked = {.leaf = m->leaf, .day = m->time, .count = m->count};
    snprintf(asked.partner, sizeof asked.partner, "%s", partner);
    return vault_asked_put(a->vault, p->region->name, &asked, err);
}

/* --- entries --- */

int take_message(struct agency *agency, const struct agency_purpose *purpose, const char *partner, bool forgets,
                 const struct mailbox_message *message, struct inbox_counts *counts, struct err *err)
{
    const struct mailbox_message *m = message;
    switch (m->kind) {
    case MAILBOX_MATCH:
    case MAILBOX_WITHDRAWN: {
        counts->matches += m->kind == MAILBOX_MATCH;
        counts->withdrawn += m->kind == MAILBOX_WITHDRAWN;
        int rc = forgets ? vault_unopened_forget(agency->vault, purpose->domain, partner, m->tag, err) : 0;
        if (rc == 0)
            rc = vault_hit_put(agency->vault, purpose->domain, partner, m->tag, m->payload, err);
        return rc;
    }
    case MAILBOX_ASKED:
        counts->asked++;
        return take_question(agency, purpose, partner, m, counts, err);
    case MAILBOX_COUNT:
        counts->counted += m->count;
        return take_count(agency, purpose, partner, m, err);
    case MAILBOX_LETTER:
        break;
    }
    return err_set(err, ERR_VERIFY, "the matcher sends mail of a kind that this program does not know");
}
