#include "matcher/join/join.h"

#include <stdlib.h>
#include <string.h>

/* What a hit takes in the reply beside its payload: field names, tag, the partner's digest. */
#define HIT_OVERHEAD (WIRE_TAG_SIZE + PARTY_DIGEST_SIZE + 48)
#define HITS_BYTES_MAX (RPC_MESSAGE_MAX - (64u << 10)) /* the rest is for receipt and envelope */

void join_init(struct join *join, struct store *store)
{
    *join = (struct join){.store = store};
    tally_init(&join->tally);
    store_entries_init(&join->entries);
}

void join_free(struct join *join)
{
    tally_free(&join->tally);
    store_entries_free(&join->entries);
}

void join_begin(struct join *join, struct store_write *write, const struct world *world)
{
    join->write = write;
    join->world = world;
    tally_free(&join->tally);
}

bool join_must_wait(const struct join *join, const struct join_request *request)
{
    uint16_t purpose = join->world->purpose_id[request->purpose];
    for (size_t i = 0; i < wire_entries_count(request->entries); i++)
        if (store_write_hides(join->write, purpose, request->epoch, wire_entries_tag(request->entries, i)))
            return true;
    return false;
}

int join_tell(struct join *join, enum mailbox_kind kind, uint16_t party, uint16_t partner, uint16_t purpose,
              uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err)
{
    struct store_message message = {
        .kind = kind, .purpose = purpose, .partner = partner, .epoch = epoch, .payload = payload};
    memcpy(message.tag, tag, WIRE_TAG_SIZE);
    if (store_write_bytes(join->write) > STORE_WRITE_BYTES_MAX)
        return err_set(err, ERR_INPUT,
                       "the request has more matches than one write may hold (%u MiB): send fewer tags at once",
                       STORE_WRITE_BYTES_MAX >> 20);
    int rc = store_mailbox_append(join->write, party, &message, err);
    if (rc == 0)
        rc = tally_add(&join->tally, kind == MAILBOX_MATCH ? EVENT_DELIVER : EVENT_WITHDRAW, party, partner, purpose,
                       epoch, tag, payload, err);
    return rc;
}

static const struct store_entry *own_entry(const struct store_entries *entries, uint16_t agency)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->entry[i].agency == agency)
            return &entries->entry[i];
    return NULL;
}

/* Whether this entry is of an agency with which the asking one shares the purpose. */
static bool is_partner(const struct join *join, const struct join_request *request, const struct store_entry *entry)
{
    int at = join->world->agency_at[entry->agency];
    return at >= 0 && (size_t)at != request->agency &&
           world_mutual(join->world, request->purpose, request->agency, (size_t)at);
}

static bool same_payload(const struct store_entry *entry, struct span payload)
{
    return entry->payload.len == payload.len && memcmp(entry->payload.data, payload.data, payload.len) == 0;
}

static int put_one(struct join *join, const struct join_request *request, const uint8_t tag[WIRE_TAG_SIZE],
                   struct span payload, struct event *event, struct err *err)
{
    uint32_t epoch = request->epoch;
    uint16_t me = join->world->agency_id[request->agency], purpose = join->world->purpose_id[request->purpose];
    int rc = store_entries_get(join->write, purpose, epoch, tag, &join->entries, err);
    if (rc != 0)
        return rc;
    const struct store_entry *old = own_entry(&join->entries, me);
    const struct store_entry entry = {me, join->time, payload};
    bool same = old != NULL && same_payload(old, payload);
    event->added += old == NULL;
    event->renewed += same;
    event->replaced += old != NULL && !same;
    rc = store_entry_put(join->write, purpose, epoch, tag, old, &entry, err);
    for (size_t i = 0; rc == 0 && !same && i < join->entries.count; i++) {
        const struct store_entry *other = &join->entries.entry[i];
        if (!is_partner(join, request, other))
            continue;
        rc = join_tell(join, MAILBOX_MATCH, other->agency, me, purpose, epoch, tag, payload, err);
        if (rc == 0)
            rc = join_tell(join, MAILBOX_MATCH, me, other->agency, purpose, epoch, tag, other->payload, err);
    }
    return rc;
}

int join_put(struct join *join, const struct join_request *request, struct event *event, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < wire_entries_count(request->entries); i++)
        rc = put_one(join, request, wire_entries_tag(request->entries, i), wire_entries_payload(request->entries, i),
                     event, err);
    return rc;
}

