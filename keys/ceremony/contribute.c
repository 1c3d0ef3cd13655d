#include "keys/ceremony/ceremony.h"
#include "keys/verbs.h"
#include "protocol/identity/identity.h"

#include <sodium.h>
#include <stdio.h>

struct options {
    char identity[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX];
};

static int run(struct call *call, struct err *err)
{
    static struct contribution parts[REGION_PURPOSES_MAX];
    static struct ceremony ceremony;
    struct options *o = call->options;
    struct identity identity = {0};
    int index = 0;
    int rc = ceremony_load(&ceremony, call->operand[0], err);
    if (rc == 0)
        rc = identity_load(&identity, o->identity, NULL, err);
    if (rc == 0 && (index = ceremony_find(&ceremony, &identity.party)) < 0)
        rc = err_set(err, ERR_DENIED, "%s is no custodian of the ceremony %s", identity.party.name, call->operand[0]);
    for (size_t i = 0; rc == 0 && i < ceremony.purpose_count; i++)
        rc = contribution_make(&parts[i], &ceremony, i, &identity, (size_t)index, err);
    if (rc == 0 && o->out[0] == '\0')
        snprintf(o->out, sizeof o->out, "contribution-%s.json", identity.party.name);
    if (rc == 0)
        rc = contribution_write(o->out, &ceremony, parts, &identity, err);
    if (rc == 0)
        printf("%s: contribution of %s\n", o->out, identity.party.name);
    identity_wipe(&identity);
    return rc;
}

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE", "this custodian's identity",
     .required = true},
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE", "where to write (contribution-NAME.json)"},
};

const struct verb ceremony_contribute_verb = {
    .name = "contribute",
    .brief = "a custodian's contribution: commitments and encrypted shares",
    .operands = "CEREMONY",
    .least = 1,
    .most = 1,
    .summary =
        "Makes this custodian's contribution to the keys of all purposes: a random secret, committed to and dealt out in\n"
        "encrypted shares. The secret itself is forgotten. Hand the file to every custodian.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
