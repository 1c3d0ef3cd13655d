#include "matcher/join/change.h"

#include "matcher/join/couple.h"

#include <stdio.h>
#include <string.h>

/* --- beginning --- */

static uint64_t entries_of(struct store *store, uint16_t purpose, uint16_t agency)
{
    const struct store_held *held;
    uint64_t sum = 0;
    for (size_t i = 0; (held = store_held_at(store, i)) != NULL; i++)
        sum += held->purpose == purpose && held->agency == agency ? held->count : 0;
    return sum;
}

/*
 * What becomes of a pair's state. Where one side has no entries nobody has to be told: it is at once what it is to
 * become.
 */
static int follow(struct join *join, const struct store_pair *known, bool partners, struct err *err)
{
    struct store_pair *pair;
    if (partners == (known->state == STORE_PAIR_JOINED))
        return 0;
    bool walk = entries_of(join->store, known->purpose, known->low) > 0 &&
                entries_of(join->store, known->purpose, known->high) > 0;
    int rc = store_pair_change(join->write, known->purpose, known->low, known->high, &pair, err);
    if (rc == 0)
        pair->state =
            partners ? (walk ? STORE_PAIR_BEGINS : STORE_PAIR_JOINED) : (walk ? STORE_PAIR_ENDS : STORE_PAIR_NONE);
    return rc;
}

static bool are_partners(const struct join *join, const struct store_pair *pair)
{
    return !pair->suspended[0] && !pair->suspended[1] &&
           world_mutual_ids(join->world, pair->purpose, pair->low, pair->high);
}

/* Pairs that are nothing yet. */
static int begin_purpose(struct join *join, size_t purpose, struct err *err)
{
    const struct world *w = join->world;
    const uint16_t number = w->purpose_id[purpose];
    int rc = 0;
    for (size_t a = 0; a < w->region->agency_count; a++)
        for (size_t b = 0; rc == 0 && b < a; b++) {
            uint16_t one = w->agency_id[a], two = w->agency_id[b];
            const struct store_pair new = {
                .purpose = number, .low = one < two ? one : two, .high = one < two ? two : one};
            if (world_mutual(w, purpose, a, b) && store_pair_now(join->store, number, one, two) == NULL)
                rc = follow(join, &new, true, err);
        }
    return rc;
}

int change_begin(struct join *join, struct err *err)
{
    const struct store_pair *pair;
    int rc = 0;
    for (size_t i = 0; rc == 0 && (pair = store_pair_at(join->store, i)) != NULL; i++)
        if (world_purpose(join->world, pair->purpose) >= 0)
            rc = follow(join, pair, are_partners(join, pair), err);
    for (size_t p = 0; rc == 0 && p < join->world->region->purpose_count; p++)
        rc = begin_purpose(join, p, err);
    return rc;
}

int change_suspend_check(struct join *join, uint16_t purpose, uint16_t agency, uint16_t partner, bool on,
                         struct err *err)
{
    const struct store_pair pair = store_pair(join->store, purpose, agency, partner);
    const int side = store_side(&pair, agency);
    if (on || !pair.suspended[side] || pair.resumed_day[side] != join->time / JOIN_DAY ||
        pair.resumed[side] < JOIN_RESUMES)
        return 0;
    return err_set(err, ERR_DENIED,
                   "this partner was let take part again %d times today: it stays suspended until tomorrow (UTC)",
                   JOIN_RESUMES);
}

static void count_resume(const struct join *join, struct store_pair *pair, int side)
{
    const uint64_t today = join->time / JOIN_DAY;
    pair->resumed[side] = pair->resumed_day[side] == today ? pair->resumed[side] + 1 : 1;
    pair->resumed_day[side] = today;
}

