#include "keys/custodian/custodian.h"

#include "keys/custodian/budget.h"
#include "keys/custodian/evaluate.h"
#include "keys/custodian/load.h"
#include "keys/custodian/statement.h"
#include "keys/custodian/status.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"
#include "protocol/daemon/cosign.h"
#include "protocol/daemon/figures.h"
#include "protocol/daemon/receive.h"
#include "protocol/ledger/receipt.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLEAN_STEP 1000

static int write_plain_event(struct custodian *c, enum event_kind kind, struct err *err)
{
    struct event event;
    event_init(&event, kind);
    snprintf(event.note, sizeof event.note, "concord-custodian %s", CONCORD_VERSION);
    return custodian_write_event(c, &event, err);
}

/* --- the manifest --- */

int custodian_find_self(int *own, const struct daemon *daemon, const struct region *region, struct err *err)
{
    *own = region_find_custodian(region, daemon->identity.party.name);
    return daemon_check_self(daemon, region, *own < 0 ? NULL : &region->custodians[*own].party, "a custodian", err);
}

int share_check(const struct shares *shares, const struct region_purpose *purpose, int own, struct err *err)
{
    const struct region_epoch *e = region_current(purpose);
    const struct scalar *share = shares_find(shares, purpose->name, e->epoch);
    struct point point;
    struct element element;
    if (share == NULL)
        return err_set(err, ERR_NOT_FOUND,
                       "there is no share for %s, epoch %u: put the ceremony's file into the directory of shares",
                       purpose->name, e->epoch);
    group_base_mul(&point, group_generator(), share, 1);
    group_encode(&element, &point, 1);
    if (memcmp(&element, &e->share[own], sizeof element) != 0)
        return err_set(err, ERR_VERIFY, "the share for %s, epoch %u is of another ceremony than the manifest's",
                       purpose->name, e->epoch);
    return 0;
}

/* A share that does not belong to the manifest would only make proofs that fail: better to say so at once. */
static int check_shares(const struct custodian *c, const struct region *r, const struct shares *shares, struct err *err)
{
    int own;
    int rc = custodian_find_self(&own, c->daemon, r, err);
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++)
        rc = share_check(shares, &r->purposes[i], own, err);
    return rc;
}

/* What is in force is read together: shares of a manifest that is to come wait for it in the directory. */
static int load_shares(const struct custodian *c, const struct region *region, struct shares **out, struct err *err)
{
    struct shares *shares = sodium_malloc(sizeof *shares); /* locked into memory, wiped when freed */
    *out = NULL;
    if (shares == NULL)
        return err_set(err, ERR_NO_MEMORY, "cannot lock memory for the shares");
    shares->count = 0;
    int rc = shares_load_directory(shares, c->shares_dir, &c->daemon->identity, err);
    if (rc == 0)
        rc = check_shares(c, region, shares, err);
    if (rc == 0)
        *out = shares;
    else
        sodium_free(shares);
    return rc;
}

/* --- backups --- */

static int check_backup(const struct backup *backup, const struct region *region, struct ledger *ledger,
                        const char *beside_dir, struct err *err)
{
    const struct custodian self = {.daemon = backup->daemon, .shares_dir = beside_dir};
    struct shares *shares = NULL;
    (void)ledger;
    int rc = load_shares(&self, region, &shares, err);
    sodium_free(shares);
    return rc;
}

void custodian_backup(struct backup *out, struct daemon *daemon, const char *shares_dir)
{
    *out = (struct backup){
        .daemon = daemon, .beside = "shares", .beside_dir = shares_dir, .beside_stays = true, .check = check_backup};
}

int custodian_copy(void *context, const char *dir, struct err *err)
{
    const struct custodian *c = context;
    return kv_checkpoint(c->kv, dir, err);
}

/* Notes in the ledger that the manifest is in force, unless the newest such note says so already. */
static int announce(struct custodian *c, const struct region *region, struct err *err)
{
    struct event event;
    struct kv_batch *batch = NULL;
    struct buf known = buf_of(64);
    int rc = kv_get(c->kv, "V", 1, &known, err);
    bool news = rc == ERR_NOT_FOUND || known.len != 32 || memcmp(known.data, region->digest, 32) != 0;
    rc = rc == ERR_NOT_FOUND ? 0 : rc;
    if (rc == 0)
        rc = daemon_keep_manifest(c->daemon, region, err);
    if (rc == 0)
        rc = kv_batch_new(&batch, err);
    if (rc == 0 && news) {
        event_init(&event, EVENT_MANIFEST);
        event.count = region->version;
        memcpy(event.digest, region->digest, sizeof event.digest);
        kv_batch_put(batch, "V", 1, region->digest, sizeof region->digest);
        pthread_mutex_lock(&c->writing);
        rc = custodian_append(c, batch, &event, err);
        pthread_mutex_unlock(&c->writing);
    }
    kv_batch_free(batch);
    buf_free(&known);
    return rc;
}

