#include "keys/custodian/load.h"

#include "keys/custodian/record.h"
#include "protocol/base/log.h"
#include "protocol/daemon/answer.h"
#include "protocol/wire/meeting.h"

#include <stdio.h>
#include <string.h>

/* With the digest of what is asked for: another request of the same id is not this one. The caller holds the lock. */
static int permit(struct custodian *c, const struct received *from, struct budget_charge *charge, struct err *err)
{
    const struct region_purpose *purpose;
    struct budget_account account;
    struct denial denial = {.refusal = REFUSAL_NONE};
    int rc = permit_scope(c, from, &from->in.scope[0], &purpose, &account, &denial, err);
    custodian_refuse(c, denial.refusal, from->peer.name, denial.purpose);
    *charge = permit_charge(from);
    memcpy(charge->digest, from->statement, sizeof charge->digest);
    return rc;
}

static int close_load(struct custodian *c, const struct received *from, struct buf *body, struct err *err)
{
    struct budget_charge charge;
    struct receipt_reply reply;
    struct event event;
    struct buf text = buf_of(EVENT_SIZE_MAX), storage = buf_of(ANSWER_RECEIPT_MAX);
    const struct wire_scope *scope = &from->in.scope[0];
    enum budget_verdict verdict;
    event_init(&event, EVENT_CLOSE);
    memcpy(event.purpose, scope->purpose, sizeof event.purpose);
    event.epoch = scope->epoch;
    snprintf(event.note, sizeof event.note, "request");
    int rc = close_request_decode(from->in.body, err);
    pthread_rwlock_rdlock(&c->lock); /* no manifest comes into force before what it permits is written down */
    if (rc == 0)
        rc = permit(c, from, &charge, err);
    if (rc == 0)
        rc = record_request(c, from, &charge, &event, scope, &verdict, err);
    pthread_rwlock_unlock(&c->lock);
    if (rc == 0)
        rc = record_receipt(c, charge.leaf, &text, &storage, &reply.receipt, err);
    if (rc == 0)
        rc = receipt_reply_encode(body, &reply, err);
    buf_free(&text);
    buf_free(&storage);
    return rc;
}

void load_close(struct custodian *custodian, struct rpc_request *request, const struct received *from)
{
    struct err err;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    int rc = close_load(custodian, from, &body, &err);
    if (rc == 0) {
        log_event(LOG_INFO, "close", "agency=%s purpose=%s", from->peer.name, from->in.scope[0].purpose);
        answer_ok(request, &from->in, buf_span(&body));
    } else {
        answer_failure(request, &from->in, &err);
    }
    buf_free(&body);
}
