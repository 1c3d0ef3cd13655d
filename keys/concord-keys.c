/* concord-keys: identities, the key ceremony, the region manifest. */
#include "keys/verbs.h"
#include "protocol/group/group.h"

static const struct verb *const ceremony_verbs[] = {
    &ceremony_start_verb,
    &ceremony_contribute_verb,
    &ceremony_finish_verb,
    NULL,
};

static const struct verb ceremony_verb = {
    .name = "ceremony",
    .brief = "generate the custodians' keys together: start, contribute, finish",
    .summary = "Distributed generation of the custodians' keys, by files that can cross an air gap.",
    .verbs = ceremony_verbs,
};

static int manifest_main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"new", manifest_new_main, "write the first manifest of a region"},
        {"add-agency", manifest_add_agency_main, "add an agency's public identity"},
        {"grant", manifest_grant_main, "sign an agency's grants, or add signed ones"},
        {"revoke", manifest_revoke_main, "take an agency's grants back"},
        {"remove-agency", manifest_remove_agency_main, "remove an agency and its grants"},
        {"rekey", manifest_rekey_main, "put the keys of a new ceremony in force"},
        {"limits", manifest_limits_main, "set what agencies may do in a purpose"},
        {"sign", manifest_sign_main, "sign as a coordinator"},
        {"verify", manifest_verify_main, "say who signed, and whether that is enough"},
        {"show", manifest_show_main, "print a manifest for people"},
        {0},
    };
    return verbs_main("concord-keys manifest", "The region manifest: who takes part, for what, who may learn of whom.",
                      verbs, argc, argv);
}

int main(int argc, char **argv)
{
    static const struct verb *const verbs[] = {&init_verb, &psk_verb, &ceremony_verb, &manifest_verb, NULL};
    static const struct program program = {
        .name = "concord-keys",
        .summary = "Keys and manifest of a Concord region.",
        .verbs = verbs,
        .start = group_init,
        .secrets = true,
    };
    return program_main(&program, argc, argv);
}
