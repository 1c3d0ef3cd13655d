#include "client/verbs/verbs.h"

#include "client/identity/normalise.h"
#include "protocol/base/bytes.h"

#include <stdio.h>

static int run(struct call *call, struct err *err)
{
    uint8_t digest[32];
    char hex[65];
    (void)call;
    int rc = normaliser_fingerprint(digest, err);
    if (rc == 0)
        printf("%s\n", bytes_to_hex(hex, digest, sizeof digest));
    return rc;
}

const struct verb fingerprint_verb = {
    .name = "fingerprint",
    .brief = "print the normaliser's fingerprint",
    .operands = "",
    .summary =
        "Prints the fingerprint of this client's normaliser: the manifest names the one that all agencies must have.",
    .run = run,
};
