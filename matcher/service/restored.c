#include "matcher/service/restored.h"

#include "matcher/service/state.h"
#include "matcher/store/keys.h"

/*
 * A line is as many messages as it counts, or none, behind a question; a letter is one. One number more is left out for
 * each, so that whoever was handed them all sees a gap, over which the chain is the matcher's.
 */
int matcher_skip_lost(void *context, struct kv_batch *batch, const struct event *event, bool *changed, struct err *err)
{
    const struct matcher_lost *lost = context;
    const bool letter = event->kind == EVENT_LETTER;
    if (!letter && !event_is_line(event->kind))
        return 0;
    const struct party *to = region_find_party(lost->region, letter ? event->partner : event->party);
    if (to == NULL || event->kind == EVENT_WAIT)
        return 0;
    *changed = true;
    return store_skip_mail(lost->kv, batch, to, (letter ? 1 : event->count) + 1, err);
}

int matcher_restored(struct daemon *daemon, const struct restored_options *options, char **copy, size_t copies,
                     struct err *err)
{
    struct witness_peer peers[REGION_CUSTODIANS_MAX];
    struct restored_store store;
    int rc = restored_open(&store, daemon, KEY_ENTRY_PREFIX, err);
    if (rc == 0) {
        struct matcher_lost lost = {store.kv, store.region};
        matcher_witnesses(peers, store.region);
        const struct restored restored = {.daemon = daemon,
                                          .kv = store.kv,
                                          .region = store.region->name,
                                          .origin = store.origin,
                                          .peers = peers,
                                          .peer_count = store.region->custodian_count,
                                          .copy = copy,
                                          .copies = copies,
                                          .options = options,
                                          .lost = matcher_skip_lost,
                                          .context = &lost};
        rc = restored_run(&restored, err);
    }
    restored_close(&store);
    return rc;
}
