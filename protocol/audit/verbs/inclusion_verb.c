/* concord-audit inclusion */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/rules/promise.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <inttypes.h>
#include <stdio.h>

static int check_receipt(struct audit *audit, const struct walk *walk, const char *path, struct err *err)
{
    struct promise promise;
    char time[CLOCK_TEXT_SIZE];
    struct buf text = buf_of(PROMISE_TEXT_MAX);
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = promise_check(&promise, audit, walk, buf_span(&text), path, err);
    if (rc == 0 && promise.kept)
        printf("included: entry %" PRIu64 " of %s, %s %s %s %" PRIu64 " at %s\n", promise.index, walk->origin,
               promise.event.party, event_kind_name(promise.event.kind), promise.event.purpose, promise.event.count,
               clock_text(time, promise.event.time));
    buf_free(&text);
    return rc;
}

static int check_all(struct audit *audit, char **paths, int count, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && audit->count > 0 && i < count; i++)
        rc = check_receipt(audit, &audit->ledger[0], paths[i], err);
    if (rc == 0)
        findings_print(&audit->findings);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return check_all(call->opened, call->operand, call->operands - 1, err);
}

const struct verb inclusion_verb = {
    .name = "inclusion",
    .brief = "check that what a receipt promises is in a ledger",
    .operands = "RECEIPT... DIR",
    .least = 2,
    .most = VERB_ANY,
    .summary =
        "Whether what an agency was promised is in the ledger in DIR. A receipt is a file as concord-client receipts exports\n"
        "it (C2SP tlog-proof).",
    .more = "Exit status: 0 all are in it, 1 one is not, 2 it could not be checked.",
    .needs = AUDIT_LAST,
    .run = run,
};
