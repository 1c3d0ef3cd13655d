#include "client/verbs/verbs.h"

#include "client/agency/agency.h"
#include "protocol/base/file.h"

#include <inttypes.h>
#include <stdio.h>

struct export {
    const char *dir;
    uint64_t count;
};

static int write_receipt(void *context, int64_t number, struct span receipt, struct err *err)
{
    struct export *e = context;
    char path[PATH_LIMIT], name[64];
    snprintf(name, sizeof name, "%08" PRId64 ".tlog-proof", number);
    int rc = path_join(path, sizeof path, e->dir, name, err);
    if (rc == 0)
        rc = file_write(path, receipt.data, receipt.len, 0644, err);
    e->count += rc == 0;
    return rc;
}

int receipts_main(int argc, char **argv)
{
    static struct agency_config config;
    static const struct setting settings[] = {AGENCY_SETTINGS(config)};
    static const struct usage usage = {
        "concord-client receipts", "DIR",
        "Writes the receipts that the matcher gave, one file each (C2SP tlog-proof), for an auditor to hold against its ledger.",
        NULL, settings, AGENCY_SETTINGS_COUNT};
    static struct agency agency;
    struct export export = {0};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, &agency_known, AGENCY_CONFIG_DEFAULT, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands != 1)
        rc = err_set(&err, ERR_USAGE, "receipts needs the directory to write to; see --help");
    if (rc == 0)
        rc = agency_open(&agency, &config, &err);
    if (rc == 0) {
        export.dir = argv[0];
        rc = dir_make(export.dir, 0755, &err);
    }
    if (rc == 0)
        rc = vault_receipts(agency.vault, write_receipt, &export, &err);
    if (rc == 0)
        printf("%" PRIu64 " receipts written to %s\n", export.count, export.dir);
    agency_close(&agency);
    return verb_end("concord-client", rc, &err);
}
