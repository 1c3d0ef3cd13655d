#include "matcher/service/service.h"

#include "matcher/service/enter.h"
#include "matcher/service/mailbox.h"
#include "matcher/service/prekeys.h"
#include "matcher/service/upkeep.h"
#include "matcher/service/writer.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"
#include "protocol/daemon/cosign.h"
#include "protocol/daemon/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int matcher_authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                      struct err *err)
{
    struct matcher *m = context;
    struct world *world = matcher_world(m);
    int rc = daemon_authorise(m->daemon, world->region, channel, name, psk, err);
    world_release(world);
    return rc;
}

/* --- witnessing the custodians --- */

/* A change of the store for cosign.h. */
struct cosigning {
    struct matcher *matcher;
    struct store_write *write;
};

static int decide(void *context, const struct witnessed *log, const struct witness_request *ask,
                  struct witness_decision *decision, struct err *err)
{
    struct cosigning *c = context;
    int rc = store_begin(&c->write, c->matcher->store, err);
    if (rc == 0)
        rc = store_witness(c->write, log, ask->old_size, ask->proof, ask->checkpoint, decision, err);
    return rc;
}

static int end(void *context, bool keep, struct err *err)
{
    struct cosigning *c = context;
    if (keep)
        return store_commit(c->write, err);
    store_abandon(c->write);
    return 0;
}

static int write_one(void *context, const struct event *event, struct err *err)
{
    struct cosigning *c = context;
    return matcher_write_event(c->matcher, event, err);
}

static int witness(struct matcher *m, const struct region *r, const char *peer, struct span in, struct buf *body,
                   struct err *err)
{
    struct cosigning context = {.matcher = m};
    const struct cosign cosign = {&m->daemon->identity, &m->writing, m->refusals, decide, end, write_one, &context};
    struct cosign_subject subject;
    int custodian = region_find_custodian(r, peer);
    if (custodian < 0)
        return err_set(err, ERR_DENIED, "%s is no custodian", peer);
    int rc = cosign_subject(&subject, r->name, &r->custodians[custodian].party, m->daemon->identity.party.name, err);
    if (rc == 0)
        rc = cosign_answer(&cosign, &subject, in, body, err);
    return rc;
}

/* --- answering --- */

/* What custodians and coordinators may ask, too: letters go between all. */
static bool is_for_all(enum wire_type type)
{
    return type == WIRE_LETTER || type == WIRE_PREKEY || type == WIRE_PREKEYS || type == WIRE_FETCH ||
           type == WIRE_ACK || type == WIRE_WAIT;
}

static int find_asker(struct matcher *m, struct asked *asked, struct err *err)
{
    int agency = region_find_agency_by_digest(asked->world->region, asked->from->digest);
    asked->agency = agency >= 0 ? (size_t)agency : ASKED_BY_NO_AGENCY;
    asked->agency_id = agency >= 0 ? asked->world->agency_id[agency] : store_agency(m->store, asked->from->digest);
    if (agency >= 0 || (asked->agency_id != 0 && is_for_all(asked->in->type)))
        return 0;
    matcher_refuse(m, REFUSAL_PARTY, rpc_request_peer(asked->request), "");
    return err_set(err, ERR_DENIED, "%s is no agency", rpc_request_peer(asked->request));
}

static int answer_party(struct matcher *m, struct asked *asked, struct buf *body, bool *held, struct err *err)
{
    int rc = find_asker(m, asked, err);
    if (rc != 0)
        return rc;
    switch (asked->in->type) {
    case WIRE_PUT:
    case WIRE_REMOVE:
    case WIRE_QUERY:
    case WIRE_ACK:
    case WIRE_RELEASE:
    case WIRE_SUSPEND:
    case WIRE_CLOSE:
    case WIRE_LETTER:
    case WIRE_PREKEY:
        return matcher_enter(m, asked, held, err);
    case WIRE_PREKEYS:
        return matcher_prekeys(m, asked, body, err);
    case WIRE_FETCH:
        return matcher_fetch(m, asked, body, err);
    case WIRE_WAIT:
        return matcher_wait(m, asked, body, held, err);
    case WIRE_STATUS:
        return matcher_status(m, asked, body, err);
    default:
        return err_set(err, ERR_DENIED, "the matcher does not answer %s", wire_type_name(asked->in->type));
    }
}

/* Who floods is told to come again before its request costs a signature and hashes. */
static bool is_put_off(struct matcher *m, const struct world *world, struct rpc_request *request)
{
    const struct party *peer = region_find_party_by_channel(world->region, rpc_request_channel(request));
    struct wire_request in;
    uint8_t digest[PARTY_DIGEST_SIZE];
    struct err err;
    if (peer == NULL || wire_request_decode(&in, rpc_request_body(request), ERR_IGNORED) != 0 ||
        !wire_type_signed(in.type))
        return false;
    party_digest(digest, peer);
    if (writer_has_room(m->writer, store_agency(m->store, digest), &err) == 0)
        return false;
    answer_failure(request, &in, &err);
    return true;
}