/*
 * Takes region and shares, also where it fails. What was permitted by the old ones has been written down before the
 * event.
 */
static int install(struct custodian *c, struct region *region, struct shares *shares, struct err *err)
{
    pthread_rwlock_wrlock(&c->lock);
    int rc = announce(c, region, err);
    if (rc == 0) {
        log_event(LOG_INFO, "manifest", "region=%s version=%llu", region->name, (unsigned long long)region->version);
        struct region *old = c->region;
        struct shares *old_shares = c->shares;
        c->region = region;
        c->shares = shares;
        region = old;
        shares = old_shares;
    }
    pthread_rwlock_unlock(&c->lock);
    region_free(region);
    sodium_free(shares);
    return rc;
}

/* Also anew: the manifest may name another matcher, or it at another place. */
static int start_witnessing(struct custodian *c, struct err *err)
{
    witnessing_stop(c->witnessing);
    c->witnessing = NULL;
    const struct witness_peer matcher = witness_peer_of(&c->region->matcher, c->region->matcher_url);
    return witnessing_start(&c->witnessing, c->daemon, c->ledger, WITNESSING_DEEDS, c->region->name, &matcher, 1, err);
}

int custodian_reload(void *context, struct err *err)
{
    struct custodian *c = context;
    struct region *region = NULL;
    struct shares *shares = NULL;
    int rc = daemon_manifest(c->daemon, c->region, &region, err);
    if (rc != 0)
        return rc;
    rc = load_shares(c, region, &shares, err);
    if (rc != 0) {
        region_free(region);
        return rc;
    }
    rc = install(c, region, shares, err);
    if (rc == 0)
        rc = start_witnessing(c, err);
    return rc;
}

/* --- answering --- */

int custodian_authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                        struct err *err)
{
    struct custodian *c = context;
    pthread_rwlock_rdlock(&c->lock);
    int rc = daemon_authorise(c->daemon, c->region, channel, name, psk, err);
    pthread_rwlock_unlock(&c->lock);
    return rc;
}

/* A change of the store for cosign.h: what is decided is staged into a batch. */
struct cosigning {
    struct custodian *custodian;
    struct kv_batch *batch;
};

static int decide(void *context, const struct witnessed *log, const struct witness_request *ask,
                  struct witness_decision *decision, struct err *err)
{
    struct cosigning *c = context;
    int rc = kv_batch_new(&c->batch, err);
    if (rc == 0)
        rc = witness_decide(c->custodian->ledger, c->batch, log, ask->old_size, ask->proof, ask->checkpoint, decision,
                            err);
    return rc;
}

static int end(void *context, bool keep, struct err *err)
{
    struct cosigning *c = context;
    int rc = 0;
    if (keep)
        rc = custodian_commit(c->custodian, c->batch, err);
    else
        ledger_rollback(c->custodian->ledger);
    kv_batch_free(c->batch);
    return rc;
}

static int write_one(void *context, const struct event *event, struct err *err)
{
    struct cosigning *c = context;
    return custodian_write_event(c->custodian, event, err);
}

/* The matcher's checkpoints are cosigned, nobody else's. */
static int witness(struct custodian *c, const char *peer, struct span in, struct buf *body, struct err *err)
{
    struct cosigning context = {.custodian = c};
    const struct cosign cosign = {&c->daemon->identity, &c->writing, c->refusals, decide, end, write_one, &context};
    struct cosign_subject subject;
    pthread_rwlock_rdlock(&c->lock);
    const struct region *r = c->region;
    int rc = strcmp(peer, r->matcher.name) != 0 ? err_set(err, ERR_DENIED, "%s is not the matcher", peer) : 0;
    if (rc == 0)
        rc = cosign_subject(&subject, r->name, &r->matcher, c->daemon->identity.party.name, err);
    pthread_rwlock_unlock(&c->lock);
    if (rc == 0)
        rc = cosign_answer(&cosign, &subject, in, body, err);
    return rc;
}

