#include "matcher/join/sweep.h"

#include <stdlib.h>

static int expire_one(struct join *join, uint16_t purpose, const struct store_expired *e, struct err *err)
{
    const struct store_entry *old = NULL;
    int rc = store_entries_get(join->write, purpose, e->epoch, e->tag, &join->entries, err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++)
        if (join->entries.entry[i].agency == e->agency)
            old = &join->entries.entry[i];
    if (rc != 0 || old == NULL)
        return rc;
    rc = store_entry_remove(join->write, purpose, e->epoch, e->tag, old, err);
    if (rc == 0)
        rc = tally_add(&join->tally, EVENT_EXPIRE, e->agency, 0, purpose, e->epoch, e->tag, span_of(NULL, 0), err);
    for (size_t i = 0; rc == 0 && i < join->entries.count; i++) {
        uint16_t other = join->entries.entry[i].agency;
        if (other == e->agency || !world_mutual_ids(join->world, purpose, e->agency, other))
            continue;
        rc = join_tell(join, MAILBOX_WITHDRAWN, other, e->agency, purpose, e->epoch, e->tag, span_of(NULL, 0), err);
        if (rc == 0)
            rc = join_tell(join, MAILBOX_WITHDRAWN, e->agency, other, purpose, e->epoch, e->tag, span_of(NULL, 0), err);
    }
    return rc;
}

/* Stops at a tag that this write has changed already: what is left of it shows in the next. */
static int expire_purpose(struct join *join, uint16_t purpose, uint64_t before, bool *more, struct err *err)
{
    size_t count = 0;
    struct store_expired *list = malloc(SWEEP_STEP * sizeof *list);
    if (list == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the retention sweep");
    int rc = store_expired(join->write, purpose, before, list, SWEEP_STEP, &count, err);
    *more = *more || count == SWEEP_STEP;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (store_write_hides(join->write, purpose, list[i].epoch, list[i].tag)) {
            *more = true;
            break;
        }
        rc = expire_one(join, purpose, &list[i], err);
    }
    free(list);
    return rc;
}

int sweep_expired(struct join *join, uint64_t now, bool *more, struct err *err)
{
    const struct region *r = join->world->region;
    int rc = 0;
    *more = false;
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++) {
        uint64_t retention = r->purposes[i].retention;
        if (retention > 0 && retention <= now)
            rc = expire_purpose(join, join->world->purpose_id[i], now - retention, more, err);
    }
    return rc != 0 ? rc : tally_write(&join->tally, join->store, join->write, err);
}
