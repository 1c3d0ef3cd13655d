/* account: who may use the desk. activity: what they did. */
#include "client/verbs/verbs.h"

#include "client/office/account.h"
#include "client/office/activity.h"
#include "client/verbs/officer.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"
#include "protocol/base/text.h"
#include "protocol/identity/passphrase.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

struct options {
    char role[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX], agency[SETTINGS_TEXT_MAX];
    bool totp, no_totp, undo;
};

/* Who changes an account is the machine's user: the log has it, and it goes first. */
static int note(struct agency *a, const char *act, const char *name, const char *detail, struct err *err)
{
    char by[SETTINGS_TEXT_MAX] = "";
    int rc = account_name_check(name, err);
    if (rc == 0)
        rc = officer_name(by, "", "a name for this user in /etc/passwd", err);
    return rc == 0 ? activity_note(a->vault, a->identity, &(struct activity){by, N_("command-line"), act, name, detail},
                                   err)
                   : rc;
}

static int run_add(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    const char *name = call->operand[0];
    char password[PASSPHRASE_MAX];
    enum account_role role = ROLE_OFFICER;
    int rc = o->role[0] != '\0' ? account_role(&role, o->role, err)
                                : err_set(err, ERR_USAGE, "say what the account may do: --role officer, say");
    if (rc == 0)
        rc = account_name_check(name, err);
    if (rc == 0)
        rc = passphrase_read(password, name, err);
    if (rc == 0)
        rc = note(a, N_("account-add"), name, o->role, err);
    if (rc == 0)
        rc = account_add(a->vault, name, role, password, err);
    if (rc == 0)
        printf("%s may use the desk as %s\n", name, account_role_name[role]);
    sodium_memzero(password, sizeof password);
    return rc;
}

static const struct setting add_settings[] = {
    {"role", NULL, NULL, SETTING_TEXT, offsetof(struct options, role), "ROLE",
     "officer, supervisor, border, auditor or administrator"},
};

