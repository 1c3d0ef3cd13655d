/* Pairs that begin and end to be partners, registers that open, and the walks that tell it. */
#include "protocol/audit/replay/replay_join.h"

#include <inttypes.h>
#include <string.h>

/* --- beginning --- */

static bool is_changing(const struct replay_pair *pair)
{
    return pair->state == PAIR_BEGINS || pair->state == PAIR_ENDS;
}

/* Which purposes are to be walked. Whether any is. */
static bool look(struct replay_join *join)
{
    const struct replay_pair *pair;
    const struct replay_register *r;
    bool any = false;
    memset(join->walks, 0, join->world.manifests->names * sizeof *join->walks);
    for (size_t i = 0; (pair = replay_state_pair_at(join->state, i)) != NULL; i++)
        if (is_changing(pair))
            any = join->walks[pair->purpose] = true;
    for (size_t i = 0; (r = replay_state_register_at(join->state, i)) != NULL; i++)
        if (r->phase == REGISTER_OPENING)
            any = join->walks[r->purpose] = true;
    return any;
}

static uint64_t entries_of(const struct replay_join *join, uint16_t purpose, uint16_t agency)
{
    const struct replay_register *r;
    uint64_t sum = 0;
    for (size_t i = 0; (r = replay_state_register_at(join->state, i)) != NULL; i++)
        sum += r->purpose == purpose && r->agency == agency ? r->count : 0;
    return sum;
}

/* A pair of which one side has no entries has nobody to be told: it is at once what it is to become. */
static void follow(struct replay_join *join, struct replay_pair *pair)
{
    bool partners = replay_world_mutual(&join->world, pair->purpose, pair->low, pair->high) && !pair->suspended[0] &&
                    !pair->suspended[1];
    if (partners == (pair->state == PAIR_JOINED))
        return;
    bool walk = entries_of(join, pair->purpose, pair->low) > 0 && entries_of(join, pair->purpose, pair->high) > 0;
    pair->state = partners ? (walk ? PAIR_BEGINS : PAIR_JOINED) : (walk ? PAIR_ENDS : PAIR_NONE);
}

static int begin_purpose(struct replay_join *join, uint16_t purpose, struct err *err)
{
    int rc = 0;
    for (size_t a = 0; a < join->world.agencies; a++)
        for (size_t b = 0; rc == 0 && b < a; b++) {
            struct replay_pair *pair;
            if (!replay_world_mutual(&join->world, purpose, (uint16_t)a, (uint16_t)b))
                continue;
            rc = replay_state_pair_make(join->state, purpose, (uint16_t)a, (uint16_t)b, &pair, err);
        }
    return rc;
}

static int begin(struct replay_join *join, struct err *err)
{
    struct replay_pair *pair;
    int rc = 0;
    join->must_begin = false;
    for (size_t p = 0; rc == 0 && p < join->world.manifests->names; p++)
        if (replay_world_purpose(&join->world, (uint16_t)p) != NULL)
            rc = begin_purpose(join, (uint16_t)p, err);
    for (size_t i = 0; rc == 0 && (pair = replay_state_pair_at(join->state, i)) != NULL; i++)
        if (replay_world_purpose(&join->world, pair->purpose) != NULL)
            follow(join, pair);
    look(join);
    return rc;
}

int replay_manifest(struct replay_join *join, const struct manifest *manifest, struct err *err)
{
    int rc = replay_world_manifest(&join->world, manifest, err);
    join->must_begin = true;
    return rc != 0 || look(join) ? rc : begin(join, err);
}

int replay_suspend(struct replay_join *join, uint16_t purpose, uint16_t agency, uint16_t partner, bool on,
                   struct err *err)
{
    struct replay_pair *pair;
    int rc = replay_state_pair_make(join->state, purpose, agency, partner, &pair, err);
    if (rc != 0)
        return rc;
    pair->suspended[replay_pair_side(pair, agency)] = on;
    follow(join, pair);
    look(join);
    return 0;
}

