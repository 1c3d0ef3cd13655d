/* concord-audit consistency */
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
    struct checkpoint old;
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

int consistency_main(int argc, char **argv)
{
    static struct audit_options options;
    static const struct setting settings[] = {AUDIT_SETTING_MANIFEST(options)};
    static const struct usage usage = {
        "concord-audit consistency",
        "OLD DIR",
        "Whether a checkpoint that you hold belongs to the history that the ledger in DIR shows. OLD is a file with a\n"
        "checkpoint (an agency's receipt ends in one) or the directory of another copy of the ledger.",
        "Exit status: 0 consistent, 1 it is not, 2 it could not be checked.",
        settings,
        1};
    static struct audit audit;
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands != 2)
        rc = err_set(&err, ERR_USAGE, "consistency needs a checkpoint and the directory of a ledger; see --help");
    if (rc == 0)
        rc = audit_open(&audit, &options, argv + 1, 1, &err);
    if (rc == 0)
        rc = compare(&audit, argv[0], &err);
    int status = audit_end(rc, &audit, &err);
    audit_close(&audit);
    setting_list_free(&options.manifests);
    return status;
}