static const struct verb add_verb = {
    .name = "add",
    .brief = "let somebody use the desk",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .summary = "Adds an account for the desk. The password is asked for, or read from CONCORD_PASSPHRASE_FILE.",
    .more = "  concord-client account add malee --role officer",
    SETTINGS(add_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY,
    .run = run_add,
};

static int change_totp(struct agency *a, const char *name, bool with, struct err *err)
{
    char uri[TOTP_URI_MAX] = "";
    int rc = note(a, with ? N_("account-totp") : N_("account-no-totp"), name, NULL, err);
    if (rc == 0)
        rc = account_set_totp(a->vault, name, with, uri, err);
    if (rc == 0 && with)
        printf("for the telephone of %s, shown this once:\n%s\n", name, uri);
    else if (rc == 0)
        printf("%s signs in without one-time codes\n", name);
    sodium_memzero(uri, sizeof uri);
    return rc;
}

static int run_password(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    const char *name = call->operand[0];
    char password[PASSPHRASE_MAX];
    if (o->totp || o->no_totp)
        return o->totp && o->no_totp ? err_set(err, ERR_USAGE, "--totp or --no-totp, not both")
                                     : change_totp(a, name, o->totp, err);
    int rc = passphrase_read(password, name, err);
    if (rc == 0)
        rc = note(a, N_("account-password"), name, NULL, err);
    if (rc == 0)
        rc = account_set_password(a->vault, name, password, err);
    if (rc == 0)
        printf("%s has another password\n", name);
    sodium_memzero(password, sizeof password);
    return rc;
}

static const struct setting password_settings[] = {
    {"totp", NULL, NULL, SETTING_SWITCH, offsetof(struct options, totp), NULL,
     "ask for one-time codes, too: shows their new secret"},
    {"no-totp", NULL, NULL, SETTING_SWITCH, offsetof(struct options, no_totp), NULL, "ask for none any more"},
};

static const struct verb password_verb = {
    .name = "password",
    .brief = "another password, or one-time codes",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .summary = "Gives an account another password, or changes whether it signs in with one-time codes (RFC 6238).",
    .more = "  concord-client account password malee\n  concord-client account password malee --totp",
    SETTINGS(password_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY,
    .run = run_password,
};

static int run_role(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    enum account_role role;
    int rc = account_role(&role, call->operand[1], err);
    if (rc == 0)
        rc = note(a, N_("account-role"), call->operand[0], call->operand[1], err);
    if (rc == 0)
        rc = account_set_role(a->vault, call->operand[0], role, err);
    if (rc == 0)
        printf("%s may use the desk as %s\n", call->operand[0], account_role_name[role]);
    return rc;
}

static const struct verb role_verb = {
    .name = "role",
    .brief = "another role",
    .operands = "NAME ROLE",
    .least = 2,
    .most = 2,
    .summary = "Gives an account another role: officer, supervisor, border, auditor or administrator.",
    .more = "  concord-client account role malee supervisor",
    .needs = CLIENT_AGENCY,
    .run = run_role,
};

static int run_lock(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    const char *name = call->operand[0];
    int rc = note(a, o->undo ? N_("account-unlock") : N_("account-lock"), name, NULL, err);
    if (rc == 0)
        rc = account_set_locked(a->vault, name, !o->undo, err);
    if (rc == 0)
        printf("%s may %s\n", name, o->undo ? "sign in again" : "not sign in, and is signed out");
    return rc;
}

static const struct setting lock_settings[] = {
    {"undo", NULL, NULL, SETTING_SWITCH, offsetof(struct options, undo), NULL, "let it sign in again"},
};

static const struct verb lock_verb = {
    .name = "lock",
    .brief = "keep an account out",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .summary = "Keeps an account out of the desk until it is unlocked; who is signed in under it is signed out.",
    .more = "  concord-client account lock malee",
    SETTINGS(lock_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY,
    .run = run_lock,
};

static int print_account(void *context, const struct vault_account *a, struct err *err)
{
    char at[CLOCK_TEXT_SIZE];
    bool *any = context;
    (void)err;
    if (!*any)
        printf("%-24s %-14s %-8s %-7s %s\n", "account", "role", "codes", "state", "changed");
    *any = true;
    printf("%-24s %-14s %-8s %-7s %s\n", a->name, account_role_name[a->role], a->has_totp ? "yes" : "no",
           a->locked ? "locked" : "open", clock_text(at, a->at));
    return 0;
}

static int run_list(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    bool any = false;
    int rc = vault_accounts(a->vault, print_account, &any, err);
    if (rc == 0 && !any)
        printf("nobody may use the desk yet: account add NAME --role ROLE\n");
    return rc;
}

static const struct verb list_verb = {
    .name = "list",
    .brief = "who may use the desk",
    .operands = "",
    .summary = "Lists the accounts of the desk.",
    .more = "  concord-client account list",
    .needs = CLIENT_AGENCY,
    .run = run_list,
};

static int run_take_away(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    int rc = note(a, N_("account-remove"), call->operand[0], NULL, err);
    if (rc == 0)
        rc = account_remove(a->vault, call->operand[0], err);
    if (rc == 0)
        printf("%s may not use the desk any more; what it did stays in the log\n", call->operand[0]);
    return rc;
}

static const struct verb remove_account_verb = {
    .name = "remove",
    .brief = "take an account away",
    .operands = "NAME",
    .least = 1,
    .most = 1,
    .summary = "Takes an account away. What it did stays in the log of activity.",
    .more = "  concord-client account remove malee",
    .needs = CLIENT_AGENCY,
    .run = run_take_away,
};

static const struct verb *const account_verbs[] = {&add_verb,  &password_verb,       &role_verb, &lock_verb,
                                                   &list_verb, &remove_account_verb, NULL};

const struct verb account_verb = {
    .name = "account",
    .brief = "who may use the desk",
    .summary = "Accounts of the desk: people of the agency, and what each may do.",
    .verbs = account_verbs,
};

/* --- activity --- */

static int run_export(struct call *call, struct err *err)
{
    struct agency *a = call->opened;
    const struct options *o = call->options;
    uint64_t count = 0;
    int rc = activity_export(a->vault, o->out, &count, err);
    if (rc == 0 && o->out[0] != '\0')
        printf("%s\n", TEXT_COUNT(count, "entry", "entries"));
    return rc;
}

static const struct setting export_settings[] = {
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE", "a file that is made (default: print)"},
};

static const struct verb export_verb = {
    .name = "export",
    .brief = "the log of what people did, for who supervises them",
    .operands = "",
    .summary =
        "Writes the log of activity: a line of JSON for each act at the desk and on the command line of accounts.",
    .more = "  concord-client activity export --out activity.jsonl",
    SETTINGS(export_settings),
    .options_size = sizeof(struct options),
    .needs = CLIENT_AGENCY,
    .run = run_export,
};

static int run_verify(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    struct party party;
    uint64_t count = 0, last = 0;
    char at[CLOCK_TEXT_SIZE];
    int rc = o->agency[0] != '\0' ? party_load(&party, o->agency, err)
                                  : err_set(err, ERR_USAGE, "say whose log it is: --agency identity.key.pub");
    if (rc == 0)
        rc = activity_verify(call->operand[0], &party, &count, &last, err);
    if (rc == 0)
        printf("%s, chained and signed by %s, the last of %s\n", TEXT_COUNT(count, "entry", "entries"), party.name,
               count > 0 ? clock_text(at, last) : "-");
    return rc;
}

static const struct setting verify_settings[] = {
    {"agency", NULL, NULL, SETTING_PATH, offsetof(struct options, agency), "FILE", "the agency's public identity file"},
};

static const struct verb verify_verb = {
    .name = "verify",
    .brief = "check an exported log",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .summary =
        "Checks that an exported log of activity has every entry from the first on, unchanged, signed by the agency.\n"
        "Entries that are missing at its end it cannot know of: compare the number of the last one.",
    .more = "  concord-client activity verify --agency identity.key.pub activity.jsonl",
    SETTINGS(verify_settings),
    .options_size = sizeof(struct options),
    .run = run_verify,
};

static const struct verb *const activity_verbs[] = {&export_verb, &verify_verb, NULL};

const struct verb activity_verb = {
    .name = "activity",
    .brief = "the log of what people did at the desk",
    .summary = "The log of activity: who did what at the desk, chained and signed.",
    .verbs = activity_verbs,
};
