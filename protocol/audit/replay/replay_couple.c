/* Whether a couple stands, what becomes of it. */
#include "protocol/audit/replay/replay_join.h"

#include <string.h>

#define DAY 86400

/* --- whether it stands --- */

static bool register_open(const struct replay_join *join, const struct tag_place *at, uint16_t agency, bool after)
{
    const struct replay_register *r = replay_state_register(join->state, at->purpose, at->epoch, agency);
    return r != NULL && (r->phase == REGISTER_OPEN || (after && r->phase == REGISTER_OPENING));
}

bool replay_couple_allowed(const struct replay_join *join, const struct tag_place *at, uint16_t a, uint16_t b,
                           bool after)
{
    const struct replay_pair *pair = replay_state_pair(join->state, at->purpose, a, b);
    return pair != NULL && (pair->state == PAIR_JOINED || pair->state == (after ? PAIR_BEGINS : PAIR_ENDS)) &&
           register_open(join, at, a, after) && register_open(join, at, b, after);
}

static bool has_passed(const struct replay_join *join, const struct tag_place *at)
{
    const struct replay_place *place = &join->walked[at->purpose];
    if (!replay_walks(join, at->purpose))
        return true;
    return place->any &&
           (at->epoch < place->epoch || (at->epoch == place->epoch && memcmp(at->tag, place->tag, WIRE_TAG_SIZE) <= 0));
}

bool replay_couple_allowed_now(const struct replay_join *join, const struct tag_place *at, uint16_t a, uint16_t b)
{
    return replay_couple_allowed(join, at, a, b, has_passed(join, at));
}

bool replay_entry_excludes(const struct replay_entry *entry, uint16_t agency)
{
    for (size_t i = 0; i + 2 <= entry->except.len; i += 2)
        if (bytes_get_u16be(entry->except.data + i) == agency)
            return true;
    return false;
}

bool replay_couple_not_excluded(const struct replay_entry *a, const struct replay_entry *b)
{
    return !replay_entry_excludes(a, b->agency) && !replay_entry_excludes(b, a->agency);
}

/* --- counting meetings --- */

void replay_pair_new_day(struct replay_pair *pair, uint64_t day)
{
    if (pair->day == day)
        return;
    if (pair->asked[0] > 0 || pair->asked[1] > 0)
        pair->owed_day = pair->day;
    for (size_t i = 0; i < 2; i++) {
        pair->owed[i] += pair->asked[i];
        pair->asked[i] = 0;
    }
    pair->day = day;
    pair->met = 0;
}

static bool is_released(const struct replay_join *join, const struct replay_pair *pair)
{
    const uint64_t now = join->cause->time;
    return pair->release[0].left > 0 && pair->release[1].left > 0 && pair->release[0].until > now &&
           pair->release[1].until > now;
}

static uint64_t meets_of(const struct replay_join *join, const struct replay_pair *pair)
{
    const struct region_limits *low = replay_world_limits(&join->world, pair->purpose, pair->low);
    const struct region_limits *high = replay_world_limits(&join->world, pair->purpose, pair->high);
    if (low == NULL || high == NULL)
        return 0;
    return low->meets < high->meets ? low->meets : high->meets;
}

bool replay_couple_charge(const struct replay_join *join, struct replay_pair *pair)
{
    const uint64_t day = join->cause->time / DAY, met = pair->day == day ? pair->met : 0;
    if (!replay_world_mutual(&join->world, pair->purpose, pair->low, pair->high) || pair->suspended[0] ||
        pair->suspended[1])
        return false;
    const bool within = met < meets_of(join, pair);
    if (!within && !is_released(join, pair))
        return false;
    replay_pair_new_day(pair, day);
    pair->met++;
    for (size_t i = 0; !within && i < 2; i++)
        pair->release[i].left--;
    return true;
}

/* --- what becomes of it --- */

static struct replay_line_key key_of(const struct replay_join *join, enum event_kind kind, const struct tag_place *at,
                                     uint16_t party, uint16_t partner)
{
    return (struct replay_line_key){
        kind, join->world.name[party], join->world.name[partner], at->purpose, at->epoch, party, partner};
}

