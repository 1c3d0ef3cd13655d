#include "matcher/join/walk.h"

#include <stdlib.h>
#include <string.h>

void walk_free(struct walks *walks)
{
    free(walks->walk);
    *walks = (struct walks){0};
}

static int add_walk(struct walks *walks, struct store *store, uint16_t purpose, struct err *err)
{
    if (walk_is_busy(walks, purpose))
        return 0;
    struct walk *more = realloc(walks->walk, (walks->count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a change of grants");
    walks->walk = more;
    size_t i = walks->count++;
    for (; i > 0 && more[i - 1].purpose > purpose; i--)
        more[i] = more[i - 1];
    more[i] = (struct walk){.purpose = purpose};
    int rc = store_progress_get(store, purpose, &more[i].at, err);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

int walk_load(struct walks *walks, struct store *store, struct err *err)
{
    const struct store_pair *pair;
    const struct store_held *held;
    int rc = 0;
    walk_free(walks);
    for (size_t i = 0; rc == 0 && (pair = store_pair_at(store, i)) != NULL; i++)
        if (pair->state == STORE_PAIR_BEGINS || pair->state == STORE_PAIR_ENDS)
            rc = add_walk(walks, store, pair->purpose, err);
    for (size_t i = 0; rc == 0 && (held = store_held_at(store, i)) != NULL; i++)
        if (held->phase == STORE_PHASE_OPENING)
            rc = add_walk(walks, store, held->purpose, err);
    return rc;
}

static const struct walk *walk_of(const struct walks *walks, uint16_t purpose)
{
    for (size_t i = 0; i < walks->count; i++)
        if (walks->walk[i].purpose == purpose)
            return &walks->walk[i];
    return NULL;
}

bool walk_is_busy(const struct walks *walks, uint16_t purpose)
{
    return walk_of(walks, purpose) != NULL;
}

bool walk_has_passed(const struct walks *walks, const struct tag_place *at)
{
    const struct walk *walk = walk_of(walks, at->purpose);
    if (walk == NULL)
        return true;
    return walk->at.started && (at->epoch < walk->at.epoch ||
                                (at->epoch == walk->at.epoch && memcmp(at->tag, walk->at.tag, WIRE_TAG_SIZE) <= 0));
}
