#include "keys/custodian/record.h"

#include "keys/custodian/statement.h"
#include "protocol/daemon/answer.h"

#include <stdio.h>

/* The event has its leaf only when it is appended: a clock event may go before it. */
static int write_down(struct custodian *c, struct kv_batch *batch, const struct received *from,
                      struct budget_charge *charge, const struct event *event, const struct wire_scope *closes,
                      struct err *err)
{
    int rc = ledger_append(c->ledger, batch, event, &charge->leaf, NULL, err);
    if (rc == 0 && closes != NULL)
        rc = budget_close(c->kv, batch, charge->agency, closes, err);
    if (rc != 0) {
        ledger_rollback(c->ledger);
        return rc;
    }
    budget_remember(batch, charge);
    statement_keep(batch, charge->leaf, &from->in);
    return custodian_commit(c, batch, err);
}

static int record(struct custodian *c, struct kv_batch *batch, const struct received *from,
                  struct budget_charge *charge, struct event *event, const struct wire_scope *closes,
                  enum budget_verdict *verdict, struct err *err)
{
    event->time = charge->time = ledger_time(c->ledger);
    int rc = budget_charge(c->kv, batch, charge, verdict, err);
    if (rc == 0 && *verdict == BUDGET_CHARGED)
        rc = write_down(c, batch, from, charge, event, closes, err);
    return rc;
}

int record_request(struct custodian *custodian, const struct received *from, struct budget_charge *charge,
                   struct event *event, const struct wire_scope *closes, enum budget_verdict *verdict, struct err *err)
{
    struct kv_batch *batch = NULL;
    *verdict = BUDGET_CHARGED;
    snprintf(event->party, sizeof event->party, "%s", from->peer.name);
    event_set_request(event, &from->in, from->statement);
    int rc = kv_batch_new(&batch, err);
    if (rc != 0)
        return rc;
    pthread_mutex_lock(&custodian->writing);
    rc = record(custodian, batch, from, charge, event, closes, verdict, err);
    pthread_mutex_unlock(&custodian->writing);
    kv_batch_free(batch);
    const struct budget_account *full = &charge->account[charge->exceeded];
    if (rc == ERR_CONFLICT)
        custodian_refuse(custodian, REFUSAL_REUSED, from->peer.name, from->in.scope[0].purpose);
    else if (rc == 0 && *verdict == BUDGET_EXCEEDED)
        custodian_refuse(custodian, full->loading ? REFUSAL_LOAD : REFUSAL_DAILY, from->peer.name,
                         full->scope->purpose);
    return rc;
}

int record_receipt(struct custodian *custodian, uint64_t leaf, struct buf *event, struct buf *storage,
                   struct wire_receipt *receipt, struct err *err)
{
    int rc = ledger_entry(custodian->ledger, leaf, event, err);
    if (rc == 0)
        rc = answer_receipt(custodian->ledger, leaf, buf_span(event), storage, receipt, err);
    return rc;
}