static int tell(struct replay_join *join, enum event_kind kind, const struct tag_place *at, uint16_t party,
                uint16_t partner, struct span payload, struct err *err)
{
    const struct replay_line_key key = key_of(join, kind, at, party, partner);
    join->counts->delivered += kind == EVENT_DELIVER;
    join->counts->withdrawn += kind == EVENT_WITHDRAW;
    join->counts->waited += kind == EVENT_WAIT;
    return replay_lines_due(join->lines, &key, at->tag, payload, err);
}

/* What party is not to get from partner, since the couple waits. */
static int hold(struct replay_join *join, const struct tag_place *at, uint16_t party, uint16_t partner, struct err *err)
{
    const struct replay_line_key key = key_of(join, EVENT_DELIVER, at, party, partner);
    return replay_lines_held(join->lines, &key, err);
}

int replay_couple_meet(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a,
                       const struct replay_entry *b, struct err *err)
{
    int rc = tell(join, EVENT_DELIVER, at, a->agency, b->agency, b->payload, err);
    if (rc == 0)
        rc = tell(join, EVENT_DELIVER, at, b->agency, a->agency, a->payload, err);
    return rc;
}

int replay_couple_begin(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a,
                        const struct replay_entry *b, struct err *err)
{
    struct replay_pair *pair = replay_state_pair(join->state, at->purpose, a->agency, b->agency);
    struct replay_waiting waiting = {.leaf = join->index, .epoch = at->epoch};
    if (pair->waiting == 0 && replay_couple_charge(join, pair))
        return replay_couple_meet(join, at, a, b, err);
    memcpy(waiting.tag, at->tag, WIRE_TAG_SIZE);
    replay_state_wait(join->state, pair, &waiting);
    int rc = tell(join, EVENT_WAIT, at, a->agency, b->agency, span_of(NULL, 0), err);
    if (rc == 0)
        rc = hold(join, at, a->agency, b->agency, err);
    if (rc == 0)
        rc = hold(join, at, b->agency, a->agency, err);
    return rc;
}

static int find_waiting(struct replay_join *join, const struct tag_place *at, const struct replay_pair *pair,
                        struct replay_waiting *waiting, bool *found, struct err *err)
{
    *waiting = (struct replay_waiting){.epoch = at->epoch};
    memcpy(waiting->tag, at->tag, WIRE_TAG_SIZE);
    return replay_state_wait_find(join->state, pair, waiting, found, err);
}

int replay_couple_end(struct replay_join *join, const struct tag_place *at, uint16_t a, uint16_t b, bool both,
                      struct err *err)
{
    struct replay_pair *pair = replay_state_pair(join->state, at->purpose, a, b);
    struct replay_waiting waiting;
    bool found;
    int rc = find_waiting(join, at, pair, &waiting, &found, err);
    if (rc == 0 && found)
        replay_state_wait_end(join->state, pair, &waiting);
    if (rc != 0 || found)
        return rc;
    rc = tell(join, EVENT_WITHDRAW, at, b, a, span_of(NULL, 0), err);
    return rc == 0 && both ? tell(join, EVENT_WITHDRAW, at, a, b, span_of(NULL, 0), err) : rc;
}

int replay_couple_renew(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a, uint16_t b,
                        struct err *err)
{
    const struct replay_pair *pair = replay_state_pair(join->state, at->purpose, a->agency, b);
    struct replay_waiting waiting;
    bool found;
    int rc = find_waiting(join, at, pair, &waiting, &found, err);
    if (rc != 0)
        return rc;
    return found ? hold(join, at, b, a->agency, err) : tell(join, EVENT_DELIVER, at, b, a->agency, a->payload, err);
}

/* --- one entry of a tag --- */

const struct replay_entry *replay_tag_own(const struct replay_tag *tag, uint16_t agency)
{
    for (size_t i = 0; i < tag->count; i++)
        if (tag->entry[i].agency == agency)
            return &tag->entry[i];
    return NULL;
}

int replay_entry_end(struct replay_join *join, const struct tag_place *at, const struct replay_tag *tag,
                     const struct replay_entry *own, bool both, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < tag->count; i++) {
        const struct replay_entry *other = &tag->entry[i];
        if (other != own && replay_couple_not_excluded(own, other) &&
            replay_couple_allowed_now(join, at, own->agency, other->agency))
            rc = replay_couple_end(join, at, own->agency, other->agency, both, err);
    }
    if (rc == 0)
        replay_state_remove(join->state, at, own);
    return rc;
}