void matcher_handle(void *context, struct rpc_request *request)
{
    struct matcher *m = context;
    struct received received;
    const struct wire_request *in = &received.in;
    struct err err;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    bool held = false;
    int rc;
    struct world *world = matcher_world(m);
    if (is_put_off(m, world, request) || !daemon_receive(&received, m->daemon, world->region, request)) {
        world_release(world);
        return;
    }
    struct asked asked = {.request = request, .in = in, .from = &received, .world = world};
    if (in->type == WIRE_CHECKPOINT || in->type == WIRE_PROOF)
        rc = answer_ledger(store_ledger(m->store), in, &body, &err);
    else if (in->type == WIRE_WITNESS)
        rc = witness(m, world->region, rpc_request_peer(request), in->body, &body, &err);
    else
        rc = answer_party(m, &asked, &body, &held, &err);
    if (rc == 0 && !held)
        answer_ok(request, in, buf_span(&body));
    else if (rc != 0)
        answer_failure(request, in, &err);
    world_release(world);
    buf_free(&body);
}

/* --- the manifest --- */

static int stage_manifest(struct matcher *m, const struct region *region, struct store_write *write, struct err *err)
{
    struct store_manifest known = store_manifest(m->store), now = {.version = region->version};
    struct event event;
    memcpy(now.digest, region->digest, sizeof now.digest);
    if (known.version == now.version && memcmp(known.digest, now.digest, sizeof now.digest) == 0)
        return 0;
    event_init(&event, EVENT_MANIFEST);
    event.count = now.version;
    memcpy(event.digest, now.digest, sizeof event.digest);
    store_manifest_put(write, &now);
    return store_event(write, &event, NULL, NULL, err);
}

/* Takes region. Called with `writing` held. */
static int install(struct matcher *m, struct region *region, struct err *err)
{
    struct store_write *write;
    struct world *world = NULL;
    int rc = store_begin(&write, m->store, err);
    if (rc != 0) {
        region_free(region);
        return rc;
    }
    rc = daemon_keep_manifest(m->daemon, region, err);
    if (rc == 0)
        rc = world_new(&world, region, write, err);
    else
        region_free(region);
    if (rc == 0) {
        join_begin(&m->join, write, world, &m->walks);
        rc = stage_manifest(m, region, write, err);
    }
    m->must_begin = walk_is_running(&m->walks);
    if (rc == 0 && !m->must_begin)
        rc = change_begin(&m->join, err);
    if (rc == 0)
        rc = store_commit(write, err);
    else
        store_abandon(write);
    if (rc == 0)
        rc = walk_load(&m->walks, m->store, err);
    if (rc != 0) {
        world_release(world);
        return rc;
    }
    pthread_rwlock_wrlock(&m->lock);
    struct world *old = m->world;
    m->world = world;
    pthread_rwlock_unlock(&m->lock);
    world_release(old);
    m->ended = (struct sweep_place){0};
    log_event(LOG_INFO, "manifest", "region=%s version=%llu", region->name, (unsigned long long)region->version);
    return 0;
}

/* Also anew: the manifest may name other custodians, or them at other places. */
static int start_witnessing(struct matcher *m, struct err *err)
{
    struct witness_peer peers[REGION_CUSTODIANS_MAX];
    const struct region *r = m->world->region;
    witnessing_stop(m->witnessing);
    m->witnessing = NULL;
    matcher_witnesses(peers, r);
    return witnessing_start(&m->witnessing, m->daemon, store_ledger(m->store), WITNESSING_ALL, r->name, peers,
                            r->custodian_count, err);
}

int matcher_reload(void *context, struct err *err)
{
    struct matcher *m = context;
    struct region *region = NULL;
    struct world *world = matcher_world(m);
    int rc = daemon_manifest(m->daemon, world->region, &region, err);
    world_release(world);
    if (rc != 0)
        return rc;
    pthread_mutex_lock(&m->writing);
    rc = install(m, region, err);
    pthread_mutex_unlock(&m->writing);
    if (rc == 0)
        rc = start_witnessing(m, err);
    return rc;
}

int matcher_tick(void *context, struct err *err)
{
    return upkeep_run(context, err);
}

int matcher_check(void *context, struct err *err)
{
    const struct matcher *m = context;
    return witnessing_check(m->witnessing, err);
}

static struct metric entries = METRIC("concord_entries", METRIC_GAUGE, "purpose", "entries held, by purpose");
static struct metric waiting =
    METRIC("concord_mail_waiting_messages", METRIC_GAUGE, "agency", "messages not acknowledged, by agency");

