#include "keys/verbs.h"
#include "protocol/base/file.h"
#include "protocol/base/settings.h"
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

int init_main(int argc, char **argv)
{
    static char name[SETTINGS_TEXT_MAX];
    static bool protect;
    static const struct setting settings[] = {
        {"name", NULL, NULL, SETTING_TEXT, name, "NAME",
         "the party's name in the manifest, such as THA or custodian-1"},
        {"passphrase", NULL, NULL, SETTING_SWITCH, &protect, NULL, "protect FILE with a passphrase (Argon2id)"},
    };
    static const struct usage usage = {
        "concord-keys init",
        "FILE",
        "Makes the identity of a party: FILE (secret, mode 0600), FILE.pub (what others need) and FILE.minisign.pub\n"
        "(for minisign -V). Nothing is overwritten.",
        "The passphrase is asked on the terminal, or read from the file that CONCORD_PASSPHRASE_FILE names.",
        settings,
        2};
    char passphrase[PASSPHRASE_MAX] = "";
    struct err err;
    struct party party;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && (operands != 1 || name[0] == '\0'))
        rc = err_set(&err, ERR_USAGE, "init needs --name NAME and one FILE; see --help");
    if (rc == 0 && protect)
        rc = new_passphrase(passphrase, argv[0], &err);
    if (rc == 0)
        rc = identity_create(argv[0], name, protect ? passphrase : NULL, &err);
    char public_path[PATH_LIMIT];
    if (rc == 0 && (size_t)snprintf(public_path, sizeof public_path, "%s.pub", argv[0]) >= sizeof public_path)
        rc = err_set(&err, ERR_INPUT, "path too long: %s", argv[0]);
    if (rc == 0)
        rc = party_load(&party, public_path, &err);
    if (rc == 0)
        rc = write_minisign_key(argv[0], &party, &err);
    if (rc == 0)
        printf("%s: identity of %s (keep it secret)\n%s.pub: hand this to the coordinators\n", argv[0], name, argv[0]);
    sodium_memzero(passphrase, sizeof passphrase);
    return verb_end("concord-keys", rc, &err);
}
