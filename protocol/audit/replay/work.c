#include "protocol/audit/replay/work.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

int work_make(char out[PATH_LIMIT], const char *base, struct err *err)
{
    if (base[0] == '\0')
        base = getenv("TMPDIR");
    if (base == NULL || base[0] == '\0')
        base = "/tmp";
    int rc = path_join(out, PATH_LIMIT, base, "concord-audit-XXXXXX", err);
    if (rc == 0 && mkdtemp(out) == NULL)
        rc = err_errno(err, "cannot make a directory in %s", base);
    if (rc != 0)
        out[0] = '\0';
    return rc;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    remove(path);
    return 0;
}

void work_remove(const char *dir)
{
    if (dir[0] != '\0')
        nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
