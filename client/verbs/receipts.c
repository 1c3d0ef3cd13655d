#include "client/verbs/verbs.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/ledger/receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- listing --- */

static int print_receipt(void *context, int64_t number, struct span text, struct err *err)
{
    struct receipt receipt;
    struct event event;
    struct checkpoint checkpoint = {.size = 0};
    struct span body, signatures;
    struct buf storage = buf_of(VAULT_RECEIPT_MAX);
    char time[CLOCK_TEXT_SIZE];
    (void)context;
    int rc = receipt_parse(&receipt, text, &storage, err);
    if (rc == 0)
        rc = event_decode(&event, receipt.event, err);
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, receipt.checkpoint, &body, &signatures, err);
    if (rc == 0)
        printf("%8" PRId64 "  %s  %-6s %-17s %8" PRIu64 "  leaf %" PRIu64 " of %" PRIu64 "\n", number,
               clock_text(time, event.time), event_kind_name(event.kind), event.purpose, event.count, receipt.index,
               checkpoint.size);
    buf_free(&storage);
    return rc;
}

static int print_ledger(void *context, struct span note, struct err *err)
{
    struct checkpoint checkpoint = {.size = 0};
    struct span body, signatures;
    (void)context;
    int rc = checkpoint_parse(&checkpoint, note, &body, &signatures, err);
    if (rc == 0)
        printf("seen of %s: %" PRIu64 " entries\n", checkpoint.origin, checkpoint.size);
    return rc;
}

static int list(struct vault *vault, struct err *err)
{
    int rc = vault_receipts(vault, print_receipt, NULL, err);
    if (rc == 0)
        rc = vault_ledgers(vault, print_ledger, NULL, err);
    return rc;
}

/* --- exporting --- */

struct export
{
    const char *dir;
    uint64_t receipts;
};

static int write_file(const struct export *e, const char *name, struct span text, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof path, e->dir, name, err);
    if (rc == 0)
        rc = file_write(path, text.data, text.len, 0644, err);
    return rc;
}

static int write_receipt(void *context, int64_t number, struct span receipt, struct err *err)
{
    struct export *e = context;
    char name[64];
    snprintf(name, sizeof name, "%08" PRId64 ".tlog-proof", number);
    int rc = write_file(e, name, receipt, err);
    e->receipts += rc == 0;
    return rc;
}

/* The newest checkpoint seen, under the name of the ledger's owner. */
static int write_ledger(void *context, struct span note, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    char name[NOTE_NAME_MAX + 32];
    int rc = checkpoint_parse(&checkpoint, note, &body, &signatures, err);
    if (rc != 0)
        return rc;
    const char *owner = strrchr(checkpoint.origin, '/');
    snprintf(name, sizeof name, "%s.checkpoint", owner != NULL ? owner + 1 : checkpoint.origin);
    return write_file(context, name, note, err);
}

static int export_all(struct vault *vault, const char *dir, struct err *err)
{
    struct export e = {.dir = dir};
    int rc = dir_make(dir, 0755, err);
    if (rc == 0)
        rc = vault_receipts(vault, write_receipt, &e, err);
    if (rc == 0)
        rc = vault_ledgers(vault, write_ledger, &e, err);
    if (rc == 0)
        printf("%" PRIu64 " receipts written to %s\n", e.receipts, dir);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    struct agency *agency = call->opened;
    return call->operands == 1 ? export_all(agency->vault, call->operand[0], err) : list(agency->vault, err);
}

const struct verb receipts_verb = {
    .name = "receipts",
    .brief = "write out the receipts that the matcher gave",
    .operands = "[DIR]",
    .most = 1,
    .summary =
        "Lists the receipts that the matcher gave, or writes them into DIR for an auditor to hold against its ledger: one file each\n"
        "(C2SP tlog-proof), and the newest checkpoints seen.",
    .needs = CLIENT_AGENCY,
    .run = run,
};
