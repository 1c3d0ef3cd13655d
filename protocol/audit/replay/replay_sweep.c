/*
 * What a matcher does of its own accord: entries expire and end, couples that waited meet, counts of questions are
 * told.
 */
#include "protocol/audit/replay/replay_join.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STEP 4096
#define DAY 86400

static void count_down(const struct replay_join *join, uint16_t purpose, uint32_t epoch, uint16_t agency)
{
    struct replay_register *r = replay_state_register(join->state, purpose, epoch, agency);
    if (r != NULL)
        r->count -= join->cause->count < r->count ? join->cause->count : r->count;
}

/* The agency's entry for the tag goes; both sides are told. */
static int end_tag(struct replay_join *join, const struct tag_place *at, uint16_t agency, struct err *err)
{
    struct replay_tag tag;
    int rc = replay_state_tag(join->state, at, &tag, err);
    const struct replay_entry *own = rc == 0 ? replay_tag_own(&tag, agency) : NULL;
    return own != NULL ? replay_entry_end(join, at, &tag, own, true, err) : rc;
}

/* --- expiry --- */

/* Goes through the oldest in steps, since the event may name more than memory should hold. */
struct expiring {
    struct replay_join *join;
    uint16_t purpose, agency;
    uint32_t epoch;
    uint64_t retention, done, youngest;
    struct event_digest digest;
    struct replay_aged aged[STEP];
};

static int expire_step(struct expiring *x, bool *more, struct err *err)
{
    struct replay_join *join = x->join;
    const uint64_t left = join->cause->count - x->done;
    size_t count;
    int rc = replay_state_oldest(join->state, x->purpose, x->epoch, x->agency, x->aged,
                                 left < STEP ? (size_t)left : STEP, &count, err);
    *more = rc == 0 && count > 0;
    for (size_t i = 0; rc == 0 && *more && i < count; i++) {
        /* Of an archive that lacks the beginning: the others that expired are from before it. */
        if (join->partly && x->aged[i].time + x->retention >= join->cause->time) {
            *more = false;
            break;
        }
        event_digest_add(&x->digest, span_of(x->aged[i].tag, WIRE_TAG_SIZE));
        x->youngest = x->aged[i].time;
        x->done++;
        rc = end_tag(join, &(struct tag_place){x->purpose, x->epoch, x->aged[i].tag}, x->agency, err);
    }
    if (rc == 0)
        rc = replay_state_commit(join->state, err);
    return rc;
}

static void compare_expired(struct expiring *x)
{
    const struct event *e = x->join->cause;
    uint8_t digest[EVENT_DIGEST_SIZE];
    event_digest_end(&x->digest, digest);
    if (x->done < e->count || memcmp(digest, e->digest, sizeof digest) != 0)
        JOIN_FOUND(x->join, FINDING_NOT_CONSISTENT, "the entries that expired are not the %" PRIu64 " oldest of %s",
                   e->count, e->party);
    else if (x->youngest + x->retention >= e->time)
        JOIN_FOUND(x->join, FINDING_NOT_ALLOWED, "entries of %s expired before the retention of %s had passed",
                   e->party, e->purpose);
}

