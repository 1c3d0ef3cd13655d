/* concord-audit inclusion */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/walk/consistency.h"
#include "protocol/ledger/tiles.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/ledger/receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECEIPT_MAX (64u << 10)

/* The entry that stands in the ledger where the receipt says its own does. */
static int check_entry(struct audit *audit, const struct walk *walk, const struct receipt *receipt, const char *path,
                       struct err *err)
{
    struct tiles tiles;
    struct span entry = {NULL, 0};
    if (receipt->index >= walk->newest.size)
        return 0; /* said already */
    tiles_open(&tiles, walk->dir, walk->newest.size);
    tiles_seek(&tiles, receipt->index / TILE_WIDTH * TILE_WIDTH);
    int rc;
    do
        rc = tiles_next_entry(&tiles, &entry, err);
    while (rc == 0 && tiles.next <= receipt->index);
    if (rc == 0 && (entry.len != receipt->event.len || memcmp(entry.data, receipt->event.data, entry.len) != 0))
        findings_add(&audit->findings, FINDING_PROMISE, walk->origin, receipt->index,
                     "%s promises another event than the one that stands there", path);
    if (finding_is_error(rc)) {
        findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, receipt->index, "%s", err->text);
        rc = 0;
    }
    tiles_close(&tiles);
    return rc;
}

static int check_receipt(struct audit *audit, const struct walk *walk, const char *path, struct err *err)
{
    struct receipt receipt;
    struct event event;
    struct checkpoint checkpoint;
    char time[CLOCK_TEXT_SIZE];
    struct buf text = buf_of(RECEIPT_MAX), storage = buf_of(RECEIPT_MAX);
    uint64_t before = audit->findings.total;
    int rc = file_read(&text, path, err);
    if (rc != 0)
        goto out;
    rc = receipt_parse(&receipt, buf_span(&text), &storage, err);
    if (rc == 0)
        rc = receipt_verify(&receipt, walk->origin, walk->party->log, &event, &checkpoint, err);
    if (finding_is_error(rc)) {
        findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, FINDING_NONE,
                     "%s is no receipt that this ledger's owner is bound by: %s", path, err->text);
        rc = 0;
        goto out;
    }
    if (rc == 0)
        rc = consistency_check(audit, walk, &checkpoint, path, err);
    if (rc == 0)
        rc = check_entry(audit, walk, &receipt, path, err);
    if (rc == 0 && audit->findings.total == before)
        printf("included: entry %" PRIu64 " of %s, %s %s %s %" PRIu64 " at %s\n", receipt.index, walk->origin,
               event.party, event_kind_name(event.kind), event.purpose, event.count, clock_text(time, event.time));
out:
    buf_free(&text);
    buf_free(&storage);
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
