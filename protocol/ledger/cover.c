#include "protocol/ledger/cover.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

enum event_kind cover_kind(enum mailbox_kind kind)
{
    return kind == MAILBOX_MATCH                            ? EVENT_DELIVER
           : kind == MAILBOX_WITHDRAWN                      ? EVENT_WITHDRAW
           : kind == MAILBOX_ASKED || kind == MAILBOX_COUNT ? EVENT_ASKED
                                                            : 0;
}

int cover_event(struct event *out, const struct checkpoint *checkpoint, const struct wire_event *in, struct err *err)
{
    struct hash leaf;
    merkle_leaf(&leaf, in->event);
    int rc = merkle_verify_inclusion(&leaf, in->leaf, checkpoint->size, in->proof, &checkpoint->root, err);
    if (rc == 0)
        rc = event_decode(out, in->event, err);
    return rc;
}

int cover_begin(struct cover *out, const struct event *event, uint64_t leaf, const struct cover_about *about,
                struct err *err)
{
    const char *what = event->kind != about->kind                    ? "kind"
                       : strcmp(event->party, about->party) != 0     ? "party"
                       : strcmp(event->partner, about->partner) != 0 ? "partner"
                       : strcmp(event->purpose, about->purpose) != 0 ? "purpose"
                       : event->epoch != about->epoch                ? "epoch"
                                                                     : NULL;
    if (what != NULL)
        return err_set(err, ERR_VERIFY, "entry %" PRIu64 " of the ledger is about something else: its %s differs", leaf,
                       what);
    *out = (struct cover){.event = *event, .leaf = leaf};
    event_digest_start(&out->digest, event->salt);
    return 0;
}

int cover_add(struct cover *cover, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err)
{
    if (cover->count == cover->event.count)
        return err_set(err, ERR_VERIFY, "entry %" PRIu64 " of the ledger is about %" PRIu64 " tags, and more came",
                       cover->leaf, cover->event.count);
    if (cover->count > 0 && memcmp(cover->tag, tag, WIRE_TAG_SIZE) >= 0)
        return err_set(err, ERR_VERIFY, "the tags that entry %" PRIu64 " of the ledger is about do not ascend",
                       cover->leaf);
    memcpy(cover->tag, tag, WIRE_TAG_SIZE);
    cover->count++;
    event_digest_add(&cover->digest, span_of(cover->tag, WIRE_TAG_SIZE));
    if (payload.len > 0)
        event_digest_add(&cover->digest, payload);
    return 0;
}

int cover_add_count(struct cover *cover, uint64_t count, struct err *err)
{
    cover->count = count;
    cover->counts = true;
    if (count == cover->event.count && sodium_is_zero(cover->event.digest, sizeof cover->event.digest))
        return 0;
    return err_set(err, ERR_VERIFY, "entry %" PRIu64 " of the ledger tells another number of questions", cover->leaf);
}

int cover_end(struct cover *cover, struct err *err)
{
    uint8_t digest[EVENT_DIGEST_SIZE];
    if (cover->count != cover->event.count)
        return err_set(err, ERR_VERIFY,
                       "entry %" PRIu64 " of the ledger is about %" PRIu64 " tags, and %" PRIu64 " came", cover->leaf,
                       cover->event.count, cover->count);
    if (cover->counts)
        return 0;
    event_digest_end(&cover->digest, digest);
    if (memcmp(digest, cover->event.digest, sizeof digest) != 0)
        return err_set(err, ERR_VERIFY,
                       "what came is not what entry %" PRIu64 " of the ledger is about: its digest differs",
                       cover->leaf);
    return 0;
}
