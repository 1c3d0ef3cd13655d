#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/region/region.h"

#include <stdio.h>

static int print_digest(const char *path, struct err *err)
{
    char groups[FILE_DIGEST_TEXT];
    int rc = file_digest(groups, path, REGION_FILE_MAX, err);
    if (rc == 0)
        printf("%s  %s\n", groups, path);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < call->operands; i++)
        rc = print_digest(call->operand[i], err);
    return rc;
}

const struct verb digest_verb = {
    .name = "digest",
    .brief = "print the SHA-256 of files, to be read aloud",
    .operands = "FILE...",
    .least = 1,
    .most = 64,
    .summary =
        "Prints the SHA-256 of each file in groups of four digits, as all programs of Concord print digests that\n"
        "people compare. Without the blanks it is what sha256sum prints.",
    .run = run,
};