int change_suspend(struct join *join, uint16_t purpose, uint16_t agency, uint16_t partner, bool on, struct err *err)
{
    struct store_pair *pair;
    int rc = store_pair_change(join->write, purpose, agency, partner, &pair, err);
    if (rc != 0)
        return rc;
    const int side = store_side(pair, agency);
    if (!on && pair->suspended[side])
        count_resume(join, pair, side);
    pair->suspended[side] = on;
    return follow(join, pair, are_partners(join, pair), err);
}

int change_close(struct join *join, uint16_t purpose, uint32_t epoch, uint16_t agency, struct err *err)
{
    const struct store_held *held = store_held_now(join->store, purpose, epoch, agency);
    int rc = store_complete_put(join->write, purpose, epoch, agency, join->time, err);
    if (rc != 0 || (held != NULL && held->phase == STORE_PHASE_OPEN))
        return rc;
    return store_phase_put(join->write, purpose, epoch, agency,
                           held != NULL && held->count > 0 ? STORE_PHASE_OPENING : STORE_PHASE_OPEN, err);
}

/* --- walking --- */

static int walk_couple(struct join *join, const struct tag_place *at, const struct store_entry *a,
                       const struct store_entry *b, struct err *err)
{
    bool before = couple_allowed(join, at, a->agency, b->agency, false);
    bool after = couple_allowed(join, at, a->agency, b->agency, true);
    if (before == after || !couple_not_excluded(a, b))
        return 0;
    return after ? couple_begin(join, at, a, b, err) : couple_end(join, at, a->agency, b->agency, true, err);
}

static int walk_tag(struct join *join, const struct tag_place *at, struct err *err)
{
    const struct store_entries *e = &join->entries;
    int rc = 0;
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = i + 1; rc == 0 && k < e->count; k++)
            rc = walk_couple(join, at, &e->entry[i], &e->entry[k], err);
    return rc;
}

static int settle(struct join *join, uint16_t purpose, struct err *err)
{
    const struct store_pair *known;
    const struct store_held *held;
    struct store_pair *pair;
    int rc = 0;
    for (size_t i = 0; rc == 0 && (known = store_pair_at(join->store, i)) != NULL; i++) {
        if (known->purpose != purpose || (known->state != STORE_PAIR_BEGINS && known->state != STORE_PAIR_ENDS))
            continue;
        rc = store_pair_change(join->write, purpose, known->low, known->high, &pair, err);
        if (rc == 0)
            pair->state = known->state == STORE_PAIR_BEGINS ? STORE_PAIR_JOINED : STORE_PAIR_NONE;
    }
    for (size_t i = 0; rc == 0 && (held = store_held_at(join->store, i)) != NULL; i++)
        if (held->purpose == purpose && held->phase == STORE_PHASE_OPENING)
            rc = store_phase_put(join->write, purpose, held->epoch, held->agency, STORE_PHASE_OPEN, err);
    store_progress_end(join->write, purpose);
    return rc;
}

int change_step(const struct walks *walks, struct join *join, struct err *err)
{
    const uint16_t purpose = walks->walk[0].purpose;
    struct store_position at = walks->walk[0].at;
    struct event event;
    bool found = true;
    int rc = 0;
    event_init(&event, EVENT_REJOIN);
    event.time = join->time;
    snprintf(event.purpose, sizeof event.purpose, "%s", store_name(join->store, purpose));
    while (rc == 0 && event.count < join->steps.walked &&
           store_write_bytes(join->write) + join->tally.bytes < JOIN_STEP_BYTES) {
        rc = store_entries_next(join->write, purpose, &at, &join->entries, &found, err);
        if (rc != 0 || !found)
            break;
        rc = walk_tag(join, &(struct tag_place){purpose, at.epoch, at.tag}, err);
        event.count++;
    }
    if (rc == 0 && found) {
        store_progress_put(join->write, purpose, &at);
    } else if (rc == 0) {
        memcpy(event.note, "done", sizeof "done");
        rc = settle(join, purpose, err);
    }
    if (rc == 0)
        rc = tally_write(&join->tally, join->write, &event, NULL, NULL, err);
    return rc;
}
