#include "keys/verbs.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/settings.h"
#include "protocol/identity/identity.h"
#include "protocol/region/minisign.h"
#include "protocol/region/region.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int sign(const char *path, const char *identity_path, struct err *err)
{
    char target[PATH_LIMIT], comment[256], time[CLOCK_TEXT_SIZE];
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
        printf("%s: version %" PRIu64 " signed by %s\n", target, r->version, me.party.name);
    identity_wipe(&me);
    region_free(r);
    buf_free(&text);
    buf_free(&signature);
    return rc;
}

int manifest_sign_main(int argc, char **argv)
{
    static char identity[SETTINGS_TEXT_MAX];
    static const struct setting settings[] = {
        {"identity", NULL, NULL, SETTING_PATH, identity, "FILE", "the coordinator's identity"},
    };
    static const struct usage usage = {
        "concord-keys manifest sign",
        "MANIFEST",
        "Signs the manifest as a coordinator, into MANIFEST.<coordinator>.minisig. Read it first: concord-keys manifest show.",
        "  minisign -V -p coordinator.key.minisign.pub -m region.json -x region.json.<coordinator>.minisig",
        settings,
        1};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || identity[0] == '\0'))
        rc = err_set(&err, ERR_USAGE, "sign needs --identity FILE and the manifest; see --help");
    if (rc == 0)
        rc = sign(argv[0], identity, &err);
    return verb_end("concord-keys", rc, &err);
}