void matcher_measure(void *context)
{
    struct matcher *m = context;
    struct world *world = matcher_world(m);
    const struct region *r = world->region;
    for (size_t p = 0; p < r->purpose_count; p++) {
        uint64_t held = 0;
        for (size_t a = 0; a < r->agency_count; a++)
            held += store_count_epochs(m->store, world->purpose_id[p], world->agency_id[a]);
        metric_set(&entries, r->purposes[p].name, held);
    }
    for (size_t a = 0; a < r->agency_count; a++) {
        const struct store_mailbox box = store_mailbox(m->store, world->agency_id[a]);
        metric_set(&waiting, r->agencies[a].name, box.last - box.acknowledged);
    }
    figures_manifest(r->version);
    witnessing_measure(m->witnessing);
    world_release(world);
}

void matcher_drained(void *context)
{
    struct matcher *m = context;
    writer_stop(m->writer);
    m->writer = NULL;
    parked_close(&m->parked);
}

/* --- opening and closing --- */

static int write_plain_event(struct matcher *m, enum event_kind kind, struct err *err)
{
    struct event event;
    event_init(&event, kind);
    snprintf(event.note, sizeof event.note, "concord-matcher %s", CONCORD_VERSION);
    return matcher_write_event(m, &event, err);
}

static int check_first(struct matcher *m, const struct region *region, struct err *err)
{
    struct witness_peer peers[REGION_CUSTODIANS_MAX];
    matcher_witnesses(peers, region);
    return witnessing_check_first(m->daemon, store_ledger(m->store), region->name, peers, region->custodian_count, err);
}

int matcher_copy(void *context, const char *dir, struct err *err)
{
    const struct matcher *m = context;
    return store_copy(m->store, dir, err);
}

static int open_store(struct matcher *m, const struct region *region, struct err *err)
{
    char origin[NOTE_NAME_MAX + 1], dir[PATH_LIMIT];
    char archive[PATH_LIMIT];
    const struct store_options options = {dir, origin, m->daemon->identity.log_secret, NULL};
    int rc = daemon_check_self(m->daemon, region, &region->matcher, "the matcher", err);
    if (rc == 0)
        rc = path_join(dir, sizeof dir, m->daemon->config->state, "store", err);
    if (rc == 0)
        rc = matcher_archive_path(archive, m->daemon, m->config, err);
    if (rc == 0)
        rc = ledger_origin(origin, region->name, region->matcher.name, err);
    if (rc == 0)
        rc = store_open(&m->store, &options, err);
    if (rc == 0)
        rc = check_first(m, region, err);
    if (rc == 0 && !m->config->no_archive) /* it is cut where the store says, which may have been put back */
        rc = store_open_archive(m->store, archive, err);
    return rc;
}

int matcher_open(struct matcher *matcher, struct daemon *daemon, const struct matcher_config *config, struct err *err)
{
    struct region *region = NULL;
    *matcher = (struct matcher){.daemon = daemon, .config = config};
    pthread_rwlock_init(&matcher->lock, NULL);
    pthread_mutex_init(&matcher->writing, NULL);
    parked_init(&matcher->parked);
    metrics_register(&entries);
    metrics_register(&waiting);
    int rc = daemon_manifest(daemon, NULL, &region, err);
    if (rc == 0)
        rc = refusals_new(&matcher->refusals, err);
    if (rc == 0)
        rc = open_store(matcher, region, err);
    if (rc == 0) {
        join_init(&matcher->join, matcher->store);
        rc = walk_load(&matcher->walks, matcher->store, err);
    }
    if (rc == 0)
        rc = write_plain_event(matcher, EVENT_START, err);
    if (rc != 0) {
        region_free(region);
        return rc;
    }
    rc = install(matcher, region, err);
    if (rc == 0)
        rc = writer_start(&matcher->writer, matcher, err);
    if (rc == 0)
        rc = start_witnessing(matcher, err);
    return rc;
}

void matcher_close(struct matcher *matcher)
{
    struct err err;
    writer_stop(matcher->writer);
    const bool put_back = matcher->store != NULL &&
                          witnessing_put_back(matcher->witnessing, matcher->daemon, store_ledger(matcher->store));
    witnessing_stop(matcher->witnessing);
    if (matcher->world != NULL && !put_back &&
        (write_plain_event(matcher, EVENT_STOP, &err) != 0 ||
         daemon_export(matcher->daemon, store_ledger(matcher->store), &err) != 0))
        log_event(LOG_ERROR, "stop-not-recorded", "reason=\"%s\"", err.text);
    if (matcher->store != NULL)
        join_free(&matcher->join);
    walk_free(&matcher->walks);
    refusals_free(matcher->refusals);
    world_release(matcher->world);
    store_close(matcher->store);
    pthread_rwlock_destroy(&matcher->lock);
    pthread_mutex_destroy(&matcher->writing);
}
