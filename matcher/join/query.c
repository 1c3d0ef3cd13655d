/* Asking: rule 6 of join.h. Nothing of a question is stored, and nothing of it waits; who is asked is told. */
#include "matcher/join/couple.h"

#include <stdlib.h>
#include <string.h>

/*
 * What a reply takes beside payloads: a hit's field names, tag and digest; a partner that was not asked; an event with
 * its proof. The rest of a message is for receipt and envelope.
 */
#define HIT_OVERHEAD (WIRE_TAG_SIZE + PARTY_DIGEST_SIZE + 48)
#define UNASKED_OVERHEAD (PARTY_DIGEST_SIZE + 40)
#define LINE_OVERHEAD 2048
#define HITS_BYTES_MAX (RPC_MESSAGE_MAX - (64u << 10))

/* One scope of a query, with whom it asks: by position in the manifest. */
struct asking {
    struct join *join;
    const struct join_request *request;
    uint8_t scope;
    uint16_t me, purpose;
    bool issued;
    bool asked[REGION_AGENCIES_MAX];
    struct join_hits *hits;
};

void join_hits_free(struct join_hits *hits)
{
    free(hits->hit);
    free(hits->unasked);
    free(hits->registers);
    buf_free(&hits->bytes);
    *hits = (struct join_hits){0};
}

/* --- whom to ask --- */

