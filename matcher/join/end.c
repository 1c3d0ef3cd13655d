/* Entries that are over: those of an epoch that ended, of an agency that left, of a purpose that is no more. */
#include "matcher/join/couple.h"
#include "matcher/join/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MAX 200000 /* tags looked at in one step */

/* What ends in one step: tags with the entries that go, of one purpose. */
struct ended {
    uint16_t agency;
    uint32_t epoch;
    uint8_t tag[WIRE_TAG_SIZE];
};

struct ending {
    struct join *join;
    uint16_t purpose;
    struct ended *list; /* by agency's name, agency, epoch, tag once sorted */
    size_t count, room;
};

static bool is_over(const struct join *join, const struct store_held *held)
{
    return held->count > 0 && world_is_over(join->world, held->purpose, held->epoch, held->agency, join->time);
}

static const struct store_held *first_over(const struct join *join, const struct sweep_place *place)
{
    const struct store_held *held, *found = NULL;
    for (size_t i = 0; (held = store_held_at(join->store, i)) != NULL; i++)
        if (is_over(join, held) && (found == NULL || held->purpose == place->purpose))
            found = held;
    return found;
}

/* Whether an agency's entries of the purpose are over that were not at `time`. */
static bool has_more(const struct join *join, uint16_t purpose, uint64_t time)
{
    const struct store_held *held;
    for (size_t i = 0; (held = store_held_at(join->store, i)) != NULL; i++)
        if (held->purpose == purpose && is_over(join, held) &&
            !world_is_over(join->world, purpose, held->epoch, held->agency, time))
            return true;
    return false;
}

bool sweep_has_ended(const struct join *join)
{
    return first_over(join, &(struct sweep_place){0}) != NULL;
}

/* --- finding them --- */

static int add(struct ending *e, uint16_t agency, const struct store_position *at, struct err *err)
{
    if (e->count == e->room) {
        size_t room = e->room > 0 ? 2 * e->room : 1024;
        struct ended *more = realloc(e->list, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for entries that end");
        e->list = more;
        e->room = room;
    }
    struct ended *ended = &e->list[e->count++];
    *ended = (struct ended){.agency = agency, .epoch = at->epoch};
    memcpy(ended->tag, at->tag, WIRE_TAG_SIZE);
    return 0;
}

static int gather(struct ending *e, struct store_position *at, struct err *err)
{
    struct join *join = e->join;
    bool found = true;
    int rc = 0;
    for (size_t looked = 0; rc == 0 && e->count < join->steps.ended && looked < LOOK_MAX; looked++) {
        rc = store_entries_next(join->write, e->purpose, at, &join->entries, &found, err);
        if (rc != 0 || !found)
            break;
        for (size_t i = 0; rc == 0 && i < join->entries.count; i++)
            if (world_is_over(join->world, e->purpose, at->epoch, join->entries.entry[i].agency, join->time))
                rc = add(e, join->entries.entry[i].agency, at, err);
    }
    if (!found)
        *at = (struct store_position){0};
    return rc;
}

/* The names go with each item, since qsort hands on nothing else. */
struct named {
    const char *name;
    struct ended ended;
};

static int compare(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    if (order == 0)
        order = (a->ended.agency > b->ended.agency) - (a->ended.agency < b->ended.agency);
    if (order == 0)
        order = (a->ended.epoch > b->ended.epoch) - (a->ended.epoch < b->ended.epoch);
    return order != 0 ? order : memcmp(a->ended.tag, b->ended.tag, WIRE_TAG_SIZE);
}

static int sort(struct ending *e, struct err *err)
{
    struct named *named = malloc((e->count + 1) * sizeof *named);
    if (named == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for entries that end");
    for (size_t i = 0; i < e->count; i++)
        named[i] = (struct named){store_name(e->join->store, e->list[i].agency), e->list[i]};
    qsort(named, e->count, sizeof *named, compare);
    for (size_t i = 0; i < e->count; i++)
        e->list[i] = named[i].ended;
    free(named);
    return 0;
}

/* --- ending them --- */

static bool same_group(const struct ended *a, const struct ended *b)
{
    return a->agency == b->agency && a->epoch == b->epoch;
}

/* Whether the other's entry for the same tag ends, too, and has been taken away by an event before this one's. */
static bool is_gone(const struct ending *e, const struct ended *of, uint16_t other)
{
    const struct join *join = e->join;
    int order = strcmp(store_name(join->store, other), store_name(join->store, of->agency));
    return world_is_over(join->world, e->purpose, of->epoch, other, join->time) &&
           (order < 0 || (order == 0 && other < of->agency));
}

static int end_one(struct ending *e, const struct ended *of, struct err *err)
{
    struct join *join = e->join;
    const struct tag_place at = {e->purpose, of->epoch, of->tag};
    int rc = store_entries_get(join->write, &at, &join->entries, err);
    const struct store_entry *own = rc == 0 ? store_entries_own(&join->entries, of->agency) : NULL;
    if (rc == 0 && own == NULL)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: an entry that ends");
    if (rc == 0)
        rc = store_entry_remove(join->write, &at, own, err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++) {
        const struct store_entry *other = &join->entries.entry[i];
        if (other != own && couple_not_excluded(own, other) &&
            couple_allowed_now(join, &at, of->agency, other->agency) && !is_gone(e, of, other->agency))
            rc = couple_end(join, &at, of->agency, other->agency, true, err);
    }
    return rc;
}

/* One event for what an agency loses in an epoch; *next: where the next group begins. */
static int end_group(struct ending *e, size_t first, size_t *next, struct err *err)
{
    struct join *join = e->join;
    struct event event;
    struct event_digest digest;
    int rc = 0;
    event_init(&event, EVENT_END);
    event.time = join->time;
    event.epoch = e->list[first].epoch;
    snprintf(event.party, sizeof event.party, "%s", store_name(join->store, e->list[first].agency));
    snprintf(event.purpose, sizeof event.purpose, "%s", store_name(join->store, e->purpose));
    event_digest_start(&digest, event.salt);
    size_t i = first;
    for (; rc == 0 && i < e->count && same_group(&e->list[i], &e->list[first]); i++) {
        rc = end_one(e, &e->list[i], err); // NOLINT(clang-analyzer-unix.Malloc): sweep_ended() frees the list
        event_digest_add(&digest, span_of(e->list[i].tag, WIRE_TAG_SIZE));
        event.count++;
    }
    event_digest_end(&digest, event.digest);
    *next = i;
    if (rc == 0)
        rc = tally_write(&join->tally, join->write, &event, NULL, NULL, err);
    return rc;
}

int sweep_ended(struct join *join, struct sweep_place *place, struct err *err)
{
    const struct store_held *held = first_over(join, place);
    struct ending e = {.join = join};
    if (held == NULL)
        return 0;
    if (held->purpose != place->purpose || has_more(join, held->purpose, place->time))
        *place = (struct sweep_place){.purpose = held->purpose};
    place->time = join->time;
    e.purpose = held->purpose;
    int rc = gather(&e, &place->at, err);
    if (rc == 0)
        rc = sort(&e, err);
    for (size_t i = 0; rc == 0 && i < e.count;)
        rc = end_group(&e, i, &i, err);
    free(e.list);
    return rc;
}
