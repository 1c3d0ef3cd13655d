/* What comes with its date: the end of first loads, and counts of questions when a day is over. */
#include "matcher/join/change.h"
#include "matcher/join/couple.h"
#include "matcher/join/sweep.h"

#include <stdio.h>

/* --- first loads --- */

static bool is_due(const struct join *join, const struct store_held *held)
{
    int purpose = world_purpose(join->world, held->purpose), agency = world_agency(join->world, held->agency);
    if (held->phase != STORE_PHASE_LOADING || purpose < 0 || agency < 0 || walk_is_busy(join->walks, held->purpose))
        return false;
    const struct region_limits *limits = world_limits(join->world, (size_t)purpose, (size_t)agency);
    return limits->load == 0 || (limits->load_until != 0 && join->time >= limits->load_until);
}

int sweep_loads(struct join *join, size_t *done, struct err *err)
{
    const struct store_held *held;
    int rc = 0;
    *done = 0;
    for (size_t i = 0; rc == 0 && (held = store_held_at(join->store, i)) != NULL; i++) {
        struct event event;
        if (!is_due(join, held))
            continue;
        event_init(&event, EVENT_CLOSE);
        event.time = join->time;
        event.epoch = held->epoch;
        snprintf(event.party, sizeof event.party, "%s", store_name(join->store, held->agency));
        snprintf(event.purpose, sizeof event.purpose, "%s", store_name(join->store, held->purpose));
        snprintf(event.note, sizeof event.note, "date");
        rc = change_close(join, held->purpose, held->epoch, held->agency, err);
        if (rc == 0)
            rc = store_event(join->write, &event, NULL, NULL, err);
        ++*done;
    }
    return rc;
}

/* --- counts of questions --- */

static bool is_issued(const struct join *join, uint16_t purpose)
{
    int at = world_purpose(join->world, purpose);
    return at >= 0 && join->world->region->purposes[at].kind == REGION_ISSUED;
}

/* Whether the pair owes counts of the day, or of any if it is 0. */
static bool owes(const struct join *join, const struct store_pair *pair, uint64_t day)
{
    const uint64_t today = join->time / JOIN_DAY;
    if (!is_issued(join, pair->purpose))
        return false;
    if (pair->owed[0] > 0 || pair->owed[1] > 0)
        return day == 0 || pair->owed_day == day;
    return pair->day < today && (pair->asked[0] > 0 || pair->asked[1] > 0) && (day == 0 || pair->day == day);
}

static int tell_pair(struct join *join, const struct store_pair *known, struct event *cause, struct err *err)
{
    struct store_pair *pair;
    int rc = store_pair_change(join->write, known->purpose, known->low, known->high, &pair, err);
    if (rc == 0 && pair->owed[0] == 0 && pair->owed[1] == 0)
        couple_new_day(pair, join->time / JOIN_DAY);
    for (size_t side = 0; rc == 0 && side < 2; side++) {
        const uint16_t asker = side == 0 ? pair->low : pair->high, owner = side == 0 ? pair->high : pair->low;
        const struct tally_key key = {EVENT_ASKED, true, owner, asker, pair->purpose, 0};
        if (pair->owed[side] == 0)
            continue;
        rc = tally_add_count(&join->tally, &key, pair->owed[side], err);
        pair->owed[side] = 0;
        cause->count++;
    }
    return rc;
}

/* One event for a purpose and day: the first that is owed. */
int sweep_counts(struct join *join, size_t *done, struct err *err)
{
    const struct store_pair *pair, *first = NULL;
    struct event event;
    int rc = 0;
    *done = 0;
    for (size_t i = 0; first == NULL && (pair = store_pair_at(join->store, i)) != NULL; i++)
        if (owes(join, pair, 0))
            first = pair;
    if (first == NULL)
        return 0;
    const uint64_t day = first->owed[0] > 0 || first->owed[1] > 0 ? first->owed_day : first->day;
    event_init(&event, EVENT_COUNTS);
    event.time = join->time;
    event.until = (day + 1) * JOIN_DAY;
    snprintf(event.purpose, sizeof event.purpose, "%s", store_name(join->store, first->purpose));
    for (size_t i = 0; rc == 0 && (pair = store_pair_at(join->store, i)) != NULL; i++)
        if (pair->purpose == first->purpose && owes(join, pair, day))
            rc = tell_pair(join, pair, &event, err);
    *done = event.count;
    if (rc == 0)
        rc = tally_write(&join->tally, join->write, &event, NULL, NULL, err);
    return rc;
}
