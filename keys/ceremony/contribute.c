#include "keys/ceremony/ceremony.h"
#include "keys/verbs.h"
#include "protocol/base/settings.h"
#include "protocol/identity/identity.h"

#include <sodium.h>
#include <stdio.h>

int ceremony_contribute_main(int argc, char **argv)
{
    static char identity_path[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
    static const struct setting settings[] = {
        {"identity", NULL, NULL, SETTING_PATH, identity_path, "FILE", "this custodian's identity"},
        {"out", NULL, NULL, SETTING_PATH, out, "FILE", "where to write (contribution-NAME.json)"},
    };
    static const struct usage usage = {
        "concord-keys ceremony contribute",
        "CEREMONY",
        "Makes this custodian's contribution to the keys of all purposes: a random secret, committed to and dealt out in\n"
        "encrypted shares. The secret itself is forgotten. Hand the file to every custodian.",
        NULL,
        settings,
        2};
    static struct contribution parts[REGION_PURPOSES_MAX];
    static struct ceremony ceremony;
    struct identity identity = {0};
    struct err err;
    bool done;
    int operands, index = 0;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || identity_path[0] == '\0'))
        rc = err_set(&err, ERR_USAGE, "contribute needs --identity FILE and the ceremony's file; see --help");
    if (rc == 0)
        rc = ceremony_load(&ceremony, argv[0], &err);
    if (rc == 0)
        rc = identity_load(&identity, identity_path, NULL, &err);
    if (rc == 0 && (index = ceremony_find(&ceremony, &identity.party)) < 0)
        rc = err_set(&err, ERR_DENIED, "%s is no custodian of the ceremony %s", identity.party.name, argv[0]);
    for (size_t i = 0; rc == 0 && i < ceremony.purpose_count; i++)
        rc = contribution_make(&parts[i], &ceremony, i, &identity, (size_t)index, &err);
    if (rc == 0 && out[0] == '\0')
        snprintf(out, sizeof out, "contribution-%s.json", identity.party.name);
    if (rc == 0)
        rc = contribution_write(out, &ceremony, parts, &identity, &err);
    if (rc == 0)
        printf("%s: contribution of %s\n", out, identity.party.name);
    identity_wipe(&identity);
    return verb_end("concord-keys", rc, &err);
}
