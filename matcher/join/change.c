#include "matcher/join/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void change_free(struct change *change)
{
    free(change->pair);
    *change = (struct change){0};
}

int change_load(struct change *change, struct store *store, struct err *err)
{
    struct store_pair *pairs;
    size_t count, kept = 0;
    int rc = store_pairs(store, &pairs, &count, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < count; i++)
        if (pairs[i].state == STORE_PAIR_BEGINS || pairs[i].state == STORE_PAIR_ENDS)
            pairs[kept++] = pairs[i];
    change_free(change);
    *change = (struct change){pairs, kept};
    return 0;
}

bool change_is_busy(const struct change *change, uint16_t purpose)
{
    for (size_t i = 0; i < change->count; i++)
        if (change->pair[i].purpose == purpose)
            return true;
    return false;
}

/* --- beginning --- */

static int compare_pairs(const void *left, const void *right)
{
    const struct store_pair *a = left, *b = right;
    if (a->purpose != b->purpose)
        return a->purpose < b->purpose ? -1 : 1;
    if (a->low != b->low)
        return a->low < b->low ? -1 : 1;
    return a->high != b->high ? (a->high < b->high ? -1 : 1) : 0;
}

static bool has_pair(const struct store_pair *pairs, size_t count, const struct store_pair *pair)
{
    return count > 0 && bsearch(pair, pairs, count, sizeof *pairs, compare_pairs) != NULL;
}

/* A pair of which one side has no entries has nothing to be told: it is what it is to become. */
static int stage_pair(struct join *join, struct store_pair pair, struct err *err)
{
    bool walk = store_count_epochs(join->store, pair.purpose, pair.low) > 0 &&
                store_count_epochs(join->store, pair.purpose, pair.high) > 0;
    if (!walk)
        pair.state = pair.state == STORE_PAIR_BEGINS ? STORE_PAIR_JOINED : STORE_PAIR_NONE;
    return store_pair_put(join->write, &pair, err);
}

static int stage_beginnings(struct join *join, const struct store_pair *known, size_t count, struct err *err)
{
    const struct world *w = join->world;
    int rc = 0;
    for (size_t p = 0; p < w->region->purpose_count; p++)
        for (size_t a = 0; a < w->region->agency_count; a++)
            for (size_t b = 0; rc == 0 && b < a; b++) {
                uint16_t one = w->agency_id[a], two = w->agency_id[b];
                const struct store_pair pair = {w->purpose_id[p], one < two ? one : two, one < two ? two : one,
                                                STORE_PAIR_BEGINS};
                if (world_mutual(w, p, a, b) && !has_pair(known, count, &pair))
                    rc = stage_pair(join, pair, err);
            }
    return rc;
}

int change_begin(struct join *join, struct err *err)
{
    struct store_pair *known;
    size_t count;
    int rc = store_pairs(join->store, &known, &count, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < count; i++)
        if (!world_mutual_ids(join->world, known[i].purpose, known[i].low, known[i].high))
            rc = stage_pair(join, (struct store_pair){known[i].purpose, known[i].low, known[i].high, STORE_PAIR_ENDS},
                            err);
    if (rc == 0)
        rc = stage_beginnings(join, known, count, err);
    free(known);
    return rc;
}

/* --- walking --- */

static int tell_both(struct join *join, const struct store_pair *pair, const struct store_position *at,
                     const struct store_entry *a, const struct store_entry *b, struct err *err)
{
    bool begins = pair->state == STORE_PAIR_BEGINS;
    enum mailbox_kind kind = begins ? MAILBOX_MATCH : MAILBOX_WITHDRAWN;
    const struct span none = {NULL, 0};
    int rc =
        join_tell(join, kind, a->agency, b->agency, pair->purpose, at->epoch, at->tag, begins ? b->payload : none, err);
    if (rc == 0)
        rc = join_tell(join, kind, b->agency, a->agency, pair->purpose, at->epoch, at->tag, begins ? a->payload : none,
                       err);
    return rc;
}

/* The entries of a tag come in ascending order of agency, so that a pair's lower number is met first. */
static int walk_tag(const struct change *change, struct join *join, uint16_t purpose, const struct store_position *at,
                    struct err *err)
{
    const struct store_entries *e = &join->entries;
    int rc = 0;
    for (size_t i = 0; i < e->count; i++)
        for (size_t k = i + 1; rc == 0 && k < e->count; k++) {
            const struct store_pair key = {purpose, e->entry[i].agency, e->entry[k].agency, STORE_PAIR_NONE};
            const struct store_pair *pair = bsearch(&key, change->pair, change->count, sizeof key, compare_pairs);
            if (pair != NULL)
                rc = tell_both(join, pair, at, &e->entry[i], &e->entry[k], err);
        }
    return rc;
}

static int settle_pairs(const struct change *change, struct join *join, uint16_t purpose, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < change->count; i++) {
        struct store_pair pair = change->pair[i];
        if (pair.purpose != purpose)
            continue;
        pair.state = pair.state == STORE_PAIR_BEGINS ? STORE_PAIR_JOINED : STORE_PAIR_NONE;
        rc = store_pair_put(join->write, &pair, err);
    }
    store_progress_end(join->write, purpose);
    return rc;
}

int change_step(const struct change *change, struct join *join, struct err *err)
{
    uint16_t purpose = change->pair[0].purpose;
    struct store_position at = {0};
    struct event event;
    bool found = true;
    event_init(&event, EVENT_REJOIN);
    event.time = join->time;
    snprintf(event.purpose, sizeof event.purpose, "%s", store_name(join->store, purpose));
    int rc = store_progress_get(join->store, purpose, &at, err);
    if (rc == ERR_NOT_FOUND)
        rc = 0;
    while (rc == 0 && event.count < CHANGE_STEP_TAGS && store_write_bytes(join->write) < CHANGE_STEP_BYTES) {
        rc = store_entries_next(join->write, purpose, &at, &join->entries, &found, err);
        if (rc != 0 || !found)
            break;
        rc = walk_tag(change, join, purpose, &at, err);
        event.count++;
    }
    if (rc == 0 && found) {
        store_progress_put(join->write, purpose, &at);
    } else if (rc == 0) {
        memcpy(event.note, "done", sizeof "done");
        rc = settle_pairs(change, join, purpose, err);
    }
    if (rc == 0)
        rc = tally_write(&join->tally, join->write, &event, NULL, NULL, err);
    return rc;
}