int replay_close(struct replay_join *join, uint16_t purpose, uint32_t epoch, uint16_t agency, struct err *err)
{
    struct replay_register *r;
    int rc = replay_state_register_make(join->state, purpose, epoch, agency, &r, err);
    if (rc == 0 && r->phase != REGISTER_OPEN)
        r->phase = r->count > 0 ? REGISTER_OPENING : REGISTER_OPEN;
    look(join);
    return rc;
}

/* --- walking --- */

static int walk_couple(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a,
                       const struct replay_entry *b, struct err *err)
{
    bool before = replay_couple_allowed(join, at, a->agency, b->agency, false);
    bool after = replay_couple_allowed(join, at, a->agency, b->agency, true);
    if (before == after || !replay_couple_not_excluded(a, b))
        return 0;
    return after ? replay_couple_begin(join, at, a, b, err)
                 : replay_couple_end(join, at, a->agency, b->agency, true, err);
}

static int walk_tag(struct replay_join *join, const struct tag_place *at, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(join->state, at, &tag, err);
    for (size_t i = 0; rc == 0 && i < tag.count; i++)
        for (size_t k = i + 1; rc == 0 && k < tag.count; k++)
            rc = walk_couple(join, at, &tag.entry[i], &tag.entry[k], err);
    return rc;
}

static int settle(struct replay_join *join, uint16_t purpose, struct err *err)
{
    struct replay_pair *pair;
    struct replay_register *r;
    for (size_t i = 0; (pair = replay_state_pair_at(join->state, i)) != NULL; i++)
        if (pair->purpose == purpose && is_changing(pair))
            pair->state = pair->state == PAIR_BEGINS ? PAIR_JOINED : PAIR_NONE;
    for (size_t i = 0; (r = replay_state_register_at(join->state, i)) != NULL; i++)
        if (r->purpose == purpose && r->phase == REGISTER_OPENING)
            r->phase = REGISTER_OPEN;
    join->walked[purpose] = (struct replay_place){.any = false};
    bool any = look(join);
    return join->must_begin && !any ? begin(join, err) : 0;
}

static int check_end(struct replay_join *join, uint16_t purpose, struct err *err)
{
    struct replay_place end = join->walked[purpose];
    bool found;
    int rc = replay_state_next_tag(join->state, purpose, &end, &found, err);
    if (rc == 0 && found)
        JOIN_FOUND(join, FINDING_MATCH_OMITTED, "the walk for %s was ended before its last tag", join->cause->purpose);
    return rc;
}

int replay_rejoin(struct replay_join *join, uint16_t purpose, struct err *err)
{
    struct replay_place *place = &join->walked[purpose];
    bool found = true, done = strcmp(join->cause->note, "done") == 0;
    uint64_t walked = 0;
    int rc = 0;
    /* Of an archive that lacks the beginning, how far a step went is not known. */
    uint64_t count = join->partly ? 0 : join->cause->count;
    while (rc == 0 && found && walked < count) {
        rc = replay_state_next_tag(join->state, purpose, place, &found, err);
        if (rc == 0 && found)
            rc = walk_tag(join, &(struct tag_place){purpose, place->epoch, place->tag}, err);
        walked += found;
    }
    if (rc == 0 && !join->partly && walked < count)
        JOIN_FOUND(join, FINDING_NOT_CONSISTENT, "it walked %" PRIu64 " tags, but there are no more than %" PRIu64,
                   count, walked);
    if (rc == 0 && done && !join->partly)
        rc = check_end(join, purpose, err);
    return rc == 0 && done ? settle(join, purpose, err) : rc;
}

int replay_check_walked(struct replay_join *join, uint16_t purpose, struct err *err)
{
    if (!replay_walks(join, purpose))
        return 0;
    JOIN_FOUND(join, FINDING_MATCH_OMITTED,
               "the partners of %s changed, but what both sides then had in common was not told before this %s",
               join->cause->purpose, event_kind_name(join->cause->kind));
    return settle(join, purpose, err);
}
