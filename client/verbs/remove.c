#include "client/verbs/verbs.h"

#include "client/token/outgoing.h"

#include <stdio.h>
#include <string.h>

#define SETTLE_BYTES (16u << 20)

static int remove_from(struct agency *a, const struct agency_purpose *p, const char *id, uint64_t *found,
                       struct err *err)
{
    static const uint8_t none[32];
    struct vault_ref record;
    bool same;
    int rc = vault_record_find(a->vault, p->domain, id, none, &record, &same, err);
    if (rc == ERR_NOT_FOUND)
        return 0;
    ++*found;
    return rc == 0 ? vault_record_remove(a->vault, p->domain, &record, err) : rc;
}

/* From every purpose that has it, and every epoch, of which one that is over is told nothing. */
static int remove_record(struct agency *a, const char *id, struct err *err)
{
    uint64_t found = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = remove_from(a, &a->purpose[i], id, &found, err);
    for (size_t i = 0; rc == 0 && i < a->endings; i++)
        rc = remove_from(a, &a->ending[i], id, &found, err);
    for (size_t i = 0; rc == 0 && i < a->pasts; i++)
        rc = remove_from(a, &a->past[i], id, &found, err);
    if (rc == 0 && found == 0)
        rc = err_set(err, ERR_NOT_FOUND, "no record with that id is enrolled");
    return rc == 0 && vault_pending(a->vault) > SETTLE_BYTES ? vault_settle(a->vault, err) : rc;
}

static int withdraw(struct agency *a, int count, char **ids, struct err *err)
{
    struct progress progress;
    struct outgoing_counts sent = {0};
    struct err other;
    int rc = vault_lock(a->vault, err);
    for (int i = 0; rc == 0 && i < count; i++)
        if ((rc = remove_record(a, ids[i], err)) != 0)
            err_wrap(err, "record %d of %d", i + 1, count);
    int settled = vault_settle(a->vault, rc == 0 ? err : &other); /* those before one that failed, too */
    rc = rc == 0 ? settled : rc;
    progress_start(&progress, "sending", true);
    for (size_t i = 0; rc == 0 && i < a->purposes; i++)
        rc = outgoing_send(a, &a->purpose[i], &progress, &sent, err);
    for (size_t i = 0; rc == 0 && i < a->endings; i++)
        rc = outgoing_send(a, &a->ending[i], &progress, &sent, err);
    if (rc == 0)
        printf("%d records withdrawn: %llu tags removed, %llu replaced\n", count, (unsigned long long)sent.removed,
               (unsigned long long)sent.put);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return withdraw(call->opened, call->operands, call->operand, err);
}

const struct verb remove_verb = {
    .name = "remove",
    .brief = "withdraw records",
    .operands = "RECORD_ID...",
    .least = 1,
    .most = VERB_ANY,
    .summary = "Withdraws records: their tags go from the matcher, and partners are told to forget what matched.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_JOBS,
    .run = run,
};
