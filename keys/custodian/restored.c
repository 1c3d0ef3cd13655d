#include "keys/custodian/restored.h"

#include "keys/custodian/budget.h"
#include "keys/custodian/state.h"

#include <string.h>

/*
 * Several purposes may share no account, so each is one of its own; who or what is in the manifest no more asks no
 * more.
 */
static int charge_scope(struct custodian *c, struct kv_batch *batch, const struct event *event, int agency,
                        const struct wire_scope *scope, uint64_t count, struct err *err)
{
    const int purpose = region_find_purpose(c->region, scope->purpose);
    if (purpose < 0)
        return 0;
    const struct region_limits *limits = region_limits(c->region, agency, purpose);
    struct budget_charge charge = {.time = event->time, .accounts = 1};
    charge.account[0] = (struct budget_account){.scope = scope,
                                                .load = region_share_of(c->region, limits->load),
                                                .load_until = limits->load_until,
                                                .daily = region_share_of(c->region, limits->daily),
                                                .count = count};
    memcpy(charge.agency, c->region->digests[agency], sizeof charge.agency);
    return event->kind == EVENT_CLOSE ? budget_close(c->kv, batch, charge.agency, scope, err)
                                      : budget_charge_again(c->kv, batch, &charge, err);
}

int custodian_charge_lost(void *context, struct kv_batch *batch, const struct event *event, bool *changed,
                          struct err *err)
{
    struct custodian *c = context;
    struct event_scope scope;
    if (event->kind != EVENT_EVALUATE && event->kind != EVENT_CLOSE)
        return 0;
    const int agency = region_find_agency(c->region, event->party);
    int rc = event_get_scope(&scope, event, err);
    for (size_t i = 0; rc == 0 && agency >= 0 && i < scope.items; i++)
        rc = charge_scope(c, batch, event, agency, &scope.item[i], scope.count[i], err);
    *changed = true;
    return rc;
}

int custodian_restored(struct daemon *daemon, const struct restored_options *options, char **copy, size_t copies,
                       struct err *err)
{
    struct restored_store store;
    int rc = restored_open(&store, daemon, 0, err);
    if (rc == 0) {
        struct custodian c = {.daemon = daemon, .kv = store.kv, .region = store.region};
        const struct witness_peer matcher = witness_peer_of(&store.region->matcher, store.region->matcher_url);
        const struct restored restored = {.daemon = daemon,
                                          .kv = store.kv,
                                          .region = store.region->name,
                                          .origin = store.origin,
                                          .peers = &matcher,
                                          .peer_count = 1,
                                          .copy = copy,
                                          .copies = copies,
                                          .options = options,
                                          .lost = custodian_charge_lost,
                                          .context = &c};
        rc = restored_run(&restored, err);
    }
    restored_close(&store);
    return rc;
}
