#include "protocol/ledger/batch.h"

#include <stdio.h>
#include <string.h>

enum event_kind batch_event_kind(enum wire_type type)
{
    return type == WIRE_PUT ? EVENT_PUT : type == WIRE_REMOVE ? EVENT_REMOVE : type == WIRE_QUERY ? EVENT_QUERY : 0;
}

static int decode_body(struct batch *out, const struct wire_request *request, struct err *err)
{
    int rc;
    switch (request->type) {
    case WIRE_PUT:
        rc = put_request_decode(&out->put, request->body, err);
        out->part[0] = out->put.entries;
        return rc;
    case WIRE_REMOVE:
        rc = remove_request_decode(&out->remove, request->body, err);
        out->part[0] = (struct wire_entries){.tags = out->remove.tags};
        return rc;
    case WIRE_QUERY:
        rc = query_request_decode(&out->query, request->scope_count, request->body, err);
        memcpy(out->part, out->query.batch, sizeof out->part);
        return rc;
    default:
        return err_set(err, ERR_INPUT, "%s carries no tags", wire_type_name(request->type));
    }
}

int batch_decode(struct batch *out, const struct wire_request *request, struct err *err)
{
    memset(out, 0, sizeof *out);
    out->type = request->type;
    int rc = decode_body(out, request, err);
    if (rc != 0)
        return rc;
    out->scope.items = request->scope_count;
    memcpy(out->scope.item, request->scope, sizeof out->scope.item);
    for (size_t i = 0; i < request->scope_count; i++) {
        out->scope.count[i] = wire_entries_count(&out->part[i]);
        out->tags += out->scope.count[i];
    }
    return 0;
}

static void digest_batch(struct event *event, const struct batch *batch)
{
    struct event_digest digest;
    event_digest_start(&digest, event->salt);
    for (size_t p = 0; p < batch->scope.items; p++) {
        for (size_t i = 0; i < batch->scope.count[p]; i++) {
            event_digest_add(&digest, span_of(wire_entries_tag(&batch->part[p], i), WIRE_TAG_SIZE));
            if (batch->type != WIRE_REMOVE)
                event_digest_add(&digest, wire_entries_payload(&batch->part[p], i));
        }
    }
    event_digest_end(&digest, event->digest);
}

static uint64_t count_spent(const struct wire_spent_list *spent)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < spent->count; i++)
        sum += spent->item[i].count;
    return sum;
}

/* Of a PUT the entries that exclude somebody, of a QUERY the partners that it excludes. */
static uint64_t count_except(const struct batch *batch)
{
    uint64_t sum = 0;
    if (batch->type == WIRE_QUERY)
        return batch->query.except.len / PARTY_DIGEST_SIZE;
    for (size_t i = 0; batch->type == WIRE_PUT && i < batch->put.except_count; i++)
        sum += batch->put.except[i].entries.len / 2;
    return sum;
}

void batch_describe(struct event *event, const struct batch *batch, const char *party,
                    const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE])
{
    event->kind = batch_event_kind(batch->type);
    snprintf(event->party, sizeof event->party, "%s", party);
    event_set_scope(event, &batch->scope);
    event_set_request(event, request, hash);
    event->except = count_except(batch);
    event->spent = batch->type == WIRE_PUT     ? count_spent(&batch->put.spent)
                   : batch->type == WIRE_QUERY ? count_spent(&batch->query.spent)
                                               : 0;
    digest_batch(event, batch);
}

int batch_verify(const struct event *event, const struct batch *batch, const char *party,
                 const struct wire_request *request, const uint8_t hash[WIRE_HASH_SIZE], struct err *err)
{
    struct event expected = *event;
    memset(expected.purpose, 0, sizeof expected.purpose);
    memset(expected.scope, 0, sizeof expected.scope);
    expected.epoch = 0;
    batch_describe(&expected, batch, party, request, hash != NULL ? hash : event->request);
    const char *what = expected.kind != event->kind                                             ? "kind"
                       : strcmp(expected.party, event->party) != 0                              ? "party"
                       : strcmp(expected.purpose, event->purpose) != 0                          ? "purpose"
                       : expected.epoch != event->epoch                                         ? "epoch"
                       : strcmp(expected.scope, event->scope) != 0                              ? "scope"
                       : memcmp(expected.id, event->id, sizeof expected.id) != 0                ? "id"
                       : memcmp(expected.request, event->request, sizeof expected.request) != 0 ? "request"
                       : expected.count != event->count                                         ? "count"
                       : expected.except != event->except                                       ? "except"
                       : expected.spent != event->spent                                         ? "spent"
                       : memcmp(expected.digest, event->digest, sizeof expected.digest) != 0    ? "digest"
                                                                                                : NULL;
    return what == NULL ? 0
                        : err_set(err, ERR_VERIFY, "the ledger's event is about another request: its %s differs", what);
}