int replay_expire(struct replay_join *join, uint16_t purpose, uint16_t agency, struct err *err)
{
    const struct region_purpose *p = replay_world_purpose(&join->world, purpose);
    struct expiring *x = calloc(1, sizeof *x);
    bool more = true;
    int rc = 0;
    if (x == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    x->join = join;
    x->purpose = purpose;
    x->agency = agency;
    x->epoch = (uint32_t)join->cause->epoch;
    x->retention = p != NULL ? p->retention : 0;
    event_digest_start(&x->digest, join->cause->salt);
    while (rc == 0 && more && x->done < join->cause->count)
        rc = expire_step(x, &more, err);
    count_down(join, purpose, x->epoch, agency);
    if (rc == 0 && !join->partly)
        compare_expired(x);
    free(x);
    return rc;
}

/* --- entries of an ended epoch, of an agency that left --- */

/* Of several agencies of that name the first whose entries there are over. */
static struct replay_register *find_ended(const struct replay_join *join, uint16_t purpose)
{
    const struct event *e = join->cause;
    int name = manifests_number(join->world.manifests, e->party);
    for (size_t a = 0; a < join->world.agencies; a++) {
        struct replay_register *r = replay_state_register(join->state, purpose, (uint32_t)e->epoch, (uint16_t)a);
        if (join->world.name[a] == name && r != NULL && r->count > 0 &&
            replay_world_is_over(&join->world, purpose, r->epoch, r->agency, e->time))
            return r;
    }
    return NULL;
}

static int end_next(struct replay_join *join, struct replay_register *r, struct event_digest *digest, bool *found,
                    struct err *err)
{
    const struct tag_place at = {r->purpose, r->epoch, r->ended.tag};
    struct replay_tag tag;
    int rc = 0;
    if (!r->ended.any)
        r->ended.epoch = r->epoch;
    do {
        rc = replay_state_next_tag(join->state, r->purpose, &r->ended, found, err);
        *found = *found && r->ended.epoch == r->epoch;
        if (rc == 0 && *found)
            rc = replay_state_tag(join->state, &at, &tag, err);
    } while (rc == 0 && *found && replay_tag_own(&tag, r->agency) == NULL);
    if (rc != 0 || !*found)
        return rc;
    event_digest_add(digest, span_of(r->ended.tag, WIRE_TAG_SIZE));
    return replay_entry_end(join, &at, &tag, replay_tag_own(&tag, r->agency), true, err);
}

int replay_end(struct replay_join *join, uint16_t purpose, struct err *err)
{
    const struct event *e = join->cause;
    struct replay_register *r = find_ended(join, purpose);
    struct event_digest digest;
    uint8_t out[EVENT_DIGEST_SIZE];
    uint64_t done = 0;
    bool found = true;
    int rc = 0;
    if (r == NULL) {
        JOIN_FOUND(join, FINDING_NOT_ALLOWED, "entries of %s were ended that are not over, or that there are not",
                   e->party);
        return 0;
    }
    event_digest_start(&digest, e->salt);
    for (; rc == 0 && found && done < e->count; done += found)
        rc = end_next(join, r, &digest, &found, err);
    event_digest_end(&digest, out);
    count_down(join, purpose, r->epoch, r->agency);
    if (rc == 0 && !join->partly && memcmp(out, e->digest, sizeof out) != 0)
        JOIN_FOUND(join, FINDING_NOT_CONSISTENT, "the entries that ended are not the next %" PRIu64 " of %s", e->count,
                   e->party);
    return rc;
}

/* --- couples that waited --- */

static int meet_one(struct replay_join *join, struct replay_pair *pair, const struct replay_waiting *waiting,
                    struct err *err)
{
    const struct tag_place at = {pair->purpose, waiting->epoch, waiting->tag};
    struct replay_tag tag;
    int rc = replay_state_tag(join->state, &at, &tag, err);
    const struct replay_entry *low = rc == 0 ? replay_tag_own(&tag, pair->low) : NULL;
    const struct replay_entry *high = rc == 0 ? replay_tag_own(&tag, pair->high) : NULL;
    /* After a walk that a matcher left out a couple may wait without its entries; then nothing is due for it. */
    if (low != NULL && high != NULL)
        rc = replay_couple_meet(join, &at, low, high, err);
    if (rc == 0)
        replay_state_wait_end(join->state, pair, waiting);
    return rc;
}

/* The list is of those that wait longest. *beyond: how many of them there was no room for. */
static int meet_all(struct replay_join *join, struct replay_pair *pair, const struct replay_waiting *list, size_t count,
                    uint64_t *beyond, struct err *err)
{
    struct event_digest digest;
    uint8_t out[EVENT_DIGEST_SIZE];
    bool one_epoch = true;
    int rc = 0;
    event_digest_start(&digest, join->cause->salt);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        *beyond += !replay_couple_charge(join, pair);
        one_epoch = one_epoch && list[i].epoch == join->cause->epoch;
        event_digest_add(&digest, span_of(list[i].tag, WIRE_TAG_SIZE));
        rc = meet_one(join, pair, &list[i], err);
    }
    event_digest_end(&digest, out);
    join->out_of_turn = !one_epoch || count < join->cause->count || memcmp(out, join->cause->digest, sizeof out) != 0;
    return rc;
}

static struct replay_pair *find_pair(const struct replay_join *join, uint16_t purpose)
{
    int a = replay_world_agency(&join->world, join->cause->party);
    int b = replay_world_agency(&join->world, join->cause->partner);
    return a < 0 || b < 0 ? NULL : replay_state_pair(join->state, purpose, (uint16_t)a, (uint16_t)b);
}

int replay_meet(struct replay_join *join, uint16_t purpose, struct err *err)
{
    const struct event *e = join->cause;
    struct replay_pair *pair = find_pair(join, purpose);
    uint64_t most = pair == NULL ? 0 : e->count < pair->waiting ? e->count : pair->waiting, beyond = 0;
    struct replay_waiting *list = malloc((size_t)(most + 1) * sizeof *list);
    size_t count = 0;
    int rc = 0;
    if (list == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    if (pair != NULL)
        rc = replay_state_wait_first(join->state, pair, list, (size_t)most, &count, err);
    if (rc == 0)
        rc = meet_all(join, pair, list, count, &beyond, err);
    free(list);
    if (rc == 0 && !join->partly && join->out_of_turn)
        JOIN_FOUND(join, FINDING_MATCH_OUT_OF_TURN,
                   "the %" PRIu64 " couples of %s and %s for %s that met are not those that waited longest", e->count,
                   e->party, e->partner, e->purpose);
    if (rc == 0 && !join->partly && beyond > 0)
        JOIN_FOUND(join, FINDING_MATCH_EARLY, "%" PRIu64 " couples of %s and %s for %s met beyond the day's limit",
                   beyond, e->party, e->partner, e->purpose);
    return rc;
}

/* --- counts of questions --- */

/* What the pair owes of that day is told to each side that was asked. */
static int tell_pair(struct replay_join *join, struct replay_pair *pair, uint64_t day, struct err *err)
{
    const uint64_t today = join->cause->time / DAY;
    int rc = 0;
    if (pair->owed[0] == 0 && pair->owed[1] == 0 && pair->day == day && day < today)
        replay_pair_new_day(pair, today);
    if (pair->owed_day != day)
        return 0;
    for (size_t side = 0; rc == 0 && side < 2; side++) {
        const uint16_t asker = side == 0 ? pair->low : pair->high, owner = side == 0 ? pair->high : pair->low;
        const struct replay_line_key key = {
            EVENT_ASKED, join->world.name[owner], join->world.name[asker], pair->purpose, 0, owner, asker};
        if (pair->owed[side] > 0)
            rc = replay_lines_due_count(join->lines, &key, pair->owed[side], err);
        pair->owed[side] = 0;
    }
    return rc;
}

int replay_counts_told(struct replay_join *join, uint16_t purpose, struct err *err)
{
    const uint64_t until = join->cause->until;
    struct replay_pair *pair;
    int rc = 0;
    for (size_t i = 0; rc == 0 && until >= DAY && (pair = replay_state_pair_at(join->state, i)) != NULL; i++)
        if (pair->purpose == purpose)
            rc = tell_pair(join, pair, until / DAY - 1, err);
    return rc;
}
