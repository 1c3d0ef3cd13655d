/* Looking after the vault: check-vault, backup, restore, rekey-vault. */
#include "client/vault/judging.h"
#include "client/verbs/verbs.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int print_check(struct vault *vault, const char *path, struct err *err)
{
    struct vault_report r;
    int rc = vault_check(vault, &r, err);
    if (rc == 0)
        printf("%s: %s, %s, %s in %s and %s; every bit is as it was written\n", path,
               TEXT_COUNT(r.records, "record", "records"), TEXT_COUNT(r.tokens, "token", "tokens"),
               TEXT_COUNT(r.bytes, "byte", "bytes"), TEXT_COUNT(r.runs, "run", "runs"),
               TEXT_COUNT(r.pages, "page", "pages"));
    return rc;
}

static int run_check_vault(struct call *call, struct err *err)
{
    struct agency *agency = call->opened;
    return print_check(agency->vault, agency->config->vault, err);
}

const struct verb check_vault_verb = {
    .name = "check-vault",
    .brief = "read the whole vault: is it as it was written?",
    .summary =
        "Reads the whole vault: every bit of it is one that was written there, and records, tags and counts agree.",
    .needs = CLIENT_AGENCY,
    .run = run_check_vault,
};

/* A copy that nobody has opened may be a broken one. */
static int backup(struct agency *a, const char *to, struct err *err)
{
    struct vault *copy = NULL;
    int rc = vault_backup(a->vault, to, err);
    if (rc == 0)
        rc = vault_open(&copy, to, a->identity->storage_secret, err);
    if (rc == 0)
        rc = print_check(copy, to, err);
    vault_close(copy);
    return rc;
}

static int run_backup(struct call *call, struct err *err)
{
    return backup(call->opened, call->operand[0], err);
}

const struct verb backup_verb = {
    .name = "backup",
    .brief = "copy the vault while others are at work",
    .operands = "DIRECTORY",
    .least = 1,
    .most = 1,
    .summary =
        "Copies the vault, as it is at one point, into a new DIRECTORY, and checks the copy. Others may be at work meanwhile.\n"
        "The copy is sealed as the vault is: it needs this agency's identity, of which keep a copy elsewhere.",
    .needs = CLIENT_AGENCY,
    .run = run_backup,
};

static void say_what_is_missing(uint64_t at)
{
    char text[CLOCK_TEXT_SIZE];
    printf(
        "the vault is as it was on %s. What came after that is not in it:\n"
        "  feeds: enrol them again with --snapshot; what did not change costs nothing\n"
        "  decisions on matches: take them again\n"
        "  mail that was fetched since then: sync fetches that of the last seven days again; entries of partners from before are "
        "missing until they renew them\n"
        "  judgings since then are not known: until an officer releases it, nothing more is judged (judge release PARTNER --count N)\n"
        "  entries of records that were enrolled since then and are in no feed stay at the matcher until they expire\n",
        clock_text(text, at));
}

/* It cannot know what came behind it, so that nothing counts as unused that may have been used up. */
static int note_put_back(const struct identity *identity, const char *path, struct err *err)
{
    struct vault *vault = NULL;
    int rc = vault_open(&vault, path, identity->storage_secret, err);
    if (rc == 0)
        rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_judging_lose(vault, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_close(vault);
    return rc;
}

static int restore(const struct identity *identity, const char *from, const char *to, struct err *err)
{
    char head[PATH_LIMIT];
    struct vault *copy = NULL;
    struct stat st;
    uint64_t at = 0;
    int rc = path_join(head, sizeof head, from, "head", err);
    if (rc == 0 && stat(head, &st) != 0)
        rc = err_set(err, ERR_NOT_FOUND, "%s is no backup of a vault", from);
    if (rc == 0 && stat(to, &st) == 0)
        rc = err_set(err, ERR_CONFLICT, "%s exists: move it away, then restore", to);
    if (rc == 0)
        rc = vault_open(&copy, from, identity->storage_secret, err);
    if (rc == 0)
        rc = print_check(copy, from, err);
    if (rc == 0)
        rc = vault_backup_time(copy, &at, err);
    if (rc == 0)
        rc = vault_copy(copy, to, err);
    if (rc == 0)
        rc = note_put_back(identity, to, err);
    if (rc == 0)
        say_what_is_missing(at);
    vault_close(copy);
    return rc;
}

static int run_restore(struct call *call, struct err *err)
{
    const struct client_config *config = call->config;
    return restore(call->opened, call->operand[0], config->agency.vault, err);
}

const struct verb restore_verb = {
    .name = "restore",
    .brief = "put a backup in the vault's place",
    .operands = "DIRECTORY",
    .least = 1,
    .most = 1,
    .summary =
        "Checks the backup in DIRECTORY and puts it in the vault's place, where nothing may be; says what must be done anew.",
    .needs = CLIENT_IDENTITY,
    .run = run_restore,
};

static int rekey(const struct identity *identity, const struct client_config *config, const char *from, struct err *err)
{
    struct identity before = {0};
    const char *path = config->agency.vault;
    if (from[0] == '\0')
        return err_set(err, ERR_USAGE, "rekey-vault needs --from, the identity that the vault belongs to; see --help");
    int rc = identity_load(&before, from, NULL, err);
    if (rc == 0)
        rc = vault_rekey(path, before.storage_secret, identity->storage_secret, err);
    if (rc == 0)
        printf("%s belongs to the identity %s now; destroy its backups or keep %s for them\n", path,
               config->agency.identity, from);
    identity_wipe(&before);
    return rc;
}

struct options {
    char from[SETTINGS_TEXT_MAX];
};

static int run_rekey(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    return rekey(call->opened, call->config, o->from, err);
}

static const struct setting rekey_settings[] = {
    {"from", NULL, NULL, SETTING_PATH, offsetof(struct options, from), "FILE",
     "the identity that the vault belongs to"},
};

const struct verb rekey_vault_verb = {
    .name = "rekey-vault",
    .brief = "give the vault to a new identity",
    .summary = "Gives the vault of another identity of this agency to the one configured. Nothing is enrolled again.",
    SETTINGS(rekey_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_IDENTITY,
    .run = run_rekey,
};
