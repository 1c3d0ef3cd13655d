#include "client/token/outgoing.h"

#include "client/agency/ledgers.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_BYTES_MAX (RPC_MESSAGE_MAX - (256u << 10)) /* payloads of one request; the rest is for tags and envelope */

/* A request being filled. */
struct filling {
    struct agency *agency;
    const struct agency_purpose *purpose;
    struct outgoing_counts *counts;
    struct wire_entry *entry;
    size_t *offset;
    size_t count;
    struct buf payloads, slots;
    struct record_secret *secret;
    struct vault_unsent unsent;
};

/* --- sending --- */

static int send_request(struct agency *a, const struct vault_request *request, struct err *err)
{
    struct wire_reply reply;
    struct entry_reply entries;
    struct buf message = buf_of(RPC_MESSAGE_MAX), receipt = buf_of(VAULT_RECEIPT_MAX);
    int rc = agency_ask_matcher(a, request->type, request->id, buf_span(&request->body), &message, &reply, err);
    if (rc == 0)
        rc = entry_reply_decode(&entries, reply.body, err);
    if (rc == 0)
        rc = ledgers_receipt(a, request->type, buf_span(&request->body), &entries.receipt, &receipt, err);
    if (rc == 0)
        rc = vault_outbox_done(a->vault, request->id, buf_span(&receipt), err);
    buf_free(&message);
    buf_free(&receipt);
    return rc;
}

static int send_outbox(struct agency *a, struct outgoing_counts *counts, struct err *err)
{
    struct vault_request request = {.body = buf_of(RPC_MESSAGE_MAX)};
    bool found = true;
    int rc = 0;
    while (rc == 0 && (rc = vault_outbox_next(a->vault, &request, &found, err)) == 0 && found) {
        rc = send_request(a, &request, err);
        if (rc != 0)
            break;
        counts->requests++;
        if (request.type == WIRE_PUT)
            counts->put += request.count;
        else
            counts->removed += request.count;
    }
    buf_free(&request.body);
    return rc;
}

/* --- filling --- */

static int seal_entry(struct filling *f, struct err *err)
{
    const struct schema *schema = &f->purpose->schema;
    const struct payload_context context = {f->agency->region->name, f->purpose->region->name, f->agency->identity.party.name,
                                            f->purpose->region->epoch, f->unsent.tag, f->unsent.seal_key};
    size_t size = slot_size(schema);
    buf_clear(&f->slots);
    uint8_t *slots = buf_reserve(&f->slots, size * f->unsent.records, err);
    if (slots == NULL)
        return (int)err->code;
    for (size_t i = 0; i < f->unsent.records; i++) {
        record_secret_derive(f->secret, schema, vault_record_key(f->agency->vault), f->unsent.token[i].id);
        slot_make(slots + i * size, schema, f->secret, f->unsent.token[i].key);
    }
    f->slots.len = size * f->unsent.records;
    f->offset[f->count] = f->payloads.len;
    int rc = payload_seal(&f->payloads, schema, &context, slots, f->unsent.records, err);
    sodium_memzero(slots, f->slots.len);
    return rc;
}

/* Gathers the next entries of one kind, PUT or REMOVE, and marks them as on their way. */
static int gather(struct filling *f, enum wire_type type, struct err *err)
{
    uint8_t after[WIRE_TAG_SIZE];
    unsigned cap = f->purpose->schema.cap;
    bool found = true, started = false;
    int rc = 0;
    f->count = 0;
    buf_clear(&f->payloads);
    while (f->count < WIRE_BATCH_MAX && f->payloads.len + WIRE_PAYLOAD_MAX + f->count * 64 < REQUEST_BYTES_MAX) {
        rc = vault_unsent_next(f->agency->vault, f->purpose->domain, started ? after : NULL, cap, &f->unsent, &found, err);
        if (rc != 0 || !found)
            break;
        bool put = f->unsent.records > 0 && f->unsent.records <= cap;
        memcpy(after, f->unsent.tag, sizeof after);
        started = true;
        if (!put && !f->unsent.sent_before) {
            f->counts->crowded += f->unsent.records > cap && type == WIRE_PUT;
            rc = vault_tag_sent(f->agency->vault, f->purpose->domain, f->unsent.tag, true, err);
        } else if (put == (type == WIRE_PUT)) {
            memcpy(f->entry[f->count].tag, f->unsent.tag, WIRE_TAG_SIZE);
            rc = put ? seal_entry(f, err) : 0;
            f->count += rc == 0;
            if (rc == 0)
                rc = vault_tag_sent(f->agency->vault, f->purpose->domain, f->unsent.tag, !put, err);
        }
        if (rc != 0)
            break;
    }
    return rc;
}

