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
    const struct vault_final *final = context; /* NULL: of a custodian */
    int rc = receipt_parse(&receipt, text, &storage, err);
    if (rc == 0)
        rc = event_decode(&event, receipt.event, err);
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, receipt.checkpoint, &body, &signatures, err);
    if (rc == 0)
        printf("%8" PRId64 "  %s  %-6s %-17s %8" PRIu64 "  leaf %" PRIu64 " of %" PRIu64 "%s\n", number,
               clock_text(time, event.time), event_kind_name(event.kind), event.purpose, event.count, receipt.index,
               checkpoint.size, final != NULL && receipt.index >= final->size ? ", provisional" : "");
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
    struct vault_final final;
    char since[CLOCK_TEXT_SIZE];
    int rc = vault_final_get(vault, &final, err);
    if (rc == 0)
        rc = vault_receipts(vault, print_receipt, &final, err);
    if (rc == 0)
        rc = vault_evaluation_receipts(vault, print_receipt, NULL, err);
    if (rc == 0 && final.size > 0)
        printf("final: %" PRIu64
               " entries of the matcher's ledger, cosigned by as many as the manifest demands; seen at %s\n",
               final.size, clock_text(since, final.at));
    if (rc == 0)
        rc = vault_ledgers(vault, print_ledger, NULL, err);
    return rc;
}

/* --- exporting --- */

struct export
{
    const char *dir;
    uint64_t receipts, evaluations;
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

/* Below a directory by the name of the custodian. */
static int write_evaluation(void *context, int64_t number, struct span text, struct err *err)
{
    struct export *e = context;
    struct receipt receipt;
    struct checkpoint checkpoint = {.size = 0};
    struct span body, signatures;
    struct buf storage = buf_of(VAULT_RECEIPT_MAX);
    char path[PATH_LIMIT], name[64];
    int rc = receipt_parse(&receipt, text, &storage, err);
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, receipt.checkpoint, &body, &signatures, err);
    const char *custodian = rc == 0 ? strrchr(checkpoint.origin, '/') : NULL;
    if (rc == 0 && custodian == NULL)
        rc = err_set(err, ERR_VERIFY, "a receipt in the vault is of %s, which is no ledger", checkpoint.origin);
    if (rc == 0)
        rc = path_join(path, sizeof path, e->dir, custodian + 1, err);
    if (rc == 0)
        rc = dir_make(path, 0755, err);
    snprintf(name, sizeof name, "%08" PRId64 ".tlog-proof", number);
    if (rc == 0)
        rc = write_file(&(struct export){.dir = path}, name, text, err);
    e->evaluations += rc == 0;
    buf_free(&storage);
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
        rc = vault_evaluation_receipts(vault, write_evaluation, &e, err);
    if (rc == 0)
        rc = vault_ledgers(vault, write_ledger, &e, err);
    if (rc == 0)
        printf("%" PRIu64 " receipts of the matcher and %" PRIu64 " of custodians written to %s\n", e.receipts,
               e.evaluations, dir);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    struct agency *agency = call->opened;
    return call->operands == 1 ? export_all(agency->vault, call->operand[0], err) : list(agency->vault, err);
}

const struct verb receipts_verb = {
    .name = "receipts",
    .brief = "write out the receipts that matcher and custodians gave",
    .operands = "[DIR]",
    .most = 1,
    .summary =
        "Lists the receipts that the matcher gave, and custodians for what they evaluated, or writes them into DIR for an auditor to\n"
        "hold against their ledgers: one file each (C2SP tlog-proof), a custodian's below a directory of its name; and the newest\n"
        "checkpoints seen.",
    .needs = CLIENT_AGENCY,
    .run = run,
};
