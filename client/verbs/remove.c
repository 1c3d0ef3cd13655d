#include "client/verbs/verbs.h"

#include "client/token/outgoing.h"

#include <stdio.h>
#include <string.h>

#define SETTLE_BYTES (16u << 20)

/* From every purpose that has it. */
static int remove_record(struct agency *a, const char *id, struct err *err)
{
    static const uint8_t none[32];
    uint64_t found = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        struct vault_ref record;
        bool same;
        rc = vault_record_find(a->vault, a->purpose[i].domain, id, none, &record, &same, err);
        if (rc == 0) {
            rc = vault_record_remove(a->vault, a->purpose[i].domain, &record, err);
            found++;
        } else if (rc == ERR_NOT_FOUND) {
            rc = 0;
        }
    }
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