void custodian_handle(void *context, struct rpc_request *request)
{
    struct custodian *c = context;
    struct received received;
    const struct wire_request *in = &received.in;
    struct err err;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    pthread_rwlock_rdlock(&c->lock);
    bool good = daemon_receive(&received, c->daemon, c->region, request);
    pthread_rwlock_unlock(&c->lock);
    if (!good)
        return;
    int rc;
    switch (in->type) {
    case WIRE_EVALUATE:
        custodian_evaluate(c, request, &received);
        return;
    case WIRE_CLOSE:
        load_close(c, request, &received);
        return;
    case WIRE_STATUS:
        rc = custodian_status(c, &received, &body, &err);
        break;
    case WIRE_CHECKPOINT:
    case WIRE_PROOF:
        rc = answer_ledger(c->ledger, in, &body, &err);
        break;
    case WIRE_WITNESS:
        rc = witness(c, rpc_request_peer(request), in->body, &body, &err);
        break;
    default:
        rc = err_set(&err, ERR_DENIED, "a custodian does not answer %s", wire_type_name(in->type));
    }
    if (rc == 0)
        answer_ok(request, in, buf_span(&body));
    else
        answer_failure(request, in, &err);
    buf_free(&body);
}

int custodian_tick(void *context, struct err *err)
{
    struct custodian *c = context;
    struct kv_batch *batch = NULL;
    size_t count = 0;
    int rc = kv_batch_new(&batch, err);
    if (rc == 0)
        rc = budget_clean(c->kv, batch, clock_day(clock_now()), CLEAN_STEP, &count, err);
    if (rc == 0)
        rc = statement_clean(c->kv, batch, clock_now() - RECEIPT_KEPT_SECONDS, CLEAN_STEP, &count, err);
    if (rc == 0 && count > 0)
        rc = kv_commit(c->kv, batch, false, err);
    kv_batch_free(batch);
    return rc;
}

void custodian_measure(void *context)
{
    const struct custodian *c = context;
    figures_manifest(c->region->version);
    witnessing_measure(c->witnessing);
}

int custodian_check(void *context, struct err *err)
{
    const struct custodian *c = context;
    return witnessing_check(c->witnessing, err);
}

/* --- opening and closing --- */

static int open_store(struct custodian *c, const struct region *region, struct err *err)
{
    char origin[NOTE_NAME_MAX + 1], dir[PATH_LIMIT];
    int rc = path_join(dir, sizeof dir, c->daemon->config->state, "store", err);
    if (rc == 0)
        rc = ledger_origin(origin, region->name, c->daemon->identity.party.name, err);
    if (rc == 0)
        rc = kv_open(&c->kv, dir, 0, err);
    if (rc == 0)
        rc = ledger_open(&c->ledger, c->kv, origin, c->daemon->identity.log_secret, err);
    return rc;
}

static int check_first(struct custodian *c, const struct region *region, struct err *err)
{
    const struct witness_peer matcher = witness_peer_of(&region->matcher, region->matcher_url);
    return witnessing_check_first(c->daemon, c->ledger, region->name, &matcher, 1, err);
}

int custodian_open(struct custodian *custodian, struct daemon *daemon, const char *shares_dir, struct err *err)
{
    struct region *region = NULL;
    struct shares *shares = NULL;
    *custodian = (struct custodian){.daemon = daemon, .shares_dir = shares_dir};
    metrics_register(&evaluated_metric);
    metrics_register(&repeated_metric);
    pthread_mutex_init(&custodian->writing, NULL);
    pthread_rwlock_init(&custodian->lock, NULL);
    int rc = daemon_manifest(daemon, NULL, &region, err);
    if (rc != 0)
        return rc;
    rc = load_shares(custodian, region, &shares, err);
    if (rc == 0)
        rc = refusals_new(&custodian->refusals, err);
    if (rc == 0)
        rc = open_store(custodian, region, err);
    if (rc == 0)
        rc = check_first(custodian, region, err);
    if (rc == 0)
        rc = write_plain_event(custodian, EVENT_START, err);
    if (rc != 0) {
        region_free(region);
        sodium_free(shares);
        return rc;
    }
    rc = install(custodian, region, shares, err);
    if (rc == 0)
        rc = start_witnessing(custodian, err);
    return rc;
}

void custodian_close(struct custodian *custodian)
{
    struct err err;
    const bool put_back =
        custodian->ledger != NULL && witnessing_put_back(custodian->witnessing, custodian->daemon, custodian->ledger);
    witnessing_stop(custodian->witnessing);
    if (custodian->region != NULL && !put_back &&
        (write_plain_event(custodian, EVENT_STOP, &err) != 0 ||
         daemon_export(custodian->daemon, custodian->ledger, &err) != 0))
        log_event(LOG_ERROR, "stop-not-recorded", "reason=\"%s\"", err.text);
    if (custodian->ledger != NULL)
        ledger_close(custodian->ledger);
    if (custodian->kv != NULL)
        kv_close(custodian->kv);
    region_free(custodian->region);
    sodium_free(custodian->shares);
    refusals_free(custodian->refusals);
    pthread_rwlock_destroy(&custodian->lock);
    pthread_mutex_destroy(&custodian->writing);
}
