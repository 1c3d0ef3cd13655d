#include "protocol/ledger/batch.h"

#include <stdio.h>
#include <string.h>

enum event_kind batch_event_kind(enum wire_type type)
{
    return type == WIRE_PUT ? EVENT_PUT : type == WIRE_REMOVE ? EVENT_REMOVE : type == WIRE_QUERY ? EVENT_QUERY : 0;
}

static void digest_batch(struct event *event, const struct entry_request *batch)
{
    struct event_digest digest;
    event_digest_start(&digest, event->salt);
    for (size_t i = 0; i < batch->count; i++) {
        event_digest_add(&digest, span_of(batch->entry[i].tag, WIRE_TAG_SIZE));
        if (event->kind == EVENT_PUT)
            event_digest_add(&digest, batch->entry[i].payload);
    }
    event_digest_end(&digest, event->digest);
}

void batch_describe(struct event *event, enum wire_type type, const char *party, const struct entry_request *batch)
{
    event->kind = batch_event_kind(type);
    snprintf(event->party, sizeof event->party, "%s", party);
    memcpy(event->purpose, batch->purpose, sizeof event->purpose);
    event->epoch = batch->epoch;
    event->count = batch->count;
    digest_batch(event, batch);
}

int batch_verify(const struct event *event, enum wire_type type, const char *party, const struct entry_request *batch,
                 struct err *err)
{
    struct event expected = *event;
    batch_describe(&expected, type, party, batch);
    const char *what = expected.kind != event->kind                                          ? "kind"
                       : strcmp(expected.party, event->party) != 0                           ? "party"
                       : strcmp(expected.purpose, event->purpose) != 0                       ? "purpose"
                       : expected.epoch != event->epoch                                      ? "epoch"
                       : expected.count != event->count                                      ? "count"
                       : memcmp(expected.digest, event->digest, sizeof expected.digest) != 0 ? "digest"
                                                                                             : NULL;
    return what == NULL ? 0
                        : err_set(err, ERR_VERIFY, "the ledger's event is about another batch: its %s differs", what);
}