static int add_unasked(struct asking *a, size_t partner, enum query_reason reason, struct err *err)
{
    struct join_hits *hits = a->hits;
    if (hits->unasked_count == hits->unasked_room) {
        size_t room = hits->unasked_room > 0 ? 2 * hits->unasked_room : 16;
        struct query_unasked *more = realloc(hits->unasked, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the partners of a query");
        hits->unasked = more;
        hits->unasked_room = room;
    }
    struct query_unasked *unasked = &hits->unasked[hits->unasked_count++];
    *unasked = (struct query_unasked){.scope = a->scope, .reason = reason};
    memcpy(unasked->partner, a->join->world->region->digests[partner], PARTY_DIGEST_SIZE);
    return 0;
}

/* When the partner last said that its register is complete; nothing of one that never did, or has none. */
static int add_register(struct asking *a, size_t partner, struct err *err)
{
    const struct world *w = a->join->world;
    struct join_hits *hits = a->hits;
    const struct store_held *held =
        store_held_now(a->join->store, a->purpose, a->request->epoch, w->agency_id[partner]);
    if (held == NULL || held->count == 0 || held->complete == 0)
        return 0;
    if (hits->register_count == hits->register_room) {
        size_t room = hits->register_room > 0 ? 2 * hits->register_room : 16;
        struct query_register *more = realloc(hits->registers, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for the registers of a query");
        hits->registers = more;
        hits->register_room = room;
    }
    struct query_register *out = &hits->registers[hits->register_count++];
    *out = (struct query_register){.scope = a->scope, .time = held->complete};
    memcpy(out->partner, w->region->digests[partner], PARTY_DIGEST_SIZE);
    return 0;
}

static bool is_excepted(struct span except, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i + PARTY_DIGEST_SIZE <= except.len; i += PARTY_DIGEST_SIZE)
        if (memcmp(except.data + i, digest, PARTY_DIGEST_SIZE) == 0)
            return true;
    return false;
}

/* Why the partner is not asked, 0 if it is. */
static enum query_reason reason_of(const struct asking *a, size_t partner, struct span except)
{
    const struct world *w = a->join->world;
    const struct store_pair *pair = store_pair_now(a->join->store, a->purpose, a->me, w->agency_id[partner]);
    if (is_excepted(except, w->region->digests[partner]))
        return QUERY_EXCEPTED;
    if (pair != NULL && (pair->suspended[0] || pair->suspended[1]))
        return QUERY_SUSPENDED;
    if (pair == NULL || pair->state != STORE_PAIR_JOINED)
        return QUERY_REJOINING;
    uint64_t used = pair->day == a->join->time / JOIN_DAY ? pair->asked[store_side(pair, a->me)] : 0;
    uint64_t limit = world_limits(w, a->request->purpose, a->request->agency)->asks;
    return used + wire_entries_count(a->request->entries) > limit ? QUERY_ASKS_USED : 0;
}

static bool is_partner(const struct asking *a, size_t agency)
{
    return agency != a->request->agency &&
           world_mutual(a->join->world, a->request->purpose, a->request->agency, agency);
}

static int charge(struct asking *a, size_t partner, struct err *err)
{
    struct store_pair *pair;
    int rc = store_pair_change(a->join->write, a->purpose, a->me, a->join->world->agency_id[partner], &pair, err);
    if (rc != 0)
        return rc;
    couple_new_day(pair, a->join->time / JOIN_DAY);
    pair->asked[store_side(pair, a->me)] += wire_entries_count(a->request->entries);
    return 0;
}

static int choose(struct asking *a, struct span except, struct err *err)
{
    int rc = 0;
    for (size_t b = 0; rc == 0 && b < a->join->world->region->agency_count; b++) {
        if (!is_partner(a, b))
            continue;
        enum query_reason reason = reason_of(a, b, except);
        a->asked[b] = reason == 0;
        rc = reason == 0 ? charge(a, b, err) : add_unasked(a, b, reason, err);
        if (rc == 0 && reason == 0 && a->issued)
            rc = add_register(a, b, err);
    }
    return rc;
}

static struct asking asking_of(struct join *join, const struct join_request *request, size_t scope,
                               struct join_hits *hits)
{
    return (struct asking){.join = join,
                           .request = request,
                           .scope = (uint8_t)scope,
                           .me = join->world->agency_id[request->agency],
                           .purpose = join->world->purpose_id[request->purpose],
                           .issued = join->world->region->purposes[request->purpose].kind == REGION_ISSUED,
                           .hits = hits};
}

int join_query_check(struct join *join, const struct join_request *requests, size_t count, struct span except,
                     struct err *err)
{
    size_t asked = 0, used_up = 0;
    for (size_t s = 0; s < count; s++) {
        const struct asking a = asking_of(join, &requests[s], s, NULL);
        for (size_t b = 0; b < join->world->region->agency_count; b++) {
            enum query_reason reason = is_partner(&a, b) ? reason_of(&a, b, except) : QUERY_EXCEPTED;
            asked += reason == 0;
            used_up += reason == QUERY_ASKS_USED;
        }
    }
    if (asked == 0 && used_up > 0)
        return err_set(err, ERR_DENIED, "the questions of today (UTC) to every partner are used up");
    return 0;
}

/* --- asking --- */

/* *added false: the reply is full. */
static int add_hit(struct asking *a, const uint8_t tag[WIRE_TAG_SIZE], const struct store_entry *entry, bool *added,
                   struct err *err)
{
    struct join_hits *hits = a->hits;
    *added = hits->count < WIRE_BATCH_MAX && hits->bytes.len + entry->payload.len + (hits->count + 1) * HIT_OVERHEAD +
                                                     hits->unasked_count * UNASKED_OVERHEAD +
                                                     (a->join->tally.count + 1) * LINE_OVERHEAD <=
                                                 HITS_BYTES_MAX;
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
    int rc = buf_put(&hits->bytes, entry->payload.data, entry->payload.len, err);
    if (rc != 0)
        return rc;
    *hit = (struct query_hit){.scope = a->scope, .payload = {NULL, entry->payload.len}};
    memcpy(hit->tag, tag, WIRE_TAG_SIZE);
    memcpy(hit->partner, a->join->world->region->digests[world_agency(a->join->world, entry->agency)],
           sizeof hit->partner);
    hits->count++;
    return 0;
}

/* The asker gets the entry; its owner, the question. */
static int ask_one(struct asking *a, const struct store_entry *entry, const uint8_t tag[WIRE_TAG_SIZE],
                   struct span question, struct err *err)
{
    const uint32_t epoch = a->request->epoch;
    const struct tally_key hit = {EVENT_DELIVER, false, a->me, entry->agency, a->purpose, epoch};
    const struct tally_key notice = {EVENT_ASKED, true, entry->agency, a->me, a->purpose, epoch};
    bool added;
    int rc = add_hit(a, tag, entry, &added, err);
    a->hits->cut = !added;
    if (rc == 0 && added)
        rc = tally_add(&a->join->tally, &hit, tag, entry->payload, err);
    if (rc == 0 && added && !a->issued)
        rc = tally_add(&a->join->tally, &notice, tag, question, err);
    return rc;
}

static int ask_tag(struct asking *a, size_t i, struct err *err)
{
    struct join *join = a->join;
    const struct tag_place at = {a->purpose, a->request->epoch, wire_entries_tag(a->request->entries, i)};
    int rc = store_entries_get(join->write, &at, &join->entries, err);
    for (size_t k = 0; rc == 0 && k < join->entries.count && !a->hits->cut; k++) {
        const struct store_entry *entry = &join->entries.entry[k];
        int partner = world_agency(join->world, entry->agency);
        if (partner >= 0 && a->asked[partner] && !store_entry_excludes(entry, a->me))
            rc = ask_one(a, entry, at.tag, wire_entries_payload(a->request->entries, i), err);
    }
    return rc;
}

int join_query(struct join *join, const struct join_request *requests, size_t count, struct span except,
               struct join_hits *hits, struct event *event, struct err *err)
{
    size_t excepted = 0;
    int rc = 0;
    *hits = (struct join_hits){.bytes = buf_of(RPC_MESSAGE_MAX)};
    for (size_t s = 0; rc == 0 && s < count; s++) {
        struct asking a = asking_of(join, &requests[s], s, hits);
        rc = choose(&a, except, err);
        for (size_t i = 0; rc == 0 && i < wire_entries_count(requests[s].entries) && !hits->cut; i++)
            rc = ask_tag(&a, i, err);
    }
    const uint8_t *at = hits->bytes.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < hits->count; i++) {
        hits->hit[i].payload.data = at;
        at += hits->hit[i].payload.len;
    }
    for (size_t i = 0; i < hits->unasked_count; i++)
        excepted += hits->unasked[i].reason == QUERY_EXCEPTED;
    event->hits = hits->count;
    event->unasked = hits->unasked_count - excepted;
    if (hits->cut)
        memcpy(event->note, "cut", sizeof "cut");
    return rc;
}
