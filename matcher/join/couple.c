#include "matcher/join/couple.h"

#include <string.h>

/* --- whether it stands --- */

static bool register_open(const struct join *join, const struct tag_place *at, uint16_t agency, bool after)
{
    const struct store_held *held = store_held_now(join->store, at->purpose, at->epoch, agency);
    return held != NULL && (held->phase == STORE_PHASE_OPEN || (after && held->phase == STORE_PHASE_OPENING));
}

bool couple_allowed(const struct join *join, const struct tag_place *at, uint16_t a, uint16_t b, bool after)
{
    const struct store_pair *pair = store_pair_now(join->store, at->purpose, a, b);
    return pair != NULL &&
           (pair->state == STORE_PAIR_JOINED || pair->state == (after ? STORE_PAIR_BEGINS : STORE_PAIR_ENDS)) &&
           register_open(join, at, a, after) && register_open(join, at, b, after);
}

bool couple_allowed_now(const struct join *join, const struct tag_place *at, uint16_t a, uint16_t b)
{
    return couple_allowed(join, at, a, b, walk_has_passed(join->walks, at));
}

bool couple_not_excluded(const struct store_entry *a, const struct store_entry *b)
{
    return !store_entry_excludes(a, b->agency) && !store_entry_excludes(b, a->agency);
}

/* --- counting meetings --- */

void couple_new_day(struct store_pair *pair, uint64_t day)
{
    if (pair->day == day)
        return;
    if (pair->asked[0] > 0 || pair->asked[1] > 0)
        pair->owed_day = pair->day;
    pair->owed[0] += pair->asked[0];
    pair->owed[1] += pair->asked[1];
    pair->day = day;
    pair->met = pair->asked[0] = pair->asked[1] = 0;
}

static bool is_released(const struct join *join, const struct store_pair *pair)
{
    const struct store_release *r = pair->release;
    return r[0].left > 0 && r[1].left > 0 && r[0].until > join->time && r[1].until > join->time;
}

/* The smaller limit of both. */
static uint64_t meets_of(const struct join *join, const struct store_pair *pair)
{
    const size_t purpose = (size_t)world_purpose(join->world, pair->purpose);
    uint64_t low = world_limits(join->world, purpose, (size_t)world_agency(join->world, pair->low))->meets;
    uint64_t high = world_limits(join->world, purpose, (size_t)world_agency(join->world, pair->high))->meets;
    return low < high ? low : high;
}

/* 0: none; 1: within the day's limit; 2: beyond it, released. */
static int room_of(const struct join *join, const struct store_pair *pair)
{
    uint64_t met = pair->day == join->time / JOIN_DAY ? pair->met : 0;
    if (!world_mutual_ids(join->world, pair->purpose, pair->low, pair->high) || pair->suspended[0] ||
        pair->suspended[1])
        return 0;
    return met < meets_of(join, pair) ? 1 : is_released(join, pair) ? 2 : 0;
}

bool couple_has_room(const struct join *join, const struct store_pair *pair)
{
    return room_of(join, pair) > 0;
}

bool couple_charge(struct join *join, struct store_pair *pair)
{
    int room = room_of(join, pair);
    if (room == 0)
        return false;
    couple_new_day(pair, join->time / JOIN_DAY);
    pair->met++;
    for (size_t i = 0; room == 2 && i < 2; i++)
        pair->release[i].left--;
    return true;
}

/* --- what becomes of it --- */

static int tell(struct join *join, enum event_kind kind, const struct tag_place *at, uint16_t party, uint16_t partner,
                struct span payload, struct err *err)
{
    const struct tally_key key = {kind, kind != EVENT_WAIT, party, partner, at->purpose, at->epoch};
    if (store_write_bytes(join->write) + join->tally.bytes > STORE_WRITE_BYTES_MAX)
        return err_set(err, ERR_INPUT,
                       "the request has more matches than one write may hold (%u MiB): send fewer tags at once",
                       STORE_WRITE_BYTES_MAX >> 20);
    return tally_add(&join->tally, &key, at->tag, payload, err);
}

int couple_meet(struct join *join, const struct tag_place *at, const struct store_entry *a, const struct store_entry *b,
                struct err *err)
{
    int rc = tell(join, EVENT_DELIVER, at, a->agency, b->agency, b->payload, err);
    if (rc == 0)
        rc = tell(join, EVENT_DELIVER, at, b->agency, a->agency, a->payload, err);
    return rc;
}

int couple_begin(struct join *join, const struct tag_place *at, const struct store_entry *a,
                 const struct store_entry *b, struct err *err)
{
    struct store_pair *pair;
    int rc = store_pair_change(join->write, at->purpose, a->agency, b->agency, &pair, err);
    if (rc != 0)
        return rc;
    if (pair->waiting == 0 && couple_charge(join, pair))
        return couple_meet(join, at, a, b, err);
    pair->waiting++;
    return tell(join, EVENT_WAIT, at, a->agency, b->agency, span_of(NULL, 0), err);
}

/* Whether it waits; then its record is in *waiting. */
static int find_waiting(struct join *join, const struct tag_place *at, uint16_t a, uint16_t b,
                        struct store_waiting *waiting, bool *found, struct err *err)
{
    const struct store_pair *pair = store_pair_now(join->store, at->purpose, a, b);
    *found = false;
    if (pair == NULL || pair->waiting == 0)
        return 0;
    *waiting = (struct store_waiting){.epoch = at->epoch};
    memcpy(waiting->tag, at->tag, WIRE_TAG_SIZE);
    int rc = store_waiting_get(join->write, pair, waiting, err);
    *found = rc == 0;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int couple_end(struct join *join, const struct tag_place *at, uint16_t a, uint16_t b, bool both, struct err *err)
{
    struct store_waiting waiting;
    struct store_pair *pair;
    bool found;
    int rc = find_waiting(join, at, a, b, &waiting, &found, err);
    if (rc == 0 && found) {
        rc = store_pair_change(join->write, at->purpose, a, b, &pair, err);
        if (rc == 0) {
            store_waiting_remove(join->write, pair, &waiting);
            pair->waiting--;
        }
        return rc;
    }
    if (rc == 0)
        rc = tell(join, EVENT_WITHDRAW, at, b, a, span_of(NULL, 0), err);
    if (rc == 0 && both)
        rc = tell(join, EVENT_WITHDRAW, at, a, b, span_of(NULL, 0), err);
    return rc;
}

int couple_renew(struct join *join, const struct tag_place *at, const struct store_entry *a, uint16_t b,
                 struct err *err)
{
    struct store_waiting waiting;
    bool found;
    int rc = find_waiting(join, at, a->agency, b, &waiting, &found, err);
    if (rc == 0 && !found)
        rc = tell(join, EVENT_DELIVER, at, b, a->agency, a->payload, err);
    return rc;
}
