#include "matcher/join/join.h"

#include "matcher/join/couple.h"

#include <stdlib.h>
#include <string.h>

void join_init(struct join *join, struct store *store)
{
    *join = (struct join){.store = store, .steps = JOIN_STEPS};
    tally_init(&join->tally);
    store_entries_init(&join->entries);
}

void join_free(struct join *join)
{
    tally_free(&join->tally);
    changed_free(&join->changed);
    store_entries_free(&join->entries);
}

void join_begin(struct join *join, struct store_write *write, const struct world *world, const struct walks *walks)
{
    join->write = write;
    join->world = world;
    join->walks = walks;
    tally_free(&join->tally);
}

static uint16_t purpose_of(const struct join *join, const struct join_request *request)
{
    return join->world->purpose_id[request->purpose];
}

static uint16_t agency_of(const struct join *join, const struct join_request *request)
{
    return join->world->agency_id[request->agency];
}

bool join_must_wait(const struct join *join, const struct join_request *request)
{
    struct tag_place at = {purpose_of(join, request), request->epoch, NULL};
    for (size_t i = 0; i < wire_entries_count(request->entries); i++) {
        at.tag = wire_entries_tag(request->entries, i);
        if (store_write_hides(join->write, &at))
            return true;
    }
    return false;
}

/* --- putting --- */

static bool same_payload(const struct store_entry *entry, struct span payload)
{
    return entry->payload.len == payload.len && memcmp(entry->payload.data, payload.data, payload.len) == 0;
}

/* old: what the agency had for the tag, NULL if nothing. */
static int join_couple(struct join *join, const struct tag_place *at, const struct store_entry *old,
                       const struct store_entry *entry, const struct store_entry *other, struct err *err)
{
    if (!couple_allowed_now(join, at, entry->agency, other->agency))
        return 0;
    bool stood = old != NULL && couple_not_excluded(old, other), stands = couple_not_excluded(entry, other);
    if (!stood && stands)
        return couple_begin(join, at, entry, other, err);
    if (stood && !stands)
        return couple_end(join, at, entry->agency, other->agency, true, err);
    if (stood && stands && !same_payload(old, entry->payload))
        return couple_renew(join, at, entry, other->agency, err);
    return 0;
}

static int put_one(struct join *join, const struct tag_place *at, const struct store_entry *entry, struct event *event,
                   struct err *err)
{
    int rc = store_entries_get(join->write, at, &join->entries, err);
    if (rc != 0)
        return rc;
    const struct store_entry *old = store_entries_own(&join->entries, entry->agency);
    bool same = old != NULL && same_payload(old, entry->payload);
    event->added += old == NULL;
    event->renewed += same;
    event->replaced += old != NULL && !same;
    rc = store_entry_put(join->write, at, old, entry, err);
    if (rc == 0)
        rc = changed_add(&join->changed, same ? CHANGED_RENEWED : CHANGED_NEW, at->purpose, entry->agency,
                         join->time / JOIN_DAY, err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++)
        if (join->entries.entry[i].agency != entry->agency)
            rc = join_couple(join, at, old, entry, &join->entries.entry[i], err);
    return rc;
}

/* The first put of an epoch says whether the register loads. */
static int set_phase(struct join *join, const struct join_request *request, struct err *err)
{
    uint16_t purpose = purpose_of(join, request), me = agency_of(join, request);
    const struct store_held *held = store_held_now(join->store, purpose, request->epoch, me);
    const struct region_limits *limits = world_limits(join->world, request->purpose, request->agency);
    bool loads = limits->load > 0 && (limits->load_until == 0 || join->time < limits->load_until);
    if (held != NULL && held->phase != STORE_PHASE_NONE)
        return 0;
    return store_phase_put(join->write, purpose, request->epoch, me, loads ? STORE_PHASE_LOADING : STORE_PHASE_OPEN,
                           err);
}

/* How many of these entries are new, and how many of the agency's are as they are. */
static int count_kinds(struct join *join, const struct join_request *request, uint64_t *added, uint64_t *renewed,
                       struct err *err)
{
    struct tag_place at = {purpose_of(join, request), request->epoch, NULL};
    const uint16_t me = agency_of(join, request);
    int rc = 0;
    *added = *renewed = 0;
    for (size_t i = 0; rc == 0 && i < wire_entries_count(request->entries); i++) {
        at.tag = wire_entries_tag(request->entries, i);
        rc = store_entries_get(join->write, &at, &join->entries, err);
        const struct store_entry *old = rc == 0 ? store_entries_own(&join->entries, me) : NULL;
        *added += old == NULL;
        *renewed += old != NULL && same_payload(old, wire_entries_payload(request->entries, i));
    }
    return rc;
}

/* What an agency has put today and holds, and what it may: changed.h. */
struct put_room {
    uint64_t held, entries, put[CHANGED_KINDS], most[CHANGED_KINDS];
};

static struct put_room room_of(struct join *join, const struct join_request *request)
{
    const uint16_t purpose = purpose_of(join, request), me = agency_of(join, request);
    const struct store_held *held = store_held_now(join->store, purpose, request->epoch, me);
    const struct region_limits *limits = world_limits(join->world, request->purpose, request->agency);
    const bool open = held != NULL && held->phase == STORE_PHASE_OPEN;
    struct put_room room = {.held = held != NULL ? held->count : 0, .entries = limits->entries};
    for (enum changed_kind kind = 0; kind < CHANGED_KINDS; kind++)
        room.put[kind] = changed_today(&join->changed, kind, purpose, me, join->time / JOIN_DAY);
    room.most[CHANGED_NEW] = CHANGED_DAYS * limits->daily + (open ? 0 : limits->load);
    room.most[CHANGED_RENEWED] = room.most[CHANGED_NEW] + RENEWED_TIMES * room.held;
    return room;
}