static int remove_one(struct join *join, const struct join_request *request, const uint8_t tag[WIRE_TAG_SIZE],
                      struct event *event, struct err *err)
{
    uint32_t epoch = request->epoch;
    uint16_t me = join->world->agency_id[request->agency], purpose = join->world->purpose_id[request->purpose];
    int rc = store_entries_get(join->write, purpose, epoch, tag, &join->entries, err);
    if (rc != 0)
        return rc;
    const struct store_entry *old = own_entry(&join->entries, me);
    if (old == NULL)
        return 0;
    event->removed++;
    rc = store_entry_remove(join->write, purpose, epoch, tag, old, err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++) {
        const struct store_entry *other = &join->entries.entry[i];
        if (is_partner(join, request, other))
            rc = join_tell(join, MAILBOX_WITHDRAWN, other->agency, me, purpose, epoch, tag, span_of(NULL, 0), err);
    }
    return rc;
}

int join_remove(struct join *join, const struct join_request *request, struct event *event, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < wire_entries_count(request->entries); i++)
        rc = remove_one(join, request, wire_entries_tag(request->entries, i), event, err);
    return rc;
}

/* --- asking without storing --- */

void join_hits_free(struct join_hits *hits)
{
    free(hits->hit);
    buf_free(&hits->bytes);
    *hits = (struct join_hits){0};
}

/* *added false: the reply is full. */
static int add_hit(struct join_hits *hits, const uint8_t tag[WIRE_TAG_SIZE], const uint8_t partner[PARTY_DIGEST_SIZE],
                   struct span payload, bool *added, struct err *err)
{
    *added = hits->count < WIRE_BATCH_MAX &&
             hits->bytes.len + payload.len + (hits->count + 1) * HIT_OVERHEAD <= HITS_BYTES_MAX;
    if (!*added)
        return 0;
    if (hits->count == hits->room) {
        size_t room = hits->room > 0 ? 2 * hits->room : 16;
        struct query_hit *more = realloc(hits->hit, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the matches of a query");
        hits->hit = more;
        hits->room = room;
    }
    struct query_hit *hit = &hits->hit[hits->count];
    int rc = buf_put(&hits->bytes, payload.data, payload.len, err);
    if (rc != 0)
        return rc;
    memcpy(hit->tag, tag, WIRE_TAG_SIZE);
    hit->scope = 0;
    memcpy(hit->partner, partner, sizeof hit->partner);
    hit->payload.len = payload.len;
    hits->count++;
    return 0;
}

/* Partners' entries for one tag. */
static int query_one(struct join *join, const struct join_request *request, const uint8_t tag[WIRE_TAG_SIZE],
                     struct join_hits *hits, struct err *err)
{
    const struct world *w = join->world;
    uint32_t epoch = request->epoch;
    uint16_t me = w->agency_id[request->agency], purpose = w->purpose_id[request->purpose];
    int rc = store_entries_get(join->write, purpose, epoch, tag, &join->entries, err);
    for (size_t k = 0; rc == 0 && k < join->entries.count && !hits->cut; k++) {
        const struct store_entry *other = &join->entries.entry[k];
        bool added;
        if (!is_partner(join, request, other))
            continue;
        rc = add_hit(hits, tag, w->region->digests[w->agency_at[other->agency]], other->payload, &added, err);
        hits->cut = !added;
        if (rc == 0 && added)
            rc = tally_add(&join->tally, EVENT_DELIVER, me, other->agency, purpose, epoch, tag, other->payload, err);
    }
    return rc;
}

int join_query(struct join *join, const struct join_request *request, struct join_hits *hits, struct event *event,
               struct err *err)
{
    int rc = 0;
    *hits = (struct join_hits){.bytes = buf_of(RPC_MESSAGE_MAX)};
    for (size_t i = 0; rc == 0 && i < wire_entries_count(request->entries) && !hits->cut; i++)
        rc = query_one(join, request, wire_entries_tag(request->entries, i), hits, err);
    const uint8_t *at = hits->bytes.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < hits->count; i++) {
        hits->hit[i].payload.data = at;
        at += hits->hit[i].payload.len;
    }
    event->hits = hits->count;
    if (hits->cut)
        memcpy(event->note, "cut", sizeof "cut");
    return rc;
}
