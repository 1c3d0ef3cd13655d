#include "matcher/service/state.h"

#include "protocol/base/log.h"

struct world *matcher_world(struct matcher *matcher)
{
    pthread_rwlock_rdlock(&matcher->lock);
    struct world *world = world_hold(matcher->world);
    pthread_rwlock_unlock(&matcher->lock);
    return world;
}

void matcher_witnesses(struct witness_peer peers[REGION_CUSTODIANS_MAX], const struct region *region)
{
    for (size_t i = 0; i < region->custodian_count; i++)
        peers[i] = witness_peer_of(&region->custodians[i].party, region->custodians[i].url);
}

int matcher_write_event(struct matcher *matcher, const struct event *event, struct err *err)
{
    struct store_write *write;
    int rc = store_begin(&write, matcher->store, err);
    if (rc != 0)
        return rc;
    rc = store_event(write, event, NULL, NULL, err);
    if (rc == 0)
        return store_commit(write, err);
    store_abandon(write);
    return rc;
}

void matcher_refuse(struct matcher *matcher, enum refusal refusal, const char *party, const char *purpose)
{
    struct event event;
    struct err err;
    if (refusal == REFUSAL_NONE)
        return;
    pthread_mutex_lock(&matcher->writing);
    if (refusals_count(matcher->refusals, refusal, party, purpose, &event) &&
        matcher_write_event(matcher, &event, &err) != 0)
        log_event(LOG_ERROR, "refusal-not-recorded", "party=%s reason=\"%s\"", party, err.text);
    pthread_mutex_unlock(&matcher->writing);
}