static int store_request(struct filling *f, enum wire_type type, struct err *err)
{
    struct entry_request request = {.epoch = f->purpose->region->epoch, .entry = f->entry, .count = f->count};
    struct vault_request out = {.type = type, .count = f->count, .body = buf_of(RPC_MESSAGE_MAX)};
    memcpy(request.purpose, f->purpose->region->name, sizeof request.purpose);
    for (size_t i = 0; i < f->count; i++) {
        size_t end = i + 1 < f->count ? f->offset[i + 1] : f->payloads.len;
        f->entry[i].payload = type == WIRE_PUT ? span_of(f->payloads.data + f->offset[i], end - f->offset[i])
                                               : span_of(NULL, 0);
    }
    randombytes_buf(out.id, sizeof out.id);
    int rc = entry_request_encode(&out.body, type, &request, err);
    if (rc == 0)
        rc = vault_outbox_put(f->agency->vault, &out, err);
    buf_free(&out.body);
    return rc;
}

/* One request into the outbox, in one transaction with the marks; *any is false when there is nothing of this kind. */
static int fill(struct filling *f, enum wire_type type, bool *any, struct err *err)
{
    int rc = vault_begin(f->agency->vault, err);
    if (rc == 0)
        rc = gather(f, type, err);
    *any = f->count > 0;
    if (rc == 0 && *any)
        rc = store_request(f, type, err);
    if (rc == 0)
        rc = vault_commit(f->agency->vault, err);
    vault_rollback(f->agency->vault);
    sodium_memzero(f->unsent.seal_key, sizeof f->unsent.seal_key);
    return rc;
}

static int send_all(struct filling *f, struct progress *progress, uint64_t total, struct err *err)
{
    static const enum wire_type kinds[] = {WIRE_REMOVE, WIRE_PUT};
    int rc = send_outbox(f->agency, f->counts, err);
    for (size_t k = 0; k < 2; k++) {
        bool any = true;
        while (rc == 0 && (rc = fill(f, kinds[k], &any, err)) == 0 && any) {
            rc = send_outbox(f->agency, f->counts, err);
            progress_show(progress, f->counts->put + f->counts->removed, total, f->counts->put + f->counts->removed, "tags");
        }
    }
    return rc;
}

int outgoing_send(struct agency *agency, const struct agency_purpose *purpose, struct progress *progress,
                  struct outgoing_counts *counts, struct err *err)
{
    struct vault_counts before;
    struct filling f = {.agency = agency, .purpose = purpose, .counts = counts, .payloads = buf_of(RPC_MESSAGE_MAX),
                        .slots = buf_of(WIRE_PAYLOAD_MAX)};
    f.entry = calloc(WIRE_BATCH_MAX, sizeof *f.entry);
    f.offset = calloc(WIRE_BATCH_MAX, sizeof *f.offset);
    f.secret = malloc(sizeof *f.secret);
    int rc = f.entry == NULL || f.offset == NULL || f.secret == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for sending entries")
                 : vault_count(agency->vault, purpose->domain, &before, err);
    if (rc == 0)
        rc = send_all(&f, progress, before.unsent, err);
    if (f.secret != NULL)
        sodium_memzero(f.secret, sizeof *f.secret);
    free(f.secret);
    free(f.entry);
    free(f.offset);
    buf_free(&f.payloads);
    buf_free(&f.slots);
    return rc;
}
