/* concord-keys: identities, the key ceremony, the region manifest. */
#include "keys/verbs.h"
#include "protocol/group/group.h"

static const struct verb *const ceremony_verbs[] = {
    &ceremony_start_verb,  &ceremony_contribute_verb, &ceremony_finish_verb,
    &ceremony_answer_verb, &ceremony_verify_verb,     NULL,
};

static const struct verb ceremony_verb = {
    .name = "ceremony",
    .brief = "generate the custodians' keys together: start, contribute, finish, answer, verify",
    .summary = "Distributed generation of the custodians' keys, by files that can cross an air gap.",
    .verbs = ceremony_verbs,
};

static const struct verb *const manifest_verbs[] = {
    &manifest_new_verb,           &manifest_add_agency_verb,
    &manifest_grant_verb,         &manifest_revoke_verb,
    &manifest_remove_agency_verb, &manifest_rekey_verb,
    &manifest_limits_verb,        &manifest_register_verb,
    &manifest_duty_verb,          &manifest_sign_verb,
    &manifest_verify_verb,        &manifest_show_verb,
    &manifest_diff_verb,          NULL,
};

static const struct verb manifest_verb = {
    .name = "manifest",
    .brief = "the region manifest: new, add-agency, grant, sign, verify, show, diff, and more",
    .summary = "The region manifest: who takes part, for what, who may learn of whom.",
    .verbs = manifest_verbs,
};

int main(int argc, char **argv)
{
    static const struct verb *const verbs[] = {&init_verb,     &psk_verb,    &digest_verb, &ceremony_verb,
                                               &manifest_verb, &invite_verb, &join_verb,   NULL};
    static const struct program program = {
        .name = "concord-keys",
        .summary = "Keys and manifest of a Concord region.",
        .verbs = verbs,
        .start = group_init,
        .secrets = true,
    };
    return program_main(&program, argc, argv);
}
