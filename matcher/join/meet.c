/* Couples that waited and meet now. */
#include "matcher/join/walk.h"
#include "matcher/join/couple.h"
#include "matcher/join/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int meet_one(struct join *join, const struct store_pair *pair, const struct store_waiting *waiting,
                    struct err *err)
{
    const struct tag_place at = {pair->purpose, waiting->epoch, waiting->tag};
    int rc = store_entries_get(join->write, &at, &join->entries, err);
    if (rc != 0)
        return rc;
    const struct store_entry *low = store_entries_own(&join->entries, pair->low),
                             *high = store_entries_own(&join->entries, pair->high);
    if (low == NULL || high == NULL)
        return err_set(err, ERR_VERIFY, "the matcher's store is damaged: a couple waits without its entries");
    store_waiting_remove(join->write, pair, waiting);
    return couple_meet(join, &at, low, high, err);
}

static void describe(struct join *join, const struct store_pair *pair, const struct store_waiting *first,
                     struct event *event)
{
    const char *low = store_name(join->store, pair->low), *high = store_name(join->store, pair->high);
    bool ordered = strcmp(low, high) <= 0;
    event_init(event, EVENT_MEET);
    event->time = join->time;
    event->epoch = first->epoch;
    snprintf(event->party, sizeof event->party, "%s", ordered ? low : high);
    snprintf(event->partner, sizeof event->partner, "%s", ordered ? high : low);
    snprintf(event->purpose, sizeof event->purpose, "%s", store_name(join->store, pair->purpose));
}

/* Those of the list from `from` on that are of one epoch and have room, as one event. */
static int meet_run(struct join *join, struct store_pair *pair, const struct store_waiting *list, size_t count,
                    size_t *from, struct err *err)
{
    const struct store_waiting *first = &list[*from];
    struct event event;
    struct event_digest digest;
    int rc = 0;
    describe(join, pair, first, &event);
    event_digest_start(&digest, event.salt);
    while (rc == 0 && *from < count && list[*from].epoch == first->epoch && couple_charge(join, pair)) {
        rc = meet_one(join, pair, &list[*from], err);
        event_digest_add(&digest, span_of(list[*from].tag, WIRE_TAG_SIZE));
        pair->waiting--;
        event.count++;
        ++*from;
    }
    event_digest_end(&digest, event.digest);
    if (rc == 0 && event.count > 0)
        rc = tally_write(&join->tally, join->write, &event, NULL, NULL, err);
    return rc;
}

static int meet_pair(struct join *join, const struct store_pair *known, struct store_waiting *list, size_t max,
                     size_t *done, struct err *err)
{
    struct store_pair *pair;
    size_t count, from = 0, before;
    int rc = store_waiting_first(join->write, known, list, max, &count, err);
    if (rc == 0 && count == 0)
        rc = err_set(err, ERR_VERIFY, "the matcher's store is damaged: couples that wait");
    if (rc == 0)
        rc = store_pair_change(join->write, known->purpose, known->low, known->high, &pair, err);
    do {
        before = from;
        if (rc == 0 && from < count)
            rc = meet_run(join, pair, list, count, &from, err);
    } while (rc == 0 && from > before);
    *done += from;
    return rc;
}

int sweep_meetings(struct join *join, size_t *done, struct err *err)
{
    const struct store_pair *pair;
    struct store_waiting *list = NULL;
    int rc = 0;
    *done = 0;
    for (size_t i = 0; rc == 0 && *done < join->steps.meetings && (pair = store_pair_at(join->store, i)) != NULL; i++) {
        if (pair->waiting == 0 || walk_is_busy(join->walks, pair->purpose) || !couple_has_room(join, pair))
            continue;
        if (list == NULL)
            list = malloc(join->steps.meetings * sizeof *list);
        rc = list == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for couples that wait")
                          : meet_pair(join, pair, list, join->steps.meetings - *done, done, err);
        if (store_write_bytes(join->write) > JOIN_STEP_BYTES)
            break;
    }
    free(list);
    return rc;
}
