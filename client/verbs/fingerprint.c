#include "client/verbs/verbs.h"

#include "client/identity/normalise.h"
#include "protocol/base/bytes.h"
#include "protocol/base/settings.h"

#include <stdio.h>

int fingerprint_main(int argc, char **argv)
{
    static const struct usage usage = {
        "concord-client fingerprint",
        "",
        "Prints the fingerprint of this client's normaliser: the manifest names the one that all agencies must have.",
        NULL,
        NULL,
        0};
    uint8_t digest[32];
    char hex[65];
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0)
        rc = normaliser_fingerprint(digest, &err);
    if (rc == 0)
        printf("%s\n", bytes_to_hex(hex, digest, sizeof digest));
    return verb_end("concord-client", rc, &err);
}
