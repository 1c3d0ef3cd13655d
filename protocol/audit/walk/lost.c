#include "protocol/audit/walk/walk.h"

#include "protocol/ledger/tiles.h"

#include <string.h>

static const char mark[] = "{\"kind\":\"restored\",";

/*
 * What was taken back stands in front of the event, but for a clock event; what was not is lost itself, and the event
 * stands in its place.
 */
static bool is_sound(const struct walk_lost *lost)
{
    return lost->gone ? lost->at - lost->from <= 1 : lost->at - lost->end <= 1;
}

static int take(struct walk *walk, uint64_t index, struct span entry, struct err *err)
{
    struct event event;
    if (event_decode(&event, entry, ERR_IGNORED) != 0 || event.count == 0 || event.sequence > index)
        return 0; /* a finding where it is walked */
    struct walk_lost lost = {.at = index, .from = event.sequence, .end = event.sequence + event.count};
    lost.gone = lost.end > index;
    if (!is_sound(&lost))
        return 0;
    if (walk->losses == WALK_LOST_MAX)
        return err_set(err, ERR_INPUT, "%s: more than %d `restored` entries", walk->dir, WALK_LOST_MAX);
    walk->lost[walk->losses++] = lost;
    return 0;
}

int walk_find_lost(struct walk *walk, struct err *err)
{
    struct tiles tiles;
    struct span entry;
    int rc = 0;
    tiles_open(&tiles, walk->dir, walk->newest.size);
    while (rc == 0 && tiles.next < walk->newest.size) {
        const uint64_t index = tiles.next;
        if (tiles_next_entry(&tiles, &entry, ERR_IGNORED) != 0)
            break; /* so too */
        if (entry.len > sizeof mark && memcmp(entry.data, mark, sizeof mark - 1) == 0)
            rc = take(walk, index, entry, err);
    }
    tiles_close(&tiles);
    return rc;
}

const struct walk_lost *walk_lost_by(const struct walk *walk, uint64_t index)
{
    for (size_t i = 0; i < walk->losses; i++)
        if (walk->lost[i].at == index)
            return &walk->lost[i];
    return NULL;
}

bool walk_is_lost(const struct walk *walk, uint64_t index)
{
    for (size_t i = 0; i < walk->losses; i++)
        if (!walk->lost[i].gone && index >= walk->lost[i].from && index < walk->lost[i].end)
            return true;
    return false;
}

bool walk_is_covered(const struct walk *walk, uint64_t size)
{
    for (size_t i = 0; i < walk->losses; i++)
        if (walk->lost[i].gone && size > walk->lost[i].from && size <= walk->lost[i].end)
            return true;
    return false;
}
