#include "keys/custodian/status.h"

#include "keys/custodian/permit.h"
#include "protocol/wire/status.h"

#include <string.h>

static int look(const struct custodian *c, const struct received *from, uint64_t time, const struct region_purpose *p,
                struct budget_purpose *out, struct err *err)
{
    struct wire_scope scope = {.epoch = region_current(p)->epoch};
    struct budget_account account;
    struct denial denial;
    memcpy(scope.purpose, p->name, sizeof scope.purpose);
    int rc = permit_scope(c, from, &scope, &p, &account, &denial, err);
    if (rc == 0)
        rc = budget_look(c->kv, from->digest, time, &account, err);
    if (rc != 0)
        return rc;
    memcpy(out->name, p->name, sizeof out->name);
    out->epoch = scope.epoch;
    out->loading = account.loading;
    out->limit = region_tokens_of(c->region, account.loading ? account.load : account.daily);
    out->left = region_tokens_of(c->region, account.left);
    return 0;
}

static uint64_t now(struct custodian *c)
{
    pthread_mutex_lock(&c->writing);
    const uint64_t time = ledger_time(c->ledger);
    pthread_mutex_unlock(&c->writing);
    return time;
}

int custodian_status(struct custodian *custodian, const struct received *from, struct buf *body, struct err *err)
{
    pthread_rwlock_rdlock(&custodian->lock);
    const struct region *r = custodian->region;
    struct budget_reply reply = {.manifest = r->version, .time = now(custodian)};
    int rc = status_request_decode(from->in.body, err);
    for (size_t i = 0; rc == 0 && i < r->purpose_count; i++)
        rc = look(custodian, from, reply.time, &r->purposes[i], &reply.purpose[reply.purpose_count++], err);
    pthread_rwlock_unlock(&custodian->lock);
    return rc == 0 ? budget_reply_encode(body, &reply, err) : rc;
}
