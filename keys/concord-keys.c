/* concord-keys: identities, the key ceremony, the region manifest. */
#include "keys/verbs.h"
#include "protocol/base/settings.h"
#include "protocol/group/group.h"

#include <stdio.h>

static int ceremony_main(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"start", ceremony_start_main, "describe a ceremony: threshold, custodians, purposes"},
        {"contribute", ceremony_contribute_main, "a custodian's contribution: commitments and encrypted shares"},
        {"finish", ceremony_finish_main, "check all contributions; write this custodian's share and the transcript"},
        {0},
    };
    return verbs_main("concord-keys ceremony",
                      "Distributed generation of the custodians' keys, by files that can cross an air gap.", verbs,
                      argc, argv);
}

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
    static const struct verb verbs[] = {
        {"init", init_main, "make an identity: a secret file and its public half"},
        {"psk", psk_main, "make a pre-shared key for a pair of parties"},
        {"ceremony", ceremony_main, "generate the custodians' keys together: start, contribute, finish"},
        {"manifest", manifest_main, "the region manifest: new, add-agency, grant, sign, verify, show, and more"},
        {0},
    };
    struct err err;
    if (group_init(&err) != 0) {
        fprintf(stderr, "concord-keys: %s\n", err.text);
        return 1;
    }
    return verbs_main("concord-keys", "Keys and manifest of a Concord region.", verbs, argc, argv);
}
