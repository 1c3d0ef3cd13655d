#include "keys/verbs.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/identity/identity.h"
#include "protocol/region/minisign.h"
#include "protocol/region/region.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int sign(const char *path, const char *identity_path, struct err *err)
{
    char target[PATH_LIMIT], comment[256], time[CLOCK_TEXT_SIZE], groups[BYTES_GROUPED(REGION_DIGEST_SIZE)];
    bool coordinator = false;
    struct identity me = {0};
    struct region *r = NULL;
    struct buf text = buf_of(REGION_FILE_MAX), signature = buf_of(4096);
    int rc = file_read(&text, path, err);
    if (rc == 0)
        rc = region_parse(&r, text.data, text.len, err);
    if (rc == 0)
        rc = identity_load(&me, identity_path, NULL, err);
    for (size_t i = 0; rc == 0 && i < r->coordinator_count; i++)
        coordinator |= memcmp(&r->coordinators[i], &me.party, sizeof me.party) == 0;
    if (rc == 0 && !coordinator)
        rc = err_set(err, ERR_DENIED, "%s is no coordinator of %s", me.party.name, path);
    if (rc == 0) {
        snprintf(comment, sizeof comment, "region %s version %" PRIu64 " signed by %s at %s", r->name, r->version,
                 me.party.name, clock_text(time, clock_now()));
        rc = minisign_sign(&signature, text.data, text.len, me.sign_secret, comment, err);
    }
    if (rc == 0)
        rc = region_signature_path(target, sizeof target, path, me.party.name, err);
    if (rc == 0)
        rc = file_write(target, signature.data, signature.len, 0644, err);
    if (rc == 0)
        printf("%s: version %" PRIu64 " signed by %s\ndigest %s\n", target, r->version, me.party.name,
               bytes_to_groups(groups, r->digest, sizeof r->digest));
    identity_wipe(&me);
    region_free(r);
    buf_free(&text);
    buf_free(&signature);
    return rc;
}

struct options {
    char identity[SETTINGS_TEXT_MAX];
};

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    return sign(call->operand[0], o->identity, err);
}

static const struct setting settings[] = {
    {"identity", NULL, NULL, SETTING_PATH, offsetof(struct options, identity), "FILE", "the coordinator's identity",
     .required = true},
};

const struct verb manifest_sign_verb = {
    .name = "sign",
    .brief = "sign as a coordinator",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Signs the manifest as a coordinator, into MANIFEST.<coordinator>.minisig. Read it first: concord-keys manifest show.",
    .more = "  minisign -V -p coordinator.key.minisign.pub -m region.json -x region.json.<coordinator>.minisig",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
