/* concord-audit consistency */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/walk/consistency.h"
#include "protocol/base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

static bool is_dir(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* A checkpoint that the ledger's owner signed, from a file or from the directory of a ledger. */
static int read_old(struct audit *audit, const struct walk *walk, const char *path, struct checkpoint *out, bool *good,
                    struct err *err)
{
    char file[PATH_LIMIT];
    struct buf note = buf_of(NOTE_MAX);
    int rc = is_dir(path) ? path_join(file, sizeof file, path, "checkpoint", err)
                          : path_join(file, sizeof file, "", path, err);
    if (rc == 0)
        rc = file_read(&note, file, err);
    if (rc == 0) {
        rc = checkpoint_verify(out, buf_span(&note), walk->party->log, err);
        *good = rc == 0;
        if (finding_is_error(rc)) {
            findings_add(&audit->findings, FINDING_DAMAGED, walk->origin, FINDING_NONE, "%s: %s", file, err->text);
            rc = 0;
        }
    }
    buf_free(&note);
    return rc;
}

static int compare(struct audit *audit, const char *old_path, struct err *err)
{
    struct checkpoint old = {0};
    bool good = false;
    const struct walk *walk = &audit->ledger[0];
    int rc = audit->count == 0 ? 0 : read_old(audit, walk, old_path, &old, &good, err);
    if (rc == 0 && good)
        rc = consistency_check(audit, walk, &old, old_path, err);
    if (rc == 0)
        findings_print(&audit->findings);
    if (rc == 0 && audit->findings.total == 0)
        printf("consistent: %s grew from %" PRIu64 " to %" PRIu64 " entries\n", walk->origin, old.size,
               walk->newest.size);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    return compare(call->opened, call->operand[0], err);
}

const struct verb consistency_verb = {
    .name = "consistency",
    .brief = "check that a checkpoint belongs to a ledger's history",
    .operands = "OLD DIR",
    .least = 2,
    .most = 2,
    .summary =
        "Whether a checkpoint that you hold belongs to the history that the ledger in DIR shows. OLD is a file with a\n"
        "checkpoint (an agency's receipt ends in one) or the directory of another copy of the ledger.",
    .more = "Exit status: 0 consistent, 1 it is not, 2 it could not be checked.",
    .needs = AUDIT_LAST,
    .run = run,
};