/* Looks the tags up only where a limit is near. */
int join_put_check(struct join *join, const struct join_request *request, struct err *err)
{
    const struct put_room room = room_of(join, request);
    const uint64_t n = wire_entries_count(request->entries);
    uint64_t added, renewed;
    if (room.held + n <= room.entries && room.put[CHANGED_NEW] + n <= room.most[CHANGED_NEW] &&
        room.put[CHANGED_RENEWED] + n <= room.most[CHANGED_RENEWED])
        return 0;
    int rc = count_kinds(join, request, &added, &renewed, err);
    if (rc != 0)
        return rc;
    if (room.held + added > room.entries)
        return err_set(err, ERR_DENIED,
                       "with these entries there would be %llu of this agency and epoch: the limit is %llu",
                       (unsigned long long)(room.held + added), (unsigned long long)room.entries);
    if (n > renewed && room.put[CHANGED_NEW] + n - renewed > room.most[CHANGED_NEW])
        return err_set(err, ERR_DENIED,
                       "with these entries the agency would have changed %llu today: the limit is %llu, of the day's "
                       "tokens for %u days",
                       (unsigned long long)(room.put[CHANGED_NEW] + n - renewed),
                       (unsigned long long)room.most[CHANGED_NEW], CHANGED_DAYS);
    if (renewed > 0 && room.put[CHANGED_RENEWED] + renewed > room.most[CHANGED_RENEWED])
        return err_set(err, ERR_DENIED,
                       "with these entries the agency would have put %llu today that were there already: the limit is "
                       "%llu, %u times what it has and %u days' tokens",
                       (unsigned long long)(room.put[CHANGED_RENEWED] + renewed),
                       (unsigned long long)room.most[CHANGED_RENEWED], RENEWED_TIMES, CHANGED_DAYS);
    return 0;
}

int join_put(struct join *join, const struct join_request *request, const struct span *except, struct event *event,
             struct err *err)
{
    struct tag_place at = {purpose_of(join, request), request->epoch, NULL};
    struct store_entry entry = {.agency = agency_of(join, request), .time = join->time};
    int rc = set_phase(join, request, err);
    for (size_t i = 0; rc == 0 && i < wire_entries_count(request->entries); i++) {
        at.tag = wire_entries_tag(request->entries, i);
        entry.payload = wire_entries_payload(request->entries, i);
        entry.except = except != NULL ? except[i] : span_of(NULL, 0);
        rc = put_one(join, &at, &entry, event, err);
    }
    event->waiting = join->tally.waiting;
    return rc;
}

int join_exceptions(struct span *out, struct buf *bytes, struct store *store, const struct put_request *put,
                    struct err *err)
{
    size_t start[WIRE_EXCEPT_MAX];
    int rc = 0;
    buf_clear(bytes);
    memset(out, 0, wire_entries_count(&put->entries) * sizeof *out);
    for (size_t g = 0; rc == 0 && g < put->except_count; g++) {
        const struct span partners = put->except[g].partners;
        start[g] = bytes->len;
        for (size_t i = 0; rc == 0 && i < partners.len; i += PARTY_DIGEST_SIZE) {
            uint8_t number[2];
            uint16_t agency = store_agency(store, partners.data + i);
            if (agency == 0)
                return err_set(err, ERR_DENIED,
                               "an entry excludes a party that no manifest here has named: is the matcher's manifest "
                               "older than yours?");
            bytes_put_u16be(number, agency);
            rc = buf_put(bytes, number, sizeof number, err);
        }
    }
    for (size_t g = 0; rc == 0 && g < put->except_count; g++)
        for (size_t i = 0; i < put->except[g].entries.len; i += 2)
            out[bytes_get_u16be(put->except[g].entries.data + i)] =
                span_of(bytes->data + start[g], put->except[g].partners.len / PARTY_DIGEST_SIZE * 2);
    return rc;
}

/* --- removing --- */

static int remove_one(struct join *join, const struct tag_place *at, uint16_t me, struct event *event, struct err *err)
{
    int rc = store_entries_get(join->write, at, &join->entries, err);
    if (rc != 0)
        return rc;
    const struct store_entry *old = store_entries_own(&join->entries, me);
    if (old == NULL)
        return 0;
    event->removed++;
    rc = store_entry_remove(join->write, at, old, err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++) {
        const struct store_entry *other = &join->entries.entry[i];
        if (other != old && couple_not_excluded(old, other) && couple_allowed_now(join, at, me, other->agency))
            rc = couple_end(join, at, me, other->agency, false, err);
    }
    return rc;
}

int join_remove(struct join *join, const struct join_request *request, struct event *event, struct err *err)
{
    struct tag_place at = {purpose_of(join, request), request->epoch, NULL};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < wire_entries_count(request->entries); i++) {
        at.tag = wire_entries_tag(request->entries, i);
        rc = remove_one(join, &at, agency_of(join, request), event, err);
    }
    return rc;
}

/* --- releasing --- */

int join_release(struct join *join, uint16_t purpose, uint16_t agency, uint16_t partner,
                 const struct store_release *release, struct err *err)
{
    struct store_pair *pair;
    int rc = store_pair_change(join->write, purpose, agency, partner, &pair, err);
    if (rc == 0)
        pair->release[store_side(pair, agency)] = *release;
    return rc;
}
