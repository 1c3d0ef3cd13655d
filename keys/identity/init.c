#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/region/minisign.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/passphrase.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int write_minisign_key(const char *secret_path, const struct party *party, struct err *err)
{
    char path[PATH_LIMIT], comment[128];
    struct buf text = buf_of(512);
    snprintf(comment, sizeof comment, "minisign public key of %s", party->name);
    int rc = (size_t)snprintf(path, sizeof path, "%s.minisign.pub", secret_path) < sizeof path
                 ? minisign_public_key(&text, party->sign, comment, err)
                 : err_set(err, ERR_INPUT, "path too long: %s", secret_path);
    if (rc == 0)
        rc = file_write(path, text.data, text.len, 0644, err);
    buf_free(&text);
    return rc;
}

/* Asked twice, so that a slip of the finger does not lock the file for ever. */
static int new_passphrase(char out[PASSPHRASE_MAX], const char *path, struct err *err)
{
    char again[PASSPHRASE_MAX];
    int rc = passphrase_read(out, path, err);
    if (rc == 0)
        rc = passphrase_read(again, path, err);
    if (rc == 0 && strcmp(out, again) != 0)
        rc = err_set(err, ERR_USAGE, "the two passphrases differ");
    if (rc == 0 && out[0] == '\0')
        rc = err_set(err, ERR_USAGE, "an empty passphrase protects nothing: leave --passphrase out instead");
    sodium_memzero(again, sizeof again);
    return rc;
}

struct options {
    char name[SETTINGS_TEXT_MAX];
    bool protect;
};

static int run(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    const char *path = call->operand[0];
    char passphrase[PASSPHRASE_MAX] = "", public_path[PATH_LIMIT], groups[FILE_DIGEST_TEXT];
    struct party party;
    int rc = o->protect ? new_passphrase(passphrase, path, err) : 0;
    if (rc == 0)
        rc = identity_create(path, o->name, o->protect ? passphrase : NULL, err);
    if (rc == 0 && (size_t)snprintf(public_path, sizeof public_path, "%s.pub", path) >= sizeof public_path)
        rc = err_set(err, ERR_INPUT, "path too long: %s", path);
    if (rc == 0)
        rc = party_load(&party, public_path, err);
    if (rc == 0)
        rc = write_minisign_key(path, &party, err);
    if (rc == 0)
        rc = file_digest(groups, public_path, PARTY_FILE_MAX, err);
    if (rc == 0)
        printf("%s: identity of %s (keep it secret)\n%s: hand this to the coordinators, and read its digest to them\n"
               "digest %s\n",
               path, o->name, public_path, groups);
    sodium_memzero(passphrase, sizeof passphrase);
    return rc;
}

static const struct setting settings[] = {
    {"name", NULL, NULL, SETTING_TEXT, offsetof(struct options, name), "NAME",
     "the party's name in the manifest, such as THA or custodian-1", .required = true},
    {"passphrase", NULL, NULL, SETTING_SWITCH, offsetof(struct options, protect), NULL,
     "protect FILE with a passphrase (Argon2id)"},
};

const struct verb init_verb = {
    .name = "init",
    .brief = "make an identity: a secret file and its public half",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary =
        "Makes the identity of a party: FILE (secret, mode 0600), FILE.pub (what others need) and FILE.minisign.pub\n"
        "(for minisign -V). Nothing is overwritten.",
    .more = "The passphrase is asked on the terminal, or read from the file that CONCORD_PASSPHRASE_FILE names.",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .run = run,
};
