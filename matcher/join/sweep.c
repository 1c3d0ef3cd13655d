#include "matcher/join/sweep.h"

#include "matcher/join/change.h"
#include "matcher/join/couple.h"

#include <stdio.h>
#include <stdlib.h>

/* The expired entries of one purpose, and which of them are done with. */
struct sweeping {
    struct join *join;
    uint16_t purpose;
    struct store_expired *list;
    bool *done;
    size_t count;
};

static int expire_one(struct join *join, uint16_t purpose, const struct store_expired *e, struct err *err)
{
    const struct tag_place at = {purpose, e->epoch, e->tag};
    int rc = store_entries_get(join->write, &at, &join->entries, err);
    const struct store_entry *old = rc == 0 ? store_entries_own(&join->entries, e->agency) : NULL;
    if (rc == 0 && old == NULL)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: ages");
    if (rc == 0)
        rc = store_entry_remove(join->write, &at, old, err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++) {
        const struct store_entry *other = &join->entries.entry[i];
        if (other != old && couple_not_excluded(old, other) && couple_allowed_now(join, &at, e->agency, other->agency))
            rc = couple_end(join, &at, e->agency, other->agency, true, err);
    }
    return rc;
}

/*
 * Expires what the agency of the entry at `first` has in that epoch, with one event. Stops at a tag that this write has
 * changed already (*more): what is left of it shows in the next.
 */
static int expire_group(struct sweeping *s, size_t first, bool *more, struct err *err)
{
    struct join *join = s->join;
    const struct store_expired *of = &s->list[first];
    struct event event;
    struct event_digest digest;
    int rc = 0;
    event_init(&event, EVENT_EXPIRE);
    event.time = join->time;
    event.epoch = of->epoch;
    snprintf(event.party, sizeof event.party, "%s", store_name(join->store, of->agency));
    snprintf(event.purpose, sizeof event.purpose, "%s", store_name(join->store, s->purpose));
    event_digest_start(&digest, event.salt);
    for (size_t i = first; rc == 0 && i < s->count; i++) {
        const struct store_expired *e = &s->list[i];
        if (e->agency != of->agency || e->epoch != of->epoch)
            continue;
        if (store_write_hides(join->write, &(struct tag_place){s->purpose, e->epoch, e->tag})) {
            *more = true;
            break;
        }
        rc = expire_one(join, s->purpose, e, err);
        event_digest_add(&digest, span_of(e->tag, WIRE_TAG_SIZE));
        event.count++;
        s->done[i] = true;
    }
    event_digest_end(&digest, event.digest);
    if (rc == 0 && event.count > 0)
        rc = tally_write(&join->tally, join->write, &event, NULL, NULL, err);
    return rc;
}

static int expire_purpose(struct join *join, uint16_t purpose, uint64_t before, bool *more, struct err *err)
{
    struct sweeping s = {.join = join, .purpose = purpose};
    s.list = malloc(SWEEP_STEP * sizeof *s.list);
    s.done = calloc(SWEEP_STEP, sizeof *s.done);
    int rc = s.list == NULL || s.done == NULL
                 ? err_set(err, ERR_NO_MEMORY, "out of memory for the retention sweep")
                 : store_expired(join->write, purpose, before, s.list, SWEEP_STEP, &s.count, err);
    bool hidden = false;
    for (size_t i = 0; rc == 0 && i < s.count && !hidden; i++)
        if (!s.done[i])
            rc = expire_group(&s, i, &hidden, err);
    *more = *more || hidden || s.count == SWEEP_STEP;
    free(s.list);
    free(s.done);
    return rc;
}

int sweep_expired(struct join *join, bool *more, struct err *err)
{
    const struct region *r = join->world->region;
    int rc = 0;
    *more = false;
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++) {
        uint64_t retention = r->purposes[i].retention;
        if (retention > 0 && retention <= join->time)
            rc = expire_purpose(join, join->world->purpose_id[i], join->time - retention, more, err);
    }
    return rc;
}

int sweep_due(struct join *join, struct sweep_place *place, bool *done, bool *changes, struct err *err)
{
    size_t count = 0;
    *done = true;
    *changes = false;
    if (sweep_has_ended(join))
        return sweep_ended(join, place, err);
    *changes = true;
    if (walk_is_running(join->walks))
        return change_step(join->walks, join, err);
    int rc = sweep_loads(join, &count, err);
    if (rc != 0 || count > 0)
        return rc;
    *changes = false;
    rc = sweep_meetings(join, &count, err);
    if (rc == 0 && count == 0)
        rc = sweep_counts(join, &count, err);
    *done = count > 0;
    return rc;
}
