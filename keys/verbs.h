/* The verbs of concord-keys. */
#ifndef KEYS_VERBS_H
#define KEYS_VERBS_H

#include "protocol/base/verbs.h"

extern const struct verb init_verb, psk_verb, digest_verb, invite_verb, join_verb;
extern const struct verb ceremony_start_verb, ceremony_contribute_verb, ceremony_finish_verb;
extern const struct verb ceremony_answer_verb, ceremony_verify_verb;
extern const struct verb manifest_new_verb, manifest_add_agency_verb, manifest_grant_verb, manifest_revoke_verb;
extern const struct verb manifest_remove_agency_verb, manifest_rekey_verb, manifest_sign_verb;
extern const struct verb manifest_verify_verb, manifest_show_verb, manifest_limits_verb;
extern const struct verb manifest_register_verb, manifest_duty_verb, manifest_diff_verb;

#endif
