/* STATUS: what the matcher has of an agency, and how it stands with its partners. */
#include "matcher/service/mailbox.h"
#include "protocol/base/clock.h"
#include "protocol/wire/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What of a count is of today. */
static uint64_t of_day(const struct store_pair *pair, uint64_t day, uint64_t count)
{
    return pair->day == day ? count : 0;
}

static uint64_t left_of(const struct store_release *release, uint64_t now)
{
    return release->until > now ? release->left : 0;
}

static void describe_partner(struct status_partner *out, struct matcher *m, const struct asked *asked, size_t purpose,
                             size_t partner, uint64_t now)
{
    const struct world *w = asked->world;
    const struct store_pair pair =
        store_pair(m->store, w->purpose_id[purpose], asked->agency_id, w->agency_id[partner]);
    const struct region_limits *ours = world_limits(w, purpose, asked->agency),
                               *theirs = world_limits(w, purpose, partner);
    const int us = store_side(&pair, asked->agency_id);
    const uint64_t day = now / JOIN_DAY;
    *out = (struct status_partner){.waiting = pair.waiting,
                                   .met_today = of_day(&pair, day, pair.met),
                                   .meets = ours->meets < theirs->meets ? ours->meets : theirs->meets,
                                   .asked_today = of_day(&pair, day, pair.asked[us]),
                                   .asks = ours->asks,
                                   .released = left_of(&pair.release[us], now),
                                   .released_by_partner = left_of(&pair.release[!us], now),
                                   .suspended = (pair.suspended[us] ? STATUS_SUSPENDED_BY_US : 0) |
                                                (pair.suspended[!us] ? STATUS_SUSPENDED_BY_THEM : 0)};
    memcpy(out->partner, w->region->digests[partner], PARTY_DIGEST_SIZE);
}

/* All with whom the grant is mutual. */
static int add_partners(struct status_purpose *out, struct matcher *m, const struct asked *asked, size_t purpose,
                        uint64_t now, struct err *err)
{
    const struct world *w = asked->world;
    out->partner = calloc(w->region->agency_count, sizeof *out->partner);
    if (out->partner == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for partners");
    for (size_t b = 0; b < w->region->agency_count; b++)
        if (b != asked->agency && world_mutual(w, purpose, asked->agency, b) && out->partner_count < WIRE_PARTNERS_MAX)
            describe_partner(&out->partner[out->partner_count++], m, asked, purpose, b, now);
    return 0;
}

static int add_purpose(struct status_reply *reply, struct matcher *m, const struct asked *asked, size_t purpose,
                       struct err *err)
{
    const struct region_purpose *p = &asked->world->region->purposes[purpose];
    int rc = 0;
    for (size_t e = 0; rc == 0 && e < p->epoch_count; e++) {
        const struct store_held held =
            store_held(m->store, asked->world->purpose_id[purpose], p->epochs[e].epoch, asked->agency_id);
        struct status_purpose *out = &reply->purpose[reply->purpose_count++];
        snprintf(out->name, sizeof out->name, "%s", p->name);
        out->epoch = p->epochs[e].epoch;
        out->entries = held.count;
        out->loading = held.phase == STORE_PHASE_LOADING;
        rc = add_partners(out, m, asked, purpose, reply->time, err);
    }
    return rc;
}

int matcher_status(struct matcher *matcher, const struct asked *asked, struct buf *body, struct err *err)
{
    const struct region *r = asked->world->region;
    const struct store_mailbox box = store_mailbox(matcher->store, asked->agency_id);
    struct status_reply reply = {.manifest = r->version,
                                 .time = clock_now(),
                                 .mailbox = box.last - box.acknowledged,
                                 .last_sequence = box.last,
                                 .ledger_size = ledger_size(store_ledger(matcher->store))};
    int rc = status_request_decode(asked->in->body, err);
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++)
        rc = add_purpose(&reply, matcher, asked, i, err);
    if (rc == 0)
        rc = status_reply_encode(body, &reply, err);
    status_reply_free(&reply);
    return rc;
}
