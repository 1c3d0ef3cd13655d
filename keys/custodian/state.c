#include "keys/custodian/state.h"

#include "protocol/base/log.h"

int custodian_commit(struct custodian *custodian, struct kv_batch *batch, struct err *err)
{
    int rc = ledger_seal(custodian->ledger, batch, err);
    if (rc == 0)
        rc = kv_commit(custodian->kv, batch, true, err);
    if (rc == 0)
        ledger_committed(custodian->ledger);
    else
        ledger_rollback(custodian->ledger);
    return rc;
}

int custodian_append(struct custodian *custodian, struct kv_batch *batch, const struct event *event, struct err *err)
{
    int rc = ledger_append(custodian->ledger, batch, event, NULL, NULL, err);
    if (rc == 0)
        return custodian_commit(custodian, batch, err);
    ledger_rollback(custodian->ledger);
    return rc;
}

int custodian_write_event(struct custodian *custodian, const struct event *event, struct err *err)
{
    struct kv_batch *batch = NULL;
    int rc = kv_batch_new(&batch, err);
    pthread_mutex_lock(&custodian->writing);
    if (rc == 0)
        rc = custodian_append(custodian, batch, event, err);
    pthread_mutex_unlock(&custodian->writing);
    kv_batch_free(batch);
    return rc;
}

void custodian_refuse(struct custodian *custodian, enum refusal refusal, const char *party, const char *purpose)
{
    struct kv_batch *batch = NULL;
    struct event event;
    struct err err;
    if (refusal == REFUSAL_NONE)
        return;
    pthread_mutex_lock(&custodian->writing);
    if (refusals_count(custodian->refusals, refusal, party, purpose, &event)) {
        int rc = kv_batch_new(&batch, &err);
        if (rc == 0)
            rc = custodian_append(custodian, batch, &event, &err);
        if (rc != 0)
            log_event(LOG_ERROR, "refusal-not-recorded", "party=%s reason=\"%s\"", party, err.text);
    }
    pthread_mutex_unlock(&custodian->writing);
    kv_batch_free(batch);
}
